"""Floor plans: rooms side by side, doors in the walls that they share."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.worlds.household.making.floorplan import (
    DOOR,
    PLANS,
    SIZES,
    WIDE,
    Plan,
    Size,
    draw_floorplan,
    overlap,
    touching,
)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10**6), plan=st.sampled_from(PLANS), size=st.sampled_from(SIZES))
def test_rooms_lie_side_by_side_with_doors_in_shared_walls(seed: int, plan: Plan, size: Size) -> None:
    drawn = draw_floorplan(Random(seed), plan, size)
    assert drawn.rooms.keys() == WIDE.keys()
    assert len(drawn.doors) == (4 if plan == "ring" else 3)
    for one, other in combinations(drawn.rooms.values(), 2):
        assert not overlap(one, other)
    for room in drawn.rooms.values():
        assert all(number * 2 == round(number * 2) for number in room)
    for door in drawn.doors:
        shared = touching(*(drawn.rooms[name] for name in door.rooms))
        assert shared is not None
        along, wall, start, end = shared
        assert door.along == along
        at, off = (door.x, door.z) if along == "x" else (door.z, door.x)
        assert off == wall
        assert start + DOOR / 2 < at < end - DOOR / 2
        assert end - start >= 2.0


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_rooms_of_normal_size_are_those_of_the_originals(seed: int) -> None:
    drawn = draw_floorplan(Random(seed), "chain", "normal")
    for name, (x0, z0, x1, z1) in drawn.rooms.items():
        assert 4.5 <= min(x1 - x0, z1 - z0) <= max(x1 - x0, z1 - z0) <= 8.0, name


def test_nobody_walks_through_the_bathroom_of_a_chain_or_star() -> None:
    for seed in range(40):
        for plan in ("chain", "star"):
            doors = draw_floorplan(Random(seed), plan, "normal").doors  # type: ignore[arg-type]
            assert sum("bathroom" in door.rooms for door in doors) == 1


def test_hubs_of_stars_differ() -> None:
    hubs = set()
    for seed in range(30):
        doors = draw_floorplan(Random(seed), "star", "normal").doors
        hubs |= {room for room in WIDE if all(room in door.rooms for door in doors)}
    assert hubs == {"kitchen", "livingroom"}


@pytest.mark.parametrize(
    ("other", "wall"),
    [
        ((4, 1, 6, 9), ("z", 4, 1, 3)),
        ((-2, -1, 0, 1), ("z", 0, 0, 1)),
        ((1, 3, 9, 5), ("x", 3, 1, 4)),
        ((1, -5, 2, 0), ("x", 0, 1, 2)),
        ((4, 3, 6, 5), None),
        ((5, 0, 6, 3), None),
    ],
)
def test_shared_walls_are_found(other: tuple[float, ...], wall: tuple[object, ...] | None) -> None:
    assert touching((0, 0, 4, 3), other) == wall  # type: ignore[arg-type]


def test_rectangles_overlap_or_come_near() -> None:
    assert overlap((0, 0, 2, 2), (1, 1, 3, 3))
    assert not overlap((0, 0, 2, 2), (2, 0, 3, 2))
    assert overlap((0, 0, 2, 2), (2.5, 0, 3, 2), 0.6)
    assert not overlap((0, 0, 2, 2), (2.5, 0, 3, 2), 0.5)
