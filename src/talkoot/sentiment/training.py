"""How networks of sentiment are trained: settings, one update on one batch, and the epochs.

What is random in an epoch follows from the seed and the epoch's number alone, so that a training which was stopped and
goes on from a checkpoint ends in the very same weights.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from talkoot.errors import BadInput
from talkoot.learning.checkpoint import load_checkpoint, save_checkpoint
from talkoot.sentiment.learner import Say
from talkoot.sentiment.nets import Batch, Net, Output, batch_of, batches, task_loss
from talkoot.sentiment.samples import Samples, Task

EVERY = 2.0
"""CPU seconds between two checkpoints, at least; they do not change what is learnt."""


@dataclass(frozen=True)
class TrainSettings:
    """`epochs` over the training samples (0: 40 where there is a fold to choose by, else 20) in batches of `batch`
    (0: 8 videos where each step has a label, else 32), by AdamW (`lr`, `weight_decay`), gradients clipped to the norm
    `clip` (0: not at all).

    Where there is a fold to choose by, the epoch with the lowest loss on it counts, and `patience` epochs without a
    better one end the training (0: all epochs are run). Without one the last epoch counts. `average` is the decay of
    a running mean of the weights, update by update, which then takes their place (0: none; Polyak and Juditsky 1992).
    `modality_dropout` hides each modality of a sample so often in training, never the last one. `spoil` replaces so
    many steps of a modality by what cannot be believed (`spoiled`), so that policies can learn to notice; the fold to
    choose by is spoiled, too. `trainer` names how policies learn: "supervised" (no policies apart), or one of
    `talkoot.sentiment.trainers`.

    The rest is for those trainers: `policy_lr` and `critic_lr`, the discount `gamma`, `td_lambda` of TD(lambda), `tau`
    (the share of the online weights that a target network takes over in an update), and the weight `entropy` of the
    policies' entropy. `supervise` is the weight of the supervised loss in what policies learn by, beside what they earn
    (0: by that alone); in the paper's total loss, and in the released code, they learn by both. `seed` is
    set by the learner.
    """

    epochs: int = 25
    batch: int = 0
    lr: float = 1e-3
    weight_decay: float = 1e-2
    clip: float = 1.0
    patience: int = 0
    average: float = 0.0
    modality_dropout: float = 0.0
    spoil: float = 0.0
    device: str = "cpu"
    trainer: str = "supervised"
    policy_lr: float = 1e-3
    critic_lr: float = 1e-3
    gamma: float = 0.95
    td_lambda: float = 0.8
    tau: float = 0.01
    entropy: float = 0.01
    supervise: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 0 or self.batch < 0 or self.patience < 0:
            raise BadInput(
                f"training cannot run {self.epochs} epochs in batches of {self.batch} with a patience of "
                f"{self.patience}; give 0 or more of each"
            )
        for name in ("lr", "policy_lr", "critic_lr", "weight_decay", "clip", "entropy", "supervise"):
            if not 0 <= getattr(self, name) < math.inf:
                raise BadInput(f"{name} is {getattr(self, name)}; give a number of at least 0")
        for name in ("average", "modality_dropout", "spoil"):
            if not 0 <= getattr(self, name) < 1:
                raise BadInput(f"{name} is {getattr(self, name)}; give a number from 0 to below 1")
        for name in ("gamma", "td_lambda", "tau"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"{name} is {getattr(self, name)}; give a number from 0 to 1")

    def epochs_for(self, valid: Samples | None) -> int:
        """Epochs at most, with this fold to choose by."""
        return self.epochs or (20 if valid is None else 40)

    def batch_for(self, task: Task) -> int:
        """Samples in a batch."""
        return self.batch or (8 if task.steps else 32)


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
        self.optimiser = torch.optim.AdamW(
            self.parameters, lr=settings.lr, weight_decay=settings.weight_decay, fused=True
        )

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


def drop_modalities(batch: Batch, share: float, draws: np.random.Generator) -> Batch:
    """The batch with each modality of a sample hidden with probability `share`, from its first step to its last.

    A sample where some step would be left with nothing keeps all of its modalities.
    """
    names = list(batch.mask)
    marks = batch.marks  # [B, T, M]
    kept = torch.from_numpy(draws.random((len(marks), len(names))) >= share).to(marks.device)
    left = marks & kept[:, None]
    whole = (left.any(-1) == batch.valid).all(1)  # no step lost
    left = torch.where(whole[:, None, None], left, marks)
    mask = {name: left[..., m] for m, name in enumerate(names)}
    x = {name: torch.where(mask[name][..., None], batch.x[name], 0.0) for name in names}
    return Batch(x, mask, batch.valid, batch.y)


def spoiled(batch: Batch, share: float, draws: np.random.Generator) -> Batch:
    """The batch with a share of the steps of each modality spoiled, in about half of the samples (ours).

    Half of these steps become Gaussian noise of unit variance, half what the modality says in another sample of the
    batch at that step. Masks do not tell. Features must be normalised.
    """
    x = {}
    for name, features in batch.x.items():
        b, t, _ = features.shape
        hit = (draws.random((b, t)) < share) & (draws.random((b, 1)) < 0.5)
        noise = torch.from_numpy(draws.standard_normal(features.shape, dtype=np.float32)).to(features)
        other = features[torch.from_numpy(draws.permutation(b)).to(features.device)]
        as_noise = torch.from_numpy(draws.random((b, t)) < 0.5).to(features.device)
        instead = torch.where(as_noise[..., None], noise, other)
        at = torch.from_numpy(hit).to(features.device) & batch.mask[name]
        x[name] = torch.where(at[..., None], instead, features)
    return replace(batch, x=x)


class Training:
    """A training under way."""

    def __init__(self, net: Net, update: Update, settings: TrainSettings) -> None:
        self.net, self.update, self.settings = net, update, settings
        self.mean = copy.deepcopy(net).requires_grad_(False) if settings.average else None
        self.log: list[dict[str, float]] = []
        self.best_score, self.best_epoch = math.inf, 0
        self.best: dict[str, Tensor] | None = None
        self.updates = self.samples = 0
        self.cpu_s = 0.0

    @property
    def judged(self) -> Net:
        """The network whose weights would count now."""
        return self.net if self.mean is None else self.mean

    @property
    def chosen(self) -> dict[str, Tensor]:
        """The weights that count."""
        return self.best or self.judged.state_dict()

    def go(
        self, train: Samples, valid: Samples | None, device: torch.device, say: Say, keep: Callable[[], None]
    ) -> None:
        """Run the epochs that are left."""
        settings, kept = self.settings, time.process_time()
        epochs = settings.epochs_for(valid)
        while len(self.log) < epochs and not self._spent(valid is not None):
            self._epoch(train, device, epochs, say)
            word = f"epoch {len(self.log)} of {epochs}: loss {self.log[-1]['loss']:.3f}"
            if valid is not None:
                size = settings.batch_for(valid.task)
                score = loss_on(self.judged, valid, size, device, spoil=settings.spoil, seed=settings.seed)
                self.log[-1]["valid_loss"] = score
                word += f", {score:.3f} on the fold to choose by"
                if score < self.best_score:
                    self.best_score, self.best_epoch = score, len(self.log)
                    self.best = {name: value.clone() for name, value in self.judged.state_dict().items()}
            say(len(self.log) / epochs, word)
            if time.process_time() - kept >= EVERY or len(self.log) == epochs:
                keep()
                kept = time.process_time()

    def _spent(self, chooses: bool) -> bool:
        """Whether there was nothing better for too long."""
        return chooses and 0 < self.settings.patience <= len(self.log) - self.best_epoch

    def _epoch(self, train: Samples, device: torch.device, epochs: int, say: Say) -> None:
        settings, number = self.settings, len(self.log)
        draws = np.random.default_rng([settings.seed, number])
        torch.manual_seed(int(draws.integers(2**62)))
        sums: dict[str, float] = {}
        seen = 0
        for batch in batches(train, settings.batch_for(train.task), draws, device):
            if settings.spoil:
                batch = spoiled(batch, settings.spoil, draws)
            if settings.modality_dropout:
                batch = drop_modalities(batch, settings.modality_dropout, draws)
            self.net.train()
            begun = time.process_time()
            told = self._update(batch, number + 1)
            self.cpu_s += time.process_time() - begun
            size = len(batch.y)
            seen += size
            self.updates += 1
            self.samples += size
            for name, value in told.items():
                sums[name] = sums.get(name, 0.0) + value * size
            if self.mean is not None:
                self._average()
            say((number + seen / len(train)) / epochs, f"epoch {number + 1} of {epochs}")
        if not all(bool(torch.isfinite(weight).all()) for weight in self.net.parameters()):
            raise _diverged("the weights are not numbers any more", number + 1)
        self.log.append({name: value / seen for name, value in sums.items()})

    def _update(self, batch: Batch, epoch: int) -> dict[str, float]:
        try:
            told = self.update(batch)
        except RuntimeError as error:
            if "probability tensor" not in str(error):
                raise
            raise _diverged("the policies' probabilities are not numbers any more", epoch) from error
        if not math.isfinite(told["loss"]):
            raise _diverged(f"the loss became {told['loss']}", epoch)
        return told

    def _average(self) -> None:
        """Let the running mean follow. It follows faster at first, so that the first weights are soon forgotten."""
        assert self.mean is not None
        decay = min(self.settings.average, self.updates / (10 + self.updates))
        with torch.no_grad():
            for mean, now in zip(self.mean.state_dict().values(), self.net.state_dict().values(), strict=True):
                if mean.is_floating_point():
                    mean.lerp_(now, 1 - decay)
                else:
                    mean.copy_(now)

    def keep(self, path: Path, told: str) -> None:
        """Write all that the rest of the training depends on."""
        save_checkpoint(path, told, {
            "net": self.net.state_dict(), "update": self.update.state_dict(), "best": self.best,
            "mean": self.mean.state_dict() if self.mean is not None else None, "log": self.log,
            "best_score": self.best_score, "best_epoch": self.best_epoch, "updates": self.updates,
            "samples": self.samples, "cpu_s": self.cpu_s,
        })  # fmt: skip

    def resume(self, path: Path, told: str, device: torch.device) -> None:
        """Go on from what `keep` wrote, if there is such a file."""
        state = load_checkpoint(path, told, device)
        if state is None:
            return
        self.net.load_state_dict(state["net"])
        self.update.load_state_dict(state["update"])
        if self.mean is not None:
            self.mean.load_state_dict(state["mean"])
        for name in ("best", "log", "best_score", "best_epoch", "updates", "samples", "cpu_s"):
            setattr(self, name, state[name])


def _diverged(what: str, epoch: int) -> BadInput:
    return BadInput(f"{what} in epoch {epoch}; lower the learning rate, or clip gradients")


def loss_on(
    net: Net, samples: Samples, size: int, device: torch.device | str = "cpu", *, spoil: float = 0.0, seed: int = 0
) -> float:
    """The task's loss over all known labels of samples (normalised ones), by which an epoch is chosen. With `spoil` the
    samples are spoiled as those of the training are, the same way for the same seed."""
    total, count = 0.0, 0
    draws = np.random.default_rng([seed, 0, 1])  # no epoch draws these
    for at in range(0, len(samples), size):
        batch = batch_of(samples, np.arange(at, min(at + size, len(samples))), device)
        if spoil:
            batch = spoiled(batch, spoil, draws)
        known = int((~torch.isnan(batch.y)).sum())
        total += float(task_loss(net.spec.task, read(net, batch).value, batch.y)) * known
        count += known
    return total / max(count, 1)


def read(net: Net, batch: Batch) -> Output:
    """What a network says of a batch when it does not learn."""
    with torch.inference_mode():
        return net.eval()(batch)
