"""What the team is paid for its weights: task-adaptive rewards, their drop of loss step by step, Shapley values.

Reference 1.4 (reward), 3.1 and 3.3. B samples, T steps, M modalities, E emotions. Values may have leading axes, such as
K choices of weights; rewards then have them too.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from talkoot.sentiment.contribution import shapley
from talkoot.sentiment.cosa import CosaNet, States
from talkoot.sentiment.samples import Task


def loss_of(task: Task, value: Tensor, y: Tensor) -> Tensor:
    """How wrong values are, from 0: |value - y| / bound (regression), or 1 - the mean probability of the truth.

    Regression: `value` [..., B] or [..., B, T] and `y` of the same last axes. Classification: logits [..., E] and `y`
    [..., E] of 0 and 1, which gives [...]. Where a label is NaN, 0.
    """
    if task.kind == "classification":
        return 1 - torch.where(y > 0.5, value, -value).sigmoid().mean(-1)
    known = ~torch.isnan(y)
    return torch.where(known, (value - torch.where(known, y, 0)).abs(), 0) / task.bound


def reward(task: Task, value: Tensor, y: Tensor) -> Tensor:
    """r = 1 - |value - y| / bound, clipped to [0, 1] (regression), or the mean over emotions of the probability of the
    truth (reference 1.4). The released code gathers other samples' truths (reference 2, item 6). Shapes as in
    `loss_of`; 0 where a label is NaN."""
    paid = 1 - loss_of(task, value, y).clamp(max=1)
    return paid if task.kind == "classification" else torch.where(torch.isnan(y), 0, paid)


def step_rewards(task: Task, said: Tensor, y: Tensor, valid: Tensor, prior: Tensor) -> Tensor:
    """Rewards of the process over time, [..., B, T], 0 where not `valid` [B, T] (reference 3.1).

    With a label at every step, r_t is the reward of what is said at t. With one label a sample, `said` [..., B, T] (or
    [..., B, T, E]) is what would be said after each step, and

        r_t = loss_{t-1} - loss_t,

    so that the sum is the whole improvement upon `prior`, what is said of nothing: [] or [E] logits. t - 1 is the valid
    step before.
    """
    if task.steps:
        return torch.where(valid, reward(task, said, y), 0)
    loss = loss_of(task, said, y[:, None])
    first = loss_of(task, prior.expand(y.shape), y)[:, None].expand_as(loss[..., :1])
    at = torch.where(valid, torch.arange(1, valid.shape[1] + 1, device=valid.device), 0)
    before = torch.cat([torch.zeros_like(at[:, :1]), at[:, :-1].cummax(1).values], 1).expand(loss.shape)
    drop = torch.cat([first, loss], -1).gather(-1, before) - loss
    return torch.where(valid, drop, 0)


def returns(rewards: Tensor, valid: Tensor, gamma: float) -> Tensor:
    """What follows from each step on, G_t = r_t + gamma G_{t+1}, [..., B, T]; t + 1 is the next valid step, and 0 where
    not `valid` [B, T]."""
    total = torch.zeros_like(rewards)
    rest = torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        now = rewards[..., t] + gamma * rest
        total[..., t] = torch.where(valid[:, t], now, 0)
        rest = torch.where(valid[:, t], now, rest)
    return total


class RunningScale:
    """Mean and standard deviation of all numbers seen so far (Welford 1962, by batches as Chan et al. 1983).

    With `keep` below 1 what was seen before counts that much less with each batch: both follow what changes (ours)."""

    def __init__(self, keep: float = 1.0) -> None:
        self.keep = keep
        self.count, self.mean, self.squares = 0.0, 0.0, 0.0

    def see(self, x: Tensor, mask: Tensor | None = None) -> None:
        """Take in the numbers of x, where the mask (which may lack leading axes) is True."""
        some = x.detach()
        some = (some if mask is None else some[mask.expand(some.shape)]).double()
        if not some.numel():
            return
        mean = float(some.mean())
        squares = float((some - mean).square().sum())
        before, count = self.keep * self.count, self.keep * self.count + some.numel()
        self.squares = self.keep * self.squares + squares + (mean - self.mean) ** 2 * before * some.numel() / count
        self.mean += (mean - self.mean) * some.numel() / count
        self.count = count

    @property
    def sd(self) -> float:
        """Of the numbers; 1 before there are two, or where they are all alike."""
        sd = (self.squares / self.count) ** 0.5 if self.count > 1 else 0.0
        return sd if sd > 1e-8 else 1.0

    def standardise(self, x: Tensor) -> Tensor:
        """(x - mean) / sd."""
        return (x - self.mean) / self.sd

    def state_dict(self) -> dict[str, Any]:
        """Three numbers."""
        return {"count": self.count, "mean": self.mean, "squares": self.squares}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.count, self.mean, self.squares = float(state["count"]), float(state["mean"]), float(state["squares"])


@torch.no_grad()
def shapley_of_weights(net: CosaNet, states: States, w: Tensor, y: Tensor) -> Tensor:
    """Shapley values of the modalities of weights w [B, T, M], in the scale of `loss_of` (reference 3.3).

        phi_a = sum_{S without a} |S|! (M - |S| - 1)! / M! (v(S + a) - v(S)),    v(S) = - loss with the other weights 0

    [B, M], or [B, T, M] where each step has a label. They sum to what all modalities change together. Asks the head
    2^M times; `net` should be in `eval`, or its dropout is drawn anew for each coalition.
    """
    modalities = w.shape[-1]
    players = torch.arange(modalities, device=w.device)
    inside = torch.arange(2**modalities, device=w.device)[:, None] >> players & 1
    said = net.fuse(states, w * inside[:, None, None].to(w.dtype)).value
    worth = -loss_of(net.spec.task, said, y)
    return torch.from_numpy(shapley(worth.double().cpu().numpy())).to(w)
