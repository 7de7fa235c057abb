"""An agent that plays a trained policy: it turns the numbers of a network into one action, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from talkoot.errors import BadInput, CorruptRecord
from talkoot.events import Record
from talkoot.types import Action, Json, Observation
from talkoot.world import Guide


class PolicyAgent:
    """Samples from the softmax of `logits(observation)`, one number for each primitive of the guide, in its order.

    `logits` is any function of an observation; for the trained Overcooked partners it is
    `talkoot.worlds.overcooked.partners.load_partner("policy/sp")`. The random numbers come from
    `numpy.random.default_rng([seed, seat])` alone, one per action, so that a game can be repeated. With `argmax` the
    likeliest action is taken (the first of equals); such play can deadlock.
    """

    def __init__(self, logits: Callable[[Observation], npt.NDArray[np.floating]], *, argmax: bool = False) -> None:
        self._logits = logits
        self._argmax = argmax
        self._primitives: tuple[str, ...] = ()
        self._rng = np.random.default_rng()

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat. Raises BadInput if the world names no primitives."""
        if not guide.primitives:
            raise BadInput(f"the world {guide.world!r} names no primitive actions; a network policy cannot play it")
        self._primitives = guide.primitives
        self._rng = np.random.default_rng([seed, guide.seat])

    async def act(self, observation: Observation) -> Action:
        """Choose one primitive. Raises BadInput if the policy does not fit the world."""
        return Action(self._primitives[self._choose(observation)])

    def _choose(self, observation: Observation) -> int:
        logits = np.asarray(self._logits(observation), np.float64)
        if logits.shape != (len(self._primitives),):
            raise BadInput(
                f"the policy gives {logits.size} numbers, but the world has {len(self._primitives)} actions; "
                "take a policy that was trained for this world"
            )
        return int(np.argmax(logits)) if self._argmax else sample(logits, self._rng.random())

    def save(self) -> Json:
        """The state of the random numbers."""
        return {"rng": self._rng.bit_generator.state}

    def load(self, state: Json) -> None:
        """Continue with saved random numbers; raises CorruptRecord if they are none."""
        try:
            self._rng.bit_generator.state = state["rng"]
        except (KeyError, TypeError, ValueError) as error:
            raise CorruptRecord(f"the saved state of a policy agent holds no random numbers: {error}") from error


def sample(logits: npt.NDArray[np.floating], chance: float) -> int:
    """The index that the softmax of `logits` gives to `chance`, a uniform number in [0, 1)."""
    weights = np.cumsum(np.exp(logits - logits.max()))
    return min(int(np.searchsorted(weights, chance * weights[-1], side="right")), len(weights) - 1)
