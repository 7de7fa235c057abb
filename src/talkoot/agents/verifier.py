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
from talkoot.agents.thinking import Seating, ask, one_line, render, unusable
from talkoot.events import Verified
from talkoot.model import Model, Turn
from talkoot.skills import Condition
from talkoot.types import Observation, SkillCall, Style

Mode = Literal["rounds", "explain", "rules", "model"]
_CONDITION = re.compile(r"condition\s*:([^|]*)\|\s*(yes|no)\b[^|]*\|?(.*)", re.IGNORECASE)
_MOST_CONDITIONS = 20


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
        style: Style,
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
            return await self._rounds(seating, observation, style, call, conditions) if fresh else Verdict(True)
        if not failed:
            verdict = Verdict(True)
            return self._tell(seating, observation, call, verdict, "rules", conditions) if fresh else verdict
        if self.mode == "rules":
            verdict = Verdict(False, "; ".join(c.reason for c in failed))
            return self._tell(seating, observation, call, verdict, "rules", conditions)
        if self.mode == "explain":
            verdict = Verdict(False, await self._explain(seating, observation, style, call, failed))
            return self._tell(seating, observation, call, verdict, "explain", conditions)
        return await self._rounds(seating, observation, style, call, conditions)

    def _tell(
        self, seating: Seating, observation: Observation, call: SkillCall, verdict: Verdict, name: str,
        conditions: tuple[Condition, ...],
    ) -> Verdict:  # fmt: skip
        told = tuple((c.text, c.holds, c.reason) for c in conditions)
        seating.record(Verified(observation.t, seating.guide.seat, str(call), verdict.ok, name, told, verdict.reason))
        return verdict

    async def _explain(
        self, seating: Seating, observation: Observation, style: Style, call: SkillCall, failed: list[Condition]
    ) -> str:
        turns = [
            Turn("system", render("verify_system", guide=seating.guide)),
            Turn("user", render("explain", guide=seating.guide, words=observation.words(style), skill=call)),
        ]
        text = await ask(self.model, seating, observation.t, "explain", turns, max_tokens=self.max_tokens)
        return one_line(self._error(seating, observation, text, "explain") or "; ".join(c.reason for c in failed))

    @staticmethod
    def _error(seating: Seating, observation: Observation, text: str, kind: str) -> str:
        """What the line `Error: ...` says; a reply without one is noted, and the world's reasons stand in for it."""
        error = read_line(text, "Error") or ""
        if not error:
            unusable(seating, observation.t, kind, "it has no line 'Error: ...'.")
        return error

    async def _rounds(
        self,
        seating: Seating,
        observation: Observation,
        style: Style,
        call: SkillCall,
        conditions: tuple[Condition, ...],
    ) -> Verdict:
        guide = seating.guide
        failed = [c for c in conditions if not c.holds]
        # Rounds that trust the world's facts cannot overturn a hard one; without them (mode model) the model decides.
        facts = [c for c in failed if c.hard] if self.mode != "model" else []
        turns = [
            Turn("system", render("verify_system", guide=guide)),
            Turn("user", render("check", guide=guide, words=observation.words(style), skill=call)),
        ]
        ok = True
        for name, question in (("check", ""), ("double check", render("double_check"))):
            if question:
                turns.append(Turn("user", question))
            text = await ask(self.model, seating, observation.t, name.replace(" ", "_"), turns,
                             max_tokens=self.max_tokens)  # fmt: skip
            turns.append(Turn("assistant", text))
            said = _says_usable(text)
            if said is None:
                unusable(seating, observation.t, name.replace(" ", "_"), "it has no line 'Verdict: ...'.")
            ok = not failed if said is None else said  # without a verdict, what the world says stands
            seating.record(Verified(observation.t, guide.seat, str(call), ok, name, _judged(text)))
        if ok and not facts:
            overturned = tuple(c.text for c in failed)
            return self._tell(seating, observation, call, Verdict(True, "", overturned), "conclusion", conditions)
        turns.append(Turn("user", render("conclude", guide=guide, skill=call)))
        text = await ask(self.model, seating, observation.t, "conclude", turns, max_tokens=self.max_tokens)
        reason = self._error(seating, observation, text, "conclude") or "; ".join(c.reason for c in failed)
        verdict = Verdict(False, one_line(reason or "it cannot be used now"))
        return self._tell(seating, observation, call, verdict, "conclusion", conditions)


def _says_usable(text: str) -> bool | None:
    """What the line `Verdict: ...` says; None if there is none, or it says neither."""
    line = " ".join((read_line(text, "Verdict") or "").lower().replace("’", "'").split())
    if any(no in line for no in ("cannot", "can not", "can't", "unusable", "not usable")):
        return False
    return True if "can be used" in line or "usable" in line else None


def _judged(text: str) -> tuple[tuple[str, bool, str], ...]:
    """The lines `Condition: need | yes or no | why`, as far as they can be read; line by line, in linear time."""
    matches = (_CONDITION.match(line.lstrip(" \t*_-`")) for line in text.splitlines())
    told = [(one_line(m[1]), m[2].lower() == "yes", one_line(m[3])) for m in matches if m]
    return tuple(told[:_MOST_CONDITIONS])
