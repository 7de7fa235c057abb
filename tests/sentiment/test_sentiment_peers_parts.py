"""The parts of the rival networks on cases worked by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from talkoot.sentiment.nets import Batch, Spec
from talkoot.sentiment.peers.lmf import Lmf, LmfSettings
from talkoot.sentiment.peers.misa import cmd, difference
from talkoot.sentiment.peers.mult import NEVER, Mult, MultSettings, attention, barred
from talkoot.sentiment.peers.tfn import hidden, outer
from talkoot.sentiment.peers.unimodal import FeedForward, MaskedLSTM, TextNet, last_step, placed, sizes_of
from talkoot.sentiment.samples import Task


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_an_lstm_under_a_mask_reads_what_is_there_and_nothing_else() -> None:
    net, x = MaskedLSTM(2, 3), drawn(2, 5, 2)
    mask = torch.tensor([[0, 1, 0, 1, 1], [1, 1, 0, 0, 0]], dtype=torch.bool)
    out = net(x, mask)
    for row in range(2):
        torch.testing.assert_close(out[row, mask[row]], net.lstm(x[row : row + 1, mask[row]])[0][0])
    assert not out[~mask].any()
    torch.testing.assert_close(net.last(x, mask), torch.stack([out[0, 4], out[1, 1]]))


def test_an_lstm_reads_padding_behind_as_nothing_and_an_empty_sample_as_zero() -> None:
    net, x = MaskedLSTM(2, 3), drawn(2, 4, 2)
    mask = torch.tensor([[1, 1, 0, 0], [0, 0, 0, 0]], dtype=torch.bool)
    torch.testing.assert_close(net.last(x, mask)[0], net.lstm(x[:1, :2])[0][0, 1])
    assert not net.last(x, mask)[1].any()
    assert not TextNet(2, 3, 4)(x, mask)[1].any()


def test_rows_that_are_not_there_are_zero_and_count_in_no_statistic() -> None:
    net, x = FeedForward(2, 3, 0.0), drawn(4, 2)
    there = torch.tensor([True, False, True, True])
    out = net(x, there)
    alone = FeedForward(2, 3, 0.0)
    alone.load_state_dict({**net.state_dict(), **{k: v for k, v in alone.state_dict().items() if "running" in k}})
    torch.testing.assert_close(out[there], alone(x[there], there[there]))
    assert not out[1].any()
    torch.testing.assert_close(net.norm.running_mean, 0.1 * x[there].mean(0))


def test_last_step_and_places() -> None:
    x, mask = drawn(2, 3, 1), torch.tensor([[1, 0, 1], [1, 1, 0]], dtype=torch.bool)
    torch.testing.assert_close(last_step(x, mask), torch.stack([x[0, 2], x[1, 1]]))
    one = Batch({}, {}, mask, torch.zeros(2, 3))
    rows = torch.arange(1.0, 5)[:, None]
    steps = placed(Spec(Task(steps=True), {}, 3), one, rows)
    assert steps.tolist() == [[1, 0, 2], [3, 4, 0]]
    assert placed(Spec(Task(), {}, 3), one, rows).tolist() == [1, 2, 3, 4]
    assert sizes_of(Spec(Task(), {"text": 9, "timing": 9, "vision": 9}, 3), 1, 2, 3) == {
        "text": 1, "timing": 2, "vision": 3,
    }  # fmt: skip


def test_the_outer_product_is_that_of_kronecker() -> None:
    parts = [drawn(2, d, seed=d) for d in (2, 1, 3)]
    ones = [torch.cat([torch.ones(2, 1), part], 1) for part in parts]
    wanted = torch.stack([torch.kron(torch.kron(a, b), c) for a, b, c in zip(*ones, strict=True)])
    torch.testing.assert_close(outer(parts), wanted)


@pytest.mark.parametrize("share", [0.5, 0.25, 0.3])
def test_dropout_hides_its_share_and_neighbours_know_nothing_of_each_other(share: float) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        gone = hidden(torch.empty(501, 401), share)
    assert float(gone.float().mean()) == pytest.approx(share, abs=0.005)
    beside = torch.stack([gone[:, 0:400:2].flatten(), gone[:, 1::2].flatten()]).float()
    assert abs(float(torch.corrcoef(beside)[0, 1])) < 0.02


def test_what_dropout_leaves_of_the_outer_product_grows() -> None:
    parts = [drawn(2, d, seed=d).requires_grad_() for d in (2, 1, 3)]
    whole = outer(parts)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        out = outer(parts, 0.25)
    kept = out != 0
    assert 0 < int(kept.sum()) < kept.numel()
    torch.testing.assert_close(out[kept], whole[kept] / 0.75)
    wanted = torch.autograd.grad((whole * kept / 0.75).square().sum(), parts, retain_graph=True)
    for grad, want in zip(torch.autograd.grad(out.square().sum(), parts), wanted, strict=True):
        torch.testing.assert_close(grad, want)


def test_lmf_is_the_full_tensor_of_its_factors() -> None:
    spec = Spec(Task(), {"text": 4, "audio": 3, "vision": 2}, 3)
    net = Lmf(spec, LmfSettings(text_hidden=3, text_out=2, audio_hidden=4, vision_hidden=3, rank=2)).eval()
    there = torch.ones(2, 3, dtype=torch.bool)
    one = Batch({m: drawn(2, 3, d, seed=d) for m, d in spec.widths.items()}, {m: there for m in spec.widths},  # noqa: C420
                there, torch.zeros(2))  # fmt: skip
    full = torch.einsum("r,rao,rbo,rco->abco", net.weights[0], *[net.factors[m] for m in spec.widths]).flatten(0, 2)[
        :, 0
    ]
    torch.testing.assert_close(net(one).value, outer(net.unimodal(one)) @ full + net.bias)


def test_attention_is_a_softmax_over_what_may_be_read() -> None:
    q, k, v = (drawn(1, 3, 4, seed=i) for i in range(3))
    mask = torch.tensor([[True, False, True]])
    out = attention(q, k, v, 2, barred(mask, causal=True), 0.0)
    for head in (slice(0, 2), slice(2, 4)):
        for t, keys in ((0, [0]), (1, [0]), (2, [0, 2])):
            share = torch.softmax(k[0, keys, head] @ q[0, t, head] / math.sqrt(2), 0)
            torch.testing.assert_close(out[0, t, head], share @ v[0, keys, head])


def test_who_has_nothing_to_read_gets_zero() -> None:
    q, k, v = (drawn(1, 3, 4, seed=i) for i in range(3))
    bar = barred(torch.tensor([[False, True, True]]), causal=True)
    assert bar[1] is not None
    assert bar[1][0, :, 0].tolist() == [True, False, False]
    assert not attention(q, k, v, 2, bar, 0.0)[0, 0].any()


def test_full_masks_share_one_bar() -> None:
    scores, nothing = barred(torch.ones(3, 2, dtype=torch.bool), causal=True)
    assert nothing is None
    torch.testing.assert_close(scores, torch.tensor([[[0.0, NEVER], [0.0, 0.0]]]))


def test_windows_that_reach_beyond_a_sample_are_not_read() -> None:
    net = Mult(Spec(Task(), {"text": 2}, 4), MultSettings(width=2, heads=1, kernel=3, text_dropout=0.0))
    mask = torch.tensor([[1, 1, 1, 1, 0], [1, 0, 0, 0, 0]], dtype=torch.bool)
    x = drawn(2, 5, 2) * mask[..., None]
    convolved, there, last = net._convolved(Batch({"text": x}, {"text": mask}, mask, torch.zeros(2)))
    assert last.tolist() == [1, 0]
    assert there["text"].tolist() == [[True, True, False], [True, False, False]]
    torch.testing.assert_close(
        convolved["text"][0, 1], torch.einsum("otk,kt->o", net.convolutions["text"].weight, x[0, 1:4])
    )


def test_diff_loss() -> None:
    one = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    assert float(difference(one, one)) == pytest.approx(1.0, abs=1e-4)  # one of four correlations is 2, squared 4
    assert float(difference(one, torch.tensor([[0.0, 1.0], [0.0, 1.0]]))) == 0  # nothing is left once it is centred
    assert float(difference(one, one * 7 + 3)) == pytest.approx(1.0, abs=1e-4)
    assert float(difference(one[:0], one[:0])) == 0


def test_central_moment_discrepancy() -> None:
    one = torch.tensor([[0.0, 0.5], [1.0, 0.5]])
    assert float(cmd(one, one)) == 0
    assert float(cmd(one, one + torch.tensor([0.3, 0.4]))) == pytest.approx(0.5, abs=1e-5)  # the means alone differ
    still = torch.full((2, 2), 0.5)
    assert float(cmd(one, still)) == pytest.approx(0.25 + 0.0625)  # the second and fourth moments of 0 and 1
    same = one.clone().requires_grad_()
    cmd(same, one).backward()
    assert same.grad is not None
    assert not same.grad.any()
