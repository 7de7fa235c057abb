"""Normalisation: from training alone, under the mask, and the same again after it was saved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.sentiment.normal import CLIP, Normaliser
from talkoot.sentiment.samples import Samples, Task


def _samples(seed: int = 0, n: int = 7, length: int = 5, scale: float = 1.0) -> Samples:
    order = np.random.default_rng(seed)
    features = {
        "text": (scale * order.normal(3, 2, (n, length, 4))).astype(np.float32),
        "audio": order.normal(-100, 50, (n, length, 2)).astype(np.float32),
    }
    masks = {name: order.random((n, length)) < 0.7 for name in features}
    masks["text"][:, 0] = True
    return Samples(Task(), features, masks, np.zeros(n, np.float32), tuple(str(i) for i in range(n)), source="these")


def test_training_comes_out_with_mean_0_and_deviation_1_where_it_is_not_masked() -> None:
    train = _samples()
    done = Normaliser.fit(train).apply(train)
    for name in train.modalities:
        known = done.features[name][done.masks[name]]
        np.testing.assert_allclose(known.mean(0), 0, atol=1e-5)
        np.testing.assert_allclose(known.std(0), 1, atol=1e-5)
        assert not done.features[name][~done.masks[name]].any()
        assert done.features[name].dtype == np.float32


def test_what_is_masked_and_what_is_tested_changes_nothing() -> None:
    train = _samples()
    fouled = {name: np.where(train.masks[name][..., None], x, np.nan) for name, x in train.features.items()}
    fouled = {name: x.astype(np.float32) for name, x in fouled.items()}
    one, other = Normaliser.fit(train), Normaliser.fit(replace(train, features=fouled))
    test = _samples(1, scale=9)
    for name in train.modalities:
        np.testing.assert_array_equal(one.means[name], other.means[name])
        np.testing.assert_array_equal(one.apply(test).features[name], other.apply(test).features[name])
    assert np.isfinite(one.apply(replace(train, features=fouled)).features["text"]).all()


def test_far_values_are_cut_and_constant_columns_say_nothing() -> None:
    train = _samples()
    train.features["audio"][..., 1] = 1e4 + 0.1  # rounding must not become a signal
    normaliser = Normaliser.fit(train)
    far = _samples(2)
    far.features["text"][:] = 1e30
    far.features["audio"][..., 1] = 77
    done = normaliser.apply(far)
    assert (done.features["text"][done.masks["text"]] == CLIP).all()
    assert not done.features["audio"][..., 1].any()
    assert done.features["audio"][..., 0].any()
    assert normaliser.notes == ("audio: 1 of 2 features are constant in training, so they are 0",)


def test_a_modality_that_training_lacks_is_masked_unless_a_sample_has_nothing_else() -> None:
    train = _samples()
    train.masks["audio"][:] = False
    normaliser = Normaliser.fit(train)
    assert normaliser.notes == ("audio: absent in training, so it is masked",)
    test = _samples(3)
    test.masks["audio"][:] = True
    test.masks["text"][2] = False
    done = normaliser.apply(replace(test))
    assert done.masks["audio"].any(1).tolist() == [row == 2 for row in range(len(test))]
    assert not done.features["audio"].any()
    assert done.masks["text"].tolist() == test.masks["text"].tolist()


def test_saved_and_opened_it_is_the_same_and_keeps_the_order_of_modalities() -> None:
    train = _samples()
    normaliser = Normaliser.fit(train)
    arrays = normaliser.to_arrays()
    again = Normaliser.from_arrays({key: arrays[key] for key in sorted(arrays, reverse=True)})
    assert tuple(again.means) == ("text", "audio")
    assert again.seen == normaliser.seen
    swapped = train.only(("audio", "text"))
    done, wanted = again.apply(swapped), normaliser.apply(train)
    assert done.modalities == wanted.modalities == ("text", "audio")
    for name in train.modalities:
        np.testing.assert_array_equal(done.features[name], wanted.features[name])


def test_the_true_reliability_moves_with_the_modalities() -> None:
    train = replace(_samples(), reliability=np.tile(np.float32([0.9, 0.1]), (7, 5, 1)))
    done = Normaliser.fit(train).apply(train.only(("audio", "text")))
    assert done.reliability is not None
    assert done.reliability[0, 0].tolist() == [np.float32(0.9), np.float32(0.1)]


def test_bad_input_is_named() -> None:
    normaliser = Normaliser.fit(_samples())
    with pytest.raises(BadInput, match=r"these have the modalities and widths .*, training had"):
        normaliser.apply(_samples().only(("text",)))
    with pytest.raises(BadInput, match="these is empty"):
        Normaliser.fit(_samples().take([]))
    with pytest.raises(BadInput, match="hold no normaliser: there are none"):
        Normaliser.from_arrays({})
    with pytest.raises(BadInput, match=r"text has \['mean'\]"):
        Normaliser.from_arrays({"00.text.mean": np.zeros(2)})


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 99), st.integers(1, 600), st.floats(-1e20, 1e20), st.floats(1e-3, 1e15))
def test_any_scale_gives_finite_numbers_in_range(seed: int, n: int, middle: float, scale: float) -> None:
    order = np.random.default_rng(seed)
    x = (middle + scale * order.normal(size=(n, 2, 1))).astype(np.float32)
    mask = order.random((n, 2)) < 0.5
    mask[:, 0] = True
    samples = Samples(Task(), {"a": x}, {"a": mask}, np.zeros(n, np.float32), tuple(map(str, range(n))))
    normaliser = Normaliser.fit(samples)
    np.testing.assert_allclose(normaliser.means["a"], x[mask].mean(0, dtype=np.float64), rtol=1e-6, atol=1e-6 * scale)
    done = normaliser.apply(samples).features["a"]
    assert np.isfinite(done).all()
    assert np.abs(done).max() <= CLIP
