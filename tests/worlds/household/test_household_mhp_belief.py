"""MHP's belief: what is seen, missed, held, delivered and told; what is sampled again; what it is never told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from household_homes import (
    APPLE,
    APPLE_IN_FRIDGE,
    BATHROOM,
    BEDROOM,
    CABINET,
    COFFEETABLE,
    CUPCAKE,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    SHELF,
    TABLE,
    four_rooms_task,
    two_rooms_task,
)  # fmt: skip
from talkoot.types import Action, Seat
from talkoot.worlds.household.mechanics import advance, delivered, start
from talkoot.worlds.household.mhp.belief import LYING, Belief
from talkoot.worlds.household.mhp.imagination import imagine
from talkoot.worlds.household.mhp.inventory import inventory_of
from talkoot.worlds.household.sight import legal, missing, observe
from talkoot.worlds.household.state import State
from talkoot.worlds.household.task import Goal, Start, Task

FOUR_ROOMS = four_rooms_task()


def belief_of(task: Task, seat: Seat = 0, seed: int = 0, **options: bool) -> Belief:
    return Belief(inventory_of(task), seat, Random(seed), **options)


def looking(task: Task, seat: Seat = 0, seed: int = 0, **options: bool) -> tuple[State, Belief]:
    state, belief = start(task, 0), belief_of(task, seat, seed, **options)
    belief.see(observe(state, seat))
    return state, belief


def do(state: State, seat: Seat, *words: str | int) -> str:
    name, *arguments = words
    return advance(state, {seat: Action(str(name), tuple(map(str, arguments)))})[seat]


def reach(state: State, seat: Seat, node: int) -> None:
    """Walk until a node is within reach."""
    for _ in range(60):
        room = state.room_of(node)
        if room != state.room[seat]:
            do(state, seat, "walktowards", room)
        elif observe(state, seat).reaches(node):
            return
        else:
            do(state, seat, "walktowards", node)
    raise AssertionError(f"{node} cannot be reached")


def test_an_inventory_says_what_there_is_but_not_where_the_things_are() -> None:
    task = two_rooms_task()
    inventory = inventory_of(task)
    assert inventory.things == {APPLE: "apple", APPLE_IN_FRIDGE: "apple", CUPCAKE: "cupcake"}
    assert set(inventory.furniture) == {TABLE, FRIDGE, CABINET, COFFEETABLE, SHELF}
    assert inventory.room_of[COFFEETABLE] == LIVINGROOM
    assert inventory.goals == task.goals
    moved = replace(task, apartment=replace(task.apartment, inside={**task.apartment.inside, CUPCAKE: FRIDGE}))
    for field in fields(inventory):
        assert getattr(inventory_of(moved), field.name) == getattr(inventory, field.name)


def test_at_first_a_thing_may_be_anywhere_and_has_one_sampled_place() -> None:
    belief = belief_of(two_rooms_task())
    assert belief.containers[APPLE] == {LYING, FRIDGE, CABINET}
    assert belief.rooms[APPLE] == belief.rooms[COFFEETABLE] == {KITCHEN, LIVINGROOM}
    assert belief.place.keys() == {APPLE, APPLE_IN_FRIDGE, CUPCAKE, FRIDGE, CABINET, COFFEETABLE}
    assert belief_of(two_rooms_task(), known=True).rooms[COFFEETABLE] == {LIVINGROOM}


def test_sampled_places_and_states_follow_the_categoricals() -> None:
    beliefs = [belief_of(two_rooms_task(), seed=seed) for seed in range(600)]
    shelves = [belief.place[APPLE] for belief in beliefs]
    assert shelves.count(FRIDGE) == pytest.approx(200, abs=45)
    assert shelves.count(CABINET) == pytest.approx(200, abs=45)
    assert shelves.count(KITCHEN) == pytest.approx(100, abs=35)
    assert shelves.count(LIVINGROOM) == pytest.approx(100, abs=35)
    assert sum(FRIDGE in belief.open for belief in beliefs) == pytest.approx(300, abs=50)


def test_what_is_seen_is_certain_and_what_is_missed_is_excluded() -> None:
    state, belief = looking(two_rooms_task())
    assert (belief.containers[APPLE], belief.rooms[APPLE], belief.place[APPLE]) == ({LYING}, {KITCHEN}, KITCHEN)
    assert belief.on == {APPLE: TABLE}
    assert belief.rooms[CUPCAKE] == {LIVINGROOM}
    assert belief.containers[CUPCAKE] == {LYING, FRIDGE, CABINET}
    assert belief.rooms[FRIDGE] == {KITCHEN}
    assert belief.rooms[COFFEETABLE] == {LIVINGROOM}
    assert belief.place[COFFEETABLE] == LIVINGROOM
    assert not belief.open & {FRIDGE, CABINET}
    assert belief.certain() == {APPLE: KITCHEN}
    assert belief.looked_into() == set()
    reach(state, 0, FRIDGE)
    do(state, 0, "open", FRIDGE)
    belief.see(observe(state, 0))
    assert belief.place[APPLE_IN_FRIDGE] == FRIDGE
    assert belief.containers[APPLE_IN_FRIDGE] == {FRIDGE}
    assert belief.containers[CUPCAKE] == {LYING, CABINET}
    assert belief.looked_into() == {FRIDGE}
    assert FRIDGE in belief.open
    assert {FRIDGE, APPLE_IN_FRIDGE} <= belief.near


def test_a_thing_that_is_in_no_room_must_be_in_a_container() -> None:
    state, belief = looking(two_rooms_task())
    reach(state, 0, COFFEETABLE)
    belief.see(observe(state, 0))
    assert belief.rooms[CUPCAKE] == set()
    assert belief.containers[CUPCAKE] == {FRIDGE, CABINET}
    reach(state, 0, FRIDGE)
    do(state, 0, "open", FRIDGE)
    belief.see(observe(state, 0))
    assert belief.certain()[CUPCAKE] == CABINET == belief.place[CUPCAKE]
    assert belief.looked_into() == {FRIDGE, CABINET}


def test_only_what_an_observation_contradicts_is_sampled_again() -> None:
    task = four_rooms_task()
    seen = 0
    for seed in range(40):
        belief = belief_of(task, seed=seed)
        before = dict(belief.place)
        state = start(task, 0)
        view = observe(state, 0)
        belief.see(view)
        for node, place in belief.place.items():
            if node in view.nodes:
                assert place == view.inside[node]
            elif before[node] != BATHROOM:
                assert place == before[node], "it was not contradicted"
            else:
                assert place != BATHROOM
                seen += 1
    assert seen > 20


def test_an_opened_container_without_the_thing_contradicts_it() -> None:
    for seed in range(30):
        state, belief = looking(two_rooms_task(), seed=seed)
        if belief.place[CUPCAKE] != FRIDGE:
            continue
        reach(state, 0, FRIDGE)
        belief.see(observe(state, 0))
        assert belief.place[CUPCAKE] == FRIDGE, "closed, it may still be in there"
        do(state, 0, "open", FRIDGE)
        belief.see(observe(state, 0))
        assert belief.place[CUPCAKE] in (CABINET, LIVINGROOM)
        return
    raise AssertionError("no seed imagined the cupcake in the fridge")


def test_where_nothing_is_left_it_begins_anew_without_what_is_seen_now() -> None:
    state, belief = looking(two_rooms_task())
    reach(state, 0, COFFEETABLE)
    belief.see(observe(state, 0))
    for word in (("grab", APPLE), ("open", CABINET), ("putin", APPLE, CABINET), ("close", CABINET)):
        reach(state, 1, word[-1])
        assert do(state, 1, *word) == ""
    belief.see(observe(state, 0))
    assert belief.certain()[APPLE] == KITCHEN, "it has seen nothing of this"
    reach(state, 0, FRIDGE)
    do(state, 0, "open", FRIDGE)
    belief.see(observe(state, 0))
    assert belief.containers[APPLE] == {LYING, CABINET}
    assert belief.rooms[APPLE] == {LIVINGROOM}
    assert belief.place[APPLE] in (LIVINGROOM, CABINET)


def test_what_somebody_holds_has_no_place_and_is_remembered_in_his_hands() -> None:
    task = two_rooms_task(bob=Start(KITCHEN, (4.0, 2.5)))
    state, belief = looking(task)
    reach(state, 1, APPLE)
    do(state, 1, "grab", APPLE)
    belief.see(observe(state, 0))
    assert belief.hands == {0: (), 1: (APPLE,)}
    assert APPLE not in belief.place
    assert belief.containers[APPLE] == {LYING, FRIDGE, CABINET}, "from now on it may be put anywhere"
    reach(state, 1, COFFEETABLE)
    belief.see(observe(state, 0))
    assert belief.hands[1] == (APPLE,)
    assert imagine(belief).hands == [[], [APPLE]]
    assert do(state, 1, "putback", APPLE, COFFEETABLE) == ""
    belief.see(observe(state, 0))
    assert belief.hands[1] == ()
    assert (belief.place[APPLE], belief.on[APPLE]) == (belief.place[COFFEETABLE], COFFEETABLE)
    assert missing(imagine(belief)) == missing(state)


def test_own_eyes_only() -> None:
    task = two_rooms_task(bob=Start(KITCHEN, (4.0, 2.5)))
    state, belief = looking(task, told=False)
    reach(state, 1, APPLE)
    do(state, 1, "grab", APPLE)
    belief.see(observe(state, 0))
    reach(state, 1, COFFEETABLE)
    do(state, 1, "putback", APPLE, COFFEETABLE)
    belief.see(observe(state, 0))
    assert belief.hands[1] == (APPLE,), "it has not seen that Bob has put it down"
    assert not delivered(imagine(belief))
    belief.hear_delivered(APPLE, task.goals[0])
    assert belief.hands[1] == ()
    assert list(delivered(imagine(belief))) == [APPLE]
    reach(state, 0, COFFEETABLE)
    belief.see(observe(state, 0))
    assert list(delivered(imagine(belief))) == [APPLE]


def test_what_is_told_of_containers_and_rooms() -> None:
    _, belief = looking(two_rooms_task())
    belief.hear(CABINET, [CUPCAKE])
    assert belief.containers[CUPCAKE] == {CABINET}
    assert belief.place[CUPCAKE] == CABINET
    assert belief.containers[APPLE_IN_FRIDGE] == {LYING, FRIDGE}
    assert belief.looked_into() == {CABINET}
    belief.hear(LIVINGROOM, [APPLE_IN_FRIDGE])
    assert belief.certain() == {APPLE: KITCHEN, CUPCAKE: CABINET, APPLE_IN_FRIDGE: LIVINGROOM}
    assert belief.place[APPLE_IN_FRIDGE] == LIVINGROOM
    belief.hear(CABINET, [])
    assert belief.containers[CUPCAKE] == {CABINET}, "who is certain keeps to it"
    belief.hear(12345, [APPLE])
    assert belief.certain()[APPLE] == KITCHEN
    belief.hear(FRIDGE, [999])
    assert FRIDGE in belief.looked_into()


def test_told_contradictions_leave_a_place_for_everything() -> None:
    _, belief = looking(two_rooms_task())
    for place in (FRIDGE, CABINET):
        belief.hear(place, [])
    belief.hear(LIVINGROOM, [APPLE])
    assert belief.certain()[APPLE] == LIVINGROOM
    assert belief.place[CUPCAKE] == LIVINGROOM
    belief.rooms[CUPCAKE] = set()
    belief.containers[CUPCAKE] = {FRIDGE}
    belief.hear(FRIDGE, [CUPCAKE])
    assert belief.place[CUPCAKE] == FRIDGE


def test_a_goal_inside_a_container() -> None:
    task = four_rooms_task(Goal("inside", "plate", 102, 2))
    state, belief = looking(task)
    assert belief.place[123] == 102, "it was delivered from the start, as the household tells"
    assert delivered(imagine(belief)).keys() == {123} == delivered(state).keys()
    assert 102 not in belief.containers[210], "what counts is told, and this was not"
    belief.hear_delivered(210, belief.inventory.goals[0])
    assert delivered(imagine(belief)).keys() == {123, 210}


def test_the_imagination_has_only_what_matters_and_no_geometry() -> None:
    _, belief = looking(four_rooms_task())
    moment = imagine(belief)
    assert {KITCHEN, LIVINGROOM, BEDROOM, BATHROOM, 100} <= moment.apartment.nodes.keys()
    held = {belief.place[thing] for thing in belief.inventory.things}
    assert moment.apartment.nodes.keys() == {*belief.inventory.rooms, *belief.inventory.things, 100, *held}
    assert all(node.size == (0.0, 0.0, 0.0) for node in moment.apartment.nodes.values())
    centers = {node.id: node.center for node in moment.apartment.nodes.values()}
    for thing in belief.inventory.things:
        if belief.place[thing] not in belief.inventory.rooms:
            assert centers[thing] == centers[belief.place[thing]]
    lying = [n for n in centers if n not in belief.place or belief.place[n] in belief.inventory.rooms]
    assert len({centers[n] for n in lying}) == len(lying), "nothing else is near anything"


def test_what_is_within_reach_is_so_in_the_imagination() -> None:
    state, belief = looking(two_rooms_task())
    reach(state, 0, APPLE)
    belief.see(observe(state, 0))
    assert {APPLE} <= belief.near
    moment = imagine(belief)
    for node in belief.near & moment.apartment.nodes.keys():
        assert moment.apartment.nodes[node].center == (0.0, 0.0, 0.0)
    far = moment.apartment.nodes.keys() - belief.near
    assert all(moment.apartment.nodes[node].center[0] >= 10 for node in far)


def random_steps(seed: int, *, take: bool) -> Iterator[tuple[State, dict[Seat, Belief]]]:
    """Two people who do anything at random (taking things only with `take`), with what both believe at every step."""
    rng, state = Random(seed), start(FOUR_ROOMS, seed)
    beliefs = {seat: belief_of(state.task, seat, seed) for seat in (0, 1)}
    for _ in range(25):
        for seat, belief in beliefs.items():
            belief.see(observe(state, seat))
        yield state, beliefs
        choices = {seat: [one for one in legal(observe(state, seat)) if take or one.name != "grab"] for seat in (0, 1)}
        advance(state, {seat: rng.choice(choices[seat]) for seat in (0, 1)}, rng)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_while_nothing_is_moved_the_truth_stays_possible(seed: int) -> None:
    for state, beliefs in random_steps(seed, take=False):
        for belief in beliefs.values():
            for thing in belief.inventory.things:
                parent = state.inside[thing]
                if parent in belief.inventory.rooms:
                    assert LYING in belief.containers[thing]
                    assert parent in belief.rooms[thing]
                else:
                    assert parent in belief.containers[thing]
            for node in belief.furniture:
                assert state.inside[node] in belief.rooms[node]
            assert all(state.inside[thing] == place for thing, place in belief.certain().items())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_whatever_happens_everything_is_somewhere_and_all_is_saved(seed: int) -> None:
    for state, beliefs in random_steps(seed, take=True):
        for seat, belief in beliefs.items():
            moment = imagine(belief)
            for thing in belief.inventory.things:
                held = any(thing in hands for hands in belief.hands.values())
                assert held is (thing not in belief.place) is (thing not in moment.inside)
                if not held:
                    assert moment.room_of(thing) in belief.inventory.rooms
            assert belief.hands[seat] == tuple(state.hands[seat])
            assert set(delivered(state)) <= set(delivered(moment))
            again = belief_of(state.task, seat, 1)
            again.load(json.loads(json.dumps(belief.save())))
            assert again.save() == belief.save()
            assert imagine(again) == imagine(belief)


def test_by_eye_only_what_is_known_to_be_absent_is_ruled_out() -> None:
    task = two_rooms_task()
    view = observe(start(task, 0), 0)
    here = view.me.room
    nothing = replace(view, nodes={}, inside={}, on={}, open=frozenset())
    belief = belief_of(task)
    belief.see(nothing, missed=(APPLE,), looked=())
    assert here not in belief.rooms[APPLE]
    assert here in belief.rooms[APPLE_IN_FRIDGE]
    assert here in belief.rooms[TABLE if TABLE in belief.rooms else COFFEETABLE]
    opened = replace(view, open=frozenset({FRIDGE}), nodes={FRIDGE: view.nodes[FRIDGE]})
    belief.see(opened, missed=(), looked=())
    assert FRIDGE in belief.containers[APPLE]
    belief.see(opened, missed=(), looked=(FRIDGE,))
    assert FRIDGE not in belief.containers[APPLE]
    belief.see(nothing)
    assert here not in belief.rooms[APPLE_IN_FRIDGE]
