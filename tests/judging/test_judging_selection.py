"""Which solutions the policy learns from."""

from __future__ import annotations

from talkoot.judge import Trace
from talkoot.judging.dialect import Tiny
from talkoot.judging.search import TokenLedger
from talkoot.judging.selection import examples, select_by_outcome, select_by_steps
from talkoot.judging.voting import Candidate


def one(problem: str, chunk: str, right: bool, score: float) -> Candidate:
    return Candidate(Trace(problem, (chunk, "end")), "1", right, TokenLedger(), score)


GROUPS = [
    [one("p", "a", True, 0.4), one("p", "b", False, 0.9), one("p", "c", True, 0.8), one("p", "d", True, 0.8)],
    [one("q", "a", False, 0.4)],
    [],
    [one("r", "a", True, 0.1)],
]


def test_the_best_correct_one_of_each_problem() -> None:
    assert select_by_steps(GROUPS) == [GROUPS[0][2], GROUPS[3][0]]


def test_by_outcome_any_correct_one_and_the_seed_decides() -> None:
    found = [select_by_outcome(GROUPS, seed) for seed in range(40)]
    assert found == [select_by_outcome(GROUPS, seed) for seed in range(40)]
    assert {tuple(c.trace.chunks[0] for c in chosen) for chosen in found} == {("a", "a"), ("c", "a"), ("d", "a")}


def test_examples_to_learn_from() -> None:
    assert examples(select_by_steps(GROUPS), Tiny()) == [
        ("p<solution>", "<chunk>c</chunk><chunk>end</chunk>"),
        ("r<solution>", "<chunk>a</chunk><chunk>end</chunk>"),
    ]
