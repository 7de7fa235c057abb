"""Kitchens as text: the shipped ones by name, and everybody's own from files."""

from __future__ import annotations

import os
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput
from talkoot.worlds.overcooked.layout import FIXTURES, NUMBERS, Cell, Layout, Recipes

PAPER_NAMES = {
    "cramped_room": "Cramped Room",
    "asymmetric_advantages": "Asymmetric Advantages",
    "coordination_ring": "Coordination Ring",
    "forced_coordination": "Forced Coordination",
    "counter_circuit": "Counter Circuit",
}
"""The five classic kitchens under the names of the papers (Carroll et al. 2019; ProAgent, Table 1)."""

ALIASES = {
    "simple": "cramped_room",
    "unident_s": "asymmetric_advantages",
    "asymm_advantages": "asymmetric_advantages",
    "random1": "coordination_ring",
    "coord_ring": "coordination_ring",
    "random0": "forced_coordination",
    "forced_coord": "forced_coordination",
    "random3": "counter_circuit",
    "counter_circuit_o_1order": "counter_circuit",
}
"""Older and other projects' names. In files of the newer rules `counter_circuit` is `counter_circuit_tomato`."""


def parse_layout(text: str, name: str, source: str = "") -> Layout:
    """Read a kitchen from text: the rows, then optionally a blank line and settings as `key = value` (TOML).

    Characters: `X` counter, `O` onions, `T` tomatoes, `D` dishes, `P` pot, `S` serving, blank floor, `1` and `2` the
    start cells. Settings: the fields of `Recipes`; soups are lists such as `orders = [["onion", "onion", "tomato"]]`.
    Lines that start with `#` are comments. Raises BadInput with line and column for a malformed kitchen, which it
    calls by its `source`, such as the path of a file; by default by its name.
    """
    source = source or name
    numbered = [(n, line) for n, line in enumerate(text.splitlines(), 1) if not line.lstrip().startswith("#")]
    while numbered and not numbered[0][1].strip():
        numbered.pop(0)
    cut = next((i for i, (_, line) in enumerate(numbered) if not line.strip()), len(numbered))
    grid, rest = numbered[:cut], numbered[cut:]
    if not grid:
        raise BadInput(f"layout {source}: no rows; draw the kitchen with X O T D P S, blanks and the digits 1 and 2")

    def fault(what: str, line: int, column: int) -> BadInput:
        return BadInput(f"layout {source}, line {line}, column {column}: {what}")

    width = len(grid[0][1].rstrip())
    starts: dict[int, Cell] = {}
    rows: list[str] = []
    for y, (line, raw) in enumerate(grid):
        row = raw.rstrip()
        if len(row) != width:
            raise fault(f"this row has {len(row)} cells, the first has {width}; make all rows equally long", line,
                        min(len(row), width) + 1)  # fmt: skip
        for x, kind in enumerate(row):
            column = x + 1
            if kind in "123456789":
                if int(kind) in starts:
                    raise fault(f"player {kind} starts twice; use each digit once", line, column)
                starts[int(kind)] = (x, y)
            elif kind not in FIXTURES and kind != " ":
                raise fault(f"unknown character {kind!r}; allowed are X O T D P S, blank, 1, 2", line, column)
            if (x in (0, width - 1) or y in (0, len(grid) - 1)) and kind not in FIXTURES:
                raise fault("the border must be solid; put a counter X or a fixture here", line, column)
        rows.append("".join(" " if kind.isdigit() else kind for kind in row))
    first, everything = grid[0][0], "".join(rows)
    for kind, what in (("P", "pot"), ("D", "dish dispenser"), ("S", "serving cell")):
        if kind not in everything:
            raise fault(f"the kitchen has no {what} ({kind}); add at least one", first, 1)
    if "O" not in everything and "T" not in everything:
        raise fault("the kitchen has neither onions (O) nor tomatoes (T); add at least one dispenser", first, 1)
    if sorted(starts) != list(range(1, len(starts) + 1)) or not 1 <= len(starts) <= 2:
        raise fault(f"start cells must be the digits 1 and 2, found {sorted(starts) or 'none'}", first, 1)
    # Blank lines stand for what comes before, so that TOML's messages name the line of the file.
    lines = [""] * (rest[-1][0] if rest else 0)
    for line, raw in rest:
        lines[line - 1] = raw
    recipes = _read_recipes("\n".join(lines) + "\n", source)
    layout = Layout(name, tuple(rows), tuple(starts[digit] for digit in sorted(starts)), recipes)
    if not layout.soups("new"):
        raise fault("no soup that pays can be made of what is dispensed here; add the dispenser that the orders want "
                    "(O or T), or order other soups below the rows, such as orders = [[\"tomato\", \"tomato\", "
                    "\"tomato\"]] (orders, if none are given, are three onions)", first, 1)  # fmt: skip
    return layout


def _soup(items: Any, source: str) -> tuple[int, int]:
    if not isinstance(items, list) or not items or any(item not in ("onion", "tomato") for item in items):
        raise BadInput(f"layout {source}: {items!r} is not a soup; write a list of 'onion' and 'tomato'")
    return items.count("onion"), items.count("tomato")


def _read_recipes(text: str, source: str) -> Recipes:
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"layout {source}: the settings below the rows are not `key = value` lines: {error}") from error
    known: dict[str, Any] = {}
    for key, value in settings.items():
        if key in ("orders", "bonus") and isinstance(value, list):
            known[key] = tuple(_soup(items, source) for items in value)
        elif key in ("values", "times") and isinstance(value, dict) and all(type(n) is int for n in value.values()):
            known[key] = {_soup(soup.split(), source): number for soup, number in value.items()}
        elif (key == "mixed" and isinstance(value, bool)) or (key in NUMBERS and type(value) is int):
            known[key] = value
        else:
            allowed = ", ".join(Recipes.__dataclass_fields__)
            raise BadInput(f"layout {source}: unknown or ill-typed setting {key!r}; known are {allowed}")
    try:
        return Recipes(**known)
    except BadInput as error:
        raise BadInput(f"layout {source}: {error}") from error


def layout_names() -> list[str]:
    """The kitchens that ship with talkoot, the five classic ones first."""
    folder = resources.files(__package__) / "layouts"
    names = {item.name.removesuffix(".layout") for item in folder.iterdir() if item.name.endswith(".layout")}
    return [*PAPER_NAMES, *sorted(names - set(PAPER_NAMES))]


def load_layout(name: str) -> Layout:
    """Find a kitchen by its name, an older alias, or the path of a text file. Raises BadInput if there is none."""
    shipped = ALIASES.get(name, name)
    if shipped in layout_names():
        text = (resources.files(__package__) / "layouts" / f"{shipped}.layout").read_text(encoding="utf-8")
        return parse_layout(text, shipped)
    path = Path(name)
    if path.suffix or os.path.exists(name):
        try:
            return parse_layout(path.read_text(encoding="utf-8-sig"), path.stem, name)
        except (OSError, ValueError) as error:
            raise BadInput(f"the layout file {name} cannot be read: {error}") from error
    raise BadInput(f"unknown layout {name!r}; known are {', '.join(layout_names())}, or give the path of a text file")
