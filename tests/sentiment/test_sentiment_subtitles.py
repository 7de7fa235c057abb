"""Subtitles as timed words: three formats, what is put right and told, and what is refused."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.sentiment.clip.subtitles import Subtitles, Word, read_words, stretches


def read(folder: Path, text: str | bytes, ending: str = ".srt") -> Subtitles:
    path = folder / f"clip{ending}"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_words(path)


def test_a_line_of_srt_shares_its_time_by_letters(tmp_path: Path) -> None:
    told = read(tmp_path, "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>ab</i> - abcdef\r\n\r\n")
    assert told.notes == ()
    assert told.words == (Word("ab", 1.0, pytest.approx(1.3)), Word("abcdef", pytest.approx(1.3), pytest.approx(2.0)))


def test_subtitles_without_an_empty_line_between_them_are_two(tmp_path: Path) -> None:
    told = read(tmp_path, "1\n00:00:00,000 --> 00:00:01,000\none\n2\n00:00:01,000 --> 00:00:02,000\n42\n")
    assert [word.text for word in told.words] == ["one", "42"]


def test_vtt_keeps_the_times_inside_a_line_and_skips_notes(tmp_path: Path) -> None:
    text = ("WEBVTT\n\nNOTE no --> words\nhere\n\n00:01.000 --> 00:03.000 align:start\n"
            "<v Ann>so<00:01.500><c> what</c><00:02.000> now &amp; then\n")  # fmt: skip
    words = read(tmp_path, text, ".vtt").words
    assert [(word.text, word.start) for word in words[:3]] == [("so", 1.0), ("what", 1.5), ("now", 2.0)]
    assert (words[1].end, words[-1].text, words[-1].end) == (2.0, "then", pytest.approx(3.0))


@pytest.mark.parametrize("told", [
    [{"word": "good", "start": 0.5, "end": 0.9}],
    {"words": [{"text": "good", "start": 0.5, "end": 0.9}]},
    {"segments": [{"text": " good", "start": 0.5, "end": 0.9}]},
    {"segments": [{"start": 0, "end": 2, "words": [{"word": " good", "start": 0.5, "end": 0.9, "probability": 1}]}]},
])  # fmt: skip
def test_json_of_recognisers_is_read(tmp_path: Path, told: object) -> None:
    assert read(tmp_path, json.dumps(told), ".json").words == (Word("good", 0.5, pytest.approx(0.9)),)


def test_what_is_out_of_order_or_overlaps_is_kept_sorted_and_told(tmp_path: Path) -> None:
    text = "00:00:05,000 --> 00:00:07,000\nlast\n\n00:00:01,000 --> 00:00:06,000\nfirst [laughs]\n"
    told = read(tmp_path, text)
    assert [word.text for word in told.words] == ["first", "last"]
    late, over, noise = told.notes
    assert "1 of 2 subtitles started before" in late
    assert "1 of 2 subtitles start before the one before has ended" in over
    assert "1 noises" in noise


def test_encodings_are_told_apart(tmp_path: Path) -> None:
    line = "00:00:00,000 --> 00:00:01,000\ncafé\n"
    assert read(tmp_path, line.encode("utf-16")).words == read(tmp_path, line.encode("utf-8-sig")).words
    told = read(tmp_path, line.encode("cp1252"))
    assert (told.words[0].text, "Windows-1252" in told.notes[0]) == ("café", True)


@pytest.mark.parametrize(("text", "ending", "place"), [
    ("1\n00:00:02,000 --> 00:00:01,000\nno\n", ".srt", "line 2: from 2 to 1"),
    ("1\nsoon --> later\nno\n", ".srt", "line 2: 'soon --> later'"),
    ("nothing here", ".srt", "has no words"),
    ("00:00:00,000 --> 00:00:01,000\n[Music]\n", ".srt", "has no words"),
    ("{", ".json", "is not JSON"),
    ('{"text": "a"}', ".json", "no list of words"),
    ('[{"word": "a", "start": 0}]', ".json", "entry 1: a \"word\""),
    ('["a"]', ".json", "entry 1: 'a'"),
    ('[{"word": "a", "start": NaN, "end": 1}]', ".json", "entry 1: from nan"),
    ('[{"word": "a", "start": -1, "end": 1}]', ".json", "entry 1: from -1"),
    ("a", ".txt", "none of the endings"),
])  # fmt: skip
def test_bad_subtitles_are_refused_with_their_place(tmp_path: Path, text: str, ending: str, place: str) -> None:
    with pytest.raises(BadInput) as error:
        read(tmp_path, text, ending)
    assert place in str(error.value)
    assert str(tmp_path) in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.srt does not exist"):
        read_words(tmp_path / "none.srt")


def test_time_without_words_is_cut_into_steps() -> None:
    assert stretches(1.0) == (Word("", 0, 0.4), Word("", 0.4, 0.8), Word("", 0.8, 1.0))
    assert len(stretches(0.8)) == 2
    assert stretches(0.05) == (Word("", 0, 0.4),)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(text=st.text(max_size=60), start=st.integers(0, 5000), long=st.integers(0, 5000))
def test_any_line_gives_words_inside_its_time_or_one_message(tmp_path: Path, text: str, start: int, long: int) -> None:
    def time(ms: int) -> str:
        return f"00:00:{ms // 1000:02d},{ms % 1000:03d}"

    try:
        words = read(tmp_path, f"{time(start)} --> {time(start + long)}\n{text}".encode("utf-8", "replace")).words
    except BadInput:
        return
    assert all(start / 1000 - 1e-6 <= word.start <= word.end <= (start + long) / 1000 + 1e-6 or "-->" in text
               for word in words)  # fmt: skip
    assert all(a.start <= b.start for a, b in pairwise(words))
