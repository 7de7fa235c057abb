"""Data by name or file, with options, splits and modalities."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import talkoot.sentiment
from sentiment_files import dumped, fake_mosi, iemocap_raw, mmsa_raw, same, some_folds
from talkoot.errors import BadInput
from talkoot.sentiment import open_data as opening
from talkoot.sentiment.open_data import open_data
from talkoot.sentiment.readers.mfn import mmmo, youtube
from talkoot.sentiment.readers.mmsa import write_mmsa
from talkoot.sentiment.readers.plain import write_plain
from talkoot.sentiment.samples import Folds


def test_files_are_opened_by_what_they_are(tmp_path: Path) -> None:
    aligned = dumped(tmp_path / "a.pkl", mmsa_raw())
    assert open_data(str(aligned)).train.task.kind == "regression"
    four = dumped(tmp_path / "four.pkl", iemocap_raw())
    assert open_data(str(four)).train.task.emotions == ("neutral", "happy", "sad", "angry")
    named = open_data(f"{four}:emotions=happy+sad+angry+neutral", modalities=("audio", "text"))
    assert named.train.task.emotions == ("happy", "sad", "angry", "neutral")
    assert named.test.modalities == ("audio", "text")
    for ending in ("npz", "parquet"):
        write_plain(tmp_path / f"p.{ending}", some_folds())
        same(open_data(str(tmp_path / f"p.{ending}")).test, some_folds().test)
    write_mmsa(tmp_path / "b.pkl", some_folds())
    assert open_data(str(tmp_path / "b.pkl"), modalities=("text",)).train.modalities == ("text",)


def test_options_of_files_are_checked(tmp_path: Path) -> None:
    aligned = dumped(tmp_path / "a.pkl", mmsa_raw())
    write_plain(tmp_path / "p.npz", some_folds("classification"))
    for name, why in (
        (f"{aligned}:emotions=a+b", "has no labels of several emotions"),
        (f"{aligned}:colour=red", "has no option 'colour'"),
        (f"{tmp_path / 'p.npz'}:emotions=a+b", "states its emotions itself"),
        (str(tmp_path / "none.pkl"), "there is no such file"),
        ("nothing", "there are no data 'nothing'; there are mosi, mmmo, youtube, synthetic"),
        ("mosi:text", "'text' is no option"),
        ("mosi:text=own,text=own", "'text=own' is no option"),
        ("mosi:colour=red", "has no option 'colour'; it has split, text"),
        ("mosi:hold_out=much", "hold_out is a number, not 'much'"),
        ("mosi:seed=1.5", "seed is a whole number, not 1.5"),
    ):
        with pytest.raises(BadInput, match=why):
            open_data(name)
    with pytest.raises(BadInput, match="leave the split 'official' out"):
        open_data(str(aligned), split="official")
    with pytest.raises(BadInput, match="have no smell"):
        open_data(str(aligned), modalities=("smell",))


def test_mosi_takes_split_options_and_modalities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALKOOT_DATA", str(fake_mosi(tmp_path)))
    folds = open_data("mosi:check=false", split="official", modalities=("timing", "audio"))
    assert folds.name == "mosi/official"
    assert folds.train.modalities == ("timing", "audio")
    held = open_data("mosi:text=own,hold_out=0.4,seed=3,check=false")
    assert held.name == "mosi/dl_split/own-text"
    assert held.valid is not None
    with pytest.raises(BadInput, match="must not be used with the split official"):
        open_data("mosi:text=given", split="official")


def test_folds_that_share_a_sample_are_refused(tmp_path: Path) -> None:
    folds = some_folds()
    shared = replace(folds.test, ids=("2/0", folds.train.ids[1], "2/2"))
    write_plain(tmp_path / "p.npz", replace(folds, test=shared))
    with pytest.raises(BadInput, match="1 samples are in the folds 'train' and 'test', such as 0/1"):
        open_data(str(tmp_path / "p.npz"))
    numbered = Folds("n", *(replace(one, ids=tuple(map(str, range(len(one)))))
                            for one in (folds.train, folds.train, folds.test)))  # fmt: skip
    write_plain(tmp_path / "p.npz", numbered)
    assert open_data(str(tmp_path / "p.npz")).test.ids == ("0", "1", "2")  # numbers say nothing


def test_names_of_made_up_data_pass_their_options_on(monkeypatch: pytest.MonkeyPatch) -> None:
    synthetic = ModuleType("talkoot.sentiment.synthetic")
    monkeypatch.setitem(sys.modules, synthetic.__name__, synthetic)
    monkeypatch.setattr(talkoot.sentiment, "synthetic", synthetic, raising=False)
    asked = []

    def made(seed: int, *, n: int = 5, noise: float = 0.1) -> Folds:
        asked.append((seed, n, noise))
        return some_folds()

    for name in ("schedule", "emotions", "mosi_shaped"):
        monkeypatch.setattr(synthetic, name, made, raising=False)
    open_data("synthetic")
    open_data("synthetic:seed=4,noise=2", modalities=("text",))
    open_data("emotions:n=9")
    open_data("mosi_shaped:seed=1")
    assert asked == [(0, 5, 0.1), (4, 5, 2), (0, 9, 0.1), (1, 5, 0.1)]
    with pytest.raises(BadInput, match="synthetic has no option 'colour'; it has seed, n, noise"):
        open_data("synthetic:colour=red")
    with pytest.raises(BadInput, match="leave the split 'official' out"):
        open_data("synthetic", split="official")
    assert set(opening.READERS) == {"mosi", "mmmo", "youtube", "synthetic", "emotions", "mosi_shaped"}


def _fake_mfn(folder: Path, labels: str) -> None:
    order = np.random.default_rng(0)
    arrays = {}
    for fold, n in (("train", 4), ("valid", 3), ("test", 3)):
        arrays[f"audio_{fold}"] = order.normal(size=(n, 20, 74)).astype(np.float32)
        arrays[f"video_{fold}"] = order.normal(size=(n, 20, 36)).astype(np.float32)
        arrays[f"audio_{fold}"][0] = arrays[f"video_{fold}"][0] = 0  # an empty video
        arrays[f"audio_{fold}"][1, ::2] = 0  # gaps before, after and between
        if fold != "train":
            arrays[f"text_{fold}_emb"] = order.normal(size=(n, 20, 300)).astype(np.float32)
        arrays[f"y_{fold}"] = np.eye(3)[np.arange(n) % 3] if labels == "one-hot" else np.arange(n) + 1.0
    name = "youtube" if labels == "one-hot" else "mmmo"
    (folder / "sentiment").mkdir(exist_ok=True)
    np.savez(folder / "sentiment" / f"mfn_{name}_partial.npz", allow_pickle=False, **arrays)


def test_sequences_have_masks_of_their_real_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALKOOT_DATA", str(tmp_path))
    _fake_mfn(tmp_path, "one-hot")
    _fake_mfn(tmp_path, "numbers")
    folds = mmmo(check=False)
    assert folds.train.ids == ("mmmo/train/1", "mmmo/train/2", "mmmo/train/3")
    assert folds.train.labels.tolist() == [-1, 0, 1]  # 2, 3, 4 in the file
    assert folds.train.masks["audio"][0].tolist() == [False, True] * 10
    assert "1 of 4 videos are empty and left out" in folds.train.source
    text = mmmo(("text", "audio"), check=False)
    assert not text.train.masks["text"].any()
    assert text.test.masks["text"].all()
    assert len(text.test) == 3  # text is there
    assert text.train.widths == text.test.widths == {"text": 300, "audio": 74}
    classes = youtube(check=False).test
    assert classes.task.emotions == ("class 0", "class 1", "class 2")
    assert classes.labels.tolist() == [[0, 1, 0], [0, 0, 1]]
    with pytest.raises(BadInput, match="the training fold of youtube has no text"):
        youtube(("text",), check=False)
    with pytest.raises(BadInput, match="mmmo has no smell"):
        mmmo(("smell",))
    with pytest.raises(BadInput, match="its SHA-256 is another"):
        mmmo()


@pytest.mark.data
def test_the_real_sequences_have_the_known_sizes(data: Path) -> None:
    folds = open_data("mmmo")
    assert folds.valid is not None
    assert [len(one) for one in (folds.train, folds.valid, folds.test)] == [220, 40, 80]
    truth = folds.test.labels
    assert round(float(np.abs(folds.train.labels.mean() - truth).mean()), 3) == 1.360
    assert round(float(np.abs(np.median(folds.train.labels) - truth).mean()), 3) == 1.181
    frames = [float(one.masks["audio"].sum()) for one in (folds.train, folds.valid, folds.test)]
    assert round(sum(frames) / 340, 1) == pytest.approx(18.8, abs=0.15)
    assert "125 of 173 videos are empty" in open_data("youtube").train.source


@pytest.mark.parametrize("name", ["own/clips.csv", "clips.csv:audio=opensmile,length=40"])
def test_lists_of_clips_go_to_their_reader(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folds = open_data("synthetic:n=24,length=4")
    asked: list[str] = []
    monkeypatch.setattr("talkoot.sentiment.clip.corpus.clips_named", lambda name: asked.append(name) or folds)
    assert open_data(name, modalities=("audio",)).train.modalities == ("audio",)
    assert asked == [name]
    with pytest.raises(BadInput, match=r"has the folds that it has; leave the split 'official' out"):
        open_data(name, split="official")


def test_files_with_arrays_that_make_no_samples_are_named(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    good = {f"{fold}.{what}": value for fold in ("train", "test") for what, value in (
        ("features.text", np.ones((3, 4, 2), np.float32)), ("labels", np.arange(3, dtype=np.float32)))}  # fmt: skip
    for key, value, message in (
        ("train.ids", np.array("one"), "its arrays make no samples"),
        ("train.labels", np.full(3, 9, np.float32), "has the label|labels"),
        ("train.reliability", np.ones((3, 4, 9), np.float32), r"the reliability is of shape \(3, 4, 9\)"),
        ("train.reliability", np.array(["high"]), "its arrays make no samples"),
        ("task", np.array('{"kind": "classification", "emotions": [1, 2]}'), "emotions are names|task"),
    ):
        np.savez(file, **{**good, "task": np.array('{"kind": "regression"}'), key: value})
        with pytest.raises(BadInput, match=message) as error:
            open_data(str(file))
        assert str(file) in str(error.value)
    for name in ("synthetic:seed=-1", "emotions:seed=-1"):
        with pytest.raises(BadInput, match="has the seed -1"):
            open_data(name)
