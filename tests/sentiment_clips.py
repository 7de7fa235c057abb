"""A clip that the tests make themselves: speech of espeak-ng and a moving picture of ffmpeg."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from talkoot.sentiment.clip import ffmpeg
from talkoot.sentiment.clip.subtitles import Word
from talkoot.sentiment.samples import Prediction, Samples

SENTENCE = "I really love this film. It was funny, and not boring at all."
WORDS = tuple(Word(word, 0.25 * i, 0.25 * i + 0.25) for i, word in enumerate(SENTENCE.split()))
SRT = "1\n00:00:00,000 --> 00:00:01,250\nI really love this film.\n\n2\n00:00:01,250 --> 00:00:03,250\n" \
    "It was funny, and not boring at all.\n"  # fmt: skip


def need_ffmpeg() -> None:
    """Skip where ffmpeg is missing."""
    if not ffmpeg.available():
        pytest.skip("ffmpeg absent: apt-get install ffmpeg")


def run(*words: str) -> None:
    """Run a program; its complaint is the test's."""
    subprocess.run(words, check=True, capture_output=True)


def make_clip(folder: Path, name: str = "clip.mp4", sound: bool = True, picture: bool = True) -> Path:
    """SENTENCE spoken, over a moving test picture."""
    need_ffmpeg()
    path = folder / name
    inputs = []
    if picture:
        inputs += ["-f", "lavfi", "-i", "testsrc2=size=96x72:rate=10:duration=3.5"]
    if sound:
        if shutil.which("espeak-ng") is None:
            pytest.skip("espeak-ng absent: apt-get install espeak-ng")
        run("espeak-ng", "-s", "200", "-w", str(folder / "speech.wav"), SENTENCE)
        inputs += ["-i", str(folder / "speech.wav")]
    run("ffmpeg", "-v", "error", "-y", *inputs, *(("-c:v", "mpeg4") if picture else ()), str(path))
    return path


def pictures(count: int, seed: int = 0) -> list[NDArray[np.uint8]]:
    """Random pictures of the size that statistics want."""
    return list(np.random.default_rng(seed).integers(0, 256, (count, 48, 64, 3), dtype=np.uint8))


class Summing:
    """A learner that looks back only: after each step, the mean so far of all numbers; trust by modality is its share
    of them."""

    name = "summing"

    def predict(self, samples: Samples) -> Prediction:
        sizes = np.stack([np.where(mask, np.abs(samples.features[m]).mean(2), 0)
                          for m, mask in samples.masks.items()], 2)  # fmt: skip
        count = np.maximum(np.cumsum(samples.valid, 1), 1)
        steps = (np.cumsum(sizes.sum(2), 1) / count).astype(np.float32)
        trust = (sizes / np.maximum(sizes.sum(2, keepdims=True), 1e-9)).astype(np.float32)
        return Prediction(steps[:, -1], trust, steps)
