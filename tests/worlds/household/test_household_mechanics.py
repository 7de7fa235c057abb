"""The rules: walking, what hands need, order and conflicts, reasons in words, and what can never happen."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from household_homes import (
    APPLE,
    APPLE_IN_FRIDGE,
    BATHROOM,
    CABINET,
    COFFEETABLE,
    CUPCAKE,
    FORK,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    PLATE,
    SHELF,
    TABLE,
    four_rooms_task,
    two_rooms_task,
)
from talkoot.errors import IllegalAction
from talkoot.types import Action
from talkoot.worlds.household.mechanics import (
    ARITY,
    Quirks,
    State,
    advance,
    apply,
    delivered,
    legal,
    missing,
    node_id,
    observe,
    satisfied,
    start,
)
from talkoot.worlds.household.state import contents, standing
from talkoot.worlds.household.task import Goal

WAIT = Action("wait")


def act(name: str, *arguments: Any) -> Action:
    return Action(name, tuple(map(str, arguments)))


def at(state: State, seat: int, point: tuple[float, float], room: int) -> State:
    state.position[seat], state.room[seat] = point, room
    return state


def both_in_kitchen(**options: Any) -> State:
    """Alice south of the kitchen table beside the cabinet, Bob north of it, both near the apple."""
    state = start(two_rooms_task(**options), 0)
    at(state, 0, (2.5, 1.2), KITCHEN)
    return at(state, 1, (2.5, 3.6), KITCHEN)


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("apple_12", 12), ("<apple> (12)", 12), ("<apple> (12) ", 12), ("a2_7", 7), ("apple", None),
     ("", None), ("-12", None), ("1.5", None), ("12 apples", None), ("(3", 3)],
)  # fmt: skip
def test_an_argument_names_a_node_by_its_last_number(text: str, number: int | None) -> None:
    assert node_id(text) == number


@pytest.mark.parametrize(
    ("action", "words"),
    [(act("dance"), "knows no action 'dance'"), (act("grab"), "takes 1 argument"), (act("putin", 50), "2 arguments"),
     (act("grab", "apple"), "needs a node"), (act("grab", 999), "has no node 999"), (act("wait", 3), "takes 0")],
)  # fmt: skip
def test_what_no_world_has_is_illegal(action: Action, words: str) -> None:
    state = start(two_rooms_task(), 0)
    with pytest.raises(IllegalAction, match=f"seat 1.*{words}"):
        advance(state, {0: WAIT, 1: action})
    assert state.t == 0


def test_people_begin_in_their_rooms_and_the_seed_draws_the_points() -> None:
    first, again, other = (start(four_rooms_task(), seed) for seed in (3, 3, 4))
    assert first.room == [BATHROOM, LIVINGROOM]
    assert first.position == again.position
    assert first.position != other.position
    alone = start(four_rooms_task(), 3, (1,))
    assert alone.room == [-1, LIVINGROOM]
    assert alone.position[1] == first.position[1]


def test_a_walk_covers_a_metre_a_step_until_the_thing_is_at_hand() -> None:
    state = start(two_rooms_task(), 0)
    steps = 0
    while apply(state, 0, act("grab", PLATE)):
        before = state.position[0]
        target = PLATE if state.room[0] == LIVINGROOM else LIVINGROOM
        assert advance(state, {0: act("walktowards", target)}) == {0: ""}
        far = abs(state.position[0][0] - before[0]) + abs(state.position[0][1] - before[1])
        assert 0 < far <= 1.5
        steps += 1
    assert 6 <= steps <= 9  # 7.5 m from the corner of the kitchen, less the reach
    assert state.hands[0] == [PLATE]


def test_only_what_is_seen_can_be_walked_to() -> None:
    state = start(two_rooms_task(), 0)
    for number in (PLATE, APPLE_IN_FRIDGE, FORK):
        before = state.position[0]
        assert "do not see" in advance(state, {0: act("walktowards", number), 1: WAIT})[0]
        assert state.position[0] == before
    assert state.t == 3


def test_turning_and_walking_on() -> None:
    state = at(start(two_rooms_task(), 0), 0, (1.0, 1.0), KITCHEN)
    state.yaw[0] = 0.0
    for _ in range(7):
        apply(state, 0, act("turnright"))
    assert state.yaw[0] == pytest.approx(-150.0)
    for _ in range(7):
        apply(state, 0, act("turnleft"))
    assert state.yaw[0] == pytest.approx(0.0)
    assert apply(state, 0, act("walkforward")) == ""
    assert state.position[0] == pytest.approx((1.0, 2.0))
    while not apply(state, 0, act("walkforward")):
        assert state.position[0][1] < 5.0
    assert "no room to walk on" in apply(state, 0, act("walkforward"))


def test_a_container_is_opened_emptied_filled_and_closed() -> None:
    state = both_in_kitchen()
    assert apply(state, 0, act("open", CABINET)) == ""
    assert "open already" in apply(state, 0, act("open", CABINET))
    assert apply(state, 0, act("grab", CUPCAKE)) == ""
    assert state.hands[0] == [CUPCAKE]
    assert CUPCAKE not in state.inside
    assert apply(state, 0, act("putin", CUPCAKE, CABINET)) == ""
    assert state.inside[CUPCAKE] == CABINET
    assert apply(state, 0, act("close", CABINET)) == ""
    assert "closed already" in apply(state, 0, act("close", CABINET))
    assert "do not see" in apply(state, 0, act("grab", CUPCAKE))


def test_two_hands_and_one_free_to_open() -> None:
    state = both_in_kitchen()
    apply(state, 0, act("open", CABINET))
    assert apply(state, 0, act("grab", CUPCAKE)) == ""
    assert apply(state, 0, act("grab", APPLE)) == ""
    assert state.hands[0] == [CUPCAKE, APPLE]  # the right hand first
    state.open.add(FRIDGE)
    state.seen.clear()
    at(state, 0, (1.2, 4.0), KITCHEN)
    assert "hands are full" in apply(state, 0, act("grab", APPLE_IN_FRIDGE))
    state.swing(FRIDGE, opened=False)
    assert "free hand" in apply(state, 0, act("open", FRIDGE))
    at(state, 0, (2.5, 1.2), KITCHEN)
    assert apply(state, 0, act("close", CABINET)) == ""  # closing needs no free hand


@pytest.mark.parametrize(
    ("action", "reason"),
    [(act("grab", TABLE), "cannot be taken"), (act("open", TABLE), "cannot be opened"),
     (act("close", TABLE), "cannot be closed"), (act("putback", APPLE, TABLE), "do not hold <apple>"),
     (act("grab", FRIDGE), "cannot be taken"), (act("open", FRIDGE), "out of reach"),
     (act("grab", PLATE), "do not see"), (act("walktowards", PLATE), "do not see")],
)  # fmt: skip
def test_reasons_name_the_thing(action: Action, reason: str) -> None:
    state = both_in_kitchen()
    before = state.copy()
    assert reason in apply(state, 0, action)
    assert state == before


def test_things_are_put_where_things_can_be_put() -> None:
    state = both_in_kitchen()
    apply(state, 0, act("grab", APPLE))
    assert "is closed" in apply(state, 0, act("putin", APPLE, CABINET))
    assert "nothing can be put into" in apply(state, 0, act("putin", APPLE, TABLE))
    assert "a room" in apply(state, 0, act("putback", APPLE, KITCHEN))
    assert "itself" in apply(state, 0, act("putback", APPLE, APPLE))
    at(state, 0, (1.2, 4.0), KITCHEN)
    assert "nothing can be put onto" in apply(state, 0, act("putback", APPLE, FRIDGE))
    assert state.hands[0] == [APPLE]
    at(state, 0, (2.5, 1.2), KITCHEN)
    assert apply(state, 0, act("putback", APPLE, TABLE)) == ""
    assert (state.on[APPLE], state.inside[APPLE]) == (TABLE, KITCHEN)
    assert state.center[APPLE][1] == pytest.approx(0.86)  # half an apple above the table


def test_what_the_partner_took_is_told_by_name() -> None:
    state = both_in_kitchen()
    assert advance(state, {0: act("grab", APPLE), 1: WAIT}) == {0: "", 1: ""}
    assert advance(state, {0: WAIT, 1: act("walktowards", APPLE)})[1] == "Alice holds <apple> (50) now"
    assert advance(state, {0: WAIT, 1: act("grab", APPLE)})[1] == "Alice holds <apple> (50) now"
    assert advance(state, {0: act("walktowards", APPLE), 1: WAIT})[0] == "you already hold <apple> (50)"
    at(state, 0, (9.0, 4.0), LIVINGROOM)
    assert "do not see" in advance(state, {0: WAIT, 1: act("grab", APPLE)})[1]


def test_who_walks_to_what_is_taken_in_the_same_step_still_walks() -> None:
    state = at(both_in_kitchen(), 1, (4.5, 4.5), KITCHEN)
    before = state.position[1]
    assert advance(state, {0: act("grab", APPLE), 1: act("walktowards", APPLE)}) == {0: "", 1: ""}
    assert state.hands[0] == [APPLE]
    assert state.position[1] != before


def test_two_at_one_thing_chance_chooses_and_the_other_loses_the_step() -> None:
    winners = set()
    for seed in range(20):
        state = both_in_kitchen()
        failed = advance(state, {0: act("grab", APPLE), 1: act("grab", APPLE)}, Random(seed))
        (winner,) = (seat for seat in (0, 1) if state.hands[seat])
        assert state.hands[winner] == [APPLE]
        assert failed[winner] == ""
        assert "in the same step" in failed[1 - winner]
        winners.add(winner)
    assert winners == {0, 1}
    state = both_in_kitchen()
    advance(state, {0: act("grab", APPLE), 1: act("grab", APPLE)}, Random(1), Quirks(conflict="first"))
    assert state.hands == [[APPLE], []]


def test_two_may_fill_one_place_in_the_same_step() -> None:
    state = both_in_kitchen()
    apply(state, 0, act("grab", APPLE))
    apply(state, 0, act("open", CABINET))
    apply(state, 0, act("grab", CUPCAKE))
    state.hands[1].append(state.hands[0].pop())
    puts = {0: act("putback", APPLE, TABLE), 1: act("putback", CUPCAKE, TABLE)}
    narrow = state.copy()
    assert advance(state, puts, Random(0)) == {0: "", 1: ""}
    assert state.on[APPLE] == state.on[CUPCAKE] == TABLE
    assert state.center[APPLE] != state.center[CUPCAKE]
    assert any(advance(narrow, puts, Random(0), Quirks(conflict_targets="all")).values())


def test_what_lay_on_a_thing_stays_where_it_was() -> None:
    task = two_rooms_task()
    state = at(start(task, 0), 0, (8.5, 1.5), LIVINGROOM)
    state.inside[FORK], state.on[FORK] = LIVINGROOM, PLATE
    assert apply(state, 0, act("grab", PLATE)) == ""
    assert state.on[FORK] == COFFEETABLE
    assert PLATE not in state.on


def test_a_thing_that_holds_something_is_not_taken() -> None:
    state = both_in_kitchen()
    state.inside[CUPCAKE] = APPLE
    assert "something in" in apply(state, 0, act("grab", APPLE))


def test_what_counts_comes_in_the_order_of_delivery() -> None:
    goal = Goal("on", "apple", TABLE, 1)
    state = both_in_kitchen()
    state.task = two_rooms_task(goal)
    assert satisfied(state) == (APPLE,)
    apply(state, 0, act("grab", APPLE))
    assert (satisfied(state), missing(state)) == ((), {state.task.goals[0]: 1})
    at(state, 1, (1.2, 4.0), KITCHEN)
    apply(state, 1, act("open", FRIDGE))
    apply(state, 1, act("grab", APPLE_IN_FRIDGE))
    at(state, 1, (2.5, 3.6), KITCHEN)
    advance(state, {0: WAIT, 1: act("putback", APPLE_IN_FRIDGE, TABLE)})
    assert state.gained == [0, 1]
    advance(state, {0: act("putback", APPLE, TABLE), 1: WAIT})
    assert state.gained == [0, 0]  # a surplus apple
    assert dict(delivered(state)) == {APPLE_IN_FRIDGE: state.task.goals[0]}
    advance(state, {0: WAIT, 1: act("grab", APPLE_IN_FRIDGE)})
    assert satisfied(state) == (APPLE,)  # the surplus steps in
    assert state.gained == [0, 0]
    advance(state, {0: act("grab", APPLE), 1: WAIT})
    assert state.gained == [-1, 0]


def test_searching_planners_leap() -> None:
    state = start(two_rooms_task(), 0)
    assert apply(state, 1, act("walktowards", TABLE), jump=True) == ""
    assert (state.position[1], state.room[1]) == ((2.5, 2.5), KITCHEN)
    assert apply(state, 1, act("grab", APPLE), jump=True) == ""
    assert "which is closed" in apply(state, 1, act("walktowards", CUPCAKE), jump=True)
    assert "Bob holds" in apply(state, 0, act("walktowards", APPLE), jump=True)


def test_copies_go_their_own_way() -> None:
    state = both_in_kitchen()
    twin = state.copy()
    apply(twin, 0, act("grab", APPLE))
    apply(twin, 0, act("open", CABINET))
    assert state == both_in_kitchen()
    assert APPLE in standing(state, KITCHEN).nodes
    assert APPLE not in standing(twin, KITCHEN).nodes
    assert CUPCAKE in standing(twin, KITCHEN).nodes


def random_actions(state: State, draw: Random) -> dict[int, Action]:
    """Mostly what a view allows, sometimes anything at all."""
    actions = {}
    for seat in (0, 1):
        if draw.random() < 0.8:
            actions[seat] = draw.choice(legal(observe(state, seat)))
        else:
            name = draw.choice(list(ARITY))
            actions[seat] = act(name, *(draw.choice(list(state.apartment.nodes)) for _ in range(ARITY[name])))
    return actions


def check_places(state: State) -> None:
    """Every node is in exactly one place, nothing is on what is elsewhere, and what was made in advance is true."""
    held = [thing for hand in state.hands for thing in hand]
    rooms = set(state.apartment.rooms)
    assert len(held) == len(set(held))
    assert set(held) | set(state.inside) | rooms == set(state.apartment.nodes)
    assert not set(held) & set(state.inside)
    assert not set(state.on) - set(state.inside)
    for number in state.inside:
        assert state.room_of(number) in rooms
    bare = state.copy()
    bare.content, bare.seen, bare.counted = {}, {}, None
    for room in rooms:
        assert standing(state, room) == standing(bare, room)
        assert list(standing(state, room).nodes) == list(standing(bare, room).nodes)
    assert {key: group for key, group in contents(state).items() if group.nodes} == contents(bare)
    assert list(delivered(state)) == list(delivered(bare))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_whatever_is_done_every_thing_is_in_one_place(seed: int) -> None:
    draw = Random(seed)
    task = draw.choice([two_rooms_task, four_rooms_task])()
    state = start(task, seed)
    for seat in (0, 1):  # near something, so that hands have something to do
        number = draw.choice([n for n in state.apartment.nodes.values() if n.searchable]).id
        while state.room[seat] != state.room_of(number) and not apply(
            state, seat, act("walktowards", state.room_of(number))
        ):
            pass
    for _ in range(40):
        before = state.t
        failed = advance(state, random_actions(state, draw), Random(seed))
        assert state.t == before + 1
        assert set(failed) == {0, 1}
        assert all(len(hand) <= 2 for hand in state.hands)
        check_places(state)


def test_the_shelf_cannot_be_opened_and_shows_nothing() -> None:
    state = at(start(two_rooms_task(), 0), 0, (7.5, 3.9), LIVINGROOM)
    assert "cannot be opened" in apply(state, 0, act("open", SHELF))
    assert "do not see" in apply(state, 0, act("grab", FORK))
    assert apply(state, 0, act("grab", FORK), quirks=Quirks(open_tops=True)) == ""
