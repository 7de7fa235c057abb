"""Two who know everything and need no words: what a household takes at the least, nearly (ours).

No agent: a courier reads the state of the rules. It serves tests, measurements of speed, and as a lower bound that is
simple rather than tight: things are shared out in turn, two are carried at once where two are left.
"""

from __future__ import annotations

from talkoot.types import Action, Seat
from talkoot.worlds.household.hands import HANDS
from talkoot.worlds.household.reach import within_reach
from talkoot.worlds.household.state import State, delivered
from talkoot.worlds.household.task import Goal

WAIT = Action("wait")


def errands(state: State, seats: tuple[Seat, ...]) -> dict[Seat, list[tuple[int, Goal]]]:
    """Which things each seat is to bring where: what the goals lack, shared out so that one place is one seat's."""
    taken: list[tuple[tuple[int, int], int, Goal]] = []
    used = set(delivered(state))
    for goal in state.task.goals:
        fitting = [
            node.id
            for node in state.apartment.nodes.values()
            if node.name == goal.name and node.grabbable and node.id not in used
        ]
        have = sum(one is goal or one == goal for one in delivered(state).values())
        for thing in fitting[: goal.count - have]:
            used.add(thing)
            taken.append(((state.room_of(thing), state.inside.get(thing, 0)), thing, goal))
    taken.sort(key=lambda one: one[:2])
    half = (len(taken) + 1) // 2 if len(seats) == 2 else len(taken)
    shares = taken[:half], taken[half:]
    return {seat: [(thing, goal) for _, thing, goal in shares[place]] for place, seat in enumerate(seats)}


def courier(state: State, seat: Seat, errand: list[tuple[int, Goal]]) -> Action:
    """The next primitive of one seat; `errand` is what it is to bring, from `errands`."""
    done = delivered(state)
    left = [(thing, goal) for thing, goal in errand if thing not in done]
    held = [(thing, goal) for thing, goal in left if thing in state.hands[seat]]
    open_ones = [(thing, goal) for thing, goal in left if thing not in state.hands[seat]]
    shut = [goal.target for _, goal in held if goal.relation == "inside" and goal.target not in state.open]
    full = len(held) == HANDS or (bool(held) and not open_ones)
    if held and full:
        thing, goal = held[0]
        if goal.target in shut and len(held) < HANDS:
            return _at(state, seat, goal.target, Action("open", (str(goal.target),)))
        verb = "putback" if goal.relation == "on" else "putin"
        return _at(state, seat, goal.target, Action(verb, (str(thing), str(goal.target))))
    if not open_ones:
        return WAIT
    thing = open_ones[0][0]
    place = state.inside.get(thing)
    if place is None:
        return WAIT
    if place not in state.apartment.rooms and place not in state.open:
        return _at(state, seat, place, Action("open", (str(place),)))
    return _at(state, seat, thing, Action("grab", (str(thing),)))


def _at(state: State, seat: Seat, number: int, deed: Action) -> Action:
    """The deed where the node is within reach, else a step on the way there."""
    room = state.room_of(number)
    if state.room[seat] != room:
        return Action("walktowards", (str(room),))
    if within_reach(state.position[seat], state.node(number)):
        return deed
    return Action("walktowards", (str(number),))
