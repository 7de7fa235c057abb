"""The grid: which episodes there are, that each is played once, and what its rows say, on a tiny world."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from talkoot.agent import Agent
from talkoot.agents.presets import proagent
from talkoot.episode import EpisodeWriter, run_episode, run_sync
from talkoot.errors import BadInput, BudgetSpent, CorruptRecord, ModelFailed
from talkoot.evaluation import grid as module
from talkoot.evaluation.grid import Models, evaluate, outcomes_of
from talkoot.evaluation.job import Grid, Job, jobs_of, parse_seeds, reference_jobs
from talkoot.evaluation.outcome import Outcome, read_outcome
from talkoot.evaluation.rows import rows_of
from talkoot.model import Model, Reply, Request
from talkoot.worlds.overcooked.world import OvercookedWorld
from tally import Asker, Dice, Tally


class Constant:
    """A model that always says its number."""

    def __init__(self, name: str) -> None:
        self.name, self.calls = name, 0

    async def __call__(self, request: Request) -> Reply:
        self.calls += 1
        return Reply(self.name)


def make_world(name: str, *, seats: tuple[int, ...] | None = None) -> Tally:
    if not name.startswith("tally"):
        raise BadInput(f"unknown world {name!r}")
    world = Tally()
    world.name, world.seats = name, seats or (0, 1)
    return world


def make_team(
    team: str, seats: tuple[int, ...], models: Callable[[str], Model], default_model: str
) -> dict[int, Agent]:
    """Each part is the name of a model, or `default`."""
    parts = team.split("+")
    if "nobody" in parts:
        raise BadInput("unknown agent 'nobody'")
    return {
        seat: Asker(models(default_model if part == "default" else part))
        for seat, part in zip(seats, parts, strict=True)
    }


@pytest.fixture(autouse=True)
def small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talkoot.worlds.catalog.make_world", make_world)
    monkeypatch.setattr("talkoot.agents.catalog.make_team", make_team)
    monkeypatch.setattr("talkoot.agents.catalog.split_team", lambda team: team.split("+"))


def constants(*names: str) -> Models:
    return Models(opened={name: Constant(name) for name in names})


def test_seeds_are_half_open() -> None:
    assert parse_seeds("0:4") == (0, 1, 2, 3)
    assert parse_seeds("3") == (3,)
    assert parse_seeds("0:3,7, 2:4") == (0, 1, 2, 7, 3)
    for text in ("", "a", "3:3", "5:2", "-1", "1:2:3", "1,,2", "0:99999999"):
        with pytest.raises(BadInput, match="--seeds"):
            parse_seeds(text)


def test_both_seat_orders_are_played_and_equal_ones_once() -> None:
    jobs = jobs_of(Grid(("tally",), ("1+2", "1+1", "1", "central"), (0, 1)))
    seated = {team: [(job.seated, job.seats) for job in jobs if job.team == team and job.seed == 0] for team in
              ("1+2", "1+1", "1", "central")}  # fmt: skip
    assert seated == {
        "1+2": [("1+2", (0, 1)), ("2+1", (0, 1))],
        "1+1": [("1+1", (0, 1))],
        "1": [("1", (0,)), ("1", (1,))],
        "central": [("central", (0, 1))],
    }
    assert len({job.name for job in jobs}) == len(jobs)
    with pytest.raises(BadInput, match=r"3 agents for 2 seats"):
        jobs_of(Grid(("tally",), ("1+2+3",), (0,)))


def test_without_seeds_a_set_is_played_whole_and_other_worlds_ten_times(monkeypatch: pytest.MonkeyPatch) -> None:
    class Set(Tally):
        tasks = tuple(range(3))

    def make(name: str, *, seats: tuple[int, ...] | None = None) -> Tally:
        return Set() if name == "set" else make_world(name, seats=seats)

    monkeypatch.setattr("talkoot.worlds.catalog.make_world", make)
    both = Grid(("set", "tally"), ("1+1",), None)
    assert [job.seed for job in jobs_of(both)] == [*range(3), *range(10)]
    assert both.asked()["seeds"] == {"set": [0, 1, 2], "tally": list(range(10))}
    assert Grid(("tally",), ("1+1",), None).folder() == Grid(("tally",), ("1+1",), tuple(range(10))).folder()
    assert reference_jobs(both) == []


def test_names_fit_files_and_never_collide() -> None:
    worlds = ("tally", "tally/../../etc", "tally:a=1,b=2", "tally:a=1,b=3", "tally" * 60, "tally" * 60 + "x")
    jobs = jobs_of(Grid(worlds, ("1+2",), (0, 1)))
    names = {job.name for job in jobs}
    assert len(names) == len(jobs)
    assert all(len(name) < 120 and "/" not in name and name.isascii() for name in names)


def test_rows_echo_what_was_typed_and_pool_the_orders(tmp_path: Path) -> None:
    heard: list[Job] = []
    grid = Grid(("tally", "tally:b"), ("1+2", "3+3"), (0, 1))
    models = constants("1", "2", "3")
    rows = evaluate(grid, tmp_path / "r", models, done=lambda job, _: heard.append(job))
    assert [(row["world"], row["team"]) for row in rows] == [
        ("tally", "1+2"), ("tally", "3+3"), ("tally:b", "1+2"), ("tally:b", "3+3"),
    ]  # fmt: skip
    first = rows[0]
    assert first["mean"] == first["mean_as_typed"] == first["mean_swapped"] == 6 * (1 + 2)
    assert (first["episodes"], first["missing"], first["n"]) == (4, 0, 2)  # seeds make no difference, orders do
    assert rows[1]["mean_swapped"] is None
    assert (rows[1]["episodes"], rows[1]["n"], rows[1]["stderr"], rows[1]["ci95"]) == (2, 1, 0.0, [36.0, 36.0])
    assert first["calls"] == 4 * 12
    assert len(heard) == len(set(heard)) == 12


def test_the_same_again_plays_nothing_and_tells_the_same(tmp_path: Path) -> None:
    grid = Grid(("tally",), ("1+2",), (0, 1, 2))
    rows = evaluate(grid, tmp_path / "r", constants("1", "2"))
    again = constants("1", "2")
    assert evaluate(grid, tmp_path / "r", again) == rows
    assert all(model.calls == 0 for model in again.opened.values())  # type: ignore[attr-defined]
    with pytest.raises(BadInput, match=r"seeds was \[0, 1, 2\], now \[0, 1\]"):
        evaluate(Grid(("tally",), ("1+2",), (0, 1)), tmp_path / "r", again)


@pytest.mark.parametrize(("world", "team"), [("nowhere", "1+2"), ("tally", "1+nobody")])
def test_what_does_not_exist_is_told_before_anything_is_played(tmp_path: Path, world: str, team: str) -> None:
    models = constants("1", "2")
    with pytest.raises(BadInput, match="unknown"):
        evaluate(Grid(("tally", world), ("1+2", team), (0,)), tmp_path / "r", models)
    assert not (tmp_path / "r").exists()
    assert models.opened["1"].calls == 0  # type: ignore[attr-defined]


def test_a_spent_budget_keeps_what_is_done(tmp_path: Path) -> None:
    grid = Grid(("tally",), ("default+default",), tuple(range(6)), model="dice")
    outcomes: dict[Job, Outcome] = {}
    first = Dice(30, BudgetSpent("30 calls are spent"))
    with pytest.raises(BudgetSpent):
        evaluate(grid, tmp_path / "r", Models(opened={"dice": first}), done=outcomes.__setitem__)
    row = rows_of(jobs_of(grid), outcomes)[0]
    assert (row["episodes"], row["missing"], row["n"]) == (2, 4, 2)
    assert outcomes_of(grid, tmp_path / "r") == outcomes
    assert outcomes_of(grid, tmp_path / "nothing") == {}
    second = Dice()
    second.calls = 29
    rows = evaluate(grid, tmp_path / "r", Models(opened={"dice": second}))
    assert second.calls == 6 * 12  # nothing was asked twice
    assert rows == evaluate(grid, tmp_path / "whole", Models(opened={"dice": Dice()}))


def test_rows_of_nothing_say_so() -> None:
    row = rows_of(jobs_of(Grid(("tally",), ("1+2",), (0, 1))), {})[0]
    assert (row["n"], row["mean"], row["stderr"], row["ci95"], row["missing"]) == (0, None, None, None, 4)
    json.dumps(row, allow_nan=False)


def test_servers_are_waited_for_side_by_side_and_one_failure_spares_the_rest(tmp_path: Path) -> None:
    class Server(Dice):
        name = "m@http://127.0.0.1:1"

        async def __call__(self, request: Request) -> Reply:
            if "seed 2" in request.messages[0].content:
                raise ModelFailed("this prompt is too long")
            return await super().__call__(request)

    grid = Grid(("tally",), ("default+default",), tuple(range(5)), model="m@http://127.0.0.1:1")
    outcomes: dict[Job, Outcome] = {}
    models = Models(opened={grid.model: Server()})
    with pytest.raises(ModelFailed, match="too long"):
        evaluate(grid, tmp_path / "r", models, workers=1, at_once=2, done=outcomes.__setitem__)
    assert sorted(job.seed for job in outcomes) == [0, 1, 3, 4]


def test_a_damaged_episode_is_told_with_file_and_line(tmp_path: Path) -> None:
    grid = Grid(("tally",), ("1+2",), (0,))
    evaluate(grid, tmp_path / "r", constants("1", "2"))
    file = next((tmp_path / "r/episodes").iterdir())
    lines = file.read_bytes().splitlines(keepends=True)
    lines[4] = b'{"kind":\n'
    file.write_bytes(b"".join(lines))
    with pytest.raises(CorruptRecord, match=r"line 5.*delete the file and run the same command again"):
        evaluate(grid, tmp_path / "r", constants("1", "2"))
    file.write_bytes(b"".join(lines[:3]))
    with pytest.raises(CorruptRecord, match="cut off"):
        read_outcome(file)
    evaluate(grid, tmp_path / "r", constants("1", "2"))


def test_a_reply_that_was_asked_for_again_counts_as_invalid(tmp_path: Path) -> None:
    class Stutter:
        name = "stutter"
        asked = 0

        async def __call__(self, request: Request) -> Reply:
            self.asked += 1
            return Reply("I would rather not say." if self.asked == 1 else "Plan for <Player 0>: wait(20)")

    async def play() -> None:
        world = OvercookedWorld("cramped_room", horizon=3, seats=(0,))
        with (tmp_path / "e.jsonl").open("w") as file:
            await run_episode(world, {0: proagent(Stutter(), level="plan")}, 0, record=EpisodeWriter(file))

    run_sync(play())
    outcome = read_outcome(tmp_path / "e.jsonl")
    assert (outcome.calls, outcome.invalid_replies, outcome.notes) == (2, 1, 1)


def test_the_default_folder_depends_on_what_is_asked_only() -> None:
    grid = Grid(("tally",), ("1+2",), (0,))
    assert grid.folder() == Grid(("tally",), ("1+2",), (0,)).folder()
    others = [
        Grid(("tally:b",), ("1+2",), (0,)), Grid(("tally",), ("2+1",), (0,)),
        Grid(("tally",), ("1+2",), (1,)), Grid(("tally",), ("1+2",), (0,), "other"),
    ]  # fmt: skip
    assert len({grid.folder(), *(other.folder() for other in others)}) == 5
    assert grid.folder("play") != grid.folder()


def test_a_model_is_opened_once() -> None:
    models = module.Models(calls=3)
    assert models("rulebook") is models("rulebook")
    with pytest.raises(BadInput, match="unknown model"):
        models("clairvoyant")
