"""Numbers along a recording, and their means over the times of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from talkoot.sentiment.clip.subtitles import Word
from talkoot.sentiment.samples import Floats, Marks

_CLOSE = 1e-6  # seconds; times come from texts with three digits


@dataclass(frozen=True)
class Track:
    """F moments: `values` [F, d] float32, and when each was (`at` [F], rising) and was known (`known` [F], rising)."""

    at: NDArray[np.float64]
    known: NDArray[np.float64]
    values: Floats

    @classmethod
    def empty(cls, width: int) -> Track:
        """Not a single moment."""
        return cls(np.zeros(0), np.zeros(0), np.zeros((0, width), np.float32))

    def after(self, other: Track) -> Track:
        """`other` and then this."""
        return Track(np.concatenate([other.at, self.at]), np.concatenate([other.known, self.known]),
                     np.concatenate([other.values, self.values]))  # fmt: skip

    def since(self, time: float) -> Track:
        """What was at `time` or later."""
        first = int(np.searchsorted(self.at, time))
        return Track(self.at[first:], self.known[first:], self.values[first:])


def word_means(track: Track, words: Sequence[Word], patience: float) -> tuple[Floats, Marks]:
    """The mean over each word's moments: [T, d] float32, and [T] whether there were any.

    A word's moments are those from its start on that are known when it ends, so that nothing is read ahead. A word too
    short for any takes the last one known by its end, if it is not older than `patience` seconds at its start. Moments
    with a number that is not finite do not count. (CMU's alignment by words; reference, 6.)
    """
    means = np.zeros((len(words), track.values.shape[1]), np.float32)
    marks = np.zeros(len(words), dtype=np.bool_)
    sound = np.isfinite(track.values).all(1)
    at, known, values = track.at[sound], track.known[sound], track.values[sound]
    for i, word in enumerate(words):
        first = int(np.searchsorted(at, word.start - _CLOSE))
        last = int(np.searchsorted(known, word.end + _CLOSE, side="right"))
        if first >= last > 0 and at[last - 1] >= word.start - patience - _CLOSE:
            first = last - 1
        if first < last:
            means[i], marks[i] = values[first:last].mean(0, dtype=np.float64), True
    return means, marks
