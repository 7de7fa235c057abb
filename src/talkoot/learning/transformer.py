"""A small decoder-only transformer, trained from scratch on a CPU: Llama's shape, so that it can be exported as one.

Pre-norm RMSNorm, rotary positions (half-split), SwiGLU, no biases, tied embeddings (reference, 7.1).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Cache = list[tuple[Tensor, Tensor]]
"""Keys and values of each layer, each [rows, heads, positions, width of a head]."""


@dataclass(frozen=True)
class Lanes:
    """Caches of rows under way. The `copies` rows of a lane continue one text and read one cache of it (ours).

    `texts` holds the keys and values of the lanes' texts, [lanes, heads, positions, width of a head] for each layer;
    `own` those of the tokens that rows added, [lanes, heads, copies, tokens, width of a head]. Row `copy` of lane
    `lane` is slot `lane * copies + copy`.
    """

    copies: int
    texts: Cache
    own: Cache


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
        return self.rest(x, attended.transpose(1, 2).reshape(b, t, h * w))

    def rest(self, x: Tensor, attended: Tensor) -> Tensor:
        """As `finish`, the heads side by side already: both [..., d]."""
        x = x + self.out(attended)
        gate, up = self.gate_up(self.norm_feed(x)).chunk(2, -1)
        x = x + self.down(F.silu(gate) * up)
        return x

    def whole(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The layer for whole texts, x [B, T, d], with its keys and values."""
        q, k, v = self.project(x, cos, sin)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.finish(x, attended), k, v


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def _rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """As `_rotate`, in a third of the time, but without gradients."""
    out = torch.empty_like(x, memory_format=torch.contiguous_format)
    (a, b), (first, second) = x.chunk(2, -1), out.chunk(2, -1)
    torch.mul(a, cos, out=first).addcmul_(b, sin, value=-1)
    torch.mul(b, cos, out=second).addcmul_(a, sin)
    return out


def _attend(queries: Tensor, text: tuple[Tensor, Tensor], own: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
    """What queries [lanes, heads, copies, w] attend to in the text of their lane and in their own tokens, as queries.

    One softmax over both. The copies of a lane are one matrix for its text: its keys and values are read once for all.
    """
    (keys, values), (own_keys, own_values) = text, own
    length = keys.shape[2]
    of_text = queries @ keys.transpose(-1, -2)
    of_own = (queries[..., None, :] @ own_keys.transpose(-1, -2))[..., 0, :]
    shares = torch.cat([of_text, of_own], -1).add_(mask).softmax(-1)
    return (shares[..., :length] @ values).add_((shares[..., None, length:] @ own_values)[..., 0, :])


class Transformer(nn.Module):
    """`net(ids)`: ids [B, T] (padded on the right) to logits [B, T, V]. The weights are drawn from `seed`."""

    cos: Tensor
    sin: Tensor

    def __init__(self, shape: Shape, seed: int = 0) -> None:
        super().__init__()
        self.shape = shape
        with torch.random.fork_rng(devices=[]):  # what modules draw of themselves is drawn anew below
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
        for layer in self._each():
            nn.init.zeros_(layer.qkv.bias)
            with torch.no_grad():
                layer.qkv.bias[: 2 * shape.width].normal_(0.0, 0.5, generator=generator)
            for linear in (layer.out, layer.down):  # the residual stream grows with depth: its writers start smaller
                with torch.no_grad():
                    linear.weight /= math.sqrt(2 * shape.layers)

    def hidden(self, ids: Tensor) -> Tensor:
        """What the last layer gives, [B, T, width]: for heads of other kinds, and to read off chosen positions only."""
        x, (cos, sin) = self.embed(ids), self._angles(ids.shape[1])
        for layer in self._each():
            x, _, _ = layer.whole(x, cos, sin)
        last: Tensor = self.norm(x)
        return last

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits of hidden states, [..., width] to [..., V]."""
        return F.linear(hidden, self.embed.weight)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of the next token at every position."""
        return self.logits(self.hidden(ids))

    def _each(self) -> list[_Layer]:
        return cast("list[_Layer]", list(self.layers))

    def _angles(self, length: int) -> tuple[Tensor, Tensor]:
        return self.cos[:length], self.sin[:length]

    def prefill(self, ids: Tensor) -> tuple[Tensor, Cache]:
        """Logits [B, T, V] of whole texts and the cache of all their positions, which serves every prefix of them."""
        x, (cos, sin) = self.embed(ids), self._angles(ids.shape[1])
        cache = []
        for layer in self._each():
            x, k, v = layer.whole(x, cos, sin)
            cache.append((k, v))
        return self.logits(self.norm(x)), cache

    def lanes(self, count: int, copies: int, positions: int, tokens: int) -> Lanes:
        """Room for `count` lanes of `copies` rows, texts of up to `positions` tokens and `tokens` more for each row."""
        heads, like = self.shape.heads, self.embed.weight
        width = self.shape.width // heads

        def room(*size: int) -> Cache:
            # Zeros, not what memory happens to hold: a masked position has weight 0, and 0 times NaN is NaN.
            return [(like.new_zeros(size), like.new_zeros(size)) for _ in self.layers]

        return Lanes(copies, room(count, heads, positions, width), room(count, heads, copies, tokens, width))

    def step(
        self, ids: Tensor, slots: Tensor, positions: Tensor, column: Tensor, lanes: Lanes, seen: int, mask: Tensor
    ) -> Tensor:
        """One token more for R rows: logits [R, V]. Their keys and values are written to `lanes`. Takes no gradients.

        Row i, in slot `slots[i]`, gets token `ids[i]` at position `positions[i]` of its text, number `column[i]` of
        its own tokens. `mask` [lanes, copies, seen + tokens] is added to scores: 0 for what a slot sees of the first
        `seen` positions of its lane's text and of its own tokens, else -inf; lanes and tokens behind it are left out.
        """
        heads, width = self.shape.heads, self.shape.width // self.shape.heads
        count, copies, tokens = mask.shape[0], lanes.copies, mask.shape[2] - seen
        room = lanes.own[0][0].shape[3]
        # Places of the heads of each row where lanes are flattened to [lanes * heads * copies, ...].
        flat = (slots // copies * heads * copies + slots % copies)[:, None]
        flat = (flat + torch.arange(heads, device=ids.device) * copies).flatten()
        written = flat * room + column.repeat_interleave(heads)
        cos, sin = self.cos[positions][:, None, None], self.sin[positions][:, None, None]
        queries = self.embed.weight.new_zeros((count * heads * copies, width))
        x, mask = self.embed(ids), mask[:, None]
        for layer, text, own in zip(self._each(), lanes.texts, lanes.own, strict=True):
            qkv = layer.qkv(layer.norm_attention(x)).view(-1, 3, heads, width)
            rotated = _rotated(qkv[:, :2], cos, sin)
            queries.index_copy_(0, flat, (rotated[:, 0] / math.sqrt(width)).view(-1, width))
            for whole, new in zip(own, (rotated[:, 1], qkv[:, 2]), strict=True):
                whole.view(-1, width).index_copy_(0, written, new.reshape(-1, width))
            attended = _attend(
                queries.view(count, heads, copies, width),
                (text[0][:count, :, :seen], text[1][:count, :, :seen]),
                (own[0][:count, :, :, :tokens], own[1][:count, :, :, :tokens]),
                mask,
            )
            x = layer.rest(x, attended.view(-1, width).index_select(0, flat).view(x.shape))
        return self.logits(self.norm(x))
