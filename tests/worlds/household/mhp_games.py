"""Games of MHPs (or others) in the household, played step by step with all that is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from talkoot.agent import Agent
from talkoot.events import Event
from talkoot.types import Action, Observation, Seat
from talkoot.world import Guide
from talkoot.worlds.household.mhp.agent import MHP
from talkoot.worlds.household.mhp.inventory import inventory_of
from talkoot.worlds.household.mhp.settings import Settings
from talkoot.worlds.household.task import Task
from talkoot.worlds.household.world import HouseholdWorld


def decide(agent: Agent, observation: Observation) -> Action:
    """What the agent does; none of these waits for anything, so no event loop is needed."""
    with pytest.raises(StopIteration) as end:
        agent.act(observation).send(None)
    assert isinstance(end.value.value, Action)
    return end.value.value


class Game:
    """A team of MHPs (or others) in a world, with everything that they record."""

    def __init__(self, world: HouseholdWorld, team: Mapping[Seat, Agent], seed: int = 0) -> None:
        self.world, self.team, self.seen = world, team, world.reset(seed)
        self.events: list[Event] = []
        self.actions: list[dict[Seat, Action]] = []
        self.failed: list[dict[str, str]] = []
        for seat, agent in team.items():
            agent.reset(seed, self.guide(seat), self.events.append)

    def guide(self, seat: Seat) -> Guide:
        return replace(self.world.guide(seat), inventory=inventory_of(self.world.task))

    def step(self, **others: Action) -> None:
        actions = {seat: decide(agent, self.seen[seat]) for seat, agent in self.team.items()}
        actions |= {int(seat.strip("_")): action for seat, action in others.items()}
        done = self.world.step(actions)
        self.seen = done.observations
        self.actions.append(actions)
        self.failed.append(done.info.get("failed", {}))

    def play(self) -> int:
        while not self.world.done:
            self.step()
        return self.world.state.t

    def of(self, kind: type[Event], seat: Seat = 0) -> list[Event]:  # type: ignore[valid-type]
        return [event for event in self.events if isinstance(event, kind) and event.seat == seat]


def game(task: Task, *, seats: tuple[Seat, ...] = (0,), options: Settings | None = None, seed: int = 0) -> Game:
    return Game(HouseholdWorld([task], seats=seats), {seat: MHP(options) for seat in seats}, seed)
