"""Where the next rollouts go: a fixed number, as many as can still change a label, as many as doubt asks for, or a
binary search for the first error (StepWiser 2.3; reference 4.1, 4.2).

An allocation looks at one solution's counts and names the prefixes that need more. It keeps no state, so a run that was
stopped goes on as if it had not been.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from talkoot.errors import BadInput
from talkoot.judging.labels import Counts, Labelling, can_change
from talkoot.judging.posterior import sureness


class Allocation(Protocol):
    """Says which prefixes (1..H-1) of a solution need how many blocks of `block` rollouts now; {} when it is done.

    No prefix gets more than `cap` rollouts, which must be a multiple of the block.
    """

    @property
    def cap(self) -> int:
        """The most rollouts of one prefix."""

    def wanted(self, counts: Counts, block: int) -> dict[int, int]:
        """Prefix -> blocks. The same counts give the same answer."""


def _checked(cap: int) -> None:
    if cap < 1:
        raise BadInput(f"a prefix needs at least 1 rollout, not {cap}")


@dataclass(frozen=True)
class Fixed:
    """`cap` rollouts at every prefix: the paper's way, with 16."""

    cap: int = 16

    def __post_init__(self) -> None:
        _checked(self.cap)

    def wanted(self, counts: Counts, block: int) -> dict[int, int]:
        """All that is missing."""
        return {i: missing for i in range(1, counts.chunks) if (missing := (self.cap - counts.tries[i]) // block) > 0}


@dataclass(frozen=True)
class Curtailed:
    """As few rollouts as give the very labels that `cap` rollouts at every prefix would give (exact curtailment).

    A chunk is open while the draws that may still come can change its label (`labels.can_change`). The prefix after it
    is drawn first, since the next chunk needs it too; the one before it, which may have stopped early for its own
    chunk, is finished only where that does not settle it. Chunks that the labelling leaves out after the first error
    are not drawn. `ahead` open chunks are drawn at the same time: 1 wastes nothing, more need fewer rounds.
    """

    labelling: Labelling
    cap: int = 16
    ahead: int = 2

    def __post_init__(self) -> None:
        _checked(self.cap)
        if self.ahead < 1 or self.labelling.implied:
            raise BadInput("curtailment needs at least 1 chunk ahead, and a labelling that implies nothing")

    def wanted(self, counts: Counts, block: int) -> dict[int, int]:
        """One block for each of the first `ahead` open chunks."""
        asked: dict[int, int] = {}
        labelling, open_chunks = self.labelling, 0
        for i in range(1, counts.chunks + labelling.last):
            before, after = labelling.pair(counts, i, self.cap)
            if can_change(labelling, before, after):
                asked[i if after.remaining else i - 1] = 1
                open_chunks += 1
                if open_chunks == self.ahead:
                    break
            elif labelling.after_error == "cut" and labelling.alone(counts, i) < 0:
                break
        return asked


@dataclass(frozen=True)
class Adaptive:
    """More rollouts where a label is in doubt: until its posterior probability is `confidence`, at most `cap`.

    Every prefix gets one block; then the one with fewer rollouts of the two beside an unsure chunk gets one more (ours,
    reference 4.2: it saves 15 to 20 % at equal accuracy; dropping unsure chunks matters more).
    """

    labelling: Labelling
    confidence: float = 0.95
    cap: int = 32

    def __post_init__(self) -> None:
        _checked(self.cap)
        if not 0.5 < self.confidence < 1:
            raise BadInput(f"the confidence must be above .5 and below 1, not {self.confidence:g}")

    def wanted(self, counts: Counts, block: int) -> dict[int, int]:
        """One block for each unsure chunk."""
        if fresh := {i: 1 for i in range(1, counts.chunks) if not counts.tries[i]}:
            return fresh
        asked: dict[int, int] = {}
        for i, p in enumerate(sureness(self.labelling, counts), 1):
            if p is None or p >= self.confidence:
                continue
            beside = (i, i - 1) if self.labelling.rule.relative else (i,)
            free = [j for j in beside if 1 <= j < counts.chunks and counts.tries[j] < self.cap]
            if free:
                asked[min(free, key=lambda j: counts.tries[j])] = 1
        return asked


@dataclass(frozen=True)
class FirstError:
    """Binary search for the first prefix from which `cap` rollouts never end right, each probe stopping at a success.

    It takes errors to stay (Abs-Q), as OmegaPRM does: read the labels off with `Labelling(AbsQ(), implied=True)`. A
    solution with a right answer then has no error and costs nothing.
    """

    cap: int = 16

    def __post_init__(self) -> None:
        _checked(self.cap)

    def wanted(self, counts: Counts, block: int) -> dict[int, int]:
        """One block at the prefix that is probed."""
        low, high = 0, counts.chunks
        while not counts.right and high - low > 1:
            middle = (low + high) // 2
            if counts.successes[middle]:
                low = middle
            elif counts.tries[middle] >= self.cap:
                high = middle
            else:
                return {middle: 1}
        return {}
