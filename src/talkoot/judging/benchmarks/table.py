"""The scores of judges as tables for people: in percent, as the benchmarks print them, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from talkoot.judging.benchmarks import paper, prmbench, processbench

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


WIDE = 110
"""Columns of a terminal from which on all columns of the tables are shown."""


def processbench_table(
    subsets: Mapping[str, processbench.Score], average: processbench.Score, *, width: int = WIDE, title: str = ""
) -> RenderableType:
    """One line a subset, and the average; below it the paper's scores on the subsets of the same names."""
    from rich.console import Group
    from rich.text import Text

    heads = ["n", "with error", "error acc", "95 %", "correct acc", "95 %", "F1", "95 %", "faults"]
    kept = [number for number in range(len(heads)) if width >= WIDE or number not in (1, 3, 5)]
    grid = _grid(title, "subset", [heads[number] for number in kept])
    for name, row in [*subsets.items(), ("average", average)]:
        shares = [cell for key in processbench.FIGURES for cell in _share(row.figures[key], row.intervals[key])]
        cells = [str(row.n), str(row.errors), *shares, str(row.faults)]
        grid.add_row(name, *(cells[number] for number in kept))
    told = [
        "percent; F1: harmonic mean of the accuracies on solutions with an error and on right ones",
        "95 %: bootstrap over problems · faults: items without a clear verdict",
    ]
    parts: list[RenderableType] = [grid, Text("\n".join(told), style="dim")]
    if names := paper.known(subsets):
        parts += [Text(), reference_table(names, width=width)]
    return Group(*parts)


def reference_table(names: Sequence[str], *, width: int = WIDE) -> Table:
    """The paper's F1 on some of its subsets, with the two accuracies (error/correct) where it tells them."""
    wide = width >= 46 + 18 * len(names)
    head = "F1 (error/correct acc)" if wide else "F1"
    grid = _grid(f"for orientation, other models: {head}, {paper.SOURCE}", "method", [])
    grid.add_column("signal", no_wrap=True)
    whole = len(names) == len(paper.SUBSETS)
    for name in (*names, "average") if whole else names:
        grid.add_column(name, justify="right", no_wrap=True)
    for row in paper.ROWS:
        cells = []
        for name in names:
            at = paper.SUBSETS.index(name)
            pair = f" ({row.accuracies[at][0]}/{row.accuracies[at][1]})" if row.accuracies and wide else ""
            cells.append(f"{row.f1[at]}{pair}")
        grid.add_row(row.method, row.signal, *cells, *([str(row.average)] if whole else []))
    return grid


def prmbench_table(
    classes: Mapping[str, prmbench.Score], total: prmbench.Score, *, width: int = WIDE, title: str = ""
) -> RenderableType:
    """One line a class, and all of them together."""
    from rich.console import Group
    from rich.text import Text

    heads = ["n", "steps", "score", "95 %", "F1", "neg. F1", "first", "exact", "95 %", "alarm", "faults"]
    kept = [number for number in range(len(heads)) if width >= WIDE or number not in (1, 3, 8)]
    grid = _grid(title, "class", [heads[number] for number in kept])
    for name, row in [*classes.items(), ("all", total)]:
        shares = {key: _share(row.figures[key], row.intervals[key]) for key in prmbench.FIGURES}
        cells = [str(row.n), str(row.steps), *shares["score"], shares["f1"][0], shares["negative_f1"][0],
                 shares["first_error_acc"][0], *shares["exact_acc"], shares["false_alarm_rate"][0],
                 str(row.faults)]  # fmt: skip
        grid.add_row(name, *(cells[number] for number in kept))
    told = [
        "percent; F1 and neg. F1: of right and of wrong steps, score: their mean · 95 %: bootstrap over questions",
        "first: first wrong step called wrong · exact: and none before it",
        "alarm: some step called wrong in an item without wrong steps",
    ]
    if total.beyond:
        told.append(f"{total.beyond} wrong steps lie beyond the end of their solutions and are passed over")
    return Group(grid, Text("\n".join(told), style="dim"))


def _grid(title: str, first: str, heads: Sequence[str]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, title=Text(title, style="bold") if title else None, title_justify="left",
                 pad_edge=False, padding=(0, 1, 0, 0))  # fmt: skip
    grid.add_column(first, no_wrap=True)
    for head in heads:
        grid.add_column(head, justify="right", no_wrap=True)
    return grid


def _share(value: float | None, spread: list[float] | None) -> tuple[str, str]:
    """A share and its interval in percent; dashes where there is none."""
    if value is None:
        return "–", "–"
    return f"{100 * value:.1f}", f"{100 * spread[0]:.1f}–{100 * spread[1]:.1f}" if spread else "–"
