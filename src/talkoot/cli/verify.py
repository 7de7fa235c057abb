"""`talkoot verify`: is our game the recorded one?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    world: Annotated[str, typer.Argument(help="The world whose rules are checked: overcooked.")],
    file: Annotated[
        Path | None,
        typer.Argument(help="Recorded games: npz, JSON, pickled trials or the overcooked-ai 1.1.0 source package."),
    ] = None,
    rules: Annotated[str | None, typer.Option(help="Override the rules that the file implies: old or new.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Replay recorded transitions, state by state, and count those that our rules reproduce exactly.

    Without FILE, the recorded data are checked (human_train.npz and small_trajectories.npz). Exit code 0 only if all
    transitions are exact.
    """
    from rich.console import Console
    from rich.table import Table

    from talkoot.cli import print_json
    from talkoot.data import data_file
    from talkoot.errors import BadInput

    if world != "overcooked":
        raise BadInput(f"there are no recorded games to verify {world!r} with; known is overcooked")
    if rules not in (None, "old", "new"):
        raise BadInput(f"unknown rules {rules!r}; known are old, new")
    files = (
        [file] if file else [data_file("overcooked", f"{name}.npz") for name in ("human_train", "small_trajectories")]
    )

    from talkoot.worlds.overcooked import verify
    from talkoot.worlds.overcooked.records import read_recordings

    recordings = [recording for path in files for recording in read_recordings(path, rules)]  # type: ignore[arg-type]
    verdict = verify.verify(recordings)
    if as_json:
        print_json(verify.as_json(verdict))
    else:
        console = Console()
        for source in dict.fromkeys(source for source, _, _ in verdict.counts):
            table = Table("layout", "rules", "trials", "transitions", "exact", title=source, title_justify="left")
            for column in table.columns[2:]:
                column.justify = "right"
            for (file_name, layout, played), (trials, total, exact) in verdict.counts.items():
                if file_name == source:
                    colour = "" if exact == total else "red"
                    table.add_row(layout, played, str(trials), f"{total:,}", f"{exact:,}", style=colour)
            console.print(table)
        console.print(f"{verdict.exact:,} of {verdict.transitions:,} transitions are exact")
        first = verdict.first_difference
        if first:
            console.print(f"first difference: {first['source']}, trial {first['trial']}, row {first['row']} "
                          f"(t = {first['t']}, {first['layout']}, {first['rules']} rules), "
                          f"actions {', '.join(first['actions'])}", markup=False)  # fmt: skip
            for part, values in first["differs"].items():
                console.print(f"  {part}: recorded {values['recorded']}, replayed {values['replayed']}", markup=False)
    if verdict.exact < verdict.transitions:
        raise typer.Exit(1)
