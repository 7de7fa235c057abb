"""Goals shared out among agents, plans made apart and merged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planning_households import AGENTS, HOUSEHOLD, home
from talkoot.errors import Unsolvable
from talkoot.planning.engines.cheapest import cheapest
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.plans.validate import validate
from talkoot.planning.sharing.allocate import RelaxedCosts, actor, allocate, alone, plan_together
from talkoot.planning.solution import Solution
from talkoot.problem import Condition, Problem

CUP, RAG, JUG, PAN = ("at", "cup", "bench"), ("at", "rag", "bench"), ("at", "jug", "bench"), ("at", "pan", "table")


def solve(domain: Domain, problem: Problem) -> Solution:
    plan = cheapest(domain, problem, 200_000)
    return Solution("unsolvable" if plan is None else "optimal", plan)


def home_with(*goals: Condition) -> Problem:
    return home(("and", *goals))


def test_relaxed_costs() -> None:
    problem = alone(HOUSEHOLD, home_with(CUP, PAN), "ann", AGENTS)
    costs = RelaxedCosts(HOUSEHOLD, problem)
    assert costs.of([]) == 0
    assert costs.of([CUP]) == 5  # lift, take, go (2), put
    assert costs.of([PAN]) == 6  # go, take, go, put
    assert costs.of([CUP, PAN]) == 9  # the way to the hall counts once
    assert costs.of([("not", ("open", "bench"))]) == float("inf")
    assert costs.of([("not", ("free", "ann"))]) == 2  # lift, take
    assert costs.of([("at", "cup", "attic")]) == float("inf")


def test_the_work_is_shared_by_nearness() -> None:
    shares = allocate(HOUSEHOLD, home_with(CUP, RAG), AGENTS)
    assert shares == {"ann": (CUP,), "bob": (RAG,)}


def test_the_largest_share_is_small_and_nothing_is_lost() -> None:
    goals = (CUP, RAG, JUG, PAN)
    shares = allocate(HOUSEHOLD, home_with(*goals), AGENTS)
    assert sorted(goal for share in shares.values() for goal in share) == sorted(goals)
    assert all(shares.values())
    assert allocate(HOUSEHOLD, home_with(*goals), AGENTS) == shares
    costs = {a: RelaxedCosts(HOUSEHOLD, alone(HOUSEHOLD, home_with(*goals), a, AGENTS)) for a in AGENTS}
    worst = max(costs[agent].of(share) for agent, share in shares.items())
    for agent in AGENTS:
        assert costs[agent].of(goals) > worst
    for goal in shares["ann"]:  # no single move helps
        moved = [one for one in shares["ann"] if one != goal], [*shares["bob"], goal]
        assert max(costs["ann"].of(moved[0]), costs["bob"].of(moved[1])) >= worst


def test_goals_out_of_reach_are_in_nobodys_share() -> None:
    assert allocate(HOUSEHOLD, home_with(("at", "cup", "attic")), AGENTS) == {"ann": (), "bob": ()}


def test_two_agents_work_at_the_same_time() -> None:
    problem = home_with(CUP, RAG, PAN)
    together = plan_together(HOUSEHOLD, problem, AGENTS, solve)
    assert validate(HOUSEHOLD, problem, together.plan).ok
    assert together.left == ()
    assert set(together.schedule.lanes) == set(AGENTS)
    assert together.schedule.makespan < together.cost
    assert together.cost == validate(HOUSEHOLD, problem, together.plan).cost
    whole = plan_together(HOUSEHOLD, problem, AGENTS, solve, slicing=False)
    assert whole.shares == together.shares


def test_what_another_has_done_already_is_not_done_twice() -> None:
    """Both need the box open: each plan lifts the lid, the merged one once."""
    start = home(("and",))
    init = (*(fact for fact in start.init if fact != ("at", "jug", "shelf")), ("at", "jug", "box"))
    problem = replace(start, init=init, goal=("and", ("holds", "ann", "cup"), ("holds", "bob", "jug")))
    together = plan_together(HOUSEHOLD, problem, AGENTS, solve)
    assert validate(HOUSEHOLD, problem, together.plan).ok
    assert [step[0] for step in together.plan].count("lift") == 1


def test_plans_that_stand_in_each_others_way_are_made_again() -> None:
    """Ann shuts the chest into which Bob is to put something: his plan no longer works after hers."""
    problem = home_with(("not", ("open", "chest")), ("at", "rag", "chest"))
    together = plan_together(HOUSEHOLD, problem, AGENTS, solve)
    assert validate(HOUSEHOLD, problem, together.plan).ok


def test_goals_for_several_are_planned_for_all() -> None:
    both: Condition = ("or", ("and", ("holds", "ann", "cup"), ("holds", "bob", "rag")), ("at", "cup", "attic"))
    together = plan_together(HOUSEHOLD, home_with(both), AGENTS, solve)
    assert together.left == (both,)
    assert {actor(step, AGENTS) for step in together.plan} == set(AGENTS)


def test_no_plan_is_told() -> None:
    """The rag can be seen to, the cup cannot; so the proof is that of the whole problem."""
    with pytest.raises(Unsolvable) as caught:
        plan_together(HOUSEHOLD, home_with(RAG, ("at", "cup", "attic")), AGENTS, solve)
    assert caught.value.exit_code == 9
