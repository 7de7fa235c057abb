"""The PettingZoo adapter under PettingZoo's own tests."""

from __future__ import annotations

import pytest
from pettingzoo.test import parallel_api_test, parallel_seed_test

from talkoot.worlds.catalog import make_world
from talkoot.worlds.overcooked.encoding import features
from talkoot.worlds.pettingzoo import ParallelWorld

WORLDS = ["cramped_room", "forced_coordination:start=random", "mdp_test", "generate:seed=2,size=6x5"]


@pytest.mark.parametrize("name", WORLDS)
def test_parallel_api(name: str) -> None:
    parallel_api_test(ParallelWorld(make_world(name)), num_cycles=1000)


@pytest.mark.parametrize("name", WORLDS)
def test_parallel_seed(name: str) -> None:
    parallel_seed_test(lambda: ParallelWorld(make_world(name)), num_cycles=500)


def test_one_seat_own_encoding_and_terminal() -> None:
    env = ParallelWorld(
        make_world("cramped_room:horizon=3", seats=(1,)), lambda seen: features(seen.view, seen.seat), terminal=True
    )
    seen, _ = env.reset(seed=4)
    assert env.observation_space("seat_1").contains(seen["seat_1"])
    assert "O" in env.render()
    for t in range(3):
        _, rewards, terminated, truncated, infos = env.step({"seat_1": 5})
        assert (terminated["seat_1"], truncated["seat_1"]) == (t == 2, False)
        assert rewards == {"seat_1": 0.0}
        assert set(infos["seat_1"]) == {"shaped", "events"}
    assert env.agents == []


def test_rewards_of_the_team() -> None:
    env = ParallelWorld(make_world("cramped_room"), team_reward=True)
    env.reset()
    _, rewards, *_ = env.step({"seat_0": 4, "seat_1": 4})
    assert rewards == {"seat_0": 0.0, "seat_1": 0.0}
