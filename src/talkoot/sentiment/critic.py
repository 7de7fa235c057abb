"""The central critic: how good a team's weights are in a state (reference, 1.3 (9), 1.4 and 9, point 7)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from talkoot.errors import BadInput
from talkoot.sentiment.recurrent import MaskedGRU

Join = Literal["concat", "sum"]


class Critic(nn.Module):
    """Q of all agents' states and weights: each agent's f (+) w is read by a GRU, forwards in time.

    - `forward`: Q [B] of whole samples: the masked mean over time of each agent's readings, joined, through an MLP.
    - `per_step`: Q_t [B, T]: the readings at t, joined, through the same MLP. It knows the weights up to t only, so it
      values (s_t, u_t) and not what is done afterwards. 0 at steps that are padding.

    `join`: `concat`, or `sum` as described, which forgets which agent is which. Weights may have leading axes,
    [..., B, T, M]; the values then have them too. Raises BadInput for another join.
    """

    def __init__(self, modalities: int, width: int, *, hidden: int = 64, join: Join = "concat") -> None:
        super().__init__()
        if join not in ("concat", "sum"):
            raise BadInput(f"a critic cannot join the agents by {join!r}; take concat or sum")
        self.join = join
        self.read = nn.ModuleList([MaskedGRU(width + 1, hidden, causal=True) for _ in range(modalities)])
        joined = hidden * modalities if join == "concat" else hidden
        self.value = nn.Sequential(nn.Linear(joined, hidden), nn.GELU(), nn.Linear(hidden, 1))

    def forward(self, f: Tensor, w: Tensor, mask: Tensor) -> Tensor:
        """Q [..., B] of states f [B, T, M, D] and weights w [..., B, T, M] under mask [B, T, M]."""
        readings, marks = self._readings(f, w, mask)
        share = marks[..., None].to(f.dtype)
        means = (readings * share).sum(1) / share.sum(1).clamp(min=1)  # [B', M, H]
        return self._joined(means).view(w.shape[:-2])

    def per_step(self, f: Tensor, w: Tensor, mask: Tensor) -> Tensor:
        """Q_t [..., B, T]."""
        readings, marks = self._readings(f, w, mask)
        return (self._joined(readings) * marks.any(-1)).view(w.shape[:-1])

    def _readings(self, f: Tensor, w: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """[B', T, M, H], 0 where masked, and the masks; B' has the leading axes in it."""
        lead = w.shape[:-3]
        flat = w.reshape(-1, *w.shape[-2:])
        f = f.expand(*lead, *f.shape).reshape(len(flat), *f.shape[1:])
        mask = mask.expand(*lead, *mask.shape).reshape(flat.shape)
        both = torch.cat([f, (flat * mask)[..., None]], -1)
        # at a step where it is masked, an agent keeps what it read last
        reads = [_held(read(both[:, :, i], mask[:, :, i]), mask[:, :, i]) for i, read in enumerate(self.read)]
        return torch.stack(reads, 2), mask

    def _joined(self, readings: Tensor) -> Tensor:
        """[..., M, H] to [...]."""
        joined = readings.flatten(-2) if self.join == "concat" else readings.sum(-2)
        out: Tensor = self.value(joined)[..., 0]
        return out


def _held(x: Tensor, mask: Tensor) -> Tensor:
    """x [B, T, H] with masked steps showing the last step before them that is not; 0 before the first."""
    steps = torch.arange(x.shape[1], device=x.device)
    last = torch.where(mask, steps, -1).cummax(1).values
    held = x.gather(1, last.clamp(min=0)[..., None].expand_as(x))
    return held * (last >= 0)[..., None]
