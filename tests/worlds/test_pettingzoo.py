"""The PettingZoo adapter under PettingZoo's own tests."""

from __future__ import annotations

import pytest
from pettingzoo.test import parallel_api_test, parallel_seed_test

from talkoot.errors import BadInput
from talkoot.types import Action, Observation
from talkoot.worlds.catalog import make_world
from talkoot.worlds.overcooked.encoding import features
from talkoot.worlds.pettingzoo import ParallelWorld

WORLDS = ["cramped_room", "forced_coordination:start=random", "mdp_test", "generate:seed=2,size=6x5",
          "household/test:limit=60"]  # fmt: skip


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


class Doors:
    """A table of one's own: wait, or walk into the room of this number."""

    n = 5

    def decode(self, observation: Observation, index: int) -> Action:
        rooms = list(observation.view.rooms)
        return Action("walktowards", (str(rooms[index - 1]),)) if index else Action("wait")


def test_a_table_of_ones_own_and_the_default_of_homes() -> None:
    world = make_world("household/test")
    env = ParallelWorld(world, actions=Doors())
    assert env.action_space("seat_0").n == 5
    env.reset(seed=2)
    for _ in range(20):
        env.step({"seat_0": 2, "seat_1": 0})
    state = world.state  # type: ignore[attr-defined]
    assert state.room[0] == list(state.apartment.rooms)[1]
    assert ParallelWorld(world).action_space("seat_1").n > 100


def test_success_is_termination() -> None:
    from talkoot.worlds.household.speed import script

    world = make_world("household/test")
    actions = script(world, 0)  # type: ignore[arg-type]

    class Told:
        n = 2 * len(actions)

        def decode(self, observation: Observation, index: int) -> Action:
            return actions[index][observation.seat]

    env = ParallelWorld(world, actions=Told())
    env.reset(seed=0)
    for number in range(len(actions)):
        _, _, terminated, truncated, _ = env.step({"seat_0": number, "seat_1": number})
    assert (terminated["seat_0"], truncated["seat_0"]) == (True, False)


def test_primitives_with_arguments_need_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world("household/test")
    guide = world.guide(0)
    monkeypatch.setattr(world, "guide", lambda seat: type(guide)(**{**guide.__dict__, "world": "other"}))
    with pytest.raises(BadInput, match=r"give actions=, an object with n and decode"):
        ParallelWorld(world)
