"""`talkoot judge pipeline` on a finished run of the smallest preset, and its options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import talkoot.judging.pipeline as pipeline
from judging_nano import copied, finished, nano, timeless
from talkoot.cli import app
from talkoot.cli.judge import pipeline as command
from talkoot.errors import BadInput
from talkoot.judging.pipeline import presets


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(presets.PRESETS, "nano", nano())
    return copied(tmp_path / "run")


def call(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["judge", "pipeline", *map(str, arguments)], catch_exceptions=False)


def test_json_is_one_object_of_figures(folder: Path) -> None:
    result = call("--preset", "nano", "--out", folder, "--jobs", 1, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert timeless(told) == finished()[1]
    assert told == json.loads((folder / "figures.json").read_text())
    assert "seconds" in told["labels"]


def test_tables_for_people(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    result = call("--preset", "nano", "--out", folder, "--jobs", 1)
    for words in ("Policy (unseen problems", "self-segmented", "rel-ratio:gamma=0.8", "warm start", "rs-ft",
                  "chunk-reset", "the judge is"):  # fmt: skip
        assert words in result.stdout
    assert "judges" in result.stderr  # how far it is


def test_options_reach_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def note(sizes: presets.Preset, **given: Any) -> dict[str, Any]:
        given.pop("say")
        asked.append((sizes.name, given))
        return finished()[1]

    monkeypatch.setattr(pipeline, "run_pipeline", note)
    monkeypatch.chdir(tmp_path)
    call("--preset", "smoke", "--seed", 3, "--ablations", "--jobs", 2, "--json")
    call("--json")
    assert asked == [
        ("smoke", {"seed": 3, "out": Path("runs/judge-smoke-3"), "ablations": True, "jobs": 2}),
        ("cpu", {"seed": 0, "out": Path("runs/judge-cpu-0"), "ablations": False, "jobs": 0}),
    ]


def test_an_unknown_preset_and_missing_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="no preset 'huge'; take one of smoke, cpu, gpu"):
        call("--preset", "huge")
    monkeypatch.setattr(command, "find_spec", lambda package: None)
    with pytest.raises(
        BadInput, match=r"judge pipeline needs torch, safetensors; run: pip install 'talkoot\[judging\]'"
    ):
        call("--preset", "smoke")


def test_fewer_jobs_than_none_are_refused() -> None:
    result = call("--preset", "smoke", "--jobs", "-1")
    assert (result.exit_code, "jobs" in result.output) == (2, True)


def test_a_folder_of_another_run(folder: Path) -> None:
    with pytest.raises(BadInput, match="holds a run of preset nano with seed 0"):
        call("--preset", "nano", "--seed", 1, "--out", folder, "--json")
