"""COMA: hand-made targets and advantages, and games that two agents learn."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from torch import Tensor, nn

from talkoot.errors import BadInput
from talkoot.learning.coma import (
    CentralCritic,
    Coma,
    Critic,
    Episodes,
    Settings,
    actor_loss,
    advantages,
    expected_actor_loss,
    follow,
    td_lambda_targets,
)

MASKS = st.lists(st.booleans(), min_size=1, max_size=6)


def rewards(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_targets_by_hand() -> None:
    reward, value = torch.tensor([[1.0, 2.0, 4.0]]), torch.tensor([[10.0, 20.0, 30.0]])
    mask = torch.ones(1, 3, dtype=torch.bool)
    plain = {"gamma": 0.5, "mask": mask}
    # lambda 1: rewards to come; 0: one reward and the next value; the end is worth nothing
    assert td_lambda_targets(reward, value, td_lambda=1, **plain).tolist() == [[3.0, 4.0, 4.0]]
    assert td_lambda_targets(reward, value, td_lambda=0, **plain).tolist() == [[11.0, 17.0, 4.0]]
    half = td_lambda_targets(reward, value, td_lambda=0.5, **plain)
    assert half.tolist() == [[1 + 0.25 * (20 + 10.5), 2 + 0.25 * (30 + 4), 4.0]]
    ended = torch.tensor([[False, True, False]])
    assert td_lambda_targets(reward, value, td_lambda=1, done=ended, **plain).tolist() == [[2.0, 2.0, 4.0]]
    beyond = td_lambda_targets(reward, value, td_lambda=0.3, beyond=torch.tensor([8.0]), **plain)
    assert beyond[0, 2] == 8


@tries(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(MASKS, st.integers(0, 99), st.floats(0, 1), st.floats(0, 1))
def test_masked_steps_are_as_if_they_were_not_there(marks: list[bool], seed: int, gamma: float, lam: float) -> None:
    mask = torch.tensor([marks])
    reward, value = rewards(seed, 1, len(marks)), rewards(seed + 1, 1, len(marks), 2)
    both = {"gamma": gamma, "td_lambda": lam}
    whole = td_lambda_targets(reward, value, mask, **both)
    cut = td_lambda_targets(reward[:, marks], value[:, marks], mask[:, marks], **both)
    assert torch.allclose(whole[:, marks], cut)
    assert not whole[~mask].any()


@tries(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(0, 99), st.floats(0, 1))
def test_targets_of_the_true_values_are_these_values(seed: int, lam: float) -> None:
    reward, mask = rewards(seed, 3, 5), torch.ones(3, 5, dtype=torch.bool)
    truth = td_lambda_targets(reward, torch.zeros(3, 5), mask, gamma=0.9, td_lambda=1)
    again = td_lambda_targets(reward, truth, mask, gamma=0.9, td_lambda=lam)
    assert torch.allclose(truth, again, atol=1e-5)


def test_advantages_by_hand() -> None:
    q = torch.tensor([[[4.0, 0.0], [1.0, 3.0]]], requires_grad=True)
    policy = torch.tensor([[[0.5, 0.5], [0.25, 0.75]]])
    gained = advantages(q, policy, torch.tensor([[0, 0]]))
    assert gained.tolist() == [[2.0, 1 - 2.5]]
    assert not gained.requires_grad


@tries(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(0, 99))
def test_an_agents_own_policy_expects_no_advantage(seed: int) -> None:
    q, policy = rewards(seed, 4, 2, 3), rewards(seed + 1, 4, 2, 3).softmax(-1)
    each = torch.stack([advantages(q, policy, torch.full((4, 2), k)) for k in range(3)], -1)
    assert torch.allclose((policy * each).sum(-1), torch.zeros(4, 2), atol=1e-5)


def test_the_expected_gradient_is_the_mean_of_the_drawn_ones() -> None:
    q, counts = rewards(1, 1, 2, 3), torch.tensor([[True, True]])
    logits = rewards(2, 1, 2, 3).requires_grad_()
    policy = logits.softmax(-1).detach()
    (expected,) = torch.autograd.grad(expected_actor_loss(logits, q, counts, 0.1), logits)
    mean = torch.zeros_like(expected)
    for first in range(3):
        for second in range(3):
            action = torch.tensor([[first, second]])
            loss = actor_loss(logits, action, advantages(q, policy, action), counts, 0.1)
            chance = policy[0, 0, first] * policy[0, 1, second]
            mean += chance * torch.autograd.grad(loss, logits)[0]
    assert torch.allclose(expected, mean, atol=1e-6)


def test_the_gradient_favours_what_is_better_and_entropy_what_is_even() -> None:
    logits = torch.tensor([[1.0, 0.0]], requires_grad=True)
    counts = torch.tensor([True])
    (grad,) = torch.autograd.grad(actor_loss(logits, torch.tensor([0]), torch.tensor([2.0]), counts), logits)
    assert grad[0, 0] < 0 < grad[0, 1]
    (grad,) = torch.autograd.grad(actor_loss(logits, torch.tensor([0]), torch.tensor([0.0]), counts, 1.0), logits)
    assert grad[0, 1] < 0 < grad[0, 0]
    assert actor_loss(logits, torch.tensor([0]), torch.tensor([9.0]), ~counts).item() == 0


def episodes(**others: Any) -> Episodes:
    generator = torch.Generator().manual_seed(0)
    parts: dict[str, Any] = {
        "observation": torch.randn(2, 3, 2, 4, generator=generator),
        "state": torch.randn(2, 3, 5, generator=generator),
        "action": torch.randint(0, 3, (2, 3, 2), generator=generator),
        "reward": torch.randn(2, 3, generator=generator),
        "mask": torch.tensor([[True, True, True], [True, False, False]]),
    }
    return Episodes(**parts | others)


def test_a_critic_does_not_see_what_the_agent_itself_does_now() -> None:
    torch.manual_seed(0)
    critic = CentralCritic(state=5, observation=4, agents=2, actions=3, width=8)
    played = episodes()
    before = critic(played)
    assert before.shape == (2, 3, 2, 3)
    action = played.action.clone()
    action[0, 1, 0] = (action[0, 1, 0] + 1) % 3
    changed = (critic(replace(played, action=action)) - before).abs().sum(-1) > 1e-7
    assert changed[0].tolist() == [[False, False], [False, True], [True, True]]  # of others now; of all a step later
    assert not changed[1].any()
    padded = action.clone()
    padded[1, 1] = 2 - padded[1, 1]
    assert torch.equal(critic(replace(played, action=padded)), critic(replace(played, action=action)))


def test_agents_that_had_no_say_count_for_nothing() -> None:
    torch.manual_seed(0)
    acting = torch.tensor([True, False]).expand(2, 3, 2)
    played = episodes(acting=acting)
    assert torch.equal(played.counts, acting & played.mask[..., None])
    critic = CentralCritic(state=5, observation=4, agents=2, actions=3, width=8)
    other = replace(played, action=torch.stack([played.action[..., 0], 2 - played.action[..., 1]], -1))
    assert torch.equal(critic(played)[:, :, 0], critic(other)[:, :, 0])


def test_a_target_starts_as_a_copy_and_follows() -> None:
    torch.manual_seed(0)
    net = CentralCritic(state=5, observation=4, agents=2, actions=3, width=8)
    critic = Critic(net, Settings(copy_every=2, critic_lr=0.01))
    played = episodes()
    first = critic.target(played)
    assert torch.equal(first, critic.net(played))
    critic.learn(played)
    assert torch.equal(critic.target(played), first)
    critic.learn(played)
    assert torch.equal(critic.target(played), critic.net(played))
    slow = Critic(net, Settings(copy_every=0, tau=0.5))
    old = [weight.clone() for weight in slow.target.parameters()]
    slow.learn(played)
    for target, before, now in zip(slow.target.parameters(), old, net.parameters(), strict=True):
        assert torch.allclose(target, (before + now) / 2)
    normed, other = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    other.running_mean += 3
    follow(normed, other, 0.1)
    assert normed.running_mean.tolist() == [3, 3]


class Table(nn.Module):
    """Logits of their own for each agent and observed step."""

    def __init__(self, steps: int, actions: int) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(steps, 2, actions))

    def forward(self, observation: Tensor) -> Tensor:
        return torch.einsum("btns,snk->btnk", observation, self.logits)


def learn(
    payoff: Tensor, *, steps: int = 1, updates: int, lag: int = 0, rows: int = 16, seed: int = 0
) -> tuple[Coma, Episodes]:
    """Play a matrix game: the actions of the first step are paid `lag` steps later; later actions do not matter."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    critic = CentralCritic(state=steps, observation=steps, agents=2, actions=len(payoff), width=32)
    settings = Settings(actor_lr=0.03, critic_lr=0.01, copy_every=10, critic_steps=2, gamma=0.9)
    coma = Coma(Table(steps, len(payoff)), critic, settings)
    state = torch.eye(steps).expand(rows, steps, steps)
    observation = state[:, :, None].expand(rows, steps, 2, steps)
    for _ in range(updates):
        action = coma.act(observation, generator)
        reward = torch.zeros(rows, steps)
        reward[:, lag] = payoff[action[:, 0, 0], action[:, 0, 1]]
        played = Episodes(observation, state, action, reward, torch.ones(rows, steps, dtype=torch.bool))
        coma.update(played)
    return coma, played


def chances(coma: Coma) -> Tensor:
    policy: Tensor = coma.actor.logits.detach().softmax(-1)
    return policy[0]


def test_two_agents_learn_a_matrix_game() -> None:
    payoff = torch.tensor([[1.0, 0.0, 0.0], [0.0, 3.0, 0.5], [0.0, 0.5, 2.0]])
    coma, played = learn(payoff, updates=80)
    assert chances(coma).argmax(-1).tolist() == [1, 1]
    assert chances(coma).max(-1).values.min() > 0.8
    # the critic knows the rest of the row, given what the other did
    q = coma.critic.values(replace(played, action=torch.ones_like(played.action)))[0, 0]
    assert q[0, 1] > q[0, 2] > q[0, 0] - 0.2
    assert q[0, 1].item() == pytest.approx(3, abs=0.5)


def test_what_pays_later_is_learnt_too() -> None:
    coma, _ = learn(torch.tensor([[0.0, 0.0], [0.0, 1.0]]), steps=3, lag=2, updates=100)
    assert chances(coma)[:, 1].min() > 0.8


def test_learning_goes_on_in_the_very_same_weights() -> None:
    payoff = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    whole, played = learn(payoff, updates=5)
    kept = copy.deepcopy(whole.state_dict())
    other, _ = learn(payoff, updates=1, seed=9)
    other.load_state_dict(kept)
    for coma in (whole, other):
        for _ in range(12):
            coma.update(played)
    for one, two in zip(whole.critic.target.parameters(), other.critic.target.parameters(), strict=True):
        assert torch.equal(one, two)
    assert torch.equal(chances(whole), chances(other))


def test_bad_settings_and_episodes() -> None:
    for wrong in ({"gamma": 1.1}, {"td_lambda": -0.1}, {"clip": -1.0}, {"critic_steps": 0}, {"copy_every": 0}):
        with pytest.raises(BadInput, match=r"give a number|at least one step"):
            Settings(**wrong)  # type: ignore[arg-type]
    for wrong in (
        {"mask": torch.ones(2, 2, dtype=torch.bool)},
        {"observation": torch.zeros(2, 3, 1, 4)},
        {"reward": torch.zeros(3, 2)},
        {"beyond": torch.zeros(3)},
    ):
        with pytest.raises(BadInput, match="do not fit"):
            episodes(**wrong)
    reward = torch.tensor([[0.0, float("nan"), 0.0], [0.0, 0.0, 0.0]])
    with pytest.raises(BadInput, match="NaN or infinite"):
        episodes(reward=reward)
    assert episodes(reward=reward.flip(0)).reward.isnan().any()  # masked there
