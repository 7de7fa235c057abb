"""`talkoot eval` in homes: the promised rows, the reference beside them, start states from files, and going on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from talkoot.cli import main
from talkoot.run import is_complete
from talkoot.worlds.household import sets
from talkoot.worlds.household.task_file import write_tasks

HOME = "household/aspen:tasks=2,limit=90"


def talkoot(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["talkoot", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)  # type: ignore[arg-type]


def test_rows_have_what_is_promised(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    arguments = ["eval", HOME, "--team", "greedy+greedy,coela+stay", "--workers", 1]
    assert talkoot(monkeypatch, *arguments, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["seeds"] == [0, 1]  # all episodes of the world
    assert told["episodes"] == sum(row["episodes"] for row in told["rows"]) == 2 + 4
    assert told["complete"]
    assert told["reference"] == {"team": "mhp", "episodes": 4, "missing": 0}
    assert [row["team"] for row in told["rows"]] == ["greedy+greedy", "coela+stay"]
    for row in told["rows"]:
        assert row["steps_ci95"][0] <= row["steps_mean"] <= row["steps_ci95"][1]
        assert 0 <= row["success"] <= 1
        assert -1 <= row["efficiency_improvement"] <= 1
        assert row["messages_mean"] >= 0
        assert row["tasks"] == 2
    assert told["rows"][1]["tokens"] > 0
    assert talkoot(monkeypatch, *arguments) == 0
    shown = capsys.readouterr().out
    assert "4 of 4 episodes of mhp alone" in shown
    assert "success" in shown


def test_the_reference_that_is_asked_for_is_a_row(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    arguments = ["eval", HOME, "--seeds", "1", "--workers", 1, "--json"]
    assert talkoot(monkeypatch, *arguments, "--team", "mhp", "--team", "greedy+greedy") == 0
    told = json.loads(capsys.readouterr().out)
    assert "reference" not in told
    alone, both = told["rows"]
    assert (alone["episodes"], alone["efficiency_improvement"]) == (2, 0.0)
    expected = (alone["steps_mean"] - both["steps_mean"]) / max(alone["steps_mean"], both["steps_mean"])
    assert both["efficiency_improvement"] == pytest.approx(expected)
    assert talkoot(monkeypatch, *arguments, "--team", "greedy+greedy", "--no-reference") == 0
    row = json.loads(capsys.readouterr().out)["rows"][0]
    assert row["efficiency_improvement"] is None
    assert row["steps_mean"] == both["steps_mean"]


@pytest.mark.data
def test_recorded_start_states(runs: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    folder = data / "household/episodes"
    assert talkoot(monkeypatch, "eval", "household", "--episodes", folder, "--team", "greedy+greedy", "--no-reference",
                   "--json") == 0  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    row = told["rows"][0]
    assert row["world"] == f"household:episodes={folder}"
    assert row["episodes"] == len(list(folder.glob("episode_*")))
    asked = json.loads((Path(told["run"]) / "run.json").read_text())["asked"]
    assert list(asked["files"]) == [f"episodes={folder}"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cramped_room", "--episodes", "x"), "the only WORLD with it is household, not cramped_room"),
        (("household", "--episodes", "nowhere"), "there is no folder nowhere"),
        (("household",), "names no home; known are household/test"),
        (("household/nowhere",), "unknown world 'household/nowhere'; known are"),
        (("household/test:talk=loud",), "write one of costly, free, off"),
        (("household/test:activity=chess",), "write one of tea, dishes, meal, groceries, table"),
    ],
)
def test_bad_requests_are_told_in_one_line(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, arguments: tuple[str, ...], words: str
) -> None:
    assert talkoot(monkeypatch, "eval", *arguments, "--team", "stay+stay") == 2
    told = capsys.readouterr()
    assert words in re.sub(r"\s+", " ", told.err)
    assert told.err.count("talkoot: ") == 1
    assert not runs.exists()


def test_a_team_that_does_not_fit_is_told_before_anything_is_played(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert talkoot(monkeypatch, "eval", HOME, "cramped_room:horizon=9", "--team", "mhp+mhp") == 2
    assert "overcooked has no mhp" in capsys.readouterr().err
    assert not runs.exists()


def test_a_task_file_is_a_world_and_part_of_the_request(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    tasks = sets.task_set("test")[:2]
    homes = {task.apartment.name: sets.load_apartment(task.apartment.name) for task in tasks}
    write_tasks(tasks, "mine.json", homes)
    arguments = ["eval", "household/mine.json", "--team", "greedy+greedy", "--no-reference", "--workers", 1, "--json"]
    assert talkoot(monkeypatch, *arguments) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["seeds"] == [0, 1]
    assert first["rows"][0]["success"] == 1.0
    write_tasks(tasks[1:], "mine.json", homes)
    assert talkoot(monkeypatch, *arguments) == 0
    second = json.loads(capsys.readouterr().out)
    assert second["run"] != first["run"]
    assert second["seeds"] == [0]


def _done(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "episodes").glob("*.jsonl") if is_complete(path)}


def test_ctrl_c_and_the_same_command_again_end_as_if_undisturbed(tmp_path: Path) -> None:
    def start(folder: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", "from talkoot.cli import main; main()", "eval", "household/test:limit=60", "--team",
             "coela+greedy", "--seeds", "0:2", "--workers", "2", "--no-reference", "--json", "--run", str(folder)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    running = start(tmp_path / "stopped")
    while running.poll() is None and not _done(tmp_path / "stopped"):
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    out, errors = running.communicate(timeout=100)
    assert "Traceback" not in errors
    if running.returncode != 0:  # else it was faster than we
        assert running.returncode == 130
        assert not json.loads(out)["complete"]
    finished = _done(tmp_path / "stopped")
    rows = []
    for name in ("stopped", "whole"):
        out, errors = start(tmp_path / name).communicate(timeout=200)
        rows.append(json.loads(out)["rows"])
    assert rows[0] == rows[1]
    assert _done(tmp_path / "stopped") == _done(tmp_path / "whole")
    assert finished.items() <= _done(tmp_path / "whole").items()
