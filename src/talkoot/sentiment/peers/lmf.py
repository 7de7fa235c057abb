"""LMF, low-rank multimodal fusion (Liu et al., ACL 2018): the outer product of TFN without computing it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from talkoot.errors import BadInput
from talkoot.sentiment.nets import Batch, Net, Output, Spec
from talkoot.sentiment.peers.tfn import with_one
from talkoot.sentiment.peers.unimodal import Unimodal, placed, sizes_of


@dataclass(frozen=True)
class LmfSettings:
    """Widths of the networks of the modalities, the rank of the fusion, and dropout.

    The defaults are those that MMSA gives for MOSI (reference 4.4).
    """

    text_hidden: int = 128
    text_out: int = 64
    audio_hidden: int = 16
    vision_hidden: int = 128
    rank: int = 3
    dropout: float = 0.3

    def __post_init__(self) -> None:
        if self.rank < 1:
            raise BadInput(f"LMF has the rank {self.rank}; give at least 1")


class Lmf(Net):
    """y = b + sum_{r=1..R} w_r prod_m ( W_m^r [1 ; h_m] ), element by element over the outputs.

    Liu et al., section 3.2, with learnt weights w_r of the ranks as in their code; reference 4.5.
    """

    def __init__(self, spec: Spec, settings: LmfSettings = LmfSettings()) -> None:
        super().__init__(spec)
        sizes = sizes_of(spec, settings.text_out, settings.audio_hidden, settings.vision_hidden)
        self.unimodal = Unimodal(spec, sizes, settings.text_hidden, settings.dropout)
        self.factors = nn.ParameterDict({
            name: nn.Parameter(nn.init.xavier_normal_(torch.empty(settings.rank, size + 1, spec.outputs)))
            for name, size in sizes.items()
        })  # fmt: skip
        self.weights = nn.Parameter(nn.init.xavier_normal_(torch.empty(1, settings.rank)))
        self.bias = nn.Parameter(torch.zeros(spec.outputs))

    def forward(self, batch: Batch) -> Output:
        """Read a batch."""
        product = torch.ones((), device=self.bias.device)
        for h, name in zip(self.unimodal(batch), self.spec.widths, strict=True):  # the dictionary sorts its names
            product = product * torch.einsum("nd,rde->rne", with_one(h), self.factors[name])
        return Output(placed(self.spec, batch, torch.einsum("r,rne->ne", self.weights[0], product) + self.bias))
