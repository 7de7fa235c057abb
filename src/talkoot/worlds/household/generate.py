"""Apartments from a seed: four rooms with doors, walls, furniture and small things, at the scale of the originals."""

from __future__ import annotations

import itertools
import math
from random import Random
from typing import Literal

from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import ROOMS, Apartment, Node
from talkoot.worlds.household.making.building import Building, Room
from talkoot.worlds.household.making.clutter import clutter
from talkoot.worlds.household.making.floor import Floor
from talkoot.worlds.household.making.floorplan import (
    DOOR,
    PLANS,
    SIZES,
    Doorway,
    Floorplan,
    Plan,
    Rect,
    Size,
    draw_floorplan,
    overlap,
)
from talkoot.worlds.household.making.furnish import NoRoom, furnish

Density = Literal["tight", "open"]
DENSITIES: tuple[Density, ...] = ("tight", "open")

HEIGHT = 2.5
"""How high rooms are, metres."""

_TILE = 2.5
_THICK = 0.05
_LINTEL = 2.06
_CLEARANCE = {"tight": 0.75, "open": 0.95}


def generate_apartment(
    seed: int, *, plan: Plan = "chain", size: Size = "normal", density: Density = "open", name: str = ""
) -> Apartment:
    """Make an apartment of four rooms joined by doors in a chain, a star around a hub, or a ring (ours).

    Rooms are about 5 to 8 m wide at normal size, with 300 to 400 nodes in all, among them every class of container and
    the eight closed kitchen cabinets that never hold what is needed (reference, 2.2 and 2.3). Furniture stands along
    the walls or free with room to walk around; no door is blocked and nothing is enclosed. `density` says how much
    furniture stands about. The same arguments give the same apartment. Raises BadInput for unknown words.
    """
    for word, words, what in ((plan, PLANS, "plan"), (size, SIZES, "size"), (density, DENSITIES, "density")):
        if word not in words:
            raise BadInput(f"household apartment: no {what} {word!r}; choose one of {', '.join(words)}")
    rng = Random(f"{seed}|{plan}|{size}|{density}")
    while True:  # a floor plan whose doors leave no room for the kitchen is drawn anew
        try:
            return _build(rng, draw_floorplan(rng, plan, size), density, name or f"{plan}_{size}_{density}_{seed}")
        except NoRoom:
            continue


def _build(rng: Random, plan: Floorplan, density: Density, name: str) -> Apartment:
    building = Building(name)
    rooms: dict[str, Node] = {}
    for room in ROOMS:
        x0, z0, x1, z1 = plan.rooms[room]
        center = ((x0 + x1) / 2, HEIGHT / 2, (z0 + z1) / 2)
        rooms[room] = building.add(room, center, (x1 - x0, HEIGHT, z1 - z0))
    for door in plan.doors:
        _hang_door(building, door, rooms)
    for room in ROOMS:
        rect = plan.rooms[room]
        _shell(building, rooms[room], rect, plan)
        _furnished(building, rooms[room], rect, plan, rng, density)
    return building.apartment()


def _hang_door(building: Building, door: Doorway, rooms: dict[str, Node]) -> None:
    home, other = (rooms[room].id for room in door.rooms)
    node = building.add("door", (door.x, 0.5, door.z), (DOOR, 1.0, DOOR), inside=home)
    building.between[node.id] = (home, other)
    size = (DOOR, _LINTEL, 0.12) if door.along == "x" else (0.12, _LINTEL, DOOR)
    building.add("doorjamb", (door.x, _LINTEL / 2, door.z), size, inside=home)


def _shell(building: Building, room: Node, rect: Rect, plan: Floorplan) -> None:
    """Floor and ceiling tiles, and the walls with gaps where doors are."""
    x0, z0, x1, z1 = rect
    xs, zs = _cuts(x0, x1), _cuts(z0, z1)
    for kind, y in (("floor", 0.0), ("ceiling", HEIGHT - 0.01)):
        for left, right in itertools.pairwise(xs):
            for near, far in itertools.pairwise(zs):
                building.box(kind, (left, near, right, far), y, y + 0.01, inside=room.id)
    for along, lo, hi, wall, inner in (
        ("x", x0, x1, z0, z0 + _THICK), ("x", x0, x1, z1 - _THICK, z1),
        ("z", z0, z1, x0, x0 + _THICK), ("z", z0, z1, x1 - _THICK, x1),
    ):  # fmt: skip
        gaps = sorted(
            (door.x if along == "x" else door.z)
            for door in plan.doors
            if door.along == along
            and room.name in door.rooms
            and min(abs((door.z if along == "x" else door.x) - side) for side in (wall, inner)) < 1e-6
        )
        pieces, start = [], lo
        for gap in gaps:
            pieces.append((start, gap - DOOR / 2, 0.0))
            pieces.append((gap - DOOR / 2, gap + DOOR / 2, _LINTEL))
            start = gap + DOOR / 2
        pieces.append((start, hi, 0.0))
        for begin, end, low in pieces:
            cuts = _cuts(begin, end)
            for a, b in itertools.pairwise(cuts):
                piece = (a, wall, b, inner) if along == "x" else (wall, a, inner, b)
                building.box("wall", piece, low, HEIGHT, inside=room.id)


def _cuts(start: float, end: float) -> list[float]:
    """The ends of about equal pieces of about 2.5 m at most, with inner ends at multiples of 0.1 m."""
    number = max(1, math.ceil((end - start) / _TILE - 1e-6))
    return [start, *(round(start + (end - start) * piece / number, 1) for piece in range(1, number)), end]


def _furnished(building: Building, node: Node, rect: Rect, plan: Floorplan, rng: Random, density: Density) -> None:
    """Furnish one room; begin again with an empty one when something that must be there found no place."""
    before = (len(building.nodes), dict(building.inside), dict(building.on))
    for _ in range(20):
        floor = Floor(rect, [_kept_free(door) for door in plan.doors if node.name in door.rooms])
        room = Room(building, node, floor, rng, _CLEARANCE[density])
        try:
            furnish(room, density)
            if not floor.has_no_niche():
                raise NoRoom("people")
        except NoRoom:
            building.nodes = dict(list(building.nodes.items())[: before[0]])
            building.inside, building.on = dict(before[1]), dict(before[2])
            continue
        _fit_out(room, [other for name, other in plan.rooms.items() if name != node.name])
        clutter(room)
        return
    raise NoRoom(node.name)


def _kept_free(door: Doorway) -> Rect:
    across, along = 1.0, 0.65
    width, depth = (along, across) if door.along == "x" else (across, along)
    return door.x - width, door.z - depth, door.x + width, door.z + depth


def _fit_out(room: Room, others: list[Rect]) -> None:
    """Lamps, switches, windows to the outside, pictures, a rug."""
    x0, z0, x1, z1 = room.floor.rect
    building, rng, floor = room.building, room.rng, room.floor
    for number in range(rng.randint(2, 3)):
        x, z = x0 + (x1 - x0) * (number + 1) / 4, (z0 + z1) / 2
        building.add("ceilinglamp", (x, HEIGHT - 0.15, z), (0.5, 0.27, 0.5), inside=room.node.id)
    for _ in range(2):
        places = floor.along(1.6, 0.06, off=0.0)
        rng.shuffle(places)
        for place in places:
            outside = (place.rect[0] - 0.3, place.rect[1] - 0.3, place.rect[2] + 0.3, place.rect[3] + 0.3)
            if not any(overlap(outside, other) for other in others) and floor.fits(place.rect, 1.0, 2.0, margin=0.6):
                room.put("window", place.rect, 1.0, 2.02)
                for _ in range(2):
                    room.along_wall("curtains", low=0.95, near=place.middle, within=1.5, sides=(place.side or "W",))
                break
    door = floor.doors[0]
    room.along_wall("lightswitch", low=1.2, near=((door[0] + door[2]) / 2, (door[1] + door[3]) / 2))
    for name, low in (("powersocket", 0.2), ("walllamp", 1.75), ("walllamp", 1.75), ("wallpictureframe", 1.5),
                      ("wallpictureframe", 1.5)):  # fmt: skip
        room.along_wall(name, low=low)
