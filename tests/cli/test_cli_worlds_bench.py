"""`talkoot worlds` and `talkoot bench`: one JSON object, tables, and refusals."""

from __future__ import annotations

import json

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
