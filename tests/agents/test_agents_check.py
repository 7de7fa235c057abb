"""`check_agent` passes every agent of the catalog, and finds each way of breaking the contract."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from agent_fakes import kitchen_world

from talkoot.agent import Agent
from talkoot.agents.catalog import DESCRIPTIONS, make_agent, make_team
from talkoot.agents.check import check_agent
from talkoot.agents.presets import proagent
from talkoot.agents.scripted import RandomAgent, Stay
from talkoot.episode import EpisodeWriter, run_episode, run_sync
from talkoot.events import Acted, Noted, Stepped
from talkoot.models import open_model
from talkoot.models.rulebook import Rulebook
from talkoot.types import Action, Json, Observation
from talkoot.worlds.catalog import make_world

NAMES = [
    "proagent",
    "proagent:level=plan,belief=off",
    "proagent:level=analysis,belief=annotate,recent=3,memory=4",
    "proagent:verify=explain,talk=on,style=both,coordinates=on",
    "proagent:verify=rules,memory=0,model=rulebook:drop=0.4,seed=1",
    "proagent:verify=model,model=rulebook:drop=0.4,seed=1",
    "proagent:verify=off,demos=off",
    "proagent:released=on",
    "react",
    "pddl",
    "proagent:plan=pddl",
    "greedy",
    "random",
    "randomplan",
    "stay",
]
HOME_NAMES = [
    "coela",
    "coela:memory=off,belief=annotate,verify=rules",
    "coela:execute=off,talk=off",
    "coela:answer=two,cot=on,model=rulebook:drop=0.4,seed=1",
    "proagent:talk=on",
    "mhp:simulations=5",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_agent_of_the_catalog_keeps_the_contract(name: str) -> None:
    check_agent(lambda: make_agent(name, open_model), kitchen_world(talk=True), seed=4, steps=45)


@pytest.mark.parametrize("name", HOME_NAMES)
def test_agents_keep_the_contract_at_home(name: str) -> None:
    check_agent(lambda: make_agent(name, open_model), make_world("household/test"), seed=3, steps=14)


def test_the_central_team_keeps_the_contract() -> None:
    world = kitchen_world(layout="counter_circuit", start="random")
    check_agent(lambda: make_team("central", world.seats, open_model), world, seed=2, steps=45)


@pytest.mark.data
def test_a_policy_keeps_the_contract(data: Path) -> None:
    check_agent(lambda: make_agent("policy/sp", open_model), kitchen_world())


def test_a_recording_keeps_the_contract(tmp_path: Path) -> None:
    path, world = tmp_path / "e.jsonl", kitchen_world(horizon=50)
    with path.open("w") as file:
        run_sync(run_episode(world, {0: RandomAgent(), 1: Stay()}, record=EpisodeWriter(file)))
    check_agent(lambda: make_agent(f"recorded/{path}", open_model), kitchen_world(horizon=70))


def test_no_kind_of_agent_is_left_out() -> None:
    tested = {name.split(":")[0] for name in NAMES + HOME_NAMES} | {"central", "policy/FILE", "recorded/FILE", "human"}
    assert tested == set(DESCRIPTIONS)


@pytest.mark.parametrize("layout", ["forced_coordination", "counter_circuit_tomato"])
def test_other_kitchens_and_rules(layout: str) -> None:
    check_agent(
        lambda: proagent(Rulebook(drop=0.3)),
        kitchen_world(layout=layout, rules="new", start="random"),
        seed=1,
        steps=40,
    )


def test_one_seat_alone_and_an_episode_that_ends() -> None:
    check_agent(lambda: proagent(Rulebook()), kitchen_world(seats=(1,), horizon=30))


class Good:
    """Draws its moves from the seed, and counts."""

    def reset(self, seed: int, guide: Any, record: Any) -> None:
        self.seed, self.guide, self.record, self.count = seed, guide, record, 0

    async def act(self, observation: Observation) -> Action:
        self.count += 1
        draw = random.Random(f"{self.seed}|{self.guide.seat}|{self.count}")
        return Action(draw.choice(self.guide.primitives))

    def save(self) -> Json:
        return {"count": self.count}

    def load(self, state: Json) -> None:
        self.count = state["count"]


class NoAgent:
    def reset(self, seed: int, guide: Any, record: Any) -> None: ...


class NotAsync(Good):
    def act(self, observation: Observation) -> Action:  # type: ignore[override]
        return self.guide.safe  # type: ignore[no-any-return]


class Illegal(Good):
    async def act(self, observation: Observation) -> Action:
        return Action("teleport")


class WithArguments(Good):
    async def act(self, observation: Observation) -> Action:
        return Action("north", ("fast",))


class NoAction(Good):
    async def act(self, observation: Observation) -> Action:
        return "north"  # type: ignore[return-value]


class GlobalRandom(Good):
    async def act(self, observation: Observation) -> Action:
        return Action(random.choice(self.guide.primitives))


class NumpyRandom(Good):
    async def act(self, observation: Observation) -> Action:
        return Action(self.guide.primitives[np.random.randint(6)])  # noqa: NPY002


class Remembers(Good):
    games = 0

    def reset(self, seed: int, guide: Any, record: Any) -> None:
        super().reset(seed, guide, record)
        self.games += 1
        self.count = 100 * (self.games - 1)


class Forgets(Good):
    def load(self, state: Json) -> None: ...


class SaveIsNoJson(Good):
    def save(self) -> Json:
        return {"count": self.count, "when": (1, 2)}


class SaveCounts(Good):
    def save(self) -> Json:
        self.count += 1
        return {"count": self.count}


class OtherSeat(Good):
    async def act(self, observation: Observation) -> Action:
        self.record(Noted(observation.t, 1 - observation.seat, "hm"))
        return await super().act(observation)


class OtherTime(Good):
    async def act(self, observation: Observation) -> Action:
        self.record(Noted(observation.t + 1, observation.seat, "hm"))
        return await super().act(observation)


class PlaysWorld(Good):
    async def act(self, observation: Observation) -> Action:
        self.record(Stepped(observation.t, {0: 20.0}, {}))
        return await super().act(observation)


class Lies(Good):
    async def act(self, observation: Observation) -> Action:
        self.record(Acted(observation.t, observation.seat, "stay"))
        return Action("north")


class Meddles(Good):
    async def act(self, observation: Observation) -> Action:
        observation.view.loose[(0, 0)] = 1
        return await super().act(observation)


def test_a_good_agent_passes() -> None:
    check_agent(Good, kitchen_world())


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (NoAgent, "lacks a method of talkoot.agent.Agent"),
        (NotAsync, "act must be async, but gave Action"),
        (Illegal, "seat 0 gave 'teleport', known are north"),
        (WithArguments, "knows no action 'north"),
        (NoAction, "act gave str, not an Action"),
        (GlobalRandom, "global random state"),
        (NumpyRandom, "the same seed gave something else in a second run"),
        (Remembers, "it has not forgotten the last episode"),
        (Forgets, "loaded what was saved after 1 steps goes on differently"),
        (SaveIsNoJson, r"save\(\) must be plain JSON"),
        (SaveCounts, "save changes the mind"),
        (OtherSeat, "seat 0 recorded an event of seat 1"),
        (OtherTime, "at time 0 it recorded an event of time 1"),
        (PlaysWorld, "'stepped' is for the main loop to record"),
        (Lies, "it recorded .*'stay'.* but gave .*'north'"),
        (Meddles, "act changed the world or its view"),
    ],
)
def test_each_breach_is_found(broken: type[Agent], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_agent(broken, kitchen_world())


def test_who_looks_behind_the_curtain_is_found() -> None:
    world = kitchen_world()

    class Peeks(Good):
        async def act(self, observation: Observation) -> Action:
            hidden = world.kitchen.cooks[self.guide.seat].cell
            return Action(self.guide.primitives[(hidden[0] + hidden[1]) % 4])

    with pytest.raises(AssertionError, match="knows more than it observes"):
        check_agent(Peeks, world)


def test_a_team_must_fill_the_seats() -> None:
    with pytest.raises(AssertionError, match=r"the team fills seats \[0\]"):
        check_agent(lambda: {0: Good()}, kitchen_world())


def test_errors_of_the_agent_itself_pass_through() -> None:
    class Fails(Good):
        async def act(self, observation: Observation) -> Action:
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        check_agent(Fails, kitchen_world())
