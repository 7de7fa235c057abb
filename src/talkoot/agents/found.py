"""Agents that each world brings for itself (`greedy`, `mhp`): found by name once the seat's world is known.

Agents import no world; a world's own agents lie beside it, in `talkoot.worlds.WORLD`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from talkoot.agent import Agent
from talkoot.errors import BadInput
from talkoot.events import Record
from talkoot.types import Action, Json, Observation
from talkoot.world import Guide


class WorldsOwn:
    """Plays as `talkoot.worlds.WORLD.{module}` makes it, WORLD being the world of the seat that it takes.

    `make` builds the agent from the module. `name` is what a user calls it, for messages. `reset` raises BadInput where
    the world has no such agent.
    """

    def __init__(self, name: str, module: str, make: Callable[[Any], Agent]) -> None:
        self._name, self._module, self._make = name, module, make
        self._agents: dict[str, Agent] = {}
        self._agent: Agent | None = None

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat."""
        if guide.world not in self._agents:
            self._agents[guide.world] = self._make(self._found(guide.world))
        self._agent = self._agents[guide.world]
        self._agent.reset(seed, guide, record)

    def _found(self, world: str) -> Any:
        path = f"talkoot.worlds.{world}.{self._module}"
        try:
            known = world.isidentifier() and find_spec(path) is not None
        except ModuleNotFoundError:
            known = False
        if not known:
            raise BadInput(f"the world {world} has no {self._name}; seat another agent (talkoot worlds lists them)")
        return import_module(path)

    async def act(self, observation: Observation) -> Action:
        """Let it decide."""
        return await self._seated.act(observation)

    def save(self) -> Json:
        """Its mind."""
        return self._seated.save()

    def load(self, state: Json) -> None:
        """Continue from its mind."""
        self._seated.load(state)

    @property
    def _seated(self) -> Agent:
        assert self._agent is not None, "call reset first"
        return self._agent
