"""Do messages change what their receivers do? A counterfactual beside the game: a twin that did not hear them.

`Heeding` plays as the agent that it is given. Whenever a message reaches it, a second mind is made from the saved first
one and gets the same observations from then on, but not that message. Both decide by themselves; only the first one
acts. The message changed the next plan if the two differ in it (sending a message is not counted as a plan: what comes
after it is compared). As long as they agree the comparison goes on: a message may also change a later plan. All else
being equal, the message alone makes the difference. Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from talkoot.agents.modular import ModularAgent
from talkoot.events import Acted, Event, Noted, Planned, Record
from talkoot.types import Action, Json, Message, Observation
from talkoot.world import Guide

EFFECT = "message effect"
"""The tag of the note that tells how a message was judged."""


class Effect(NamedTuple):
    """Messages said in an episode, those whose receiver made a plan afterwards, and those that changed this plan.

    `later` are those that changed not the next plan, but one after it.
    """

    said: int
    judged: int
    changed: int
    later: int = 0

    @property
    def share(self) -> float:
        """The share of the judged messages that changed the next plan (0.0 where none was judged)."""
        return self.changed / self.judged if self.judged else 0.0


def messages_effect(events: Iterable[Event]) -> Effect:
    """Count what `Heeding` agents noted in the record of an episode."""
    said = judged = changed = later = 0
    for event in events:
        if isinstance(event, Acted):
            said += bool(event.say)
        elif isinstance(event, Noted) and event.what == EFFECT:
            judged += event.text.startswith(("changed:", "unchanged:"))
            changed += event.text.startswith("changed:")
            later += event.text.startswith("changed later:")
    return Effect(said, judged, changed, later)


@dataclass
class _Twin:
    """A mind that did not get `message`, and the next plans of both: "" as long as none was made.

    `agreed` counts the plans in which they did not differ.
    """

    agent: ModularAgent
    message: Message
    events: list[Event] = field(default_factory=list)
    with_it: str = ""
    without: str = ""
    agreed: int = 0


class Heeding:
    """The agent that `make` gives, in one seat, with a twin for every message that has changed nothing yet.

    `make` is called once for the agent and once for every twin; they must share nothing. What twins think is not
    recorded, but their models are asked. Twins are not saved: after `load`, earlier messages are not judged any more.
    """

    def __init__(self, make: Callable[[], ModularAgent]) -> None:
        self._make, self._agent = make, make()
        self._twins: list[_Twin] = []

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat."""
        self._seed, self._guide, self._record = seed, guide, record
        self._twins, self._events = [], list[Event]()
        self._agent.reset(seed, guide, self._keep)

    def _keep(self, event: Event) -> None:
        self._events.append(event)
        self._record(event)

    async def act(self, observation: Observation) -> Action:
        """Decide; let the twins decide beside it, and note what each judged message did."""
        for message in observation.messages:
            twin = _Twin(self._make(), message)
            twin.agent.reset(self._seed, self._guide, twin.events.append)
            twin.agent.load(self._agent.save())
            if self._agent.heed:
                twin.agent.reconsider()  # it thinks again as well, so that what differs is what the message said
            self._twins.append(twin)
        self._events.clear()
        action = await self._agent.act(observation)
        plan = self._plan(self._events)
        for twin in list(self._twins):
            twin.with_it = twin.with_it or plan
            if not twin.without:
                heard = tuple(message for message in observation.messages if message != twin.message)
                twin.events.clear()
                await twin.agent.act(replace(observation, messages=heard))
                twin.without = self._plan(twin.events)
            if twin.with_it and twin.without:
                self._judge(twin, observation.t)
        return action

    def _plan(self, events: Iterable[Event]) -> str:
        """The plan that was made in this step and stands, "" for none; a message is none."""
        made = [event.skill for event in events if isinstance(event, Planned)]
        spoken = bool(self._guide.speech) and bool(made) and made[-1].startswith(f"{self._guide.speech}(")
        return "" if not made or spoken else made[-1]

    def _judge(self, twin: _Twin, t: int) -> None:
        """Compare the plans that both have made; after the first that differs the twin is let go."""
        after = f"after {twin.message.text!r}"
        if twin.with_it != twin.without:
            how = "changed later" if twin.agreed else "changed"
            self._note(t, f"{how}: {twin.with_it} instead of {twin.without}, {after}")
            self._twins.remove(twin)
        elif not twin.agreed:
            self._note(t, f"unchanged: {twin.with_it}, {after}")
        twin.with_it, twin.without, twin.agreed = "", "", twin.agreed + 1

    def _note(self, t: int, text: str) -> None:
        self._record(Noted(t, self._guide.seat, EFFECT, text))

    def save(self) -> Json:
        """The mind of the agent itself."""
        return self._agent.save()

    def load(self, state: Json) -> None:
        """Continue from a saved mind."""
        self._twins.clear()
        self._agent.load(state)
