"""The grid: every team in every world, in every seat order, with every seed, as small jobs and as rows of a table."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from talkoot import __version__
from talkoot.agent import Agent
from talkoot.errors import BadInput, CorruptRecord
from talkoot.evaluation.named import digests_of
from talkoot.evaluation.statistics import estimate
from talkoot.evaluation.workers import map_jobs
from talkoot.events import Event
from talkoot.model import Model
from talkoot.run import Keep, Run
from talkoot.types import Json, Seat
from talkoot.world import World

WHOLE_TEAMS = ("central",)
"""Teams that fill every seat by themselves."""


@dataclass(frozen=True, slots=True)
class Grid:
    """What is to be played: all that determines the episodes, as typed."""

    worlds: tuple[str, ...]
    teams: tuple[str, ...]
    seeds: tuple[int, ...]
    model: str = "rulebook"

    @property
    def remote(self) -> bool:
        """Whether there is a server to wait for."""
        return "@" in self.model or any("@" in team for team in self.teams)

    @property
    def local(self) -> bool:
        """Whether a checkpoint is loaded, which each process would do for itself."""
        return self.model.startswith("hf/") or any("model=hf/" in team for team in self.teams)

    def asked(self) -> dict[str, Json]:
        """What a run folder keeps: all as typed, and under `files` the digests of the files that this names."""
        files = digests_of(self.worlds, self.teams, self.model)
        typed = {name: _listed(value) for name, value in asdict(self).items()}
        return {"kind": "eval", **typed, **({"files": files} if files else {})}

    def folder(self, kind: str = "eval") -> Path:
        """The default run folder: the same request finds the same folder, and so goes on where it stopped."""
        text = json.dumps([__version__, self.asked()], sort_keys=True)
        return Path("runs") / f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


@dataclass(frozen=True, slots=True)
class Job:
    """One episode to be played: `seated` is the team in the order of its seats, `order` 0 if that is as typed."""

    world: str
    team: str
    order: int
    seats: tuple[Seat, ...]
    seated: str
    seed: int
    model: str

    @property
    def name(self) -> str:
        """The episode's name: readable, fit for a file, and different for every job."""
        exact = json.dumps(asdict(self), sort_keys=True)
        words = [re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40] for text in (self.world, self.seated)]
        return f"{'--'.join(words)}--{self.seed}-{hashlib.sha256(exact.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a table needs to know of one complete episode. `identity` is equal where the same things happened.

    `invalid_replies` are the model's replies that could not be used, also where the next one could (one reply of a
    central planner may be noted for several seats); `notes` are all notes, those of such replies among them.
    """

    score: float
    steps: int
    identity: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    invalid_replies: int
    notes: int


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


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read seeds, half open: `0:10`, `3`, or `0:4,7`. Raises BadInput on anything else, or if there are none."""
    seeds: dict[int, None] = {}
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?::\s*(\d+)\s*)?", part)
        if match is None:
            raise BadInput(
                f"--seeds {text!r}: {part.strip()!r} is neither a number nor a range; write 0:10, 3 or 0:4,7"
            )
        first = int(match[1])
        end = int(match[2]) if match[2] else first + 1
        if end <= first or end - first > 1_000_000:
            raise BadInput(f"--seeds {text!r}: the range {part.strip()!r} holds {max(0, end - first)} seeds; "
                           "ranges are half open, 0:10 means 0 to 9")  # fmt: skip
        seeds.update(dict.fromkeys(range(first, end)))
    return tuple(seeds)


def jobs_of(grid: Grid) -> list[Job]:
    """All jobs of a grid in the order of its rows. Raises BadInput for an unknown world."""
    from talkoot.worlds.catalog import make_world

    seats = {world: make_world(world).seats for world in dict.fromkeys(grid.worlds)}
    return [
        Job(world, team, order, held, seated, seed, grid.model)
        for world in dict.fromkeys(grid.worlds)
        for team in dict.fromkeys(grid.teams)
        for order, (held, seated) in enumerate(_orders(team, seats[world]))
        for seed in grid.seeds
    ]


def _orders(team: str, seats: tuple[Seat, ...]) -> Iterator[tuple[tuple[Seat, ...], str]]:
    """In which ways a team sits: each part in each seat once. A team of one leaves the other seats empty."""
    from talkoot.agents.catalog import split_team

    parts = split_team(team)
    if team.partition(":")[0] in WHOLE_TEAMS:
        yield seats, team
    elif len(parts) == 1:
        yield from (((seat,), team) for seat in seats)
    elif len(parts) == len(seats):
        turns = dict.fromkeys("+".join(parts[turn:] + parts[:turn]) for turn in range(len(parts)))
        yield from ((seats, seated) for seated in turns)
    else:
        raise BadInput(f"--team {team}: {len(parts)} agents for {len(seats)} seats; name one for each seat, as A+B")


def seat_team(job: Job, models: Callable[[str], Model]) -> tuple[World, dict[Seat, Agent]]:
    """Make the world and the team of a job.

    Raises BadInput for names that do not exist, and for agents that talk in a world where nobody can.
    """
    from talkoot.agents.catalog import make_team
    from talkoot.agents.modular import ModularAgent
    from talkoot.worlds.catalog import make_world

    world = make_world(job.world, seats=job.seats)
    team = make_team(job.seated, world.seats, models, job.model)
    for seat, agent in team.items():
        talks = isinstance(agent, ModularAgent) and agent.communicate is not None
        if talks and world.guide(seat).message_limit <= 0:
            raise BadInput(
                f"--team {job.team}: talk=on, but nobody can speak in {job.world}; give the world a channel, as in "
                f"{job.world.partition(':')[0]}:talk=on, or leave talk=on out of the team"
            )
    return world, team


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
    done: Callable[[Job, Outcome], None] | None = None,
) -> list[dict[str, Json]]:
    """Play what is missing of the grid into the run folder and return all rows; `done` hears of every episode.

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
    for job in {(job.world, job.seated, job.seats): job for job in jobs}.values():
        seat_team(job, models)
    with Run.open(folder, grid.asked()) as run:
        missing = []
        for job in jobs:
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


def read_outcome(path: Path) -> Outcome:
    """Read what a table needs from a complete episode file; raises CorruptRecord with file and line on damage."""
    deeds = hashlib.sha256()
    ended: Json = None
    invalid = notes = 0
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            event = json.loads(line)
            kind = event["kind"]
            if kind == "started":
                deeds.update(json.dumps([event["setting"], event["scene"]]).encode())
            elif kind == "acted":
                deeds.update(json.dumps([event["t"], event["seat"], event["action"]]).encode())
            elif kind == "stepped":  # an agent of the user's own may record no actions, but they show in the world
                deeds.update(line)
            elif kind == "noted":
                notes += 1
                invalid += event["what"] == "unusable reply"
            elif kind == "ended":
                ended = event
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptRecord(
                f"{path}, line {number}: not an event ({error}); delete the file and run the same command again"
            ) from error
    if ended is None:
        raise CorruptRecord(f"{path}: the episode was cut off; run the same command again")
    tokens = ended["prompt_tokens"], ended["completion_tokens"]
    return Outcome(ended["score"], ended["t"], deeds.hexdigest()[:16], ended["calls"], *tokens, invalid, notes)


def outcomes_of(grid: Grid, folder: Path) -> dict[Job, Outcome]:
    """What the complete episodes of the grid in a run folder came to, whoever played them and when."""
    run = Run(folder, grid.asked())
    return {job: read_outcome(run.path(job.name)) for job in jobs_of(grid) if run.complete(job.name)}


def rows_of(jobs: Sequence[Job], outcomes: Mapping[Job, Outcome]) -> list[dict[str, Json]]:
    """One row for each world and team of the jobs, from what is known of them.

    `n` counts distinct episodes (another start or another joint action somewhere), `episodes` all of them; each
    episode counts in the mean, each distinct one once as evidence (see `estimate`). `missing` are not played yet.
    `mean_as_typed` and `mean_swapped` are the means of the two seat orders (None where there is only one).
    Steps, calls, tokens, invalid replies and notes are sums over all episodes.
    """
    cells: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        cells.setdefault((job.world, job.team), []).append(job)
    return [_row(world, team, cell, outcomes) for (world, team), cell in cells.items()]


def _row(world: str, team: str, jobs: Sequence[Job], outcomes: Mapping[Job, Outcome]) -> dict[str, Json]:
    known = [(job, outcomes[job]) for job in jobs if job in outcomes]
    times: dict[tuple[int, str], list[float]] = {}
    for job, outcome in known:
        times.setdefault((job.order, outcome.identity), []).append(outcome.score)
    row: dict[str, Json] = {"world": world, "team": team, "n": len(times), "mean": None, "stderr": None, "ci95": None}
    if times:
        told = estimate([scores[0] for scores in times.values()], [len(scores) for scores in times.values()])
        row |= {"mean": told.mean, "stderr": told.stderr, "ci95": [told.low, told.high]}
    orders = {
        order: [outcome.score for job, outcome in known if job.order == order]
        for order in dict.fromkeys(job.order for job in jobs)
    }
    means = [sum(scores) / len(scores) if scores else None for scores in orders.values()]
    row |= {
        "mean_as_typed": means[0],
        "mean_swapped": means[1] if len(means) > 1 else None,
        "min": min((outcome.score for _, outcome in known), default=None),
        "max": max((outcome.score for _, outcome in known), default=None),
        "episodes": len(known),
        "missing": len(jobs) - len(known),
    }
    for name in ("steps", "calls", "prompt_tokens", "completion_tokens", "invalid_replies", "notes"):
        row[name] = sum(getattr(outcome, name) for _, outcome in known)
    return row


def _listed(value: Json) -> Json:
    return list(value) if isinstance(value, tuple) else value
