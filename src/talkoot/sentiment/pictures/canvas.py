"""What all pictures share: figures without a display, the colours of modalities, plain axes, files."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from talkoot.errors import BadInput

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")
"""The endings of a picture's name that `save` knows."""

_KNOWN = {"text": "#2a6f97", "audio": "#d1603d", "vision": "#4f772d"}
_OTHERS = ("#7b4b94", "#c29b16", "#3d405b", "#b56576", "#5c8d89", "#8d6e63", "#00838f")

GREY = "#555555"


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each name: modalities keep theirs in all pictures."""
    rest = iter(_OTHERS * (len(names) // len(_OTHERS) + 1))
    return {name: _KNOWN.get(name) or next(rest) for name in names}


def blank(width: float, height: float, title: str = "") -> Figure:
    """An empty figure in inches, with a title at its left."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", dpi=120)
    FigureCanvasAgg(figure)
    if title:
        figure.suptitle(clip(title, round(width * 12)), fontsize=11, x=0.01, ha="left", parse_math=False)
    return figure


def dress(panel: Any, *, title: str = "", across: str = "", up: str = "", grid: str = "y") -> None:
    """Plain axes: no box, a light grid, small labels."""
    if title:
        panel.set_title(title, fontsize=9.5, fontweight="bold", loc="left", parse_math=False)
    panel.set_xlabel(across, fontsize=8.5, color=GREY, parse_math=False)
    panel.set_ylabel(up, fontsize=8.5, color=GREY, parse_math=False)
    panel.tick_params(labelsize=8, length=0)
    if grid:
        panel.grid(axis=grid, color="#dddddd", linewidth=0.7)
    panel.set_axisbelow(True)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        panel.spines[side].set_color("#aaaaaa")


def clip(text: str, most: int) -> str:
    """One line of at most this many characters that can be drawn: control characters and half surrogates are gone."""
    line = "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else " " for c in text)
    line = " ".join(line.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def save(figure: Figure, path: Path) -> None:
    """Write a figure; the ending chooses the format. Raises BadInput for another ending."""
    if path.suffix.lower() not in FORMATS:
        raise BadInput(f"{path} has none of the endings {', '.join(FORMATS)}; name a file such as "
                       f"{path.with_suffix('.png')}")  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    with _boxes_for_strange_letters():
        figure.savefig(path)


def png(figure: Figure) -> bytes:
    """A figure as PNG, the same bytes for the same figure."""
    buffer = io.BytesIO()
    with _boxes_for_strange_letters():
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


@contextmanager
def _boxes_for_strange_letters() -> Iterator[None]:
    """Letters that the font lacks are drawn as boxes; that is no reason to complain in the middle of a report."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield
