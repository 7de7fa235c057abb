"""Allocations: the same labels for fewer rollouts, doubt answered by draws, errors found by halving."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.judging.allocation import Adaptive, Allocation, Curtailed, FirstError, Fixed
from talkoot.judging.labels import RULES, AbsQ, Counts, Labelling, RelRatio, first_error
from talkoot.judging.posterior import sureness

Draws = list[list[bool]]


def process(rng: random.Random) -> tuple[Draws, bool]:
    """Draws at the prefixes of one solution: Q falls at every chunk, sometimes to almost nothing."""
    chunks, q = rng.randint(1, 7), rng.uniform(0.1, 0.9)
    draws = []
    for _ in range(chunks):
        draws.append([rng.random() < q for _ in range(64)])
        q = min(q * rng.choice([0.0, 0.3, 0.9, 1.1, 1.1, 1.1]), 1.0)
    return draws, rng.random() < q


def carried_out(allocation: Allocation, draws: Draws, right: bool, block: int = 4) -> Counts:
    tries = [16, *(0 for _ in draws[1:]), 1]
    while True:
        successes = [sum(row[:n]) for row, n in zip(draws, tries, strict=False)]
        counts = Counts(tuple(tries), (*successes, int(right)))
        wanted = allocation.wanted(counts, block)
        if not wanted:
            return counts
        assert all(1 <= i < counts.chunks and more >= 1 for i, more in wanted.items())
        for i, more in wanted.items():
            tries[i] += more * block
        assert max(tries[1:-1]) <= allocation.cap


def cost(counts: Counts) -> int:
    return sum(counts.tries[1:-1])


def test_fixed_draws_what_is_missing_at_once() -> None:
    assert Fixed(16).wanted(Counts((16, 0, 4, 16, 1), (8, 0, 1, 3, 1)), 4) == {1: 4, 2: 3}
    assert Fixed(16).wanted(Counts((16, 1), (8, 1)), 4) == {}
    assert Fixed(16).wanted(Counts((16, 32, 1), (8, 9, 1)), 4) == {}


@settings(max_examples=60)
@given(
    st.integers(0, 10**6),
    st.sampled_from(RULES),
    st.sampled_from(["cut", "mask", "keep"]),
    st.booleans(),
    st.sampled_from([1, 2, 9]),
    st.sampled_from([1, 2, 4, 16]),
)
def test_curtailed_labels_are_the_full_ones(
    seed: int, rule: object, after: object, last: bool, ahead: int, block: int
) -> None:
    draws, right = process(random.Random(seed))
    labelling = Labelling(rule, after, last)  # type: ignore[arg-type]
    full = carried_out(Fixed(16), draws, right)
    part = carried_out(Curtailed(labelling, 16, ahead), draws, right, block)
    assert labelling(part) == labelling(full)
    assert cost(part) <= cost(full)


def test_curtailment_saves_and_one_at_a_time_saves_most() -> None:
    some = [process(random.Random(seed)) for seed in range(60)]
    full = sum(cost(carried_out(Fixed(16), *one)) for one in some)
    spent = {
        (rule.name, ahead): sum(cost(carried_out(Curtailed(Labelling(rule), 16, ahead), *one)) for one in some)
        for rule in RULES
        for ahead in (1, 2, 9)
    }
    for rule in RULES:
        few, more, all_at_once = (spent[rule.name, ahead] for ahead in (1, 2, 9))
        assert few <= more <= all_at_once < full
    assert spent["abs-q", 1] < 0.5 * full


def test_adaptive_draws_until_labels_are_sure_or_the_cap() -> None:
    labelling = Labelling(RelRatio(), after_error="keep")
    allocation = Adaptive(labelling, 0.9, 32)
    for seed in range(20):
        counts = carried_out(allocation, *process(random.Random(seed)))
        for i, p in enumerate(sureness(labelling, counts), 1):
            beside = [counts.tries[j] for j in (i - 1, i) if 1 <= j < counts.chunks]
            assert p is None or p >= 0.9 or all(tries == 32 for tries in beside)


def test_adaptive_adds_to_the_prefix_with_fewer_draws() -> None:
    allocation = Adaptive(Labelling(RelRatio(), after_error="keep"), 0.95, 32)
    assert allocation.wanted(Counts((16, 0, 4, 1), (8, 0, 2, 1)), 4) == {1: 1}
    assert allocation.wanted(Counts((16, 16, 8, 1), (16, 8, 3, 1)), 4) == {2: 1}
    assert allocation.wanted(Counts((16, 8, 16, 1), (8, 3, 5, 1)), 4) == {1: 1}


def test_a_search_finds_the_first_error_of_monotone_counts() -> None:
    labelling = Labelling(AbsQ(), implied=True)
    for chunks in range(1, 12):
        for error in range(1, chunks + 1):
            draws = [[i < error] * 64 for i in range(chunks)]
            counts = carried_out(FirstError(16), draws, False)
            assert first_error(labelling(counts)) == error - 1
            assert all(label == 1 for label in labelling(counts)[: error - 1])
            probed = [tries for tries in counts.tries[1:-1] if tries]
            assert len(probed) <= chunks.bit_length()
            assert set(probed) <= {4, 16}
        assert cost(carried_out(FirstError(16), [[True] * 64] * chunks, True)) == 0


def test_state_is_read_off_the_counts_alone() -> None:
    draws, right = process(random.Random(5))
    for allocation in (Curtailed(Labelling(RelRatio()), 16), Adaptive(Labelling(RelRatio())), FirstError(16)):
        done = carried_out(allocation, draws, right)
        assert allocation.wanted(done, 4) == {}


def test_more_confidence_costs_more() -> None:
    some = [process(random.Random(seed)) for seed in range(20)]
    costs = [
        sum(cost(carried_out(Adaptive(Labelling(RelRatio()), confidence, 32), *one)) for one in some)
        for confidence in (0.6, 0.8, 0.95)
    ]
    assert all(one < other for one, other in pairwise(costs))


def test_senseless_allocations_are_refused() -> None:
    with pytest.raises(BadInput, match="at least 1 rollout"):
        Fixed(0)
    with pytest.raises(BadInput, match="ahead"):
        Curtailed(Labelling(AbsQ()), ahead=0)
    with pytest.raises(BadInput, match="implies"):
        Curtailed(Labelling(AbsQ(), implied=True))
    with pytest.raises(BadInput, match="confidence"):
        Adaptive(Labelling(AbsQ()), confidence=1.0)
