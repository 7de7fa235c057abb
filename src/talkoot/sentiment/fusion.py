"""From the states of the agents and their weights to one feature of the team (reference, 1.3 (13) and 1.4).

Every kind is a mean over time: at each step there is a numerator [..., D'] and a denominator, so that the feature of
one step, of the steps so far and of the whole sample are quotients of one term, of running sums and of sums. Leading
axes of the weights, such as K counterfactual choices, are worked through at once.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from talkoot.errors import BadInput

FusionKind = Literal["sum", "average", "product", "literal_product", "concat", "pool"]
Over = Literal["step", "prefix", "sample"]


class Fusion(nn.Module):
    """States f [B, T, M, D] and weights w [..., B, T, M] to features [..., B, T, `out`], or [..., B, `out`] of samples.

    - `sum`: sum w f / sum w over modalities and steps, so that only shares matter. 0 where all weights are 0.
    - `average`: the mean over all modalities of w f, then over steps; as released ("add").
    - `concat`: w f side by side, then the mean over steps.
    - `product`: the elementwise product over modalities of 1 + w f, then the mean over steps: a modality of weight 0 is
      neutral. `literal_product`: that of w f, a reading of (13), which dies with any one weight, so with any modality
      that is missing.
    - `pool`: attention pooling: w exp(score(f)) in place of w in `sum`; scores are bounded to +-5 by a tanh.

    Raises BadInput for another kind.
    """

    BOUND = 5.0

    def __init__(self, modalities: int, width: int, kind: FusionKind = "sum") -> None:
        super().__init__()
        if kind not in ("sum", "average", "product", "literal_product", "concat", "pool"):
            raise BadInput(
                f"there is no fusion {kind!r}; take sum, average, product, literal_product, concat or pool"
            )  # fmt: skip
        self.kind = kind
        self.out = width * modalities if kind == "concat" else width
        self.score = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1)) if kind == "pool" else None

    def forward(self, f: Tensor, w: Tensor, valid: Tensor, over: Over) -> Tensor:
        """Fuse. `valid` [B, T]: steps at which some modality is there. `over` each `step` alone, each `prefix` of
        steps, or the whole `sample`, which is its last prefix."""
        top, below = self.parts(f, w, valid)
        if over == "prefix":
            top, below = top.cumsum(-2), below.cumsum(-2)
        elif over == "sample":
            top, below = top.sum(-2), below.sum(-2)
        return top / below.clamp(min=1e-6)

    def parts(self, f: Tensor, w: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Numerators [..., B, T, `out`] and denominators [..., B, T, 1] of the steps."""
        if self.kind in ("sum", "pool"):
            if self.score is not None:
                w = w * torch.exp(self.BOUND * torch.tanh(self.score(f)[..., 0] / self.BOUND))
            return _weighted(f, w), w.sum(-1, keepdim=True)
        steps = valid[..., None].to(f.dtype)
        if self.kind == "average":
            top = _weighted(f, w) / f.shape[2]
        elif self.kind == "concat":
            top = (w[..., None] * f).flatten(-2)
        else:
            top = (w[..., None] * f + (1 if self.kind == "product" else 0)).prod(-2)
        return top * steps, steps.expand(*w.shape[:-1], 1)


def _weighted(f: Tensor, w: Tensor) -> Tensor:
    """sum_m w_m f_m: [B, T, M, D] and [..., B, T, M] to [..., B, T, D]."""
    return (w[..., None, :] @ f)[..., 0, :]
