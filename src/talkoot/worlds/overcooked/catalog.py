"""Kitchens by the names that users type: `overcooked/cramped_room:rules=new`, aliases, layout files, `generate`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from talkoot.errors import BadInput
from talkoot.types import Seat
from talkoot.worlds.options import Reader, pair, read_options, switch

if TYPE_CHECKING:
    from talkoot.worlds.overcooked.layout import Layout
    from talkoot.worlds.overcooked.world import OvercookedWorld

GENERATE = "generate"
"""The name under which kitchens are drawn: `overcooked/generate:seed=3,size=7x5`."""

WORLD_OPTIONS: dict[str, Reader] = {
    "rules": str, "start": str, "horizon": int, "talk": switch, "message_limit": int, "random_objects": float,
    "any_region": switch,
}  # fmt: skip
GENERATE_OPTIONS: dict[str, Reader] = {
    "seed": int, "size": pair, "pots": int, "onions": int, "dishes": int, "servings": int, "tomatoes": int,
    "regions": int, "clutter": float,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KitchenRow:
    """A kitchen that ships with talkoot. `rules` are those it can be played with, the default first."""

    name: str
    paper_name: str
    width: int
    height: int
    players: int
    rules: tuple[str, ...]
    aliases: tuple[str, ...]
    rows: tuple[str, ...]
    """The drawing, start cells as digits."""


def make_kitchen(name: str, seats: tuple[Seat, ...] | None = None) -> OvercookedWorld | None:
    """The kitchen of this name, or None if there is none; raises BadInput for options and files with a fault.

    Options of all kitchens: rules (old or new; by default old where its orders can be cooked with them), start
    (standard, random), horizon, talk (on, off), message_limit, random_objects, any_region. Of `generate` besides:
    seed, size (7x5), pots, onions, dishes, servings, tomatoes, regions (2: things must be handed over), clutter.
    """
    from talkoot.worlds.overcooked.layout_file import load_layout
    from talkoot.worlds.overcooked.world import OvercookedWorld

    place, _, written = name.partition(":")
    kitchen = place.removeprefix("overcooked/")
    drawn = kitchen == GENERATE
    options = read_options(name, written, {**WORLD_OPTIONS, **(GENERATE_OPTIONS if drawn else {})})
    if drawn:
        wanted = {key: options.pop(key) for key in GENERATE_OPTIONS if key in options}
        layout = _drawn(tuple(sorted(wanted.items())))
    else:
        try:
            layout = load_layout(kitchen)
        except BadInput as error:
            if not str(error).startswith("unknown layout"):
                raise
            return None
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


def kitchen_names() -> list[str]:
    """What can be typed, the kitchens that ship first."""
    from talkoot.worlds.overcooked.layout_file import layout_names

    return [*(f"overcooked/{name}" for name in layout_names()), f"overcooked/{GENERATE}", "the path of a layout file"]


def list_kitchens() -> list[KitchenRow]:
    """Every kitchen that ships with talkoot, the five classic ones first."""
    from talkoot.worlds.overcooked.layout_file import ALIASES, PAPER_NAMES, layout_names, load_layout

    rows = []
    for name in layout_names():
        layout = load_layout(name)
        rows.append(
            KitchenRow(
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
