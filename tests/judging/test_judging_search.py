"""Chunk-reset search on a simulated policy and simulated judges."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging_simulated import Oracle, Says, Stepper, Writer, problems
from talkoot.episode import run_sync
from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging.chunks import parse
from talkoot.judging.dialect import CLOSE, OPEN, Tiny
from talkoot.judging.search import Solution, TokenLedger, chunk_reset, read_piece, seed_of_attempt
from talkoot.learning.sampling import Completion, Prompt, Sampler

TOKENS = st.integers(0, 10**6)
LEDGERS = st.builds(TokenLedger, TOKENS, TOKENS, TOKENS)


@given(LEDGERS, LEDGERS, LEDGERS)
def test_ledgers_add_up(a: TokenLedger, b: TokenLedger, c: TokenLedger) -> None:
    assert (a + b) + c == a + (b + c) == sum([b, c], a)
    assert a + TokenLedger() == a
    assert (a + b).total == a.total + b.total == (a + b).policy + (a + b).judge
    assert a.policy == a.accepted + a.rejected


def test_a_ledger_holds_no_debts() -> None:
    with pytest.raises(BadInput, match="fewer than none"):
        TokenLedger(1, -1)


@pytest.mark.parametrize("seed", [0, 5])
@pytest.mark.parametrize("tokens", [160, 30])
def test_a_judge_that_accepts_everything_changes_nothing(seed: int, tokens: int) -> None:
    policy, dialect = Stepper(errs=0.3), Tiny(solution_tokens=tokens)
    assert isinstance(policy, Sampler)
    some = problems(40)
    whole = policy.complete([Prompt(dialect.solve(p.text), 1, seed) for p in some], max_tokens=tokens)
    plain = run_sync(chunk_reset(some, policy, dialect, None, seed=seed))
    judged = run_sync(chunk_reset(some, policy, dialect, Says(lambda trace: 1.0), seed=seed))
    assert [list(s.trace.chunks) for s in plain] == [parse(draw.text) for (draw,) in whole]
    if tokens == 160:
        assert [s.tokens.accepted for s in plain] == [draw.tokens for (draw,) in whole]
    assert [s.ended for s in plain] == [draw.ended for (draw,) in whole]
    for one, other in zip(plain, judged, strict=True):
        assert one.tokens == dataclasses.replace(other.tokens, judge=0)
        assert other.tokens.judge == 3 * len(other.scores) == 3 * len(other.trace.chunks)
        assert dataclasses.replace(other, tokens=one.tokens, scores=()) == one
        assert one.tokens.rejected == one.forced == one.malformed == 0


def test_a_perfect_judge_lets_nothing_wrong_through() -> None:
    policy, judge = Stepper(errs=0.4, mends=0.0), Oracle()
    solutions = run_sync(chunk_reset(problems(60), policy, Tiny(), judge, attempts=12))
    assert all("bad" not in s.text and s.text.endswith("{1}") for s in solutions)
    assert sum(s.tokens.rejected for s in solutions) > 60
    # Each draw of a chunk costs the judge one verdict of 4 tokens; a draw has 8 tokens, the answer 6, the end 1.
    for s in solutions:
        assert s.tokens.judge == 4 * (s.tokens.rejected // 8 + len(s.trace.chunks))
        assert s.tokens.accepted == 5 * 8 + 6 + 1
        assert len(s.scores) == len(s.trace.chunks) == 6
        assert min(s.scores) >= 0.5


def test_all_problems_advance_in_one_batch() -> None:
    policy = Stepper(steps=3, errs=0.0)
    run_sync(chunk_reset(problems(20), policy, Tiny(), Says(lambda trace: 1.0), temperature=0.7))
    assert policy.calls == [(20, (CLOSE,), 0.7)] * 5  # three chunks, the answer, the end


def test_what_is_kept_after_the_last_attempt() -> None:
    def score(trace: Trace) -> float:
        return {0: 0.1, 1: 0.3, 2: 0.3, 3: 0.2}[drawn.index(trace.chunks[-1])]

    drawn = [f"{k}" for k in "abcd"]
    for fallback, kept in (("best", "b"), ("last", "d")):
        texts = iter(drawn)

        def write(prompt: str, copy: int, texts: object = texts) -> str:
            return "" if CLOSE in prompt else f"{OPEN}{next(texts)}{CLOSE}"  # type: ignore[call-overload]

        judge = Says(score, tokens=10)
        (solution,) = run_sync(
            chunk_reset(problems(1), Writer(write), Tiny(), judge, attempts=4, fallback=fallback)  # type: ignore[arg-type]
        )
        assert solution.trace.chunks == (kept,)
        assert solution.forced == 1
        assert solution.scores == (score(solution.trace),)
        assert solution.tokens == TokenLedger(1, 3, 40)
        assert [trace.chunks[-1] for trace in judge.asked] == drawn


def test_a_chunk_drawn_twice_is_judged_once_and_paid_for_once() -> None:
    policy = Writer(lambda prompt, copy: "" if CLOSE in prompt else f"{OPEN}same{CLOSE}")
    judge = Says(lambda trace: 0.2, tokens=10)
    one, two = run_sync(chunk_reset([problems(1)[0]] * 2, policy, Tiny(), judge, attempts=3))
    assert len(judge.asked) == 1
    assert one == two
    assert one.tokens == TokenLedger(1, 2, 10)  # both problems pay
    assert one.forced == 1


def test_further_attempts_have_seeds_of_their_own() -> None:
    policy = Writer(lambda prompt, copy: "" if CLOSE in prompt else f"{OPEN}x{CLOSE}")
    run_sync(chunk_reset(problems(1), policy, Tiny(), Says(lambda trace: 0.0), attempts=5, seed=11))
    seeds = [prompt.seed for prompt in policy.prompts]
    assert seeds == [*(seed_of_attempt(11, k) for k in range(5)), 11]
    assert seeds[0] == 11
    assert len(set(seeds[:5])) == 5
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_where_a_solution_ends() -> None:
    def solve(write: object, **sizes: int) -> Solution:
        (found,) = run_sync(
            chunk_reset(
                problems(1), Writer(write), Tiny(**sizes), Says(lambda trace: 1.0), most_chunks=7  # type: ignore[arg-type]
            )
        )  # fmt: skip
        return found

    endless = solve(lambda prompt, copy: f"{OPEN}on and on{CLOSE}", solution_tokens=9)
    assert (len(endless.trace.chunks), endless.ended, endless.tokens.accepted) == (3, False, 9)
    free = solve(lambda prompt, copy: f"{OPEN}on{CLOSE}", solution_tokens=10**6)
    assert (len(free.trace.chunks), free.ended) == (7, False)
    silent = solve(lambda prompt, copy: "")
    assert (silent.trace.chunks, silent.ended, silent.scores) == ((), True, ())
    tail = solve(lambda prompt, copy: "so \\boxed{3}" if CLOSE in prompt else f"{OPEN}a{CLOSE}")
    assert tail.trace.chunks == ("a", "so \\boxed{3}")
    assert (tail.text, tail.ended, tail.malformed, len(tail.scores)) == ("aso \\boxed{3}", True, 1, 2)


def test_a_chunk_that_is_cut_ends_the_solution_unjudged() -> None:
    class Rambling(Writer):
        def complete(self, prompts: Sequence[Prompt], **how: Any) -> list[list[Completion]]:
            whole = super().complete(prompts, **how)
            return [[dataclasses.replace(one, ended=one.text.endswith(CLOSE)) for one in some] for some in whole]

    policy = Rambling(lambda prompt, copy: f"{OPEN}and then and" if CLOSE in prompt else f"{OPEN}a{CLOSE}")
    judge = Says(lambda trace: 1.0)
    (solution,) = run_sync(chunk_reset(problems(1), policy, Tiny(chunk_tokens=3), judge))
    assert solution.trace.chunks == ("a", "and then and")
    assert (solution.ended, solution.malformed, solution.tokens) == (False, 1, TokenLedger(4, 0, 3))
    assert [trace.chunks for trace in judge.asked] == [("a",)]
    assert policy.settings[0][0] == 3


@pytest.mark.parametrize(
    ("draw", "chunk", "last", "cut", "malformed"),
    [
        (Completion(f"{OPEN}a\n{CLOSE}", 3), "a\n", False, False, False),
        (Completion(f"a{CLOSE}", 3), "a", False, False, True),
        (Completion(f"{OPEN}{CLOSE}", 3), "", False, False, True),
        (Completion(f"{OPEN}a{OPEN}b{CLOSE}", 3), f"a{OPEN}b", False, False, True),
        (Completion("", 1), "", True, False, False),
        (Completion("\n", 1), "", True, False, False),
        (Completion(OPEN, 2), "", True, False, True),
        (Completion("the end", 2), "the end", True, False, True),
        (Completion(f"{OPEN}a", 3, ended=False), "a", True, True, True),
    ],
)
def test_pieces(draw: Completion, chunk: str, last: bool, cut: bool, malformed: bool) -> None:
    piece = read_piece(draw)
    assert (piece.chunk, piece.last, piece.cut, piece.malformed) == (chunk, last, cut, malformed)


def test_what_makes_no_sense() -> None:
    for wrong in ({"attempts": 0}, {"fallback": "worst"}):
        with pytest.raises(BadInput, match="attempts of 1 or more and a fallback best or last"):
            run_sync(chunk_reset([], Stepper(), Tiny(), None, **wrong))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="drawn again as it was"):
        run_sync(chunk_reset([], Stepper(), Tiny(), Oracle(), temperature=0.0))
    assert run_sync(chunk_reset([], Stepper(), Tiny(), Oracle(), temperature=0.0, attempts=1)) == []


def test_the_head_room_of_simulated_judges() -> None:
    """Reference, 7.3: the gains that judges of given rates bring to a policy that is right in 80 % of the cases."""
    table = {None: 0.795, (1.0, 1.0): 0.975, (0.9, 0.7): 0.92, (0.8, 0.8): 0.91, (0.75, 0.6): 0.85}
    found: dict[tuple[float, float] | None, float] = {}
    rejected: dict[tuple[float, float] | None, int] = {}
    for rates in table:
        judge = Oracle(*rates) if rates else None
        solutions = run_sync(chunk_reset(problems(300), Stepper(), Tiny(), judge))
        found[rates] = sum(s.text.endswith("{1}") for s in solutions) / len(solutions)
        rejected[rates] = sum(s.tokens.rejected for s in solutions)
    for rates, accuracy in table.items():
        assert found[rates] == pytest.approx(accuracy, abs=0.05)  # standard errors: 2 points there, 2 here
    bare = found.pop(None)
    assert found[1.0, 1.0] == 1.0
    assert min(found.values()) == found[0.75, 0.6] >= bare + 0.04
    assert found[0.9, 0.7] >= bare + 0.08
    assert found[0.8, 0.8] >= bare + 0.08
    assert list(rejected.values()) == sorted(rejected.values())  # in the order of the table
