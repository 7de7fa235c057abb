"""What people see: the own room without what is closed, the other person only there; what can be done in view of it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from household_homes import (
    APPLE,
    CABINET,
    COFFEETABLE,
    CUPCAKE,
    DOOR,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    PLATE,
    SHELF,
    TABLE,
    four_rooms_task,
    two_rooms_task,
)
from talkoot.data import data_folder
from talkoot.types import Action
from talkoot.worlds.household.mechanics import advance, apply, legal, observe, start
from talkoot.worlds.household.view import relevant


def act(name: str, *arguments: int) -> Action:
    return Action(name, tuple(map(str, arguments)))


def test_one_sees_the_own_room_without_what_is_closed() -> None:
    state = start(two_rooms_task(), 0)
    alice, bob = observe(state, 0), observe(state, 1)
    assert set(alice.nodes) == {DOOR, TABLE, FRIDGE, CABINET, APPLE}
    assert set(bob.nodes) == {COFFEETABLE, SHELF, PLATE}
    assert set(alice.rooms) == {KITCHEN, LIVINGROOM}
    assert alice.on == {APPLE: TABLE}
    assert alice.inside[APPLE] == KITCHEN
    assert set(alice.people) == {0}
    assert (alice.explored, alice.alone, alice.limit) == (frozenset({KITCHEN}), False, 250)


def test_opening_shows_and_closing_hides() -> None:
    state = start(two_rooms_task(), 0)
    state.position[0] = (2.5, 1.2)
    apply(state, 0, act("open", CABINET))
    view = observe(state, 0)
    assert view.inside[CUPCAKE] == CABINET
    assert view.open == {CABINET}
    apply(state, 0, act("close", CABINET))
    assert CUPCAKE not in observe(state, 0).nodes


def test_people_see_each_other_in_one_room_with_what_they_hold() -> None:
    state = start(two_rooms_task(), 0)
    state.position[0] = (2.5, 1.5)
    apply(state, 0, act("grab", APPLE))
    assert 0 not in observe(state, 1).people
    assert APPLE not in observe(state, 1).nodes
    state.room[1], state.position[1] = KITCHEN, (2.5, 4.0)
    bob = observe(state, 1)
    assert bob.people[0].holding == (APPLE,)
    assert APPLE in bob.nodes
    assert APPLE not in bob.inside
    assert APPLE not in bob.on
    held = observe(state, 0).nodes[APPLE]
    assert held.center[1] == pytest.approx(1.1)
    assert abs(held.center[0] - state.position[0][0]) < 0.5


def test_views_share_what_did_not_change() -> None:
    state = start(two_rooms_task(), 0)
    before = observe(state, 0)
    advance(state, {0: act("turnleft"), 1: act("turnleft")})
    assert observe(state, 0).nodes is before.nodes
    state.position[0] = (2.5, 1.2)
    apply(state, 0, act("open", CABINET))
    assert observe(state, 0).nodes is not before.nodes
    assert CUPCAKE not in before.nodes


def test_what_is_legal_now_can_be_done_now() -> None:
    state = start(two_rooms_task(), 0)
    state.position[0] = (2.5, 1.2)
    actions = set(legal(observe(state, 0)))
    assert {act("open", CABINET), act("grab", APPLE), act("walktowards", FRIDGE), act("wait")} <= actions
    assert act("walktowards", LIVINGROOM) in actions
    assert act("open", FRIDGE) not in actions  # out of reach
    assert not [action for action in actions if action.name in ("putin", "close", "send_message")]
    apply(state, 0, act("open", CABINET))
    apply(state, 0, act("grab", CUPCAKE))
    actions = set(legal(observe(state, 0)))
    assert {act("putin", CUPCAKE, CABINET), act("close", CABINET)} <= actions


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_legal_actions_do_not_fail(seed: int) -> None:
    draw = Random(seed)
    state = start(draw.choice([two_rooms_task, four_rooms_task])(), seed)
    for _ in range(30):
        action = draw.choice(legal(observe(state, 0)))
        failed = advance(state, {0: action})[0]
        assert not failed or action.name == "walkforward"


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_nothing_is_seen_through_closed_doors_or_walls(seed: int) -> None:
    draw = Random(seed)
    state = start(four_rooms_task(), seed)
    for _ in range(40):
        advance(state, {seat: draw.choice(legal(observe(state, seat))) for seat in (0, 1)}, draw)
        for seat in (0, 1):
            view = observe(state, seat)
            for number in view.nodes:
                assert state.room_of(number) == state.room[seat]
                parent = state.inside.get(number)
                assert parent is None or parent in view.rooms or parent in state.open
            assert (1 - seat in view.people) == (state.room[0] == state.room[1])
            assert view.open <= state.open


@pytest.mark.data
def test_the_recorded_agents_saw_exactly_this() -> None:
    """All recorded observations of all episodes: the visible ids, with the world replayed by our rules (2.4)."""
    folder = data_folder("household/episodes")
    if folder is None:
        pytest.skip("the recorded household episodes are not at hand")
    from talkoot.worlds.household.records import load_recorded, recorded_files

    looks = 0
    for path in recorded_files(folder):
        recorded = load_recorded(path)
        run = recorded.run
        assert run is not None
        state = start(recorded.task, 0)
        for t in range(run.steps):
            for seat in (0, 1):
                state.position[seat], state.room[seat] = run.positions[seat][t], run.rooms[seat][t]
            for seat in (0, 1):
                view = observe(state, seat)
                seen = {node.id for node in relevant(view)} | set(view.rooms)
                assert seen == run.visible[seat][t] - {1, 2}, (path.name, t, seat)
                assert frozenset(state.hands[seat]) == run.holding[seat][t]
                looks += 1
            advance(state, {seat: run.actions[seat][t] for seat in (0, 1)})
    assert looks == 948
