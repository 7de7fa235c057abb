"""Recorded replies become plans without a model."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from talkoot.planning.comparison.replies import process, understand
from talkoot.planning.packs.pack import load_pack
from talkoot.planning.pddl.printer import print_problem, read_plan
from talkoot.planning.plans.validate import validate

BLOCKS = load_pack("blocksworld")


def test_a_right_reply_gives_a_plan_and_its_papers(tmp_path: Path) -> None:
    text, truth = BLOCKS.generate(4, 2)
    done = process(BLOCKS.domain_text, text, f"Here it is:\n```lisp\n{print_problem(truth)}\n```\nGood luck!", tmp_path)
    assert (done.claimed, done.flagged) == (True, False)
    assert validate(BLOCKS.domain, truth, read_plan((tmp_path / "plan.txt").read_text())).ok
    assert (tmp_path / "status.txt").read_text().split()[0] in ("solved", "optimal")
    faults = json.loads((tmp_path / "faults.json").read_text())
    assert all(fault["mended"] for fault in faults)
    assert "(:goal" in (tmp_path / "problem.pddl").read_text()


def test_a_reply_to_another_task_gives_no_plan_and_says_why(tmp_path: Path) -> None:
    (text, _), (_, other) = BLOCKS.generate(4, 2), BLOCKS.generate(4, 3)
    (tmp_path / "plan.txt").write_text("(left over)")
    done = process(BLOCKS.domain_text, text, print_problem(other), tmp_path)
    assert (done.claimed, done.flagged, done.status) == (False, True, "contradiction")
    assert not (tmp_path / "plan.txt").exists()
    assert [fault for fault in json.loads((tmp_path / "faults.json").read_text()) if not fault["mended"]]


@pytest.mark.parametrize(
    "reply", ["", "I am sorry, I cannot do that.", "(define (problem", "(define (domain d))", ")))(((", "\ud800"]
)
def test_a_reply_without_a_problem_solves_nothing(tmp_path: Path, reply: str) -> None:
    done = process(BLOCKS.domain_text, BLOCKS.generate(2, 1)[0], reply, tmp_path)
    assert (done.claimed, done.flagged, done.status) == (False, True, "faulty")
    status, reason = (tmp_path / "status.txt").read_text().splitlines()
    assert status == "faulty"
    assert reason


def test_a_goal_out_of_reach_is_told(tmp_path: Path) -> None:
    pack = load_pack("termes")
    text, truth = pack.generate(2, 1)
    depot = next(atom[1] for atom in truth.init if atom[0] == "is-depot")
    reply = print_problem(truth).replace(f"(height {depot} n0)\n", "")  # nothing can be built from a depot of no height
    done = process(pack.domain_text, text, reply, tmp_path)
    assert not done.claimed
    assert done.flagged


def _recorded(data: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    def lines(name: str) -> list[dict[str, Any]]:
        with gzip.open(data / "llmp" / name, "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    domains, tasks = dict[str, str](), dict[tuple[str, str], dict[str, Any]]()
    for row in lines("tasks.jsonl.gz"):
        if row["kind"] == "domain":
            domains[row["domain"]] = row["domain_pddl"]
        else:
            tasks[row["domain"], row["task"]] = row
    return [(domains[row["domain"]], tasks[row["domain"], row["task"]], row) for row in lines("replies_gpt4.jsonl.gz")]


@pytest.mark.data
def test_the_recorded_replies_are_understood_and_the_wrong_one_is_flagged(data: Path) -> None:
    flagged = []
    for domain_text, task, row in _recorded(data):
        _, _, faults = understand(domain_text, task["nl"], row["reply"])
        if any(not fault.mended for fault in faults):
            flagged.append((row["domain"], row["task"]))
    assert flagged == [("termes", "p14")]


@pytest.mark.data
def test_replies_to_other_recorded_tasks_contradict_the_text(data: Path) -> None:
    rows = _recorded(data)
    for (domain_text, task, _), (_, other, wrong) in zip(rows[::4], rows[5::4], strict=False):
        _, _, faults = understand(domain_text, task["nl"], wrong["reply"])
        assert any(not fault.mended for fault in faults), (task["domain"], task["task"], other["task"])
