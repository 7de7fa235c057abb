"""The policy agent: it samples as its numbers say, repeats itself, and continues from a saved state."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.agent import Agent
from talkoot.agents.policy import PolicyAgent, sample
from talkoot.episode import run_sync
from talkoot.errors import BadInput, CorruptRecord
from talkoot.types import Observation
from talkoot.world import Guide

NAMES = ("north", "south", "stay")
LOGITS = np.array([0.0, np.log(3.0), np.log(6.0)], np.float32)
HERE = Observation(0, 0, None)


def guide(seat: int = 0, primitives: tuple[str, ...] = NAMES) -> Guide:
    return Guide("test", seat, (0, 1), "", (), (), primitives=primitives)


def seated(seed: int = 0, seat: int = 0, *, argmax: bool = False) -> PolicyAgent:
    agent = PolicyAgent(lambda _: LOGITS, argmax=argmax)
    agent.reset(seed, guide(seat), lambda _: None)
    return agent


def plays(agent: PolicyAgent, steps: int) -> list[str]:
    async def some() -> list[str]:
        return [(await agent.act(HERE)).name for _ in range(steps)]

    return run_sync(some())


def test_it_is_an_agent() -> None:
    assert isinstance(seated(), Agent)


def test_frequencies_follow_the_softmax() -> None:
    count = Counter(plays(seated(), 10_000))
    assert [round(count[name] / 1000) for name in NAMES] == [1, 3, 6]


def test_seeds_and_seats_differ_and_repeat() -> None:
    assert plays(seated(1, 0), 50) == plays(seated(1, 0), 50)
    assert plays(seated(1, 0), 50) != plays(seated(1, 1), 50)
    assert plays(seated(1, 0), 50) != plays(seated(2, 0), 50)


def test_argmax_takes_the_likeliest() -> None:
    assert set(plays(seated(argmax=True), 20)) == {"stay"}


def test_a_saved_state_continues() -> None:
    agent = seated(5)
    plays(agent, 7)
    saved = json.loads(json.dumps(agent.save()))
    rest = plays(agent, 30)
    other = seated(99)
    other.load(saved)
    assert plays(other, 30) == rest
    for broken in ({}, {"rng": 3}, None, {"rng": {"bit_generator": "MT19937"}}):
        with pytest.raises(CorruptRecord, match="holds no random numbers"):
            other.load(broken)


@given(chance=st.floats(0, 1, exclude_max=True), logits=st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=8))
def test_sampling_gives_an_action_that_can_happen(chance: float, logits: list[float]) -> None:
    numbers = np.array(logits)
    index = sample(numbers, chance)
    assert 0 <= index < len(logits)
    assert numbers[index] > numbers.max() - 800


def test_a_world_that_does_not_fit_is_refused() -> None:
    agent = PolicyAgent(lambda _: LOGITS)
    with pytest.raises(BadInput, match="names no primitive actions"):
        agent.reset(0, guide(primitives=()), lambda _: None)
    agent.reset(0, guide(primitives=("stay",)), lambda _: None)
    with pytest.raises(BadInput, match="gives 3 numbers, but the world has 1 actions"):
        plays(agent, 1)
