"""Everything that changes in the household: the people and what they hold, where things lie, what stands open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import cos, radians, sin
from types import MappingProxyType
from typing import NamedTuple

from talkoot.types import Message, Seat
from talkoot.worlds.household.apartment import Apartment, Node, Point
from talkoot.worlds.household.task import Goal, Task

NOWHERE = -1
"""The room of a seat that nobody holds."""


class Standing(NamedTuple):
    """What is seen of one room by who stands in it, things in hands left out. Shared between views: never changed."""

    nodes: Mapping[int, Node]
    inside: Mapping[int, int]
    on: Mapping[int, int]
    open: frozenset[int]


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
    seen: dict[tuple[int, bool], Standing] = field(default_factory=dict, compare=False, repr=False)
    """What is seen of each room, made when it is asked for (see `standing`)."""
    counted: Mapping[int, Goal] | None = field(default=None, compare=False, repr=False)
    """What counts as delivered, made when it is asked for (see `delivered`)."""

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
            self.seen.copy(),
            self.counted,
        )

    def forget(self, room: int, *, moved: bool) -> None:
        """Something in this room changed, or (`moved`) was taken or put there: what was made of it is void."""
        self.seen.pop((room, False), None)
        self.seen.pop((room, True), None)
        if moved:
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
            holder = self.holder(number)
            if holder is not None:
                return self.room[holder]
            number = self.inside[number]
        return number

    def node(self, number: int) -> Node:
        """A node where it is now; what is held is in front of its holder, at the height of the hands."""
        node = self.task.apartment.nodes[number]
        center = self.center.get(number)
        if center is not None:
            return node.moved(center)
        holder = self.holder(number) if node.grabbable else None
        return node if holder is None else self.held(holder, self.hands[holder].index(number))

    def held(self, seat: Seat, hand: int) -> Node:
        """What a hand (0 right, 1 left) holds, where the hand is: 0.3 m ahead, 0.2 m to the side, 1.1 m up."""
        node = self.task.apartment.nodes[self.hands[seat][hand]]
        (x, z), yaw, side = self.position[seat], radians(self.yaw[seat]), 0.2 if hand == 0 else -0.2
        ahead, across = sin(yaw), cos(yaw)
        return node.moved((round(x + 0.3 * ahead + side * across, 4), 1.1, round(z + 0.3 * across - side * ahead, 4)))


def standing(state: State, room: int, *, open_tops: bool = False) -> Standing:
    """All that is seen in a room, things in hands left out: what stands in it and what is in something open there.

    A node is seen if its chain of parents leads to the room and its own parent is the room or stands open (reference,
    2.4); with `open_tops` also what is in something that cannot be opened.
    """
    known = state.seen.get((room, open_tops))
    if known is not None:
        return known
    inside, apartment = state.inside, state.task.apartment
    shown: set[int] = {number for number in state.open if number in inside and state.room_of(number) == room}
    if open_tops:
        shown.update(
            parent
            for parent in set(inside.values())
            if parent in inside and not apartment.nodes[parent].openable and state.room_of(parent) == room
        )
    shown.add(room)
    here = {number: parent for number, parent in inside.items() if parent in shown}
    nodes: dict[int, Node] = {}
    for number in here:
        center = state.center.get(number)
        node = apartment.nodes[number]
        nodes[number] = node if center is None else node.moved(center)
    on = {number: surface for number, surface in state.on.items() if number in here and surface in here}
    made = Standing(nodes, here, on, frozenset(number for number in state.open if number in here))
    state.seen[room, open_tops] = made
    return made


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
