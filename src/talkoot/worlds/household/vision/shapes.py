"""What a room looks like: one flat list of coloured boxes, made from what the symbolic rule lets a seat see.

Drawn is what is in the seat's view and in its room, and nothing else: no other room (a door is a framed gap behind
which nothing is measured), nothing inside what is closed, nothing in the own hands. So images never tell more than the
symbolic view; they tell less, where things hide each other or lie outside of the picture.

Nodes are drawn as their boxes, but for three kinds through which one must be able to look. An open container (and one
without a door, and a shelf) is its top, bottom and back with posts at the corners: its doors and sides are left out, so
who stands before or beside it sees what is in it. A table (any lower surface that cannot be opened and on which nobody
sits) is a top on four legs. A person is a body, a head and two arms, turned as it stands; what it holds is before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from colorsys import hsv_to_rgb
from dataclasses import dataclass, field
from functools import lru_cache
from math import cos, radians, sin
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from talkoot.types import Seat
from talkoot.worlds.household.apartment import Apartment, Node, Point
from talkoot.worlds.household.reach import Box, footprint, gap
from talkoot.worlds.household.view import HomeView, Person

UNSEEN = frozenset({"Rooms", "Doors", "Floor", "Ceiling", "Walls"})
"""Categories of nodes that are not drawn as things: the room's own floor, walls and ceiling stand for them."""

PANEL = 0.02
"""Metres: how thick the panels and posts of an open container are."""

TOP = 0.05
"""Metres: how thick a table's top and legs are."""

STEP = 0.3
"""Metres: surfaces at least as tall as this are tables."""

TALL = 1.3
"""Metres: surfaces that are taller are shelves."""

DOOR_HEIGHT = 2.06
"""Metres: how high the gap of a door is (reference, Appendix A: door jambs)."""

FRAME = 0.06
"""Metres: how wide the frame around a door's gap is."""

WALL = 0.06
"""Metres: how thick walls are, on their outer side."""

ARMS = ((0.2, 1.05, 0.17), (-0.2, 1.05, 0.17))
"""The middles of the right and the left lower arm: metres (right, up, ahead) of the feet."""

Colour = tuple[float, float, float]
Boxes = NDArray[np.float32]
"""(n, 12): centre, size, colour, number of the node or 0, sine and cosine of the yaw."""


@dataclass(frozen=True)
class Plan:
    """What never moves: rooms, and between which two rooms each door is."""

    rooms: Mapping[int, Node]
    doors: Mapping[int, Node] = field(default_factory=dict)
    between: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, apartment: Apartment) -> Plan:
        """The plan of an apartment."""
        doors = {number: apartment.nodes[number] for number in apartment.between}
        return cls(apartment.rooms, doors, apartment.between)


@lru_cache(maxsize=1024)
def colour_of(name: str) -> Colour:
    """The colour of a class, the same everywhere; 0 to 1."""
    code = crc32(name.encode())
    return hsv_to_rgb(code % 360 / 360, 0.35 + (code >> 9) % 32 / 80, 0.65 + (code >> 14) % 32 / 110)


def boxes(view: HomeView, plan: Plan) -> Boxes:
    """Everything to draw of what `view` (a view of the moment) sees, walls first."""
    room = view.rooms[view.me.room]
    rows = list(_walls(room, plan, view))
    held = {thing for person in view.people.values() for thing in person.holding}
    hosts = set(view.inside.values())
    for number, node in view.nodes.items():
        if node.category in UNSEEN or number in held:
            continue
        rows.extend(_parts(node, room, view, hosts))
    for seat, person in view.people.items():
        if seat != view.seat and person.room == view.me.room and person.t == view.t:
            rows.extend(_person(seat, person))
            seen = [view.nodes[thing] for thing in person.holding if thing in view.nodes]
            rows.extend(_row(node.center, node.size, colour_of(node.name), node.id) for node in seen)
    return np.array(rows, dtype=np.float32).reshape(-1, 12)


Row = tuple[float, ...]


def _row(center: Point, size: Point, colour: Colour, number: int, yaw: float = 0.0) -> Row:
    return (*center, *size, *colour, float(number), sin(radians(yaw)), cos(radians(yaw)))


def _parts(node: Node, room: Node, view: HomeView, hosts: set[int]) -> Iterator[Row]:
    colour = colour_of(node.name)
    if node.openable and "CONTAINERS" in node.properties:
        hollow = node.id in view.open
    else:
        hollow = node.id in hosts and min(node.size) > 4 * PANEL
    table = "SURFACES" in node.properties and not node.openable and not node.properties & {"SITTABLE", "LIEABLE"}
    if hollow or (table and node.size[1] > TALL):
        yield from _hollow(node, room, colour)
    elif table and node.size[1] >= STEP:
        yield from _table(node, colour)
    else:
        yield _row(node.center, node.size, colour, node.id)


def _posts(node: Node, thick: float, colour: Colour) -> Iterator[Row]:
    (x, y, z), (width, height, depth) = node.center, node.size
    for dx in (-1, 1):
        for dz in (-1, 1):
            corner = x + dx * (width - thick) / 2, y, z + dz * (depth - thick) / 2
            yield _row(corner, (thick, height, thick), colour, node.id)


def _table(node: Node, colour: Colour) -> Iterator[Row]:
    (x, y, z), (width, height, depth) = node.center, node.size
    yield _row((x, y + height / 2 - TOP / 2, z), (width, TOP, depth), colour, node.id)
    yield from _posts(node, min(TOP, width / 4, depth / 4), colour)


def _hollow(node: Node, room: Node, colour: Colour) -> Iterator[Row]:
    (x, y, z), (width, height, depth) = node.center, node.size
    for side in (-1, 1):
        yield _row((x, y + side * (height - PANEL) / 2, z), (width, PANEL, depth), colour, node.id)
    dx, dz = back_of(node, room)
    thin = (PANEL, height, depth) if dx else (width, height, PANEL)
    yield _row((x + dx * (width - PANEL) / 2, y, z + dz * (depth - PANEL) / 2), thin, colour, node.id)
    yield from _posts(node, PANEL, colour)


def back_of(node: Node, room: Node) -> tuple[int, int]:
    """The side (x, z) of a piece of furniture that is its back: that nearest to a wall, of equally near ones the wider.

    Its front is opposite. `room` is the room in which it stands.
    """
    x0, z0, x1, z1 = footprint(node)
    left, low, right, high = footprint(room)
    width, depth = node.size[0], node.size[2]
    sides = (
        (x0 - left, depth, (-1, 0)),
        (right - x1, depth, (1, 0)),
        (z0 - low, width, (0, -1)),
        (high - z1, width, (0, 1)),
    )
    nearest = min(distance for distance, _, _ in sides)
    return max((side for side in sides if side[0] <= nearest + 0.3), key=lambda side: side[1])[2]


def _person(seat: Seat, person: Person) -> Iterator[Row]:
    x, z = person.position
    number, skin, cloth = seat + 1, (0.86, 0.67, 0.55), ((0.74, 0.22, 0.42), (0.2, 0.36, 0.7))[seat % 2]
    yaw = person.yaw
    yield _row((x, 0.4, z), (0.34, 0.8, 0.22), (0.2, 0.2, 0.26), number, yaw)
    yield _row((x, 1.12, z), (0.44, 0.64, 0.24), cloth, number, yaw)
    yield _row((x, 1.62, z), (0.2, 0.36, 0.22), skin, number, yaw)
    for arm in ARMS:
        yield _row(_beside(person, arm), (0.09, 0.09, 0.2), skin, number, yaw)


def _beside(person: Person, offset: Point) -> Point:
    right, up, ahead = offset
    s, c = sin(radians(person.yaw)), cos(radians(person.yaw))
    return person.position[0] + right * c + ahead * s, up, person.position[1] - right * s + ahead * c


def _walls(room: Node, plan: Plan, view: HomeView) -> Iterator[Row]:
    """Floor, ceiling and four walls; each door of the room is a gap with a frame, which has the number of the door."""
    x0, z0, x1, z1 = footprint(room)
    height = room.size[1]
    (x, _, z), (width, _, depth) = room.center, room.size
    red, green, blue = (0.82 + part * 0.13 for part in colour_of(room.name))
    paint = red, green, blue
    yield _row((x, -WALL / 2, z), (width, WALL, depth), (0.62, 0.55, 0.47), 0)
    yield _row((x, height + WALL / 2, z), (width, WALL, depth), (0.93, 0.93, 0.9), 0)
    doors = [plan.doors[door] for door, pair in plan.between.items() if room.id in pair and door in plan.doors]
    sides = (0, x0, x1, z0, -1), (0, x0, x1, z1, 1), (2, z0, z1, x0, -1), (2, z0, z1, x1, 1)
    for along, start, end, at, outward in sides:
        here = start
        for lo, hi, door in sorted(_gaps(doors, along, at, (x0, z0, x1, z1))):
            number = door if door in view.nodes else 0
            top = min(DOOR_HEIGHT, height)
            if lo > here:
                yield _wall(along, here, lo, at + outward * WALL / 2, 0.0, height, paint)
            if height > top:
                yield _wall(along, lo, hi, at + outward * WALL / 2, top, height, paint)
            frame = (0.45, 0.33, 0.24)
            for left in (lo, hi - FRAME):
                yield _wall(along, left, left + FRAME, at, 0.0, top, frame, number)
            yield _wall(along, lo, hi, at, top - FRAME, top, frame, number)
            here = max(here, hi)
        if end > here:
            yield _wall(along, here, end, at + outward * WALL / 2, 0.0, height, paint)


def _gaps(doors: list[Node], along: int, at: float, room: Box) -> Iterator[tuple[float, float, int]]:
    """From where to where the doors in one wall reach, with their numbers."""
    for door in doors:
        half = max(door.size[0], door.size[2]) / 2
        if abs(door.center[2 - along] - at) < 0.6 and gap((door.center[0], door.center[2]), room) < 0.6:
            yield door.center[along] - half, door.center[along] + half, door.id


def _wall(
    along: int, start: float, end: float, at: float, low: float, high: float, paint: Colour, number: int = 0
) -> Row:
    middle, length = (start + end) / 2, end - start
    if along == 0:
        return _row((middle, (low + high) / 2, at), (length, high - low, WALL), paint, number)
    return _row((at, (low + high) / 2, middle), (WALL, high - low, length), paint, number)
