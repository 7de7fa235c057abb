"""What hands do: open, close, grab, put in, put back; what each needs, and how near one has to come.

Source: reference, 2.5. A reason why something failed is in words and names the thing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import hypot

from talkoot.errors import IllegalAction
from talkoot.types import Seat
from talkoot.worlds.household.apartment import Node, Point
from talkoot.worlds.household.free_space import FreeSpace, free_space, heading
from talkoot.worlds.household.placing import place_inside, place_on
from talkoot.worlds.household.quirks import Quirks
from talkoot.worlds.household.reach import REACH, Spot, footprint, gap, within_reach
from talkoot.worlds.household.state import State, contents, standing
from talkoot.worlds.household.view import NAMES

HANDS = 2
"""Things that one person can hold (reference, 2.5)."""

NEAREST = 0.45
"""Metres from a footprint at which nobody goes any nearer while grabbing or opening (ours: half a body)."""


def move(state: State, seat: Seat, point: Spot, yaw: float, space: FreeSpace) -> None:
    """Put a person somewhere."""
    state.position[seat], state.yaw[seat] = point, yaw
    state.room[seat] = space.room_at(point, state.room[seat])


def hidden(state: State, seat: Seat, number: int, quirks: Quirks) -> str:
    """Why a node other than a room cannot be acted on from here; "" where it is seen and nobody holds it."""
    if number in standing(state, state.room[seat], open_tops=quirks.open_tops).nodes:
        return ""
    holder = state.holder(number)
    if holder is not None and (holder == seat or state.room[holder] == state.room[seat]):
        return held_by(state, seat, holder, number)
    return f"you do not see {state.apartment.nodes[number].label}"


def held_by(state: State, seat: Seat, holder: Seat, number: int) -> str:
    """Say who holds a thing that one cannot act on therefore."""
    label = state.apartment.nodes[number].label
    return f"you already hold {label}" if holder == seat else f"{NAMES[holder]} holds {label} now"


def _reaches(state: State, seat: Seat, number: int, quirks: Quirks, point: Spot) -> bool:
    """Whether someone at a point reaches a node: it, the container that it is in, or loosely what is close to it."""
    node = state.node(number)
    if quirks.open_grows and number in state.open:
        more = 2 * quirks.open_grows
        size = node.size[0] + more, node.size[1], node.size[2] + more
        node = Node(node.id, node.name, node.category, node.center, size, node.properties)
    if within_reach(point, node):
        return True
    parent = state.inside.get(number)
    if parent is not None and parent not in state.apartment.rooms and _reaches(state, seat, parent, quirks, point):
        return True
    if not quirks.loose_grab:
        return False
    here = standing(state, state.room[seat], open_tops=quirks.open_tops).nodes
    return any(within_reach(point, other) and _close(other, node) for other in here.values() if other.id != number)


def _close(one: Node, other: Node) -> bool:
    """Whether two boxes are CLOSE: from the centre of one to the box of the other 1.5 m at most (reference, 2.6)."""

    def far(center: Point, box: Node) -> float:
        parts = (
            max(abs(c - middle) - size / 2, 0.0) for c, middle, size in zip(center, box.center, box.size, strict=True)
        )
        return hypot(*parts)

    return min(far(one.center, other), far(other.center, one)) <= 1.5


def _come(state: State, seat: Seat, number: int, quirks: Quirks, *, nearer: bool) -> str:
    """Walk up to what is nearly within reach, `Quirks.approach` at most; with `nearer` also to what is. "" or why not.

    Where furniture is in the way of the last half metre the arms are long enough, as in the recorded runs.
    """
    point, far, node = state.position[seat], quirks.approach, state.node(number)
    if not far:  # no walking: imagined apartments have no floor to walk on
        return "" if _reaches(state, seat, number, quirks, point) else f"{node.label} is out of reach"
    space = free_space(state.apartment)
    if not _reaches(state, seat, number, quirks, point):
        if gap(point, footprint(node)) > REACH + far:
            return f"{node.label} is out of reach"
        end, yaw = space.onward(point, node, state.room[seat], far)
        if space.room_at(end, state.room[seat]) == state.room[seat]:
            move(state, seat, end, yaw, space)
    elif nearer:
        yaw = heading(point, (node.center[0], node.center[2]))
        end = space.forward(point, yaw, min(far, max(gap(point, footprint(node)) - NEAREST, 0.0)))
        if space.room_at(end, state.room[seat]) == state.room[seat]:
            move(state, seat, end, yaw, space)
    return ""


def _open(state: State, seat: Seat, ids: tuple[int, ...], quirks: Quirks) -> str:
    (number,) = ids
    node = state.apartment.nodes[number]
    reason = hidden(state, seat, number, quirks)
    if reason:
        return reason
    if not node.openable:
        return f"{node.label} cannot be opened"
    if number in state.open:
        if quirks.reopen == "error":
            raise IllegalAction(f"seat {seat}: {node.label} is open already")
        return f"{node.label} is open already"
    if len(state.hands[seat]) >= HANDS:
        return f"you need a free hand to open {node.label}"
    reason = _come(state, seat, number, quirks, nearer=True)
    if not reason:
        state.swing(number, opened=True)
    return reason


def _shut(state: State, seat: Seat, ids: tuple[int, ...], quirks: Quirks) -> str:
    (number,) = ids
    node = state.apartment.nodes[number]
    reason = hidden(state, seat, number, quirks)
    if reason:
        return reason
    if not node.openable:
        return f"{node.label} cannot be closed"
    if number not in state.open:
        return f"{node.label} is closed already"
    reason = _come(state, seat, number, quirks, nearer=True)
    if not reason:
        state.swing(number, opened=False)
    return reason


def _grab(state: State, seat: Seat, ids: tuple[int, ...], quirks: Quirks) -> str:
    (number,) = ids
    node = state.apartment.nodes[number]
    reason = hidden(state, seat, number, quirks)
    if reason:
        return reason
    if not node.grabbable:
        return f"{node.label} cannot be taken"
    if len(state.hands[seat]) >= HANDS:
        return f"both hands are full; {node.label} has to wait"
    if number in state.inside.values():
        return f"there is something in {node.label}"
    reason = _come(state, seat, number, quirks, nearer=True)
    if reason:
        return reason
    state.take(number)
    state.hands[seat].append(number)
    return ""


def _put(state: State, seat: Seat, ids: tuple[int, ...], quirks: Quirks, into: bool) -> str:
    thing, place = ids
    node, host = state.apartment.nodes[thing], state.apartment.nodes[place]
    if thing not in state.hands[seat]:
        return f"you do not hold {node.label}"
    if thing == place:
        return f"{node.label} cannot be put into or onto itself"
    if host.is_room:
        return f"{host.label} is a room; name something to put {node.label} {'into' if into else 'onto'}"
    reason = hidden(state, seat, place, quirks)
    if reason:
        return reason
    if not quirks.put_anywhere:
        if into and not (host.searchable or "CONTAINERS" in host.properties):
            return f"nothing can be put into {host.label}"
        if not into and "SURFACES" not in host.properties:
            return f"nothing can be put onto {host.label}"
    if into and host.openable and place not in state.open:
        full = len(state.hands[seat]) >= HANDS
        if quirks.putin_closed == "never" or (quirks.putin_closed == "full" and not full):
            return f"{host.label} is closed"
    reason = _come(state, seat, place, quirks, nearer=False)
    if reason:
        return reason
    lying = contents(state).get(place if into else state.inside[place])
    others = [] if lying is None else [node for one, node in lying.nodes.items() if into or lying.on.get(one) == place]
    state.hands[seat].remove(thing)
    find = place_inside if into else place_on
    center = find(state.node(place), node, others, state.position[seat])
    state.lay(thing, place if into else state.inside[place], None if into else place, center)
    return ""


DEEDS: Mapping[str, Callable[[State, Seat, tuple[int, ...], Quirks], str]] = {
    "open": _open,
    "close": _shut,
    "grab": _grab,
    "putin": lambda state, seat, ids, quirks: _put(state, seat, ids, quirks, into=True),
    "putback": lambda state, seat, ids, quirks: _put(state, seat, ids, quirks, into=False),
}
