"""A pack from a folder is checked, completed, audited and solved by the same code as those that come along.

The pack was written from `docs/planning_domains.md` alone; nothing in the code knows of its trains.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from planning_fakes import Scripted
from talkoot.cli import app
from talkoot.planning.engines.portfolio import solve
from talkoot.planning.faults import doubtful
from talkoot.planning.packs.audit import audit
from talkoot.planning.packs.check import check_pack
from talkoot.planning.packs.complete import complete
from talkoot.planning.packs.pack import Pack, load_pack, pack_for
from talkoot.planning.pddl.printer import print_problem
from talkoot.planning.pddl.reader import read_problem
from talkoot.planning.pipeline import plan_task
from talkoot.planning.plans.validate import validate
from talkoot.problem import Atom, Problem, literals

FOLDER = Path(__file__).parents[3] / "examples" / "domains" / "shunting"
BULK = ("next", "succ", "free")
"""Predicates whose facts all follow from rules of the pack."""


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(FOLDER)


def _abbreviated(problem: Problem) -> str:
    """The problem as a hasty author writes it: bulk facts left out, of symmetric ones a half."""
    kept = [fact for fact in problem.init if fact[0] not in BULK and not (fact[0] == "points" and fact[1] > fact[2])]
    return print_problem(replace(problem, init=tuple(kept))).replace("(:init", "(:init ; the other tracks likewise")


def _sidings(problem: Problem) -> set[str]:
    return {name for name, kind in problem.objects.items() if kind == "siding"}


def _understood(pddl: str, pack: Pack, text: str) -> tuple[Problem, bool]:
    """The problem completed, and whether anything about it is doubtful."""
    problem, faults = complete(read_problem(pddl, pack.domain), pack.domain, pack)
    more, unread = audit(problem, pack.domain, pack, text)
    assert unread == []
    return problem, doubtful([*faults, *more])


def test_it_is_none_of_those_that_come_along(pack: Pack) -> None:
    assert pack_for(pack.domain) is None


def test_nothing_is_wrong_with_it() -> None:
    checks = check_pack(FOLDER, sizes=(1, 2), seeds=(0, 1), time=10)
    assert [one for one in checks if one.ok is not True] == []
    assert sum(one.name == "planning" for one in checks) == 2


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [1, 3])
def test_what_is_left_out_is_filled_in(pack: Pack, size: int, seed: int) -> None:
    text, true = pack.generate(size, seed)
    problem, doubted = _understood(_abbreviated(true), pack, text)
    assert set(problem.init) == set(true.init)
    assert not doubted


def test_facts_are_read_by_another_name(pack: Pack) -> None:
    text, true = pack.generate(1, 0)
    problem, _ = _understood(print_problem(true).replace("(free ", "(clear "), pack, text)
    assert set(problem.init) == set(true.init)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("predicate", ["engine-on", "room-for", "points", "wagon-on", "coupled"])
def test_a_wrong_fact_of_the_start_is_flagged_or_put_right(pack: Pack, predicate: str, seed: int) -> None:
    text, true = pack.generate(2, seed)
    facts = [fact for fact in true.init if fact[0] == predicate and fact[1] not in _sidings(true)]
    for fact in facts:
        others = [name for name, kind in true.objects.items() if kind == true.objects[fact[-1]] and name != fact[-1]]
        wrong: Atom = (*fact[:-1], others[0])
        init = tuple(wrong if one == fact else one for one in true.init)
        problem, doubted = _understood(_abbreviated(replace(true, init=init)), pack, text)
        assert doubted or set(problem.init) == set(true.init), wrong
    assert facts or predicate == "coupled"


@pytest.mark.parametrize("seed", range(4))
def test_a_goal_with_a_part_left_out_or_changed_is_flagged(pack: Pack, seed: int) -> None:
    text, true = pack.generate(2, seed)
    goal = [fact for _, fact in literals(true.goal) or ()]
    for at, fact in enumerate(goal):
        others = [name for name, kind in true.objects.items() if kind == true.objects[fact[2]] and name != fact[2]]
        for instead in ([], [(*fact[:2], others[0])]):
            spoiled = replace(true, goal=("and", *goal[:at], *instead, *goal[at + 1 :]))
            assert _understood(print_problem(spoiled), pack, text)[1], (fact, instead)


@pytest.mark.parametrize("seed", range(4))
def test_what_was_completed_is_solved(pack: Pack, seed: int) -> None:
    text, true = pack.generate(2, seed)
    problem, _ = _understood(_abbreviated(true), pack, text)
    plan = solve(pack.domain, problem, time=10).plan
    assert plan
    assert validate(pack.domain, true, plan).ok


@pytest.mark.parametrize(
    ("instead", "status"), [("(wagon-on gravel dock)", "solved"), ("(wagon-on gravel quarry)", "doubtful")]
)
def test_a_reply_of_a_model_is_completed_and_planned(pack: Pack, instead: str, status: str) -> None:
    true = read_problem(pack.example_problem, pack.domain).problem
    reply = _abbreviated(true).replace("(and (wagon-on gravel dock)", f"(and {instead}")
    outcome = plan_task(pack.example_text, pack, Scripted([reply]), rounds=0, time=10)
    assert outcome.status == status
    assert set(true.init) == set(outcome.written.problem.init)


def test_its_example_is_planned_from_words_alone(tmp_path: Path) -> None:
    told = CliRunner().invoke(
        app, ["plan", "task", "--example", "--domain", str(FOLDER), "--run", str(tmp_path / "run"), "--time", "20"]
    )
    assert told.exit_code == 0, told.output
    assert "fetches flour out of mill" in told.output
