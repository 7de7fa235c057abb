"""The contract of a judge: traces, their prefixes, what counts as a judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.judge import Judge, Trace, Verdict


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=3), max_size=5))
def test_prefixes_end_with_one_chunk_after_the_other(chunks: list[str]) -> None:
    trace = Trace("p")
    grown = []
    for chunk in chunks:
        trace = trace.then(chunk)
        grown.append(trace)
    assert trace == Trace("p", tuple(chunks))
    assert trace.prefixes() == tuple(grown)
    assert [one.chunks[-1] for one in trace.prefixes()] == chunks


def test_traces_and_verdicts_do_not_change() -> None:
    trace = Trace("p", ("a",))
    longer = trace.then("b")
    assert (trace.chunks, longer.chunks) == (("a",), ("a", "b"))
    assert len({trace, Trace("p", ("a",)), longer}) == 2
    with pytest.raises(FrozenInstanceError):
        trace.problem = "q"  # type: ignore[misc]
    verdict = Verdict(True, 0.75)
    assert (verdict.analysis, verdict.tokens, verdict.fault) == ("", 0, "")
    with pytest.raises(FrozenInstanceError):
        verdict.good = False  # type: ignore[misc]


def test_what_is_a_judge() -> None:
    class Kind:
        name = "kind"

        async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
            return [Verdict(True, 1.0) for _ in traces]

    assert isinstance(Kind(), Judge)
    assert not isinstance(lambda traces: [], Judge)
