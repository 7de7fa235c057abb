"""What `talkoot judge demo` shows: a small policy solves, a small judge reads along, from a run of the pipeline."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from talkoot.errors import BadInput
from talkoot.judge import Judge, Trace, Verdict
from talkoot.judging.dialect import Tiny
from talkoot.judging.judges import Generative
from talkoot.judging.problem import Problem
from talkoot.judging.search import read_piece, seed_of_attempt
from talkoot.judging.tasks.arithmetic import Task
from talkoot.learning.sampling import Prompt, Sampler
from talkoot.learning.tiny import TinyCausal, open_tiny

SHIPPED = Path(__file__).parent / "shipped"
TASK = Task("chain", modulus=7, steps=(2, 5), leaps=0.0)


@dataclass(frozen=True)
class Attempt:
    """One chunk that was drawn, and what the judge said of it. `kept` if the solution goes on with it."""

    chunk: str
    verdict: Verdict
    kept: bool


def shipped() -> tuple[TinyCausal, TinyCausal]:
    """The policy and the judge beside this file (`bench/ship_models.py` puts them there). Raises BadInput where they
    are missing or damaged."""
    return open_tiny(SHIPPED / "policy"), open_tiny(SHIPPED / "judge")


def from_run(folder: Path) -> tuple[TinyCausal, TinyCausal, Task]:
    """Policy, main judge and task of a run of the pipeline. Raises BadInput where the folder holds none."""
    from talkoot.judging.pipeline.presets import preset

    try:
        name = str(json.loads((folder / "pipeline.json").read_text(encoding="utf-8"))["preset"]["name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{folder} is no run of `talkoot judge pipeline` (its pipeline.json is missing)") from error
    return open_tiny(folder / "policy"), open_tiny(folder / "judges" / "stepwiser"), preset(name).task


def watch(
    problem: Problem, policy: Sampler, judge: Judge, dialect: Tiny, seed: int, attempts: int = 5
) -> Iterator[Attempt]:
    """Chunk-reset search on one problem, attempt by attempt (`judging.search.chunk_reset` does many at a time)."""
    trace, ended, spent = Trace(problem.text), False, 0
    while not ended and len(trace.chunks) < 16 and spent < dialect.solution_tokens:
        tried: list[tuple[Verdict, Trace, bool, int]] = []
        for attempt in range(attempts):
            prompt = Prompt(dialect.go_on(trace), 1, seed_of_attempt(seed, attempt))
            piece = read_piece(policy.complete([prompt], max_tokens=dialect.chunk_tokens, stop=("</chunk>",))[0][0])
            if not piece.chunk:
                return
            verdict = asyncio.run(_one(judge, trace.then(piece.chunk)))
            tried.append((verdict, trace.then(piece.chunk), piece.last, piece.tokens))
            if verdict.good:
                break
            if attempt + 1 < attempts:
                yield Attempt(piece.chunk, verdict, kept=False)
        verdict, best, last, tokens = tried[-1] if tried[-1][0].good else max(tried, key=lambda one: one[0].score)
        yield Attempt(best.chunks[-1], verdict, kept=True)
        trace, ended, spent = best, last or "\\boxed" in best.chunks[-1], spent + tokens


async def _one(judge: Judge, trace: Trace) -> Verdict:
    return (await judge([trace]))[0]


def speaker(network: TinyCausal, dialect: Tiny) -> Judge:
    """The shipped judge as a Judge."""
    return Generative(network, dialect)
