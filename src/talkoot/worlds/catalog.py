"""All worlds by the names that users type: `make_world("overcooked/cramped_room:rules=new,talk=on")`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from talkoot.errors import BadInput
from talkoot.types import Seat
from talkoot.world import World

if TYPE_CHECKING:
    from talkoot.worlds.overcooked.layout import Layout

GENERATE = "generate"
"""The name under which kitchens are drawn: `overcooked/generate:seed=3,size=7x5`."""


@dataclass(frozen=True, slots=True)
class WorldRow:
    """A world that ships with talkoot. `rules` are those it can be played with, the default first."""

    name: str
    paper_name: str
    width: int
    height: int
    players: int
    rules: tuple[str, ...]
    aliases: tuple[str, ...]
    rows: tuple[str, ...]
    """The drawing, start cells as digits."""


def _switch(text: str) -> bool:
    if text not in ("on", "off", "true", "false", "1", "0", "yes", "no"):
        raise ValueError("write on or off")
    return text in ("on", "true", "1", "yes")


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.partition("x")
    if not cross:
        raise ValueError("write WIDTHxHEIGHT, such as 7x5")
    return int(width), int(height)


_WORLD_OPTIONS: dict[str, Callable[[str], Any]] = {
    "rules": str, "start": str, "horizon": int, "talk": _switch, "message_limit": int, "random_objects": float,
    "any_region": _switch,
}  # fmt: skip
_GENERATE_OPTIONS: dict[str, Callable[[str], Any]] = {
    "seed": int, "size": _size, "pots": int, "onions": int, "dishes": int, "servings": int, "tomatoes": int,
    "regions": int, "clutter": float,
}  # fmt: skip


def make_world(name: str, *, seats: tuple[Seat, ...] | None = None) -> World:
    """The world of this name: `overcooked/LAYOUT` or `LAYOUT`, then options as `:key=value,key=value`.

    LAYOUT is a shipped kitchen, an older alias, the path of a text file, or `generate` with the options seed, size
    (7x5), pots, onions, dishes, servings, tomatoes, regions (2: things must be handed over), clutter. Options of all
    kitchens: rules (old or new; by default old where its orders can be cooked with them), start (standard, random),
    horizon, talk (on, off), message_limit, random_objects, any_region. `seats` are the seats that are held, by default
    all. The world's `name` is what was typed. Raises BadInput for unknown names and options, listing the known ones.
    """
    from talkoot.worlds.overcooked.layout_file import load_layout
    from talkoot.worlds.overcooked.world import OvercookedWorld

    place, _, written = name.partition(":")
    family, slash, kitchen = place.partition("/")
    kitchen = kitchen if family == "overcooked" and slash else place
    drawn = kitchen == GENERATE
    known = {**_WORLD_OPTIONS, **(_GENERATE_OPTIONS if drawn else {})}
    options = _read_options(name, written, known)
    if drawn:
        wanted = {key: options.pop(key) for key in _GENERATE_OPTIONS if key in options}
        layout = _drawn(tuple(sorted(wanted.items())))
    else:
        try:
            layout = load_layout(kitchen)
        except BadInput as error:
            if not str(error).startswith("unknown layout"):
                raise
            names = ", ".join(row.name for row in list_worlds())
            raise BadInput(
                f"unknown world {name!r}; known are {names}, overcooked/{GENERATE}, or the path of a layout file"
            ) from None
    options.setdefault("rules", "old" if _fits_old(layout.recipes.orders) else "new")
    held = tuple(range(len(layout.starts))) if seats is None else seats
    return OvercookedWorld(layout, seats=held, name=name, **options)


@lru_cache(maxsize=64)
def _drawn(options: tuple[tuple[str, Any], ...]) -> Layout:
    """A generated kitchen; kept, because one evaluation makes its worlds many times."""
    from talkoot.worlds.overcooked.generate import generate

    wanted = dict(options)
    width, height = wanted.pop("size", (7, 5))
    return generate(wanted.pop("seed", 0), width, height, **wanted)


def _fits_old(orders: tuple[tuple[int, int], ...]) -> bool:
    return bool(orders) and all(sum(soup) == 3 for soup in orders)  # no orders: all nine soups, small ones too


def _read_options(name: str, written: str, known: dict[str, Callable[[str], Any]]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for part in written.split(",") if written else ():
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if key not in known or not equals:
            raise BadInput(f"world {name!r}: unknown option {part!r}; known are {', '.join(known)}, as key=value")
        if key in options:
            raise BadInput(f"world {name!r}: option {key!r} is given twice")
        try:
            options[key] = known[key](value)
        except ValueError as error:
            raise BadInput(f"world {name!r}: option {key!r} cannot be {value!r}: {error}") from error
    return options


def list_worlds() -> list[WorldRow]:
    """Every world that ships with talkoot, the five classic kitchens first."""
    from talkoot.worlds.overcooked.layout_file import ALIASES, PAPER_NAMES, layout_names, load_layout

    rows = []
    for name in layout_names():
        layout = load_layout(name)
        rows.append(
            WorldRow(
                f"overcooked/{name}",
                PAPER_NAMES.get(name, ""),
                layout.width,
                layout.height,
                len(layout.starts),
                ("old", "new") if _fits_old(layout.recipes.orders) else ("new",),
                tuple(alias for alias, target in ALIASES.items() if target == name),
                draw(layout.rows, layout.starts),
            )
        )
    return rows


def draw(rows: tuple[str, ...], starts: tuple[tuple[int, int], ...]) -> tuple[str, ...]:
    """The rows of a kitchen with its start cells as digits, as a layout file has them."""
    grid = [list(row) for row in rows]
    for number, (x, y) in enumerate(starts, 1):
        grid[y][x] = str(number)
    return tuple("".join(row) for row in grid)
