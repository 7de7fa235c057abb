"""Communication as CoELA has it: before a plan is chosen, one message is drafted; the planner decides on sending it.

Where a message takes a step of its own (`Guide.speech`), the draft is offered to the planner as the first of the
available actions. Where words ride along with any action, a draft costs nothing and is said at once.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from talkoot.agents.choosing import dialogue, offered
from talkoot.agents.memory import Memory
from talkoot.agents.reading import read_line
from talkoot.agents.thinking import Seating, ask, one_line, render
from talkoot.events import Noted
from talkoot.model import Model, Turn
from talkoot.types import Json, Observation

_MOST_KEPT = 200  # messages that are never said again; an episode has no room for more


@dataclass
class Draft:
    """Writes one candidate message from what the agent knows, or none. What was sent is never drafted again.

    Nothing is drafted where nobody listens, or where at most one plan is left, as there is then nothing to choose
    (reference, 1.2). `temperature` and `max_tokens` go to the model.
    """

    model: Model
    temperature: float = 0.0
    max_tokens: int = 256
    _sent: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_KEPT))

    def reset(self) -> None:
        """Nothing was sent yet."""
        self._sent.clear()

    async def __call__(self, seating: Seating, observation: Observation, words: str, memory: Memory | None) -> str:
        """A message of at most `Guide.message_limit` characters on one line, or ""."""
        guide = seating.guide
        if guide.message_limit <= 0 or not guide.mates or len(offered(guide, observation)) < 2:
            return ""
        prompt = render(
            "draft", guide=guide, words=words, plans=list(memory.plans) if memory else [],
            dialogue=[*guide.opening, *dialogue(observation, memory)], costly=bool(guide.speech),
        )  # fmt: skip
        text = await ask(
            self.model, seating, observation.t, "draft", [Turn("user", prompt)],
            temperature=self.temperature, max_tokens=self.max_tokens,
        )  # fmt: skip
        draft = read_message(text, guide.name(guide.seat), guide.message_limit)
        if draft and _bare(draft) in self._sent:
            seating.record(Noted(observation.t, guide.seat, "message dropped", "said already"))
            return ""
        return draft

    def sent(self, message: str) -> None:
        """Take note of what was said."""
        self._sent.append(_bare(message))

    def save(self) -> Json:
        """What was sent."""
        return list(self._sent)

    def load(self, state: Json) -> None:
        """Restore what `save` gave."""
        self._sent = deque(state, maxlen=_MOST_KEPT)


def read_message(text: str, name: str, limit: int) -> str:
    """The message in a reply: what follows `NAME:`, else the whole reply, on one line; "" for none."""
    labelled = read_line(text, name)
    line = one_line(text if labelled is None else labelled, limit + 2)
    for mark in ('"', "“", "'"):
        if len(line) > 1 and line.startswith(mark) and line.endswith("”" if mark == "“" else mark):
            line = line[1:-1].strip()
    return "" if _bare(line).strip(" .!()[]<>*_") in ("", "none", "no message", "n/a") else one_line(line, limit)


def _bare(text: str) -> str:
    """A message without what does not matter when two are compared."""
    return " ".join(text.casefold().split())
