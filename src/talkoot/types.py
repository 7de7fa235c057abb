"""The small values that pass between worlds, agents and records. No logic beyond reading and printing them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from talkoot.errors import BadInput

Seat = int
"""Who acts: 0, 1, ... A team is a dict from seat to agent."""

Json = Any
"""A value made of dict, list, str, int, float, bool and None."""

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\(([^()]*)\))?\s*")


@dataclass(frozen=True, slots=True)
class Message:
    """Something said by `sender` in step `t`."""

    sender: Seat
    text: str
    t: int


@dataclass(frozen=True, slots=True)
class SkillCall:
    """A skill by name with its arguments as written, such as `wait(3)`."""

    name: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Print it as an agent writes it: `pickup_onion()` or `wait(3)`."""
        return f"{self.name}({', '.join(self.arguments)})"

    @classmethod
    def parse(cls, text: str) -> SkillCall:
        """Read `name`, `name()` or `name(a, b)`; raises BadInput on anything else."""
        match = _CALL.fullmatch(text)
        if match is None:
            raise BadInput(f"{text[:80]!r} is not a skill call; write it as name(arguments), for example wait(3)")
        name, inside = match.groups()
        return cls(name, tuple(part.strip() for part in inside.split(",")) if inside and inside.strip() else ())


@dataclass(frozen=True, slots=True)
class Action:
    """One primitive of the world, its arguments, and optionally something to say in the same step."""

    name: str
    arguments: tuple[str, ...] = ()
    say: str = ""

    def __str__(self) -> str:
        """The primitive as records write it: `stay`, `putin(12, 45)`. What is said stands beside it."""
        return f"{self.name}({', '.join(self.arguments)})" if self.arguments else self.name


@dataclass(frozen=True, slots=True)
class Style:
    """How a view is told: in sentences, as a character grid, or both; coordinates on request."""

    form: Literal["words", "grid", "both"] = "words"
    coordinates: bool = False


class View(Protocol):
    """What a seat sees, as structured data of its world. Agents use it only through these methods and skills."""

    def words(self, seat: Seat, style: Style) -> str:
        """Tell the view in language from the given seat's point of view."""

    def completed(self, seat: Seat, before: Any) -> SkillCall | None:
        """Name the interaction that `seat` visibly completed since the view `before`, or None."""

    def changed(self, seat: Seat, before: Any) -> bool:
        """Whether something that matters for plans changed since `before`, other than by `seat` or by walking."""

    def pose(self, seat: Seat) -> Any:
        """Where `seat` is and how it stands; two poses are equal if nothing about that changed."""

    def save(self) -> Json:
        """The view as JSON; `Guide.restore` makes it a view again."""


@dataclass(frozen=True, slots=True)
class Observation:
    """All that one seat may know at time `t`: a structured view and the messages that reached it."""

    seat: Seat
    t: int
    view: Any
    messages: tuple[Message, ...] = ()

    def words(self, style: Style | None = None) -> str:
        """Tell the view in language, made on demand."""
        return str(self.view.words(self.seat, style or Style()))


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of a world gave.

    `rewards` is what each seat earned itself; the team's reward is the sum. `ready` are the seats that must decide
    next (all of them where actions take one step). `elapsed` is the time the step took, in the world's own unit.
    `info` is JSON.
    """

    observations: Mapping[Seat, Observation]
    rewards: Mapping[Seat, float]
    done: bool
    ready: frozenset[Seat]
    elapsed: int = 1
    info: Mapping[str, Json] = field(default_factory=dict)
