"""Putting the trained judge to use: chunk-reset against voting at equal tokens, and data selection."""

from __future__ import annotations

import asyncio
from typing import Any

from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging.answers import Grader
from talkoot.judging.chunks import Malformed, parse
from talkoot.judging.equal_tokens import at_equal_tokens
from talkoot.judging.pipeline.policy import quality
from talkoot.judging.pipeline.training import open_judge_of
from talkoot.judging.pipeline.work import MORE, Work
from talkoot.judging.problem import Problem
from talkoot.judging.rollouts import without_tags
from talkoot.judging.scores import score_solutions
from talkoot.judging.search import Solution, TokenLedger, chunk_reset
from talkoot.judging.selection import examples, select_by_outcome, select_by_steps
from talkoot.judging.voting import Candidate, candidates
from talkoot.learning.sampling import Prompt
from talkoot.learning.sft import fit
from talkoot.learning.tiny import TinyCausal, open_tiny


def search(work: Work) -> dict[str, Any]:
    """Chunk-reset with the main row's judge on unseen problems, and everything else at its tokens."""
    policy = open_tiny(work.folder("policy"), device=work.preset.device)
    network = open_tiny(work.folder("judges/stepwiser"), device=work.preset.device)
    judge = open_judge_of(work, network, at_once=False)
    problems = work.problems("test", work.preset.search_problems, first=400_000)
    with Grader() as grader:
        drawn = _sampled(work, policy, problems, work.preset.search_samples)
        scored = asyncio.run(score_solutions(judge, [one.trace for group in drawn for one in group]))
        rest = iter(scored)
        plain = candidates(problems, drawn, grader, [[next(rest) for _ in group] for group in drawn])
        work.say("search", 0.5)
        found = asyncio.run(chunk_reset(problems, policy, work.dialect, judge, seed=work.seed))
        searched = candidates(problems, [[one] for one in found], grader)
    told = at_equal_tokens(plain, searched).to_json()
    told["forced"] = sum(one.forced for one in found) / len(found)
    return told


def _sampled(work: Work, policy: TinyCausal, problems: list[Problem], n: int) -> list[list[Solution]]:
    drawn = policy.complete(
        [Prompt(work.dialect.solve(p.text), n, work.seed) for p in problems], max_tokens=work.dialect.solution_tokens
    )
    return [
        [Solution(_trace(p.text, one.text), TokenLedger(accepted=one.tokens), one.ended) for one in group]
        for p, group in zip(problems, drawn, strict=True)
    ]


def _trace(problem: str, text: str) -> Trace:
    try:
        chunks = tuple(parse(text))
    except Malformed:
        chunks = ()
    return Trace(problem, chunks or (without_tags(text),))


def select(work: Work) -> dict[str, Any]:
    """Stepwise data selection (StepWiser 2.11): fine-tune the policy on the right solution of each problem that the
    judge likes best, against one drawn at random; both are measured greedily. Raises BadInput where it solves
    nothing."""
    preset = work.preset
    network = open_tiny(work.folder("judges/stepwiser"), device=preset.device)
    judge = open_judge_of(work, network, at_once=False)
    problems = work.problems("train", preset.segment_problems, first=600_000)
    with Grader() as grader:
        drawn = _sampled(work, open_tiny(work.folder("policy"), device=preset.device), problems, 8)
        rest = iter(asyncio.run(score_solutions(judge, [one.trace for group in drawn for one in group])))
        graded = candidates(problems, drawn, grader, [[next(rest) for _ in group] for group in drawn])
    if not any(one.correct for group in graded for one in group):
        raise BadInput(
            f"stage selection: the policy solved none of {len(problems)} problems; "
            f"{MORE}segment_problems or policy.steps"
        )
    told: dict[str, Any] = {}
    chosen: dict[str, list[Candidate]] = {
        "by steps": select_by_steps(graded),
        "by outcome": select_by_outcome(graded, work.seed),
    }
    told["before"] = quality(work, open_tiny(work.folder("policy"), device=preset.device), tags=True).to_json()
    for name, some in chosen.items():
        policy = open_tiny(work.folder("policy"), device=preset.device)
        fit(policy, examples(some, work.dialect), preset.segment, seed=work.seed)
        told[name] = {"examples": len(some), **quality(work, policy, tags=True).to_json()}
    return told
