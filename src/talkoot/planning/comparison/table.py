"""The rows of the comparison beside the paper's figures: as a table in the terminal, and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from talkoot.planning.comparison import paper
from talkoot.types import Json

if TYPE_CHECKING:
    from rich.console import RenderableType

FORMATS = (".png", ".svg", ".pdf")
"""The endings of a picture's name that `draw` knows."""


def table(rows: Sequence[dict[str, Json]], *, width: int = 120, title: str = "") -> RenderableType:
    """One line for each method and domain, for a terminal of `width` columns: where it is narrow, calls and tokens are
    left out. Rows need `success_ci95`, a pair of shares, besides what `rows_of` gives."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    heads = ["n", "right %", "95 %", "best %", "silent", "doubted", "paper %", "time s", "calls", "tokens"]
    heads = heads if width >= 104 else heads[:-2]
    domains = {row["domain"] for row in rows}
    whole = domains.issuperset(paper.DOMAINS)
    parts: list[RenderableType] = [Text(title, style="bold")] if title else []
    for method in dict.fromkeys(row["method"] for row in rows):
        grid = Table(box=box.SIMPLE_HEAD, title=Text(method, style="bold yellow"), title_justify="left", pad_edge=False,
                     padding=(0, 1, 0, 0))  # fmt: skip
        grid.add_column("domain", no_wrap=True, min_width=max(map(len, domains)))
        for head in heads:
            grid.add_column(head, justify="right", no_wrap=True, min_width=max(len(head), 8 if "paper" in head else 4))
        for row in rows:
            if row["method"] == method:
                grid.add_row(row["domain"], *_cells(row, whole)[: len(heads)])
        parts.append(grid)
    told = [
        "right: plans that reach the goal of the true problem, with the share's Wilson interval",
        "best: right ones at the best cost known (*: not proven the best for all tasks)",
        "silent: wrong plans claimed without doubt · doubted: claimed with doubt (right ones among them)",
        "paper: optimal (any right) plans, GPT-4 of 2023 on 20 tasks a domain: other tasks, another model",
        "time: median of a task · calls, tokens: of the model, mean of a task",
        "truth: the planner on the true problem",
    ]
    parts.append(Text("\n".join(told), style="dim"))
    missing = sum(row["missing"] for row in rows if row["domain"] != "all" or len(domains) == 1)
    if missing:
        parts.append(Text(f"{missing} cells are not done yet: the table is not final", style="bold yellow"))
    return Group(*parts)


def _cells(row: dict[str, Json], whole: bool) -> list[str]:
    n = row["n"]
    count = str(n) if not row["missing"] else f"{n}/{n + row['missing']}"
    said = paper.figure(row["method"], row["domain"]) if whole or row["domain"] != "all" else None
    if not n:
        return [count, *["–"] * 5, paper.shown(said), *["–"] * 3]
    low, high = row["success_ci95"]
    return [
        count,
        _percent(row["success"] / n),
        f"{_percent(low)}–{_percent(high)}",
        _percent(row["optimal"] / n) + ("" if row["proven"] == n else "*"),
        str(row["silent"]),
        f"{row['doubted']}" + (f" ({row['doubted_right']})" if row["doubted"] else ""),
        paper.shown(said),
        f"{row['seconds']:.1f}",
        f"{row['calls']:.1f}",
        f"{row['tokens']:.0f}",
    ]


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
