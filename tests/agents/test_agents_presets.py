"""The presets, and the agent that they assemble: whole games, organs left out, minds saved, records repeated."""

from __future__ import annotations

import asyncio
import io
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from agent_fakes import PLANS, Fake, Table, act, kitchen_world

from talkoot.agents.communication import Communication
from talkoot.agents.memory import Memory
from talkoot.agents.modular import ModularAgent
from talkoot.agents.planner import Plan, SkillPlanner
from talkoot.agents.presets import proagent, react
from talkoot.agents.verifier import Verifier
from talkoot.episode import Episode, EpisodeWriter, run_episode, run_sync
from talkoot.events import Acted, Believed, Called, Finished, Planned, Saw, Verified
from talkoot.model import Reply, Request
from talkoot.models.rulebook import Rulebook
from talkoot.types import SkillCall

VARIANTS: dict[str, Any] = {
    "proagent": lambda model: proagent(model),
    "plan only": lambda model: proagent(model, level="plan"),
    "analysis": lambda model: proagent(model, level="analysis", belief="annotate", recent=2),
    "bare": lambda model: proagent(model, belief="off", verify="off", memory=0),
    "explain": lambda model: proagent(model, verify="explain", talk=True),
    "rules": lambda model: proagent(model, verify="rules"),
    "model": lambda model: proagent(model, verify="model"),
    "released": lambda model: proagent(model, released=True),
    "react": lambda model: react(model),
}


def play(make: Any, model: Any = None, *, horizon: int = 150, seed: int = 0, **settings: Any) -> Episode:
    world = kitchen_world(horizon=horizon, talk=True, **settings)
    return run_sync(run_episode(world, {seat: make(model or Rulebook()) for seat in world.seats}, seed))


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_plays(name: str) -> None:
    episode = play(VARIANTS[name])
    assert episode.score >= 20
    assert episode.ended is not None
    kinds = {type(event) for event in episode.events}
    assert {Saw, Called, Planned, Finished, Acted} <= kinds
    assert (Verified in kinds) is (name not in ("bare", "react"))
    assert (Believed in kinds) is (name in ("proagent", "explain", "rules", "model"))


@pytest.mark.parametrize("organ", ["memory", "believe", "verify", "communicate"])
def test_each_organ_can_be_taken_out(organ: str) -> None:
    def without(model: Any) -> ModularAgent:
        return replace(proagent(model, talk=True), **{organ: None})

    assert play(without, horizon=120).ended is not None


@pytest.mark.parametrize("layout", ["forced_coordination", "counter_circuit_tomato"])
def test_new_rules_and_other_kitchens(layout: str) -> None:
    assert play(VARIANTS["proagent"], horizon=60, layout=layout, rules="new").ended is not None


class Shuffled(Rulebook):
    """The rulebook behind a network that answers in another order each time."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)

    async def __call__(self, request: Request) -> Reply:
        reply = await super().__call__(request)
        await asyncio.sleep(self._random.choice((0, 0.0005, 0.002)))
        return reply


def record(make: Any, model: Any, seed: int = 5) -> str:
    file, world = io.StringIO(), kitchen_world(horizon=50, talk=True, start="random")
    team = {seat: make(model) for seat in world.seats}
    run_sync(run_episode(world, team, seed, record=EpisodeWriter(file)))
    return file.getvalue()


@pytest.mark.parametrize("name", ["proagent", "explain", "released", "react"])
def test_the_same_seed_and_replies_give_the_same_bytes(name: str) -> None:
    first = record(VARIANTS[name], Rulebook())
    assert first == record(VARIANTS[name], Rulebook())
    assert first == record(VARIANTS[name], Shuffled(1)) == record(VARIANTS[name], Shuffled(2))
    assert first != record(VARIANTS[name], Rulebook(), seed=6)


def test_agents_can_be_used_again_without_a_trace_of_the_last_game() -> None:
    world = kitchen_world(horizon=60)
    team = {seat: proagent(Rulebook(drop=0.2)) for seat in world.seats}
    first = run_sync(run_episode(world, team, 1))
    run_sync(run_episode(world, team, 2))
    assert run_sync(run_episode(world, team, 1)).events == first.events


def test_a_planner_that_keeps_something_is_saved_with_the_mind() -> None:
    class Counting:
        count = 0

        def reset(self) -> None:
            self.count = 0

        async def __call__(self, *args: Any) -> Plan:
            self.count += 1
            return Plan(SkillCall("wait", (str(self.count),)))

        def save(self) -> Any:
            return {"count": self.count}

        def load(self, state: Any) -> None:
            self.count = state["count"]

    table, one, two = Table(), ModularAgent(Counting()), ModularAgent(Counting())
    one.reset(0, table.guide, table.events.append)
    act(one, table.seen)
    two.reset(0, table.guide, table.events.append)
    two.load(json.loads(json.dumps(one.save())))
    assert two.save() == one.save()
    assert act(one, table.seen, table.seen) == act(two, table.seen, table.seen)
    assert two.plan.count == 2  # type: ignore[attr-defined]


def test_a_mind_is_saved_with_everything_in_it() -> None:
    table = Table(talk=True)
    model = Fake(by=lambda request: "Message: hello" if request.purpose.endswith("message") else PLANS + "wait(3)")
    agent = ModularAgent(SkillPlanner(model), communicate=Communication(model), verify=Verifier(model))
    agent.reset(0, table.guide, table.events.append)
    act(agent, table.seen)
    state = json.loads(json.dumps(agent.save()))
    assert state["skill"] == ["wait", "3"]
    assert state["execute"] == [1, 0, False, table.told(Acted)[0].action, table.told(Acted)[0].action, 1]
    assert state["memory"]["said"] == ["hello"]
    assert state["believe"]["open"][0]["expected"] == "pickup_dish()"
    fresh = ModularAgent(SkillPlanner(model), communicate=Communication(model), verify=Verifier(model))
    fresh.reset(0, table.guide, table.events.append)
    fresh.load(state)
    assert json.loads(json.dumps(fresh.save())) == state
    assert act(fresh, table.seen) == act(agent, table.seen)
    # A mind with fewer organs takes what it has a place for.
    less = ModularAgent(SkillPlanner(model), memory=None, believe=None)
    less.reset(0, table.guide, table.events.append)
    less.load(state)
    assert less.save()["skill"] == ["wait", "3"]


def test_the_released_preset_recalls_only_when_planning_again() -> None:
    table = Table()
    plans = iter(["Plan for Player 0: deliver_soup", "Plan for Player 0: pickup(onion)"])
    model = Fake(by=lambda request: next(plans) if request.purpose.endswith("plan") else "Error: there is no soup")
    agent = proagent(model, released=True)
    agent.reset(0, table.guide, table.events.append)
    act(agent, table.seen)
    assert model.kinds == ["plan", "explain", "plan"]
    assert [len(request.messages) for request in model.asked] == [2, 2, 4]
    assert "- deliver_soup(): there is no soup" in model.prompt()
    assert isinstance(agent.memory, Memory)
    assert table.told(Acted)[0].skill == "pickup_onion()"
