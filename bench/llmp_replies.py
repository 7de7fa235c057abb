"""What the recorded GPT-4 replies of LLM+P are worth once talkoot has completed, checked and planned them.

    talkoot plan bench --replies REPLIES --tasks TASKS --out DIR --time 60 --jobs 2
    python bench/llmp_replies.py DIR [--controls] [--time 60] [--jobs 2] [--json]

Scores the folder against the true problems, which the command never looks at: plans that are valid on the truth, wrong
ones that are not flagged (silent), right ones that are flagged, beside the paper's figures (arXiv 2304.11477v3, table
I) and those of the replies alone. A plan counts in the names of the truth; where the text gives an object no name, up
to its name. `--controls` runs the command three times more, on empty replies, on those of the next task of the same
domain and on those of another domain: nothing may be solved then, which shows that the reply matters. Needs the
recorded data.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from talkoot.data import data_file
from talkoot.planning.comparison.bench import Task, judge, recorded_tasks
from talkoot.planning.comparison.methods import Attempt
from talkoot.planning.comparison.paper import figure, shown
from talkoot.planning.pddl.printer import read_plan
from talkoot.planning.pddl.reader import read_problem

ALONE = {"barman": 20, "blocksworld": 16, "floortile": 0, "grippers": 20, "storage": 17, "termes": 4, "tyreworld": 19}
"""Replies whose problems, given to Fast Downward (lama-first, 30 s) as they are, give plans valid on the truth."""


def score(folder: Path, tasks: list[Task]) -> dict[str, Any]:
    """Counts by domain, with the names of the tasks behind the unpleasant ones."""
    rows: dict[str, Any] = {}
    for task in tasks:
        row = rows.setdefault(task.domain, {"tasks": 0, "claimed": 0, "valid": 0, "flagged": 0, "silent": [],
                                            "right_flagged": [], "unsolved": []})  # fmt: skip
        place = folder / task.domain / task.name
        row["tasks"] += 1
        flagged = any(not fault["mended"] for fault in json.loads((place / "faults.json").read_text()))
        row["flagged"] += flagged
        right = False
        if (place / "plan.txt").exists():
            row["claimed"] += 1
            plan = read_plan((place / "plan.txt").read_text())
            written = read_problem((place / "problem.pddl").read_text(), task.pack.domain).problem
            right = judge(task, Attempt(plan, written))[0]
            row["valid"] += right
            if right and flagged:
                row["right_flagged"].append(task.name)
            if not right and not flagged:
                row["silent"].append(task.name)
        if not right:
            row["unsolved"].append(task.name)
    return rows


def bench(replies: Path, tasks: Path, out: Path, time: float, jobs: int) -> None:
    """`talkoot plan bench --replies` as a user runs it."""
    command = [sys.executable, "-m", "talkoot", "plan", "bench", "--replies", replies, "--tasks", tasks, "--out", out]
    command += ["--time", time, "--jobs", jobs, "--json"]
    subprocess.run([str(part) for part in command], stdout=subprocess.DEVNULL, check=True)


def controls(replies: Path) -> dict[str, list[dict[str, str]]]:
    """Replies that must not solve anything: empty ones, the next task's, another domain's."""
    with gzip.open(replies, "rt", encoding="utf-8") as file:
        rows = [{key: row[key] for key in ("domain", "task", "reply")} for row in map(json.loads, file)]
    domains: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        domains.setdefault(row["domain"], []).append(row)
    domains = {name: some for name, some in domains.items() if len(some) > 1}
    names = list(domains)
    following = dict(zip(names, names[1:] + names[:1], strict=True))
    kept = [row for some in domains.values() for row in some]
    return {
        "empty reply": [row | {"reply": ""} for row in kept],
        "reply of the next task": [
            row | {"reply": later["reply"]}
            for some in domains.values()
            for row, later in zip(some, some[1:] + some[:1], strict=True)
        ],
        "reply of another domain": [
            row | {"reply": domains[following[name]][at % len(domains[following[name]])]["reply"]}
            for name, some in domains.items()
            for at, row in enumerate(some)
        ],
    }


def total(rows: dict[str, Any]) -> dict[str, Any]:
    counted = [row for name, row in rows.items() if name in ALONE]
    return {
        key: sum(row[key] if isinstance(row[key], int) else len(row[key]) for row in counted)
        for key in ("tasks", "claimed", "valid", "flagged", "silent", "right_flagged")
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="what the command wrote")
    parser.add_argument("--tasks", type=Path, help="the file of tasks; by default that of the recorded data")
    parser.add_argument("--replies", type=Path, help="the file of replies, for --controls; by default the recorded one")
    parser.add_argument("--controls", action="store_true", help="also run the three controls, beside the folder")
    parser.add_argument("--time", type=float, default=60.0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    tasks = asked.tasks or data_file("llmp", "tasks.jsonl.gz")
    replies = asked.replies or data_file("llmp", "replies_gpt4.jsonl.gz")
    known = recorded_tasks(tasks)
    rows = score(asked.folder, [task for task in known if (asked.folder / task.domain / task.name).is_dir()])
    result: dict[str, Any] = {"domains": rows, "total": total(rows)}
    if asked.controls:
        result["controls"] = {}
        for name, changed in controls(replies).items():
            out = asked.folder.with_name(f"{asked.folder.name}-{name.replace(' ', '-')}")
            out.mkdir(exist_ok=True)
            (out / "replies.jsonl").write_text("".join(json.dumps(row) + "\n" for row in changed))
            bench(out / "replies.jsonl", tasks, out, asked.time, asked.jobs)
            named = {(row["domain"], row["task"]) for row in changed}
            result["controls"][name] = total(score(out, [t for t in known if (t.domain, t.name) in named]))
    if asked.json:
        print(json.dumps(result))
        return
    head = ("tasks", "claimed", "valid", "flagged", "silent", "right, flagged", "reply alone", "paper %")
    print(f"{'':24}" + "".join(f"{word:>15}" for word in head))
    lines = [(name, row, ALONE.get(name, "–"), shown(figure("llmp", name))) for name, row in rows.items()]
    lines += [("total (140)", result["total"], sum(ALONE.values()), shown(figure("llmp", "all")))]
    lines += [(f"control: {name}", row, "", "") for name, row in result.get("controls", {}).items()]
    for name, row, alone, paper in lines:
        counts = [row[key] if isinstance(row[key], int) else len(row[key])
                  for key in ("tasks", "claimed", "valid", "flagged", "silent", "right_flagged")]  # fmt: skip
        print(f"{name:24.24}" + "".join(f"{word!s:>15}" for word in (*counts, alone, paper)))
    for what in ("silent", "right_flagged", "unsolved"):
        print(f"{what}: " + (", ".join(f"{d}/{name}" for d, row in rows.items() for name in row[what]) or "none"))


if __name__ == "__main__":
    main()
