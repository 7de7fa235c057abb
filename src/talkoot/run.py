"""Run folders: what was asked, every episode while it is played, and all that is needed to go on where a run stopped.

    FOLDER/run.json               what was asked and by which version; written once, atomically
    FOLDER/episodes/NAME.jsonl    the record of one episode, appended while it is played
    FOLDER/pending/NAME.jsonl     model replies of an episode that is not finished yet
    FOLDER/timing.jsonl           wall times, kept apart so that equal replies give equal episode files

An episode is complete if its last line is `ended`. One that was cut off is played again from its start: everything is
deterministic but the model, and the model's replies were written to `pending` at the moment they came, so they are
served again and nothing is asked twice.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

from talkoot import __version__
from talkoot.agent import Agent
from talkoot.disk import named
from talkoot.episode import Episode, EpisodeWriter, read_episode, run_episode
from talkoot.errors import BadInput, CorruptRecord
from talkoot.events import Event
from talkoot.lock import PATIENCE, take_lock
from talkoot.model import Model
from talkoot.models.limits import Recorder, Resumed, read_answers
from talkoot.types import Json, Seat
from talkoot.world import World

Keep = Callable[[Model], Model]
"""Wraps a model so that its replies are written down for the episode at hand and served again after a restart."""


class Run:
    """A run folder. `Run.open` creates one or goes on with it (and locks it); `Run.read` only looks."""

    def __init__(self, folder: Path, asked: Mapping[str, Json], version: str = __version__) -> None:
        self.folder = folder
        self.asked = dict(asked)
        self.version = version
        self._lock: int | None = None

    @classmethod
    def open(cls, folder: str | Path, asked: Mapping[str, Json]) -> Run:
        """Create the folder, or go on with it if the same was asked before; held until `close`.

        Raises BadInput if the folder holds something else or another process writes to it, CorruptRecord if its
        `run.json` cannot be read.
        """
        run = cls(Path(folder), json.loads(json.dumps(asked)))
        try:
            run.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            why = "is a file" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror
            raise BadInput(f"{folder} cannot be a run folder ({error.filename}: {why}); choose another one") from None
        strangers = [p.name for p in run.folder.iterdir() if p.name not in ("lock", "run.json.tmp")]
        if strangers and not (run.folder / "run.json").exists():
            raise BadInput(
                f"{folder} is not a run folder (it holds {sorted(strangers)[0]}); choose an empty or new one"
            )
        run._lock = take_lock(run.folder)
        try:
            if (run.folder / "run.json").exists():
                run._check_same(cls.read(run.folder))
            else:
                run._write_header()
            for part in ("episodes", "pending"):
                (run.folder / part).mkdir(exist_ok=True)
        except BaseException:
            run.close()
            raise
        return run

    @classmethod
    def read(cls, folder: str | Path) -> Run:
        """Look at a run folder without locking it; `play` works on it only while its opener holds the lock.

        Raises BadInput if there is no run, CorruptRecord if `run.json` cannot be read.
        """
        path = Path(folder) / "run.json"
        try:
            header = json.loads(path.read_bytes())
            return cls(Path(folder), header["asked"], header["talkoot"])
        except (FileNotFoundError, NotADirectoryError):
            raise BadInput(f"{folder} is not a run folder: it has no run.json") from None
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise CorruptRecord(
                f"{path} cannot be read ({error}); restore it, or choose another run folder and start anew"
            ) from error

    def close(self) -> None:
        """Let go of the lock."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def path(self, name: str) -> Path:
        """The file of an episode."""
        return self.folder / "episodes" / f"{name}.jsonl"

    def names(self) -> list[str]:
        """The names of all episodes that were begun, sorted."""
        return sorted(path.stem for path in (self.folder / "episodes").glob("*.jsonl"))

    def complete(self, name: str) -> bool:
        """Whether the episode was played to its end."""
        return is_complete(self.path(name))

    def episode(self, name: str) -> Episode:
        """Read an episode, complete or cut off; raises CorruptRecord with file and line if it is damaged."""
        return read_episode(self.path(name))

    async def play(
        self,
        name: str,
        begin: Callable[[Keep], tuple[World, Mapping[Seat, Agent]]],
        *,
        seed: int = 0,
        names: Mapping[Seat, str] | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> bool:
        """Play an episode into the folder unless it is complete already; returns whether it had to be played.

        `begin` makes the world and the team; it passes each of the team's models through the function that it is
        given, so that replies are kept. `on_event` hears of every event after it was written. Whatever `run_episode`
        raises goes through, and so does OSError when the disk is full; what was written by then stays.
        """
        path, pending = self.path(name), self.folder / "pending" / f"{name}.jsonl"
        with named(path):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        with _closing(os.fdopen(handle, "w", encoding="utf-8", newline="\n")) as file:
            await _lock_for(path, handle)
            if is_complete(path):
                pending.unlink(missing_ok=True)
                return False
            started = time.perf_counter()
            with named(path):
                world, team = begin(Pending(pending).keep)
                os.ftruncate(handle, 0)
                write = EpisodeWriter(file)

                def record(event: Event) -> None:
                    write(event)
                    if on_event is not None:
                        on_event(event)

                await run_episode(world, team, seed, record=record, names=names)
            self._note_time(name, time.perf_counter() - started)
        pending.unlink(missing_ok=True)
        return True

    def _note_time(self, name: str, seconds: float) -> None:
        path = self.folder / "timing.jsonl"
        with named(path), path.open("a") as file:
            file.write(json.dumps({"episode": name, "seconds": round(seconds, 4)}) + "\n")

    def _check_same(self, other: Run) -> None:
        """Raise BadInput that names what differs from an earlier request."""
        now = {**_flat(self.asked), "talkoot version": self.version}
        then = {**_flat(other.asked), "talkoot version": other.version}
        differ = [key for key in {**then, **now} if now.get(key) != then.get(key)]
        if differ:
            told = "; ".join(f"{key} was {_short(then.get(key))}, now {_short(now.get(key))}" for key in differ)
            raise BadInput(
                f"{self.folder} holds another run: {told}. Ask for the same again, or choose another run folder"
            )

    def _write_header(self) -> None:
        header = {"talkoot": self.version, "python": platform.python_version(), "asked": self.asked}
        part = self.folder / "run.json.tmp"
        with named(part), part.open("w", encoding="utf-8") as file:
            file.write(json.dumps(header, ensure_ascii=False, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self.folder / "run.json")


class Pending:
    """The model replies of one unfinished episode: each is written the moment it comes, those of last time are served.

    `keep` is meant to be the outermost wrapper, so that what is served costs no budget. Failures of last time are not
    served: those calls are asked again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._answers = [answer for answer in read_answers(path) if not answer.error] if path.exists() else []
        self._kept: dict[str, Model] = {}

    def keep(self, model: Model) -> Model:
        """Wrap a model; the seats that share its name share what is served."""
        if model.name not in self._kept:
            mine = [answer for answer in self._answers if answer.model == model.name]
            self._kept[model.name] = Resumed(Recorder(model, self.path), mine)
        return self._kept[model.name]


def is_complete(path: Path) -> bool:
    """Whether an episode file ends with a whole line of kind `ended`."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 4096))
            tail = file.read()
    except FileNotFoundError:
        return False
    if not tail.endswith(b"\n"):
        return False
    try:
        return bool(json.loads(tail.splitlines()[-1])["kind"] == "ended")
    except (ValueError, KeyError, TypeError):
        return False


async def _lock_for(path: Path, handle: int) -> None:
    """Lock an episode file: a worker whose parent was killed may still be writing its last line."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise BadInput(f"{path} is being written by another process; wait for it or end it") from None
            await asyncio.sleep(0.02)


@contextmanager
def _closing(file: TextIO) -> Iterator[TextIO]:
    """Yield the file and close it; a second failure in closing (a full disk) must not hide the first."""
    try:
        yield file
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    file.close()


def _flat(asked: Mapping[str, Json]) -> dict[str, Json]:
    """A request with each entry of its groups by itself, so that a difference is told by name."""
    flat: dict[str, Json] = {}
    for key, value in asked.items():
        flat |= {f"{key} {name}": part for name, part in value.items()} if isinstance(value, dict) else {key: value}
    return flat


def _short(value: Json) -> str:
    text = "absent" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."
