"""Semantic memory: what a seat knows of its world by now, kept as one view and corrected by everything it observes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from talkoot.types import Json, Observation
from talkoot.world import Guide


@dataclass
class SemanticMemory:
    """Joins the views of the moment into `known`, in the way that the world tells (`Guide.recall`; CoELA, memory).

    What comes after it in the agent (words, plans, skills, verification) sees the recalled view and nothing else.
    Where the guide has no `recall`, all is always seen, and every observation passes through as it is.

    `span` is how long it lasts: the "episode", or only while one "plan" is carried out. The second is the ablation
    without memory: every decision is made on the view of the moment, and only the routine of the plan under way may use
    what was seen on its way, as no routine that leads through several rooms could come to an end otherwise.
    """

    span: Literal["episode", "plan"] = "episode"
    known: Any = None

    def reset(self) -> None:
        """Know nothing."""
        self.known = None

    def take_in(self, guide: Guide, observation: Observation) -> Observation:
        """The observation with what is known by now in place of what is seen now."""
        if guide.recall is None:
            return observation
        self.known = guide.recall(self.known, observation)
        return replace(observation, view=self.known)

    def for_a_plan(self, guide: Guide, seen: Observation) -> Observation:
        """What a new plan is made on; `seen` is the observation of this step as the world gave it."""
        if self.span == "plan":
            self.known = None
            return self.take_in(guide, seen)
        return replace(seen, view=self.known) if guide.recall is not None else seen

    def save(self) -> Json:
        """What is known, as JSON."""
        return self.known.save() if self.known is not None else None

    def load(self, state: Json, guide: Guide) -> None:
        """Restore what `save` gave."""
        self.known = guide.restore(state) if state is not None else None
