"""`talkoot sentiment`: Co-SA and its rivals end to end. One file per command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from talkoot.sentiment.learner import Say
    from talkoot.sentiment.samples import Folds

group = typer.Typer(
    help="Multimodal sentiment: train models whose modalities learn how much to count, compare them, put them to use.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
group.callback()(lambda: None)


def need(*packages: str) -> None:
    """Raises BadInput where packages are not installed."""
    from talkoot.errors import BadInput

    if missing := [package for package in packages if find_spec(package) is None]:
        raise BadInput(f"this command needs {', '.join(missing)}; run: pip install 'talkoot[sentiment]'")


def folds_of(data: str, split: str, modalities: str, task: str) -> Folds:
    """The data that options name; what had to be mended in them is told on standard error. Raises BadInput if they are
    for another task."""
    from rich.console import Console

    from talkoot.errors import BadInput
    from talkoot.sentiment.open_data import open_data
    from talkoot.sentiment.readers.arrays import mended
    from talkoot.sentiment.readers.plain import present

    if task not in ("", "regression", "classification"):
        raise BadInput(f"--task is regression or classification, not {task!r}")
    folds = open_data(data, split=split, modalities=tuple(filter(None, modalities.split(","))))
    if task and folds.train.task.kind != task:
        raise BadInput(f"{data} is for {folds.train.task.kind}, not for {task}; leave --task out, or take other data")
    for fold, samples in present(folds).items():
        for word in mended(samples.source):
            Console(stderr=True, highlight=False).print(f"note: {fold}, {word}", markup=False, soft_wrap=True)
    return folds


@contextmanager
def progress(hidden: bool) -> Iterator[Say]:
    """Shows on standard error how far it is."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.percentage:3.0f} %"), TimeElapsedColumn(),
               TextColumn("{task.description}"))  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), disable=hidden, transient=True) as bars:
        bar = bars.add_task("", total=1.0)

        def say(share: float, word: str) -> None:
            bars.update(bar, completed=share, description=escape(word))

        yield say


for _module in iter_modules(__path__):  # one file per command
    group.command(_module.name)(import_module(f"{__name__}.{_module.name}").command)
