"""Where a thing comes to lie when it is put on a surface or into a container: a free place, found without chance.

Ours: the recorded runs do not tell where things were put, and only their relations count in the rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from talkoot.worlds.household.apartment import Node, Point
from talkoot.worlds.household.reach import Box, Spot, footprint

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
    xs, zs = _line(host.center[0], host.size[0], width), _line(host.center[2], host.size[2], depth)
    spots = sorted([(round((x - near[0]) ** 2 + (z - near[1]) ** 2, 6), x, z) for x in xs for z in zs])
    boxes = [(footprint(other), other.center[1] + other.size[1] / 2) for other in others]
    best: tuple[float, Spot] | None = None
    for _, x, z in spots:
        mine = x - width / 2, z - depth / 2, x + width / 2, z + depth / 2
        high = max((top for box, top in boxes if _overlap(mine, box)), default=base)
        if high <= base:
            best = base, (x, z)
            break
        if best is None or high < best[0]:
            best = high, (x, z)
    assert best is not None
    (x, z) = best[1]
    return round(x, 4), round(best[0] + height / 2, 4), round(z, 4)


def _line(middle: float, length: float, size: float) -> list[float]:
    """Places for the centre of something of this size along one side."""
    room = length - size - 2 * MARGIN
    if room <= 0:
        return [middle]
    count = min(max(ceil(room / (size + MARGIN)), 1), TRIES)
    return [middle - room / 2 + room * part / count for part in range(count + 1)]


def _overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2] + MARGIN / 2
        and other[0] < one[2] + MARGIN / 2
        and one[1] < other[3] + MARGIN / 2
        and other[1] < one[3] + MARGIN / 2
    )
