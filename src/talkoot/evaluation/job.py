"""What is to be played: a grid as typed, and one job for each of its episodes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from talkoot import __version__
from talkoot.errors import BadInput
from talkoot.evaluation.household import REFERENCE
from talkoot.evaluation.named import digests_of
from talkoot.types import Json, Seat
from talkoot.worlds.catalog import family_of

WHOLE_TEAMS = ("central",)
"""Teams that fill every seat by themselves."""

SEEDS = 10
"""Seeds that are played where none are named and the world is no set of episodes."""


@dataclass(frozen=True, slots=True)
class Grid:
    """What is to be played: all that determines the episodes, as typed.

    `seeds` None stands for all episodes of a world that is a set of them, and for `SEEDS` in any other.
    """

    worlds: tuple[str, ...]
    teams: tuple[str, ...]
    seeds: tuple[int, ...] | None
    model: str = "rulebook"

    @property
    def remote(self) -> bool:
        """Whether there is a server to wait for."""
        return "@" in self.model or any("@" in team for team in self.teams)

    @property
    def local(self) -> bool:
        """Whether a checkpoint is loaded, which each process would do for itself."""
        return self.model.startswith("hf/") or any("model=hf/" in team for team in self.teams)

    def seeds_of(self, world: str) -> tuple[int, ...]:
        """The seeds that are played in a world. Raises BadInput for an unknown world."""
        from talkoot.worlds import catalog

        if self.seeds is not None:
            return self.seeds
        return tuple(range(catalog.episodes_in(catalog.make_world(world)) or SEEDS))

    def asked(self) -> dict[str, Json]:
        """What a run folder keeps: all as typed, and under `files` the digests of the files that this names."""
        files = digests_of(self.worlds, self.teams, self.model)
        seeds = {world: list(self.seeds_of(world)) for world in self.worlds}
        same = len({tuple(each) for each in seeds.values()}) == 1
        return {
            "kind": "eval",
            "worlds": list(self.worlds),
            "teams": list(self.teams),
            "seeds": next(iter(seeds.values())) if same else seeds,
            "model": self.model,
            **({"files": files} if files else {}),
        }

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
    return [job for world in dict.fromkeys(grid.worlds) for job in _jobs(grid, world, tuple(dict.fromkeys(grid.teams)))]


def reference_jobs(grid: Grid) -> list[Job]:
    """The jobs that nobody asked for but efficiency needs: the reference team in every home, where it is no row."""
    if REFERENCE in grid.teams:
        return []
    homes = (world for world in dict.fromkeys(grid.worlds) if family_of(world) == "household")
    return [job for world in homes for job in _jobs(grid, world, (REFERENCE,))]


def _jobs(grid: Grid, world: str, teams: tuple[str, ...]) -> list[Job]:
    from talkoot.worlds.catalog import make_world

    seats = make_world(world).seats
    return [
        Job(world, team, order, held, seated, seed, grid.model)
        for team in teams
        for order, (held, seated) in enumerate(_orders(team, seats))
        for seed in grid.seeds_of(world)
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
