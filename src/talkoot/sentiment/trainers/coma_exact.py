"""COMA with exact counterfactuals: what would have been said, had one agent counted more or less at one step.

The world of the policies is our own head, so it can be asked (reference 3.3): for every step, agent and level k,

    R(w^-(t,a), k) = - loss of the sample with the weight of agent a at step t replaced by k,

which needs no critic. Fusion is a quotient of sums over steps, so all steps are asked at once, in K M passes of the
head. With one label a sample, the loss is that of the whole sample: rewards that are drops of loss (3.1) telescope to
it, and this is the return without discount, what is done at other steps held fixed.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from talkoot.learning.coma import actor_loss, advantages, expected_actor_loss
from talkoot.sentiment.cosa import CosaNet, States
from talkoot.sentiment.nets import Batch
from talkoot.sentiment.policy import Levels
from talkoot.sentiment.reward import loss_of
from talkoot.sentiment.trainers.joint import Joint, calm, levels_of
from talkoot.sentiment.training import TrainSettings


class ComaExact:
    """The update. The others' actions are drawn; for its own, an agent knows the worth of every one, and `expected`
    takes the gradient's mean over them in place of the one that was drawn (the same on average, with less variance).

    `gamma` and `td_lambda` play no part. Raises BadInput for a network whose head is not `levels`.
    """

    def __init__(self, net: CosaNet, settings: TrainSettings, *, expected: bool = True) -> None:
        self.head = levels_of(net, "coma_exact")
        self.net, self.settings, self.expected = net, settings, expected
        self.joint = Joint(net, settings)

    def __call__(self, batch: Batch) -> dict[str, float]:
        """Draw levels, ask for the worth of all others, and step."""
        net, joint = self.net, self.joint
        states, seen = joint.read(batch)
        params = net.policy(seen)
        levels = self.head.sample_levels(params.detach(), joint.generator)
        w = self.head.values(params)[levels] * seen.mask
        worth = counterfactuals(net, self.head, seen, w, batch.y)
        policy = params.detach().softmax(-1)
        joint.scale.see(worth - (policy * worth).sum(-1, keepdim=True), seen.mask[..., None])
        worth = worth / joint.scale.sd
        if self.expected:
            loss = expected_actor_loss(params, worth, seen.mask, self.settings.entropy)
        else:
            loss = actor_loss(params, levels, advantages(worth, policy, levels), seen.mask, self.settings.entropy)
        losses = joint.losses(batch, states, [w, net.weights(seen, params)])
        return joint.learn(losses, loss, {})

    def state_dict(self) -> dict[str, Any]:
        """What an interrupted training goes on from."""
        return self.joint.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.joint.load_state_dict(state)


@torch.no_grad()
def counterfactuals(net: CosaNet, head: Levels, states: States, w: Tensor, y: Tensor) -> Tensor:
    """R(w^-(t,a), k) for weights w [B, T, M]: [B, T, M, K], minus the loss in the scale of `reward.loss_of`."""
    levels = head.values(w)
    others = w.expand(w.shape[-1], len(levels), *w.shape).clone()  # [M, K, B, T, M]
    for agent in range(w.shape[-1]):
        others[agent, ..., agent] = levels[:, None, None]
    others = others * states.mask
    with calm(net):
        if net.spec.task.steps:
            worth = -loss_of(net.spec.task, net.fuse(states, others).value, y)
        else:
            top, below = net.fusion.parts(states.f, w, states.valid)
            tops, belows = net.fusion.parts(states.f, others, states.valid)
            top = top.sum(-2, keepdim=True) + (tops - top)
            below = below.sum(-2, keepdim=True) + (belows - below)
            said = net.answer(top / below.clamp(min=1e-6))
            said = said if net.spec.task.kind == "classification" else said[..., 0]
            worth = -loss_of(net.spec.task, said, y[:, None])
    return worth.permute(2, 3, 0, 1)
