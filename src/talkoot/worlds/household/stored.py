"""A moment of the household as JSON and back. Only what differs from the start of the task is written."""

from __future__ import annotations

from math import isfinite

from talkoot.errors import BadInput
from talkoot.types import Json, Message, Seat
from talkoot.worlds.household.hands import HANDS
from talkoot.worlds.household.state import NOWHERE, State
from talkoot.worlds.household.task import Task


def save_state(state: State) -> Json:
    """The moment as JSON. `moved` are the things that were put somewhere, in that order: [id, parent, surface or null,
    center]; `slid` are things at their first place that lost their surface or got another, [id, surface or null].
    """
    apartment = state.apartment
    moved = [
        [thing, parent, state.on.get(thing), list(state.center[thing])]
        for thing, parent in state.inside.items()
        if thing in state.center
    ]
    slid = [
        [thing, state.on.get(thing)]
        for thing, surface in apartment.on.items()
        if thing in state.inside and thing not in state.center and state.on.get(thing) != surface
    ]
    return {
        "t": state.t,
        "position": [list(point) for point in state.position],
        "yaw": list(state.yaw),
        "room": list(state.room),
        "hands": [list(hand) for hand in state.hands],
        "moved": moved,
        "slid": slid,
        "opened": sorted(state.open - apartment.open),
        "closed": sorted(apartment.open - state.open),
        "said": [[message.sender, message.text, message.t] for message in state.said],
        "trail": [[list(point) for point in points] for points in state.trail],
    }


def load_state(task: Task, saved: Json, seats: tuple[Seat, ...]) -> State:
    """The moment that `save_state` gave. Raises BadInput for anything that is no moment of this task."""
    try:
        state = _read(task, saved)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise BadInput(f"this is not a saved state of the task {task.name}: {error!r}") from error
    if not _sound(state, seats):
        raise BadInput(f"the saved state is not one that the task {task.name} can be in; it was damaged")
    return state


def _read(task: Task, saved: Json) -> State:
    apartment = task.apartment
    hands = [[int(thing) for thing in hand] for hand in saved["hands"]]
    moved = [
        (int(thing), int(parent), None if surface is None else int(surface), _point(center))
        for thing, parent, surface, center in saved["moved"]
    ]
    away = {thing for hand in hands for thing in hand} | {row[0] for row in moved}
    if len(away) < sum(map(len, hands)) + len(moved):
        raise ValueError("a thing is in two places")
    inside = {thing: parent for thing, parent in apartment.inside.items() if thing not in away}
    on = {thing: surface for thing, surface in apartment.on.items() if thing not in away}
    for thing, surface in saved["slid"]:
        if surface is None:
            del on[thing]
        else:
            on[thing] = int(surface)
    center = {}
    for thing, parent, under, point in moved:
        inside[thing], center[thing] = parent, point
        if under is not None:
            on[thing] = under
    opened = set(apartment.open) | {int(one) for one in saved["opened"]}
    return State(
        task,
        int(saved["t"]),
        [(float(x), float(z)) for x, z in saved["position"]],
        [float(yaw) for yaw in saved["yaw"]],
        [int(room) for room in saved["room"]],
        hands,
        inside,
        on,
        opened - {int(one) for one in saved["closed"]},
        center,
        tuple(Message(int(sender), str(text), int(t)) for sender, text, t in saved["said"]),
        trail=[tuple((float(x), float(z)) for x, z in points) for points in saved["trail"]],
    )


def _point(center: Json) -> tuple[float, float, float]:
    x, y, z = center
    return float(x), float(y), float(z)


def _sound(state: State, seats: tuple[Seat, ...]) -> bool:
    """Whether a state can be one of its task: every thing in one place that exists, people in rooms."""
    nodes, rooms = state.apartment.nodes, state.apartment.rooms
    numbers = [*state.yaw, *(part for point in state.position for part in point)]
    numbers += [part for center in state.center.values() for part in center]
    held = [thing for hand in state.hands for thing in hand]
    return (
        state.t >= 0
        and all(map(isfinite, numbers))
        and [len(part) for part in (state.position, state.yaw, state.room, state.hands, state.trail)] == [2] * 5
        and all((state.room[seat] in rooms) if seat in seats else state.room[seat] == NOWHERE for seat in (0, 1))
        and all(len(hand) <= HANDS for hand in state.hands)
        and all(seat in seats or not state.hands[seat] for seat in (0, 1))
        and all(thing in nodes and nodes[thing].grabbable for thing in (*held, *state.center))
        and set(held) | set(state.inside) | set(rooms) == set(nodes)
        and all(parent in nodes and parent not in held and parent != one for one, parent in state.inside.items())
        and all(surface in state.inside and surface != one for one, surface in state.on.items())
        and all(nodes[one].openable or one in state.apartment.open for one in state.open if one in nodes)
        and state.open <= nodes.keys()
        and _rooted(state)
        and all(message.sender in seats for message in state.said)
    )


def _rooted(state: State) -> bool:
    """Whether every chain of parents ends in a room."""
    rooms = state.apartment.rooms
    for thing in state.center:
        place: int | None = thing
        for _ in range(len(state.inside)):
            if place is None or place in rooms:
                break
            place = state.inside.get(place)
        if place not in rooms:
            return False
    return True
