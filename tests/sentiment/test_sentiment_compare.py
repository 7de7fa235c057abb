"""Comparisons: rows, pairs, and going on where they stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sentiment_trainable import EMOTIONS, toy
from talkoot.errors import BadInput
from talkoot.sentiment import compare as module
from talkoot.sentiment.compare import compare, groups_of, slug
from talkoot.sentiment.metrics import names, scores
from talkoot.sentiment.models import named
from talkoot.sentiment.samples import Folds, Samples, Task

FAST = ["bigru:epochs=1,hidden=4", "ridge", "constant-mean"]


def folds(task: Task | None = None) -> Folds:
    return Folds("toys", toy(20, task=task), None, toy(14, seed=1, task=task))


def timeless(told: dict[str, Any]) -> dict[str, Any]:
    rows = [{**row, "train_samples_per_cpu_s": row["train_samples_per_cpu_s"] is not None} for row in told["rows"]]
    return {**told, "rows": rows}


@pytest.mark.parametrize("task", [None, EMOTIONS])
def test_rows_hold_all_metrics_over_seeds(task: Task | None) -> None:
    some = folds(task)
    told = compare(some, FAST, [0, 1], against="ridge", resamples=50)
    json.dumps(told, allow_nan=False)
    assert told["samples"] == {"train": 20, "valid": None, "test": 14}
    assert [row["model"] for row in told["rows"]] == FAST
    net, ridge, constant = told["rows"]
    assert net["train_samples_per_cpu_s"] > 0
    assert ridge["train_samples_per_cpu_s"] is None
    assert net["parameters"] == named(FAST[0]).fit(some.train, None, seed=0)["parameters"]
    each = []
    for seed in (0, 1):
        learner = named(FAST[0])
        learner.fit(some.train, None, seed=seed)
        each.append(scores(some.test.task, some.test.labels, learner.predict(some.test).values))
    for name in names(some.test.task):
        assert net[name]["mean"] == pytest.approx(np.mean([one[name] for one in each]))
        assert constant["paired"][name].keys() == {"a", "b", "difference", "ci95", "verdict"}
    assert "paired" not in ridge
    assert net["against"] == "ridge"


def test_a_stopped_comparison_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some, real, done = folds(), module.learner_named, []

    class Counted:
        def __init__(self, name: str) -> None:
            self.name, self.inner = name, real(name)
            self.predict = self.inner.predict

        def fit(self, *given: Any, **named: Any) -> Any:
            if len(done) == 3:
                raise KeyboardInterrupt
            done.append((self.name, named["seed"]))
            return self.inner.fit(*given, **named)

    monkeypatch.setattr(module, "learner_named", Counted)
    with pytest.raises(KeyboardInterrupt):
        compare(some, FAST, [0, 1], folder=tmp_path, resamples=10)
    first, done[:] = list(done), []
    told = compare(some, FAST, [0, 1], folder=tmp_path, resamples=10)
    assert first + done == [(name, seed) for name in FAST for seed in (0, 1)]
    assert not list(tmp_path.rglob("training.pt*"))
    done.clear()
    again = compare(some, FAST[:1], [1], folder=tmp_path, resamples=10)
    assert not done
    assert again["rows"][0]["seeds"] == [1]
    monkeypatch.setattr(module, "learner_named", real)
    assert timeless(told) == timeless(compare(some, FAST, [0, 1], resamples=10))


def test_probes_are_kept_and_made_up_for(tmp_path: Path) -> None:
    some, names = folds(), ["cosa:epochs=1,width=4,heads=1", "constant-mean"]
    plain = compare(some, names, [0, 1], folder=tmp_path, resamples=10)
    assert "probe" not in plain["rows"][0]
    told = compare(some, names, [0, 1], against="constant-mean", folder=tmp_path, probes=True, resamples=10)
    json.dumps(told, allow_nan=False)
    cosa, constant = (row["probe"] for row in told["rows"])
    assert {"clean", "lost/noise", "auc/noise", "less"} <= set(cosa)
    assert "less" not in constant
    assert constant["lost/noise"]["mean"] == pytest.approx(0)
    again = compare(some, names, [0, 1], against="constant-mean", folder=tmp_path, probes=True, resamples=10)
    assert again == told


def test_a_folder_of_other_data_or_broken(tmp_path: Path) -> None:
    some = folds()
    compare(some, ["constant-mean"], [0], folder=tmp_path)
    with pytest.raises(BadInput, match=r"holds a comparison on other data \(toys\)"):
        compare(replace(some, train=toy(20, seed=5)), ["constant-mean"], [0], folder=tmp_path)
    (tmp_path / "constant-mean" / "0" / "result.json").write_text("{")
    with pytest.raises(BadInput, match="holds a training that cannot be read"):
        compare(some, ["constant-mean"], [0], folder=tmp_path)


def test_a_training_with_other_frozen_settings_does_not_count(tmp_path: Path) -> None:
    compare(folds(), ["bigru:epochs=1"], [0], folder=tmp_path)
    path = next(tmp_path.glob("bigru*/0/result.json"))
    kept = json.loads(path.read_text())
    assert kept["settings"]["options"]["epochs"] == 1
    kept["settings"]["options"]["lr"] = 0.5
    path.write_text(json.dumps(kept))
    with pytest.raises(BadInput, match="a training of bigru:epochs=1 with other settings, as of another version"):
        compare(folds(), ["bigru:epochs=1"], [0], folder=tmp_path)
    del kept["settings"]  # as versions before wrote it
    path.write_text(json.dumps(kept))
    assert compare(folds(), ["bigru:epochs=1"], [0], folder=tmp_path)["rows"][0]["seeds"] == [0]


@pytest.mark.parametrize(
    ("models", "seeds", "against", "told"),
    [
        ([], [0], "", "at least one model and one seed"),
        (["ridge"], [], "", "at least one model and one seed"),
        (["ridge", "ridge"], [0], "", "ridge is named twice"),
        (["ridge"], [0, 0], "", "give different ones"),
        (["ridge"], [-1], "", "of at least 0"),
        (["ridge"], [0], "cosa", "'cosa' is none of the models"),
        (["ridge", "cozy"], [0], "", "there is no model 'cozy'"),
    ],
)
def test_what_cannot_be_compared(models: list[str], seeds: list[int], against: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        compare(folds(), models, seeds, against=against)


def test_progress_goes_from_nothing_to_all() -> None:
    shares: list[float] = []
    compare(folds(), FAST, [0, 1], resamples=10, say=lambda share, word: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_groups_are_videos() -> None:
    samples = toy(4)

    def ids(*names: str) -> Samples:
        return replace(samples, ids=names)

    assert groups_of(ids("a$_$1", "a$_$2", "b$_$1", "b$_$2")) == ("a", "a", "b", "b")
    assert groups_of(ids("a$_$1", "a$_$2", "a$_$3", "a$_$4")) == ()
    assert groups_of(samples) == ()
    assert slug("cosa:trainer=gate,width=3") == "cosa+trainer=gate,width=3"
