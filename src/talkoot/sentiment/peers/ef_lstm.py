"""EF-LSTM: early fusion. The features of all modalities side by side are read by one LSTM."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from talkoot.sentiment.nets import Batch, Net, Output, Spec
from talkoot.sentiment.peers.unimodal import MaskedLSTM, last_step, placed


@dataclass(frozen=True)
class EfLstmSettings:
    """Width and layers of the LSTM, and dropout between its layers and round the hidden layer.

    The defaults are those that MMSA gives for MOSI (reference 4.4).
    """

    hidden: int = 128
    layers: int = 4
    dropout: float = 0.5


class EfLstm(Net):
    """Concatenation -> LSTM -> last state (with steps: every state) -> hidden layer with ReLU -> output.

    Reference 4.5. MMSA normalises each time step over the batch, padding included, which ties the network to one
    length; here the learner has normalised the features, and steps that are not there are not read.
    """

    def __init__(self, spec: Spec, settings: EfLstmSettings = EfLstmSettings()) -> None:
        super().__init__(spec)
        hidden = settings.hidden
        self.rnn = MaskedLSTM(sum(spec.widths.values()), hidden, layers=settings.layers, dropout=settings.dropout)
        self.drop = nn.Dropout(settings.dropout)
        self.linear = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, spec.outputs)

    def forward(self, batch: Batch) -> Output:
        """Read a batch."""
        states = self.rnn(torch.cat(list(batch.x.values()), -1), batch.valid)
        rows = states[batch.valid] if self.spec.task.steps else last_step(states, batch.valid)
        hidden = self.drop(F.relu(self.linear(self.drop(rows))))
        return Output(placed(self.spec, batch, self.out(hidden)))
