"""How problems, chunks and verdicts are written for a model: a dialect. Everything else here handles plain text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from talkoot.judge import Trace

OPEN, CLOSE = "<chunk>", "</chunk>"
POSITIVE, NEGATIVE = "\\boxed{Positive}", "\\boxed{Negative}"


def tagged(chunks: Iterable[str]) -> str:
    """Chunks as the policy writes them (StepWiser, Table 11): each between tags, nothing outside, inside unchanged."""
    return "".join(f"{OPEN}{chunk}{CLOSE}" for chunk in chunks)


class Dialect(Protocol):
    """The texts around a trace. All of them end where the model goes on writing."""

    @property
    def solution_tokens(self) -> int:
        """The most tokens of a whole solution."""

    @property
    def chunk_tokens(self) -> int:
        """The most tokens of one chunk."""

    @property
    def analysis_tokens(self) -> int:
        """The most tokens of one analysis with its verdict."""

    def solve(self, problem: str) -> str:
        """The prompt of a problem; the policy writes the solution after it."""

    def go_on(self, trace: Trace) -> str:
        """`solve` and the trace's chunks in tags: the policy writes the next chunk."""

    def judge(self, trace: Trace) -> str:
        """The prompt that has the last chunk judged: an analysis and a boxed verdict come after it."""


@dataclass(frozen=True)
class Tiny:
    """The dialect of the networks that we train from scratch: no instructions, single tokens as signs (ours).

    With `ahead` the chunk that is judged stands before the problem: an analysis then begins as the policy would go on
    from the chunks before it, without having seen the chunk last, and a judge made from the policy errs no more than
    the policy does. Otherwise the chunk stands last, as in the paper.
    """

    solution_tokens: int = 160
    chunk_tokens: int = 48
    analysis_tokens: int = 40
    ahead: bool = True

    def solve(self, problem: str) -> str:
        """`PROBLEM<solution>`."""
        return f"{problem}<solution>"

    def go_on(self, trace: Trace) -> str:
        """`PROBLEM<solution><chunk>...</chunk>...`."""
        return self.solve(trace.problem) + tagged(trace.chunks)

    def judge(self, trace: Trace) -> str:
        """`CHUNK<judge>`, the trace before it, and `<chunk>`; or (not `ahead`) the trace, then `<judge>`."""
        if not self.ahead or not trace.chunks:
            return self.go_on(trace) + "<judge>"
        *before, chunk = trace.chunks
        return f"{chunk}<judge>{self.go_on(Trace(trace.problem, tuple(before)))}{OPEN}"
