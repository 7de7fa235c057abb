"""Where one can stand in an apartment, and walks that need no memory; see `ground` for walls, furniture and doors.

A walk goes down a field of distances to its target, which is computed once for each footprint. Where the next metre
leads depends on the point alone, so worlds can be saved, loaded and forked in the middle of a walk. People do not
block each other.
"""

from __future__ import annotations

import weakref
from math import atan2, cos, degrees, hypot, radians, sin
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from talkoot.worlds.household import distance_field
from talkoot.worlds.household.apartment import Apartment, Node
from talkoot.worlds.household.ground import CELL, Field, floors, ground, in_the_way, outline
from talkoot.worlds.household.reach import REACH, Spot, footprint, gap

__all__ = ["STEP", "FreeSpace", "Walk", "floors", "free_space", "heading", "in_the_way"]

STEP = 1.0
"""Metres of path that one step of walking takes (reference, 2.6)."""


class Walk(NamedTuple):
    """Where a step of walking ends: the point (x, z), the heading in degrees, and whether the target is reached."""

    point: Spot
    yaw: float
    arrived: bool


class FreeSpace:
    """The free space of one apartment. Points are (x, z) in metres, yaw in degrees (0 looks along +z, 90 along +x).

    `label` and `weights` are those of the grid, see `ground.Ground`.
    """

    def __init__(self, apartment: Apartment) -> None:
        self._ground = ground(outline(apartment))
        self.label, self.weights = self._ground.label, self._ground.weights
        self._home = {id: apartment.room_of(id) for id in apartment.nodes}
        self._at_start = {id: node.center for id, node in apartment.nodes.items()}
        self._places: dict[int, NDArray[np.int64]] = {}

    # --- points -----------------------------------------------------------------------------------------------------

    def room_at(self, point: Spot, before: int | None = None) -> int:
        """The id of the room at a point, outside all rooms the nearest one.

        Rooms change a little past the line between them: `before` is the room that one was in until now.
        """
        return self._ground.room_at(point, before)

    def free(self, point: Spot) -> bool:
        """Whether someone can stand there with the usual clearance."""
        return bool(self.weights[self._ground.cell(point)] == 1.0)

    def nearest_free(self, point: Spot, room: int | None = None) -> Spot:
        """The point itself where free, else the middle of the nearest free cell (of the room, if one is given).

        Where a room has no free cell, a tight one; where it has neither, the point itself.
        """
        if self.free(point) and (room is None or self.room_at(point) == room):
            return point
        here = np.ones_like(self.weights, bool) if room is None else self.label == room
        for cells in (here & (self.weights == 1.0), here & (self.weights > 0)):
            if cells.any():
                return self._ground.nearest(point, cells)
        return point

    def random_point(self, room: int, rng: Random) -> Spot:
        """The middle of a free cell of the room, drawn uniformly. See `nearest_free` for rooms without any."""
        cells = self._places.get(room)
        if cells is None:
            here = self.label == room
            cells = np.argwhere((self.weights == 1.0) & here)
            cells = self._places[room] = cells if len(cells) else np.argwhere((self.weights > 0) & here)
        if len(cells):
            i, k = cells[rng.randrange(len(cells))]
            return self._ground.middle(int(i), int(k))
        x0, z0, x1, z1 = self._ground.rooms[room][0]
        return (x0 + x1) / 2, (z0 + z1) / 2

    # --- walking ----------------------------------------------------------------------------------------------------

    def toward(self, point: Spot, target: Node, metres: float = STEP, room: int | None = None) -> Walk:
        """Walk `metres` from a point towards a thing or a piece of furniture; at its side, stay.

        Arrived: within `REACH` of its footprint and in its room (`room`, where the caller knows it better than the
        boxes tell). What cannot be reached is walked up to as near as possible, and never arrived at.
        """
        if target.is_room:
            return self.toward_room(point, target, metres)
        if room is None:
            room = self._room_of(target)
        spot, yaw = self.onward(point, target, room, metres)
        near = gap(spot, footprint(target)) <= REACH + 1e-9
        return Walk(spot, yaw, near and self.room_at(spot, self.room_at(point)) == room)

    def toward_room(self, point: Spot, room: Node, metres: float = STEP) -> Walk:
        """Walk `metres` from a point towards the middle of a room. Arrived: inside the room."""
        spot, yaw = self.onward(point, room, room.id, metres)
        return Walk(spot, yaw, self.room_at(spot, self.room_at(point)) == room.id)

    def onward(self, point: Spot, target: Node, room: int, metres: float = STEP) -> tuple[Spot, float]:
        """Where `toward` ends and how one stands there, without asking whether one has arrived."""
        box = None if target.is_room else footprint(target)
        spot, yaw = self._down(point, self._ground.field(box, room), metres)
        return spot, heading(point, (target.center[0], target.center[2])) if yaw is None else yaw

    def forward(self, point: Spot, yaw: float, metres: float = STEP) -> Spot:
        """The point after walking straight on, at most up to the next wall or piece of furniture."""
        dx, dz = sin(radians(yaw)), cos(radians(yaw))
        x, z = (point[0] - self._ground.origin[0]) / CELL, (point[1] - self._ground.origin[1]) / CELL
        far = CELL * distance_field.straight(self.weights, x, z, dx, dz, metres / CELL)
        return point[0] + dx * far, point[1] + dz * far

    def steps_to(self, point: Spot, target: Node, room: int | None = None) -> int | None:
        """The steps of walking until `target` is reached, a room or anything else; None where it never is."""
        box = None if target.is_room else footprint(target)
        if room is None:
            room = target.id if target.is_room else self._room_of(target)
        if not self._ground.field(box, room).ends:
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

    def _down(self, point: Spot, field: Field, metres: float) -> tuple[Spot, float | None]:
        """Go down a field; the heading is None where nothing is walked."""
        start, walked, grid = point, 0.0, self._ground
        if field.costs[grid.cell(point)] == np.inf:  # in a box or a wall: out of it straight to the nearest cell
            cells = (field.costs < np.inf) & (self.label == self.room_at(point))
            if not cells.any():
                return point, None
            out = grid.nearest(point, cells)
            far = hypot(out[0] - point[0], out[1] - point[1])
            if far >= metres:
                part = metres / far
                spot = point[0] + (out[0] - point[0]) * part, point[1] + (out[1] - point[1]) * part
                return spot, heading(point, out)
            start, walked = out, far
        x, z = (start[0] - grid.origin[0]) / CELL - 0.5, (start[1] - grid.origin[1]) / CELL - 0.5
        x, z, more, dx, dz = distance_field.walk(self.weights, field.costs, field.via, x, z, (metres - walked) / CELL)
        if more == 0:
            return start, heading(point, start) if walked else None
        return (grid.origin[0] + (x + 0.5) * CELL, grid.origin[1] + (z + 0.5) * CELL), degrees(atan2(dx, dz))


def heading(start: Spot, end: Spot) -> float:
    """The yaw in degrees from one point to another; 0 where they are the same."""
    return degrees(atan2(end[0] - start[0], end[1] - start[1]))


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
