"""Co-SA's network as a whole: tasks, masks, switches, gradients, and that it learns whom to trust."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.cosa import CosaNet, CosaSettings, preset
from talkoot.sentiment.nets import Batch, Spec, batch_of, task_loss
from talkoot.sentiment.samples import Samples, Task

TASKS = {
    "regression": Task(),
    "steps": Task(steps=True),
    "classification": Task("classification", emotions=("happy", "sad")),
}
SMALL = CosaSettings(width=8, heads=2, dropout=0.0)


def samples(task: Task, n: int = 5, length: int = 6) -> Samples:
    rng = np.random.default_rng(0)
    widths = {"text": 5, "audio": 3, "vision": 2}
    masks = {name: np.ones((n, length), bool) for name in widths}
    masks["audio"][1] = masks["vision"][2, 1] = False
    for mask in masks.values():
        mask[3, 4:] = False
        mask[4, 1:] = False
    labels = rng.uniform(-3, 3, (n, length) if task.steps else n)
    if task.emotions:
        labels = rng.integers(0, 2, (n, len(task.emotions)))
    features = {name: rng.normal(size=(n, length, d)).astype(np.float32) for name, d in widths.items()}
    return Samples(task, features, masks, labels.astype(np.float32), tuple("abcde"))


def made(task: str = "regression", settings: CosaSettings = SMALL) -> tuple[CosaNet, Batch]:
    torch.manual_seed(0)
    some = samples(TASKS[task])
    net = CosaNet(Spec.of(some), settings)
    for parameter in net.decide.parameters():
        torch.nn.init.normal_(parameter, std=0.5)  # not all alike, as at the start
    return net, batch_of(some)


def padded(batch: Batch, more: int = 3) -> Batch:
    return Batch(
        {name: F.pad(x, (0, 0, 0, more)) for name, x in batch.x.items()},
        {name: F.pad(mask, (0, more)) for name, mask in batch.mask.items()},
        F.pad(batch.valid, (0, more)),
        batch.y,
    )


def cut(batch: Batch, t: int) -> Batch:
    return Batch(
        {name: x[:, :t] for name, x in batch.x.items()},
        {name: mask[:, :t] for name, mask in batch.mask.items()},
        batch.valid[:, :t],
        batch.y,
    )


SHAPES = {"regression": (5,), "steps": (5, 6), "classification": (5, 2)}
VARIANTS = {
    "default": SMALL,
    "causal": dataclasses.replace(SMALL, causal=True, head="levels", fusion="pool"),
    "beta": dataclasses.replace(SMALL, head="beta", fusion="concat", encoder="mlp", adversary=0.5),
    "product": dataclasses.replace(SMALL, fusion="product", space="none", message="none", surprise=False),
    "as_described": dataclasses.replace(preset("as_described"), width=8, heads=2, dropout=0.0),
    "as_released": dataclasses.replace(preset("as_released"), width=8, heads=2, dropout=0.0),
}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_task_and_variant_has_its_shapes_and_trust(task, variant):
    net, batch = made(task, VARIANTS[variant])
    out = net.eval()(batch)
    assert out.value.shape == SHAPES[task]
    assert out.trust.shape == (5, 6, 3)
    assert ((out.trust >= 0) & (out.trust <= 1)).all()
    assert out.trust[~batch.marks].abs().max() == 0
    assert out.trust[batch.marks].min() > 0
    assert out.losses == {}
    steps = task == "regression" and VARIANTS[variant].steps
    assert (out.steps is not None) == steps
    if steps:
        torch.testing.assert_close(out.steps[:, -1], out.value)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_padding_changes_nothing(task, variant):
    net, batch = made(task, VARIANTS[variant])
    net.spec = dataclasses.replace(net.spec, length=9)
    if VARIANTS[variant].space == "matrix":
        for agent in net.agents:
            agent.space.matrix = torch.nn.Parameter(torch.randn(9, 9))
    here, longer = net.eval()(batch), net(padded(batch))
    value = longer.value[:, :6] if task == "steps" else longer.value
    torch.testing.assert_close(value, here.value)
    torch.testing.assert_close(longer.trust[:, :6], here.trust)
    losses, more = (net.train()(one).losses for one in (batch, padded(batch))) if task == "regression" else ({}, {})
    for name in losses.keys() - {"prefix"}:
        torch.testing.assert_close(losses[name], more[name])


@pytest.mark.parametrize("variant", VARIANTS)
def test_losses_and_gradients_reach_every_modality_and_policy(variant):
    net, batch = made("regression", VARIANTS[variant])
    out = net.train()(batch)
    its = VARIANTS[variant]
    on = {name for name in ("modality", "separation", "reconstruction", "dpsr", "adversary", "prefix")
          if getattr(its, name)}  # fmt: skip
    assert set(out.losses) == on | ({"expectation"} if its.surprise else set())
    (task_loss(net.spec.task, out.value, batch.y) + sum(out.losses.values())).backward()
    for group in (net.agents, net.decide.each):
        for one in group:
            grads = [p.grad for p in one.parameters() if p.grad is not None]
            assert sum(grad.abs().sum() for grad in grads) > 0
            assert all(torch.isfinite(grad).all() for grad in grads)


def test_each_loss_is_switched_by_its_weight_and_scales_with_it():
    net, batch = made()
    losses = net(batch).losses
    for name in losses.keys() - {"expectation"}:  # which moves nothing else
        off = dataclasses.replace(SMALL, **{name: 0.0})
        twice = dataclasses.replace(SMALL, **{name: 2 * getattr(SMALL, name)})
        assert set(made(settings=off)[0](batch).losses) == losses.keys() - {name}
        torch.testing.assert_close(made(settings=twice)[0](batch).losses[name], 2 * losses[name])


def test_parameters_fall_into_two_groups():
    net, _ = made()
    groups = [{id(p) for p in group} for group in (net.supervised(), net.policies())]
    assert not groups[0] & groups[1]
    assert groups[0] | groups[1] == {id(p) for p in net.parameters()}
    assert {id(p) for p in net.decide.parameters()} <= groups[1]


@pytest.mark.parametrize("task", TASKS)
def test_many_choices_are_fused_at_once(task):
    net, batch = made(task)
    states = net.eval().states(batch)
    many = torch.rand(4, 5, 6, 3)
    out = net.fuse(states, many)
    one = [net.fuse(states, w) for w in many]
    torch.testing.assert_close(out.value, torch.stack([each.value for each in one]))
    assert out.trust.shape == many.shape
    prefixes = net.prefixes(states, many)
    assert prefixes.shape[:3] == (4, 5, 6)
    if task != "steps":
        torch.testing.assert_close(prefixes[:, :, -1], out.value)


def test_the_parts_make_the_whole_and_masked_weights_count_nothing():
    net, batch = made()
    states = net.eval().states(batch)
    w = net.weights(states, net.policy(states))
    whole = net(batch)
    torch.testing.assert_close(whole.value, net.fuse(states, w).value)
    torch.testing.assert_close(whole.value, net.fuse(states, torch.where(batch.marks, w, 1.0)).value)
    assert not torch.allclose(whole.value, net.fuse(states, w.flip(1)).value)


def test_detached_states_have_no_gradient_and_the_policy_alone_learns_from_them():
    net, batch = made()
    states = net.states(batch).detached()
    assert states.losses == {}
    net.weights(states, net.policy(states)).sum().backward()
    assert all(p.grad is None for p in net.supervised())
    assert any(p.grad is not None for p in net.policies())


def test_reading_as_it_comes_equals_reading_all_with_causal_masks():
    its = dataclasses.replace(SMALL, causal=True)
    net, batch = made(settings=its)
    whole = net.eval()(batch)
    for t in range(1, 7):
        out = net(cut(batch, t))
        torch.testing.assert_close(out.value, whole.steps[:, t - 1])
        torch.testing.assert_close(out.trust, whole.trust[:, :t])
    later = made()[0].eval()
    assert not torch.allclose(later(cut(batch, 3)).value[0], later(batch).steps[0, 2])


def test_one_sample_of_one_step_and_one_modality_are_enough():
    some = samples(Task()).take([4]).only(["text"])
    net = CosaNet(Spec.of(some), SMALL)
    batch = batch_of(some)
    out = net(batch)
    assert out.value.shape == (1,)
    assert batch.valid.shape == (1, 1)
    (out.value.sum() + sum(out.losses.values())).backward()
    assert all(p.grad is None or torch.isfinite(p.grad).all() for p in net.parameters())


def test_surprise_is_how_far_a_frame_is_from_what_was_expected():
    net, batch = made()
    states = net.eval().states(batch)
    seen = net.agents[0](batch.x["text"], batch.mask["text"])
    error = (seen.expected - seen.sentiment).square().mean(-1)
    torch.testing.assert_close(states.surprise[..., 0][batch.mask["text"]], (error + 1e-4).log()[batch.mask["text"]])
    assert not states.surprise.requires_grad


def test_expectations_are_learnt_and_move_nothing_else():
    net, batch = made()
    net.train().states(batch).losses["expectation"].backward()
    moved = {name.split(".")[2] for name, one in net.named_parameters() if one.grad is not None and one.grad.any()}
    assert moved == {"expect"}


def test_auto_reads_around_where_each_step_has_a_label_or_a_sample_has_emotions():
    auto = CosaSettings()
    found = [auto.for_task(one) for one in (Task(), Task(steps=True), Task("classification", emotions=("a", "b")))]
    assert [(one.encoder, one.space) for one in found] == [("mlp", "none"), ("gru", "attention"), ("gru", "none")]
    fixed = CosaSettings(encoder="linear", space="matrix")
    assert fixed.for_task(Task()) == fixed == fixed.for_task(Task(steps=True))


def test_policies_turn_to_the_modality_that_tells_the_label():
    """The plain gate: text is the label, audio is noise that a head cannot avoid but by its weight."""
    rng = np.random.default_rng(0)
    n, length = 64, 3
    y = rng.uniform(-2, 2, n).astype(np.float32)
    text = np.repeat(y[:, None, None], length, 1) + 0.05 * rng.normal(size=(n, length, 1))
    audio = 3 * rng.normal(size=(n, length, 1))
    there = np.ones((n, length), bool)
    some = Samples(
        Task(), {"text": text.astype(np.float32), "audio": audio.astype(np.float32)}, {"text": there, "audio": there},
        y, tuple(map(str, range(n))),
    )  # fmt: skip
    torch.manual_seed(0)
    net, batch = CosaNet(Spec.of(some), dataclasses.replace(SMALL, encoder="mlp")), batch_of(some)
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-2)
    first = None
    for _ in range(120):
        out = net(batch)
        loss = task_loss(some.task, out.value, batch.y)
        first = first or loss.item()
        optimiser.zero_grad()
        (loss + sum(out.losses.values())).backward()
        optimiser.step()
    trust = net.eval()(batch).trust.mean((0, 1))
    assert loss.item() < first / 3
    assert trust[0] > 2 * trust[1]


def test_presets_and_bad_settings():
    assert preset() == CosaSettings()
    assert preset("as_described").separation_as == "as_described"
    assert preset("as_released").dpsr_as == "as_released"
    with pytest.raises(BadInput, match="no preset 'mine'; take default, as_described or as_released"):
        preset("mine")
    with pytest.raises(BadInput, match="the loss dpsr has the weight -1; give 0"):
        CosaSettings(dpsr=-1)
    for name, value in (("margin", math.nan), ("margin", -1), ("noise", 0), ("noise", math.inf)):
        with pytest.raises(BadInput, match=name):
            dataclasses.replace(CosaSettings(), **{name: value})
    with pytest.raises(BadInput, match="1 wide with a dropout"):
        CosaSettings(width=1)
