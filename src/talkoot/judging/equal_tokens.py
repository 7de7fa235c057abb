"""Ways to spend tokens, compared at equal spending with the judge's own tokens counted (reference, 2.10 and 8.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.judging.paired import Mean, bootstrap, mcnemar
from talkoot.judging.search import TokenLedger
from talkoot.judging.voting import Candidate, best_of_n, self_consistency, weighted_vote

CHOICES: dict[str, tuple[Callable[[Sequence[Candidate]], Candidate], bool]] = {
    "self-consistency": (self_consistency, False),
    "best-of-n": (best_of_n, True),
    "weighted vote": (weighted_vote, True),
}
"""The ways to choose among n samples, and whether they need the judge."""


@dataclass(frozen=True)
class Row:
    """A method with n samples: accuracy over the problems and mean tokens of one problem, by kind and in all.

    `values` is the accuracy on each problem, `first` whether its first try is right: what pairs are compared by.
    """

    method: str
    n: int
    accuracy: Mean
    accepted: float
    rejected: float
    judge: float
    tokens: float
    values: tuple[float, ...] = field(repr=False)
    first: tuple[bool, ...] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """As a dict, without the values of single problems."""
        return {
            "method": self.method,
            "n": self.n,
            "accuracy": self.accuracy.mean,
            "low": self.accuracy.low,
            "high": self.accuracy.high,
            "accepted_tokens": self.accepted,
            "rejected_tokens": self.rejected,
            "judge_tokens": self.judge,
            "tokens": self.tokens,
        }


@dataclass(frozen=True)
class Against:
    """The search against another method at the search's tokens.

    `accuracy` is the best that the other gets there: of its sizes that cost no more, and of tossing a coin between a
    cheaper and a dearer one (self-consistency gains nothing from 1 to 2, so 1 and 3 may be the better mixture).
    `reached` is False where its curve does not reach: then it is that of the cheapest size, or of the best of all.
    `difference` is the search minus it, paired by problem. `n` is the least size that spends at least as much (else
    the largest), `p` McNemar's at it.
    """

    method: str
    accuracy: float
    difference: Mean
    reached: bool
    n: int
    p: float

    def to_json(self) -> dict[str, Any]:
        """As a dict."""
        return {
            "method": self.method,
            "accuracy": self.accuracy,
            "difference": self.difference.mean,
            "low": self.difference.low,
            "high": self.difference.high,
            "reached": self.reached,
            "n": self.n,
            "p": self.p,
        }


@dataclass(frozen=True)
class Comparison:
    """All rows, the search last, and the search against each other method at equal tokens."""

    rows: tuple[Row, ...]
    against: tuple[Against, ...]

    def to_json(self) -> dict[str, Any]:
        """As a dict."""
        return {"rows": [row.to_json() for row in self.rows], "against": [one.to_json() for one in self.against]}


def at_equal_tokens(
    sampled: Sequence[Sequence[Candidate]],
    searched: Sequence[Sequence[Candidate]],
    *,
    ns: Sequence[int] | None = None,
    resamples: int = 10_000,
    seed: int = 0,
) -> Comparison:
    """Accuracy against tokens: the policy alone, self-consistency, best-of-n, weighted vote, and chunk-reset.

    `sampled` holds N plain samples of each problem with a judge's scores (their `tokens.judge` is what those cost; only
    the methods that use the judge are charged for it), `searched` one or more chunk-reset solutions of each problem.
    `ns` are the sizes tried, by default 1, 2, 3, 4, 6, 8, 12, ... up to N; for a size n the N samples of a problem
    make N // n disjoint groups, whose mean counts. Intervals are bootstraps over problems; that mean tokens are
    estimates as well is left out of them. Raises BadInput unless all problems have as many samples.
    """
    sizes = {len(group) for group in sampled}
    if len(sizes) != 1 or not min(sizes) or len(searched) != len(sampled) or not all(searched):
        raise BadInput("every problem needs the same number of samples, one at least, and a solution by search")
    most = sizes.pop()
    wanted = sorted({n for n in ns or _sizes(most) if 1 <= n <= most})
    if not wanted:
        raise BadInput(f"no size among {list(ns or ())} can be tried with {most} samples of a problem")
    policy = [[[candidate] for candidate in group] for group in sampled]
    rows = [_row("policy alone", 1, policy, best_of_n, judged=False, resamples=resamples, seed=seed)]
    for method, (choose, judged) in CHOICES.items():
        for n in wanted:
            groups = [[group[i : i + n] for i in range(0, most - n + 1, n)] for group in sampled]
            rows.append(_row(method, n, groups, choose, judged=judged, resamples=resamples, seed=seed))
    found = [[[candidate] for candidate in group] for group in searched]
    search = _row("chunk-reset", 1, found, best_of_n, judged=True, resamples=resamples, seed=seed)
    curves: dict[str, list[Row]] = {}
    for row in rows:
        curves.setdefault(row.method, []).append(row)
    against = tuple(_against(search, curve, resamples, seed) for curve in curves.values())
    return Comparison((*rows, search), against)


def _sizes(most: int) -> list[int]:
    return [size for k in range(most.bit_length()) for size in (2**k, 3 * 2**k) if size <= most]


def _row(
    method: str,
    n: int,
    groups: Sequence[Sequence[Sequence[Candidate]]],
    choose: Callable[[Sequence[Candidate]], Candidate],
    *,
    judged: bool,
    resamples: int,
    seed: int,
) -> Row:
    """`groups` [problem][group][n]."""
    right = [[choose(group).correct for group in some] for some in groups]
    values = tuple(sum(some) / len(some) for some in right)
    spent = [_mean([sum((c.tokens for c in group), TokenLedger()) for group in some]) for some in groups]
    accepted, rejected, judge = np.mean(spent, axis=0).tolist()
    judge = judge if judged else 0.0
    accuracy = bootstrap(values, resamples=resamples, seed=seed)
    first = tuple(some[0] for some in right)
    return Row(method, n, accuracy, accepted, rejected, judge, accepted + rejected + judge, values, first)


def _mean(ledgers: Sequence[TokenLedger]) -> list[float]:
    total = sum(ledgers, TokenLedger())
    return [part / len(ledgers) for part in (total.accepted, total.rejected, total.judge)]


def _against(search: Row, curve: Sequence[Row], resamples: int, seed: int) -> Against:
    spends = [row.tokens for row in curve]
    mixtures = [
        (1 - share) * np.array(low.values) + share * np.array(high.values)
        for low in curve
        for high in curve
        if low.tokens <= search.tokens
        for share in _shares(low.tokens, high.tokens, search.tokens)
    ]
    values = max(mixtures, key=lambda some: float(some.mean()), default=np.array(curve[0].values))
    after = next((row for row in curve if row.tokens >= search.tokens), curve[-1])
    difference = bootstrap((np.array(search.values) - values).tolist(), resamples=resamples, seed=seed)
    return Against(
        method=curve[0].method,
        accuracy=float(values.mean()),
        difference=difference,
        reached=spends[0] <= search.tokens <= spends[-1],
        n=after.n,
        p=mcnemar(search.first, after.first),
    )


def _shares(low: float, high: float, tokens: float) -> tuple[float, ...]:
    """How often the dearer of two sizes can be taken, for so many tokens on average."""
    if high <= low:
        return (0.0,)
    return (0.0, min((tokens - low) / (high - low), 1.0))
