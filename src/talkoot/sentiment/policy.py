"""How an agent decides how much its modality counts at a step: what it hears of the others, and the kinds of decision.

One independent policy per agent (decentralised actors; reference, 1.1): it sees its own state and a message, and gives
the parameters of a `Head`, which turns them into a weight in [0, 1]. Reference 1.5, 1.4 and 9, points 5 and 9.
"""

from __future__ import annotations

import math
from typing import Literal, Protocol

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from talkoot.errors import BadInput

HeadKind = Literal["gate", "beta", "levels"]
MessageKind = Literal["mean", "sum", "none"]


class Head(Protocol):
    """A kind of decision. Parameters are [..., P], weights [...] in [0, 1]; elementwise over the leading axes."""

    size: int
    """P."""

    def weights(self, params: Tensor) -> Tensor:
        """The weights that it stands for when it does not try anything; differentiable."""

    def sample(self, params: Tensor, generator: Generator) -> Tensor:
        """Weights that it tries. Without gradient."""

    def log_prob(self, params: Tensor, weights: Tensor) -> Tensor:
        """Logarithm of the probability, or density, of weights that were sampled; [...]."""

    def entropy(self, params: Tensor) -> Tensor:
        """In nats (of a density: differential); [...]. Differentiable."""


class Gate:
    """w = sigmoid(u), the released one. It tries sigmoid(u + noise), noise normal with sd `noise`; densities are those
    of the logit, which differ from those of w by a factor without parameters."""

    size = 1
    EDGE = 1e-4
    """Weights are kept this far from 0 and 1 where a logit is taken of them."""

    def __init__(self, noise: float = 0.5) -> None:
        if not noise > 0:
            raise BadInput(f"a gate cannot try weights with noise of {noise}; give a number above 0")
        self.noise = noise

    def weights(self, params: Tensor) -> Tensor:
        """sigmoid(u)."""
        return torch.sigmoid(params[..., 0])

    @torch.no_grad()
    def sample(self, params: Tensor, generator: Generator) -> Tensor:
        """sigmoid(u + noise)."""
        logit = params[..., 0]
        noise = torch.randn(logit.shape, generator=generator, device=logit.device, dtype=logit.dtype)
        return torch.sigmoid(logit + self.noise * noise)

    def log_prob(self, params: Tensor, weights: Tensor) -> Tensor:
        """Normal, of the logit of the weights."""
        gap = (torch.logit(weights.clamp(self.EDGE, 1 - self.EDGE)) - params[..., 0]) / self.noise
        return -0.5 * gap.square() - math.log(self.noise) - 0.5 * math.log(2 * math.pi)

    def entropy(self, params: Tensor) -> Tensor:
        """That of the noise, which is constant."""
        return params[..., 0] * 0 + 0.5 * math.log(2 * math.pi * math.e) + math.log(self.noise)


class Beta:
    """w ~ Beta(a, b) with a, b = 1 + softplus of the parameters: one peak, no mass at the ends. Stands for its mean."""

    size = 2
    EDGE = 1e-4

    def _shape(self, params: Tensor) -> tuple[Tensor, Tensor]:
        a, b = (1 + F.softplus(params)).unbind(-1)
        return a, b

    def weights(self, params: Tensor) -> Tensor:
        """a / (a + b)."""
        a, b = self._shape(params)
        return a / (a + b)

    @torch.no_grad()
    def sample(self, params: Tensor, generator: Generator) -> Tensor:
        """Of two gamma variables x / (x + y)."""
        a, b = self._shape(params)
        # the sampler of torch.distributions, which itself takes no generator
        x, y = (torch._standard_gamma(shape, generator=generator) for shape in (a, b))
        return (x / (x + y)).clamp(self.EDGE, 1 - self.EDGE)

    def log_prob(self, params: Tensor, weights: Tensor) -> Tensor:
        """Of the density."""
        a, b = self._shape(params)
        return torch.distributions.Beta(a, b, validate_args=False).log_prob(  # type: ignore[no-any-return,no-untyped-call]
            weights.clamp(self.EDGE, 1 - self.EDGE)
        )

    def entropy(self, params: Tensor) -> Tensor:
        """Differential."""
        a, b = self._shape(params)
        return torch.distributions.Beta(a, b, validate_args=False).entropy()  # type: ignore[no-any-return,no-untyped-call]


class Levels:
    """One of K weights evenly spaced from 0 to 1 (0, .25, .5, .75, 1 for K = 5), as COMA needs. Stands for its mean."""

    def __init__(self, levels: int = 5) -> None:
        if levels < 2:
            raise BadInput(f"a policy cannot choose among {levels} levels; give 2 or more")
        self.size = levels

    def values(self, like: Tensor) -> Tensor:
        """The K weights, [K]."""
        return torch.linspace(0, 1, self.size, device=like.device, dtype=like.dtype)

    def probabilities(self, params: Tensor) -> Tensor:
        """Of the levels, [..., K]."""
        return params.softmax(-1)

    def weights(self, params: Tensor) -> Tensor:
        """The mean of the levels."""
        return self.probabilities(params) @ self.values(params)

    @torch.no_grad()
    def sample_levels(self, params: Tensor, generator: Generator) -> Tensor:
        """Numbers of levels, [...] int64."""
        flat = torch.multinomial(self.probabilities(params).flatten(0, -2), 1, generator=generator)
        return flat.view(params.shape[:-1])

    def sample(self, params: Tensor, generator: Generator) -> Tensor:
        """Weights that are levels."""
        return self.values(params)[self.sample_levels(params, generator)]

    def log_prob(self, params: Tensor, weights: Tensor) -> Tensor:
        """Of the level nearest to the weights."""
        level = (weights * (self.size - 1)).round().long()
        return params.log_softmax(-1).gather(-1, level[..., None])[..., 0]

    def entropy(self, params: Tensor) -> Tensor:
        """In nats, at most log K."""
        return -(params.softmax(-1) * params.log_softmax(-1)).sum(-1)


def head_of(kind: HeadKind, *, levels: int = 5, noise: float = 0.5) -> Head:
    """The head of that name. Raises BadInput for another."""
    if kind == "gate":
        return Gate(noise)
    if kind == "beta":
        return Beta()
    if kind == "levels":
        return Levels(levels)
    raise BadInput(f"there is no policy head {kind!r}; take gate, beta or levels")


class Message(nn.Module):
    """What each agent hears of the others, [B, T, M, D], by cross-attention between their streams.

    Each stream is projected; cos_pq is the cosine of frame p of one and frame q of another. Agent i mixes, at each
    step p, its own stream, the frames of each other agent read by softmax over q of cos_pq, and those read by softmax
    of -cos_pq. The mix is a softmax over 1 for its own, and the mean of cos_pq over q, or minus it, for the others
    (`mean`): all are heard. The released code takes the `sum` over all pairs of frames, T^2 for its own: the softmax
    is 1 there, and nothing is heard (reference, 1.5). `none`: zeros. Absent agents are not heard. With `causal` only
    frames up to the step are read; `sum`, which looks at all frames, is then refused with BadInput.
    """

    def __init__(self, modalities: int, width: int, kind: MessageKind = "mean", *, causal: bool = False) -> None:
        super().__init__()
        if kind not in ("mean", "sum", "none"):
            raise BadInput(f"there is no message {kind!r}; take mean, sum or none")
        if causal and kind == "sum":
            raise BadInput("a message by summed similarity needs the whole sample; take message=mean for causal=True")
        self.kind, self.causal = kind, causal
        self.project = nn.ModuleList([nn.Linear(width, width) for _ in range(0 if kind == "none" else modalities)])

    def forward(self, f: Tensor, mask: Tensor) -> Tensor:
        """Of states f [B, T, M, D] under mask [B, T, M]."""
        if self.kind == "none":
            return torch.zeros_like(f)
        streams = torch.stack([project(f[:, :, i]) for i, project in enumerate(self.project)], 2)
        mix, reads = self._heard(streams, mask)
        return torch.einsum("bipc,bipcd->bpid", mix, reads) * mask[..., None]

    def shares(self, f: Tensor, mask: Tensor) -> Tensor:
        """How much agent i hears of itself, of the others by similarity and by dissimilarity: [B, M, T, 1 + 2M]."""
        streams = torch.stack([project(f[:, :, i]) for i, project in enumerate(self.project)], 2)
        return self._heard(streams, mask)[0]

    def _heard(self, streams: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Mix [B, M, T, 1 + 2M] and what is mixed [B, M, T, 1 + 2M, D]."""
        b, t, m, d = streams.shape
        streams, mask = streams.transpose(1, 2), mask.transpose(1, 2)  # [B, M, T, D], [B, M, T]
        unit = F.normalize(streams, dim=-1)
        cos = unit.reshape(b, 1, m * t, d) @ unit.transpose(-1, -2)  # [B, j, i p, q]
        seen = mask[:, :, None].to(cos.dtype)
        if self.causal:
            seen = seen * torch.ones(t, t, dtype=cos.dtype, device=cos.device).tril().repeat(m, 1)
        near, count = cos.exp() * seen, seen.sum(-1)
        off = (-cos).exp() * seen  # cosines are small: no maximum has to be taken off first
        reads = [(way @ streams) / way.sum(-1, keepdim=True).clamp(min=1e-9) for way in (near, off)]

        def by_reader(x: Tensor) -> Tensor:
            """[B, j, i p, ...] to [B, i, p, j, ...]."""
            return x.reshape(b, m, m, t, *x.shape[3:]).movedim(1, 3)

        mean = by_reader((cos * seen).sum(-1) / count.clamp(min=1))  # [B, i, p, j]
        heard = by_reader((count > 0).expand(-1, -1, m * t))
        own = torch.ones_like(mean[..., :1])  # a frame is as similar to itself as can be
        if self.kind == "sum":
            mean = (mean * (mask.sum(-1)[:, None, None] * mask[..., None])).sum(2, keepdim=True).expand_as(mean)
            own = own * mask.sum(-1)[:, :, None, None].square()
        heard = heard & ~torch.eye(m, dtype=torch.bool, device=cos.device)[:, None]
        far = torch.finfo(cos.dtype).min
        scores = torch.cat([own, torch.where(heard, mean, far), torch.where(heard, -mean, far)], -1)
        return scores.softmax(-1), torch.cat([streams[..., None, :], *map(by_reader, reads)], 3)


class Policies(nn.Module):
    """An independent policy for each of M agents: an MLP on what it observes, [B, T, M, O] to [B, T, M, P].

    The last layer starts at zero: at first all agents count alike, whatever they see."""

    def __init__(self, modalities: int, observed: int, hidden: int, params: int) -> None:
        super().__init__()
        self.each = nn.ModuleList([
            nn.Sequential(nn.Linear(observed, hidden), nn.GELU(), nn.Linear(hidden, params)) for _ in range(modalities)
        ])  # fmt: skip
        for one in self.each:
            assert isinstance(one, nn.Sequential)
            for parameter in one[-1].parameters():
                nn.init.zeros_(parameter)

    def forward(self, observed: Tensor) -> Tensor:
        """Decide."""
        return torch.stack([policy(observed[:, :, i]) for i, policy in enumerate(self.each)], 2)
