"""Everything that changes in the household: the people and what they hold, where things lie, what stands open."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import cos, radians, sin
from types import MappingProxyType
from typing import NamedTuple

from talkoot.types import Message, Seat
from talkoot.worlds.household.apartment import Apartment, Node, Point
from talkoot.worlds.household.quick import maker
from talkoot.worlds.household.task import Goal, Task

_node = maker(Node)

NOWHERE = -1
"""The room of a seat that nobody holds."""


class Content(NamedTuple):
    """What has one parent, a room or a container: its nodes in the order in which they came there, and which of them
    lies on which other. Shared between states: never changed.
    """

    nodes: Mapping[int, Node]
    on: Mapping[int, int]


class Standing(NamedTuple):
    """What is seen of one room by who stands in it, things in hands left out. Shared between views: never changed."""

    nodes: Mapping[int, Node]
    inside: Mapping[int, int]
    on: Mapping[int, int]
    open: frozenset[int]
    explored: frozenset[int]
    """The room alone."""


@dataclass(slots=True)
class State:
    """One moment of an episode. `apply` and `advance` in `mechanics` change it in place; `copy` is cheap.

    `position` are the points (x, z) at the feet in metres, `yaw` the headings in degrees (0 looks along +z, 90 along
    +x) and `room` the rooms, each by seat; a seat that is not held has room -1. `hands` are the ids held, the right
    hand first, at most two. `inside` gives the one parent of each node, a room or a container, and `on` the surface
    that it lies on, if any; what is held is in neither. Both keep the order in which things were put down, the
    apartment's own order first: the first things at a goal's place are those that count (see `delivered`). `open` are
    the nodes that stand open, `center` where things are that were moved, `said` what was said in the last step.
    """

    task: Task
    t: int
    position: list[tuple[float, float]]
    yaw: list[float]
    room: list[int]
    hands: list[list[int]]
    inside: dict[int, int]
    on: dict[int, int]
    open: set[int]
    center: dict[int, Point]
    said: tuple[Message, ...] = ()
    gained: list[int] = field(default_factory=lambda: [0, 0])
    """By how many each seat changed the number of things that count as delivered, in the last step."""
    trail: list[tuple[tuple[float, float], ...]] = field(default_factory=lambda: [(), ()])
    """Where each seat began its latest steps of walking in a row, for the quirk `unstick` only."""
    content: dict[int, Content] = field(default_factory=dict, compare=False, repr=False)
    """What each room and container holds, once it was asked for (see `standing`)."""
    seen: dict[tuple[int, bool], Standing] = field(default_factory=dict, compare=False, repr=False)
    """What is seen of each room, once it was asked for (see `standing`)."""
    counted: Mapping[int, Goal] | None = field(default=None, compare=False, repr=False)
    """What counts as delivered, once it was asked for (see `delivered`)."""
    carried: list[tuple[object, Mapping[int, Node]]] = field(
        default_factory=lambda: [(None, {}), (None, {})], compare=False, repr=False
    )
    """What each seat holds, as nodes where its hands are, and for which pose that was made (see `held`)."""

    @property
    def apartment(self) -> Apartment:
        """The apartment as it was at the start."""
        return self.task.apartment

    def copy(self) -> State:
        """The same moment, free to go another way."""
        return State(
            self.task,
            self.t,
            self.position.copy(),
            self.yaw.copy(),
            self.room.copy(),
            [hand.copy() for hand in self.hands],
            self.inside.copy(),
            self.on.copy(),
            self.open.copy(),
            self.center.copy(),
            self.said,
            self.gained.copy(),
            self.trail.copy(),
            self.content.copy(),
            self.seen.copy(),
            self.counted,
            self.carried.copy(),
        )

    def take(self, thing: int) -> None:
        """Take a thing away from where it is; what lay on it stays where it is, on what is below."""
        under = self.on.pop(thing, None)
        slid = [above for above, surface in self.on.items() if surface == thing]
        for other in slid:
            if under is None:
                del self.on[other]
            else:
                self.on[other] = under
        self._forget(thing)
        self.center.pop(thing, None)
        parent = self.inside.pop(thing)
        self._recount(parent, under, changed=bool(slid))
        if self.content:
            nodes = dict(self.content[parent].nodes)
            del nodes[thing]
            on = _lying(self.on, nodes) if slid else dict(self.content[parent].on)
            on.pop(thing, None)
            self.content[parent] = Content(nodes, on)

    def lay(self, thing: int, parent: int, surface: int | None, center: Point) -> None:
        """Put a thing that is nowhere into a room or a container, onto a surface or not."""
        self.inside[thing], self.center[thing] = parent, center
        if surface is not None:
            self.on[thing] = surface
        self._forget(thing)
        self._recount(parent, surface)
        if self.content:
            old = self.content.get(parent, Content({}, {}))
            on = {**old.on, thing: surface} if surface is not None and surface in old.nodes else old.on
            self.content[parent] = Content({**old.nodes, thing: self.apartment.nodes[thing].moved(center)}, on)

    def swing(self, number: int, *, opened: bool) -> None:
        """Open or close something."""
        if opened:
            self.open.add(number)
        else:
            self.open.discard(number)
        self._forget(number)

    def _forget(self, number: int) -> None:
        """What was made of the room in which a node is is no longer true."""
        room = self.room_of(number)
        self.seen.pop((room, False), None)
        self.seen.pop((room, True), None)

    def _recount(self, parent: int, surface: int | None, *, changed: bool = False) -> None:
        """What counts as delivered may be another now, if something came to or went from the place of a goal."""
        for goal in self.task.goals:
            if changed or goal.target == parent or goal.target == surface:
                self.counted = None

    def holder(self, thing: int) -> Seat | None:
        """Who holds a thing."""
        for seat, hand in enumerate(self.hands):
            if thing in hand:
                return seat
        return None

    def room_of(self, number: int) -> int:
        """The room in which a node is, through all containers and hands."""
        rooms = self.task.apartment.rooms
        while number not in rooms:
            parent = self.inside.get(number)
            if parent is None:
                holder = self.holder(number)
                if holder is None:
                    raise KeyError(number)
                return self.room[holder]
            number = parent
        return number

    def node(self, number: int) -> Node:
        """A node where it is now; what is held is in front of its holder, at the height of the hands."""
        node = self.task.apartment.nodes[number]
        center = self.center.get(number)
        if center is not None:
            return node.moved(center)
        holder = self.holder(number) if node.grabbable else None
        return node if holder is None else self.held(holder)[number]

    def held(self, seat: Seat) -> Mapping[int, Node]:
        """What a seat holds, where its hands are: 0.3 m ahead, 0.2 m to the side (right hand first), 1.1 m up."""
        hand = self.hands[seat]
        key = self.position[seat], self.yaw[seat], *hand
        known = self.carried[seat]
        if known[0] == key:
            return known[1]
        (x, z), yaw = self.position[seat], radians(self.yaw[seat])
        ahead, across = sin(yaw), cos(yaw)
        nodes, side = {}, 0.2
        for thing in hand:
            at = round(x + 0.3 * ahead + side * across, 4), 1.1, round(z + 0.3 * across - side * ahead, 4)
            node = self.task.apartment.nodes[thing]
            nodes[thing] = _node(thing, node.name, node.category, at, node.size, node.properties)
            side = -0.2
        self.carried[seat] = key, nodes
        return nodes


def contents(state: State) -> dict[int, Content]:
    """What each room and each container holds."""
    if not state.content:
        nodes = state.apartment.nodes
        groups: dict[int, dict[int, Node]] = {}
        for number, parent in state.inside.items():
            center = state.center.get(number)
            groups.setdefault(parent, {})[number] = nodes[number] if center is None else nodes[number].moved(center)
        state.content = {parent: Content(group, _lying(state.on, group)) for parent, group in groups.items()}
    return state.content


def _lying(on: Mapping[int, int], nodes: Mapping[int, Node]) -> dict[int, int]:
    return {number: on[number] for number in nodes if on.get(number) in nodes}


def standing(state: State, room: int, *, open_tops: bool = False) -> Standing:
    """All that is seen in a room, things in hands left out: what stands in it and what is in something open there.

    A node is seen if its chain of parents leads to the room and its own parent is the room or stands open (reference,
    2.4); with `open_tops` also what is in something that cannot be opened. The room's own nodes come first, then those
    of each container by its id.
    """
    known = state.seen.get((room, open_tops))
    if known is not None:
        return known
    content, nodes = contents(state), state.apartment.nodes
    shown = [number for number in state.open if number in content and state.room_of(number) == room]
    if open_tops:
        shown += [
            number
            for number in content
            if number not in state.apartment.rooms and not nodes[number].openable and state.room_of(number) == room
        ]
    here = content.get(room, Content({}, {}))
    seen, inside, on = dict(here.nodes), dict.fromkeys(here.nodes, room), dict(here.on)
    for parent in sorted(shown):
        held = content[parent]
        seen.update(held.nodes)
        inside.update(dict.fromkeys(held.nodes, parent))
        on.update(held.on)
    opened = frozenset(number for number in state.open if number in seen)
    made = Standing(seen, inside, on, opened, frozenset((room,)))
    state.seen[room, open_tops] = made
    return made


class _Fresh(NamedTuple):
    """What is known of an apartment as it is at the start."""

    apartment: weakref.ref[Apartment]
    content: dict[int, Content]
    seen: dict[tuple[int, bool], Standing]


_FRESH: dict[int, _Fresh] = {}


def freshen(state: State) -> None:
    """Give a state that is as at the start what was made of its apartment before."""
    key = id(state.apartment)
    fresh = _FRESH.get(key)
    if fresh is None or fresh.apartment() is not state.apartment:
        for room in state.apartment.rooms:
            standing(state, room)
        fresh = _Fresh(
            weakref.ref(state.apartment, lambda _: _FRESH.pop(key, None)), contents(state).copy(), state.seen.copy()
        )
        _FRESH[key] = fresh
    state.content, state.seen = fresh.content.copy(), fresh.seen.copy()


def delivered(state: State) -> Mapping[int, Goal]:
    """What counts as delivered: the first `count` things of each goal at its place, in the order they came there.

    Things that lay there at the start count first, in the apartment's order. So the recorded runs have it; what came
    later is surplus (data README, Traps).
    """
    if state.counted is None:
        nodes, counted = state.task.apartment.nodes, {}
        there: dict[tuple[str, int], list[int]] = {}
        for relation, places in (("on", state.on), ("inside", state.inside)):
            for target in {goal.target for goal in state.task.goals if goal.relation == relation}:
                there[relation, target] = [thing for thing, place in places.items() if place == target]
        for goal in state.task.goals:
            fitting = [thing for thing in there[goal.relation, goal.target] if nodes[thing].name == goal.name]
            counted.update(dict.fromkeys(fitting[: goal.count], goal))
        state.counted = MappingProxyType(counted)
    return state.counted
