"""COMA with a learned critic: a central network values each agent's choices, given those of the others.

`talkoot.learning.coma` on the process over time of reference 3.1: the agents are the modalities, their actions levels
of weight, the team's reward is the drop of loss at a step, and the next state is the next step of the same sample.
"""

from __future__ import annotations

from typing import Any

import torch

from talkoot.learning.coma import CentralCritic, Critic, Episodes, Settings, actor_loss, advantages, expected_actor_loss
from talkoot.sentiment.cosa import CosaNet
from talkoot.sentiment.nets import Batch
from talkoot.sentiment.reward import RunningScale
from talkoot.sentiment.trainers.joint import KEEP, Joint, levels_of, seeded
from talkoot.sentiment.trainers.moments import moments, width
from talkoot.sentiment.training import TrainSettings


class ComaCritic:
    """The update. Rewards are divided by their running standard deviation. `expected` as in `coma_exact`; with a
    critic's values it also trusts them for actions that were not taken. Raises BadInput for a head other than `levels`.
    """

    def __init__(self, net: CosaNet, settings: TrainSettings, *, expected: bool = False) -> None:
        self.head = levels_of(net, "coma_critic")
        self.net, self.settings, self.expected = net, settings, expected
        self.joint, self.rewards = Joint(net, settings), RunningScale(KEEP)
        device = next(net.parameters()).device
        with seeded(settings.seed):
            central = CentralCritic(
                state=width(net),
                observation=net.settings.width + 1,
                agents=len(net.spec.widths),
                actions=self.head.size,
            ).to(device)
        self.critic = Critic(
            central,
            Settings(
                gamma=settings.gamma,
                td_lambda=settings.td_lambda,
                critic_lr=settings.critic_lr,
                clip=settings.clip,
                tau=settings.tau,
                copy_every=0 if settings.tau else 200,
            ),
        )

    def __call__(self, batch: Batch) -> dict[str, float]:
        """Draw levels, see what they earn, teach the critic, and follow its advantages."""
        net, joint = self.net, self.joint
        states, seen = joint.read(batch)
        params = net.policy(seen)
        levels = self.head.sample_levels(params.detach(), joint.generator)
        w = self.head.values(params)[levels] * seen.mask
        earned = joint.earned(seen, w, batch.y)
        self.rewards.see(earned, seen.valid)
        observed = torch.cat([seen.f, seen.surprise[..., None]], -1)
        episodes = Episodes(
            observation=observed,
            state=moments(net, seen, w, batch.y, joint.prior(batch.y)),
            action=levels,
            reward=earned / self.rewards.sd,
            mask=seen.valid,
            acting=seen.mask,
        )
        critic = self.critic.learn(episodes)
        q, policy = self.critic.values(episodes), params.detach().softmax(-1)
        joint.scale.see(q - (policy * q).sum(-1, keepdim=True), seen.mask[..., None])
        q = q / joint.scale.sd
        if self.expected:
            loss = expected_actor_loss(params, q, seen.mask, self.settings.entropy)
        else:
            loss = actor_loss(params, levels, advantages(q, policy, levels), seen.mask, self.settings.entropy)
        losses = joint.losses(batch, states, [w, net.weights(seen, params)])
        return joint.learn(losses, loss, {"critic": critic})

    def state_dict(self) -> dict[str, Any]:
        """What an interrupted training goes on from."""
        return {
            "joint": self.joint.state_dict(),
            "critic": self.critic.state_dict(),
            "rewards": self.rewards.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.joint.load_state_dict(state["joint"])
        self.critic.load_state_dict(state["critic"])
        self.rewards.load_state_dict(state["rewards"])
