"""Building an apartment node by node: every node gets its number, its box and its one parent."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from talkoot.worlds.household.apartment import Apartment, Node, Point
from talkoot.worlds.household.making.classes import KINDS
from talkoot.worlds.household.making.floor import (
    OVERHEAD,
    SIDES,
    Floor,
    Place,
    Side,
    in_front,
    spot_inside,
    spot_on,
)
from talkoot.worlds.household.making.floorplan import Rect

FIRST_ID = 11
"""Ids 1 and 2 are the two people; the rest up to 10 stay free."""


class Building:
    """An apartment in the making."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: dict[int, Node] = {}
        self.inside: dict[int, int] = {}
        self.on: dict[int, int] = {}
        self.between: dict[int, tuple[int, int]] = {}

    def add(self, name: str, center: Point, size: Point, *, inside: int | None = None, on: int | None = None) -> Node:
        """A new node of a known class; the next free id is its."""
        kind = KINDS[name]
        place = (round(center[0], 3), round(center[1], 3), round(center[2], 3))
        extent = (round(size[0], 3), round(size[1], 3), round(size[2], 3))
        node = Node(FIRST_ID + len(self.nodes), name, kind.category, place, extent, kind.properties)
        self.nodes[node.id] = node
        if inside is not None:
            self.inside[node.id] = inside
        if on is not None:
            self.on[node.id] = on
        return node

    def box(self, name: str, rect: Rect, low: float, high: float, *, inside: int) -> Node:
        """A new node from its footprint, bottom and top."""
        center = ((rect[0] + rect[2]) / 2, (low + high) / 2, (rect[1] + rect[3]) / 2)
        return self.add(name, center, (rect[2] - rect[0], high - low, rect[3] - rect[1]), inside=inside)

    def apartment(self) -> Apartment:
        """What was built."""
        return Apartment(self.name, self.nodes, self.inside, self.on, self.between)


class Room:
    """One room of a building while it is being furnished."""

    def __init__(self, building: Building, node: Node, floor: Floor, rng: Random, clearance: float) -> None:
        self.building = building
        self.node = node
        self.floor = floor
        self.rng = rng
        self.clearance = clearance
        """How wide the ways around free-standing furniture are at least, metres."""
        self.stands: dict[int, Place] = {}
        """Where each piece of furniture stands."""

    def put(self, name: str, rect: Rect, low: float, high: float, front: Rect | None = None) -> Node:
        """Furniture at a place that is known to be free."""
        self.floor.boxes.append((rect, low, high))
        if front is not None:
            self.floor.fronts.append(front)
        node = self.building.box(name, rect, low, high, inside=self.node.id)
        self.stands[node.id] = Place(rect)
        return node

    def along_wall(
        self,
        name: str,
        *,
        width: float | None = None,
        low: float = 0.0,
        front: float = 0.0,
        near: tuple[float, float] | None = None,
        within: float | None = None,
        sides: Sequence[Side] = SIDES,
    ) -> Node | None:
        """Furniture with its back to a wall, `front` metres free before it; None if there is no room for it.

        Of all such places one is drawn, or the one nearest to `near` (at most `within` metres away) is taken.
        """
        usual = KINDS[name].size
        width, height, depth = width or usual[0], usual[1], usual[2]
        places = self.floor.along(width, depth, sides)
        self.rng.shuffle(places)
        if near is not None:
            places.sort(key=lambda place: abs(place.middle[0] - near[0]) + abs(place.middle[1] - near[1]))
        tries = 0
        for place in places:
            if near is not None and within is not None:
                away = abs(place.middle[0] - near[0]) + abs(place.middle[1] - near[1])
                if away > within:
                    return None
            if not self.floor.fits(place.rect, low, low + height):
                continue
            zone = in_front(place, front) if front else None
            if zone is not None and not self.floor.clear(zone):
                continue
            if low < OVERHEAD:
                tries += 1
                if not self.floor.walkable([place.rect]):
                    if tries == 25:
                        return None
                    continue
            node = self.put(name, place.rect, low, low + height, zone)
            self.stands[node.id] = place
            return node
        return None

    def before(self, node: Node, name: str, gap: float, low: float = 0.0) -> Node | None:
        """Furniture in front of other furniture, in its middle, `gap` metres away; None if there is no room for it."""
        place = self.stands[node.id]
        width, height, depth = KINDS[name].size
        x, z = place.middle
        x0, z0, x1, z1 = place.rect
        rect: Rect = {
            "W": (x1 + gap, z - width / 2, x1 + gap + depth, z + width / 2),
            "E": (x0 - gap - depth, z - width / 2, x0 - gap, z + width / 2),
            "S": (x - width / 2, z1 + gap, x + width / 2, z1 + gap + depth),
            "N": (x - width / 2, z0 - gap - depth, x + width / 2, z0 - gap),
        }[place.side or "W"]
        if not self.floor.fits(rect, low, low + height) or not self.floor.walkable([rect]):
            return None
        return self.put(name, rect, low, low + height)

    def in_the_middle(self, parts: list[tuple[str, Rect]], clearance: float | None = None) -> list[Node] | None:
        """A free-standing group, its parts given from the group's own corner; None if there is no room for it."""
        width = max(rect[2] for _, rect in parts)
        depth = max(rect[3] for _, rect in parts)
        clearance = self.clearance if clearance is None else clearance
        places = self.floor.free_standing(width, depth, clearance)
        self.rng.shuffle(places)
        for place in places:
            x, z = place.rect[:2]
            rects = [(rect[0] + x, rect[1] + z, rect[2] + x, rect[3] + z) for _, rect in parts]
            heights = [KINDS[name].size[1] for name, _ in parts]
            if not all(
                self.floor.fits(rect, 0.0, height, margin=clearance)
                for rect, height in zip(rects, heights, strict=True)
            ):
                continue
            if self.floor.walkable(rects):
                named = zip(parts, rects, heights, strict=True)
                return [self.put(name, rect, 0.0, height) for (name, _), rect, height in named]
        return None

    def lay_rug(self, middle: tuple[float, float], width: float, depth: float) -> None:
        """A rug around a point, turned either way, wherever furniture stands on it; none if the room is too narrow."""
        if self.rng.random() < 0.5:
            width, depth = depth, width
        x0, z0, x1, z1 = self.floor.rect
        if width > x1 - x0 - 0.4 or depth > z1 - z0 - 0.4:
            return
        x = min(max(middle[0], x0 + 0.2 + width / 2), x1 - 0.2 - width / 2)
        z = min(max(middle[1], z0 + 0.2 + depth / 2), z1 - 0.2 - depth / 2)
        rect = (x - width / 2, z - depth / 2, x + width / 2, z + depth / 2)
        self.building.box("rug", rect, 0.01, 0.02, inside=self.node.id)

    def lay_on(self, surface: Node, name: str) -> Node | None:
        """A thing on furniture (turned as it comes); None if there is no room for it."""
        on = self.building.on
        taken = [self.building.nodes[thing] for thing, where in on.items() if where == surface.id]
        for size in self._turned(name):
            center = spot_on(self.rng, surface, size, taken)
            if center is not None:
                return self.building.add(name, center, size, inside=self.node.id, on=surface.id)
        return None

    def lay_inside(self, container: Node, name: str) -> Node | None:
        """A thing in a container; None if there is no room for it."""
        inside = self.building.inside
        taken = [self.building.nodes[thing] for thing, where in inside.items() if where == container.id]
        for size in self._turned(name):
            center = spot_inside(self.rng, container, size, taken)
            if center is not None:
                return self.building.add(name, center, size, inside=container.id)
        return None

    def _turned(self, name: str) -> list[Point]:
        width, height, depth = KINDS[name].size
        sizes: list[Point] = [(width, height, depth), (depth, height, width)]
        return sizes if self.rng.random() < 0.5 else sizes[::-1]
