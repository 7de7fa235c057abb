"""What a report says of other models: their metrics in pairs, who bears spoiled modalities better, what was scored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.cards import digest
from talkoot.sentiment.compare import RESULT, data_of, groups_of
from talkoot.sentiment.learner import Learner
from talkoot.sentiment.metrics import LOWER_IS_BETTER
from talkoot.sentiment.report.page import Section, Table, Text
from talkoot.sentiment.robustness import degradation
from talkoot.sentiment.samples import Floats, Samples
from talkoot.sentiment.statistics import paired

SHOWN = ("mae", "corr", "acc2_non0", "acc", "f1")
"""The metrics of the table in pairs, where the task has them."""
WAYS = {"noise": "noise", "shuffle": "another sample's", "missing": "absent"}
"""How half of a modality is spoiled, and how tables call it."""


def beside(
    learner: Learner,
    others: Sequence[Learner],
    samples: Samples,
    some: Samples,
    *,
    prior: Floats,
    seed: int,
    told: dict[str, Any],
) -> Section:
    """Metrics of all models on `samples`, each other one in pairs with the first, and on `some` of them what half a
    modality costs each when it is spoiled. Adds `beside` and `spoiled` to what is told."""
    values = {one.name: one.predict(samples).values for one in (learner, *others)}
    if len(values) < 1 + len(others):
        raise BadInput(f"models to be shown beside {learner.name} need other names than it and each other")
    rows, told["beside"] = [], {}
    for name in (one.name for one in others):
        found = paired(samples.task, samples.labels, [values[name]], [values[learner.name]], groups=groups_of(samples),
                       resamples=2000)  # fmt: skip
        told["beside"][name] = {metric: one.as_json() for metric, one in found.items()}
        for metric in (one for one in SHOWN if one in found):
            one = found[metric]
            rows.append([name, metric, one.a, one.b, f"{one.difference:+.3f} ({one.low:+.3f} to {one.high:+.3f})",
                         one.verdict])  # fmt: skip
    parts: list[Any] = [
        Text(f"Each model in pairs with {learner.name} on the same samples; intervals by the paired bootstrap. "
             f"Of {', '.join(sorted(LOWER_IS_BETTER & set(SHOWN)))} less is better."),
        Table(["model", "metric", "its value", f"of {learner.name}", "difference", "it is"], rows),
    ]  # fmt: skip
    return Section("Beside others", parts + _spoiled(learner, others, some, prior, seed, told))


def _spoiled(
    learner: Learner, others: Sequence[Learner], some: Samples, prior: Floats, seed: int, told: dict[str, Any]
) -> list[Any]:
    rows: list[list[Any]] = []
    wins: dict[str, list[int]] = {one.name: [0, 0] for one in others}
    told["spoiled"] = []
    for way, word in WAYS.items():
        for modality in (name for name in some.modalities if some.masks[name].any()):
            if way == "shuffle" and len(some) < 2:
                continue
            found = degradation([learner, *others], some, modality=modality, how=way, seeds=(seed, seed + 1),
                                prior=prior)  # fmt: skip
            told["spoiled"].append({"modality": modality, "how": way, "rows": found})
            for row in found[1:]:
                low, high = row["ci95"]
                wins[row["model"]][0] += low > 0
                wins[row["model"]][1] += high < 0
                rows.append([modality, word, row["model"], row["lost"], found[0]["lost"],
                             f"{row['more']:+.3f} ({low:+.3f} to {high:+.3f})"])  # fmt: skip
    say = [
        f"{name} loses more in {more} and less in {less} of {len(rows) // len(others)} cases"
        for name, (more, less) in wins.items()
    ]
    return [
        Text(f"What it costs when half of one modality is spoiled, {len(some)} samples, in the loss of the report: "
             f"beside {learner.name}, {'; '.join(say)} (interval clear of zero)."),
        Table(["modality", "spoiled", "model", "it loses", f"{learner.name} loses", "more"], rows),
    ]  # fmt: skip


def scored(folder: Path, samples: Samples) -> Section:
    """All trainings that a comparison kept, hence every configuration that it scored on these samples, its test fold.
    Raises BadInput for a folder without any, and for one of other data."""
    data = data_of(folder)
    if data and data.get("test") != digest(samples):
        raise BadInput(f"{folder} compares models on other samples ({data.get('data', 'unknown')}); name a comparison "
                       f"on {samples.source or 'these'}")  # fmt: skip
    found: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(Path(folder).glob(f"*/*/{RESULT}")):
        try:
            one = json.loads(file.read_text(encoding="utf-8"))
            found.setdefault(str(one["model"]), []).append(one)
            if not isinstance(one["metrics"], dict):
                raise TypeError("its metrics are none")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{file} cannot be read ({error}); run the comparison again") from error
    if not found:
        raise BadInput(f"{folder} holds no finished training of a comparison; name the folder of `compare --out`")
    metrics = [name for name in SHOWN if all(name in one["metrics"] for runs in found.values() for one in runs)]
    rows = []
    for name, runs in found.items():
        means = [float(np.mean([np.nan if (value := one["metrics"][metric]) is None else value for one in runs]))
                 for metric in metrics]  # fmt: skip
        rows.append([name, ", ".join(str(seed) for seed in sorted(one["seed"] for one in runs)), *means])
    return Section("All that was scored", [
        Text(f"Every configuration that was measured on this test fold, in {folder}: nothing was left out because of "
             "what it scored. Means over the seeds."),
        Table(["model", "seeds", *metrics], rows),
    ])  # fmt: skip
