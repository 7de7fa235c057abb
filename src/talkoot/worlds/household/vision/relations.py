"""ON, INSIDE and CLOSE from boxes that were seen, each perhaps in part only.

Two rules: "contact" (ours) looks at what a thing's lower edge rests on and lets boxes decide where that edge is hidden;
"reference" has the thresholds of the reference (1.7), with which a thing may lie on several surfaces at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.reach import Spot, within_reach
from talkoot.worlds.household.vision.clouds import Extent, Scene

Rule = Literal["contact", "reference"]

HIDDEN = 0.6
"""Metres between a thing whose lower edge is hidden and the surface below that it is taken to lie on, at most."""

SLACK = 0.05
"""Metres by which boxes may miss each other through pixels and voxels."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of the class of a thing by name: category and properties as in `Node`."""

    name: str
    category: str
    properties: frozenset[str]

    @classmethod
    def of(cls, node: Node) -> Label:
        """The label of a node."""
        return cls(node.name, node.category, node.properties)


@dataclass(frozen=True)
class Relations:
    """Pairs (thing, surface) and (thing, container), and what is close to the one who looks."""

    on: frozenset[tuple[int, int]]
    inside: frozenset[tuple[int, int]]
    close: frozenset[int]


def relate(
    scene: Scene, labels: Mapping[int, Label], opened: Collection[int], me: Spot, *, rule: Rule = "contact"
) -> Relations:
    """The relations among all extents of a scene; `opened` are the containers that are seen open, `me` the own feet."""
    if rule == "reference":
        return _reference(scene.extents, labels, opened, me)
    inside = _inside(scene.extents, labels, opened)
    on = _on(scene, labels, {thing for thing, _ in inside})
    close = frozenset(
        n for n, extent in scene.extents.items() if n in labels and within_reach(me, node(n, extent, labels[n]))
    )
    return Relations(frozenset(on), frozenset(inside), close)


def node(number: int, extent: Extent, label: Label) -> Node:
    """A thing as a node: its label with the box that was seen."""
    x, y, z = (round((a + b) / 2, 4) for a, b in zip(extent.low, extent.high, strict=True))
    width, height, depth = (round(b - a, 4) for a, b in zip(extent.low, extent.high, strict=True))
    return Node(number, label.name, label.category, (x, y, z), (width, height, depth), label.properties)


def _area(extent: Extent) -> float:
    return (extent.high[0] - extent.low[0]) * (extent.high[2] - extent.low[2])


def _out(point: Spot, extent: Extent) -> float:
    """Metres by which a point lies outside of a footprint, along the worse axis; negative inside."""
    return max(extent.low[0] - point[0], point[0] - extent.high[0], extent.low[2] - point[1], point[1] - extent.high[2])


def _middle(extent: Extent) -> Spot:
    return (extent.low[0] + extent.high[0]) / 2, (extent.low[2] + extent.high[2]) / 2


def _encloses(label: Label, number: int, opened: Collection[int]) -> bool:
    return "CONTAINERS" in label.properties and (number in opened or "CAN_OPEN" not in label.properties)


def _inside(
    extents: Mapping[int, Extent], labels: Mapping[int, Label], opened: Collection[int]
) -> set[tuple[int, int]]:
    hosts = [n for n in extents if n in labels and _encloses(labels[n], n, opened)]
    found: set[tuple[int, int]] = set()
    for thing, extent in extents.items():
        if thing not in labels or _fixed(labels[thing]):
            continue
        fitting = [
            host
            for host in hosts
            if host != thing
            and _area(extents[host]) > _area(extent)
            and _out(_middle(extent), extents[host]) <= SLACK
            and extent.low[1] >= extents[host].low[1] - SLACK
            and (extents[host].cut or extent.high[1] <= extents[host].high[1] + SLACK)
            and (extents[host].cut or extent.low[1] < extents[host].high[1] - 2 * SLACK)
        ]
        if fitting:
            found.add((thing, min(fitting, key=lambda host: (_area(extents[host]), host))))
    return found


def _on(scene: Scene, labels: Mapping[int, Label], contained: Collection[int]) -> set[tuple[int, int]]:
    extents = scene.extents
    found: set[tuple[int, int]] = set()
    for thing, extent in extents.items():
        if thing not in labels or thing in contained or _fixed(labels[thing]):
            continue
        surface = _surface(thing, extent, scene, labels)
        if surface is not None:
            found.add((thing, surface))
    return found


def _fixed(label: Label) -> bool:
    """Whether things of a class hang on walls or stand on the floor: nobody moves them, they lie on and in nothing."""
    if label.properties & {"MOVABLE", "GRABBABLE"}:
        return False
    furniture = label.category == "Furniture" and label.properties & {"SURFACES", "CAN_OPEN"}
    return bool(furniture) or label.category in ("Windows", "Lamps", "Decor")


def _carries(label: Label, extent: Extent) -> bool:
    """Whether things may lie on a thing: a surface, or anything of some height that nobody grabs."""
    flat = extent.high[1] - extent.low[1] < 0.1
    return "SURFACES" in label.properties or not (flat or "GRABBABLE" in label.properties)


def _surface(thing: int, extent: Extent, scene: Scene, labels: Mapping[int, Label]) -> int | None:
    """What a thing lies on: of what could carry it, that which misses its lower edge least.

    A grabbable thing, such as a plate, carries only what stands on its middle: else what it hides would lie on it.
    """
    best, chosen = HIDDEN + 1.0, None
    middle = _middle(extent)
    for other, below in scene.extents.items():
        if other == thing or other not in labels or not _carries(labels[other], below):
            continue
        gap, out = extent.low[1] - below.high[1], max(_out(middle, below), 0.0)
        if "GRABBABLE" in labels[other].properties and (out > 0 or abs(gap) > 0.02 or _area(below) <= _area(extent)):
            continue
        touches = scene.touching.get((thing, other), 0) >= 2
        if abs(gap) <= SLACK and (out <= SLACK or touches):
            miss = abs(gap) + 2 * out + (0.0 if touches else SLACK)
        elif not extent.stands and -SLACK <= gap <= HIDDEN and out <= SLACK:
            miss = gap + 2 * out + 2 * SLACK
        else:
            continue
        if miss < best:
            best, chosen = miss, other
    return chosen


def _reference(
    extents: Mapping[int, Extent], labels: Mapping[int, Label], opened: Collection[int], me: Spot
) -> Relations:
    on, inside = set(), set()
    known = [number for number in extents if number in labels]
    for thing in known:
        extent = extents[thing]
        for other in known:
            if other == thing:
                continue
            host = extents[other]
            if "SURFACES" in labels[other].properties and (
                abs(extent.low[1] - host.high[1]) < 0.6 and _out(_middle(extent), host) <= 0.25
            ):
                on.add((thing, other))
            if (
                _encloses(labels[other], other, opened)
                and all(extent.low[axis] >= host.low[axis] - 0.25 for axis in (0, 2))
                and all(extent.high[axis] <= host.high[axis] + 0.25 for axis in (0, 2))
                and extent.low[1] >= host.low[1] - 0.1
                and extent.high[1] <= host.high[1] + 0.1
            ):
                inside.add((thing, other))
    close = set()
    for number in known:
        x, z = _middle(extents[number])
        if ((x - me[0]) ** 2 + (z - me[1]) ** 2) ** 0.5 < 2.5:
            close.add(number)
    return Relations(frozenset(on), frozenset(inside), frozenset(close))
