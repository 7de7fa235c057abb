"""LF-DNN: late fusion. A network for each modality, their outputs side by side, and a multi-layer perceptron."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from talkoot.sentiment.nets import Batch, Net, Output, Spec
from talkoot.sentiment.peers.unimodal import Unimodal, placed, sizes_of


@dataclass(frozen=True)
class LfDnnSettings:
    """Widths of the networks of the modalities and after the fusion, and dropout.

    The defaults are those that MMSA gives for MOSI (reference 4.4).
    """

    text_hidden: int = 128
    text_out: int = 256
    audio_hidden: int = 16
    vision_hidden: int = 128
    fusion_hidden: int = 128
    dropout: float = 0.2
    fusion_dropout: float = 0.2


class LfDnn(Net):
    """[h_t ; h_a ; h_v] -> dropout -> two layers with ReLU -> output (reference 4.5)."""

    def __init__(self, spec: Spec, settings: LfDnnSettings = LfDnnSettings()) -> None:
        super().__init__(spec)
        sizes = sizes_of(spec, settings.text_out, settings.audio_hidden, settings.vision_hidden)
        self.unimodal = Unimodal(spec, sizes, settings.text_hidden, settings.dropout)
        self.drop = nn.Dropout(settings.fusion_dropout)
        self.first = nn.Linear(sum(sizes.values()), settings.fusion_hidden)
        self.second = nn.Linear(settings.fusion_hidden, settings.fusion_hidden)
        self.out = nn.Linear(settings.fusion_hidden, spec.outputs)

    def forward(self, batch: Batch) -> Output:
        """Read a batch."""
        fused = self.drop(torch.cat(self.unimodal(batch), -1))
        hidden = F.relu(self.second(F.relu(self.first(fused))))
        return Output(placed(self.spec, batch, self.out(hidden)))
