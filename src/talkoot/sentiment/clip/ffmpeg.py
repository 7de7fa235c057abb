"""Sound and pictures of a file, by a process of ffmpeg. Nothing is fetched: only local files are opened."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.samples import Floats

RATE = 16000
"""Samples of sound a second."""

Picture = NDArray[np.uint8]
"""[height, width, 3], red, green and blue."""


@dataclass(frozen=True)
class Media:
    """What a file holds: its length, and whether there is sound and a moving picture (of `width` x `height`)."""

    path: Path
    seconds: float
    sound: bool
    picture: bool
    width: int = 0
    height: int = 0


def available() -> bool:
    """Are ffmpeg and ffprobe at hand?"""
    return all(shutil.which(name) for name in ("ffmpeg", "ffprobe"))


def probe(path: Path) -> Media:
    """Look into a file. Raises BadInput where it is missing, holds neither sound nor pictures, or has no length."""
    if not path.is_file():
        raise BadInput(f"{path} is not a file; name a video or a recording, such as clip.mp4 or clip.wav")
    fields = "format=duration:stream=codec_type,width,height,duration:stream_disposition=attached_pic"
    with _process("ffprobe", "-show_entries", fields, "-of", "json", *_input(path), of=path) as out:
        told = json.loads(out.read() or b"{}")
    streams: list[dict[str, Any]] = told.get("streams", [])
    # The cover of a song is a stream of one picture, and says nothing of a face.
    pictures = [one for one in streams
                if one.get("codec_type") == "video" and not one.get("disposition", {}).get("attached_pic")]  # fmt: skip
    sound = any(one.get("codec_type") == "audio" for one in streams)
    if not sound and not pictures:
        raise BadInput(f"{path} has neither sound nor pictures; name a video or a recording")
    lengths = [one["duration"] for one in (told.get("format", {}), *streams) if "duration" in one]
    seconds = max((float(one) for one in lengths), default=0.0)
    if not seconds > 0:
        raise BadInput(f"{path} has no length; it may be cut off: run it through `ffmpeg -i IN -c copy OUT` first")
    width, height = (int(pictures[0].get(side, 0)) for side in ("width", "height")) if pictures else (0, 0)
    return Media(path, seconds, sound, bool(pictures), width, height)


def sound(path: Path, rate: int = RATE) -> Floats:
    """All channels of the first sound track as one, [seconds * rate] float32 from -1 to 1, silence where it starts
    late. Raises BadInput for a file that cannot be read or has no sound."""
    # first_pts pads the start, async fills holes: a sample's place is its time.
    arguments = ("-map", "0:a:0", "-ac", "1", "-af", "aresample=async=1:first_pts=0", "-ar", str(rate), "-f", "f32le")
    with _process("ffmpeg", "-nostdin", *_input(path), *arguments, "pipe:1", of=path) as out:
        raw = out.read()
    return np.frombuffer(raw[: len(raw) // 4 * 4], dtype="<f4").astype(np.float32)


def pictures(path: Path, per_second: int, width: int, height: int) -> Iterator[tuple[float, Picture]]:
    """The pictures of the first video track at a fixed rate and size, each with its time in seconds.

    Raises BadInput for a file that cannot be read or has no pictures.
    """
    filters = f"fps=fps={per_second}:start_time=0,scale={width}:{height}:flags=area"
    arguments = ("-map", "0:v:0", "-an", "-vf", filters, "-pix_fmt", "rgb24", "-f", "rawvideo")
    size = width * height * 3
    with _process("ffmpeg", "-nostdin", *_input(path), *arguments, "pipe:1", of=path) as out:
        number = 0
        while len(raw := out.read(size)) == size:
            yield number / per_second, np.frombuffer(raw, np.uint8).reshape(height, width, 3)
            number += 1


def _input(path: Path) -> tuple[str, ...]:
    """A local file whatever its name; play lists and the like cannot lead anywhere else."""
    return ("-protocol_whitelist", "file,pipe,crypto,data", "-i", f"file:{path.absolute()}")


@contextmanager
def _process(name: str, *arguments: str, of: Path) -> Iterator[IO[bytes]]:
    """What a program writes; its complaint as BadInput. It is ended when the block is."""
    program = shutil.which(name)
    if program is None:
        raise BadInput(f"{name} is not installed, and {of} cannot be read without it; install ffmpeg "
                       "(apt-get install ffmpeg, brew install ffmpeg)")  # fmt: skip
    with tempfile.TemporaryFile() as complaints:  # a pipe that nobody reads could fill up and stop it
        process = subprocess.Popen([program, "-v", "error", *arguments], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=complaints)  # fmt: skip
        finished = False
        try:
            assert process.stdout is not None
            yield process.stdout
            finished = not process.stdout.read(1)  # whoever looks at a part only wants no verdict on the rest
        finally:
            if not finished:
                process.kill()
            if process.stdout is not None:
                process.stdout.close()
            code = process.wait()
        if finished and code:
            complaints.seek(0)
            lines = complaints.read().decode("utf-8", "replace").strip().splitlines() or [f"exit code {code}"]
            raise BadInput(f"{name} cannot read {of}: {lines[-1].strip()}; name another file, or convert this one")
