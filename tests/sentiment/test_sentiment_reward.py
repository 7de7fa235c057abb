"""Rewards of weights: by hand, telescoped, standardised; Shapley values of weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from sentiment_rewarded import toy_batch, toy_net
from talkoot.sentiment.reward import RunningScale, loss_of, returns, reward, shapley_of_weights, step_rewards
from talkoot.sentiment.samples import Task

NUMBER, MANY = Task(), Task(steps=True)
EMOTIONS = Task("classification", emotions=("happy", "sad"))
NAN = float("nan")


def test_rewards_by_hand() -> None:
    value, y = torch.tensor([1.0, -3.0, 0.0]), torch.tensor([1.0, 3.0, 1.5])
    assert reward(NUMBER, value, y).tolist() == [1.0, 0.0, 0.5]
    assert loss_of(NUMBER, value, y).tolist() == [0.0, 2.0, 0.5]
    assert reward(Task(bound=1.0), value, y).tolist() == [1.0, 0.0, 0.0]
    several = reward(NUMBER, torch.stack([value, y]), y)
    assert several.tolist() == [[1.0, 0.0, 0.5], [1.0, 1.0, 1.0]]
    gaps = reward(MANY, torch.zeros(1, 3), torch.tensor([[3.0, NAN, 0.0]]))
    assert gaps.tolist() == [[0.0, 0.0, 1.0]]


@tries(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(1, 7), st.integers(0, 99))
def test_the_reward_of_emotions_is_the_gathered_truth(n: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(n, 2, generator=generator)
    y = torch.randint(0, 2, (n, 2), generator=generator)
    both = torch.stack([1 - logits.sigmoid(), logits.sigmoid()], -1)  # [n, E, 2]
    truth = both.gather(-1, y[..., None])[..., 0].mean(-1)
    assert torch.allclose(reward(EMOTIONS, logits, y.float()), truth, atol=1e-6)


@tries(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=6).filter(any), st.integers(0, 99))
def test_drops_of_loss_sum_to_the_whole_improvement(marks: list[bool], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    valid = torch.tensor([marks, [True] * len(marks)])
    last = [int(np.flatnonzero(row)[-1]) for row in valid.numpy()]
    said, y = torch.randn(3, 2, len(marks), generator=generator), torch.randn(2, generator=generator)
    drops = step_rewards(NUMBER, said, y, valid, torch.tensor(0.3))
    final = torch.stack([said[:, row, at] for row, at in enumerate(last)], -1)
    improvement = loss_of(NUMBER, torch.tensor(0.3).expand(2), y) - loss_of(NUMBER, final, y)
    assert torch.allclose(drops.sum(-1), improvement, atol=1e-5)
    assert not drops[:, ~valid].any()
    logits, labels = torch.randn(2, len(marks), 2, generator=generator), torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    drops = step_rewards(EMOTIONS, logits, labels, valid, torch.zeros(2))
    final = torch.stack([logits[row, at] for row, at in enumerate(last)])
    assert torch.allclose(drops.sum(-1), 0.5 - loss_of(EMOTIONS, final, labels), atol=1e-5)


def test_labels_at_every_step_pay_at_once() -> None:
    y, valid = torch.tensor([[3.0, 0.0, NAN]]), torch.tensor([[True, True, False]])
    assert step_rewards(MANY, torch.zeros(1, 3), y, valid, torch.tensor(0.0)).tolist() == [[0.0, 1.0, 0.0]]


def test_returns_skip_what_is_not_there() -> None:
    valid = torch.tensor([[True, False, True, True]])
    paid = torch.tensor([[[1.0, 9.0, 2.0, 4.0]]])
    assert returns(paid, valid, 0.5).tolist() == [[[3.0, 0.0, 4.0, 4.0]]]


def test_a_running_scale_is_that_of_all_numbers() -> None:
    scale, x = RunningScale(), torch.arange(24.0).view(2, 3, 4).square()
    assert scale.sd == 1
    mask = torch.tensor([[True, True, False, True]] * 3)
    scale.see(x[0], mask)
    scale.see(x[1], mask)
    scale.see(x[1], torch.zeros(3, 4, dtype=torch.bool))
    seen = x[:, mask]
    assert scale.mean == pytest.approx(float(seen.mean()))
    assert scale.sd == pytest.approx(float(seen.std(correction=0)))
    assert scale.standardise(seen).mean().item() == pytest.approx(0, abs=1e-6)
    again = RunningScale()
    again.load_state_dict(scale.state_dict())
    assert (again.mean, again.sd) == (scale.mean, scale.sd)
    alike = RunningScale()
    alike.see(torch.full((5,), 2.0))
    assert alike.sd == 1
    later = RunningScale(keep=0.5)
    for number in (0.0, 10.0, 10.0, 10.0):
        later.see(torch.full((4,), number))
    assert later.mean > 9


@pytest.mark.parametrize("task", [NUMBER, MANY, EMOTIONS])
def test_shapley_values_sum_to_what_all_change(task: Task) -> None:
    batch, net = toy_batch(task), toy_net(task).eval()
    states = net.states(batch)
    w = torch.rand(states.mask.shape, generator=torch.Generator().manual_seed(1)) * states.mask
    values = shapley_of_weights(net, states, w, batch.y)
    worth = [-loss_of(task, net.fuse(states, part).value, batch.y) for part in (w, w * 0)]
    assert torch.allclose(values.sum(-1), worth[0] - worth[1], atol=1e-5)
    assert values.shape == (*worth[0].shape, 3)
    nothing = values[:, 2] if values.dim() == 2 else values[0, :, 2]
    assert torch.equal(nothing[:1], torch.zeros_like(nothing[:1]))  # vision is not there in the first sample
