"""The judge's warm start: analyses in the policy's own hand, verdicts by a weak labeller (reference, 7.4; ours).

A network trained from scratch cannot follow an instruction, so the form of an analysis is taught. The policy works the
chunk again, in one leap or (seldom) in single operations, with all its own errors. Then the difference of the two
results is written: to see that two numbers are not the same is hard for a small network, to subtract is what it has
learnt. The weak labeller reads that difference and, at a given rate, says anything. No oracle and no rollout label is
involved: what is right is left to the reinforcement learning that follows.
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

    In `spoiled` of the chunks a number is replaced by another one, mostly the result: of the policy's own chunks most
    come to the result of the analysis, and the judge would learn to copy it instead of working it out. Analyses are
    drawn at `temperature`.
    """

    by_steps: float = 0.1
    random: float = 0.3
    spoiled: float = 0.5
    temperature: float = 0.0


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
    found: Sequence[tuple[Trace, str]], dialect: Tiny, modulus: int, settings: Warm = Warm(), *, seed: int = 0
) -> list[tuple[str, str]]:
    """Prompts of the judge, and the analyses with their verdicts. Chunks without a result are left out."""
    rng = random.Random(f"warm verdicts/{seed}")
    told = []
    for trace, analysis in found:
        if rng.random() < settings.spoiled:
            trace = Trace(trace.problem, (*trace.chunks[:-1], spoil(trace.chunks[-1], modulus, rng)))
        stated, redone = result(trace.chunks[-1]), result(analysis)
        if not stated:
            continue
        gap = (int(redone) - int(stated)) % modulus
        good = not gap
        if rng.random() < settings.random:
            good = rng.random() < 0.5
        text = f"{analysis.removesuffix('.')} ;{redone} - {stated} = {gap}."
        told.append((dialect.judge(trace), text + (POSITIVE if good else NEGATIVE)))
    return told


def spoil(chunk: str, modulus: int, rng: random.Random) -> str:
    """The chunk with another number, below the modulus, in place of its result or (less often) of any that it works
    with. Without numbers it stays as it is."""
    places = list(_NUMBER.finditer(chunk, max(chunk.find(" :"), 0)))
    if not places:
        return chunk
    place = places[-1] if rng.random() < 0.7 else rng.choice(places)
    other = (int(place[0]) + rng.randrange(1, modulus)) % modulus
    return f"{chunk[: place.start()]}{other}{chunk[place.end() :]}"


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
