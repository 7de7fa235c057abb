"""The batched sampler of our transformers: one prefill serves all nested prefixes, freed rows are refilled (ours).

Every row has its own stream of random numbers, a hash of (seed, prompt, copy, position): what is drawn does not depend
on what else is in the batch, but for the rounding of matrix products.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from torch import Tensor

from talkoot.learning.transformer import Cache, Transformer


def stream(seed: int, prompt: Sequence[int], copy: int) -> int:
    """The key of one row's stream of random numbers, a signed 64-bit integer."""
    text = f"{seed}/{copy}/{','.join(map(str, prompt))}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little", signed=True)


def uniform(keys: Tensor, positions: Tensor) -> Tensor:
    """Numbers in [0, 1), one for each (key, position): splitmix64's finaliser on signed 64-bit integers."""
    x = keys + positions * -7046029254386353131
    x = (x ^ ((x >> 30) & 0x3FFFFFFFF)) * -4658895280553007687
    x = (x ^ ((x >> 27) & 0x1FFFFFFFFF)) * -7723592293110705685
    x = x ^ ((x >> 31) & 0x1FFFFFFFF)
    return ((x >> 11) & 0x1FFFFFFFFFFFFF).double() / 2**53


def choose(logits: Tensor, temperature: float, keys: Tensor, positions: Tensor) -> Tensor:
    """A token for each row of logits [R, V]: the likeliest at temperature 0, else drawn from the row's own stream."""
    if temperature <= 0:
        return logits.argmax(-1)
    cumulative = (logits.double() / temperature).softmax(-1).cumsum(-1)
    drawn = uniform(keys, positions)[:, None] * cumulative[:, -1:]
    return (cumulative <= drawn).sum(-1).clamp_(max=logits.shape[-1] - 1)


@dataclass(frozen=True)
class _Row:
    """What one row continues: copy `copy` of prompt `prompt`, whose tokens begin the text `text`."""

    prompt: int
    copy: int
    text: int
    length: int


def draw(
    net: Transformer,
    prompts: Sequence[Sequence[int]],
    n: Sequence[int],
    seeds: Sequence[int],
    *,
    max_tokens: int,
    stops: frozenset[int],
    temperature: float = 1.0,
    rows: int = 512,
) -> list[list[list[int]]]:
    """`n[i]` continuations of each prompt: token ids up to and with the first of `stops`, at most `max_tokens`.

    `rows` bounds how many are under way at once (memory). Prompts must not be empty.
    """
    out: list[list[list[int]]] = [[[] for _ in range(count)] for count in n]
    texts, rows_to_do = _plan(prompts, n)
    with torch.inference_mode():
        run = _Run(net, prompts, seeds, texts, max_tokens, stops, temperature, min(rows, max(len(rows_to_do), 1)))
        for row, ids in run.finished(rows_to_do):
            out[row.prompt][row.copy] = ids
    return out


def _plan(prompts: Sequence[Sequence[int]], n: Sequence[int]) -> tuple[list[list[int]], list[_Row]]:
    """The texts that no other prompt begins with, and all rows, in the order of their texts, shortest prefix first."""
    order = sorted(range(len(prompts)), key=lambda i: list(prompts[i]))
    texts: list[list[int]] = []
    rows: list[_Row] = []
    for place, i in enumerate(order):
        ids = list(prompts[i])
        following = list(prompts[order[place + 1]]) if place + 1 < len(order) else []
        # In sorted order the prompts that begin with this one follow at once; its text is the last of the chain.
        rows += [_Row(i, copy, len(texts), len(ids)) for copy in range(n[i])]
        if following[: len(ids)] != ids:
            texts.append(ids)
    return texts, rows


class _Run:
    """One call's batch: a cache of fixed size whose first `active` rows are under way."""

    def __init__(
        self,
        net: Transformer,
        prompts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        texts: list[list[int]],
        max_tokens: int,
        stops: frozenset[int],
        temperature: float,
        rows: int,
    ) -> None:
        self.net, self.prompts, self.seeds, self.texts = net, prompts, seeds, texts
        self.max_tokens, self.temperature = max_tokens, temperature
        device, shape = net.embed.weight.device, net.shape
        self.size = min(max((len(text) for text in texts), default=1) + max_tokens, shape.context)
        width = shape.width // shape.heads
        empty = (rows, shape.heads, self.size, width)
        self.cache: Cache = [
            (torch.zeros(empty, device=device), torch.zeros(empty, device=device)) for _ in range(shape.layers)
        ]
        self.stops = torch.tensor(sorted(stops), device=device)
        whole = torch.zeros(rows, dtype=torch.long, device=device)
        self.last, self.lengths, self.began, self.keys = whole.clone(), whole.clone(), whole.clone(), whole.clone()
        self.out = torch.zeros((rows, max_tokens), dtype=torch.long, device=device)
        self.done = torch.zeros(rows, dtype=torch.bool, device=device)
        self.under_way: list[_Row] = []
        self.capacity = rows
        self._filled: dict[int, tuple[Tensor, list[tuple[Tensor, Tensor]]]] = {}

    def finished(self, todo: list[_Row]) -> Iterator[tuple[_Row, list[int]]]:
        """Draw all rows; each is given with its tokens when it has ended."""
        at = 0
        while at < len(todo) or self.under_way:
            free = self.capacity - len(self.under_way)
            if at < len(todo) and free:
                coming = todo[at : at + free]
                self._begin(coming, todo, at)
                at += len(coming)
            spare = max(self.capacity // 8, 1) if at < len(todo) else max(len(self.under_way) // 4, 1)
            while int(self.done[: len(self.under_way)].sum()) < spare:
                self._step()
            yield from self._collect()

    def _begin(self, coming: list[_Row], todo: list[_Row], at: int) -> None:
        first = len(self.under_way)
        for offset, row in enumerate(coming):
            if row.text not in self._filled:
                self._prefill(todo[at + offset :])
            self.lengths[first + offset] = row.length
            self.keys[first + offset] = stream(self.seeds[row.prompt], self.prompts[row.prompt], row.copy)
        slot = first
        for (text, length), group in groupby(coming, key=lambda row: (row.text, row.length)):
            end = slot + len(list(group))
            for (keys, values), (k, v) in zip(self.cache, self._filled[text][1], strict=True):
                keys[slot:end, :, :length], values[slot:end, :, :length] = k[:, :length], v[:, :length]
            slot = end
        slots = slice(first, first + len(coming))
        self.began[slots] = self.lengths[slots]
        self.done[slots] = False
        heads = torch.stack([self._filled[row.text][0][row.length - 1] for row in coming])
        self.under_way += coming
        for text in [text for text in self._filled if text < coming[-1].text]:  # rows come in the order of their texts
            del self._filled[text]
        self._take(slots, choose(heads, self.temperature, self.keys[slots], torch.zeros_like(self.lengths[slots])))

    def _prefill(self, coming: list[_Row], most: int = 64) -> None:
        """The caches of the next texts, some at once."""
        wanted = list(dict.fromkeys(row.text for row in coming[: self.capacity]))[:most]
        device = self.last.device
        ids = torch.zeros((len(wanted), max(len(self.texts[i]) for i in wanted)), dtype=torch.long, device=device)
        for place, i in enumerate(wanted):
            ids[place, : len(self.texts[i])] = torch.tensor(self.texts[i], device=device)
        logits, cache = self.net.prefill(ids)
        for place, i in enumerate(wanted):
            self._filled[i] = logits[place], [(k[place], v[place]) for k, v in cache]

    def _take(self, slots: slice, tokens: Tensor) -> None:
        """Write the tokens just drawn; note which rows end with them."""
        written = self.lengths[slots] - self.began[slots]
        going = ~self.done[slots]
        index = torch.arange(slots.start, slots.stop, device=tokens.device)
        self.out[index[going], written[going]] = tokens[going]
        self.last[slots] = tokens
        # A row that stopped keeps its length: what is computed for it until it is collected is thrown away.
        stopped = torch.isin(tokens, self.stops) | (written + 1 >= self.max_tokens)
        stopped |= self.lengths[slots] + 1 >= self.size
        self.lengths[slots] += going.long()
        self.done[slots] |= stopped

    def _step(self) -> None:
        active = len(self.under_way)
        slots = slice(0, active)
        at = (self.lengths[slots] - 1).clamp(max=self.size - 1)
        # `last` of a row stands at position length - 1: its key is not in the cache yet.
        logits = self.net.step(self.last[slots], at, self.cache, int(at.max()) + 1)
        written = self.lengths[slots] - self.began[slots]
        self._take(slots, choose(logits, self.temperature, self.keys[slots], written))

    def _collect(self) -> Iterator[tuple[_Row, list[int]]]:
        """Give the rows that ended, and close the ranks."""
        active = len(self.under_way)
        done = self.done[:active].tolist()
        lengths = (self.lengths[:active] - self.began[:active]).tolist()
        out = self.out[:active].tolist()
        for slot, row in enumerate(self.under_way):
            if done[slot]:
                yield row, out[slot][: lengths[slot]]
        kept = [slot for slot in range(active) if not done[slot]]
        # Move rows from the end into the gaps: the fewest copies of caches.
        gaps = [slot for slot in range(len(kept)) if done[slot]]
        movers = [slot for slot in kept if slot >= len(kept)]
        if gaps:
            to, origin = torch.tensor(gaps, device=self.last.device), torch.tensor(movers, device=self.last.device)
            longest = int(self.lengths[origin].max())
            for keys, values in self.cache:
                keys[to, :, :longest], values[to, :, :longest] = keys[origin, :, :longest], values[origin, :, :longest]
            for column in (self.last, self.lengths, self.began, self.keys, self.out, self.done):
                column[to] = column[origin]
        under_way = self.under_way[: len(kept)]
        for gap, mover in zip(gaps, movers, strict=True):
            under_way[gap] = self.under_way[mover]
        self.under_way = under_way
