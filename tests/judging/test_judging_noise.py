"""The report on labels: by hand on a small journal, and against the truth on a policy with known Q."""

from __future__ import annotations

from pathlib import Path

import pytest
from judging_fakes import Adder, Equal, adding

from talkoot.errors import BadInput
from talkoot.judging.allocation import Allocation, Curtailed, FirstError, Fixed
from talkoot.judging.dialect import Tiny
from talkoot.judging.examples import evened, examples
from talkoot.judging.journal import Block, Contents, Sampled, Settings, Solution, load_journal
from talkoot.judging.labels import RULES, AbsQ, Labelling, RelRatio
from talkoot.judging.noise import Agreement, Cost, Share, agreement, report
from talkoot.judging.problem import Problem
from talkoot.judging.rollouts import annotate, open_journal, sample_solutions


def small() -> Contents:
    """Two solutions that share their first chunk: 3/4 and 4/4 right after it, then 0/4 and 1/4, or 4/4."""
    contents = Contents(Settings("m", block=4))
    problem = Problem("p", "x", "1")
    one = Solution("p/0", problem, ("a", "b", "c"), False)
    other = Solution("p/1", problem, ("a", "d", "e"), True)
    contents.add_sampled(Sampled(problem, 16, 12, 160, (one, other), {}))
    contents.blocks["p", ("a",)] = [Block(4, 3, 40), Block(4, 4, 40)]
    contents.blocks["p", ("a", "b")] = [Block(4, 0, 20), Block(4, 1, 22)]
    contents.blocks["p", ("a", "d")] = [Block(4, 4, 12)]
    return contents


def drawn(path: Path, allocation: Allocation, seed: int = 0, samples_seed: int = 0) -> Contents:
    sampler = Adder()
    with open_journal(path, sampler, Tiny(), seed=seed) as journal:
        solutions = sample_solutions([adding(i, 4) for i in range(9)], sampler, Tiny(), Equal(), journal)
        annotate(solutions, sampler, Tiny(), Equal(), journal, allocation)
    return load_journal(path)


def test_a_small_journal_by_hand() -> None:
    told = report(small(), Labelling(RelRatio()), cap=8)
    assert (told.rule, told.solutions, told.chunks) == ("rel-ratio:gamma=0.8", 2, 6)
    # p/0: 7/8 against 3/4 is +, 1/8 is -, the rest is cut; p/1: +, + and the right outcome +.
    assert told.all == Share(4, 5)
    assert told.positions == (Share(2, 2), Share(1, 2), Share(1, 1))
    assert told.ending == Share(1, 1)
    assert told.spent == Cost(20, 134)
    assert told.full == Cost(24, 80 + 42 + 24)
    # Halves: 3/4 and 4/4 of the first chunk, both +, for both solutions; 0/4 and 1/4 of b; d has one block only.
    assert told.halves == Agreement(3, 3, 4, 1.0)
    assert told.curtailed is None  # d is not settled after 4 of 8 draws
    assert told.against is None


def test_costs_of_curtailment_are_replayed() -> None:
    contents = small()
    absolute = report(contents, Labelling(AbsQ()), cap=8)
    assert absolute.curtailed == Cost(4 + 8 + 4, 40 + 42 + 12)
    assert report(contents, Labelling(AbsQ(), implied=True), cap=8).curtailed is None


def test_agreement_by_hand() -> None:
    assert agreement([1, 1, -1, -1, 0], [1, -1, -1, -1, 1]) == Agreement(3, 4, 5, pytest.approx(0.5))
    assert agreement([1, 1], [1, 1]) == Agreement(2, 2, 2, None)
    assert agreement([0], [1]) == Agreement(0, 0, 1, None)
    assert agreement([0], [1]).share is None
    with pytest.raises(ValueError, match="zip"):
        agreement([1], [1, 1])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_replayed_cost_is_the_real_one(tmp_path: Path, rule: object) -> None:
    labelling = Labelling(rule)  # type: ignore[arg-type]
    full = report(drawn(tmp_path / "full", Fixed(16)), labelling)
    part = report(drawn(tmp_path / "part", Curtailed(labelling, 16)), labelling)
    assert full.curtailed == part.spent
    assert full.full == full.spent
    assert part.full.rollouts == full.full.rollouts
    assert part.full.tokens == pytest.approx(full.full.tokens, rel=0.3)
    assert (part.all, part.positions, part.ending) == (full.all, full.positions, full.ending)
    assert full.curtailed is not None
    assert full.curtailed.rollouts < full.spent.rollouts


def test_repeated_labelings_agree_as_far_as_the_rule_allows(tmp_path: Path) -> None:
    contents = drawn(tmp_path / "a", Fixed(32))
    absolute, _, ratio = (report(contents, Labelling(rule), cap=32).halves.share for rule in RULES)
    assert absolute is not None
    assert ratio is not None
    assert 0.7 < ratio < absolute <= 1.0


def test_a_second_journal_is_compared_where_solutions_are_the_same(tmp_path: Path) -> None:
    one, other = drawn(tmp_path / "a", Fixed(16)), drawn(tmp_path / "b", Fixed(16), seed=1)
    told = report(one, Labelling(AbsQ()), against=other).against
    assert told is not None
    assert 0 < told.comparable < told.chunks
    assert told.share == 1.0 == report(one, Labelling(AbsQ()), against=one).against.share  # type: ignore[union-attr]
    labels = report(one, Labelling(RelRatio()), against=one).against
    assert labels is not None
    assert labels.same == labels.comparable == labels.chunks


def test_fewer_labels_are_sure_the_more_is_asked(tmp_path: Path) -> None:
    contents = drawn(tmp_path / "a", Fixed(8))
    unsure = [report(contents, Labelling(RelRatio()), confidence=c).unsure for c in (0.5, 0.7, 0.9, 0.99)]
    assert unsure == sorted(unsure)
    assert unsure[0] < unsure[-1]


def test_a_report_is_plain_data(tmp_path: Path) -> None:
    import json

    contents = drawn(tmp_path / "a", FirstError(16))
    told = report(contents, Labelling(AbsQ(), implied=True), against=contents).to_json()
    assert json.loads(json.dumps(told)) == json.loads(json.dumps(told))
    assert 0 < told["all"]["share"] < 1
    assert told["against"]["share"] == 1.0
    assert told["curtailed"] is None
    assert told["positions"][0]["labels"] > 0
    empty = report(Contents(Settings("m")), Labelling(AbsQ())).to_json()
    assert empty["all"]["share"] is None
    assert empty["unsure_share"] is None


def test_examples_are_the_labelled_chunks_once() -> None:
    contents = small()
    found = examples(contents.solutions, Labelling(RelRatio()))
    told = [(one.solution, one.position, one.label, one.trace.chunks) for one in found]
    assert told == [
        ("p/0", 1, 1, ("a",)), ("p/0", 2, -1, ("a", "b")), ("p/1", 2, 1, ("a", "d")), ("p/1", 3, 1, ("a", "d", "e")),
    ]  # fmt: skip
    assert found[0].soft == 7 / 8
    assert found[0].to_json()["problem"] == "x"
    assert len(examples(contents.solutions, Labelling(RelRatio()), distinct=False)) == 5
    sure = examples(contents.solutions, Labelling(RelRatio()), at_least=0.95)
    assert {one.position for one in sure if one.solution == "p/1"} == {3}
    assert 0 < len(sure) < len(found)


def test_examples_are_evened_by_their_labels() -> None:
    found = examples(small().solutions, Labelling(RelRatio()))
    even = evened(found, 3)
    assert sorted(one.label for one in even) == [-1, 1]
    assert even == evened(found, 3)
    with pytest.raises(BadInput, match="cannot be balanced"):
        evened([one for one in found if one.label > 0])
