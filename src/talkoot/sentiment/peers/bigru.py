"""Bi-GRU in the manner of bc-LSTM (Poria et al., ACL 2017): what is said before and after a segment tells about it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from talkoot.sentiment.nets import Batch, Net, Output, Spec, pooled
from talkoot.sentiment.peers.unimodal import placed
from talkoot.sentiment.recurrent import MaskedGRU


@dataclass(frozen=True)
class BiGruSettings:
    """Width of each direction, and dropout on the input and before the output. The defaults are the reference's (5.3),
    which on CMU-MOSI go with AdamW 2e-3, weight decay 1e-2, 8 videos a batch, and 25 epochs."""

    hidden: int = 48
    dropout: float = 0.4


class BiGru(Net):
    """All features side by side -> dropout -> GRU in both directions -> [state ; input] -> dropout -> output.

    With steps there is an output at every step; else states and inputs are averaged over the steps that are there.
    Source: reference 5.3 (ours).
    """

    def __init__(self, spec: Spec, settings: BiGruSettings = BiGruSettings()) -> None:
        super().__init__(spec)
        width = sum(spec.widths.values())
        self.rnn = MaskedGRU(width, 2 * settings.hidden)
        self.drop = nn.Dropout(settings.dropout)
        self.out = nn.Linear(2 * settings.hidden + width, spec.outputs)

    def forward(self, batch: Batch) -> Output:
        """Read a batch."""
        x = self.drop(torch.cat(list(batch.x.values()), -1))
        both = torch.cat([self.rnn(x, batch.valid), x], -1)
        rows = both[batch.valid] if self.spec.task.steps else pooled(both, batch.valid)
        return Output(placed(self.spec, batch, self.out(self.drop(rows))))
