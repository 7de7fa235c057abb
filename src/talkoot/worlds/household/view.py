"""What one person sees, or knows by now, of the apartment: the same type for both, so skills and words serve both.

`HouseholdWorld` makes a view of what is visible at this moment (reference, 2.4): all rooms; everything in the own room
that is not in a closed container; what one holds; the other person and what it holds if in the same room. `recall`
(see `memory`) joins views into what is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from talkoot.types import Json, Seat, SkillCall, Style
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.reach import within_reach
from talkoot.worlds.household.task import LIMIT, Goal

NAMES = ("Alice", "Bob")
"""What the two seats are called, as in the paper."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person as last seen at time `t`: the point (x, z) at the feet, yaw in degrees, room, things in the hands."""

    position: tuple[float, float]
    yaw: float
    room: int
    holding: tuple[int, ...] = ()
    t: int = 0


@dataclass(frozen=True)
class HomeView:
    """One seat's view of the home at time `t`. Mappings are shared between views: never change them.

    `nodes` are the seen nodes other than rooms, with their boxes where last seen; `inside` and `on` their parents and
    surfaces (things in hands have neither). `open` are those seen open. `people` holds oneself and, where seen, the
    other. `satisfied` maps what counts as delivered to its goal; the household tells it to both (as in C-WAH).
    `explored` are the rooms entered (and, by eye, looked around in) so far, `checked` the containers whose inside was
    seen, `told` the nodes that are known by hearsay only and `told_rooms` the rooms of which the other said that
    nothing needed is left there. `lost` is the step since which nothing is left to look for, -1 where something is.
    """

    t: int
    seat: Seat
    rooms: Mapping[int, Node]
    nodes: Mapping[int, Node]
    inside: Mapping[int, int]
    on: Mapping[int, int]
    open: frozenset[int]
    people: Mapping[Seat, Person]
    goals: tuple[Goal, ...]
    satisfied: Mapping[int, Goal]
    explored: frozenset[int] = frozenset()
    checked: frozenset[int] = frozenset()
    told: frozenset[int] = frozenset()
    told_rooms: frozenset[int] = frozenset()
    lost: int = -1
    alone: bool = False
    """Whether nobody holds the other seat."""
    limit: int = LIMIT

    @property
    def me(self) -> Person:
        """Oneself."""
        return self.people[self.seat]

    @property
    def mate(self) -> Person | None:
        """The other person, if anything is known of it."""
        return self.people.get(1 - self.seat)

    @property
    def mate_here(self) -> bool:
        """Whether the other is seen at this moment."""
        return self.mate is not None and self.mate.t == self.t and self.mate.room == self.me.room

    @cached_property
    def missing(self) -> dict[Goal, int]:
        """How many things each goal still lacks; goals that hold are left out."""
        have: dict[Goal, int] = {}
        for goal in self.satisfied.values():
            have[goal] = have.get(goal, 0) + 1
        return {goal: goal.count - have.get(goal, 0) for goal in self.goals if have.get(goal, 0) < goal.count}

    @cached_property
    def wanted(self) -> frozenset[str]:
        """The classes of things that a goal still lacks."""
        return frozenset(goal.name for goal in self.missing)

    @cached_property
    def targets(self) -> tuple[int, ...]:
        """The places where things are to be brought, each once."""
        return tuple(dict.fromkeys(goal.target for goal in self.goals))

    @cached_property
    def ways(self) -> dict[int, list[tuple[int, tuple[float, float]]]]:
        """From each room through the doors that are known: the room beyond and the point (x, z) of the door."""
        found: dict[int, list[tuple[int, tuple[float, float]]]] = {}
        for node in self.nodes.values():
            if node.is_door:
                point = node.center[0], node.center[2]
                joined = [number for number, room in self.rooms.items() if _touches(room, point)]
                for one in joined:
                    found.setdefault(one, []).extend((other, point) for other in joined if other != one)
        return found

    def goal_of(self, thing: int) -> Goal | None:
        """The first goal that still lacks a thing of this class."""
        name = self.nodes[thing].name if thing in self.nodes else ""
        return next((goal for goal in self.missing if goal.name == name), None)

    def room_of(self, node: int) -> int | None:
        """The room in which a node is, as far as known, through containers and hands; None where that is unknown."""
        for _ in range(8):  # nothing is nested deeper
            if node in self.rooms:
                return node
            if node in self.inside:
                node = self.inside[node]
                continue
            holder = next((person for person in self.people.values() if node in person.holding), None)
            return holder.room if holder else None
        return None

    def node(self, number: int) -> Node | None:
        """A room or any other node that is known."""
        return self.rooms.get(number) or self.nodes.get(number)

    def things(self, room: int) -> list[Node]:
        """The things that a goal still lacks, known to lie in this room or in its containers, by id."""
        held = {thing for person in self.people.values() for thing in person.holding}
        return [
            self.nodes[thing]
            for thing in sorted(self.nodes)
            if self.nodes[thing].name in self.wanted
            and self.nodes[thing].grabbable
            and thing not in self.satisfied
            and thing not in held
            and self.room_of(thing) == room
        ]

    def unchecked(self, room: int) -> list[Node]:
        """The containers in this room that are closed and worth a look, by id; the goal's own place is left out."""
        return [
            node
            for number, node in sorted(self.nodes.items())
            if node.searchable
            and node.openable
            and number not in self.open
            and number not in self.checked
            and number not in self.targets
            and self.inside.get(number) == room
        ]

    def sees(self, node: int) -> bool:
        """Whether a node is in the own room, not inside something closed, and known there: it can be walked to."""
        if node not in self.nodes or self.room_of(node) != self.me.room:
            return False
        parent = self.inside.get(node)
        return parent is None or parent in self.rooms or parent in self.open

    def reaches(self, node: int) -> bool:
        """Whether a node that is seen is within reach of the hands."""
        return self.sees(node) and node not in self.told and within_reach(self.me.position, self.nodes[node])

    def words(self, seat: Seat, style: Style) -> str:
        """The progress in words from the seat's own point of view (see `words`)."""
        from talkoot.worlds.household.words import tell

        return tell(self, style)

    def completed(self, seat: Seat, before: Any) -> SkillCall | None:
        """Name what `seat` visibly completed since the view `before`: it took, put or opened something."""
        now, then = self.people.get(seat), before.people.get(seat)
        if now is None or then is None or now.t != self.t or then.t != before.t:
            return None
        for thing in now.holding:
            if thing not in then.holding:
                return SkillCall("gograb", (self._key(thing),))
        for thing in then.holding:
            if thing not in now.holding:
                place = self.on.get(thing, self.inside.get(thing))
                return SkillCall("goput", (self._key(place),)) if place is not None else None
        for node in sorted(self.open - before.open):
            if node in before.nodes and node in self.nodes and within_reach(now.position, self.nodes[node]):
                return SkillCall("gocheck", (self._key(node),))
        return None

    def _key(self, number: int) -> str:
        node = self.node(number)
        return node.key if node else str(number)

    def changed(self, seat: Seat, before: Any) -> bool:
        """Whether plans may have to change: something was delivered, found, moved or told, or the mate holds more."""
        mate, then = self.mate, before.mate
        return bool(
            self.satisfied != before.satisfied
            or (mate is not None and (then is None or mate.holding != then.holding))
            or self._matters() != before._matters()
        )

    def _matters(self) -> dict[int, int | None]:
        return {
            number: self.inside.get(number)
            for number, node in self.nodes.items()
            if node.name in self.wanted and node.grabbable
        }

    def pose(self, seat: Seat) -> tuple[float, float, float] | None:
        """Where a person stands and looks, as far as known."""
        person = self.people.get(seat)
        return (*person.position, person.yaw) if person else None

    def save(self) -> Json:
        """The view as JSON; `restore` makes it a view again."""
        goals = [[goal.relation, goal.name, goal.target, goal.count, goal.place] for goal in self.goals]
        place = {goal: number for number, goal in enumerate(self.goals)}
        return {
            "t": self.t,
            "seat": self.seat,
            "rooms": [_save_node(node) for node in self.rooms.values()],
            "nodes": [_save_node(node) for node in self.nodes.values()],
            "inside": [list(pair) for pair in self.inside.items()],
            "on": [list(pair) for pair in self.on.items()],
            "open": sorted(self.open),
            "people": [
                [seat, list(one.position), one.yaw, one.room, list(one.holding), one.t]
                for seat, one in self.people.items()
            ],
            "goals": goals,
            "satisfied": [[thing, place[goal]] for thing, goal in self.satisfied.items()],
            "explored": sorted(self.explored),
            "checked": sorted(self.checked),
            "told": sorted(self.told),
            "told_rooms": sorted(self.told_rooms),
            "lost": self.lost,
            "alone": self.alone,
            "limit": self.limit,
        }


def restore(state: Json) -> HomeView:
    """Make a view of what `HomeView.save` gave."""
    goals = tuple(Goal(*fields) for fields in state["goals"])
    return HomeView(
        t=state["t"],
        seat=state["seat"],
        rooms={node.id: node for node in map(_load_node, state["rooms"])},
        nodes={node.id: node for node in map(_load_node, state["nodes"])},
        inside=dict(state["inside"]),
        on=dict(state["on"]),
        open=frozenset(state["open"]),
        people={
            seat: Person((position[0], position[1]), yaw, room, tuple(holding), t)
            for seat, position, yaw, room, holding, t in state["people"]
        },
        goals=goals,
        satisfied={thing: goals[place] for thing, place in state["satisfied"]},
        explored=frozenset(state["explored"]),
        checked=frozenset(state["checked"]),
        told=frozenset(state["told"]),
        told_rooms=frozenset(state["told_rooms"]),
        lost=state["lost"],
        alone=state["alone"],
        limit=state["limit"],
    )


def _save_node(node: Node) -> Json:
    return [node.id, node.name, node.category, list(node.center), list(node.size), sorted(node.properties)]


def _load_node(fields: Json) -> Node:
    number, name, category, center, size, properties = fields
    return Node(number, name, category, tuple(center), tuple(size), frozenset(properties))


def _touches(room: Node, point: tuple[float, float]) -> bool:
    """Whether a door at this point can lead into the room: doors stand in the wall, half a metre away at most."""
    (x, _, z), (width, _, depth) = room.center, room.size
    return abs(point[0] - x) <= width / 2 + 0.6 and abs(point[1] - z) <= depth / 2 + 0.6


def relevant(view: HomeView) -> Iterator[Node]:
    """What matters for the task among the known nodes: searched containers, goal-class things, places like the goal's.

    This is CoELA's filter (reference, 2.4): goal places are taken by class, not by id.
    """
    names = {goal.name for goal in view.goals}
    places = {goal.place for goal in view.goals}
    for node in view.nodes.values():
        if node.searchable or node.name in places or (node.name in names and node.id not in view.satisfied):
            yield node
