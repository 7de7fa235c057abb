"""What labels are worth: balance, agreement of repeated labelings, cost and doubt (reference 4.2, 7.3).

All of it is read off a journal; nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from talkoot.judging.allocation import Curtailed
from talkoot.judging.journal import AnnotatedSolution, Block, Contents, Node
from talkoot.judging.labels import Labelling
from talkoot.judging.posterior import sureness

Blocks = tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class Share:
    """`plus` of `labels` labels are +."""

    plus: int
    labels: int

    @property
    def share(self) -> float | None:
        """None where there are no labels."""
        return self.plus / self.labels if self.labels else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two labelings of the same chunks agree: `comparable` of `chunks` have a label by both, `same` the same one.

    `kappa` is Cohen's: agreement beyond chance, None where chance alone makes all equal.
    """

    same: int
    comparable: int
    chunks: int
    kappa: float | None

    @property
    def share(self) -> float | None:
        """None where nothing can be compared."""
        return self.same / self.comparable if self.comparable else None


@dataclass(frozen=True, slots=True)
class Cost:
    """Rollouts and their tokens; prefixes that several solutions share count once."""

    rollouts: int
    tokens: int


@dataclass(frozen=True)
class Report:
    """The labels of a journal by one rule. `positions[i]` are those of chunk i + 1, `ending` those of last chunks.

    `halves` compares the labels by every other block; `against` those of a second journal. `spent` is what the journal
    holds, `full` what `cap` rollouts at every prefix cost (an estimate where fewer were drawn), `curtailed` what exact
    curtailment would have cost, None where the journal lacks draws to tell. `unsure` of all labels are less probable
    than `confidence`.
    """

    rule: str
    solutions: int
    chunks: int
    all: Share
    positions: tuple[Share, ...]
    ending: Share
    halves: Agreement
    against: Agreement | None
    spent: Cost
    full: Cost
    curtailed: Cost | None
    unsure: int
    confidence: float

    def to_json(self) -> dict[str, Any]:
        """As a dict; shares are numbers from 0 to 1."""
        told = asdict(self)
        for key in ("all", "ending"):
            told[key]["share"] = getattr(self, key).share
        for place, one in zip(told["positions"], self.positions, strict=True):
            place["share"] = one.share
        for key in ("halves", "against"):
            if told[key] is not None:
                told[key]["share"] = getattr(self, key).share
        told["unsure_share"] = self.unsure / self.all.labels if self.all.labels else None
        return told


def report(
    contents: Contents,
    labelling: Labelling,
    *,
    cap: int = 16,
    confidence: float = 0.8,
    against: Contents | None = None,
) -> Report:
    """Report on the labels of a journal. Agreement looks at each chunk alone, also at those after a first error."""
    solutions = contents.solutions
    labels = [labelling(one.counts) for one in solutions]
    longest = max((len(one) for one in labels), default=0)
    unsure = [p for one in solutions for p in sureness(labelling, one.counts) if p is not None and p < confidence]
    each = replace(labelling, after_error="keep") if labelling.after_error == "cut" else labelling
    return Report(
        labelling.rule.name,
        len(solutions),
        sum(map(len, labels)),
        _share(label for one in labels for label in one),
        tuple(_share(one[i] for one in labels if len(one) > i) for i in range(longest)),
        _share(one[-1] for one in labels),
        _halves(solutions, each),
        None if against is None else _between(solutions, against.solutions, each),
        _cost(block for blocks in contents.blocks.values() for block in blocks),
        _full(contents, cap),
        None if labelling.implied else _curtailed(contents, labelling, cap),
        len(unsure),
        confidence,
    )


def _share(labels: Iterable[int]) -> Share:
    told = [label for label in labels if label]
    return Share(sum(label > 0 for label in told), len(told))


def agreement(one: Sequence[int], other: Sequence[int]) -> Agreement:
    """Compare two labelings of the same chunks, 0 being no label. Raises ValueError for different lengths."""
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a and b]
    n, same = len(pairs), sum(a == b for a, b in pairs)
    kappa = None
    if n:
        first, second = sum(a > 0 for a, _ in pairs) / n, sum(b > 0 for _, b in pairs) / n
        chance = first * second + (1 - first) * (1 - second)
        kappa = (same / n - chance) / (1 - chance) if chance < 1 else None
    return Agreement(same, n, len(one), kappa)


def _halves(solutions: list[AnnotatedSolution], labelling: Labelling) -> Agreement:
    """Labels by the even blocks against labels by the odd ones, with as many rollouts on both sides."""
    one: list[int] = []
    other: list[int] = []
    for solution in solutions:
        pairs = [len(drawn) // 2 for drawn in solution.blocks]
        sides = [
            solution.counted(tuple(d[k : 2 * n : 2] for d, n in zip(solution.blocks, pairs, strict=True)))
            for k in (0, 1)
        ]
        for i in range(1, sides[0].chunks):  # the last chunk's outcome is the same on both sides: it compares nothing
            one.append(labelling.alone(sides[0], i))
            other.append(labelling.alone(sides[1], i))
    return agreement(one, other)


def _between(solutions: list[AnnotatedSolution], others: list[AnnotatedSolution], labelling: Labelling) -> Agreement:
    """Labels of the same chunks of the same solutions in two journals."""
    known = {(one.problem.text, one.chunks): one for one in others}
    one: list[int] = []
    other: list[int] = []
    for solution in solutions:
        twin = known.get((solution.problem.text, solution.chunks))
        for i in range(1, len(solution.chunks)):
            one.append(labelling.alone(solution.counts, i))
            other.append(labelling.alone(twin.counts, i) if twin else 0)
    return agreement(one, other)


def _cost(blocks: Iterable[Block]) -> Cost:
    drawn = list(blocks)
    return Cost(sum(block.tries for block in drawn), sum(block.tokens for block in drawn))


def _full(contents: Contents, cap: int) -> Cost:
    """`cap` rollouts at each distinct prefix; tokens by the mean of what was drawn there, or anywhere."""
    spent = _cost(block for blocks in contents.blocks.values() for block in blocks)
    mean = spent.tokens / spent.rollouts if spent.rollouts else 0.0
    tokens = 0.0
    for node in contents.owners:
        here = _cost(contents.blocks.get(node, ()))
        tokens += cap * (here.tokens / here.rollouts if here.rollouts else mean)
    return Cost(cap * len(contents.owners), round(tokens))


def _curtailed(contents: Contents, labelling: Labelling, cap: int) -> Cost | None:
    """Replay exact curtailment on the recorded blocks; None where it asks for a block that was not drawn."""
    allocation, block = Curtailed(labelling, cap), contents.settings.block
    used: dict[Node, int] = {}
    todo = contents.solutions
    while todo:  # rounds over all solutions, as `rollouts.annotate` draws them: some share prefixes
        asked: dict[Node, int] = {}
        still = []
        for solution in todo:
            nodes = solution.prefixes
            between = [drawn[: used.get(node, 0)] for node, drawn in zip(nodes, solution.blocks[1:-1], strict=True)]
            wanted = allocation.wanted(solution.counted(((), *between, ())), block)
            asked.update({nodes[i - 1]: more for i, more in wanted.items()})
            still += [solution] * bool(wanted)
        for node, more in asked.items():
            used[node] = used.get(node, 0) + more
            if used[node] > len(contents.blocks.get(node, ())):
                return None
        todo = still
    return _cost(one for node, count in used.items() for one in contents.blocks[node][:count])
