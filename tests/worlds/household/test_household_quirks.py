"""Each quirk of the original by name: what it changes in the rules, and what is refused as an option."""

from __future__ import annotations

from random import Random

import pytest

from household_homes import (
    APPLE,
    APPLE_IN_FRIDGE,
    CABINET,
    CUPCAKE,
    FORK,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    SHELF,
    TABLE,
    two_rooms_task,
)
from talkoot.errors import BadInput, IllegalAction
from talkoot.types import Action
from talkoot.worlds.household.mechanics import State, advance, apply, observe, start
from talkoot.worlds.household.quirks import Quirks, make_quirks
from talkoot.worlds.household.world import HouseholdWorld

WAIT = Action("wait")


def act(name: str, *arguments: int) -> Action:
    return Action(name, tuple(map(str, arguments)))


def at_table(point: tuple[float, float] = (2.5, 1.2)) -> State:
    state = start(two_rooms_task(), 0)
    state.position[0], state.room[0] = point, KITCHEN
    return state


@pytest.mark.parametrize(("mode", "one", "two"), [("never", 0, 0), ("full", 0, 1), ("always", 1, 1)])
def test_putting_into_what_is_closed(mode: str, one: bool, two: bool) -> None:
    quirks = make_quirks({"putin_closed": mode})
    for held, works in ((1, one), (2, two)):
        state = at_table()
        for thing in (APPLE, CUPCAKE)[:held]:
            state.take(thing)
            state.hands[0].append(thing)
        failed = apply(state, 0, act("putin", APPLE, CABINET), quirks=quirks)
        assert (failed == "") == bool(works)
        assert (state.inside.get(APPLE) == CABINET) == bool(works)
        assert CABINET not in state.open


def test_hands_approach_what_is_just_out_of_reach() -> None:
    far = (2.5, 0.75)  # the table begins at z = 2.0; the apple's box at 2.445
    for approach, works in ((0.0, False), (0.7, True)):
        state = at_table(far)
        assert (apply(state, 0, act("grab", APPLE), quirks=Quirks(approach=approach)) == "") == works
        assert (state.position[0] != far) == works
    still = at_table()
    apply(still, 0, act("open", CABINET), quirks=Quirks(approach=0.0))
    assert still.position[0] == (2.5, 1.2)
    nearer = at_table()
    apply(nearer, 0, act("open", CABINET))
    assert nearer.position[0][1] < 1.2
    assert nearer.yaw[0] == pytest.approx(180.0)


def test_open_tops_show_what_is_in_them() -> None:
    state = start(two_rooms_task(), 0)
    assert FORK not in observe(state, 1).nodes
    assert observe(state, 1, quirks=Quirks(open_tops=True)).inside[FORK] == SHELF


def test_put_anywhere() -> None:
    state = at_table((1.2, 4.0))
    state.take(APPLE)
    state.hands[0].append(APPLE)
    assert "nothing can be put onto" in apply(state, 0, act("putback", APPLE, FRIDGE))
    assert apply(state, 0, act("putback", APPLE, FRIDGE), quirks=Quirks(put_anywhere=True)) == ""
    assert state.on[APPLE] == FRIDGE


def test_a_loose_grab_reaches_what_is_close_to_what_is_at_hand() -> None:
    far = (2.5, 0.7)
    assert apply(at_table(far), 0, act("grab", APPLE), quirks=Quirks(approach=0.0)) != ""
    assert apply(at_table(far), 0, act("grab", APPLE), quirks=Quirks(approach=0.0, loose_grab=True)) == ""


def test_open_containers_may_count_as_larger() -> None:
    for grows, works in ((0.0, False), (0.3, True)):
        state = at_table((0.5, 2.5))  # 1.75 m from the fridge
        state.open.add(FRIDGE)
        quirks = Quirks(approach=0.0, open_grows=grows)
        assert (apply(state, 0, act("close", FRIDGE), quirks=quirks) == "") == works


def test_a_jump_walks_all_the_way() -> None:
    state = start(two_rooms_task(), 0)
    assert advance(state, {0: act("walktowards", LIVINGROOM), 1: WAIT}, None, Quirks(walk="jump"))[0] == ""
    assert state.room[0] == LIVINGROOM
    state = start(two_rooms_task(), 0)
    advance(state, {0: act("walktowards", FRIDGE), 1: WAIT}, None, Quirks(walk="jump"))
    assert apply(state, 0, act("open", FRIDGE), quirks=Quirks(approach=0.0)) == ""
    assert "do not see" in advance(state, {0: act("walktowards", FORK), 1: WAIT}, None, Quirks(walk="jump"))[0]


def test_who_walks_on_the_spot_is_sent_to_a_random_room() -> None:
    rooms = set()
    for seed in range(8):
        state, draw = start(two_rooms_task(), 0), Random(seed)
        for _ in range(12):
            advance(state, {0: act("walktowards", TABLE), 1: WAIT}, draw, Quirks(unstick=True))
        rooms.add(state.room[0])
    assert LIVINGROOM in rooms or len({tuple(state.position)}) == 1
    state = start(two_rooms_task(), 0)
    for _ in range(12):
        advance(state, {0: act("walktowards", TABLE), 1: WAIT}, Random(0))
    before = state.position[0]
    advance(state, {0: act("walktowards", TABLE), 1: WAIT}, Random(0))
    assert state.position[0] == before


def test_opening_what_is_open_may_be_an_error() -> None:
    task = two_rooms_task()
    for reopen in ("fails", "error"):
        world = HouseholdWorld(task, reopen=reopen)
        world.reset(0)
        world.state.position[0], world.state.room[0] = (1.2, 4.0), KITCHEN
        world.step({0: act("open", FRIDGE), 1: WAIT})
        if reopen == "fails":
            assert "open already" in world.step({0: act("open", FRIDGE), 1: WAIT}).info["failed"]["0"]
        else:
            saved = world.save()
            with pytest.raises(IllegalAction, match="seat 0: <fridge>"):
                world.step({0: act("open", FRIDGE), 1: WAIT})
            assert world.save() == saved


def test_messages_may_come_back_to_their_sender() -> None:
    for echo in (False, True):
        world = HouseholdWorld(two_rooms_task(), echo=echo)
        world.reset(0)
        step = world.step({0: Action("send_message", say="hello"), 1: WAIT})
        assert [m.text for m in step.observations[1].messages] == ["hello"]
        assert bool(step.observations[0].messages) is echo


@pytest.mark.parametrize(
    ("option", "words"),
    [({"gravity": True}, "no option 'gravity'"), ({"conflict": "coin"}, "random, first"),
     ({"open_tops": "yes"}, "True or False"), ({"approach": -1.0}, "metres"), ({"approach": True}, "metres")],
)  # fmt: skip
def test_wrong_options_are_refused_with_what_is_known(option: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        HouseholdWorld(two_rooms_task(), **option)  # type: ignore[arg-type]


def test_content_of_an_open_container_is_in_reach_with_it() -> None:
    state = at_table((1.85, 3.3))
    state.swing(FRIDGE, opened=True)
    assert apply(state, 0, act("grab", APPLE_IN_FRIDGE), quirks=Quirks(approach=0.0)) == ""
