"""Judgement: is the reasoning that led to a plan sound, chunk by chunk? (StepWiser, section 2; as an organ: ours)

The verifier asks whether a skill can be carried out; this organ reads how the planner came to it. The reply of the
planner (ProAgent's analysis, intention and plan; CoELA's chain of thought with its answer) is cut into chunks, and any
`talkoot.judge.Judge` is asked about one after the other, up to the first that is not sound. Then the plan is rejected
with the judge's reason, as by a verifier.
"""

from __future__ import annotations

from dataclasses import dataclass

from talkoot.agents.planner import Plan
from talkoot.agents.thinking import Seating, one_line, unusable
from talkoot.errors import BadInput
from talkoot.events import Judged
from talkoot.judge import Judge, Trace
from talkoot.judging.chunks import Cutter, by_lines
from talkoot.judging.rules import by_rules
from talkoot.types import Observation

_QUOTED, _TOLD = 140, 240  # characters of a bad chunk and of the judge's analysis in a reason, which is one line


def by_lines_and_rules(text: str) -> list[str]:
    """Cut a reply at its lines, which our prompts give a label each, and every line at the turns of the thought."""
    return [piece for line in by_lines(text) for piece in by_rules(line)]


@dataclass(frozen=True)
class Opinion:
    """Whether the reasoning is sound, why not, and the lowest probability that the judge gave one of its chunks."""

    ok: bool
    reason: str = ""
    score: float = 1.0


@dataclass
class StepJudge:
    """Judges the reasoning behind a plan. It keeps nothing from plan to plan.

    `cut` cuts a reply into chunks (see `judging.chunks`). `at_once` chunks are judged in one call of the
    judge: with 1, nothing behind the first bad chunk is paid for; with more, a long reasoning takes fewer calls in a
    row. A reply has at most 8000 characters (`thinking.LONGEST_REPLY`), and chunks beyond `most` are joined to the
    last. Raises BadInput for bounds below 1.
    """

    judge: Judge
    cut: Cutter = by_lines_and_rules
    at_once: int = 1
    most: int = 24

    def __post_init__(self) -> None:
        if self.at_once < 1 or self.most < 1:
            raise BadInput(f"StepJudge needs at_once and most of at least 1, not {self.at_once} and {self.most}")

    async def __call__(self, seating: Seating, observation: Observation, words: str, plan: Plan) -> Opinion:
        """Judge the plan's reasoning, told in `words` what the planner saw; a plan without a reply has none."""
        if plan.problem or not plan.reply.strip():
            return Opinion(True)
        chunks = self.cut(plan.reply)
        chunks = [*chunks[: self.most - 1], "".join(chunks[self.most - 1 :])] if len(chunks) > self.most else chunks
        traces = Trace(question(seating, words), tuple(chunks)).prefixes()
        told: list[tuple[str, bool, float, str]] = []
        tokens, reason = 0, ""
        for first in range(0, len(traces), self.at_once):
            for i, verdict in enumerate(await self.judge(traces[first : first + self.at_once]), first):
                tokens += verdict.tokens
                if reason:
                    continue  # judged along with a bad chunk, so it counts but says nothing
                if verdict.fault:
                    unusable(seating, observation.t, "judge", verdict.fault)
                told.append((chunks[i], verdict.good, verdict.score, verdict.analysis))
                if not verdict.good:
                    reason = _reason(chunks[i], verdict.score, verdict.analysis)
            if reason:
                break
        seating.record(
            Judged(observation.t, seating.guide.seat, str(plan.skill), not reason, self.judge.name, tuple(told),
                   len(chunks) - len(told), reason, tokens)
        )  # fmt: skip
        return Opinion(not reason, reason, min(score for _, _, score, _ in told))


def question(seating: Seating, words: str) -> str:
    """The problem that the planner's reply solves, in words: task, rules, what it saw, and whose next deed it is."""
    guide = seating.guide
    rules = "\n".join(f"- {rule}" for rule in guide.rules)
    parts = (guide.task, rules, words, f"What should {guide.name(guide.seat)} do next?")
    return "\n\n".join(part for part in parts if part)


def _reason(chunk: str, score: float, analysis: str) -> str:
    why = one_line(analysis, _TOLD) or f"it is sound with a probability of {score:.2f} only"
    return f'the reasoning "{one_line(chunk, _QUOTED)}" was judged unsound: {why}'
