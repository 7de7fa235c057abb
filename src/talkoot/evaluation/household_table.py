"""Rows of homes as a table in the terminal: steps, success, efficiency, talk, and the paper's figures beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from talkoot.evaluation.household import REFERENCE, SOURCE
from talkoot.evaluation.rows import Row, short_worlds

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True)
class _Column:
    """One column: `part` names what is left out together, the higher `rank` the earlier; 0 stays always."""

    head: str
    cell: Callable[[Row], str]
    rank: int = 0
    part: str = ""
    wanted: Callable[[Row], bool] = lambda row: True
    legend: str = ""


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _number(value: float | None, places: int = 1) -> str:
    return "–" if value is None else f"{value:.{places}f}"


def _many(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}" if value < 1000 else f"{value / 1000:.1f}k"


def _interval(row: Row) -> str:
    return "–" if row["tasks"] < 2 else f"{row['steps_ci95'][0]:.0f}–{row['steps_ci95'][1]:.0f}"


def _each(row: Row, key: str) -> float | None:
    return row[key] / row["episodes"] if row["episodes"] else None


def _paper(row: Row) -> str:
    told = row["paper"]
    if told is None:
        return "–"
    gain = told["efficiency_improvement"]
    return f"{told['steps']}" + (f" ({100 * gain:.0f} %)" if gain is not None else "")


_FOLDED = 24  # cells that long names keep at least

_COLUMNS = (
    _Column("steps", lambda row: _number(row["steps_mean"]), legend="steps: until all goals hold, mean over all "
            "episodes; one without success counts in full. Fewer are better"),
    _Column("±", lambda row: _number(row["steps_stderr"]) if row["tasks"] > 1 else "–", 6, "±",
            legend="±: standard error"),
    _Column("95 %", _interval, 2, "95 %", legend="95 %: bootstrap interval of the mean, each task counted once as "
            "evidence"),
    _Column("success", lambda row: _share(row["success"])),
    _Column("EI", lambda row: _share(row["efficiency_improvement"]),
            legend=f"EI: efficiency improvement against {REFERENCE} alone, the mean over episodes of "
            "(M0 - M) / max(M, M0)"),
    _Column("n", lambda row: str(row["episodes"]), 8, "n", legend="n: episodes"),
    _Column("sent", lambda row: _number(row["messages_mean"]), 3, "sent",
            lambda row: bool(row["messages_mean"]), "sent: messages in an episode"),
    _Column("cost", lambda row: _number(row["message_steps_mean"]), 5, "cost",
            lambda row: bool(row["message_steps_mean"]), "cost: steps of either that talking took"),
    _Column("calls", lambda row: _number(_each(row, "calls"), 0), 7, "calls", lambda row: bool(row["calls"]),
            "calls: of the model, per episode"),
    _Column("tokens", lambda row: _many(row["tokens"]), 4, "tokens", lambda row: bool(row["calls"]),
            "tokens: of the model, read and written, per episode"),
    _Column("guessed", lambda row: str(row["fallback_parses"]), 1, "guessed", lambda row: bool(row["fallback_parses"]),
            "guessed: replies whose choice could only be guessed, in all"),
    _Column("invalid", lambda row: str(row["invalid_replies"]), 1, "invalid", lambda row: bool(row["invalid_replies"]),
            "invalid: replies that could not be used, in all"),
    _Column("paper", _paper, 3, "paper", lambda row: row["paper"] is not None, SOURCE),
)  # fmt: skip


def home_table(rows: Sequence[Row], *, width: int = 120, title: str = "") -> RenderableType:
    """The rows of homes for a terminal that is `width` columns wide, with a legend of the columns.

    Columns that say nothing are left out; so are, the least telling first, those that do not fit.
    """
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    places = short_worlds(row["world"] for row in rows)
    first = max((len(name) for row in rows for name in ("  " + row["team"], places[row["world"]])), default=4)
    first = wanted = min(48, first)
    columns = [column for column in _COLUMNS if any(column.wanted(row) for row in rows)]
    while columns and _width(columns, rows) > width - first:
        if first > _FOLDED:  # long names fold before any column goes
            first = max(_FOLDED, width - _width(columns, rows))
            continue
        worst = max(columns, key=lambda column: column.rank)
        if not worst.rank:
            break
        columns = [column for column in columns if column.part != worst.part]
    first = max(first, min(wanted, width - _width(columns, rows)))
    grid = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 0, 0, 1),
        title=Text(title) if title else None,
        title_style="bold",
        title_justify="left",
        pad_edge=False,
    )
    grid.add_column("team", overflow="fold", max_width=first, min_width=first)
    for column in columns:
        grid.add_column(column.head, justify="right", no_wrap=True, style="bold" if column.head == "steps" else None)
    before = None
    for row in rows:
        if row["world"] != before:
            if before is not None:
                grid.add_section()
            grid.add_row(Text(places[row["world"]], style="bold yellow"))
            before = row["world"]
        grid.add_row(Text("  " + row["team"]), *(column.cell(row) for column in columns))
    told = [column.legend for column in columns if column.legend]
    parts: list[RenderableType] = [grid, Text("\n".join(told), style="dim")]
    missing = sum(row["missing"] for row in rows)
    if missing:
        parts.append(Text(f"{missing} episodes are not played yet: the table is not final", style="bold yellow"))
    return Group(*parts)


def _width(columns: Sequence[_Column], rows: Sequence[Row]) -> int:
    """What the columns need, with a cell of padding and one between them, and the two cells at the table's edges."""
    return 2 + sum(max(len(column.head), *(len(column.cell(row)) for row in rows)) + 2 for column in columns)
