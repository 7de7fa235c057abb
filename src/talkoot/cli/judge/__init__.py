"""`talkoot judge`: StepWiser end to end. One file per command."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import typer

group = typer.Typer(
    help="Step judges: cut reasoning into chunks, label them by rollouts, train judges, put them to use.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
group.callback()(lambda: None)
for _module in iter_modules(__path__):  # one file per command
    group.command(_module.name)(import_module(f"{__name__}.{_module.name}").command)
