"""The contract of a judge: is the last chunk of this reasoning sound? It reads a solution or an agent's analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Trace:
    """Reasoning about a problem, cut into chunks: x and a_1..a_i (StepWiser, notation). Chunks are plain text."""

    problem: str
    chunks: tuple[str, ...] = ()

    def prefixes(self) -> tuple[Trace, ...]:
        """The traces that end with chunk 1, 2, ..., H: what a judge is asked to judge all of it, in order."""
        return tuple(Trace(self.problem, self.chunks[:i]) for i in range(1, len(self.chunks) + 1))

    def then(self, chunk: str) -> Trace:
        """This trace, one chunk longer."""
        return Trace(self.problem, (*self.chunks, chunk))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge says of one chunk.

    `score` is its probability (0..1) that the chunk is sound, `good` its decision, `analysis` the reasoning behind it
    (empty for a judge that only decides), `tokens` what the verdict cost in generated tokens. `fault` names what was
    wrong with the reply where no verdict could be read; `good` is then the judge's documented default.
    """

    good: bool
    score: float
    analysis: str = ""
    tokens: int = 0
    fault: str = ""


@runtime_checkable
class Judge(Protocol):
    """Judges the LAST chunk of each trace, given the problem and the chunks before it.

    Many traces at a time, since models answer batches; the verdicts come in the order of the traces. The same traces
    and the same model replies give the same verdicts. Raises BadInput for a trace without chunks.
    """

    name: str

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        """One verdict for each trace."""
