"""`talkoot eval`: teams x worlds x seat orders x seeds, as a table, JSON, CSV and a picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from talkoot.cli.teams import AGENTS


def command(
    worlds: Annotated[list[str], typer.Argument(metavar="WORLD...", help="Worlds to play in, such as cramped_room or "
                                                "household/test.")],
    team: Annotated[list[str], typer.Option(help="A team, such as proagent+greedy; repeat for more, or join them with "
                                            "commas. One agent alone leaves the other seat empty. " + AGENTS)],
    seeds: Annotated[str | None, typer.Option(help="Seeds, half open: 0:10, or 3, or 0:4,7. By default 0:10, and all "
                                              "episodes of a world that is a set of them.")] = None,
    episodes: Annotated[Path | None, typer.Option(help="A folder of recorded episodes: WORLD household begins where "
                                                  "these do.")] = None,
    reference: Annotated[bool, typer.Option(help="In homes, also play mhp alone where it is no team asked for: "
                                            "efficiency is measured against it.")] = True,
    model: Annotated[str, typer.Option(help="The model: rulebook, recorded/FILE, hf/FOLDER or NAME@URL.")] = "rulebook",
    run: Annotated[Path | None, typer.Option(help="The run folder; by default one that depends on what is asked, so "
                                             "that the same command goes on where it stopped.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0: one for each processor, and a single one "
                                         "for hf/ models. A budget needs a single one.")] = 0,
    cache: Annotated[Path | None, typer.Option(help="A file of replies: what it holds is not asked again.")] = None,
    max_calls: Annotated[int | None, typer.Option(min=0, help="Stop cleanly after so many calls; where "
                         "several models are named, of each.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=0, help="Stop cleanly after so many tokens; where "
                         "several models are named, of each.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a server has for one reply.")] = 60.0,
    concurrency: Annotated[int, typer.Option(min=1, help="Episodes under way at once with a server; each seat can "
                                       "have one request there.")
                           ] = 64,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the table.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write the rows to this CSV file as well.")] = None,
    png: Annotated[Path | None, typer.Option(help="Draw the rows into this PNG, SVG or PDF file as well.")] = None,
) -> None:  # fmt: skip
    """Play every team in every world, in both seat orders, with every seed; tell means with their uncertainty.

    Homes tell steps, success, efficiency against mhp alone, messages and their cost, and the paper's figures.

    Stopped, killed or out of budget, the same command goes on where it stopped.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from talkoot.agents.catalog import split_teams
    from talkoot.cli import check_target, explain, print_json
    from talkoot.errors import BudgetSpent, ModelFailed, Stopped, TalkootError
    from talkoot.evaluation.grid import Models, evaluate, outcomes_of
    from talkoot.evaluation.job import Grid, Job, jobs_of, parse_seeds, reference_jobs
    from talkoot.evaluation.outcome import Outcome
    from talkoot.evaluation.picture import FORMATS, draw
    from talkoot.evaluation.report import table, write_csv
    from talkoot.evaluation.rows import rows_of

    if csv is not None:
        check_target("--csv", csv)
    if png is not None:
        check_target("--png", png, FORMATS)
    places = tuple(dict.fromkeys(_started(worlds, episodes)))
    teams = tuple(dict.fromkeys(each for typed in team for each in split_teams(typed) or [typed]))
    grid = Grid(places, teams, parse_seeds(seeds) if seeds is not None else None, model)
    folder = run or grid.folder()
    jobs = jobs_of(grid)
    beside = reference_jobs(grid) if reference else []
    tell = Console(stderr=True, highlight=False)
    outcomes: dict[Job, Outcome] = {}
    trouble: TalkootError | None = None
    code = 0
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[score]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=tell, transient=True) as progress:
        bar = progress.add_task("episodes", total=len(jobs) + len(beside), score="")

        def done(job: Job, outcome: Outcome) -> None:
            outcomes[job] = outcome
            alike = [other for at, other in outcomes.items() if (at.world, at.team) == (job.world, job.team)]
            mine = [float(other.score if other.success is None else other.steps) for other in alike]
            score = f"{job.world} {job.team} {sum(mine) / len(mine):.0f} ({len(mine)})".replace("[", "(")
            progress.update(bar, advance=1, score=score)

        models = Models(cache, max_calls, max_tokens, 2 * concurrency, timeout)
        try:
            if not workers:  # a checkpoint would be loaded by each process and computed with all processors by each
                workers = 1 if grid.local else _processors(len(jobs) + len(beside), 16 if grid.remote else 2)
            evaluate(grid, folder, models, workers=workers, at_once=concurrency, reference=reference, done=done)
        except (BudgetSpent, ModelFailed) as error:
            trouble, code = error, error.exit_code
        except KeyboardInterrupt:
            trouble = Stopped("stopped; the same command goes on from here")
            code = trouble.exit_code

    if trouble is not None:  # what workers finished in the last moment is on disk, but nobody told us
        outcomes = outcomes_of(grid, folder)
    rows = rows_of(jobs, outcomes)
    played = sum(job in outcomes for job in jobs)
    compared = sum(job in outcomes for job in beside)
    if json:
        result = {
            "rows": rows,
            "run": str(folder),
            "model": model,
            "seeds": list(dict.fromkeys(job.seed for job in jobs)),
            "episodes": played,
            "complete": played == len(jobs) and compared == len(beside),
        }
        if beside:
            result["reference"] = {"team": beside[0].team, "episodes": compared, "missing": len(beside) - compared}
        print_json(result | ({"error": str(trouble)} if trouble else {}))
    else:
        out = Console(highlight=False)
        out.print(table(rows, width=out.width, title=f"{played} episodes, model {model}"))
        if beside:
            out.print(f"[dim]{compared} of {len(beside)} episodes of {beside[0].team} alone, in the same run folder, "
                      "are what EI compares with[/dim]")  # fmt: skip
        tell.print(f"\nrun folder: {folder}\nreplay:     talkoot replay {folder}", markup=False, soft_wrap=True)
    try:
        if csv is not None:
            write_csv(rows, csv)
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


def _started(worlds: list[str], episodes: Path | None) -> list[str]:
    """The worlds with the folder of recorded episodes, if there is one, as an option of `household`."""
    from talkoot.errors import BadInput

    if episodes is None:
        return worlds
    if any(world.partition(":")[0] != "household" for world in worlds):
        raise BadInput(f"--episodes {episodes} tells where episodes begin: the only WORLD with it is household, not "
                       f"{', '.join(worlds)}")  # fmt: skip
    return [f"{world}{',' if ':' in world else ':'}episodes={episodes}" for world in worlds]


def _processors(jobs: int, each: int) -> int:
    """As many processes as there are processors for us, but none with so few jobs that it hardly outlives its start."""
    return max(1, min(len(os.sched_getaffinity(0)), jobs // each))
