"""What a person reaches from where it stands: the arrival model, from the point at the feet to a footprint.

A footprint is a box seen from above. VirtualHome's own measure (centre of one box to the other box, 1.3 m, reference
2.6) follows the pose of a moving body; this one needs only the point, and gives the step counts of recorded walks.
"""

from __future__ import annotations

from math import hypot

from talkoot.worlds.household.apartment import Node

Spot = tuple[float, float]
"""A point (x, z) on the floor, in metres."""

Box = tuple[float, float, float, float]
"""A rectangle on the floor (x0, z0, x1, z1), in metres."""

REACH = 1.5
"""Metres from the feet to the footprint within which a thing is at hand (reference, 2.6: recommended model)."""


def footprint(node: Node) -> Box:
    """The rectangle on the floor that the node's box covers."""
    (x, _, z), (width, _, depth) = node.center, node.size
    return x - width / 2, z - depth / 2, x + width / 2, z + depth / 2


def gap(position: Spot, box: Box) -> float:
    """Metres from a point to a rectangle; 0 inside it."""
    (x, z), (x0, z0, x1, z1) = position, box
    return hypot(max(x0 - x, 0.0, x - x1), max(z0 - z, 0.0, z - z1))


def within_reach(position: Spot, node: Node) -> bool:
    """Whether someone who stands at `position` can reach the node, height left aside.

    Both must be in the same room; rooms are the caller's matter, since who stands in a doorway is in one of them.
    """
    return gap(position, footprint(node)) <= REACH + 1e-9
