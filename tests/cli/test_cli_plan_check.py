import json
import sys
from pathlib import Path
from typing import Any

import pytest

from talkoot.cli import main
from talkoot.planning.packs.pack import load_pack

DOMAIN = """(define (domain lamps) (:requirements :typing) (:types lamp)
 (:predicates (lit ?l - lamp) (beside ?a ?b - lamp))
 (:action light :parameters (?l - lamp) :precondition (not (lit ?l)) :effect (lit ?l)))"""
GOOD = "(define (problem two) (:domain lamps) (:objects a b - lamp) (:init (lit a)) (:goal (lit b)))"
COMPACT = (
    "(define (problem row) (:domain lamps) (:objects l1..l9 - lamp) (:init (chain beside l1..l9)) (:goal (lit l9)))"
)
BAD = "(define (problem two) (:domain lamp)\n (:objects a b - lamp)\n (:init (lit a b) (lits a))\n (:goal (lit b)))"


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command on texts; gives the exit code and what it wrote to standard output."""

    def run(*texts: str, options: tuple[str, ...] = ()) -> tuple[int, str]:
        paths = []
        for name, text in zip(("domain.pddl", "problem.pddl"), texts, strict=False):
            (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
            paths.append(str(tmp_path / name))
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "argv", ["talkoot", "plan", "check", *paths, *options])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0), capsys.readouterr().out

    return run


def test_nothing_wrong(check: Any) -> None:
    code, text = check(DOMAIN, GOOD)
    assert code == 0
    assert "domain lamps: 2 predicates, 1 actions; problem two: 2 objects, 1 facts; no faults" in text
    assert check(DOMAIN)[0] == 0
    assert "8 facts, written out from the compact form" in check(DOMAIN, COMPACT)[1]


def test_all_faults_are_shown_and_the_exit_code_says_that_some_are_open(check: Any) -> None:
    code, text = check(DOMAIN, BAD)
    assert code == 15
    assert "problem.pddl:3:9" in text
    assert "write (lit ?l - lamp)" in text
    assert "mended; write (:domain lamps)" in text
    assert "did you mean lit?" in text
    assert "3 faults, 2 of them not mended" in text


def test_json(check: Any) -> None:
    code, text = check(DOMAIN, BAD, options=("--json",))
    found = json.loads(text)
    assert (code, found["ok"]) == (15, False)
    assert [(fault["kind"], fault["line"], fault["mended"]) for fault in found["faults"]] == [
        ("domain-name", 1, True), ("arity", 3, False), ("unknown-predicate", 3, False),
    ]  # fmt: skip
    keys = {"line", "column", "kind", "message", "remedy", "section", "mended", "file"}
    assert set(found["faults"][0]) == keys
    assert found["faults"][0]["file"].endswith("problem.pddl")
    code, text = check(DOMAIN, GOOD.replace("lamps)", "lamp)"), options=("--json",))
    assert (code, json.loads(text)["ok"]) == (0, True)


def test_what_cannot_be_read(check: Any) -> None:
    assert check("", GOOD)[0] == 15
    assert check(DOMAIN, "sorry")[0] == 15
    assert check(DOMAIN, "\udcff\udcfe(define")[0] == 15
    assert check(DOMAIN, options=("nowhere.pddl",))[0] == 2


def test_the_domain_may_be_a_pack(check: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    pack = load_pack("termes")
    for named in ("termes", str(pack.folder)):
        monkeypatch.setattr(
            sys, "argv", ["talkoot", "plan", "check", named, str(pack.folder / "example.pddl"), "--json"]
        )
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        assert json.loads(capsys.readouterr().out) == {"faults": [], "ok": True}
    for wrong in (str(tmp_path), "nowhere"):
        monkeypatch.setattr(sys, "argv", ["talkoot", "plan", "check", wrong])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 2
        assert "is no file; name a PDDL file, or the name or folder of a domain pack" in capsys.readouterr().err
