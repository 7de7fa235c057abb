"""Chunks: tags read back exactly, baselines that cut without loss, boundaries compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.judging.chunks import (
    F1,
    Cutter,
    Malformed,
    Partial,
    boundary_f1,
    by_blank_lines,
    by_lines,
    by_steps,
    cut_at,
    parse,
    parse_partial,
    reconstructs,
)
from talkoot.judging.dialect import tagged
from talkoot.judging.rules import by_rules

CHUNKS = st.lists(st.text(min_size=1, max_size=12).filter(lambda text: "chunk>" not in text), min_size=1, max_size=6)
PARTS = (
    "\n|\n\n| |\t|. |x|2 + 3 = 5|$|\\[|\\]|\\(|\\)|So |Step 2|1. |- |### |:|A: 5|\\boxed{5}|Next, |é|\r\n|```"
    "|\\begin{align}|\\end{align}|。|..."
)
MATHS = st.lists(st.sampled_from(PARTS.split("|")), max_size=30).map("".join)


@given(CHUNKS)
def test_what_was_put_in_tags_is_read_back(chunks: list[str]) -> None:
    assert parse(tagged(chunks)) == chunks
    assert parse_partial(tagged(chunks)) == Partial(tuple(chunks), "")
    assert reconstructs("".join(chunks), chunks)


@given(CHUNKS, st.integers(0, 200))
def test_text_that_ended_early_keeps_its_complete_chunks(chunks: list[str], length: int) -> None:
    text = tagged(chunks)[:length]
    partial = parse_partial(text)
    assert list(partial.chunks) == chunks[: text.count("</chunk>")]
    assert tagged(partial.chunks) + partial.rest == text
    if partial.rest:
        with pytest.raises(Malformed):
            parse(text)


def test_the_rest_of_a_text_that_ended_early() -> None:
    assert parse_partial("<chunk>a</chunk><chunk>b").unfinished == "b"
    assert parse_partial("<chunk>a</chunk><chunk>").unfinished == ""
    assert parse_partial("<chunk>a</chunk><chu") == Partial(("a",), "<chu")
    assert parse_partial("<chunk>a</chunk><chu").unfinished is None
    assert parse_partial("") == Partial((), "")
    assert parse_partial("<chunk>a</chunk>\n <chunk>b", spaces=True) == Partial(("a",), "<chunk>b")
    assert parse_partial("<chunk>a</chunk>\n", spaces=True) == Partial(("a",), "")


@pytest.mark.parametrize(
    ("text", "kind", "at"),
    [
        ("", "no tags", 0),
        ("2 + 2 = 4", "no tags", 0),
        ("Here: <chunk>a</chunk>", "text outside tags", 0),
        ("<chunk>a</chunk> <chunk>b</chunk>", "text outside tags", 16),
        ("<chunk>a</chunk>done", "text outside tags", 16),
        ("<chunk>a</chunk><ch", "text outside tags", 16),
        ("<chunk>a<chunk>b</chunk></chunk>", "nested tags", 8),
        ("<chunk>a</chunk></chunk>", "unopened tag", 16),
        ("<chunk>a</chunk><chunk>b", "unclosed tag", 16),
        ("<chunk></chunk>", "empty chunk", 7),
    ],
)
def test_faults_have_a_kind_and_a_place(text: str, kind: str, at: int) -> None:
    with pytest.raises(Malformed, match=kind) as raised:
        parse(text)
    assert (raised.value.kind, raised.value.at) == (kind, at)
    assert isinstance(raised.value, BadInput)
    assert f"at character {at}" in str(raised.value)


def test_layout_between_tags_may_be_passed_over() -> None:
    assert parse("\n<chunk>a\n</chunk>\n\n<chunk>b</chunk> ", spaces=True) == ["a\n", "b"]
    with pytest.raises(Malformed, match="text outside tags"):
        parse("<chunk>a</chunk> or <chunk>b</chunk>", spaces=True)


def test_reconstruction_is_exact() -> None:
    assert reconstructs("a\nb", ["a\n", "b"])
    assert reconstructs("", [])
    assert not reconstructs("a\nb", ["a", "b"])
    assert not reconstructs("ab", ["a", "", "b"])
    assert not reconstructs("ab", [])
    assert not reconstructs("a<chunk>b", ["a<chunk>", "b"])  # it could not be read back from tags
    assert not reconstructs("a<chunk>b", ["a<chu", "nk>b"]) or parse(tagged(["a<chu", "nk>b"])) == ["a<chu", "nk>b"]


@pytest.mark.parametrize("cut", [by_blank_lines, by_lines, by_steps, by_rules])
@given(text=st.one_of(MATHS, st.text(max_size=40)))
def test_every_cutter_keeps_the_promise(cut: Cutter, text: str) -> None:
    pieces = cut(text)
    assert "".join(pieces) == text
    assert all(pieces)
    if text.strip():
        assert all(piece.strip() for piece in pieces)
        assert not any(piece[0].isspace() for piece in pieces[1:])
    else:
        assert pieces == ([text] if text else [])


@given(MATHS, st.lists(st.integers(0, 60), max_size=6))
def test_cutting_at_positions_moves_to_the_next_word(text: str, positions: list[int]) -> None:
    pieces = cut_at(text, [min(at, len(text)) for at in positions])
    assert "".join(pieces) == text
    assert len(pieces) <= len(positions) + 1


def test_blank_lines_and_lines() -> None:
    text = "\n a\nb \n  \n\n c\r\n\r\nd\n"
    assert by_blank_lines(text) == ["\n a\nb \n  \n\n ", "c\r\n\r\n", "d\n"]
    assert by_lines(text) == ["\n a\n", "b \n  \n\n ", "c\r\n\r\n", "d\n"]
    assert by_blank_lines("one line") == by_lines("one line") == ["one line"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("We do it.\nStep 1: a\nb\nStep 2: c", ["We do it.\n", "Step 1: a\nb\n", "Step 2: c"]),
        ("### Step 1\na\n\n**Step 2.** b", ["### Step 1\na\n\n", "**Step 2.** b"]),
        ("Step 1: list\n1. x\n2. y\nStep 2: z", ["Step 1: list\n1. x\n2. y\n", "Step 2: z"]),
        ("1. a\n2. b\n10. c\n3) d", ["1. a\n", "2. b\n10. c\n", "3) d"]),
        ("The answer is\n42. So\n3.5 = x", ["The answer is\n42. So\n3.5 = x"]),
        ("the step 1 is easy", ["the step 1 is easy"]),
        ("  - step 3 x\nsteps 4", ["  - step 3 x\nsteps 4"]),
    ],
)
def test_step_headings(text: str, pieces: list[str]) -> None:
    assert by_steps(text) == pieces


def test_boundaries_are_compared_as_positions() -> None:
    truth = ["a b\n", "c\n", "d"]
    assert boundary_f1(truth, truth) == F1(2, 2, 2)
    found = boundary_f1(["a b", "\nc\nd"], truth)
    assert found == F1(1, 1, 2)
    assert (found.precision, found.recall, found.f1) == (1.0, 0.5, pytest.approx(2 / 3))
    assert boundary_f1(["a b", "\nc\nd"], truth, spaces=True) == F1(0, 1, 2)
    assert boundary_f1(["a b\nc\nd"], truth) == F1(0, 0, 2)
    assert boundary_f1(["a b\nc\n", " ", "d"], ["a b\nc\n d"]) == F1(0, 1, 0)
    assert boundary_f1([], []).f1 == boundary_f1(["x"], ["x"]).f1 == 1.0
    assert boundary_f1(["x y"], ["x", " ", "y"]).f1 == 0.0
    assert F1(1, 2, 3) + F1(1, 1, 1) == F1(2, 3, 4)


def test_only_cuts_of_one_text_can_be_compared() -> None:
    with pytest.raises(BadInput, match=r"from character 2 on: 'x' against 'y'"):
        boundary_f1(["a", "b x"], ["ab", " y"])
    assert boundary_f1(["a", " b"], ["a\n", "b"]) == F1(1, 1, 1)
    with pytest.raises(BadInput, match="character 1 on"):
        boundary_f1(["a", " b"], ["a\n", "b"], spaces=True)


@given(CHUNKS)
def test_a_cut_agrees_with_itself(chunks: list[str]) -> None:
    for spaces in (True, False):
        same = boundary_f1(chunks, chunks, spaces=spaces)
        assert same.f1 == same.precision == same.recall == 1.0
    assert boundary_f1(chunks, chunks, spaces=True).truth == len(chunks) - 1
