"""How planning asks a language model: prompts from templates, and a Model around a Model that keeps count."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from talkoot.model import Model, Reply, Request, Turn


@dataclass
class Counted:
    """Passes requests on and keeps the replies in the order in which they came, with what they cost.

    `calls` counts what was asked (failed calls too), `tokens` those of prompts and replies as the server counts them,
    `seconds` what the replies say that they took (a cached one what it took when it was new), `waited` the wall time
    really spent here.
    """

    model: Model
    texts: list[str] = field(default_factory=list)
    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.model.name

    async def __call__(self, request: Request) -> Reply:
        """Ask the model within; its errors pass through."""
        self.calls += 1
        began = time.perf_counter()
        try:
            reply = await self.model(request)
        finally:
            self.waited += time.perf_counter() - began
        self.texts.append(reply.text)
        self.tokens += reply.usage.prompt_tokens + reply.usage.completion_tokens
        self.seconds += reply.seconds
        return reply


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(loader=PackageLoader("talkoot.planning", "prompts"), undefined=StrictUndefined, autoescape=False)


def render(name: str, **values: Any) -> str:
    """Fill a prompt template of `talkoot/planning/prompts`; undefined names are errors."""
    return str(_environment().get_template(f"{name}.j2").render(**values)).strip()


async def ask(model: Model, kind: str, prompt: str, *, system: str, max_tokens: int) -> str:
    """Put one question, with the purpose `planning/KIND` and temperature 0, and return the reply's text.

    Raises what the model raises (ModelFailed, BudgetSpent).
    """
    turns = (Turn("system", render(system)), Turn("user", prompt))
    return (await model(Request(f"planning/{kind}", turns, 0.0, max_tokens))).text
