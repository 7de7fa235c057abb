"""What exists in an apartment, without where the things are: all that MHP is told before it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.task import Goal, Task


@dataclass(frozen=True)
class Inventory:
    """The node list of one episode (reference, 4.1: the belief knows which objects, rooms and containers exist).

    `furniture` is everything that cannot be grabbed, doors left out; `room_of` its rooms, which MHP looks up only if it
    is told to (`Settings.furniture`). `things` maps the ids of what can be grabbed and is of a goal's class to that
    class; where they are is not in here. `doors` maps a door to its two rooms, `goals` are those of the task.
    """

    rooms: Mapping[int, Node]
    furniture: Mapping[int, Node]
    room_of: Mapping[int, int]
    things: Mapping[int, str]
    doors: Mapping[int, tuple[int, int]]
    goals: tuple[Goal, ...]


def inventory_of(task: Task) -> Inventory:
    """The inventory of a task."""
    home, names = task.apartment, {goal.name for goal in task.goals}
    furniture = {
        number: node
        for number, node in sorted(home.nodes.items())
        if not (node.grabbable or node.is_room or node.is_door)
    }
    return Inventory(
        rooms=home.rooms,
        furniture=furniture,
        room_of={number: home.room_of(number) for number in furniture},
        things={
            number: node.name for number, node in sorted(home.nodes.items()) if node.grabbable and node.name in names
        },
        doors=dict(home.between),
        goals=task.goals,
    )
