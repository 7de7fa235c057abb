"""Every ablation of ProAgent by flag, in one table: pairs of the same agent on the five classic kitchens.

    python bench/ablations.py [--seeds 0:5] [--workers 2] [--run FOLDER] [--model rulebook] [--json]

Random starts, 400 steps. `skills` is the share of skills that were carried out to their end (the paper: with the
verificator removed it falls to 20 %), `calls` model calls per episode. With the embedded rulebook some rows must not
differ from the full agent: rules do not reason better for writing an analysis first, and they take the same facts from
words and from the grid. The rows then show that the plumbing loses nothing; a language model shows what they are worth.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from talkoot.episode import iter_events
from talkoot.events import Finished, Started

CLASSIC = ("cramped_room", "asymmetric_advantages", "coordination_ring", "forced_coordination", "counter_circuit")

ROWS: tuple[tuple[str, str, str], ...] = (
    ("full (belief replaced)", "proagent", ""),
    ("belief annotated", "proagent:belief=annotate", ""),
    ("belief off", "proagent:belief=off", ""),
    ("no intention, no belief", "proagent:level=analysis,belief=off", ""),
    ("no analysis, no intention", "proagent:level=plan,belief=off", ""),
    ("no memory", "proagent:memory=0", ""),
    ("no memory, no belief", "proagent:memory=0,belief=off", ""),
    ("verificator: rules only", "proagent:verify=rules", ""),
    ("verificator: one explanation", "proagent:verify=explain", ""),
    ("verificator: model alone", "proagent:verify=model", ""),
    ("no verificator", "proagent:verify=off", ""),
    ("grid instead of words", "proagent:style=grid", ""),
    ("words and grid", "proagent:style=both", ""),
    ("talk, no modelling", "proagent:level=analysis,belief=off,talk=on", "talk=on"),
    ("talk and modelling", "proagent:talk=on", "talk=on"),
    ("central planning", "central", ""),
    ("as released", "proagent:released=on", ""),
    ("ReAct", "react", ""),
    ("10 % of facts overlooked", "proagent:model=rulebook:drop=0.1,seed=1", ""),
    ("30 % of facts overlooked", "proagent:model=rulebook:drop=0.3,seed=1", ""),
    ("30 % overlooked, no verificator", "proagent:model=rulebook:drop=0.3,seed=1,verify=off", ""),
)
"""Name of the row, agent, further option of the world."""


def team_of(agent: str) -> str:
    """The agent in both seats; central planning is a team by itself."""
    return agent if agent == "central" else f"{agent}+{agent}"


def measure(seeds: str, run: str, workers: int, model: str) -> list[dict[str, Any]]:
    """Play all rows (one run folder for each kind of world) and read scores and skill endings back."""
    scores: dict[tuple[str, str, str], float] = {}
    calls: dict[tuple[str, str], list[float]] = defaultdict(list)
    endings: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for option in ("", "talk=on"):
        teams = [team_of(agent) for _, agent, wanted in ROWS if wanted == option]
        tail = f",{option}" if option else ""
        worlds = {f"{world}:start=random{tail}": world for world in CLASSIC}
        folder = f"{run}-{option or 'plain'}"
        command = [sys.executable, "-m", "talkoot", "eval", *worlds, "--seeds", seeds, "--run", folder, "--json"]
        command += ["--workers", str(workers), "--model", model]
        command += [part for team in teams for part in ("--team", team)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        for row in json.loads(done.stdout)["rows"]:
            scores[worlds[row["world"]], row["team"], option] = row["mean"]
            calls[row["team"], option].append(row["calls"] / max(1, row["episodes"]))
        for path in sorted(Path(folder, "episodes").glob("*.jsonl")):
            team = ""
            for event in iter_events(path):
                if isinstance(event, Started):
                    names = list(event.team.values())
                    team = names[0] if names[0] == "central" else "+".join(names)
                elif isinstance(event, Finished):
                    endings[team, option].append(event.done)
    table = []
    for name, agent, option in ROWS:
        team = team_of(agent)
        by_world = {world: scores[world, team, option] for world in CLASSIC}
        ended = endings[team, option]
        table.append(
            {"row": name, "team": team, **by_world, "mean": float(np.mean(list(by_world.values()))),
             "skills": float(np.mean(ended)) if ended else None, "calls": float(np.mean(calls[team, option]))}
        )  # fmt: skip
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", default="0:5")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--run", default="runs/ablations", help="prefix of the run folders; the same one goes on")
    parser.add_argument("--model", default="rulebook")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    table = measure(arguments.seeds, arguments.run, arguments.workers, arguments.model)
    if arguments.json:
        print(json.dumps({"model": arguments.model, "seeds": arguments.seeds, "rows": table}))
        return
    print(f"model {arguments.model}, random starts, seeds {arguments.seeds}; score per kitchen, mean, skills, calls")
    for row in table:
        cells = " ".join(f"{row[world]:6.1f}" for world in CLASSIC)
        skills = "    -" if row["skills"] is None else f"{row['skills']:5.2f}"
        print(f"{row['row']:32s} {cells}  {row['mean']:6.1f}  {skills}  {row['calls']:6.1f}")


if __name__ == "__main__":
    main()
