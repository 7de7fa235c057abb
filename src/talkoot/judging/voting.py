"""Choosing among solutions that are there already: self-consistency, best-of-n, weighted vote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging.answers import final_answer
from talkoot.judging.problem import Problem
from talkoot.judging.scores import Scored
from talkoot.judging.search import Solution, TokenLedger


@dataclass(frozen=True, slots=True)
class Candidate:
    """A graded solution. Equal `answer`s are the same answer, None is none. `score` is a judge's, 0 without one."""

    trace: Trace
    answer: str | None
    correct: bool
    tokens: TokenLedger
    score: float = 0.0


class Grades(Protocol):
    """What `judging.answers.Grader` does."""

    def same(self, gold: str, answer: str) -> bool:
        """Whether an extracted answer is the same as the gold one."""

    def grade(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """For each (gold, solution), whether its final answer is right."""


def candidates(
    problems: Sequence[Problem],
    solutions: Sequence[Sequence[Solution]],
    grader: Grades,
    scores: Sequence[Sequence[Scored]] | None = None,
) -> list[list[Candidate]]:
    """Grade the solutions of each problem; `scores` (same shape) add the judge's scores and its tokens.

    Answers of one problem that the grader takes for the same get one writing, the first that came up, so that votes
    for 1/2 and 0.5 count together. Raises BadInput if the shapes differ.
    """
    if len(problems) != len(solutions) or (scores is not None and [*map(len, scores)] != [*map(len, solutions)]):
        raise BadInput("there must be one list of solutions for each problem, and one score for each solution")
    marks = iter(grader.grade([(p.answer, s.text) for p, some in zip(problems, solutions, strict=True) for s in some]))
    graded = []
    for i, some in enumerate(solutions):
        writings: dict[str, str] = {}
        group = []
        for j, solution in enumerate(some):
            answer = final_answer(solution.text)
            if answer is not None and answer not in writings:
                writings[answer] = next((w for w in set(writings.values()) if grader.same(w, answer)), answer)
            cost = solution.tokens
            if scores is not None:
                cost += TokenLedger(judge=scores[i][j].tokens)
            group.append(
                Candidate(
                    solution.trace,
                    None if answer is None else writings[answer],
                    next(marks),
                    cost,
                    scores[i][j].score if scores is not None else 0.0,
                )
            )
        graded.append(group)
    return graded


def self_consistency(group: Sequence[Candidate]) -> Candidate:
    """One with the commonest answer (majority vote); of equally common ones the answer that came first."""
    return _vote(group, [1.0] * len(group))


def weighted_vote(group: Sequence[Candidate]) -> Candidate:
    """One with the answer whose candidates have the largest sum of scores; of equal sums the one that came first."""
    return _vote(group, [candidate.score for candidate in group])


def best_of_n(group: Sequence[Candidate]) -> Candidate:
    """The one with the best score among those that have an answer; the first of equals."""
    _check(group)
    return max(group, key=lambda candidate: (candidate.answer is not None, candidate.score))


def _vote(group: Sequence[Candidate], weights: Sequence[float]) -> Candidate:
    _check(group)
    sums: dict[str, float] = {}
    for candidate, weight in zip(group, weights, strict=True):
        if candidate.answer is not None:
            sums[candidate.answer] = sums.get(candidate.answer, 0.0) + weight
    if not sums:
        return group[0]
    chosen = max(sums, key=lambda answer: sums[answer])
    return max((c for c in group if c.answer == chosen), key=lambda candidate: candidate.score)


def _check(group: Sequence[Candidate]) -> None:
    if not group:
        raise BadInput("there is nothing to choose from: a problem has no solutions")
