"""The central critic: masks, causality, leading axes, and that it can learn whose weight matters."""

import pytest
import torch
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.critic import Critic


def made(join: str = "concat") -> tuple[Critic, torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    mask = torch.ones(3, 5, 2, dtype=torch.bool)
    mask[1, 3:] = False
    mask[2, 1, 0] = False
    return Critic(2, 4, hidden=6, join=join), torch.randn(3, 5, 2, 4), torch.rand(3, 5, 2), mask


@pytest.mark.parametrize("join", ["concat", "sum"])
def test_padding_and_masked_weights_change_no_value(join):
    critic, f, w, mask = made(join)
    q, each = critic(f, w, mask), critic.per_step(f, w, mask)
    assert q.shape == (3,)
    assert each.shape == (3, 5)
    assert each[1, 3:].tolist() == [0, 0]
    assert torch.equal(critic(f * mask[..., None], w * mask, mask), critic(torch.where(mask[..., None], f, 9), w, mask))
    longer = F.pad(f, (0, 0, 0, 0, 0, 2)), F.pad(w, (0, 0, 0, 2), value=1), F.pad(mask, (0, 0, 0, 2))
    torch.testing.assert_close(critic(*longer), q)
    torch.testing.assert_close(critic.per_step(*longer)[:, :5], each)


def test_many_choices_at_once_are_those_one_by_one():
    critic, f, w, mask = made()
    many = torch.stack([w, 1 - w, w * 0])
    torch.testing.assert_close(critic(f, many, mask), torch.stack([critic(f, one, mask) for one in many]))
    steps = critic.per_step(f, many[:, None], mask)
    assert steps.shape == (3, 1, 3, 5)
    torch.testing.assert_close(steps[:, 0], torch.stack([critic.per_step(f, one, mask) for one in many]))


def test_the_value_of_a_step_knows_only_the_weights_so_far():
    critic, f, w, mask = made()
    later = w.clone()
    later[0, 3, 0] = 1 - later[0, 3, 0]
    same = torch.isclose(critic.per_step(f, later, mask), critic.per_step(f, w, mask))[0]
    assert same.tolist() == [True, True, True, False, False]
    assert not torch.isclose(critic(f, later, mask), critic(f, w, mask))[0]


def test_values_are_differentiable_in_the_weights_of_every_agent():
    critic, f, w, mask = made()
    w.requires_grad_()
    critic(f, w, mask).sum().backward()
    assert (w.grad.abs().sum((0, 1)) > 0).all()
    assert w.grad[~mask].abs().max() == 0


def test_it_learns_that_one_agent_helps_and_the_other_harms():
    critic, rng = made()[0], torch.Generator().manual_seed(0)
    f, full = torch.randn(16, 2, 2, 4, generator=rng), torch.ones(16, 2, 2, dtype=torch.bool)
    optimiser = torch.optim.Adam(critic.parameters(), lr=3e-2)
    for _ in range(60):
        w = torch.rand(16, 2, 2, generator=rng)
        truth = (w[..., 0] - w[..., 1]).mean(1)
        loss = (critic(f, w, full) - truth).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    w = torch.full((16, 2, 2), 0.5, requires_grad=True)
    critic(f, w, full).sum().backward()
    assert w.grad[..., 0].mean() > 0.1
    assert w.grad[..., 1].mean() < -0.1


def test_unknown_joins_are_refused():
    with pytest.raises(BadInput, match="cannot join the agents by 'glue'; take concat or sum"):
        made("glue")
