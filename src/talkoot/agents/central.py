"""One planner for the whole team: the control that talk and implicit modelling are compared with. Ours."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from talkoot.agents.memory import Memory
from talkoot.agents.planner import SAFE, Plan, Rejected
from talkoot.agents.reading import Unreadable, read_line, read_plan
from talkoot.agents.thinking import Seating, ask, render, unusable
from talkoot.model import Model, Turn
from talkoot.types import Json, Observation, Seat, SkillCall


@dataclass
class CentralPlanner:
    """Shared by the agents of all seats: whoever needs a skill has the whole team's plan made, and others take theirs.

    A line for a seat that is busy is ignored; a seat that becomes free in the same step takes its line without another
    call.
    """

    model: Model
    retries: int = 2
    max_tokens: int = 256
    _made: dict[Seat, tuple[int, Plan]] = field(default_factory=dict)
    _busy: dict[Seat, SkillCall] = field(default_factory=dict)
    _lock: asyncio.Lock | None = None

    def reset(self) -> None:
        """Forget all plans. Every seat's agent calls it; that does no harm, as all reset before anyone acts."""
        self._made.clear()
        self._busy.clear()
        self._lock = None

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
        """The skill for this seat."""
        if self._lock is None:
            self._lock = asyncio.Lock()
        # Seats start thinking in order, so the lock is taken in order: who plans for whom does not depend on timing.
        # Before the first goes on, each has come this far, so that all who are free in this step are known.
        self._busy.pop(observation.seat, None)
        await asyncio.sleep(0)
        async with self._lock:
            t, plan = self._made.pop(observation.seat, (-1, None))
            if plan is None or t != observation.t or rejected:
                plan = await self._ask(seating, observation, words, memory, rejected)
            self._busy[observation.seat] = plan.skill
            return plan

    async def _ask(
        self, seating: Seating, observation: Observation, words: str, memory: Memory | None, rejected: list[Rejected]
    ) -> Plan:
        guide, seat, problem, text = seating.guide, observation.seat, "", ""
        under_way = [(other, skill) for other, skill in sorted(self._busy.items()) if other != seat]
        for _ in range(self.retries + 1):
            user = render(
                "central", guide=guide, history=memory.history() if memory else [], words=words, under_way=under_way,
                verdicts=rejected, problem=problem,
            )  # fmt: skip
            turns = [Turn("system", render("central_system", guide=guide)), Turn("user", user)]
            text = await ask(self.model, seating, observation.t, "central", turns, max_tokens=self.max_tokens)
            analysis = read_line(text, "Analysis") or ""
            try:
                own = Plan(read_plan(text, guide, seat), analysis, {}, text)
            except Unreadable as error:
                problem = str(error)
                unusable(seating, observation.t, "central", problem)
                continue
            for mate in (mate for mate in guide.mates if mate not in self._busy):
                try:
                    self._made[mate] = observation.t, Plan(read_plan(text, guide, mate), analysis, {}, text)
                except Unreadable as error:  # the mate asks for itself; what was wrong is told all the same
                    self._made.pop(mate, None)
                    unusable(seating, observation.t, "central", f"for {guide.name(mate)}: {error}")
            return own
        return Plan(SAFE, "", {}, text, problem)

    def save(self) -> Json:
        """Who is busy with what; plans that were made for others hold for one step only."""
        return [[seat, skill.name, *skill.arguments] for seat, skill in sorted(self._busy.items())]

    def load(self, state: Json) -> None:
        """Restore what `save` gave. Every seat's agent calls it, with the same state."""
        self._busy = {seat: SkillCall(name, tuple(arguments)) for seat, name, *arguments in state}
