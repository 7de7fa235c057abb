"""The contract of a language model: one request, one reply. Cache, budget and recorder are Models around a Model."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """A chat to continue. `purpose` ("overcooked/plan") says what the answer is for; servers never see it."""

    purpose: str
    messages: tuple[Turn, ...]
    temperature: float = 0.0
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    seed: int | None = None

    def key(self) -> str:
        """A hash of all that determines the answer, the same on every machine."""
        fields = [
            self.purpose,
            [[turn.role, turn.content] for turn in self.messages],
            self.temperature,
            self.max_tokens,
            list(self.stop),
            self.seed,
        ]
        return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counts them (0 where nobody counts)."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answered. `seconds` is wall time; it never enters an episode's record."""

    text: str
    usage: Usage = field(default_factory=Usage)
    seconds: float = field(default=0.0, compare=False)


@runtime_checkable
class Model(Protocol):
    """The only door to a language model. `talkoot.models.check.check_model` tests it."""

    name: str

    async def __call__(self, request: Request) -> Reply:
        """Answer. Raises ModelFailed when no answer can be had, BudgetSpent when none may be asked for."""
