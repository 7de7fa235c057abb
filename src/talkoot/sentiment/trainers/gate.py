"""The plain differentiable gate: weights learn from the supervised loss, as all else does. No reinforcement learning.

The control that every other trainer has to beat (reference 3.4)."""

from __future__ import annotations

from typing import Any

import torch

from talkoot.sentiment.cosa import CosaNet
from talkoot.sentiment.training import Supervised, TrainSettings


class Gate(Supervised):
    """`Supervised`, with the learning rate `policy_lr` for the policies. Any head will do; its mean is what counts."""

    def __init__(self, net: CosaNet, settings: TrainSettings) -> None:
        super().__init__(net, settings)
        groups: list[dict[str, Any]] = [
            {"params": net.supervised()},
            {"params": net.policies(), "lr": settings.policy_lr},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=settings.lr, weight_decay=settings.weight_decay, fused=True)
