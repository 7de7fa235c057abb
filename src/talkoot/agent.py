"""The contract of an agent: everything that can sit in a seat."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from talkoot.events import Record
from talkoot.types import Action, Json, Observation
from talkoot.world import Guide


@runtime_checkable
class Agent(Protocol):
    """Language agent, trained policy, script, person or recording. `talkoot.agents.check.check_agent` tests it.

    An agent knows nothing but its guide and its observations. The same seed, the same observations and the same model
    replies give the same actions. `save` returns JSON from which `load` continues the episode.
    """

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Forget the last episode and take a seat. What the agent thinks is handed to `record` as events."""

    async def act(self, observation: Observation) -> Action:
        """Decide on one step."""

    def save(self) -> Json:
        """The whole state of the mind as JSON."""

    def load(self, state: Json) -> None:
        """Continue from a saved state."""
