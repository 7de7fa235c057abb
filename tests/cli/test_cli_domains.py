"""`talkoot domains`: list, check, new and generate, in words and as JSON, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from talkoot.cli import app
from talkoot.errors import BadInput
from talkoot.planning.packs.pack import list_packs, load_pack
from talkoot.planning.pddl.reader import load_problem


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["domains", *arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def test_the_domains_are_listed() -> None:
    rows = json.loads(run("list", "--json"))["domains"]
    assert [row["name"] for row in rows] == list_packs()
    assert "stack" in rows[1]["actions"]
    assert "floortile" in run("list")


def test_an_instance_is_printed_and_written(tmp_path: Path) -> None:
    known = load_pack("grippers")
    text, problem = known.generate(2, 7)
    told = json.loads(run("generate", "grippers", "--size", "2", "--seed", "7", "--json"))
    assert told["text"] == text
    read = load_problem(told["problem"], known.domain)
    assert (read.objects, set(read.init)) == (problem.objects, set(problem.init))
    assert run("generate", "grippers", "--size", "2", "--seed", "7").startswith(text)
    run("generate", "grippers", "--out", str(tmp_path / "task"))
    assert sorted(path.name for path in (tmp_path / "task").iterdir()) == ["domain.pddl", "problem.pddl", "task.txt"]


def test_a_new_domain_works_and_its_mistakes_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "elevator"
    told = json.loads(run("new", "elevator", "--folder", str(folder), "--json"))
    assert told["files"] == [
        "description.txt", "domain.pddl", "example.pddl", "example.txt", "generate.py", "pack.toml"
    ]  # fmt: skip
    assert "(domain elevator)" in (folder / "domain.pddl").read_text()
    assert "WRONG" not in run("check", str(folder), "--size", "1", "--time", "0")
    text = (folder / "example.txt").read_text()
    (folder / "example.txt").write_text(text.replace("letter is at market", "letter is at depot"))
    found = run("check", str(folder), "--size", "1", "--time", "0", code=2)
    assert "WRONG" in found
    assert "example.pddl" in found
    result = json.loads(run("check", str(folder), "--size", "1", "--time", "0", "--json", code=2))
    assert result["ok"] is False
    assert any("letter is at depot" in one["detail"] for one in result["checks"])


def test_a_domain_that_comes_along_is_checked_by_its_name() -> None:
    result = json.loads(run("check", "blocksworld", "--size", "1", "--seed", "3", "--json"))
    assert result["ok"] is True
    assert [one["ok"] for one in result["checks"] if one["name"] == "planning"] == [True]


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for arguments in (
        ["check", "nowhere"], ["check", "blocksworld", "--size", "0"], ["check", "blocksworld", "--time", "-1"],
        ["generate", "nowhere"], ["generate", "blocksworld", "--size", "0"], ["new", "Not A Name"],
        ["new", "elevator", "--folder", str(tmp_path / "full")],
    ):  # fmt: skip
        with pytest.raises(BadInput):
            CliRunner().invoke(app, ["domains", *arguments], catch_exceptions=False)
