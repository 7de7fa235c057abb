"""A batch plays exactly what single worlds play, and its observations are those of the encoder at every step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.worlds.overcooked.batch import Batch
from talkoot.worlds.overcooked.encoding import encode
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout
from talkoot.worlds.overcooked.mechanics import advance, random_start, standard_start

CRAMPED = load_layout("cramped_room")


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(layout_names()),
    seed=st.integers(0, 2**32 - 1),
    start=st.sampled_from(["standard", "random"]),
    horizon=st.sampled_from([7, 39, 40, 41, 90]),
    seats=st.sampled_from([(0, 1), (0,), (1,)]),
)
def test_observations_are_those_of_the_encoder_in_every_step(
    name: str, seed: int, start: str, horizon: int, seats: tuple[int, ...]
) -> None:
    layout, rng = load_layout(name), np.random.default_rng(seed)
    batch = Batch(layout, 2, rules="new", horizon=horizon, start=start, seats=seats, seed=seed)  # type: ignore[arg-type]
    batch.load(np.stack([random_start(layout, rng, rules="new", seats=seats, random_objects=0.8) for _ in range(2)]))
    for actions in rng.choice(6, size=(100, 2, 2), p=[0.12, 0.12, 0.12, 0.12, 0.02, 0.5]):
        batch.step(actions)
        for world in range(2):
            kitchen = batch.kitchen(world)
            for seat in seats:
                assert np.array_equal(batch.observations[world, seat], encode(kitchen, seat))


def test_busy_play_fills_pots_and_hands() -> None:
    """The play above is only a test if soups come about: start from kitchens with things in them."""
    batch = Batch(CRAMPED, 64, horizon=400, seed=5)
    seen = np.zeros(26, dtype=bool)
    rng = np.random.default_rng(0)
    events = 0
    for t in range(1000):
        events |= int(np.bitwise_or.reduce(batch.step(rng.integers(0, 6, size=(64, 2))).events, axis=None))
        seen |= batch.observations.any(axis=(0, 1, 2, 3))
        if t % 50 == 0:
            for world in range(64):
                assert np.array_equal(batch.observations[world, 1], encode(batch.kitchen(world), 1))
    assert set(np.flatnonzero(~seen)) == {13, 17, 19, 24}, "all channels but those of tomatoes"
    assert events >> 14 & 1
    assert events >> 15 & 1


def test_a_batch_plays_what_single_worlds_play() -> None:
    batch = Batch(CRAMPED, 3, horizon=50, observe=False)
    singles = [standard_start(CRAMPED) for _ in range(3)]
    rng = np.random.default_rng(1)
    for _ in range(200):
        actions = rng.integers(0, 6, size=(3, 2))
        outcome = batch.step(actions)
        for world, state in enumerate(singles):
            single = advance(batch.tables, state, *actions[world].tolist())
            assert single[:2] == tuple(outcome.sparse[world])
            assert single[2:4] == tuple(outcome.shaped[world])
            assert single[4:] == tuple(outcome.events[world])
            assert outcome.done[world] == (state[0] == 50)
            if outcome.done[world]:
                state[:] = standard_start(CRAMPED)
            assert np.array_equal(state, batch.states[world])


@pytest.mark.parametrize("observe", [False, True])
def test_random_play_depends_on_the_seed_and_the_row_only(observe: bool) -> None:
    small = Batch(CRAMPED, 5, start="random", seed=3, horizon=30, observe=observe)
    large = Batch(CRAMPED, 130, start="random", seed=3, horizon=30, observe=not observe)
    totals = small.play_random(100)
    large.play_random(100)
    assert (totals.steps, totals.episodes) == (500, 15)
    assert np.array_equal(small.states, large.states[:5])
    assert not np.array_equal(small.states, Batch(CRAMPED, 5, start="random", seed=4).states)
    shown = small if observe else large
    for world in range(5):
        assert np.array_equal(shown.observations[world, 0], encode(shown.kitchen(world), 0))


def test_random_starts_and_actions_are_uniform() -> None:
    batch = Batch(CRAMPED, 3000, start="random", horizon=1, observe=False)
    batch.play_random(10)
    pairs, counts = np.unique(batch.states[:, [1, 4]], axis=0, return_counts=True)
    assert len(pairs) == 30
    assert counts.min() > 60
    assert counts.max() < 145


@pytest.mark.parametrize("options", [{"n": 0}, {"n": 1, "start": "x"}, {"n": 1, "seats": (2,)}, {"n": 1, "rules": "x"}])
def test_nonsense_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        Batch(CRAMPED, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("actions", [np.zeros((2, 2)), np.full((3, 2), 6), np.full((3, 2), -1)])
def test_wrong_actions_are_refused(actions: np.ndarray) -> None:
    with pytest.raises(BadInput):
        Batch(CRAMPED, 3).step(actions.astype(int))
