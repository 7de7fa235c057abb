"""What is worth doing next: one sub-goal for each thing that could satisfy a goal that is not satisfied yet.

`put_12_268` is to bring thing 12 onto 268, `putIn_12_104` into 104 (reference, 4.1). One object at a time, as a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from talkoot.types import Seat, SkillCall
from talkoot.worlds.household.mechanics import missing
from talkoot.worlds.household.state import State, delivered, standing
from talkoot.worlds.household.task import Goal


@dataclass(frozen=True, slots=True)
class SubGoal:
    """To bring one thing where a goal wants it."""

    thing: int
    goal: Goal

    def __hash__(self) -> int:
        """By the thing alone, which is quick; few sub-goals share one."""
        return hash(self.thing)

    def __str__(self) -> str:
        """As the reference writes it."""
        return f"{'put' if self.goal.relation == 'on' else 'putIn'}_{self.thing}_{self.goal.target}"

    @property
    def call(self) -> SkillCall:
        """As records show it: `put(apple_12, coffeetable_268)`."""
        verb = "put" if self.goal.relation == "on" else "putIn"
        return SkillCall(verb, (f"{self.goal.name}_{self.thing}", f"{self.goal.place}_{self.goal.target}"))


def subgoals(state: State, seat: Seat, partner: SubGoal | None = None) -> tuple[SubGoal, ...]:
    """The sub-goals of a moment, in the order of the goals and ids.

    If a thing in the own hands fits, only that; else, if candidates are seen, only those; else all. `partner` is the
    other's announced sub-goal: it is left out, and if its goal lacks just one thing, so are all of that goal; what was
    left out is used only if nothing else is left. Ours: what the other holds is no candidate (in the reference it is
    one without a plan), nor what counts as delivered for another goal.
    """
    found: list[SubGoal] = []
    left_out: list[SubGoal] = []
    mine, other, done = state.hands[seat], state.hands[1 - seat], delivered(state)
    names = state.apartment.nodes
    for goal, count in missing(state).items():
        places = state.on if goal.relation == "on" else state.inside
        taken = partner is not None and partner.goal == goal and count == 1
        for thing, node in names.items():
            if node.name != goal.name or thing in other or thing in done or places.get(thing) == goal.target:
                continue
            candidate = SubGoal(thing, goal)
            if thing in mine:
                return (candidate,)
            (left_out if taken or candidate == partner else found).append(candidate)
    found.sort(key=lambda one: one.thing)
    seen = standing(state, state.room[seat]).nodes
    return tuple([one for one in found if one.thing in seen] or found or left_out)
