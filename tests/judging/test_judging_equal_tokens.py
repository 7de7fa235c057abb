"""Methods compared at equal tokens."""

from __future__ import annotations

import json

import pytest

from judging_simulated import Oracle, Plain, Stepper, problems
from talkoot.episode import run_sync
from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging.dialect import Tiny
from talkoot.judging.equal_tokens import Comparison, Row, at_equal_tokens
from talkoot.judging.scores import score_solutions
from talkoot.judging.search import TokenLedger, chunk_reset
from talkoot.judging.voting import Candidate, candidates


def one(right: bool, *, tokens: int = 10, judge: int = 5, rejected: int = 0, score: float = 0.5) -> Candidate:
    return Candidate(Trace("p"), "1" if right else "0", right, TokenLedger(tokens, rejected, judge), score)


def row(found: Comparison, method: str, n: int) -> Row:
    return next(row for row in found.rows if (row.method, row.n) == (method, n))


def test_by_hand() -> None:
    sampled = [
        [one(True, score=0.9), one(False, score=0.1), one(True, score=0.2), one(True, score=0.8)],
        [one(False, score=0.2), one(False, score=0.3), one(True, score=0.95), one(False, score=0.4)],
    ]
    searched = [[one(True, tokens=12, rejected=6, judge=7)], [one(True, tokens=12, rejected=6, judge=7)]]
    found = at_equal_tokens(sampled, searched, resamples=200)
    alone = row(found, "policy alone", 1)
    assert alone.values == (0.75, 0.25)
    assert (alone.accuracy.mean, alone.tokens, alone.judge) == (0.5, 10, 0)
    pairs = row(found, "self-consistency", 2)  # ties go to the first: T, T and F, T
    assert (pairs.values, pairs.tokens, pairs.first) == ((1.0, 0.5), 20, (True, False))
    best = row(found, "best-of-n", 4)
    assert (best.values, best.tokens, best.judge) == ((1.0, 1.0), 60, 20)
    vote = row(found, "weighted vote", 4)
    assert (vote.values, vote.tokens) == ((1.0, 1.0), 60)
    search = found.rows[-1]
    assert (search.method, search.values, search.tokens) == ("chunk-reset", (1.0, 1.0), 25)
    assert (search.accepted, search.rejected, search.judge) == (12, 6, 7)
    against = {one.method: one for one in found.against}
    sc = against["self-consistency"]  # 25 tokens: 20 for n = 2 (0.75), or mixtures with n = 3 and 4
    third, fourth = (row(found, "self-consistency", n).accuracy.mean for n in (3, 4))
    assert (sc.n, sc.reached) == (3, True)
    assert (third, fourth) == (0.5, 0.5)
    assert sc.accuracy == 0.75
    assert sc.difference.mean == pytest.approx(1 - sc.accuracy)
    assert not against["policy alone"].reached
    assert against["policy alone"].accuracy == 0.5
    assert against["best-of-n"].accuracy == pytest.approx(0.5 + (25 - 15) / 15 * 0.25)
    assert json.loads(json.dumps(found.to_json()))["rows"][-1]["tokens"] == 25


def test_the_other_method_gets_its_best_mixture() -> None:
    """Two of three right: n = 2 gains nothing over n = 1, so half the problems at n = 3 are better than all at 2."""
    sampled = [[one(True), one(False), one(True)], [one(False), one(True), one(True)]]
    searched = [[one(True, tokens=20, judge=0)]] * 2
    against = {one.method: one for one in at_equal_tokens(sampled, searched, ns=(1, 2, 3), resamples=50).against}
    assert against["self-consistency"].accuracy == pytest.approx((2 / 3 + 1) / 2)
    assert against["self-consistency"].n == 2


def test_curves_that_do_not_reach() -> None:
    cheap, dear = [[one(True, tokens=2, judge=0)]] * 3, [[one(True, tokens=900)]] * 3
    sampled = [[one(False), one(False)]] * 3
    for searched, n in ((cheap, 1), (dear, 2)):
        for against in at_equal_tokens(sampled, searched, resamples=50).against:
            assert not against.reached
            assert against.n == (1 if against.method == "policy alone" else n)
            assert (against.accuracy, against.difference.mean, against.p) == (0.0, 1.0, 0.25)


def test_sizes() -> None:
    sampled, searched = [[one(True)] * 7] * 2, [[one(True)] * 3] * 2
    assert [row.n for row in at_equal_tokens(sampled, searched, resamples=50).rows] == [
        1, *[1, 2, 3, 4, 6] * 3, 1,
    ]  # fmt: skip
    assert [row.n for row in at_equal_tokens(sampled, searched, ns=(5, 1, 5, 99), resamples=50).rows] == [
        1, *[1, 5] * 3, 1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sampled", "searched"),
    [
        ([], []),
        ([[]], [[one(True)]]),
        ([[one(True)]], []),
        ([[one(True)]], [[]]),
        ([[one(True)], []], [[one(True)]] * 2),
    ],
)
def test_shapes(sampled: list[list[Candidate]], searched: list[list[Candidate]]) -> None:
    with pytest.raises(BadInput, match="same number of samples"):
        at_equal_tokens(sampled, searched)


def test_no_size_that_can_be_tried() -> None:
    with pytest.raises(BadInput, match=r"no size among \[4\] can be tried with 1 samples"):
        at_equal_tokens([[one(True)]], [[one(True)]], ns=[4])


def test_a_simulated_policy_and_judge_from_end_to_end() -> None:
    some, dialect, judge = problems(80), Tiny(), Oracle(0.9, 0.8, tokens=2)
    drawn = [run_sync(chunk_reset(some, Stepper(), dialect, None, seed=seed)) for seed in range(4)]
    groups = [list(group) for group in zip(*drawn, strict=True)]
    scores = [run_sync(score_solutions(judge, [s.trace for s in group], "min")) for group in groups]
    sampled = candidates(some, groups, Plain(), scores)
    found = run_sync(chunk_reset(some, Stepper(), dialect, judge, seed=9))
    compared = at_equal_tokens(sampled, candidates(some, [[s] for s in found], Plain()), resamples=500)
    alone, search = compared.rows[0], compared.rows[-1]
    assert 0.6 < alone.accuracy.mean < search.accuracy.mean
    assert alone.tokens == 47 == row(compared, "self-consistency", 2).tokens / 2
    assert search.tokens == search.accepted + search.rejected + search.judge > 47 + 2 * 6
    assert row(compared, "best-of-n", 4).judge == 4 * 6 * 2
    assert row(compared, "best-of-n", 4).accuracy.mean > alone.accuracy.mean
    bare = next(one for one in compared.against if one.method == "policy alone")
    assert bare.difference.low > 0
    assert bare.difference.mean == pytest.approx(search.accuracy.mean - alone.accuracy.mean)
