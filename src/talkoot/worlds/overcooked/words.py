"""The kitchen in words, from one seat's point of view; as a character grid; or both.

What is told, and in which order, follows ProAgent's language state (reference, 1.5): fixtures numbered by kind in
row-major order, then the scene: own hand, mate's hand, pots, counters. The wording is ours. So are the steps: how far
every fixture is for each cook, how far fixtures are apart, and what a hand-over across a counter saves; plain facts
that stand in for coordinates, which a flag adds.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from talkoot.types import Seat, Style
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, SOUP, TOMATO, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout import TAGS, Cell, Layout
from talkoot.worlds.overcooked.skills import item_name

KINDS = {kind: tag for kind, tag in TAGS.items() if kind != "X"}
"""The kinds of fixture in the order in which they are told."""

FACINGS = ("north", "south", "east", "west")
ROUTES = (("O", "P"), ("T", "P"), ("D", "P"), ("P", "S"))
"""Between which kinds the walks are told: the ways that a soup's parts take."""

_FAR = 999
_NEAREST = 4  # of a kind with more fixtures than this, only the nearest ones are told


@cache
def template(name: str) -> Any:
    """A prompt template of this world; undefined names are errors."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("talkoot.worlds.overcooked", "prompts"), undefined=StrictUndefined, autoescape=False
    ).get_template(name)


def tell(kitchen: Kitchen, seat: Seat, style: Style) -> str:
    """Tell the kitchen: a paragraph on what never changes, a blank line, a paragraph on this moment."""
    return _layout_words(kitchen, style) + "\n\n" + _scene_words(kitchen, seat, style)


def _layout_words(kitchen: Kitchen, style: Style) -> str:
    # The layout is told with every scene but never changes: made once per layout object and style.
    layout = kitchen.layout
    known, key = layout.told, (style, len(kitchen.cooks))
    if key not in known:
        names = layout.names
        fixtures = [
            f"<{names[cell]}>" + (f" at {cell[0]},{cell[1]}" if style.coordinates else "")
            for kind in KINDS for cell in layout.cells(kind)
        ]  # fmt: skip
        words = style.form != "grid"
        known[key] = template("layout.j2").render(
            fixtures=fixtures,
            walks=list(_walks(layout)) if words else [],
            handovers=list(_handovers(layout)) if words and len(kitchen.cooks) > 1 else [],
            map=style.form != "words",
            terrain=layout.rows,
        )
    return known[key]


def _walks(layout: Layout) -> Any:
    names = layout.names
    for kind, to in ROUTES:
        for start in layout.cells(kind):
            found = sorted((n, end) for end in layout.cells(to) if (n := layout.between(start, end)) is not None)
            ways = ", ".join(f"<{names[end]}> {n}" for n, end in found[:_NEAREST])
            if ways:
                yield f"<{names[start]}> to {ways}"


def _handovers(layout: Layout) -> Any:
    names = layout.names
    for kind, to in ROUTES:
        for start in layout.cells(kind):
            found = layout.handover(start, layout.cells(to))
            if found is not None:
                yield f"<{names[start]}> to <{names[found[0]]}> {found[1]} + {found[2]}"


def _pot_words(pot: Pot) -> str:
    if pot.items == 0:
        return "is empty"
    parts = [
        f"{n} {word if n == 1 else plural}"
        for n, word, plural in ((pot.onions, "onion", "onions"), (pot.tomatoes, "tomato", "tomatoes"))
        if n
    ]
    contents = " and ".join(parts)
    if pot.ready:
        return f"is ready: a soup of {contents}"
    if pot.cooking:
        return f"is cooking {contents}, ready in {pot.cook_time - pot.tick} steps"
    return f"has {contents}" + (" and is full" if pot.items == 3 else f" and takes {3 - pot.items} more")


def _scene_words(kitchen: Kitchen, seat: Seat, style: Style) -> str:
    layout, names = kitchen.layout, kitchen.layout.names
    order = [seat, *(other for other in kitchen.cooks if other != seat)]
    located = style.coordinates or style.form != "words"

    def cook_facts(other: Seat) -> dict[str, Any]:
        cook: Cook = kitchen.cooks[other]
        faced = cook.ahead
        return {
            "seat": other,
            "held": item_name(cook.held),
            "soup": cook.held >= SOUP,
            "place": f"{cook.cell[0]},{cook.cell[1]}" if located else "",
            "facing": FACINGS[cook.facing],
            "faces": names[faced] if layout.at(faced) in KINDS else "",
        }

    loose = [
        f"{item_name(item)} on <{names[cell]}>" + (f" at {cell[0]},{cell[1]}" if located else "")
        for cell, item in sorted(kitchen.loose.items(), key=lambda entry: (entry[0][1], entry[0][0]))
    ]
    steps = []
    if style.form != "grid":
        steps = [{"seat": other, "places": _places(kitchen, other, names)} for other in order]
    return str(
        template("scene.j2").render(
            t=kitchen.t,
            horizon=kitchen.horizon,
            seat=seat,
            cooks=[cook_facts(other) for other in order],
            pots=[_pot_words(pot) for pot in kitchen.pots],
            loose=loose,
            steps=steps,
            free=_free_between(kitchen) if len(kitchen.cooks) > 1 else None,
            map=_map(kitchen) if style.form != "words" else [],
        )
    )


def _free_between(kitchen: Kitchen) -> int:
    """How many empty counters all cooks can reach."""
    shared = frozenset.intersection(*(kitchen.within_reach(seat) for seat in kitchen.cooks))
    return sum(counter in shared and counter not in kitchen.loose for counter in kitchen.layout.cells("X"))


def _places(kitchen: Kitchen, seat: Seat, names: dict[Cell, str]) -> list[str]:
    """How many steps each fixture, and each thing on a counter, is away from a cook."""
    layout = kitchen.layout
    told = []
    for kind in KINDS:
        found = sorted((_away(kitchen, seat, cell), cell) for cell in layout.cells(kind))
        if len(found) > _NEAREST:
            found = found[:_NEAREST]
        for n, cell in sorted(found, key=lambda entry: (entry[1][1], entry[1][0])):
            told.append(f"<{names[cell]}> {'out of reach' if n == _FAR else n}")
    for cell in sorted(kitchen.loose, key=lambda c: (c[1], c[0])):
        n = _away(kitchen, seat, cell)
        told.append(f"<{names[cell]}> {'out of reach' if n == _FAR else n}")
    return told


def _away(kitchen: Kitchen, seat: Seat, cell: Cell) -> int:
    steps = kitchen.layout.steps(kitchen.cooks[seat].pose, cell) if kitchen.reaches(seat, cell) else None
    return _FAR if steps is None else steps


def _map(kitchen: Kitchen) -> list[str]:
    rows = [list(row) for row in kitchen.layout.rows]
    letters = {ONION: "o", TOMATO: "t", DISH: "d", NOTHING: "X"}
    for (x, y), item in kitchen.loose.items():
        rows[y][x] = letters.get(item, "s")
    for seat, cook in kitchen.cooks.items():
        rows[cook.cell[1]][cook.cell[0]] = str(seat)
    return ["".join(row) for row in rows]
