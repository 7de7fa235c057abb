"""Views of the small homes for tests: what somebody sees of a task after some primitives, and what it knows by then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from household_homes import two_rooms_task
from talkoot.types import Action, Message, Observation, Seat
from talkoot.worlds.household.mechanics import advance, start
from talkoot.worlds.household.memory import recall
from talkoot.worlds.household.quirks import DEFAULT
from talkoot.worlds.household.sight import observe
from talkoot.worlds.household.task import Task
from talkoot.worlds.household.view import HomeView


def action(text: str) -> Action:
    """`walktowards 50` as an Action."""
    name, *arguments = text.split()
    return Action(name, tuple(arguments))


class Played:
    """A task that is played primitive by primitive, with what both seats see and remember."""

    def __init__(self, task: Task | None = None, seats: tuple[Seat, ...] = (0, 1)) -> None:
        self.task = task or two_rooms_task()
        self.seats = seats
        self.state = start(self.task, 0, seats)
        self.known: dict[Seat, HomeView] = {}
        self._remember({})

    def see(self, seat: Seat) -> HomeView:
        """What the seat sees now."""
        return observe(self.state, seat, alone=len(self.seats) == 1)

    def _remember(self, said: dict[Seat, str]) -> None:
        for seat in self.seats:
            heard = tuple(Message(other, text, self.state.t - 1) for other, text in said.items() if other != seat)
            self.known[seat] = recall(self.known.get(seat), Observation(seat, self.state.t, self.see(seat), heard))

    def do(
        self, *steps: str, seat: Seat = 0, other: Sequence[str] = (), said: dict[Seat, str] | None = None
    ) -> HomeView:
        """Carry out primitives of one seat (and, beside them, of the other); what the first knows then."""
        for number, step in enumerate(steps):
            beside = other[number] if number < len(other) else "wait"
            acts = {seat: action(step), 1 - seat: action(beside)}
            advance(self.state, {one: acts[one] for one in self.seats}, Random(0), DEFAULT)
            self._remember(said or {})
        return self.known[seat]

    def walk(self, target: int, seat: Seat = 0) -> HomeView:
        """Walk until the target room is entered, or the target is within reach."""
        for _ in range(40):
            view = self.known[seat]
            if view.me.room == target or view.reaches(target):
                return view
            self.do(f"walktowards {target}", seat=seat)
        raise AssertionError(f"{target} was never reached")


def labels(nodes: Iterable[object]) -> list[str]:
    """What prompts call them."""
    return [node.label for node in nodes]  # type: ignore[attr-defined]
