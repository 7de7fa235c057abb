"""Execution: the skill's controller, step by step; what became of it; and where walking got stuck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from talkoot.agents.planner import SAFE
from talkoot.agents.thinking import Seating
from talkoot.skills import Done, Failed, Known
from talkoot.types import Action, Json, Observation, SkillCall


@dataclass
class Executor:
    """Carries out one skill. It sees only observations; whether a move worked it reads off the next one.

    `patience` is a guard: a skill whose primitive was the same in the same place more than so many times in a row has
    failed (the reference, 1.2: 20). None: no guard.
    """

    patience: int | None = None
    begun: int = 0
    stuck: int = 0
    changed: bool = False
    pose: Any = None
    wanted: str = ""
    last: str = ""
    repeats: int = 0

    def reset(self) -> None:
        """Forget the skill."""
        self.begin()
        self.pose, self.wanted = None, ""

    def begin(self) -> None:
        """A new skill starts."""
        self.begun, self.changed, self.stuck = 0, False, 0
        self.last, self.repeats = "", 0

    def notice(self, observation: Observation, before: Any) -> None:
        """Compare with the last view: has something changed, has the last move worked?"""
        view = observation.view
        if before is not None and view.changed(observation.seat, before):
            self.changed = True
        pose = view.pose(observation.seat)
        self.stuck = 0 if pose != self.pose or self.wanted in ("", "interact") else self.stuck + 1
        if pose != self.pose:
            self.repeats = 0
        self.pose = pose

    def next(self, seating: Seating, observation: Observation, call: SkillCall) -> Action | Done | Failed:
        """The next primitive of the skill, or its end."""
        skill = seating.guide.skill(call.name)
        if skill is None:
            return Failed(f"there is no skill {call.name}")
        if self.patience is not None and self.repeats > self.patience:
            return Failed(f"stuck: {self.last} was tried {self.repeats} times in the same place")
        known = Known(observation, self.begun, self.stuck, self.changed, seating.seed + seating.guide.seat)
        return skill.next(known, call.arguments)

    def did(self, action: Action) -> None:
        """Take note of the primitive that goes to the world."""
        self.begun += 1
        self.wanted = action.name
        self.repeats = self.repeats + 1 if str(action) == self.last else 1
        self.last = str(action)

    def spoke(self) -> None:
        """The step went by with words; the skill goes on with the next."""
        self.wanted, self.last, self.repeats = "", "", 0

    def save(self) -> Json:
        """Everything as JSON."""
        return [self.begun, self.stuck, self.changed, self.wanted, self.last, self.repeats]

    def load(self, state: Json, pose: Any) -> None:
        """Restore what `save` gave; the pose comes from the restored view."""
        self.begun, self.stuck, self.changed, self.wanted, self.last, self.repeats = state
        self.pose = pose


@dataclass
class PrimitiveExecutor(Executor):
    """No execution module: what was chosen is one primitive, given as it is (CoELA's ablation; see `primitives`)."""

    def next(self, seating: Seating, observation: Observation, call: SkillCall) -> Action | Done | Failed:
        """The primitive itself, once."""
        guide = seating.guide
        if self.begun:
            return Done()
        if call == SAFE:
            return guide.safe
        if guide.speech and call.name == guide.speech:
            return Action(guide.speech, say=", ".join(call.arguments))
        return Action(call.name, call.arguments) if call.name in guide.primitives else Failed("there is no such action")
