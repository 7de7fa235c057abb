"""Any world as a PettingZoo ParallelEnv, for learners that speak that interface (extra `pettingzoo`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from talkoot.errors import BadInput
from talkoot.types import Action, Observation, Style
from talkoot.world import World

Encode = Callable[[Observation], NDArray[Any]]


def lossless(observation: Observation) -> NDArray[np.uint8]:
    """The 26-channel encoding of a kitchen from the observer's point of view: uint8 (width, height, 26)."""
    from talkoot.worlds.overcooked.encoding import encode

    return encode(observation.view, observation.seat)


class ParallelWorld(ParallelEnv[str, NDArray[Any], int]):  # type: ignore[misc]  # PettingZoo is untyped here
    """A World with the interface of PettingZoo's ParallelEnv; agents are called `seat_0`, `seat_1`.

    Actions are indices into the guide's primitives. Observations are arrays made by `encode` (default: the 26 channels
    of Overcooked), always of one shape and type. Rewards are what each seat earned itself, or with `team_reward` the
    sum for each. The end of an episode is told as truncation, since worlds end at a horizon, or with `terminal` as
    termination. `infos` carry what the world says about a step for that seat: in Overcooked `shaped` and `events`.
    A reset without a seed takes the seed after the last one, so that a run is repeatable as a whole. Raises BadInput
    for a world whose seats have no primitives.
    """

    def __init__(
        self, world: World, encode: Encode = lossless, *, team_reward: bool = False, terminal: bool = False
    ) -> None:
        self.metadata = {"name": world.name, "render_modes": ["ansi"]}
        self.render_mode = "ansi"
        self.world = world
        self.possible_agents = [f"seat_{seat}" for seat in world.seats]
        self.agents: list[str] = []
        self._seats = dict(zip(self.possible_agents, world.seats, strict=True))
        self._encode, self._team_reward, self._terminal = encode, team_reward, terminal
        self._seed = -1
        self._primitives = {agent: world.guide(seat).primitives for agent, seat in self._seats.items()}
        if not all(self._primitives.values()):
            raise BadInput(f"{world.name} has no list of primitives; only worlds with one can be used with PettingZoo")
        self._seen = world.reset(0)
        self.action_spaces = {agent: spaces.Discrete(len(names)) for agent, names in self._primitives.items()}
        self.observation_spaces = {}
        for agent, seat in self._seats.items():
            sample = encode(self._seen[seat])
            whole = np.issubdtype(sample.dtype, np.integer)
            bounds = np.iinfo(sample.dtype) if whole else None
            low, high = (bounds.min, bounds.max) if bounds else (-np.inf, np.inf)
            self.observation_spaces[agent] = spaces.Box(low, high, sample.shape, sample.dtype.type)

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """The same Box at each call."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """The same Discrete at each call: indices into the seat's primitives."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, NDArray[Any]], dict[str, dict[str, Any]]]:
        """Begin an episode; `options` are not used."""
        self._seed = self._seed + 1 if seed is None else seed
        self._seen = self.world.reset(self._seed)
        self.agents = list(self.possible_agents)
        return self._encoded(), {agent: {} for agent in self.agents}

    def step(
        self, actions: dict[str, int]
    ) -> tuple[dict[str, NDArray[Any]], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """Let one step pass; after the end no agents are left."""
        if not self.agents:
            return {}, {}, {}, {}, {}
        step = self.world.step(
            {self._seats[agent]: Action(self._primitives[agent][int(index)]) for agent, index in actions.items()}
        )
        self._seen = {**self._seen, **step.observations}
        total = sum(step.rewards.values())
        rewards = {agent: total if self._team_reward else step.rewards[seat] for agent, seat in self._seats.items()}
        terminated = dict.fromkeys(self._seats, step.done and self._terminal)
        truncated = dict.fromkeys(self._seats, step.done and not self._terminal)
        infos = {
            agent: {
                key: value[str(seat)]
                for key, value in step.info.items()
                if isinstance(value, dict) and str(seat) in value
            }
            for agent, seat in self._seats.items()
        }
        observations = self._encoded()
        if step.done:
            self.agents = []
        return observations, rewards, terminated, truncated, infos

    def render(self) -> str:
        """The first seat's view as a character grid."""
        return self._seen[self.world.seats[0]].words(Style("grid"))

    def _encoded(self) -> dict[str, NDArray[Any]]:
        return {agent: self._encode(self._seen[seat]) for agent, seat in self._seats.items()}
