"""`talkoot verify`: counts, exit codes, one JSON object, one message for what cannot be read."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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


def test_what_cannot_be_verified(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = call(monkeypatch, capsys, "household", "--json")
    assert code == 2
    assert "known is overcooked" in err
    assert "known is overcooked" in json.loads(out)["error"]
    file = tmp_path / "x.npz"
    file.write_bytes(b"PK\x03\x04")
    code, _, err = call(monkeypatch, capsys, "overcooked", str(file))
    assert code == 3
    assert err.count("\n") == 1
    assert "x.npz is a damaged npz file" in err
    assert call(monkeypatch, capsys, "overcooked", str(tmp_path / "none"))[0] == 2
    assert call(monkeypatch, capsys, "overcooked", str(file), "--rules", "odd")[0] == 2
