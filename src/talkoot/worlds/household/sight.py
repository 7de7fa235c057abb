"""What a person sees of the household, what counts as delivered, and what can be done in view of that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from talkoot.types import Action, Seat
from talkoot.worlds.household.hands import HANDS
from talkoot.worlds.household.quick import maker
from talkoot.worlds.household.quirks import DEFAULT, Quirks
from talkoot.worlds.household.reach import within_reach
from talkoot.worlds.household.state import State, delivered, standing
from talkoot.worlds.household.task import Goal
from talkoot.worlds.household.view import HomeView, Person, relevant

_NOTHING: frozenset[int] = frozenset()
_person = maker(Person)


def satisfied(state: State) -> tuple[int, ...]:
    """The ids that count as delivered (see `delivered`), goal by goal."""
    return tuple(delivered(state))


def missing(state: State) -> dict[Goal, int]:
    """How many things each goal still lacks; goals that hold are left out."""
    counted = list(delivered(state).values())
    lacks = {goal: goal.count - counted.count(goal) for goal in state.task.goals}
    return {goal: count for goal, count in lacks.items() if count}


def observe(state: State, seat: Seat, *, alone: bool = False, quirks: Quirks = DEFAULT, limit: int = 0) -> HomeView:
    """What one person sees now (reference, 2.4). Mappings of the view are shared between views: never change them.

    All rooms; in the own room all that is not in something closed; the other person and what it holds if it is in the
    same room; what oneself holds, as nodes without a parent. `limit` is that of the episode, 0 for the task's own.
    """
    return observe_all(state, (seat,), alone=alone, quirks=quirks, limit=limit)[seat]


def observe_all(
    state: State, seats: Iterable[Seat], *, alone: bool = False, quirks: Quirks = DEFAULT, limit: int = 0
) -> dict[Seat, HomeView]:
    """`observe` for several people: those who are in one room share what they see."""
    views: dict[Seat, HomeView] = {}
    seen: dict[int, dict[str, Any]] = {}
    for seat in seats:
        room = state.room[seat]
        fields = seen.get(room)
        if fields is None:
            fields = seen[room] = _seen_in(state, room, alone=alone, quirks=quirks, limit=limit)
        else:
            fields = fields.copy()
        fields["seat"] = seat
        views[seat] = view = object.__new__(HomeView)
        object.__setattr__(view, "__dict__", fields)  # a frozen dataclass sets fields one by one, eight times slower
    return views


def _seen_in(state: State, room: int, *, alone: bool, quirks: Quirks, limit: int) -> dict[str, Any]:
    """The fields of the view of someone who is in a room, but for the seat."""
    task = state.task
    nodes, inside, on, opened, explored = standing(state, room, open_tops=quirks.open_tops)
    people: dict[Seat, Person] = {}
    for other in (0, 1):
        if state.room[other] == room:
            hand = state.hands[other]
            people[other] = _person(state.position[other], state.yaw[other], room, tuple(hand), state.t)
            if hand:
                nodes = {**nodes, **state.held(other)}
    return {
        "t": state.t,
        "rooms": task.apartment.rooms,
        "nodes": nodes,
        "inside": inside,
        "on": on,
        "open": opened,
        "people": people,
        "goals": task.goals,
        "satisfied": delivered(state),
        "explored": explored,
        "checked": opened,
        "told": _NOTHING,
        "told_rooms": _NOTHING,
        "lost": -1,
        "alone": alone,
        "limit": limit or task.limit,
    }


def legal(view: HomeView) -> tuple[Action, ...]:
    """The primitives that a view allows now, arguments included, as far as they matter for the task.

    Waiting, turning, walking on; walks to every room and to what is seen of searched containers, goal places and
    goal-class things; opening, closing, grabbing and putting what is within reach. Messages are left out: their text
    is free. Order: by primitive, then by id.
    """
    me = view.me
    held = {thing for person in view.people.values() for thing in person.holding}
    near = sorted(
        (node for node in relevant(view) if view.sees(node.id) and node.id not in held), key=lambda node: node.id
    )
    reached = [node for node in near if within_reach(me.position, node)]
    free = len(me.holding) < HANDS
    found = [Action("wait"), Action("turnleft"), Action("turnright"), Action("walkforward")]
    found += [Action("walktowards", (str(room),)) for room in view.rooms]
    found += [Action("walktowards", (str(node.id),)) for node in near]
    if free:
        found += [Action("open", (str(node.id),)) for node in reached if node.openable and node.id not in view.open]
    found += [Action("close", (str(node.id),)) for node in reached if node.openable and node.id in view.open]
    if free:
        found += [Action("grab", (str(node.id),)) for node in reached if node.grabbable]
    for thing in me.holding:
        for node in reached:
            if node.searchable and (not node.openable or node.id in view.open):
                found.append(Action("putin", (str(thing), str(node.id))))
            if "SURFACES" in node.properties and not node.searchable and not node.grabbable:
                found.append(Action("putback", (str(thing), str(node.id))))
    return tuple(found)
