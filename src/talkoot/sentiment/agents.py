"""One agent per modality: two encoders that tell sentiment from modality, a decoder, and DPSR's map over time.

MSD (modality-sentiment disentanglement) and DPSR (deep phase space reconstruction) of Co-SA (reference, 1.1 to 1.5 and
9). B samples, T steps, D wide. All that an agent gives is 0 where its modality is masked, and padding changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.recurrent import MaskedGRU

EncoderKind = Literal["auto", "linear", "mlp", "gru"]
SpaceKind = Literal["auto", "attention", "matrix", "none"]


@dataclass(frozen=True)
class Seen:
    """What an agent makes of its modality: `sentiment` f^s, `modality` f^m and `state` f, all [B, T, D], and `rebuilt`
    x~ [B, T, d], None where it was not asked for. `expected` [B, T, D] is what it would have expected f^s to be, None
    where it expects nothing."""

    sentiment: Tensor
    modality: Tensor
    state: Tensor
    rebuilt: Tensor | None
    expected: Tensor | None = None


class Agent(nn.Module):
    """The agent of one modality, whose frames are `inputs` wide: encoders E^s and E^m, decoder D, and the map f of f^s.

    `encoder` is that of the sentiment; the modality, which shows in every frame, is read frame by frame.
    """

    def __init__(
        self,
        inputs: int,
        width: int,
        length: int,
        *,
        encoder: EncoderKind = "gru",
        space: SpaceKind = "attention",
        heads: int = 4,
        positions: bool = True,
        residual: bool = True,
        causal: bool = False,
        dropout: float = 0.1,
        expects: bool = False,
    ) -> None:
        super().__init__()
        self.sentiment = Encoder(inputs, width, encoder, causal=causal, dropout=dropout)
        self.modality = Encoder(inputs, width, "linear" if encoder == "linear" else "mlp", dropout=dropout)
        self.decoder = nn.Sequential(nn.Linear(2 * width, width), nn.GELU(), nn.Linear(width, inputs))
        self.space = Space(
            width, length, space, heads=heads, positions=positions, residual=residual, causal=causal, dropout=dropout
        )
        self.expect = Expectation(width, causal=causal) if expects else None

    def forward(self, x: Tensor, mask: Tensor, *, rebuild: bool = True) -> Seen:
        """Read frames x [B, T, inputs] under mask [B, T]."""
        sentiment, modality = self.sentiment(x, mask), self.modality(x, mask)
        rebuilt = None
        if rebuild:
            rebuilt = self.decoder(torch.cat([sentiment, modality], -1)) * mask[..., None]
        expected = self.expect(sentiment, mask) if self.expect is not None else None
        return Seen(sentiment, modality, self.space(sentiment, mask), rebuilt, expected)


class Encoder(nn.Module):
    """Frames x [B, T, inputs] to features [B, T, width].

    `linear` (the released one), `mlp` (linear, GELU, linear), or `gru`: an MLP's feature beside what a GRU makes of the
    frames around it, mapped to the width (ours; the state beside the input is what the bi-GRU of reference 5.3 has).
    Dropout takes the same inputs from all frames of a sample (Gal and Ghahramani 2016), which is cheap where they are
    wide.
    """

    def __init__(
        self, inputs: int, width: int, kind: EncoderKind, *, causal: bool = False, dropout: float = 0.1
    ) -> None:
        super().__init__()
        if kind not in ("linear", "mlp", "gru"):
            raise BadInput(f"there is no encoder {kind!r}; take linear, mlp or gru")
        self.dropout = nn.Dropout(0.0 if kind == "linear" else dropout)
        self.first = nn.Linear(inputs, width)
        self.last = nn.Linear(width, width) if kind == "mlp" else None
        self.around = MaskedGRU(width, width, causal=causal) if kind == "gru" else None
        self.join = nn.Linear(2 * width, width) if kind == "gru" else None

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Read frames."""
        kept = self.dropout(torch.ones_like(x[:, :1]))
        out: Tensor = self.first(x * kept)
        if self.last is not None:
            out = self.last(self.dropout(F.gelu(out)))
        if self.around is not None and self.join is not None:
            out = F.gelu(out)
            out = self.join(self.dropout(torch.cat([self.around(out, mask), out], -1)))
        return out * mask[..., None]


class Space(nn.Module):
    """DPSR's map f = W f^s, where W acts along time (reference, 1.3 (7) and 1.4). [B, T, D] to the same.

    - `attention`: the attention over time plays W. With `positions`, sines of the step are added to queries and keys,
      not to values: frames are told apart by what happens, not by the clock. f = LayerNorm(f^s + c + linear(c)), and
      without `residual` LayerNorm(c + linear(c)), as released.
    - `matrix`: one learnt T x T matrix, as described; it starts as the identity. A longer sample is read in pieces of
      T steps, each by itself (ours).
    - `none`: f = f^s.

    With `causal` a state depends on the frames up to its own only.
    """

    def __init__(
        self,
        width: int,
        length: int,
        kind: SpaceKind = "attention",
        *,
        heads: int = 4,
        positions: bool = True,
        residual: bool = True,
        causal: bool = False,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if kind not in ("attention", "matrix", "none"):
            raise BadInput(f"there is no map over time {kind!r}; take attention, matrix or none")
        if heads < 1 or width % heads:
            raise BadInput(f"{heads} heads cannot share a width of {width}; give heads that the width is a multiple of")
        self.kind, self.heads, self.positions, self.residual, self.causal = kind, heads, positions, residual, causal
        self.dropout = nn.Dropout(dropout)
        if kind == "matrix":
            self.matrix = nn.Parameter(torch.eye(length))
        elif kind == "attention":
            self.ask, self.tell = nn.Linear(width, 2 * width), nn.Linear(width, width)
            self.out, self.after = nn.Linear(width, width), nn.Linear(width, width)
            self.norm = nn.LayerNorm(width)

    def forward(self, s: Tensor, mask: Tensor) -> Tensor:
        """Map sentiment features s [B, T, D] under mask [B, T]."""
        if self.kind == "none":
            return s
        if self.kind == "matrix":
            return self._by_matrix(s) * mask[..., None]
        b, t, d = s.shape
        ask = s + sines(t, d, s) if self.positions else s
        query, key = self.ask(ask).chunk(2, -1)
        query, key, value = (x.view(b, t, self.heads, -1).transpose(1, 2) for x in (query, key, self.tell(s)))
        seen = readable(mask, causal=self.causal)
        c = F.scaled_dot_product_attention(query, key, value, attn_mask=seen[:, None])
        c = self.out(c.transpose(1, 2).reshape(b, t, d))
        c = self.dropout(c + self.after(c))
        return self.norm(s + c if self.residual else c) * mask[..., None]  # type: ignore[no-any-return]

    def _by_matrix(self, s: Tensor) -> Tensor:
        matrix = self.matrix.tril() if self.causal else self.matrix
        pieces = torch.split(s, len(matrix), 1)
        return torch.cat([matrix[: piece.shape[1], : piece.shape[1]] @ piece for piece in pieces], 1)


class Expectation(nn.Module):
    """What an agent expects of a frame from the other frames of its modality: attention in which a frame asks and the
    others answer, [B, T, D] to the same (ours). With `causal` only earlier ones do; with no answers it is the bias.

    A frame that is far from what was expected is to be doubted: noise, or somebody else's. Features are read without
    a gradient, so that none become dull to be expected.
    """

    def __init__(self, width: int, *, inner: int = 32, causal: bool = False) -> None:
        super().__init__()
        self.causal = causal
        self.read = nn.Linear(width, 3 * inner)
        self.say = nn.Linear(inner, width)

    def forward(self, s: Tensor, mask: Tensor) -> Tensor:
        """Expect features s [B, T, D] under mask [B, T]."""
        query, key, value = self.read(s.detach()).chunk(3, -1)
        nothing = torch.zeros_like(key[:, :1])  # something to read where no other frame is there
        steps = torch.arange(s.shape[1], device=s.device)
        other = steps[:, None] > steps if self.causal else steps[:, None] != steps
        seen = torch.cat([torch.ones_like(mask[:, :1])[:, None].expand(-1, len(steps), -1), other & mask[:, None]], -1)
        found = F.scaled_dot_product_attention(
            query, torch.cat([nothing, key], 1), torch.cat([nothing, value], 1), attn_mask=seen
        )
        out: Tensor = self.say(found)
        return out


def readable(mask: Tensor, *, causal: bool = False) -> Tensor:
    """[B, T, T]: step p may read step q where q is not masked. Each step may read itself, so that none reads nothing
    (which would be NaN); what a masked step reads is thrown away by its mask."""
    steps = mask.shape[1]
    seen = mask[:, None, :].expand(-1, steps, -1)
    if causal:
        seen = seen & torch.ones(steps, steps, dtype=torch.bool, device=mask.device).tril()
    return seen | torch.eye(steps, dtype=torch.bool, device=mask.device)


def sines(length: int, width: int, like: Tensor) -> Tensor:
    """Positions [length, width] as sines and cosines of falling pitch (Vaswani et al. 2017, section 3.5), of the type
    and on the device of `like`."""
    step = torch.arange(length, device=like.device, dtype=like.dtype)[:, None]
    pitch = torch.exp(torch.arange(0, width, 2, device=like.device, dtype=like.dtype) * (-math.log(1e4) / width))
    return torch.cat([torch.sin(step * pitch), torch.cos(step * pitch)], -1)[:, :width]


class _Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, strength: float) -> Tensor:
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return -ctx.strength * grads[0], None


def reversed_gradient(x: Tensor, strength: float = 1.0) -> Tensor:
    """x itself, whose gradient is turned round and scaled: what is learnt behind it, is unlearnt before it (Ganin and
    Lempitsky 2015)."""
    out: Tensor = _Reverse.apply(x, strength)  # type: ignore[no-untyped-call]
    return out
