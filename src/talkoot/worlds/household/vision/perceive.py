"""The organ of sight: images, poses and a few words become the view of the home that symbolic observation would give.

The graph is not read. Given besides images and poses are what a seat is told anyway (the rooms as boxes, the goals and
what counts as delivered, its own pose and hands), the class of each thing in the picture, and whether those that can be
opened stand open (reference, 1.7: masks and node states come from the simulator).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import atan2, cos, degrees, hypot, radians, sin
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from talkoot.types import Json, Seat
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.reach import footprint, gap
from talkoot.worlds.household.task import Goal
from talkoot.worlds.household.view import HomeView, Person, restore
from talkoot.worlds.household.vision.clouds import Scene, reconstruct
from talkoot.worlds.household.vision.relations import Label, Rule, node, relate
from talkoot.worlds.household.vision.render import Images

SECTORS = 12
"""Into how many headings a look around is divided: turns of 30 degrees (reference, 1.6)."""

HAND = (0.2, 1.1, 0.3)
"""Where someone holds things: metres (to the side, up, ahead) of its feet, as the household has it."""


@dataclass(frozen=True)
class Sight:
    """All that one seat may know by eye at time `t`: images, and what is told besides (see above).

    `labels` holds what is in the pictures, people left out; `open` those of them that stand open; `hands` the things
    that the seat itself holds; `felt` what stands open within reach of its hands: it knows what it has opened, also
    where that hangs above the picture. All images are of one moment or of one look around from one place.
    """

    t: int
    seat: Seat
    images: tuple[Images, ...]
    labels: Mapping[int, Label]
    open: frozenset[int]
    rooms: Mapping[int, Node]
    me: Person
    hands: Mapping[int, Node]
    goals: tuple[Goal, ...]
    satisfied: Mapping[int, Goal]
    alone: bool
    limit: int
    felt: frozenset[int] = frozenset()


@dataclass(frozen=True)
class EyeView(HomeView):
    """A view that was read from images. `looked` are the sectors of 30 degrees into which the seat has looked since it
    entered its room; with all twelve the room counts as explored. `still` says that its last step led it hardly on,
    `shown` what is in the picture of this moment.
    """

    looked: frozenset[int] = frozenset()
    still: bool = False
    shown: frozenset[int] = frozenset()

    def save(self) -> Json:
        """The view as JSON; `restore_seen` makes it a view again."""
        more = {"looked": sorted(self.looked), "still": self.still, "shown": sorted(self.shown)}
        return {**super().save(), **more}


def restore_seen(state: Json) -> EyeView:
    """Make a view of what `EyeView.save` gave."""
    fields = {name: value for name, value in vars(restore(state)).items() if name in HomeView.__dataclass_fields__}
    looked, shown = frozenset(state["looked"]), frozenset(state["shown"])
    return EyeView(**fields, looked=looked, still=state["still"], shown=shown)


def perceive(sight: Sight, *, rule: Rule = "contact", keep: Literal["clusters", "largest"] = "clusters") -> EyeView:
    """Read images into a view: things with boxes where they were seen, ON, INSIDE, the mate and what it holds.

    `rule` and `keep` choose how relations and extents are found; "reference" and "largest" are the reference's.
    """
    scene = reconstruct(sight.images, keep=keep)
    relations = relate(scene, sight.labels, sight.open, sight.me.position, rule=rule)
    nodes = {n: node(n, extent, sight.labels[n]) for n, extent in scene.extents.items() if n in sight.labels}
    on = dict(sorted(relations.on))
    parents = dict(sorted(relations.inside))
    people = {sight.seat: sight.me}
    mate = 1 - sight.seat
    if mate + 1 in scene.extents:
        seen = _person(mate, sight, scene)
        holding = _held(seen, nodes, on)
        people[mate] = replace(seen, holding=holding)
        for thing in holding:
            on.pop(thing, None)
            parents.pop(thing, None)
    held = {thing for person in people.values() for thing in person.holding}
    inside = {n: parents.get(n, _room(place, sight)) for n, place in nodes.items() if n not in held}
    looked = frozenset(sector(look.pose.yaw) for look in sight.images)
    return EyeView(
        t=sight.t,
        seat=sight.seat,
        rooms=sight.rooms,
        nodes={**nodes, **sight.hands},
        inside=inside,
        on={n: surface for n, surface in on.items() if n not in parents},
        open=sight.open & nodes.keys(),
        people=people,
        goals=sight.goals,
        satisfied=sight.satisfied,
        explored=frozenset({sight.me.room}) if len(looked) == SECTORS else frozenset(),
        alone=sight.alone,
        limit=sight.limit,
        looked=looked,
        shown=frozenset(scene.extents.keys() & sight.labels.keys()),
    )


def sector(yaw: float) -> int:
    """Which of the twelve sectors a heading is in."""
    return int((yaw % 360.0) // (360 / SECTORS)) % SECTORS


def _room(thing: Node, sight: Sight) -> int:
    """The room whose floor lies under a thing; the own room where it is as good as any."""
    middle = thing.center[0], thing.center[2]
    return min(sight.rooms, key=lambda room: (gap(middle, footprint(sight.rooms[room])), room != sight.me.room, room))


def _points(number: int, sight: Sight) -> NDArray[np.float64]:
    parts = [look.camera.points(look.pose, look.depth, look.segmentation == number) for look in sight.images]
    return np.concatenate(parts)


def _person(seat: Seat, sight: Sight, scene: Scene) -> Person:
    """Someone's feet are under the middle of head or body, and it looks where its arms point."""
    points = _points(seat + 1, sight)
    heights = points[:, 1]
    upright = points[(heights > 1.35) | (heights < 0.8)]
    low, high = (upright if len(upright) else points).min(axis=0), (upright if len(upright) else points).max(axis=0)
    x, z = round(float(low[0] + high[0]) / 2, 3), round(float(low[2] + high[2]) / 2, 3)
    arms = points[(heights > 0.95) & (heights < 1.15)]
    ahead = arms[np.hypot(arms[:, 0] - x, arms[:, 2] - z) > 0.26] if len(arms) else arms
    yaw = degrees(atan2(float(ahead[:, 0].mean()) - x, float(ahead[:, 2].mean()) - z)) if len(ahead) else 0.0
    extent = scene.extents[seat + 1]
    thing = node(seat + 1, extent, Label("person", "Characters", frozenset()))
    return Person((x, z), round(yaw, 1), _room(thing, sight), (), sight.t)


def _held(person: Person, nodes: Mapping[int, Node], on: Mapping[int, int]) -> tuple[int, ...]:
    """What is right where a hand is, or hangs in the air before someone at that height; the right hand first."""
    found: list[tuple[float, float, int]] = []
    s, c = sin(radians(person.yaw)), cos(radians(person.yaw))
    for number, thing in nodes.items():
        dx, dz = thing.center[0] - person.position[0], thing.center[2] - person.position[1]
        right, up, ahead = dx * c - dz * s, thing.center[1] - HAND[1], dx * s + dz * c
        miss = hypot(abs(right) - HAND[0], up, ahead - HAND[2])
        if thing.grabbable and (miss < 0.12 or (number not in on and hypot(dx, dz) < 0.62 and abs(up) < 0.28)):
            found.append((miss, -right, number))
    return tuple(number for _, _, number in sorted(sorted(found)[:2], key=lambda one: one[1]))
