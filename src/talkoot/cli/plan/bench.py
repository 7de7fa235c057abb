"""`talkoot plan bench`: the paper's methods and ours on many tasks, or recorded replies turned into plans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from talkoot.errors import TalkootError


def command(
    methods: Annotated[str, typer.Option(help="Methods, with commas between them: llmp, llmp_compact (ours), "
                                         "llmp_faithful, llmp_no_context, llm_plan, llm_plan_context, step_by_step, "
                                         "tree_of_thoughts; or all.")] = "llmp,llmp_faithful",
    domains: Annotated[str, typer.Option(help="Names or folders of domains; by default all that come along, or all of "
                                         "the file of tasks.")] = "",
    tasks: Annotated[list[str] | None, typer.Option(help="How many tasks of each domain, by default 5; or a file of "
                                                    "tasks, such as tasks.jsonl.gz, to take instead of generated "
                                                    "ones; or both, each with its own --tasks.")] = None,
    size: Annotated[int, typer.Option(min=1, help="The size of generated tasks.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the first generated task.")] = 0,
    model: Annotated[str, typer.Option(help="The model: rulebook, recorded/FILE, hf/FOLDER or NAME@URL.")] = "rulebook",
    run: Annotated[Path | None, typer.Option(help="The run folder; by default one that depends on what is asked, so "
                                             "that the same command goes on where it stopped.")] = None,
    time: Annotated[float, typer.Option(min=0.1, help="Seconds that the planner has for a problem.")] = 60.0,
    improve: Annotated[float, typer.Option(min=0, help="Seconds beyond that for cheaper plans.")] = 10.0,
    rounds: Annotated[int, typer.Option(min=0, help="Rounds of repair by the model (llmp).")] = 2,
    expansions: Annotated[int, typer.Option(min=1, help="Nodes that a tree of thoughts expands at most.")] = 20,
    calls: Annotated[int, typer.Option(min=1, help="Calls that a tree of thoughts makes at most.")] = 200,
    wall: Annotated[float | None, typer.Option(min=0.1, help="Seconds by the clock that a tree of thoughts has; "
                                               "the paper gives it 200.")] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Worker processes; 0: one for each processor.")] = 0,
    concurrency: Annotated[int, typer.Option(min=1, help="Tasks under way at once with a server.")] = 8,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a server has for one reply.")] = 120.0,
    max_calls: Annotated[int | None, typer.Option(min=0, help="Stop cleanly after so many calls.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=0, help="Stop cleanly after so many tokens.")] = None,
    png: Annotated[Path | None, typer.Option(help="Draw the rows into this PNG, SVG or PDF file as well.")] = None,
    replies: Annotated[Path | None, typer.Option(help="A file of recorded replies, such as replies.jsonl.gz: no model "
                                                 "is called, each reply is completed, checked and planned.")] = None,
    out: Annotated[Path | None, typer.Option(help="With --replies: the folder for what becomes of each reply.")] = None,
    packs: Annotated[Path | None, typer.Option(help="With --replies: a domain pack of your own, or a folder of such, "
                                               "known besides those that come along.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the table.")] = False,
) -> None:  # fmt: skip
    """Compare planning methods on many tasks, or, with --replies, turn recorded replies into plans without any model.

    Stopped or killed, the same command goes on where it stopped.
    """
    from talkoot.errors import BadInput

    count, file = _tasks(tasks or [])
    if replies is not None or out is not None:
        if replies is None or out is None or file is None:
            raise BadInput("recorded replies need all of --replies FILE, --tasks FILE and --out FOLDER")
        if count is not None:
            raise BadInput("--tasks with a number makes no sense with --replies: every reply is worked on")
        _replies(replies, file, out, time, jobs, packs, json)
        return
    if packs is not None:
        raise BadInput("--packs goes with --replies; without them name the folders of your packs with --domains")
    from talkoot.planning.comparison.methods import METHODS, Limits
    from talkoot.planning.comparison.tot import Bounds

    names = list(METHODS) if methods == "all" else _listed(methods)
    limits = Limits(time, improve, rounds, Bounds(expansions=expansions, calls=calls, wall=wall))
    asked = {"kind": "plan bench", "model": model, "time": time, "improve": improve, "rounds": rounds,
             "expansions": expansions, "calls": calls, "wall": wall, "file": None}  # fmt: skip
    if file is not None:
        from talkoot.planning.comparison.bench import recorded_tasks

        found = recorded_tasks(file, _listed(domains), count)
        asked["file"] = _digest(file)
    else:
        from talkoot.planning.comparison.bench import generated_tasks

        found = generated_tasks(_listed(domains), 5 if count is None else count, size, seed)
    from talkoot.planning.comparison.bench import cells_of

    cells = cells_of(names, found, model, limits)
    budget = {"calls": max_calls, "tokens": max_tokens, "timeout": timeout}
    _compare(cells, asked, run, jobs, concurrency, budget, png, json)


def _compare(
    cells: list[Any],
    asked: dict[str, Any],
    folder: Path | None,
    jobs: int,
    concurrency: int,
    budget: dict[str, Any],
    png: Path | None,
    as_json: bool,
) -> None:
    import hashlib
    from functools import partial
    from json import dumps

    from rich.console import Console

    from talkoot import __version__
    from talkoot.cli import check_target, explain, print_json
    from talkoot.errors import BudgetSpent, ModelFailed, Stopped
    from talkoot.evaluation.grid import Models
    from talkoot.evaluation.statistics import wilson
    from talkoot.evaluation.workers import map_jobs
    from talkoot.planning.comparison.bench import SCORED_KEYS, Cell, Scored, rows_of, work
    from talkoot.planning.comparison.ledger import Ledger
    from talkoot.planning.comparison.table import FORMATS, draw, table
    from talkoot.run import Run

    if png is not None:
        check_target("--png", png, FORMATS)
    model = asked["model"]
    remote, local = "@" in model, model.startswith("hf/")
    if folder is None:
        folder = Path("runs") / f"plan-bench-{hashlib.sha256(dumps([__version__, asked]).encode()).hexdigest()[:10]}"
    bounded = budget["calls"] is not None or budget["tokens"] is not None
    processes = 1 if bounded or local else jobs or _processors()
    cache = folder / "replies.jsonl" if remote or local else None
    known: dict[tuple[str, str, str], Scored] = {}
    trouble: TalkootError | None = None
    tell = Console(stderr=True, highlight=False)
    with Run.open(folder, asked), Ledger(folder / "cells.jsonl", SCORED_KEYS) as ledger, _bar(tell) as progress:
        for row in ledger.rows:
            one = Scored(**{key: row[key] for key in SCORED_KEYS})
            known[one.method, one.domain, one.task] = one
        missing = [cell for cell in cells if cell.key not in known]
        bar = progress.add_task("cells", total=len(cells), completed=len(cells) - len(missing), now="")

        def done(cell: Cell, one: Scored) -> None:
            ledger.append(one.to_json())
            known[cell.key] = one
            progress.update(bar, advance=1, now=f"{one.method} {one.domain}/{one.task}: {_told(one)}")

        processes = max(1, min(processes, len(missing)))
        models = Models(cache, budget["calls"], budget["tokens"], -(-concurrency // processes), budget["timeout"])
        try:
            at_once = -(-concurrency // processes) if remote else 1
            map_jobs(partial(work, models), missing, processes=processes, at_once=at_once, done=done)
        except (BudgetSpent, ModelFailed) as error:
            trouble = error
        except KeyboardInterrupt:
            trouble = Stopped("stopped; the same command goes on from here")
    rows = rows_of(cells, known)
    for row in rows:
        row["success_ci95"] = list(wilson(row["success"], row["n"])) if row["n"] else None
    complete = all(cell.key in known for cell in cells)
    if as_json:
        result = {"rows": rows, "run": str(folder), "model": model, "cells": len(cells), "complete": complete}
        print_json(result | _paper(rows) | ({"error": str(trouble)} if trouble else {}))
    else:
        console = Console(highlight=False)
        what = " (no language model: rules with a planner inside)" if model.startswith("rulebook") else ""
        console.print(table(rows, width=console.width, title=f"model {model}{what}"))
        tell.print(f"\nrun folder: {folder}", markup=False, soft_wrap=True)
    code = trouble.exit_code if trouble is not None else 0
    try:
        if png is not None:
            draw(rows, png)
    except OSError as error:  # the one JSON object is printed, so this is told beside it
        message, exit_code = explain(error)
        tell.print(f"talkoot: {message}", markup=False, soft_wrap=True)
        code = code or exit_code
    if trouble is not None:
        tell.print(f"talkoot: {trouble}", markup=False, soft_wrap=True)
    if code:
        raise typer.Exit(code)


def _replies(replies: Path, tasks: Path, out: Path, time: float, jobs: int, packs: Path | None, as_json: bool) -> None:
    from rich.console import Console

    from talkoot.cli import print_json
    from talkoot.errors import BadInput, Stopped
    from talkoot.evaluation.workers import WorkerDied, map_jobs
    from talkoot.lock import held
    from talkoot.planning.comparison.ledger import Ledger
    from talkoot.planning.comparison.recorded import (
        DONE_KEYS,
        ReplyDone,
        ReplyJob,
        finished,
        jobs_of,
        process_job,
        summary,
    )

    tell = Console(stderr=True, highlight=False)
    found = jobs_of(tasks, replies, out, time, packs)
    for what, names in (("tasks without a reply", found.missing), ("replies to unknown tasks", found.unknown),
                        ("lines that came again, of which the first counts", found.duplicates)):  # fmt: skip
        if names:
            tell.print(f"talkoot: {len(names)} {what}: {', '.join(names[:10])}{' ...' * (len(names) > 10)}",
                       markup=False, soft_wrap=True)  # fmt: skip
    if not found.jobs:
        raise BadInput(f"{replies} holds no reply to any task of {tasks}; name two files that belong together")
    trouble: TalkootError | None = None
    with held(out), Ledger(out / "done.jsonl", DONE_KEYS) as ledger, _bar(tell) as progress:
        known = finished(ledger, found.jobs)
        missing = [job for job in found.jobs if job not in known]
        bar = progress.add_task("replies", total=len(found.jobs), completed=len(known), now="")

        def done(job: ReplyJob, one: ReplyDone) -> None:
            ledger.append(one.to_json())
            known[job] = one
            now = f"{one.domain}/{one.task}: {one.status.splitlines()[0][:40]}{', flagged' * one.flagged}"
            progress.update(bar, advance=1, now=now.replace("[", "("))

        try:
            map_jobs(process_job, missing, processes=max(1, min(jobs or _processors(), len(missing))), done=done)
        except WorkerDied as error:
            trouble = error
        except KeyboardInterrupt:
            trouble = Stopped("stopped; the same command goes on from here")
    counts = summary(found.jobs, known)
    counts |= {"out": str(out), "missing": found.missing, "unknown": found.unknown, "duplicates": found.duplicates}
    failed = [f"{one.domain}/{one.task}: {one.status}" for one in known.values() if one.failed]
    for line in failed:
        tell.print(f"talkoot: {line}", markup=False, soft_wrap=True)
    if as_json:
        print_json(counts | ({"error": str(trouble)} if trouble else {}))
    else:
        _print_counts(counts)
        tell.print(f"\nfolder: {out}", markup=False, soft_wrap=True)
    if trouble is not None:
        tell.print(f"talkoot: {trouble}", markup=False, soft_wrap=True)
        raise typer.Exit(trouble.exit_code)


def _print_counts(counts: dict[str, Any]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table("domain", "replies", "plan claimed", "flagged", "claimed, not flagged", box=box.SIMPLE_HEAD)
    for name, row in [*counts["domains"].items(), ("all", counts)]:
        cells = (row[key] for key in ("total", "claimed", "flagged", "claimed_unflagged"))
        grid.add_row(name, *map(str, cells))
    Console(highlight=False).print(grid)


def _bar(console: Console) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                    TextColumn("{task.fields[now]}"), console=console, transient=True,
                    disable=not console.is_terminal)  # fmt: skip


def _told(one: Any) -> str:
    if one.valid:
        return "right" + (", doubted" if one.doubtful else "")
    return "no plan" if not one.claimed else "wrong, doubted" if one.doubtful else "wrong"


def _paper(rows: list[dict[str, Any]]) -> dict[str, Any]:
    from talkoot.planning.comparison.paper import figure

    figures: dict[str, Any] = {}
    for row in rows:
        if (said := figure(row["method"], row["domain"])) is not None:
            figures.setdefault(row["method"], {})[row["domain"]] = {"optimal": said[0], "correct": said[1]}
    return {"paper": figures}


def _tasks(given: list[str]) -> tuple[int | None, Path | None]:
    """The number of tasks and the file of tasks, where named."""
    from talkoot.errors import BadInput

    numbers = [int(one) for one in given if one.isdecimal()]
    files = [Path(one) for one in given if not one.isdecimal()]
    if len(numbers) > 1 or len(files) > 1 or 0 in numbers:
        raise BadInput(f"--tasks {' '.join(given)}: give one number above 0, one file, or one of each")
    return numbers[0] if numbers else None, files[0] if files else None


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _digest(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()[:20]


def _processors() -> int:
    import os

    return max(1, len(os.sched_getaffinity(0)))
