"""One clip as samples."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from sentiment_clips import WORDS, Summing, make_clip
from talkoot.errors import BadInput
from talkoot.sentiment.clip import audio
from talkoot.sentiment.clip.extractor import Extractor
from talkoot.sentiment.clip.features import Recording, begins_anew, clip_samples, record
from talkoot.sentiment.clip.prediction import predict_clip
from talkoot.sentiment.clip.subtitles import Word
from talkoot.sentiment.clip.track import Track
from talkoot.sentiment.samples import Task


def steady(seconds: float, width: int = 33, value: float = 2.0) -> Track:
    at = np.arange(0, seconds, 0.1)
    return Track(at, at, np.full((len(at), width), value, np.float32))


def test_a_clip_is_a_sample_with_three_modalities(tmp_path: Path) -> None:
    extractor = Extractor(length=20)
    clip = clip_samples("clip", WORDS, record(make_clip(tmp_path), extractor), extractor, Task())
    samples = clip.samples
    assert samples.widths == extractor.widths
    assert samples.length == 20
    assert {m: int(mask.sum()) for m, mask in samples.masks.items()} == dict.fromkeys(samples.masks, len(WORDS))
    assert samples.words[0][:3] == ("I", "really", "love")
    assert (clip.pieces, clip.notes) == ((WORDS,), ())
    assert np.abs(np.diff(samples.features["audio"][0, :5], axis=0)).max() > 1
    assert samples.features["vision"][0, 3, 13:].any()  # it moves
    assert extractor.mark in samples.source


def test_what_a_file_lacks_is_masked_and_told(tmp_path: Path) -> None:
    extractor = Extractor()
    mute = record(make_clip(tmp_path, "mute.mp4", sound=False), extractor)
    clip = clip_samples("mute", WORDS, mute, extractor, Task())
    assert not clip.samples.masks["audio"].any()
    assert clip.samples.masks["vision"].any()
    assert "mute.mp4 has no sound" in clip.notes[0]
    blind = record(make_clip(tmp_path, "talk.wav", picture=False), extractor)
    clip = clip_samples("talk", WORDS, blind, extractor, Task())
    assert "talk.wav has no pictures" in clip.notes[0]
    assert (clip.samples.masks["audio"].any(), clip.samples.masks["vision"].any()) == (True, False)


def test_openface_comes_from_its_table(tmp_path: Path) -> None:
    path = make_clip(tmp_path, sound=False)
    with pytest.raises(BadInput, match="--faces"):
        record(path, Extractor(vision="openface"))


def test_a_clip_without_words_has_steps_of_time() -> None:
    recording = Recording(1.0, {"audio": steady(1.0)})
    clip = clip_samples("clip", None, recording, Extractor(), Task())
    assert int(clip.samples.masks["audio"].sum()) == 3
    assert not clip.samples.masks["text"].any()
    assert "nobody wrote down the words" in clip.notes[0]
    assert predict_clip(Summing(), clip)["words"] == 0  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="neither words nor a recording"):
        clip_samples("clip", None, None, Extractor(), Task())
    with pytest.raises(BadInput, match="has no words, and no sound or picture"):
        clip_samples("clip", None, Recording(1.0, {}), Extractor(), Task())


def test_words_after_the_end_belong_to_another_clip() -> None:
    recording = Recording(1.0, {"audio": steady(1.0)})
    clip = clip_samples("clip", WORDS, recording, Extractor(), Task())
    assert "9 words come after the end" in clip.notes[0]
    assert int(clip.samples.masks["audio"].sum()) == 5  # the word after the end takes what was heard just before
    with pytest.raises(BadInput, match="give the subtitles of this clip"):
        clip_samples("clip", [Word("late", 5, 6)], recording, Extractor(), Task())


def test_long_clips_are_cut_at_sentences_and_breaths_once_half_full() -> None:
    some = [Word("a", 0, 0.2), Word("end.", 0.2, 0.4)]
    assert begins_anew(some, Word("b", 0.4, 0.6), 4)
    assert not begins_anew(some, Word("b", 0.4, 0.6), 5)
    assert begins_anew([*some, Word("b", 0.4, 0.6)], Word("c", 1.4, 1.5), 6)
    assert not begins_anew([*some, Word("b", 0.4, 0.6)], Word("c", 1.0, 1.5), 6)
    assert begins_anew([*some, Word("b", 0.4, 0.6)], Word("c", 0.6, 0.7), 3)
    assert not begins_anew([], Word("c", 0.6, 0.7), 1)


def test_all_words_are_in_one_sample_each_and_their_scores_are_meaned() -> None:
    clip = clip_samples("clip", WORDS, None, Extractor(length=6), Task())
    assert [len(piece) for piece in clip.pieces] == [5, 6, 2]
    assert sum(clip.pieces, ()) == WORDS
    assert clip.samples.ids == ("clip", "clip#2", "clip#3")
    said = predict_clip(Summing(), clip)  # type: ignore[arg-type]
    values = Summing().predict(clip.samples).values
    assert said["score"] == pytest.approx((5 * values[0] + 6 * values[1] + 2 * values[2]) / 13, abs=1e-5)
    assert [step["sample"] for step in said["steps"]] == [0] * 5 + [1] * 6 + [2] * 2
    assert said["trust"] == {"text": 1.0, "audio": 0.0, "vision": 0.0} == said["present"]
    assert said["words"] == 13


def test_stretches_with_nothing_to_go_by_are_left_out() -> None:
    words = [Word("yes", 0, 0.2), Word("", 5, 5.2)]
    clip = clip_samples("clip", words, None, Extractor(length=1), Task())
    assert len(clip.samples) == 1
    assert "1 of 2 stretches have nothing" in clip.notes[0]


@pytest.mark.parametrize("task", [Task(steps=True), Task("classification", emotions=("happy", "sad"))])
def test_other_tasks_have_labels_of_their_shape(task: Task) -> None:
    clip = clip_samples("clip", WORDS, None, Extractor(length=15), task)
    assert clip.samples.labels.shape == ((1, 15) if task.steps else (1, 2))


def test_the_same_clip_has_the_same_features(tmp_path: Path) -> None:
    path, extractor = make_clip(tmp_path), Extractor()
    one, two = (clip_samples("clip", WORDS, record(path, extractor), extractor, Task()).samples for _ in range(2))
    assert all((one.features[m] == two.features[m]).all() for m in one.features)


def test_nothing_loads_torch() -> None:
    import subprocess

    code = "import sys, talkoot.sentiment.clip.features, talkoot.sentiment.clip.streaming; " \
        "assert not {'torch', 'librosa', 'sklearn', 'transformers'} & set(sys.modules)"  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True)
    assert audio.WIDTHS["librosa"] == 33
