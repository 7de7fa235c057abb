"""Labels of chunks as views over counts: the three rules of StepWiser 2.4 in exact fractions, and when to stop drawing.

A chunk's label is +1, -1 or 0 (none). Counts are kept, labels are recomputed: no rule needs new rollouts. What the
paper leaves open is a field of `Labelling`, with the defaults of reference 2.13.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol, TypeVar

from talkoot.errors import BadInput

Number = TypeVar("Number", Fraction, float)
AfterError = Literal["cut", "mask", "keep"]
Zero = Literal["reached", "minus", "none"]
Start = Literal["filter", "others", "none"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Rollouts and their successes at every prefix of one solution with H chunks: both tuples have H + 1 numbers.

    Index 0 is the bare problem, index i the prefix that ends with chunk i, index H the finished solution: one try,
    its own outcome. A prefix that was not drawn has 0 tries. Raises BadInput for numbers that are no such counts.
    """

    tries: tuple[int, ...]
    successes: tuple[int, ...]

    def __post_init__(self) -> None:
        pairs = list(zip(self.tries, self.successes, strict=False))
        if len(self.tries) != len(self.successes) or len(pairs) < 2:
            raise BadInput("counts need a number of tries and of successes for the problem and after each chunk")
        if any(not 0 <= right <= tried for tried, right in pairs) or self.tries[-1] != 1:
            raise BadInput(
                f"{self.successes} successes of {self.tries} tries are no counts: there cannot be more successes than "
                "tries, and the finished solution is tried once"
            )

    @property
    def chunks(self) -> int:
        """H."""
        return len(self.tries) - 1

    @property
    def right(self) -> bool:
        """The outcome: is the final answer right?"""
        return self.successes[-1] == 1

    def q(self, i: int) -> Fraction | None:
        """The estimate of Q_i, the share of continuations that end right; None where nothing was drawn."""
        return Fraction(self.successes[i], self.tries[i]) if self.tries[i] else None

    def soft(self) -> tuple[float | None, ...]:
        """Soft labels: the estimate of Q_i after each chunk i = 1..H (Math-Shepherd's soft estimation)."""
        return tuple(None if (q := self.q(i)) is None else float(q) for i in range(1, len(self.tries)))


class Rule(Protocol):
    """A chunk is + exactly when `margin(Q before it, Q after it)` is above 0.

    The margin must not fall as Q after rises, nor rise as Q before rises; exact for fractions. A rule that is not
    `relative` does not look at Q before. Rules are hashable values.
    """

    @property
    def name(self) -> str:
        """What `rule_by_name` takes."""

    @property
    def relative(self) -> bool:
        """Whether Q before the chunk matters."""

    def margin(self, before: Number, after: Number) -> Number:
        """Above 0 for a chunk that is +."""

    def __hash__(self) -> int: ...


@dataclass(frozen=True)
class AbsQ:
    """Abs-Q: + exactly when Q_i > 0."""

    name = "abs-q"
    relative = False

    def margin(self, before: Number, after: Number) -> Number:
        """Q_i."""
        return after


@dataclass(frozen=True)
class RelEffective:
    """Rel-Effective: + exactly when Q_i + alpha (V_n(Q_i) - V_n(Q_{i-1})) > 0, with V_n(Q) = 1 - (1 - Q)^n.

    The paper's choice: alpha .4 for its 1.5B policy, .8 for 7B; n 4. It writes "- if = 0"; we take "- if <= 0".
    """

    alpha: Fraction = Fraction(2, 5)
    n: int = 4
    relative = True

    def __post_init__(self) -> None:
        if self.alpha < 0 or not 1 <= self.n <= 64:
            raise BadInput(f"rel-effective needs alpha >= 0 and n from 1 to 64, not {self.name}")

    @property
    def name(self) -> str:
        """`rel-effective:alpha=0.4,n=4`."""
        return f"rel-effective:alpha={_decimal(self.alpha)},n={self.n}"

    def margin(self, before: Number, after: Number) -> Number:
        """Q_i + alpha A_i."""
        return after + self.alpha * ((1 - before) ** self.n - (1 - after) ** self.n)


@dataclass(frozen=True)
class RelRatio:
    """Rel-Ratio: + exactly when Q_i / Q_{i-1} > gamma; a tie is -. The paper: gamma .8 for 1.5B, .7 for 7B."""

    gamma: Fraction = Fraction(4, 5)
    relative = True

    def __post_init__(self) -> None:
        if self.gamma < 0:
            raise BadInput(f"rel-ratio needs gamma >= 0, not {self.name}")

    @property
    def name(self) -> str:
        """`rel-ratio:gamma=0.8`."""
        return f"rel-ratio:gamma={_decimal(self.gamma)}"

    def margin(self, before: Number, after: Number) -> Number:
        """Q_i - gamma Q_{i-1}: the ratio's comparison, multiplied out, so that 0/0 gives - and more than 0 over 0 +."""
        return after - self.gamma * before


RULES: tuple[Rule, ...] = (AbsQ(), RelEffective(), RelRatio())
"""The paper's three rules with its parameters for the smaller policy."""


def _decimal(value: Fraction) -> str:
    return f"{float(value):g}" if Fraction(f"{float(value):g}") == value else str(value)


def rule_by_name(name: str) -> Rule:
    """`abs-q`, `rel-effective:alpha=.4,n=4`, `rel-ratio:gamma=.8` (parameters may be left out; fractions may be 4/5).

    Raises BadInput for other names.
    """
    kind, _, rest = name.strip().partition(":")
    told: dict[str, Fraction] = {}
    known: dict[str, tuple[str, ...]] = {"abs-q": (), "rel-effective": ("alpha", "n"), "rel-ratio": ("gamma",)}
    try:
        for part in filter(None, (piece.strip() for piece in rest.split(","))):
            key, _, value = part.partition("=")
            if key.strip() not in known[kind] or key.strip() in told:
                raise KeyError(key)
            told[key.strip()] = Fraction(value.strip())
        if told.get("n", Fraction(1)).denominator != 1:
            raise ValueError("n")
        if kind == "abs-q":
            return AbsQ()
        if kind == "rel-effective":
            return RelEffective(told.get("alpha", Fraction(2, 5)), int(told.get("n", 4)))
        if kind == "rel-ratio":
            return RelRatio(told.get("gamma", Fraction(4, 5)))
        raise KeyError(kind)
    except (KeyError, ValueError, ZeroDivisionError):
        raise BadInput(
            f"there is no rule {name!r}; take abs-q, rel-effective:alpha=.4,n=4 or rel-ratio:gamma=.8, with numbers of "
            "your choice"
        ) from None


class Tally(NamedTuple):
    """Draws so far at one prefix, and how many may still come."""

    tries: int
    successes: int
    remaining: int = 0


@dataclass(frozen=True)
class Labelling:
    """A rule, and what the paper leaves open (reference 2.13). Call it on Counts for the H labels of a solution.

    - `start`, Q_0: "filter" takes the pass rate of the responses that the problem was filtered by (the default);
      "others" leaves the solution's own outcome out of it, since the two are not independent; "none" gives the first
      chunk no label by a rule that needs Q_0.
    - `zero`, what a relative rule says where Q_{i-1} = 0: "reached" says + exactly when Q_i > 0 (the default);
      "minus" says -; "none" gives no label.
    - `after_error`, chunks after the first -: "cut" gives them no label (the default); "mask" gives none only to chunks
      with Q_{i-1} = 0, of which nothing can be known; "keep" labels all of them.
    - `last`: whether the last chunk is labelled, with Q_H = the outcome (the default).
    - `implied`, for Abs-Q only: a chunk that was not drawn is + where a later prefix had a success, and - where an
      earlier one had none: errors are taken to stay. For counts of a binary search.
    """

    rule: Rule
    after_error: AfterError = "cut"
    last: bool = True
    start: Start = "filter"
    zero: Zero = "reached"
    implied: bool = False

    def __post_init__(self) -> None:
        for name, value, among in (
            ("after_error", self.after_error, ("cut", "mask", "keep")),
            ("start", self.start, ("filter", "others", "none")),
            ("zero", self.zero, ("reached", "minus", "none")),
        ):
            if value not in among:
                raise BadInput(f"{name} must be one of {', '.join(among)}, not {value!r}")
        if self.implied and self.rule.relative:
            raise BadInput(f"labels can be implied for abs-q only: {self.rule.name} needs the counts of every prefix")

    @property
    def needs_before(self) -> bool:
        """Whether Q_{i-1} matters for the label of chunk i."""
        return self.rule.relative or self.after_error == "mask"

    def __call__(self, counts: Counts) -> tuple[int, ...]:
        """The labels of chunks 1..H: +1, -1, or 0 for none."""
        labels: list[int] = []
        for i in range(1, len(counts.tries)):
            labels.append(self.alone(counts, i))
            if self.after_error == "cut" and labels[-1] < 0:
                labels += [0] * (counts.chunks - i)
                break
        return tuple(labels)

    def alone(self, counts: Counts, i: int) -> int:
        """The label of chunk i (1..H), whatever the labels before it."""
        if i == counts.chunks and not self.last:
            return 0
        before, after = self.pair(counts, i)
        if self.implied and not after.tries:
            if any(counts.successes[i:]):
                return 1
            return -1 if any(n and not s for n, s in zip(counts.tries[1:i], counts.successes[1:i], strict=True)) else 0
        return self._decide(before.tries, before.successes, after.tries, after.successes)

    def pair(self, counts: Counts, i: int, cap: int = 0) -> tuple[Tally, Tally]:
        """Draws before and after chunk i; `cap` is how many the prefixes between start and end may have at most."""
        ends = (0, counts.chunks)
        before, after = (
            Tally(counts.tries[j], counts.successes[j], 0 if j in ends else max(cap - counts.tries[j], 0))
            for j in (i - 1, i)
        )
        if i == 1 and self.start == "none":
            before = Tally(0, 0)
        if i == 1 and self.start == "others" and before.tries:
            before = Tally(before.tries - 1, max(before.successes - counts.right, 0))
        return before, after

    def decide(self, before: Fraction | None, after: Fraction | None) -> int:
        """The label of a chunk with these estimates, None being unknown; `after_error` "cut" is not looked at."""
        if after is None or (self.needs_before and before is None):
            return 0
        if self.needs_before and before == 0:
            if self.after_error == "mask" or self.zero == "none":
                return 0
            if self.zero == "minus":
                return -1
        return 1 if self.rule.margin(before or Fraction(0), after) > 0 else -1

    def _decide(self, tries: int, successes: int, then: int, right: int) -> int:
        return _cached(self, tries, successes, then, right)


def _share(successes: int, tries: int) -> Fraction | None:
    return Fraction(successes, tries) if tries else None


@lru_cache(maxsize=65_536)
def _cached(labelling: Labelling, tries: int, successes: int, then: int, right: int) -> int:
    return labelling.decide(_share(successes, tries), _share(right, then))


@lru_cache(maxsize=65_536)
def can_change(labelling: Labelling, before: Tally, after: Tally) -> bool:
    """Whether the remaining draws of the two prefixes can still change the chunk's label (exact curtailment).

    If not, the label read off the draws so far is the one that all draws would give: both estimates lie within what
    can still come, and a rule's label rises with Q after and falls with Q before. A prefix that matters and has no
    draws yet is open as long as it may get some.
    """
    used = [before, after] if labelling.needs_before else [after]
    if any(not tally.tries and tally.remaining for tally in used):
        return True
    reach = range(before.remaining + 1) if labelling.needs_before else (0,)
    return (
        len(
            {
                labelling.decide(
                    _share(before.successes + more, before.tries + before.remaining),
                    _share(after.successes + gained, after.tries + after.remaining),
                )
                for more in reach
                for gained in (0, after.remaining)
            }
        )
        > 1
    )


def first_error(labels: Sequence[int]) -> int | None:
    """The 0-based index of the first chunk labelled -, None if there is none."""
    return next((i for i, label in enumerate(labels) if label < 0), None)


def balanced(labels: Sequence[int], seed: int = 0) -> list[int]:
    """Indices of as many + as -, in order: the majority is down-sampled (StepWiser 2.5), chunks without label dropped.

    Raises BadInput where one of the two does not occur.
    """
    classes = [[i for i, label in enumerate(labels) if label == sign] for sign in (1, -1)]
    fewest = min(map(len, classes))
    if not fewest:
        raise BadInput(
            f"labels cannot be balanced: {len(classes[0])} chunks are + and {len(classes[1])} are -; label more "
            "solutions, or take another rule"
        )
    rng = random.Random(seed)
    return sorted(i for members in classes for i in rng.sample(members, fewest))
