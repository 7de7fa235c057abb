"""Overcooked as a formal problem: its parts follow the kitchen, the rules and the options."""

from __future__ import annotations

from talkoot.worlds.catalog import make_world


def test_a_kitchen_without_talk_has_no_communication() -> None:
    problem = make_world("cramped_room").formal()
    assert problem.agents == (0, 1)
    assert (problem.messages, problem.message_limit) == ("none", 0)
    assert "message" not in problem.costs
    assert set(problem.costs) == set(problem.actions) == {"north", "south", "east", "west", "stay", "interact"}
    assert (problem.horizon, problem.discount, problem.observable) == (400, 1.0, "full")
    assert problem.subgoals == ("serve a soup of 3 onions, worth 20",)
    assert "third item" in problem.transition


def test_talk_rules_seats_and_horizon_show() -> None:
    problem = make_world("cramped_room:talk=on,message_limit=30,horizon=50,rules=new", seats=(1,)).formal()
    assert (problem.agents, problem.message_limit, problem.horizon) == ((1,), 30, 50)
    assert "30 characters" in problem.messages
    assert problem.costs["message"] == 0.0
    assert "starts it" in problem.transition


def test_each_order_is_a_subgoal() -> None:
    problem = make_world("mdp_test").formal()
    assert len(problem.subgoals) > 1
    assert any("tomato" in goal and "onion" in goal and " and " in goal for goal in problem.subgoals)
