"""A small decoder-only transformer, trained from scratch on a CPU: Llama's shape, so that it can be exported as one.

Pre-norm RMSNorm, rotary positions (half-split), SwiGLU, no biases, tied embeddings (reference, 7.1).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Cache = list[tuple[Tensor, Tensor]]
"""Keys and values of each layer, each [rows, heads, positions, width of a head]."""


@dataclass(frozen=True)
class Shape:
    """Sizes of a network. `hidden` 0 stands for 8/3 of the width, rounded down to a multiple of 8."""

    vocabulary: int
    width: int = 128
    layers: int = 4
    heads: int = 4
    context: int = 256
    hidden: int = 0

    @property
    def feed_forward(self) -> int:
        """Width of the feed-forward layers."""
        return self.hidden or int(self.width * 8 / 3) // 8 * 8

    def to_json(self) -> dict[str, int]:
        """As a dict."""
        return asdict(self)


class _Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        d, h = shape.width, shape.feed_forward
        self.heads = shape.heads
        self.norm_attention, self.norm_feed = nn.RMSNorm(d, eps=1e-6), nn.RMSNorm(d, eps=1e-6)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d, bias=False)
        self.gate_up, self.down = nn.Linear(d, 2 * h, bias=False), nn.Linear(h, d, bias=False)

    def project(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rotated queries and keys, and values, each [B, heads, T, d/heads]."""
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm_attention(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        return _rotate(q, cos, sin), _rotate(k, cos, sin), v

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """The rest of the layer, given what the heads attended to, [B, heads, T, d/heads]."""
        b, h, t, w = attended.shape
        x = x + self.out(attended.transpose(1, 2).reshape(b, t, h * w))
        gate, up = self.gate_up(self.norm_feed(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Transformer(nn.Module):
    """`net(ids)`: ids [B, T] (padded on the right) to logits [B, T, V]. The weights are drawn from `seed`."""

    cos: Tensor
    sin: Tensor

    def __init__(self, shape: Shape, seed: int = 0) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, eps=1e-6)
        half = shape.width // shape.heads // 2
        angles = torch.arange(shape.context)[:, None] * 10_000.0 ** (-torch.arange(half) / half)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        generator = torch.Generator().manual_seed(seed)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02, generator=generator)
        # What learning arithmetic in long texts hangs on (measured, ours): embeddings large enough to be told apart,
        # and biases of queries and keys, with which a head can look a fixed number of tokens back from the start.
        nn.init.normal_(self.embed.weight, std=0.2, generator=generator)
        for layer in self.layers:
            nn.init.zeros_(layer.qkv.bias)
            with torch.no_grad():
                layer.qkv.bias[: 2 * shape.width].normal_(0.0, 0.5, generator=generator)
            for linear in (layer.out, layer.down):  # the residual stream grows with depth: its writers start smaller
                with torch.no_grad():
                    linear.weight /= math.sqrt(2 * shape.layers)

    def hidden(self, ids: Tensor) -> Tensor:
        """What the last layer gives, [B, T, width]: for heads of other kinds, and to read off chosen positions only."""
        x, (cos, sin) = self.embed(ids), self._angles(ids.shape[1])
        for layer in self.layers:
            q, k, v = layer.project(x, cos, sin)
            x = layer.finish(x, F.scaled_dot_product_attention(q, k, v, is_causal=True))
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits of hidden states, [..., width] to [..., V]."""
        return F.linear(hidden, self.embed.weight)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of the next token at every position."""
        return self.logits(self.hidden(ids))

    def _angles(self, length: int) -> tuple[Tensor, Tensor]:
        return self.cos[:length], self.sin[:length]

    def prefill(self, ids: Tensor) -> tuple[Tensor, Cache]:
        """Logits [B, T, V] of whole texts and the cache of all their positions, which serves every prefix of them."""
        x, (cos, sin) = self.embed(ids), self._angles(ids.shape[1])
        cache = []
        for layer in self.layers:
            q, k, v = layer.project(x, cos, sin)
            cache.append((k, v))
            x = layer.finish(x, F.scaled_dot_product_attention(q, k, v, is_causal=True))
        return self.logits(self.norm(x)), cache

    def step(self, ids: Tensor, lengths: Tensor, cache: Cache, longest: int) -> Tensor:
        """One token more for each of the first R rows of a cache of fixed size, which is written to.

        ids [R] go to positions `lengths` [R]; `longest` is the largest of these plus one. Gives logits [R, V].
        """
        rows = torch.arange(len(ids), device=ids.device)
        x = self.embed(ids)[:, None]
        cos, sin = self.cos[lengths][:, None, None], self.sin[lengths][:, None, None]
        mask = (torch.arange(longest, device=ids.device) <= lengths[:, None])[:, None, None]
        for layer, (keys, values) in zip(self.layers, cache, strict=True):
            q, k, v = layer.project(x, cos, sin)
            keys[rows, :, lengths], values[rows, :, lengths] = k[:, :, 0], v[:, :, 0]
            past = keys[: len(ids), :, :longest], values[: len(ids), :, :longest]
            x = layer.finish(x, F.scaled_dot_product_attention(q, *past, attn_mask=mask))
        return self.logits(self.norm(x[:, 0]))
