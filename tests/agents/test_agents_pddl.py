"""The PDDL organ: what it chooses and tells, what it does when turned down or left alone, and whole episodes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import pytest
from agent_fakes import Table, kitchen_world

from talkoot.agents.modular import ModularAgent
from talkoot.agents.pddl import PddlPlanner
from talkoot.agents.planner import Plan, Rejected
from talkoot.agents.presets import pddl, proagent
from talkoot.agents.thinking import Seating
from talkoot.episode import run_episode, run_sync
from talkoot.events import Believed, Planned
from talkoot.models.rulebook import Rulebook
from talkoot.types import Observation, SkillCall
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, SOUP, Pot


def choose(planner: PddlPlanner, table: Table, observation: Observation, *rejected: Rejected) -> Plan:
    return run_sync(planner(table.seating, observation, "", [], None, list(rejected)))


def with_pot(observation: Observation, onions: int, tick: int = -1) -> Observation:
    view = observation.view
    pot = Pot(view.pots[0].cell, onions, 0, tick, 20)
    return replace(observation, view=replace(view, pots=(pot,)))


@pytest.mark.parametrize(
    ("held", "mate", "onions", "tick", "skill"),
    [
        (ONION, NOTHING, 0, -1, "put_onion_in_pot()"),
        (SOUP + 3, NOTHING, 0, -1, "deliver_soup()"),
        (DISH, NOTHING, 3, 20, "fill_dish_with_soup()"),
        (DISH, ONION, 3, 5, "fill_dish_with_soup()"),
        (NOTHING, DISH, 3, 5, "pickup_onion()"),
        (NOTHING, ONION, 3, 20, "pickup_dish()"),
        (ONION, DISH, 3, 5, "wait(3)"),
    ],
)
def test_the_first_step_of_the_own_lane(held: int, mate: int, onions: int, tick: int, skill: str) -> None:
    table = Table()
    plan = choose(PddlPlanner(), table, with_pot(table.holding(held, mate), onions, tick))
    assert str(plan.skill) == skill
    assert plan.problem == ""


def test_goal_share_and_plan_are_told() -> None:
    table = Table()
    plan = choose(PddlPlanner(), table, with_pot(table.holding(NOTHING, ONION), 2))
    assert plan.analysis == (
        "My part: the soup of <Pot 0> delivered (in 29 steps). "
        "<Player 1> sees to: onion 3 for the soup of <Pot 0> (in 3 steps). "
        "Plan: <Player 0> will fetch the dish from <Dish Dispenser 0>; <Player 0> will fill the dish at <Pot 0>; "
        "<Player 0> will serve the soup of <Pot 0> at <Serving Place 0>."
    )
    assert plan.intentions == {1: "put_onion_in_pot()"}


def test_both_seats_work_out_the_same_shares() -> None:
    """Two that do not talk divide the same goals in the same way."""
    for held in ((NOTHING, NOTHING), (ONION, NOTHING), (DISH, ONION), (NOTHING, SOUP + 3)):
        plans = []
        for seat in (0, 1):
            table = Table(seat)
            plans.append(choose(PddlPlanner(), table, with_pot(table.holding(*held), 2)))
        parts = [set(re.findall(r"(?:My part|sees to): ([^.]*)", plan.analysis)) for plan in plans]
        assert parts[0] == parts[1]


def test_a_step_that_was_turned_down_is_not_planned_again() -> None:
    table, planner = Table(), PddlPlanner()
    scene = with_pot(table.holding(NOTHING, NOTHING), 3, 20)
    first = choose(planner, table, scene)
    second = choose(planner, table, scene, Rejected(str(first.skill), "no"))
    assert second.skill != first.skill
    waits = [Rejected(f"wait({n})", "no") for n in (3, 2)]
    third = choose(planner, table, scene, Rejected(str(first.skill), "no"), Rejected(str(second.skill), "no"), *waits)
    assert third.skill == SkillCall("wait", ("1",)) or third.skill not in (first.skill, second.skill)


def test_a_mate_that_stands_still_is_not_counted_on() -> None:
    table, planner = Table(), PddlPlanner(patience=10)
    scene = with_pot(table.holding(NOTHING, DISH), 3, 20)
    assert choose(planner, table, scene).intentions == {1: "fill_dish_with_soup()"}
    later = replace(scene, t=scene.t + 10)
    plan = choose(planner, table, later)
    assert plan.intentions == {}
    assert str(plan.skill) == "pickup_dish()"
    kept = PddlPlanner(patience=10)
    kept.load(planner.save())
    assert choose(kept, table, later) == plan
    planner.reset()
    assert choose(planner, table, later).intentions == {1: "fill_dish_with_soup()"}


def test_two_that_wait_for_each_other_do_not_give_each_other_up() -> None:
    """The cook at the pots can do nothing alone, so however long the other one stands still, it counts on it."""
    for seat in (0, 1):
        table, planner = Table(seat, layout="forced_coordination"), PddlPlanner(patience=10)
        first = choose(planner, table, table.seen)
        plan = choose(planner, table, replace(table.seen, t=table.seen.t + 10))
        assert plan.problem == ""
        assert (plan.skill, plan.intentions) == (first.skill, first.intentions)
        assert plan.intentions or plan.skill.name != "wait"


def test_a_world_that_states_nothing_gets_the_safe_plan() -> None:
    table = Table()
    seating = Seating(replace(table.guide, statement=None), table.events.append, 0)
    plan = run_sync(PddlPlanner()(seating, table.seen, "", [], None, []))
    assert str(plan.skill) == "wait(1)"
    assert "cannot state its beliefs" in plan.problem


def test_goals_out_of_reach_are_said_to_be() -> None:
    table = Table()
    assert table.guide.statement is not None
    stated = table.guide.statement(table.seen.view)
    nothing = replace(stated, threads=((("delivered", "onion"),),))
    seating = Seating(replace(table.guide, statement=lambda view: nothing), table.events.append, 0)
    plan = run_sync(PddlPlanner()(seating, table.seen, "", [], None, []))
    assert plan.problem == "the planner finds no way to any goal"
    broken = replace(stated, domain="(define (domain kitchen)")
    seating = Seating(replace(table.guide, statement=lambda view: broken), table.events.append, 0)
    plan = run_sync(PddlPlanner()(seating, table.seen, "", [], None, []))
    assert plan.problem.startswith("no plan: ")


def test_what_is_too_large_for_the_own_search_goes_to_an_engine() -> None:
    table = Table()
    small, large = PddlPlanner(), PddlPlanner(most=1)
    scene = table.holding(ONION, DISH)
    assert choose(large, table, scene).skill == choose(small, table, scene).skill


@dataclass
class Ending:
    score: float
    events: list[Any]


def play(layout: str, horizon: int, first: Any = None, second: Any = None) -> Ending:
    world = kitchen_world(layout=layout, horizon=horizon)
    made = run_sync(run_episode(world, {0: first or pddl(), 1: second or pddl()}, seed=3))
    return Ending(made.score, list(made.events))


@pytest.mark.parametrize(
    ("layout", "horizon", "least"),
    [("cramped_room", 110, 60), ("asymmetric_advantages", 90, 80), ("forced_coordination", 80, 20)],
)
def test_two_of_them_cook(layout: str, horizon: int, least: int) -> None:
    ending = play(layout, horizon)
    assert ending.score >= least
    plans = [event for event in ending.events if isinstance(event, Planned)]
    assert not [event for event in plans if event.problem]
    guessed = [event for event in ending.events if isinstance(event, Believed) and event.correct is not None]
    assert sum(bool(event.correct) for event in guessed) >= 0.6 * len(guessed)


def test_the_same_episode_again() -> None:
    assert play("counter_circuit", 40).events == play("counter_circuit", 40).events


def test_the_organ_in_another_body() -> None:
    body = replace(proagent(Rulebook(), verify="rules"), plan=PddlPlanner())
    assert isinstance(body, ModularAgent)
    assert play("cramped_room", 80, body, proagent(Rulebook())).score >= 20


def test_alone_in_a_kitchen_of_the_newer_rules() -> None:
    world = kitchen_world(rules="new", seats=(1,), horizon=120)
    assert run_sync(run_episode(world, {1: pddl()})).score >= 20
