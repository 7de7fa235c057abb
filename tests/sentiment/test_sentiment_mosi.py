"""CMU-MOSI: the join, the guard against what leaks, own features fitted on training alone; on made-up and real data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sentiment_files import fake_mosi
from talkoot.data import data_file
from talkoot.errors import BadInput
from talkoot.sentiment.readers import mosi_text
from talkoot.sentiment.readers.mosi import LEARNT, mosi
from talkoot.sentiment.readers.recorded import HASHES, recorded
from talkoot.sentiment.samples import Samples


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TALKOOT_DATA", str(fake_mosi(tmp_path)))
    return tmp_path / "sentiment"


def test_a_video_is_a_sample_and_its_segments_are_steps_in_time(fake: Path) -> None:
    folds = mosi(check=False)
    assert folds.name == "mosi/dl_split"
    assert folds.valid is None
    assert folds.train.ids == ("v0", "v2", "v4", "v6", "v8")
    assert folds.test.ids == ("v1", "v3", "v5", "v7", "v9")
    assert folds.train.task.steps
    assert folds.train.modalities == ("text", "audio", "vision")
    raw = np.load(fake / "mosi_offline.npz")
    for samples in (folds.train, folds.test):
        for row, video in enumerate(samples.ids):
            mine = np.flatnonzero(raw["video_id"] == video)
            mine = mine[np.argsort(raw["clip"][mine])]
            n = len(mine)
            np.testing.assert_array_equal(samples.labels[row, :n], raw["score"][mine])
            assert np.isnan(samples.labels[row, n:]).all()
            for name in samples.modalities:
                np.testing.assert_array_equal(samples.features[name][row, :n], raw[name][mine])
                assert samples.masks[name][row].tolist() == [True] * n + [False] * (samples.length - n)
            clips = [int(text.split()[4]) for text in samples.words[row]]
            assert clips == sorted(clips)
    assert "no times of" in folds.train.source


def test_the_official_folds_and_val_joined_to_train(fake: Path) -> None:
    folds = mosi("official", check=False)
    assert folds.valid is not None
    assert (folds.train.ids, folds.valid.ids) == (("v0", "v1", "v2", "v3"), ("v4", "v5"))
    joined = mosi("official+val", check=False)
    assert joined.valid is None
    assert joined.train.ids == ("v0", "v1", "v2", "v3", "v4", "v5")
    assert joined.test.ids == folds.test.ids == ("v6", "v7", "v8", "v9")
    assert folds.train.modalities == ("text", "audio")
    assert folds.name == "mosi/official/own-text"


@pytest.mark.parametrize("split", ["official", "official+val"])
@pytest.mark.parametrize(
    ("named", "what"),
    [
        ({"text": "given"}, "given text and vision of"),
        ({"text": "given", "modalities": ("text",)}, "given text of"),
        ({"modalities": ("text", "audio", "vision")}, "vision of"),
        ({"modalities": ("vision",)}, "vision of"),
    ],
)
def test_what_leaks_is_refused_with_the_reason_and_the_way_out(split: str, named: dict[str, Any], what: str) -> None:
    with pytest.raises(BadInput, match=f"^{what} CMU-MOSI must not .*labels of 24 of its 31 test videos.*Allowed are "):
        mosi(split, **named)


def test_given_text_that_is_not_used_does_no_harm(fake: Path) -> None:
    assert mosi("official", "given", ("audio", "timing"), check=False).train.modalities == ("audio", "timing")


def test_no_fold_to_choose_by_is_cut_from_features_that_saw_its_labels(fake: Path) -> None:
    for named in ({"text": "given"}, {"modalities": ("audio", "vision")}):
        with pytest.raises(BadInput, match=r"no fold to choose by .*\.99.*Allowed are text=own"):
            mosi(hold_out=0.4, **named)
    train = mosi(check=False).train
    assert train.source.endswith(LEARNT + "text, vision")


def test_videos_are_cut_off_by_seed_and_share(fake: Path) -> None:
    train = mosi(text="own", check=False).train

    def cut(seed: int) -> tuple[str, ...]:
        held = mosi(text="own", hold_out=0.4, seed=seed, check=False)
        assert held.valid is not None
        assert sorted(held.train.ids + held.valid.ids) == sorted(train.ids)
        return held.valid.ids

    assert len(cut(1)) == 2
    assert cut(1) == cut(1)
    assert len({cut(seed) for seed in range(9)}) > 1
    with pytest.raises(BadInput, match="leaves one part empty"):
        mosi(text="own", hold_out=0.01, check=False)
    with pytest.raises(BadInput, match="has a fold to choose by"):
        mosi("official", hold_out=0.2)


def test_own_text_tells_each_video_by_the_others() -> None:
    texts = [f"{how} {what}" for what in ("film", "plot", "sound", "voice") for how in ("good", "bad")]
    videos = np.repeat(["a", "b", "c", "d"], 2)
    labels = np.array([2, -2] * 4, np.float32)
    train = np.arange(6)
    x = mosi_text.own(texts, train, labels, videos, seed=0)
    assert x.shape == (8, 3)
    np.testing.assert_array_equal(np.sign(x), np.sign(labels)[:, None].repeat(3, 1))
    lied = labels.copy()
    lied[[0, 1, 6]] = [-2, 2, -2]  # of video a, and of one that is not learnt from
    again = mosi_text.own(texts, train, lied, videos, seed=0)
    np.testing.assert_array_equal(x[:2], again[:2])  # what a video says of itself is not heard
    assert (x[2:] != again[2:]).all()
    with pytest.raises(BadInput, match="two training videos"):
        mosi_text.own(texts, np.array([0, 1]), labels, videos, seed=0)
    with pytest.raises(BadInput, match="hold no words"):
        mosi_text.own(["...", "!"], np.arange(2), labels[:2], np.array(["a", "b"]), seed=0)


def test_directions_of_text_know_the_training_words_only() -> None:
    texts = ["good film", "good film indeed", "bad film", "bad plot", "strange strange", "strange good"]
    train = np.arange(4)
    x = mosi_text.svd(texts, train, seed=0)
    changed = mosi_text.svd([*texts[:4], "never heard", "strange good"], train, seed=0)
    np.testing.assert_array_equal(x[:4], changed[:4])
    assert not x[4].any()  # words that training lacks
    assert x[5].any()
    assert x.shape[1] <= 4
    assert x.dtype == np.float32
    with pytest.raises(BadInput, match="no word occurs in two"):
        mosi_text.svd(["one", "two"], np.arange(2), seed=0)


def test_the_times_of_words_are_eight_numbers(fake: Path) -> None:
    raw = np.load(fake / "mosi_offline.npz")
    x = mosi_text.timing([str(id_) for id_ in raw["id"]], fake / "mosi_words.csv.gz")
    assert x.shape == (len(raw["id"]), len(mosi_text.TIMING))
    assert not x[0].any()
    assert x[1].tolist() == [2, 0.75, 0.25, 1.0, 0.5, 0.5, 2.0, 3.0]
    folds = mosi(modalities=("timing",), check=False)
    assert not folds.train.masks["timing"][0].all()
    at = folds.train.words[0].index(f"it was clip v0 {raw['clip'][0]} and it was fine")
    assert not folds.train.masks["timing"][0, at]
    assert np.isnan(folds.train.labels[0, at])  # nothing is known of that segment


def test_unknown_names_and_strange_files_are_named(fake: Path) -> None:
    with pytest.raises(BadInput, match="has no split 'train'; it has dl_split, official"):
        mosi("train")
    with pytest.raises(BadInput, match="'given', 'own' or 'svd', not 'bert'"):
        mosi(text="bert")
    with pytest.raises(BadInput, match="has no smell; it has text, audio"):
        mosi(modalities=("smell",))
    with pytest.raises(BadInput, match="its SHA-256 is another"):
        mosi()
    (fake / "mosi_offline.npz").unlink()
    with pytest.raises(BadInput, match="not at hand"):
        mosi()


def _flat(samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    known = ~np.isnan(samples.labels)
    return np.concatenate([samples.features[name][known] for name in samples.modalities], 1), samples.labels[known]


@pytest.mark.data
def test_the_real_files_are_those_of_the_known_figures(data: Path) -> None:
    for name in HASHES:
        assert recorded(name) == data_file("sentiment", name)
    folds = mosi()
    assert (len(folds.train), len(folds.test)) == (62, 31)
    x, y = _flat(folds.train)
    z, truth = _flat(folds.test)
    assert (len(y), len(truth)) == (1447, 752)
    assert round(float(np.abs(y.mean() - truth).mean()), 3) == 1.335  # the constant of the data's own table
    assert x.shape[1] == z.shape[1] == 273
    assert len(_flat(mosi("official+val", modalities=("audio",)).train)[1]) == 1284 + 229
    held = mosi("official", modalities=("audio", "timing"))
    assert held.valid is not None
    assert [int((~np.isnan(one.labels)).sum()) for one in (held.train, held.valid, held.test)] == [1284, 229, 686]
    assert not (set(held.train.ids) | set(held.valid.ids)) & set(held.test.ids)


@pytest.mark.data
def test_a_ridge_on_given_text_gives_the_known_figures(data: Path) -> None:
    from sklearn.linear_model import RidgeCV

    from talkoot.sentiment.normal import Normaliser

    folds = mosi(modalities=("text",))
    normaliser = Normaliser.fit(folds.train)
    (x, y), (z, truth) = (_flat(normaliser.apply(one)) for one in (folds.train, folds.test))
    said = RidgeCV(np.logspace(0, 5, 11)).fit(x, y).predict(z)
    some = truth != 0
    figures = (np.abs(said - truth).mean(), np.corrcoef(said, truth)[0, 1], ((said > 0) == (truth > 0))[some].mean())
    assert tuple(round(float(one), 3) for one in figures) == (0.953, 0.606, 0.770)
