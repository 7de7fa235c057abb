"""Finding room: the bit grid against a plain flood fill, places along walls, spots on and in things."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.making.floor import (
    SIDES,
    WALL,
    Floor,
    Grid,
    Place,
    in_front,
    seen_from_above,
    spot_inside,
    spot_on,
)
from talkoot.worlds.household.making.floorplan import Rect, overlap

ROOM = (1.0, -2.0, 4.0, 2.0)


def _connected_slowly(room: Rect, blocks: list[Rect], body: float, step: float) -> bool:
    """As `Grid.hangs_together`, point by point."""
    columns, rows = round((room[2] - room[0]) / step), round((room[3] - room[1]) / step)
    edge = round(body / step)
    free = {(i, k) for i in range(edge, columns - edge) for k in range(edge, rows - edge)}
    for block in blocks:
        first, last = (round((at - room[0]) / step) for at in (block[0] - body, block[2] + body))
        low, high = (round((at - room[1]) / step) for at in (block[1] - body, block[3] + body))
        free -= {(i, k) for i in range(first, last) for k in range(low, high)}
    if not free:
        return False
    reached, pending = set(), [min(free)]
    while pending:
        i, k = pending.pop()
        if (i, k) in free - reached:
            reached.add((i, k))
            pending += [(i + 1, k), (i - 1, k), (i, k + 1), (i, k - 1)]
    return reached == free


CLOSET = (1.0, -2.0, 2.8, 0.0)

_blocks = st.lists(
    st.tuples(st.integers(8, 26), st.integers(-22, 0), st.integers(1, 12), st.integers(1, 12)).map(
        lambda of: (of[0] / 10, of[1] / 10, (of[0] + of[2]) / 10, (of[1] + of[3]) / 10)
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(blocks=_blocks, body=st.sampled_from([0.1, 0.2, 0.3]))
def test_the_grid_is_connected_as_a_plain_search_finds(blocks: list[Rect], body: float) -> None:
    grid = Grid(CLOSET, body, 0.1)
    for block in blocks[1:]:
        grid.block(block)
    before = list(grid.rows)
    assert grid.hangs_together(blocks[:1]) == _connected_slowly(CLOSET, blocks, body, 0.1)
    assert grid.rows == before


def test_a_passage_is_open_to_those_who_fit() -> None:
    blocks = [(1.0, -0.1, 2.2, 0.1), (2.7, -0.1, 4.0, 0.1)]  # half a metre between them
    assert Grid(ROOM, 0.2, 0.1).hangs_together(blocks)
    assert not Grid(ROOM, 0.3, 0.1).hangs_together(blocks)
    assert not Grid((0, 0, 1, 1), 0.5, 0.1).hangs_together()


def test_floor_is_walkable_below_what_hangs_and_over_what_is_flat() -> None:
    floor = Floor(ROOM, [])
    wall = (1.0, -0.1, 4.0, 0.1)
    assert floor.walkable()
    assert not floor.walkable([wall])
    floor.boxes.append((wall, 1.7, 2.5))
    floor.boxes.append((wall, 0.0, 0.02))
    assert floor.walkable()
    assert floor.has_no_niche()
    floor.boxes.append((wall, 0.0, 0.5))
    assert not floor.walkable()
    assert not floor.has_no_niche()


def test_places_along_a_wall_have_their_back_to_it() -> None:
    floor = Floor(ROOM, [])
    places = floor.along(1.0, 0.5)
    assert {place.side for place in places} == set(SIDES)
    for place in places:
        x0, z0, x1, z1 = place.rect
        back = {"W": x0 - 1.0, "E": 4.0 - x1, "S": z0 + 2.0, "N": 2.0 - z1}[place.side or ""]
        assert back == pytest.approx(WALL)
        assert sorted((round(x1 - x0, 3), round(z1 - z0, 3))) == [0.5, 1.0]
        assert floor.fits(place.rect, 0, 1)
        ahead = in_front(place, 0.7)
        assert not overlap(place.rect, ahead)
        assert overlap((x0 - 0.1, z0 - 0.1, x1 + 0.1, z1 + 0.1), ahead)
    assert floor.along(1.0, 0.5, ["N"]) == [place for place in places if place.side == "N"]
    assert floor.along(4.0, 0.5, ["N"]) == []


def test_free_standing_places_keep_off_the_walls() -> None:
    places = Floor(ROOM, []).free_standing(1.0, 0.5, 0.75)
    assert places
    for place in places:
        x0, z0, x1, z1 = place.rect
        assert min(x0 - 1.0, 4.0 - x1, z0 + 2.0, 2.0 - z1) >= 0.75 - 1e-9
        assert (x1 - x0, z1 - z0) == pytest.approx((1.0, 0.5))
        assert place.sides == place.opposite == SIDES
    assert Floor(ROOM, []).free_standing(2.0, 0.5, 0.75) == []


def test_what_fits_hits_nothing_and_leaves_doors_and_fronts_free() -> None:
    floor = Floor(ROOM, [(1.0, -2.0, 2.0, -1.0), (10.0, 10.0, 11.0, 11.0)])
    assert floor.doors == [(1.0, -2.0, 2.0, -1.0)]
    floor.boxes.append(((3.0, 1.0, 4.0, 2.0), 0.0, 1.0))
    floor.fronts.append((2.0, 1.0, 3.0, 2.0))
    assert floor.fits((1.0, 0.0, 2.0, 1.0), 0.0, 1.0)
    assert not floor.fits((0.9, 0.0, 2.0, 1.0), 0.0, 1.0)
    assert not floor.fits((1.5, -1.5, 2.5, -0.5), 0.0, 1.0)
    assert not floor.fits((2.5, 1.5, 2.9, 1.9), 0.0, 1.0)
    assert floor.fits((2.5, 1.5, 2.9, 1.9), 1.8, 2.2)
    assert not floor.fits((3.5, 0.5, 4.0, 1.5), 0.5, 2.2)
    assert floor.fits((3.5, 0.5, 4.0, 1.5), 1.0, 2.2)
    assert floor.fits((3.5, 0.0, 4.0, 0.9), 0.0, 1.0)
    assert not floor.fits((3.5, 0.0, 4.0, 0.9), 0.0, 1.0, margin=0.2)
    assert floor.clear((2.0, 1.0, 3.0, 2.0))
    assert not floor.clear((2.5, 1.0, 3.5, 2.0))
    assert not floor.clear((2.0, 1.0, 3.0, 2.1))


def test_a_place_knows_what_it_faces() -> None:
    place = Place((0, 0, 2, 1), "W")
    assert place.middle == (1, 0.5)
    assert place.sides == ("W",)
    assert place.opposite == ("E",)


def _box(center: tuple[float, float, float], size: tuple[float, float, float]) -> Node:
    return Node(9, "box", "Props", center, size)


@settings(deadline=None)
@given(seed=st.integers(0, 1000), number=st.integers(1, 12))
def test_spots_on_a_surface_are_on_it_and_apart(seed: int, number: int) -> None:
    rng, table, size = Random(seed), _box((1, 0.4, 2), (1.5, 0.8, 0.8)), (0.3, 0.1, 0.2)
    taken: list[Node] = []
    for _ in range(number):
        center = spot_on(rng, table, size, taken)
        if center is not None:
            taken.append(_box(center, size))
    assert taken
    for one in taken:
        assert one.center[1] == pytest.approx(0.85)
        x0, z0, x1, z1 = seen_from_above(one)
        assert 0.25 <= x0 <= x1 <= 1.75
        assert 1.6 <= z0 <= z1 <= 2.4
        assert sum(overlap(seen_from_above(one), seen_from_above(other)) for other in taken) == 1
    assert spot_on(rng, table, (1.6, 0.1, 0.1), []) is None


@settings(deadline=None)
@given(seed=st.integers(0, 1000), number=st.integers(1, 12))
def test_spots_in_a_container_are_in_it_and_apart(seed: int, number: int) -> None:
    rng, fridge, size = Random(seed), _box((1, 1, 2), (0.7, 2.0, 0.8)), (0.3, 0.4, 0.2)
    taken: list[Node] = []
    for _ in range(number):
        center = spot_inside(rng, fridge, size, taken)
        if center is not None:
            taken.append(_box(center, size))
    assert taken
    for one in taken:
        assert all(
            abs(one.center[axis] - fridge.center[axis]) <= (fridge.size[axis] - size[axis]) / 2 for axis in range(3)
        )
        touching = [
            other
            for other in taken
            if all(abs(one.center[axis] - other.center[axis]) < size[axis] - 1e-5 for axis in range(3))
        ]
        assert touching == [one]
    assert spot_inside(rng, fridge, (0.3, 2.0, 0.3), []) is None
    assert spot_inside(rng, fridge, (0.7, 0.3, 0.3), []) is None
