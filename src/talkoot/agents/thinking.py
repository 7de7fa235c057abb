"""What every organ of one agent shares in an episode, and the one way in which organs ask a language model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from talkoot.errors import ModelFailed
from talkoot.events import Called, Noted, Record
from talkoot.model import Model, Reply, Request, Turn
from talkoot.world import Guide

LONGEST_REPLY = 8000
"""Characters of a reply that are read; what comes after is dropped (and the record keeps only what was read)."""


@dataclass(frozen=True)
class Seating:
    """One agent in its seat for one episode: what the world told it, where its thoughts are recorded, its seed."""

    guide: Guide
    record: Record
    seed: int


def one_line(text: str, limit: int = 400) -> str:
    """Text from outside as one harmless line of a prompt: no line breaks or control characters, bounded length."""
    cleaned = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 1] + "…"


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("talkoot.agents", "prompts"), undefined=StrictUndefined, autoescape=False
    )
    environment.filters["one_line"] = one_line
    return environment


def render(name: str, **values: Any) -> str:
    """Fill a prompt template of `talkoot/agents/prompts`; undefined names are errors."""
    return str(_environment().get_template(f"{name}.j2").render(**values)).strip()


async def ask(
    model: Model,
    seating: Seating,
    t: int,
    kind: str,
    turns: list[Turn],
    *,
    temperature: float = 0.0,
    max_tokens: int = 256,
    stop: tuple[str, ...] = (),
) -> str:
    """Ask the model and record the call, also when it fails. Returns the reply's text, bounded in length.

    ModelFailed passes through (after it has been recorded): an episode without its model cannot go on, but its record
    stays and the same command continues it.
    """
    guide = seating.guide
    request = Request(f"{guide.world}/{kind}", tuple(turns), temperature, max_tokens, stop)
    messages = tuple((turn.role, turn.content) for turn in turns)
    try:
        reply: Reply = await model(request)
    except ModelFailed as error:
        seating.record(
            Called(t, guide.seat, request.purpose, model.name, request.key(), messages, "", error=str(error))
        )
        raise
    text = reply.text[:LONGEST_REPLY]
    usage = reply.usage
    seating.record(
        Called(t, guide.seat, request.purpose, model.name, request.key(), messages, text,
               usage.prompt_tokens, usage.completion_tokens)
    )  # fmt: skip
    return text


def unusable(seating: Seating, t: int, kind: str, problem: str) -> None:
    """Record that the last reply to a question of this kind could not be used, and why: no reply goes unaccounted."""
    seating.record(Noted(t, seating.guide.seat, "unusable reply", f"{kind}: {problem}"))
