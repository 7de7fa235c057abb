"""The benchmark measures what it says: a scripted pair, both views, resets; and the couriers that it is made of."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from household_homes import four_rooms_task, two_rooms_task
from talkoot.cli import app
from talkoot.worlds.household import speed
from talkoot.worlds.household.courier import errands
from talkoot.worlds.household.mechanics import start
from talkoot.worlds.household.task import Goal
from talkoot.worlds.household.world import HouseholdWorld


def test_it_counts_steps_of_whole_episodes() -> None:
    tasks = [two_rooms_task(), four_rooms_task()]
    result = speed.measure(steps=60, repeats=1, tasks=tasks)
    assert result["primitive_steps_per_s"] > 0
    assert result["steps"] >= 60
    assert result["episodes"] == 2
    assert {"walktowards", "open", "grab", "putback", "turnleft"} <= set(result["mix"])
    assert abs(sum(result["mix"].values()) - 1) < 0.01


def test_the_script_ends_with_success_and_can_be_played_again() -> None:
    world = HouseholdWorld(four_rooms_task())
    actions = speed.script(world, 4)
    assert world.success
    world.reset(4)
    for both in actions:
        world.step(both)
    assert world.success


def test_things_inside_containers_are_brought_too() -> None:
    world = HouseholdWorld(four_rooms_task(Goal("inside", "plate", 102, 2), Goal("inside", "cutleryfork", 102, 2)))
    speed.script(world, 0)
    assert world.success


def test_errands_share_what_is_missing() -> None:
    state = start(four_rooms_task(Goal("inside", "plate", 102, 2), Goal("on", "apple", 100, 2)), 0)
    both, alone = errands(state, (0, 1)), errands(state, (1,))
    things = [thing for errand in both.values() for thing, _ in errand]
    assert sorted(things) == sorted(thing for thing, _ in alone[1])
    assert 123 not in things  # a plate that is in the dishwasher already
    assert len(things) == 3
    assert abs(len(both[0]) - len(both[1])) <= 1


def test_the_command_prints_all_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "images_per_s", lambda: (None, "no driver"))
    monkeypatch.setattr(speed, "mhp_decision_ms", lambda: 1.5)
    arguments = ["bench", "household", "--json", "--steps", "50", "--repeats", "1"]
    shown = CliRunner().invoke(app, arguments, catch_exceptions=False)
    result = json.loads(shown.stdout)
    assert result["primitive_steps_per_s"] > 0
    assert (result["images_per_s"], result["images_reason"], result["mhp_decision_ms"]) == (None, "no driver", 1.5)
