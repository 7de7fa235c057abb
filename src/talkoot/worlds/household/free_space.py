"""Where one can stand and walk in an apartment: free space on a grid of 0.1 m, and walks that need no memory.

The floor of a room is the union of its floor tiles (nodes of category Floor), or its box where it has none: the boxes
of rooms in recorded episodes are padded and overlap. Rooms are walled off from each other and from outside; a door
(a node BETWEEN two rooms) opens a gap in the wall. Furniture is grown by a quarter of a metre, half a person's width
(reference, 2.6). Where that leaves no way at all, people squeeze past: what is nearer to furniture costs so much that
it is only walked when nothing else leads there. Nobody ever stands in a piece of furniture; people do not block each
other.

A walk goes down a field of distances to its target, which is computed once for each footprint. Where the next metre
leads depends on the point alone, so worlds can be saved, loaded and forked in the middle of a walk.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from math import atan2, ceil, cos, degrees, hypot, radians, sin
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from talkoot.worlds.household import distance_field
from talkoot.worlds.household.apartment import Apartment, Node
from talkoot.worlds.household.reach import REACH, Box, Spot, footprint, gap

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

STEP = 1.0
"""Metres of path that one step of walking takes (reference, 2.6)."""

FIELDS = 512
"""Fields of distances kept for one apartment; the oldest are dropped."""

_NEVER_IN_THE_WAY = ("Rooms", "Doors", "Floor", "Walls", "Ceiling", "Windows", "Lamps")


class Walk(NamedTuple):
    """Where a step of walking ends: the point (x, z), the heading in degrees, and whether the target is reached."""

    point: Spot
    yaw: float
    arrived: bool


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


class FreeSpace:
    """The free space of one apartment. Points are (x, z) in metres, yaw in degrees (0 looks along +z, 90 along +x)."""

    def __init__(self, apartment: Apartment) -> None:
        self._rooms = tuple(apartment.rooms)
        self._floors = {room: floors(apartment, room) for room in self._rooms}
        self._home = {id: apartment.room_of(id) for id in apartment.nodes}
        self._at_start = {id: node.center for id, node in apartment.nodes.items()}
        boxes = [box for floor in self._floors.values() for box in floor]
        self._origin = min(box[0] for box in boxes) - 5 * CELL, min(box[1] for box in boxes) - 5 * CELL
        end = max(box[2] for box in boxes) + 5 * CELL, max(box[3] for box in boxes) + 5 * CELL
        columns, rows = (ceil((high - low) / CELL) for low, high in zip(self._origin, end, strict=True))
        self._xs = self._origin[0] + CELL * (np.arange(columns) + 0.5)
        self._zs = self._origin[1] + CELL * (np.arange(rows) + 0.5)
        self.label = self._labels(columns, rows)
        self.weights = self._weigh(apartment)
        self._fields: OrderedDict[tuple[Box | None, int], Field] = OrderedDict()
        self._places: dict[int, NDArray[np.int64]] = {}

    # --- the grid ---------------------------------------------------------------------------------------------------

    def _gap(self, box: Box) -> NDArray[np.float64]:
        """Metres from the centre of every cell to a box."""
        across = np.maximum(np.maximum(box[0] - self._xs, self._xs - box[2]), 0.0)
        along = np.maximum(np.maximum(box[1] - self._zs, self._zs - box[3]), 0.0)
        return np.asarray(np.hypot(across[:, None], along[None, :]))

    def _labels(self, columns: int, rows: int) -> NDArray[np.int32]:
        """The room of every cell, -1 outside. Where rooms overlap, the room in which the cell lies deepest."""
        label = np.full((columns, rows), -1, np.int32)
        deepest = np.full((columns, rows), 0.0)
        for room, floor in self._floors.items():
            for box in floor:
                depth = np.minimum(
                    np.minimum(self._xs - box[0], box[2] - self._xs)[:, None],
                    np.minimum(self._zs - box[1], box[3] - self._zs)[None, :],
                )
                mine = depth > deepest
                label[mine] = room
                deepest[mine] = depth[mine]
        return label

    def _weigh(self, apartment: Apartment) -> NDArray[np.float64]:
        """The cost of a metre in every cell: 1 where free, `SQUEEZE` where tight, 0 where nobody stands."""
        room = self.label
        solid = room < 0
        tight = solid.copy()
        for shift, out in ((1, solid), (2, tight)):  # the border between rooms is a wall
            for di, dk in ((shift, 0), (-shift, 0), (0, shift), (0, -shift)):
                out |= np.roll(room, (di, dk), (0, 1)) != room
        for door in apartment.between:
            gate = self._gate(apartment.nodes[door])
            solid[gate] = tight[gate] = False
        for node in apartment.nodes.values():
            if in_the_way(node):
                box = footprint(node)
                far = self._gap(box)
                if (box[2] - box[0]) * (box[3] - box[1]) > AROUND_A_CORNER:
                    far = np.where(self._border(apartment.inside.get(node.id)) < 0.8, far, np.inf)
                solid |= far <= 0
                tight |= far < CLEARANCE
        for door in apartment.between:
            tight[self._gate(apartment.nodes[door])] = False
        weights = np.where(solid, 0.0, np.where(tight, SQUEEZE, 1.0))
        parts, sizes = distance_field.components(weights)
        if len(sizes) > 1:
            weights[parts != int(np.argmax(sizes))] = 0.0
        return np.ascontiguousarray(weights)

    def _border(self, room: int | None) -> NDArray[np.float64]:
        """Metres from the centre of every cell to the outermost walls of a room, negative outside."""
        columns, rows = np.nonzero(self.label == room) if room in self._floors else np.nonzero(self.label >= 0)
        x, z = self._xs, self._zs
        across = np.minimum(x - x[columns.min()], x[columns.max()] - x)
        along = np.minimum(z - z[rows.min()], z[rows.max()] - z)
        return np.asarray(np.minimum(across[:, None], along[None, :]))

    def _gate(self, door: Node) -> NDArray[np.bool_]:
        """The cells of a doorway: as wide as the door less half a body on either side, and through the wall."""
        x, z = door.center[0], door.center[2]
        lengthwise = self._crossing(x, z, 0.0, 1.0) > self._crossing(x, z, 1.0, 0.0)
        width = max((door.size[0] if lengthwise else door.size[2]) / 2 - JAMB, 1.5 * CELL)
        depth = max((door.size[2] if lengthwise else door.size[0]) / 2, CLEARANCE + 1.5 * CELL)
        half = (width, depth) if lengthwise else (depth, width)
        inside = (np.abs(self._xs - x) <= half[0])[:, None] & (np.abs(self._zs - z) <= half[1])[None, :]
        return np.asarray(inside & (self.label >= 0))

    def _crossing(self, x: float, z: float, dx: float, dz: float) -> int:
        """How many different rooms lie along a line of 1.2 m through a door."""
        rooms = {self._room_of_cell((x + dx * far, z + dz * far)) for far in (-0.6, -0.4, 0.4, 0.6)}
        return len(rooms - {-1})

    def _cell(self, point: Spot) -> tuple[int, int]:
        i = int((point[0] - self._origin[0]) / CELL)
        k = int((point[1] - self._origin[1]) / CELL)
        return min(max(i, 0), len(self._xs) - 1), min(max(k, 0), len(self._zs) - 1)

    def _room_of_cell(self, point: Spot) -> int:
        return int(self.label[self._cell(point)])

    def _middle(self, cell: tuple[int, int]) -> Spot:
        return float(self._xs[cell[0]]), float(self._zs[cell[1]])

    # --- points -----------------------------------------------------------------------------------------------------

    def room_at(self, point: Spot) -> int:
        """The id of the room at a point; outside all rooms, the nearest one."""
        room = self._room_of_cell(point)
        if room >= 0:
            return room
        return min(self._rooms, key=lambda one: min(gap(point, box) for box in self._floors[one]))

    def free(self, point: Spot) -> bool:
        """Whether someone can stand there with the usual clearance."""
        return bool(self.weights[self._cell(point)] == 1.0)

    def nearest_free(self, point: Spot, room: int | None = None) -> Spot:
        """The point itself where free, else the middle of the nearest free cell (of the room, if one is given).

        Where a room has no free cell, a tight one; where it has neither, the point itself.
        """
        if self.free(point) and (room is None or self._room_of_cell(point) == room):
            return point
        here = np.ones_like(self.weights, bool) if room is None else self.label == room
        for cells in (here & (self.weights == 1.0), here & (self.weights > 0)):
            if cells.any():
                return self._nearest(point, cells)
        return point

    def _nearest(self, point: Spot, cells: NDArray[np.bool_]) -> Spot:
        far = (self._xs - point[0])[:, None] ** 2 + (self._zs - point[1])[None, :] ** 2
        best = int(np.argmin(np.where(cells, far, np.inf)))
        return self._middle((best // cells.shape[1], best % cells.shape[1]))

    def random_point(self, room: int, rng: Random) -> Spot:
        """The middle of a free cell of the room, drawn uniformly. See `nearest_free` for rooms without any."""
        cells = self._places.get(room)
        if cells is None:
            here = self.label == room
            cells = np.argwhere((self.weights == 1.0) & here)
            cells = self._places[room] = cells if len(cells) else np.argwhere((self.weights > 0) & here)
        if len(cells):
            i, k = cells[rng.randrange(len(cells))]
            return self._middle((int(i), int(k)))
        x0, z0, x1, z1 = self._floors[room][0]
        return (x0 + x1) / 2, (z0 + z1) / 2

    # --- walking ----------------------------------------------------------------------------------------------------

    def toward(self, point: Spot, target: Node, metres: float = STEP, room: int | None = None) -> Walk:
        """Walk `metres` from a point towards a thing or a piece of furniture; at its side, stay.

        Arrived: within `REACH` of its footprint and in its room (`room`, where the caller knows it better than the
        boxes tell). What cannot be reached is walked up to as near as possible, and never arrived at.
        """
        if target.is_room:
            return self.toward_room(point, target, metres)
        box = footprint(target)
        if room is None:
            room = self._room_of(target)
        spot, yaw = self._down(point, self._field(box, room), metres)
        if yaw is None:
            yaw = heading(point, (target.center[0], target.center[2]))
        return Walk(spot, yaw, gap(spot, box) <= REACH + 1e-9 and self.room_at(spot) == room)

    def toward_room(self, point: Spot, room: Node, metres: float = STEP) -> Walk:
        """Walk `metres` from a point towards the middle of a room. Arrived: inside the room."""
        spot, yaw = self._down(point, self._field(None, room.id), metres)
        middle = room.center[0], room.center[2]
        return Walk(spot, heading(point, middle) if yaw is None else yaw, self.room_at(spot) == room.id)

    def forward(self, point: Spot, yaw: float, metres: float = STEP) -> Spot:
        """The point after walking straight on, at most up to the next wall or piece of furniture."""
        dx, dz = sin(radians(yaw)), cos(radians(yaw))
        x, z = (point[0] - self._origin[0]) / CELL, (point[1] - self._origin[1]) / CELL
        far = CELL * distance_field.straight(self.weights, x, z, dx, dz, metres / CELL)
        return point[0] + dx * far, point[1] + dz * far

    def steps_to(self, point: Spot, target: Node, room: int | None = None) -> int | None:
        """The steps of walking until `target` is reached, a room or anything else; None where it never is."""
        box = None if target.is_room else footprint(target)
        if room is None:
            room = target.id if target.is_room else self._room_of(target)
        if not self._field(box, room).ends:
            return None
        if self.room_at(point) == room and (box is None or gap(point, box) <= REACH + 1e-9):
            return 0
        steps = 0
        while True:
            walk = self.toward(point, target, STEP, room)
            steps += 1
            if walk.arrived:
                return steps
            if hypot(walk.point[0] - point[0], walk.point[1] - point[1]) < 1e-6:
                return None
            point = walk.point

    def _room_of(self, target: Node) -> int:
        """The room of a node: the one it was in at the start if it is still there, else the one at its centre."""
        if self._at_start.get(target.id) == target.center:
            return self._home[target.id]
        return self.room_at((target.center[0], target.center[2]))

    def _field(self, target: Box | None, room: int) -> Field:
        """The costs to the side of a box in a room, or to the middle of the room, and whether that is in reach."""
        key = target, room
        known = self._fields.get(key)
        if known is None:
            here = (self.label == room) & (self.weights > 0)
            goals, ends = np.zeros_like(here), False
            if here.any():
                far = np.where(here, self._gap(target or self._middle_of(room)), np.inf)
                open_far = np.where(self.weights == 1.0, far, np.inf)
                if open_far.min() <= REACH - 0.2:
                    far = open_far
                goals = far <= far.min() + CELL
                ends = target is None or bool(far.min() <= REACH)
            costs, via = distance_field.field(self.weights, goals)
            known = self._fields[key] = Field(costs, via, ends)
            if len(self._fields) > FIELDS:
                self._fields.popitem(last=False)
        return known

    def _middle_of(self, room: int) -> Box:
        columns, rows = np.nonzero(self.label == room)
        x, z = self._middle((int(columns.min() + columns.max()) // 2, int(rows.min() + rows.max()) // 2))
        return x, z, x, z

    def _down(self, point: Spot, field: Field, metres: float) -> tuple[Spot, float | None]:
        """Go down a field; the heading is None where nothing is walked."""
        start, walked = point, 0.0
        if field.costs[self._cell(point)] == np.inf:  # in a box or a wall: out of it straight to the nearest cell
            out = self._nearest(point, (field.costs < np.inf) & (self.label == self.room_at(point)))
            far = hypot(out[0] - point[0], out[1] - point[1])
            if field.costs[self._cell(out)] == np.inf:
                return point, None
            if far >= metres:
                part = metres / far
                spot = point[0] + (out[0] - point[0]) * part, point[1] + (out[1] - point[1]) * part
                return spot, heading(point, out)
            start, walked = out, far
        x = (start[0] - self._origin[0]) / CELL - 0.5
        z = (start[1] - self._origin[1]) / CELL - 0.5
        x, z, more, dx, dz = distance_field.walk(self.weights, field.costs, field.via, x, z, (metres - walked) / CELL)
        if more == 0:
            return start, heading(point, start) if walked else None
        spot = self._origin[0] + (x + 0.5) * CELL, self._origin[1] + (z + 0.5) * CELL
        return spot, degrees(atan2(dx, dz))


def heading(start: Spot, end: Spot) -> float:
    """The yaw in degrees from one point to another; 0 where they are the same."""
    return degrees(atan2(end[0] - start[0], end[1] - start[1]))


def floors(apartment: Apartment, room: int) -> tuple[Box, ...]:
    """The rectangles that make up the floor of a room: its tiles where they cover most of it, else its box."""
    whole = footprint(apartment.nodes[room])
    tiles = [
        footprint(node)
        for node in apartment.nodes.values()
        if node.category == "Floor" and node.name == "floor" and apartment.inside.get(node.id) == room
    ]
    area = sum((x1 - x0) * (z1 - z0) for x0, z0, x1, z1 in tiles)
    return tuple(tiles) if area > 0.6 * (whole[2] - whole[0]) * (whole[3] - whole[1]) else (whole,)


_KNOWN: dict[int, tuple[weakref.ref[Apartment], FreeSpace]] = {}


def free_space(apartment: Apartment) -> FreeSpace:
    """The free space of an apartment, made once."""
    known = _KNOWN.get(id(apartment))
    if known is not None and known[0]() is apartment:
        return known[1]
    space = FreeSpace(apartment)
    key = id(apartment)
    _KNOWN[key] = weakref.ref(apartment, lambda _: _KNOWN.pop(key, None)), space
    return space
