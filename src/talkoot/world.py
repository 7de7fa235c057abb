"""The contract of a world, and what a world tells a seat before the first step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

from talkoot.formal import DecPomdpCom
from talkoot.problem import Atom, Condition, Problem
from talkoot.skills import Option, Skill
from talkoot.types import Action, Json, Observation, Seat, SkillCall, Step


@dataclass(frozen=True, slots=True)
class Demonstration:
    """One worked example: the scene in words, the analysis, the mate's intention, and the skill to choose.

    `seat` is whose scene it is, or None where it is told for the seat that reads it.
    """

    scene: str
    analysis: str
    intention: str
    plan: str
    seat: Seat | None = None

    def told_to(self, seat: Seat) -> Demonstration:
        """The same example with `<Player i>` exchanged so that it is told for `seat`."""
        if self.seat is None or self.seat == seat:
            return self
        tags = f"<Player {self.seat}>", f"<Player {seat}>"

        def swapped(text: str) -> str:
            return text.replace(tags[0], "\0").replace(tags[1], tags[0]).replace("\0", tags[1])

        return replace(self, scene=swapped(self.scene), analysis=swapped(self.analysis), seat=seat)


@dataclass(frozen=True)
class Statement:
    """What a seat believes about its world, as a planning problem for the whole team.

    `domain` is PDDL text. `problem.goal` is the conjunction of all goals; `threads` are the same goals in chains: those
    of one chain are worth reaching in their order, different chains do not depend on each other. `agents` tells which
    object acts for which seat; actions without any of them the world does by itself. `skill` names the skill that
    carries out a step of a plan, None for what the world does; `words` tells a goal or a step. Action costs are the
    steps that an action takes.
    """

    domain: str
    problem: Problem
    threads: tuple[tuple[Condition, ...], ...]
    agents: Mapping[str, Seat]
    skill: Callable[[Atom], SkillCall | None]
    words: Callable[[Atom], str]


def _no_views(state: Json) -> Any:
    raise TypeError("the guide of this world has no `restore`: its agents cannot load a saved state with a view in it")


@dataclass(frozen=True)
class Guide:
    """What a seat is told once: the knowledge library of its world, in words, and its skills.

    `world` names the family ("overcooked"); prompts carry it in their purpose, so that a rule-based reader is found.
    `message_limit` is the greatest number of characters of a message, 0 where nobody can speak; `speech` names the
    primitive that sends one where talking takes a step of its own, "" where words ride along with any action.
    `restore` makes a view of what `View.save` gave. `statement` states a view as a planning problem; None where a
    world cannot. `primitives` are all names of primitives; where they need arguments, `legal` lists those that a view
    allows, arguments included.

    `persona` says who the seat is, `names` what the seats are called, `opening` are the first lines of the dialogue;
    all three for prompts, empty where a world has none. `options` lists the plans that a view offers, in order; None:
    all skills without parameters. `recall(known, observation)` is the view of what a seat knows by now: what it knew
    before (None at the start) corrected by what it sees and hears; None where everything is always seen. `inventory`
    is what exists without where it is, for planners that are told (MHP); agents that must find out leave it alone.
    `wayfinding` names the primitives in which the world itself finds the way; an agent without a module for execution
    must do without them. `action_words(view, action)` is how a person reads one of the actions of `legal`; None: as
    it is written.
    """

    world: str
    seat: Seat
    seats: tuple[Seat, ...]
    task: str
    rules: tuple[str, ...]
    skills: tuple[Skill, ...]
    demonstrations: tuple[Demonstration, ...] = ()
    primitives: tuple[str, ...] = ()
    safe: Action = field(default_factory=lambda: Action("stay"))
    message_limit: int = 0
    restore: Callable[[Json], Any] = _no_views
    statement: Callable[[Any], Statement] | None = None
    speech: str = ""
    legal: Callable[[Any], tuple[Action, ...]] | None = None
    persona: str = ""
    names: tuple[str, ...] = ()
    opening: tuple[tuple[Seat, str], ...] = ()
    options: Callable[[Any], tuple[Option, ...]] | None = None
    recall: Callable[[Any, Observation], Any] | None = None
    inventory: Any = None
    wayfinding: tuple[str, ...] = ()
    action_words: Callable[[Any, Action], str] | None = None

    def skill(self, name: str) -> Skill | None:
        """Find a skill by name."""
        return next((skill for skill in self.skills if skill.name == name), None)

    def name(self, seat: Seat) -> str:
        """What a seat is called in prompts."""
        return self.names[self.seats.index(seat)] if self.names else f"<Player {seat}>"

    @property
    def mates(self) -> tuple[Seat, ...]:
        """The other seats."""
        return tuple(seat for seat in self.seats if seat != self.seat)


@runtime_checkable
class World(Protocol):
    """A deterministic, synchronous simulator without I/O; `talkoot.worlds.check.check_world` tests what it promises.

    The same seed and the same actions give the same observations, rewards and scenes, byte for byte. `save` returns
    JSON from which `load` restores the exact state, also in another process.
    """

    name: str
    """As a user types it, options included: `overcooked/cramped_room`."""

    seats: tuple[Seat, ...]
    """The seats that are held, in order."""

    def reset(self, seed: int) -> Mapping[Seat, Observation]:
        """Begin an episode."""

    def step(self, actions: Mapping[Seat, Action]) -> Step:
        """Let one step pass. Raises IllegalAction for an unknown action, a missing seat or one that nobody holds."""

    def guide(self, seat: Seat) -> Guide:
        """What the seat is told before the first step."""

    def formal(self) -> DecPomdpCom:
        """The problem that it poses, formally."""

    def setting(self) -> Json:
        """The part of the picture that never changes in an episode (JSON); `kind` names the drawing."""

    def scene(self) -> Json:
        """The part of the picture that changes (JSON): what a viewer draws at this moment."""

    def save(self) -> Json:
        """The whole state as JSON."""

    def load(self, state: Json) -> Mapping[Seat, Observation]:
        """Restore a saved state and return the observations of that moment."""
