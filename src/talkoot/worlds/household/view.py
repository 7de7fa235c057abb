"""What one person sees, or knows by now, of the apartment: the same type for both, so skills and words serve both.

`HouseholdWorld` makes a view of what is visible at this moment (reference, 2.4): all rooms; everything in the own room
that is not in a closed container; what one holds; the other person and what it holds if in the same room. `recall`
(see `memory`) joins views into what is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from talkoot.types import Seat
from talkoot.worlds.household.apartment import Node
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
    other. `satisfied` are the ids that count as delivered, told to both by the household (as in C-WAH). `explored` are
    the rooms entered so far, `checked` the containers whose inside was seen, `seen` the time each node was last seen
    where that is not now, `told` the nodes that are known by hearsay only.
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
    satisfied: tuple[int, ...]
    explored: frozenset[int] = frozenset()
    checked: frozenset[int] = frozenset()
    seen: Mapping[int, int] = field(default_factory=dict)
    told: frozenset[int] = frozenset()
    limit: int = LIMIT
    remembered: bool = False
    """Whether this is what is known by now, or only what is seen now."""

    @property
    def me(self) -> Person:
        """Oneself."""
        return self.people[self.seat]

    @property
    def mate(self) -> Person | None:
        """The other person, if anything is known of it."""
        return self.people.get(1 - self.seat)
