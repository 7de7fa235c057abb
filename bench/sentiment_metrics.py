"""The metrics of sentiment beside MMSA's own, bit for bit, on random predictions.

    python bench/sentiment_metrics.py [--mmsa CHECKOUT] [--draws 1000] [--json]

MMSA is taken from an installed `MMSA`, or from a checkout of thuiar/MMSA, of which only the file of metrics is run.
MMSA rounds to 4 places; here its rounding is switched off, so that all bits are compared.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from talkoot.sentiment.metrics import scores
from talkoot.sentiment.samples import Task

MOSI = {
    "MAE": "mae",
    "Corr": "corr",
    "Has0_acc_2": "acc2_has0",
    "Has0_F1_score": "f1_has0",
    "Non0_acc_2": "acc2_non0",
    "Non0_F1_score": "f1",
    "Mult_acc_5": "acc5",
    "Mult_acc_7": "acc7",
}
SIMS = {
    "MAE": "mae",
    "Corr": "corr",
    "Mult_acc_2": "acc2",
    "Mult_acc_3": "acc3",
    "Mult_acc_5": "acc5",
    "F1_score": "f1",
}


def mmsa(checkout: str) -> ModuleType | None:
    """MMSA's module of metrics, or None where it is not at hand."""
    if checkout:
        path = Path(checkout) / "src" / "MMSA" / "utils" / "metricsTop.py"
    else:
        found = importlib.util.find_spec("MMSA")
        if found is None or not found.submodule_search_locations:
            return None
        path = Path(found.submodule_search_locations[0]) / "utils" / "metricsTop.py"
    spec = importlib.util.spec_from_file_location("metrics_of_mmsa", path)
    if spec is None or spec.loader is None or not path.is_file():
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def differing(module: ModuleType, draws: int) -> dict[str, int]:
    """How many of the draws differ in any bit, by data set and metric."""
    module.round = lambda value, places: value  # type: ignore[attr-defined]
    wrong: dict[str, int] = {}
    rng = np.random.default_rng(0)
    for name, task, keys in (("MOSI", Task(), MOSI), ("SIMS", Task(bound=1.0), SIMS)):
        theirs = module.MetricsTop("regression").getMetics(name)
        for draw in range(draws):
            n = int(rng.integers(20, 900))
            truth = rng.uniform(-task.bound, task.bound, n)
            said = truth + rng.normal(size=n) * task.bound / 2
            if draw % 2:  # labels as people give them: steps of a fifth, zeros among them
                truth, said = np.round(truth * 5) / 5, np.round(said * 5) / 5
            y, p = truth.astype(np.float32), said.astype(np.float32)
            want = theirs(torch.from_numpy(p)[:, None], torch.from_numpy(y)[:, None])
            have = scores(task, y, p)
            for key, ours in keys.items():
                wrong[f"{name} {ours}"] = wrong.get(f"{name} {ours}", 0) + (float(want[key]) != have[ours])
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mmsa", default="", help="a checkout of thuiar/MMSA")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    module = mmsa(asked.mmsa)
    if module is None:
        sys.exit("MMSA is not at hand: pip install MMSA, or give a checkout of thuiar/MMSA with --mmsa")
    wrong = differing(module, asked.draws)
    report: dict[str, Any] = {"draws": asked.draws, "differing": wrong}
    if asked.json:
        print(json.dumps(report))
    else:
        print(f"draws that differ from MMSA in any bit, of {asked.draws}:")
        print("\n".join(f"  {name:16} {count}" for name, count in wrong.items()))


if __name__ == "__main__":
    main()
