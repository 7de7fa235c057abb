"""`talkoot plan --method`: one task by a compared method, its plan told as unchecked."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from talkoot.cli import main
from talkoot.models.testserver import TestServer, serving
from talkoot.planning.comparison.unchecked import PUBLISHED
from talkoot.planning.packs.pack import load_pack

EXAMPLE = ("--domain", "blocksworld", "--example")


def talkoot(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["talkoot", "plan", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", PUBLISHED)
def test_every_method(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, method: str) -> None:
    assert talkoot(monkeypatch, *EXAMPLE, "--method", method, "--run", runs, "--json") == 8
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "unchecked"
    assert len(told["plan"]) == len(told["told"]) > 2
    assert told["plan"][0].split()[0] in load_pack("blocksworld").domain.actions
    assert told["calls"] >= 1
    assert (runs / "plan.txt").read_text().count("\n") == len(told["plan"])
    assert (runs / "told.txt").read_text().startswith("UNCHECKED")
    assert (runs / "status.txt").read_text() == "unchecked\n"
    assert (runs / "reply-1.txt").exists()
    assert (runs / "problem.pddl").exists() == method.startswith("llmp")


def test_words_and_bad_replies(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    replies = ["1. Pick up b1 from the table\n2. Sing", "I do not know."]
    with serving(TestServer(lambda messages: replies[0])) as server:
        asked = ("Put b1 on b2.", "--domain", "blocksworld", "--method", "llm_plan", "--model", server.name)
        assert talkoot(monkeypatch, *asked, "--run", runs / "a") == 8
        out = capsys.readouterr().out
        assert "UNCHECKED" in out
        assert "1. Pick up b1 from the table" in out
        assert "(not understood: 2. sing)" in out
        replies[0] = "I do not know."
        assert talkoot(monkeypatch, *asked, "--run", runs / "b") == 13
        assert "No plan: the reply holds no step that can be read" in capsys.readouterr().out
        assert not (runs / "b" / "plan.txt").exists()
    assert (
        talkoot(monkeypatch, *asked, "--run", runs / "a", "--json") == 8
    )  # served from the folder, the server is gone
    assert json.loads(capsys.readouterr().out)["plan"] == ["pickup b1"]
    assert talkoot(monkeypatch, *asked, "--run", runs / "c") == 4
    assert (runs / "c" / "status.txt").read_text().startswith("model failed\n")


def test_wrong_methods(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    for method in ("magic", "llmp"):
        assert talkoot(monkeypatch, *EXAMPLE, "--method", method) == 2
        assert "the compared methods are llm_plan" in capsys.readouterr().err
