"""Label rules against the thresholds of the reference, every open case, and the exactness of stopping early."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.judging.labels import (
    RULES,
    AbsQ,
    Counts,
    Labelling,
    RelEffective,
    RelRatio,
    Rule,
    Tally,
    balanced,
    can_change,
    first_error,
    rule_by_name,
)

BEFORE = (0, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16)
SMALLEST: dict[str, tuple[int | None, ...]] = {
    "abs-q": (1,) * 11,
    "rel-effective:alpha=.2": (1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2),
    "rel-effective:alpha=.4": (1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3),
    "rel-effective:alpha=.8": (1, 1, 2, 2, 3, 4, 4, 4, 5, 5, 5),
    "rel-ratio:gamma=.7": (1, 1, 2, 3, 3, 5, 6, 8, 9, 10, 12),
    "rel-ratio:gamma=.8": (1, 1, 2, 3, 4, 5, 7, 9, 10, 12, 13),
    "rel-ratio:gamma=1": (1, 2, 3, 4, 5, 7, 9, 11, 13, 15, None),
}
MORE = (RelEffective(Fraction(4, 5), 4), RelRatio(Fraction(1)), RelRatio(Fraction(6, 5)), RelEffective(Fraction(1), 1))
rules = st.sampled_from([*RULES, *MORE])
open_cases = st.fixed_dictionaries(
    {
        "after_error": st.sampled_from(["cut", "mask", "keep"]),
        "last": st.booleans(),
        "start": st.sampled_from(["filter", "others", "none"]),
        "zero": st.sampled_from(["reached", "minus", "none"]),
    }
)


def counts(*successes: int, right: bool = True, tries: int = 16) -> Counts:
    return Counts((*(tries for _ in successes), 1), (*successes, int(right)))


def label(rule: Rule, before: int, after: int) -> int:
    return Labelling(rule).alone(counts(before, after), 1)


@pytest.mark.parametrize("name", SMALLEST)
def test_smallest_number_of_successes_labelled_plus_is_the_references(name: str) -> None:
    rule = rule_by_name(name)
    found = tuple(next((s for s in range(17) if label(rule, before, s) > 0), None) for before in BEFORE)
    assert found == SMALLEST[name]


def test_rel_effective_forgives_a_fall_while_q_stays_above_zero() -> None:
    rule = RelEffective(Fraction(4, 5))
    assert rule.margin(Fraction(1), Fraction(3, 10)) == Fraction(10792, 100000)
    assert round(float(rule.margin(Fraction(1), Fraction(15, 100))), 3) == -0.268
    assert RelRatio(Fraction(4, 5)).margin(Fraction(1), Fraction(3, 10)) < 0


def test_exact_ties_are_minus() -> None:
    assert label(rule_by_name("rel-ratio:gamma=.7"), 10, 7) == -1
    assert label(rule_by_name("rel-ratio:gamma=.8"), 10, 8) == -1
    assert label(rule_by_name("rel-ratio:gamma=.8"), 10, 9) == 1


@given(rules, st.integers(0, 16), st.integers(0, 15))
def test_labels_rise_with_q_after_and_fall_with_q_before(rule: Rule, other: int, s: int) -> None:
    assert label(rule, other, s) <= label(rule, other, s + 1)
    assert label(rule, s, other) >= label(rule, s + 1, other)


@pytest.mark.parametrize("rule", [*RULES, *MORE], ids=lambda rule: rule.name)
def test_a_rule_is_found_by_its_own_name(rule: Rule) -> None:
    assert rule_by_name(rule.name) == rule


def test_names_may_leave_parameters_out_and_give_fractions() -> None:
    assert rule_by_name(" rel-ratio ") == RelRatio(Fraction(4, 5))
    assert rule_by_name("rel-ratio:gamma=1/3").name == "rel-ratio:gamma=1/3"
    assert rule_by_name("rel-effective: n=8 , alpha=.5") == RelEffective(Fraction(1, 2), 8)


@pytest.mark.parametrize(
    "name",
    ["", "ratio", "abs-q:gamma=1", "rel-ratio:gamma", "rel-ratio:gamma=x", "rel-ratio:gamma=1,gamma=2",
     "rel-effective:n=1.5", "rel-effective:n=0", "rel-ratio:gamma=-1", "rel-ratio:gamma=1/0"],
)  # fmt: skip
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"rel-|rule"):
        rule_by_name(name)


@pytest.mark.parametrize(
    ("tries", "successes"),
    [((16,), (3,)), ((16, 16, 1), (3, 17, 1)), ((16, 1), (-1, 1)), ((16, 16), (3, 3)), ((16, 4, 1), (3, 1))],
)
def test_impossible_counts_are_refused(tries: tuple[int, ...], successes: tuple[int, ...]) -> None:
    with pytest.raises(BadInput, match="counts"):
        Counts(tries, successes)


def test_estimates_and_soft_labels() -> None:
    some = Counts((16, 4, 0, 1), (8, 3, 0, 0))
    assert [some.q(i) for i in range(4)] == [Fraction(1, 2), Fraction(3, 4), None, 0]
    assert some.soft() == (0.75, None, 0.0)
    assert some.chunks == 3
    assert not some.right


def test_chunks_after_the_first_error() -> None:
    lost = counts(8, 8, 0, 0, 2, right=False)
    assert Labelling(AbsQ())(lost) == (1, -1, 0, 0, 0)
    assert Labelling(AbsQ(), after_error="mask")(lost) == (1, -1, 0, 0, -1)
    assert Labelling(AbsQ(), after_error="keep")(lost) == (1, -1, -1, 1, -1)
    assert Labelling(RelRatio(), after_error="keep")(lost) == (1, -1, -1, 1, -1)


def test_last_chunk_takes_the_outcome_or_no_label() -> None:
    assert Labelling(RelRatio())(counts(8, 8))[-1] == 1
    assert Labelling(RelRatio())(counts(8, 8, right=False))[-1] == -1
    assert Labelling(RelRatio(), last=False)(counts(8, 8))[-1] == 0
    assert Labelling(RelRatio())(Counts((16, 1), (8, 1))) == (1,)


def test_start() -> None:
    edge = Counts((16, 16, 1), (10, 8, 1))  # 8/16 against .8 of 10/16 is a tie; the others' pass rate is 9/15
    assert Labelling(RelRatio(Fraction(4, 5)))(edge)[0] == -1
    assert Labelling(RelRatio(Fraction(4, 5)), start="others")(edge)[0] == 1
    assert Labelling(RelRatio(), start="none")(edge)[0] == 0
    assert Labelling(AbsQ(), start="none")(edge)[0] == 1
    unknown = Counts((0, 16, 1), (0, 8, 1))
    assert Labelling(RelRatio())(unknown) == (0, 1)
    assert Labelling(AbsQ())(unknown) == (1, 1)


def test_zero_over_zero() -> None:
    for zero, wanted in (("reached", (1, -1, 1)), ("minus", (1, -1, -1)), ("none", (1, -1, 0))):
        labelling = Labelling(RelRatio(), after_error="keep", zero=zero, last=False)  # type: ignore[arg-type]
        assert labelling(counts(8, 8, 0, 2))[:3] == wanted
    assert Labelling(RelRatio(), after_error="keep")(counts(8, 0, 0))[1] == -1


def test_labels_implied_by_a_binary_search() -> None:
    searched = Counts((16, 0, 4, 0, 16, 0, 1), (8, 0, 2, 0, 0, 0, 0))
    assert Labelling(AbsQ(), implied=True, after_error="keep")(searched) == (1, 1, 0, -1, -1, -1)
    assert Labelling(AbsQ())(searched) == (0, 1, 0, -1, 0, 0)
    assert Labelling(AbsQ(), implied=True)(Counts((16, 0, 0, 1), (8, 0, 0, 1))) == (1, 1, 1)
    with pytest.raises(BadInput, match="abs-q only"):
        Labelling(RelRatio(), implied=True)


def test_unknown_ways_are_refused() -> None:
    for wrong in ({"after_error": "drop"}, {"start": "zero"}, {"zero": "plus"}):
        with pytest.raises(BadInput, match="must be one of"):
            Labelling(AbsQ(), **wrong)  # type: ignore[arg-type]


@given(rules, open_cases, st.data())
def test_what_cannot_change_does_not_change(rule: Rule, ways: dict[str, Any], data: st.DataObject) -> None:
    labelling = Labelling(rule, **ways)
    draws = [data.draw(st.lists(st.booleans(), min_size=8, max_size=8)) for _ in range(2)]
    seen = [data.draw(st.integers(1, 8)) for _ in range(2)]
    part = [Tally(n, sum(row[:n]), 8 - n) for n, row in zip(seen, draws, strict=True)]
    now, then = (
        labelling.decide(*(Fraction(t.successes, t.tries) for t in tallies))
        for tallies in (part, [Tally(8, sum(row)) for row in draws])
    )
    if not can_change(labelling, *part):
        assert now == then
    else:  # some way of drawing the rest gives another label
        ends = {
            labelling.decide(Fraction(a, 8), Fraction(b, 8))
            for a in range(part[0].successes, part[0].successes + part[0].remaining + 1)
            for b in range(part[1].successes, part[1].successes + part[1].remaining + 1)
        }
        assert len(ends) > 1


def test_curtailment_of_each_rule() -> None:
    half = Tally(16, 8)
    absolute, ratio, effective = (Labelling(rule) for rule in RULES[:1] + RULES[:0:-1])
    assert not can_change(absolute, Tally(0, 0, 16), Tally(1, 1, 15))
    assert can_change(absolute, half, Tally(15, 0, 1))
    assert can_change(ratio, half, Tally(8, 6, 8))
    assert not can_change(ratio, half, Tally(8, 7, 8))
    assert not can_change(ratio, half, Tally(12, 2, 4))
    assert can_change(ratio, Tally(8, 4, 8), Tally(16, 7))  # the reference is finished where the comparison needs it
    assert not can_change(ratio, Tally(8, 4, 8), Tally(16, 14))
    assert not can_change(effective, half, Tally(4, 3, 12))
    assert can_change(ratio, half, Tally(0, 0, 16))
    assert not can_change(ratio, half, Tally(0, 0, 0))


def test_first_error_is_the_first_minus() -> None:
    assert first_error([1, 0, -1, -1]) == 2
    assert first_error([1, 0]) is None


@given(st.lists(st.sampled_from([1, 1, 1, -1, 0]), min_size=1, max_size=40), st.integers(0, 5))
def test_balanced_takes_as_many_of_both(labels: list[int], seed: int) -> None:
    if {1, -1} <= set(labels):
        kept = balanced(labels, seed)
        assert kept == sorted(set(kept)) == balanced(labels, seed)
        fewest = min(labels.count(1), labels.count(-1))
        assert [labels[i] for i in kept].count(1) == [labels[i] for i in kept].count(-1) == fewest == len(kept) / 2
    else:
        with pytest.raises(BadInput, match="cannot be balanced"):
            balanced(labels, seed)


def test_another_seed_keeps_others() -> None:
    labels = [random.Random(0).choice([1, 1, 1, -1]) for _ in range(5)] + [1] * 30 + [-1] * 5
    assert balanced(labels, 0) != balanced(labels, 1)
