"""What EF-LSTM, LF-DNN, TFN and LMF begin with: one small network for each modality, under masks.

A sample-level task has a row for each sample, a task with steps one for each step at which some modality speaks; the
fusions see rows only. A modality that is absent from a row gives zeros there and is kept out of the batch statistics.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.sentiment.nets import Batch, Spec, pooled

TEXT = "text"
"""The modality that is read by an LSTM; of all others the rows see their means over time (TFN, section 4.1)."""


class MaskedLSTM(nn.Module):
    """An LSTM that reads only the steps that are there: x [B, T, `inputs`], mask [B, T] to [B, T, `width`].

    Outputs are 0 where masked. Wherever padding and holes lie, they change nothing.
    """

    def __init__(self, inputs: int, width: int, *, layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.width = width
        self.lstm = nn.LSTM(inputs, width, layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """The state at every step."""
        out: Tensor
        if bool((mask[:, 1:] <= mask[:, :-1]).all()):  # padding only, at the end: what follows a step is not read
            out = self.lstm(x)[0]
            return out if bool(mask.all()) else out * mask[..., None]
        order = torch.argsort((~mask).to(torch.uint8), dim=1, stable=True)
        out = self.lstm(_take(x, order))[0]
        return _take(out, torch.argsort(order, dim=1)) * mask[..., None]

    def last(self, x: Tensor, mask: Tensor) -> Tensor:
        """The state [B, width] after the last step that is there; 0 where none is."""
        return last_step(self(x, mask), mask)


class TextNet(nn.Module):
    """An LSTM and a linear map (TFN's "language embedding"): to [B, out], or with `every` to [B, T, out]."""

    def __init__(self, inputs: int, hidden: int, out: int) -> None:
        super().__init__()
        self.rnn = MaskedLSTM(inputs, hidden)
        self.linear = nn.Linear(hidden, out)

    def forward(self, x: Tensor, mask: Tensor, *, every: bool = False) -> Tensor:
        """0 where masked, and for a sample without text."""
        states = self.rnn(x, mask) if every else self.rnn.last(x, mask)
        there = mask if every else mask.any(1)
        out: Tensor = self.linear(states)
        return out if bool(there.all()) else out * there[..., None]


class FeedForward(nn.Module):
    """Batch normalisation, dropout and three layers with ReLU: [R, inputs] to [R, width] (TFN, section 4.1)."""

    def __init__(self, inputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.norm = nn.BatchNorm1d(inputs)
        self.drop = nn.Dropout(dropout)
        self.layers = nn.ModuleList([nn.Linear(inputs if not i else width, width) for i in range(3)])

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """Rows that are not there [R] give 0 and count in no statistic."""
        if not bool(there.all()):
            out = x.new_zeros(len(x), self.width)
            return out.index_put((there,), self._read(x[there])) if bool(there.any()) else out
        return self._read(x)

    def _read(self, x: Tensor) -> Tensor:
        norm = self.norm
        if norm.training and len(x) == 1:  # one row has no variance: take what was seen so far
            x = F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias, False, 0.0, norm.eps)
        else:
            x = norm(x)
        x = self.drop(x)
        for layer in self.layers:
            x = F.relu(layer(x))
        return x


class Unimodal(nn.Module):
    """A network for each modality: TextNet for text, FeedForward for all others, `sizes[m]` their widths.

    Gives a list of [R, sizes[m]] in the order of the modalities.
    """

    def __init__(self, spec: Spec, sizes: Mapping[str, int], text_hidden: int, dropout: float) -> None:
        super().__init__()
        self.steps = spec.task.steps
        self.nets = nn.ModuleDict({
            name: TextNet(width, text_hidden, sizes[name]) if name == TEXT else FeedForward(width, sizes[name], dropout)
            for name, width in spec.widths.items()
        })  # fmt: skip

    def forward(self, batch: Batch) -> list[Tensor]:
        """Read a batch."""
        out = []
        for name, net in self.nets.items():
            x, mask = batch.x[name], batch.mask[name]
            if name == TEXT:
                h = net(x, mask, every=self.steps)
                out.append(h[batch.valid] if self.steps else h)
            elif self.steps:
                out.append(net(x[batch.valid], mask[batch.valid]))
            else:
                out.append(net(pooled(x, mask), mask.any(1)))
        return out


def sizes_of(spec: Spec, text: int, audio: int, vision: int) -> dict[str, int]:
    """A width for each modality; modalities of other names take audio's."""
    known = {TEXT: text, "vision": vision}
    return {name: known.get(name, audio) for name in spec.widths}


def placed(spec: Spec, batch: Batch, rows: Tensor) -> Tensor:
    """Rows [R, outputs] as the value of an Output: [B], [B, E], or [B, T] with 0 where nothing is."""
    if spec.task.steps:
        out = rows.new_zeros(batch.valid.shape)
        return out.index_put((batch.valid,), rows[:, 0])
    return rows if spec.task.emotions else rows[:, 0]


def last_step(x: Tensor, mask: Tensor) -> Tensor:
    """x [B, T, D] at the last step that is there, [B, D]; 0 where none is."""
    place = torch.arange(mask.shape[1], device=mask.device)
    at = torch.where(mask, place, 0).amax(1)
    out = x[torch.arange(len(x), device=x.device), at]
    return out if bool(mask.any(1).all()) else out * mask.any(1)[:, None]


def _take(x: Tensor, order: Tensor) -> Tensor:
    return x.gather(1, order[..., None].expand(-1, -1, x.shape[2]))
