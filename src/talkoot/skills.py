"""Skills: what an agent can decide to do, defined once for the prompt, the verifier and the controller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from talkoot.types import Action, Observation, SkillCall


@dataclass(frozen=True, slots=True)
class Condition:
    """One precondition, judged on what the agent knows.

    `text` states it, `holds` says whether it is met, `reason` says why (not), in words. A condition that is not
    `hard` is advice: the skill can be carried out all the same, but is a poor choice.
    """

    text: str
    holds: bool
    reason: str
    hard: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What a controller may use: the latest observation, and how the skill has gone so far.

    `begun` counts the primitives already given for this skill, `stuck` the steps in a row in which the pose did not
    change. `changed` says that `View.changed` has been true since the skill began. `seed` makes tie-breaking differ
    between agents without hidden randomness.
    """

    observation: Observation
    begun: int = 0
    stuck: int = 0
    changed: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """The skill has reached its end."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The skill cannot go on, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Option:
    """One plan that can be chosen now: the skill call, how a list of plans writes it, and a fact told behind it."""

    call: SkillCall
    text: str
    note: str = ""


class Skill(Protocol):
    """A schema that is also a test and a controller."""

    @property
    def name(self) -> str:
        """As an agent writes it."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its arguments."""

    @property
    def description(self) -> str:
        """What it does, as a prompt tells it."""

    def preconditions(self) -> tuple[str, ...]:
        """The preconditions in words, as a prompt lists them."""

    def conditions(self, observation: Observation, arguments: tuple[str, ...]) -> tuple[Condition, ...]:
        """Judge every precondition now, in the order in which they are listed."""

    def next(self, known: Known, arguments: tuple[str, ...]) -> Action | Done | Failed:
        """Give the next primitive, or say that the skill is done or has failed."""


def blocked(
    skill: Skill, observation: Observation, arguments: tuple[str, ...] = (), *, advice: bool = True
) -> str | None:
    """Say in words why the skill cannot (with `advice`: should not) be used now; None if nothing speaks against it."""
    for condition in skill.conditions(observation, arguments):
        if not condition.holds and (condition.hard or advice):
            return condition.reason
    return None
