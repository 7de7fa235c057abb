"""`talkoot worlds`: which worlds there are, and what one of them looks like."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from talkoot.worlds.household.world import HouseholdWorld
    from talkoot.worlds.overcooked.world import OvercookedWorld


def command(
    name: Annotated[str | None, typer.Argument(help="A world to draw, options included.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    png: Annotated[Path | None, typer.Option(help="Draw the plan of an apartment into this PNG, SVG or PDF file.")
                   ] = None,
) -> None:  # fmt: skip
    """List the worlds, or show one: `talkoot worlds overcooked/generate:seed=3,size=9x6`, `talkoot worlds
    household/test` (its episodes), `talkoot worlds household/aspen` (a plan).
    """
    from rich.console import Console

    from talkoot.cli import check_target, print_json
    from talkoot.errors import BadInput
    from talkoot.worlds.catalog import family_of, list_worlds, make_world

    console = Console(highlight=False)
    if png is not None and (name is None or family_of(name) != "household"):
        raise BadInput("--png draws the plan of an apartment: name a home, such as household/aspen")
    if png is not None:
        from talkoot.evaluation.picture import FORMATS

        check_target("--png", png, FORMATS)
    if name is None:
        if as_json:
            print_json({"worlds": [dataclasses.asdict(row) for row in list_worlds()]})
        else:
            _list(console)
        return
    from talkoot.worlds.household.world import HouseholdWorld
    from talkoot.worlds.overcooked.world import OvercookedWorld

    world = make_world(name)
    if isinstance(world, HouseholdWorld):
        told = _home(world, console, as_json, png)
    else:
        assert isinstance(world, OvercookedWorld)
        told = _kitchen(world, console, as_json)
    if as_json:
        print_json(told)


def _list(console: Console) -> None:
    from rich.table import Column, Table

    from talkoot.worlds.household.catalog import list_homes
    from talkoot.worlds.overcooked.catalog import list_kitchens

    table = Table(*(Column(head, no_wrap=True) for head in ("kitchen", "size", "rules")), "also known as", box=None)
    for row in list_kitchens():
        names = ", ".join(part for part in row.aliases if part)
        table.add_row(row.name, f"{row.width}x{row.height}", ", ".join(row.rules), names)
    console.print(table)
    console.print("Draw one with [bold]talkoot worlds NAME[/bold]. Options: NAME:rules=new,start=random,talk=on. "
                  "New ones: overcooked/generate:seed=3,size=7x5. Or the path of a layout file.\n")  # fmt: skip
    homes = Table(Column("home", no_wrap=True), "what it is", box=None)
    for home in list_homes():
        homes.add_row(home.name, home.words)
    console.print(homes)
    console.print("[bold]talkoot worlds household/test[/bold] lists episodes, [bold]talkoot worlds "
                  "household/aspen[/bold] draws a plan. Options: NAME:talk=free,limit=100. New ones: "
                  "household/generate:seed=3,plan=star. Or the path of an apartment or task file, or "
                  "household:episodes=FOLDER.")  # fmt: skip


def _kitchen(world: OvercookedWorld, console: Console, as_json: bool) -> dict[str, object]:
    """Draw a kitchen, or tell it as JSON."""
    from talkoot.worlds.overcooked.catalog import draw

    layout, recipes, name = world.layout, world.layout.recipes, world.name
    grid = draw(layout.rows, layout.starts)
    orders = [
        {"onions": onions, "tomatoes": tomatoes, "value": recipes.value(onions, tomatoes),
         "time": recipes.time(onions, tomatoes)}
        for onions, tomatoes in layout.soups(world.rules)
    ]  # fmt: skip
    told = {"world": name, "layout": layout.name, "rows": grid, "rules": world.rules, "horizon": world.horizon,
            "orders": orders}  # fmt: skip
    if as_json:
        return told
    console.print(f"{name}: {layout.width}x{layout.height}, {world.rules} rules, {world.horizon} steps", markup=False)
    for line in grid:
        console.print("  " + line, markup=False)
    console.print("X counter, O onions, T tomatoes, D dishes, P pot, S serving, digits the start cells", markup=False)
    for order in orders:
        console.print(
            f"order: {order['onions']} onions, {order['tomatoes']} tomatoes, "
            f"worth {order['value']}, cooks {order['time']} steps", markup=False)  # fmt: skip
    return told


def _home(world: HouseholdWorld, console: Console, as_json: bool, png: Path | None) -> dict[str, object]:
    """List the episodes of a home; where all are in one apartment, draw its plan before them."""
    from rich.table import Column, Table
    from rich.text import Text

    from talkoot.worlds.household.catalog import SHORT, apartment_in_words
    from talkoot.worlds.household.floor_plan import draw_plan, save_picture
    from talkoot.worlds.household.sets import apartment_names, load_apartment
    from talkoot.worlds.household.words import goal_words

    homes = {task.apartment.name: task.apartment for task in world.tasks}
    shipped = world.name.partition(":")[0].removeprefix("household/")
    if shipped in apartment_names():  # as it is listed, without the things of one of its episodes
        homes = {shipped: load_apartment(shipped)}
    tasks = [
        {
            "seed": seed,
            "task": task.name,
            "activity": task.activity,
            "goal": goal_words(task.goals),
            "apartment": task.apartment.name,
            "starts": [task.apartment.rooms[start.room].name for start in task.starts],
            "limit": task.limit,
        }
        for seed, task in enumerate(world.tasks)
    ]
    told: dict[str, object] = {"world": world.name, "tasks": tasks, "apartments": list(homes)}
    one = next(iter(homes.values())) if len(homes) == 1 else None
    if png is not None:
        from talkoot.errors import BadInput

        if one is None:
            raise BadInput(f"--png draws one apartment, {world.name} has {len(homes)}; name one of "
                           f"{', '.join(f'household/{home}' for home in homes)}")  # fmt: skip
        save_picture(one, png)
        told["picture"] = str(png)
    if one is not None:
        plan, legend = draw_plan(one)
        told |= {"plan": plan, "legend": legend, "size": apartment_in_words(one)}
    if as_json:
        return told
    if one is not None:
        console.print(f"{one.name}: {told['size']}", markup=False)
        for line in plan:
            console.print(Text("  " + line, no_wrap=True, overflow="ignore"), soft_wrap=True)
        console.print("; ".join(legend), markup=False)
        console.print("# wall, = door; capital letters: containers that are searched\n", markup=False)
    table = Table(Column("seed", justify="right"), "activity", "to find and put", "apartment",
                  Column("starts", no_wrap=True), box=None)  # fmt: skip
    words = {code: short for short, code in SHORT.items()}
    for each in tasks:
        goal = str(each["goal"]).removeprefix("Find and put ")
        starts = ", ".join(str(room) for room in each["starts"])  # type: ignore[attr-defined]
        activity = words.get(str(each["activity"]), str(each["activity"]))
        table.add_row(str(each["seed"]), activity, Text(goal), str(each["apartment"]), starts)
    console.print(f"{world.name}: {len(tasks)} episodes, {world.limit} steps each at most", markup=False)
    console.print(table)
    if png is not None:
        console.print(f"picture: {png}", markup=False, soft_wrap=True)
    return told
