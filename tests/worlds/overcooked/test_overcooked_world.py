"""The World around the rules: seats, messages, random starts, save and load, and what it refuses."""

from __future__ import annotations

import json
import random

import pytest

from talkoot.errors import BadInput, IllegalAction
from talkoot.types import Action, Message
from talkoot.worlds.overcooked.kitchen import PRIMITIVES, Kitchen
from talkoot.worlds.overcooked.world import OvercookedWorld

STAY = Action("stay")


def test_reset_and_step_tell_the_kitchen() -> None:
    world = OvercookedWorld("cramped_room")
    seen = world.reset(0)
    view = seen[0].view
    assert isinstance(view, Kitchen)
    assert view.cooks[0].cell == (1, 2)
    assert view.cooks[1].cell == (3, 1)
    assert [cook.facing for cook in view.cooks.values()] == [0, 0]
    assert view.horizon == 400
    step = world.step({0: Action("west"), 1: Action("east")})
    assert step.observations[1].view.cooks[0].facing == 3
    assert step.observations[1].t == 1
    assert step.ready == {0, 1}
    assert step.rewards == {0: 0.0, 1: 0.0}
    assert not step.done
    step = world.step({0: STAY, 1: Action("interact")})
    assert step.info["events"] == {"0": [], "1": ["onion_pickup", "useful_onion_pickup"]}
    assert step.observations[0].view.cooks[1].held == 1


def test_ends_at_the_horizon_and_says_so() -> None:
    world = OvercookedWorld("simple", horizon=2)
    world.reset(0)
    assert not world.step({0: STAY, 1: STAY}).done
    assert world.step({0: STAY, 1: STAY}).done
    with pytest.raises(IllegalAction, match="reset"):
        world.step({0: STAY, 1: STAY})
    world.reset(1)
    assert not world.step({0: STAY, 1: STAY}).done


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ({0: STAY}, ["seat 1"]),
        ({0: STAY, 1: STAY, 2: STAY}, ["seat 2"]),
        ({0: STAY, 1: Action("jump")}, ["seat 1", "jump", "interact"]),
        ({0: STAY, 1: Action("stay", ("3",))}, ["seat 1", "stay(3)"]),
    ],
)
def test_illegal_actions_name_seat_and_action_and_change_nothing(actions: dict[int, Action], words: list[str]) -> None:
    world = OvercookedWorld("cramped_room")
    world.reset(0)
    before = world.save()
    with pytest.raises(IllegalAction) as error:
        world.step(actions)
    assert all(word in str(error.value) for word in words)
    assert world.save() == before


def test_an_unheld_seat_is_empty() -> None:
    world = OvercookedWorld("cramped_room", seats=(1,))
    seen = world.reset(0)
    assert set(seen) == {1}
    assert set(seen[1].view.cooks) == {1}
    with pytest.raises(IllegalAction, match="seat 0"):
        world.step({0: STAY, 1: STAY})


@pytest.mark.parametrize(
    "options",
    [{"seats": ()}, {"seats": (2,)}, {"seats": (0, 0)}, {"rules": "x"}, {"horizon": 0}, {"start": "x"},
     {"random_objects": 2.0}, {"talk": True, "message_limit": 0}],
)  # fmt: skip
def test_nonsense_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        OvercookedWorld("cramped_room", **options)  # type: ignore[arg-type]


def test_messages_reach_the_others_once_and_are_cut() -> None:
    world = OvercookedWorld("cramped_room", talk=True, message_limit=5)
    world.reset(0)
    step = world.step({0: Action("stay", say="onions please"), 1: STAY})
    assert step.observations[1].messages == (Message(0, "onion", 0),)
    assert step.observations[0].messages == ()
    assert world.scene()["said"] == [{"seat": 0, "text": "onion"}]
    saved = json.loads(json.dumps(world.save()))
    other = OvercookedWorld("cramped_room", talk=True, message_limit=5)
    assert other.load(saved)[1].messages == (Message(0, "onion", 0),)
    assert world.step({0: STAY, 1: STAY}).observations[1].messages == ()
    silent = OvercookedWorld("cramped_room")
    silent.reset(0)
    assert silent.step({0: Action("stay", say="hello"), 1: STAY}).observations[1].messages == ()


@pytest.mark.parametrize("start", ["standard", "random"])
def test_a_fork_goes_on_exactly(start: str) -> None:
    world = OvercookedWorld("forced_coordination", start=start, random_objects=0.5)  # type: ignore[arg-type]
    fork = OvercookedWorld("forced_coordination", start=start, random_objects=0.5)  # type: ignore[arg-type]
    world.reset(5)
    rng = random.Random(1)
    for t in range(300):
        actions = {seat: Action(rng.choice(PRIMITIVES)) for seat in (0, 1)}
        if t == 100:
            fork.load(json.loads(json.dumps(world.save())))
        step = world.step(actions)
        if t >= 100:
            assert fork.step(actions) == step
            assert fork.save() == world.save()
            assert fork.scene() == world.scene()


def test_random_starts_follow_the_seed() -> None:
    world = OvercookedWorld("cramped_room", start="random")
    starts = [tuple(cook.cell for cook in world.reset(seed)[0].view.cooks.values()) for seed in range(60)]
    assert len(set(starts)) > 15
    assert all(a != b for a, b in starts)
    assert starts[7] == tuple(cook.cell for cook in world.reset(7)[0].view.cooks.values())


@pytest.mark.parametrize(
    "damage",
    [
        lambda saved: None,
        lambda saved: {**saved, "state": saved["state"][:-1]},
        lambda saved: {**saved, "layout": "elsewhere"},
        lambda saved: {**saved, "state": [0, 900, *saved["state"][2:]]},
        lambda saved: {**saved, "state": [*saved["state"][:3], 77, *saved["state"][4:]]},
        lambda saved: {**saved, "state": [*saved["state"][:7], 15, *saved["state"][8:]]},
        lambda saved: {**saved, "said": [[0]]},
    ],
)
def test_damaged_states_are_refused(damage: object) -> None:
    world = OvercookedWorld("cramped_room")
    world.reset(0)
    with pytest.raises(BadInput):
        world.load(damage(world.save()))  # type: ignore[operator]
