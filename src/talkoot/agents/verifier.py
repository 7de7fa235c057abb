"""Verification: is the planned skill possible and sensible, and if not, why? (ProAgent, Verificator)

The paper's three rounds, asked of the model: go through the preconditions, check that answer once more, conclude what
the error is. The double check may overturn the first. The rounds are asked when the world's own preconditions find
something to object to, as in the release; a hard precondition that fails is a fact that no round overturns, advice can
be overturned. Modes: `rounds` (the paper's), `explain` (the release's one explaining call), `rules` (the world's
reasons go to the planner as they are), `model` (the rounds alone decide, when the plan is made; ours, to measure how
well a model judges).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from talkoot.agents.reading import read_line
from talkoot.agents.thinking import Seating, ask, one_line, render
from talkoot.events import Verified
from talkoot.model import Model, Turn
from talkoot.skills import Condition
from talkoot.types import Observation, SkillCall

Mode = Literal["rounds", "explain", "rules", "model"]
_CONDITION = re.compile(r"^\s*[-*]?\s*condition\s*:\s*(.*?)\|\s*(yes|no)\b[^|]*\|?(.*)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """Whether the skill may go on, and why not. `overturned` are conditions that were judged not to matter."""

    ok: bool
    reason: str = ""
    overturned: tuple[str, ...] = ()


@dataclass
class Verifier:
    """Judges one skill call. `max_tokens` bounds each round's reply."""

    model: Model
    mode: Mode = "rounds"
    max_tokens: int = 256

    async def __call__(
        self,
        seating: Seating,
        observation: Observation,
        words: str,
        call: SkillCall,
        *,
        fresh: bool,
        tolerated: tuple[str, ...] = (),
    ) -> Verdict:
        """Judge the call in this scene; `fresh`: it was just planned; `tolerated`: what was overturned before."""
        skill = seating.guide.skill(call.name)
        if skill is None:
            return self._tell(seating, observation, call, Verdict(False, f"there is no skill {call.name}"), "rules", ())
        conditions = skill.conditions(observation, call.arguments)
        failed = [c for c in conditions if not c.holds and (c.hard or c.text not in tolerated)]
        if self.mode == "model":
            return await self._rounds(seating, observation, words, call, conditions) if fresh else Verdict(True)
        if not failed:
            verdict = Verdict(True)
            return self._tell(seating, observation, call, verdict, "rules", conditions) if fresh else verdict
        if self.mode == "rules":
            verdict = Verdict(False, "; ".join(c.reason for c in failed))
            return self._tell(seating, observation, call, verdict, "rules", conditions)
        if self.mode == "explain":
            verdict = Verdict(False, await self._explain(seating, observation, words, call, failed))
            return self._tell(seating, observation, call, verdict, "explain", conditions)
        return await self._rounds(seating, observation, words, call, conditions)

    def _tell(
        self, seating: Seating, observation: Observation, call: SkillCall, verdict: Verdict, name: str,
        conditions: tuple[Condition, ...],
    ) -> Verdict:  # fmt: skip
        told = tuple((c.text, c.holds, c.reason) for c in conditions)
        seating.record(Verified(observation.t, seating.guide.seat, str(call), verdict.ok, name, told, verdict.reason))
        return verdict

    async def _explain(
        self, seating: Seating, observation: Observation, words: str, call: SkillCall, failed: list[Condition]
    ) -> str:
        turns = [
            Turn("system", render("verify_system", guide=seating.guide)),
            Turn("user", render("explain", guide=seating.guide, words=words, skill=call)),
        ]
        text = await ask(self.model, seating, observation.t, "explain", turns, max_tokens=self.max_tokens)
        return one_line(read_line(text, "Error") or "; ".join(c.reason for c in failed))

    async def _rounds(
        self, seating: Seating, observation: Observation, words: str, call: SkillCall, conditions: tuple[Condition, ...]
    ) -> Verdict:
        guide = seating.guide
        failed = [c for c in conditions if not c.holds]
        # Rounds that trust the world's facts cannot overturn a hard one; without them (mode model) the model decides.
        facts = [c for c in failed if c.hard] if self.mode != "model" else []
        turns = [
            Turn("system", render("verify_system", guide=guide)),
            Turn("user", render("check", guide=guide, words=words, skill=call)),
        ]
        ok = True
        for name, question in (("check", ""), ("double check", render("double_check"))):
            if question:
                turns.append(Turn("user", question))
            text = await ask(self.model, seating, observation.t, name.replace(" ", "_"), turns,
                             max_tokens=self.max_tokens)  # fmt: skip
            turns.append(Turn("assistant", text))
            ok = _says_usable(text, otherwise=not failed)
            told = tuple((one_line(a), b.lower() == "yes", one_line(c)) for a, b, c in _CONDITION.findall(text)[:20])
            seating.record(Verified(observation.t, guide.seat, str(call), ok, name, told))
        if ok and not facts:
            overturned = tuple(c.text for c in failed)
            return self._tell(seating, observation, call, Verdict(True, "", overturned), "conclusion", conditions)
        turns.append(Turn("user", render("conclude", guide=guide, skill=call)))
        text = await ask(self.model, seating, observation.t, "conclude", turns, max_tokens=self.max_tokens)
        reason = read_line(text, "Error") or "; ".join(c.reason for c in failed) or "it cannot be used now"
        return self._tell(seating, observation, call, Verdict(False, one_line(reason)), "conclusion", conditions)


def _says_usable(text: str, *, otherwise: bool) -> bool:
    line = (read_line(text, "Verdict") or "").lower()
    if "cannot" in line or "can not" in line or "can't" in line:
        return False
    return True if "can be used" in line else otherwise
