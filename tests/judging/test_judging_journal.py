"""The journal: what is written is read, broken lines, mixed models, one writer at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from talkoot.errors import BadInput
from talkoot.judging.journal import Block, Journal, Sampled, Settings, Solution, load_journal, read_journal
from talkoot.judging.problem import Problem

SETTINGS = Settings("m1", "file", solution_tokens=100)
PROBLEM = Problem("p0", "1 + 1 ü\u2028?", "2")
CHUNKS = ("one\n", "two\r", "answer")
ONE = Solution("p0/0", PROBLEM, CHUNKS, True)
OTHER = Solution("p0/3", PROBLEM, ("one\n", "three", "end"), False)
SAMPLED = Sampled(PROBLEM, 16, 9, 320, (ONE, OTHER), {"no tags": 2})
SHARED, OWN = ("p0", CHUNKS[:1]), ("p0", CHUNKS[:2])


def write(path: Path, settings: Settings = SETTINGS) -> None:
    with Journal(path, settings) as journal:
        journal.sampled([SAMPLED])
        journal.drawn([(SHARED, Block(4, 3, 40)), (OWN, Block(4, 0, 20)), (SHARED, Block(4, 4, 41))])


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.jsonl"
    write(path)
    contents = load_journal(path)
    assert contents.settings == SETTINGS
    assert contents.sampled["p0"] == SAMPLED
    assert contents.notes == []
    one, other = read_journal(path)
    assert (one.id, one.chunks, one.problem, one.right) == ("p0/0", CHUNKS, PROBLEM, True)
    assert one.trace.chunks == CHUNKS
    assert one.trace.problem == PROBLEM.text
    assert one.counts.tries == (16, 8, 4, 1)
    assert one.counts.successes == (9, 7, 0, 1)
    assert other.counts.tries == (16, 8, 0, 1)  # the first chunk is the same: so are its rollouts
    assert other.counts.successes == (9, 7, 0, 0)
    assert ONE.trace == one.trace


def test_going_on_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path)
    with Journal(path, SETTINGS) as journal:
        assert [block.tries for block in journal.contents.blocks[SHARED]] == [4, 4]
        journal.drawn([(SHARED, Block(4, 1, 9))])
    assert read_journal(path)[0].counts.tries == (16, 12, 4, 1)
    assert path.read_text(encoding="utf-8").count('"journal"') == 1


def test_half_a_last_line_is_dropped_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(1, len(lines[-1])):
        path.write_bytes(whole[:-cut])
        contents = load_journal(path)
        complete = cut == 1  # only the line's end is missing
        assert len(contents.blocks[SHARED]) == (2 if complete else 1)
        assert bool(contents.notes) != complete
    with Journal(path, SETTINGS) as journal:
        assert "dropped" in journal.contents.notes[0]
        journal.drawn([(SHARED, Block(4, 4, 41))])
    assert path.read_bytes() == whole


def test_a_lost_line_end_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with Journal(path, SETTINGS):
        pass
    assert path.read_bytes() == whole


def test_a_cut_first_line_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:30])
    with pytest.raises(BadInput, match="no journal"):
        load_journal(path)
    write(path)
    assert path.read_bytes() == whole


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2][:20] + b"\n"
    path.write_bytes(b"".join(lines))
    for read in (lambda: load_journal(path), lambda: Journal(path, SETTINGS)):
        with pytest.raises(BadInput, match=r"line 3 of .* is broken"):
            read()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"solution": "p9/0", "prefix": 1, "block": 0, "tries": 4, "right": 1, "tokens": 1}, "knows nothing"),
        ({"solution": "p0/0", "prefix": 3, "block": 0, "tries": 4, "right": 1, "tokens": 1}, "knows nothing"),
        ({"solution": "p0/0", "prefix": 2, "block": 0, "tries": 4, "right": 1, "tokens": 1}, "differently"),
        ({"solution": "p0/0", "prefix": 2, "block": 1, "tries": 4, "right": 5, "tokens": 1}, "knows nothing"),
        ({"solution": "p0/0"}, "no line of a journal"),
        ({"sampled": "p1"}, "no line of a journal"),
        ({"sampled": "p0", "text": "x", "answer": "2", "tries": 1, "right": 1, "tokens": 1, "dropped": {},
          "solutions": []}, "sampled before"),
        ({"journal": 2}, "format 2"),
    ],
)  # fmt: skip
def test_lines_that_make_no_sense_are_named(tmp_path: Path, line: dict[str, object], said: str) -> None:
    path = tmp_path / "a.jsonl"
    write(path)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n{}\n")
    with pytest.raises(BadInput, match=said) as caught:
        load_journal(path)
    assert "line 6 of" in str(caught.value)


def test_models_are_not_mixed(tmp_path: Path) -> None:
    path, more = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write(path)
    with pytest.raises(BadInput, match=r"model m2.*begun with model m1.*journal of its own"):
        Journal(path, Settings("m2", "file", solution_tokens=100))
    write(more, Settings("m2", "file", solution_tokens=100))
    path.write_bytes(path.read_bytes() + more.read_bytes())
    with pytest.raises(BadInput, match=r"line 6 of .*model m2"):
        load_journal(path)


def test_other_settings_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path)
    with pytest.raises(BadInput, match=r"temperature is 0\.5, while the journal was begun with 1\.0"):
        Journal(path, Settings("m1", "file", temperature=0.5, solution_tokens=100))
    with pytest.raises(BadInput, match="blocks"):
        Settings("m1", block=0)


def test_two_copies_put_together_count_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path)
    once = read_journal(path)
    path.write_bytes(path.read_bytes() * 2)
    assert read_journal(path) == once


def test_a_block_that_was_lost_is_drawn_again(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path)
    whole = read_journal(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], *lines[3:]]))  # without block 0 of the shared prefix, whose block 1 is there
    with Journal(path, SETTINGS) as journal:
        assert SHARED not in journal.contents.blocks or not journal.contents.blocks[SHARED]
        assert "block 1 of p0/0 after chunk 1 has none before it" in journal.contents.notes[0]
        journal.drawn([(SHARED, Block(4, 3, 40))])
    with Journal(path, SETTINGS) as journal:
        assert journal.contents.blocks[SHARED] == [Block(4, 3, 40)]
        journal.drawn([(SHARED, Block(4, 4, 41))])
    assert read_journal(path) == whole


def test_a_first_try_without_draws_gives_way(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Journal(path, Settings("mistyped")):
        pass
    write(path)
    assert load_journal(path).settings == SETTINGS
    assert path.read_bytes().count(b'"journal"') == 1


def test_chat_templates_are_not_mixed(tmp_path: Path) -> None:
    path, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write(path)
    path.write_bytes(path.read_bytes().replace(b',"template":""', b""))  # as journals were before
    assert b"template" not in path.read_bytes()
    write(path)
    assert load_journal(path).settings == SETTINGS
    templated = Settings("m1", "file", solution_tokens=100, template="0a1b")
    with pytest.raises(BadInput, match="the chat template is another one"):
        Journal(path, templated)
    write(other, templated)
    assert load_journal(other).settings == templated
    with pytest.raises(BadInput, match="the chat template is another one"):
        Journal(other, SETTINGS)


def test_files_that_are_no_journals_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    for content in ("dear diary", "dear diary\nmilk\n", "[1]\n", '{"a": 1}\n{"b": 2}\n'):
        path.write_text(content)
        with pytest.raises(BadInput, match="name another file"):
            Journal(path, SETTINGS)
        assert path.read_text() == content
    with pytest.raises(BadInput, match="cannot be written"):
        Journal(tmp_path, SETTINGS)
    with pytest.raises(BadInput, match="cannot be read"):
        read_journal(tmp_path / "none.jsonl")


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Journal(path, SETTINGS):
        with pytest.raises(BadInput, match="another process"):
            Journal(path, SETTINGS)
        assert load_journal(path).sampled == {}
    write(path)
    assert len(read_journal(path)) == 2
