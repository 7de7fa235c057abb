"""`talkoot verify`: is our world the recorded one?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from talkoot.errors import BadInput

if TYPE_CHECKING:
    from talkoot.worlds.household.verify import Verdict


def command(
    world: Annotated[str, typer.Argument(help="The world whose rules are checked: overcooked or household.")],
    records: Annotated[
        Path | None,
        typer.Argument(
            help="Overcooked: recorded games (npz, JSON, pickled trials or the overcooked-ai 1.1.0 source package). "
            "Household: a folder of recorded episodes, or one of them."
        ),
    ] = None,
    rules: Annotated[
        str | None, typer.Option(help="Overcooked: override the rules that the file implies: old or new.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Replay records by our rules, and count what comes out as recorded.

    Overcooked: every recorded transition; exit code 0 only if all are exact. Household: every step, observation and
    walk of recorded two-agent episodes; exit code 0 only if 98 % of the steps and all observations are as recorded, and
    90 % of the walks take within one step as long. Without RECORDS, the recorded data are checked.
    """
    if world == "overcooked":
        agree = _overcooked(records, rules, as_json)
    elif world == "household":
        if rules is not None:
            raise BadInput("--rules is for overcooked; the household has one set of rules")
        agree = _household(records, as_json)
    else:
        raise BadInput(f"there are no records to verify {world!r} with; known are overcooked, household")
    if not agree:
        raise typer.Exit(1)


def _overcooked(file: Path | None, rules: str | None, as_json: bool) -> bool:
    from rich.console import Console
    from rich.table import Table

    from talkoot.cli import print_json
    from talkoot.data import data_file

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
    return verdict.exact == verdict.transitions


def _household(folder: Path | None, as_json: bool) -> bool:
    from talkoot.cli import print_json
    from talkoot.data import data_folder
    from talkoot.worlds.household import verify
    from talkoot.worlds.household.records import load_recorded, recorded_files

    if folder is None:
        folder = data_folder("household/episodes")
        if folder is None:
            raise BadInput(
                "the recorded data household/episodes are not at hand; name a folder of recorded episodes, or set "
                "TALKOOT_DATA to the folder that holds 'household'"
            )
    episodes = [load_recorded(path) for path in recorded_files(folder)]
    if not any(episode.run for episode in episodes):
        raise BadInput(f"no episode in {folder} has a recorded run to replay; give one of the recorded test episodes")
    verdict = verify.verify(episodes)
    if as_json:
        print_json(verify.as_json(verdict))
    else:
        _tell(verdict)
    return verdict.total.passed


def _tell(verdict: Verdict) -> None:
    from rich.console import Console
    from rich.table import Table

    from talkoot.worlds.household.verify import OBSERVATIONS_BAR, STEPS_BAR, WALKS_BAR

    console = Console()
    table = Table("episode", "steps", "agree", "views", "agree", "walks", "within 1", "error")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, counts in {**verdict.files, "all": verdict.total}.items():
        error = counts.walk_error
        table.add_row(
            name.removesuffix(".gz").removesuffix(".json"),
            f"{counts.steps:,}", f"{counts.steps_agree:,}", f"{counts.observations:,}",
            f"{counts.observations_agree:,}", f"{counts.walks:,}", f"{counts.walks_within_1:,}",
            "-" if error is None else f"{error:.2f}",
            end_section=name == list(verdict.files)[-1],
        )  # fmt: skip
    console.print(table)
    total = verdict.total
    for what, agree, of, bar in (
        ("steps are as recorded", total.steps_agree, total.steps, STEPS_BAR),
        ("observations are as recorded", total.observations_agree, total.observations, OBSERVATIONS_BAR),
        ("walks take as long within one step", total.walks_within_1, total.walks, WALKS_BAR),
    ):
        share = agree / of if of else 1.0
        met = "" if share >= bar else ", which is too few"
        console.print(
            f"{share:.1%} of {of:,} {what} (at least {bar:.0%} are asked for{met})", highlight=False, soft_wrap=True
        )
    for one in verdict.differences[:10]:
        who = "" if one.seat is None else f", seat {one.seat}"
        console.print(f"  {one.file}, step {one.step}{who}, {one.what}: recorded {one.recorded}, replayed "
                      f"{one.replayed}", markup=False, highlight=False, soft_wrap=True)  # fmt: skip
    if len(verdict.differences) > 10:
        console.print(f"  and {len(verdict.differences) - 10} more differences; --json tells twenty")
