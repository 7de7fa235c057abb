"""The world of the policies, step by step, as a central critic sees it in training (reference 3.1).

The state of step t is Markov: what all agents see at t, and what the team has made of the steps before. As the critic
serves training only, it is told the label as well (Pinto et al. 2017, "Asymmetric actor critic"); the policies are not.
"""

from __future__ import annotations

import torch
from torch import Tensor

from talkoot.sentiment.cosa import CosaNet, States
from talkoot.sentiment.trainers.joint import calm


def width(net: CosaNet) -> int:
    """Of `moments`."""
    modalities, outputs = len(net.spec.widths), net.spec.outputs
    return modalities * (net.settings.width + 1) + net.fusion.out + 2 * outputs


@torch.no_grad()
def moments(net: CosaNet, states: States, w: Tensor, y: Tensor, prior: Tensor) -> Tensor:
    """States [B, T, `width`] of the process for weights w [B, T, M]: of t, the states and masks of the agents and the
    label (0 where unknown); of the steps before t, the fused feature and what was said of it (before the first: 0 and
    `prior`).

    With labels at every step the fused feature of the step before stands for the past, though nothing depends on it.
    """
    task = net.spec.task
    b, t = states.valid.shape
    with calm(net):
        fused = net.fusion(states.f, w * states.mask, states.valid, "step" if task.steps else "prefix")
        said = net.answer(fused)  # [B, T, outputs]
    before = torch.cat([torch.zeros_like(fused[:, :1]), fused[:, :-1]], 1)
    first = prior.expand(b, 1, said.shape[-1])
    known = torch.cat([first, said[:, :-1]], 1)
    label = (y if task.steps else y[:, None] if task.emotions else y[:, None].expand(b, t)).nan_to_num()
    label = label.expand(b, t, -1) if task.emotions else label[..., None]
    return torch.cat([states.f.flatten(2), states.mask.to(w.dtype), before, known, label], -1)
