"""The rows of an evaluation as a picture: a panel for each world, a bar for each team."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from talkoot.evaluation.report import is_home
from talkoot.evaluation.rows import Row, short_worlds

FORMATS = (".png", ".svg", ".pdf")
"""The endings of a picture's name that `draw` knows."""

_COLOURS = ("#2a6f97", "#d1603d", "#4f772d", "#7b4b94", "#c29b16", "#3d405b", "#b56576", "#5c8d89")


@dataclass(frozen=True)
class _Bar:
    """What is drawn of one row: mean, interval, the largest value, small ticks, and a published figure."""

    world: str
    team: str
    mean: float
    interval: tuple[float, float]
    most: float
    ticks: tuple[float, ...] = ()
    paper: float | None = None


def draw(rows: Sequence[Row], path: Path, *, title: str = "") -> None:
    """Draw one panel for each world: a dot for the mean of each team and its 95 % interval, of points with small ticks
    for the two seat orders, of steps (homes) with a diamond for the paper's figure. The file's ending chooses the
    format (PNG, SVG, PDF).
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    worlds = {row["world"]: is_home(row) for row in rows}
    teams = list(dict.fromkeys(row["team"] for row in rows))
    bars = {home: [bar for row in rows if is_home(row) == home for bar in _bars(row)] for home in (False, True)}
    across = min(3, len(worlds)) or 1
    down = -(-len(worlds) // across) or 1
    margin = min(3.4, 0.085 * max((len(team) for team in teams), default=0) + 0.3)
    height = (0.36 * len(teams) + 0.75) * down + (1.0 if title else 0.6)
    figure = Figure(figsize=(margin + 3.1 * across, max(height, 1.8)), layout="constrained", dpi=160)
    FigureCanvasAgg(figure)
    panels = figure.subplots(down, across, squeeze=False, sharey=True)
    mixed = len(set(worlds.values())) > 1
    for place, panel in enumerate(panels.flat):
        if place >= len(worlds):
            panel.set_visible(False)
            continue
        world, home = list(worlds.items())[place]
        panel.set_title(short_worlds(worlds)[world], fontsize=10, fontweight="bold", loc="left", parse_math=False)
        for bar in bars[home]:
            if bar.world == world:
                _draw_bar(panel, bar, teams.index(bar.team))
        panel.set_yticks(range(len(teams)), teams, fontsize=8.5, parse_math=False)
        panel.set_ylim(len(teams) - 0.4, -0.6)
        panel.set_xlim(0, (max((bar.most for bar in bars[home]), default=1.0) or 1.0) * 1.08)
        _dress(panel, labels=mixed or place + across >= len(worlds))
        if mixed:
            panel.set_xlabel("steps, fewer are better" if home else "score", fontsize=8)
    legend = textwrap.wrap(_legend(rows, worlds), round(13.5 * figure.get_figwidth()))
    figure.set_figheight(figure.get_figheight() + 0.16 * (len(legend) - 1))
    figure.supxlabel("\n".join(legend), fontsize=8.5)
    if title:
        figure.suptitle(title, fontsize=11, x=0.01, ha="left", parse_math=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def _bars(row: Row) -> list[_Bar]:
    if row["mean"] is None:
        return []
    if is_home(row):
        paper = row["paper"]["steps"] if row["paper"] else None
        low, high = row["steps_ci95"]
        return [_Bar(row["world"], row["team"], row["steps_mean"], (low, high), max(high, paper or 0), (), paper)]
    ticks = (row["mean_as_typed"], row["mean_swapped"]) if row["mean_swapped"] is not None else ()
    most = max(row["ci95"][1], row["max"])
    return [_Bar(row["world"], row["team"], row["mean"], tuple(row["ci95"]), most, ticks)]


def _draw_bar(panel: Any, bar: _Bar, y: int) -> None:
    colour = _COLOURS[y % len(_COLOURS)]
    panel.plot([0, bar.mean], [y, y], color=colour, alpha=0.22, linewidth=5, solid_capstyle="butt")
    panel.plot(bar.interval, [y, y], color=colour, linewidth=1.8, marker="|", markersize=7)
    panel.plot(bar.mean, y, "o", color=colour, markersize=6.5, zorder=3)
    for mean in bar.ticks:
        panel.plot(mean, y - 0.27, "v", color=colour, markersize=3.2, alpha=0.8)
    if bar.paper is not None:
        panel.plot(bar.paper, y, "D", color="none", markeredgecolor="#333333", markersize=5, zorder=4)
    panel.annotate(
        f"{bar.mean:.0f}", (bar.mean, y), (0, -7), textcoords="offset points",
        ha="center", va="top", fontsize=7.5, color="#333333",
    )  # fmt: skip


def _dress(panel: Any, *, labels: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    panel.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    panel.tick_params(axis="x", labelsize=8, labelbottom=labels)
    panel.tick_params(axis="y", length=0)
    panel.grid(axis="x", color="#dddddd", linewidth=0.7)
    panel.set_axisbelow(True)
    for side in ("top", "right", "left"):
        panel.spines[side].set_visible(False)


def _legend(rows: Sequence[Row], worlds: dict[str, bool]) -> str:
    counts = sorted({row["n"] for row in rows})
    n = f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}" if counts else "n = 0"
    what = {False: "score of an episode", True: "steps of an episode, fewer are better"}
    named = [what[home] for home in (False, True) if home in worlds.values()] or ["score of an episode"]
    told = f"{' or '.join(named)}: mean and 95 % bootstrap interval, {n} distinct episodes"
    if any(row["mean_swapped"] is not None and not is_home(row) for row in rows):
        told += "; triangles: the two seat orders"
    if any(is_home(row) and row["paper"] for row in rows):
        told += "; diamonds: the paper, on other episodes"
    return told
