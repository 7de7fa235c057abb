"""Where a thing comes to lie when it is put on a surface or into a container: a free place, found without chance.

Ours: the recorded runs do not tell where things were put, and only their relations count in the rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from talkoot.worlds.household.apartment import Node, Point
from talkoot.worlds.household.reach import Spot, footprint

MARGIN = 0.03
"""Metres between two things that are put beside each other, and from the edge."""

TRIES = 8
"""Steps along each side of a surface between the places that are tried, at most."""


def place_on(surface: Node, thing: Node, others: Iterable[Node], near: Spot) -> Point:
    """The free place on a surface nearest to the point `near`; without any, on top of what is lowest there."""
    top = surface.center[1] + surface.size[1] / 2
    return _place(surface, thing, list(others), near, top)


def place_inside(container: Node, thing: Node, others: Iterable[Node], near: Spot) -> Point:
    """The free place inside a container nearest to `near`, on its floor; without any, on top of what is lowest.

    A thing that is too large for the container, or comes to lie too high in it, is moved to fit as well as it can.
    """
    floor = container.center[1] - container.size[1] / 2 + 0.02
    x, y, z = _place(container, thing, list(others), near, floor)
    ceiling = container.center[1] + container.size[1] / 2 - 0.02 - thing.size[1] / 2
    return x, round(max(min(y, ceiling), floor + thing.size[1] / 2), 4), z


def _place(host: Node, thing: Node, others: list[Node], near: Spot, base: float) -> Point:
    width, height, depth = thing.size
    boxes = [(*footprint(other), other.center[1] + other.size[1] / 2) for other in others]
    boxes = [(x0, z0, x1 + MARGIN / 2, z1 + MARGIN / 2, high) for x0, z0, x1, z1, high in boxes if high > base]

    def top(x: float, z: float) -> float:
        """How high what stands there reaches; `base` where nothing does."""
        left, front, right, back = x - width / 2, z - depth / 2, x + width / 2 + MARGIN / 2, z + depth / 2 + MARGIN / 2
        most = base
        for x0, z0, x1, z1, high in boxes:
            if high > most and left < x1 and x0 < right and front < z1 and z0 < back:
                most = high
        return most

    x = _clamp(near[0], host.center[0], host.size[0], width)
    z = _clamp(near[1], host.center[2], host.size[2], depth)
    under = top(x, z)
    if under > base:
        xs, zs = _line(host.center[0], host.size[0], width), _line(host.center[2], host.size[2], depth)
        spots = sorted([(round((i - near[0]) ** 2 + (k - near[1]) ** 2, 6), i, k) for i in xs for k in zs])
        for _, i, k in spots:
            high = top(i, k)
            if high < under:
                under, x, z = high, i, k
                if high <= base:
                    break
    return round(x, 4), round(under + height / 2, 4), round(z, 4)


def _clamp(wanted: float, middle: float, length: float, size: float) -> float:
    """The centre nearest to `wanted` of something of this size that keeps within one side."""
    room = max((length - size) / 2 - MARGIN, 0.0)
    return min(max(wanted, middle - room), middle + room)


def _line(middle: float, length: float, size: float) -> list[float]:
    """Places for the centre of something of this size along one side."""
    room = length - size - 2 * MARGIN
    if room <= 0:
        return [middle]
    count = min(max(ceil(room / (size + MARGIN)), 1), TRIES)
    return [middle - room / 2 + room * part / count for part in range(count + 1)]
