"""ReAct (Yao et al. 2023): thought, action, observation, as a planner organ. The actions are the world's skills."""

from __future__ import annotations

from dataclasses import dataclass

from talkoot.agents.memory import Memory
from talkoot.agents.planner import SAFE, Plan, Rejected
from talkoot.agents.reading import Unreadable, read_line, read_skill
from talkoot.agents.thinking import Seating, ask, render, unusable
from talkoot.model import Model, Turn
from talkoot.types import Observation


@dataclass
class ReActPlanner:
    """Keeps the last `turns` turns of thought, action and outcome in the prompt; the scene is the newest observation.

    The outcome of an action is what the agent's own memory says of it (finished, gave up and why); without a memory
    there is no transcript, and each turn starts from the scene alone.
    """

    model: Model
    turns: int = 6
    retries: int = 2
    max_tokens: int = 256

    def reset(self) -> None:
        """The transcript lives in the agent's memory."""

    async def __call__(
        self,
        seating: Seating,
        observation: Observation,
        words: str,
        beliefs: list[str],
        memory: Memory | None,
        rejected: list[Rejected],
        *,
        draft: str = "",
    ) -> Plan:
        """Think, and choose an action."""
        guide, problem, text = seating.guide, "", ""
        transcript = [
            {"thought": read_line(m.reply, "Thought") or "", "skill": m.skill, "outcome": m.outcome or "interrupted"}
            for m in list(memory.trajectory)[-self.turns :]
        ] if memory and self.turns else []  # fmt: skip
        transcript += [{"thought": "", "skill": r.skill, "outcome": f"not possible: {r.reason}"} for r in rejected]
        system = render("react_system", guide=guide, demonstrations=guide.demonstrations)
        for _ in range(self.retries + 1):
            user = render("react", transcript=transcript, words=words, problem=problem)
            text = await ask(
                self.model, seating, observation.t, "react", [Turn("system", system), Turn("user", user)],
                max_tokens=self.max_tokens, stop=("\nObservation:",),
            )  # fmt: skip
            line = read_line(text, "Action")
            try:
                if line is None:
                    raise Unreadable("it has no line 'Action: ...'.")
                return Plan(read_skill(line, guide), read_line(text, "Thought") or "", {}, text)
            except Unreadable as error:
                problem = str(error)
                unusable(seating, observation.t, "react", problem)
        return Plan(SAFE, "", {}, text, problem)
