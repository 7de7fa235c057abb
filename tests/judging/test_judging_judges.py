"""Verdicts read from replies, and the judges that read them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging_simulated import Says, Writer
from talkoot.episode import run_sync
from talkoot.errors import BadInput
from talkoot.judge import Judge, Trace
from talkoot.judging.dialect import NEGATIVE, POSITIVE, Tiny
from talkoot.judging.judges import UNREAD, Discriminative, Generative, Majority, Outcome, read_verdict, verdict_at

A, B = Trace("p", ("one",)), Trace("p", ("one", "two"))


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (POSITIVE, True),
        ("The sum is wrong. \\boxed{Negative}.", False),
        ("\\boxed{Positive} no, wait: \\boxed{Negative}", False),
        ("\\boxed{ \\text{Positive} }", True),
        ("\\boxed {\\textbf{ negative }}", False),
        ("\\boxed{\\mathrm{POSITIVE}.}", True),
        ("$\\boxed{\\bf Negative}$", False),
        ("\\boxed{**Positive**}", True),
        ("the result is \\boxed{12}, \\boxed{Positive}, so \\boxed{3}", True),
        ("<think>maybe \\boxed{Negative}</think> It is sound. \\boxed{Positive}", True),
        ("\\boxed{Positive}</think> I cannot say", None),
        ("a</think>\\boxed{Positive}<think>\\boxed{Negative}", None),
        ("<think>\\boxed{Positive}", None),
        ("Positive", None),
        ("\\boxed{Positive or Negative}", None),
        ("\\boxed{Positi", None),
        ("", None),
    ],
)
def test_a_verdict_is_read(text: str, verdict: bool | None) -> None:
    assert read_verdict(text) is verdict


BOXES = st.builds(
    lambda blank, wrap, word, shape: f"\\boxed{{{blank}{wrap[0]}{shape(word)}{wrap[1]}{blank}}}",
    st.sampled_from(["", " ", "\n"]),
    st.sampled_from([("", ""), ("\\text{", "}"), ("\\textbf{ ", " }"), ("\\mathrm{", "}")]),
    st.sampled_from(["Positive", "Negative"]),
    st.sampled_from([str, str.lower, str.upper]),
)
NOISE = st.text(st.characters(exclude_characters="<>"), max_size=40).filter(lambda text: "boxed" not in text)


@given(st.lists(st.tuples(NOISE, BOXES), min_size=1, max_size=5), NOISE)
def test_the_last_box_decides_whatever_stands_around_it(parts: list[tuple[str, str]], tail: str) -> None:
    text = "".join(noise + box for noise, box in parts) + tail
    assert read_verdict(text) is ("positive" in parts[-1][1].lower())
    good, at = verdict_at(text)
    assert text[at:] == parts[-1][1] + tail
    assert read_verdict(f"<think>{text}</think>") is None
    assert read_verdict(f"<think>{text}</think>{NEGATIVE}") is False
    assert good is read_verdict(text)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    good, at = verdict_at(text)
    assert 0 <= at <= len(text)
    assert good is None or text[at:].startswith("\\boxed")


def test_one_vote_is_greedy_and_scored_where_the_verdict_stands() -> None:
    sampler = Writer(lambda prompt, copy: f"check fine {POSITIVE}", lambda text: 0.8 if "two" in text else 0.6)
    judge = Generative(sampler, Tiny(analysis_tokens=9))
    first, second = run_sync(judge([A, B]))
    assert (first.good, first.score, first.analysis, first.tokens, first.fault) == (True, 0.6, "check fine ", 3, "")
    assert second.score == 0.8
    assert sampler.texts == [Tiny().judge(trace) + "check fine " for trace in (A, B)]
    assert sampler.settings == [(9, (POSITIVE, NEGATIVE), 0.0)]
    assert isinstance(judge, Judge)
    assert judge.name == "generative:writer"
    assert run_sync(judge([])) == []


def test_the_word_counts_not_the_threshold() -> None:
    sampler = Writer(lambda prompt, copy: f"no {NEGATIVE}", lambda text: 0.7)
    (verdict,) = run_sync(Generative(sampler, Tiny())([A]))
    assert (verdict.good, verdict.score) == (False, 0.7)


def test_k_votes_are_drawn_and_the_majority_decides() -> None:
    replies = [f"a {POSITIVE}", f"b {NEGATIVE}", f"c {NEGATIVE}"]
    sampler = Writer(lambda prompt, copy: replies[copy], lambda text: {"a": 0.9, "b": 0.2, "c": 0.1}[text[-2]])
    (verdict,) = run_sync(Generative(sampler, Tiny(), votes=3, seed=7)([A]))
    assert (verdict.good, verdict.analysis, verdict.tokens) == (False, "b ", 6)
    assert verdict.score == pytest.approx(0.4)
    assert sampler.settings[0][2] == 1.0
    assert sampler.prompts[0].n == 3
    assert sampler.prompts[0].seed == 7
    (verdict,) = run_sync(Generative(sampler, Tiny(), votes=3, score="votes", temperature=0.5)([A]))
    assert verdict.score == pytest.approx(1 / 3)
    assert sampler.settings[1][2] == 0.5
    assert len(sampler.texts) == 3  # none for votes


def test_a_tie_goes_by_the_probabilities_else_to_negative() -> None:
    replies = [f"a {POSITIVE}", f"b {NEGATIVE}"]
    for share, good in ((0.6, True), (0.4, False)):
        sampler = Writer(lambda prompt, copy: replies[copy], lambda text, share=share: share)  # type: ignore[misc]
        assert run_sync(Generative(sampler, Tiny(), votes=2)([A]))[0].good is good
    (verdict,) = run_sync(Generative(Writer(lambda prompt, copy: replies[copy]), Tiny(), votes=2, score="votes")([A]))
    assert (verdict.good, verdict.score) == (False, 0.5)


def test_an_unreadable_reply_is_told_and_decided_by_the_probability_after_it() -> None:
    for share, good in ((0.6, True), (0.4, False)):
        sampler = Writer(lambda prompt, copy: "I wonder", lambda text, share=share: share)  # type: ignore[misc]
        (verdict,) = run_sync(Generative(sampler, Tiny())([A]))
        assert (verdict.good, verdict.score, verdict.fault) == (good, share, UNREAD)
        assert verdict.analysis == "I wonder"
        assert sampler.texts == [Tiny().judge(A) + "I wonder"]


def test_without_probabilities_unreadable_replies_are_left_out() -> None:
    replies = [f"a {NEGATIVE}", "?", "?"]
    (verdict,) = run_sync(Generative(Writer(lambda p, copy: replies[copy]), Tiny(), votes=3, score="votes")([A]))
    assert (verdict.good, verdict.score) == (False, 0.0)
    assert verdict.fault == f"2 of 3 replies: {UNREAD}"
    for unread in (True, False):
        judge = Generative(Writer(lambda p, copy: "?"), Tiny(), votes=3, score="votes", unread=unread)
        (verdict,) = run_sync(judge([A]))
        assert (verdict.good, verdict.score) == (unread, 0.5)


def test_the_verdict_at_once() -> None:
    sampler = Writer(lambda prompt, copy: "", lambda text: 0.7 if "two" in text else 0.5)
    one, two = run_sync(Discriminative(sampler, Tiny(), threshold=0.6)([A, B]))
    assert (one.good, one.score, one.tokens, one.analysis) == (False, 0.5, 1, "")
    assert (two.good, two.score) == (True, 0.7)
    assert sampler.texts == [Tiny().judge(A), Tiny().judge(B)]
    assert not sampler.prompts
    assert run_sync(Discriminative(sampler, Tiny())([])) == []


def test_judges_vote() -> None:
    yes, no = Says(lambda trace: 0.9, name="yes"), Says(lambda trace: 0.3, name="no")
    judge = Majority([no, yes, no])
    (verdict,) = run_sync(judge([A]))
    assert (verdict.good, verdict.tokens, judge.name) == (False, 9, "majority:no+yes+no")
    assert verdict.score == pytest.approx(0.5)
    assert run_sync(Majority([no, yes])([A]))[0].good  # a tie goes by the mean, 0.6
    broken = Generative(Writer(lambda p, copy: "?"), Tiny())
    assert run_sync(Majority([yes, broken, broken])([A]))[0].fault == UNREAD
    with pytest.raises(BadInput, match="at least one judge"):
        Majority([])


def test_an_outcome_model_says_what_its_judge_says() -> None:
    judge = Outcome(Says(lambda trace: 0.9))
    assert judge.name == "outcome:says"
    assert run_sync(judge([A, B])) == run_sync(Says(lambda trace: 0.9)([A, B]))


def test_what_cannot_be_judged() -> None:
    empty = Trace("What is 2 + 2?")
    for judge in (Generative(Writer(lambda p, c: ""), Tiny()), Discriminative(Writer(lambda p, c: ""), Tiny())):
        with pytest.raises(BadInput, match=r"trace 1 .*2 \+ 2.* has no chunks.*cut the solution"):
            run_sync(judge([A, empty]))
    with pytest.raises(BadInput, match="at least one vote"):
        Generative(Writer(lambda p, c: ""), Tiny(), votes=0)


def test_a_judge_says_the_same_in_any_company() -> None:
    def write(prompt: str, copy: int) -> str:
        return random.Random(f"{prompt} {copy}").choice([POSITIVE, NEGATIVE, "hm"])

    judge = Generative(Writer(write, lambda text: random.Random(text).random()), Tiny(), votes=3)
    traces = [Trace("p", tuple("abc"[:i] + str(k) for i in range(1, 3))) for k in range(10)]
    together = run_sync(judge(traces))
    assert together == [run_sync(judge([trace]))[0] for trace in traces]
    assert {verdict.good for verdict in together} == {True, False}
