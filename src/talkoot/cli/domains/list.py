"""`talkoot domains list`: which planning domains come along, and what they are about."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """List the planning domains that come with talkoot, with their predicates and actions."""
    from rich.console import Console
    from rich.table import Table

    from talkoot.cli import print_json
    from talkoot.planning.packs.pack import list_packs, load_pack

    packs = [load_pack(name) for name in list_packs()]
    if as_json:
        print_json({"domains": [
            {"name": pack.name, "title": pack.title, "domain": pack.domain.name, "folder": str(pack.folder),
             "predicates": list(pack.domain.predicates), "actions": list(pack.domain.actions)}
            for pack in packs
        ]})  # fmt: skip
        return
    console = Console(highlight=False)
    table = Table("name", "what it is about", "actions", box=None, padding=(0, 2, 0, 0))
    for pack in packs:
        table.add_row(pack.name, pack.title, ", ".join(pack.domain.actions))
    console.print(table)
    console.print("See a task of one with [bold]talkoot domains generate NAME[/bold], write your own with "
                  "[bold]talkoot domains new NAME[/bold].")  # fmt: skip
