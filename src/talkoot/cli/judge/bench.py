"""`talkoot judge bench`: a judge, or given predictions, against ProcessBench or PRMBench."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from talkoot.judging.benchmarks.predicting import Key, Prediction

BENCHMARKS = ("processbench", "prmbench")


def command(
    benchmark: Annotated[str, typer.Argument(help="processbench or prmbench.")],
    files: Annotated[list[Path], typer.Argument(help="Files of that benchmark, JSON or JSON lines, also .gz: each is a "
                                                "subset, named by its file.")],
    judge: Annotated[str | None, typer.Option(help="The judge: NAME@URL, hf/FOLDER, tiny/FOLDER or rulebook, options "
                                                "behind a comma, such as NAME@URL,votes=8.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="A file of predictions to score without a judge: JSON lines "
                                                     'or a list of {"id": ..., "prediction": index of the first wrong '
                                                     'step, -1 for none}, or {ID: PREDICTION}; prmbench needs "good" '
                                                     'or "scores", one for each step.')] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many items of each file, at random.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seeds that draw, the intervals and a judge's votes.")] = 0,
    threshold: Annotated[float | None, typer.Option(help="Judge by scores: a step is bad whose score is below this. "
                                                    "Tune it on one subset and report another.")] = None,
    all_steps: Annotated[bool, typer.Option("--all-steps", help="Judge also the steps after the first bad one, so that "
                                            "scores of all are kept (prmbench always does).")] = False,
    batch: Annotated[int, typer.Option(min=1, help="Steps that the judge is given at a time.")] = 64,
    out: Annotated[Path | None, typer.Option(help="Where the judge's predictions are kept, JSON lines; by default a "
                                             "file in runs/ that depends on what is asked.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output, with shares from 0 to 1 "
                                          "where the tables show percent.")] = False,
) -> None:  # fmt: skip
    """Score a step judge by the official metric: the first step it calls bad is its prediction.

    Stopped or killed, the same command goes on where it stopped.
    """
    from math import isfinite

    from rich.console import Console

    from talkoot.cli import check_target, print_json
    from talkoot.errors import BadInput
    from talkoot.judging.benchmarks import prmbench, processbench
    from talkoot.judging.benchmarks.given import given
    from talkoot.judging.benchmarks.reading import stem
    from talkoot.judging.benchmarks.table import prmbench_table, processbench_table

    if benchmark not in BENCHMARKS:
        raise BadInput(f"there is no benchmark {benchmark!r}; there are {' and '.join(BENCHMARKS)}")
    if (judge is None) == (predictions is None):
        raise BadInput("give either --judge NAME, to have the steps judged, or --predictions FILE, to score those")
    if predictions is not None and out is not None:
        raise BadInput("--out keeps what a judge says; with --predictions there is no judge")
    stems = [stem(path) for path in files]
    if twice := sorted({name for name in stems if stems.count(name) > 1}):
        raise BadInput(f"two files are called {twice[0]}; subsets are told apart by the names of their files")
    if threshold is not None and not isfinite(threshold):
        raise BadInput(f"--threshold {threshold} is no number that a score can be below; name a finite one")
    if out is not None:
        check_target("--out", out)
    every = benchmark == "prmbench" or all_steps
    read: Any = prmbench.read_items if benchmark == "prmbench" else processbench.read_items
    subsets = [read(path) for path in files]
    items = [item for subset in subsets for item in subset]
    chosen = [item for number, subset in enumerate(subsets) for item in _drawn(subset, limit, (seed, number))]
    if predictions is not None:
        found = given(predictions, items, chosen, threshold=threshold, every=benchmark == "prmbench")
        title, kept = f"predictions of {predictions}", None
    else:
        settings = {"benchmark": benchmark, "judge": judge, "threshold": threshold, "every": every, "seed": seed}
        kept = out or _default(settings, files)
        found = _judged(chosen, settings, kept, batch)
        title = f"judge {judge}" + (f", threshold {threshold:g}" if threshold is not None else "")
    result: dict[str, Any] = {"benchmark": benchmark, "judge": judge, "threshold": threshold, "seed": seed}
    result |= {"predictions": str(predictions or kept), "limit": limit}
    console = Console(highlight=False)
    if benchmark == "prmbench":
        classes, total = prmbench.score(chosen, found, seed=seed)
        result |= {"classes": {name: row.to_json() for name, row in classes.items()}, "all": total.to_json()}
        shown = prmbench_table(classes, total, width=console.width, title=title)
    else:
        rows, average = processbench.score(chosen, found, seed=seed)
        result |= {"subsets": {name: row.to_json() for name, row in rows.items()}, "average": average.to_json()}
        shown = processbench_table(rows, average, width=console.width, title=title)
    if as_json:
        print_json(result)
        return
    console.print(shown)
    if kept is not None:
        Console(stderr=True, highlight=False).print(f"\npredictions: {kept}", markup=False, soft_wrap=True)


def _judged(chosen: Sequence[Any], settings: dict[str, Any], kept: Path, batch: int) -> dict[Key, Prediction]:
    """The judge's predictions, those in the file first; interrupted, it says how far it came."""
    import asyncio

    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from talkoot.errors import ModelFailed, Stopped
    from talkoot.judging.benchmarks.predicting import Journal, key_of, predict
    from talkoot.judging.named import open_judge

    judge = open_judge(settings["judge"], seed=settings["seed"])
    tell = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[now]}"),
               TimeElapsedColumn(), TimeRemainingColumn())  # fmt: skip
    with Journal(kept, settings | {"model": judge.name}) as journal:
        found = dict(journal.known(chosen))
        with Progress(*columns, console=tell, transient=True, disable=not tell.is_terminal) as progress:
            bar = progress.add_task("items", total=len(chosen), completed=len(found), now="")

            def done(item: Any, one: Prediction) -> None:
                found[key_of(item)] = one
                step = "all right" if one.prediction == -1 else f"step {one.prediction}"
                progress.update(bar, advance=1, now=f"{item.subset} {item.id}: {step}".replace("[", "("))

            try:
                asyncio.run(predict(chosen, judge, journal=journal, threshold=settings["threshold"],
                                    every=settings["every"], batch=batch, done=done))  # fmt: skip
            except KeyboardInterrupt:
                raise Stopped(f"stopped after {len(found)} of {len(chosen)} items; they are in {kept}, and the same "
                              "command goes on from there") from None  # fmt: skip
            except ModelFailed as error:
                error.args = (f"{error}; {len(found)} of {len(chosen)} items are done and in {kept}, and the same "
                              "command goes on from there",)  # fmt: skip
                raise
    return found


def _drawn(items: Sequence[Any], limit: int | None, seed: tuple[int, int]) -> list[Any]:
    """At most `limit` items, in the order of the file. A larger limit with the same seed keeps those of a smaller."""
    import numpy as np

    if limit is None or limit >= len(items):
        return list(items)
    order = np.random.default_rng(seed).permutation(len(items))
    return [items[number] for number in sorted(order[:limit])]


def _default(settings: dict[str, Any], files: Sequence[Path]) -> Path:
    """A file that the same question finds again, with more items or fewer."""
    import hashlib
    from json import dumps

    asked = [settings, sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)]
    return Path("runs") / f"judge-bench-{hashlib.sha256(dumps(asked).encode()).hexdigest()[:10]}.jsonl"
