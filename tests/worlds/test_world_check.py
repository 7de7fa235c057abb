"""check_world passes on our worlds, and finds each fault in a world that breaks one promise."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from talkoot.types import Action, Json, Message, Observation, Seat, Step
from talkoot.world import Guide
from talkoot.worlds.catalog import make_world
from talkoot.worlds.check import check_world
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
