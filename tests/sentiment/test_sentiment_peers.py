"""The rival networks: shapes, masks, gradients, absent modalities, and what cannot be built."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.sentiment.nets import Batch, Net, Spec, task_loss
from talkoot.sentiment.peers.bigru import BiGru, BiGruSettings
from talkoot.sentiment.peers.ef_lstm import EfLstm, EfLstmSettings
from talkoot.sentiment.peers.lf_dnn import LfDnn, LfDnnSettings
from talkoot.sentiment.peers.lmf import Lmf, LmfSettings
from talkoot.sentiment.peers.misa import Misa, MisaSettings
from talkoot.sentiment.peers.mult import Mult, MultSettings
from talkoot.sentiment.peers.tfn import Tfn, TfnSettings
from talkoot.sentiment.samples import Task

WIDTHS = {"text": 4, "audio": 3, "vision": 2}
REGRESSION, STEPS = Task(), Task(steps=True)
EMOTIONS = Task("classification", emotions=("happy", "sad"))

SMALL = {"text_hidden": 4, "text_out": 3, "audio_hidden": 8, "vision_hidden": 8}
BUILD: dict[str, Callable[[Spec], Net]] = {
    "bigru": lambda spec: BiGru(spec, BiGruSettings(hidden=3)),
    "ef_lstm": lambda spec: EfLstm(spec, EfLstmSettings(hidden=4, layers=2)),
    "lf_dnn": lambda spec: LfDnn(spec, LfDnnSettings(**SMALL, fusion_hidden=8)),
    "lmf": lambda spec: Lmf(spec, LmfSettings(**SMALL)),
    "misa": lambda spec: Misa(spec, MisaSettings(hidden=4, recurrent=2)),
    "mult": lambda spec: Mult(spec, MultSettings(width=4, heads=2, layers=1, memory_layers=1, kernel=3)),
    "mult, both ways": lambda spec: Mult(
        spec, MultSettings(width=4, heads=2, layers=1, memory_layers=1, kernel=2, causal=False)
    ),
    "tfn": lambda spec: Tfn(spec, TfnSettings(**SMALL, fusion_hidden=8)),
}


def made(name: str, task: Task, widths: dict[str, int] = WIDTHS, seed: int = 0) -> Net:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return BUILD[name](Spec(task, widths, 6))


def batch(task: Task, masks: dict[str, list[list[int]]], seed: int = 0) -> Batch:
    draws = torch.Generator().manual_seed(seed)
    mask = {name: torch.tensor(rows, dtype=torch.bool) for name, rows in masks.items()}
    x = {name: torch.randn(*m.shape, WIDTHS[name], generator=draws) * m[..., None] for name, m in mask.items()}
    valid = torch.stack(list(mask.values())).any(0)
    n, length = valid.shape
    y = torch.rand({"classification": (n, 2)}.get(task.kind, (n, length) if task.steps else (n,)), generator=draws)
    return Batch(x, mask, valid, y.round() if task.emotions else torch.where(valid, y, torch.nan) if task.steps else y)


def padded(one: Batch, more: int, before: int = 0) -> Batch:
    """With steps that are not there behind the rest, and before it."""

    def wider(x: torch.Tensor) -> torch.Tensor:
        shape = list(x.shape)
        shape[1] = more
        front = [*shape[:1], before, *shape[2:]]
        return torch.cat([x.new_zeros(front), x, x.new_zeros(shape)], 1)

    return Batch({m: wider(x) for m, x in one.x.items()}, {m: wider(x) for m, x in one.mask.items()},
                 wider(one.valid), one.y)  # fmt: skip


def some(task: Task, seed: int = 0) -> Batch:
    """Three samples of five, three and one steps; in the second there is no vision."""
    full, short, single, none = [1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0], [0] * 5
    return batch(task, {"text": [full, short, single], "audio": [full, [0, 1, 1, 0, 0], single],
                        "vision": [full, none, single]}, seed)  # fmt: skip


ALL = [pytest.param(name, task, id=f"{name} {task.kind}{' steps' * task.steps}")
       for name in BUILD for task in (REGRESSION, STEPS, EMOTIONS)]  # fmt: skip


@pytest.mark.parametrize(("name", "task"), ALL)
def test_values_have_the_shape_of_labels_and_gradients_reach_every_weight(name: str, task: Task) -> None:
    net, one = made(name, task), some(task)
    out = net(one)
    assert out.value.shape == one.y.shape
    loss = task_loss(task, out.value, one.y) + sum(out.losses.values())
    loss.backward()
    for weight, value in net.named_parameters():
        assert value.grad is not None, weight
        assert torch.isfinite(value.grad).all(), weight


@pytest.mark.parametrize(("name", "task"), ALL)
def test_every_modality_counts_and_masked_ones_do_not(name: str, task: Task) -> None:
    net, one = made(name, task).eval(), some(task)
    before = net(one).value
    for m in WIDTHS:
        changed = Batch({**one.x, m: one.x[m] * 3 + one.mask[m][..., None]}, one.mask, one.valid, one.y)
        assert not torch.equal(net(changed).value, before), m
    there = one.valid if task.steps else slice(None)
    torch.testing.assert_close(net(padded(one, 3)).value[:, :5][there] if task.steps else net(padded(one, 3)).value,
                               before[there], atol=1e-6, rtol=1e-5)  # fmt: skip


@pytest.mark.parametrize(("name", "task"), ALL)
def test_a_sample_alone_says_what_it_says_among_others(name: str, task: Task) -> None:
    net, one = made(name, task).eval(), some(task)
    together = net(one).value
    for row in range(3):
        at = slice(row, row + 1)
        length = int(one.valid[row].sum())
        alone = Batch({m: x[at, :length] for m, x in one.x.items()}, {m: x[at, :length] for m, x in one.mask.items()},
                      one.valid[at, :length], one.y[at])  # fmt: skip
        wanted = together[at, :length] if task.steps else together[at]
        torch.testing.assert_close(net(alone).value, wanted, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(("name", "task"), ALL)
def test_one_sample_of_one_step_can_be_learnt_from(name: str, task: Task) -> None:
    one = batch(task, {m: [[1]] for m in WIDTHS})
    net = made(name, task)
    out = net(one)
    (task_loss(task, out.value, one.y) + sum(out.losses.values())).backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)


@pytest.mark.parametrize(("name", "task"), ALL)
def test_a_modality_may_be_absent_from_a_whole_batch(name: str, task: Task) -> None:
    one = batch(task, {"text": [[1, 1], [1, 0]], "audio": [[0, 0], [0, 0]], "vision": [[1, 0], [1, 1]]})
    net = made(name, task)
    out = net(one)
    (task_loss(task, out.value, one.y) + sum(out.losses.values())).backward()
    assert torch.isfinite(out.value).all()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)


@pytest.mark.parametrize("name", BUILD)
def test_a_lone_modality_and_one_of_another_name(name: str) -> None:
    one = some(REGRESSION)
    for modality, called in (("audio", "audio"), ("text", "text"), ("vision", "timing")):
        lone = Batch({called: one.x[modality][::2]}, {called: one.mask[modality][::2]}, one.mask[modality][::2],
                     one.y[::2])  # fmt: skip
        assert made(name, REGRESSION, {called: WIDTHS[modality]})(lone).value.shape == (2,)


@pytest.mark.parametrize("name", ["bigru", "ef_lstm", "lf_dnn", "lmf", "misa", "tfn"])
@given(masks=st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=3, max_size=3), front=st.integers(0, 2))
@settings(max_examples=15, deadline=None)
def test_padding_before_and_behind_changes_nothing(name: str, masks: list[list[bool]], front: int) -> None:
    masks[0][0] = True
    one = batch(REGRESSION, {m: [[int(mark) for mark in mask]] for m, mask in zip(WIDTHS, masks, strict=True)})
    net = made(name, REGRESSION).eval()
    torch.testing.assert_close(net(padded(one, 2, front)).value, net(one).value, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("name", ["mult", "ef_lstm"])
def test_what_is_causal_does_not_read_ahead(name: str) -> None:
    one = batch(STEPS, {m: [[1, 1, 1, 1]] for m in WIDTHS})
    net = made(name, STEPS).eval()
    later = torch.tensor([0.0, 0.0, 0.0, 1.0])[:, None]
    value = net(Batch({m: x + later for m, x in one.x.items()}, one.mask, one.valid, one.y)).value
    torch.testing.assert_close(value[:, :3], net(one).value[:, :3])
    assert not torch.allclose(value[:, 3], net(one).value[:, 3])


def test_bigru_and_mult_both_ways_read_ahead() -> None:
    one = batch(STEPS, {m: [[1, 1, 1, 1]] for m in WIDTHS})
    later = torch.tensor([0.0, 0.0, 0.0, 1.0])[:, None]
    for name in ("bigru", "mult, both ways"):
        net = made(name, STEPS).eval()
        value = net(Batch({m: x + later for m, x in one.x.items()}, one.mask, one.valid, one.y)).value
        assert not torch.allclose(value[:, 0], net(one).value[:, 0])


def test_regression_of_tfn_stays_within_the_bound() -> None:
    task = Task(bound=1.0)
    net = made("tfn", task).eval()
    with torch.no_grad():
        net.out.bias.fill_(50.0)  # type: ignore[union-attr, operator]
    assert float(net(some(task)).value.detach().max()) == pytest.approx(1.0)


def test_misa_tells_three_further_losses_in_training_only() -> None:
    net = made("misa", REGRESSION)
    assert set(net(some(REGRESSION)).losses) == {"difference", "similarity", "reconstruction"}
    assert net.eval()(some(REGRESSION)).losses == {}


def test_what_cannot_be_built_is_told() -> None:
    spec = Spec(REGRESSION, WIDTHS, 5)
    with pytest.raises(BadInput, match="outer product of text, audio, vision would have"):
        Tfn(spec, TfnSettings(text_out=500, audio_hidden=500, vision_hidden=500))
    with pytest.raises(BadInput, match="width of 50 among 3 heads"):
        MultSettings(heads=3)
    with pytest.raises(BadInput, match="rank 0"):
        LmfSettings(rank=0)
    with pytest.raises(BadInput, match="an even width"):
        MisaSettings(hidden=5)
