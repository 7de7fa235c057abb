"""Kinds of decision, messages between agents, and independent policies."""

import math

import pytest
import torch

from talkoot.errors import BadInput
from talkoot.sentiment.policy import Beta, Gate, Levels, Message, Policies, head_of

HEADS = [Gate(0.3), Beta(), Levels(5)]


def named(head: object) -> str:
    return type(head).__name__


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("head", HEADS, ids=named)
def test_weights_are_from_zero_to_one_and_differentiable(head):
    params = (5 * torch.randn(2, 3, 4, head.size, generator=rng())).requires_grad_()
    for w in (head.weights(params), head.sample(params, rng())):
        assert w.shape == (2, 3, 4)
        assert ((w >= 0) & (w <= 1)).all()
    head.weights(params).sum().backward()
    assert params.grad.abs().sum() > 0
    assert head.weights(torch.zeros(1, head.size)).item() == pytest.approx(0.5)


@pytest.mark.parametrize("head", HEADS, ids=named)
def test_what_is_tried_is_seeded_and_centred(head):
    params = 0.5 * torch.randn(head.size, generator=rng(1)).expand(4000, head.size)
    assert torch.equal(head.sample(params, rng(3)), head.sample(params, rng(3)))
    assert not torch.equal(head.sample(params, rng(3)), head.sample(params, rng(4)))
    assert head.sample(params, rng(3)).mean().item() == pytest.approx(head.weights(params)[0].item(), abs=0.02)
    assert not head.sample(params.clone().requires_grad_(), rng()).requires_grad


@pytest.mark.parametrize("head", HEADS, ids=named)
def test_entropy_is_minus_the_mean_log_probability(head):
    params = torch.randn(head.size, generator=rng(1)).expand(4000, head.size)
    told = -head.log_prob(params, head.sample(params, rng(2)))
    assert head.entropy(params)[0].item() == pytest.approx(told.mean().item(), abs=0.06)


@pytest.mark.parametrize("head", HEADS, ids=named)
def test_following_the_log_probability_raises_the_weight(head):
    params = torch.zeros(1, head.size, requires_grad=True)
    high = torch.tensor([1.0])
    head.log_prob(params, high).sum().backward()
    with torch.no_grad():
        assert head.weights(params + 0.1 * params.grad).item() > 0.5


def test_the_levels_of_coma():
    head = Levels(5)
    params = torch.log(torch.tensor([[0.1, 0.2, 0.3, 0.4, 1e-9]]))
    assert head.values(params).tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert head.weights(params).item() == pytest.approx(0.5)
    assert head.log_prob(params, torch.tensor([0.75])).exp().item() == pytest.approx(0.4)
    assert head.entropy(torch.zeros(1, 5)).item() == pytest.approx(math.log(5))
    assert set(head.sample(torch.zeros(200, 5), rng()).tolist()) == {0, 0.25, 0.5, 0.75, 1}


def test_unknown_heads_are_refused():
    assert isinstance(head_of("gate", noise=0.1), Gate)
    assert isinstance(head_of("beta"), Beta)
    assert head_of("levels", levels=3).size == 3
    with pytest.raises(BadInput, match="no policy head 'dice'; take gate, beta or levels"):
        head_of("dice")
    with pytest.raises(BadInput, match="among 1 levels"):
        Levels(1)
    with pytest.raises(BadInput, match="noise of 0"):
        Gate(0)


def streams() -> tuple[torch.Tensor, torch.Tensor]:
    mask = torch.ones(2, 6, 3, dtype=torch.bool)
    mask[0, 4:] = False
    mask[1, :, 2] = False
    return torch.randn(2, 6, 3, 8, generator=rng()) * mask[..., None], mask


def message(kind: str = "mean", causal: bool = False) -> Message:
    torch.manual_seed(0)
    return Message(3, 8, kind, causal=causal)


def test_with_the_mean_all_others_are_heard_and_with_the_sum_only_oneself():
    f, mask = torch.randn(2, 20, 3, 8, generator=rng()), torch.ones(2, 20, 3, dtype=torch.bool)
    heard, released = message().shares(f, mask), message("sum").shares(f, mask)
    assert heard.shape == (2, 3, 20, 7)
    torch.testing.assert_close(heard.sum(-1), torch.ones(2, 3, 20))
    others = torch.tensor([[0, 1, 1, 0, 1, 1], [1, 0, 1, 1, 0, 1], [1, 1, 0, 1, 1, 0]], dtype=torch.bool)
    assert heard[..., 0].max() < 0.5
    for i in range(3):
        assert heard[:, i, :, 1:][..., others[i]].min() > 0.05
        assert heard[:, i, :, 1:][..., ~others[i]].max() == 0
    assert released[..., 0].min() > 1 - 1e-6


def test_a_message_changes_with_another_agent_and_has_nothing_of_absent_ones():
    f, mask = streams()
    one = message()
    heard = one(f, mask)
    assert heard.shape == f.shape
    assert heard[~mask].abs().max() == 0
    assert torch.equal(one(torch.where(mask[..., None], f, 50.0), mask), heard)
    other = f.clone()
    other[:, :, 1] *= -1
    assert not torch.isclose(one(other, mask)[:, :, 0], heard[:, :, 0]).all(-1)[mask[:, :, 0]].any()


def test_padding_changes_no_message():
    f, mask = streams()
    more = torch.nn.functional.pad(f, (0, 0, 0, 0, 2, 3))
    marks = torch.nn.functional.pad(mask, (0, 0, 2, 3))
    torch.testing.assert_close(message()(more, marks)[:, 2:-3], message()(f, mask))


@pytest.mark.parametrize("causal", [True, False])
def test_a_causal_message_knows_nothing_of_later_frames(causal):
    f, mask = streams()
    later = f.clone()
    later[0, 3, 1] *= -1
    one = message(causal=causal)
    same = torch.isclose(one(later, mask)[0, :3], one(f, mask)[0, :3], atol=1e-6)
    assert same.all() == causal


def test_no_message_and_a_lonely_agent():
    f, mask = streams()
    assert message("none")(f, mask).abs().max() == 0
    assert list(message("none").parameters()) == []
    lonely = Message(1, 8)
    torch.testing.assert_close(
        lonely(f[:, :, :1], mask[:, :, :1]), lonely.project[0](f[:, :, :1]) * mask[:, :, :1, None]
    )
    with pytest.raises(BadInput, match="no message 'shout'"):
        message("shout")
    with pytest.raises(BadInput, match="take message=mean"):
        message("sum", causal=True)


def test_policies_are_independent_and_start_alike():
    policies = Policies(3, 4, 6, 2)
    seen = torch.randn(2, 5, 3, 4)
    assert policies(seen).shape == (2, 5, 3, 2)
    assert policies(seen).abs().max() == 0
    policies(seen)[:, :, 1].sum().backward()
    assert [any(p.grad.abs().sum() > 0 for p in one.parameters()) for one in policies.each] == [False, True, False]
