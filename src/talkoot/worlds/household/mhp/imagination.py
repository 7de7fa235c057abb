"""The sampled world as a state in which the rules of the game can be tried out.

Only what matters is in it: rooms, the goals' places, the things, and the containers in which things are believed. Where
things stand in their rooms is left aside, as in the reference's symbolic simulator: everything is a point, what one
reaches now is at one's own feet, what is in or on something is where that is, and all else is far apart, so that it is
within reach only of who walks there: so is what lies out of reach on a large table that one reaches. A walk takes one
step. The rules are those of `mechanics`.
"""

from __future__ import annotations

from talkoot.types import Action, Seat
from talkoot.worlds.household.apartment import Apartment, Node, Point
from talkoot.worlds.household.mechanics import apply
from talkoot.worlds.household.mhp.belief import Belief
from talkoot.worlds.household.quirks import Quirks
from talkoot.worlds.household.state import NOWHERE, State
from talkoot.worlds.household.task import Start, Task

APART = 10.0
"""Metres between two points that are not within reach of each other."""

_PLAIN = Quirks(approach=0.0)
_POINT = (0.0, 0.0, 0.0)
_THING = frozenset({"GRABBABLE"})


def imagine(belief: Belief) -> State:
    """The moment as the belief's sampled world has it, with oneself at the origin."""
    inventory, seat = belief.inventory, belief.seat
    targets = {goal.target for goal in inventory.goals}
    wanted = targets | {belief.place[thing] for thing in inventory.things if thing in belief.place}
    nodes: dict[int, Node] = {}
    inside: dict[int, int] = {}
    spots: dict[int, Point] = {}
    for count, number in enumerate((*inventory.rooms, *belief.furniture, *inventory.things), 1):
        node = inventory.rooms.get(number) or inventory.furniture.get(number)
        if node is not None and not node.is_room and number not in wanted:
            continue
        parent = belief.place.get(number)
        under = belief.on.get(number, parent)
        if number in belief.near:
            spot = _POINT
        elif under in spots and under not in inventory.rooms and not (number in belief.on and under in belief.near):
            spot = spots[under]
        else:
            spot = (APART * count, 0.0, 0.0)
        spots[number] = spot
        if node is None:
            nodes[number] = Node(number, inventory.things[number], "Props", spot, _POINT, _THING)
        else:
            nodes[number] = Node(number, node.name, node.category, spot, _POINT, node.properties)
        if parent is not None:
            inside[number] = parent
    on = {thing: surface for thing, surface in belief.on.items() if surface in nodes}
    home = Apartment("imagined", nodes, inside, on, {}, frozenset(belief.open & nodes.keys()))
    start = Start(belief.here)
    rooms = [NOWHERE, NOWHERE]
    rooms[seat] = belief.here
    return State(
        task=Task("imagined", "", home, inventory.goals, (start, start)),
        t=0,
        position=[(0.0, 0.0), (0.0, 0.0)],
        yaw=[0.0, 0.0],
        room=rooms,
        hands=[list(belief.hands[0]), list(belief.hands[1])],
        inside=inside,
        on=on,
        open=set(home.open),
        center={},
    )


def act(state: State, seat: Seat, action: Action) -> bool:
    """Let the seat act in its imagination, in place; whether the rules allow it."""
    return not apply(state, seat, action, quirks=_PLAIN, jump=True)
