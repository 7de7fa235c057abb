"""Apartments from seeds: everything in its place, nothing blocked, all of it reachable, the same for the same seed."""

from __future__ import annotations

import math
from collections import Counter
from functools import cache
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.worlds.household import distance_field
from talkoot.worlds.household.apartment import CONTAINERS, ROOMS, Apartment, Node
from talkoot.worlds.household.apartment_file import check_apartment
from talkoot.worlds.household.free_space import free_space, in_the_way
from talkoot.worlds.household.generate import DENSITIES, Density, generate_apartment
from talkoot.worlds.household.making.floor import seen_from_above
from talkoot.worlds.household.making.floorplan import PLANS, SIZES, Plan, Size, draw_floorplan, overlap
from talkoot.worlds.household.making.furnish import DECOYS
from talkoot.worlds.household.sample import ASKED, PLACES

GOAL_CLASSES = {name for asked in ASKED.values() for name in (*asked.most, *asked.unasked)}

_any_home = given(
    seed=st.integers(0, 10**6),
    plan=st.sampled_from(PLANS),
    size=st.sampled_from(SIZES),
    density=st.sampled_from(DENSITIES),
)


@cache
def _home(seed: int, plan: Plan, size: Size, density: Density) -> Apartment:
    return generate_apartment(seed, plan=plan, size=size, density=density)


def _floor_standing(home: Apartment) -> list[Node]:
    return [
        node
        for node in home.nodes.values()
        if node.category not in ("Rooms", "Doors", "Floor", "Walls", "Ceiling", "Windows", "Lamps")
        and node.name != "rug"
        and node.id not in home.on
        and home.inside[node.id] in home.rooms
    ]


@settings(max_examples=8, deadline=None)
@_any_home
def test_everything_is_in_one_place_within_its_room(seed: int, plan: Plan, size: Size, density: Density) -> None:
    home = _home(seed, plan, size, density)
    check_apartment(home, home.name, {})
    assert home.inside.keys() == home.nodes.keys() - home.rooms.keys()
    for node in home.nodes.values():
        if node.is_room or node.is_door:
            continue
        room = home.nodes[home.room_of(node.id)]
        for axis in range(3):
            reach = (room.size[axis] - node.size[axis]) / 2 + 0.006
            assert abs(node.center[axis] - room.center[axis]) <= reach, f"{node.label} sticks out of {room.label}"
        parent = home.nodes[home.inside[node.id]]
        if not parent.is_room:
            assert parent.openable
            for axis in range(3):
                assert abs(node.center[axis] - parent.center[axis]) <= (parent.size[axis] - node.size[axis]) / 2


@settings(max_examples=8, deadline=None)
@_any_home
def test_furniture_stands_apart_and_off_the_doors(seed: int, plan: Plan, size: Size, density: Density) -> None:
    home = _home(seed, plan, size, density)
    standing = _floor_standing(home)
    for place, one in enumerate(standing):
        for other in standing[place + 1 :]:
            assert any(
                abs(one.center[axis] - other.center[axis]) >= (one.size[axis] + other.size[axis]) / 2 - 0.006
                for axis in range(3)
            ), f"{one.label} and {other.label} overlap"
        for door in home.between:
            assert not overlap(seen_from_above(one), seen_from_above(home.nodes[door])), f"{one.label} is in a door"
    for thing, surface in home.on.items():
        upper, lower = home.nodes[thing], home.nodes[surface]
        gap = upper.center[1] - upper.size[1] / 2 - lower.center[1] - lower.size[1] / 2
        assert abs(gap) < 0.01
        for axis in (0, 2):
            assert abs(upper.center[axis] - lower.center[axis]) <= (lower.size[axis] - upper.size[axis]) / 2


@settings(max_examples=8, deadline=None)
@_any_home
def test_all_that_matters_is_there(seed: int, plan: Plan, size: Size, density: Density) -> None:
    home = _home(seed, plan, size, density)
    count = Counter(node.name for node in home.nodes.values())
    assert tuple(room.name for room in home.rooms.values()) == ROOMS
    assert all(count[name] >= 1 for name in CONTAINERS)
    assert count["kitchencabinet"] == DECOYS
    assert all(count[asked.target] >= 1 for asked in ASKED.values())
    assert 280 <= len(home.nodes) <= 480
    assert not home.open
    assert min(home.nodes) > 2
    for thing, parent in home.inside.items():
        if home.nodes[parent].name in ("kitchencabinet", "bathroomcabinet", "stove"):
            assert home.nodes[thing].name not in GOAL_CLASSES
    kitchen = next(number for number, node in home.rooms.items() if node.name == "kitchen")
    for name in ("fridge", "stove", "dishwasher", "microwave", "kitchentable", "kitchencabinet"):
        assert all(home.room_of(node.id) == kitchen for node in home.nodes.values() if node.name == name)


@settings(max_examples=6, deadline=None)
@_any_home
def test_all_rooms_and_places_can_be_reached(seed: int, plan: Plan, size: Size, density: Density) -> None:
    home = _home(seed, plan, size, density)
    space = free_space(home)
    _, sizes = distance_field.components(np.where(space.weights == 1.0, 1.0, 0.0))
    assert sum(sizes) - max(sizes) <= 25  # a few cells of 0.1 m may be free only for those who squeeze past something
    start = space.nearest_free((home.nodes[11].center[0], home.nodes[11].center[2]), 11)
    for number in home.rooms:
        assert space.steps_to(start, home.nodes[number]) is not None
    searched = {*CONTAINERS, *(name for places in PLACES.values() for part in places for name in part)}
    for node in home.nodes.values():
        if node.name in searched:
            assert space.steps_to(start, node) is not None, f"{node.label} cannot be reached"


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("seed", range(4))
def test_doors_join_the_rooms_as_the_plan_says(plan: str, seed: int) -> None:
    home = generate_apartment(seed, plan=plan)  # type: ignore[arg-type]
    degrees = sorted(sum(room in pair for pair in home.between.values()) for room in home.rooms)
    assert degrees == {"chain": [1, 1, 2, 2], "star": [1, 1, 1, 3], "ring": [2, 2, 2, 2]}[plan]
    for door, pair in home.between.items():
        one, other = (seen_from_above(home.nodes[room]) for room in pair)
        x, _, z = home.nodes[door].center
        assert all(box[0] - 1e-9 <= x <= box[2] + 1e-9 and box[1] - 1e-9 <= z <= box[3] + 1e-9 for box in (one, other))
        assert not overlap(one, other)


def test_sizes_and_densities_mean_what_they_say() -> None:
    def area(size: Size) -> float:
        plans = [draw_floorplan(Random(seed), "star", size) for seed in range(30)]
        return math.fsum((room[2] - room[0]) * (room[3] - room[1]) for plan in plans for room in plan.rooms.values())

    assert area("small") < 0.85 * area("normal") < 0.72 * area("large")

    def covered(density: Density) -> float:
        homes = [generate_apartment(seed, density=density) for seed in range(4)]
        floor = [node for home in homes for node in home.nodes.values() if in_the_way(node)]
        return math.fsum(node.size[0] * node.size[2] for node in floor)

    assert covered("tight") > 1.1 * covered("open")


def test_walls_leave_gaps_at_doors_and_nowhere_else() -> None:
    home = generate_apartment(5, plan="ring")
    walls = [node for node in home.nodes.values() if node.name == "wall"]
    for door in home.between:
        x, _, z = home.nodes[door].center
        across = [node for node in walls if overlap(seen_from_above(node), (x - 0.1, z - 0.1, x + 0.1, z + 0.1))]
        assert across
        assert all(node.center[1] - node.size[1] / 2 > 2.0 for node in across)
    for room in home.rooms.values():
        low = [node for node in walls if home.inside[node.id] == room.id and node.center[1] < 1.5]
        gaps = sum(room.id in pair for pair in home.between.values()) * 0.93
        around = 2 * (room.size[0] + room.size[2])
        assert math.fsum(max(node.size[0], node.size[2]) for node in low) == pytest.approx(around - gaps)


def test_the_same_arguments_give_the_same_apartment() -> None:
    home = generate_apartment(7, plan="star", density="tight", name="mine")
    assert home == generate_apartment(7, plan="star", density="tight", name="mine")
    assert home.name == "mine"
    assert generate_apartment(7).name == "chain_normal_open_7"
    assert generate_apartment(8).nodes != generate_apartment(7).nodes


@pytest.mark.parametrize("wrong", [{"plan": "line"}, {"size": "huge"}, {"density": "full"}])
def test_unknown_words_are_told_with_the_known_ones(wrong: dict[str, str]) -> None:
    ((key, value),) = wrong.items()
    with pytest.raises(BadInput, match=f"no {key} '{value}'; choose one of"):
        generate_apartment(1, **wrong)  # type: ignore[arg-type]
