"""`talkoot sentiment predict` from a clip and subtitles to a score and the trust at every word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from sentiment_clips import SRT, make_clip
from talkoot.cli.sentiment.predict import command
from talkoot.errors import BadInput
from talkoot.sentiment.clip.corpus import clips
from talkoot.sentiment.clip.extractor import Extractor
from talkoot.sentiment.models import named


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip, and a model trained on it: what it learns does not matter here."""
    folder = tmp_path_factory.mktemp("work")
    make_clip(folder)
    make_clip(folder, "other.mp4")
    make_clip(folder, "mute.mp4", sound=False)
    (folder / "clip.srt").write_text(SRT)
    (folder / "list.csv").write_text("media,words,fold,score\nclip.mp4,clip.srt,train,2\nother.mp4,,test,-1\n")
    folds = clips(folder / "list.csv", Extractor(width=8, length=10))
    model = named("cosa:width=8,heads=2,epochs=1,causal=true")
    model.fit(folds.train, None, seed=0)
    model.save(folder / "model")
    return folder


def call(work: Path, *words: str) -> Result:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(work / words[0]), "--model", str(work / "model"), *words[1:]])


def test_a_clip_gets_a_score_and_trust_at_every_word(work: Path) -> None:
    out = call(work, "clip.mp4", "--words", str(work / "clip.srt"), "--json", "--out", str(work / "said.json"))
    assert out.exit_code == 0, out.output
    told: dict[str, Any] = json.loads(out.stdout)
    assert told == json.loads((work / "said.json").read_text())
    assert -10 < told["score"] < 10
    assert (told["words"], len(told["steps"]), told["notes"]) == (13, 13, [])
    for step in told["steps"]:
        assert set(step["trust"]) == {"text", "audio", "vision"}
        assert all(0 <= share <= 1 for share in step["trust"].values())
        assert isinstance(step["score"], float)
    assert [step["word"] for step in told["steps"]][:3] == ["I", "really", "love"]
    assert told["extractor"] == Extractor(width=8, length=10).digest


def test_people_see_the_words_with_their_trust(work: Path) -> None:
    out = call(work, "clip.mp4", "--words", str(work / "clip.srt"))
    assert out.exit_code == 0, out.output
    assert "negative" in out.stdout
    assert "really" in out.stdout
    assert "trust on the whole: text" in out.stdout


def test_what_a_clip_lacks_is_told(work: Path) -> None:
    told = json.loads(call(work, "mute.mp4", "--json").stdout)
    assert told["present"]["audio"] == told["trust"]["audio"] == 0
    assert any("has no sound" in note for note in told["notes"])
    assert any("nobody wrote down the words" in note for note in told["notes"])


def test_streaming_ends_where_the_whole_does(work: Path) -> None:
    words = ("clip.mp4", "--words", str(work / "clip.srt"), "--json")
    whole = json.loads(call(work, *words).stdout)["steps"]
    lines = [json.loads(line) for line in call(work, *words, "--stream").stdout.splitlines()]
    assert [line["word"] for line in lines] == [step["word"] for step in whole]
    for line, step in zip(lines, whole, strict=True):
        assert line["score"] == pytest.approx(step["score"], abs=1e-4)
        assert line["trust"] == pytest.approx(step["trust"], abs=1e-4)
    assert " really " in call(work, *words[:-1], "--stream").stdout


def test_streaming_refuses_the_words_of_another_clip(work: Path, tmp_path: Path) -> None:
    (tmp_path / "late.srt").write_text("1\n00:01:03,000 --> 00:01:04,000\nhello there\n")
    error = call(work, "clip.mp4", "--words", str(tmp_path / "late.srt"), "--stream").exception
    assert isinstance(error, BadInput)
    assert "its first word starts at 63.0" in str(error)


@pytest.mark.parametrize(("words", "message"), [
    (("clip.mp4", "--audio", "opensmile"), "trained on audio features 'librosa'"),
    (("clip.mp4", "--vision", "none"), "cannot read a clip without its vision"),
    (("clip.mp4", "--faces", "x.csv"), "not trained with --faces"),
    (("clip.mp4", "--face-model", "x.task"), "not trained with --face-model"),
    (("clip.mp4", "--bert", "x"), "not trained with --bert"),
    (("clip.mp4", "--stream"), "--stream needs --words"),
    (("clip.mp4", "--out", "x.txt"), "none of the endings"),
    (("none.mp4",), "is not a file"),
    (("clip.mp4", "--words", "none.srt"), "does not exist"),
])  # fmt: skip
def test_bad_calls_are_refused(work: Path, words: tuple[str, ...], message: str) -> None:
    error = call(work, *words).exception
    assert isinstance(error, BadInput)
    assert message in str(error)


def test_a_model_of_other_features_is_refused(work: Path, tmp_path: Path) -> None:
    card = json.loads((work / "model" / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps({**card, "source": "mosi/dl_split, train"}))
    error = call(work, "clip.mp4", "--model", str(tmp_path)).exception
    assert isinstance(error, BadInput)
    assert "cannot be made from a clip" in str(error)
