"""How to reach a sub-goal: regression from the goal to what must hold before (reference, 4.1).

put: unless the thing is held, find and grab it; find the goal's place; put it there. putIn: besides, open the place
before if it is closed, and close it after, except for the last thing that goes inside. find: walk to what is sought,
first to its room if that is another; open the container first in which it is believed. The close after putIn is part
of the plan and of its cost, but since a sub-goal that is reached is dropped, it is never carried out (as in the
reference, where the next plan comes first).
"""

from __future__ import annotations

from functools import lru_cache

from talkoot.types import Action, Seat
from talkoot.worlds.household.mechanics import missing
from talkoot.worlds.household.mhp.imagination import act
from talkoot.worlds.household.mhp.subgoals import SubGoal
from talkoot.worlds.household.reach import within_reach
from talkoot.worlds.household.state import State

Step = tuple[Action, float]
"""A primitive and what it costs."""

WALK, FURTHER, HANDS = 1.0, 0.5, 0.05
"""Costs: a walk to a known room or thing, the walk on within that room, what hands do (reference, 4.1)."""


@lru_cache(maxsize=1 << 12)
def _step(name: str, cost: float, *nodes: int) -> Step:
    return Action(name, tuple(map(str, nodes))), cost


def find(state: State, seat: Seat, target: int) -> list[Step]:
    """The steps until the target is seen and within reach."""
    steps: list[Step] = []
    rooms, here, node = state.apartment.rooms, state.room[seat], target
    while not _seen(state, node, here):
        parent = state.inside[node]
        if parent in rooms:
            return [_step("walktowards", WALK, parent), _step("walktowards", FURTHER, node), *steps]
        if parent not in state.open:
            steps.insert(0, _step("open", HANDS, parent))
        node = parent
    return steps if within_reach(state.position[seat], state.node(node)) else [_step("walktowards", WALK, node), *steps]


def _seen(state: State, node: int, here: int) -> bool:
    parent = state.inside[node]
    while parent not in state.apartment.rooms:
        if parent not in state.open:
            return False
        parent = state.inside[parent]
    return parent == here


def regress(state: State, seat: Seat, goal: SubGoal) -> list[Step]:
    """The steps until the thing is held; once it is held, those until it is where it belongs."""
    if goal.thing not in state.hands[seat]:
        return [*find(state, seat, goal.thing), _step("grab", HANDS, goal.thing)]
    target = goal.goal.target
    steps = find(state, seat, target)
    if goal.goal.relation == "on":
        return [*steps, _step("putback", HANDS, goal.thing, target)]
    openable = state.apartment.nodes[target].openable
    if openable and target not in state.open:
        steps.append(_step("open", HANDS, target))
    steps.append(_step("putin", HANDS, goal.thing, target))
    left = sum(count for wanted, count in missing(state).items() if wanted.relation == "inside")
    if openable and left > 1:
        steps.append(_step("close", HANDS, target))
    return steps


def carry_out(state: State, seat: Seat, goal: SubGoal) -> tuple[State, tuple[Action, ...], float] | None:
    """The moment after the whole plan for a sub-goal, the plan and its cost; None where the rules forbid it."""
    after, done, cost = state.copy(), [], 0.0
    while goal.thing in after.inside or goal.thing in after.hands[seat]:
        held = goal.thing in after.hands[seat]
        for action, price in regress(after, seat, goal):
            if not act(after, seat, action):
                return None
            done.append(action)
            cost += price
        if held:
            return after, tuple(done), cost
    return None
