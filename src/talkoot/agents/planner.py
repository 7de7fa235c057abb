"""Planning: one skill from knowledge, beliefs, history, messages and the scene in words (ProAgent, Planner)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from talkoot.agents.memory import Memory
from talkoot.agents.reading import Unreadable, read_intention, read_line, read_plan, released_skill
from talkoot.agents.thinking import Seating, ask, render, unusable
from talkoot.model import Model, Turn
from talkoot.types import Observation, Seat, SkillCall
from talkoot.world import Demonstration

Level = Literal["plan", "analysis", "intention"]


@dataclass(frozen=True)
class Rejected:
    """A plan that was checked and rejected, and why."""

    skill: str
    reason: str
    seat: Seat = 0


@dataclass(frozen=True)
class Plan:
    """A skill, with the analysis and the intentions that led to it. `problem` is why it is only the safe choice.

    `text` is how the history of plans writes it ("": as the skill call is printed). `say` is what is said along with it
    where words ride along with any action.
    """

    skill: SkillCall
    analysis: str = ""
    intentions: dict[Seat, str] = field(default_factory=dict)
    reply: str = ""
    problem: str = ""
    text: str = ""
    say: str = ""


SAFE = SkillCall("wait", ("1",))
"""What an agent does when no plan can be had."""


@dataclass
class SkillPlanner:
    """Asks for a plan at one of ProAgent's three prompt levels: plan; analysis, plan; analysis, intention, plan.

    An unusable reply is asked for again up to `retries` times, with what was wrong; then the plan is SAFE. `demos` are
    shown instead of the world's own demonstrations. `reading="released"` reads replies as ProAgent's release does.
    `talk` tells the model that messages can be sent, where they can: set it together with a communication organ.
    """

    model: Model
    level: Level = "intention"
    demos: tuple[Demonstration, ...] | None = None
    retries: int = 2
    temperature: float = 0.0
    max_tokens: int = 256
    reading: Literal["tolerant", "released"] = "tolerant"
    talk: bool = False
    _system: dict[int, str] = field(default_factory=dict)

    def reset(self) -> None:
        """Nothing is kept from plan to plan."""
        self._system.clear()

    def _told_once(self, seating: Seating) -> str:
        guide = seating.guide
        if guide.seat not in self._system:
            self._system[guide.seat] = render(
                "system",
                guide=guide,
                level=self.level if guide.mates or self.level != "intention" else "analysis",
                talk=self.talk and guide.message_limit > 0,
                demonstrations=[
                    demo.told_to(guide.seat) for demo in (guide.demonstrations if self.demos is None else self.demos)
                ],
            )
        return self._system[guide.seat]

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
        """Choose a skill for this scene."""
        guide, problem, text = seating.guide, "", ""
        for _ in range(self.retries + 1):
            scene = render(
                "plan",
                guide=guide,
                beliefs=beliefs,
                history=memory.history() if memory else [],
                messages=list(memory.messages) if memory else list(observation.messages),
                words=words,
                verdicts=rejected,
                problem=problem,
            )
            turns = [Turn("system", self._told_once(seating))]
            turns += memory.turns(again=bool(rejected)) if memory else []
            turns.append(Turn("user", scene))
            text = await ask(
                self.model, seating, observation.t, "plan", turns,
                temperature=self.temperature, max_tokens=self.max_tokens,
            )  # fmt: skip
            intentions = {mate: said for mate in guide.mates if (said := read_intention(text, guide, mate))}
            analysis = read_line(text, "Analysis") or ""
            if self.reading == "released":
                return Plan(released_skill(text, guide.seat), analysis, intentions, text)
            try:
                return Plan(read_plan(text, guide), analysis, intentions, text)
            except Unreadable as error:
                problem = str(error)
                unusable(seating, observation.t, "plan", problem)
        return Plan(SAFE, "", {}, text, problem)
