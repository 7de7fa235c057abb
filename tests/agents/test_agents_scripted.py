"""Scripted agents: random, stay, and the recording that plays again what was played."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from agent_fakes import Table, act, kitchen_world

from talkoot.agents.check import check_agent
from talkoot.agents.presets import proagent
from talkoot.agents.scripted import RandomAgent, RandomPlan, Recording, Stay
from talkoot.episode import EpisodeWriter, read_episode, run_episode, run_sync
from talkoot.errors import BadInput
from talkoot.events import Acted, Finished, Planned, Stepped
from talkoot.models.rulebook import Rulebook
from talkoot.worlds.catalog import make_world


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "played+stay.jsonl"
    world = kitchen_world(horizon=90, talk=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        team = {0: proagent(Rulebook(), talk=True), 1: RandomAgent()}
        run_sync(run_episode(world, team, 3, record=EpisodeWriter(file)))
    return path


def scenes(team: dict, horizon: int = 90) -> list:
    world = kitchen_world(horizon=horizon, talk=True)
    return [e for e in run_sync(run_episode(world, team, 8)).events if isinstance(e, Stepped)]


def test_random_draws_evenly_from_seed_and_seat() -> None:
    def moves(seed: int, seat: int = 0) -> list[str]:
        table, agent = Table(seat), RandomAgent()
        agent.reset(seed, table.guide, table.events.append)
        return [action.name for action in act(agent, *[table.seen] * 1200)]

    assert moves(1) == moves(1)
    assert len({tuple(moves(seed, seat)) for seed in (1, 2) for seat in (0, 1)}) == 4
    assert all(150 < count < 250 for count in Counter(moves(1)).values())


def test_stay_does_what_is_safe() -> None:
    table, agent = Table(), Stay()
    agent.reset(0, table.guide, table.events.append)
    assert {action.name for action in act(agent, *[table.seen] * 5)} == {"stay"}


def test_a_recording_plays_the_same_game_again(recorded: Path) -> None:
    before = [event for event in read_episode(recorded).events if isinstance(event, Stepped)]
    again = scenes({0: Recording(recorded), 1: Recording(str(recorded), 1)})
    assert [(event.scene, event.rewards) for event in again] == [(event.scene, event.rewards) for event in before]
    assert any(event.scene["said"] for event in before)


def test_after_its_end_a_recording_is_safe(recorded: Path) -> None:
    longer = scenes({0: Recording(recorded), 1: Recording(recorded)}, horizon=95)
    assert [event.scene["cooks"] for event in longer[89:]] == [longer[89].scene["cooks"]] * 6


def test_a_recording_can_be_played_in_the_other_seat(recorded: Path) -> None:
    table, agent = Table(seat=0), Recording(recorded, 1)
    agent.reset(0, table.guide, table.events.append)
    random = RandomAgent()
    random.reset(3, table.world.guide(1), table.events.append)
    assert act(agent, table.seen)[0].name == act(random, table.seen)[0].name


def test_recordings_that_are_not_there(recorded: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no episode file"):
        Recording(tmp_path / "nothing.jsonl")
    table = Table()
    with pytest.raises(BadInput, match=r"no actions of seat 7; it has those of \[0, 1\]"):
        Recording(recorded, 7).reset(0, table.guide, table.events.append)


def test_at_home_random_primitives_have_the_arguments_that_the_view_allows() -> None:
    world = make_world("household/test")
    seen = world.reset(3)
    agent, guide = RandomAgent(), world.guide(0)
    agent.reset(3, guide, lambda event: None)
    assert guide.legal is not None
    legal = set(guide.legal(seen[0].view))
    drawn = set(act(agent, *[seen[0]] * 300))
    assert drawn <= legal
    assert len(drawn) > 0.8 * len(legal)
    assert any(move.arguments for move in drawn)


def plans_of(world: str, seed: int) -> tuple[list[str], list[Finished], int]:
    episode = run_sync(run_episode(make_world(world), {0: RandomPlan(), 1: Stay()}, seed))
    made = [event.skill for event in episode.events if isinstance(event, Planned)]
    ends = [event for event in episode.events if isinstance(event, Finished)]
    assert episode.ended is not None
    return made, ends, episode.ended.t


@pytest.mark.parametrize("world", ["household/test", "cramped_room:horizon=120"])
def test_random_plans_run_to_their_ends_and_depend_on_the_seed_only(world: str) -> None:
    made, ends, steps = plans_of(world, 4)
    assert plans_of(world, 4)[0] == made
    assert plans_of(world, 5)[0] != made
    assert len(made) < steps  # a plan takes several steps
    assert [end.skill for end in ends] == made[: len(ends)]
    assert len(made) - len(ends) <= 1
    assert sum(end.done for end in ends) > 0.8 * len(ends)


def test_random_plans_deliver_in_time_what_random_primitives_do_not() -> None:
    world = make_world("household/test")
    score = {}
    for kind in (RandomPlan, RandomAgent):
        episode = run_sync(run_episode(world, {0: kind(), 1: kind()}, 1))
        score[kind] = episode.score
    assert score[RandomPlan] > score[RandomAgent]


@pytest.mark.parametrize("world", ["household/test", "counter_circuit:start=random"])
@pytest.mark.parametrize("kind", [RandomPlan, RandomAgent])
def test_random_agents_keep_the_contract(kind: type, world: str) -> None:
    check_agent(kind, make_world(world), seed=2, steps=40)


def test_a_recording_of_a_home_has_its_arguments(tmp_path: Path) -> None:
    path, world = tmp_path / "e.jsonl", make_world("household/test:limit=40")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        first = run_sync(run_episode(world, {0: RandomPlan(), 1: RandomAgent()}, 6, record=EpisodeWriter(file)))
    again = run_sync(run_episode(world, {0: Recording(path), 1: Recording(path)}, 6))
    moments = [[event.scene for event in one.events if isinstance(event, Stepped)] for one in (first, again)]
    assert moments[0] == moments[1]
    assert any("(" in event.action for event in first.events if isinstance(event, Acted))
