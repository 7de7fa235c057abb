"""The deterministic actor-critic of whole samples: all weights of a sample are one action, and nothing follows it.

What the released code amounts to (reference 1.5): its discounted next value belongs to unrelated samples and is noise,
so here there is none. The critic is `talkoot.sentiment.critic.Critic`; the reward is that of the whole sample (1.4), by
its own truth (the released code gathers those of other samples).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.cosa import CosaNet, States
from talkoot.sentiment.critic import Critic
from talkoot.sentiment.nets import Batch
from talkoot.sentiment.reward import RunningScale, reward
from talkoot.sentiment.trainers.joint import KEEP, Joint, Learning, calm, seeded
from talkoot.sentiment.training import TrainSettings


class DdpgBandit:
    """The update. With a label at every step the reward is the mean over the steps that have one. Raises BadInput for a
    head that is not a gate."""

    def __init__(self, net: CosaNet, settings: TrainSettings) -> None:
        if net.settings.head != "gate":
            raise BadInput(
                f"ddpg_bandit climbs weights that are numbers, not {net.settings.head}; build with head=gate"
            )
        self.net, self.settings = net, settings
        self.joint, self.rewards = Joint(net, settings), RunningScale(KEEP)
        device = next(net.parameters()).device
        with seeded(settings.seed):
            self.critic = Critic(len(net.spec.widths), net.settings.width).to(device)
        self.judging = Learning(self.critic.parameters(), settings.critic_lr, decay=0.0, clip=settings.clip)

    def __call__(self, batch: Batch) -> dict[str, float]:
        """Try weights, teach the critic what they earn, and climb it."""
        net, joint = self.net, self.joint
        states, seen = joint.read(batch)
        params = net.policy(seen)
        w = net.weights(seen, params)
        tried = net.head.sample(params.detach(), joint.generator) * seen.mask
        earned = self.paid(seen, tried, batch.y)
        self.rewards.see(earned)
        truth = self.rewards.standardise(earned)
        critic = F.smooth_l1_loss(self.critic(seen.f, tried, seen.mask), truth)
        self.judging.step(critic)
        loss = -self.critic(seen.f, w, seen.mask).mean()
        losses = joint.losses(batch, states, [tried, w])
        return joint.learn(losses, loss, {"critic": float(critic.detach())})

    @torch.no_grad()
    def paid(self, states: States, w: Tensor, y: Tensor) -> Tensor:
        """The reward of each sample, [B]."""
        with calm(self.net):
            each = reward(self.net.spec.task, self.net.fuse(states, w).value, y)
        if each.dim() == 1:
            return each
        return each.sum(1) / (~torch.isnan(y)).sum(1).clamp(min=1)

    def state_dict(self) -> dict[str, Any]:
        """What an interrupted training goes on from."""
        return {
            "joint": self.joint.state_dict(),
            "rewards": self.rewards.state_dict(),
            "critic": self.critic.state_dict(),
            "judging": self.judging.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.joint.load_state_dict(state["joint"])
        self.rewards.load_state_dict(state["rewards"])
        self.critic.load_state_dict(state["critic"])
        self.judging.load_state_dict(state["judging"])
