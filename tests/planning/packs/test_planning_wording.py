"""What stands around a pattern: negations and the like are not read over, and sections turn where the text says so."""

from __future__ import annotations

import pytest

from talkoot.planning.packs.audit import audit
from talkoot.planning.packs.pack import load_pack
from talkoot.planning.packs.phrases import Reading, read_text, sentences
from talkoot.planning.packs.wording import joined, reversing, turns_to
from talkoot.planning.pddl.reader import read_problem

BLOCKS = load_pack("blocksworld")
NAMES = {f"b{number}": "object" for number in range(1, 6)}


def _read(text: str) -> Reading:
    return read_text(text, BLOCKS, NAMES)


def _said(text: str) -> list[tuple[str, object]]:
    return [(claim.section, claim.meaning) for claim in _read(text).claims]


@pytest.mark.parametrize(
    "text",
    [
        "It is not true that b1 is on b2.",
        "Do not assume that b1 is on b2.",
        "Nobody said b1 is on b2.",
        "It isn't so that b1 is on b2.",
        "If b1 is on b2 then b3 is clear.",
        "Who knows whether b1 is on b2?",
        "b1 is on b2 or on b3.",
        "All blocks except b3 are on the table.",
        "b1 and everything but b2 are on the table.",
        "b1 is clear, b2 is not clear.",
        "Until yesterday, when b1 was on b3, b1 is on b2.",
        "Avoid that b1 is on b2.",
    ],
)
def test_nothing_is_read_into_what_is_denied_doubted_or_past(text: str) -> None:
    reading = _read(text)
    assert reading.claims == ()
    assert [sentence for _, sentence in reading.unread] == [text.rstrip(".")]


def test_a_pattern_that_spells_the_word_out_allows_for_it() -> None:
    assert _said("Nothing is on b1.") == [("start", ("clear", "b1"))]
    tyres = load_pack("tyreworld")
    reading = read_text("w1 is not inflated. w1 is inflated.", tyres, {"w1": "wheel"})
    assert [claim.meaning for claim in reading.claims] == [("not-inflated", "w1"), ("inflated", "w1")]


@pytest.mark.parametrize(
    "text", ["b1 is on b2, b3 on b4", "b1 and b2 should be on b3", "b1 is on b2 which is on the table"]
)
def test_what_is_read_in_part_is_told_as_unread_too(text: str) -> None:
    reading = _read(text)
    assert len(reading.claims) == 1
    assert [sentence for _, sentence in reading.unread] == [text]


def test_no_is_a_number_only_where_nothing_more_is_said() -> None:
    assert _said("There are no blocks.") == [("start", ("count", "0", (("?b", ("object",)),), ("and",)))]
    assert _said("There are no blocks on b1.") == []


def test_a_list_does_not_begin_in_another_statement() -> None:
    assert _said("b1 is on b2 and b3 is on the table.") == [
        ("start", ("on", "b1", "b2")), ("start", ("on-table", "b3")),
    ]  # fmt: skip
    assert len(_said("b2 and b3 are on the table.")) == 2


def test_a_sentence_may_run_over_lines_and_a_list_of_facts_does_not() -> None:
    assert _said("b1 is on\nb2.") == [("start", ("on", "b1", "b2"))]
    assert _said("b1 is on b2\nb3 is on the table") == [("start", ("on", "b1", "b2")), ("start", ("on-table", "b3"))]
    assert joined(["It is", "late", "", "and dark", "b1"]) == [(1, "It is late"), (3, ""), (4, "and dark"), (5, "b1")]


def test_wishes_are_about_the_goal_wherever_they_stand() -> None:
    text = "b1 is on the table. b1 should be on b2. b2 is on the table."
    assert [section for section, _ in _said(text)] == ["start", "goal", "start"]
    assert _said("The goals are:\nb1 is on b2") == [("goal", ("on", "b1", "b2"))]
    assert _said("The goal: b1 is on b2.\nCurrently b1 is on the table.") == [
        ("goal", ("on", "b1", "b2")), ("start", ("on-table", "b1")),
    ]  # fmt: skip


def test_a_sentence_on_both_start_and_goal_is_left_unread_and_weakens_both() -> None:
    text = "The goal is that b1, which currently is clear, is on b2."
    assert [section for _, section, _ in sentences(text)] == ["both"]
    assert _said(text) == []
    init = "(on-table b1) (on-table b2) (clear b1) (clear b2) (arm-empty)"
    problem = read_problem(
        f"(define (problem p) (:domain blocksworld-4ops) (:objects b1 b2) (:init {init}) (:goal (on b1 b2)))",
        BLOCKS.domain,
    ).problem
    faults, unread = audit(problem, BLOCKS.domain, BLOCKS, f"b1 is on the table.\n{text}")
    assert (faults, unread) == ([], [text.rstrip(".")])


def test_names_in_place_of_declared_ones_are_strangers() -> None:
    assert _read("The red block is on top of b1.").strangers == (("red block", 1),)
    assert _read("Each block is on top of another. It is on b1. The block is on b2.").strangers == ()
    home = load_pack("manipulation")
    reading = read_text(
        "There is a soup can on the side table.\nThe mug is on the shelf.",
        home,
        {"side-table": "location", "mug": "object"},
    )
    assert reading.strangers == (("soup can", 1), ("shelf", 2))


def test_the_words_themselves() -> None:
    assert [word[0] for word in reversing("it isn't, or is it?")] == ["n't", "or", "?"]
    assert reversing("the northern robot noted another note") == []
    assert (turns_to("your goal is"), turns_to("initially"), turns_to("b1 is on b2")) == ("goal", "start", "")
    assert (turns_to("what i want:"), turns_to("please do this:"), turns_to("the blocks:")) == ("goal", "goal", "")
