"""How problems, chunks and verdicts are written for the networks trained from scratch."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.judge import Trace
from talkoot.judging.chunks import parse
from talkoot.judging.dialect import CLOSE, NEGATIVE, OPEN, POSITIVE, Dialect, Tiny, tagged
from talkoot.judging.judges import read_verdict

TEXT = st.text(alphabet="ab <>/\n", min_size=1, max_size=8).filter(str.strip)


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4))
def test_tags_hold_the_chunks_unchanged(chunks: list[str]) -> None:
    assert parse(tagged(chunks)) == chunks
    assert "".join(chunks) == tagged(chunks).replace(OPEN, "").replace(CLOSE, "")


def test_every_prompt_ends_where_the_model_goes_on() -> None:
    dialect: Dialect = Tiny(solution_tokens=9)
    trace = Trace("1 + 1 = ?", (" a.", " b."))
    assert dialect.solve(trace.problem) == "1 + 1 = ?<solution>"
    assert dialect.go_on(Trace(trace.problem)) == dialect.solve(trace.problem)
    assert dialect.go_on(trace) == "1 + 1 = ?<solution><chunk> a.</chunk><chunk> b.</chunk>"
    assert dialect.judge(trace) == " b.<judge>1 + 1 = ?<solution><chunk> a.</chunk><chunk>"
    assert Tiny(ahead=False).judge(trace) == dialect.go_on(trace) + "<judge>"
    assert dialect.judge(Trace("p")) == "p<solution><judge>"
    assert (dialect.solution_tokens, dialect.chunk_tokens, dialect.analysis_tokens) == (9, 48, 40)
    assert tagged([]) == ""


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXT, max_size=4), TEXT)
def test_a_prompt_begins_every_prompt_of_a_longer_trace(chunks: list[str], more: str) -> None:
    """What makes nested prefixes share their computation."""
    trace = Trace("p", tuple(chunks))
    assert Tiny().go_on(trace.then(more)).startswith(Tiny().go_on(trace))


def test_verdicts_are_read_as_they_are_written() -> None:
    assert read_verdict(f" a + 1 :2 + 1 = 3.{POSITIVE}") is True
    assert read_verdict(f" answer : \\boxed{{3}}.{NEGATIVE}") is False
