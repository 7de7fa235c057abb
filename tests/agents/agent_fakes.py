"""What the tests of agents share: a scripted model, kitchens to look at, and a seat to sit in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from talkoot.agents.thinking import Seating
from talkoot.episode import run_sync
from talkoot.events import Event
from talkoot.model import Reply, Request
from talkoot.types import Action, Observation, Seat
from talkoot.world import Guide
from talkoot.worlds.overcooked.kitchen import Kitchen
from talkoot.worlds.overcooked.world import OvercookedWorld

PLANS = "Analysis: all is quiet\nIntention of <Player 1>: pickup_dish()\nPlan for <Player 0>: "


class Fake:
    """A model that answers from a list (the last answer for ever), or by a function; it keeps what it was asked."""

    name = "fake"

    def __init__(self, *replies: str, by: Callable[[Request], str] | None = None) -> None:
        self.replies = list(replies)
        self.by = by
        self.asked: list[Request] = []

    async def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        if self.by is not None:
            return Reply(self.by(request))
        return Reply(self.replies.pop(0) if len(self.replies) > 1 else self.replies[0])

    @property
    def kinds(self) -> list[str]:
        return [request.purpose.partition("/")[2] for request in self.asked]

    def prompt(self, number: int = -1) -> str:
        """The last user turn of a request."""
        return self.asked[number].messages[-1].content

    def system(self, number: int = -1) -> str:
        return self.asked[number].messages[0].content


def kinds(**replies: str) -> Callable[[Request], str]:
    """Answer by the kind of request: `kinds(plan=..., check=...)`."""
    return lambda request: replies[request.purpose.partition("/")[2]]


def kitchen_world(**settings: Any) -> OvercookedWorld:
    return OvercookedWorld(settings.pop("layout", "cramped_room"), **settings)


class Table:
    """One seat in a kitchen: guide, record and observation, for organs that are tested by themselves."""

    def __init__(self, seat: Seat = 0, seed: int = 0, **settings: Any) -> None:
        self.world = kitchen_world(**settings)
        self.seen = self.world.reset(seed)[seat]
        self.events: list[Event] = []
        self.guide: Guide = self.world.guide(seat)
        self.seating = Seating(self.guide, self.events.append, seed)

    def holding(self, *items: int) -> Observation:
        """The observation with these items in the hands of the cooks."""
        view: Kitchen = self.seen.view
        cooks = {seat: cook._replace(held=item) for (seat, cook), item in zip(view.cooks.items(), items, strict=False)}
        return replace(self.seen, view=replace(view, cooks={**view.cooks, **cooks}))

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def act(agent: Any, *observations: Observation) -> list[Action]:
    async def all_of() -> list[Action]:
        return [await agent.act(observation) for observation in observations]

    return run_sync(all_of())


def names(events: Iterable[Event]) -> list[str]:
    return [event.kind for event in events]
