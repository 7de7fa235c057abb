"""Agents without a mind: random primitives, random plans, stay, and a recording that is played again."""

from __future__ import annotations

import random
from pathlib import Path

from talkoot.agents.following import Follower, moves, plans
from talkoot.errors import BadInput
from talkoot.events import Acted, Record
from talkoot.types import Action, Json, Observation, Seat, SkillCall
from talkoot.world import Guide


class RandomAgent:
    """A uniformly random primitive at every step, drawn from the episode's seed and the seat.

    Where primitives have arguments, it is one of those that the view of the moment allows.
    """

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat."""
        self._random = random.Random(f"{seed}|{guide.seat}")
        self._guide = guide

    async def act(self, observation: Observation) -> Action:
        """Draw."""
        return self._random.choice(moves(self._guide, observation) or (self._guide.safe,))

    def save(self) -> Json:
        """The generator's state."""
        return _state(self._random)

    def load(self, state: Json) -> None:
        """Go on drawing from a saved state."""
        _restore(self._random, state)


class RandomPlan:
    """A uniformly random one of the plans that can be carried out now, followed until it is done or has failed.

    The lower reference point for agents that choose plans (ours): it knows the routines, but not what to do.
    """

    TRIES = 4
    """Plans that end before they began, in one step, after which the step goes by."""

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat."""
        self._random = random.Random(f"{seed}|{guide.seat}|plans")
        self._follow = Follower(seed, guide, record)

    async def act(self, observation: Observation) -> Action:
        """Go on with the plan, or draw one."""
        follow = self._follow
        seen = follow.see(observation)
        move = follow.next(seen)
        for _ in range(self.TRIES):
            if isinstance(move, Action):
                break
            offered = plans(follow.guide, seen)
            if not offered:
                break
            follow.take(seen, self._random.choice(offered).call)
            move = follow.next(seen)
        return follow.do(seen, move if isinstance(move, Action) else follow.guide.safe)

    def save(self) -> Json:
        """The generator's state, what is known and the plan."""
        return [_state(self._random), self._follow.save()]

    def load(self, state: Json) -> None:
        """Go on from a saved state."""
        _restore(self._random, state[0])
        self._follow.load(state[1])


def _state(generator: random.Random) -> Json:
    version, internal, gauss = generator.getstate()
    return [version, list(internal), gauss]


def _restore(generator: random.Random, state: Json) -> None:
    generator.setstate((state[0], tuple(state[1]), state[2]))


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
                self._actions.setdefault(event.seat, {})[event.t] = _read(event)
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


def _read(event: Acted) -> Action:
    """The primitive as it was written, `stay` or `putin(12, 45)`."""
    if "(" not in event.action:
        return Action(event.action, say=event.say)
    call = SkillCall.parse(event.action)
    return Action(call.name, call.arguments, event.say)
