"""The floor of an apartment as a grid of 0.1 m: which room a cell is of, who can stand there, and ways to a target.

The floor of a room is the union of its floor tiles (nodes of category Floor), or its box where it has none: the boxes
of rooms in recorded episodes are padded and overlap. Rooms are walled off from each other and from outside; a door
(a node BETWEEN two rooms) opens a gap in the wall. Furniture is grown by a quarter of a metre, half a person's width
(reference, 2.6). Where that leaves no way at all, people squeeze past: what is nearer to furniture costs so much that
it is only walked when nothing else leads there. Nobody ever stands in a piece of furniture.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from talkoot.worlds.household import distance_field
from talkoot.worlds.household.apartment import Apartment, Node
from talkoot.worlds.household.reach import REACH, Box, Spot, footprint

CELL = 0.1
"""Metres; the edge of a cell."""

CLEARANCE = 0.25
"""Metres that people keep from furniture and walls (reference, 2.6: 0.2 to 0.3)."""

JAMB = 0.3
"""Metres that people keep from the jambs of a door: recorded walks cross thresholds within 0.17 m of the middle."""

SQUEEZE = 30.0
"""How many times its length a way costs where there is less room than `CLEARANCE`."""

AROUND_A_CORNER = 8.0
"""Square metres; a larger box is a counter around a corner: it is solid only within 0.8 m of the room's walls."""

SILL = 0.03
"""Metres past the line between two rooms up to which one is still in the old one, as in the recorded runs."""

FIELDS = 64
"""Fields of distances kept for one floor, a third of a megabyte each; what was not used for longest is dropped."""

_NEVER_IN_THE_WAY = ("Rooms", "Doors", "Floor", "Walls", "Ceiling", "Windows", "Lamps")


class Outline(NamedTuple):
    """What people walk on and around: the floors of rooms, doors, and pieces of furniture with their rooms."""

    floors: tuple[tuple[int, tuple[Box, ...]], ...]
    doors: tuple[Box, ...]
    furniture: tuple[tuple[Box, int | None], ...]


class Field(NamedTuple):
    """The costs from all cells to a target, the cells to go straight to, whether the target can be reached there."""

    costs: NDArray[np.float64]
    via: NDArray[np.int32]
    ends: bool


def in_the_way(node: Node) -> bool:
    """Whether people walk around the node: furniture and the like between knee and head, not things one can grab."""
    if node.category in _NEVER_IN_THE_WAY or node.grabbable:
        return False
    bottom, top = node.center[1] - node.size[1] / 2, node.center[1] + node.size[1] / 2
    return bottom < 0.9 and top > 0.2 and min(node.size[0], node.size[2]) > 0.05


def floors(apartment: Apartment, room: int) -> tuple[Box, ...]:
    """The rectangles that make up the floor of a room: its tiles where they cover most of it, else its box."""
    whole = footprint(apartment.nodes[room])
    tiles = {
        footprint(node)
        for node in apartment.nodes.values()
        if node.category == "Floor" and node.name == "floor" and apartment.inside.get(node.id) == room
    }
    area = sum(_area(tile) for tile in tiles)
    if area <= 0.6 * _area(whole):
        return (whole,)
    around = (
        min(tile[0] for tile in tiles), min(tile[1] for tile in tiles),
        max(tile[2] for tile in tiles), max(tile[3] for tile in tiles),
    )  # fmt: skip
    return (around,) if area > 0.99 * _area(around) else tuple(sorted(tiles))


def outline(apartment: Apartment) -> Outline:
    """What people walk on and around in an apartment."""
    nodes = apartment.nodes
    return Outline(
        tuple((room, floors(apartment, room)) for room in apartment.rooms),
        tuple(footprint(nodes[door]) for door in apartment.between),
        tuple((footprint(node), apartment.inside.get(node.id)) for node in nodes.values() if in_the_way(node)),
    )


@lru_cache(maxsize=16)
def ground(of: Outline) -> Ground:
    """The grid of an outline, made once: the episodes of one apartment share it, with all ways found so far."""
    return Ground(of)


class Ground:
    """The grid of one floor, its cells by column (x) and row (z).

    `label` is the room of each cell, -1 outside; `weights` the cost of a metre in it: 1 where free, `SQUEEZE` where
    tight, 0 where nobody stands, nor gets to from most of the floor.
    """

    def __init__(self, of: Outline) -> None:
        self.rooms = dict(of.floors)
        self._floors = [(room, *box) for room, floor in of.floors for box in floor]
        # The parts of the floor that no other room overlaps: who is inside one is in its room.
        self._sole: dict[int | None, list[Box]] = {
            room: [box for box in floor if not any(other != room and _overlap(box, at) for other, *at in self._floors)]
            for room, floor in of.floors
        }
        x0, z0 = (min(floor[side] for floor in self._floors) - 5 * CELL for side in (1, 2))
        x1, z1 = (max(floor[side] for floor in self._floors) + 5 * CELL for side in (3, 4))
        self.origin = x0, z0
        self.xs = x0 + CELL * (np.arange(ceil((x1 - x0) / CELL)) + 0.5)
        self.zs = z0 + CELL * (np.arange(ceil((z1 - z0) / CELL)) + 0.5)
        self._last = len(self.xs) - 1, len(self.zs) - 1
        self.label = self._labels()
        self.weights = self._weigh(of)
        self._fields: OrderedDict[tuple[Box | None, int], Field] = OrderedDict()

    def _labels(self) -> NDArray[np.int32]:
        """The room of every cell. Where rooms overlap, the room in which the cell lies deepest."""
        label = np.full((len(self.xs), len(self.zs)), -1, np.int32)
        deepest = np.full(label.shape, 0.0)
        for room, x0, z0, x1, z1 in self._floors:
            across, along = np.minimum(self.xs - x0, x1 - self.xs), np.minimum(self.zs - z0, z1 - self.zs)
            depth = np.minimum(across[:, None], along[None, :])
            mine = depth > deepest
            label[mine] = room
            deepest[mine] = depth[mine]
        return label

    def _weigh(self, of: Outline) -> NDArray[np.float64]:
        solid = self.label < 0
        tight = solid.copy()
        for shift, out in ((1, solid), (2, tight)):  # the border between rooms is a wall
            for di, dk in ((shift, 0), (-shift, 0), (0, shift), (0, -shift)):
                out |= np.roll(self.label, (di, dk), (0, 1)) != self.label
        gates = [self._gate(door) for door in of.doors]
        for gate in gates:
            solid[gate] = False
            for i, k in np.argwhere(gate & (self.label < 0)):  # in the thickness of a wall
                self.label[i, k] = self.room_at(self.middle(i, k))
        for box, room in of.furniture:
            far = self.gap(box)
            if _area(box) > AROUND_A_CORNER:
                far = np.where(self._border(room) < 0.8, far, np.inf)
            solid |= far <= 0
            tight |= far < CLEARANCE
        for gate in gates:
            tight[gate] = False
        weights = np.where(solid, 0.0, np.where(tight, SQUEEZE, 1.0))
        parts, sizes = distance_field.components(weights)
        if len(sizes) > 1:
            weights[parts != int(np.argmax(sizes))] = 0.0
        return np.ascontiguousarray(weights)

    def gap(self, box: Box) -> NDArray[np.float64]:
        """Metres from the centre of every cell to a box."""
        across = np.maximum(np.maximum(box[0] - self.xs, self.xs - box[2]), 0.0)
        along = np.maximum(np.maximum(box[1] - self.zs, self.zs - box[3]), 0.0)
        return np.asarray(np.hypot(across[:, None], along[None, :]))

    def _border(self, room: int | None) -> NDArray[np.float64]:
        """Metres from the centre of every cell to the outermost walls of a room, negative outside."""
        columns, rows = np.nonzero(self.label == room) if room in self.rooms else np.nonzero(self.label >= 0)
        x, z = self.xs, self.zs
        across = np.minimum(x - x[columns.min()], x[columns.max()] - x)
        along = np.minimum(z - z[rows.min()], z[rows.max()] - z)
        return np.asarray(np.minimum(across[:, None], along[None, :]))

    def _gate(self, door: Box) -> NDArray[np.bool_]:
        """The cells of a doorway: as wide as the door less half a body on either side, and through the wall."""
        x, z = (door[0] + door[2]) / 2, (door[1] + door[3]) / 2
        half_x, half_z = (door[2] - door[0]) / 2, (door[3] - door[1]) / 2

        def rooms(dx: float, dz: float) -> int:
            """How many rooms lie along a line of 1.2 m through the door."""
            found = {self.label[self.cell((x + dx * far, z + dz * far))] for far in (-0.6, -0.4, 0.4, 0.6)}
            return len(found - {-1})

        lengthwise = rooms(0.0, 1.0) > rooms(1.0, 0.0)
        width = max((half_x if lengthwise else half_z) - JAMB, 1.5 * CELL)
        depth = max(half_z if lengthwise else half_x, CLEARANCE + 1.5 * CELL)
        across, along = (width, depth) if lengthwise else (depth, width)
        return np.asarray((np.abs(self.xs - x) <= across)[:, None] & (np.abs(self.zs - z) <= along)[None, :])

    # --- places -----------------------------------------------------------------------------------------------------

    def cell(self, point: Spot) -> tuple[int, int]:
        """The cell of a point; outside the grid, the nearest one."""
        i, k = int((point[0] - self.origin[0]) / CELL), int((point[1] - self.origin[1]) / CELL)
        columns, rows = self._last
        if 0 <= i <= columns and 0 <= k <= rows:  # nearly always, and quicker than to clamp
            return i, k
        return min(max(i, 0), columns), min(max(k, 0), rows)

    def middle(self, i: int, k: int) -> Spot:
        """The point in the middle of a cell."""
        return float(self.xs[i]), float(self.zs[k])

    def nearest(self, point: Spot, cells: NDArray[np.bool_]) -> Spot:
        """The middle of the nearest of some cells, one at least."""
        far = (self.xs - point[0])[:, None] ** 2 + (self.zs - point[1])[None, :] ** 2
        i, k = divmod(int(np.argmin(np.where(cells, far, np.inf))), cells.shape[1])
        return self.middle(i, k)

    def room_at(self, point: Spot, before: int | None = None) -> int:
        """The room at a point, outside all rooms the nearest one; on the sill of a door, the room one was in before."""
        x, z = point
        for x0, z0, x1, z1 in self._sole.get(before, ()):
            if x0 < x < x1 and z0 < z < z1:
                return before  # type: ignore[return-value]  # nearly always, and the same as what follows
        deepest, found, old = -1e9, -1, -1e9
        for room, x0, z0, x1, z1 in self._floors:
            depth = min(x - x0, x1 - x, z - z0, z1 - z)
            if depth > deepest:
                deepest, found = depth, room
            if room == before and depth > old:
                old = depth
        return before if before is not None and old > -SILL and deepest < SILL else found

    def field(self, target: Box | None, room: int) -> Field:
        """The ways to the side of a box in a room, or to the middle of the room for None, found once."""
        key = target, room
        known = self._fields.get(key)
        if known is None:
            here = (self.label == room) & (self.weights > 0)
            goals, ends = np.zeros_like(here), False
            if here.any():
                far = np.where(here, self.gap(target or self._middle_of(room)), np.inf)
                free = np.where(self.weights == 1.0, far, np.inf)
                if free.min() <= REACH - 0.2:
                    far = free
                goals = far <= far.min() + CELL
                ends = target is None or bool(far.min() <= REACH)
            costs, via = distance_field.field(self.weights, goals)
            known = self._fields[key] = Field(costs, via, ends)
            if len(self._fields) > FIELDS:
                self._fields.popitem(last=False)
        else:
            self._fields.move_to_end(key)
        return known

    def _middle_of(self, room: int) -> Box:
        columns, rows = np.nonzero(self.label == room)
        x, z = self.middle(int(columns.min() + columns.max()) // 2, int(rows.min() + rows.max()) // 2)
        return x, z, x, z


def _overlap(one: Box, other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
