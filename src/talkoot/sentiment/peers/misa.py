"""MISA (Hazarika et al., ACM Multimedia 2020): what modalities share, and what each has of its own."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.nets import Batch, Net, Output, Spec, pooled
from talkoot.sentiment.peers.unimodal import placed
from talkoot.sentiment.recurrent import MaskedGRU

MOMENTS = 5


@dataclass(frozen=True)
class MisaSettings:
    """Width of the codes (which the 2 heads of the fusion share), the most that each direction of the recurrent layers
    is wide, dropout, and the weights of the three further losses.

    The defaults are those that MMSA gives for MOSI (reference 4.5).
    """

    hidden: int = 128
    recurrent: int = 64
    dropout: float = 0.2
    difference: float = 0.1
    similarity: float = 0.3
    reconstruction: float = 1.0

    def __post_init__(self) -> None:
        if self.hidden < 2 or self.hidden % 2 or self.recurrent < 1:
            raise BadInput(
                f"MISA cannot have codes {self.hidden} wide and recurrent layers {self.recurrent} wide; give an even "
                "width of at least 2, and at least 1"
            )


class Misa(Net):
    """u_m of each modality -> h_m^p (its own encoder) and h_m^s (the shared one), each a sigmoid of a linear map ->
    a transformer over these 2 M vectors -> hidden layer -> output.

    The further losses are difference (DiffLoss between the codes of a modality and between the own codes of two),
    similarity (CMD of the shared codes, 5 moments) and reconstruction (mean squared error of u_m from h_m^p + h_m^s).
    Hazarika et al., section 3; reference 4.5. There u_m comes from two recurrent layers as wide as the features, here
    from two bi-GRUs of at most `recurrent` numbers a direction, averaged over time (with steps: at every step), and
    the loss of the task is the learner's instead of squared error. An absent modality is left out everywhere.
    """

    def __init__(self, spec: Spec, settings: MisaSettings = MisaSettings()) -> None:
        super().__init__(spec)
        self.settings, hidden = settings, settings.hidden
        self.readers = nn.ModuleDict({
            name: Reader(width, 2 * min(width, settings.recurrent), hidden) for name, width in spec.widths.items()
        })  # fmt: skip
        self.own = nn.ModuleDict({name: nn.Linear(hidden, hidden) for name in spec.widths})
        self.shared = nn.Linear(hidden, hidden)
        self.rebuild = nn.ModuleDict({name: nn.Linear(hidden, hidden) for name in spec.widths})
        self.mix = nn.TransformerEncoderLayer(hidden, 2, dropout=0.1, batch_first=True)
        vectors = 2 * len(spec.widths)
        self.head = nn.Sequential(
            nn.Linear(vectors * hidden, vectors // 2 * hidden),
            nn.Dropout(settings.dropout),
            nn.ReLU(),
            nn.Linear(vectors // 2 * hidden, spec.outputs),
        )

    def forward(self, batch: Batch) -> Output:
        """Read a batch."""
        steps = self.spec.task.steps
        there = {name: mask[batch.valid] if steps else mask.any(1) for name, mask in batch.mask.items()}
        whole = {}
        for name, reader in self.readers.items():
            u = reader(batch.x[name], batch.mask[name], every=steps)
            whole[name] = u[batch.valid] if steps else u
        own = {name: torch.sigmoid(self.own[name](u)) for name, u in whole.items()}
        shared = {name: torch.sigmoid(self.shared(u)) for name, u in whole.items()}
        marks = torch.stack(list(there.values()), 1).repeat(1, 2)
        codes = torch.stack([*own.values(), *shared.values()], 1)  # [R, 2 M, D]
        mixed = self.mix(codes, src_key_padding_mask=None if bool(marks.all()) else ~marks) * marks[..., None]
        value = placed(self.spec, batch, self.head(mixed.flatten(1)))
        return Output(value, losses=self._losses(whole, own, shared, there) if self.training else {})

    def _losses(
        self, whole: dict[str, Tensor], own: dict[str, Tensor], shared: dict[str, Tensor], there: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """The three further losses, weighted."""
        zero = torch.zeros((), device=self.shared.weight.device)
        apart = [difference(own[name][mark], shared[name][mark]) for name, mark in there.items()]
        rebuilt = [
            F.mse_loss(self.rebuild[name](own[name] + shared[name])[mark], whole[name][mark]) if bool(mark.any())
            else zero for name, mark in there.items()
        ]  # fmt: skip
        alike = []
        for one, other in combinations(there, 2):
            both = there[one] & there[other]
            apart.append(difference(own[one][both], own[other][both]))
            alike.append(cmd(shared[one][both], shared[other][both]))
        terms = {
            "difference": self.settings.difference * torch.stack(apart).sum(),
            "reconstruction": self.settings.reconstruction * torch.stack(rebuilt).mean(),
        }
        return terms | {"similarity": self.settings.similarity * torch.stack(alike).mean()} if alike else terms


class Reader(nn.Module):
    """Two recurrent layers, the second normalised before: x [B, T, d] to [B, D], or with `every` [B, T, D]."""

    def __init__(self, inputs: int, width: int, hidden: int) -> None:
        super().__init__()
        self.first, self.second = MaskedGRU(inputs, width), MaskedGRU(width, width)
        self.between, self.after = nn.LayerNorm(width), nn.LayerNorm(hidden)
        self.project = nn.Linear(2 * width, hidden)

    def forward(self, x: Tensor, mask: Tensor, *, every: bool) -> Tensor:
        """u_m."""
        first = self.first(x, mask)
        states = torch.cat([first, self.second(self.between(first), mask)], -1)
        out: Tensor = self.after(F.relu(self.project(states if every else pooled(states, mask))))
        return out


def difference(one: Tensor, other: Tensor) -> Tensor:
    """DiffLoss of two codes [R, D] of the same rows: both centred over the rows, each row of length 1, then the mean
    square of their cross-correlation [D, D] (Hazarika et al., (7); as in their code the mean, and the lengths take no
    gradient). 0 without rows."""
    if not len(one):
        return one.sum()
    one, other = (x - x.mean(0) for x in (one, other))
    one, other = (x / (x.detach().norm(dim=1, keepdim=True) + 1e-6) for x in (one, other))
    return (one.T @ other).square().mean()


def cmd(one: Tensor, other: Tensor, moments: int = MOMENTS) -> Tensor:
    """Central moment discrepancy of two codes [R, D]: the distance of their means, plus those of their central moments
    2 to `moments` (Zellinger et al., ICLR 2017, for numbers from 0 to 1). 0 without rows."""
    if not len(one):
        return one.sum()
    means = one.mean(0), other.mean(0)
    total = _distance(*means)
    for k in range(2, moments + 1):
        total = total + _distance((one - means[0]).pow(k).mean(0), (other - means[1]).pow(k).mean(0))
    return total


def _distance(one: Tensor, other: Tensor) -> Tensor:
    """Euclidean, with a gradient of 0 where both are the same."""
    square = (one - other).square().sum()
    return torch.where(square > 0, square.clamp(min=1e-20).sqrt(), 0.0)
