"""Choosing among solutions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging_simulated import Plain, problems
from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging.scores import Scored
from talkoot.judging.search import Solution, TokenLedger
from talkoot.judging.voting import Candidate, best_of_n, candidates, self_consistency, weighted_vote


def made(*pairs: tuple[str | None, float]) -> list[Candidate]:
    return [
        Candidate(Trace("p", (str(i),)), answer, answer == "1", TokenLedger(1), score)
        for i, (answer, score) in enumerate(pairs)
    ]


def test_by_hand() -> None:
    group = made(("2", 0.3), ("1", 0.9), ("2", 0.4), (None, 1.0), ("3", 0.8))
    assert self_consistency(group).answer == "2"
    assert best_of_n(group) == group[1]
    assert weighted_vote(group) == group[1]
    assert weighted_vote(group[:1] + group[2:3] + group[4:]).answer == "3"
    assert self_consistency(made(("2", 0.1), ("1", 0.9))).answer == "2"  # the first of equals
    assert best_of_n(made(("2", 0.5), ("1", 0.5))).answer == "2"


def test_without_any_answer() -> None:
    group = made((None, 0.1), (None, 0.9))
    assert self_consistency(group) == group[0] == weighted_vote(group)
    assert best_of_n(group) == group[1]
    for choose in (self_consistency, weighted_vote, best_of_n):
        with pytest.raises(BadInput, match="nothing to choose from"):
            choose([])


GROUPS = st.lists(st.tuples(st.sampled_from(["1", "2", "3", None]), st.floats(0, 1)), min_size=1, max_size=9)


@given(GROUPS)
def test_what_is_chosen_is_one_of_the_group(pairs: list[tuple[str | None, float]]) -> None:
    group = made(*pairs)
    for choose in (self_consistency, weighted_vote, best_of_n):
        assert choose(group) in group
        if any(candidate.answer for candidate in group):
            assert choose(group).answer is not None
    answers = [candidate.answer for candidate in group if candidate.answer]
    assert all(answers.count(self_consistency(group).answer or "") >= answers.count(answer) for answer in answers)
    alike = made(*[(answer, 0.5) for answer, _ in pairs])
    assert self_consistency(alike).answer == weighted_vote(alike).answer  # equal weights are no weights


def solution(text: str, tokens: int) -> Solution:
    return Solution(Trace("p", (text,)), TokenLedger(tokens))


def test_solutions_are_graded_and_charged_for_the_judge() -> None:
    texts = ["so \\boxed{1/2}", "so \\boxed{0.5}", "hm", "so \\boxed{1}"]
    solutions = [[solution(text, i) for i, text in enumerate(texts)], [solution(texts[3], 9)]]
    scores = [[Scored(0.1 * i, (), 10 * i) for i in range(4)], [Scored(0.7, (), 5)]]
    first, second = candidates(problems(2), solutions, Plain(), scores)
    assert [c.answer for c in first] == ["1/2", "1/2", None, "1"]
    assert [c.correct for c in first] == [False, False, False, True]
    assert [c.tokens for c in first] == [TokenLedger(i, 0, 10 * i) for i in range(4)]
    assert [c.score for c in first] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert second[0].tokens.total == 14
    plain, _ = candidates(problems(2), solutions, Plain())
    assert [(c.score, c.tokens.judge) for c in plain] == [(0.0, 0)] * 4
    assert self_consistency(first).answer == "1/2"


def test_shapes_that_differ() -> None:
    for many, scores in ((2, None), (1, [[]]), (1, [[Scored(0.1, (), 1)] * 2])):
        with pytest.raises(BadInput, match="one list of solutions for each problem"):
            candidates(problems(many), [[solution("a", 1)]], Plain(), scores)
