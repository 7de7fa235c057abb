"""`talkoot domains new`: begin a domain of your own from a small one that works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer


def command(
    name: Annotated[str, typer.Argument(help="The name of the new domain, such as elevator.")],
    folder: Annotated[Path | None, typer.Option(help="Where to write it; ./NAME unless told otherwise.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Write a commented pack, a van that delivers parcels, to be turned into your own piece by piece.

    It passes `talkoot domains check` as it is; check it again after each change.
    """
    from importlib import resources

    from talkoot.cli import print_json
    from talkoot.errors import BadInput

    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise BadInput(f"{name!r} is no name for a domain; use lower-case letters, digits and dashes, such as elevator")
    target = folder or Path(name)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(f"{target} is there already and not an empty folder; name another with --folder")
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for source in sorted(resources.files(__package__).joinpath("skeleton").iterdir(), key=lambda one: one.name):
        if source.is_file():
            path = target / source.name
            path.write_text(source.read_text(encoding="utf-8").replace("newdomain", name), encoding="utf-8")
            written.append(path.name)
    if as_json:
        print_json({"name": name, "folder": str(target), "files": written})
    else:
        print(
            f"{target}: {', '.join(written)}\nchange them one after the other, and run: talkoot domains check {target}"
        )
