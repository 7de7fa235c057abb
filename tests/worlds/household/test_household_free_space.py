"""Standing and walking: a metre a step, arrival, doors, no memory, never in furniture."""

from __future__ import annotations

from dataclasses import replace
from math import dist
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from household_homes import (
    APPLE_IN_FRIDGE,
    BATHROOM,
    BEDROOM,
    CABINET,
    COFFEETABLE,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    TABLE,
    apartment,
    four_rooms,
    node,
    room,
    two_rooms,
)
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.free_space import FreeSpace, free_space, heading, in_the_way
from talkoot.worlds.household.reach import REACH, footprint, gap, within_reach

HOME = two_rooms()
SPACE = free_space(HOME)
FOUR = four_rooms()


def test_the_way_past_the_table_is_straight_and_a_metre_a_step() -> None:
    point, target = (1.0, 1.5), HOME.nodes[CABINET]
    walk = SPACE.toward((4.5, 1.0), target)
    assert dist(walk.point, (4.5, 1.0)) == pytest.approx(1.0)
    assert walk.arrived
    assert walk.yaw == pytest.approx(heading((4.5, 1.0), walk.point))
    assert within_reach(point, target)
    assert SPACE.steps_to(point, target) == 0
    stays = SPACE.toward(walk.point, target)
    for _ in range(9):
        stays = SPACE.toward(stays.point, target)
    again = SPACE.toward(stays.point, target)
    assert again.point == stays.point, "at its side one stays"
    assert again.yaw == pytest.approx(heading(again.point, (2.5, 0.2))), "and looks at it"


def test_steps_are_counted_as_they_are_walked() -> None:
    # From (4.5, 4.5) to the fridge at the other end of a free wall: 3.75 m to its side, 2.25 m until within reach.
    assert SPACE.steps_to((4.5, 4.5), HOME.nodes[FRIDGE]) == 3
    assert SPACE.steps_to((4.0, 4.5), HOME.nodes[FRIDGE]) == 2
    assert SPACE.steps_to((2.2, 4.5), HOME.nodes[FRIDGE]) == 0
    assert SPACE.steps_to((1.0, 1.5), HOME.nodes[KITCHEN]) == 0


def test_rooms_are_entered_through_the_door() -> None:
    point, seen = (2.5, 4.5), []
    for _ in range(20):
        walk = SPACE.toward_room(point, HOME.nodes[LIVINGROOM])
        seen.append(walk)
        point = walk.point
        if walk.arrived:
            break
    assert [walk.arrived for walk in seen] == [False] * (len(seen) - 1) + [True]
    assert len(seen) == SPACE.steps_to((2.5, 4.5), HOME.nodes[LIVINGROOM]) == 4
    assert SPACE.toward((2.5, 4.5), HOME.nodes[LIVINGROOM]) == seen[0], "a room is a target like any other"
    back = SPACE.toward_room(point, HOME.nodes[KITCHEN], 0.1)
    assert back.yaw < 0, "westwards"
    middle = SPACE.toward_room((7.5, 2.5), HOME.nodes[LIVINGROOM])
    assert middle.arrived
    assert dist(middle.point, (7.5, 2.5)) < 0.1, "in the middle of a room one stays"


def test_what_is_beyond_a_wall_is_not_reached() -> None:
    # 1.2 m from the cabinet as the crow flies, but in the other room.
    shelf = node(35, "bookshelf", (4.5, 4.8))
    home = replace(HOME, nodes={**HOME.nodes, 35: shelf}, inside={**HOME.inside, 35: KITCHEN})
    space, point = free_space(home), (5.5, 4.0)
    assert within_reach(point, shelf)
    assert not space.toward(point, shelf, 0.01).arrived
    assert space.steps_to(point, shelf) == 3
    assert space.steps_to((4.5, 4.0), shelf) == 0


def test_a_thing_that_was_moved_is_where_it_lies_now() -> None:
    moved = HOME.nodes[APPLE_IN_FRIDGE].moved((8.5, 0.5, 2.5))
    assert SPACE.steps_to((8.5, 3.5), HOME.nodes[APPLE_IN_FRIDGE]) > 6  # type: ignore[operator]
    assert SPACE.steps_to((8.5, 3.5), moved) == 0
    assert SPACE.steps_to((8.5, 3.5), moved, room=KITCHEN) is None, "the caller knows better"


def test_what_nobody_reaches_is_a_clear_failure() -> None:
    nodes = [room(11, "kitchen", (0, 0, 5, 5)), room(12, "livingroom", (5, 0, 10, 5)), node(33, "coffeetable", (8, 2))]
    home = apartment("no door", nodes, {33: 12})
    space = FreeSpace(home)
    assert space.steps_to((1.0, 1.0), nodes[2]) is None
    assert space.steps_to((1.0, 1.0), nodes[1]) is None
    walk = space.toward((1.0, 1.0), nodes[2])
    assert not walk.arrived
    assert walk.point == (1.0, 1.0)
    # In the middle of a bed of 5 m a thing is out of reach; people come as near as they can.
    bed = replace(node(30, "sofa", (5.0, 5.0)), size=(4.0, 0.5, 1.9))
    wide = replace(bed, size=(4.1, 0.5, 1.9), center=(5.0, 0.25, 5.0))
    flat = apartment(
        "bed", [room(11, "bedroom", (0, 0, 10, 10)), wide, node(50, "apple", (5.0, 5.0))], {30: 11, 50: 11}
    )
    assert free_space(flat).steps_to((1.0, 1.0), flat.nodes[50]) is not None
    far = replace(wide, size=(4.1, 0.5, 1.9), center=(5.0, 0.25, 9.0))
    corner = replace(flat, nodes={**flat.nodes, 30: far, 50: flat.nodes[50].moved((5.0, 0.5, 9.9))})
    space = free_space(corner)
    assert space.steps_to((1.0, 1.0), corner.nodes[50]) is None
    point = (1.0, 1.0)
    for _ in range(30):
        walk = space.toward(point, corner.nodes[50])
        assert not walk.arrived
        point = walk.point
    assert 1.5 < gap(point, footprint(corner.nodes[50])) < 2.3


def test_who_begins_in_furniture_or_a_wall_steps_out_of_it_first() -> None:
    for inside in ((2.5, 2.5), (0.4, 4.7), (0.0, 2.0)):
        assert not SPACE.free(inside)
        point, steps = inside, 0
        while not (walk := SPACE.toward(point, HOME.nodes[COFFEETABLE])).arrived:
            assert dist(walk.point, point) <= 1.0 + 1e-9
            point, steps = walk.point, steps + 1
            assert steps < 15
        assert SPACE.steps_to(inside, HOME.nodes[COFFEETABLE]) == steps + 1
    out = SPACE.toward((2.5, 2.5), HOME.nodes[COFFEETABLE], 0.3)
    assert dist(out.point, (2.5, 2.5)) == pytest.approx(0.3)
    assert out.yaw == pytest.approx(heading((2.5, 2.5), out.point))


def test_free_points_are_found_in_the_room_that_is_asked_for() -> None:
    assert SPACE.nearest_free((1.0, 1.5)) == (1.0, 1.5)
    out = SPACE.nearest_free((2.5, 2.5))
    assert SPACE.free(out)
    assert gap(out, footprint(HOME.nodes[TABLE])) == pytest.approx(0.3, abs=0.06)
    there = SPACE.nearest_free((4.0, 1.0), LIVINGROOM)
    assert SPACE.room_at(there) == LIVINGROOM
    assert there[0] < 5.5
    assert SPACE.nearest_free((1.0, 1.0), 99) == (1.0, 1.0), "there is no such room"


def test_points_are_drawn_by_the_generator_alone() -> None:
    drawn = [SPACE.random_point(KITCHEN, Random(seed)) for seed in range(50)]
    assert drawn == [SPACE.random_point(KITCHEN, Random(seed)) for seed in range(50)]
    assert len(set(drawn)) > 40
    assert all(SPACE.free(point) and SPACE.room_at(point) == KITCHEN for point in drawn)
    block = replace(node(30, "fridge", (1.4, 1.4)), size=(2.8, 2.0, 2.8))
    full = apartment("full", [room(11, "kitchen", (0, 0, 2.8, 2.8)), block], {30: 11})
    assert free_space(full).random_point(11, Random(0)) == (1.4, 1.4), "nobody can stand there at all"


def test_straight_on_ends_at_walls_and_furniture() -> None:
    assert SPACE.forward((1.0, 1.0), 90.0) == pytest.approx((2.0, 1.0))
    assert SPACE.forward((1.0, 1.0), 90.0, 0.4) == pytest.approx((1.4, 1.0))
    x, z = SPACE.forward((2.5, 1.0), 0.0, 3.0)
    assert x == pytest.approx(2.5)
    assert 1.8 < z < 2.0, "up to the table"
    assert SPACE.forward((4.5, 1.0), 90.0, 3.0)[0] < 5.0
    assert SPACE.forward((4.5, 2.5), 90.0, 1.0) == pytest.approx((5.5, 2.5)), "through the open door"


def test_one_free_space_for_one_apartment() -> None:
    assert free_space(HOME) is SPACE
    one, again = two_rooms(), two_rooms()
    assert free_space(one) is not free_space(again)
    assert free_space(one).weights is free_space(again).weights, "the grid is shared"


TARGETS = [one for one in FOUR.nodes.values() if not one.is_door]
_points = st.builds(
    lambda room, seed: free_space(FOUR).random_point(room, Random(seed)),
    st.sampled_from([KITCHEN, LIVINGROOM, BEDROOM, BATHROOM]),
    st.integers(0, 10**6),
)


@settings(max_examples=60, deadline=None)
@given(_points, st.sampled_from(TARGETS))
def test_walks_need_no_memory_and_come_nearer_with_every_step(point: tuple[float, float], target: Node) -> None:
    space = free_space(FOUR)
    solid = [footprint(one) for one in FOUR.nodes.values() if in_the_way(one)]
    left = space.steps_to(point, target)
    assert left is not None
    for _ in range(left):
        whole = space.toward(point, target)
        half = space.toward(space.toward(point, target, 0.5).point, target, 0.5)
        assert half.point == pytest.approx(whole.point, abs=1e-6), "two halves are one"
        assert dist(point, whole.point) <= 1.0 + 1e-9
        assert all(gap(whole.point, box) > 0 for box in solid), "never in furniture"
        point, now = whole.point, space.steps_to(whole.point, target)
        assert now is not None
        # Who comes to stand on a threshold has not arrived yet, but would be there if it began there.
        assert now == left - 1 or (now == 0 and (whole.arrived or left == 2))
        left = now
        if now == 0:
            break
    assert left == 0
    if not target.is_room:
        assert gap(point, footprint(target)) <= REACH + 1e-9
