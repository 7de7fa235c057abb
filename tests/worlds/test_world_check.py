"""check_world passes on our worlds, and finds each fault in a world that breaks one promise."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from talkoot.formal import DecPomdpCom
from talkoot.skills import Option
from talkoot.types import Action, Json, Message, Observation, Seat, SkillCall, Step
from talkoot.world import Guide
from talkoot.worlds.catalog import make_world
from talkoot.worlds.check import check_world
from talkoot.worlds.household.catalog import tasks_of
from talkoot.worlds.household.view import HomeView
from talkoot.worlds.household.world import HouseholdWorld
from talkoot.worlds.overcooked.layout_file import layout_names
from talkoot.worlds.overcooked.world import OvercookedWorld


@pytest.mark.parametrize("options", ["", ":talk=on,start=random", ":rules=new,horizon=37,random_objects=0.5"])
@pytest.mark.parametrize("name", layout_names())
def test_every_kitchen_keeps_the_contract(name: str, options: str) -> None:
    check_world(make_world(f"overcooked/{name}{options}"), seed=3, steps=80)


@pytest.mark.parametrize("seat", [0, 1])
def test_a_cook_alone(seat: int) -> None:
    check_world(make_world("cramped_room", seats=(seat,)), steps=60)


def test_generated_kitchens() -> None:
    check_world(make_world("generate:seed=9,size=8x6,regions=2"), steps=60)


@pytest.mark.parametrize("name", ["household/test", "household/train:talk=free,limit=30", "household/cedar:talk=off"])
def test_homes(name: str) -> None:
    check_world(make_world(name), seed=4, steps=60)


def test_a_home_alone() -> None:
    check_world(make_world("household/test", seats=(1,)), steps=40)


class Broken(OvercookedWorld):
    def __init__(self, **options: Any) -> None:
        super().__init__("cramped_room", **options)


class Forgetful(Broken):
    def load(self, state: Json) -> Mapping[Seat, Observation]:
        super().load(state)
        self._state[0] = 0
        return self._observe(self.kitchen)


class Moody(Broken):
    def step(self, actions: Mapping[Seat, Action]) -> Step:
        step = super().step(actions)
        return replace(step, rewards=dict.fromkeys(self.seats, random.random()))


class Lenient(Broken):
    def step(self, actions: Mapping[Seat, Action]) -> Step:
        return super().step({seat: actions.get(seat, Action("stay")) for seat in self.seats})


class Hasty(Broken):
    def step(self, actions: Mapping[Seat, Action]) -> Step:
        self._state[0] += 1
        return super().step(actions)


class Chatty(Broken):
    def step(self, actions: Mapping[Seat, Action]) -> Step:
        step = super().step(actions)
        heard = {seat: replace(o, messages=(Message(1 - seat, "hm", o.t),)) for seat, o in step.observations.items()}
        return replace(step, observations=heard)


class Binary(Broken):
    def scene(self) -> Json:
        return {**super().scene(), "picture": b"png"}


class Unpaid(Broken):
    def step(self, actions: Mapping[Seat, Action]) -> Step:
        return replace(super().step(actions), rewards={0: 0.0})


class Shifting(Broken):
    def setting(self) -> Json:
        return {**super().setting(), "t": self.kitchen.t}


class Clueless(Broken):
    def guide(self, seat: Seat) -> Guide:
        return super().guide(0)


class Echoing(Broken):
    def __init__(self) -> None:
        super().__init__(talk=True)

    def step(self, actions: Mapping[Seat, Action]) -> Step:
        step = super().step(actions)
        return replace(step, observations={s: replace(o, messages=self._said) for s, o in step.observations.items()})


@pytest.mark.parametrize(
    ("world", "words"),
    [
        (Forgetful, "load does not restore"),
        (Moody, "random state"),
        (Lenient, "IllegalAction"),
        (Hasty, "changed the state"),
        (Chatty, "nobody can speak"),
        (Binary, r"scene\(\) must be JSON"),
        (Unpaid, "rewards of seats"),
        (Shifting, "setting"),
        (Clueless, r"guide\(1\) is for 0"),
        (Echoing, "its own message"),
    ],
)
def test_each_broken_promise_is_named(world: type[Broken], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_world(world(), steps=60)


class Unstated(Broken):
    def formal(self) -> DecPomdpCom:
        return replace(super().formal(), message_limit=9)


class Costly(Broken):
    def formal(self) -> DecPomdpCom:
        return replace(super().formal(), costs={"fly": 2.0})


def test_a_formal_problem_that_says_something_else() -> None:
    with pytest.raises(AssertionError, match="give other message limits"):
        check_world(Unstated(), steps=4)
    with pytest.raises(AssertionError, match=r"costs of \['fly'\]"):
        check_world(Costly(), steps=4)


class BrokenHome(HouseholdWorld):
    """A home whose guide says something that is not so."""

    def __init__(self, talk: str = "costly", **untrue: Any) -> None:
        super().__init__(tasks_of("test"), talk=talk)  # type: ignore[arg-type]
        self.untrue = untrue

    def guide(self, seat: Seat) -> Guide:
        return replace(super().guide(seat), **getattr(self, "untrue", {}))


def _lossy(known: HomeView | None, observation: Observation) -> HomeView:
    view: HomeView = observation.view
    if known is not None:
        object.__setattr__(known, "t", known.t + 1)
    return view


def _counting() -> Any:
    calls: list[int] = []

    def recall(known: HomeView | None, observation: Observation) -> HomeView:
        calls.append(0)
        return replace(observation.view, limit=len(calls))

    return recall


@pytest.mark.parametrize(
    ("talk", "untrue", "words"),
    [
        ("free", {"speech": "send_message"}, "sent beside"),
        ("costly", {"recall": _lossy}, "recall changes what it is given"),
        ("costly", {"recall": _counting()}, "recall gives something else for the same"),
        ("costly", {"legal": lambda view: (Action("fly"),)}, "was refused.*'fly'"),
        ("costly", {"legal": lambda view: ()}, "legal gives no action"),
        ("costly", {"options": lambda view: (Option(SkillCall("wait"), "a"),) * 2}, "two plans are written alike"),
        ("costly", {"options": lambda view: (Option(SkillCall("fly"), "fly"),)}, "names no skill"),
        ("costly", {"options": lambda view: (Option(SkillCall("goput", ("a, b",)), "a"),)}, "reads back as another"),
    ],
)
def test_each_broken_promise_of_a_home_is_named(talk: str, untrue: dict[str, Any], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_world(BrokenHome(talk, **untrue), seed=1, steps=60)
