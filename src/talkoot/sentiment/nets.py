"""What the networks of sentiment share: batches, what a network gives back, and the loss of the task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.sentiment.samples import Samples, Task


@dataclass(frozen=True)
class Spec:
    """What a network is built for: the task, the width of each modality (in order), and the most time steps."""

    task: Task
    widths: dict[str, int]
    length: int

    @classmethod
    def of(cls, samples: Samples) -> Spec:
        """The spec of samples."""
        return cls(samples.task, samples.widths, samples.length)

    @property
    def outputs(self) -> int:
        """Numbers that the last layer gives at once: 1, or one logit for each emotion."""
        return len(self.task.emotions) or 1


@dataclass(frozen=True)
class Batch:
    """B samples as tensors: `x[m]` [B, T, d_m] (0 where masked), `mask[m]` [B, T] bool, `valid` [B, T] bool (any of
    them), `y` as the labels of `Samples`. T is cut to the longest of the batch."""

    x: dict[str, Tensor]
    mask: dict[str, Tensor]
    valid: Tensor
    y: Tensor

    @property
    def marks(self) -> Tensor:
        """All masks side by side, [B, T, M] bool."""
        return torch.stack(list(self.mask.values()), -1)


@dataclass(frozen=True)
class Output:
    """What a network says of a batch.

    `value`: [B] (regression), [B, T] (with steps), or logits [B, E] (classification). `trust` [B, T, M] and `steps`
    [B, T] as in `Prediction`. `losses` are further terms to be minimised beside the task's, already weighted.
    """

    value: Tensor
    trust: Tensor | None = None
    steps: Tensor | None = None
    losses: dict[str, Tensor] = field(default_factory=dict)


class Net(nn.Module):
    """A network of sentiment: `net(batch)` gives an Output."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.spec = spec

    def __call__(self, batch: Batch) -> Output:
        """As `forward`."""
        out: Output = super().__call__(batch)
        return out

    def forward(self, batch: Batch) -> Output:
        """Read a batch."""
        raise NotImplementedError


def batch_of(samples: Samples, rows: Any = None, device: torch.device | str = "cpu") -> Batch:
    """Some rows of samples as a batch, all by default."""
    at = np.arange(len(samples)) if rows is None else np.asarray(rows, dtype=np.intp)
    valid = samples.valid[at]
    longest = int(np.flatnonzero(valid.any(0))[-1]) + 1 if valid.any() else 1

    def tensor(array: Any) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(device)

    masks = {name: mask[at][:, :longest] for name, mask in samples.masks.items()}
    return Batch(
        x={name: tensor(np.where(masks[name][..., None], x[at][:, :longest], np.float32(0)))
           for name, x in samples.features.items()},
        mask={name: tensor(mask) for name, mask in masks.items()},
        valid=tensor(valid[:, :longest]),
        y=tensor((samples.labels[at][:, :longest] if samples.task.steps else samples.labels[at]).astype(np.float32)),
    )  # fmt: skip


def batches(samples: Samples, size: int, order: np.random.Generator, device: torch.device | str) -> Iterator[Batch]:
    """All samples once, shuffled, in batches of `size`; a last one of a single sample joins the one before it."""
    rows = order.permutation(len(samples))
    cuts = list(range(size, len(rows), size))
    if cuts and len(rows) - cuts[-1] == 1:
        cuts.pop()
    for some in np.split(rows, cuts):
        yield batch_of(samples, some, device)


def task_loss(task: Task, value: Tensor, y: Tensor, *, each: bool = False) -> Tensor:
    """L_p: mean absolute error, or binary cross-entropy of each emotion's logit (reference, 1.3 (2)).

    Labels that are NaN do not count. With `each` the loss of each sample [B] (the mean over its labels), else the mean
    over all labels, a scalar.
    """
    known = ~torch.isnan(y)
    truth = torch.where(known, y, torch.zeros_like(y))
    if task.kind == "classification":
        loss = F.binary_cross_entropy_with_logits(value, truth, reduction="none")
    else:
        loss = (value - truth).abs()
    loss = loss * known
    if not each:
        return loss.sum() / known.sum().clamp(min=1)
    if loss.dim() == 1:
        return loss
    return loss.sum(1) / known.sum(1).clamp(min=1)


def pooled(x: Tensor, mask: Tensor) -> Tensor:
    """Mean over the steps that count: x [B, T, D], mask [B, T] to [B, D]; 0 where none counts."""
    weight = mask.to(x.dtype)[..., None]
    return (x * weight).sum(1) / weight.sum(1).clamp(min=1)
