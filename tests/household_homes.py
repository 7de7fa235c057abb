"""Small apartments and tasks made by hand for tests of the household: two rooms in a row, four rooms around one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from talkoot.worlds.household.apartment import Apartment, Node
from talkoot.worlds.household.task import Goal, Start, Task

_OPENS = ("CAN_OPEN", "CONTAINERS")
_KINDS = {
    "kitchencabinet": ("Furniture", (0.6, 0.8, 0.4), (*_OPENS, "SURFACES")),
    "cabinet": ("Furniture", (1.0, 1.0, 0.4), (*_OPENS, "SURFACES")),
    "bathroomcabinet": ("Furniture", (0.6, 0.8, 0.4), (*_OPENS, "SURFACES")),
    "fridge": ("Appliances", (0.7, 1.8, 0.7), _OPENS),
    "dishwasher": ("Appliances", (0.7, 0.9, 0.7), _OPENS),
    "kitchentable": ("Furniture", (1.6, 0.8, 1.0), ("SURFACES", "MOVABLE")),
    "coffeetable": ("Furniture", (1.0, 0.4, 0.7), ("SURFACES", "MOVABLE")),
    "bookshelf": ("Furniture", (1.0, 1.6, 0.4), ("SURFACES",)),
    "sofa": ("Furniture", (2.0, 0.8, 0.9), ("SURFACES", "SITTABLE")),
    "apple": ("Food", (0.1, 0.12, 0.11), ("GRABBABLE",)),
    "cupcake": ("Food", (0.1, 0.1, 0.1), ("GRABBABLE",)),
    "plate": ("Props", (0.29, 0.02, 0.29), ("GRABBABLE",)),
    "cutleryfork": ("Props", (0.26, 0.02, 0.03), ("GRABBABLE",)),
    "box": ("Props", (0.3, 0.2, 0.3), ("GRABBABLE", *_OPENS)),
}


def node(number: int, name: str, at: tuple[float, float], *, y: float | None = None) -> Node:
    """A node of a known class; it stands on the floor unless `y` says how high its bottom is."""
    category, size, properties = _KINDS[name]
    return Node(number, name, category, (at[0], (y or 0.0) + size[1] / 2, at[1]), size, frozenset(properties))


def room(number: int, name: str, box: tuple[float, float, float, float]) -> Node:
    """A room on the rectangle (x0, z0, x1, z1)."""
    x0, z0, x1, z1 = box
    return Node(number, name, "Rooms", ((x0 + x1) / 2, 1.25, (z0 + z1) / 2), (x1 - x0, 2.5, z1 - z0))


def door(number: int, at: tuple[float, float]) -> Node:
    """A door of 0.93 m in both directions, as the originals have them."""
    return Node(number, "door", "Doors", (at[0], 0.5, at[1]), (0.93, 1.0, 0.93), frozenset(("CAN_OPEN",)))


def apartment(
    name: str,
    nodes: Iterable[Node],
    inside: dict[int, int],
    on: dict[int, int] | None = None,
    between: dict[int, tuple[int, int]] | None = None,
    opened: Iterable[int] = (),
) -> Apartment:
    """An apartment of these nodes."""
    return Apartment(name, {one.id: one for one in nodes}, inside, on or {}, between or {}, frozenset(opened))


KITCHEN, LIVINGROOM, BEDROOM, BATHROOM = 11, 12, 13, 14
DOOR, TABLE, FRIDGE, CABINET, COFFEETABLE, SHELF = 20, 30, 31, 32, 33, 34
APPLE, APPLE_IN_FRIDGE, CUPCAKE, PLATE, FORK = 50, 51, 52, 53, 54


def two_rooms() -> Apartment:
    """A kitchen (5 x 5 m) with table, fridge and cabinet, a door, a living room with coffee table and bookshelf.

    An apple (50) lies on the kitchen table, one (51) in the closed fridge, a cupcake (52) in the closed cabinet, a
    plate (53) on the coffee table, a fork (54) in the bookshelf, which cannot be opened.
    """
    nodes = [
        room(KITCHEN, "kitchen", (0.0, 0.0, 5.0, 5.0)),
        room(LIVINGROOM, "livingroom", (5.0, 0.0, 10.0, 5.0)),
        door(DOOR, (5.0, 2.5)),
        node(TABLE, "kitchentable", (2.5, 2.5)),
        node(FRIDGE, "fridge", (0.4, 4.6)),
        node(CABINET, "cabinet", (2.5, 0.2)),
        node(COFFEETABLE, "coffeetable", (8.5, 2.5)),
        node(SHELF, "bookshelf", (7.5, 4.8)),
        node(APPLE, "apple", (2.5, 2.5), y=0.8),
        node(APPLE_IN_FRIDGE, "apple", (0.4, 4.6), y=0.9),
        node(CUPCAKE, "cupcake", (2.5, 0.2), y=0.5),
        node(PLATE, "plate", (8.5, 2.5), y=0.4),
        node(FORK, "cutleryfork", (7.5, 4.8), y=0.8),
    ]
    inside = {DOOR: KITCHEN, TABLE: KITCHEN, FRIDGE: KITCHEN, CABINET: KITCHEN, COFFEETABLE: LIVINGROOM,
              SHELF: LIVINGROOM, APPLE: KITCHEN, APPLE_IN_FRIDGE: FRIDGE, CUPCAKE: CABINET, PLATE: LIVINGROOM,
              FORK: SHELF}  # fmt: skip
    return apartment("two rooms", nodes, inside, {APPLE: TABLE, PLATE: COFFEETABLE}, {DOOR: (KITCHEN, LIVINGROOM)})


def two_rooms_task(*goals: Goal, limit: int = 250, **starts: Any) -> Task:
    """Apples and a cupcake to the coffee table (or `goals`), Alice in the kitchen, Bob in the living room."""
    wanted = goals or (Goal("on", "apple", COFFEETABLE, 2), Goal("on", "cupcake", COFFEETABLE, 1))
    return Task(
        "two rooms tea",
        "read_book",
        two_rooms(),
        wanted,
        (starts.get("alice", Start(KITCHEN, (1.0, 1.5))), starts.get("bob", Start(LIVINGROOM, (9.0, 4.0), 180.0))),
        limit,
    )


def four_rooms(containers: int = 3) -> Apartment:
    """A kitchen (8 x 7.5 m) with doors to living room, bedroom and bathroom, about forty nodes.

    Kitchen: table (100), fridge (101), dishwasher (102), `containers` closed cabinets (110...), all empty decoys.
    Living room: coffee table (200), sofa (201), cabinet (202, a plate 210 and an apple 211 in it).
    Bedroom: cabinet (300, a cupcake 310 in it), coffee table (301, a fork 311 and an apple 312 on it).
    Bathroom: bathroom cabinet (400, empty). In the fridge an apple (120) and a cupcake (121), on the table a fork
    (122), in the dishwasher a plate (123).
    """
    nodes = [
        room(KITCHEN, "kitchen", (0.0, 0.0, 8.0, 7.5)),
        room(LIVINGROOM, "livingroom", (8.0, 0.0, 16.0, 7.5)),
        room(BEDROOM, "bedroom", (-8.0, 0.0, 0.0, 5.0)),
        room(BATHROOM, "bathroom", (1.0, 7.5, 6.0, 12.5)),
        door(20, (8.0, 3.5)),
        door(21, (0.0, 2.5)),
        door(22, (3.5, 7.5)),
        node(100, "kitchentable", (4.0, 3.5)),
        node(101, "fridge", (0.5, 6.8)),
        node(102, "dishwasher", (7.4, 6.8)),
        *(node(110 + one, "kitchencabinet", (1.2 + one, 0.25), y=1.4) for one in range(containers)),
        node(200, "coffeetable", (12.0, 3.5)),
        node(201, "sofa", (12.0, 6.9)),
        node(202, "cabinet", (15.0, 0.3)),
        node(300, "cabinet", (-7.0, 0.3)),
        node(301, "coffeetable", (-4.0, 3.5)),
        node(400, "bathroomcabinet", (5.6, 12.2)),
        node(120, "apple", (0.4, 6.8), y=0.8),
        node(121, "cupcake", (0.6, 6.8), y=0.8),
        node(122, "cutleryfork", (4.0, 3.3), y=0.8),
        node(123, "plate", (7.4, 6.8), y=0.4),
        node(210, "plate", (15.0, 0.3), y=0.4),
        node(211, "apple", (14.8, 0.3), y=0.4),
        node(310, "cupcake", (-7.0, 0.3), y=0.4),
        node(311, "cutleryfork", (-4.2, 3.5), y=0.4),
        node(312, "apple", (-3.8, 3.5), y=0.4),
    ]
    rooms = {20: KITCHEN, 21: KITCHEN, 22: KITCHEN, 100: KITCHEN, 101: KITCHEN, 102: KITCHEN, 200: LIVINGROOM,
             201: LIVINGROOM, 202: LIVINGROOM, 300: BEDROOM, 301: BEDROOM, 400: BATHROOM, 122: KITCHEN, 311: BEDROOM,
             312: BEDROOM}  # fmt: skip
    cabinets = {110 + one: KITCHEN for one in range(containers)}
    inside = {**rooms, **cabinets, 120: 101, 121: 101, 123: 102, 210: 202, 211: 202, 310: 300}
    between = {20: (KITCHEN, LIVINGROOM), 21: (KITCHEN, BEDROOM), 22: (KITCHEN, BATHROOM)}
    return apartment("four rooms", nodes, inside, {122: 100, 311: 301, 312: 301}, between)


def four_rooms_task(*goals: Goal, limit: int = 250, name: str = "four rooms meal") -> Task:
    """Two apples and a cupcake to the kitchen table (or `goals`), Alice in the bathroom, Bob in the living room."""
    wanted = goals or (Goal("on", "apple", 100, 2), Goal("on", "cupcake", 100, 1))
    return Task(name, "prepare_food", four_rooms(), wanted, (Start(BATHROOM), Start(LIVINGROOM)), limit)
