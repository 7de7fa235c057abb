"""Observations by eye: what the household gives its seats in visual mode, and how their memory takes it in.

A seat's observation then carries a `VisualView`. Its image is drawn when somebody looks at it first, so a world whose
seats do not look costs nothing. `by_eye` turns a guide into that of a seat that sees: its `recall` reads the image.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from math import dist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkoot.types import Json, Observation, Seat, SkillCall, Style
from talkoot.world import Guide
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.memory import recall
from talkoot.worlds.household.reach import within_reach
from talkoot.worlds.household.view import HomeView, restore
from talkoot.worlds.household.vision.camera import Camera
from talkoot.worlds.household.vision.perceive import SECTORS, EyeView, Sight, perceive, restore_seen
from talkoot.worlds.household.vision.relations import Label
from talkoot.worlds.household.vision.render import Images, render, renderer
from talkoot.worlds.household.vision.shapes import Plan

STILL = 0.3
"""Metres: who walks less far in a step has arrived in the middle of a room (reference, 1.6)."""

THROUGH = 0.02
"""Metres behind the front of a remembered thing at which something else must be seen, for the thing to be gone."""


_VIEW = frozenset(dir(HomeView)) | frozenset(HomeView.__dataclass_fields__)


@dataclass(frozen=True, eq=False)
class VisualView:
    """What a seat has before its eyes. `home` is the symbolic view of the moment: it is drawn, and read by nobody.

    `sight` is what an agent may use: images and what is told besides. As a view it answers from `seen`, what can be
    read from this one image; with memory, from `recall_by_eye`.
    """

    home: HomeView
    plan: Plan
    camera: Camera = field(default_factory=Camera)

    @cached_property
    def sight(self) -> Sight:
        """The image of this moment, drawn at the first call. Raises BadInput where there is no OpenGL driver."""
        return sight_of(self.home, (render(self.home, self.plan, self.camera),))

    @cached_property
    def seen(self) -> EyeView:
        """What can be read from this image alone."""
        return perceive(self.sight)

    def __getattr__(self, name: str) -> Any:
        """What else a view of the home has, as read from this image: for agents without memory."""
        if name.startswith("_") or name not in _VIEW:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.seen, name)

    def words(self, seat: Seat, style: Style) -> str:
        """What is seen, in words."""
        return self.seen.words(seat, style)

    def completed(self, seat: Seat, before: Any) -> SkillCall | None:
        """What `seat` visibly completed since the view `before`."""
        return self.seen.completed(seat, _seen(before))

    def changed(self, seat: Seat, before: Any) -> bool:
        """Whether what is seen differs in what matters for plans."""
        return self.seen.changed(seat, _seen(before))

    def pose(self, seat: Seat) -> Any:
        """Where a person stands and looks; the own pose is known without looking."""
        return self.home.pose(seat) if seat == self.home.seat else self.seen.pose(seat)

    def save(self) -> Json:
        """All that the image is drawn from, as JSON; `restore_by_eye` makes it a view again."""
        doors = [
            [door.id, list(door.center), list(door.size), list(self.plan.between[door.id])]
            for door in self.plan.doors.values()
        ]
        return {"eyes": list(self.camera.size), "doors": doors, "home": self.home.save()}


def eyes(size: tuple[int, int] = (256, 512)) -> Camera:
    """The camera of a world in visual mode, after a try that OpenGL starts: a world asks for it when it is made.

    Raises BadInput for a size that makes no image, and where moderngl or a driver is missing.
    """
    camera = Camera(size=size)
    renderer(camera)
    return camera


def _seen(view: Any) -> Any:
    return view.seen if isinstance(view, VisualView) else view


def sight_of(home: HomeView, images: tuple[Images, ...]) -> Sight:
    """Images and what is told besides, from the symbolic view of the moment: of things only those in the pictures."""
    shown = np.unique(np.concatenate([np.unique(image.segmentation) for image in images])).tolist()
    labels = {number: Label.of(home.nodes[number]) for number in shown if number in home.nodes}
    return Sight(
        t=home.t,
        seat=home.seat,
        images=images,
        labels=labels,
        open=home.open & labels.keys(),
        rooms=home.rooms,
        me=home.me,
        hands={thing: home.nodes[thing] for thing in home.me.holding if thing in home.nodes},
        goals=home.goals,
        satisfied=home.satisfied,
        alone=home.alone,
        limit=home.limit,
        felt=frozenset(number for number in home.open if within_reach(home.me.position, home.nodes[number])),
    )


def restore_by_eye(state: Json) -> Any:
    """Make a view of what `VisualView.save`, `EyeView.save` or `HomeView.save` gave."""
    if "eyes" in state:
        home = restore(state["home"])
        doors = {
            number: Node(number, "door", "Doors", tuple(center), tuple(size))
            for number, center, size, _ in state["doors"]
        }
        between = {number: (rooms[0], rooms[1]) for number, _, _, rooms in state["doors"]}
        height, width = state["eyes"]
        return VisualView(home, Plan(home.rooms, doors, between), Camera(size=(height, width)))
    return restore_seen(state) if "looked" in state else restore(state)


def by_eye(guide: Guide) -> Guide:
    """The guide of a seat that sees images instead of the graph: its memory reads them, and its rules say so."""
    rules = tuple(
        "I see only what is before me; when I have turned all the way round in a room, I have explored it."
        if rule.startswith("I see all of the room")
        else rule
        for rule in guide.rules
    )
    return replace(guide, recall=recall_by_eye, restore=restore_by_eye, rules=rules)


def recall_by_eye(known: HomeView | None, observation: Observation) -> EyeView:
    """What is known after an observation by eye: as `memory.recall`, but what is out of sight is not forgotten.

    Of the own room, what was known stays known unless the image shows what is behind it; boxes of things that did not
    move are joined, so that a table seen from two sides is whole. Hearsay about a room ends when it is explored.
    """
    view: VisualView = observation.view
    now = view.seen
    if known is None:
        return _as_seen(recall(None, replace(observation, view=now)), now)
    here = now.me.room
    stayed = known.me.room == here
    before = known.looked if isinstance(known, EyeView) and stayed else frozenset()
    looked = before | now.looked
    still = stayed and dist(known.me.position, now.me.position) < STILL
    explored = frozenset({here}) if len(looked) == SECTORS else frozenset()
    now = replace(now, looked=looked, explored=explored, still=still)
    kept = _kept(known, now, view.sight)
    told = known.told & kept.keys()
    now = _joined(known, replace(now, open=now.open | (view.sight.felt & kept.keys())), kept)
    after = recall(known, replace(observation, view=now))
    return _as_seen(replace(after, told=(after.told | told) & after.nodes.keys()), now)


def _as_seen(view: HomeView, now: EyeView) -> EyeView:
    assert isinstance(view, EyeView)
    return replace(view, looked=now.looked, still=now.still, shown=now.shown)


def _kept(known: HomeView, now: EyeView, sight: Sight) -> dict[int, Node]:
    """What was known to be in the own room, is not seen now, and is not shown to be gone."""
    here = now.me.room
    kept = {}
    for number, node in known.nodes.items():
        if number in now.nodes or number in known.satisfied or known.room_of(number) != here:
            continue
        if any(number in person.holding for person in known.people.values()) or number not in known.inside:
            continue
        if number in known.told:
            if here not in now.explored:
                kept[number] = node
        elif not (node.grabbable and _gone(node, sight)):
            kept[number] = node
    return kept


def _gone(node: Node, sight: Sight) -> bool:
    """Whether some image looks through the place where a thing was: half of it lies in the image, little is hidden."""
    steps = np.array([(a, b, c) for a in (-0.4, 0, 0.4) for b in (-0.4, 0, 0.4) for c in (-0.4, 0, 0.4)])
    points = np.array(node.center) + steps * np.array(node.size)
    return any(_through(points, node.id, image) for image in sight.images)


def _through(points: NDArray[np.float64], number: int, image: Images) -> bool:
    rows, columns, depth = image.camera.pixels(image.pose, points)
    height, width = image.camera.size
    within = (depth > 0.2) & (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    if np.mean(within) < 0.5:
        return False
    pixels = rows[within].astype(int), columns[within].astype(int)
    measured, shown = image.depth[pixels], image.segmentation[pixels]
    behind = (measured == 0) | (measured > depth.min() + THROUGH)
    return bool(np.mean(behind & (shown != number)) > 0.6)


def _joined(known: HomeView, now: EyeView, kept: dict[int, Node]) -> EyeView:
    """The view of now with what was kept, and with the boxes of what did not move made whole."""
    nodes = dict(now.nodes)
    inside, on = dict(now.inside), dict(now.on)
    for number, node in kept.items():
        nodes[number] = node
        inside[number] = known.inside[number]
        if number in known.on:
            on[number] = known.on[number]
    held = {thing for person in now.people.values() for thing in person.holding}
    for number, node in now.nodes.items():
        old = known.nodes.get(number)
        if (
            old is None
            or number in held
            or number in known.told
            or number not in known.inside
            or not _unmoved(old, node)
        ):
            continue
        nodes[number] = _union(old, node)
        if number not in now.on and number in known.on and inside.get(number) in now.rooms:
            on[number] = known.on[number]
    opened = now.open | (known.open & kept.keys())
    return replace(now, nodes=nodes, inside=inside, on=on, open=opened)


def _unmoved(old: Node, new: Node) -> bool:
    """Whether what is seen of a thing now may be a part of where it was: the boxes overlap in most of the smaller."""
    shared, smaller = 1.0, 1.0
    for axis in range(3):
        a, b = old.center[axis] - old.size[axis] / 2, new.center[axis] - new.size[axis] / 2
        c, d = old.center[axis] + old.size[axis] / 2, new.center[axis] + new.size[axis] / 2
        least = min(c - a, d - b) + 0.02
        shared *= max(min(c, d) - max(a, b) + 0.02, 0.0)
        smaller *= least
    return shared >= 0.5 * smaller


def _union(old: Node, new: Node) -> Node:
    low = [min(old.center[axis] - old.size[axis] / 2, new.center[axis] - new.size[axis] / 2) for axis in range(3)]
    high = [max(old.center[axis] + old.size[axis] / 2, new.center[axis] + new.size[axis] / 2) for axis in range(3)]
    x, y, z = (round((a + b) / 2, 4) for a, b in zip(low, high, strict=True))
    width, height, depth = (round(b - a, 4) for a, b in zip(low, high, strict=True))
    return Node(new.id, new.name, new.category, (x, y, z), (width, height, depth), new.properties)
