"""Log-probabilities of completions under a causal model, for learners: nothing is computed that is not needed (ours).

Rows are not padded into a rectangle of completions: everything is flat, one entry a token. Completions of one prompt
go through the network together where it allows that, so that the prompt is computed once and not once for each of
them: a mask keeps them from seeing each other, and every completion counts its positions from the prompt's end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from talkoot.learning.transformer import Transformer

PACKED = 512
"""At most so many completion tokens share one copy of their prompt: attention grows with the square of the length."""


@dataclass(frozen=True, slots=True)
class Row:
    """A completion of a prompt, as token ids. Neither is empty."""

    prompt: Sequence[int]
    completion: Sequence[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that go through the network at once. B sequences of length T hold them; N tokens are predicted.

    `rows` are the places of the rows in the list that was given; `targets` [N] their completions, one after the other
    in that order, and `sequences`, `places` [N] say where the logits of each are read. `mask` [B, 1, T, T] is None
    where every sequence is an ordinary text.
    """

    rows: tuple[int, ...]
    ids: Tensor
    targets: Tensor
    sequences: Tensor
    places: Tensor
    positions: Tensor
    mask: Tensor | None


def packs_prompts(net: Any) -> bool:
    """Whether several completions may share one copy of their prompt in this network."""
    return isinstance(net, Transformer)


def batches(rows: Sequence[Row], *, tokens: int, pad: int, device: Any, pack: bool) -> Iterator[Batch]:
    """The rows in batches of at most `tokens` tokens with padding (a longer row makes its own), short ones first."""
    packs = sorted(_packs(rows, pack), key=lambda pack: (_length(rows, pack), pack))
    waiting: list[list[int]] = []
    for members in packs:
        if waiting and (len(waiting) + 1) * _length(rows, members) > tokens:
            yield _batch(rows, waiting, pad, device, pack)
            waiting = []
        waiting.append(members)
    if waiting:
        yield _batch(rows, waiting, pad, device, pack)


def _packs(rows: Sequence[Row], pack: bool) -> Iterable[list[int]]:
    """Which rows share a sequence: those of one prompt, as long as their completions are short."""
    if not pack:
        return [[i] for i in range(len(rows))]
    packs: list[list[int]] = []
    latest: dict[tuple[int, ...], tuple[int, int]] = {}  # of a prompt: its last pack, and the tokens that are in it
    for i, row in enumerate(rows):
        prompt, size = tuple(row.prompt), len(row.completion) - 1
        at, filled = latest.get(prompt, (-1, 0))
        if at >= 0 and filled + size <= PACKED:
            packs[at].append(i)
            latest[prompt] = at, filled + size
        else:
            latest[prompt] = len(packs), size
            packs.append([i])
    return packs


def _length(rows: Sequence[Row], pack: Sequence[int]) -> int:
    """Tokens of a pack. The last token of a completion is predicted, but predicts nothing."""
    return len(rows[pack[0]].prompt) + sum(len(rows[i].completion) - 1 for i in pack)


def _batch(rows: Sequence[Row], packs: list[list[int]], pad: int, device: Any, shared: bool) -> Batch:
    shape = len(packs), max(_length(rows, pack) for pack in packs)
    ids, positions = torch.full(shape, pad), torch.zeros(shape, dtype=torch.long)
    part = torch.full(shape, -1)  # 0 in a prompt, 1.. in its completions, -1 in the padding
    targets: list[int] = []
    sequences: list[int] = []
    places: list[int] = []
    for s, pack in enumerate(packs):
        prompt = list(rows[pack[0]].prompt)
        at = len(prompt)
        ids[s, :at], positions[s, :at], part[s, :at] = torch.tensor(prompt), torch.arange(at), 0
        for number, i in enumerate(pack, 1):
            completion = list(rows[i].completion)
            end = at + len(completion) - 1
            ids[s, at:end] = torch.tensor(completion[:-1], dtype=torch.long)
            positions[s, at:end] = torch.arange(len(prompt), len(prompt) + end - at)
            part[s, at:end] = number
            targets += completion
            sequences += [s] * len(completion)
            places += [len(prompt) - 1, *range(at, end)]
            at = end
    mask = None
    if shared and any(len(pack) > 1 for pack in packs):
        seen, by = part[:, None, :], part[:, :, None]
        mask = (((seen == 0) | (seen == by)) & torch.ones(shape[1], shape[1], dtype=torch.bool).tril())[:, None]
        mask = mask.to(device)
    flat = torch.tensor([targets, sequences, places], device=device)
    order = tuple(i for pack in packs for i in pack)
    return Batch(order, ids.to(device), flat[0], flat[1], flat[2], positions.to(device), mask)


def logprobs(net: Any, batch: Batch, temperature: float = 1.0) -> Tensor:
    """Log-probabilities of every token of the vocabulary at the batch's places, [N, V], at a temperature.

    Only these places get logits where the network has `hidden` and `logits` apart, as `Transformer` does.
    """
    if isinstance(net, Transformer):
        logits = net.logits(_hidden(net, batch)[batch.sequences, batch.places])
    elif hasattr(net, "hidden") and hasattr(net, "logits"):
        logits = net.logits(net.hidden(batch.ids)[batch.sequences, batch.places])
    else:
        logits = net(batch.ids)[batch.sequences, batch.places]
    given: Tensor = logits.float() / temperature
    return given.log_softmax(-1)


def of_targets(logprobs: Tensor, batch: Batch) -> Tensor:
    """The log-probabilities of the tokens that the completions have, [N], of those of all tokens, [N, V]."""
    return logprobs.gather(-1, batch.targets[:, None])[:, 0]


def entropy(logprobs: Tensor) -> Tensor:
    """Entropy in nats of each row of log-probabilities, [N, V] to [N]."""
    return -(logprobs.exp() * logprobs).sum(-1)


def _hidden(net: Transformer, batch: Batch) -> Tensor:
    """`net.hidden` for sequences in which completions share a prompt."""
    if batch.mask is None:
        return net.hidden(batch.ids)
    x = net.embed(batch.ids)
    cos, sin = net.cos[batch.positions][:, None], net.sin[batch.positions][:, None]
    for layer in net.layers:
        q, k, v = layer.project(x, cos, sin)  # type: ignore[operator]
        x = layer.finish(x, F.scaled_dot_product_attention(q, k, v, attn_mask=batch.mask))  # type: ignore[operator]
    normed: Tensor = net.norm(x)
    return normed
