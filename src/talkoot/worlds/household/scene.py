"""The household as a picture: what never changes in an episode (a floor plan), and what does (people, things)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from talkoot.types import Json, Seat
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.reach import footprint
from talkoot.worlds.household.state import State, delivered
from talkoot.worlds.household.task import ACTIVITIES, Goal, Task
from talkoot.worlds.household.view import NAMES, HomeView

_FLAT = ("Rooms", "Doors", "Floor", "Walls", "Ceiling", "Windows")
_AREA = 0.12
"""Square metres from which a footprint is worth drawing; containers and goal places always are."""


@dataclass(slots=True)
class Seen:
    """What one person has seen so far: rooms entered, goal-class things, containers whose inside was seen."""

    rooms: set[int] = field(default_factory=set)
    things: set[int] = field(default_factory=set)
    checked: set[int] = field(default_factory=set)
    last: Mapping[int, int] | None = None
    """What lay where when one looked last, so that the same is not looked through again."""

    def look(self, view: HomeView, wanted: frozenset[int], searched: frozenset[int]) -> None:
        """Take in a room as it stands now, and what is held by those who are in it."""
        if view.inside is not self.last:  # views of an unchanged room share it
            self.last = view.inside
            self.rooms |= view.explored
            self.things |= wanted & view.nodes.keys()
            self.checked |= searched & view.open
        for person in view.people.values():
            if person.holding:
                self.things |= wanted.intersection(person.holding)

    def save(self) -> Json:
        """As JSON, in the form in which a scene tells it."""
        return {"rooms": sorted(self.rooms), "things": sorted(self.things), "checked": sorted(self.checked)}

    @classmethod
    def load(cls, state: Json) -> Seen:
        """What `save` gave."""
        rooms, things, checked = ({int(number) for number in state[key]} for key in ("rooms", "things", "checked"))
        return cls(rooms, things, checked)


def wanted_things(task: Task) -> frozenset[int]:
    """The things of the classes that the goals name."""
    names = {goal.name for goal in task.goals}
    return frozenset(node.id for node in task.apartment.nodes.values() if node.name in names and node.grabbable)


def containers(task: Task) -> frozenset[int]:
    """The containers that people search."""
    return frozenset(node.id for node in task.apartment.nodes.values() if node.searchable)


def goal_text(task: Task, goal: Goal) -> str:
    """A goal in words: `2 cupcakes on the coffeetable`."""
    plural = "s" if goal.count > 1 and not goal.name.endswith("s") else ""
    return f"{goal.count} {goal.name}{plural} {goal.relation} the {task.apartment.nodes[goal.target].name}"


def setting_of(task: Task, limit: int) -> Json:
    """The floor plan and the goals: rooms, doors and furniture with boxes [x0, z0, x1, z1] in metres (JSON)."""
    apartment = task.apartment
    targets = {goal.target for goal in task.goals}
    return {
        "kind": "household",
        "apartment": apartment.name,
        "activity": ACTIVITIES.get(task.activity, task.activity),
        "names": list(NAMES),
        "limit": limit,
        "rooms": [{"id": room.id, "name": room.name, "box": _box(room)} for room in apartment.rooms.values()],
        "doors": [
            {"id": number, "box": _box(apartment.nodes[number]), "rooms": list(rooms)}
            for number, rooms in apartment.between.items()
        ],
        "furniture": [
            {
                "id": node.id,
                "name": node.name,
                "box": _box(node),
                "top": round(node.center[1] + node.size[1] / 2, 2),
                "container": node.searchable,
            }
            for node in apartment.nodes.values()
            if node.searchable or node.id in targets or _drawn(node)
        ],
        "goals": [
            {
                "relation": goal.relation,
                "name": goal.name,
                "target": goal.target,
                "count": goal.count,
                "text": goal_text(task, goal),
            }
            for goal in task.goals
        ],
    }


def _drawn(node: Node) -> bool:
    """Whether a node is a piece of furniture: it stays, stands below the eyes, and covers some floor."""
    low = node.center[1] - node.size[1] / 2 < 1.5
    return not node.grabbable and node.category not in _FLAT and low and node.size[0] * node.size[2] >= _AREA


def _box(node: Node) -> list[float]:
    return [round(edge, 3) for edge in footprint(node)]


def scene_of(state: State, wanted: frozenset[int], seen: dict[Seat, Seen]) -> Json:
    """People, goal-class things, what stands open, what was said, and what each has seen so far (JSON)."""
    rooms, things = state.apartment.rooms, []
    for number in sorted(wanted):
        node, parent = state.node(number), state.inside.get(number)
        things.append(
            {
                "id": number,
                "name": node.name,
                "at": [round(node.center[0], 2), round(node.center[2], 2)],
                "in": None if parent in rooms else parent,
                "on": state.on.get(number),
            }
        )
    return {
        "t": state.t,
        "people": [
            {
                "seat": seat,
                "position": [round(part, 2) for part in state.position[seat]],
                "yaw": round(state.yaw[seat], 1),
                "room": state.room[seat],
                "holding": list(state.hands[seat]),
            }
            for seat in seen
        ],
        "things": things,
        "open": sorted(state.open - state.apartment.between.keys()),
        "satisfied": list(delivered(state)),
        "said": [{"seat": message.sender, "text": message.text} for message in state.said],
        "seen": {str(seat): one.save() for seat, one in seen.items()},
    }
