"""Our own search and its estimates, compared with uniform-cost search."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from time import perf_counter

import pytest
from engine_problems import TIDY, TIDY_COST, cheapest, clash, drawn, lights, rooms, row, tiles

from talkoot.errors import FaultyPddl
from talkoot.planning.engines.heuristics import Operator, Relaxation, bits
from talkoot.planning.engines.portfolio import solve
from talkoot.planning.engines.search import Task, search
from talkoot.planning.plans.validate import validate


def test_bits() -> None:
    assert list(bits(0b1010011)) == [0, 1, 4, 6]
    assert list(bits(0)) == []


def test_estimates_by_hand() -> None:
    # 0 -> 1 (2), 1 -> 2 (3), 0 and 1 -> 3 (1); goal 2 and 3.
    operators = [Operator((0,), (1,), 2, 0), Operator((1,), (2,), 3, 1), Operator((0, 1), (3,), 1, 2)]
    relaxation = Relaxation(5, operators, (2, 3))
    assert relaxation.ff(0b1) == (3.0, {0})
    assert relaxation.maximum(0b1) == 5
    assert relaxation.lm_cut(0b1) == 6
    assert relaxation.ff(0b11) == (2.0, {1, 2})
    assert relaxation.lm_cut(0b1100) == 0
    assert relaxation.ff(0b0) == (inf, set())
    assert relaxation.maximum(0b0) == relaxation.lm_cut(0b0) == inf


def test_operators_without_needs_and_without_cost() -> None:
    relaxation = Relaxation(2, [Operator((), (0,), 0, 0), Operator((0,), (1,), 4, 1)], (1,))
    assert relaxation.lm_cut(0) == relaxation.maximum(0) == 4
    assert relaxation.ff(0) == (2.0, {0})
    assert Relaxation(1, [], ()).lm_cut(0) == 0


@pytest.mark.parametrize("seed", range(150))
def test_it_agrees_with_uniform_cost_search(seed: int) -> None:
    domain, problem = drawn(seed)
    truth = cheapest(domain, problem)
    first = search(domain, problem, time=20)
    best = search(domain, problem, time=20, prove=True)
    if truth is None:
        assert first.status == best.status == "unsolvable"
        assert first.reason
        return
    assert first.plan is not None
    assert validate(domain, problem, first.plan).ok
    assert best.plan is not None
    assert validate(domain, problem, best.plan).ok
    assert (best.status, best.cost, best.bound) == ("optimal", truth, truth)
    assert first.cost is not None
    assert first.cost >= truth


@pytest.mark.parametrize("seed", range(0, 150, 5))
def test_estimates_never_exceed_the_real_cost(seed: int) -> None:
    domain, problem = drawn(seed)
    truth = cheapest(domain, problem)
    task = Task(domain, problem, perf_counter() + 20)
    if task.lacking:
        assert truth is None
        return
    assert task.relaxation.maximum(task.start) <= (inf if truth is None else truth)
    if not task.conditional:
        assert task.relaxation.maximum(task.start) <= task.relaxation.lm_cut(task.start)
        assert task.relaxation.lm_cut(task.start) <= (inf if truth is None else truth)


def test_action_costs() -> None:
    domain, problem = rooms()
    solution = solve(domain, problem, engine="python", prove=True)
    assert (solution.status, solution.cost, solution.bound) == ("optimal", TIDY_COST, TIDY_COST)
    assert solution.engine == "python"
    fractions = rooms(TIDY.replace("cellar) 3)", "cellar) 3.25)"))
    assert solve(*fractions, engine="python", prove=True).cost == cheapest(*fractions)


def test_a_cost_without_a_value_is_an_error() -> None:
    domain, problem = rooms()
    values = {term: value for term, value in problem.values.items() if term[0] != "steps"}
    with pytest.raises(FaultyPddl, match=r"no value for \(steps hall kitchen\)"):
        search(domain, replace(problem, values=values))


def test_conditional_effects_and_alternatives() -> None:
    domain, problem = lights()
    solution = solve(domain, problem, engine="python", prove=True)
    assert (solution.status, solution.cost) == ("optimal", cheapest(domain, problem))
    assert solve(*clash(), engine="python").plan == solve(*clash()).plan


def test_it_proves_that_there_is_no_plan() -> None:
    lacking = search(*row(5, gap=2))
    assert (lacking.status, lacking.reason) == ("unsolvable", "no action can ever reach (on c4)")
    statuses = {}
    for swapped in (False, True):
        found = search(*tiles(2, swapped))
        statuses[found.status] = found.reason
    assert set(statuses) == {"solved", "unsolvable"}
    assert statuses["unsolvable"] == "every state that can be reached was looked at, and none reaches the goal"


def test_limits_of_time() -> None:
    domain, problem = tiles(6)
    found = search(domain, problem, time=0.05)
    assert found.status == "gave up"
    assert "limit of time" in found.reason
    assert search(domain, problem, time=0.0).status == "gave up"
    domain, problem = tiles(4, swapped=True)
    bounded = search(domain, problem, time=30, improve=0.2)
    assert bounded.status == "solved"
    assert bounded.bound is not None
    assert bounded.cost is not None
    assert 0 < bounded.bound < bounded.cost
