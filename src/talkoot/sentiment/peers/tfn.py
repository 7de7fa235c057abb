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
        self.dropout = settings.fusion_dropout
        self.first = nn.Linear(width, settings.fusion_hidden)
        self.second = nn.Linear(settings.fusion_hidden, settings.fusion_hidden)
        self.out = nn.Linear(settings.fusion_hidden, spec.outputs)

    def forward(self, batch: Batch) -> Output:
        """Read a batch."""
        z = outer(self.unimodal(batch), self.dropout if self.training else 0.0)
        out = self.out(F.relu(self.second(F.relu(self.first(z)))))
        if not self.spec.task.emotions:
            bound = self.spec.task.bound
            out = 2 * bound * torch.sigmoid(out) - bound
        return Output(placed(self.spec, batch, out))


def outer(parts: list[Tensor], dropout: float = 0.0) -> Tensor:
    """[R, d_m] of every modality to [R, prod (d_m + 1)], the products of all with a 1 before each; the last modality's
    number runs fastest. With `dropout` so large a share of the products is hidden, and the others grow by 1 / (1 - it).
    """
    z = with_one(parts[0])
    if dropout:
        z = z / (1 - dropout)  # here, where there are few
    for part in parts[1:]:
        z = torch.bmm(z[:, :, None], with_one(part)[:, None]).flatten(1)
    return z.masked_fill_(hidden(z, dropout), 0.0) if dropout else z


def hidden(x: Tensor, share: float) -> Tensor:
    """Which numbers of x dropout hides: [R, d] bool, by torch's random state, the share told in 65,536ths.

    One draw of 64 bits serves 4 of them, or 8 where 256ths tell the share: for as many numbers as these, several times
    faster than F.dropout.
    """
    levels, kind, each = (256, torch.int8, 8) if share * 256 == round(share * 256) else (65536, torch.int16, 4)
    draws = torch.randint(-(2**63), 2**63 - 1, (-(-x.numel() // each),), dtype=torch.int64, device=x.device)
    return draws.view(kind)[: x.numel()].view(x.shape) < round(share * levels) - levels // 2


def with_one(x: Tensor) -> Tensor:
    """[R, d] to [R, 1 + d], a 1 before the rest."""
    return F.pad(x, (1, 0), value=1.0)
