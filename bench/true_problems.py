"""Solve the true problems of the recorded LLM+P benchmark, and say how many, how fast, and how many proven cheapest.

    python bench/true_problems.py [--time 60] [--prove] [--improve 0] [--engine auto] [--domains a,b]
                                   [--out FILE] [--json]

One problem at a time, on one core. Every result is a line of FILE (default runs/true_problems[-prove].jsonl); a second
call goes on where the first stopped. `overhead` is the time beside the planners' own processes: printing the PDDL,
starting, replaying the plan; reading the PDDL is not part of it, imports neither. Needs the recorded data.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

from talkoot.data import data_file
from talkoot.errors import FaultyPddl, PlannerFailed
from talkoot.planning.comparison.taskfile import read_tasks
from talkoot.planning.engines import portfolio, search, unified  # noqa: F401 - imports are not to be measured
from talkoot.planning.pddl.reader import load_domain, load_problem


def main() -> None:
    parser = argparse.ArgumentParser(description="Solve the true problems of the recorded LLM+P benchmark.")
    parser.add_argument("--time", type=float, default=60.0)
    parser.add_argument("--improve", type=float, default=0.0)
    parser.add_argument("--prove", action="store_true")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--domains", default="")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    asked = [options.time, options.improve, options.prove, options.engine]
    out = options.out or Path("runs") / f"true_problems{'-prove' if options.prove else ''}.jsonl"
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    done = {(row["domain"], row["task"]): row for row in lines if row["asked"] == asked}
    tasks = read_tasks(data_file("llmp", "tasks.jsonl.gz"), truth=True)
    wanted = [key for key in tasks.tasks if not options.domains or key[0] in options.domains.split(",")]
    for key in wanted:
        if key in done:
            continue
        row: dict[str, Any] = {"asked": asked, "domain": key[0], "task": key[1]}
        try:
            domain = load_domain(tasks.domains[key[0]].domain_pddl, key[0])
            problem = load_problem(tasks.tasks[key].truth, domain)
            found = portfolio.solve(
                domain, problem, time=options.time, improve=options.improve, prove=options.prove, engine=options.engine
            )
            row |= {"status": found.status, "cost": found.cost, "bound": found.bound, "engine": found.engine}
            row |= {"seconds": found.seconds, "engine_seconds": found.engine_seconds, "reason": found.reason}
        except (FaultyPddl, PlannerFailed) as error:
            row |= {"status": "failed", "reason": str(error), "seconds": 0.0, "engine_seconds": 0.0}
        done[key] = row
        print(f"{key[0]} {key[1]} {row['status']} {row['seconds']:.2f} s", file=sys.stderr)
        with out.open("a") as file:
            file.write(json.dumps(row) + "\n")
    rows = [done[key] for key in wanted]
    names = [name for name in tasks.domains if any(row["domain"] == name for row in rows)]
    table = [summary(name, [row for row in rows if row["domain"] == name]) for name in names]
    table.append(summary("all but manipulation", [row for row in rows if row["domain"] != "manipulation"]))
    if options.json:
        print(json.dumps({"asked": asked, "table": table}))
        return
    print(f"{'':22}{'tasks':>6}{'solved':>7}{'optimal':>8}{'median s':>10}{'max s':>8}{'worst overhead':>16}{'gap':>7}")
    for one in table:
        print(f"{one['domain']:22}{one['tasks']:>6}{one['solved']:>7}{one['optimal']:>8}{one['median']:>10.2f}"
              f"{one['max']:>8.2f}{one['overhead']:>14.3f} s{one['gap']:>7.2f}")  # fmt: skip
    print(f"over 10 % + 50 ms: {sum(one['over'] for one in table[:-1])} tasks")


def summary(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One line of the table; `gap` is the mean of cost over bound where there is a bound above 0."""
    solved = [row for row in rows if row["status"] in ("solved", "optimal")]
    times = [row["seconds"] for row in solved] or [0.0]
    gaps = [row["cost"] / row["bound"] for row in solved if row["bound"]]
    overheads = [row["seconds"] - row["engine_seconds"] for row in solved] or [0.0]
    return {
        "domain": name,
        "tasks": len(rows),
        "solved": len(solved),
        "optimal": sum(row["status"] == "optimal" for row in rows),
        "median": median(times),
        "max": max(times),
        "overhead": max(overheads),
        "over": sum(row["seconds"] > 1.1 * row["engine_seconds"] + 0.05 for row in solved),
        "gap": sum(gaps) / len(gaps) if gaps else 0.0,
    }


if __name__ == "__main__":
    main()
