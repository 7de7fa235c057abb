"""The cheapest plans of small problems."""

from __future__ import annotations

import pytest

from planning_households import HOUSEHOLD, home
from talkoot.errors import GaveUp
from talkoot.planning.engines.cheapest import cheapest
from talkoot.planning.plans.validate import validate
from talkoot.planning.sharing.allocate import alone
from talkoot.planning.sharing.slice import slice_problem
from talkoot.problem import Problem


def test_who_is_nearest_does_it() -> None:
    plan = cheapest(HOUSEHOLD, slice_problem(HOUSEHOLD, home(("at", "cup", "bench"))))
    assert plan == (
        ("lift", "ann", "box", "cellar"),
        ("take", "ann", "cup", "box", "cellar"),
        ("go", "ann", "cellar", "hall"),
        ("put", "ann", "cup", "bench", "hall"),
    )
    assert validate(HOUSEHOLD, home(("at", "cup", "bench")), plan).cost == 5.0


def test_steps_that_keep_nobody_busy_cost_nothing() -> None:
    goal = home(("at", "rag", "box"))
    mine = cheapest(HOUSEHOLD, slice_problem(HOUSEHOLD, goal), free=lambda step: "bob" in step)
    assert mine is not None
    assert {step[1] for step in mine if step[0] in ("take", "put")} == {"bob"}
    assert validate(HOUSEHOLD, goal, mine).ok


def test_a_goal_that_holds_needs_no_step() -> None:
    assert cheapest(HOUSEHOLD, home(("at", "rag", "table"))) == ()


def test_no_plan_and_too_much_to_look_at() -> None:
    two_in_one_hand = home(("and", ("holds", "ann", "cup"), ("holds", "ann", "pan")))
    assert cheapest(HOUSEHOLD, alone(HOUSEHOLD, two_in_one_hand, "ann", ("ann", "bob")), 100_000) is None
    assert cheapest(HOUSEHOLD, home(("at", "cup", "attic"))) is None
    with pytest.raises(GaveUp, match="cheapest states"):
        cheapest(HOUSEHOLD, home(("at", "cup", "shelf")), most=10)


def test_without_a_metric_every_step_counts_one() -> None:
    priced = home(("in", "bob", "attic"))
    plain = Problem(priced.name, priced.domain, priced.objects, priced.init, priced.goal)
    assert cheapest(HOUSEHOLD, plain) == (("go", "bob", "kitchen", "hall"), ("go", "bob", "hall", "attic"))
