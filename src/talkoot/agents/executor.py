"""Execution: the skill's controller, step by step; what became of it; and where walking got stuck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from talkoot.agents.thinking import Seating
from talkoot.skills import Done, Failed, Known
from talkoot.types import Action, Json, Observation, SkillCall


@dataclass
class Executor:
    """Carries out one skill. It sees only observations; whether a move worked it reads off the next one."""

    begun: int = 0
    stuck: int = 0
    changed: bool = False
    pose: Any = None
    wanted: str = ""

    def reset(self) -> None:
        """Forget the skill."""
        self.begin()
        self.pose, self.wanted = None, ""

    def begin(self) -> None:
        """A new skill starts."""
        self.begun, self.changed, self.stuck = 0, False, 0

    def notice(self, observation: Observation, before: Any) -> None:
        """Compare with the last view: has something changed, has the last move worked?"""
        view = observation.view
        if before is not None and view.changed(observation.seat, before):
            self.changed = True
        pose = view.pose(observation.seat)
        self.stuck = 0 if pose != self.pose or self.wanted in ("", "interact") else self.stuck + 1
        self.pose = pose

    def next(self, seating: Seating, observation: Observation, call: SkillCall) -> Action | Done | Failed:
        """The next primitive of the skill, or its end."""
        skill = seating.guide.skill(call.name)
        if skill is None:
            return Failed(f"there is no skill {call.name}")
        known = Known(observation, self.begun, self.stuck, self.changed, seating.seed + seating.guide.seat)
        return skill.next(known, call.arguments)

    def did(self, action: Action) -> None:
        """Take note of the primitive that goes to the world."""
        self.begun += 1
        self.wanted = action.name

    def save(self) -> Json:
        """Everything as JSON."""
        return [self.begun, self.stuck, self.changed, self.wanted]

    def load(self, state: Json, pose: Any) -> None:
        """Restore what `save` gave; the pose comes from the restored view."""
        self.begun, self.stuck, self.changed, self.wanted = state
        self.pose = pose
