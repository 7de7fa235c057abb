"""An extractor is known by its settings, and features of another one are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from talkoot.errors import BadInput
from talkoot.sentiment.cards import write_card
from talkoot.sentiment.clip.extractor import Extractor, Plugins, extractor_for, extractor_of, fingerprint


def saved(folder: Path, source: str, widths: tuple[str, ...] = ("text", "audio", "vision")) -> Path:
    write_card(folder, "cosa", {}, {"source": source, "widths": dict.fromkeys(widths, 1)})
    return folder


def test_it_tells_widths_and_whether_it_looks_ahead() -> None:
    assert Extractor().widths == {"text": 256, "audio": 33, "vision": 18}
    assert Extractor(text="", vision="openface").widths == {"audio": 33, "vision": 49}
    assert Extractor().causal
    assert Extractor(text="", audio="").causal
    assert not Extractor(audio="opensmile").causal
    assert not Extractor(vision="openface").causal


def test_every_setting_is_in_the_digest(tmp_path: Path) -> None:
    (tmp_path / "m.task").write_bytes(b"m")
    others = [Extractor(width=8), Extractor(seed=1), Extractor(text=""), Extractor(audio="opensmile"),
              Extractor(vision="openface"), Extractor(rate=6), Extractor(length=9),
              Extractor.using(Plugins(face_model=tmp_path / "m.task"))]  # fmt: skip
    assert len({one.digest for one in (Extractor(), *others)}) == len(others) + 1
    assert Extractor().digest == Extractor().digest


def test_it_travels_in_the_source_of_samples() -> None:
    extractor = Extractor(length=7)
    assert extractor_of(f"clips.csv, train; {extractor.mark}; noted") == extractor
    assert extractor_of("mosi, train") is None
    with pytest.raises(BadInput, match="no known extractor"):
        extractor_of("a; extractor={}x".replace("{}", "{"))
    old = json.dumps({**json.loads(extractor.told), "version": 0})
    with pytest.raises(BadInput, match="version 0 of the extractor"):
        extractor_of(f"a; extractor={old}")


def test_a_model_tells_its_extractor(tmp_path: Path) -> None:
    assert extractor_for(saved(tmp_path / "a", f"x; {Extractor().mark}")) == Extractor()
    some = extractor_for(saved(tmp_path / "b", f"x; {Extractor().mark}", ("text",)))
    assert some == Extractor(audio="", vision="")
    with pytest.raises(BadInput, match="features of mosi/dl_split, which cannot be made from a clip"):
        extractor_for(saved(tmp_path / "c", "mosi/dl_split; more"))
    with pytest.raises(BadInput, match="holds no trained model"):
        extractor_for(tmp_path / "none")


def test_other_features_than_those_of_training_are_refused() -> None:
    Extractor().check_same({"audio": "librosa", "text": "hashed"})
    with pytest.raises(BadInput, match="trained on audio features 'librosa', and cannot read 'opensmile'"):
        Extractor().check_same({"audio": "opensmile"})


def test_plugins_are_known_by_their_content(tmp_path: Path) -> None:
    one, two = tmp_path / "one.task", tmp_path / "two.task"
    one.write_bytes(b"m")
    two.write_bytes(b"m")
    extractor = Extractor.using(Plugins(face_model=one))
    assert (extractor.vision, extractor.widths["vision"]) == ("mediapipe", 52)
    extractor.check_plugins(Plugins(face_model=two))
    two.write_bytes(b"n")
    with pytest.raises(BadInput, match="another face model"):
        extractor.check_plugins(Plugins(face_model=two))
    with pytest.raises(BadInput, match="need the face model of training"):
        extractor.check_plugins(Plugins())
    folder = tmp_path / "bert"
    folder.mkdir()
    with pytest.raises(BadInput, match="hidden_size"):
        Extractor.using(Plugins(bert=folder))
    (folder / "config.json").write_text('{"hidden_size": 8}')
    bert = Extractor.using(Plugins(bert=folder))
    assert (bert.text, bert.width, bert.causal) == ("bert", 8, False)
    (folder / "more").write_bytes(b"")
    assert fingerprint(folder) != bert.bert
    with pytest.raises(BadInput, match="does not exist"):
        fingerprint(tmp_path / "none")


@pytest.mark.parametrize(("settings", "message"), [
    ({"text": "glove"}, "no text features 'glove'"),
    ({"text": "", "audio": "", "vision": ""}, "nothing to give"),
    ({"width": 0}, "width is 0"),
    ({"rate": 2.5}, "rate is 2.5"),
    ({"length": "many"}, "length is 'many'"),
    ({"text": "bert"}, "come together"),
    ({"face_model": "x"}, "no setting 'face_model'"),
    ({"pitch": 1}, "no setting 'pitch'"),
])  # fmt: skip
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Extractor.using(Plugins(), **settings)


def test_replacing_keeps_the_checks() -> None:
    with pytest.raises(BadInput):
        replace(Extractor(), length=0)
