"""Numbers of each moment of sound."""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pytest

from talkoot.errors import BadInput
from talkoot.sentiment.clip import audio
from talkoot.sentiment.clip.audio import FRAME, HOP, Spectral, audio_track, opensmile_track
from talkoot.sentiment.clip.ffmpeg import RATE


def tone(pitch: float, seconds: float, loud: float = 0.3) -> Any:
    return (loud * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def test_frames_have_33_numbers_and_their_times() -> None:
    track = audio_track(tone(440, 0.5), "librosa")
    count = (RATE // 2 - FRAME) // HOP + 1
    assert track.values.shape == (count, 33)
    assert track.at[:2].tolist() == [FRAME / 2 / RATE, (HOP + FRAME / 2) / RATE]
    assert track.known[-1] == ((count - 1) * HOP + FRAME) / RATE <= 0.5
    chroma, crossings = track.values[:, 20:32], track.values[:, 32]
    assert set(chroma.argmax(1)) == {9}  # A
    assert crossings.mean() == pytest.approx(2 * 440 / RATE, rel=0.05)


def test_louder_is_louder_and_silence_is_finite() -> None:
    loud, soft = (audio_track(tone(300, 0.2, size), "librosa").values[:, 0].mean() for size in (0.5, 0.05))
    assert loud > soft
    assert np.isfinite(audio_track(np.zeros(4000, np.float32), "librosa").values).all()


def test_pieces_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = np.random.default_rng(0).normal(0, 0.1, 9000).astype(np.float32)
    whole = Spectral().push(sound)
    stream = Spectral()
    parts = [stream.push(piece) for piece in np.split(sound, [1, 700, 1500, 1500, 6000])]
    assert np.concatenate([part.at for part in parts]).tolist() == whole.at.tolist()
    np.testing.assert_allclose(np.concatenate([part.values for part in parts]), whole.values, rtol=1e-4, atol=1e-4)
    monkeypatch.setattr(audio, "_BLOCK", 7)
    np.testing.assert_allclose(Spectral().push(sound).values, whole.values, rtol=1e-4, atol=1e-4)


def test_sound_shorter_than_a_frame_gives_nothing() -> None:
    assert audio_track(tone(440, 0.01), "librosa").values.shape == (0, 33)
    assert opensmile_track.__doc__ is not None


def test_opensmile_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    monkeypatch.setattr(audio, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="non-commercial"):
        audio_track(tone(440, 1), "opensmile")

    class Smile:
        def __init__(self, feature_set: str, level: str) -> None:
            assert (feature_set, level) == ("v02", "lld")

        def process_signal(self, sound: Any, rate: int) -> Any:
            starts = pd.to_timedelta(np.arange(3) / 100, unit="s")
            index = pd.MultiIndex.from_arrays([starts, starts + pd.Timedelta(seconds=0.02)], names=["start", "end"])
            return pd.DataFrame(np.full((3, 25), rate), index=index)

    fake = types.SimpleNamespace(Smile=Smile, FeatureSet=types.SimpleNamespace(eGeMAPSv02="v02"),
                                 FeatureLevel=types.SimpleNamespace(LowLevelDescriptors="lld"))  # fmt: skip
    monkeypatch.setattr(audio, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "opensmile", fake)  # type: ignore[arg-type]
    track = audio_track(tone(440, 1), "opensmile")
    assert (track.values.shape, track.values[0, 0]) == ((3, 25), RATE)
    assert track.at.tolist() == pytest.approx([0, 0.01, 0.02])
    assert track.known.tolist() == pytest.approx([0.02, 0.03, 0.04])
    assert len(audio_track(tone(440, 0.05), "opensmile").at) == 0


def test_a_missing_librosa_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="need librosa"):
        Spectral()
