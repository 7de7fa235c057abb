"""`talkoot plan`: a task in plain language to a checked plan, and the single steps of that as commands of their own."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import typer
from typer.core import TyperGroup


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
