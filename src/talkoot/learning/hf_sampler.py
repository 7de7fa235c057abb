"""The batched sampler of Hugging Face's causal models: one prefill serves all nested prefixes, freed rows are refilled.

A text that no other prompt continues goes through the network once; the cache of every prompt is a slice of it, exact
for causal attention, and each of the `n` copies gets its own (reference 4.3, 4.4). Rows are aligned at their right end,
as in transformers' `generate`: a mask hides what stands before them, position ids count from their own first token.
The last token of a prompt is fed as the first step, so that a prefill needs no logits. Draws: as in `sampler` (ours).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache, DynamicLayer

from talkoot.errors import ModelFailed
from talkoot.learning.sampler import Row, choose, plan, stream

PREFILLED = 8192
"""At most so many tokens, padding included, go through the network in one prefill (a longer text goes alone)."""

BLOCK = 64
"""Steps for which a cache has room before it is laid out anew."""

Slice = list[tuple[Tensor, Tensor] | None]
"""Keys and values of a text, [heads, tokens, width] for each layer; None where a layer borrows those of another."""


class _Room(DynamicLayer):  # type: ignore[no-untyped-call]
    """A layer's cache with room for more tokens, so that a step writes one column and copies nothing."""

    def __init__(self, keys: Tensor, values: Tensor, used: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.whole_keys, self.whole_values, self.used = keys, values, used
        self.dtype, self.device, self.is_initialized = keys.dtype, keys.device, True
        self._show()

    def _show(self) -> tuple[Tensor, Tensor]:
        shown = self.whole_keys[:, :, : self.used], self.whole_values[:, :, : self.used]
        self.keys, self.values = shown
        return shown

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Append the keys and values of new tokens, each [rows, heads, tokens, width]; gives all so far."""
        end = self.used + key_states.shape[-2]
        self.whole_keys[:, :, self.used : end] = key_states
        self.whole_values[:, :, self.used : end] = value_states
        self.used = end
        return self._show()


def takes(model: Any, name: str) -> bool:
    """Whether the model's `forward` has this parameter."""
    return name in inspect.signature(model.forward).parameters


def prefill(model: Any, texts: Sequence[Sequence[int]]) -> list[Slice]:
    """The caches of whole texts, computed in one batch. Raises ModelFailed for models that keep no such cache."""
    length = max(map(len, texts))
    device = model.device
    ids = torch.zeros((len(texts), length), dtype=torch.long, device=device)
    mask = torch.zeros_like(ids)
    for place, text in enumerate(texts):
        ids[place, : len(text)] = torch.tensor(text, device=device)
        mask[place, : len(text)] = 1
    cache: Any = DynamicCache()  # without the model's config every layer keeps all it saw, sliding windows too
    body = model.base_model  # what comes before the logits, which nobody needs here
    where = (
        {"position_ids": torch.arange(length, device=device).expand(len(texts), -1)}
        if takes(body, "position_ids")
        else {}
    )
    # transformers has no one name for "a state instead of a cache": what is not filled shows it, or what is missing.
    try:
        body(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True, **where)
        kept = [layer.is_initialized for layer in cache.layers]
        whole = any(kept) and all(
            layer.keys.dim() == 4 and layer.keys.shape[2] == length
            for layer, is_kept in zip(cache.layers, kept, strict=True)
            if is_kept
        )
    except (AttributeError, NotImplementedError):
        whole = False
    if not whole:
        raise ModelFailed(
            f"a model of type {model.config.model_type!r} keeps no cache of keys and values that can be cut at "
            "a prefix; serve it with vLLM or the like and name it NAME@URL"
        )
    return [
        [
            (layer.keys[place, :, : len(text)], layer.values[place, :, : len(text)]) if is_kept else None
            for layer, is_kept in zip(cache.layers, kept, strict=True)
        ]
        for place, text in enumerate(texts)
    ]


def draw(
    model: Any,
    prompts: Sequence[Sequence[int]],
    n: Sequence[int],
    seeds: Sequence[int],
    *,
    max_tokens: int,
    ends: frozenset[int],
    stopped: Callable[[Sequence[int], Sequence[int]], bool] | None = None,
    temperature: float = 1.0,
    rows: int = 64,
    context: int | None = None,
) -> list[list[list[int]]]:
    """`n[i]` continuations of each prompt: token ids up to and with the first of `ends`, at most `max_tokens`.

    `stopped(prompt, ids)`, asked after every token, ends a row as well. `rows` bounds how many are under way at once
    (memory), `context` the tokens of a prompt with its continuation. Prompts must not be empty.
    """
    out: list[list[list[int]]] = [[[] for _ in range(count)] for count in n]
    texts, todo = plan(prompts, n)
    run = _Run(model, prompts, seeds, texts, max_tokens, ends, stopped, temperature, rows, context)
    with torch.inference_mode():
        for row, ids in run.finished(todo):
            out[row.prompt][row.copy] = ids
    return out


class _Run:
    """One call's batch. Its rows are those of `under_way`, in that order, in all lists and tensors."""

    def __init__(
        self,
        model: Any,
        prompts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        texts: list[list[int]],
        max_tokens: int,
        ends: frozenset[int],
        stopped: Callable[[Sequence[int], Sequence[int]], bool] | None,
        temperature: float,
        capacity: int,
        context: int | None,
    ) -> None:
        self.model, self.prompts, self.seeds, self.texts = model, prompts, seeds, texts
        self.max_tokens, self.ends, self.stopped, self.temperature = max_tokens, ends, stopped, temperature
        self.capacity, self.context = capacity, context
        self.device = model.device
        self.positioned = takes(model, "position_ids")
        self.filled: dict[int, Slice] = {}
        self.under_way: list[Row] = []
        self.drawn: list[list[int]] = []
        self.done: list[bool] = []
        self.cache: Any = DynamicCache()
        self.used = self.size = 0  # columns of the cache: written, and there at all
        self.mask = self.last = self.lengths = self.written = self.keys = torch.zeros(0, dtype=torch.long)

    def finished(self, todo: list[Row]) -> Iterator[tuple[Row, list[int]]]:
        """Draw all rows; each is given with its tokens when it has ended."""
        at = 0
        while at < len(todo) or not all(self.done):
            free = self.capacity - self.done.count(False)
            self._lay_out(todo[at : at + free])
            at += free
            for text in [text for text in self.filled if at >= len(todo) or text < todo[at].text]:
                del self.filled[text]  # rows come in the order of their texts
            while self.used < self.size and 4 * self.done.count(True) <= len(self.done) and not all(self.done):
                self._step()
            for row, ids, done in zip(self.under_way, self.drawn, self.done, strict=True):
                if done:
                    yield row, ids

    def _lay_out(self, coming: Sequence[Row]) -> None:
        """A new cache for the rows that go on and those that begin, as narrow as the longest of them allows."""
        for offset, row in enumerate(coming):
            if row.text not in self.filled:
                self._prefill([row.text for row in coming[offset:]])
        going = [place for place, done in enumerate(self.done) if not done]
        stay = torch.tensor(going, dtype=torch.long, device=self.device)
        began = [row.length - 1 for row in coming]  # the last token of a prompt is yet to be fed
        lengths = [self.under_way[place].length - 1 + len(self.drawn[place]) for place in going]
        longest = max(lengths, default=0)
        width = max([longest, *began])
        layers: list[Any] = []
        for number, old in enumerate(self.cache.layers if going else self.filled[coming[0].text]):
            part = old.whole_keys if isinstance(old, _Room) else old[0][None] if isinstance(old, tuple) else None
            other = old.whole_values if isinstance(old, _Room) else old[1][None] if isinstance(old, tuple) else None
            if part is None or other is None:
                layers.append(DynamicLayer())  # type: ignore[no-untyped-call]
                continue
            left = self.max_tokens - min([len(self.drawn[place]) for place in going] if not coming else [0])
            self.size = width + min(BLOCK, left)
            pair = []
            for which, sample in enumerate((part, other)):
                new = sample.new_zeros((len(going) + len(coming), sample.shape[1], self.size, sample.shape[3]))
                if going and longest:
                    new[: len(going), :, width - longest : width] = sample[stay, :, self.used - longest : self.used]
                for first, end in _alike(coming):
                    keep, row = slice(len(going) + first, len(going) + end), coming[first]
                    piece = self.filled[row.text][number]
                    assert piece is not None
                    new[keep, :, width - row.length + 1 : width] = piece[which][:, : row.length - 1]
                pair.append(new)
            layers.append(_Room(pair[0], pair[1], width))
            if going:
                self.cache.layers[number] = None  # one layer at a time: the old and the new cache are never both whole
        self.cache = DynamicCache()
        self.cache.layers = layers
        self.used = width
        self._note(going, stay, coming, [*lengths, *began], width)

    def _note(self, going: list[int], stay: Tensor, coming: Sequence[Row], lengths: list[int], width: int) -> None:
        """Everything about the rows but their cache."""
        prompts = [self.prompts[row.prompt] for row in coming]
        keys = [stream(self.seeds[row.prompt], p, row.copy) for row, p in zip(coming, prompts, strict=True)]

        def joined(old: Tensor, new: list[int]) -> Tensor:
            fresh = torch.tensor(new, dtype=torch.long, device=self.device)
            return torch.cat([old[stay], fresh]) if going else fresh

        self.last = joined(self.last, [prompt[-1] for prompt in prompts])
        self.keys = joined(self.keys, keys)
        self.written = joined(self.written, [0] * len(coming))
        self.lengths = torch.tensor(lengths, dtype=torch.long, device=self.device)
        self.mask = (torch.arange(self.size, device=self.device) >= width - self.lengths[:, None]).long()
        self.under_way = [self.under_way[place] for place in going] + list(coming)
        self.drawn = [self.drawn[place] for place in going] + [[] for _ in coming]
        self.done = [False] * len(self.under_way)

    def _prefill(self, wanted: Sequence[int]) -> None:
        """The caches of the next texts, as many at once as PREFILLED allows."""
        some: list[int] = []
        longest = 0
        for text in dict.fromkeys(wanted):
            longest = max(longest, len(self.texts[text]))
            if some and longest * (len(some) + 1) > PREFILLED:
                break
            some.append(text)
        self.filled |= dict(zip(some, prefill(self.model, [self.texts[text] for text in some]), strict=True))

    def _step(self) -> None:
        """One token more for every row; what ended rows get is thrown away."""
        where = {"position_ids": self.lengths[:, None]} if self.positioned else {}
        logits = self.model(
            input_ids=self.last[:, None],
            attention_mask=self.mask[:, : self.used + 1],
            past_key_values=self.cache,
            use_cache=True,
            **where,
        ).logits[:, -1]
        self.last = choose(logits, self.temperature, self.keys, self.written)
        self.lengths += 1
        self.written += 1
        self.used += 1
        for place, token in enumerate(self.last.tolist()):
            if self.done[place]:
                continue
            row, ids = self.under_way[place], self.drawn[place]
            ids.append(token)
            self.done[place] = (
                token in self.ends
                or len(ids) >= self.max_tokens
                or (self.context is not None and row.length + len(ids) >= self.context)
                or (self.stopped is not None and self.stopped(self.prompts[row.prompt], ids))
            )


def _alike(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """The stretches of rows that continue the same prompt, as places (first, end)."""
    first = 0
    for place in range(1, len(rows) + 1):
        if place == len(rows) or rows[place].prompt != rows[first].prompt:
            yield first, place
            first = place
