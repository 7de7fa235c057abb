"""Play many episodes at once against a slow server on this machine: does the waiting overlap?

    python bench/concurrency.py                     64 episodes, 500 ms a reply

The server (a process of its own) answers by the rulebook after a fixed time. No schedule can be faster than the
longest chain of calls of one episode (the calls of one seat follow each other, seats think side by side), nor than the
processor time that all calls need together. Prints one JSON object with the wall time and its ratio to the larger of
these two; exit 0 only if the ratio is within the bar and every reply could be used.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from talkoot.evaluation.grid import Models, evaluate
from talkoot.evaluation.job import Grid, jobs_of
from talkoot.model import Turn
from talkoot.run import Run

BAR = 1.15
_SIGNS = {
    "Say in one sentence why": "conclude",
    "once more": "double_check",
    "failed to use": "explain",
    "wants to use": "check",
}


def purpose(messages: tuple[Turn, ...]) -> str:
    """What a prompt of ProAgent is for, told from its last message, as a server sees nothing else."""
    last = messages[-1].content
    return "overcooked/" + next((kind for sign, kind in _SIGNS.items() if sign in last), "plan")


def serve(pipe: Connection) -> None:
    """Run the server until the pipe closes; each number that comes through it is the new time for a reply."""
    from talkoot.models.rulebook import answer_by_rules
    from talkoot.models.testserver import TestServer, serving

    @cache  # so that in the timed run a reply takes no time but the one that is asked for
    def answer(messages: tuple[Turn, ...]) -> str:
        return answer_by_rules(purpose(messages), messages)

    with serving(TestServer(answer)) as server:
        pipe.send(server.name)
        try:
            while True:
                server.latency = pipe.recv()
                pipe.send(server.most_under_way)
        except EOFError:
            return


def longest_chain(run: Run) -> int:
    """The most calls that had to follow each other in one episode: in each step those of the busier seat."""
    longest = 0
    for name in run.names():
        calls: Counter[tuple[int, int]] = Counter()
        for line in run.path(name).read_bytes().splitlines():
            event = json.loads(line)
            if event["kind"] == "called":
                calls[event["t"], event["seat"]] += 1
        busiest: dict[int, int] = {}
        for (t, _), count in calls.items():
            busiest[t] = max(busiest.get(t, 0), count)
        longest = max(longest, sum(busiest.values()))
    return longest


def processor_seconds() -> float:
    """What this process and its ended children have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.5, help="seconds a reply")
    parser.add_argument("--world", default="cramped_room:start=random")
    parser.add_argument("--team", default="proagent+proagent")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), help="processes to play in")
    asked = parser.parse_args()
    here, there = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    there.close()
    name = here.recv()
    models = Models(concurrency=2 * asked.episodes)  # each seat of each episode can have a request under way
    with tempfile.TemporaryDirectory() as folder:
        grid = Grid((asked.world,), (asked.team,), tuple(range(asked.episodes)), name)
        assert len(jobs_of(grid)) == asked.episodes, "a team of two different agents plays both seat orders"
        # First without waiting: imports and compiled code belong to no call, and the server learns its answers.
        evaluate(grid, Path(folder) / "warm", models, workers=asked.workers, at_once=asked.episodes)
        here.send(asked.latency)
        here.recv()
        wall, cpu = time.perf_counter(), processor_seconds()
        (row,) = evaluate(grid, Path(folder) / "run", models, workers=asked.workers, at_once=asked.episodes)
        wall, cpu = time.perf_counter() - wall, processor_seconds() - cpu
        chain = longest_chain(Run.read(Path(folder) / "run"))
        here.send(0.0)
        most = here.recv()
    here.close()
    server.join(5)
    bound = max(chain * asked.latency, cpu)
    result = {
        "episodes": asked.episodes,
        "calls": row["calls"],
        "longest_chain": chain,
        "chain_seconds": chain * asked.latency,
        "workers": asked.workers,
        "cpu_seconds": round(cpu, 2),
        "cpu_ms_per_call": round(1000 * cpu / row["calls"], 3),
        "wall_seconds": round(wall, 2),
        "ratio": round(wall / bound, 3),
        "most_requests_under_way": most,
        "invalid_replies": row["invalid_replies"],
        "mean_score": row["mean"],
    }
    print(json.dumps(result))
    sys.exit(not (result["ratio"] <= BAR and not row["invalid_replies"]))


if __name__ == "__main__":
    main()
