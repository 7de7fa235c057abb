"""The pipeline's figures as tables for people, with intervals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Table = tuple[str, list[str], list[list[str]]]
"""Title, column heads, rows."""


def tables(told: dict[str, Any]) -> Iterator[Table]:
    """All tables of a finished run."""
    plain, tags = told["policy"]["before"], told["policy"]["after"]
    yield (
        "Policy (unseen problems, sampled at temperature 1)",
        ["", "pass@1", "greedy", "steps", "tokens", "valid chunks", "boundary F1"],
        [
            ["cut at line breaks", _p(plain["pass@1"]), _p(plain["greedy"]), _n(plain["steps"]), _n(plain["tokens"]),
             _p(plain["valid_chunks"]), ""],
            ["self-segmented", _p(tags["pass@1"]), _p(tags["greedy"]), _n(tags["steps"]), _n(tags["tokens"]),
             _p(tags["valid_chunks"]), _p(tags["boundary_f1"])],
        ],
    )  # fmt: skip
    labels = told["labels"]
    yield (
        f"Labels from {labels['rollouts']} rollouts, against the oracle",
        ["rule", "chunks", "+", "sound is +", "unsound is -", "halves agree"],
        [
            [name, str(one["chunks"]), _p(one["positive"]), _p(one["sound_positive"]), _p(one["unsound_negative"]),
             _p(one["agreement"])]
            for name, one in labels.items()
            if isinstance(one, dict)
        ],
    )  # fmt: skip
    judges = told["judges"]
    rows = []
    for name, one in judges.items():
        if name == "compared" or one is None:
            continue
        gap = judges["compared"].get(name)
        rows.append(
            [name, _range(one["f1"], one["f1_low"], one["f1_high"]), _p(one["error_acc"]), _p(one["correct_acc"]),
             _p(one["unsound_rejected"]), _p(one["sound_accepted"]), _n(one["tokens"]), _p(one["calibration_error"]),
             _range(gap["difference"], gap["low"], gap["high"], sign=True) if gap else ""]
        )  # fmt: skip
    items = next(one["items"] for name, one in judges.items() if name != "compared")
    yield (
        f"Judges: naming the first wrong chunk of {items} solutions, percent",
        ["judge", "F1", "with an error", "all sound", "unsound rejected", "sound accepted", "tokens",
         "calibration error", "stepwiser minus it (F1, paired)"],
        rows,
    )  # fmt: skip
    yield (
        "Solving: accuracy at the tokens spent, the judge's own included",
        ["method", "n", "accuracy", "tokens", "of these judge", "thrown away"],
        [
            [one["method"], str(one["n"]), _range(one["accuracy"], one["low"], one["high"]), _n(one["tokens"]),
             _n(one["judge_tokens"]), _n(one["rejected_tokens"])]
            for one in told["search"]["rows"]
        ],
    )  # fmt: skip
    yield (
        "Chunk-reset against each at equal tokens",
        ["method", "accuracy there", "chunk-reset minus it"],
        [
            [one["method"], _p(one["accuracy"]), _range(one["difference"], one["low"], one["high"], sign=True)]
            for one in told["search"]["against"]
        ],
    )
    if "selection" in told:
        yield (
            "Policy fine-tuned on one right solution of each problem",
            ["chosen", "pass@1", "greedy"],
            [
                [name, _p(one["pass@1"]), _p(one["greedy"])]
                for name, one in told["selection"].items()
                if isinstance(one, dict)
            ],
        )


def _p(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _n(number: float) -> str:
    return f"{number:.1f}"


def _range(value: float, low: float, high: float, *, sign: bool = False) -> str:
    form = "+.1f" if sign else ".1f"
    return f"{100 * value:{form}} [{100 * low:{form}}, {100 * high:{form}}]"
