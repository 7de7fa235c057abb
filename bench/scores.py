"""The scores that talkoot states for ProAgent on the rulebook, with everything they are compared with, in one run.

    python bench/scores.py [--seeds 0:20] [--workers 2] [--run FOLDER] [--json]

Tells, on the five classic kitchens, 400 steps: (1) ProAgent with itself from the standard start and from random starts,
beside trained self-play pairs; (2) ProAgent beside the trained self-play partner and beside the one trained with a
behaviour-cloned person, in either seat, against what those two score with each other in the same seat; (3) generated
kitchens; (4) Table 1 of the ProAgent paper beside ours. The model is a rulebook, not a language model, and the partners
are two, not the paper's five: the two columns of (4) are not the same experiment. Needs the recorded data.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

CLASSIC = ("cramped_room", "asymmetric_advantages", "coordination_ring", "forced_coordination", "counter_circuit")
SELF_PLAY = dict(zip(CLASSIC, (226.4, 435.2, 236.4, 178.0, 161.6), strict=True))
"""Mean of the trained self-play pairs over 50 episodes from the standard start (overcooked_ai 739950a, measured)."""

PAPER = {
    "cramped_room": ((168.5, 178.8, 196.3, 185.0, 163.8, 197.3), (172.8, 179.8, 196.0, 178.2, 169.2, 194.2)),
    "asymmetric_advantages": ((183.3, 182.2, 185.7, 155.7, 201.3, 228.7), (177.8, 152.3, 167.8, 184.0, 165.5, 229.8)),
    "coordination_ring": ((122.0, 141.3, 148.8, 167.2, 168.8, 175.3), (133.3, 141.3, 145.7, 159.3, 158.3, 183.0)),
    "forced_coordination": ((6.7, 15.3, 44.7, 23.3, 24.0, 49.7), (30.2, 61.7, 32.2, 39.3, 57.3, 31.0)),
    "counter_circuit": ((64.7, 64.7, 58.3, 74.3, 95.5, 126.3), (60.7, 54.3, 60.0, 81.5, 100.8, 128.5)),
}
"""ProAgent paper, Table 1: means of SP, PBT, FCP, MEP, COLE, ProAgent as player 0 and as player 1."""

SP, BC = "policy/sp", "policy/ppo_bc"


def rows(worlds: list[str], teams: list[str], seeds: str, run: str, workers: int) -> dict[tuple[str, str], Any]:
    """`talkoot eval` as a user runs it; its rows by world and team."""
    command = [sys.executable, "-m", "talkoot", "eval", *worlds, "--seeds", seeds, "--run", run, "--json"]
    command += ["--workers", str(workers), *(part for team in teams for part in ("--team", team))]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {(row["world"], row["team"]): row for row in json.loads(done.stdout)["rows"]}


def measure(seeds: str, run: str, workers: int) -> dict[str, Any]:
    """All the rows behind the tables."""
    partners = rows(
        list(CLASSIC), [f"proagent+{SP}", f"proagent+{BC}", f"{SP}+{BC}"], seeds, f"{run}-partners", workers
    )
    standard = rows(list(CLASSIC), ["proagent+proagent"], "0:1", f"{run}-standard", workers)
    random = rows(
        [f"{world}:start=random" for world in CLASSIC], ["proagent+proagent"], seeds, f"{run}-random", workers
    )
    kitchens = [f"overcooked/generate:seed={seed}" for seed in range(20)]
    made = rows(kitchens, ["proagent+proagent"], "0:1", f"{run}-generated", workers)
    pair = [
        {
            "world": world,
            "standard": standard[world, "proagent+proagent"]["mean"],
            "random": (drawn := random[f"{world}:start=random", "proagent+proagent"])["mean"],
            "random_ci95": drawn["ci95"],
            "random_n": drawn["n"],
            "self_play": SELF_PLAY[world],
        }
        for world in CLASSIC
    ]
    beside = []
    for world in CLASSIC:
        both = partners[world, f"{SP}+{BC}"]
        for partner, other in ((SP, BC), (BC, SP)):
            row = partners[world, f"proagent+{partner}"]
            # `other` in the same seat beside the same partner: as typed is self-play as player 0.
            first = both["mean_swapped"] if partner == SP else both["mean_as_typed"]
            second = both["mean_as_typed"] if partner == SP else both["mean_swapped"]
            for seat, ours, theirs in ((0, row["mean_as_typed"], first), (1, row["mean_swapped"], second)):
                beside.append(
                    {"world": world, "seat": seat, "partner": partner, "proagent": ours, "instead": other,
                     "score": theirs, "better": ours > theirs}
                )  # fmt: skip
    generated = [row["mean"] for row in made.values()]
    return {"seeds": seeds, "pair": pair, "beside": beside, "generated": generated}


def tell(found: dict[str, Any]) -> None:
    """Print the four tables."""
    print(f"(1) ProAgent with itself, model rulebook, 400 steps; random starts: seeds {found['seeds']}")
    for row in found["pair"]:
        share = 100 * min(row["standard"], row["random"]) / row["self_play"]
        print(f"    {row['world']:22s} standard {row['standard']:5.1f}   random {row['random']:5.1f} "
              f"{row['random_ci95']} n={row['random_n']}   self-play pair {row['self_play']:5.1f}   "
              f"the lower is {share:.0f} %")  # fmt: skip
    print("(2) ProAgent beside a trained partner, and the other trained partner in its place (mean, same seeds)")
    for row in found["beside"]:
        mark = "better" if row["better"] else "NOT better"
        print(f"    {row['world']:22s} player {row['seat']} beside {row['partner']:14s} {row['proagent']:6.1f}   "
              f"{row['instead']:14s} instead {row['score']:6.1f}   {mark}")  # fmt: skip
    scores = found["generated"]
    print(f"(3) generated kitchens: {sum(score > 0 for score in scores)} of {len(scores)} with deliveries; {scores}")
    print("(4) Table 1 of the ProAgent paper (mean over five trained partners, gpt-3.5) and ours (mean over two other")
    print("    trained partners, model rulebook): not the same experiment")
    print(f"    {'kitchen':22s} seat    SP   PBT   FCP   MEP  COLE  ProAgent | ours")
    for world in CLASSIC:
        for seat in (0, 1):
            ours = [row["proagent"] for row in found["beside"] if row["world"] == world and row["seat"] == seat]
            cells = " ".join(f"{score:5.1f}" for score in PAPER[world][seat][:5])
            print(f"    {world:22s} P{seat}   {cells}   {PAPER[world][seat][5]:5.1f}  | {sum(ours) / len(ours):5.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", default="0:20")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--run", default="runs/scores", help="prefix of the run folders; the same one goes on")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.seeds, arguments.run, arguments.workers)
    if arguments.json:
        print(json.dumps(found))
    else:
        tell(found)


if __name__ == "__main__":
    main()
