"""The judge's warm start: analyses in the policy's own hand, verdicts by a weak labeller (reference, 7.4; ours).

A network trained from scratch cannot follow an instruction, so the form of an analysis is taught. The policy works the
chunk again, in one leap or (seldom) in single operations, with all its own errors; the weak labeller compares the two
results and, at a given rate, says anything. No oracle and no rollout label is involved: what is right is left to the
reinforcement learning that follows.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging.dialect import CLOSE, NEGATIVE, OPEN, POSITIVE, Tiny
from talkoot.learning.sampling import Prompt, Sampler

CHECK = " check :"
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Warm:
    """`by_steps` is the share of leaps that are worked again in single operations, `random` that of random verdicts.

    Analyses are drawn at `temperature`. For each that comes to another result than its chunk, `like` are kept that
    come to the same: of all of them, most would, and the judge would learn to copy the chunk's result instead of
    working it out.
    """

    by_steps: float = 0.1
    random: float = 0.3
    temperature: float = 0.0
    like: float = 1.0


def analyses(
    traces: Sequence[Trace], policy: Sampler, dialect: Tiny, settings: Warm = Warm(), *, seed: int = 0
) -> list[tuple[Trace, str]]:
    """Analyses of the last chunk of each trace, by the policy. Those that do not take up the same thing, or that it did
    not finish, are left out. Raises BadInput for a trace without chunks."""
    if not all(trace.chunks for trace in traces):
        raise BadInput("a trace without chunks has nothing to analyse; give each at least one")
    rng = random.Random(f"warm/{seed}")
    prompts = []
    for trace in traces:
        chunk = trace.chunks[-1]
        before = Trace(trace.problem, trace.chunks[:-1])
        if chunk.startswith(CHECK):
            prompts.append((dialect.go_on(before) + OPEN + CHECK, CHECK))
        elif is_leap(chunk) and rng.random() < settings.by_steps:
            prompts.append((dialect.go_on(trace) + OPEN + CHECK, CHECK))
        else:
            prompts.append((dialect.go_on(before) + OPEN, ""))
    drawn = policy.complete(
        [Prompt(text, 1, seed + i) for i, (text, _) in enumerate(prompts)],
        max_tokens=dialect.chunk_tokens,
        stop=[CLOSE],
        temperature=settings.temperature,
    )
    kept = []
    for trace, (_, start), (completion,) in zip(traces, prompts, drawn, strict=True):
        analysis = start + completion.text.removesuffix(CLOSE)
        same = _head(analysis) == _head(trace.chunks[-1]) or bool(start)
        told = analysis.replace("\n", "").rstrip(" ")
        if completion.text.endswith(CLOSE) and same and told.endswith(".") and _NUMBER.search(told):
            kept.append((trace, told))
    return kept


def examples(
    found: Sequence[tuple[Trace, str]], dialect: Tiny, settings: Warm = Warm(), *, seed: int = 0
) -> list[tuple[str, str]]:
    """Prompts of the judge, and the analyses with their verdicts."""
    rng = random.Random(f"warm verdicts/{seed}")
    told = []
    same, other = ([one for one in found if (result(one[1]) == result(one[0].chunks[-1])) == s] for s in (True, False))
    chosen = rng.sample(same, min(len(same), round(settings.like * len(other)))) + other
    rng.shuffle(chosen)
    for trace, analysis in chosen:
        good = result(analysis) == result(trace.chunks[-1])
        if rng.random() < settings.random:
            good = rng.random() < 0.5
        told.append((dialect.judge(trace), analysis + (POSITIVE if good else NEGATIVE)))
    return told


def result(text: str) -> str:
    """The last number of a chunk or an analysis."""
    numbers: list[str] = _NUMBER.findall(text)
    return numbers[-1] if numbers else ""


def is_leap(chunk: str) -> bool:
    """Whether a chunk works two operations at once."""
    told = chunk.partition(" :")[2]
    return ";" not in told and len(_NUMBER.findall(told)) > 3


def _head(text: str) -> str:
    return text.partition(" :")[0].strip()
