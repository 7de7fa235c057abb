"""`talkoot plan`: a task in plain language to a checked plan, and the single steps of that as commands of their own."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from talkoot.errors import BadInput

if TYPE_CHECKING:
    from talkoot.planning.packs.pack import Pack
    from talkoot.planning.pddl.domain import Domain


def text_of(path: Path, what: str = "a PDDL file") -> str:
    """The text of a file or a pipe; bytes that are no UTF-8 become a mark that the reader reports where it matters.

    Raises BadInput if there is none.
    """
    if path.is_dir() or not path.exists():
        raise BadInput(f"{path} is {'a folder' if path.is_dir() else 'no file'}; name {what}")
    return path.read_bytes().decode("utf-8", "replace")


def domain_of(path: Path) -> tuple[Domain, Pack | None]:
    """The domain of a PDDL file or a pipe, or of the domain pack of that name or folder, then with the pack.

    Raises BadInput if there is none, FaultyPddl if it cannot be used.
    """
    from talkoot.planning.packs.pack import list_packs, load_pack
    from talkoot.planning.pddl.reader import load_domain

    if path.is_dir() or (str(path) in list_packs() and not path.exists()):
        pack = load_pack(str(path))
        return pack.domain, pack
    if not path.exists():
        raise BadInput(f"there is no file {path}, and no domain of that name; name a PDDL file, the folder of a domain "
                       f"pack, or one of {', '.join(list_packs())}")  # fmt: skip
    return load_domain(text_of(path), str(path)), None


class TaskFirst(TyperGroup):
    """A group in which everything that is not the name of a command is meant for the command `task`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `task` in front where no command is named: `talkoot plan "TEXT"`, `talkoot plan --example`."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["task", *args]
        return super().parse_args(ctx, args)


group = typer.Typer(
    cls=TaskFirst,
    help='Plan a task told in plain language: talkoot plan "TEXT" --domain NAME. See talkoot plan task --help.',
    no_args_is_help=True,
    rich_markup_mode="rich",
)
group.callback()(lambda: None)  # with a callback, a lone command keeps its name
for _module in iter_modules(__path__):  # one file per command
    group.command(_module.name)(import_module(f"{__name__}.{_module.name}").command)
