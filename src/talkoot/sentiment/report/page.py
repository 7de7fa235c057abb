"""Texts, tables and pictures as one HTML page: no script, no request, all of it escaped."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

from talkoot.disk import named


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    kind: ClassVar[str] = "text"


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its name. Numbers are shown with `places` after the point, None and NaN as a
    dash."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    places: int = 3
    kind: ClassVar[str] = "table"


@dataclass(frozen=True)
class Picture:
    """A PNG with what it shows in words. On a narrow screen a broad one is moved sideways, not shrunk."""

    png: bytes
    caption: str
    kind: ClassVar[str] = "picture"

    @property
    def base64(self) -> str:
        """The picture as text."""
        return base64.b64encode(self.png).decode()

    @property
    def size(self) -> str:
        """The class of its figure."""
        return "broad" if int.from_bytes(self.png[16:20], "big") > 700 else "small"  # pixels, from PNG's header


Part = Text | Table | Picture


@dataclass
class Section:
    """Parts under a heading."""

    title: str
    parts: list[Part] = field(default_factory=list)


def page(title: str, lead: Sequence[str], sections: Sequence[Section]) -> str:
    """The page as text."""
    from jinja2 import Environment

    folder = resources.files(__package__)
    template, style = ((folder / name).read_text(encoding="utf-8") for name in ("page.html", "page.css"))
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    shown = [
        {"title": one.title, "parts": [_shown(part) if isinstance(part, Table) else part for part in one.parts]}
        for one in sections
    ]
    environment = Environment(autoescape=True)
    text = environment.from_string(template).render(
        title=title, lead=list(lead), sections=shown, style=style, policy=policy
    )
    return text.encode("utf-8", "replace").decode()  # half surrogates in words have no place in UTF-8


def write_page(path: Path, text: str) -> None:
    """Write it in one move, so that a reader never meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with named(path):
        part.write_text(text, encoding="utf-8")
        part.replace(path)


def _shown(table: Table) -> dict[str, Any]:
    return {"kind": "table", "heads": table.heads,
            "rows": [[_cell(cell, table.places) for cell in row] for row in table.rows]}  # fmt: skip


def _cell(value: Any, places: int) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:.{places}f}"
    return str(value)
