"""Playing a grid: every team in every world, in every seat order, with every seed, job by job into a run folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from talkoot.agent import Agent
from talkoot.agents.human import PERSON
from talkoot.errors import BadInput
from talkoot.evaluation.job import Grid, Job, jobs_of, reference_jobs
from talkoot.evaluation.outcome import Outcome, read_outcome
from talkoot.evaluation.rows import rows_of
from talkoot.evaluation.workers import map_jobs
from talkoot.events import Event, silent
from talkoot.model import Model
from talkoot.run import Keep, Run
from talkoot.types import Json, Seat
from talkoot.world import World


@dataclass
class Models:
    """Opens each model once, so that all episodes of a process share its cache, its budget and its `concurrency`, the
    number of requests under way (each seat of each episode can have one).
    """

    cache: Path | None = None
    calls: int | None = None
    tokens: int | None = None
    concurrency: int = 128
    timeout: float = 60.0
    opened: dict[str, Model] = field(default_factory=dict)

    def __call__(self, name: str) -> Model:
        """The model of that name; raises BadInput for a name of no kind."""
        if name not in self.opened:
            if name == PERSON:
                raise BadInput("human: a person plays one episode at a terminal; use talkoot play WORLD --team A+human")
            from talkoot.models import open_model

            self.opened[name] = open_model(
                name,
                cache=self.cache,
                calls=self.calls,
                tokens=self.tokens,
                concurrency=self.concurrency,
                timeout=self.timeout,
            )
        return self.opened[name]

    @property
    def bounded(self) -> bool:
        """Whether there is a budget."""
        return self.calls is not None or self.tokens is not None


def seat_team(job: Job, models: Callable[[str], Model]) -> tuple[World, dict[Seat, Agent]]:
    """Make the world and the team of a job.

    Raises BadInput for names that do not exist, and for agents that are told to talk in a world where nobody can.
    """
    from talkoot.agents.catalog import make_team, split_team
    from talkoot.worlds.catalog import make_world

    world = make_world(job.world, seats=job.seats)
    team = make_team(job.seated, world.seats, models, job.model)
    for part in split_team(job.seated):
        told_to_talk = "talk=on" in part.partition(":")[2].split(",")
        if told_to_talk and len(world.seats) > 1 and world.guide(world.seats[0]).message_limit <= 0:
            raise BadInput(
                f"--team {job.team}: talk=on, but nobody can speak in {job.world}; give the world a channel, as in "
                f"{job.world.partition(':')[0]}:talk=on, or leave talk=on out of the team"
            )
    return world, team


def try_team(job: Job, models: Callable[[str], Model]) -> None:
    """Let the team take its seats for a moment, so that what cannot be is told before anything is played.

    Raises BadInput for names that do not exist, and for agents that do not fit the world.
    """
    world, team = seat_team(job, models)
    world.reset(job.seed)
    for seat, agent in team.items():
        agent.reset(job.seed, world.guide(seat), silent)


async def play_job(
    folder: Path, models: Models, job: Job, *, on_event: Callable[[Event], None] | None = None
) -> Outcome:
    """Play one episode of a run into its folder, unless it lies there already; `on_event` hears of it live."""
    from talkoot.agents.catalog import split_team

    def begin(keep: Keep) -> tuple[World, dict[Seat, Agent]]:
        return seat_team(job, lambda name: keep(models(name)))

    run = Run.read(folder)
    parts = split_team(job.seated)
    names = dict(zip(job.seats, parts * len(job.seats) if len(parts) == 1 else parts, strict=False))
    await run.play(job.name, begin, seed=job.seed, names=names, on_event=on_event)
    return read_outcome(run.path(job.name))


def evaluate(
    grid: Grid,
    folder: Path,
    models: Models | None = None,
    *,
    workers: int = 1,
    at_once: int = 64,
    reference: bool = True,
    done: Callable[[Job, Outcome], None] | None = None,
) -> list[dict[str, Json]]:
    """Play what is missing of the grid into the run folder and return all rows; `done` hears of every episode.

    With `reference` the team that efficiency is measured against is played too where nobody asked for it (see
    `reference_jobs`); it has no row.

    Jobs are played by `workers` processes: those that wait for a server side by side, `at_once` of them in all, others
    one by one in each process. Under a budget, which is one sum, all is played in this process. Raises BadInput before
    anything is played if a name does not exist, BudgetSpent or ModelFailed when the rest could not be played;
    `outcomes_of` then tells what there is.
    """
    models = models or Models()
    outcomes: dict[Job, Outcome] = {}

    def tell(job: Job, outcome: Outcome) -> None:
        outcomes[job] = outcome
        if done is not None:
            done(job, outcome)

    jobs = jobs_of(grid)
    all_jobs = jobs + reference_jobs(grid) if reference else jobs
    for job in {(job.world, job.seated, job.seats): job for job in all_jobs}.values():
        try_team(job, models)
    with Run.open(folder, grid.asked()) as run:
        missing = []
        for job in all_jobs:
            if run.complete(job.name):
                tell(job, read_outcome(run.path(job.name)))
            else:
                missing.append(job)
        processes = 1 if models.bounded else max(1, min(workers, len(missing)))
        share = replace(models, opened={}, concurrency=-(-models.concurrency // processes))
        map_jobs(
            partial(play_job, folder, models if processes == 1 else share),
            missing,
            processes=processes,
            at_once=-(-at_once // processes) if grid.remote else 1,
            done=tell,
        )
    return rows_of(jobs, outcomes)


def outcomes_of(grid: Grid, folder: Path) -> dict[Job, Outcome]:
    """What the complete episodes of the grid in a run folder came to, whoever played them and when; those of the
    reference team among them.
    """
    run, jobs = Run(folder, grid.asked()), jobs_of(grid) + reference_jobs(grid)
    return {job: read_outcome(run.path(job.name)) for job in jobs if run.complete(job.name)}
