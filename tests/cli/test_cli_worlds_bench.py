"""`talkoot worlds` and `talkoot bench`: one JSON object, tables, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from talkoot.cli import app
from talkoot.errors import BadInput


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_worlds_lists_all_and_draws_one() -> None:
    rows = json.loads(run("worlds", "--json"))["worlds"]
    assert rows[0]["name"] == "overcooked/cramped_room"
    assert rows[0]["paper_name"] == "Cramped Room"
    assert "overcooked/inverse_marshmallow_experiment" in run("worlds")
    one = json.loads(run("worlds", "overcooked/generate:seed=3,size=7x5", "--json"))
    assert [len(row) for row in one["rows"]] == [7] * 5
    assert "O  2O" in run("worlds", "simple")


def test_worlds_tells_episodes_and_draws_apartments(tmp_path: Path) -> None:
    rows = {row["name"]: row for row in json.loads(run("worlds", "--json"))["worlds"]}
    assert rows["household/test"]["tasks"] >= 50
    listed = run("worlds")
    assert "household/train" in listed
    assert "4 rooms" in listed
    told = json.loads(run("worlds", "household/test", "--json"))
    assert [task["seed"] for task in told["tasks"]] == list(range(rows["household/test"]["tasks"]))
    assert told["tasks"][0]["goal"].startswith("Find and put ")
    assert len(told["tasks"][0]["starts"]) == 2
    assert "plan" not in told
    text = run("worlds", "household/test")
    assert f"{len(told['tasks'])} episodes" in text
    assert "groceries" in text
    drawn = run("worlds", "household/birch:tasks=2", "--png", str(tmp_path / "birch.png"))
    assert "F fridge" in drawn
    assert "kitchen" in drawn
    assert "2 episodes" in drawn
    assert (tmp_path / "birch.png").read_bytes().startswith(b"\x89PNG")
    one = json.loads(run("worlds", "household/birch:tasks=2", "--json"))
    assert len(one["tasks"]) == 2
    assert any("=" in row for row in one["plan"])
    assert one["size"] == rows["household/birch"]["words"]
    assert one["size"] in drawn


@pytest.mark.parametrize("name", [(), ("cramped_room",), ("household/test",)])
def test_only_an_apartment_has_a_picture(name: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--png draws"):
        CliRunner().invoke(app, ["worlds", *name, "--png", str(tmp_path / "x.png")], catch_exceptions=False)


def test_worlds_and_bench_refuse_what_they_do_not_know() -> None:
    for arguments in (["worlds", "nowhere"], ["bench", "chess"], ["bench", "--layout", "nowhere"]):
        with pytest.raises(BadInput):
            CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_bench_measures() -> None:
    small = ["--steps", "2000", "--worlds", "70", "--repeats", "1", "--no-peers"]
    result = json.loads(run("bench", "overcooked", "--json", *small))
    assert result["rules_steps_per_s"] > 0
    assert result["observed_steps_per_s"] > 0
    assert "observed_steps_per_s" in run("bench", "overcooked", *small)
