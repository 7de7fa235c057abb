"""The word-level tokenizer: exact both ways, greedy, and clear about what it does not know."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.learning.tokenizer import EOS, PAD, WordTokenizer

WORDS = WordTokenizer(["1", "12", "2", " + ", " ", ".", "|", "ab", "abc", "\n"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(WORDS.pieces[2:])))
def test_what_is_written_is_read_again(pieces: list[str]) -> None:
    text = "".join(pieces)
    ids = WORDS.encode(text)
    assert WORDS.decode(ids) == text
    assert WORDS.encode(WORDS.decode(ids)) == ids
    assert len(ids) <= len(pieces)  # the longest piece is taken
    assert not {WORDS.pad, WORDS.eos} & set(ids)


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="12 +.|abc\n", max_size=12))
def test_any_text_is_covered_exactly_or_refused(text: str) -> None:
    try:
        ids = WORDS.encode(text)
    except BadInput:
        return
    assert WORDS.decode(ids) == text


def test_ids() -> None:
    assert WORDS.pieces[:3] == (PAD, EOS, "1")
    assert len(WORDS) == 12
    assert WORDS.encode("") == []
    assert [WORDS.pieces[i] for i in WORDS.encode("121abc + |")] == ["12", "1", "abc", " + ", "|"]
    assert WORDS.decode([0, 3, 1, 2, 0]) == "121"
    assert WORDS.single("12") == 3
    assert WORDS.single("121") is None


@pytest.mark.parametrize(("text", "at"), [("x", 0), ("12x1", 2), ("1 + 1x", 5), (EOS, 0), ("12.c", 3)])
def test_a_text_that_it_does_not_know_names_the_place(text: str, at: int) -> None:
    with pytest.raises(BadInput, match=f"from character {at} on: '{text[at]}.*only the 10 pieces"):
        WORDS.encode(text)


@pytest.mark.parametrize("pieces", [[], ["a", "a"], ["a", ""], ["a", PAD], [EOS]])
def test_pieces_that_make_no_tokenizer(pieces: list[str]) -> None:
    with pytest.raises(BadInput, match="pieces that are different from each other, not empty"):
        WordTokenizer(pieces)
