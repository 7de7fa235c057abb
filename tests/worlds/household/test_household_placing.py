"""Where things come to lie: free, on top, inside, the nearest place first, never by chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from household_homes import node
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.placing import place_inside, place_on
from talkoot.worlds.household.reach import footprint

TABLE = node(1, "kitchentable", (0.0, 0.0))
FRIDGE = node(2, "fridge", (0.0, 0.0))
NEAR = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


def apart(one: Node, other: Node) -> bool:
    a, b = footprint(one), footprint(other)
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def within(one: Node, host: Node) -> bool:
    a, b = footprint(one), footprint(host)
    return a[0] >= b[0] and a[1] >= b[1] and a[2] <= b[2] and a[3] <= b[3]


@given(st.lists(st.tuples(st.sampled_from(["apple", "plate", "cutleryfork", "cupcake"]), NEAR), max_size=8))
def test_things_on_a_table_lie_on_it_side_by_side(puts: list[tuple[str, tuple[float, float]]]) -> None:
    lying: list[Node] = []
    for number, (name, near) in enumerate(puts):
        thing = node(10 + number, name, (9.0, 9.0))
        thing = thing.moved(place_on(TABLE, thing, lying, near))
        assert within(thing, TABLE)
        assert thing.center[1] - thing.size[1] / 2 == pytest.approx(0.8)
        assert all(apart(thing, other) for other in lying)
        lying.append(thing)


@given(st.lists(st.sampled_from(["apple", "plate", "cupcake"]), max_size=12), NEAR)
def test_things_in_a_fridge_are_inside_it(names: list[str], near: tuple[float, float]) -> None:
    lying: list[Node] = []
    for number, name in enumerate(names):
        thing = node(10 + number, name, (9.0, 9.0))
        thing = thing.moved(place_inside(FRIDGE, thing, lying, near))
        assert within(thing, FRIDGE)
        low, high = thing.center[1] - thing.size[1] / 2, thing.center[1] + thing.size[1] / 2
        assert low >= 0.0
        assert high <= 1.8
        lying.append(thing)


def test_the_nearest_free_place_is_taken_and_the_same_each_time() -> None:
    apple = node(10, "apple", (9.0, 9.0))
    left, right = place_on(TABLE, apple, [], (-2.0, 0.0)), place_on(TABLE, apple, [], (2.0, 0.0))
    assert left[0] < 0 < right[0]
    assert left == place_on(TABLE, apple, [], (-2.0, 0.0))
    second = place_on(TABLE, apple, [apple.moved(left)], (-2.0, 0.0))
    assert second != left
    assert second[1] == left[1]


def test_where_all_is_full_things_are_stacked() -> None:
    small = Node(3, "stool", "Furniture", (0.0, 0.25, 0.0), (0.3, 0.5, 0.3), frozenset(("SURFACES",)))
    plate = node(10, "plate", (9.0, 9.0))
    first = plate.moved(place_on(small, plate, [], (1.0, 1.0)))
    second = plate.moved(place_on(small, plate, [first], (1.0, 1.0)))
    assert second.center[1] - first.center[1] == pytest.approx(0.02)


def test_what_is_too_large_goes_to_the_middle() -> None:
    table = node(10, "kitchentable", (9.0, 9.0))
    x, _, z = place_inside(FRIDGE, table, [], (1.0, 1.0))
    assert (x, z) == (0.0, 0.0)
