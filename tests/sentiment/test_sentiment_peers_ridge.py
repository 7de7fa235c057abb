"""Ridge: what it reads, that it is scikit-learn's, and that it opens again to the very same answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV

from talkoot.errors import BadInput
from talkoot.sentiment.peers.ridge import ALPHAS, Ridge, design
from talkoot.sentiment.samples import Samples, Task


def samples(task: Task, n: int = 40, seed: int = 0) -> Samples:
    """Text tells the label; a third of the samples have no audio, and the last steps are missing of some."""
    draws = np.random.default_rng(seed)
    length = 4
    text = draws.normal(size=(n, length, 3)).astype(np.float32)
    audio = draws.normal(size=(n, length, 2)).astype(np.float32) * 100
    lengths = draws.integers(1, length + 1, n)
    there = np.arange(length) < lengths[:, None]
    heard = there & (np.arange(n) % 3 > 0)[:, None]
    step = np.clip(text[..., 0], -3, 3)
    mean = (text[..., 0] * there).sum(1) / lengths
    if task.emotions:
        labels = np.stack([mean > 0, mean > 0.3], 1).astype(np.float32)
    else:
        labels = np.where(there, step, np.nan).astype(np.float32) if task.steps else np.clip(mean, -3, 3)
    return Samples(task, {"text": text, "audio": audio}, {"text": there, "audio": heard}, labels,
                   tuple(f"s{i}" for i in range(n)), source="toys")  # fmt: skip


REGRESSION, STEPS = Task(), Task(steps=True)
EMOTIONS = Task("classification", emotions=("happy", "sad"))


def test_it_reads_means_and_deviations_over_the_steps_that_are_there() -> None:
    some = samples(REGRESSION)
    x = design(some)
    assert x.shape == (40, 10)
    there = some.masks["text"][5]
    np.testing.assert_allclose(x[5, :3], some.features["text"][5, there].mean(0), rtol=1e-6)
    np.testing.assert_allclose(x[5, 3:6], some.features["text"][5, there].std(0), rtol=1e-5, atol=1e-7)
    assert np.isnan(x[0, 6:]).all()


def test_with_steps_it_is_ridge_of_scikit_learn_on_standardised_steps() -> None:
    some = samples(STEPS).only(["text"])
    model = Ridge()
    told = model.fit(some, None, seed=0)
    rows = some.valid
    x, y = some.features["text"][rows].astype(np.float64), some.labels[rows].astype(np.float64)
    scaled = np.clip((x - x.mean(0)) / x.std(0), -5, 5)
    wanted = RidgeCV(alphas=np.logspace(0, 5, 11)).fit(scaled, y)
    values = model.predict(some).values
    np.testing.assert_allclose(values[rows], wanted.predict(scaled), atol=1e-5)
    assert not values[~rows].any()
    assert told == {"alpha": wanted.alpha_, "rows": int(rows.sum()), "parameters": 4}


@pytest.mark.parametrize("task", [REGRESSION, STEPS, EMOTIONS], ids=["number", "steps", "emotions"])
def test_it_learns_and_opens_again_to_the_same_answers(task: Task, tmp_path: Path) -> None:
    train, test = samples(task, 120), samples(task, 60, seed=1)
    model, again = Ridge(), Ridge()
    model.fit(train, None, seed=0)
    values = model.predict(test).values
    assert values.shape == test.labels.shape
    assert values.dtype == np.float32
    known = ~np.isnan(test.labels)
    if task.emotions:
        assert values.min() >= 0
        assert values.max() <= 1
        assert ((values > 0.5) == test.labels).mean() > 0.8
    else:
        assert np.corrcoef(values[known], test.labels[known])[0, 1] > 0.9
    model.save(tmp_path / "ridge")
    again.load(tmp_path / "ridge")
    np.testing.assert_array_equal(again.predict(test).values, values)


def test_a_modality_that_is_missing_or_constant_says_nothing() -> None:
    train = samples(REGRESSION)
    off = {**train.masks, "audio": np.zeros_like(train.masks["audio"])}
    silent = Samples(REGRESSION, train.features, off, train.labels, train.ids)
    model, lone = Ridge(), Ridge()
    model.fit(silent, None, seed=0)
    lone.fit(train.only(["text"]), None, seed=0)
    np.testing.assert_allclose(model.predict(train).values, lone.predict(train.only(["text"])).values, atol=1e-5)
    assert np.isfinite(model.predict(silent).values).all()


def test_what_cannot_be_done_is_told(tmp_path: Path) -> None:
    some = samples(REGRESSION)
    with pytest.raises(BadInput, match="has not learnt anything yet"):
        Ridge().predict(some)
    with pytest.raises(BadInput, match="fit it before it is saved"):
        Ridge().save(tmp_path)
    with pytest.raises(BadInput, match="at least one above 0"):
        Ridge(alphas=(0.0,))
    with pytest.raises(BadInput, match="toys has 1 labels"):
        Ridge().fit(some.take([0]), None, seed=0)
    model = Ridge(ALPHAS[:2])
    model.fit(some, None, seed=0)
    with pytest.raises(BadInput, match="lack audio"):
        model.predict(some.only(["text"]))
    model.save(tmp_path)
    (tmp_path / "ridge.npz").write_bytes(b"nothing")
    with pytest.raises(BadInput, match="no whole model of ridge"):
        Ridge().load(tmp_path)
