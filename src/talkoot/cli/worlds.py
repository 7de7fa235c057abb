"""`talkoot worlds`: which worlds there are, and what one of them looks like."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer


def command(
    name: Annotated[str | None, typer.Argument(help="A world to draw, options included.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """List the worlds, or draw one: `talkoot worlds overcooked/generate:seed=3,size=9x6`."""
    from rich.console import Console
    from rich.table import Column, Table

    from talkoot.cli import print_json
    from talkoot.worlds.catalog import make_world
    from talkoot.worlds.overcooked.catalog import draw, list_kitchens as list_worlds
    from talkoot.worlds.overcooked.world import OvercookedWorld

    console = Console(highlight=False)
    if name is None:
        rows = list_worlds()
        if as_json:
            print_json({"worlds": [dataclasses.asdict(row) for row in rows]})
            return
        table = Table(*(Column(head, no_wrap=True) for head in ("world", "size", "rules")), "also known as", box=None)
        for row in rows:
            names = ", ".join(part for part in row.aliases if part)
            table.add_row(row.name, f"{row.width}x{row.height}", ", ".join(row.rules), names)
        console.print(table)
        console.print("Draw one with [bold]talkoot worlds NAME[/bold]. Options: NAME:rules=new,start=random,talk=on. "
                      "New ones: overcooked/generate:seed=3,size=7x5. Or the path of a layout file.")  # fmt: skip
        return
    world = make_world(name)
    assert isinstance(world, OvercookedWorld)
    layout, recipes = world.layout, world.layout.recipes
    grid = draw(layout.rows, layout.starts)
    orders = [
        {"onions": onions, "tomatoes": tomatoes, "value": recipes.value(onions, tomatoes),
         "time": recipes.time(onions, tomatoes)}
        for onions, tomatoes in layout.soups(world.rules)
    ]  # fmt: skip
    if as_json:
        print_json({"world": name, "layout": layout.name, "rows": grid, "rules": world.rules, "horizon": world.horizon,
                    "orders": orders})  # fmt: skip
        return
    console.print(f"{name}: {layout.width}x{layout.height}, {world.rules} rules, {world.horizon} steps", markup=False)
    for line in grid:
        console.print("  " + line, markup=False)
    console.print("X counter, O onions, T tomatoes, D dishes, P pot, S serving, digits the start cells", markup=False)
    for order in orders:
        console.print(
            f"order: {order['onions']} onions, {order['tomatoes']} tomatoes, "
            f"worth {order['value']}, cooks {order['time']} steps", markup=False)  # fmt: skip
