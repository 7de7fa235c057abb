"""The pipeline's figures as tables for people, with intervals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Table = tuple[str, list[str], list[list[str]]]
"""Title, column heads, rows."""


def tables(told: dict[str, Any]) -> Iterator[Table]:
    """All tables of a finished run, shares in percent.

    Of judges: F1 with greedy analyses and with such as are `drawn` at temperature 1; `error` is how often the first
    wrong chunk is named, `sound` how often a solution without one is left alone (both greedy), `rejects` the share of
    unsound chunks that are, `accepts` that of sound ones, ECE the calibration error.
    """
    plain, tags = told["policy"]["before"], told["policy"]["after"]
    yield (
        "Policy (unseen problems, sampled at temperature 1)",
        ["", "pass@1", "greedy", "steps", "tokens", "sound", "boundary F1"],
        [
            ["line breaks", _p(plain["pass@1"]), _p(plain["greedy"]), _n(plain["steps"]), _n(plain["tokens"]),
             _p(plain["valid_chunks"]), ""],
            ["self-segmented", _p(tags["pass@1"]), _p(tags["greedy"]), _n(tags["steps"]), _n(tags["tokens"]),
             _p(tags["valid_chunks"]), _p(tags["boundary_f1"])],
        ],
    )  # fmt: skip
    labels = told["labels"]
    yield (
        f"Labels from {labels['rollouts']} rollouts, against the oracle",
        ["rule", "chunks", "+", "sound +", "unsound -", "halves agree"],
        [
            [name, str(one["chunks"]), _p(one["positive"]), _p(one["sound_positive"]), _p(one["unsound_negative"]),
             _p(one["agreement"])]
            for name, one in labels.items()
            if isinstance(one, dict)
        ],
    )  # fmt: skip
    judges = {name: one for name, one in told["judges"].items() if name != "compared" and one is not None}
    items = next(one["items"] for one in judges.values())
    yield (
        f"Judges: naming the first wrong chunk of {items} solutions (F1)",
        ["judge", "greedy", "drawn", "error", "sound"],
        [
            [name, _range(row["f1"], row["f1_low"], row["f1_high"]),
             _range(one["f1"], one["f1_low"], one["f1_high"]) if (one := row.get("drawn")) else "",
             _p(row["error_acc"]), _p(row["correct_acc"])]
            for name, row in judges.items()
        ],
    )  # fmt: skip
    yield (
        "Judges: verdicts on all chunks of these",
        ["judge", "rejects", "accepts", "tokens", "ECE"],
        [
            [name, _p(row["unsound_rejected"]), _p(row["sound_accepted"]), _n(row["tokens"]),
             _p(row["calibration_error"])]
            for name, row in judges.items()
        ],
    )  # fmt: skip
    yield (
        "StepWiser minus each of them (F1, paired)",
        ["judge", "greedy", "drawn"],
        [
            [
                name,
                *(
                    _range(one["difference"], one["low"], one["high"], sign=True) if one else ""
                    for one in (gap, gap.get("drawn"))
                ),
            ]
            for name, gap in told["judges"]["compared"].items()
        ],
    )
    yield (
        "Solving: accuracy at the tokens spent, the judge's own included",
        ["method", "n", "accuracy", "tokens", "judge's", "dropped"],
        [
            [one["method"], str(one["n"]), _range(one["accuracy"], one["low"], one["high"]), _n(one["tokens"]),
             _n(one["judge_tokens"]), _n(one["rejected_tokens"])]
            for one in told["search"]["rows"]
            if one["n"] > 1 or one["method"] in ("policy alone", "chunk-reset")
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
