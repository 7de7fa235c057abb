"""Finding room for things: furniture on a floor plan that must stay walkable, things on surfaces and in containers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from talkoot.worlds.household.apartment import Node, Point
from talkoot.worlds.household.making.floorplan import Rect, overlap

Side = Literal["W", "E", "S", "N"]
SIDES: tuple[Side, ...] = ("W", "E", "S", "N")

WALL = 0.06
"""Furniture keeps so far off the edge of its room, metres: the wall's thickness and a finger's breadth."""

OVERHEAD = 1.7
"""What hangs from here up leaves room to stand below, metres."""

_STEP = 0.1
_BODIES = (0.2, 0.3)  # half widths of people for whom the floor must hang together
_FINE = 0.05
_FINE_BODIES = (0.15, 0.2, 0.25, 0.3)  # between two half widths a niche may open or close
_WALKED_OVER = 0.05  # what is not higher (rugs) stands in nobody's way


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of furniture stands: its footprint, and the side of the room where its back is, if it has one."""

    rect: Rect
    side: Side | None = None

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the footprint."""
        return (self.rect[0] + self.rect[2]) / 2, (self.rect[1] + self.rect[3]) / 2

    @property
    def sides(self) -> tuple[Side, ...]:
        """The side of its back alone, or all."""
        return SIDES if self.side is None else (self.side,)

    @property
    def opposite(self) -> tuple[Side, ...]:
        """The side it faces, or all."""
        faces: dict[Side, Side] = {"W": "E", "E": "W", "S": "N", "N": "S"}
        return SIDES if self.side is None else (faces[self.side],)


class Floor:
    """One room while it is being furnished: what stands and hangs where, and which parts must stay free."""

    def __init__(self, rect: Rect, doors: Iterable[Rect]) -> None:
        self.rect = rect
        self.doors = [door for door in doors if overlap(door, rect)]
        """Free parts before the doors."""
        self.boxes: list[tuple[Rect, float, float]] = []
        """What is there: footprint, bottom, top."""
        self.fronts: list[Rect] = []
        """Parts of the floor that must stay free because something is opened or used from there."""
        self._drawn = -1
        self._grids: list[Grid] = []

    def along(self, width: float, depth: float, sides: Sequence[Side] = SIDES, off: float = WALL) -> list[Place]:
        """All places along the walls for something of this width and depth, `off` metres from the edge."""
        x0, z0, x1, z1 = self.rect
        places = []
        for side in sides:
            lo, hi = (z0, z1) if side in ("W", "E") else (x0, x1)
            for number in range(int((hi - lo - 2 * WALL - width) / _STEP + 1e-6) + 1):
                start = round(lo + WALL + number * _STEP, 2)
                rect = {
                    "W": (x0 + off, start, x0 + off + depth, start + width),
                    "E": (x1 - off - depth, start, x1 - off, start + width),
                    "S": (start, z0 + off, start + width, z0 + off + depth),
                    "N": (start, z1 - off - depth, start + width, z1 - off),
                }[side]
                places.append(Place(_rounded(rect), side))
        return places

    def free_standing(self, width: float, depth: float, off: float) -> list[Place]:
        """All places at least `off` from the walls, on a grid."""
        x0, z0, x1, z1 = self.rect
        columns = int((x1 - x0 - 2 * off - width) / 0.25 + 1e-6)
        rows = int((z1 - z0 - 2 * off - depth) / 0.25 + 1e-6)
        corners = [(x0 + off + i * 0.25, z0 + off + j * 0.25) for i in range(columns + 1) for j in range(rows + 1)]
        return [Place(_rounded((x, z, x + width, z + depth))) for x, z in corners]

    def fits(self, rect: Rect, low: float, high: float, *, margin: float = 0.0) -> bool:
        """Whether a box here is within the room, hits nothing and leaves doors and fronts free."""
        if not _within(rect, self.rect) or any(overlap(rect, door) for door in self.doors):
            return False
        if _stands(low, high) and any(overlap(rect, front) for front in self.fronts):
            return False
        return not any(
            overlap(rect, other, margin) and low < top and bottom < high for other, bottom, top in self.boxes
        )

    def clear(self, rect: Rect) -> bool:
        """Whether nobody would bump into anything in this part of the floor, and it is within the room."""
        return _within(rect, self.rect) and not any(
            overlap(rect, other) and _stands(bottom, top) for other, bottom, top in self.boxes
        )

    def walkable(self, more: Iterable[Rect] = ()) -> bool:
        """Whether the free floor hangs together, for a narrow and for a broad person, with these footprints added."""
        if len(self.boxes) != self._drawn:
            self._drawn = len(self.boxes)
            self._grids = [self._grid(body, _STEP) for body in _BODIES]
        return all(grid.hangs_together(more) for grid in self._grids)

    def has_no_niche(self) -> bool:
        """As `walkable`, but on a finer grid and for more people: nothing is left that only some could enter."""
        return all(self._grid(body, _FINE).hangs_together() for body in _FINE_BODIES)

    def _grid(self, body: float, step: float) -> Grid:
        grid = Grid(self.rect, body, step)
        for rect, low, high in self.boxes:
            if _stands(low, high):
                grid.block(rect)
        return grid


class Grid:
    """The points of a room where a square person can stand, `body` from middle to edge: rows of bits."""

    def __init__(self, room: Rect, body: float, step: float) -> None:
        self.room, self.body, self.step = room, body, step
        columns, rows = (round((room[axis + 2] - room[axis]) / step) for axis in (0, 1))
        edge = round(body / step)
        free = _bits(edge, columns - edge)
        self.rows = [free if edge <= row < rows - edge else 0 for row in range(rows)]

    def block(self, rect: Rect) -> None:
        """Take away the points where the person would touch this."""
        near = [(rect[0] - self.body, self.room[0]), (rect[2] + self.body, self.room[0]),
                (rect[1] - self.body, self.room[1]), (rect[3] + self.body, self.room[1])]  # fmt: skip
        first, last, low, high = (max(0, round((at - edge) / self.step)) for at, edge in near)
        keep = ~_bits(first, last)
        for row in range(low, min(high, len(self.rows))):
            self.rows[row] &= keep

    def hangs_together(self, more: Iterable[Rect] = ()) -> bool:
        """Whether all points are connected, and there is one, with these footprints blocked as well."""
        kept = self.rows
        self.rows = list(kept)
        for rect in more:
            self.block(rect)
        rows, self.rows = self.rows, kept
        start = next((row for row, free in enumerate(rows) if free), None)
        if start is None:
            return False
        reached = [0] * len(rows)
        reached[start] = rows[start] & -rows[start]
        pending = [start]
        while pending:
            row = pending.pop()
            reached[row] = _spread(reached[row], rows[row])
            for beside in (row - 1, row + 1):
                if 0 <= beside < len(rows):
                    new = reached[row] & rows[beside] & ~reached[beside]
                    if new:
                        reached[beside] |= new
                        pending.append(beside)
        return reached == rows


def in_front(place: Place, metres: float) -> Rect:
    """The part of the floor before something that stands at a wall."""
    x0, z0, x1, z1 = place.rect
    return {
        "W": (x1, z0, x1 + metres, z1), "E": (x0 - metres, z0, x0, z1),
        "S": (x0, z1, x1, z1 + metres), "N": (x0, z0 - metres, x1, z0), None: place.rect,
    }[place.side]  # fmt: skip


def spot_on(rng: Random, surface: Node, size: Point, taken: Iterable[Node], tries: int = 20) -> Point | None:
    """A free place on top of a surface for the middle of a thing of this size, or None after some tries.

    `taken` are the things that lie there already.
    """
    top = surface.center[1] + surface.size[1] / 2
    reach = [(surface.size[axis] - size[axis]) / 2 - 0.01 for axis in (0, 2)]
    if min(reach) < 0:
        return None
    others = [seen_from_above(node) for node in taken]
    for _ in range(tries):
        x = round(surface.center[0] + rng.uniform(-reach[0], reach[0]), 2)
        z = round(surface.center[2] + rng.uniform(-reach[1], reach[1]), 2)
        rect = (x - size[0] / 2, z - size[2] / 2, x + size[0] / 2, z + size[2] / 2)
        if not any(overlap(rect, other, 0.01) for other in others):
            return x, round(top + size[1] / 2, 3), z
    return None


def spot_inside(rng: Random, container: Node, size: Point, taken: Iterable[Node], tries: int = 20) -> Point | None:
    """A free place in a container for the middle of a thing of this size, on one of its shelves, or None.

    Shelves are 0.45 m apart, the lowest at the bottom; `taken` are the things in it.
    """
    reach = [(container.size[axis] - size[axis]) / 2 - 0.02 for axis in (0, 2)]
    bottom = container.center[1] - container.size[1] / 2 + 0.02
    shelves = [shelf for shelf in range(5) if shelf * 0.45 + size[1] <= container.size[1] - 0.04]
    if min(reach) < 0 or not shelves:
        return None
    others = list(taken)
    for _ in range(tries):
        y = bottom + rng.choice(shelves) * 0.45 + size[1] / 2
        x, z = (container.center[axis] + rng.uniform(-room, room) for axis, room in zip((0, 2), reach, strict=True))
        center = (round(x, 2), round(y, 3), round(z, 2))
        if all(_apart(center, size, node) for node in others):
            return center
    return None


def seen_from_above(node: Node) -> Rect:
    """What a node covers on the floor plan."""
    (x, _, z), (width, _, depth) = node.center, node.size
    return x - width / 2, z - depth / 2, x + width / 2, z + depth / 2


def _apart(center: Point, size: Point, other: Node) -> bool:
    return any(abs(center[a] - other.center[a]) >= (size[a] + other.size[a]) / 2 - 1e-6 for a in range(3))


def _within(rect: Rect, room: Rect) -> bool:
    return room[0] <= rect[0] and room[1] <= rect[1] and rect[2] <= room[2] and rect[3] <= room[3]


def _stands(low: float, high: float) -> bool:
    """Whether a box of this bottom and top is in the way of people."""
    return low < OVERHEAD and high > _WALKED_OVER


def _rounded(rect: tuple[float, float, float, float]) -> Rect:
    return round(rect[0], 3), round(rect[1], 3), round(rect[2], 3), round(rect[3], 3)


def _bits(first: int, last: int) -> int:
    """The cells from `first` up to `last`, as bits."""
    return ((1 << last) - 1) & ~((1 << first) - 1) if last > first else 0


def _spread(seed: int, free: int) -> int:
    """All free cells of a row that hang together with a seed: a carry runs up each stretch, doubled shifts run down."""
    seed |= free & (free ^ (free + seed))
    shift = 1
    while free:
        seed |= free & (seed >> shift)
        free &= free >> shift
        shift *= 2
    return seed
