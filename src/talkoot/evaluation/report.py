"""The rows of an evaluation as a table in the terminal, as CSV, and as a picture."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from talkoot.evaluation.rows import Row

if TYPE_CHECKING:
    from rich.console import RenderableType

FORMATS = (".png", ".svg", ".pdf")
"""The endings of a picture's name that `draw` knows."""

_BAR = 26  # cells of the drawn interval


def table(rows: Sequence[Row], *, width: int = 120, title: str = "") -> RenderableType:
    """The rows for a terminal that is `width` columns wide, with a legend of the columns.

    What does not fit is left out, the least telling first: the drawn interval, the seat orders, calls and tokens.
    """
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    optional = {
        "invalid": ("invalid",) if any(row["invalid_replies"] for row in rows) else (),
        "calls": ("calls", "tokens") if any(row["calls"] for row in rows) else (),
        "orders": ("as typed", "swapped") if any(row["mean_swapped"] is not None for row in rows) else (),
        "bar": ("·" * _BAR,),
    }
    alone = len({row["team"] for row in rows}) == 1  # then a line for each world says it all
    first = [row["world"] if alone else "  " + row["team"] for row in rows]
    wide = min(
        48, max((len(name) for row, name in zip(rows, first, strict=True) for name in (name, row["world"])), default=4)
    )
    left = width - wide - 42  # what the columns that are always there take
    shown: set[str] = set()
    for part, heads in optional.items():
        need = sum(len(head) + 3 for head in heads)
        if heads and need <= left:
            shown.add(part)
            left -= need

    top = max((row["ci95"][1] for row in rows if row["ci95"]), default=0.0) or 1.0
    title = " · ".join([rows[0]["team"], title] if alone and title else [title])
    grid = Table(
        box=box.SIMPLE_HEAD,
        title=Text(title) if title else None,
        title_style="bold",
        pad_edge=False,
        title_justify="left",
    )
    grid.add_column("world" if alone else "team", overflow="fold", max_width=wide, min_width=wide)
    grid.add_column("score", justify="right", style="bold", no_wrap=True)
    grid.add_column("±", justify="right", no_wrap=True)
    grid.add_column("95 %", justify="center", no_wrap=True)
    if "bar" in shown:
        grid.add_column(f"0{f'{top:.0f}':>{_BAR - 1}}", no_wrap=True, style="cyan")
    grid.add_column("n", justify="right", no_wrap=True)
    for part in ("orders", "calls", "invalid"):
        for head in optional[part] if part in shown else ():
            grid.add_column(head, justify="right", no_wrap=True)

    before = None
    for name, row in zip(first, rows, strict=True):
        if not alone and row["world"] != before:
            if before is not None:
                grid.add_section()
            grid.add_row(Text(row["world"], style="bold yellow"))
            before = row["world"]
        known = row["n"] > 1  # a single value tells nothing about spread
        cells: list[str | Text] = [
            Text(name),
            _number(row["mean"]),
            _number(row["stderr"]) if known else "–",
            f"{row['ci95'][0]:.0f} – {row['ci95'][1]:.0f}" if known else "–",
        ]
        if "bar" in shown:
            cells.append(_bar(row["ci95"][0], row["mean"], row["ci95"][1], top) if row["ci95"] else "")
        cells.append(str(row["n"]) if row["n"] == row["episodes"] else f"{row['n']}/{row['episodes']}")
        if "orders" in shown:
            cells += [_number(row["mean_as_typed"]), _number(row["mean_swapped"])]
        if "calls" in shown:
            episodes = row["episodes"] or 1
            tokens = row["prompt_tokens"] + row["completion_tokens"]
            cells += [f"{row['calls'] / episodes:.0f}", _thousands(tokens / episodes)]
        if "invalid" in shown:
            cells.append(str(row["invalid_replies"]))
        grid.add_row(*cells)

    told = [
        "score: the team's points in an episode, mean over seeds"
        + (" and both seat orders" * bool(optional["orders"])),
        "±: standard error · 95 %: bootstrap interval of the mean",
        "n: distinct episodes / episodes; equal ones count once as evidence"
        if any(row["n"] != row["episodes"] for row in rows)
        else "n: episodes, all distinct",
    ]
    if any(row["n"] == 1 for row in rows):
        told[-1] += "; –: one of them tells nothing about spread"
    if "orders" in shown:
        told.append("as typed, swapped: the mean in each of the two seat orders")
    if "calls" in shown:
        told.append("calls, tokens: of the model, per episode")
    if "invalid" in shown:
        told.append("invalid: replies that could not be used, in all, also those asked for again with success")
    parts: list[RenderableType] = [grid, Text("\n".join(told), style="dim")]
    missing = sum(row["missing"] for row in rows)
    if missing:
        parts.append(Text(f"{missing} episodes are not played yet: the table is not final", style="bold yellow"))
    return Group(*parts)


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as CSV, the interval as two columns `ci95_low` and `ci95_high`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        flat = [_flat(row) for row in rows]
        writer = csv.DictWriter(file, list(flat[0]) if flat else ["world", "team"])
        writer.writeheader()
        writer.writerows(flat)


def draw(rows: Sequence[Row], path: Path, *, title: str = "") -> None:
    """Draw one panel for each world: a dot for the mean of each team, its 95 % interval, small ticks for the two
    seat orders. The file's ending chooses the format (PNG, SVG, PDF).
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    worlds = list(dict.fromkeys(row["world"] for row in rows))
    teams = list(dict.fromkeys(row["team"] for row in rows))
    colours = ("#2a6f97", "#d1603d", "#4f772d", "#7b4b94", "#c29b16", "#3d405b", "#b56576", "#5c8d89")
    across = min(3, len(worlds)) or 1
    down = -(-len(worlds) // across) or 1
    names = max((len(team) for team in teams), default=0)
    margin = min(3.4, 0.085 * names + 0.3)
    height = (0.36 * len(teams) + 0.75) * down + (1.0 if title else 0.6)
    figure = Figure(figsize=(margin + 3.1 * across, height), layout="constrained", dpi=160)
    FigureCanvasAgg(figure)
    panels = figure.subplots(down, across, squeeze=False, sharey=True, sharex=True)
    top = max((max(row["ci95"][1], row["max"]) for row in rows if row["ci95"]), default=1.0) or 1.0
    for place, panel in enumerate(panels.flat):
        if place >= len(worlds):
            panel.set_visible(False)
            continue
        world = worlds[place]
        panel.set_title(world, fontsize=10, fontweight="bold", loc="left", parse_math=False)
        for row in rows:
            if row["world"] != world or row["mean"] is None:
                continue
            y, colour = teams.index(row["team"]), colours[teams.index(row["team"]) % len(colours)]
            panel.plot([0, row["mean"]], [y, y], color=colour, alpha=0.22, linewidth=5, solid_capstyle="butt")
            panel.plot(row["ci95"], [y, y], color=colour, linewidth=1.8, marker="|", markersize=7)
            panel.plot(row["mean"], y, "o", color=colour, markersize=6.5, zorder=3)
            for mean in (row["mean_as_typed"], row["mean_swapped"]):
                if row["mean_swapped"] is not None:
                    panel.plot(mean, y - 0.27, "v", color=colour, markersize=3.2, alpha=0.8)
            panel.annotate(
                f"{row['mean']:.0f}", (row["mean"], y), (0, -7), textcoords="offset points",
                ha="center", va="top", fontsize=7.5, color="#333333",
            )  # fmt: skip
        panel.set_yticks(range(len(teams)), teams, fontsize=8.5, parse_math=False)
        panel.set_ylim(len(teams) - 0.4, -0.6)
        panel.set_xlim(0, top * 1.08)
        panel.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        panel.tick_params(axis="x", labelsize=8, labelbottom=place + across >= len(worlds))
        panel.tick_params(axis="y", length=0)
        panel.grid(axis="x", color="#dddddd", linewidth=0.7)
        panel.set_axisbelow(True)
        for side in ("top", "right", "left"):
            panel.spines[side].set_visible(False)
    counts = sorted({row["n"] for row in rows})
    told = f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}" if counts else "n = 0"
    orders = any(row["mean_swapped"] is not None for row in rows)
    figure.supxlabel(
        f"score of an episode: mean and 95 % bootstrap interval, {told} distinct episodes"
        + ("; triangles: the two seat orders" if orders else ""),
        fontsize=8.5,
    )
    if title:
        figure.suptitle(title, fontsize=11, x=0.01, ha="left", parse_math=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def _bar(low: float, mean: float, high: float, top: float) -> str:
    """Draw an interval and its mean on a line from 0 to `top`: `····├──●──┤···`."""
    left, dot, right = (min(_BAR - 1, max(0, round(value / top * (_BAR - 1)))) for value in (low, mean, high))
    cells = ["·"] * _BAR
    cells[left : right + 1] = "─" * (right + 1 - left)
    if left < dot < right:
        cells[left], cells[right] = "├", "┤"
    cells[dot] = "●"
    return "".join(cells)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _thousands(value: float) -> str:
    return f"{value:.0f}" if value < 1000 else f"{value / 1000:.1f}k" if value < 1e6 else f"{value / 1e6:.1f}M"


def _flat(row: Row) -> Row:
    low, high = row["ci95"] or (None, None)
    return {
        name: cell
        for key, value in row.items()
        for name, cell in ((("ci95_low", low), ("ci95_high", high)) if key == "ci95" else ((key, value),))
    }
