"""Furniture for the four kinds of rooms: what belongs in each, and where it goes (ours)."""

from __future__ import annotations

from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.making.building import Room
from talkoot.worlds.household.making.classes import KINDS
from talkoot.worlds.household.making.floor import SIDES, Place, in_front
from talkoot.worlds.household.making.floorplan import Rect

DECOYS = 8
"""Wall cabinets per kitchen: closed, searched by agents, and never a place for goal things (reference, 2.3)."""

_HANGS = 1.75  # the bottom of wall cabinets, metres


class NoRoom(Exception):
    """A piece of furniture that must be there found no place; the room is to be begun again."""


def furnish(room: Room, density: str) -> None:
    """Put the furniture of its kind into an empty room. Raises NoRoom if what must be there does not fit."""
    {"kitchen": _kitchen, "livingroom": _livingroom, "bedroom": _bedroom, "bathroom": _bathroom}[room.node.name](room)
    more = _MORE[room.node.name]
    number = len(more) if density == "tight" else len(more) // 3
    for name in room.rng.sample(more, number):
        if name == "coffeetable":
            width, _, depth = KINDS[name].size
            room.in_the_middle([(name, (0.0, 0.0, width, depth))])
        else:
            room.along_wall(name, front=0.6 if name == "cabinet" else 0.0)


_MORE = {
    "kitchen": ["bookshelf", "garbagecan", "chair", "tvstand", "box", "chair", "speaker"],
    "livingroom": ["bookshelf", "bench", "chair", "box", "speaker", "speaker", "nightstand", "box", "sofa", "coatrack"],
    "bedroom": ["coffeetable", "bookshelf", "garbagecan", "chair", "box", "desk", "standingmirror", "bench"],
    "bathroom": ["garbagecan", "box", "standingmirror"],
}


def _needed(node: Node | None, name: str) -> Node:
    if node is None:
        raise NoRoom(name)
    return node


def _kitchen(room: Room) -> None:
    rng = room.rng
    ends = [round(rng.uniform(0.7, 1.5), 1) for _ in range(4)]
    left = [("kitchencounter", ends[0]), ("dishwasher", 0.97), ("kitchencounter", ends[1])]
    right = [("kitchencounter", ends[2]), ("stove", 1.0), ("kitchencounter", ends[3])]
    whole = [*left[:2], ("kitchencounter", ends[1] + 0.3), *right[1:]]
    row = _run(room, whole) if rng.random() < 0.6 else None
    rows = [row] if row else [_row_or_fail(room, left), _row_or_fail(room, right)]
    middle = room.stands[rows[0][0].id].middle
    _needed(room.along_wall("fridge", front=0.7, near=middle if rng.random() < 0.5 else None), "fridge")
    _hang_cabinets(room, rows)
    _dining(room)
    counters = [node for row in rows for node in row if node.name == "kitchencounter"]
    widest = max(counters, key=lambda node: node.size[0] * node.size[2])
    _needed(room.lay_on(widest, "microwave"), "microwave")
    if rng.random() < 0.25:
        room.along_wall("fridge", front=0.7)


def _row_or_fail(room: Room, units: list[tuple[str, float]]) -> list[Node]:
    row = _run(room, units)
    if row is None:
        raise NoRoom("kitchencounter")
    return row


def _run(room: Room, units: list[tuple[str, float]]) -> list[Node] | None:
    """A closed row of kitchen units along one wall, with room to stand before all of it."""
    depth = max(KINDS[name].size[2] for name, _ in units)
    length = sum(width for _, width in units)
    walls = [room.floor.along(length, depth, (side,)) for side in room.rng.sample(SIDES, len(SIDES))]
    for place in [place for wall in walls for place in room.rng.sample(wall, len(wall))]:
        if not room.floor.fits(place.rect, 0.0, 1.1) or not room.floor.clear(in_front(place, 0.9)):
            continue
        if not room.floor.walkable([place.rect]):
            continue
        nodes, start = [], place.rect[1] if place.side in ("W", "E") else place.rect[0]
        for name, width in units:
            _, height, own = KINDS[name].size
            x0, z0, x1, z1 = place.rect
            rect: Rect = {
                "W": (x0, start, x0 + own, start + width), "E": (x1 - own, start, x1, start + width),
                "S": (start, z0, start + width, z0 + own), "N": (start, z1 - own, start + width, z1),
            }[place.side or "W"]  # fmt: skip
            node = room.put(name, rect, 0.0, height)
            room.stands[node.id] = Place(rect, place.side)
            nodes.append(node)
            start = round(start + width, 3)
        room.floor.fronts.append(in_front(place, 0.9))
        return nodes
    return None


def _hang_cabinets(room: Room, rows: list[list[Node]]) -> None:
    """A hood above the stove; all decoys above the rows, from their middles outwards, then on the walls nearby."""
    stove = next(node for row in rows for node in row if node.name == "stove")
    place = room.stands[stove.id]
    room.along_wall("stovefan", low=_HANGS, near=place.middle, within=0.6, sides=place.sides)
    width = room.rng.choice((0.6, 0.8))
    for number in range(DECOYS):
        row = rows[number % len(rows)]
        middle = room.stands[row[len(row) // 2].id].middle
        _needed(room.along_wall("kitchencabinet", width=width, low=_HANGS, near=middle), "kitchencabinet")


def _dining(room: Room) -> None:
    """The table with benches or chairs on its long sides."""
    rng = room.rng
    width, depth = rng.choice(((1.65, 1.25), (2.0, 1.2), (1.8, 1.4)))
    benches = rng.random() < 0.6
    seat = (min(width, 1.55), 0.35) if benches else (0.48, 0.48)
    gap = 0.15
    inner = seat[1] + gap
    parts: list[tuple[str, Rect]] = [("kitchentable", (0.0, inner, width, inner + depth))]
    for low in (0.0, inner + depth + gap):
        starts = [(width - seat[0]) / 2] if benches else [width / 4 - seat[0] / 2, width * 3 / 4 - seat[0] / 2]
        parts += [("bench" if benches else "chair", (start, low, start + seat[0], low + seat[1])) for start in starts]
    if rng.random() < 0.5:
        parts = [(name, (rect[1], rect[0], rect[3], rect[2])) for name, rect in parts]
    for clearance in (room.clearance, 0.75, 0.6):
        if room.in_the_middle(parts, clearance) is not None:
            return
    raise NoRoom("kitchentable")


def _livingroom(room: Room) -> None:
    rng = room.rng
    sofa = _needed(room.along_wall("sofa", front=0.5), "sofa")
    room.floor.fronts.pop()  # the coffee table stands there
    table = _needed(room.before(sofa, "coffeetable", 0.5), "coffeetable")
    room.lay_rug(room.stands[table.id].middle, 2.4, 1.7)
    place = room.stands[sofa.id]
    if room.along_wall("tvstand", front=0.6, near=place.middle, sides=place.opposite) is None:
        room.along_wall("tvstand", front=0.6)
    _desk(room)
    room.along_wall("bookshelf", front=0.5)
    if rng.random() < 0.35:
        room.along_wall("cabinet", front=0.6)
    if rng.random() < 0.5:
        room.along_wall("sofa", front=0.4)


def _desk(room: Room) -> None:
    desk = room.along_wall("desk", front=0.6)
    if desk is not None:
        room.floor.fronts.pop()  # the chair stands there
        room.before(desk, "chair", 0.08)


def _bedroom(room: Room) -> None:
    bed = _needed(room.along_wall("bed", front=0.6), "bed")
    place = room.stands[bed.id]
    room.along_wall("nightstand", near=place.middle, within=2.6, sides=place.sides)
    _needed(room.along_wall("cabinet", front=0.7), "cabinet")
    room.along_wall("closet", front=0.6)
    _desk(room)
    x0, z0, x1, z1 = in_front(place, 1.0)
    room.lay_rug(((x0 + x1) / 2, (z0 + z1) / 2), 1.9, 1.4)


def _bathroom(room: Room) -> None:
    counter = _needed(room.along_wall("bathroomcounter", front=0.7), "bathroomcounter")
    place = room.stands[counter.id]
    cabinet = room.along_wall("bathroomcabinet", low=1.45, near=place.middle, within=0.9, sides=place.sides)
    _needed(cabinet, "bathroomcabinet")
    _needed(room.along_wall("toilet", front=0.6), "toilet")
    room.along_wall(room.rng.choice(("bathtub", "stall")), front=0.6)
    room.along_wall("washingmachine", front=0.6)
    room.along_wall("towelrack", low=1.2)
    x0, z0, x1, z1 = in_front(place, 0.8)
    room.lay_rug(((x0 + x1) / 2, (z0 + z1) / 2), 1.0, 0.7)
