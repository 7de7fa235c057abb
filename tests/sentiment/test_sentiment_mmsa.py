"""MMSA's pickles: read, written, read again; what is missing or does not fit is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sentiment_files import dumped, iemocap_raw, mmsa_raw, same, some_folds
from talkoot.errors import BadInput
from talkoot.sentiment.readers.iemocap import ORDER, read_iemocap
from talkoot.sentiment.readers.mmsa import read_mmsa, write_mmsa
from talkoot.sentiment.readers.pickles import read_pickle
from talkoot.sentiment.samples import Task


def test_an_aligned_file_becomes_folds(tmp_path: Path) -> None:
    raw = mmsa_raw()
    folds = read_mmsa(dumped(tmp_path / "aligned_6.pkl", raw))
    assert (folds.name, folds.train.task) == ("aligned_6", Task(bound=3.0))
    assert folds.valid is not None
    for fold, samples in (("train", folds.train), ("valid", folds.valid), ("test", folds.test)):
        one = raw[fold]
        assert samples.modalities == ("text", "audio", "vision")
        assert samples.ids == tuple(one["id"])
        np.testing.assert_array_equal(samples.labels, one["regression_labels"])
        np.testing.assert_array_equal(samples.masks["text"], one["text_bert"][:, 1] > 0)
        np.testing.assert_array_equal(samples.masks["vision"], (one["vision"] != 0).any(-1))
        np.testing.assert_array_equal(samples.features["text"], one["text"])


def test_minus_infinity_becomes_0_as_in_mmsa_and_is_told(tmp_path: Path) -> None:
    raw = mmsa_raw()
    raw["train"]["audio"][1, 1] = -np.inf  # a whole step
    raw["train"]["audio"][:, :, 4] = -np.inf  # a whole column
    train = read_mmsa(dumped(tmp_path / "x.pkl", raw)).train
    assert train.features["audio"][0, 0, 1] == 0
    assert train.features["audio"][0, 0, 0] == raw["train"]["audio"][0, 0, 0]
    assert not train.masks["audio"][1, 1]
    assert "audio: " in train.source
    assert "numbers that are not finite set to 0" in train.source
    assert "columns that are never finite: 4" in train.source
    assert "not finite" in read_mmsa(tmp_path / "x.pkl").test.source


def test_words_stand_at_their_steps(tmp_path: Path) -> None:
    raw = mmsa_raw()
    one = raw["train"]
    one["text_bert"][:] = 0
    one["text_bert"][:, 1] = [1, 1, 1, 1, 1, 1]
    one["raw_text"] = np.array(["a b c d", "a b", "a b c d e f", "", "a"], dtype=object)
    words = read_mmsa(dumped(tmp_path / "x.pkl", raw)).train.words
    assert words[0] == ("", "a", "b", "c", "d", "")  # between [CLS] and [SEP]
    assert words[1] == ("", "a", "", "b", "", "")  # more pieces than words
    assert words[2] == ("", "a", "b", "c", "d e f", "")  # cut off
    assert words[3] == ("",) * 6
    assert words[4] == ("", "a", "", "", "", "")


def test_a_file_goes_round(tmp_path: Path) -> None:
    once = read_mmsa(dumped(tmp_path / "x.pkl", mmsa_raw()))
    write_mmsa(tmp_path / "new" / "y.pkl", once)
    again = read_mmsa(tmp_path / "new" / "y.pkl", bound=3)
    for one, other in zip((once.train, once.valid, once.test), (again.train, again.valid, again.test), strict=True):
        same(one, other)
    raw = read_pickle(tmp_path / "new" / "y.pkl")["train"]  # what MMSA wants of a file
    assert {"raw_text", "id", "text", "audio", "vision", "regression_labels", "audio_lengths"} <= set(raw)
    assert raw["raw_text"][0] == mmsa_raw()["train"]["raw_text"][0]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["y.pkl"]


@pytest.mark.parametrize("words", [True, False])
def test_folds_with_gaps_go_round(tmp_path: Path, words: bool) -> None:
    folds = some_folds(words=words)
    write_mmsa(tmp_path / "y.pkl", folds)
    again = read_mmsa(tmp_path / "y.pkl", bound=1.5)
    for one, other in zip((folds.train, folds.test), (again.train, again.test), strict=True):
        assert one.words == other.words
        for name in one.modalities:
            np.testing.assert_array_equal(one.masks[name], other.masks[name])
            np.testing.assert_array_equal(one.features[name], other.features[name])


def test_what_the_form_cannot_hold_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    for folds, why in (
        (some_folds("steps"), "labels at every step"),
        (some_folds("classification"), "has emotions"),
        (some_folds(valid=False), "no fold 'valid'"),
    ):
        with pytest.raises(BadInput, match=why):
            write_mmsa(tmp_path / "y.pkl", folds)
    assert not list(tmp_path.iterdir())


def test_an_unaligned_file_is_averaged_to_the_steps_of_the_text(tmp_path: Path) -> None:
    raw = mmsa_raw()
    for one in raw.values():
        n = len(one["regression_labels"])
        one["audio"] = np.tile(np.arange(1.0, 13)[None, :, None], (n, 1, 2))
        one["audio_lengths"] = np.full(n, 8)
        one["vision"] = np.ones((n, 3, 2))
        one["text_bert"][:] = 0
        one["text_bert"][:, 1, :4] = 1
    train = read_mmsa(dumped(tmp_path / "x.pkl", raw)).train
    assert train.features["audio"].shape == (5, 6, 2)
    assert train.features["audio"][0, :, 0].tolist() == [1.5, 3.5, 5.5, 7.5, 0, 0]
    assert train.masks["audio"][0].tolist() == [True] * 4 + [False] * 2
    assert train.features["vision"][0, :, 0].tolist() == [1, 1, 1, 1, 0, 0]  # fewer frames than words
    assert train.source.endswith("averaged to the steps of the text")


def test_sims_has_its_bound_and_mult_its_labels(tmp_path: Path) -> None:
    raw = mmsa_raw()
    for one in raw.values():
        one["labels"] = one.pop("regression_labels").clip(-1, 1)[:, None, None]
    assert read_mmsa(dumped(tmp_path / "x.pkl", raw)).train.task == Task(bound=1.0)
    assert read_mmsa(tmp_path / "x.pkl", bound=3).train.task == Task(bound=3.0)


def _spoil(fold: str, key: str, value: Any) -> Any:
    raw = mmsa_raw()
    if value is None:
        del raw[fold][key]
    else:
        raw[fold][key] = value
    return raw


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ([1, 2], "holds a list; a dict of train, valid, test"),
        ({"train": {}, "dev": {}}, "train: 'text' is missing|has no fold 'valid'"),
        (_spoil("valid", "text", None), r"x\.pkl, valid: 'text' is missing .*run a BERT"),
        (_spoil("test", "audio", None), r"x\.pkl, test: 'audio' is missing"),
        (_spoil("train", "regression_labels", None), "train: 'regression_labels' is missing"),
        (_spoil("train", "regression_labels", np.full(5, 9.0)), "has the label 9.0; labels are from -3 to 3"),
        (_spoil("train", "regression_labels", np.full(5, np.nan)), "has the label nan"),
        (_spoil("train", "regression_labels", np.array(["a"] * 5)), "labels are of shape"),
        (_spoil("train", "vision", np.ones((4, 6, 3))), "'text' has 5 samples and 'vision' 4"),
        (_spoil("train", "vision", np.ones((5, 3))), r"vision is an array of shape \(5, 3\)"),
        (_spoil("train", "vision", np.ones((5, 0, 3))), r"vision is an array of shape \(5, 0, 3\)"),
        (_spoil("train", "text_bert", np.ones((5, 3, 7))), "'text_bert' is of shape"),
        (_spoil("train", "audio_lengths", np.full(5, 7)), "'audio_lengths' must be numbers from 0 to 6"),
        (_spoil("train", "audio", np.array([["x"]] * 5, dtype=object)), "audio is an array of shape"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, raw: Any, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        read_mmsa(dumped(tmp_path / "x.pkl", raw))


def test_a_sample_without_a_step_is_named(tmp_path: Path) -> None:
    raw = mmsa_raw()
    for key in ("text_bert", "audio", "vision"):
        raw["test"][key][2] = 0
    with pytest.raises(BadInput, match=r"sample test2\$_\$2 has no step"):
        read_mmsa(dumped(tmp_path / "x.pkl", raw))


def test_four_emotions_are_read_in_a_stated_order(tmp_path: Path) -> None:
    raw = iemocap_raw()
    folds = read_iemocap(dumped(tmp_path / "x.pkl", raw))
    assert folds.train.task == Task("classification", emotions=ORDER)
    assert ORDER[0] == "neutral"
    np.testing.assert_array_equal(folds.train.labels, raw["train"]["labels"].argmax(-1))
    assert folds.test.ids == ("test/0", "test/1", "test/2", "test/3")
    other = read_iemocap(tmp_path / "x.pkl", emotions=("happy", "sad", "angry", "neutral"))
    assert other.train.task.emotions[0] == "happy"
    for one in raw.values():
        one["labels"] = one["labels"][..., 1]
    np.testing.assert_array_equal(read_iemocap(dumped(tmp_path / "x.pkl", raw)).train.labels, folds.train.labels)


def test_labels_of_emotions_must_be_what_they_should_be(tmp_path: Path) -> None:
    path = tmp_path / "x.pkl"
    with pytest.raises(BadInput, match="labels of 4 emotions, and 2 are named"):
        read_iemocap(dumped(path, iemocap_raw()), emotions=("sad", "happy"))
    with pytest.raises(BadInput, match="have a name twice"):
        read_iemocap(path, emotions=("sad", "sad", "happy", "angry"))
    for labels, why in ((np.ones((6, 4, 2)), "no one-hot pairs"), (np.full((6, 4), 2), "labels are 0 or 1"),
                        (np.ones(6), "labels are of shape")):  # fmt: skip
        raw = iemocap_raw()
        raw["train"]["labels"] = labels
        with pytest.raises(BadInput, match=why):
            read_iemocap(dumped(path, raw))
    raw = iemocap_raw()
    raw["train"]["audio"] = np.ones((6, 9, 3))
    with pytest.raises(BadInput, match="align them to the same steps first"):
        read_iemocap(dumped(path, raw))
