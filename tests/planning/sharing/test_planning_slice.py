"""Slices: what is dropped, what stays, and that a plan of a slice is a plan of the whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planning_households import AGENTS, HOUSEHOLD, home
from talkoot.planning.engines.cheapest import cheapest
from talkoot.planning.pddl.reader import load_domain
from talkoot.planning.plans.validate import validate
from talkoot.planning.sharing.slice import restrict, slice_problem, solve_sliced
from talkoot.planning.solution import Solution
from talkoot.problem import Problem


def test_only_what_the_goal_needs_is_kept() -> None:
    problem = home(("at", "cup", "table"))
    part = slice_problem(HOUSEHOLD, problem)
    # The cup is in the closed box of the cellar; on the way there lies the hall. The attic leads nowhere.
    assert set(part.objects) == {*AGENTS, "cup", "table", "box", "kitchen", "hall", "cellar"}
    assert all(set(fact[1:]) <= set(part.objects) for fact in part.init)
    assert all(set(term[1:]) <= set(part.objects) for term in part.values)
    assert list(part.objects) == [name for name in problem.objects if name in part.objects]
    assert (part.goal, part.metric) == (problem.goal, True)


def test_a_plan_of_the_slice_is_a_plan_of_the_whole() -> None:
    for goal in (
        ("at", "cup", "table"),
        ("and", ("at", "pan", "box"), ("at", "cup", "bench")),
        ("not", ("open", "chest")),
    ):
        problem = home(goal)
        plan = cheapest(HOUSEHOLD, slice_problem(HOUSEHOLD, problem))
        assert plan is not None
        verdict = validate(HOUSEHOLD, problem, plan)
        assert verdict.ok, verdict.reason
        whole = cheapest(HOUSEHOLD, problem, 200_000)
        assert whole is not None
        assert verdict.cost == validate(HOUSEHOLD, problem, whole).cost


def test_what_is_in_the_way_is_kept() -> None:
    """A hand that is full of something else must be emptied first, so that thing and a place for it stay."""
    problem = home(("at", "cup", "table"))
    full = replace(problem, init=(*(f for f in problem.init if f[0] != "free" and f != ("at", "pan", "bench")),
                                  ("holds", "ann", "pan"), ("holds", "bob", "jug")))  # fmt: skip
    part = slice_problem(HOUSEHOLD, full)
    assert {"pan", "jug"} <= set(part.objects)
    plan = cheapest(HOUSEHOLD, part)
    assert plan is not None
    assert validate(HOUSEHOLD, full, plan).ok


def test_another_agent_may_come_unless_the_slice_is_narrow() -> None:
    """Ann stands where the cup is. A narrow slice sees no need of the way between her and Bob; the usual one does."""
    problem = home(("and", ("at", "pan", "table"), ("at", "cup", "box")))
    assert len(slice_problem(HOUSEHOLD, problem, narrow=True).objects) <= len(slice_problem(HOUSEHOLD, problem).objects)
    assert {"hall", "cellar", "kitchen"} <= set(slice_problem(HOUSEHOLD, problem).objects)


def test_nothing_is_dropped_where_a_condition_looks_over_all_objects() -> None:
    domain = load_domain("""(define (domain d) (:requirements :adl) (:types lamp switch)
      (:predicates (lit ?l - lamp) (wired ?s - switch ?l - lamp) (quiet))
      (:action press :parameters (?s - switch) :precondition (and)
        :effect (forall (?l - lamp) (when (wired ?s ?l) (lit ?l))))
      (:action rest :parameters () :precondition (forall (?l - lamp) (lit ?l)) :effect (quiet)))""")
    lamps, switches = [f"l{n}" for n in range(3)], [f"s{n}" for n in range(3)]
    wires = tuple(("wired", switch, lamp) for switch, lamp in zip(switches, lamps, strict=True))
    problem = Problem("p", "d", dict.fromkeys(lamps, "lamp") | dict.fromkeys(switches, "switch"), wires, ("quiet",))
    part = slice_problem(domain, problem)
    assert set(lamps) <= set(part.objects)
    plan = cheapest(domain, part)
    assert plan is not None
    assert validate(domain, problem, plan).ok


def test_alternatives_in_conditions_are_all_followed() -> None:
    domain = load_domain("""(define (domain d) (:requirements :adl) (:types door key)
      (:predicates (has ?k - key) (fits ?k - key ?d - door) (ajar ?d - door) (in ?d - door))
      (:action find :parameters (?k - key) :effect (has ?k))
      (:action enter :parameters (?d - door)
        :precondition (or (ajar ?d) (exists (?k - key) (and (fits ?k ?d) (has ?k)))) :effect (in ?d)))""")
    problem = Problem("p", "d", {"front": "door", "back": "door", "k1": "key", "k2": "key"},
                      (("fits", "k1", "front"), ("fits", "k2", "back")), ("in", "front"))  # fmt: skip
    plan = cheapest(domain, slice_problem(domain, problem))
    assert plan == (("find", "k1"), ("enter", "front"))


def test_a_slice_without_a_plan_is_not_the_last_word() -> None:
    asked: list[int] = []

    def solve(domain: object, problem: Problem) -> Solution:
        asked.append(len(problem.objects))
        whole = len(asked) == 2
        return Solution("optimal", (), 0.0, 0.0) if whole else Solution("unsolvable")

    problem = home(("at", "cup", "table"))
    found = solve_sliced(HOUSEHOLD, problem, solve)
    assert asked == [len(slice_problem(HOUSEHOLD, problem).objects), len(problem.objects)]
    assert found.status == "optimal"


def test_a_slice_proves_no_optimum() -> None:
    found = solve_sliced(HOUSEHOLD, home(("at", "cup", "table")), lambda d, p: Solution("optimal", (), 3.0, 3.0))
    assert (found.status, found.bound) == ("solved", None)


def test_restricting_to_everything_changes_nothing() -> None:
    problem = home(("at", "cup", "table"))
    assert restrict(HOUSEHOLD, problem, problem.objects) is problem
    assert restrict(HOUSEHOLD, problem, ["ann"]).init == (("free", "ann"),)


@pytest.mark.parametrize("goal", [("at", "cup", "attic"), ("holds", "table", "cup")])
def test_goals_that_nothing_brings_about(goal: tuple[str, ...]) -> None:
    problem = home(goal)
    assert cheapest(HOUSEHOLD, slice_problem(HOUSEHOLD, problem)) is None
