"""The World around the rules: episodes, talk, reward, the end, save and load, what it refuses; a whole episode."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from household_eyes import needs_driver
from household_homes import (
    APPLE,
    CABINET,
    COFFEETABLE,
    CUPCAKE,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    TABLE,
    four_rooms_task,
    room,
    two_rooms,
    two_rooms_task,
)
from talkoot.errors import BadInput, IllegalAction
from talkoot.types import Action, Message
from talkoot.world import World
from talkoot.worlds.check import check_world
from talkoot.worlds.household.courier import courier, errands
from talkoot.worlds.household.mechanics import legal
from talkoot.worlds.household.task import Goal, Start, Task
from talkoot.worlds.household.world import HouseholdWorld

WAIT = Action("wait")
STILL = {0: WAIT, 1: WAIT}


def act(name: str, *arguments: int) -> Action:
    return Action(name, tuple(map(str, arguments)))


def play(world: HouseholdWorld, seed: int) -> list[Any]:
    """A whole episode by couriers; what each step gave."""
    world.reset(seed)
    errand = errands(world.state, world.seats)
    steps = []
    while not world.done:
        steps.append(world.step({seat: courier(world.state, seat, errand[seat]) for seat in world.seats}))
    return steps


@pytest.mark.parametrize("options", [{}, {"talk": "off"}, {"talk": "free"}, {"limit": 9}, {"seats": (0,)},
                                     {"seats": (1,)}, {"conflict": "first"}, {"unstick": True}])  # fmt: skip
def test_it_keeps_the_contract(options: dict[str, Any]) -> None:
    world = HouseholdWorld([two_rooms_task(), four_rooms_task()], **options)
    assert isinstance(world, World)
    check_world(world, seed=1, steps=60)


def test_two_who_know_everything_reach_all_goals() -> None:
    world = HouseholdWorld(four_rooms_task())
    steps = play(world, 0)
    assert world.success
    assert steps[-1].done
    assert not any(step.done for step in steps[:-1])
    assert sum(sum(step.rewards.values()) for step in steps) == 6.0
    assert steps[-1].info["success"] is True
    assert steps[-1].info["satisfied"] == 3
    assert 10 < len(steps) < 60
    alone = play(HouseholdWorld(four_rooms_task(), seats=(1,)), 0)
    assert len(alone) > len(steps)


def test_reward_and_events_tell_who_did_what() -> None:
    task = two_rooms_task(Goal("on", "cupcake", TABLE, 1), alice=Start(KITCHEN, (2.5, 1.2)))
    world = HouseholdWorld(task)
    world.reset(0)
    assert world.step({0: act("open", CABINET), 1: WAIT}).info["events"] == {"0": ["open cabinet_32"], "1": []}
    world.step({0: act("grab", CUPCAKE), 1: WAIT})
    step = world.step({0: act("putback", CUPCAKE, TABLE), 1: WAIT})
    assert step.rewards == {0: 2.0, 1: 0.0}
    assert step.info["events"]["0"] == ["putback cupcake_52", "deliver cupcake_52"]
    assert step.done
    with pytest.raises(IllegalAction, match="ended after 3 steps"):
        world.step(STILL)


def test_what_is_taken_away_costs() -> None:
    goals = Goal("on", "apple", TABLE, 1), Goal("on", "cupcake", TABLE, 1)
    world = HouseholdWorld(two_rooms_task(*goals, alice=Start(KITCHEN, (2.5, 1.2))))
    world.reset(0)
    step = world.step({0: act("grab", APPLE), 1: WAIT})
    assert (step.rewards[0], step.info["satisfied"]) == (-2.0, 0)
    assert "undo apple_50" in step.info["events"]["0"]


def test_rooms_entered_are_told_and_failures_in_words() -> None:
    world = HouseholdWorld(two_rooms_task())
    world.reset(0)
    events = [world.step({0: act("walktowards", LIVINGROOM), 1: WAIT}).info["events"]["0"] for _ in range(6)]
    assert ["enter livingroom_12"] in events
    step = world.step({0: WAIT, 1: act("grab", APPLE)})
    assert step.info["failed"] == {"1": "you do not see <apple> (50)"}


def test_a_message_takes_a_step_and_arrives_with_the_next_observation() -> None:
    world = HouseholdWorld(two_rooms_task())
    world.reset(0)
    step = world.step({0: Action("send_message", say="the fridge is here"), 1: Action("wait", say="dropped")})
    assert step.observations[1].messages == (Message(0, "the fridge is here", 0),)
    assert step.observations[0].messages == ()
    assert world.scene()["said"] == [{"seat": 0, "text": "the fridge is here"}]
    assert step.info["events"] == {"0": ["say"], "1": []}
    assert world.step(STILL).observations[1].messages == ()


def test_a_long_message_is_cut_and_that_is_told() -> None:
    world = HouseholdWorld(two_rooms_task())
    world.reset(0)
    step = world.step({0: Action("send_message", say="x" * 501), 1: WAIT})
    assert step.observations[1].messages[0].text == "x" * 500
    assert step.info["cut"] == {"0": 1}
    empty = world.step({0: Action("send_message"), 1: WAIT})
    assert "nothing to say" in empty.info["failed"]["0"]


def test_free_talk_rides_along_and_no_talk_is_refused() -> None:
    free = HouseholdWorld(two_rooms_task(), talk="free", message_limit=4)
    free.reset(0)
    step = free.step({0: Action("turnleft", say="hello"), 1: WAIT})
    assert [message.text for message in step.observations[1].messages] == ["hell"]
    for mute in (HouseholdWorld(two_rooms_task(), talk="off"), HouseholdWorld(two_rooms_task(), seats=(0,))):
        mute.reset(0)
        assert mute.guide(0).message_limit == 0
        with pytest.raises(IllegalAction, match="nobody can speak"):
            mute.step({seat: Action("send_message", say="hi") for seat in mute.seats})


def test_the_seed_chooses_the_task_and_the_points() -> None:
    tasks = [two_rooms_task(), four_rooms_task()]
    world = HouseholdWorld(tasks)
    assert [world.reset(seed) and world.task.name for seed in range(3)] == [tasks[0].name, tasks[1].name, tasks[0].name]
    first = json.dumps(world.reset(5)[0].view.save())
    assert json.dumps(world.reset(7)[0].view.save()) != first
    assert json.dumps(world.reset(5)[0].view.save()) == first


def test_the_limit_ends_an_episode_without_success() -> None:
    world = HouseholdWorld(two_rooms_task(), limit=2)
    world.reset(0)
    assert not world.step(STILL).done
    step = world.step(STILL)
    assert step.done
    assert step.info["success"] is False
    assert step.observations[0].view.limit == 2


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), cut=st.integers(0, 40))
def test_a_saved_world_goes_on_the_same_anywhere(seed: int, cut: int) -> None:
    tasks = [two_rooms_task(), four_rooms_task()]
    world = HouseholdWorld(tasks)
    draw = Random(seed)
    seen = world.reset(seed)
    for _ in range(cut):
        step = world.step({seat: draw.choice(legal(seen[seat].view)) for seat in world.seats})
        seen = step.observations
        if step.done:
            return
    saved = json.loads(json.dumps(world.save()))
    other = HouseholdWorld([two_rooms_task(), four_rooms_task()])
    other.reset(seed + 1)
    twin = other.load(saved)
    for _ in range(15):
        assert [twin[seat].view.save() for seat in (0, 1)] == [seen[seat].view.save() for seat in (0, 1)]
        actions = {seat: draw.choice(legal(seen[seat].view)) for seat in world.seats}
        if draw.random() < 0.3:
            actions[1] = actions[0]  # a conflict, where they stand together
        first, second = world.step(actions), other.step(actions)
        assert (first.rewards, first.done, first.info) == (second.rewards, second.done, second.info)
        assert json.dumps(world.scene()) == json.dumps(other.scene())
        assert json.dumps(world.save()) == json.dumps(other.save())
        seen, twin = first.observations, second.observations
        if first.done:
            return


def spoil(state: Any, path: Sequence[Any], value: Any) -> Any:
    spoiled = json.loads(json.dumps(state))
    at = spoiled
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return spoiled


@pytest.mark.parametrize(
    ("path", "value"),
    [(["task"], "another"), (["seed"], "x"), (["state", "room"], [99, 12]), (["state", "hands"], [[APPLE, 51, 52], []]),
     (["state", "hands"], [[APPLE], [APPLE]]), (["state", "hands"], [[TABLE], []]), (["state", "hands"], [[999], []]),
     (["state", "moved"], [[APPLE, 999, None, [0, 0, 0]]]), (["state", "moved"], [[APPLE, APPLE, None, [0, 0, 0]]]),
     (["state", "moved"], [[APPLE, CUPCAKE, None, [0, 0, 0]], [CUPCAKE, APPLE, None, [0, 0, 0]]]),
     (["state", "moved"], [[APPLE, KITCHEN, 77, [0, 0, 0]]]), (["state", "opened"], [TABLE]), (["state", "t"], -1),
     (["state", "position"], [[0, 0]]), (["state", "yaw"], ["north", 0]), (["state", "said"], [[7, "hi", 0]]),
     (["state", "position"], [[float("nan"), 0], [0, 0]]), (["seen"], {}), (["state"], None)],
)  # fmt: skip
def test_damaged_states_are_refused(path: list[Any], value: Any) -> None:
    world = HouseholdWorld(two_rooms_task())
    world.reset(0)
    world.step(STILL)
    before = json.dumps(world.save())
    with pytest.raises(BadInput):
        world.load(spoil(world.save(), path, value))
    assert json.dumps(world.save()) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [({"goals": ()}, "no goal"), ({"goals": (Goal("on", "pear", TABLE, 1),)}, "class 'pear'.*two rooms has none"),
     ({"goals": (Goal("on", "apple", 999, 1),)}, "on_apple_999.*node 999, which two rooms does not have"),
     ({"goals": (Goal("on", "apple", COFFEETABLE, 3),)}, "asks for 3, but two rooms has only 2"),
     ({"goals": (Goal("on", "apple", COFFEETABLE, 1), Goal("inside", "apple", FRIDGE, 2))}, "3 in all, but.*only 2"),
     ({"apartment": replace(two_rooms(), nodes={KITCHEN: room(KITCHEN, "kitchen", (0, 0, 5, 500))})}, "500 m along z"),
     ({"goals": (Goal("on", "apple", KITCHEN, 1),)}, "a room of two rooms"),
     ({"goals": (Goal("on", "apple", FRIDGE, 1),)}, "no surface"),
     ({"goals": (Goal("inside", "apple", TABLE, 1),)}, "no container"),
     ({"goals": (Goal("under", "apple", TABLE, 1),)}, "unknown relation 'under'"),
     ({"goals": (Goal("on", "apple", COFFEETABLE, 0),)}, "a count of 1 or more"),
     ({"goals": (Goal("on", "apple", COFFEETABLE, 1),) * 2}, "twice"),
     ({"goals": (Goal("on", "apple", TABLE, 1),)}, "hold at its start"),
     ({"starts": (Start(99), Start(KITCHEN))}, "seat 0 begin in 99.*<kitchen>"), ({"limit": 0}, "limit of 0")],
)  # fmt: skip
def test_tasks_without_sense_are_refused_at_once(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        HouseholdWorld([two_rooms_task(), replace(four_rooms_task(), name="x"), replace(two_rooms_task(), **change)])


@pytest.mark.parametrize(
    ("options", "words"),
    [({"seats": (0, 2)}, "seats"), ({"seats": ()}, "seats"), ({"talk": "loud"}, "costly, free, off"),
     ({"message_limit": 0}, "message limit of 0"), ({"limit": 0}, "limit of 0")],
)  # fmt: skip
def test_wrong_options_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        HouseholdWorld(two_rooms_task(), **options)


def test_a_world_needs_a_task_and_a_seat_a_holder() -> None:
    none: list[Task] = []
    with pytest.raises(BadInput, match="one task at least"):
        HouseholdWorld(none)
    with pytest.raises(BadInput, match="nobody holds seat 1"):
        HouseholdWorld(two_rooms_task(), seats=(0,)).guide(1)


@needs_driver
def test_seats_may_see_by_eye() -> None:
    world = HouseholdWorld(two_rooms_task(), visual=(64, 128))
    seen = world.reset(0)
    assert seen[0].view.camera.size == (64, 128)
    assert seen[0].view.home.t == 0
    assert any("before me" in rule for rule in world.guide(0).rules)
