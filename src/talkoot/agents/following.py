"""What agents without a planner share: what is known by now, the plans it offers, and one plan carried out to its end.

`RandomPlan` draws among the plans, `Human` lets a person choose.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from talkoot.agents.executor import Executor
from talkoot.agents.thinking import Seating
from talkoot.events import Acted, Finished, Planned, Record
from talkoot.skills import Done, Failed, Option, blocked
from talkoot.types import Action, Json, Observation, SkillCall
from talkoot.world import Guide


def plans(guide: Guide, seen: Observation) -> tuple[Option, ...]:
    """The plans that can be carried out now, in the world's own order; `seen` carries what is known (see `Follower`).

    Where a world lists none, these are its skills without parameters that nothing hard stands against.
    """
    if guide.options is not None:
        return guide.options(seen.view)
    free = (skill for skill in guide.skills if not skill.parameters and blocked(skill, seen, advice=False) is None)
    return tuple(Option(SkillCall(skill.name), f"{skill.name}(): {skill.description}") for skill in free)


def moves(guide: Guide, seen: Observation) -> tuple[Action, ...]:
    """The primitives that can be tried now, arguments included."""
    return guide.legal(seen.view) if guide.legal is not None else tuple(Action(name) for name in guide.primitives)


class Follower:
    """Remembers what was seen, where the world has a way to, and follows one plan until it is done or has failed."""

    def __init__(self, seed: int, guide: Guide, record: Record) -> None:
        self.guide, self.record = guide, record
        self.plan: SkillCall | None = None
        self._seating = Seating(guide, record, seed)
        self._execute = Executor()
        self._known: Any = None
        self._before: Any = None

    def see(self, observation: Observation) -> Observation:
        """The observation with all that is known by now for its view."""
        if self.guide.recall is not None:
            self._known = self.guide.recall(self._known, observation)
            observation = replace(observation, view=self._known)
        self._execute.notice(observation, self._before)
        self._before = observation.view
        return observation

    def take(self, seen: Observation, plan: SkillCall) -> None:
        """Begin a plan."""
        self.plan = plan
        self._execute.begin()
        self.record(Planned(seen.t, seen.seat, str(plan)))

    def next(self, seen: Observation) -> Action | Done | Failed | None:
        """The plan's next primitive, or how it ended, which is recorded; None without a plan."""
        if self.plan is None:
            return None
        move = self._execute.next(self._seating, seen, self.plan)
        if not isinstance(move, Action):
            reason = move.reason if isinstance(move, Failed) else ""
            self.record(Finished(seen.t, seen.seat, str(self.plan), isinstance(move, Done), reason))
            self.plan = None
        return move

    def drop(self, seen: Observation, why: str) -> None:
        """Let go of the plan, if there is one."""
        if self.plan is not None:
            self.record(Finished(seen.t, seen.seat, str(self.plan), False, why))
            self.plan = None

    def do(self, seen: Observation, action: Action, *, of_plan: bool = True) -> Action:
        """Take note of what goes to the world, and give it back."""
        skill = str(self.plan) if of_plan and self.plan is not None else ""
        if of_plan:
            self._execute.did(action)
        self.record(Acted(seen.t, seen.seat, str(action), skill, action.say))
        return action

    def save(self) -> Json:
        """Everything as JSON."""
        return {
            "plan": str(self.plan) if self.plan is not None else None,
            "execute": self._execute.save(),
            "seen": self._before.save() if self._before is not None else None,
        }

    def load(self, state: Json) -> None:
        """Restore what `save` gave."""
        self.plan = SkillCall.parse(state["plan"]) if state["plan"] else None
        self._before = self.guide.restore(state["seen"]) if state["seen"] is not None else None
        self._known = self._before if self.guide.recall is not None else None
        pose = self._before.pose(self.guide.seat) if self._before is not None else None
        self._execute.load(state["execute"], pose)
