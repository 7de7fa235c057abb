"""The rows of `talkoot.planning.bench` beside the paper's figures: as a table in the terminal, and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from talkoot.planning import paper
from talkoot.types import Json

if TYPE_CHECKING:
    from rich.console import RenderableType

FORMATS = (".png", ".svg", ".pdf")
"""The endings of a picture's name that `draw` knows."""


def table(rows: Sequence[dict[str, Json]], title: str = "") -> RenderableType:
    """One line for each method and domain. Rows need `success_ci95`, a pair of shares, besides what `rows_of` gives."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, title=Text(title) if title else None, title_justify="left", pad_edge=False)
    grid.add_column("domain", no_wrap=True)
    for head in ("n", "success %", "95 %", "optimal %", "silent", "doubted", "paper %", "time s", "calls", "tokens"):
        grid.add_column(head, justify="right", no_wrap=True)
    before = None
    for row in rows:
        if row["method"] != before:
            if before is not None:
                grid.add_section()
            grid.add_row(Text(row["method"], style="bold yellow"))
            before = row["method"]
        n = row["n"]
        cells = ["–"] * 9
        if n:
            low, high = row["success_ci95"]
            cells = [
                _percent(row["success"] / n),
                f"{_percent(low)} – {_percent(high)}",
                _percent(row["optimal"] / n) + ("" if row["proven"] == n else "*"),
                str(row["silent"]),
                f"{row['doubted']}" + (f" ({row['doubted_right']} right)" if row["doubted_right"] else ""),
                paper.shown(paper.figure(row["method"], row["domain"])),
                f"{row['seconds']:.1f}",
                f"{row['calls']:.1f}",
                f"{row['tokens']:.0f}",
            ]
        count = str(n) if not row["missing"] else f"{n}/{n + row['missing']}"
        grid.add_row("  " + row["domain"], count, *cells)
    told = [
        "success: plans that reach the goal of the true problem, with its Wilson interval · optimal: at the best cost "
        "known (*: not proven for all tasks)",
        "silent: wrong plans claimed without doubt · doubted: claimed with doubt · time: median, calls and tokens: "
        "mean of a task",
        "paper: optimal (any correct) plans in percent, GPT-4 of 2023 on 20 tasks a domain (arXiv 2304.11477v3): other "
        "tasks, another model",
        "truth: the planner on the true problem",
    ]
    parts: list[RenderableType] = [grid, Text("\n".join(told), style="dim")]
    missing = sum(row["missing"] for row in rows if row["domain"] != "all")
    if missing:
        parts.append(Text(f"{missing} cells are not done yet: the table is not final", style="bold yellow"))
    return Group(*parts)


def draw(rows: Sequence[dict[str, Json]], path: Path) -> None:
    """Success of each method by domain with its interval, the paper's figures for any correct plan as marks.

    The ending of `path` (see FORMATS) says in which format. Raises OSError if it cannot be written.
    """
    from matplotlib.figure import Figure

    shown = [row for row in rows if row["n"]]
    methods = list(dict.fromkeys(row["method"] for row in shown))
    domains = list(dict.fromkeys(row["domain"] for row in shown))
    figure = Figure(figsize=(max(5.0, 1.1 * len(domains) + 2.5), 4.0), layout="constrained")
    axes = figure.add_subplot()
    width = 0.8 / max(1, len(methods))
    for number, method in enumerate(methods):
        mine = [row for row in shown if row["method"] == method]
        at = [domains.index(row["domain"]) + (number - (len(methods) - 1) / 2) * width for row in mine]
        share = [100 * row["success"] / row["n"] for row in mine]
        below = [max(0.0, s - 100 * row["success_ci95"][0]) for s, row in zip(share, mine, strict=True)]
        above = [max(0.0, 100 * row["success_ci95"][1] - s) for s, row in zip(share, mine, strict=True)]
        axes.bar(at, share, width, label=method, yerr=(below, above), error_kw={"lw": 0.8, "ecolor": "0.4"})
        said = [paper.figure(method, row["domain"]) for row in mine]
        marks = [(x, f[0] if f[1] is None else f[1]) for x, f in zip(at, said, strict=True) if f is not None]
        axes.plot([x for x, _ in marks], [y for _, y in marks], "kx", markersize=5)
    axes.plot([], [], "kx", markersize=5, label="paper, any correct plan")
    axes.set_xticks(range(len(domains)), domains, rotation=20)
    axes.set_ylabel("valid plans, %")
    axes.set_ylim(0, 105)
    axes.legend(fontsize="small", ncols=2)
    figure.savefig(path, dpi=150)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"
