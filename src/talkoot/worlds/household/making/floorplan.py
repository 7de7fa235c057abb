"""Where the rooms of a made apartment lie and where their doors are: rectangles that share walls, seen from above."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from random import Random
from typing import Literal

Rect = tuple[float, float, float, float]
"""(x0, z0, x1, z1) in metres."""

Plan = Literal["chain", "star", "ring"]
Size = Literal["small", "normal", "large"]

PLANS: tuple[Plan, ...] = ("chain", "star", "ring")
SIZES: tuple[Size, ...] = ("small", "normal", "large")

WIDE = {"livingroom": (7.0, 8.0), "kitchen": (7.0, 8.0), "bedroom": (5.5, 8.0), "bathroom": (5.0, 5.5)}
"""The range of the longer side of each room at normal size, metres (reference, 2.2)."""

DEEP = {"livingroom": (6.5, 7.5), "kitchen": (6.5, 7.5), "bedroom": (5.0, 5.5), "bathroom": (4.5, 5.0)}
"""The range of the shorter side."""

SCALE = {"small": 0.85, "normal": 1.0, "large": 1.2}

DOOR = 0.93
"""How wide a door is, metres (reference, 2.2)."""

_CHAINS = (
    ("livingroom", "bedroom", "kitchen", "bathroom"),
    ("bedroom", "livingroom", "kitchen", "bathroom"),
    ("kitchen", "livingroom", "bedroom", "bathroom"),
    ("bedroom", "kitchen", "livingroom", "bathroom"),
)
_RINGS = (
    ("livingroom", "kitchen", "bathroom", "bedroom"),
    ("livingroom", "kitchen", "bedroom", "bathroom"),
    ("livingroom", "bedroom", "kitchen", "bathroom"),
)


@dataclass(frozen=True, slots=True)
class Doorway:
    """A door between two rooms: its middle on the shared wall, which runs along x or along z."""

    rooms: tuple[str, str]
    x: float
    z: float
    along: Literal["x", "z"]


@dataclass(frozen=True)
class Floorplan:
    """The rooms by name and the doors between them."""

    rooms: dict[str, Rect]
    doors: tuple[Doorway, ...]


def draw_floorplan(rng: Random, plan: Plan, size: Size) -> Floorplan:
    """Draw four rooms joined as the plan says: in a row (the bathroom last), around one hub, or in a circle of four.

    Sides are multiples of half a metre. Rooms that are joined share at least two metres of wall.
    """
    while True:  # a chain may bend into itself; the next one is drawn then
        sides = {name: _sides(rng, name, size) for name in WIDE}
        if plan == "ring":
            return _ring(rng, rng.choice(_RINGS), sides)
        drawn = _tree(rng, plan, sides)
        if drawn is not None:
            return drawn


def touching(a: Rect, b: Rect) -> tuple[Literal["x", "z"], float, float, float] | None:
    """The wall that two rooms share: the axis along which it runs, where on the other axis, and from where to where."""
    for along, lo, hi, other_lo, other_hi in (("z", 1, 3, 0, 2), ("x", 0, 2, 1, 3)):
        start, end = max(a[lo], b[lo]), min(a[hi], b[hi])
        if end - start > 1e-9:
            for mine, theirs in ((a[other_hi], b[other_lo]), (a[other_lo], b[other_hi])):
                if abs(mine - theirs) < 1e-6:
                    return ("x" if along == "x" else "z"), mine, start, end
    return None


def overlap(a: Rect, b: Rect, margin: float = 0.0) -> bool:
    """Whether two rectangles come nearer than `margin` (0: whether they overlap)."""
    gap = margin - 1e-6
    return a[0] < b[2] + gap and b[0] < a[2] + gap and a[1] < b[3] + gap and b[1] < a[3] + gap


def _sides(rng: Random, name: str, size: Size) -> tuple[float, float]:
    wide, deep = (_half(rng.uniform(*span[name]) * SCALE[size]) for span in (WIDE, DEEP))
    return (wide, deep) if rng.random() < 0.5 else (deep, wide)


def _half(number: float) -> float:
    return round(number * 2) / 2


def _tree(rng: Random, plan: Plan, sides: dict[str, tuple[float, float]]) -> Floorplan | None:
    if plan == "chain":
        order = rng.choice(_CHAINS)
        joins = list(itertools.pairwise(order))
    else:
        hub = rng.choice(("kitchen", "kitchen", "livingroom"))
        joins = [(hub, name) for name in rng.sample([name for name in sides if name != hub], 3)]
    first = joins[0][0]
    rooms: dict[str, Rect] = {first: (0.0, 0.0, *sides[first])}
    doors: list[Doorway] = []
    for known, new in joins:
        placed = _attach(rng, rooms[known], sides[new], list(rooms.values()))
        if placed is None:
            return None
        rooms[new] = placed
        doors.append(_door(rng, (known, new), rooms))
    return Floorplan(rooms, tuple(doors))


def _attach(rng: Random, base: Rect, sides: tuple[float, float], others: list[Rect]) -> Rect | None:
    """A room of these sides against one wall of `base`, clear of all others; None if none of a few tries fits."""
    width, depth = sides
    for _ in range(12):
        side = rng.choice("EWNS")
        if side in "EW":
            z = base[1] + _half(rng.uniform(2.0 - depth, base[3] - base[1] - 2.0))
            x = base[2] if side == "E" else base[0] - width
        else:
            x = base[0] + _half(rng.uniform(2.0 - width, base[2] - base[0] - 2.0))
            z = base[3] if side == "N" else base[1] - depth
        room = (x, z, x + width, z + depth)
        shared = touching(base, room)
        if shared is not None and shared[3] - shared[2] >= 2.0 and not any(overlap(room, other) for other in others):
            return room
    return None


def _ring(rng: Random, order: tuple[str, ...], sides: dict[str, tuple[float, float]]) -> Floorplan:
    """Two rooms above a common wall and two below it; each pair shares a wall as well."""
    first, second, third, fourth = order
    shift = rng.choice((-0.5, 0.0, 0.5))
    rooms: dict[str, Rect] = {
        first: (-sides[first][0], 0.0, 0.0, sides[first][1]),
        second: (0.0, 0.0, sides[second][0], sides[second][1]),
        third: (shift, -sides[third][1], shift + sides[third][0], 0.0),
        fourth: (shift - sides[fourth][0], -sides[fourth][1], shift, 0.0),
    }
    pairs = ((first, second), (second, third), (third, fourth), (fourth, first))
    return Floorplan(rooms, tuple(_door(rng, pair, rooms) for pair in pairs))


def _door(rng: Random, pair: tuple[str, str], rooms: dict[str, Rect]) -> Doorway:
    shared = touching(rooms[pair[0]], rooms[pair[1]])
    assert shared is not None
    along, wall, start, end = shared
    middle = round(rng.uniform(start + 0.95, end - 0.95), 1)
    x, z = (middle, wall) if along == "x" else (wall, middle)
    return Doorway(pair, x, z, along)
