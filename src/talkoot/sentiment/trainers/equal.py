"""Nothing is decided: all modalities that are there count alike, always. The floor under every trainer of policies."""

from __future__ import annotations

from talkoot.sentiment.cosa import CosaNet
from talkoot.sentiment.training import Supervised, TrainSettings


class Equal(Supervised):
    """`Supervised` of all but the policies, which stay as they begin: the same weight for whatever they see."""

    def __init__(self, net: CosaNet, settings: TrainSettings) -> None:
        for weight in net.policies():
            weight.requires_grad_(False)
        super().__init__(net, settings)
