"""Encodings: equal to recorded reference values; the feature vector by hand; the compact form there and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from overcooked_rows import load, row_state

from talkoot.errors import BadInput
from talkoot.worlds.overcooked.encoding import CHANNELS_26, FEATURES, compact, encode, expand, features
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout
from talkoot.worlds.overcooked.mechanics import advance, random_start, tables
from talkoot.worlds.overcooked.world import OvercookedWorld, kitchen_of


@pytest.mark.data
def test_26_channels_equal_the_reference(data: Path) -> None:
    oracle = load(data / "overcooked" / "oracles.npz")
    rows = load(data / "overcooked" / "human_train.npz")
    for k, name in enumerate(rows["layout_names"]):
        layout = load_layout(str(name))
        c = tables(layout)
        for j, i in enumerate(oracle["rows"][k]):
            kitchen = kitchen_of(layout, c, row_state(layout, rows, i))
            for seat in (0, 1):
                assert np.array_equal(encode(kitchen, seat), oracle[f"obs26_{name}"][j, seat])


def test_channels_and_features_have_names() -> None:
    assert len(CHANNELS_26) == 26
    assert len(set(CHANNELS_26)) == 26
    assert len(set(FEATURES)) == len(FEATURES)


def test_features_of_the_first_moment() -> None:
    world = OvercookedWorld("cramped_room")
    vector = features(world.reset(0)[0].view, 0)
    assert vector.dtype == np.float32
    assert vector.shape == (len(FEATURES),)
    named = dict(zip(FEATURES, vector.tolist(), strict=True))
    assert (named["own.x"], named["own.y"], named["own.north"]) == (1, 2, 1)
    assert named["own.dish.reachable"] == 1
    assert named["own.dish.steps"] == 1
    assert named["own.dish.dy"] == 1
    assert named["own.tomato.reachable"] == 0
    assert named["own.free_north"] == 1
    assert named["own.free_south"] == 0
    assert (named["mate.dx"], named["mate.dy"], named["steps_left"]) == (2, -1, 400)
    assert (named["pot0.exists"], named["pot0.idle"], named["pot1.exists"]) == (1, 1, 0)
    alone = OvercookedWorld("cramped_room", seats=(1,))
    assert dict(zip(FEATURES, features(alone.reset(0)[1].view, 1).tolist(), strict=True))["mate.exists"] == 0
    assert not encode(alone.reset(0)[1].view, 1)[:, :, [1, 6, 7, 8, 9]].any()


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(layout_names()), seed=st.integers(0, 2**32 - 1))
def test_compact_is_exact_there_and_back(name: str, seed: int) -> None:
    layout = load_layout(name)
    rng = np.random.default_rng(seed)
    c = tables(layout, "new")
    state = random_start(layout, rng, rules="new", random_objects=0.7)
    for a0, a1 in rng.integers(0, 6, size=(60, 2)).tolist():
        advance(c, state, a0, a1)
    kitchen = kitchen_of(layout, c, state)
    packed = compact(kitchen)
    assert expand(packed, layout, "new") == kitchen
    assert compact(expand(packed, layout, "new")) == packed
    assert len(packed) < 64
    assert features(kitchen, 0).shape == features(kitchen, 1).shape


@pytest.mark.parametrize("junk", [b"", b"\x00" * 5, b"\xff" * 40])
def test_other_bytes_are_refused(junk: bytes) -> None:
    with pytest.raises(BadInput):
        expand(junk, load_layout("cramped_room"))
