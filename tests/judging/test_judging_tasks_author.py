"""The author of training texts, and the rule that cuts them."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.judging.answers import final_answer
from talkoot.judging.tasks.arithmetic import LEVELS, Task, pieces
from talkoot.judging.tasks.author import Author, segment
from talkoot.judging.tasks.oracle import valid
from talkoot.learning.tokenizer import WordTokenizer

TASKS = [Task(level, modulus, (2, 5), distractors=2) for level in LEVELS for modulus in (7, 23)]
RATE = st.sampled_from([0.0, 0.3, 1.0])
AUTHORS = st.builds(Author, st.sampled_from(TASKS), RATE, RATE, RATE, RATE, RATE)
SURE = {"slip": 0.0, "leap_slip": 0.0, "misread": 0.0}


@settings(max_examples=100, deadline=None)
@given(AUTHORS, st.integers(0, 10**6))
def test_the_rule_finds_the_authors_own_chunks(author: Author, number: int) -> None:
    problem = author.task.problem("train", number)
    chunks = author.chunks(problem, random.Random(number))
    assert chunks == author.chunks(problem, random.Random(number))
    text = "".join(chunks)
    assert segment(text) == chunks
    tokens = WordTokenizer(pieces(author.task))
    assert tokens.decode(tokens.encode(text)) == text
    # No token reaches over a boundary, so a policy can put its tags there.
    assert [token for chunk in chunks for token in tokens.encode(chunk)] == tokens.encode(text)
    assert final_answer(text) is not None
    assert chunks[-1].startswith(" answer : ")


@settings(max_examples=100, deadline=None)
@given(AUTHORS, st.integers(0, 10**6))
def test_without_slips_all_is_sound_and_the_answer_right(author: Author, number: int) -> None:
    author = replace(author, **SURE)  # type: ignore[arg-type]
    problem = author.task.problem("judge", number)
    chunks = author.chunks(problem, random.Random(number))
    assert valid(problem.text, chunks, author.task.modulus) == [True] * len(chunks)
    assert final_answer("".join(chunks)) == problem.answer


@settings(max_examples=50, deadline=None)
@given(AUTHORS, st.integers(0, 10**6), st.sampled_from([0.0, 0.5, 1.0]))
def test_a_lesson_is_the_same_text(author: Author, number: int, gaps: float) -> None:
    problem = author.task.problem("train", number)
    parts = author.lesson(problem, random.Random(number), gaps)
    text = "".join(author.chunks(problem, random.Random(number)))
    assert "".join(parts) == text
    tokens = WordTokenizer(pieces(author.task))
    assert [token for part in parts for token in tokens.encode(part)] == tokens.encode(text)
    assert all(len(tokens.encode(part)) == 1 for part in parts[2::2])  # what is only read
    assert (len(parts) == 2) == (gaps == 1.0 or text.count(" :") == 1) or 0 < gaps < 1


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab. \n:;=1", max_size=30))
def test_any_text_is_cut_without_loss(text: str) -> None:
    chunks = segment(text)
    assert "".join(chunks) == text
    assert all(chunks)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(pieces(TASKS[0])), max_size=30))
def test_any_sampled_text_is_cut_without_loss(parts: list[str]) -> None:
    chunks = segment("".join(parts))
    assert "".join(chunks) == "".join(parts)
    for one, following in pairwise(chunks):
        assert one.rstrip(" \n").endswith(".")
        assert following != ""


def test_where_it_cuts() -> None:
    assert segment("") == []
    assert segment(" a + 1 :2 + 1 = 3.\n b + 2 :3 + 2 = 5. answer : \\boxed{5}.") == [
        " a + 1 :2 + 1 = 3.\n", " b + 2 :3 + 2 = 5.", " answer : \\boxed{5}.",
    ]  # fmt: skip
    assert segment(" a. b.\nc.\n") == [" a.", " b.\n", "c.\n"]


def rate_of(name: str, author: Author, task: Task, runs: int = 300) -> float:
    """The share of chunks (without answers) that the oracle finds wrong."""
    sound: list[bool] = []
    for i in range(runs):
        problem = task.problem("train", i)
        chunks = author.chunks(problem, random.Random(f"{name}/{i}"))
        sound += valid(problem.text, chunks, task.modulus)[:-1]
    return 1 - sum(sound) / len(sound)


def test_errors_come_as_often_as_asked_for() -> None:
    sums, leaps = Task(steps=(3, 6), leaps=0.0), Task(steps=(3, 6), leaps=1.0)
    sure = Author(sums, slip=0.0, leap_slip=0.0, misread=0.0, check=0.0)
    assert rate_of("slip", replace(sure, slip=0.2), sums) == pytest.approx(0.2, abs=0.03)
    assert rate_of("slip", replace(sure, slip=0.2), leaps) == 0.0
    assert rate_of("leap", replace(sure, leap_slip=0.3), leaps) == pytest.approx(0.3, abs=0.03)
    assert rate_of("leap", replace(sure, leap_slip=0.3), sums) == 0.0
    # A number drawn for a misread one is the right one by chance in about one of 13 cases.
    assert rate_of("misread", replace(sure, misread=0.3), sums) == pytest.approx(0.3 * 12 / 13, abs=0.03)


def test_leaps_are_checked_and_errors_mended() -> None:
    task = Task(steps=(4, 4), leaps=1.0)
    author = Author(task, slip=0.0, leap_slip=1.0, misread=0.0, check=1.0)
    for i in range(30):
        problem = task.problem("test", i)
        chunks = author.chunks(problem, random.Random(i))
        assert [chunk.startswith(" check :") for chunk in chunks] == [False, True] * 4 + [False]
        assert valid(problem.text, chunks, 13) == [False, True] * 4 + [True]
        assert final_answer("".join(chunks)) == problem.answer


def test_line_breaks_only_where_they_may_be() -> None:
    task = Task("ledger")
    problem = task.problem("train", 4)
    told = {
        rate: "".join(replace(Author(task), **SURE, check=1.0, breaks=rate).chunks(problem, random.Random(0)))  # type: ignore[arg-type]
        for rate in (0.0, 1.0)
    }
    assert "\n" not in told[0.0]
    assert ".\n" in told[1.0]
    assert ":\n" in told[1.0]
    assert "\n = " in told[1.0]
    assert "".join(told[0.0].split()) == "".join(told[1.0].split())
