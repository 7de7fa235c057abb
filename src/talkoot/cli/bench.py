"""`talkoot bench`: how fast the simulators are on this machine."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    what: Annotated[str, typer.Argument(help="What to measure: overcooked.")] = "overcooked",
    layout: Annotated[str, typer.Option(help="The kitchen.")] = "cramped_room",
    repeats: Annotated[int, typer.Option(min=1, help="The best of so many runs counts.")] = 5,
    steps: Annotated[int, typer.Option(min=1, help="Environment steps of one run.")] = 4_000_000,
    worlds: Annotated[int, typer.Option(min=1, help="Kitchens that are stepped at once.")] = 1024,
    peers: Annotated[bool, typer.Option(help="Also time overcooked_ai and JaxMARL, where installed.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Measure steps a second on one pinned core, random actions, rewards and resets included, best of five."""
    from rich.console import Console
    from rich.table import Table

    from talkoot.cli import print_json
    from talkoot.errors import BadInput
    from talkoot.worlds.overcooked.speed import measure, peers_to_stderr

    if what != "overcooked":
        raise BadInput(f"there is no benchmark {what!r}; known is overcooked")
    with peers_to_stderr():
        result = measure(layout, worlds=worlds, steps=steps, repeats=repeats, peers=peers)
    if as_json:
        print_json(result)
        return
    table = Table("measure", "value")
    for key, value in result.items():
        table.add_row(key, f"{value:,}" if isinstance(value, int | float) else str(value))
    Console().print(table)
