"""Probabilities of labels: against exact integrals, symmetries, and what more draws must do to doubt."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.judging.labels import RULES, AbsQ, Counts, Labelling, RelEffective, RelRatio, Rule
from talkoot.judging.posterior import probabilities, probability, sure, sureness


def p(rule: Rule, before: tuple[int, int], after: tuple[int, int]) -> float:
    counts = Counts((16, before[0], after[0], 1), (8, before[1], after[1], 1))
    found = probability(Labelling(rule, after_error="keep"), counts, 2)
    assert found is not None
    return found


@pytest.mark.parametrize("rule", RULES[1:], ids=lambda rule: rule.name)
@pytest.mark.parametrize("pair", [((16, 10), (16, 8)), ((4, 4), (4, 2)), ((16, 1), (16, 0)), ((8, 8), (16, 13))])
def test_probability_is_that_of_draws_from_both_posteriors(
    rule: Rule, pair: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    rng = np.random.default_rng(0)
    (n, s), (m, r) = pair
    before, after = rng.beta(s + 0.5, n - s + 0.5, 40_000), rng.beta(r + 0.5, m - r + 0.5, 40_000)
    share = np.mean([rule.margin(a, b) > 0 for a, b in zip(before.tolist(), after.tolist(), strict=True)])
    assert p(rule, *pair) == pytest.approx(share, abs=0.01)


def test_a_fair_comparison_is_even() -> None:
    assert p(RelRatio(Fraction(1)), (16, 5), (16, 5)) == pytest.approx(0.5, abs=1e-4)


@given(st.integers(1, 32), st.integers(0, 31), st.sampled_from(RULES))
def test_one_success_more_makes_plus_likelier(n: int, s: int, rule: Rule) -> None:
    s = min(s, n - 1)
    assert p(rule, (16, 8), (n, s)) <= p(rule, (16, 8), (n, s + 1)) + 1e-9


def test_abs_q_doubts_failures_only() -> None:
    assert p(AbsQ(), (16, 8), (16, 1)) == 1.0
    for n, chance in ((4, 0.2147), (16, 0.1228)):
        assert p(AbsQ(), (16, 8), (n, 0)) == pytest.approx(chance, abs=1e-3)
        evidence = math.comb(2 * n, n) / 4**n
        assert p(AbsQ(), (16, 8), (n, 0)) == pytest.approx(evidence / (1 + evidence))


def test_the_outcome_is_known() -> None:
    for rule in RULES:
        for right in (0, 1):
            counts = Counts((16, 16, 1), (8, 8, right))
            assert probability(Labelling(rule), counts, 2) == right
    # A right outcome is + whatever was before; 1/2 against gamma 3 is not, unless Q before was below a third.
    high = Labelling(RelRatio(gamma=RelRatio().gamma * 5), after_error="keep")
    found = probability(high, Counts((16, 4, 1), (8, 1, 1)), 2)
    assert found is not None
    rng = np.random.default_rng(0)
    assert found == pytest.approx((rng.beta(1.5, 3.5, 40_000) < 0.25).mean(), abs=0.01)


def test_what_was_not_drawn_has_no_probability() -> None:
    counts = Counts((16, 0, 16, 1), (8, 0, 4, 1))
    assert probability(Labelling(RelRatio()), counts, 1) is None
    assert probability(Labelling(RelRatio()), counts, 2) is None
    assert probability(Labelling(AbsQ()), counts, 2) == 1.0
    assert probabilities(Labelling(RelRatio()), counts) == (None, None, 1.0)


def test_unsure_labels_are_filtered() -> None:
    counts = Counts((16, 16, 16, 16, 1), (16, 16, 13, 2, 0))
    labelling = Labelling(RelRatio())
    labels, told = labelling(counts), sureness(labelling, counts)
    assert labels == (1, 1, -1, 0)
    assert all((one is None) == (label == 0) for one, label in zip(told, labels, strict=True))
    kept = sure(labelling, counts, 0.9)
    assert kept == tuple(
        label if one is not None and one >= 0.9 else 0 for one, label in zip(told, labels, strict=True)
    )
    assert 0 < sum(map(abs, kept)) < sum(map(abs, labels))
    assert sure(labelling, counts, 0.0) == labels


def test_sureness_is_that_of_the_label_itself() -> None:
    counts = Counts((16, 16, 1), (16, 3, 1))
    labelling = Labelling(RelRatio(), after_error="keep")
    chance, told = probabilities(labelling, counts)[0], sureness(labelling, counts)[0]
    assert labelling(counts)[0] == -1
    assert chance is not None
    assert told is not None
    assert chance < 0.01
    assert told == pytest.approx(1 - chance)


def test_implied_labels_are_taken_as_sure() -> None:
    labelling = Labelling(AbsQ(), implied=True)
    assert sureness(labelling, Counts((16, 0, 4, 1), (8, 0, 1, 1)))[0] == 1.0


def test_a_rule_without_relation_may_have_its_own_threshold() -> None:
    class Half(AbsQ):
        name = "half"

        def margin(self, before, after):  # type: ignore[no-untyped-def]
            return after - 0.5

    assert p(Half(), (16, 8), (16, 8)) == pytest.approx(0.5, abs=1e-3)
    assert p(RelEffective(), (16, 8), (16, 8)) > 0.95
