"""Settings of training, the plain update, hidden modalities, and the epochs."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sentiment_trainable import STEPS, ToyNet, toy
from talkoot.errors import BadInput
from talkoot.sentiment.nets import Batch, Spec, batch_of, task_loss
from talkoot.sentiment.samples import Samples
from talkoot.sentiment.training import Supervised, Training, TrainSettings, drop_modalities, loss_on, spoiled

CPU = torch.device("cpu")


def quiet(share: float, word: str) -> None:
    pass


def net_of(samples: Samples, seed: int = 0) -> ToyNet:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ToyNet(Spec.of(samples))


def trained(samples: Samples, valid: Samples | None = None, **settings: Any) -> Training:
    net = net_of(samples)
    chosen = TrainSettings(**{"batch": 8, "lr": 0.02, "epochs": 4, **settings})
    run = Training(net, Supervised(net, chosen), chosen)
    with torch.random.fork_rng(devices=[]):
        run.go(samples, valid, CPU, quiet, lambda: None)
    return run


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"epochs": -1}, "training cannot run -1 epochs"),
        ({"batch": -1}, "batches of -1"),
        ({"lr": -1.0}, "lr is -1.0"),
        ({"lr": float("nan")}, "lr is nan"),
        ({"modality_dropout": 1.0}, "modality_dropout is 1.0; give a number from 0 to below 1"),
        ({"gamma": 1.5}, "gamma is 1.5; give a number from 0 to 1"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        TrainSettings(**settings)


def test_one_update_is_one_step_of_adamw_on_all_losses() -> None:
    samples = toy(6)
    net, again = net_of(samples).eval(), net_of(samples).eval()
    batch = batch_of(samples)
    told = Supervised(net, TrainSettings(lr=0.1, weight_decay=0.0, clip=0.0))(batch)
    out = again(batch)
    loss = task_loss(samples.task, out.value, batch.y) + out.losses["decay"]
    loss.backward()
    optimiser = torch.optim.AdamW(again.parameters(), lr=0.1, weight_decay=0.0)
    optimiser.step()
    assert told["loss"] == pytest.approx(loss.item())
    assert told["loss"] == pytest.approx(told["task"] + told["decay"])
    assert set(told) == {"loss", "task", "decay"}
    for ours, theirs in zip(net.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_gradients_are_clipped_to_the_norm() -> None:
    samples = toy(6)
    net = net_of(samples)
    Supervised(net, TrainSettings(clip=1e-3, lr=0.0))(batch_of(samples))
    norm = torch.stack([weight.grad.norm() for weight in net.parameters() if weight.grad is not None]).norm()
    assert float(norm) == pytest.approx(1e-3, rel=1e-3)


def test_epochs_learn_and_tell_their_losses() -> None:
    run = trained(toy(), epochs=20)
    assert run.log[-1]["task"] < 0.6 * run.log[0]["task"]
    assert {len(run.log), run.updates // 3, run.samples // 24} == {20}
    assert run.best_epoch == 0
    assert run.chosen["head.weight"] is not None


def test_the_best_epoch_on_the_other_fold_counts_and_patience_ends() -> None:
    train, valid = toy(), toy(16, seed=1)
    run = trained(train, valid, epochs=60, lr=0.1, patience=3)
    scores = [epoch["valid_loss"] for epoch in run.log]
    assert run.best_score == min(scores) == scores[run.best_epoch - 1]
    assert len(run.log) == run.best_epoch + 3 < 60
    net = net_of(train)
    net.load_state_dict(run.chosen)
    assert loss_on(net, valid, 7) == pytest.approx(run.best_score, rel=1e-5)


def test_the_mean_of_the_weights_follows_them() -> None:
    samples = toy()
    run = trained(samples, average=0.9, epochs=6)
    again = trained(samples, epochs=6)
    now, mean = run.net.state_dict()["head.weight"], run.chosen["head.weight"]
    torch.testing.assert_close(now, again.chosen["head.weight"])  # the mean does not change what is learnt
    assert 0 < float((now - mean).abs().max()) < 0.5


def test_a_loss_that_is_not_finite_is_told() -> None:
    with pytest.raises(BadInput, match=r"the loss became (nan|inf) in epoch \d; lower the learning rate"):
        trained(toy(), lr=1e30, clip=0.0, epochs=9)


def test_weights_and_choices_that_are_not_numbers_are_told() -> None:
    class Breaks:
        def __init__(self, error: str = "") -> None:
            self.error = error

        def __call__(self, batch: Any) -> dict[str, float]:
            if self.error:
                raise RuntimeError(self.error)
            with torch.no_grad():
                next(net.parameters()).fill_(math.inf)  # after the loss of the last update was told
            return {"loss": 1.0}

        def state_dict(self) -> dict[str, Any]:
            return {}

        load_state_dict = None

    samples = toy()
    for update, message in (
        (Breaks(), "the weights are not numbers any more in epoch 1"),
        (Breaks("probability tensor contains either `inf`, `nan` or element < 0"), "probabilities are not numbers"),
    ):
        net = net_of(samples)
        with pytest.raises(BadInput, match=message):
            Training(net, cast(Any, update), TrainSettings(epochs=1)).go(samples, None, CPU, quiet, lambda: None)
    with pytest.raises(RuntimeError, match="disk"):
        Training(net, cast(Any, Breaks("disk")), TrainSettings()).go(samples, None, CPU, quiet, lambda: None)


def test_loss_on_known_labels_only() -> None:
    samples = toy(7, task=STEPS)
    net = net_of(samples).eval()
    value = net(batch_of(samples)).value.detach().numpy()
    known = ~np.isnan(samples.labels)
    wanted = np.abs(value - samples.labels)[known].mean()
    for size in (2, 3, 7):
        assert loss_on(net, samples, size) == pytest.approx(float(wanted), rel=1e-5)


@given(st.integers(0, 50), st.floats(0, 0.99))
def test_hidden_modalities_leave_no_step_empty(seed: int, share: float) -> None:
    batch = batch_of(toy(12, seed=seed % 5))
    dropped = drop_modalities(batch, share, np.random.default_rng(seed))
    assert torch.equal(dropped.marks.any(-1), batch.valid)
    assert torch.equal(dropped.valid, batch.valid)
    for name, mask in dropped.mask.items():
        same = (mask == batch.mask[name]).all(1)
        assert (same | ~mask.any(1)).all()  # whole, or gone
        assert torch.equal(dropped.x[name], torch.where(mask[..., None], batch.x[name], 0.0))


def test_modalities_are_hidden_as_often_as_asked() -> None:
    full = toy(400)
    whole = Samples(full.task, full.features, dict.fromkeys(full.masks, full.masks["text"]), full.labels, full.ids)
    dropped: Batch = drop_modalities(batch_of(whole), 0.3, np.random.default_rng(0))
    shown = torch.stack([mask.any(1) for mask in dropped.mask.values()], 1).float().mean(0)
    # Hidden alone .3 * .7; where both would be hidden, both are kept.
    assert shown.tolist() == pytest.approx([0.79, 0.79], abs=0.06)
    assert torch.equal(drop_modalities(batch_of(whole), 0.0, np.random.default_rng(0)).marks, batch_of(whole).marks)


def test_one_sample_trains() -> None:
    run = trained(toy(1), epochs=3)
    assert run.samples == 3
    assert np.isfinite(run.log[-1]["loss"])


def test_a_batch_is_as_large_as_the_task_wants() -> None:
    assert (TrainSettings().batch_for(STEPS), TrainSettings().batch_for(toy(2).task)) == (8, 32)
    assert TrainSettings(batch=5).batch_for(STEPS) == 5
    assert (TrainSettings(epochs=0).epochs_for(None), TrainSettings(epochs=0).epochs_for(toy(2))) == (20, 40)
    assert TrainSettings(epochs=3).epochs_for(None) == 3


def test_spoiled_steps_lie_and_masks_do_not_tell() -> None:
    batch = batch_of(toy(40))
    again = [spoiled(batch, 0.5, np.random.default_rng(3)) for _ in range(2)]
    for name, x in batch.x.items():
        now = again[0].x[name]
        assert torch.equal(now, again[1].x[name])
        assert torch.equal(now[~batch.mask[name]], x[~batch.mask[name]])
        changed = (now != x).any(-1)
        assert 0.1 < changed[batch.mask[name]].float().mean() < 0.4  # half of the steps in half of the samples
        assert (~changed.any(1)).float().mean() > 0.2
    assert again[0].mask is batch.mask
    assert all(torch.equal(spoiled(batch, 0.0, np.random.default_rng(3)).x[name], x) for name, x in batch.x.items())


def test_the_fold_to_choose_by_is_spoiled_the_same_way_each_time() -> None:
    samples = toy(20)
    net = net_of(samples)
    clean, *bad = (loss_on(net, samples, 8, spoil=spoil, seed=4) for spoil in (0.0, 0.5, 0.5))
    assert bad[0] == bad[1] != clean
    assert loss_on(net, samples, 8, spoil=0.5, seed=5) != bad[0]
