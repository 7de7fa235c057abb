"""`talkoot plan solve` as a user runs it: one JSON object, exit codes, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from talkoot.lock import held
from talkoot.planning.engines.process import _leash

DOMAIN = """
(define (domain ferry) (:requirements :strips :typing :action-costs)
 (:types bank load) (:predicates (boat ?b - bank) (at ?l - load ?b - bank) (on ?l - load) (empty) (river ?a ?b - bank))
 (:functions (total-cost))
 (:action sail :parameters (?a ?b - bank) :precondition (and (boat ?a) (river ?a ?b))
  :effect (and (not (boat ?a)) (boat ?b) (increase (total-cost) 4)))
 (:action board :parameters (?l - load ?b - bank) :precondition (and (boat ?b) (at ?l ?b) (empty))
  :effect (and (on ?l) (not (at ?l ?b)) (not (empty)) (increase (total-cost) 1)))
 (:action leave :parameters (?l - load ?b - bank) :precondition (and (boat ?b) (on ?l))
  :effect (and (at ?l ?b) (empty) (not (on ?l)) (increase (total-cost) 1))))
"""
PROBLEM = """
(define (problem two-loads) (:domain ferry) (:objects north south - bank hay corn - load)
 (:init (boat south) (at hay north) (at corn north) (empty) (river north south) (river south north) (= (total-cost) 0))
 (:goal (and (at hay south) (at corn south))) (:metric minimize (total-cost)))
"""
COST = 20.0  # four crossings, two loads on and off


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "domain.pddl").write_text(DOMAIN)
    (tmp_path / "problem.pddl").write_text(PROBLEM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def solve(*arguments: str) -> tuple[int, dict[str, Any], str]:
    command = [sys.executable, "-m", "talkoot", "plan", "solve", "domain.pddl", "problem.pddl", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.returncode, json.loads(done.stdout) if "--json" in arguments else {}, done.stdout + done.stderr


def test_a_plan_as_json(files: Path) -> None:
    code, found, _ = solve("--prove", "--json", "--folder", "kept")
    assert code == 0
    assert list(found) == ["status", "cost", "bound", "plan", "engine", "reason", "seconds", "engine_seconds"]
    assert (found["status"], found["cost"], found["bound"]) == ("optimal", COST, COST)
    assert found["plan"][:2] == ["(sail south north)", "(board hay north)"] or found["plan"][1].startswith(
        "(board corn"
    )
    assert len(found["plan"]) == 8
    assert found["seconds"] >= found["engine_seconds"] > 0
    assert (files / "kept" / "lama-first.log").is_file()


def test_a_plan_as_text_and_what_is_said_beside_it(files: Path) -> None:
    code, _, said = solve("--engine", "lm-cut")
    assert code == 0
    assert said.count("(sail ") == 4
    assert "optimal: cost 20, no plan costs less than 20, by lm-cut" in said


def test_no_plan(files: Path) -> None:
    (files / "problem.pddl").write_text(PROBLEM.replace("(river south north)", ""))
    code, found, said = solve("--json")
    assert code == 9
    assert (found["status"], found["plan"], found["cost"]) == ("unsolvable", None, None)
    assert found["reason"] == "no action can ever reach (at hay south), (at corn south)"
    assert "unsolvable: no action can ever reach" in said


def test_no_time(files: Path) -> None:
    many = " ".join(f"l{number}" for number in range(60))
    init = " ".join(f"(at l{number} north)" for number in range(60))
    goal = " ".join(f"(at l{number} south)" for number in range(60))
    text = PROBLEM.replace("hay corn", many).replace("(at hay north) (at corn north)", init)
    (files / "problem.pddl").write_text(text.replace("(at hay south) (at corn south)", goal))
    code, found, _ = solve("--json", "--engine", "lm-cut", "--time", "1")
    assert code == 13
    assert found["status"] == "gave up"
    assert "limit of time" in found["reason"]


def test_wrong_input(files: Path) -> None:
    code, found, _ = solve("--json", "--engine", "magic")
    assert (code, list(found)) == (2, ["error"])
    (files / "problem.pddl").write_text(PROBLEM.replace("(boat south)", "(boot south)"))
    code, found, _ = solve("--json")
    assert code == 15
    assert "boot" in found["error"]
    (files / "problem.pddl").unlink()
    code, found, _ = solve("--json")
    assert code == 2
    assert "problem.pddl is no file" in found["error"]


def test_pipes_are_files_too(files: Path) -> None:
    for words in (
        "check domain.pddl /dev/stdin",
        "solve domain.pddl /dev/stdin",
        "validate ferry.pddl /dev/stdin plan",
    ):
        (files / "ferry.pddl").write_text(DOMAIN)
        done = subprocess.run(
            [sys.executable, "-m", "talkoot", "plan", *words.split()], input=PROBLEM, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        if "solve" in words:
            (files / "plan").write_text(done.stdout)


def test_a_domain_that_is_nowhere_and_a_problem_of_another(files: Path) -> None:
    (files / "domain.pddl").unlink()
    code, found, _ = solve("--json")
    assert code == 2
    assert "there is no file domain.pddl, and no domain of that name" in found["error"]
    (files / "domain.pddl").write_text(DOMAIN.replace("ferry", "other").replace("(boat ", "(barge "))
    code, found, _ = solve("--json")
    assert code == 15
    assert "the problem is of domain ferry" in found["error"] or "ferry" in found["error"].splitlines()[1]


def test_one_command_at_a_time_writes_to_a_folder(files: Path) -> None:
    with held(files / "kept"):
        code, found, _ = solve("--json", "--folder", "kept")
    assert code == 2
    assert f"kept is being written by another process ({os.getpid()})" in found["error"]


def test_a_folder_that_cannot_be_used(files: Path) -> None:
    (files / "taken").write_text("")
    code, found, _ = solve("--json", "--folder", "taken")
    assert code == 2
    assert "taken" in found["error"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_whatever_ends_talkoot_ends_the_planners(files: Path, how: signal.Signals) -> None:
    size = 15  # far more than can be searched while the test waits
    cells = [f"c{number}" for number in range(size)]
    (files / "domain.pddl").write_text(
        "(define (domain slide) (:requirements :typing) (:types cell tile)"
        " (:predicates (at ?t - tile ?c - cell) (blank ?c - cell) (next ?a ?b - cell))"
        " (:action slide :parameters (?t - tile ?a ?b - cell) :precondition (and (at ?t ?a) (blank ?b) (next ?a ?b))"
        "  :effect (and (not (at ?t ?a)) (at ?t ?b) (not (blank ?b)) (blank ?a))))"
    )
    pairs = [
        (a, b) for a in range(size) for b in range(size) if abs(a - b) == 3 or (abs(a - b) == 1 and a // 3 == b // 3)
    ]
    init = " ".join(f"(next {cells[a]} {cells[b]})" for a, b in pairs)
    init += " (blank c0) " + " ".join(f"(at t{number} c{number})" for number in range(1, size))
    goal = " ".join(f"(at t{number} c{size - 1 - number})" for number in range(1, size))
    (files / "problem.pddl").write_text(
        f"(define (problem p) (:domain slide) (:objects {' '.join(cells)} - cell"
        f" {' '.join(f't{number}' for number in range(1, size))} - tile) (:init {init}) (:goal (and {goal})))"
    )
    command = [sys.executable, "-m", "talkoot", "plan", "solve", "domain.pddl", "problem.pddl", "--engine", "lm-cut"]
    process = subprocess.Popen(
        [*command, "--folder", "run", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    log = files / "run" / "lm-cut.log"
    while not (log.exists() and "evaluated" in log.read_text()):
        assert process.poll() is None
        time.sleep(0.05)
    children = _children(process.pid)
    assert children
    process.send_signal(how)
    printed, said = process.communicate(timeout=20)
    if how == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 130
        assert "stopped, and the planners with it; their files are in run" in said
        assert "stopped" in json.loads(printed)["error"]
    if how == signal.SIGKILL and not _leash():
        return  # there the limit on CPU time ends them
    for _ in range(500):  # the kernel may take a moment
        if not any(Path(f"/proc/{child}/exe").exists() for child in children):
            break
        time.sleep(0.01)
    else:
        pytest.fail("a planner is left")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", ["plan solve domain.pddl problem.pddl", "plan solve domain.pddl problem.pddl --json"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_to_a_full_disk(files: Path, words: str, unbuffered: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "talkoot", *words.split()], stdout=full, stderr=subprocess.PIPE, text=True,
            timeout=60, env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    assert done.returncode == 6
    assert "no space left on the disk" in done.stderr
    assert "Traceback" not in done.stderr


def _children(parent: int) -> list[int]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == parent:
                found.append(int(entry))
    return found
