"""How something is said: numbers of each moment of sound."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.clip.ffmpeg import RATE
from talkoot.sentiment.clip.track import Track
from talkoot.sentiment.samples import Floats

FRAME, HOP = 1024, 256
"""Samples of a frame (64 ms) and from one frame to the next (16 ms)."""
PATIENCE = 0.25
"""A word too short for a frame of its own takes one that is at most so many seconds older."""

WIDTHS = {"librosa": 33, "opensmile": 25}
"""The kinds of audio features, and how many numbers each has."""
CAUSAL = ("librosa",)
"""Kinds in which no number depends on later sound, so that they can be computed while it arrives."""

_BLOCK = 2048  # frames computed at once: half a minute, a bounded share of memory for a recording of any length


class Spectral:
    """Mel cepstrum (20), chroma (12) and zero crossings (1) of sound that arrives piece by piece.

    The 33 numbers of CH-SIMS's audio (reference, 6) with two differences that let sound be read as it arrives: chroma
    is taken from the same short Fourier transform instead of a constant-Q one (whose low tones look more than a second
    ahead), at concert pitch; and decibels have no ceiling that depends on the loudest moment of the whole.
    """

    def __init__(self) -> None:
        if find_spec("librosa") is None:
            raise BadInput("audio features need librosa; run: pip install 'talkoot[sentiment]'")
        self._left: Floats = np.zeros(0, np.float32)
        self._frames = 0

    def push(self, sound: Floats) -> Track:
        """The frames that are complete with these samples (16 kHz, from -1 to 1), and were not before."""
        self._left = np.concatenate([self._left, sound])
        count = max(0, (len(self._left) - FRAME) // HOP + 1)
        parts = [self._numbers(self._left[k * HOP : (min(k + _BLOCK, count) - 1) * HOP + FRAME])
                 for k in range(0, count, _BLOCK)]  # fmt: skip
        starts = (self._frames + np.arange(count)) * HOP
        self._left = self._left[count * HOP :].copy()
        self._frames += count
        values = np.concatenate(parts) if parts else np.zeros((0, WIDTHS["librosa"]), np.float32)
        return Track((starts + FRAME / 2) / RATE, (starts + FRAME) / RATE, values)

    @staticmethod
    def _numbers(sound: Floats) -> Floats:
        import librosa

        power = np.abs(librosa.stft(sound, n_fft=FRAME, hop_length=HOP, center=False)) ** 2
        mel = librosa.feature.melspectrogram(S=power, sr=RATE, n_mels=64)
        cepstrum = librosa.feature.mfcc(S=librosa.power_to_db(mel, top_db=None), n_mfcc=20)
        chroma = librosa.feature.chroma_stft(S=power, sr=RATE, n_fft=FRAME, tuning=0.0)
        frames = np.lib.stride_tricks.sliding_window_view(sound >= 0, FRAME)[::HOP]
        crossings = (frames[:, 1:] != frames[:, :-1]).mean(1)
        return np.concatenate([cepstrum.T, chroma.T, crossings[:, None]], 1).astype(np.float32)


def opensmile_track(sound: Floats) -> Track:
    """The 25 low-level descriptors of eGeMAPSv02 every 10 ms, by openSMILE.

    openSMILE's licence allows research and private use only. Raises BadInput where it is not installed.
    """
    if find_spec("opensmile") is None:
        raise BadInput("openSMILE is not installed; run: pip install opensmile (its licence is non-commercial), or "
                       "take the audio features of librosa")  # fmt: skip
    import opensmile

    if len(sound) < RATE // 10:  # it answers a sound shorter than its window with a warning and NaN
        return Track.empty(WIDTHS["opensmile"])
    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)
    table = smile.process_signal(sound, RATE)
    starts, ends = (_seconds(table.index.get_level_values(name).to_numpy()) for name in ("start", "end"))
    return Track(starts, np.minimum(ends, len(sound) / RATE), table.to_numpy(np.float32))


def audio_track(sound: Floats, kind: str) -> Track:
    """All moments of a recording (16 kHz), by `librosa` or `opensmile`."""
    return opensmile_track(sound) if kind == "opensmile" else Spectral().push(sound)


def _seconds(times: NDArray[np.timedelta64]) -> NDArray[np.float64]:
    seconds: NDArray[np.float64] = times / np.timedelta64(1, "s")
    return seconds
