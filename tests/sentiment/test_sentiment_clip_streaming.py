"""A clip read while it arrives says what the whole says."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sentiment_clips import WORDS, Summing, make_clip, pictures
from talkoot.errors import BadInput
from talkoot.sentiment.clip.audio import audio_track
from talkoot.sentiment.clip.extractor import Extractor
from talkoot.sentiment.clip.faces import picture_track
from talkoot.sentiment.clip.features import Clip, Recording, clip_samples, record
from talkoot.sentiment.clip.ffmpeg import RATE
from talkoot.sentiment.clip.streaming import Heard, Stream, stream_file
from talkoot.sentiment.clip.subtitles import Word
from talkoot.sentiment.learner import Learner
from talkoot.sentiment.samples import Prediction, Samples, Task


def learner() -> Any:
    return Summing()


def same(heard: list[Heard], clip: Clip, model: Learner) -> None:
    said = model.predict(clip.samples)
    assert said.steps is not None
    assert said.trust is not None
    assert [one.word for one in heard] == [word for piece in clip.pieces for word in piece]
    for one in heard:
        assert one.values[0] == pytest.approx(float(said.steps[one.piece, one.step]), rel=1e-4, abs=1e-5)
        assert one.trust is not None
        assert list(one.trust.values()) == pytest.approx(said.trust[one.piece, one.step].tolist(), abs=1e-4)


@pytest.mark.parametrize("length", [50, 4])
def test_a_file_that_arrives_says_what_the_whole_says(tmp_path: Path, length: int) -> None:
    path, extractor = make_clip(tmp_path), Extractor(length=length, width=16)
    clip = clip_samples("clip", WORDS, record(path, extractor), extractor, Task())
    same(list(stream_file(Stream(learner(), extractor, Task()), path, WORDS, block=0.3)), clip, learner())


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_arrival_says_the_same(seed: int) -> None:
    extractor = Extractor(length=6, width=8)
    draw = random.Random(seed)
    sound = np.random.default_rng(seed).normal(0, 0.1, 3 * RATE).astype(np.float32)
    seen = [(k / 5, one) for k, one in enumerate(pictures(15, seed))]
    starts = sorted(draw.uniform(0, 3.2) for _ in range(9))
    words = [
        Word(draw.choice(["so.", "good", "bad"]), start, start + draw.choice([0.0, 0.05, 0.4])) for start in starts
    ]
    recording = Recording(3.0, {"audio": audio_track(sound, "librosa"), "vision": picture_track(iter(seen))})
    clip = clip_samples("clip", words, recording, extractor, Task())
    stream, heard, at = Stream(learner(), extractor, Task()), [], 0
    queue, left = list(words), list(seen)
    while at < len(sound) or queue or left:
        which = draw.randrange(3)
        if which == 0 and at < len(sound):
            step = draw.randrange(1, 9000)
            heard += stream.push_sound(sound[at : at + step])
            at += step
        elif which == 1 and left:
            heard += stream.push_picture(*left.pop(0))
        elif which == 2 and queue and (queue[0].start <= at / RATE or at >= len(sound)):
            heard += stream.push_word(queue.pop(0))
    same(heard + stream.finish(), clip, learner())


def test_a_word_waits_until_its_time_has_passed() -> None:
    stream = Stream(learner(), Extractor(width=8), Task(), picture=False)
    assert stream.push_word(Word("good", 0.0, 0.5)) == []
    assert stream.push_sound(np.zeros(RATE // 2, np.float32)) == []
    (heard,) = stream.push_sound(np.zeros(RATE // 2, np.float32))
    assert (heard.piece, heard.step, heard.trust is not None) == (0, 0, True)
    assert stream.samples.words[0][0] == "good"
    with pytest.raises(BadInput, match="in the order of their start"):
        stream.push_word(Word("early", -0.5, 0.2))


def test_text_alone_needs_no_waiting_and_nothing_to_go_by_is_told() -> None:
    stream = Stream(learner(), Extractor(width=8), Task(), sound=False, picture=False)
    (heard,) = stream.push_word(Word("", 0, 1))
    assert math.isnan(heard.values[0])
    assert heard.trust is None
    (heard,) = stream.push_word(Word("good", 1, 2))
    assert heard.trust == {"text": 1.0, "audio": 0.0, "vision": 0.0}


def test_emotions_are_told_by_their_probabilities() -> None:
    class Sure:
        name = "sure"

        def predict(self, samples: Samples) -> Prediction:
            return Prediction(np.tile(np.float32([0.25, 0.75]), (len(samples), 1)))

    sure: Any = Sure()
    stream = Stream(sure, Extractor(audio="", vision=""), Task("classification", emotions=("a", "b")))
    (heard,) = stream.push_word(Word("good", 1, 2))
    assert (heard.values, heard.trust) == ((0.25, 0.75), None)


def test_features_that_look_ahead_are_refused() -> None:
    with pytest.raises(BadInput, match="look ahead"):
        Stream(learner(), Extractor(audio="opensmile"), Task())


def test_a_trained_team_with_causal_masks_says_the_same(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from talkoot.sentiment.clip.corpus import joined
    from talkoot.sentiment.models import named

    extractor = Extractor(length=6, width=8)
    clip = clip_samples("clip", WORDS, record(make_clip(tmp_path), extractor), extractor, Task())
    model = named("cosa:causal=true,width=8,heads=2,epochs=1")
    model.fit(joined([clip.samples], "clip"), None, seed=0)
    same(list(stream_file(Stream(model, extractor, Task()), tmp_path / "clip.mp4", WORDS)), clip, model)
