"""Any world as a PettingZoo ParallelEnv, for learners that speak that interface (extra `pettingzoo`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from talkoot.errors import BadInput
from talkoot.types import Action, Observation, Style
from talkoot.world import World

Encode = Callable[[Observation], NDArray[Any]]


class Actions(Protocol):
    """A fixed table of actions: which one an index stands for may depend on what the seat sees."""

    @property
    def n(self) -> int:
        """How many there are."""

    def decode(self, observation: Observation, index: int) -> Action:
        """The action of an index from 0 to n - 1; every one must be legal."""


class Primitives:
    """The primitives of a guide by their place in its list, for worlds in which they take no arguments."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self.n = len(names)

    def decode(self, observation: Observation, index: int) -> Action:
        """The primitive of this number."""
        return Action(self._names[index])


def lossless(observation: Observation) -> NDArray[np.uint8]:
    """The 26-channel encoding of a kitchen from the observer's point of view: uint8 (width, height, 26)."""
    from talkoot.worlds.overcooked.encoding import encode

    return encode(observation.view, observation.seat)


def _defaults(world: World) -> tuple[Encode, dict[int, Actions] | None]:
    """The encoding and the tables of actions (by seat) that fit a world's family; None where it has no table."""
    guides = {seat: world.guide(seat) for seat in world.seats}
    if all(guide.world == "household" for guide in guides.values()):
        from talkoot.worlds.household.encoding import SlotActions, encode

        return encode, dict.fromkeys(world.seats, SlotActions())
    named = {seat: guide.primitives for seat, guide in guides.items() if guide.legal is None and guide.primitives}
    if len(named) < len(world.seats):
        return lossless, None
    return lossless, {seat: Primitives(names) for seat, names in named.items()}


class ParallelWorld(ParallelEnv[str, NDArray[Any], int]):  # type: ignore[misc]  # PettingZoo is untyped here
    """A World with the interface of PettingZoo's ParallelEnv; agents are called `seat_0`, `seat_1`.

    Actions are indices into `actions`, the same table for each seat (default: the primitives of the guide where these
    take no arguments; in homes the slots of `household.encoding`). Observations are arrays made by `encode` (default:
    the 26 channels of Overcooked, the slots of homes), always of one shape and type. Rewards are what each seat earned
    itself, or with `team_reward` the sum for each. The end of an episode is told as truncation, since worlds end at a
    horizon, or with `terminal` as termination; success always is termination. `infos` carry what the world says about a
    step for that seat: in Overcooked `shaped` and `events`. A reset without a seed takes the seed after the last one,
    so that a run is repeatable as a whole. Raises BadInput for a world whose primitives take arguments or have no
    names, where `actions` is not given.
    """

    def __init__(
        self,
        world: World,
        encode: Encode | None = None,
        *,
        actions: Actions | None = None,
        team_reward: bool = False,
        terminal: bool = False,
    ) -> None:
        self.metadata = {"name": world.name, "render_modes": ["ansi"]}
        self.render_mode = "ansi"
        self.world = world
        self.possible_agents = [f"seat_{seat}" for seat in world.seats]
        self.agents: list[str] = []
        self._seats = dict(zip(self.possible_agents, world.seats, strict=True))
        self._team_reward, self._terminal = team_reward, terminal
        self._seed = -1
        fitting, tables = _defaults(world)
        self._encode = encode or fitting
        if actions is None and tables is None:
            raise BadInput(
                f"{world.name} has no list of primitives without arguments; give actions=, an object with n and "
                "decode(observation, index), to use it with PettingZoo"
            )
        self._actions = {agent: actions or tables[seat] for agent, seat in self._seats.items()}  # type: ignore[index]
        self._seen = dict(world.reset(0))
        self.action_spaces = {agent: spaces.Discrete(table.n) for agent, table in self._actions.items()}
        self.observation_spaces = {}
        for agent, seat in self._seats.items():
            sample = self._encode(self._seen[seat])
            whole = np.issubdtype(sample.dtype, np.integer)
            bounds = np.iinfo(sample.dtype) if whole else None
            low, high = (bounds.min, bounds.max) if bounds else (-np.inf, np.inf)
            self.observation_spaces[agent] = spaces.Box(low, high, sample.shape, sample.dtype.type)

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """The same Box at each call."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """The same Discrete at each call: indices into the seat's table of actions."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, NDArray[Any]], dict[str, dict[str, Any]]]:
        """Begin an episode; `options` are not used."""
        self._seed = self._seed + 1 if seed is None else seed
        self._seen = dict(self.world.reset(self._seed))
        self.agents = list(self.possible_agents)
        return self._encoded(), {agent: {} for agent in self.agents}

    def step(
        self, actions: dict[str, int]
    ) -> tuple[dict[str, NDArray[Any]], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """Let one step pass; after the end no agents are left."""
        if not self.agents:
            return {}, {}, {}, {}, {}
        step = self.world.step(
            {
                (seat := self._seats[agent]): self._actions[agent].decode(self._seen[seat], int(index))
                for agent, index in actions.items()
            }
        )
        self._seen = {**self._seen, **step.observations}
        total = sum(step.rewards.values())
        rewards = {agent: total if self._team_reward else step.rewards[seat] for agent, seat in self._seats.items()}
        terminal = self._terminal or bool(step.info.get("success"))
        terminated = dict.fromkeys(self._seats, step.done and terminal)
        truncated = dict.fromkeys(self._seats, step.done and not terminal)
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
