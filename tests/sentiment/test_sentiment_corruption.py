"""Spoiled, missing and dropped modalities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.sentiment.corruption import WAYS, corrupt, drop, missing
from talkoot.sentiment.samples import Marks, Samples, Task


def some(n: int = 40, length: int = 10, *, seed: int = 0, gaps: float = 0.2) -> Samples:
    """Text says the sample's number in every step, audio is noise around 5; some steps are missing."""
    rng = np.random.default_rng(seed)
    masks = {name: rng.random((n, length)) >= gaps for name in ("text", "audio")}
    masks["text"][:, 0] = True
    own = np.broadcast_to(np.arange(n)[:, None, None], (n, length, 2))
    features = {"text": own.astype(np.float32), "audio": rng.normal(5, 2, (n, length, 3)).astype(np.float32)}
    shares = np.stack([masks["text"] * 3.0, masks["audio"] * 1.0], -1)
    shares /= np.maximum(shares.sum(-1, keepdims=True), 1)
    return Samples(
        Task(),
        {name: np.where(masks[name][..., None], x, np.float32(0)) for name, x in features.items()},
        masks,
        np.zeros(n, np.float32),
        tuple(map(str, range(n))),
        reliability=shares.astype(np.float32),
    )


def reliable(samples: Samples) -> Marks:
    assert samples.reliability is not None
    return samples.reliability


@pytest.mark.parametrize("how", WAYS)
def test_only_the_marked_steps_of_that_modality_change(how: str) -> None:
    samples = some()
    spoiled, marks = corrupt(samples, "text", how, 0.5, 3)
    assert (marks <= samples.masks["text"]).all()
    assert 0.45 < marks.sum() / samples.masks["text"].sum() < 0.55
    assert (spoiled.features["text"][~marks] == samples.features["text"][~marks]).all()
    assert spoiled.features["audio"] is samples.features["audio"]
    assert (spoiled.masks["audio"] == samples.masks["audio"]).all()
    told = samples.masks["text"] & ~marks if how == "mask" else samples.masks["text"]
    assert (spoiled.masks["text"] == told).all()
    assert (samples.features["text"] == some().features["text"]).all(), "the samples themselves stay"
    again = corrupt(samples, "text", how, 0.5, 3)
    assert (again[1] == marks).all()
    assert (again[0].features["text"] == spoiled.features["text"]).all()
    assert (corrupt(samples, "text", how, 0.5, 4)[1] != marks).any()


def test_what_the_ways_put_there() -> None:
    samples = some(400)
    zero, marks = corrupt(samples, "audio", "zero", 0.4, 0)
    assert (zero.features["audio"][marks] == 0).all()
    noise, marks = corrupt(samples, "audio", "noise", 0.4, 0)
    seen = noise.features["audio"][marks]
    assert seen.mean(0) == pytest.approx([5, 5, 5], abs=0.3)
    assert seen.std(0) == pytest.approx([2, 2, 2], abs=0.2)
    assert abs(np.corrcoef(seen[:, 0], samples.features["audio"][marks][:, 0])[0, 1]) < 0.1
    shuffled, marks = corrupt(samples, "text", "shuffle", 0.4, 0)
    own = np.broadcast_to(np.arange(400)[:, None], marks.shape)
    donors = shuffled.features["text"][marks][:, 0]
    assert (donors != own[marks]).all(), "never what the sample itself says"
    assert (donors == shuffled.features["text"][marks][:, 1]).all(), "whole steps"
    assert len(np.unique(donors)) > 300, "from everywhere"


@pytest.mark.parametrize("how", WAYS)
def test_all_and_nothing(how: str) -> None:
    samples = some()
    nothing, marks = corrupt(samples, "audio", how, 0.0, 1)
    assert not marks.any()
    assert (nothing.features["audio"] == samples.features["audio"]).all()
    assert (reliable(nothing) == reliable(samples)).all()
    _, marks = corrupt(samples, "audio", how, 1.0, 1)
    assert (marks == samples.masks["audio"]).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 99), st.floats(0, 1), st.floats(0, 1), st.sampled_from(["noise", "shuffle"]), st.booleans())
def test_more_is_spoiled_at_a_greater_share_and_the_rest_alike(
    seed: int, one: float, other: float, how: str, block: bool
) -> None:
    samples = some(12)
    few, many = (corrupt(samples, "text", how, share, seed, block=block) for share in sorted((one, other)))
    assert (few[1] <= many[1]).all()
    own = samples.masks["text"].sum(1)
    assert (np.abs(many[1].sum(1) - max(one, other) * own) < 1 + 1e-9).all()
    if how == "noise":
        assert (few[0].features["text"][few[1]] == many[0].features["text"][few[1]]).all()


def test_a_block_is_one_run_of_the_steps_that_are_there() -> None:
    samples = some(60)
    _, marks = corrupt(samples, "text", "zero", 0.5, 2, block=True)
    starts = []
    for mask, row in zip(samples.masks["text"], marks, strict=True):
        at = np.flatnonzero(row[mask])
        assert (np.diff(at) == 1).all()
        starts.append(int(at[0]))
    assert len(set(starts)) > 2


def test_reliability_goes_to_the_others() -> None:
    samples = some()
    spoiled, marks = corrupt(samples, "text", "noise", 0.5, 0)
    alone = marks & ~samples.masks["audio"]
    both = marks & samples.masks["audio"]
    assert (reliable(spoiled)[both] == [0, 1]).all()
    assert (reliable(spoiled)[alone] == 0).all()
    assert alone.any()
    assert (reliable(spoiled)[~marks] == reliable(samples)[~marks]).all()


def test_a_sample_never_loses_its_last_step() -> None:
    samples = some().only(["text"])
    gone, marks = corrupt(samples, "text", "mask", 1.0, 0)
    assert (gone.valid.sum(1) == 1).all()
    assert (marks == samples.masks["text"] & (np.arange(10) > 0)).all()


def test_missing_modalities() -> None:
    samples = some(600)
    less, gone = missing(samples, 0.3, 5)
    assert 0.25 < gone.mean() < 0.35
    for at, name in enumerate(samples.modalities):
        assert (less.masks[name] == samples.masks[name] & ~gone[:, [at]]).all()
        assert (less.features[name][gone[:, at]] == 0).all()
    nothing, gone = missing(samples, 0.0, 5)
    assert not gone.any()
    assert (nothing.valid == samples.valid).all()
    everything, gone = missing(samples, 1.0, 5)
    assert (gone.sum(1) == 1).all(), "one of the two is left"
    assert 0.4 < gone[:, 0].mean() < 0.6
    assert everything.valid.any(1).all()
    only_audio, gone = missing(samples, 1.0, 5, modalities=("audio",))
    assert (gone == [False, True]).all()
    assert not only_audio.masks["audio"].any()


def test_drop() -> None:
    samples = some()
    silent = drop(samples, "audio")
    assert not silent.masks["audio"].any()
    assert (reliable(silent)[..., 1] == 0).all()
    assert (reliable(silent)[samples.masks["text"], 0] == 1).all()
    with pytest.raises(BadInput, match="sample 0 has nothing but text"):
        drop(silent, "text")
    with pytest.raises(BadInput, match="sample 0 has nothing but text"):
        drop(samples.only(["text"]), "text")


def test_bad_input() -> None:
    samples = some()
    for call, words in (
        (lambda: corrupt(samples, "vision", "zero", 0.5, 0), "there is no vision to corrupt; there are text, audio"),
        (
            lambda: corrupt(samples, "text", "burn", 0.5, 0),
            "no corruption 'burn'; there are zero, noise, shuffle, mask",
        ),
        (lambda: corrupt(samples, "text", "zero", 1.5, 0), "a share of 1.5"),
        (lambda: corrupt(samples, "text", "zero", float("nan"), 0), "a share of nan"),
        (lambda: corrupt(samples.take([0]), "text", "shuffle", 0.5, 0), "from other samples, and there are none"),
        (lambda: missing(samples, -0.1, 0), "a share of -0.1"),
        (lambda: missing(samples, 0.1, 0, modalities=("smell",)), "no smell to take away"),
        (lambda: drop(samples, "smell"), "no smell to drop"),
    ):
        with pytest.raises(BadInput, match=words):
            call()
