"""A network as a learner: resumed to the same weights, saved and opened, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sentiment_trainable import EMOTIONS, STEPS, ToyNet, toy, without
from talkoot.errors import BadInput
from talkoot.sentiment import training
from talkoot.sentiment.cards import digest, prints
from talkoot.sentiment.net_learner import NetLearner
from talkoot.sentiment.samples import Samples, Task
from talkoot.sentiment.training import TrainSettings


def learner(**settings: Any) -> NetLearner:
    return NetLearner("toy", ToyNet, TrainSettings(**{"epochs": 3, "batch": 8, "lr": 0.02, **settings}))


class Stop(Exception):
    pass


def stop_after(epoch: int) -> Any:
    def say(share: float, word: str) -> None:
        if word.startswith(f"epoch {epoch + 1} of") and ":" not in word:
            raise Stop

    return say


def weights(one: NetLearner) -> dict[str, torch.Tensor]:
    assert one.net is not None
    return one.net.state_dict()


@pytest.mark.parametrize("settings", [{}, {"average": 0.9, "modality_dropout": 0.3}, {"patience": 2}])
def test_a_stopped_training_ends_in_the_very_same_weights(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "EVERY", 0.0)
    train, valid = toy(), toy(9, seed=1) if "patience" in settings else None
    whole, parts = learner(**settings, epochs=5), learner(**settings, epochs=5)
    told = whole.fit(train, valid, seed=3)
    with pytest.raises(Stop):
        parts.fit(train, valid, seed=3, folder=tmp_path, say=stop_after(2))
    torch.rand(7)  # the random state of the process plays no part
    again = parts.fit(train, valid, seed=3, folder=tmp_path)
    assert {**again, "cpu_s": 0} == {**told, "cpu_s": 0}
    for name, weight in weights(whole).items():
        assert torch.equal(weight, weights(parts)[name])
    third = learner(**settings, epochs=5)
    third.fit(train, valid, seed=3, folder=tmp_path)  # nothing is left to do
    assert torch.equal(weights(third)["head.weight"], weights(whole)["head.weight"])


def test_seeds_differ_and_the_state_of_the_process_stays() -> None:
    torch.manual_seed(5)
    state = torch.get_rng_state()
    a, b, c = learner(), learner(), learner()
    for one, seed in ((a, 0), (b, 0), (c, 1)):
        one.fit(toy(), None, seed=seed)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(weights(a)["head.weight"], weights(b)["head.weight"])
    assert not torch.equal(weights(a)["head.weight"], weights(c)["head.weight"])


@pytest.mark.parametrize("task", [Task(), EMOTIONS, STEPS])
def test_saved_and_opened_it_says_the_same(task: Task, tmp_path: Path) -> None:
    samples = toy(70, task=task)
    one, other = learner(), learner()
    one.fit(samples, None, seed=0)
    one.save(tmp_path)
    other.load(tmp_path)
    said, again = one.predict(samples), other.predict(samples)
    assert said.values.shape == samples.labels.shape
    assert np.array_equal(said.values, again.values)
    assert said.trust is not None
    assert said.trust.shape == (70, 5, 2)
    assert not said.trust[~samples.masks["audio"], 1].any()
    assert (said.steps is not None) == (task == Task())
    if task.emotions:
        assert ((said.values > 0) & (said.values < 1)).all()
    assert other.source == "toys"


def test_a_prediction_does_not_depend_on_its_neighbours_or_the_order_of_modalities() -> None:
    samples = toy(9)
    one = learner()
    one.fit(samples, None, seed=0)
    said = one.predict(samples)
    alone = [one.predict(samples.take([i])).values[0] for i in range(9)]
    assert np.allclose(said.values, alone, atol=1e-6)
    turned = one.predict(samples.only(("audio", "text")))
    assert said.trust is not None
    assert turned.trust is not None
    assert np.allclose(turned.trust, said.trust[:, :, ::-1])
    assert len(one.predict(samples.take([])).values) == 0


def test_it_learns_only_from_the_training_fold() -> None:
    train = toy()
    one = learner()
    told = one.fit(train, None, seed=0)
    assert one.normaliser is not None
    x = train.features["text"][train.masks["text"]].astype(np.float64)
    assert np.allclose(one.normaliser.means["text"], x.mean(0))
    assert told["valid_loss"] is None
    assert told["best_epoch"] == told["epochs"] == 3
    assert told["samples"] == 72
    assert told["parameters"] == 3 * 8 + 8 + 2 * 8 + 8 + 8 + 1


def test_a_modality_absent_in_training_is_told_and_harmless() -> None:
    one = learner()
    told = one.fit(without(toy(), "text"), None, seed=0)
    assert told["absent"] == ["text"]
    assert np.isfinite(one.predict(toy()).values).all()
    full = learner()
    full.fit(toy(), None, seed=0)
    assert np.isfinite(full.predict(without(toy(), "text")).values).all()


def test_one_sample_is_enough() -> None:
    one = learner()
    one.fit(toy(1), toy(1, seed=1), seed=0)
    assert np.isfinite(one.predict(toy(1)).values).all()


def wider(samples: Samples) -> Samples:
    text = np.repeat(samples.features["text"], 2, axis=2)
    return replace(samples, features={**samples.features, "text": text})


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (toy(3, task=EMOTIONS), "trained for numbers from -3 to 3, and toys are for the emotions glad, sad"),
        (toy(3).only(["text"]), "trained on text, audio, and toys lack audio; give it, masked"),
        (wider(toy(3)), "text: the model was trained on features 3 wide, and those of toys are 6 wide"),
    ],
)
def test_samples_of_another_kind_are_refused(other: Samples, told: str) -> None:
    one = learner(epochs=1)
    one.fit(toy(), None, seed=0)
    with pytest.raises(BadInput, match=told):
        one.predict(other)
    with pytest.raises(BadInput, match=told):
        one.fit(toy(), other, seed=0)
    only_text = learner(epochs=1)
    only_text.fit(toy().only(["text"]), None, seed=0)
    with pytest.raises(BadInput, match="have audio too; leave it out"):
        only_text.predict(toy())


def test_what_cannot_be_learnt_from_or_said(tmp_path: Path) -> None:
    one = learner()
    for call in (lambda: one.predict(toy()), lambda: one.save(tmp_path)):
        with pytest.raises(BadInput, match="toy has not learnt anything yet"):
            call()
    with pytest.raises(BadInput, match="toys has no samples"):
        one.fit(toy().take([]), None, seed=0)
    for seed in (-1, 2**63):
        with pytest.raises(BadInput, match=f"the seed is {seed}"):
            one.fit(toy(), None, seed=seed)
    with pytest.raises(BadInput, match="there is no device 'abacus'"):
        learner(device="abacus").fit(toy(), None, seed=0)
    with pytest.raises(BadInput, match="do not run on 'meta'"):
        learner(device="meta").fit(toy(), None, seed=0)


def test_samples_without_any_label(tmp_path: Path) -> None:
    train = toy(task=STEPS)
    bare = replace(train, labels=np.full_like(train.labels, np.nan))
    with pytest.raises(BadInput, match="has no label to learn from"):
        learner().fit(bare, None, seed=0)
    assert learner(epochs=2).fit(train, bare, seed=0)["valid_loss"] is None  # nothing to choose by


def test_sizes_that_make_no_network_are_told() -> None:
    def build(spec: Any) -> Any:
        raise ZeroDivisionError("integer modulo by zero")

    with pytest.raises(BadInput, match=r"toy cannot be built \(integer modulo by zero\); give other options"):
        NetLearner("toy", build).fit(toy(), None, seed=0)


def test_what_learnt_on_a_gpu_is_read_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = learner()
    one.fit(toy(), None, seed=0)
    one.save(tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    there = learner(device="cuda")
    there.load(tmp_path)
    np.testing.assert_array_equal(there.predict(toy()).values, one.predict(toy()).values)


def test_folders_that_hold_something_else(tmp_path: Path) -> None:
    one = learner()
    with pytest.raises(BadInput, match=r"holds no trained model: model\.json is missing"):
        one.load(tmp_path / "nothing")
    one.fit(toy(), None, seed=0, folder=tmp_path)
    for other in (lambda: one.fit(toy(), None, seed=1, folder=tmp_path),
                  lambda: one.fit(toy(seed=1), None, seed=0, folder=tmp_path),
                  lambda: learner(lr=0.1).fit(toy(), None, seed=0, folder=tmp_path)):  # fmt: skip
        with pytest.raises(BadInput, match="belongs to a run with other settings"):
            other()
    one.save(tmp_path)
    for junk in (b"junk", b"", (tmp_path / "normaliser.npz").read_bytes()[:40]):
        (tmp_path / "normaliser.npz").write_bytes(junk)
        with pytest.raises(BadInput, match="is no whole model of toy"):
            one.load(tmp_path)
    card = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps({**card, "format": 99}))
    with pytest.raises(BadInput, match="is of format 99"):
        one.load(tmp_path)


def test_the_digest_tells_samples_apart_but_not_what_is_masked() -> None:
    one = toy()
    hidden = {m: np.where(one.masks[m][..., None], x, 7).astype(np.float32) for m, x in one.features.items()}
    assert digest(replace(one, features=hidden)) == digest(one)
    assert digest(replace(one, labels=-one.labels)) != digest(one)
    assert digest(without(one, "audio")) != digest(one)
    assert digest(toy(seed=1)) != digest(one)
    assert prints(replace(one, features=hidden, ids=tuple("abcdefgh" * 9)[: len(one)])) == prints(one)
    assert len({*prints(one), *prints(toy(seed=1))}) == 2 * len(one)
    assert prints(one.take([1, 0])) == [prints(one)[1], prints(one)[0]]
