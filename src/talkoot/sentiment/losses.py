"""The losses of Co-SA's agents, one function each. All take masks; a masked frame changes nothing.

B samples, T steps, M modalities, D wide. Features `f` are [B, T, M, D], masks [B, T, M] bool. Means are taken over the
frames of a modality first, and then over the modalities that have a frame in the batch: a modality with few frames
counts as much as another, as the 1/3 of the description asks. L_p is `nets.task_loss`.

What the description, the released code and the sound reading say differently (reference, 1.4):

| term     | as_described              | as_released                  | sound                                 |
|----------|---------------------------|------------------------------|---------------------------------------|
| L_m      | cross-entropy             | absent                       | the same, one classifier for all      |
| L_c      | minus distance, unbounded | absent                       | squared cosine; `difference`; `hinge` |
| L_r      | distance                  | absent                       | mean squared error                    |
| L_dpsr   | (T - d) (cos + 1/2)       | (T + 1 - d) / T (cos + 1)    | (T - d) / T (cos + 1) / 2; `weighted` |
| f of f^s | a matrix over time        | attention, no positions      | masked attention, positions, residual |
| message  | not told                  | summed similarity: only self | mean similarity                       |
| fusion   | a product, or another     | mean of the modalities       | sum w f / sum w                       |
| Q        | sum of the agents         | concatenation                | concatenation                         |

d = |p - q|. The lower rows are `agents.Space`, `policy.Message`, `fusion.Fusion` and `critic.Critic`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from talkoot.errors import BadInput

Separation = Literal["sound", "difference", "hinge", "as_described"]
Reconstruction = Literal["sound", "as_described"]
Dpsr = Literal["sound", "weighted", "as_described", "as_released"]


def modality_loss(logits: Tensor, mask: Tensor) -> Tensor:
    """L_m: cross-entropy of telling from the modality feature of a frame which modality it is of (reference, 1.3 (3)).

    `logits` [B, T, M, M], of which the third axis is the truth and the last one the guess; `mask` [B, T, M]. A scalar.
    """
    modalities = logits.shape[2]
    truth = torch.arange(modalities, device=logits.device).expand(logits.shape[:3])
    each = F.cross_entropy(logits.flatten(0, 2), truth.flatten(), reduction="none")
    return over_modalities(each.view(mask.shape), mask)


def separation_loss(
    sentiment: Tensor, modality: Tensor, mask: Tensor, variant: Separation = "sound", margin: float = 1.0
) -> Tensor:
    """L_c: keeps the two features of a frame apart (reference, 1.3 (4) and 1.4). Both [B, T, M, D]; a scalar.

    - `sound`: cos(f^s, f^m)^2, in [0, 1], 0 where they are orthogonal.
    - `difference`: ||S' Z / n||_F^2 of the n frames of a modality, each centred over the frames and of length 1, in
      [0, 1]; MISA's difference loss (Hazarika et al. 2020, section 3.5.2) divided by n, so that it does not grow with
      the number of frames.
    - `hinge`: max(0, margin - ||f^s - f^m||), in [0, margin].
    - `as_described`: -||f^s - f^m||, which has no lower bound and diverges when minimised.
    """
    if variant == "difference":
        some = [i for i in range(mask.shape[2]) if bool(mask[:, :, i].any())]
        each = [_difference(sentiment[:, :, i][mask[:, :, i]], modality[:, :, i][mask[:, :, i]]) for i in some]
        return torch.stack(each).mean() if each else sentiment.sum() * 0
    if variant == "sound":
        return over_modalities(F.cosine_similarity(sentiment, modality, dim=-1) ** 2, mask)
    apart = _norm(sentiment - modality)
    if variant == "hinge":
        return over_modalities(F.relu(margin - apart), mask)
    if variant == "as_described":
        return over_modalities(-apart, mask)
    raise BadInput(f"there is no separation loss {variant!r}; take sound, difference, hinge or as_described")


def _difference(s: Tensor, z: Tensor) -> Tensor:
    """Of the frames of one modality, [n, D] each."""
    s, z = (F.normalize(x - x.mean(0, keepdim=True), dim=-1) for x in (s, z))
    return ((s.T @ z) / len(s)).square().sum()


def reconstruction_loss(
    x: Mapping[str, Tensor], rebuilt: Mapping[str, Tensor], mask: Tensor, variant: Reconstruction = "sound"
) -> Tensor:
    """L_r: how far the rebuilt frames are from the inputs (reference, 1.3 (5)). `x[m]` and `rebuilt[m]` [B, T, d_m].

    - `sound`: mean squared error over the features of a frame, so that wide modalities count as much as narrow ones.
    - `as_described`: the distance of the frames, which grows with the root of their width.
    """
    if variant not in ("sound", "as_described"):
        raise BadInput(f"there is no reconstruction loss {variant!r}; take sound or as_described")
    gaps = [rebuilt[name] - x[name] for name in x]
    each = [gap.square().mean(-1) if variant == "sound" else _norm(gap) for gap in gaps]
    return over_modalities(torch.stack(each, -1), mask)


def dpsr_loss(f: Tensor, mask: Tensor, variant: Dpsr = "sound") -> Tensor:
    """L_dpsr: the similarity of the frames of one stream, near ones weighing more (reference, 1.3 (6), (8), 1.4, 9).

    For each sample and modality with two frames or more, over all pairs p != q of its frames,

        1 / pairs  sum_pq  eta_pq g(cos(f_p, f_q)),

    then the mean over samples, then over modalities. T is the sample's own time from its first to its last frame.

    - `sound`: eta = (T - |p-q|) / T, g = (cos + 1) / 2. Frames all alike give (2T-1) / (3T), orthogonal ones half that.
    - `weighted`: the same divided by sum eta instead of the number of pairs: 1, 1/2 and 0 for every T.
    - `as_described`: eta = T - |p-q|, g = cos + 1/2, which has lost a bracket: it can fall below 0.
    - `as_released`: eta = 2 (T + 1 - |p-q|) / T, g = (cos + 1) / 2. Frames all alike give 4 (T+1) / (3T). The released
      code gives audio no gradient and pushes padding apart; here it does neither.
    """
    f, mask = f.transpose(1, 2), mask.transpose(1, 2)  # [B, M, T, D], [B, M, T]
    steps = torch.arange(f.shape[2], device=f.device)
    last = torch.where(mask, steps, -1).amax(-1)
    span = (last - torch.where(mask, steps, f.shape[2]).amin(-1) + 1)[..., None, None].to(f.dtype)
    apart = (steps[:, None] - steps).abs().to(f.dtype)
    unit = F.normalize(f, dim=-1)
    cos = unit @ unit.transpose(-1, -2)
    if variant == "as_described":
        each = (span - apart) * (cos + 0.5)
    elif variant == "as_released":
        each = (span + 1 - apart) * (cos + 1) / span
    elif variant in ("sound", "weighted"):
        each = (span - apart) / span * (cos + 1) / 2
    else:
        raise BadInput(f"there is no DPSR loss {variant!r}; take sound, weighted, as_described or as_released")
    pairs = mask[..., :, None] & mask[..., None, :] & ~torch.eye(len(steps), dtype=torch.bool, device=f.device)
    share = (span - apart) / span if variant == "weighted" else torch.ones_like(each)
    total = torch.where(pairs, each, 0).sum((-1, -2)) / torch.where(pairs, share, 0).sum((-1, -2)).clamp(min=1e-9)
    return over_modalities(total[:, None], (mask.sum(-1) > 1)[:, None])


def frame_similarity(f: Tensor, mask: Tensor) -> Tensor:
    """Mean cosine of the pairs of different frames of a sample, for each modality, [M]; NaN where there is no pair.

    What DPSR lowers. To be watched: a stream of noise has a low one too."""
    unit = F.normalize(f, dim=-1).transpose(1, 2)
    mask = mask.transpose(1, 2)
    cos = unit @ unit.transpose(-1, -2)
    pairs = mask[..., :, None] & mask[..., None, :] & ~torch.eye(f.shape[1], dtype=torch.bool, device=f.device)
    return torch.where(pairs, cos, 0).sum((0, 2, 3)) / pairs.sum((0, 2, 3))


def over_modalities(each: Tensor, mask: Tensor) -> Tensor:
    """Mean of `each` [B, T, M] over the frames of a modality, then over the modalities that have any. A scalar."""
    count = mask.sum((0, 1))
    mean = torch.where(mask, each, 0).sum((0, 1)) / count.clamp(min=1)
    return mean.sum() / (count > 0).sum().clamp(min=1)


def _norm(x: Tensor) -> Tensor:
    """Length over the last axis, with a gradient of 0, not NaN, where it is 0."""
    square = x.square().sum(-1)
    none = square == 0
    return torch.where(none, 0, torch.where(none, 1, square).sqrt())
