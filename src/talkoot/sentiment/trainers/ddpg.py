"""The deterministic actor-critic over time: policies climb a critic that learns what weights are worth.

The paper's choice (reference 1.3 (9) to (12)), on the process of reference 3.1: the next state is the next step of the
same sample, and the last valid step ends it. Deep deterministic policy gradients (Lillicrap et al. 2016), with

    L_critic = Huber(Q(s_t, w_t) - r_t - gamma Q'(s_{t+1}, pi'(s_{t+1}))),    L_actor = -Q(s_t, pi(s_t)).

There is no replay: each batch tells what its own weights earn, and kept features of older encoders would be wrong.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.learning.coma import follow, masked_mean, td_lambda_targets
from talkoot.sentiment.cosa import CosaNet, States
from talkoot.sentiment.nets import Batch
from talkoot.sentiment.reward import RunningScale
from talkoot.sentiment.trainers.joint import KEEP, Joint, Learning, seeded
from talkoot.sentiment.trainers.moments import moments, width
from talkoot.sentiment.training import TrainSettings


class StepCritic(nn.Module):
    """Q of a step: `moments` [B, T, S] and weights [B, T, M] to [B, T]. The weights also enter times the states f of
    their agents, [B, T, M, D], which is how they act."""

    def __init__(self, *, state: int, modalities: int, agent: int, hidden: int = 128) -> None:
        super().__init__()
        inputs = state + modalities * (agent + 1)
        self.net = nn.Sequential(
            nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, 1)
        )

    def forward(self, moment: Tensor, f: Tensor, w: Tensor) -> Tensor:
        """Judge."""
        out: Tensor = self.net(torch.cat([moment, w, (w[..., None] * f).flatten(2)], -1))
        return out[..., 0]


class TargetPolicy:
    """Policies that follow those of a network slowly; they start as a copy. Only the policies of the copy are used."""

    def __init__(self, net: CosaNet, tau: float) -> None:
        self.net, self.tau = copy.deepcopy(net).requires_grad_(False), tau
        self.parts = nn.ModuleList([self.net.message, self.net.decide])
        self.online = nn.ModuleList([net.message, net.decide])

    @torch.no_grad()
    def weights(self, states: States) -> Tensor:
        """Weights [B, T, M]."""
        return self.net.weights(states, self.net.policy(states))

    def follow(self) -> None:
        """Take over a share `tau`."""
        follow(self.parts, self.online, self.tau)


class Ddpg:
    """The update. Weights are tried with the head's own noise (`CosaSettings.noise`). Rewards are divided by their
    running standard deviation, and so are the critic's values in the policies' loss. Raises BadInput for a head that is
    not a gate."""

    def __init__(self, net: CosaNet, settings: TrainSettings) -> None:
        if net.settings.head != "gate":
            raise BadInput(f"ddpg climbs weights that are numbers, not {net.settings.head}; build with head=gate")
        self.net, self.settings = net, settings
        self.joint, self.rewards = Joint(net, settings), RunningScale(KEEP)
        device = next(net.parameters()).device
        with seeded(settings.seed):
            self.critic = StepCritic(state=width(net), modalities=len(net.spec.widths), agent=net.settings.width).to(
                device
            )
        self.target = copy.deepcopy(self.critic).requires_grad_(False)
        self.target_policy = TargetPolicy(net, settings.tau)
        self.judging = Learning(self.critic.parameters(), settings.critic_lr, decay=0.0, clip=settings.clip)

    def __call__(self, batch: Batch) -> dict[str, float]:
        """Try weights, teach the critic what they earn, and climb it."""
        net, joint = self.net, self.joint
        states, seen = joint.read(batch)
        params = net.policy(seen)
        w = net.weights(seen, params)
        tried = net.head.sample(params.detach(), joint.generator) * seen.mask
        earned = joint.earned(seen, tried, batch.y)
        self.rewards.see(earned, seen.valid)
        moment = moments(net, seen, tried, batch.y, joint.prior(batch.y))
        with torch.no_grad():
            ahead = self.target(moment, seen.f, self.target_policy.weights(seen))
        target = td_lambda_targets(
            earned / self.rewards.sd, ahead, seen.valid, gamma=self.settings.gamma, td_lambda=0.0
        )
        judged = F.smooth_l1_loss(self.critic(moment, seen.f, tried), target, reduction="none")
        critic = masked_mean(judged, seen.valid)
        self.judging.step(critic)
        worth = self.critic(moment, seen.f, w)
        joint.scale.see(worth, seen.valid)
        loss = -masked_mean(worth, seen.valid) / joint.scale.sd
        losses = joint.losses(batch, states, [tried, w])
        told = joint.learn(losses, loss, {"critic": float(critic.detach())})
        follow(self.target, self.critic, self.settings.tau)
        self.target_policy.follow()
        return told

    def state_dict(self) -> dict[str, Any]:
        """What an interrupted training goes on from."""
        return {
            "joint": self.joint.state_dict(),
            "rewards": self.rewards.state_dict(),
            "critic": self.critic.state_dict(),
            "target": self.target.state_dict(),
            "target_policy": self.target_policy.parts.state_dict(),
            "judging": self.judging.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.joint.load_state_dict(state["joint"])
        self.rewards.load_state_dict(state["rewards"])
        self.critic.load_state_dict(state["critic"])
        self.target.load_state_dict(state["target"])
        self.target_policy.parts.load_state_dict(state["target_policy"])
        self.judging.load_state_dict(state["judging"])
