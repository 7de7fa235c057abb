"""`talkoot play --team human+...`: a person at a terminal or behind a pipe, stopped and going on."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from talkoot.cli import main
from talkoot.cli.person import Lines, shown
from talkoot.episode import read_episode, run_sync

WORLD = "cramped_room:horizon=6,talk=on"


def play(monkeypatch: pytest.MonkeyPatch, lines: str, *arguments: object) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    monkeypatch.setattr(sys, "argv", ["talkoot", "play", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)  # type: ignore[arg-type]


def test_an_episode_is_stopped_and_goes_on(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    arguments = [WORLD, "--team", "human+stay", "--json"]
    assert play(monkeypatch, "1\nsay hello\nquit\n", *arguments) == 130
    told = capsys.readouterr()
    assert "the same command goes on" in json.loads(told.out)["error"]
    assert "<Player 0>, step 0" in told.err
    assert "(say TEXT (up to 200); help, quit)" in told.err
    assert play(monkeypatch, "wait\n", *arguments) == 130  # the input ends
    told = capsys.readouterr()
    assert "the input has ended" in json.loads(told.out)["error"]
    assert "step 0 " not in told.err
    assert "stay  “hello”" in told.err
    assert play(monkeypatch, "nonsense\n1\n" + "wait\n" * 9, *arguments) == 0
    told = capsys.readouterr()
    assert "neither a number" in told.err
    result = json.loads(told.out)
    assert (result["steps"], result["calls"]) == (6, 0)
    episode = read_episode(Path(result["episode"]))
    assert episode.actions()[3][0] == "stay"
    assert episode.started.team == {0: "human", 1: "stay"}
    assert play(monkeypatch, "", *arguments) == 0
    assert "played before" in capsys.readouterr().err


def test_at_home_nothing_is_shown_but_what_the_seat_knows(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    code = play(monkeypatch, "say Hello Alice.\nhelp\n" + "1\n" * 9, "household/test:limit=7", "--team",
                "randomplan+human", "--watch")  # fmt: skip
    told = capsys.readouterr()
    assert code == 0
    assert "Bob, step 0" in told.err
    assert "Find and put" in told.err
    assert "it takes the step" in re.sub(r"\s+", " ", told.err)
    assert "goals left" in told.out
    assert "1 sent, 1 delivered, 1 steps" in told.out
    assert "randomplan" not in told.err


def test_a_person_does_not_sit_in_an_evaluation(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(sys, "argv", ["talkoot", "eval", WORLD, "--team", "human+stay"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert "talkoot play" in capsys.readouterr().err
    assert not runs.exists()


def _until(descriptor: int, words: str) -> str:
    heard, end = "", time.monotonic() + 60
    while words not in heard and time.monotonic() < end:
        heard += os.read(descriptor, 4096).decode(errors="replace")
    return heard


def test_ctrl_c_at_a_terminal_ends_cleanly(tmp_path: Path) -> None:
    here, there = pty.openpty()
    code = "from talkoot.cli import main; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", code, "play", WORLD, "--team", "human+stay", "--run", str(tmp_path / "r")],
        stdin=there, stdout=subprocess.PIPE, stderr=there, text=True, start_new_session=True,
    )  # fmt: skip
    assert "quit)" in _until(here, "quit)")
    os.write(here, b"1\n")
    heard = _until(here, "interact")
    assert "interact" in heard
    if "quit)" not in heard.partition("interact")[2]:  # it may have been read at once
        _until(here, "quit)")
    running.send_signal(signal.SIGINT)
    out, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in out
    assert '"reply":"1"' in next((tmp_path / "r/pending").iterdir()).read_text()
    os.close(here)
    os.close(there)


def test_lines_of_a_pipe_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = os.pipe()
    os.write(there, "eins\r\nzw\u00f6lf\n\nend".encode())
    os.close(there)
    with os.fdopen(here) as file:
        monkeypatch.setattr(sys, "stdin", file)

        async def read() -> list[str | None]:
            lines = Lines()
            return [await lines.read() for _ in range(6)]

        assert run_sync(read()) == ["eins", "zw\u00f6lf", "", "end", None, None]


def test_words_from_elsewhere_cannot_steer_the_terminal() -> None:
    assert shown("a\x1b[2Jb\nc") == "a·[2Jb c"
