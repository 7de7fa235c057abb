"""Agents without a mind: random, stay, and a recording that is played again."""

from __future__ import annotations

import random
from pathlib import Path

from talkoot.errors import BadInput
from talkoot.events import Acted, Record
from talkoot.types import Action, Json, Observation, Seat
from talkoot.world import Guide


class RandomAgent:
    """A uniformly random primitive at every step, drawn from the episode's seed and the seat."""

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat."""
        self._random = random.Random(f"{seed}|{guide.seat}")
        self._guide = guide

    async def act(self, observation: Observation) -> Action:
        """Draw."""
        return Action(self._random.choice(self._guide.primitives))

    def save(self) -> Json:
        """The generator's state."""
        version, internal, gauss = self._random.getstate()
        return [version, list(internal), gauss]

    def load(self, state: Json) -> None:
        """Go on drawing from a saved state."""
        self._random.setstate((state[0], tuple(state[1]), state[2]))


class Stay:
    """Gives the world's safe action at every step."""

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat."""
        self._guide = guide

    async def act(self, observation: Observation) -> Action:
        """Do nothing."""
        return self._guide.safe

    def save(self) -> Json:
        """Nothing to keep."""
        return None

    def load(self, state: Json) -> None:
        """Nothing to restore."""


class Recording:
    """Does again what a seat did in an episode file; the safe action once the recording is over.

    `seat` is the seat to copy (by default the one it sits in). Raises BadInput if the recording has no such seat.
    """

    def __init__(self, path: str | Path, seat: Seat | None = None) -> None:
        from talkoot.episode import read_episode

        file = Path(path)
        if not file.is_file():
            raise BadInput(f"there is no episode file {file}; name one of RUN/episodes/*.jsonl")
        self._actions: dict[Seat, dict[int, Action]] = {}
        for event in read_episode(file).events:
            if isinstance(event, Acted):
                self._actions.setdefault(event.seat, {})[event.t] = Action(event.action, say=event.say)
        self._seat, self._path = seat, file

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat."""
        wanted = guide.seat if self._seat is None else self._seat
        if wanted not in self._actions:
            raise BadInput(f"{self._path} has no actions of seat {wanted}; it has those of {sorted(self._actions)}")
        self._mine, self._guide = self._actions[wanted], guide

    async def act(self, observation: Observation) -> Action:
        """The action of this step."""
        return self._mine.get(observation.t, self._guide.safe)

    def save(self) -> Json:
        """Nothing to keep: the time is in the observation."""
        return None

    def load(self, state: Json) -> None:
        """Nothing to restore."""
