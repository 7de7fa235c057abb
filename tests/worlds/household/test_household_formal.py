"""The household as a formal problem: its parts follow the task and the options."""

from __future__ import annotations

from household_homes import two_rooms_task
from talkoot.worlds.household.mechanics import ARITY
from talkoot.worlds.household.world import HouseholdWorld


def test_costly_talk_takes_a_step() -> None:
    problem = HouseholdWorld(two_rooms_task()).formal()
    assert problem.agents == (0, 1)
    assert set(problem.actions) == set(ARITY) - {"send_message"}
    assert (problem.message_limit, problem.costs["message"], problem.horizon) == (500, 1.0, 250)
    assert "500 characters" in problem.messages
    assert (problem.observable, problem.discount) == ("partial", 1.0)
    assert problem.subgoals == ("2 apples on the coffeetable", "1 cupcake on the coffeetable")
    assert not problem.deterministic
    assert "chance" in problem.transition
    assert "each of 5 things" in problem.state


def test_options_show() -> None:
    free = HouseholdWorld(two_rooms_task(), talk="free", limit=40, conflict="first").formal()
    assert (free.costs["message"], free.horizon, free.deterministic) == (0.0, 40, True)
    assert "seat 0 does" in free.transition
    alone = HouseholdWorld(two_rooms_task(), seats=(0,), walk="jump").formal()
    assert (alone.agents, alone.messages, alone.message_limit) == ((0,), "none", 0)
    assert "message" not in alone.costs
    assert "the whole way" in alone.transition
