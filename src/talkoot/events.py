"""Everything that is ever written down about an episode: one event a line, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from talkoot.types import Json, Seat


@dataclass(frozen=True, slots=True)
class Started:
    """The first line: what is played by whom, and the unchanging part of the picture with the first scene."""

    world: str
    team: dict[Seat, str]
    seed: int
    setting: Json
    scene: Json
    version: str
    kind: Literal["started"] = "started"


@dataclass(frozen=True, slots=True)
class Saw:
    """The words in which the seat saw the world when it had to think."""

    t: int
    seat: Seat
    words: str
    kind: Literal["saw"] = "saw"


@dataclass(frozen=True, slots=True)
class Called:
    """One model call: the exact prompt and the exact reply, or the error that came instead."""

    t: int
    seat: Seat
    purpose: str
    model: str
    key: str
    messages: tuple[tuple[str, str], ...]
    reply: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str = ""
    kind: Literal["called"] = "called"


@dataclass(frozen=True, slots=True)
class Believed:
    """What the seat thinks that `about` intends. `actual` is filled in when the mate's deed becomes visible."""

    t: int
    seat: Seat
    about: Seat
    intention: str
    actual: str = ""
    correct: bool | None = None
    kind: Literal["believed"] = "believed"


@dataclass(frozen=True, slots=True)
class Planned:
    """A skill that was chosen. `attempt` counts from 0; `problem` says what was wrong with the reply, if anything."""

    t: int
    seat: Seat
    skill: str
    analysis: str = ""
    intention: str = ""
    attempt: int = 0
    problem: str = ""
    kind: Literal["planned"] = "planned"


@dataclass(frozen=True, slots=True)
class Verified:
    """A verdict on a skill: which conditions were judged (text, holds, reason), by which round, and the conclusion."""

    t: int
    seat: Seat
    skill: str
    ok: bool
    round: str
    conditions: tuple[tuple[str, bool, str], ...] = ()
    reason: str = ""
    kind: Literal["verified"] = "verified"


@dataclass(frozen=True, slots=True)
class Judged:
    """Verdicts on the reasoning behind a skill: of each chunk up to the first bad one the text, whether it is sound,
    the judge's probability of that, and its analysis. `unread` chunks follow; `tokens` is what the judge wrote.
    """

    t: int
    seat: Seat
    skill: str
    ok: bool
    judge: str
    chunks: tuple[tuple[str, bool, float, str], ...]
    unread: int = 0
    reason: str = ""
    tokens: int = 0
    kind: Literal["judged"] = "judged"


@dataclass(frozen=True, slots=True)
class Finished:
    """A skill ended: done, or failed with a reason."""

    t: int
    seat: Seat
    skill: str
    done: bool
    reason: str = ""
    kind: Literal["finished"] = "finished"


@dataclass(frozen=True, slots=True)
class Acted:
    """The primitive that the seat gave to the world, under which skill, and what it said with it."""

    t: int
    seat: Seat
    action: str
    skill: str = ""
    say: str = ""
    kind: Literal["acted"] = "acted"


@dataclass(frozen=True, slots=True)
class Stepped:
    """The world after all have acted: time `t` is now, `scene` what a viewer draws."""

    t: int
    rewards: dict[Seat, float]
    scene: Json
    done: bool = False
    info: dict[str, Json] = field(default_factory=dict)
    kind: Literal["stepped"] = "stepped"


@dataclass(frozen=True, slots=True)
class Noted:
    """Anything else worth telling: a safe action after bad replies, a dropped message. `what` is a short tag."""

    t: int
    seat: Seat
    what: str
    text: str = ""
    kind: Literal["noted"] = "noted"


@dataclass(frozen=True, slots=True)
class Ended:
    """The last line of a complete episode."""

    t: int
    score: float
    calls: int
    prompt_tokens: int
    completion_tokens: int
    kind: Literal["ended"] = "ended"


Event = Annotated[
    Started | Saw | Called | Believed | Planned | Verified | Judged | Finished | Acted | Stepped | Noted | Ended,
    Field(discriminator="kind"),
]

Record = Callable[[Event], None]
"""Where an agent hands its events; `run_episode` gives one to every seat."""


def silent(event: Event) -> None:
    """Drop the event: a record for those who want none."""
