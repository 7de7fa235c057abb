"""Random small problems of all kinds: what talkoot says of them, against readings of them too simple to be wrong."""

from __future__ import annotations

import pytest

from planning_random import Naive, TooMany, drawn
from talkoot.planning.engines.cheapest import cheapest
from talkoot.planning.engines.ground import relaxed, unreachable
from talkoot.planning.engines.portfolio import solve
from talkoot.planning.pddl.printer import print_domain, print_problem
from talkoot.planning.pddl.reader import load_domain, read_problem
from talkoot.problem import Condition

ODD = [198, 1713, 1785]
"""Seeds that once showed a fault: effects with conditions whose deletes other actions wait for."""


def mentions_nothing(goal: Condition) -> bool:
    return not goal or (goal[0] in ("and", "or", "not", "imply") and all(mentions_nothing(part) for part in goal[1:]))


@pytest.mark.parametrize("seed", [*range(120), *ODD])
def test_our_own_search_and_the_relaxation(seed: int) -> None:
    domain, problem = drawn(seed, rich=seed % 4 != 0)
    naive = Naive(domain, problem)
    try:
        truth, states = naive.cheapest(400), naive.states(400)
    except TooMany:
        return
    for prove in (True, False):
        solution = solve(domain, problem, engine="python", prove=prove)
        assert (solution.status == "unsolvable") == (truth is None)
        if solution.plan is not None:
            assert naive.cost(solution.plan) == solution.cost
            assert solution.cost == truth or not prove
            assert solution.status == "optimal" or not prove
            assert solution.bound is None or solution.bound <= truth  # type: ignore[operator]
    plan = cheapest(domain, problem)
    assert (None if plan is None else naive.cost(plan)) == truth
    reached = relaxed(domain, problem)
    assert truth is None or not unreachable(domain, problem)
    assert set().union(*states) <= reached.facts
    assert {fact for fact in problem.init if any(fact not in state for state in states)} <= reached.gone
    steps = naive.steps()
    possible = {step for state in list(states)[:60] for step in steps if naive.after(state, step) is not None}
    assert possible <= set(reached.actions)


@pytest.mark.parametrize("seed", range(120))
def test_what_is_printed_is_read_as_the_same(seed: int) -> None:
    domain, problem = drawn(seed, rich=seed % 4 != 0)
    read = load_domain(print_domain(domain))
    assert (read.types, read.constants, read.predicates) == (domain.types, domain.constants, domain.predicates)
    assert (read.functions, read.actions) == (domain.functions, domain.actions)
    draft = read_problem(print_problem(problem, domain), read)
    if mentions_nothing(problem.goal):
        assert [fault.message for fault in draft.faults] == ["the goal is empty"]
    else:
        assert draft.faults == []
        assert draft.problem == problem
