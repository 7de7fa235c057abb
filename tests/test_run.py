"""Run folders: what was asked is kept, nothing is played or paid for twice, and damage is told."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from talkoot.errors import BadInput, CorruptRecord, ModelFailed
from talkoot.model import Model
from talkoot.run import Keep, Run, is_complete
from talkoot.types import Seat
from tally import Asker, Dice, Tally

ASKED = {"worlds": ["tally"], "seeds": [0, 1]}


class Interrupted(BaseException):
    """Comes out of the middle of an episode as Ctrl-C does, but leaves no half-dead event loop to the test run."""


def begin(model: Model) -> Callable[[Keep], Any]:
    def make(keep: Keep) -> tuple[Tally, dict[Seat, Asker]]:
        return Tally(), {0: Asker(keep(model)), 1: Asker(keep(model))}

    return make


def play(folder: Path, model: Model, name: str = "one", seed: int = 0) -> bool:
    with Run.open(folder, ASKED) as run:
        return asyncio.run(run.play(name, begin(model), seed=seed))


def test_an_episode_is_played_once(tmp_path: Path) -> None:
    model = Dice()
    assert play(tmp_path / "r", model)
    before = (tmp_path / "r/episodes/one.jsonl").read_bytes()
    assert not play(tmp_path / "r", model)
    assert model.calls == 12
    assert (tmp_path / "r/episodes/one.jsonl").read_bytes() == before
    run = Run.read(tmp_path / "r")
    assert run.asked == ASKED
    assert run.names() == ["one"]
    assert run.episode("one").score == sum(range(13))
    assert not list((tmp_path / "r/pending").iterdir())
    times = [json.loads(line) for line in (tmp_path / "r/timing.jsonl").read_text().splitlines()]
    assert [time["episode"] for time in times] == ["one"]


def test_equal_replies_give_equal_files(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        play(tmp_path / folder, Dice())
    first, second = ((tmp_path / folder / "episodes/one.jsonl").read_bytes() for folder in ("a", "b"))
    assert first == second
    assert b"seconds" not in first


@pytest.mark.parametrize("stop", [1, 2, 5, 8, 12])
@pytest.mark.parametrize("error", [ModelFailed("gone"), Interrupted()])
def test_what_was_paid_for_is_not_asked_again(tmp_path: Path, stop: int, error: BaseException) -> None:
    first = Dice(stop, error)
    with pytest.raises(type(error)):
        play(tmp_path / "r", first)
    assert not Run.read(tmp_path / "r").complete("one")
    second = Dice()
    second.calls = stop - 1  # goes on throwing where the first one stopped
    assert play(tmp_path / "r", second)
    assert second.calls == 12
    play(tmp_path / "whole", Dice())
    assert Run.read(tmp_path / "r").episode("one").score == Run.read(tmp_path / "whole").episode("one").score


def test_cut_lines_are_tolerated_and_replies_before_them_served(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        play(tmp_path / "r", Dice(7, Interrupted()))
    for part in ("episodes", "pending"):
        file = tmp_path / "r" / part / "one.jsonl"
        whole = file.read_bytes()
        assert whole.count(b"\n") > 2
        file.write_bytes(whole[:-10])
    model = Dice()
    model.calls = 100
    assert play(tmp_path / "r", model)
    assert model.calls == 100 + 12 - 5  # the sixth reply was cut off
    assert is_complete(tmp_path / "r/episodes/one.jsonl")


def test_damage_in_the_middle_names_file_and_line(tmp_path: Path) -> None:
    play(tmp_path / "r", Dice())
    file = tmp_path / "r/episodes/one.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    lines[3] = b"\x00\x00\x00\n"
    file.write_bytes(b"".join(lines))
    with pytest.raises(CorruptRecord, match=r"one\.jsonl, line 4"):
        Run.read(tmp_path / "r").episode("one")
    with pytest.raises(ModelFailed):
        play(tmp_path / "s", Dice(7))
    file = tmp_path / "s/pending/one.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], b"nonsense\n", *lines[2:]]))
    with pytest.raises(CorruptRecord, match=r"one\.jsonl, line 2"):
        play(tmp_path / "s", Dice())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"talkoot": "0"}', "\x00"])
def test_an_unreadable_header_is_told(tmp_path: Path, text: str) -> None:
    play(tmp_path / "r", Dice())
    (tmp_path / "r/run.json").write_text(text)
    for attempt in (lambda: Run.read(tmp_path / "r"), lambda: Run.open(tmp_path / "r", ASKED)):
        with pytest.raises(CorruptRecord, match=r"run\.json cannot be read"):
            attempt()


def test_another_request_is_refused_and_told_apart(tmp_path: Path) -> None:
    play(tmp_path / "r", Dice())
    with pytest.raises(BadInput, match=r"seeds was \[0, 1\], now \[0, 1, 2\].*choose another run folder"):
        Run.open(tmp_path / "r", {**ASKED, "seeds": [0, 1, 2]})
    header = json.loads((tmp_path / "r/run.json").read_text())
    (tmp_path / "r/run.json").write_text(json.dumps({**header, "talkoot": "0.0.1"}))
    with pytest.raises(BadInput, match=r"talkoot version was .0\.0\.1"):
        Run.open(tmp_path / "r", ASKED)


def test_other_folders_and_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInput, match=r"not a run folder .it holds thesis\.txt"):
        Run.open(tmp_path, ASKED)
    with pytest.raises(BadInput, match=r"thesis\.txt: is a file"):
        Run.open(tmp_path / "thesis.txt", ASKED)
    with pytest.raises(BadInput, match=r"no run\.json"):
        Run.read(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_two_writers_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talkoot.lock.PATIENCE", 0.1)
    with Run.open(tmp_path / "r", ASKED):
        with pytest.raises(BadInput, match="being written by another process"):
            Run.open(tmp_path / "r", ASKED)
        code = (
            "import sys, talkoot.lock as k, talkoot.run as r; k.PATIENCE = 0.1\n"
            f"try: r.Run.open(sys.argv[1], {ASKED!r})\n"
            "except Exception as e: print(e)"
        )
        told = subprocess.run([sys.executable, "-c", code, str(tmp_path / "r")], capture_output=True, text=True)
        assert f"another process ({os.getpid()})" in told.stdout
    Run.open(tmp_path / "r", ASKED).close()


class FullDisk:
    """A file on a disk with room for only a few more writes."""

    def __init__(self, file: Any, room: int) -> None:
        self.file, self.room = file, room

    def write(self, text: str) -> int:
        self.room -= 1
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return int(self.file.write(text))

    def flush(self) -> None:
        self.file.flush()


@pytest.mark.parametrize("room", [0, 1, 9])
def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    from talkoot.episode import EpisodeWriter

    play(tmp_path / "r", Dice(), name="zero")
    zero = (tmp_path / "r/episodes/zero.jsonl").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("talkoot.run.EpisodeWriter", lambda file: EpisodeWriter(FullDisk(file, room)))  # type: ignore[arg-type]
        with pytest.raises(OSError, match=r"one\.jsonl") as caught:
            play(tmp_path / "r", Dice())
    assert caught.value.errno == errno.ENOSPC
    assert (tmp_path / "r/episodes/zero.jsonl").read_bytes() == zero
    model = Dice()
    model.calls = 100
    play(tmp_path / "r", model)
    assert model.calls < 112 or room == 0
    assert Run.read(tmp_path / "r").complete("one")


def test_begin_that_refuses_leaves_the_run_usable(tmp_path: Path) -> None:
    def refuse(keep: Keep) -> Any:
        raise BadInput("no such agent")

    with Run.open(tmp_path / "r", ASKED) as run, pytest.raises(BadInput, match="no such agent"):
        asyncio.run(run.play("one", refuse))
    assert play(tmp_path / "r", Dice())


def test_a_header_that_was_never_finished_starts_afresh(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r/run.json.tmp").write_text('{"talk')
    (tmp_path / "r/lock").write_text("77\n")
    assert play(tmp_path / "r", Dice())
