"""A list of own clips as folds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sentiment_clips import SRT, make_clip
from talkoot.errors import BadInput
from talkoot.sentiment.clip.corpus import clips, clips_named
from talkoot.sentiment.clip.extractor import Extractor, extractor_of
from talkoot.sentiment.readers.plain import read_plain, write_plain


def listed(folder: Path, *rows: str, heads: str = "words,fold,score") -> Path:
    for name in ("a.srt", "b.srt", "c.srt"):
        (folder / name).write_text(SRT)
    (folder / "clips.csv").write_text("\n".join([heads, *rows]) + "\n")
    return folder / "clips.csv"


SOUND = ("a.srt,train,1.5", "b.srt,valid,-2", "c.srt,test,0")


def test_words_with_scores_are_folds(tmp_path: Path) -> None:
    told: list[str] = []
    path, extractor = listed(tmp_path, *SOUND), Extractor(audio="", vision="", length=5)
    folds = clips(path, extractor, say=lambda share, word: told.append(word))
    assert folds.name == "clips"
    assert folds.valid is not None
    assert folds.train.labels.tolist() == [1.5, 1.5, 1.5]  # each part of a clip has its label
    assert folds.train.ids == ("a:2", "a:2#2", "a:2#3")
    assert folds.valid.labels.tolist() == [-2] * 3
    assert folds.test.features["text"].shape == (3, 5, 256)
    assert extractor_of(folds.train.source) == extractor
    assert told == ["a:2", "b:3", "c:4", "all clips"]


def test_the_extractor_survives_a_file(tmp_path: Path) -> None:
    folds = clips_named(f"{listed(tmp_path, *SOUND)}:audio=none,vision=none,width=8")
    write_plain(tmp_path / "clips.npz", folds)
    again = read_plain(tmp_path / "clips.npz")
    assert extractor_of(again.train.source) == Extractor(audio="", vision="", width=8)


def test_parts_of_a_video_are_read_once_and_by_their_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from talkoot.sentiment.clip import corpus

    make_clip(tmp_path)
    make_clip(tmp_path, "other.mp4")
    read: list[Path] = []
    real = corpus.record
    monkeypatch.setattr(corpus, "record", lambda path, *more: read.append(path) or real(path, *more))
    path = listed(
        tmp_path, "one,clip.mp4,a.srt,0,1.25,train,1", "two,clip.mp4,a.srt,1.25,9,train,-1",
        "three,other.mp4,,0.8,1.6,test,0", heads="id,media,words,start,end,fold,score",
    )  # fmt: skip
    folds = clips(path, Extractor())
    assert [one.name for one in read] == ["clip.mp4", "other.mp4"]
    assert folds.train.words[0][:6] == ("I", "really", "love", "this", "film.", "")
    assert folds.train.masks["audio"].sum(1).tolist() == [5, 8]
    assert folds.test.masks["audio"].sum() == 2  # .8 seconds without words are two steps
    assert not folds.test.masks["text"].any()


def test_columns_of_emotions_are_classification(tmp_path: Path) -> None:
    path = listed(tmp_path, "a.srt,train,1,0", "c.srt,test,0,1", heads="words,fold,happy,sad")
    folds = clips(path, Extractor(audio="", vision=""))
    assert folds.train.task.emotions == ("happy", "sad")
    assert folds.valid is None
    np.testing.assert_array_equal(folds.test.labels, [[0, 1]])


def test_bounds_are_an_option(tmp_path: Path) -> None:
    path = listed(tmp_path, "a.srt,train,7", "c.srt,test,0")
    assert clips_named(f"{path}:audio=none,vision=none,bound=10").train.task.bound == 10
    with pytest.raises(BadInput, match="line 2: sample a:2 has the label"):
        clips_named(f"{path}:audio=none,vision=none")


@pytest.mark.parametrize(("rows", "heads", "message"), [
    (SOUND, "words,part,score", "has the columns words, part, score"),
    (SOUND, "x,fold,score", "it needs media or words"),
    (("a.srt,train,1,0", "c.srt,test,0,0"), "words,fold,score,sad", "either score or a column for each emotion"),
    (SOUND[:2], "words,fold,score", "no clip with the fold test"),
    (("a.srt,training,1",), "words,fold,score", "line 2: the fold is 'training'"),
    (("a.srt,train,good",), "words,fold,score", "line 2: score is 'good'"),
    (("a.srt,train,",), "words,fold,score", "line 2: score is ''"),
    ((",train,1",), "words,fold,score", "line 2: neither media nor words"),
    (("a.srt,train,1", "a.srt,test,1"), "words,fold,score", "line 3: .* a speaker who was learnt from"),
    (("a,a.srt,train,1", "a,b.srt,test,1"), "id,words,fold,score", "line 3: a is the id of .*line 2"),
    (("a.srt,train,1,5,4", "b.srt,test,1,0,1"), "words,fold,score,start,end", "line 2: from 5 to 4"),
    (("a.srt,train,1,50,60", "b.srt,test,1,0,1"), "words,fold,score,start,end", "line 2: no word of"),
    (("none.srt,train,1", "b.srt,test,1"), "words,fold,score", r"none\.srt does not exist"),
])  # fmt: skip
def test_lists_that_make_no_sense_are_refused(tmp_path: Path, rows: tuple[str, ...], heads: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        clips(listed(tmp_path, *rows, heads=heads), Extractor(audio="", vision=""))


@pytest.mark.parametrize(("options", "message"), [
    ("audio", "'audio' is no option"), ("bound=x", "bound is a number"), ("pitch=1", "no setting 'pitch'"),
    ("bert=none-here", "does not exist"),
])  # fmt: skip
def test_options_that_there_are_not_are_refused(tmp_path: Path, options: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        clips_named(f"{listed(tmp_path, *SOUND)}:{options}")


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.csv does not exist"):
        clips_named(str(tmp_path / "none.csv"))
