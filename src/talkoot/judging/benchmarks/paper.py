"""ProcessBench scores in the StepWiser paper (arXiv 2508.19229v2, tables 5 and 10), in percent, to stand beside ours.

They are of other models than ours, on whole subsets: for orientation. Table 10 gives the two accuracies behind some of
the F1 scores. Where the paper contradicts itself (7B discriminative rows differ between its tables) table 5 is told,
without accuracies. The average of the Eurus row is printed as 35.1 there, its cells give 38.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SOURCE = "StepWiser paper, arXiv 2508.19229v2, tables 5 and 10"
SUBSETS = ("gsm8k", "math", "olympiadbench", "omnimath")

Accuracies = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A row: F1 of the four SUBSETS and their average as printed; `accuracies` are (error, correct) of each subset."""

    method: str
    signal: str
    f1: tuple[float, float, float, float]
    average: float
    accuracies: Accuracies | None = None


def _row(method: str, signal: str, scores: str, accuracies: str = "") -> Reference:
    one, two, three, four, average = map(float, scores.split())
    pairs = [tuple(map(float, pair.split("/"))) for pair in accuracies.split()]
    return Reference(method, signal, (one, two, three, four), average, tuple((a, b) for a, b in pairs) or None)


ROWS: tuple[Reference, ...] = (
    _row("Math-Shepherd-PRM-7B", "Abs-Q", "47.9 29.5 24.8 23.8 31.5"),
    _row("RLHFlow-Llama3-8B-it", "Abs-Q", "50.4 33.4 13.8 15.8 28.4"),
    _row("Skywork-Qwen2.5-Math-7B-it", "Abs-Q", "70.8 53.6 22.9 21.0 42.1"),
    _row("Eurus-Qwen2.5-Math-7B (DPO)", "outcome", "56.6 43.0 27.3 26.8 35.1"),
    _row("RL-TANGO-Qwen2.5-7B", "outcome", "53.1 48.2 37.8 36.3 43.9"),
    _row("1.5B discriminative", "Abs-Q", "39.3 32.1 19.3 18.9 27.2"),  # table 10 has 18.0, which fits the average
    _row("1.5B discriminative", "Rel-Effective", "40.8 37.2 18.7 20.1 29.2", "28.5/72.0 28.6/53.0 16.4/21.8 15.8/27.6"),
    _row("1.5B discriminative", "Rel-Ratio", "32.1 32.0 14.2 18.0 24.1", "22.5/56.0 26.2/41.0 14.0/14.4 15.2/22.0"),
    _row("1.5B StepWiser", "Abs-Q", "49.2 40.5 23.8 31.0 36.1", "42.5/58.5 36.4/45.6 31.4/19.2 32.8/29.4"),
    _row("1.5B StepWiser", "Rel-Effective", "48.2 43.6 22.1 25.3 34.8", "38.5/64.5 37.8/51.6 23.2/21.0 24.0/26.8"),
    _row("1.5B StepWiser", "Rel-Ratio", "46.9 43.4 26.3 28.4 36.2", "35.0/71.0 37.8/50.8 27.0/25.6 28.0/28.8"),
    _row("7B discriminative", "Abs-Q", "54.8 45.9 28.0 26.9 38.9"),
    _row("7B discriminative", "Rel-Effective", "55.6 48.7 26.4 28.3 39.7"),
    _row("7B discriminative", "Rel-Ratio", "48.6 46.9 21.9 25.4 35.7"),
    _row("7B StepWiser", "Abs-Q", "61.9 61.0 48.4 43.9 53.8", "59.5/64.5 63.2/59.0 53.0/44.6 44.4/43.4"),
    _row("7B StepWiser, Maj@8", "Abs-Q", "65.5 62.1 49.7 45.7 55.8"),
    _row("7B StepWiser", "Rel-Effective", "72.4 68.3 54.4 52.4 61.9", "70.5/74.5 69.2/67.4 61.4/48.8 54.4/50.6"),
    _row("7B StepWiser, Maj@8", "Rel-Effective", "72.9 72.1 57.3 54.0 64.1"),
    _row("7B StepWiser", "Rel-Ratio", "72.6 67.2 52.3 49.8 60.5", "66.5/80.0 62.6/72.6 57.2/48.2 49.4/50.2"),
    _row("7B StepWiser, Maj@8", "Rel-Ratio", "74.3 69.0 53.8 50.2 61.8"),
)


def known(subsets: Iterable[str]) -> list[str]:
    """Those of our subsets that the paper has, in its order."""
    mine = set(subsets)
    return [name for name in SUBSETS if name in mine]
