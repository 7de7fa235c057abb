"""`talkoot models`: which kinds of models there are, and what a given one can do."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    names: Annotated[list[str] | None, typer.Argument(help="Models to try, such as NAME@URL.")] = None,
    parallel: Annotated[int, typer.Option(min=1, help="Calls to try at once.")] = 8,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for one answer.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> int:
    """Try models and say what they can do; without a name, list the kinds of names. Exit 0 only if all are usable.

    Trying a server takes about 20 short calls. Its key comes from TALKOOT_API_KEY, else OPENAI_API_KEY.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from talkoot.cli import print_json
    from talkoot.models import KINDS

    console = Console(highlight=False)
    if not names:
        if as_json:
            print_json({"kinds": KINDS})
            return 0
        for kind, what in KINDS.items():
            console.print(f"[bold]{escape(kind)}[/bold]\n  {escape(what)}")
        return 0

    from dataclasses import asdict

    from talkoot.episode import run_sync
    from talkoot.errors import ModelFailed
    from talkoot.models.probe import probe

    messages = Console(stderr=True, highlight=False)
    found = []
    for name in names:
        with messages.status(f"trying {escape(name)}"):
            findings = run_sync(probe(name, parallel=parallel, timeout=timeout))
        found.append(findings)
        if findings.problem:
            messages.print(findings.problem, markup=False, soft_wrap=True)
        if as_json:
            continue
        console.print(f"[bold]{escape(name)}[/bold]: {'usable' if findings.usable else 'not usable'}")
        table = Table(box=None, show_header=False, padding=(0, 1))
        for fact, value in findings.facts.items():
            table.add_row(f" {fact.replace('_', ' ')}", escape(_tell(value)))
        if findings.facts:
            console.print(table)
    if as_json:
        print_json({"models": [asdict(findings) for findings in found]})
    return 0 if all(findings.usable for findings in found) else ModelFailed.exit_code


def _tell(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "could not be seen"}[value]
    if isinstance(value, dict):
        return ", ".join(f"{key}: {count}" for key, count in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return str(value)
