"""REINFORCE: weights that were tried become likelier by what they gained (Williams 1992).

Any head that tries: levels, Beta, or a gate with noise. The world is our own head, so a sample can be tried several
times at little cost, and what the other tries of the same sample earned is the baseline (Kool et al. 2019, "Buy 4
REINFORCE samples, get a baseline for free!"), which needs no critic and leaves the gradient unbiased.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from talkoot.errors import BadInput
from talkoot.learning.coma import masked_mean
from talkoot.sentiment.cosa import CosaNet
from talkoot.sentiment.nets import Batch
from talkoot.sentiment.reward import returns
from talkoot.sentiment.trainers.joint import Joint
from talkoot.sentiment.training import TrainSettings


class Reinforce:
    """The update, with `draws` tries of each sample. The team's return from a step on, discounted by `gamma`, pays all
    agents of that step alike. Raises BadInput for fewer than two draws."""

    def __init__(self, net: CosaNet, settings: TrainSettings, *, draws: int = 4) -> None:
        if draws < 2:
            raise BadInput(f"{draws} draws have no other draws to be compared with; give 2 or more")
        self.net, self.settings, self.draws = net, settings, draws
        self.joint = Joint(net, settings)

    def __call__(self, batch: Batch) -> dict[str, float]:
        """Try weights, and make those likelier that did better than the other tries."""
        net, joint = self.net, self.joint
        states, seen = joint.read(batch)
        params = net.policy(seen)
        several = params.expand(self.draws, *params.shape)
        tried = net.head.sample(several.detach(), joint.generator)
        gained = returns(joint.earned(seen, tried * seen.mask, batch.y), seen.valid, self.settings.gamma)
        advantage = apart(gained)
        joint.scale.see(advantage, seen.valid)
        likelihood = net.head.log_prob(several, tried)
        counts = seen.mask.expand(likelihood.shape)
        gain = masked_mean(likelihood * (advantage / joint.scale.sd)[..., None], counts)
        loss = -gain - self.settings.entropy * masked_mean(net.head.entropy(params), seen.mask)
        losses = joint.losses(batch, states, [tried[0] * seen.mask, net.weights(seen, params)])
        return joint.learn(losses, loss, {})

    def state_dict(self) -> dict[str, Any]:
        """What an interrupted training goes on from."""
        return self.joint.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.joint.load_state_dict(state)


def apart(gained: Tensor) -> Tensor:
    """What each draw gained above the mean of the others, [draws, ...] to the same."""
    draws = len(gained)
    return (gained - gained.mean(0, keepdim=True)) * (draws / (draws - 1))
