"""`talkoot plan check`: what is wrong with a domain or a problem, where, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from talkoot.planning.faults import Fault
    from talkoot.planning.pddl.domain import Domain
    from talkoot.planning.pddl.reader import Draft


def command(
    domain: Annotated[
        Path,
        typer.Argument(help="The domain: a PDDL file, or the name or folder of a domain pack.", show_default=False),
    ],
    problem: Annotated[Path | None, typer.Argument(help="A PDDL problem, compact form included.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """List all faults of a domain, and of a problem for it, at once; exit code 15 if any is left that code cannot mend.

    A mended fault is one that every talkoot command puts right by itself when it reads the file.
    """
    from rich.console import Console
    from rich.table import Table

    from talkoot.cli import print_json
    from talkoot.cli.plan import text_of
    from talkoot.errors import FaultyPddl
    from talkoot.planning.faults import doubtful
    from talkoot.planning.packs.pack import SHIPPED, list_packs
    from talkoot.planning.pddl.reader import read_domain, read_problem

    if not domain.is_file() and str(domain) in list_packs():
        domain = SHIPPED / domain
    if domain.is_dir():
        domain /= "domain.pddl"
    either = "a PDDL file, or the name or folder of a domain pack"
    schema, faults = read_domain(text_of(domain, either))
    found = [(domain, fault) for fault in faults]
    draft = None
    if problem is not None:
        draft = read_problem(text_of(problem), schema)
        found += [(problem, fault) for fault in draft.faults]
    bad = doubtful([fault for _, fault in found])
    if as_json:
        print_json({"faults": [{**fault.to_json(), "file": str(path)} for path, fault in found], "ok": not bad})
    else:
        console = Console(highlight=False)
        if found:
            table = Table("place", "kind", "what is wrong", "what to do", box=None, padding=(0, 2, 0, 0))
            for path, fault in found:
                place = f"{path.name}:{fault.line}:{fault.column}" if fault.line else path.name
                remedy = f"mended; {fault.remedy}" if fault.mended and fault.remedy else fault.remedy
                table.add_row(place, fault.kind, _plain(fault.message), _plain(remedy or "mended"))
            console.print(table)
        console.print(_summary(schema, draft, found, bad), markup=False)
    if bad:
        raise typer.Exit(FaultyPddl.exit_code)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _summary(schema: Domain, draft: Draft | None, found: list[tuple[Path, Fault]], bad: bool) -> str:
    what = f"domain {schema.name}: {len(schema.predicates)} predicates, {len(schema.actions)} actions"
    if draft is not None:
        problem = draft.problem
        compact = ", written out from the compact form" if draft.compact else ""
        what += f"; problem {problem.name}: {len(problem.objects)} objects, {len(problem.init)} facts{compact}"
    if not found:
        return f"{what}; no faults"
    left = sum(not fault.mended for _, fault in found)
    return f"{what}; {len(found)} faults, {left} of them not mended" if bad else f"{what}; all faults mended"
