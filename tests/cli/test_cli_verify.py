"""`talkoot verify`: counts, exit codes, one JSON object, one message for what cannot be read."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from household_homes import two_rooms_task
from household_recorded import ALICE, BOB, episode_of, write_episode
from talkoot.cli import main


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["talkoot", "verify", *words])
    with pytest.raises(SystemExit) as end:
        main()
    told = capsys.readouterr()
    code: Any = end.value.code
    return code or 0, told.out, told.err


@pytest.mark.data
def test_the_recorded_data_are_exact(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    code, out, err = call(monkeypatch, capsys, "overcooked", "--json")
    told = json.loads(out)
    assert code == 0
    assert err == ""
    assert (told["transitions"], told["exact"], told["first_difference"]) == (51_759, 51_759, None)
    assert sum(part["transitions"] for part in told["parts"]) == 51_759
    code, out, _ = call(monkeypatch, capsys, "overcooked", str(data / "overcooked" / "human_train.npz"))
    assert code == 0
    assert "46,729 of 46,729 transitions are exact" in out
    assert "10,768" in out


@pytest.mark.data
def test_a_difference_is_told_and_the_exit_code_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path
) -> None:
    with np.load(data / "overcooked" / "small_trajectories.npz") as stored:
        d = {key: stored[key].copy() for key in stored.files}
    d["reward"][100] = 3
    file = tmp_path / "changed.npz"
    np.savez(file, **d)
    code, out, _ = call(monkeypatch, capsys, "overcooked", str(file), "--json")
    told = json.loads(out)
    assert code == 1
    assert (told["transitions"], told["exact"]) == (5_030, 5_029)
    assert told["first_difference"]["row"] == 100
    assert told["first_difference"]["differs"] == {"reward": {"recorded": 12, "replayed": 0}}
    code, out, _ = call(monkeypatch, capsys, "overcooked", str(file))
    assert code == 1
    assert "5,029 of 5,030" in out
    assert "reward: recorded 12, replayed 0" in out


@pytest.mark.data
def test_the_recorded_household_is_ours(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(monkeypatch, capsys, "household", "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert (told["episodes"], told["steps"], told["walks"], told["passed"]) == (5, 474, 157, True)
    assert told["steps_agree"] >= 0.98 * told["steps"]
    assert told["walks_within_1"] >= 0.9 * told["walks"]
    assert told["observations"] == told["observations_agree"] == 948


def test_a_household_episode_of_our_own_is_verified(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = episode_of(two_rooms_task(), ALICE, BOB)
    path = write_episode(tmp_path / "episode_07.json.gz", data)
    for name in (str(tmp_path), str(path)):
        code, out, err = call(monkeypatch, capsys, "household", name, "--json")
        told = json.loads(out)
        assert (code, err) == (0, "")
        assert (told["episodes"], told["steps"], told["steps_agree"], told["walks"]) == (1, 12, 12, 2)
    code, out, _ = call(monkeypatch, capsys, "household", str(tmp_path))
    assert code == 0
    assert "100.0% of 12 steps are as recorded (at least 98% are asked for)" in out
    assert "episode_07" in out
    assert "recorded [" not in out


def test_a_household_that_differs_is_told_and_the_exit_code_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = episode_of(two_rooms_task(), ALICE, BOB)
    for seat in (0, 1):
        for step in range(12):
            data["run"]["visible"][seat][step] = [1, 2]
    data["run"]["rooms"][1][5] = "kitchen"
    path = write_episode(tmp_path / "episode_07.json.gz", data)
    code, out, _ = call(monkeypatch, capsys, "household", str(path), "--json")
    told = json.loads(out)
    assert code == 1
    assert told["passed"] is False
    assert len(told["differences"]) == 20
    code, out, _ = call(monkeypatch, capsys, "household", str(path))
    assert code == 1
    assert "0.0% of 24 observations are as recorded (at least 100% are asked for, which is too few)" in out
    assert "seat 0, visible: recorded" in out
    assert "more differences" in out


def test_household_records_that_are_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_episode(tmp_path / "episode_07.json.gz", episode_of(two_rooms_task()))
    code, _, err = call(monkeypatch, capsys, "household", str(tmp_path))
    assert code == 2
    assert "has a recorded run to replay" in err
    code, _, err = call(monkeypatch, capsys, "household", str(tmp_path / "none"))
    assert code == 2
    assert "there is no folder" in err
    (tmp_path / "episode_08.json").write_text("{")
    code, out, err = call(monkeypatch, capsys, "household", str(tmp_path), "--json")
    assert code == 3
    assert err.count("\n") == 1
    assert "episode_08.json is not a recorded household episode" in json.loads(out)["error"]
    assert call(monkeypatch, capsys, "household", str(tmp_path), "--rules", "old")[0] == 2
    monkeypatch.setenv("TALKOOT_DATA", str(tmp_path))
    code, _, err = call(monkeypatch, capsys, "household")
    assert code == 2
    assert "set TALKOOT_DATA" in err


def test_what_cannot_be_verified(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = call(monkeypatch, capsys, "kitchen", "--json")
    assert code == 2
    assert "known are overcooked, household" in err
    assert "known are overcooked, household" in json.loads(out)["error"]
    file = tmp_path / "x.npz"
    file.write_bytes(b"PK\x03\x04")
    code, _, err = call(monkeypatch, capsys, "overcooked", str(file))
    assert code == 3
    assert err.count("\n") == 1
    assert "x.npz is a damaged npz file" in err
    assert call(monkeypatch, capsys, "overcooked", str(tmp_path / "none"))[0] == 2
    assert call(monkeypatch, capsys, "overcooked", str(file), "--rules", "odd")[0] == 2
