"""`talkoot judge pipeline`: StepWiser from nothing to a table, on one machine."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer


def command(
    preset: Annotated[str, typer.Option(help="smoke (minutes), cpu (a laptop), gpu (word problems)")] = "cpu",
    seed: Annotated[int, typer.Option(help="seed of problems, weights and draws")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="the run's folder; the same command goes on where it stopped")
    ] = None,
    ablations: Annotated[bool, typer.Option(help="train all rows, not only the main ones")] = False,
    jobs: Annotated[int, typer.Option(min=0, help="rows trained at the same time; 0: one a core, at most 4")] = 0,
    json: Annotated[
        bool, typer.Option("--json", help="print one JSON object: each stage's figures and seconds")
    ] = False,
) -> None:
    """Train a policy, roll out and label its chunks, train judges on the labels in several ways, and use the best."""
    from rich import box
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Table

    from talkoot.cli import print_json
    from talkoot.errors import BadInput
    from talkoot.judging.pipeline.presets import preset as preset_named
    from talkoot.judging.pipeline.table import tables

    sizes = preset_named(preset)
    if missing := [package for package in ("torch", "safetensors") if find_spec(package) is None]:
        raise BadInput(f"judge pipeline needs {', '.join(missing)}; run: pip install 'talkoot[judging]'")
    # Threads that wait by spinning cost more than they bring wherever something else runs, too.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("KMP_BLOCKTIME", "0")
    from talkoot.judging.pipeline import run_pipeline

    folder = out or Path(f"runs/judge-{preset}-{seed}")
    errors = Console(stderr=True)
    columns = (TextColumn("{task.description:>8}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=errors, disable=json) as bar:
        tasks: dict[str, int] = {}

        def say(stage: str, share: float) -> None:
            stage = stage.split("/")[0].removesuffix("-plain").removesuffix("-at-once")
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=1.0)
            bar.update(tasks[stage], completed=share)  # type: ignore[arg-type]

        told = run_pipeline(sizes, seed=seed, out=folder, ablations=ablations, jobs=jobs, say=say)
    if json:
        print_json(told)
        return
    console = Console()
    for title, heads, rows in tables(told):
        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
        for i, head in enumerate(heads):
            table.add_column(head, justify="left" if not i else "right", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    console.print(
        f"{folder}: models, rollouts and figures of every stage; the judge is tiny/{folder}/judges/stepwiser",
        soft_wrap=True,
    )
