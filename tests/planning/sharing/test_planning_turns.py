"""Goals given out one after the other: who gets what, and when things happen."""

from __future__ import annotations

from itertools import pairwise

import pytest

from planning_households import AGENTS, HOUSEHOLD, home
from talkoot.planning.engines.cheapest import cheapest
from talkoot.planning.plans.validate import validate
from talkoot.planning.sharing.slice import slice_problem
from talkoot.planning.sharing.turns import Board, in_turn
from talkoot.problem import Condition, Plan, Problem

CUP, RAG, JUG = ("at", "cup", "bench"), ("at", "rag", "bench"), ("at", "jug", "bench")


def find(problem: Problem) -> Plan | None:
    return cheapest(HOUSEHOLD, slice_problem(HOUSEHOLD, problem))


def share(*threads: tuple[Condition, ...], **settings: object) -> Board:
    goals = tuple(goal for thread in threads for goal in thread)
    return in_turn(HOUSEHOLD, home(("and", *goals)), threads, AGENTS, find, **settings)  # type: ignore[arg-type]


def test_everybody_gets_what_is_near() -> None:
    board = share((CUP,), (RAG,))
    assert {(turn.goal, turn.agent) for turn in board.turns} == {(CUP, "ann"), (RAG, "bob")}
    # Both at once: four steps to the bench for each, and the box wants opening.
    assert [turn.end for turn in board.turns] == [4.0, 5.0]
    plan = [slot.action for turn in board.turns for slot in turn.slots]
    assert validate(HOUSEHOLD, board.problem, plan).ok


def test_a_thread_keeps_its_order_and_lanes_do_not_overlap() -> None:
    board = share((JUG, RAG, CUP))
    assert [turn.goal for turn in board.turns] == [JUG, RAG, CUP]
    for agent in AGENTS:
        lane = board.lane(agent)
        assert lane
        assert all(one.end <= two.start for one, two in pairwise(lane))
        assert all(board.actor(slot.action) == agent for slot in lane)


def test_a_step_waits_for_what_another_agent_prepares() -> None:
    """Bob can take the cup only after Ann has lifted the lid."""
    problem = home(("and", ("open", "box"), ("holds", "bob", "cup")))
    board = in_turn(HOUSEHOLD, problem, [[("open", "box"), ("holds", "bob", "cup")]], AGENTS, find)
    opened, taken = board.turns
    assert (opened.agent, taken.agent) == ("ann", "bob")
    grab = taken.slots[-1]
    assert grab.start == 4.0  # two doors away, when the box has long been open
    assert opened.end == 1.0


def test_it_may_stop_once_all_have_something_to_do() -> None:
    board = share((CUP, JUG), (RAG,), briefly=True)
    assert len(board.turns) == 2
    assert all(board.lane(agent) for agent in AGENTS)


def test_a_refused_step_is_left_to_others() -> None:
    board = share((CUP,), refused={"ann": lambda step: step[0] in ("lift", "take")})
    assert [turn.agent for turn in board.turns] == ["bob"]
    assert share((CUP,), refused=dict.fromkeys(AGENTS, lambda step: True)).turns == []


def test_what_nobody_can_do_alone_is_planned_for_all() -> None:
    both: Condition = ("and", ("holds", "ann", "cup"), ("holds", "bob", "rag"))
    board = share((both,))
    assert [turn.agent for turn in board.turns] == [""]
    assert {board.actor(slot.action) for slot in board.turns[0].slots} == set(AGENTS)


@pytest.mark.parametrize("impossible", [("at", "cup", "attic"), ("door", "attic", "cellar")])
def test_a_goal_out_of_reach_ends_its_thread_only(impossible: Condition) -> None:
    board = share((impossible, JUG), (RAG,))
    assert [turn.goal for turn in board.turns] == [RAG]
