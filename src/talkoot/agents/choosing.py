"""Planning as CoELA does it: choose one of a lettered list of plans that can be carried out now (reference, 1.3)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from string import ascii_uppercase
from typing import Literal

from talkoot.agents.following import moves
from talkoot.agents.letters import read_choice
from talkoot.agents.memory import Memory
from talkoot.agents.planner import SAFE, Plan, Rejected
from talkoot.agents.reading import read_line
from talkoot.agents.thinking import Seating, ask, one_line, render, unusable
from talkoot.events import Noted
from talkoot.model import Model, Turn
from talkoot.skills import Option, blocked
from talkoot.types import Observation, Seat, SkillCall
from talkoot.world import Guide

Offer = Callable[[Guide, Observation], tuple[Option, ...]]
"""Lists the plans that can be chosen now, in the order of their letters."""


def offered(guide: Guide, observation: Observation) -> tuple[Option, ...]:
    """The plans that the world lists for this view; where it has no list: skills that take nothing and can be used."""
    if guide.options is not None:
        return guide.options(observation.view)
    usable = (s for s in guide.skills if not s.parameters and blocked(s, observation, advice=False) is None)
    return tuple(Option(call, str(call)) for call in (SkillCall(skill.name) for skill in usable))


def primitives(guide: Guide, observation: Observation) -> tuple[Option, ...]:
    """The primitives that the view allows, for an agent without an execution module (CoELA's ablation).

    Left out is what execution would do for it: those in which the world itself finds the way (`Guide.wayfinding`).
    """
    left_out = (*guide.wayfinding, guide.speech)
    calls = (SkillCall(one.name, one.arguments) for one in moves(guide, observation) if one.name not in left_out)
    return tuple(Option(call, " ".join((f"[{call.name}]", *call.arguments))) for call in calls)


def lettered(options: tuple[Option, ...]) -> list[tuple[str, Option]]:
    """Each option with its letter: A to Z, then AA, AB and so on."""
    pairs = (first + second for first in ascii_uppercase for second in ascii_uppercase)
    return list(zip((*ascii_uppercase, *pairs), options, strict=False))


def dialogue(observation: Observation, memory: Memory | None) -> list[tuple[Seat, str]]:
    """The latest lines of the dialogue; without a memory those that came just now."""
    return memory.told() if memory else [(message.sender, message.text) for message in observation.messages]


@dataclass
class OptionPlanner:
    """Asks the model to choose from the list of plans that `offer` gives; a drafted message is option A.

    `answer="one"` asks for reasoning and a last line `Answer: B` in one reply; `answer="two"` for free reasoning, and
    then in the same chat for the choice alone (as CoELA's release does). Without `chain_of_thought` the answer is asked
    for at once. Where a plan is chosen without need (one plan besides the message), no call is made; where there is
    none, the plan is SAFE. A reply in which nothing can be found is asked for again up to `retries` times (the release:
    never); then a plan is drawn from the seed.

    What counts as a fall-back is recorded as "fallback parse": a letter that was not given as it was asked for
    ("letter: ..."), a plan told by parts of its name ("fuzzy: ..."), a plan that was drawn ("random: ...").
    `talk` shows the dialogue's opening lines: set it together with a drafting organ. `notes` tells the fact behind each
    plan, such as how far away it is (ours; the reference's list has none).
    """

    model: Model
    chain_of_thought: bool = True
    answer: Literal["one", "two"] = "one"
    retries: int = 1
    temperature: float = 0.0
    max_tokens: int = 256
    talk: bool = True
    offer: Offer = offered
    notes: bool = True

    def reset(self) -> None:
        """Nothing is kept from plan to plan."""

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
        """Choose a plan, or the draft in its place."""
        guide = seating.guide
        turned_down = {one.skill: one for one in rejected}
        listed = self.offer(guide, observation)
        if not self.notes:
            listed = tuple(replace(option, note="") for option in listed)
        plans = tuple(option for option in listed if str(option.call) not in turned_down)
        if len(plans) < 2:
            only = plans[0] if plans else None
            return Plan(only.call, "It is the only plan.", text=only.text) if only else Plan(SAFE, "There is no plan.")
        message = Option(SkillCall(guide.speech, (draft,)), f"[{guide.speech}] {draft}") if draft else None
        options = (message, *plans) if message else plans
        verdicts = [
            Rejected(option.text, turned_down[str(option.call)].reason, guide.seat)
            for option in listed
            if str(option.call) in turned_down
        ]
        lines = dialogue(observation, memory)
        values = {
            "guide": guide, "words": words, "talk": self.talk and guide.message_limit > 0, "verdicts": verdicts,
            "dialogue": [*guide.opening, *lines] if self.talk and guide.message_limit > 0 else lines,
            "plans": list(memory.plans) if memory else [], "beliefs": beliefs, "options": lettered(options),
        }  # fmt: skip
        chosen, how, reply = await self._ask(seating, observation.t, values, options, message)
        analysis = _reasoning(reply)
        if chosen is None:
            chosen = random.Random(f"{seating.seed}|{guide.seat}|{observation.t}|choose").choice(plans)
            how = "random"
        if how:
            told = f"{how}: {chosen.text} from {one_line(_answer(reply), 200)!r}"
            seating.record(Noted(observation.t, guide.seat, "fallback parse", told))
        text = f"[{guide.speech}]" if chosen is message else chosen.text
        return Plan(chosen.call, analysis, {}, reply, text=text)

    async def _ask(
        self, seating: Seating, t: int, values: dict[str, object], options: tuple[Option, ...], message: Option | None
    ) -> tuple[Option | None, str, str]:
        """What was chosen (None if no reply can be read), by which fall-back ("" if none), and the reply."""
        two = self.answer == "two" and self.chain_of_thought
        cue = "reason" if two else "structured" if self.chain_of_thought else "letter"
        kind, problem, reply = "choose" if seating.guide.mates else "choose_alone", "", ""
        turns: list[Turn] = []
        for _ in range(self.retries + 1):
            if not two:
                prompt = Turn("user", render("choose", cue=cue, problem=problem, **values))
                said = reply = await self._call(seating, t, kind, [prompt])
            else:
                if not turns:
                    prompt = Turn("user", render("choose", cue=cue, problem="", **values))
                    reasoning = await self._call(seating, t, kind, [prompt])
                    turns = [prompt, Turn("assistant", reasoning)]
                turns.append(Turn("user", render("extract", problem=problem)))
                said = await self._call(seating, t, "extract", turns)
                turns.append(Turn("assistant", said))
                reply = f"{reasoning}\nAnswer: {one_line(said)}"
            found = read_choice(said, lettered(options), message, alone=two)
            if found is not None:
                return *found, reply
            problem = f"it names no action of the list: {one_line(_answer(said), 120)!r}."
            unusable(seating, t, "extract" if two else kind, problem)
        return None, "", reply

    async def _call(self, seating: Seating, t: int, kind: str, turns: list[Turn]) -> str:
        return await ask(
            self.model, seating, t, kind, turns, temperature=self.temperature, max_tokens=self.max_tokens
        )  # fmt: skip


def _answer(reply: str) -> str:
    """The answering line of a reply, or its end."""
    return read_line(reply, "Answer", last=True) or " ".join(reply.split())[-200:]


def _reasoning(reply: str) -> str:
    """The reply without its answering line, on one line."""
    lines = [line for line in reply.splitlines() if read_line(line, "Answer") is None]
    return one_line(" ".join(lines))
