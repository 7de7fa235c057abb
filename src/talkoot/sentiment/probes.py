"""What a table of models says beside metrics: is trust right, does it fall where data are spoiled, what does that cost?

Ours, after the tasks of the reference (9.1 a and b). Works on any Learner; free of torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from talkoot.sentiment.contribution import truth_correlation
from talkoot.sentiment.learner import Learner
from talkoot.sentiment.robustness import SPOILS, degradation, detection
from talkoot.sentiment.samples import Floats, Samples
from talkoot.sentiment.statistics import summary

HALF = 0.5
"""Share of the steps of a modality that are spoiled."""
WAYS = ("noise", "shuffle", "missing")
"""How a modality is spoiled, in turn; "missing": it is not there in half of the samples."""


def probe(
    learner: Learner, samples: Samples, *, prior: Floats | float | None = None, seed: int = 0
) -> dict[str, float]:
    """Numbers by name; those of trust only where the learner gives it.

    `clean`: mean loss (MAE, or 1 - probability of the truth). `lost/WAY/MODALITY`: what is lost beside it when half of
    a modality is spoiled. `auc/WAY` and `auc_fall/WAY` for ways that can be noticed: area under the curve of low trust,
    and of its fall against clean data, as a detector of spoiled steps, the mean over modalities. `truth`: correlation
    (Pearson) of the shares of trust with the true reliability, where that is known.
    """
    found: dict[str, float] = {}
    present = [name for name in samples.modalities if samples.masks[name].any()]
    for way in WAYS:
        if way == "shuffle" and len(samples) < 2:
            continue
        for name in present:
            (row,) = degradation([learner], samples, modality=name, how=way, share=HALF, seeds=(seed,), prior=prior)
            found["clean"] = row["clean"]
            found[f"lost/{way}/{name}"] = row["lost"]
    trust = learner.predict(samples).trust
    if trust is None or len(present) < 2:
        return _known(found)
    for way in (one for one in WAYS if one in SPOILS and f"lost/{one}/{present[0]}" in found):
        each = [detection(learner, samples, modality=name, how=way, share=HALF, seed=seed) for name in present]
        found[f"auc/{way}"] = float(np.mean([one.auc for one in each]))
        found[f"auc_fall/{way}"] = float(np.mean([one.auc_fall for one in each]))
    if samples.reliability is not None:
        found["truth"] = truth_correlation(trust, samples)["pearson"]
    return _known(found)


def _known(found: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in found.items() if not math.isnan(value)}


def over_seeds(runs: Sequence[Mapping[str, float]], against: Sequence[Mapping[str, float]] = ()) -> dict[str, Any]:
    """Each number's mean, sd and ci95 over seeds (JSON), `lost/WAY` being the mean over the modalities. With the probes
    of another model, seed by seed, `less` holds the same of the difference for what both have."""
    here = [_meaned(one) for one in runs]
    told: dict[str, Any] = {name: summary([one[name] for one in here]).as_json()
                            for name in here[0] if all(name in one for one in here)}  # fmt: skip
    if against:
        there = [_meaned(one) for one in against]
        told["less"] = {
            name: summary([a[name] - b[name] for a, b in zip(here, there, strict=True)]).as_json()
            for name in here[0]
            if all(name in one for one in (*here, *there))
        }
    return told


def _meaned(one: Mapping[str, float]) -> dict[str, float]:
    """With the mean over modalities of what each way costs."""
    means: dict[str, list[float]] = {}
    for name, value in one.items():
        if name.startswith("lost/"):
            means.setdefault(name.rpartition("/")[0], []).append(value)
    return {**one, **{way: float(np.mean(values)) for way, values in means.items()}}
