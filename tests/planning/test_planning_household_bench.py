"""The household family of the bench: as described, planned on slices, with both agents at work."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from talkoot.planning.engines.portfolio import solve
from talkoot.planning.pddl.reader import load_domain
from talkoot.planning.plans.validate import validate
from talkoot.planning.sharing.allocate import plan_together
from talkoot.planning.sharing.slice import slice_problem

AGENTS = ("agent0", "agent1")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    return importlib.import_module("household_planning")


def test_the_family(bench: Any) -> None:
    problem = bench.household(seed=4)
    assert len(problem.objects) == 150
    kinds = Counter(problem.objects.values())
    assert (kinds["room"], kinds["agent"], kinds["hand"], kinds["surface"], kinds["container"]) == (6, 2, 4, 20, 18)
    assert len(problem.goal) == 11
    assert bench.household(seed=4) == problem != bench.household(seed=5)
    assert len(load_domain(bench.DOMAIN).actions) == 7


@pytest.mark.parametrize("seed", [1, 6])
def test_two_agents_tidy_up(bench: Any, seed: int) -> None:
    domain, problem = load_domain(bench.DOMAIN), bench.household(seed)
    assert len(slice_problem(domain, problem).objects) < 60
    together = plan_together(domain, problem, AGENTS, solve)
    assert validate(domain, problem, together.plan).ok
    assert together.left == ()
    assert all(together.schedule.lanes[agent] for agent in AGENTS)
    assert together.schedule.makespan < 0.75 * together.cost
