"""A GRU that reads only the frames that are there: padding and holes, wherever they lie, change nothing."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MaskedGRU(nn.Module):
    """Reads x [B, T, `inputs`] under mask [B, T] to [B, T, `width`], 0 where masked.

    In both directions (each with half of the width), or with `causal` only forward. The frames that are there are moved
    to the front, read, and moved back; the reverse direction reads them from their last one. Raises ValueError for an
    odd width in both directions.
    """

    def __init__(self, inputs: int, width: int, *, causal: bool = False) -> None:
        super().__init__()
        if not causal and width % 2:
            raise ValueError(f"a width of {width} cannot be shared by two directions; take an even one")
        each = width if causal else width // 2
        self.forwards = nn.GRU(inputs, each, batch_first=True)
        self.backwards = None if causal else nn.GRU(inputs, each, batch_first=True)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Read."""
        order = torch.argsort((~mask).to(torch.uint8), dim=1, stable=True)
        back = torch.argsort(order, dim=1)
        out = [_take(self.forwards(_take(x, order))[0], back)]
        if self.backwards is not None:
            count = mask.sum(1, keepdim=True)
            place = torch.arange(x.shape[1], device=x.device)
            turn = torch.where(place < count, count - 1 - place, place)  # its own inverse
            reverse = order.gather(1, turn)
            out.append(_take(self.backwards(_take(x, reverse))[0], torch.argsort(reverse, dim=1)))
        return torch.cat(out, -1) * mask[..., None]


def _take(x: Tensor, order: Tensor) -> Tensor:
    """x [B, T, D] with its steps in the order [B, T]."""
    return x.gather(1, order[..., None].expand(-1, -1, x.shape[2]))
