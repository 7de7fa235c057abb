"""Judges: an analysis and a boxed verdict from a sampler or a chat model, or the verdict at once (StepWiser 2.5).

All of them are `talkoot.judge.Judge`: many traces in, for each a verdict on its last chunk. A score is a probability:
that of the verdict token after the analysis, or the share of votes (reference, 2.13), never only yes or no if the
model can say more. Tokens are those that the judge generates; what it reads is not counted, as nowhere here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from talkoot.errors import BadInput
from talkoot.judge import Judge, Trace, Verdict
from talkoot.judging.dialect import NEGATIVE, POSITIVE, Dialect
from talkoot.learning.sampling import Prompt, Sampler
from talkoot.model import Model, Request

UNREAD = "the reply has no \\boxed{Positive} or \\boxed{Negative}"
PURPOSE = "judging/judge"

_BOX = re.compile(
    r"\\boxed\s{0,4}\{[\s*$]{0,4}(?:\\(?:text|textbf|textit|mathrm|mathbf|bf|rm)\s{0,4}\{?\s{0,4})?(positive|negative)"
    r"[\s.*!$]{0,4}\}",
    re.IGNORECASE,
)


def read_verdict(text: str) -> bool | None:
    r"""The verdict of a reply: the last `\boxed{Positive}` (True) or `\boxed{Negative}` (False); None without one.

    Blanks, case and `\text{}` inside the box do not matter; what stands before the last `</think>` is dropped, and a
    thought that was never closed holds no verdict.
    """
    return verdict_at(text)[0]


def verdict_at(text: str) -> tuple[bool | None, int]:
    """The verdict and the character where its box begins; the text's length where there is none."""
    said, tag, rest = text.rpartition("</think>")
    start = len(said) + len(tag)
    if "<think>" in rest:
        return None, len(text)
    found = None
    for found in _BOX.finditer(text, start):  # noqa: B007 - the last one is wanted
        pass
    return (found[1].lower() == "positive", found.start()) if found else (None, len(text))


def check_traces(traces: Sequence[Trace]) -> None:
    """Raise BadInput for a trace without chunks: there is nothing to judge in it."""
    for i, trace in enumerate(traces):
        if not trace.chunks:
            raise BadInput(
                f"trace {i} (problem {trace.problem[:60]!r}) has no chunks; a judge judges the last chunk of a trace, "
                "so cut the solution into chunks first"
            )


def _check_votes(votes: int) -> None:
    if votes < 1:
        raise BadInput(f"a judge needs at least one vote, not {votes}")


def _majority(votes: Sequence[bool | None], scores: Sequence[float] | None, unread: bool) -> tuple[bool, float]:
    """Decision and score of votes (None: unread). A tie goes by the mean of the scores, without scores to Negative."""
    read = [vote for vote in votes if vote is not None]
    score = sum(scores) / len(scores) if scores else sum(read) / len(read) if read else 0.5
    if not read:
        return (score >= 0.5 if scores else unread), score
    ahead = 2 * sum(read) - len(read)
    return (score >= 0.5 if not ahead and scores else ahead > 0), score


@dataclass
class Generative:
    r"""A sampler that writes an analysis and a boxed verdict (StepWiser 2.5).

    One vote is taken greedily, k votes are drawn at temperature 1 and decided by majority, unless `temperature` says
    otherwise (reference, 2.13). `score` "options": the probability of Positive against Negative where the verdict
    stands, given the analysis, averaged over the votes; "votes": the share of votes that say Positive.

    A reply without a verdict is told in `fault`. With "options" that vote is decided by the probability after what was
    written; with "votes" it is left out, and if none can be read the decision is `unread` and the score 0.5.
    `stop` ends a reply at its verdict; give () for models that box words while they think.
    """

    sampler: Sampler
    dialect: Dialect
    votes: int = 1
    temperature: float | None = None
    score: Literal["options", "votes"] = "options"
    unread: bool = True
    seed: int = 0
    stop: tuple[str, ...] = (POSITIVE, NEGATIVE)
    name: str = field(init=False)

    def __post_init__(self) -> None:
        _check_votes(self.votes)
        self.name = f"generative:{self.sampler.name}" + (f",votes={self.votes}" if self.votes > 1 else "")

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        """Judge all traces in one batch of the sampler, in a thread. Raises BadInput for a trace without chunks."""
        check_traces(traces)
        return await asyncio.to_thread(self._judge, traces) if traces else []

    def _judge(self, traces: Sequence[Trace]) -> list[Verdict]:
        prompts = [self.dialect.judge(trace) for trace in traces]
        drawn = self.sampler.complete(
            [Prompt(prompt, self.votes, self.seed) for prompt in prompts],
            max_tokens=self.dialect.analysis_tokens,
            stop=self.stop,
            temperature=self.temperature if self.temperature is not None else float(self.votes > 1),
        )
        found = [[verdict_at(reply.text) for reply in replies] for replies in drawn]
        before = [
            [prompt + reply.text[:at] for reply, (_, at) in zip(replies, read, strict=True)]
            for prompt, replies, read in zip(prompts, drawn, found, strict=True)
        ]
        positive: dict[str, float] = {}
        if self.score == "options":
            texts = list(dict.fromkeys(text for some in before for text in some))
            shares = self.sampler.options(texts, (POSITIVE, NEGATIVE))
            positive = {text: share[0] for text, share in zip(texts, shares, strict=True)}
        verdicts = []
        for replies, read, some in zip(drawn, found, before, strict=True):
            votes = [vote for vote, _ in read]
            scores = [positive[text] for text in some] if positive else None
            unread = votes.count(None)
            if scores:
                votes = [score >= 0.5 if vote is None else vote for vote, score in zip(votes, scores, strict=True)]
            good, score = _majority(votes, scores, self.unread)
            # The analysis that is told is one that came to the decision.
            shown = votes.index(good) if good in votes else 0
            verdicts.append(
                Verdict(
                    good, score, replies[shown].text[: read[shown][1]], sum(reply.tokens for reply in replies),
                    _fault(unread, len(replies)),
                )
            )  # fmt: skip
        return verdicts


def _fault(unread: int, votes: int) -> str:
    if not unread:
        return ""
    return UNREAD if votes == 1 else f"{unread} of {votes} replies: {UNREAD}"


@dataclass
class Discriminative:
    """The verdict at once, without an analysis: the no-CoT judge and the discriminative baseline (StepWiser 2.7).

    The score is the probability of Positive against Negative right after the prompt; good from `threshold` on. Counts
    one token a verdict, which is what a chat with the verdict token alone generates.
    """

    sampler: Sampler
    dialect: Dialect
    threshold: float = 0.5
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = f"discriminative:{self.sampler.name}"

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        """Judge all traces in one batch, in a thread. Raises BadInput for a trace without chunks."""
        check_traces(traces)
        if not traces:
            return []
        prompts = [self.dialect.judge(trace) for trace in traces]
        shares = await asyncio.to_thread(self.sampler.options, prompts, (POSITIVE, NEGATIVE))
        return [Verdict(share[0] >= self.threshold, share[0], tokens=1) for share in shares]


@dataclass
class Chat:
    """A chat model as judge: NAME@URL, a recording, the rulebook. The prompt is that of `judging.instruct`.

    `votes` requests a trace, at most `concurrency` of all at once; one vote at temperature 0, k votes at temperature 1
    with seeds `seed`, `seed` + 1, ..., unless `temperature` says otherwise. The score is the share of the votes that
    could be read and say Positive: with one vote it is 0 or 1, so take more where scores matter. If no vote can be
    read the decision is `unread`, the score 0.5, and `fault` says so. Raises what the model raises.
    """

    model: Model
    votes: int = 1
    temperature: float | None = None
    max_tokens: int = 1024
    concurrency: int = 16
    unread: bool = True
    seed: int = 0
    name: str = field(init=False)

    def __post_init__(self) -> None:
        _check_votes(self.votes)
        if self.concurrency < 1:
            raise BadInput(f"a judge needs room for at least one request at a time, not {self.concurrency}")
        self.name = f"chat:{self.model.name}" + (f",votes={self.votes}" if self.votes > 1 else "")

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        """Judge all traces. Raises BadInput for a trace without chunks."""
        from talkoot.judging.instruct import judge_turns

        check_traces(traces)
        temperature = self.temperature if self.temperature is not None else float(self.votes > 1)
        requests = [
            Request(PURPOSE, tuple(judge_turns(trace)), temperature, self.max_tokens, seed=self.seed + vote)
            for trace in traces
            for vote in range(self.votes)
        ]
        replies: list[tuple[str, int]] = [("", 0)] * len(requests)
        todo = iter(enumerate(requests))

        async def work() -> None:
            for i, request in todo:
                reply = await self.model(request)
                replies[i] = reply.text, reply.usage.completion_tokens

        await _all_or_none([asyncio.ensure_future(work()) for _ in range(min(self.concurrency, len(requests)))])
        verdicts = []
        for i in range(0, len(replies), self.votes):
            texts = [text for text, _ in replies[i : i + self.votes]]
            found = [verdict_at(text) for text in texts]
            votes = [vote for vote, _ in found]
            good, score = _majority(votes, None, self.unread)
            shown = votes.index(good) if good in votes else 0
            tokens = sum(count for _, count in replies[i : i + self.votes])
            analysis = texts[shown][: found[shown][1]].rstrip()
            verdicts.append(Verdict(good, score, analysis, tokens, _fault(votes.count(None), self.votes)))
        return verdicts


async def _all_or_none(tasks: list[asyncio.Future[None]]) -> None:
    """Await all; if one fails, stop the others before raising."""
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


@dataclass
class Majority:
    """Several judges vote. The score is the mean of theirs, which also decides a tie; tokens and faults add up."""

    judges: Sequence[Judge]
    name: str = field(init=False)

    def __post_init__(self) -> None:
        if not self.judges:
            raise BadInput("a majority needs at least one judge")
        self.name = "majority:" + "+".join(judge.name for judge in self.judges)

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        """Judge all traces with every judge, one judge after the other."""
        said = [await judge(traces) for judge in self.judges]
        verdicts = []
        for some in zip(*said, strict=True):
            good, score = _majority([verdict.good for verdict in some], [verdict.score for verdict in some], True)
            analysis = next((verdict.analysis for verdict in some if verdict.good == good), "")
            faults = "; ".join(dict.fromkeys(verdict.fault for verdict in some if verdict.fault))
            verdicts.append(Verdict(good, score, analysis, sum(verdict.tokens for verdict in some), faults))
        return verdicts


@dataclass
class Outcome:
    """An outcome reward model, as reference: a judge that is asked about finished solutions only.

    As a Judge it says what `judge` says, which should have learnt from final answers; `score_solutions` asks it once
    for each solution, about its last chunk.
    """

    judge: Judge
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = f"outcome:{self.judge.name}"

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        """What the judge says."""
        return await self.judge(traces)
