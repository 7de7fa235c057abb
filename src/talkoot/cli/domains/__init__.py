"""`talkoot domains`: the planning domains that come along, and the tools to write one of your own."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import typer

group = typer.Typer(
    help="Planning domains as folders (packs): list, check and start them, generate instances.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
group.callback()(lambda: None)
for _module in iter_modules(__path__):  # one file per command
    group.command(_module.name)(import_module(f"{__name__}.{_module.name}").command)
