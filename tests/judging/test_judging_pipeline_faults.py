"""Policies too weak for a stage: one clear error that names the stage and what to change, and no damage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from judging_nano import copied, finished, nano, run
from talkoot.errors import BadInput
from talkoot.judging.examples import Example
from talkoot.judging.pipeline import annotation, measure, policy, training, use
from talkoot.judging.pipeline.work import Work
from talkoot.learning.tiny import open_tiny, random_tiny


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A run whose policy is there, and in tags; the rest can be done again."""
    return Work(nano(), 0, copied(tmp_path / "run", without=("labels", "warm", "warm-at-once", "judges", "search")))


def untrained(work: Work, name: str) -> None:
    tokenizer = open_tiny(work.folder("policy")).tokenizer
    random_tiny(tokenizer.pieces[2:], seed=0, **work.preset.shape).save(work.folder(name))


def test_a_policy_that_solves_nothing_has_no_chunks_to_learn(work: Work) -> None:
    untrained(work, "policy-plain")
    with pytest.raises(BadInput, match=r"stage policy: none of the 256 .* preset with more policy.steps"):
        policy.learn_tags(work)


def test_a_whole_run_that_learns_next_to_nothing_ends_there(tmp_path: Path) -> None:
    base = nano()
    with pytest.raises(BadInput, match="stage policy: none of the 256"):
        run(tmp_path / "run", policy=replace(base.policy, steps=1))
    assert (tmp_path / "run" / "policy-plain" / "stage.json").exists()
    assert not (tmp_path / "run" / "policy" / "stage.json").exists()


def test_quality_of_a_policy_that_writes_no_tags(work: Work) -> None:
    untrained(work, "policy")
    for tags in (True, False):
        found = policy.quality(work, open_tiny(work.folder("policy")), tags=tags).to_json()
        assert found["pass@1"] == found["greedy"] == found["valid_chunks"] == 0
        assert found["malformed"] == float(tags)
        assert found["boundary_f1"] is None


def test_no_problem_that_is_solved_now_and_then(work: Work) -> None:
    untrained(work, "policy")
    with pytest.raises(BadInput, match=r"stage labels: .* none of 16 problems .* or judge_problems"):
        annotation.label(work)


@pytest.mark.parametrize(("rule", "said"), [("abs-q", "by the rule abs-q"), ("", "by the rule rel-ratio")])
def test_labels_of_one_kind_only(rule: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Work(nano(), 0, finished()[0] / "run")
    found = annotation.labelled(whole, rule, 0.0)
    assert {one.label for one in found} == {1, -1}
    for sign, counts in ((1, rf"{len(found)} chunks are \+ and 0 are -"), (-1, r"0 chunks are \+")):

        def alike(*_: Any, sign: int = sign, **__: Any) -> Sequence[Example]:
            return [replace(one, label=sign) for one in found]

        monkeypatch.setattr(annotation, "examples", alike)
        with pytest.raises(BadInput, match=f"stage labels: {said}.*{counts}.*judge_problems"):
            annotation.labelled(whole, rule)
        monkeypatch.undo()


def test_rows_refuse_labels_that_are_all_left_out() -> None:
    whole = Work(nano(sure=1.1), 0, finished()[0] / "run")
    start = open_tiny(whole.folder("warm"))
    for name in ("stepwiser", "control", "rs-ft", "discriminative"):
        with pytest.raises(BadInput, match=r"stage labels: .* 0 chunks are \+ and 0 are -"):
            training.ROWS[name][0](whole, start)


def test_a_policy_without_tags_has_no_chunks_for_the_warm_start(work: Work) -> None:
    untrained(work, "policy")
    with pytest.raises(BadInput, match=r"stage warm: 1600 solutions .* only 0 chunks in tags, and 60 are wanted"):
        training.warm_start(work)


def test_chunks_that_the_policy_works_none_of_again(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "analyses", lambda *_, **__: [])
    with pytest.raises(BadInput, match=r"stage warm: of 60 chunks the policy works none again .* more warm_chunks"):
        training.warm_start(work)


def test_tags_are_taught_with_right_solutions_only_if_asked(work: Work) -> None:
    everything = policy.learn_tags(work)
    right = policy.learn_tags(replace(work, preset=replace(work.preset, right_only=True)))
    assert 0 < right["examples"] < everything["examples"]


@pytest.mark.parametrize("sound", [True, False])
def test_no_solutions_of_one_kind_to_measure_judges_on(
    work: Work, sound: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "valid", lambda problem, chunks, modulus: [sound] * len(chunks))
    counts = r"0 have a wrong chunk and \d+ have none" if sound else r"\d+ have a wrong chunk and 0 have none"
    with pytest.raises(BadInput, match=f"stage judges: of 48 test solutions {counts}.*test_problems"):
        measure.items(work)


def test_no_analysis_to_learn_from(work: Work) -> None:
    judge = open_tiny(work.folder("policy"))
    for pairs in ([], [("one<judge>", "said")] * 3):
        with pytest.raises(BadInput, match=rf"stage judges: {len(set(pairs))} labelled chunks .* at least 2"):
            training._fit_budget(work, judge, pairs)


def test_selection_from_a_policy_that_solves_nothing(tmp_path: Path) -> None:
    work = Work(nano(), 0, copied(tmp_path / "run"))
    untrained(work, "policy")
    with pytest.raises(BadInput, match=r"stage selection: .* none of 16 problems"):
        use.select(work)


def test_the_search_copes_with_a_policy_that_writes_nothing_sensible(tmp_path: Path) -> None:
    work = Work(nano(), 0, copied(tmp_path / "run"))
    untrained(work, "policy")
    told = use.search(work)
    assert all(one["accuracy"] == 0 for one in told["rows"])
