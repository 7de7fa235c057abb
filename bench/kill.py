"""Kill a run with SIGKILL at random moments, start it again each time, and compare with an undisturbed run.

    python bench/kill.py --kills 50

Each start is killed a random time after it began to play. Afterwards the run is let to its end, and must have the same
rows and byte-identical episode files as one that nobody disturbed. No finished episode may ever change, and none may
be finished twice. Prints one JSON object; exit 0 only if all of this holds.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from talkoot.run import is_complete

WORLDS = ("cramped_room", "forced_coordination", "counter_circuit")
TEAMS = ("proagent+random", "proagent:belief=annotate+proagent", "greedy+random")


def start(folder: Path, seeds: int, workers: int) -> subprocess.Popen[str]:
    teams = [word for team in TEAMS for word in ("--team", team)]
    options = ["--seeds", f"0:{seeds}", "--workers", str(workers), "--run", str(folder), "--json"]
    code = "from talkoot.cli import main; main()"
    command = [sys.executable, "-c", code, "eval", *WORLDS, *teams, *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "episodes").glob("*.jsonl") if is_complete(path)}


def finish(folder: Path, seeds: int, workers: int) -> list[object]:
    process = start(folder, seeds, workers)
    out, errors = process.communicate()
    if process.returncode:
        sys.exit(f"the run failed: {errors}")
    return list(json.loads(out)["rows"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=20.0, help="begin no further kill after this time")
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        whole, folder = Path(temporary) / "whole", Path(temporary) / "killed"
        rows = finish(whole, asked.seeds, asked.workers)
        done: dict[str, bytes] = {}
        changed, too_late, in_the_middle, kills = 0, 0, 0, 0
        while kills < asked.kills and time.monotonic() - began < 60 * asked.minutes:
            process = start(folder, asked.seeds, asked.workers)
            marks = {path: path.stat().st_size for path in (folder / "episodes").glob("*.jsonl")}
            while process.poll() is None:  # wait until it plays
                now = {path: path.stat().st_size for path in (folder / "episodes").glob("*.jsonl")}
                if any(size and marks.get(path) != size for path, size in now.items()):
                    break
                time.sleep(0.005)
            time.sleep(rng.expovariate(1 / 0.3))
            too_late += process.poll() is not None
            process.kill()
            process.communicate()
            kills += 1
            time.sleep(0.2)  # the workers notice that they are orphans
            after = finished(folder)
            in_the_middle += len(after) < len(list((folder / "episodes").glob("*.jsonl")))
            changed += any(after.get(name) != content for name, content in done.items())
            done = after
            if too_late:
                break
            print(f"kill {kills}: {len(done)} episodes are finished", file=sys.stderr)
        same_rows = finish(folder, asked.seeds, asked.workers) == rows
        same_files = finished(folder) == finished(whole)
        times = [json.loads(line)["episode"] for line in (folder / "timing.jsonl").read_text().splitlines()]
        result = {
            "kills": kills,
            "kills_in_the_middle_of_an_episode": in_the_middle,
            "episodes": len(finished(whole)),
            "finished_episodes_changed": changed,
            "finished_twice": len(times) - len(set(times)),
            "same_rows": same_rows,
            "same_files": same_files,
            "ended_before_all_kills": bool(too_late),
            "seconds": round(time.monotonic() - began, 1),
        }
        print(json.dumps(result))
        sys.exit(not (same_rows and same_files and not changed and len(times) == len(set(times))))


if __name__ == "__main__":
    main()
