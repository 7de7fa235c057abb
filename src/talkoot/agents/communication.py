"""Communication: a short message when the plan has changed, if the model finds it worth saying."""

from __future__ import annotations

from dataclasses import dataclass

from talkoot.agents.memory import Memory
from talkoot.agents.planner import Plan
from talkoot.agents.reading import read_line
from talkoot.agents.thinking import Seating, ask, one_line, render, unusable
from talkoot.events import Noted
from talkoot.model import Model, Turn
from talkoot.types import Observation


@dataclass
class Communication:
    """Drafts a message about a fresh plan. What was said lately, as the memory has it, is never said again."""

    model: Model
    max_tokens: int = 96

    async def __call__(
        self, seating: Seating, observation: Observation, words: str, plan: Plan, memory: Memory | None
    ) -> str:
        """The message to send with the next action, or ""."""
        guide = seating.guide
        if guide.message_limit <= 0 or not guide.mates:
            return ""
        said = list(memory.said) if memory else []
        turns = [
            Turn("system", render("message_system", guide=guide)),
            Turn(
                "user",
                render(
                    "message",
                    guide=guide,
                    said=said,
                    messages=list(memory.messages) if memory else list(observation.messages),
                    words=words,
                    plan=plan.skill,
                    intention=plan.intentions.get(guide.mates[0], ""),
                ),
            ),
        ]
        text = await ask(self.model, seating, observation.t, "message", turns, max_tokens=self.max_tokens)
        said_line = read_line(text, "Message")
        if said_line is None:
            unusable(seating, observation.t, "message", "it has no line 'Message: ...'.")
            return ""
        line = one_line(said_line, guide.message_limit)
        if line.lower().strip(" .") in ("", "none"):
            return ""
        if line in said:
            seating.record(Noted(observation.t, guide.seat, "message dropped", "said already"))
            return ""
        if memory:
            memory.say(line)
        return line
