"""The household for learners: a view as an array of one shape, and a fixed table of actions over the same slots (ours).

Rooms have `ROOMS` slots, in the view's order; what matters for the task (`view.relevant`, and what is held) has `SLOTS`
slots: what oneself holds first, then by id. What does not fit is left out. The same slot means another node in another
view; the features of the slot tell which kind. Raw views (what is seen now) and remembered ones (what is known by now)
are encoded alike.
"""

from __future__ import annotations

from functools import cache
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from talkoot.types import Action, Observation
from talkoot.worlds.household.apartment import ROOMS as ROOM_NAMES
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.reach import footprint, gap
from talkoot.worlds.household.view import HomeView, relevant

ROOMS = 6
"""Slots for rooms."""

SLOTS = 40
"""Slots for containers, goal places and goal-class things."""

GOALS = 6
"""Slots for goals, in their order."""

OWN = (
    "time", "x", "z", "sin yaw", "cos yaw", "hands full", "mate exists", "mate here", "mate x", "mate z",
    "mate hands full",
)  # fmt: skip
"""About oneself and the other: the part of the limit that has passed, the point and the heading (metres), how many
hands are full; whether there is another, whether it is seen now, its offset where it was last seen, its hands."""

GOAL = ("exists", "inside", "missing", "wanted")
"""For each goal: whether there is one, inside (1) or on (0), how many things it lacks, how many it asks for."""

ROOM = ("exists", "here", "explored", *ROOM_NAMES, "x", "z", "width", "depth")
"""For each room: whether there is one, whether one is in it, has been there; its kind; the offset of its middle, its
size (metres)."""

NODE = (
    "exists", "thing", "container", "surface", "open", "checked", "held", "held by mate", "inside something",
    "in own room", "hearsay", "delivered", "within reach", "x", "y", "z", "gap",
    *(f"class of goal {number}" for number in range(GOALS)), *(f"place of goal {number}" for number in range(GOALS)),
)  # fmt: skip
"""For each node: its kind and state, its offset from one's feet and the metres to its footprint (0 where unknown),
which goals ask for its class, and of which it is the place."""


@cache
def features() -> tuple[str, ...]:
    """The names of the entries of `encode`, in order: `own.time`, `goal0.missing`, `room2.here`, `node7.gap`, ..."""
    return (
        *(f"own.{name}" for name in OWN),
        *(f"goal{number}.{name}" for number in range(GOALS) for name in GOAL),
        *(f"room{number}.{name}" for number in range(ROOMS) for name in ROOM),
        *(f"node{number}.{name}" for number in range(SLOTS) for name in NODE),
    )


def slots(view: HomeView) -> list[Node]:
    """The nodes in their slots: what oneself holds, then what matters for the task by id; at most `SLOTS`."""
    held = [view.nodes[thing] for thing in view.me.holding if thing in view.nodes]
    others = {node.id: node for node in relevant(view) if node.id not in view.me.holding}
    for person in view.people.values():
        others.update({thing: view.nodes[thing] for thing in person.holding if thing in view.nodes})
    rest = [others[number] for number in sorted(others) if number not in view.me.holding]
    return (held + rest)[:SLOTS]


def encode(observation: Observation) -> NDArray[np.float32]:
    """A view as float32 (len(features()),): oneself, goals, rooms, nodes; empty slots are zero. Values as they are, in
    metres, counts, and 0 or 1; not scaled.
    """
    view: HomeView = observation.view
    me, mate = view.me, view.mate
    x, z = me.position
    own = [view.t / view.limit, x, z, sin(radians(me.yaw)), cos(radians(me.yaw)), len(me.holding)]
    if mate is None:
        own += [float(not view.alone), 0, 0, 0, 0]
    else:
        own += [1, view.mate_here, mate.position[0] - x, mate.position[1] - z, len(mate.holding)]
    goals = np.zeros((GOALS, len(GOAL)), np.float32)
    for row, goal in enumerate(view.goals[:GOALS]):
        goals[row] = 1, goal.relation == "inside", view.missing.get(goal, 0), goal.count
    rooms = np.zeros((ROOMS, len(ROOM)), np.float32)
    for row, room in enumerate(list(view.rooms.values())[:ROOMS]):
        kinds = [room.name == name for name in ROOM_NAMES]
        place = room.center[0] - x, room.center[2] - z, room.size[0], room.size[2]
        rooms[row] = 1, room.id == me.room, room.id in view.explored, *kinds, *place
    nodes = np.zeros((SLOTS, len(NODE)), np.float32)
    for row, node in enumerate(slots(view)):
        nodes[row] = _node(view, node)
    return np.concatenate([np.array(own, np.float32), goals.ravel(), rooms.ravel(), nodes.ravel()])


def _node(view: HomeView, node: Node) -> list[float]:
    me, mate, (x, z) = view.me, view.mate, view.me.position
    parent = view.inside.get(node.id)
    return [
        1,
        node.grabbable,
        node.searchable,
        "SURFACES" in node.properties,
        node.id in view.open,
        node.id in view.checked,
        node.id in me.holding,
        mate is not None and node.id in mate.holding,
        parent is not None and parent not in view.rooms,
        view.room_of(node.id) == me.room,
        node.id in view.told,
        node.id in view.satisfied,
        view.reaches(node.id),
        node.center[0] - x,
        node.center[1],
        node.center[2] - z,
        gap(me.position, footprint(node)),
        *(len(view.goals) > number and view.goals[number].name == node.name for number in range(GOALS)),
        *(len(view.goals) > number and view.goals[number].target == node.id for number in range(GOALS)),
    ]


PLAIN = ("wait", "turnleft", "turnright", "walkforward")
VERBS = ("walktowards", "open", "close", "grab", "put right", "put left")
"""What can be done with the node in a slot; put right and put left put what that hand holds into it where it is a
container, else onto it."""


class SlotActions:
    """A fixed table of `n` actions: `PLAIN`, a walk to each room slot, each of `VERBS` with each node slot.

    For `ParallelWorld(..., actions=SlotActions())`. Every index is always legal: what makes no sense (an empty slot,
    nothing in the hand) is `wait`, what cannot be carried out costs the step as ever.
    """

    n = len(PLAIN) + ROOMS + len(VERBS) * SLOTS

    def names(self) -> tuple[str, ...]:
        """What each index stands for: `wait`, `walktowards room 0`, `open node 7`, ..."""
        walks = (f"walktowards room {number}" for number in range(ROOMS))
        return (*PLAIN, *walks, *(f"{verb} node {number}" for verb in VERBS for number in range(SLOTS)))

    def decode(self, observation: Observation, index: int) -> Action:
        """The action that an index means in view of an observation. Raises IndexError outside 0 .. n - 1."""
        if not 0 <= index < self.n:
            raise IndexError(f"action {index} of {self.n}")
        return self._decode(observation.view, slots(observation.view), index)

    def mask(self, observation: Observation) -> NDArray[np.bool_]:
        """Which indices mean something other than a mere `wait`, bool (n,); `wait` itself is always allowed."""
        nodes = slots(observation.view)
        meant = [index == 0 or self._decode(observation.view, nodes, index).name != "wait" for index in range(self.n)]
        return np.array(meant)

    def _decode(self, view: HomeView, nodes: list[Node], index: int) -> Action:
        if index < len(PLAIN):
            return Action(PLAIN[index])
        index -= len(PLAIN)
        if index < ROOMS:
            rooms = list(view.rooms)
            return Action("walktowards", (str(rooms[index]),)) if index < len(rooms) else Action("wait")
        verb, slot = VERBS[(index - ROOMS) // SLOTS], (index - ROOMS) % SLOTS
        if slot >= len(nodes):
            return Action("wait")
        node = nodes[slot]
        if not verb.startswith("put "):
            return Action(verb, (str(node.id),))
        hand = 0 if verb == "put right" else 1
        if hand >= len(view.me.holding):
            return Action("wait")
        into = node.searchable or ("CONTAINERS" in node.properties and "SURFACES" not in node.properties)
        return Action("putin" if into else "putback", (str(view.me.holding[hand]), str(node.id)))
