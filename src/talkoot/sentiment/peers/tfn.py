"""TFN, the tensor fusion network (Zadeh et al., EMNLP 2017): the outer product of all modalities."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.nets import Batch, Net, Output, Spec
from talkoot.sentiment.peers.unimodal import Unimodal, placed, sizes_of

LARGEST = 2**20
"""The most numbers that the outer product of one row may have."""


@dataclass(frozen=True)
class TfnSettings:
    """Widths of the networks of the modalities and after the fusion, and dropout.

    The defaults are those that MMSA gives for MOSI (reference 4.4).
    """

    text_hidden: int = 128
    text_out: int = 32
    audio_hidden: int = 32
    vision_hidden: int = 128
    fusion_hidden: int = 64
    dropout: float = 0.3
    fusion_dropout: float = 0.5


class Tfn(Net):
    """z = [1 ; h_t] (x) [1 ; h_a] (x) [1 ; h_v] -> dropout -> two layers with ReLU -> output.

    A number in [-b, b] comes out of regression: 2 b sigmoid - b. Zadeh et al., sections 4.1 to 4.3; reference 4.5. An
    absent modality is [1 ; 0], so that the products of the others stay. Raises BadInput where z would be too wide.
    """

    def __init__(self, spec: Spec, settings: TfnSettings = TfnSettings()) -> None:
        super().__init__(spec)
        sizes = sizes_of(spec, settings.text_out, settings.audio_hidden, settings.vision_hidden)
        width = math.prod(size + 1 for size in sizes.values())
        if width > LARGEST:
            raise BadInput(
                f"the outer product of {', '.join(sizes)} would have {width:,} numbers a sample, and {LARGEST:,} is "
                "the most; take smaller networks for the modalities, or LMF"
            )
        self.unimodal = Unimodal(spec, sizes, settings.text_hidden, settings.dropout)
        self.drop = nn.Dropout(settings.fusion_dropout)
        self.first = nn.Linear(width, settings.fusion_hidden)
        self.second = nn.Linear(settings.fusion_hidden, settings.fusion_hidden)
        self.out = nn.Linear(settings.fusion_hidden, spec.outputs)

    def forward(self, batch: Batch) -> Output:
        """Read a batch."""
        hidden = F.relu(self.second(F.relu(self.first(self.drop(outer(self.unimodal(batch)))))))
        out = self.out(hidden)
        if not self.spec.task.emotions:
            bound = self.spec.task.bound
            out = 2 * bound * torch.sigmoid(out) - bound
        return Output(placed(self.spec, batch, out))


def outer(parts: list[Tensor]) -> Tensor:
    """[R, d_m] of every modality to [R, prod (d_m + 1)], the products of all with a 1 before each; the last modality's
    number runs fastest."""
    z = with_one(parts[0])
    for part in parts[1:]:
        z = torch.bmm(z[:, :, None], with_one(part)[:, None]).flatten(1)
    return z


def with_one(x: Tensor) -> Tensor:
    """[R, d] to [R, 1 + d], a 1 before the rest."""
    return F.pad(x, (1, 0), value=1.0)
