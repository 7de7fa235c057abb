"""Sentiment made up, with known reliabilities."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from talkoot.errors import BadInput
from talkoot.sentiment.metrics import scores
from talkoot.sentiment.samples import Folds, Samples
from talkoot.sentiment.synthetic import (
    BAD,
    EMOTIONS,
    FAIR,
    GOOD,
    MOSI_SIZES,
    MOSI_WIDTHS,
    WIDTHS,
    emotions,
    estimate,
    mosi_shaped,
    schedule,
)

SMALL: dict[str, Any] = {"n": 120, "length": 12}


def there(samples: Samples) -> np.ndarray:
    return np.stack([*samples.masks.values()], axis=-1)


def error(samples: Samples, weights: Any = None, seed: int = 0) -> float:
    return scores(samples.task, samples.labels, estimate(samples, seed, weights).values)["mae"]


@pytest.mark.parametrize("make", [schedule, emotions])
@pytest.mark.parametrize("pattern", ["halves", "random"])
def test_the_folds(make: Any, pattern: str) -> None:
    folds: Folds = make(3, pattern=pattern, **SMALL)
    assert folds.valid is not None
    assert folds.name == f"{'synthetic' if make is schedule else 'emotions'}/{pattern}/3"
    assert [len(fold) for fold in (folds.train, folds.valid, folds.test)] == [120, 30, 60]
    ids = {name for fold in (folds.train, folds.valid, folds.test) for name in fold.ids}
    assert len(ids) == 210
    for fold in (folds.train, folds.valid, folds.test):
        assert fold.widths == WIDTHS
        assert fold.reliability is not None
        assert fold.reliability.sum(-1)[fold.valid] == pytest.approx(1, abs=1e-5)
        assert (fold.reliability[~there(fold)] == 0).all()
        lengths = np.array([len(words) for words in fold.words])
        assert (fold.valid == (np.arange(12) < lengths[:, None])).all(), "a gap never takes the last modality"
        assert set(lengths) == {9, 10, 11, 12}
        assert fold.features["text"].dtype == fold.labels.dtype == np.float32


def test_the_same_seed_gives_the_same() -> None:
    one, again, other = (schedule(seed, **SMALL).test for seed in (0, 0, 1))
    assert one.ids == again.ids
    assert (one.labels == again.labels).all()
    assert all((one.features[name] == again.features[name]).all() for name in WIDTHS)
    assert (one.features["text"] != other.features["text"]).any()


def test_reliability_is_the_share_of_information() -> None:
    samples = schedule(0, gaps=0.0, noise=0.2, **SMALL).train
    assert samples.reliability is not None
    information = {rho: rho**2 / (1 - rho**2 + 0.2**2) for rho in (GOOD, FAIR, BAD)}
    total = sum(information.values())
    first, last = samples.reliability[:, 0], samples.reliability[:, 8]
    shares = [information[GOOD] / total, information[BAD] / total, information[FAIR] / total]
    assert first == pytest.approx(np.tile(shares, (120, 1)), rel=1e-5)
    assert last[:, [1, 0, 2]] == pytest.approx(first, rel=1e-5)
    turns = [words.index("audio") / len(words) for words in samples.words]
    assert 0.4 <= min(turns) < 0.5 < max(turns) <= 0.7
    assert all(words[0] == "text" and words[-1] == "audio" for words in samples.words)


def test_what_is_reliable_tells_the_sentiment_and_the_rest_does_not() -> None:
    samples = schedule(0, n=600, conflict=0.0).train
    assert samples.reliability is not None
    only = np.eye(3, dtype=np.float32)
    for modality, at in (("text", 0), ("audio", 1)):
        for trusted in (True, False):
            weights = only[at] * ((samples.reliability[..., at] > 0.5) == trusted)[..., None]
            weights = weights * (np.arange(20) < 8)[None, :, None] if trusted == (at == 0) else weights
            corr = scores(samples.task, samples.labels, estimate(samples, 0, weights).values)["corr"]
            assert corr > 0.85 if trusted else corr < 0.4, (modality, trusted, corr)


def test_the_oracle_beats_equal_weights_and_the_wrong_way_round() -> None:
    for options in ({}, {"steps": True}, {"pattern": "random"}):
        samples = schedule(0, **SMALL, **options).test
        assert samples.reliability is not None
        equal = error(samples, there(samples))
        assert error(samples) < 0.7 * equal, options
        assert equal < error(samples, there(samples) * (1 - samples.reliability)), options
        trust = estimate(samples, 0).trust
        assert trust is not None
        assert (trust == samples.reliability).all()


def test_noise_and_conflict_make_it_harder() -> None:
    plain = error(schedule(0, **SMALL).test)
    assert error(schedule(0, noise=1.5, **SMALL).test) > plain
    calm, torn = (schedule(0, conflict=share, gaps=0.0, **SMALL).test for share in (0.0, 1.0))
    assert not any("conflict" in name for name in calm.ids)
    assert all(name.endswith("-conflict") for name in torn.ids)
    assert error(torn, there(torn)) > error(calm, there(calm))
    assert torn.reliability is not None
    against = np.eye(3)[1] * (torn.reliability[..., :1] > 0.5)  # audio, while it is not to be believed
    assert scores(torn.task, torn.labels, estimate(torn, 0, against).values)["corr"] < -0.9


def test_gaps_are_one_run_of_one_modality() -> None:
    full, holes = (schedule(0, gaps=share, **SMALL).train for share in (0.0, 1.0))
    assert (there(full) == full.valid[..., None]).all()
    gap = holes.valid[..., None] & ~there(holes)
    assert (gap.any(1).sum(1) == 1).all()
    assert gap.any((0, 1)).all()
    for row in gap.any(-1):
        at = np.flatnonzero(row)
        assert (np.diff(at) == 1).all()
        assert 2 <= len(at) <= 6
    assert (holes.features["text"][~holes.masks["text"]] == 0).all()


def test_the_cue_shows_what_to_believe() -> None:
    for cue, wanted in ((1.0, 0.9), (0.0, 0.2)):
        samples = schedule(0, n=300, cue=cue).train
        assert samples.reliability is not None
        mask = samples.masks["text"]
        x, good = samples.features["text"][mask], samples.reliability[..., 0][mask] > 0.5
        away = x[good].mean(0) - x[~good].mean(0)
        corr = float(np.corrcoef(x @ away, good)[0, 1])
        assert corr > wanted if cue else corr < wanted


def test_labels_at_every_step() -> None:
    samples = schedule(0, steps=True, **SMALL).train
    assert samples.task.steps
    assert (np.isnan(samples.labels) == ~samples.valid).all()
    known = samples.labels[samples.valid]
    assert (known.min(), known.max(), known.std()) == pytest.approx((-3, 3, 3 / np.sqrt(2)), abs=0.1)
    assert (np.nanstd(samples.labels, axis=1) > 0.5).all(), "they change"


def test_four_emotions() -> None:
    folds = emotions(0, n=400)
    assert folds.train.task.emotions == EMOTIONS
    assert (folds.train.labels.sum(1) == 1).all()
    assert folds.train.labels.mean(0) == pytest.approx(np.full(4, 0.25), abs=0.1)

    def flat(samples: Samples) -> np.ndarray:
        thirds = np.array_split(np.arange(20), 3)
        return np.concatenate([x[:, some].mean(1) for x in samples.features.values() for some in thirds], axis=1)

    def accuracy(folds: Folds) -> float:
        model = RidgeClassifier(alpha=10).fit(flat(folds.train), folds.train.labels.argmax(1))
        return float(model.score(flat(folds.test), folds.test.labels.argmax(1)))

    assert 0.6 < accuracy(folds) < 0.9, "there is something to learn, and room above a linear model"
    assert accuracy(emotions(0, n=400, strength=1.0)) > 0.95
    with pytest.raises(BadInput, match=r"strength is 0\.0; give a number above 0"):
        emotions(0, strength=0.0)


def test_the_shape_of_mosi() -> None:
    assert MOSI_SIZES == (1284, 229, 686)
    folds = mosi_shaped(1, sizes=(200, 2, 3), length=20)
    assert folds.valid is not None
    assert [len(fold) for fold in (folds.train, folds.valid, folds.test)] == [200, 2, 3]
    assert folds.train.widths == MOSI_WIDTHS == {"text": 768, "audio": 5, "vision": 20}
    assert folds.train.valid.all()
    means = folds.train.features["text"].mean(1)
    corr = [abs(np.corrcoef(means[:, column], folds.train.labels)[0, 1]) for column in range(12)]
    assert min(corr[:8]) > 0.7 > 0.3 > max(corr[8:])
    assert (mosi_shaped(1, sizes=(1, 2, 3), length=20).test.labels == folds.test.labels).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 3}, "3 samples of 20 steps are too few"),
        ({"length": 2}, "600 samples of 2 steps"),
        ({"pattern": "thirds"}, "no pattern 'thirds' of reliability; there are halves, random and steady"),
        ({"noise": -1.0}, "noise is -1.0; give a number from 0 up"),
        ({"cue": float("nan")}, "cue is nan"),
        ({"gaps": 1.1}, "gaps is 1.1; give a share from 0 to 1"),
    ],
)
def test_bad_options(options: dict[str, Any], words: str) -> None:
    for make in (schedule, emotions):
        with pytest.raises(BadInput, match=words):
            make(0, **options)


def test_only_schedules_can_be_read_off() -> None:
    for samples in (mosi_shaped(0, sizes=(1, 1, 1)).test, emotions(0, n=8).test):
        with pytest.raises(BadInput, match=f"not {samples.source}"):
            estimate(samples, 0)
    with pytest.raises(BadInput, match=r"folds of \(0, 1, 1\) samples"):
        mosi_shaped(0, sizes=(0, 1, 1))


def test_none_of_it_loads_torch() -> None:
    code = "import sys, talkoot.sentiment.{0}; sys.exit('torch' in sys.modules or 'sklearn' in sys.modules)"
    for name in ("synthetic", "corruption", "statistics"):
        assert subprocess.run([sys.executable, "-c", code.format(name)], check=False).returncode == 0, name
