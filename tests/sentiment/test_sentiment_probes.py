"""Probes of trust and robustness, on learners whose every answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sentiment_toys import Additive, toy_samples
from talkoot.sentiment.probes import over_seeds, probe
from talkoot.sentiment.samples import Task


def test_what_spoiling_costs_is_told_for_each_modality() -> None:
    samples = toy_samples(0, n=40)
    found = probe(Additive(), samples)
    assert found["clean"] == pytest.approx(0, abs=1e-5)
    for way in ("noise", "shuffle", "missing"):
        assert found[f"lost/{way}/text"] > found[f"lost/{way}/audio"] > 0.05
        assert found[f"lost/{way}/vision"] == pytest.approx(0, abs=1e-5)
    assert found["auc/noise"] == found["auc_fall/noise"] == pytest.approx(0.5)  # its trust never falls
    assert "truth" not in found
    assert not [name for name in probe(Additive(trust=None), samples) if name.startswith("auc")]


def test_trust_that_follows_the_features_is_noticed() -> None:
    samples = toy_samples(1, n=60)
    flat = replace(samples, features={name: np.sign(x) for name, x in samples.features.items()})
    heard = probe(Additive(wary=True), flat)
    assert heard["auc_fall/noise"] == pytest.approx(0.32, abs=0.05)  # noise of the same deviation is smaller in 68 %
    truth = np.broadcast_to(np.array([0.6, 0.3, 0.1], np.float32), (60, 4, 3)).copy()
    assert probe(Additive(), replace(samples, reliability=truth))["truth"] > 0.9


def test_other_tasks_and_single_samples() -> None:
    emotions = probe(Additive(), toy_samples(2, n=12, task=Task("classification", emotions=("happy", "sad"))))
    assert emotions["lost/noise/text"] > 0
    assert "lost/missing/text" in probe(Additive(), toy_samples(3, n=12, task=Task(bound=50.0, steps=True)))
    assert not [name for name in probe(Additive(), toy_samples(4, n=1)) if "shuffle" in name]
    assert not [name for name in probe(Additive((1.0,), (0.5,)), toy_samples(5).only(("text",))) if "auc" in name]


def test_seeds_are_summed_up_and_compared_in_pairs() -> None:
    runs = [{"clean": 1.0, "lost/noise/text": 2.0, "lost/noise/audio": 4.0}, {"clean": 2.0, "lost/noise/text": 3.0,
            "lost/noise/audio": 5.0}]  # fmt: skip
    told = over_seeds(runs, [{**one, "clean": one["clean"] + 1} for one in runs])
    assert told["clean"]["mean"] == 1.5
    assert told["lost/noise"]["mean"] == pytest.approx(3.5)
    assert told["less"]["clean"] == {"mean": -1.0, "sd": 0.0, "ci95": [-1.0, -1.0]}
    assert told["less"]["lost/noise"]["mean"] == 0
    assert "less" not in over_seeds(runs)
    assert "auc/noise" not in over_seeds([{**runs[0], "auc/noise": 0.9}, runs[1]])
