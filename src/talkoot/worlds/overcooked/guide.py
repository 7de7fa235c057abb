"""The Knowledge Library of Overcooked: task, rules, skills and demonstrations, in words of our own."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from talkoot.types import Action, Seat
from talkoot.world import Demonstration, Guide
from talkoot.worlds.overcooked.kitchen import PRIMITIVES, Kitchen
from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.skills import skills_for
from talkoot.worlds.overcooked.statement import Stating
from talkoot.worlds.overcooked.words import template


def make_guide(
    layout: Layout, rules: str, seat: Seat, seats: tuple[Seat, ...], message_limit: int = 0, horizon: int = 400
) -> Guide:
    """What a cook is told before the first step. `rules` is "old" or "new"; `horizon` counts steps."""
    new = rules == "new"
    task = template("task.j2").render(
        cooks=len(seats),
        horizon=horizon,
        new=new,
        ingredients="onions" if not layout.cells("T") else "tomatoes" if not layout.cells("O") else "",
        orders=list(_orders(layout, rules)),
    )
    return Guide(
        world="overcooked",
        seat=seat,
        seats=seats,
        task=task.strip(),
        rules=tuple(template("rules.j2").render(new=new, mixed=layout.recipes.mixed).strip().splitlines()),
        skills=skills_for(bool(layout.cells("T")), rules),
        demonstrations=tuple(_demonstrations(seat, seats, rules)),
        primitives=PRIMITIVES,
        safe=Action("stay"),
        message_limit=message_limit,
        restore=Kitchen(layout, rules, 0, horizon, {}, (), {}).at,
        statement=Stating(layout, rules),
    )


def _orders(layout: Layout, rules: str) -> Any:
    recipes = layout.recipes
    for onions, tomatoes in layout.soups(rules):
        parts = [
            f"{n} {word}"
            for n, word in ((onions, _plural("onion", onions)), (tomatoes, _plural("tomato", tomatoes)))
            if n
        ]
        yield {"soup": " and ".join(parts), "value": recipes.value(onions, tomatoes),
               "time": recipes.time(onions, tomatoes)}  # fmt: skip


def _plural(word: str, n: int) -> str:
    return word if n == 1 else {"onion": "onions", "tomato": "tomatoes"}[word]


@cache
def _written() -> list[dict[str, str]]:
    text = (resources.files(__package__) / "prompts" / "demonstrations.toml").read_text(encoding="utf-8")
    rows: list[dict[str, str]] = tomllib.loads(text)["demonstration"]
    return rows


def _demonstrations(seat: Seat, seats: tuple[Seat, ...], rules: str) -> Any:
    if len(seats) < 2:
        return
    mate = next(other for other in seats if other != seat)

    def told(text: str) -> str:
        swapped = text.replace("<Player 0>", "<me>").replace("<Player 1>", f"<Player {mate}>")
        return swapped.replace("<me>", f"<Player {seat}>")

    for row in _written():
        if row.get("rules", rules) != rules:
            continue
        yield Demonstration(told(row["scene"]), told(row["analysis"]), row["intention"], row["plan"])
