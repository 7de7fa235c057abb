"""`talkoot plan validate`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DOMAIN = """(define (domain ferry) (:requirements :typing :action-costs) (:types boat bank goat)
  (:predicates (moored ?b - boat ?s - bank) (on ?g - goat ?s - bank))
  (:functions (total-cost) - number)
  (:action cross :parameters (?b - boat ?g - goat ?from ?to - bank)
    :precondition (and (moored ?b ?from) (on ?g ?from))
    :effect (and (moored ?b ?to) (not (moored ?b ?from)) (on ?g ?to) (not (on ?g ?from)) (increase (total-cost) 4))))"""
PROBLEM = """(define (problem one-goat) (:domain ferry) (:objects nef - boat left right - bank billy - goat)
  (:init (moored nef left) (on billy left) (= (total-cost) 0)) (:goal (on billy right))
  (:metric minimize (total-cost)))"""
PLAN = "; the only way\n(cross nef billy left right)\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("domain.pddl", DOMAIN), ("problem.pddl", PROBLEM), ("plan.txt", PLAN)):
        (tmp_path / name).write_text(text)
    return tmp_path


def run(folder: Path, *options: str, plan: str = PLAN) -> tuple[int, Any, str]:
    """Exit code, the JSON of standard output (its text without --json), and what stands on standard error."""
    (folder / "plan.txt").write_text(plan)
    command = [sys.executable, "-m", "talkoot", "plan", "validate", "domain.pddl", "problem.pddl", "plan.txt", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if "--json" not in options:
        return done.returncode, done.stdout, done.stderr
    assert len(done.stdout.splitlines()) == 1
    return done.returncode, json.loads(done.stdout), done.stderr


def test_a_valid_plan(files: Path) -> None:
    code, told, _ = run(files, "--json")
    assert (code, told) == (0, {"valid": True, "step": None, "reason": "", "cost": 4.0})


def test_an_invalid_plan(files: Path) -> None:
    code, told, error = run(files, "--json", plan=PLAN * 2)
    assert code == 14
    assert (told["valid"], told["step"], told["cost"]) == (False, 2, 4.0)
    assert "(moored nef left) is not true; (on billy left) is not true" in told["reason"]
    assert told["reason"] in error.replace("\n", " ")
    code, told, _ = run(files, "--json", plan="\n")
    assert (code, told["step"], told["cost"]) == (14, None, 0.0)


def test_words_and_page(files: Path) -> None:
    code, told, _ = run(files, "--json", "--tell", "--picture", "out/plan.html", "--agents", "boat")
    assert code == 0
    assert told["told"] == [
        {"step": 1, "words": "Cross nef, billy from left to right", "because": "for the goal: billy on right",
         "useless": False}]  # fmt: skip
    assert told["picture"] == "out/plan.html"
    assert "Cross nef, billy from left to right" in (files / "out" / "plan.html").read_text()
    code, text, _ = run(files, "--tell")
    assert text.splitlines() == [
        "valid: 1 step, cost 4",
        "1. Cross nef, billy from left to right (for the goal: billy on right)",
    ]


@pytest.mark.parametrize(
    ("options", "plan", "code", "message"),
    [
        (["--picture", "plan.gif"], PLAN, 2, "none of the endings .html"),
        (["--picture", "plan.png", "--agents", "plane"], PLAN, 2, "no type 'plane'; its types are boat, bank, goat"),
        ([], "(cross nef", 15, "is no step"),
    ],
)
def test_bad_input(files: Path, options: list[str], plan: str, code: int, message: str) -> None:
    found, told, error = run(files, "--json", *options, plan=plan)
    assert found == code
    assert message in told["error"]
    assert message in error


def test_faulty_pddl_and_missing_files(files: Path) -> None:
    (files / "problem.pddl").write_text(PROBLEM.replace("(on billy right))", "(near billy right))"))
    code, told, _ = run(files, "--json")
    assert code == 15
    assert "near" in told["error"]
    (files / "problem.pddl").unlink()
    code, told, _ = run(files, "--json")
    assert code == 2
    assert "problem.pddl is no file" in told["error"]
