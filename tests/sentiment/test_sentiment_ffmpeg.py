"""Sound and pictures by a process of ffmpeg."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sentiment_clips import make_clip, need_ffmpeg, run
from talkoot.errors import BadInput
from talkoot.sentiment.clip import ffmpeg


@pytest.fixture(autouse=True)
def at_hand() -> None:
    need_ffmpeg()


def test_a_clip_has_sound_and_pictures_of_its_length(tmp_path: Path) -> None:
    path = make_clip(tmp_path)
    media = ffmpeg.probe(path)
    assert (media.sound, media.picture, media.width, media.height) == (True, True, 96, 72)
    sound = ffmpeg.sound(path)
    assert sound.dtype == np.float32
    assert 0.05 < np.abs(sound).max() <= 1.01
    seen = list(ffmpeg.pictures(path, 5, 16, 12))
    assert [time for time, _ in seen] == pytest.approx(np.arange(len(seen)) / 5)
    assert abs(len(seen) / 5 - 3.5) <= 0.4
    assert {picture.shape for _, picture in seen} == {(12, 16, 3)}
    assert abs(media.seconds - max(3.5, len(sound) / ffmpeg.RATE)) < 0.3


def test_only_the_first_pictures_can_be_read(tmp_path: Path) -> None:
    seen = ffmpeg.pictures(make_clip(tmp_path, sound=False), 5, 8, 6)
    assert next(seen)[0] == 0.0
    seen.close()  # ends the process without a verdict on the rest


def test_a_tone_is_the_tone_it_was(tmp_path: Path) -> None:
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=1000:duration=1", str(tmp_path / "-tone.wav"))
    sound = ffmpeg.sound(tmp_path / "-tone.wav")  # a name that looks like an option
    assert len(sound) == ffmpeg.RATE
    assert int(np.abs(np.fft.rfft(sound)).argmax()) == 1000


def test_sound_that_starts_late_starts_with_silence(tmp_path: Path) -> None:
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=32x32:rate=10:duration=2", "-itsoffset", "0.5",
        "-f", "lavfi", "-i", "sine=frequency=500:duration=1", "-c:v", "mpeg4", "-c:a", "pcm_s16le",
        str(tmp_path / "late.mkv"))  # fmt: skip
    sound = ffmpeg.sound(tmp_path / "late.mkv")
    assert np.abs(sound[:7000]).max() < 1e-3 < np.abs(sound[9000:]).max()


def test_what_is_no_clip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("hello")
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    for name in ("text.mp4", "list.m3u8"):
        with pytest.raises(BadInput, match=name):
            ffmpeg.probe(tmp_path / name)
    with pytest.raises(BadInput, match="is not a file"):
        ffmpeg.probe(tmp_path)
    with pytest.raises(BadInput, match="cannot read"):
        ffmpeg.sound(make_clip(tmp_path, sound=False))


def test_a_missing_ffmpeg_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not ffmpeg.available()
    with pytest.raises(BadInput, match="ffprobe is not installed"):
        ffmpeg.probe(tmp_path / "clip.mp4")
