"""The batched sampler of our transformers: one prefill serves all nested prefixes, freed rows are refilled (ours).

The rows that continue one text, whatever prefix of it, stand in lanes: the text's keys and values are there once for
all rows of a lane, which attend to them in one matrix product; each row has a cache of its own for the new tokens only.

Every row has its own stream of random numbers, a hash of (seed, prompt, copy, position): what is drawn does not depend
on what else is in the batch, but for the rounding of matrix products.
"""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor

from talkoot.learning.transformer import Cache, Transformer

PREFILLED = 8192
"""At most so many tokens, padding included, go through the network in one prefill (a longer text goes alone)."""

BLOCK = 16
"""Rows see their own tokens in blocks of so many, what is ahead masked: torch's product of tiny matrices is slow."""


def stream(seed: int, prompt: Sequence[int], copy: int) -> int:
    """The key of one row's stream of random numbers, a signed 64-bit integer."""
    return _stream(seed, ",".join(map(str, prompt)), copy)


def _stream(seed: int, prompt: str, copy: int) -> int:
    digest = hashlib.blake2b(f"{seed}/{copy}/{prompt}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


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
class Row:
    """What one row continues: copy `copy` of prompt `prompt`, whose `length` tokens begin the text `text`."""

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

    A row also ends where its text fills the context of `net`. `rows` bounds how many are under way at once (memory).
    Prompts must have 1 to `net.shape.context - 1` tokens.
    """
    out: list[list[list[int]]] = [[[] for _ in range(count)] for count in n]
    texts, todo = plan(prompts, n)
    if todo and max_tokens > 0:
        with torch.inference_mode():
            run = _Run(net, prompts, seeds, texts, todo, max_tokens, stops, temperature, rows)
            for row, ids in run.finished():
                out[row.prompt][row.copy] = ids
    return out


def plan(prompts: Sequence[Sequence[int]], n: Sequence[int]) -> tuple[list[list[int]], list[Row]]:
    """The texts that no other prompt begins with, and all rows, in the order of their texts, shortest prefix first."""
    order = sorted(range(len(prompts)), key=lambda i: list(prompts[i]))
    texts: list[list[int]] = []
    rows: list[Row] = []
    for place, i in enumerate(order):
        ids = list(prompts[i])
        following = list(prompts[order[place + 1]]) if place + 1 < len(order) else []
        # In sorted order the prompts that begin with this one follow at once; its text is the last of the chain.
        rows += [Row(i, copy, len(texts), len(ids)) for copy in range(n[i])]
        if following[: len(ids)] != ids:
            texts.append(ids)
    return texts, rows


def lane_width(counts: Sequence[int], rows: int) -> int:
    """Rows in a lane, a power of two, for texts with `counts` rows each: as many as leave few of a lane empty."""
    width = 32
    while width > 1 and (width > rows or 4 * sum(-(-count // width) * width for count in counts) > 5 * sum(counts)):
        width //= 2
    return width


@dataclass(frozen=True, eq=False)
class _Filled:
    """What one prefill gave for some texts: logits [texts, positions, V] and keys and values."""

    logits: Tensor
    cache: Cache


class _Run:
    """One call's batch. State is kept by slot: lane times `copies` plus the row's place in its lane."""

    def __init__(
        self,
        net: Transformer,
        prompts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        texts: list[list[int]],
        todo: list[Row],
        max_tokens: int,
        stops: frozenset[int],
        temperature: float,
        rows: int,
    ) -> None:
        self.net, self.texts, self.seeds, self.temperature = net, texts, seeds, temperature
        self.device, context = net.embed.weight.device, net.shape.context
        self.written = [",".join(map(str, prompt)) for prompt in prompts]
        self.waiting: list[deque[Row]] = [deque() for _ in texts]
        for row in todo:
            self.waiting[row.text].append(row)
        # Longest first: texts of like length stand side by side, and lanes are padded to the longest.
        self.fresh = deque(sorted((i for i, some in enumerate(self.waiting) if some), key=lambda i: -len(texts[i])))
        self.begun: set[int] = set()  # texts that are in lanes and still have rows waiting
        self.filled: dict[int, tuple[_Filled, int]] = {}  # the prefills of these, with the place there
        counts = [len(self.waiting[i]) for i in self.fresh]
        self.copies = lane_width(counts, rows)
        self.used = min(max(rows // self.copies, 1), sum(-(-count // self.copies) for count in counts))
        self.text_of = [-1] * self.used
        self.free = [list(range(self.copies))[::-1] for _ in range(self.used)]  # places in each lane
        self.row_of: dict[int, Row] = {}
        self.freed = 0
        most = min(max_tokens, context - min(row.length for row in todo))
        self.lanes = net.lanes(self.used, self.copies, len(texts[self.fresh[0]]), -(-most // BLOCK) * BLOCK)
        slots = torch.zeros(self.used * self.copies, dtype=torch.long, device=self.device)
        self.began, self.keys, self.last, self.count = slots.clone(), slots.clone(), slots.clone(), slots + 1
        self.limit = slots + max_tokens
        self.max_tokens, self.context = max_tokens, context
        self.out = torch.zeros((len(slots), most), dtype=torch.long, device=self.device)
        self.going = torch.zeros(len(slots), dtype=torch.bool, device=self.device)
        self.is_stop = torch.zeros(net.shape.vocabulary, dtype=torch.bool, device=self.device)
        self.is_stop[sorted(stops)] = True
        self.active = slots[:0]
        self.seen, self.text_mask = 0, torch.zeros(0)

    def finished(self) -> Iterator[tuple[Row, list[int]]]:
        """Draw all rows; each is given with its tokens when it has ended."""
        while self.fresh or self.begun or len(self.active):
            if not len(self.active) or self.freed > len(self.going) // 16:
                if self.fresh or self.begun:
                    yield from self._begin()
                else:
                    self._close_ranks()
                self.freed = 0
                self._look()
            if len(self.active):
                yield from self._step()

    def _begin(self) -> list[tuple[Row, list[int]]]:
        """Put waiting rows into free slots and draw their first tokens; gives those that end with it."""
        loads: list[tuple[int, int]] = []
        rows: dict[int, Row] = {}
        for lane in range(self.used):
            free, text = self.free[lane], self.text_of[lane]
            if len(free) == self.copies and text not in self.begun:
                if self.fresh:
                    text = self.fresh.popleft()
                    self.begun.add(text)
                elif self.begun:
                    text = max(self.begun, key=lambda text: (len(self.waiting[text]), text))
                else:
                    continue
                self.text_of[lane] = text
                loads.append((lane, text))
            while free and text in self.begun:
                rows[lane * self.copies + free.pop()] = self.waiting[text].popleft()
                if not self.waiting[text]:
                    self.begun.remove(text)
        if not rows:  # the free places are all in lanes whose texts have none waiting
            return []
        self._load(loads)
        heads = []
        for row in rows.values():
            filled, place = self.filled[row.text]
            heads.append(filled.logits[place, row.length - 1])
        self.filled = {text: found for text, found in self.filled.items() if text in self.begun}
        self.row_of |= rows
        slots = self._tensor(list(rows))
        self.began[slots] = self._tensor([row.length for row in rows.values()])
        self.keys[slots] = self._tensor(
            [_stream(self.seeds[row.prompt], self.written[row.prompt], row.copy) for row in rows.values()]
        )
        self.limit[slots] = (self.context - self.began[slots]).clamp(max=self.max_tokens)
        self.count[slots] = 0
        return self._take(slots, choose(torch.stack(heads), self.temperature, self.keys[slots], self.count[slots]))

    def _load(self, loads: list[tuple[int, int]]) -> None:
        """Give lanes the caches of their texts; texts that have none yet go through the network, longest first."""
        missing = [text for text in dict.fromkeys(text for _, text in loads) if text not in self.filled]
        while missing:
            longest = len(self.texts[missing[0]])
            some, missing = missing[: max(PREFILLED // longest, 1)], missing[max(PREFILLED // longest, 1) :]
            ids = [self.texts[text] + [0] * (longest - len(self.texts[text])) for text in some]
            filled = _Filled(*self.net.prefill(self._tensor(ids)))
            self.filled |= {text: (filled, place) for place, text in enumerate(some)}
        together: dict[_Filled, list[tuple[int, int]]] = {}
        for lane, text in loads:
            filled, place = self.filled[text]
            together.setdefault(filled, []).append((lane, place))
        for filled, pairs in together.items():
            to, origin = self._tensor(pairs).unbind(-1)
            for whole, new in zip(self.lanes.texts, filled.cache, strict=True):
                for into, of in zip(whole, new, strict=True):
                    into[to, :, : of.shape[2]] = of[origin]

    def _step(self) -> list[tuple[Row, list[int]]]:
        """One token more for every row under way; gives those that end with it."""
        slots, used = self.active, self.used * self.copies
        count = self.count[slots]
        # `count` tokens are drawn, the last of them is yet to go through the network.
        tokens = -(-int(count.max()) // BLOCK) * BLOCK
        own = torch.arange(tokens, device=self.device) >= self.count[:used, None]
        own_mask = self.text_mask.new_zeros(own.shape).masked_fill_(own, -math.inf)
        mask = torch.cat([self.text_mask, own_mask.view(self.used, self.copies, tokens)], -1)
        at = self.began[slots] + count - 1
        logits = self.net.step(self.last[slots], slots, at, count - 1, self.lanes, self.seen, mask)
        return self._take(slots, choose(logits, self.temperature, self.keys[slots], count))

    def _take(self, slots: Tensor, tokens: Tensor) -> list[tuple[Row, list[int]]]:
        """Note the tokens just drawn for these slots; free the slots of rows that end with them, which are given."""
        count = self.count[slots]
        self.out[slots, count] = tokens
        self.last[slots], self.count[slots] = tokens, count + 1
        ended = self.is_stop[tokens] | (count + 1 >= self.limit[slots])
        self.going[slots] = ~ended
        self.active = self.going.nonzero()[:, 0]
        done = slots[ended]
        given = []
        for slot, length, ids in zip(done.tolist(), self.count[done].tolist(), self.out[done].tolist(), strict=True):
            given.append((self.row_of.pop(slot), ids[:length]))
            self.free[slot // self.copies].append(slot % self.copies)
        self.freed += len(given)
        return given

    def _look(self) -> None:
        """What the slots see of the texts of their lanes: `seen` positions at most, `text_mask` where not."""
        if len(self.active):
            began = self.began[: self.used * self.copies]
            self.seen = int(self.began[self.active].max())
            hidden = torch.arange(self.seen, device=self.device) >= began[:, None]
            mask = torch.zeros(hidden.shape, dtype=self.lanes.texts[0][0].dtype, device=self.device)
            self.text_mask = mask.masked_fill_(hidden, -math.inf).view(self.used, self.copies, self.seen)

    def _close_ranks(self) -> None:
        """Nothing waits any more: move lanes from the end into empty ones, so that fewer lanes are attended to."""
        busy = [lane for lane in range(self.used) if len(self.free[lane]) < self.copies]
        if 4 * len(busy) > 3 * self.used:
            return
        movers = [lane for lane in busy if lane >= len(busy)]
        gaps = [lane for lane in range(len(busy)) if len(self.free[lane]) == self.copies]
        self.used = len(busy)
        if not movers:
            return
        to, origin = self._tensor(gaps), self._tensor(movers)
        for cache, dim, length in ((self.lanes.texts, 2, self.seen), (self.lanes.own, 3, int(self.count.max()))):
            for whole in chain.from_iterable(cache):
                used = whole.narrow(dim, 0, length)
                used[to] = used[origin]
        for column in (self.began, self.keys, self.last, self.count, self.limit, self.out, self.going):
            by_lane = column.view(-1, self.copies, *column.shape[1:])
            by_lane[to] = by_lane[origin]
        self.going[self.used * self.copies :] = False
        self.active = self.going.nonzero()[:, 0]
        for gap, mover in zip(gaps, movers, strict=True):
            self.free[gap] = self.free[mover]
            for copy in range(self.copies):
                if row := self.row_of.pop(mover * self.copies + copy, None):
                    self.row_of[gap * self.copies + copy] = row

    def _tensor(self, numbers: Sequence[int] | Sequence[Sequence[int]]) -> Tensor:
        return torch.tensor(numbers, dtype=torch.long, device=self.device)
