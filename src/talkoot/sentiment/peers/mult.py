"""MulT, the multimodal transformer (Tsai et al., ACL 2019): each modality reads every other by attention over time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.nets import Batch, Net, Output, Spec
from talkoot.sentiment.peers.unimodal import TEXT, placed

NEVER = -1e9
"""Added to the score of a key that must not be read."""


@dataclass(frozen=True)
class MultSettings:
    """Width, heads and layers of the transformers, the kernel of the convolutions, `causal` attention, and dropout.

    Dropout on attention is told by the modality that reads. The defaults are those that MMSA gives for MOSI (reference
    4.4).
    """

    width: int = 50
    heads: int = 10
    layers: int = 4
    memory_layers: int = 4
    kernel: int = 5
    causal: bool = True
    text_dropout: float = 0.5
    attention_dropout: float = 0.3
    attention_dropout_audio: float = 0.2
    attention_dropout_vision: float = 0.0
    embedding_dropout: float = 0.2
    residual_dropout: float = 0.0
    relu_dropout: float = 0.0
    output_dropout: float = 0.5

    def __post_init__(self) -> None:
        if self.heads < 1 or self.width % self.heads or self.kernel < 1:
            raise BadInput(
                f"MulT cannot share a width of {self.width} among {self.heads} heads with a kernel of {self.kernel}; "
                "give a width that the heads divide, and a kernel of at least 1"
            )


class Mult(Net):
    """Convolution over time to d -> cross-modal transformers (the target asks, the source answers) -> their outputs
    side by side -> a transformer for each target -> its last step -> a residual block -> output.

    Tsai et al., section 3; reference 4.5. As in MMSA the convolution of a sample-level task takes whole windows only,
    attention sees the past, and no positions are added. Steps that are not there are never read, and the last step is
    each sample's own. With steps, the convolution keeps the length and every step has an output; a lone modality reads
    itself.
    """

    def __init__(self, spec: Spec, settings: MultSettings = MultSettings()) -> None:
        super().__init__(spec)
        self.settings = settings
        width, names = settings.width, list(spec.widths)
        self.sources = {name: [other for other in names if other != name] or [name] for name in names}
        self.convolutions = nn.ModuleDict(
            {name: nn.Conv1d(d, width, settings.kernel, bias=False) for name, d in spec.widths.items()}
        )
        self.cross = nn.ModuleDict({
            f"{name}_{other}": Transformer(width, settings.layers, self._attention_dropout(name), settings)
            for name, others in self.sources.items() for other in others
        })  # fmt: skip
        self.memory = nn.ModuleDict({
            name: Transformer(width * len(others), settings.memory_layers, self._attention_dropout(name), settings)
            for name, others in self.sources.items()
        })  # fmt: skip
        total = width * sum(map(len, self.sources.values()))
        self.first, self.second = nn.Linear(total, total), nn.Linear(total, total)
        self.out = nn.Linear(total, spec.outputs)

    def _attention_dropout(self, name: str) -> float:
        known = {TEXT: self.settings.attention_dropout, "vision": self.settings.attention_dropout_vision}
        return known.get(name, self.settings.attention_dropout_audio)

    def forward(self, batch: Batch) -> Output:
        """Read a batch."""
        settings, steps = self.settings, self.spec.task.steps
        x, mask, last = self._convolved(batch)
        bars = {name: barred(mask[name], settings.causal) for name in x}
        here = {name: barred(torch.stack([mask[name], *(mask[o] for o in others)]).any(0), settings.causal)
                for name, others in self.sources.items()}  # fmt: skip
        rows = []
        for name, others in self.sources.items():
            read = [self.cross[f"{name}_{other}"](x[name], x[other], bars[other]) for other in others]
            h = self.memory[name](torch.cat(read, -1), None, here[name])
            rows.append(h[batch.valid] if steps else h[torch.arange(len(h), device=h.device), last])
        fused = torch.cat(rows, -1)
        hidden = F.dropout(F.relu(self.first(fused)), settings.output_dropout, self.training)
        return Output(placed(self.spec, batch, self.out(self.second(hidden) + fused)))

    def _convolved(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Tensor], Tensor]:
        """Of every modality [B, S, d] and its mask [B, S], and the last of the S windows of each sample [B]."""
        kernel, steps = self.settings.kernel, self.spec.task.steps
        place = torch.arange(batch.valid.shape[1], device=batch.valid.device)
        length = torch.where(batch.valid, place + 1, 0).amax(1)
        last = (length - kernel).clamp(min=0)
        if steps:  # a window for each step, which ends there or has it in its middle
            before = kernel - 1 if self.settings.causal else (kernel - 1) // 2
            pad = (before, kernel - 1 - before)
        else:
            pad = (0, max(kernel - batch.valid.shape[1], 0))
        x, mask = {}, {}
        for name, convolution in self.convolutions.items():
            raw, there = batch.x[name].transpose(1, 2), batch.mask[name]
            if name == TEXT:
                raw = F.dropout(raw, self.settings.text_dropout, self.training)
            if any(pad):
                raw = F.pad(raw, pad)
            x[name] = convolution(raw).transpose(1, 2).contiguous()
            if steps:
                mask[name] = there
            else:
                windows = F.pad(there, pad).unfold(1, kernel, 1).any(-1)
                mask[name] = windows & (torch.arange(windows.shape[1], device=last.device) <= last[:, None])
        return x, mask, last


class Transformer(nn.Module):
    """Layers of attention and feed-forward, each normalised before: x [B, T, d] reads `source` [B, S, d], or itself.

    As in the code of Tsai et al. the inputs are multiplied by sqrt(d), and every layer reads the source as it came in.
    """

    def __init__(self, width: int, layers: int, attention_dropout: float, settings: MultSettings) -> None:
        super().__init__()
        self.scale, self.drop = math.sqrt(width), settings.embedding_dropout
        self.layers = nn.ModuleList([Layer(width, attention_dropout, settings) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, source: Tensor | None, bar: tuple[Tensor, Tensor | None]) -> Tensor:
        """Read, with `bar` from `barred`."""
        x = F.dropout(self.scale * x, self.drop, self.training)
        if source is not None:
            source = F.dropout(self.scale * source, self.drop, self.training)
        for layer in self.layers:
            x = layer(x, source, bar)
        out: Tensor = self.norm(x)
        return out


class Layer(nn.Module):
    """x + attention(norm x, norm source), then x + feed-forward(norm x), 4 d wide."""

    def __init__(self, width: int, attention_dropout: float, settings: MultSettings) -> None:
        super().__init__()
        self.heads, self.attention_dropout = settings.heads, attention_dropout
        self.residual_dropout, self.relu_dropout = settings.residual_dropout, settings.relu_dropout
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2)])
        self.asked, self.merged = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        for linear in (self.asked, self.merged, self.wide, self.narrow):
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor, source: Tensor | None, bar: tuple[Tensor, Tensor | None]) -> Tensor:
        """One layer."""
        normed, width = self.norms[0](x), x.shape[2]
        if source is None:
            q, k, v = self.asked(normed).chunk(3, -1)
        else:
            weight, bias = self.asked.weight, self.asked.bias
            q = F.linear(normed, weight[:width], bias[:width])
            k, v = F.linear(self.norms[0](source), weight[width:], bias[width:]).chunk(2, -1)
        dropout = self.attention_dropout if self.training else 0.0
        read = attention(q, k, v, self.heads, bar, dropout)
        x = x + F.dropout(self.merged(read), self.residual_dropout, self.training)
        hidden = F.dropout(F.relu(self.wide(self.norms[1](x))), self.relu_dropout, self.training)
        return x + F.dropout(self.narrow(hidden), self.residual_dropout, self.training)


def attention(q: Tensor, k: Tensor, v: Tensor, heads: int, bar: tuple[Tensor, Tensor | None], dropout: float) -> Tensor:
    """Scaled dot-product attention of `heads`: q [B, T, d], k and v [B, S, d] to [B, T, d]; 0 where nothing may be
    read."""
    scores, nothing = bar
    n, length, width = q.shape
    q, k, v = (  # [B heads, T or S, d / heads]
        x.view(n, x.shape[1], heads, width // heads).transpose(1, 2).flatten(0, 1) for x in (q, k, v)
    )
    if len(scores) > 1:
        scores = scores.repeat_interleave(heads, 0)
    # At these sizes that is faster on a CPU than scaled_dot_product_attention.
    share = torch.softmax(torch.baddbmm(scores, q, k.transpose(1, 2), alpha=q.shape[-1] ** -0.5), -1)
    read = torch.bmm(F.dropout(share, dropout, dropout > 0), v)
    out = read.view(n, heads, length, width // heads).transpose(1, 2).flatten(2)
    return out if nothing is None else out.masked_fill(nothing, 0.0)


def barred(mask: Tensor, causal: bool) -> tuple[Tensor, Tensor | None]:
    """What attention adds to scores so that only keys under mask [B, S] are read, with `causal` none after the query:
    [1 or B, S, S]. And the queries [B, S, 1] that then have nothing to read; None if there are none."""
    length = mask.shape[1]
    seen = torch.ones(length, length, dtype=torch.bool, device=mask.device)
    if causal:
        seen = seen.tril()
    if bool(mask.all()):
        return torch.where(seen, 0.0, NEVER)[None], None
    seen = seen & mask[:, None]
    nothing = ~seen.any(-1, keepdim=True)
    return torch.where(seen, 0.0, NEVER), nothing if bool(nothing.any()) else None
