"""How networks of sentiment are trained: settings, one update on one batch, and the learner that goes on where it was.

A learner that is given a folder keeps everything there after each epoch. What is random in an epoch follows from the
seed and the epoch's number alone, so that a run which was stopped ends in the very same weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import nn

from talkoot.errors import BadInput
from talkoot.sentiment.nets import Batch, Net, task_loss

CHECKPOINT = "training.pt"
"""What an interrupted training goes on from, in the learner's folder."""
WEIGHTS, NORMALS, CARD = "weights.pt", "normaliser.npz", "model.json"
"""The files of a saved learner."""
FORMAT = 1


@dataclass(frozen=True)
class TrainSettings:
    """`epochs` over the training samples in batches of `batch`, by AdamW (`lr`, `weight_decay`), gradients clipped to
    the norm `clip` (0: not at all).

    Where there is a fold to choose by, the epoch with the lowest loss on it counts, and `patience` epochs without a
    better one end the training (0: all epochs are run). Without one the last epoch counts. `average` is the decay of
    a running mean of the weights, update by update, which then takes their place (0: none; Polyak and Juditsky 1992).
    `modality_dropout` hides each modality of a sample so often in training, never the last one. `trainer` names how
    policies learn: "supervised" (no policies apart), or one of `talkoot.sentiment.trainers`.

    The rest is for those trainers: `policy_lr` and `critic_lr`, the discount `gamma`, `td_lambda` of TD(lambda), `tau`
    (the share of the online weights that a target network takes over in an update), and the weight `entropy` of the
    policies' entropy. `seed` is set by the learner.
    """

    epochs: int = 25
    batch: int = 32
    lr: float = 1e-3
    weight_decay: float = 1e-2
    clip: float = 1.0
    patience: int = 0
    average: float = 0.0
    modality_dropout: float = 0.0
    device: str = "cpu"
    trainer: str = "supervised"
    policy_lr: float = 1e-3
    critic_lr: float = 1e-3
    gamma: float = 0.95
    td_lambda: float = 0.8
    tau: float = 0.01
    entropy: float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 0 or self.batch < 1 or self.patience < 0:
            raise BadInput(
                f"training cannot run {self.epochs} epochs in batches of {self.batch} with a patience of "
                f"{self.patience}; give at least 0 epochs, 1 sample and a patience of 0"
            )
        for name in ("lr", "policy_lr", "critic_lr", "weight_decay", "clip", "entropy"):
            if not getattr(self, name) >= 0:
                raise BadInput(f"{name} is {getattr(self, name)}; give a number of at least 0")
        for name in ("average", "modality_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise BadInput(f"{name} is {getattr(self, name)}; give a number from 0 to below 1")
        for name in ("gamma", "td_lambda", "tau"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"{name} is {getattr(self, name)}; give a number from 0 to 1")


class Update(Protocol):
    """One update of all that a network has to learn, on one batch. It owns its optimisers, critics and target networks,
    and the generator of its draws (seeded by `TrainSettings.seed`); `state_dict` holds all of that."""

    def __call__(self, batch: Batch) -> dict[str, float]:
        """Do one update, and tell its losses; "loss" is the sum of those that the supervised part minimised."""

    def state_dict(self) -> dict[str, Any]:
        """What an interrupted training goes on from: tensors, numbers, texts, lists and dicts of these."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""


class Supervised:
    """The plain update: the task's loss and the network's further losses, one AdamW for all weights."""

    def __init__(self, net: Net, settings: TrainSettings) -> None:
        self.net, self.clip = net, settings.clip
        self.parameters = [weight for weight in net.parameters() if weight.requires_grad]
        self.optimiser = torch.optim.AdamW(self.parameters, lr=settings.lr, weight_decay=settings.weight_decay)

    def __call__(self, batch: Batch) -> dict[str, float]:
        """One step. Losses are told before it, by their names."""
        out = self.net(batch)
        losses = {"task": task_loss(self.net.spec.task, out.value, batch.y), **out.losses}
        total = torch.stack(list(losses.values())).sum()
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        if self.clip:
            nn.utils.clip_grad_norm_(self.parameters, self.clip)
        self.optimiser.step()
        told = torch.stack([total, *losses.values()]).tolist()
        return dict(zip(("loss", *losses), told, strict=True))

    def state_dict(self) -> dict[str, Any]:
        """The optimiser's."""
        return {"optimiser": self.optimiser.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.optimiser.load_state_dict(state["optimiser"])
