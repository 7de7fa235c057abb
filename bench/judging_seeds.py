"""The table of judges over several seeds of the pipeline, as Markdown.

for seed in 0 1 2; do talkoot judge pipeline --preset cpu --seed $seed --ablations --out runs/judge-cpu-$seed; done
python bench/judging_seeds.py runs/judge-cpu-0 runs/judge-cpu-1 runs/judge-cpu-2
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from talkoot.judging.pipeline.measure import f1, resampled


def main() -> int:
    """Print policy, labels, judges and search, one column a seed, and what is pooled over seeds."""
    runs = [json.loads((Path(folder) / "figures.json").read_text(encoding="utf-8")) for folder in sys.argv[1:]]
    if not runs:
        print(__doc__)
        return 2
    policy(runs)
    judges(runs)
    search(runs)
    return 0


def table(heads: list[str], rows: list[list[str]]) -> None:
    """One table of Markdown."""
    print("\n| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def percent(share: float, sign: str = "") -> str:
    """A share in percent."""
    return f"{100 * share:{sign}.1f}"


def policy(runs: list[dict[str, Any]]) -> None:
    """Before and after tags, and the labels of the main rule."""
    rows = []
    for seed, run in enumerate(runs):
        before, after, labels = run["policy"]["before"], run["policy"]["after"], run["labels"]
        rule = labels["rel-ratio:gamma=0.8"]
        rows.append(
            [str(seed), percent(before["pass@1"]), percent(after["pass@1"]), f"{before['steps']:.2f}",
             f"{after['steps']:.2f}", percent(run["policy"]["fewer_steps"]), percent(after["boundary_f1"]),
             str(labels["rollouts"]), percent(rule["sound_positive"]), percent(rule["unsound_negative"]),
             percent(rule["agreement"])]
        )  # fmt: skip
    table(["seed", "pass@1 plain", "pass@1 in chunks", "steps plain", "chunks", "fewer, %", "boundary F1", "rollouts",
           "sound is +", "unsound is -", "halves agree"], rows)  # fmt: skip


def judges(runs: list[dict[str, Any]]) -> None:
    """F1 of every row, and the main row minus it, pooled: items of all seeds, resampled within each."""
    rows = []
    names = [name for name in dict.fromkeys(name for run in runs for name in run["judges"]) if name != "compared"]
    for name in names:
        found = [run["judges"][name] for run in runs if run["judges"].get(name)]
        each = [f"{percent(one['f1'])} [{percent(one['f1_low'])}, {percent(one['f1_high'])}]" for one in found]
        each += [""] * (len(runs) - len(found))
        gap = "" if name == "stepwiser" else "{} [{}, {}]".format(*(percent(x, "+") for x in pooled(runs, name)))
        means = [float(np.mean([one[key] for one in found]))
                 for key in ("f1", "unsound_rejected", "sound_accepted", "calibration_error")]  # fmt: skip
        rows.append([name, *each, *(percent(mean) for mean in means), gap])
    seeds = [f"F1, seed {seed}" for seed in range(len(runs))]
    table(["judge", *seeds, "mean F1", "rejects unsound", "accepts sound", "ECE", "stepwiser minus it, pooled"], rows)
    rows = []
    for name in names:
        found = [run["judges"][name]["drawn"] for run in runs if run["judges"].get(name, {}).get("drawn")]
        if found:
            each = [f"{percent(one['f1'])} [{percent(one['f1_low'])}, {percent(one['f1_high'])}]" for one in found]
            gap = "" if name == "stepwiser" else "{} [{}, {}]".format(
                *(percent(x, "+") for x in pooled(runs, name, drawn=True)))  # fmt: skip
            mean = percent(float(np.mean([one["f1"] for one in found])))
            rows.append([name, *each, *[""] * (len(runs) - len(found)), mean, gap])
    table(["judge, analyses drawn", *seeds, "mean F1", "stepwiser minus it, pooled"], rows)


def pooled(runs: list[dict[str, Any]], name: str, *, drawn: bool = False) -> tuple[float, float, float]:
    """Mean over seeds of the paired difference in F1, with its 95 % bootstrap interval."""
    gaps, middle = [], []
    for run in runs:
        if not run["judges"].get(name):
            continue
        pair = (run["judges"][row] for row in ("stepwiser", name))
        one, other = (np.array((row["drawn"] if drawn else row)["hits"], dtype=bool) for row in pair)
        bad = np.arange(len(one)) < len(one) // 2  # items with an error come first, as many as without
        gaps.append(resampled(one, bad) - resampled(other, bad))
        middle.append(f1(one[bad], one[~bad]) - f1(other[bad], other[~bad]))
    rng = np.random.default_rng(0)
    total = np.mean([rng.permutation(gap) for gap in gaps], axis=0)
    low, high = np.quantile(total, [0.025, 0.975])
    return float(np.mean(middle)), float(low), float(high)


def search(runs: list[dict[str, Any]]) -> None:
    """Chunk-reset against the policy alone, and against the others at its tokens."""
    rows = []
    for seed, run in enumerate(runs):
        reset = next(row for row in run["search"]["rows"] if row["method"] == "chunk-reset")
        against = [f"{percent(one['accuracy'])}: {percent(one['difference'], '+')} "
                   f"[{percent(one['low'], '+')}, {percent(one['high'], '+')}]"
                   for one in run["search"]["against"]]  # fmt: skip
        rows.append([str(seed), percent(reset["accuracy"]), f"{reset['tokens']:.0f}", *against])
    names = [one["method"] for one in runs[0]["search"]["against"]]
    table(["seed", "chunk-reset", "tokens", *names], rows)


if __name__ == "__main__":
    sys.exit(main())
