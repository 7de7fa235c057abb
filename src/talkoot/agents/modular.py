"""The modular agent: organs, and the one visible place where their values flow. Start reading at `ModularAgent.act`.

perceive -> remember -> correct beliefs -> plan -> verify (and plan again, within a bound) -> communicate -> execute.
An organ that is None is absent: that is the ablation. Swap one with `dataclasses.replace(agent, plan=...)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from talkoot.agents.belief import Belief
from talkoot.agents.communication import Communication
from talkoot.agents.executor import Executor
from talkoot.agents.memory import Memory, Moment, deed_line
from talkoot.agents.planner import SAFE, Plan, Rejected
from talkoot.agents.thinking import Seating
from talkoot.agents.verifier import Verifier
from talkoot.events import Acted, Finished, Noted, Planned, Record, Saw
from talkoot.skills import Done, Failed
from talkoot.types import Action, Json, Observation, SkillCall, Style
from talkoot.world import Guide


class Planner(Protocol):
    """What `plan` must be: given all that the agent knows, choose a skill. One that keeps state also `Keeps` it."""

    def reset(self) -> None:
        """A new episode begins."""

    async def __call__(
        self,
        seating: Seating,
        observation: Observation,
        words: str,
        beliefs: list[str],
        memory: Memory | None,
        rejected: list[Rejected],
    ) -> Plan:
        """Choose. `rejected` are the plans that were turned down in this very scene, with reasons."""


@runtime_checkable
class Keeps(Protocol):
    """What a planner that keeps something from plan to plan has besides, so that a saved mind goes on as it was."""

    def save(self) -> Json:
        """What is kept, as JSON."""

    def load(self, state: Json) -> None:
        """Restore what `save` gave, after `reset`."""


@dataclass
class ModularAgent:
    """A language agent for one seat, made of organs. `replans` bounds how often a rejected plan is made anew."""

    plan: Planner
    execute: Executor = field(default_factory=Executor)
    perceive: Style = field(default_factory=Style)
    memory: Memory | None = field(default_factory=Memory)
    believe: Belief | None = field(default_factory=Belief)
    communicate: Communication | None = None
    verify: Verifier | None = None
    replans: int = 3

    _seating: Seating | None = None
    _skill: SkillCall | None = None
    _before: Any = None
    _tolerated: tuple[str, ...] = ()

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat for a new episode."""
        self._seating = Seating(guide, record, seed)
        self._skill, self._before, self._tolerated = None, None, ()
        for organ in (self.plan, self.execute, self.memory, self.believe):
            if organ is not None:
                organ.reset()

    async def act(self, observation: Observation) -> Action:
        """Take in what is new; keep or choose a skill that passes verification; give its next primitive."""
        assert self._seating is not None, "call reset before act"
        seating, t = self._seating, observation.t
        self._take_in(seating, observation)

        move = self.execute.next(seating, observation, self._skill) if self._skill else None
        if isinstance(move, Done | Failed) and self._skill is not None:
            self._end(seating, t, move)
        rejected: list[Rejected] = []
        fresh = self._skill is None
        plan = await self._choose(seating, observation, rejected) if fresh else None
        while self.verify is not None and self._skill is not None:
            verdict = await self.verify(
                seating, observation, self.perceive, self._skill, fresh=fresh, tolerated=self._tolerated
            )
            if verdict.ok:
                self._tolerated += verdict.overturned
                break
            rejected.append(Rejected(str(self._skill), verdict.reason, observation.seat))
            if not fresh:
                self._end(seating, t, Failed(verdict.reason))
            if len(rejected) > self.replans:
                seating.record(Noted(t, observation.seat, "gave up planning", f"{self.replans} new plans rejected"))
                self._take(SAFE)
                plan = None
                break
            fresh = True
            plan = await self._choose(seating, observation, rejected)

        say = ""
        if self.communicate and plan is not None and not plan.problem:
            # Only a plan that will be carried out is worth telling.
            words = observation.words(self.perceive)
            say = await self.communicate(seating, observation, words, plan, self.memory)

        assert self._skill is not None
        move = self.execute.next(seating, observation, self._skill)
        if not isinstance(move, Action):
            # A plan that nobody checked, or that is done before it began: a lost step, told in the record.
            self._end(seating, t, move)
            move = seating.guide.safe
        if say:
            move = Action(move.name, move.arguments, say)
        self.execute.did(move)
        seating.record(Acted(t, observation.seat, str(move), str(self._skill or ""), move.say))
        return move

    def _take_in(self, seating: Seating, observation: Observation) -> None:
        """What is new since the last step: messages, the mates' deeds, whether the own move worked."""
        if self.memory:
            self.memory.hear(observation.messages)
        for mate in seating.guide.mates:
            deed = observation.view.completed(mate, self._before) if self._before is not None else None
            if deed is None:
                continue
            if self.believe:
                self.believe.correct(seating, observation.t, mate, str(deed))
            if self.memory:
                self.memory.note(observation.t, deed_line(mate, str(deed)))
        self.execute.notice(observation, self._before)
        self._before = observation.view

    async def _choose(self, seating: Seating, observation: Observation, rejected: list[Rejected]) -> Plan:
        """Have a plan made for this scene, and record what was seen, expected and planned."""
        t, seat = observation.t, observation.seat
        words = observation.words(self.perceive)
        seating.record(Saw(t, seat, words))
        beliefs = self.believe.lines() if self.believe else []
        plan = await self.plan(seating, observation, words, beliefs, self.memory, rejected)
        for mate, intention in plan.intentions.items():
            if self.believe:
                self.believe.expect(seating, t, mate, intention)
        intention = "; ".join(plan.intentions.values())
        seating.record(Planned(t, seat, str(plan.skill), plan.analysis, intention, len(rejected), plan.problem))
        if plan.problem:
            seating.record(Noted(t, seat, "safe plan", plan.problem))
        if self.memory:
            self.memory.remember(Moment(t, words, plan.reply, str(plan.skill)))
        self._take(plan.skill)
        return plan

    def _take(self, skill: SkillCall) -> None:
        self._skill, self._tolerated = skill, ()
        self.execute.begin()

    def _end(self, seating: Seating, t: int, how: Done | Failed) -> None:
        """Record how the skill ended, and let go of it."""
        done = isinstance(how, Done)
        reason = "" if isinstance(how, Done) else how.reason
        seating.record(Finished(t, seating.guide.seat, str(self._skill), done, reason))
        if self.memory and self._skill is not None:
            outcome, deed = "finished" if done else "gave up", self._skill.name != SAFE.name
            self.memory.outcome(t, str(self._skill), outcome, reason, deed=deed)
        self._skill = None

    def save(self) -> Json:
        """The mind as JSON; organs without state are not in it."""
        return {
            "skill": str(self._skill) if self._skill else None,
            "before": self._before.save() if self._before is not None else None,
            "tolerated": list(self._tolerated),
            "plan": self.plan.save() if isinstance(self.plan, Keeps) else None,
            "execute": self.execute.save(),
            "memory": self.memory.save() if self.memory else None,
            "believe": self.believe.save() if self.believe else None,
        }

    def load(self, state: Json) -> None:
        """Continue from a saved mind, after `reset` with the same guide."""
        assert self._seating is not None, "call reset before load"
        guide = self._seating.guide
        self._skill = SkillCall.parse(state["skill"]) if state["skill"] else None
        self._before = guide.restore(state["before"]) if state["before"] is not None else None
        self._tolerated = tuple(state["tolerated"])
        if isinstance(self.plan, Keeps):
            self.plan.load(state["plan"])
        self.execute.load(state["execute"], self._before.pose(guide.seat) if self._before is not None else None)
        if self.memory and state["memory"]:
            self.memory.load(state["memory"])
        if self.believe and state["believe"]:
            self.believe.load(state["believe"])
