"""The floor as a grid: rooms, walls, doors, furniture, and what is too tight to be free."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from household_homes import BEDROOM, KITCHEN, LIVINGROOM, apartment, door, four_rooms, node, room, two_rooms
from talkoot.worlds.household.apartment import Apartment, Node
from talkoot.worlds.household.ground import SQUEEZE, Ground, floors, ground, in_the_way, outline
from talkoot.worlds.household.reach import footprint


def grid_of(home: Apartment) -> Ground:
    return Ground(outline(home))


def tile(number: int, box: tuple[float, float, float, float]) -> Node:
    return replace(room(number, "floor", box), category="Floor")


def weight(grid: Ground, x: float, z: float) -> float:
    return float(grid.weights[grid.cell((x, z))])


def with_furniture(*pieces: Node) -> Apartment:
    """The two rooms with other furniture in the kitchen."""
    home = two_rooms()
    nodes = {number: one for number, one in home.nodes.items() if one.is_room or one.is_door}
    return apartment(
        "bare", [*nodes.values(), *pieces], {20: KITCHEN, **{one.id: KITCHEN for one in pieces}}, {}, home.between
    )


def test_what_is_in_the_way() -> None:
    assert in_the_way(node(1, "kitchentable", (0, 0)))
    assert in_the_way(node(1, "kitchencabinet", (0, 0), y=0.8))
    assert not in_the_way(node(1, "kitchencabinet", (0, 0), y=1.4)), "it hangs above the head"
    assert not in_the_way(node(1, "box", (0, 0))), "one can take it away"
    assert not in_the_way(door(1, (0, 0)))
    assert not in_the_way(replace(node(1, "coffeetable", (0, 0), y=-0.19), size=(2.0, 0.02, 3.0))), "a rug"
    assert not in_the_way(replace(node(1, "bookshelf", (0, 0)), size=(2.0, 1.5, 0.02))), "a picture"


def test_a_floor_is_its_tiles_or_else_the_box_of_its_room() -> None:
    home = two_rooms()
    assert floors(home, KITCHEN) == ((0.0, 0.0, 5.0, 5.0),)
    tiles = [tile(60, (0.2, 0.2, 2.5, 4.8)), tile(61, (2.5, 0.2, 4.8, 4.8))]
    tiled = replace(
        home, nodes={**home.nodes, **{one.id: one for one in tiles}}, inside={**home.inside, 60: KITCHEN, 61: KITCHEN}
    )
    assert floors(tiled, KITCHEN)[0] == pytest.approx((0.2, 0.2, 4.8, 4.8)), "together they are one rectangle"
    less = replace(tiled, inside={**tiled.inside, 61: LIVINGROOM})
    assert floors(less, KITCHEN) == ((0.0, 0.0, 5.0, 5.0),), "one tile is not the floor"
    corner = [*tiles[:1], tile(61, (2.5, 0.2, 4.8, 2.8))]
    angled = replace(tiled, nodes={**tiled.nodes, **{one.id: one for one in corner}})
    assert len(floors(angled, KITCHEN)) == 2
    grid = grid_of(angled)
    assert grid.room_at((1.0, 4.0)) == grid.room_at((4.0, 1.0)) == KITCHEN
    assert weight(grid, 4.0, 4.0) == 0, "outside of an L-shaped room"
    assert weight(grid, 2.5, 1.0) == 1, "tiles of one room have no wall between them"


def test_walls_stand_between_rooms_and_doors_open_them() -> None:
    grid = grid_of(two_rooms())
    for z in (0.5, 1.5, 3.5, 4.5):
        assert all(weight(grid, x, z) == 0 for x in (4.95, 5.05))
    assert all(weight(grid, x, 2.55) == 1 for x in np.arange(4.65, 5.4, 0.1))
    assert weight(grid, 5.05, 2.9) == 0, "half a body from the jamb"
    assert all(weight(grid, x, z) == 0 for x, z in ((0.02, 2.0), (2.0, 4.98), (-0.3, 2.0), (12.0, 2.0)))


def test_walls_may_be_thick() -> None:
    home = two_rooms()
    thick = {KITCHEN: room(KITCHEN, "kitchen", (0.0, 0.0, 4.9, 5.0)),
             LIVINGROOM: room(LIVINGROOM, "livingroom", (5.1, 0.0, 10.0, 5.0))}  # fmt: skip
    grid = grid_of(replace(home, nodes={**home.nodes, **thick}))
    assert weight(grid, 5.0, 2.5) == 1
    assert weight(grid, 5.0, 1.5) == 0
    assert grid.label[grid.cell((4.96, 2.5))] == KITCHEN
    assert set(np.unique(grid.label[grid.weights > 0])) == {KITCHEN, LIVINGROOM}


def test_furniture_is_solid_and_what_is_close_to_it_is_tight() -> None:
    grid = grid_of(two_rooms())
    assert footprint(two_rooms().nodes[30]) == pytest.approx((1.7, 2.0, 3.3, 3.0))
    assert weight(grid, 2.5, 2.5) == 0
    assert weight(grid, 3.45, 2.5) == SQUEEZE
    assert weight(grid, 3.65, 2.5) == 1


def test_furniture_at_a_door_does_not_close_it_unless_it_stands_in_it() -> None:
    near = grid_of(with_furniture(node(30, "bookshelf", (4.0, 2.5)), node(31, "fridge", (4.6, 3.2))))
    assert weight(near, 4.8, 2.5) == 1
    assert (near.label[near.weights > 0] == LIVINGROOM).any()
    within = grid_of(with_furniture(node(30, "cabinet", (4.5, 2.5))))
    assert weight(within, 4.9, 2.5) == 0
    assert set(np.unique(within.label[within.weights > 0])) in ({KITCHEN}, {LIVINGROOM}), "one of the two is cut off"


def test_a_tight_gap_can_be_squeezed_through() -> None:
    # Two cabinets from wall to wall leave 0.3 m between them.
    left = replace(node(30, "bookshelf", (1.15, 2.0)), size=(2.3, 1.5, 0.4))
    right = replace(node(31, "bookshelf", (3.8, 2.0)), size=(2.4, 1.5, 0.4))
    grid = grid_of(with_furniture(left, right))
    assert weight(grid, 2.45, 2.0) == SQUEEZE
    assert weight(grid, 2.45, 1.0) == weight(grid, 2.45, 3.0) == 1
    closed = grid_of(with_furniture(left, replace(right, size=(2.7, 1.5, 0.4), center=(3.65, 0.75, 2.0))))
    assert weight(closed, 2.45, 1.0) == 0, "nobody gets there"


def test_a_counter_around_a_corner_is_solid_along_the_walls_only() -> None:
    counter = replace(node(30, "kitchentable", (1.6, 3.4)), size=(3.2, 1.0, 3.2))
    grid = grid_of(with_furniture(counter))
    assert weight(grid, 0.4, 3.5) == weight(grid, 2.0, 4.6) == 0
    assert weight(grid, 2.2, 2.8) == 1


def test_rooms_whose_boxes_overlap_are_divided_in_the_middle() -> None:
    home = two_rooms()
    wide = {KITCHEN: room(KITCHEN, "kitchen", (-0.2, -0.2, 5.2, 5.2)),
            LIVINGROOM: room(LIVINGROOM, "livingroom", (4.8, -0.2, 10.2, 5.2))}  # fmt: skip
    grid = grid_of(replace(home, nodes={**home.nodes, **wide}))
    assert grid.room_at((4.95, 1.0)) == KITCHEN
    assert grid.room_at((5.05, 1.0)) == LIVINGROOM
    assert weight(grid, 4.95, 1.0) == 0
    assert weight(grid, 5.0, 2.5) == 1


def test_rooms_change_a_little_past_the_sill() -> None:
    grid = grid_of(four_rooms())
    assert grid.room_at((-0.02, 2.5)) == BEDROOM
    assert grid.room_at((-0.02, 2.5), KITCHEN) == KITCHEN
    assert grid.room_at((-0.04, 2.5), KITCHEN) == BEDROOM
    assert grid.room_at((0.02, 2.5), BEDROOM) == BEDROOM
    assert grid.room_at((-0.02, 2.5), LIVINGROOM) == BEDROOM, "that room is elsewhere"
    assert grid.room_at((-20.0, 2.5)) == BEDROOM, "outside, the nearest"


def test_the_grid_is_made_once_for_what_does_not_change() -> None:
    home = two_rooms()
    apples = {**home.nodes, 50: home.nodes[50].moved((8.0, 0.1, 1.0))}
    assert ground(outline(home)) is ground(outline(replace(home, name="again", nodes=apples)))
    moved = {**home.nodes, 30: home.nodes[30].moved((2.5, 0.4, 3.5))}
    assert ground(outline(home)) is not ground(outline(replace(home, nodes=moved)))


def test_fields_are_kept_and_the_oldest_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talkoot.worlds.household.ground.FIELDS", 2)
    grid = grid_of(two_rooms())
    box = footprint(two_rooms().nodes[30])
    first = grid.field(box, KITCHEN)
    assert grid.field(box, KITCHEN) is first
    for other in (KITCHEN, LIVINGROOM):
        grid.field(None, other)
    assert grid.field(box, KITCHEN) is not first
    assert first.ends
    assert not grid.field((20.0, 2.0, 20.5, 2.5), KITCHEN).ends, "too far from all cells of that room"
