"""Decisions of a recorded episode, retraced and played on: exact forks, counts by hand, the same seeds the same."""

from __future__ import annotations

import random
import signal
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from talkoot.agent import Agent
from talkoot.agents.catalog import make_agent, make_team
from talkoot.agents.scripted import Stay
from talkoot.episode import Episode, run_episode, run_sync
from talkoot.errors import BadInput
from talkoot.events import Planned, Stepped, silent
from talkoot.judging.labels import Counts
from talkoot.learning.decisions import (
    STRETCH,
    Decision,
    DecisionCounts,
    Rollouts,
    Wavering,
    decision_counts,
    decisions_of,
    prefixes,
    retrace,
)
from talkoot.models import open_model
from talkoot.types import Action
from talkoot.worlds.overcooked.world import OvercookedWorld


def kitchen(horizon: int = 60) -> OvercookedWorld:
    return OvercookedWorld("cramped_room", horizon=horizon)


@cache
def played(team: str, horizon: int = 60) -> Episode:
    world = kitchen(horizon)
    return run_sync(run_episode(world, make_team(team, world.seats, open_model), 0))


def greedy(noise: float) -> Any:
    def team(seat: int) -> Mapping[int, Agent]:
        return {each: Wavering(make_agent("greedy", open_model), noise) for each in (0, 1)}

    return team


def count(episode: Episode, team: Any, **settings: Any) -> list[DecisionCounts]:
    seats = settings.pop("seats", None)
    return run_sync(decision_counts(kitchen(), team, episode, seats=seats, rollouts=Rollouts(**settings)))


@pytest.mark.parametrize("team", ["proagent+greedy", "random+stay"])
def test_decisions_cover_the_episode_without_gaps(team: str) -> None:
    for seat in (0, 1):
        mine = decisions_of(played(team), [seat])
        assert (mine[0].t, mine[-1].end) == (0, 60)
        assert all(one.end == later.t and one.t < one.end for one, later in pairwise(mine))


def test_what_a_decision_is() -> None:
    episode = played("proagent+random")
    planned = {event.t: event.skill for event in episode.events if isinstance(event, Planned)}
    mine = decisions_of(episode, [0])
    assert {one.t: one.what for one in mine} == planned
    assert decisions_of(episode, [1])[:2] == [
        Decision(1, 0, STRETCH, "8 steps"), Decision(1, STRETCH, 2 * STRETCH, "8 steps")
    ]  # fmt: skip
    skills = [one.what for one in decisions_of(played("greedy+stay"), [0])]
    assert skills[:2] == ["pickup_onion()", "put_onion_in_pot()"]


def test_a_fork_goes_on_exactly_as_the_episode_did() -> None:
    episode = played("greedy+stay")
    world = kitchen()
    path = retrace(world, episode)
    assert (path.start, path.end, len(path.moments)) == (0, 60, 61)
    scenes = {event.t: event.scene for event in episode.events if isinstance(event, Stepped)}
    for t in (3, 21, 44):
        observations = world.load(path.moments[t].state)
        assert observations[0].t == t
        assert world.scene() == scenes[t]
        for now, actions in enumerate(episode.actions()[t:], t + 1):
            world.step({seat: Action(name) for seat, name in actions.items()})
            assert world.scene() == scenes[now]


def test_without_noise_the_continuation_of_the_same_script_is_the_record() -> None:
    """Greedy's play from a saved state does not depend on what came before, so that every rollout is the episode."""
    episode = played("greedy+stay")

    def team(seat: int) -> Mapping[int, Agent]:
        return {0: make_agent("greedy", open_model), 1: Stay()}

    for one in count(episode, team, n=3, horizon=None, seats=[0]):
        assert one.successes == one.tries
        assert one.points[0] == pytest.approx(one.points[1])
        assert one.points[0] == pytest.approx(one.bar)


def test_points_by_hand_and_a_decision_that_wasted_everything() -> None:
    episode = played("random+stay")
    done = [one for one in count(episode, greedy(0.05), n=8, horizon=50, seats=[0]) if one.decision.end < 30]
    assert all(one.successes[0] >= 7 and one.tries == (8, 8) for one in done)
    assert sum(one.points[1] for one in done) < sum(one.points[0] for one in done)
    assert any(one.successes[1] <= 2 for one in done)


def test_counts_over_the_whole_episode_are_counts_of_prefixes() -> None:
    counts = count(played("proagent+greedy"), greedy(0.2), n=4, horizon=None, seats=[0])
    tries, successes = prefixes(counts)
    assert (tries[:-1], tries[-1]) == ((4,) * len(counts), 1)
    assert Counts(tries, successes).chunks == len(counts)
    assert counts[0].successes[0] == 4  # the bar is what all but a tenth of four rollouts reach: all of them
    with pytest.raises(BadInput, match="one seat"):
        prefixes([*counts, replace(counts[0], decision=replace(counts[0].decision, seat=1))])
    with pytest.raises(BadInput, match="horizon=None"):
        prefixes([counts[0], replace(counts[1], bar=counts[1].bar + 1)])


def test_the_same_request_gives_the_same_counts_and_another_seed_others() -> None:
    def counted(seed: int) -> list[DecisionCounts]:
        return count(played("random+stay"), greedy(0.3), n=2, horizon=50, seats=[0], seed=seed)

    first = counted(0)
    assert counted(0) == first
    assert [one.points for one in counted(1)] != [one.points for one in first]


def test_progress_is_told() -> None:
    heard: list[tuple[int, int]] = []
    world = kitchen(30)
    run_sync(
        decision_counts(world, greedy(0), played("random+stay", 30), seats=[0], rollouts=Rollouts(1, 5),
                        told=lambda done, total: heard.append((done, total)))
    )  # fmt: skip
    assert heard == [(i, 5) for i in range(1, 6)]


def test_wavering_is_seeded_and_can_be_saved() -> None:
    world = kitchen()
    seen = world.reset(0)[0]

    def moves(agent: Wavering, n: int = 12) -> list[str]:
        async def all_of() -> list[str]:
            return [str(await agent.act(seen)) for _ in range(n)]

        return run_sync(all_of())

    agent = Wavering(Stay(), 0.5)
    agent.reset(3, world.guide(0), silent)
    first = moves(agent)
    state = agent.save()
    later = moves(agent)
    agent.reset(3, world.guide(0), silent)
    assert moves(agent) == first
    agent.reset(random.Random(0).getrandbits(8), world.guide(0), silent)
    agent.load(state)
    assert moves(agent) == later
    assert {"stay"} < set(first + later)
    calm = Wavering(Stay(), 0.0)
    calm.reset(0, world.guide(0), silent)
    assert set(moves(calm)) == {"stay"}
    with pytest.raises(BadInput, match="no probability"):
        Wavering(Stay(), 1.5)


def test_a_record_of_other_rules_is_refused() -> None:
    episode = played("greedy+stay")
    events = list(episode.events)
    place, step = next((i, e) for i, e in enumerate(events) if isinstance(e, Stepped) and e.t == 4)
    events[place] = replace(step, scene={"t": 4})
    with pytest.raises(BadInput, match="at step 4: it was played by other rules"):
        retrace(kitchen(), Episode(tuple(events)))
    with pytest.raises(BadInput, match="seats"):
        retrace(OvercookedWorld("cramped_room", horizon=60, seats=(0,)), episode)


def test_teams_and_settings_that_make_no_sense() -> None:
    with pytest.raises(BadInput, match="but the team fills"):
        count(played("greedy+stay"), lambda seat: {0: Stay()}, n=1, horizon=3)
    bad: tuple[dict[str, Any], ...] = ({"n": 0}, {"horizon": 0}, {"share": 1.0})
    for settings in bad:
        with pytest.raises(BadInput, match="make no sense"):
            Rollouts(**settings)


def test_ctrl_c_is_heard_between_rollouts() -> None:
    told: list[int] = []

    def press(done: int, of: int) -> None:
        told.append(done)
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_sync(decision_counts(kitchen(), greedy(0.1), played("greedy+stay"), rollouts=Rollouts(1, 3),
                                     told=press))  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, before)
    assert told == [1]
