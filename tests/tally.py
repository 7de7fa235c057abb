"""A tiny world, an agent that asks a model in every step, and a model that never says the same twice: for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from talkoot.errors import ModelFailed
from talkoot.events import Acted, Called, Record
from talkoot.model import Model, Reply, Request, Turn
from talkoot.types import Action, Json, Observation, Seat, Step
from talkoot.world import Guide


class Tally:
    """A world of six steps in which each seat earns the number that it says."""

    name = "tally"
    seats: tuple[Seat, ...] = (0, 1)

    def reset(self, seed: int) -> Mapping[Seat, Observation]:
        self.t, self.seed = 0, seed
        return {seat: Observation(seat, 0, seed) for seat in self.seats}

    def step(self, actions: Mapping[Seat, Action]) -> Step:
        self.t += 1
        rewards = {seat: float(actions[seat].arguments[0]) for seat in self.seats}
        seen = {seat: Observation(seat, self.t, self.seed) for seat in self.seats}
        return Step(seen, rewards, self.t == 6, frozenset(self.seats))

    def guide(self, seat: Seat) -> Guide:
        return Guide("tally", seat, self.seats, "count", (), ())

    def setting(self) -> Json:
        return {"kind": "tally"}

    def scene(self) -> Json:
        return {"t": self.t}

    def save(self) -> Json:
        return self.t

    def load(self, state: Json) -> Mapping[Seat, Observation]:
        raise NotImplementedError


@dataclass
class Asker:
    """Asks its model for a number in every step."""

    model: Model

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        self.seed, self.record = seed, record

    async def act(self, observation: Observation) -> Action:
        words = f"seat {observation.seat} step {observation.t} seed {self.seed}"
        request = Request("tally/say", (Turn("user", words),), temperature=1.0)
        reply = await self.model(request)
        chat = tuple((turn.role, turn.content) for turn in request.messages)
        self.record(
            Called(observation.t, observation.seat, request.purpose, self.model.name, request.key(), chat, reply.text)
        )
        self.record(Acted(observation.t, observation.seat, f"say({reply.text})"))
        return Action("say", (reply.text,))

    def save(self) -> Json:
        return None

    def load(self, state: Json) -> None:
        pass


class Dice:
    """A model that never gives the same number twice, and fails or is stopped at call number `stop`."""

    name = "dice"

    def __init__(self, stop: int = 10**9, error: BaseException | None = None) -> None:
        self.calls, self.stop, self.error = 0, stop, error or ModelFailed("the server is gone")

    async def __call__(self, request: Request) -> Reply:
        await asyncio.sleep(0)
        self.calls += 1
        if self.calls >= self.stop:
            raise self.error
        return Reply(str(self.calls), seconds=0.5 * self.calls)
