"""The rows of an evaluation as a table in the terminal and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from talkoot.evaluation.rows import Row

if TYPE_CHECKING:
    from rich.console import RenderableType

_BAR = 26  # cells of the drawn interval


def is_home(row: Row) -> bool:
    """Whether a row tells of a home, where fewer steps are better, and not of points."""
    return "steps_mean" in row


def table(rows: Sequence[Row], *, width: int = 120, title: str = "") -> RenderableType:
    """The rows for a terminal that is `width` columns wide, with a legend of the columns.

    What does not fit is left out, the least telling first: the drawn interval, the seat orders, calls and tokens.
    Homes, where steps count, have a table of their own.
    """
    from rich import box
    from rich.console import Group
    from rich.table import Table

    homes = [row for row in rows if is_home(row)]
    if homes:
        from talkoot.evaluation.household_table import home_table

        others = [row for row in rows if not is_home(row)]
        below = home_table(homes, width=width, title=title)
        return Group(table(others, width=width, title=title), below) if others else below
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
    """Write the rows as CSV, each interval as two columns such as `ci95_low` and `ci95_high`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        flat = [_flat(row) for row in rows]
        names = dict.fromkeys(name for row in flat for name in row) or ["world", "team"]
        writer = csv.DictWriter(file, list(names), restval="")
        writer.writeheader()
        writer.writerows(flat)


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
    """One cell for each value: intervals become two columns, what is a group one column for each part."""
    flat: Row = {}
    for key, value in row.items():
        if key.endswith("ci95"):
            low, high = value or (None, None)
            flat |= {f"{key}_low": low, f"{key}_high": high}
        elif key == "paper":
            flat |= {f"paper_{part}": (value or {}).get(part) for part in ("steps", "efficiency_improvement")}
        else:
            flat[key] = value
    return flat
