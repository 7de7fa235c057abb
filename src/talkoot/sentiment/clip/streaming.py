"""A clip read while it arrives: after every word, what the model thinks so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.clip import audio, faces, ffmpeg
from talkoot.sentiment.clip.audio import Spectral
from talkoot.sentiment.clip.extractor import Extractor, Plugins
from talkoot.sentiment.clip.faces import PictureStatistics
from talkoot.sentiment.clip.features import begins_anew, samples_of, text_reader
from talkoot.sentiment.clip.ffmpeg import RATE, Picture
from talkoot.sentiment.clip.subtitles import Word
from talkoot.sentiment.clip.track import Track, word_means
from talkoot.sentiment.clip.words import meant
from talkoot.sentiment.learner import Learner
from talkoot.sentiment.samples import Floats, Marks, Samples, Task


@dataclass(frozen=True)
class Heard:
    """What the model thinks after a word: the value so far (or the probability of each emotion), and how much each
    modality counted at this word, where the model has such a thing. `piece` counts samples, `step` words in it."""

    word: Word
    piece: int
    step: int
    values: tuple[float, ...]
    trust: dict[str, float] | None


class Stream:
    """Sound, pictures and words as they arrive. A word is answered when its time has passed.

    Features are those of `clip_samples`, so that a model with causal masks says the same here after every word as
    `Prediction.steps` does of the whole. `sound` and `picture` tell what is going to arrive; what is not is masked.
    Raises BadInput for an extractor that needs to look ahead.
    """

    def __init__(
        self, learner: Learner, extractor: Extractor, task: Task, *, sound: bool = True, picture: bool = True
    ) -> None:
        if not extractor.causal:
            raise BadInput(
                f"features {extractor.text or '-'}, {extractor.audio or '-'}, {extractor.vision or '-'} look ahead and "
                "cannot be made while a clip arrives; train with hashed words, librosa and picture statistics"
            )
        self.learner, self.extractor, self.task = learner, extractor, task
        self._spectral = Spectral() if sound and extractor.audio else None
        self._statistics = PictureStatistics() if picture and extractor.vision else None
        self._text = text_reader(extractor, Plugins())
        self._tracks = {m: Track.empty(width) for m, width in extractor.widths.items() if m != "text"}
        self._until = {"audio": 0.0, "vision": 0.0}
        self._waiting: deque[Word] = deque()
        self._piece: list[Word] = []
        self._number = 0
        self._xs: dict[str, list[Floats]] = {}
        self._marks: dict[str, list[Marks]] = {}

    def push_sound(self, sound: Floats) -> list[Heard]:
        """The next samples, [n] float32 at 16 kHz. Gives what can be said now."""
        if self._spectral is not None:
            self._tracks["audio"] = self._spectral.push(sound).after(self._tracks["audio"])
            self._until["audio"] += len(sound) / RATE
        return self._ready()

    def push_picture(self, time: float, picture: Picture) -> list[Heard]:
        """The next picture, of the size of `faces.SIZE`, and its time; `rate` of them come each second."""
        if self._statistics is not None:
            times = np.array([time])
            track = Track(times, times, self._statistics.push(picture)[None])
            self._tracks["vision"] = track.after(self._tracks["vision"])
            self._until["vision"] = time + 1 / self.extractor.rate
        return self._ready()

    def push_word(self, word: Word) -> list[Heard]:
        """The next word. Raises BadInput for one that starts before the word before it."""
        before = self._waiting[-1] if self._waiting else self._piece[-1] if self._piece else None
        if before is not None and word.start < before.start:
            raise BadInput(f"the word {word.text!r} at {word.start:g} seconds comes after one at {before.start:g}; "
                           "words are pushed in the order of their start")  # fmt: skip
        self._waiting.append(word)
        return self._ready()

    def finish(self) -> list[Heard]:
        """Nothing more arrives: what can be said of the words that are left."""
        return [self._heard(self._waiting.popleft()) for _ in range(len(self._waiting))]

    @property
    def samples(self) -> Samples:
        """The sample of the words since the last new beginning."""
        read = ({m: np.concatenate(x) for m, x in self._xs.items()},
                {m: np.concatenate(mark) for m, mark in self._marks.items()})  # fmt: skip
        return samples_of([f"stream#{self._number + 1}"], [self._piece], [read], self.extractor, self.task,
                          f"a stream; {self.extractor.mark}")  # fmt: skip

    def _ready(self) -> list[Heard]:
        out = []
        while self._waiting and self._passed(self._waiting[0].end):
            out.append(self._heard(self._waiting.popleft()))
        return out

    def _passed(self, time: float) -> bool:
        awaited = [m for m, of in (("audio", self._spectral), ("vision", self._statistics)) if of is not None]
        return all(self._until[m] > time + 1e-6 for m in awaited)

    def _heard(self, word: Word) -> Heard:
        if begins_anew(self._piece, word, self.extractor.length):
            self._piece, self._xs, self._marks = [], {}, {}
            self._number += 1
        self._piece.append(word)
        for m in self.extractor.widths:
            if m == "text":
                assert self._text is not None
                x = self._text([word.text])
                mark = meant(x)
            else:
                patience = audio.PATIENCE if m == "audio" else faces.PATIENCE
                x, mark = word_means(self._tracks[m], [word], patience)
                # Words come in the order of their start: nothing before this one's is asked for again.
                self._tracks[m] = self._tracks[m].since(word.start - patience - 1e-3)
            self._xs.setdefault(m, []).append(x)
            self._marks.setdefault(m, []).append(mark)
        step = len(self._piece) - 1
        nothing = (float("nan"),) * (len(self.task.emotions) or 1)
        if not any(mark.any() for marks in self._marks.values() for mark in marks):
            return Heard(word, self._number, step, nothing, None)
        samples = self.samples
        said = self.learner.predict(samples)
        row = said.values[0] if said.steps is None or self.task.emotions else said.steps[0]
        values = tuple(map(float, row)) if self.task.emotions else (float(row if row.ndim == 0 else row[step]),)
        trust = None if said.trust is None else dict(
            zip(samples.modalities, map(float, said.trust[0, step]), strict=True))  # fmt: skip
        return Heard(word, self._number, step, values, trust)


def stream_file(stream: Stream, path: Path, words: tuple[Word, ...], block: float = 0.25) -> Iterator[Heard]:
    """Play a file into a stream, `block` seconds at a time, as it would arrive; words come when they start."""
    media = ffmpeg.probe(path)
    sound = ffmpeg.sound(path) if media.sound else np.zeros(0, np.float32)
    pictures = ffmpeg.pictures(path, stream.extractor.rate, *faces.SIZE) if media.picture else iter(())
    left = deque(words)
    ahead = next(pictures, None)
    for k in range(int(media.seconds / block) + 2):
        now = (k + 1) * block
        while left and left[0].start < now:
            yield from stream.push_word(left.popleft())
        yield from stream.push_sound(sound[round(k * block * RATE) : round(now * RATE)])
        while ahead is not None and ahead[0] < now:
            yield from stream.push_picture(*ahead)
            ahead = next(pictures, None)
    yield from chain.from_iterable(map(stream.push_word, left))
    yield from stream.finish()
