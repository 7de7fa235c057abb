"""The modular agent: organs, and the one visible place where their values flow. Start reading at `ModularAgent.act`.

perceive -> know -> remember -> correct beliefs -> draft a message -> plan -> verify, judge the reasoning (and plan
again, within a bound) -> communicate -> execute. An organ that is None is absent: that is the ablation. Swap one with
`dataclasses.replace(agent, plan=...)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

from talkoot.agents.belief import Belief
from talkoot.agents.communication import Communication
from talkoot.agents.drafting import Draft
from talkoot.agents.executor import Executor
from talkoot.agents.memory import Memory, Moment, deed_line
from talkoot.agents.planner import SAFE, Plan, Rejected
from talkoot.agents.semantic import SemanticMemory
from talkoot.agents.step_judge import StepJudge
from talkoot.agents.thinking import Seating
from talkoot.agents.verifier import Verdict, Verifier
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
        *,
        draft: str = "",
    ) -> Plan:
        """Choose. `rejected` are the plans that were turned down in this very scene, with reasons.

        `draft` is a message that may be sent instead, as `SkillCall(guide.speech, (draft,))`; a planner may ignore it.
        """


@runtime_checkable
class Keeps(Protocol):
    """What a planner that keeps something from plan to plan has besides, so that a saved mind goes on as it was."""

    def save(self) -> Json:
        """What is kept, as JSON."""

    def load(self, state: Json) -> None:
        """Restore what `save` gave, after `reset`."""


@dataclass
class ModularAgent:
    """A language agent for one seat, made of organs. `replans` bounds how often a rejected plan is made anew.

    `judge` reads the reasoning behind each new plan that verification lets pass, and may reject it. Where it rejects
    until the bound is reached, the plan with the best reasoning is carried out: an opinion stops nobody for good, a
    precondition does (then the agent waits).

    `renew` bounds how many more plans are made in one step where a plan ends before it begins; with 0 the step is lost.
    With more, a plan that failed is not chosen again in the same step. With `heed`, a message that arrives while a plan
    is under way has the plan made anew (ours; it may well be the same again).
    """

    plan: Planner
    execute: Executor = field(default_factory=Executor)
    perceive: Style = field(default_factory=Style)
    memory: Memory | None = field(default_factory=Memory)
    believe: Belief | None = field(default_factory=Belief)
    communicate: Communication | None = None
    verify: Verifier | None = None
    replans: int = 3
    semantic: SemanticMemory | None = field(default_factory=SemanticMemory)
    draft: Draft | None = None
    renew: int = 0
    heed: bool = False
    judge: StepJudge | None = None

    _seating: Seating | None = None
    _skill: SkillCall | None = None
    _before: Any = None
    _tolerated: tuple[str, ...] = ()
    _spoke: bool = False
    _drafted: int = -1

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat for a new episode."""
        self._seating = Seating(guide, record, seed)
        self._skill, self._before, self._tolerated, self._spoke, self._drafted = None, None, (), False, -1
        for organ in (self.plan, self.execute, self.memory, self.believe, self.semantic, self.draft):
            if organ is not None:
                organ.reset()

    async def act(self, observation: Observation) -> Action:
        """Take in what is new; keep or choose a skill that passes verification; give its next primitive."""
        assert self._seating is not None, "call reset before act"
        seating, t, seen = self._seating, observation.t, observation
        if self.semantic:  # from here on everything sees what is known by now, not only what is seen
            observation = self.semantic.take_in(seating.guide, seen)
        self._take_in(seating, observation)
        if self.heed and seen.messages:
            self.reconsider()

        move = self.execute.next(seating, observation, self._skill) if self._skill else None
        rejected: list[Rejected] = []
        if isinstance(move, Done | Failed):
            self._let_go(seating, t, move, rejected)
        if self.semantic and self._skill is None:
            self._before = (observation := self.semantic.for_a_plan(seating.guide, seen)).view
        plan = await self._settle(seating, observation, rejected)
        move = self._next(seating, observation)
        for _ in range(self.renew):
            # A plan that ended before it began makes room for another one in the same step.
            if isinstance(move, Action) or self._skill == SAFE:
                break
            self._let_go(seating, t, move, rejected)
            plan = await self._settle(seating, observation, rejected)
            move = self._next(seating, observation)
        if not isinstance(move, Action):
            # A plan that nobody checked, or that is done before it began: a lost step, told in the record.
            if self.renew and self._skill != SAFE:
                seating.record(Noted(t, observation.seat, "gave up planning", f"{self.renew} new plans ended at once"))
            self._end(seating, t, move)
            move = seating.guide.safe

        say = plan.say if plan is not None else ""
        if self.communicate and plan is not None and not plan.problem:
            # Only a plan that will be carried out is worth telling.
            words = observation.words(self.perceive)
            say = await self.communicate(seating, observation, words, plan, self.memory) or say
        if say and seating.guide.speech:
            move = Action(seating.guide.speech, say=say)  # the words take this step, the skill goes on with the next
            self.execute.spoke()
        else:
            move = replace(move, say=say) if say else move
            self.execute.did(move)
        if self.memory and move.say:
            self.memory.spoken(t, observation.seat, move.say)
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
                self.memory.note(observation.t, deed_line(seating.guide.name(mate), str(deed)))
        self.execute.notice(observation, self._before)
        self._before = observation.view

    async def _settle(self, seating: Seating, observation: Observation, rejected: list[Rejected]) -> Plan | None:
        """Have a skill that passes verification and judgement: the one under way, or a new plan, which is returned."""
        t, seat = observation.t, observation.seat
        fresh = self._skill is None
        plan = await self._choose(seating, observation, rejected) if fresh else None
        # Of the plans that only the judge rejected: the score of the reasoning, and what verification overturned.
        best: tuple[float, Plan, tuple[str, ...]] | None = None
        while self._skill is not None:
            verdict = Verdict(True)
            if self.verify is not None:
                verdict = await self.verify(
                    seating, observation, self.perceive, self._skill, fresh=fresh, tolerated=self._tolerated
                )
            if verdict.ok and fresh and plan is not None and self.judge is not None:
                opinion = await self.judge(seating, observation, observation.words(self.perceive), plan)
                if not opinion.ok:
                    if best is None or opinion.score > best[0]:
                        best = opinion.score, plan, verdict.overturned
                    verdict = Verdict(False, opinion.reason)
            if verdict.ok:
                self._tolerated += verdict.overturned
                break
            rejected.append(Rejected(str(self._skill), verdict.reason, seat))
            if not fresh:
                self._end(seating, t, Failed(verdict.reason))
            elif self.memory:
                self.memory.withdraw()
            if len(rejected) > self.replans and best is not None:
                told = f"{self.replans} new plans rejected; {best[1].skill} had the best reasoning"
                seating.record(Noted(t, seat, "judge overruled", told))
                self._adopt(seating, observation, observation.words(self.perceive), best[1], len(rejected))
                self._tolerated = best[2]
                return best[1]
            if len(rejected) > self.replans:
                seating.record(Noted(t, seat, "gave up planning", f"{self.replans} new plans rejected"))
                self._take(seating, Plan(SAFE))
                return None
            fresh = True
            plan = await self._choose(seating, observation, rejected)
        return plan

    async def _choose(self, seating: Seating, observation: Observation, rejected: list[Rejected]) -> Plan:
        """Have a plan made for this scene, and record what was seen, expected and planned."""
        t, seat, guide = observation.t, observation.seat, seating.guide
        words = observation.words(self.perceive)
        seating.record(Saw(t, seat, words))
        beliefs = self.believe.lines(guide.name) if self.believe else []
        draft = ""
        if self.draft and not self._spoke and self._drafted != t:
            self._drafted = t  # one draft a step, and none right after a message
            draft = await self.draft(seating, observation, words, self.memory)
        # Where words ride along, there is nothing to decide: only a draft that costs a step is offered to the planner.
        offer = {"draft": draft} if draft and guide.speech else {}
        plan = await self.plan(seating, observation, words, beliefs, self.memory, rejected, **offer)
        if self.draft and draft:
            sent = not guide.speech or plan.skill == SkillCall(guide.speech, (draft,))
            plan = plan if guide.speech else replace(plan, say=draft)
            seating.record(Noted(t, seat, "draft", f"{'sent' if sent else 'not sent'}: {draft}"))
            if sent:
                self.draft.sent(draft)
        self._adopt(seating, observation, words, plan, len(rejected))
        return plan

    def _adopt(self, seating: Seating, observation: Observation, words: str, plan: Plan, attempt: int) -> None:
        """Record a plan and what it expects of the mates, and take it up."""
        t, seat = observation.t, observation.seat
        for mate, intention in plan.intentions.items():
            if self.believe:
                self.believe.expect(seating, t, mate, intention)
        intention = "; ".join(plan.intentions.values())
        seating.record(Planned(t, seat, str(plan.skill), plan.analysis, intention, attempt, plan.problem))
        if plan.problem:
            seating.record(Noted(t, seat, "safe plan", plan.problem))
        if self.memory:
            self.memory.remember(Moment(t, words, plan.reply, str(plan.skill)))
        self._take(seating, plan)

    def _take(self, seating: Seating, plan: Plan) -> None:
        """Take up a plan; the history of plans has it from now on, unless it is the safe one."""
        self._skill, self._tolerated = plan.skill, ()
        self._spoke = bool(seating.guide.speech) and plan.skill.name == seating.guide.speech
        if self.memory and plan.skill != SAFE:
            self.memory.begin(plan.text or str(plan.skill))
        self.execute.begin()

    def _next(self, seating: Seating, observation: Observation) -> Action | Done | Failed:
        assert self._skill is not None
        return self.execute.next(seating, observation, self._skill)

    def _let_go(self, seating: Seating, t: int, how: Done | Failed, rejected: list[Rejected]) -> None:
        """End the skill; what ended without a step of its own, or failed, is not chosen again in this step."""
        if self.renew and (isinstance(how, Failed) or not self.execute.begun):
            reason = how.reason if isinstance(how, Failed) else "there is nothing left to do for it"
            rejected.append(Rejected(str(self._skill), reason, seating.guide.seat))
        self._end(seating, t, how)

    def reconsider(self) -> None:
        """Let go of the plan under way without an end to it (the next one may be the same); a message is sent first."""
        assert self._seating is not None, "call reset before reconsider"
        if self._skill is None or self._skill.name == self._seating.guide.speech:
            return
        if self.memory and self._skill != SAFE:
            self.memory.withdraw()
        self._skill = None

    def _end(self, seating: Seating, t: int, how: Done | Failed) -> None:
        """Record how the skill ended, and let go of it."""
        done = isinstance(how, Done)
        reason = "" if isinstance(how, Done) else how.reason
        seating.record(Finished(t, seating.guide.seat, str(self._skill), done, reason))
        if self.memory and self._skill is not None:
            outcome, deed = "finished" if done else "gave up", self._skill.name != SAFE.name
            self.memory.outcome(t, str(self._skill), outcome, reason, deed=deed)
            if not done and deed:
                self.memory.unfinished()
        self._skill = None

    def save(self) -> Json:
        """The mind as JSON; organs without state are not in it."""
        known = self.semantic.known if self.semantic else None
        return {
            "skill": [self._skill.name, *self._skill.arguments] if self._skill else None,
            "spoke": self._spoke,
            "semantic": self.semantic.save() if self.semantic else None,
            # What is known is also the latest view; it is written once.
            "before": self._before.save() if self._before is not None and self._before is not known else None,
            "tolerated": list(self._tolerated),
            "plan": self.plan.save() if isinstance(self.plan, Keeps) else None,
            "execute": self.execute.save(),
            "memory": self.memory.save() if self.memory else None,
            "believe": self.believe.save() if self.believe else None,
            "draft": self.draft.save() if self.draft else None,
        }

    def load(self, state: Json) -> None:
        """Continue from a saved mind, after `reset` with the same guide."""
        assert self._seating is not None, "call reset before load"
        guide = self._seating.guide
        name, *arguments = state["skill"] or [None]
        self._skill = SkillCall(name, tuple(arguments)) if name else None
        self._spoke, self._tolerated = state["spoke"], tuple(state["tolerated"])
        if self.semantic:
            self.semantic.load(state["semantic"], guide)
        latest = state["before"] if state["before"] is not None else state["semantic"]
        known = self.semantic.known if self.semantic and state["before"] is None else None
        self._before = known if known is not None else guide.restore(latest) if latest is not None else None
        if isinstance(self.plan, Keeps):
            self.plan.load(state["plan"])
        self.execute.load(state["execute"], self._before.pose(guide.seat) if self._before is not None else None)
        if self.memory and state["memory"]:
            self.memory.load(state["memory"])
        if self.believe and state["believe"]:
            self.believe.load(state["believe"])
        if self.draft and state["draft"] is not None:
            self.draft.load(state["draft"])
