"""`talkoot domains check`: is a pack right, and would its audit notice a wrong problem?"""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    pack: Annotated[str, typer.Argument(help="A folder, or the name of a domain that comes along.")],
    size: Annotated[list[int] | None, typer.Option(help="Size of the generated instances; may be repeated.")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="Seed of the generated instances; may be repeated.")] = None,
    time: Annotated[float, typer.Option(help="Seconds for solving one instance of each size; 0 solves none.")] = 20.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Check a pack: its files, its rules, its phrases, its example, and instances of its generator.

    Each instance is held against its own words, read back from them, spoiled fact by fact to see whether the audit
    would notice, and solved. Exit code 2 if anything is wrong.
    """
    from rich.console import Console
    from rich.table import Table

    from talkoot.cli import print_json
    from talkoot.errors import BadInput
    from talkoot.planning.packs.check import check_pack

    if time < 0 or any(one < 1 for one in size or ()):
        raise BadInput("--size must be at least 1 and --time not below 0")
    quiet = Console(stderr=True, highlight=False)
    with quiet.status("checking") as status:
        checks = check_pack(
            pack, sizes=tuple(size or (1, 2, 3)), seeds=tuple(seed or (0, 1)), time=time, progress=status.update
        )
    wrong = sum(one.ok is False for one in checks)
    if as_json:
        print_json({"pack": pack, "ok": not wrong, "checks": [one.to_json() for one in checks]})
    else:
        console = Console(highlight=False)
        table = Table("", "check", "found", box=None, padding=(0, 2, 0, 0))
        for one in checks:
            sign = {True: "ok", False: "WRONG", None: "-"}[one.ok]
            place = f"{one.file}: " if one.file and not one.ok else ""
            remedy = f"\n-> {one.remedy}" if one.remedy and not one.ok else ""
            table.add_row(sign, one.name, _plain(place + one.detail + remedy))
        console.print(table)
        told = f"{wrong} of {len(checks)} checks found something wrong" if wrong else "nothing wrong was found"
        console.print(f"{pack}: {told}", markup=False, soft_wrap=True)
    if wrong:
        raise typer.Exit(BadInput.exit_code)


def _plain(text: str) -> str:
    """Text in which a table takes no bracket for markup."""
    from rich.markup import escape

    return escape(text)
