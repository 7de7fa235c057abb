"""Whether a task can be played: its goals and starts name what the apartment has. One clear BadInput where not."""

from __future__ import annotations

from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import Apartment
from talkoot.worlds.household.task import Goal, Task

WIDEST = 100.0
"""Metres that an apartment may measure from wall to wall, either way: its floor is kept as a grid of 0.1 m."""


def check_extent(apartment: Apartment, source: str) -> None:
    """Raise BadInput for an apartment whose floor is too large; `source` is what the fault calls it."""
    rooms = apartment.rooms.values()
    for axis, way in ((0, "x"), (2, "z")):
        ends = [room.center[axis] + side * room.size[axis] / 2 for room in rooms for side in (-1, 1)]
        if not max(ends) - min(ends) <= WIDEST:
            raise BadInput(
                f"{source}: it measures {max(ends) - min(ends):.0f} m along {way}, more than {WIDEST:.0f}; sizes and "
                "centers are metres"
            )


def check_task(task: Task, *, anywhere: bool = False) -> None:
    """Raise BadInput for a goal or a start that makes no sense in the task's apartment.

    `anywhere`: goals may name targets that are neither surfaces nor containers (the quirk `put_anywhere`).
    """
    apartment = task.apartment
    check_extent(apartment, apartment.name)
    if not task.goals:
        raise BadInput(f"the task {task.name} has no goal; give one at least")
    if len({goal.key for goal in task.goals}) < len(task.goals):
        raise BadInput(f"the task {task.name} names a goal twice; add the counts: {[goal.key for goal in task.goals]}")
    for goal in task.goals:
        _check_goal(task, goal, anywhere)
    if all(_there(apartment, goal) >= goal.count for goal in task.goals):
        raise BadInput(f"all goals of the task {task.name} hold at its start; move some of the things elsewhere")
    for seat, start in enumerate(task.starts):
        if start.room not in apartment.rooms:
            rooms = ", ".join(room.label for room in apartment.rooms.values())
            raise BadInput(
                f"the task {task.name} lets seat {seat} begin in {start.room}; {apartment.name} has the rooms {rooms}"
            )
    if task.limit < 1:
        raise BadInput(f"the task {task.name} has a limit of {task.limit} steps; give 1 or more")


def _check_goal(task: Task, goal: Goal, anywhere: bool) -> None:
    apartment = task.apartment
    where = f"the goal {goal.key} of the task {task.name}"
    if goal.relation not in ("on", "inside"):
        raise BadInput(f"{where}: unknown relation {goal.relation!r}; known are on, inside")
    if goal.count < 1:
        raise BadInput(f"{where} asks for {goal.count} things; give a count of 1 or more")
    target = apartment.nodes.get(goal.target)
    if target is None:
        raise BadInput(f"{where} names node {goal.target}, which {apartment.name} does not have; name one of its nodes")
    if target.is_room:
        raise BadInput(f"{where} names {target.label}, a room of {apartment.name}; name a surface or a container")
    if not anywhere:
        if goal.relation == "on" and "SURFACES" not in target.properties:
            raise BadInput(f"{where} names {target.label} of {apartment.name}, which is no surface; name one")
        if goal.relation == "inside" and not (target.searchable or "CONTAINERS" in target.properties):
            raise BadInput(f"{where} names {target.label} of {apartment.name}, which is no container; name one")
    have = sum(node.name == goal.name and node.grabbable for node in apartment.nodes.values())
    if not have:
        raise BadInput(
            f"{where} asks for things of class {goal.name!r}, but {apartment.name} has none that can be taken; "
            f"add some or name another class"
        )
    wanted = sum(other.count for other in task.goals if other.name == goal.name)
    if have < wanted:
        asked = f"{goal.count}" if wanted == goal.count else f"{goal.count}, the goals for {wanted} in all"
        raise BadInput(f"{where} asks for {asked}, but {apartment.name} has only {have}; lower the count or add some")


def _there(apartment: Apartment, goal: Goal) -> int:
    places = apartment.on if goal.relation == "on" else apartment.inside
    return sum(place == goal.target and apartment.nodes[thing].name == goal.name for thing, place in places.items())
