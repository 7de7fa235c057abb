"""A small world of rooms where one sees only the own room and talk takes a step: for organs of CoELA.

Cups lie in rooms 1 to 3 and belong into room 1. Plans are told by the world (`options`), knowledge is joined by
`recall`, and what a mate says about a cup ("<cup> (12) is in <room> (3)") is taken in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agent_fakes import Fake

from talkoot.agents.thinking import Seating
from talkoot.events import Event
from talkoot.formal import DecPomdpCom
from talkoot.model import Request
from talkoot.skills import Condition, Done, Failed, Known, Option
from talkoot.types import Action, Json, Message, Observation, Seat, SkillCall, Step, Style
from talkoot.world import Guide

ROOMS = (1, 2, 3)
NAMES = ("Ann", "Ben")


@dataclass(frozen=True)
class House:
    """What a seat sees, or knows: rooms seen with their cups, who is where, what is held."""

    seat: Seat
    cups: Mapping[int, tuple[int, ...]]
    at: Mapping[Seat, int]
    held: Mapping[Seat, int]

    def words(self, seat: Seat, style: Style) -> str:
        seen = "; ".join(
            f"<room> ({room}): {', '.join(map(_cup, cups)) or 'no cup'}" for room, cups in self.cups.items()
        )
        return f"I am in <room> ({self.at[seat]}) and hold {_cup(self.held.get(seat, 0))}. I know of {seen}."

    def completed(self, seat: Seat, before: House) -> SkillCall | None:
        now, then = self.held.get(seat, 0), before.held.get(seat, 0)
        return SkillCall("take", (f"cup_{now}",)) if now and now != then and seat in before.at else None

    def changed(self, seat: Seat, before: House) -> bool:
        return self.cups != before.cups

    def pose(self, seat: Seat) -> Any:
        return (self.at[seat], self.held.get(seat, 0))

    def save(self) -> Json:
        return [
            self.seat,
            [[room, list(cups)] for room, cups in self.cups.items()],
            [list(pair) for pair in self.at.items()],
            [list(pair) for pair in self.held.items()],
        ]


def restore(state: Json) -> House:
    seat, cups, at, held = state
    return House(seat, {room: tuple(inside) for room, inside in cups}, dict(at), dict(held))


def _cup(number: int) -> str:
    return f"<cup> ({number})" if number else "nothing"


def recall(known: House | None, observation: Observation) -> House:
    now: House = observation.view
    view = now if known is None else replace(now, cups={**known.cups, **now.cups}, at={**known.at, **now.at})
    for message in observation.messages:
        for cup, room in re.findall(r"<cup> \((\d+)\) is in <room> \((\d+)\)", message.text):
            if int(room) != view.at[view.seat] and int(cup) not in view.cups.get(int(room), ()):
                view = replace(view, cups={**view.cups, int(room): (*view.cups.get(int(room), ()), int(cup))})
    return view


def options(view: House) -> tuple[Option, ...]:
    found = [("look", "room", room) for room in ROOMS if room not in view.cups]
    if not view.held.get(view.seat):
        found += [("take", "cup", cup) for room in ROOMS[1:] for cup in view.cups.get(room, ())]
    else:
        found.append(("bring", "room", 1))
    return tuple(
        Option(
            SkillCall(verb, (f"{name}_{number}",)),
            f"[{verb}] <{name}> ({number})",
            "far away" if verb == "look" else "",
        )
        for verb, name, number in found
    )


@dataclass(frozen=True)
class Chore:
    """One of the skills, defined by what it does."""

    name: str
    parameters: tuple[str, ...]
    go: Callable[[Known, House, str], Action | Done | Failed]
    description: str = "do it"

    def preconditions(self) -> tuple[str, ...]:
        return ("none",)

    def conditions(self, observation: Observation, arguments: tuple[str, ...]) -> tuple[Condition, ...]:
        view: House = observation.view
        full = self.name == "take" and bool(view.held.get(view.seat))
        return (Condition("a hand is free", not full, "the hand is full" if full else ""),)

    def next(self, known: Known, arguments: tuple[str, ...]) -> Action | Done | Failed:
        return self.go(known, known.observation.view, ", ".join(arguments))


def _look(known: Known, view: House, text: str) -> Action | Done | Failed:
    room = int(text.rpartition("_")[2])
    return Done() if view.at[view.seat] == room else Action("walk", (str(room),))


def _take(known: Known, view: House, text: str) -> Action | Done | Failed:
    cup = int(text.rpartition("_")[2])
    if view.held.get(view.seat) == cup:
        return Done()
    room = next((room for room, cups in view.cups.items() if cup in cups), None)
    if room is None:
        return Failed(f"{_cup(cup)} is gone")
    return Action("take", (str(cup),)) if view.at[view.seat] == room else Action("walk", (str(room),))


def _bring(known: Known, view: House, text: str) -> Action | Done | Failed:
    if not view.held.get(view.seat):
        return Done()
    return Action("drop") if view.at[view.seat] == 1 else Action("walk", ("1",))


def _send(known: Known, view: House, text: str) -> Action | Done | Failed:
    return Done() if known.begun else Action("tell", say=text)


def _wait(known: Known, view: House, text: str) -> Action | Done | Failed:
    return Done() if known.begun else Action("rest")


SKILLS = (
    Chore("look", ("room",), _look), Chore("take", ("cup",), _take), Chore("bring", ("room",), _bring),
    Chore("tell", ("text",), _send), Chore("wait", ("steps",), _wait),
)  # fmt: skip


@dataclass
class HouseWorld:
    """Rooms 1 to 3 in a row; walking takes a step a room. `walls` are rooms that nobody can enter."""

    seats: tuple[Seat, ...] = (0, 1)
    cups: Mapping[int, tuple[int, ...]] = field(default_factory=lambda: {2: (12,), 3: (13, 14)})
    talk: str = "costly"
    horizon: int = 40
    walls: tuple[int, ...] = ()
    name: str = "house"

    def reset(self, seed: int) -> Mapping[Seat, Observation]:
        self.t, self.said = 0, dict[Seat, tuple[Message, ...]](dict.fromkeys(self.seats, ()))
        self.at = {seat: 1 + (seed + seat) % 3 for seat in self.seats}
        self.held: dict[Seat, int] = {}
        self.now = {room: tuple(self.cups.get(room, ())) for room in ROOMS}
        return self._observe()

    def _observe(self) -> dict[Seat, Observation]:
        seen = {}
        for seat, room in self.at.items():
            here = {other: place for other, place in self.at.items() if place == room}
            view = House(seat, {room: self.now[room]}, here, {s: cup for s, cup in self.held.items() if s in here})
            seen[seat] = Observation(seat, self.t, view, self.said[seat])
        return seen

    def step(self, actions: Mapping[Seat, Action]) -> Step:
        rewards = dict.fromkeys(self.seats, 0.0)
        said: dict[Seat, tuple[Message, ...]] = dict.fromkeys(self.seats, ())
        for seat, action in sorted(actions.items()):
            room = self.at[seat]
            if action.name == "walk":
                aim = int(action.arguments[0]) if action.arguments else room
                to = room + (aim > room) - (aim < room)
                self.at[seat] = room if to in self.walls else to
            elif action.name == "take" and action.arguments and int(action.arguments[0]) in self.now[room]:
                cup = int(action.arguments[0])
                if not self.held.get(seat):
                    self.held[seat] = cup
                    self.now[room] = tuple(other for other in self.now[room] if other != cup)
            elif action.name == "drop" and self.held.get(seat):
                self.now[room] = (*self.now[room], self.held.pop(seat))
                rewards[seat] += room == 1
            if action.say and (action.name == "tell" or self.talk == "free"):
                for other in self.seats:
                    if other != seat:
                        said[other] += (Message(seat, action.say, self.t),)
        self.t, self.said = self.t + 1, said
        done = self.t >= self.horizon or len(self.now[1]) == sum(map(len, self.cups.values()))
        return Step(self._observe(), rewards, done, frozenset(self.seats))

    def guide(self, seat: Seat) -> Guide:
        costly = self.talk == "costly" and len(self.seats) > 1
        return Guide(
            world="house", seat=seat, seats=self.seats, task="Bring all cups into <room> (1).",
            rules=("I have one hand.", "Things are written <name> (id)."),
            skills=tuple(skill for skill in SKILLS if costly or skill.name != "tell"),
            primitives=("walk", "take", "drop", "tell", "rest"), safe=Action("rest"),
            message_limit=60 if self.talk != "off" and len(self.seats) > 1 else 0, restore=restore,
            speech="tell" if costly else "", legal=_legal, persona=f"I am {NAMES[seat]}.",
            names=tuple(NAMES[other] for other in self.seats),
            opening=((0, "I will tell what I find."), (1, "So will I.")) if len(self.seats) > 1 else (),
            options=options, recall=recall, wayfinding=("walk",),
        )  # fmt: skip

    def formal(self) -> DecPomdpCom:
        raise NotImplementedError

    def setting(self) -> Json:
        return {"kind": "house"}

    def scene(self) -> Json:
        return {"t": self.t}

    def save(self) -> Json:
        said = [[seat, [[m.sender, m.text, m.t] for m in heard]] for seat, heard in self.said.items()]
        now = [[room, list(cups)] for room, cups in self.now.items()]
        return [self.t, [list(one) for one in self.at.items()], [list(one) for one in self.held.items()], now, said]

    def load(self, state: Json) -> Mapping[Seat, Observation]:
        self.t, at, held, now, said = state
        self.at, self.held, self.now = dict(at), dict(held), {room: tuple(cups) for room, cups in now}
        self.said = {seat: tuple(Message(*fields) for fields in heard) for seat, heard in said}
        return self._observe()


def _legal(view: House) -> tuple[Action, ...]:
    here = view.cups[view.at[view.seat]]
    walks = tuple(Action("walk", (str(room),)) for room in ROOMS)
    return (Action("rest"), Action("drop"), *walks, *(Action("take", (str(cup),)) for cup in here))


class Room:
    """One seat in the house: guide, record and observation, for organs that are tested by themselves."""

    def __init__(self, seat: Seat = 0, seed: int = 0, **settings: Any) -> None:
        self.world = HouseWorld(**settings)
        self.seen = self.world.reset(seed)[seat]
        self.events: list[Event] = []
        self.guide = self.world.guide(seat)
        self.seating = Seating(self.guide, self.events.append, seed)

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def noted(self, what: str) -> list[str]:
        return [event.text for event in self.events if event.kind == "noted" and event.what == what]


def letters_of(request: Request) -> dict[str, str]:
    """The available actions of a prompt, by letter."""
    listed = request.messages[0].content.partition("Available actions:\n")[2].split("\n\n")[0]
    return dict(line.split(". ", 1) for line in listed.splitlines() if ". " in line)


def sensible(request: Request) -> str:
    """A reader of the prompts: takes and brings before it looks, tells what it knows, sends what it drafted."""
    kind = request.purpose.partition("/")[2]
    text = request.messages[0].content
    if kind == "draft":
        cups = re.findall(r"<room> \((\d)\): (<cup> \(\d+\))", text)
        return f"{cups[0][1]} is in <room> ({cups[0][0]})" if cups else "none"
    listed = letters_of(request)
    order = ("[tell]", "[bring]", "[take]", "[look]")
    best = min(listed, key=lambda letter: next((i for i, verb in enumerate(order) if verb in listed[letter]), 9))
    return listed[best] if kind == "extract" else f"I go on.\nAnswer: {best}"


def reader() -> Fake:
    return Fake(by=sensible)
