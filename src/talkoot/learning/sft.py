"""Supervised fine-tuning, and training from scratch: next-token prediction on completions, prompts masked.

Muon for the hidden matrices and AdamW for the rest is what learned the embedded task in minutes (reference, 7.1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.learning.causal import Causal
from talkoot.learning.sampler import uniform

Example = tuple[str, str]
"""A prompt, which is read, and its completion, which is learnt."""

Examples = Sequence[Example] | Callable[[int], Example]
"""A list that is gone through in seeded order, epoch by epoch; or a function of the example's number, for no end."""


@dataclass(frozen=True)
class SftSettings:
    """`steps` updates on `batch` examples each; the rate warms up over `warmup` steps and falls to 3 % by a cosine."""

    steps: int
    batch: int = 32
    lr: float = 3e-3
    muon_lr: float = 0.02
    optimiser: Literal["muon", "adamw"] = "muon"
    weight_decay: float = 0.01
    warmup: int = 60
    clip: float = 1.0
    end_token: bool = True


@dataclass(frozen=True)
class SftStep:
    """What one update did. `tokens` counts the tokens learnt so far."""

    step: int
    loss: float
    tokens: int


def fit(
    causal: Causal,
    examples: Examples,
    settings: SftSettings,
    *,
    seed: int = 0,
    on_step: Callable[[SftStep], bool | None] = lambda step: None,
) -> list[SftStep]:
    """Train in place. `on_step` may return True to stop. Returns what every update did."""
    net = causal.net.train()
    optimisers = _optimisers(net, settings)
    log: list[SftStep] = []
    tokens, waiting = 0, list[tuple[list[int], int]]()
    for step in range(settings.steps):
        if not waiting:  # four batches at a time, sorted by length, so that little is padding
            waiting = _sorted(causal, examples, settings, seed, step)
        rows, waiting = waiting[: settings.batch], waiting[settings.batch :]
        ids, learnt = batch(rows, causal.tokenizer.pad)
        ids, learnt = ids.to(causal.device), learnt.to(causal.device)
        loss = F.cross_entropy(net(ids[:, :-1])[learnt], ids[:, 1:][learnt])
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), settings.clip)
        share = _rate(step, settings)
        for optimiser, full in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = full * share
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        tokens += int(learnt.sum())
        log.append(SftStep(step + 1, loss.item(), tokens))
        if on_step(log[-1]):
            break
    net.eval()
    return log


def batch(rows: Sequence[tuple[list[int], int]], pad: int) -> tuple[Tensor, Tensor]:
    """Ids [B, T] of (ids, length of the prompt) and the mask [B, T - 1] of the predictions that are learnt."""
    longest = max(len(ids) for ids, _ in rows)
    out = torch.full((len(rows), longest), pad, dtype=torch.long)
    learnt = torch.zeros((len(rows), longest - 1), dtype=torch.bool)
    for i, (ids, prompt) in enumerate(rows):
        out[i, : len(ids)] = torch.tensor(ids)
        learnt[i, max(prompt - 1, 0) : len(ids) - 1] = True
    return out, learnt


def _sorted(
    causal: Causal, examples: Examples, settings: SftSettings, seed: int, step: int
) -> list[tuple[list[int], int]]:
    tokenizer = causal.tokenizer
    first, count = step * settings.batch, 4 * settings.batch
    rows = []
    for number in range(first, first + count):
        prompt, completion = examples(number) if callable(examples) else examples[_pick(number, len(examples), seed)]
        start = tokenizer.encode(prompt)
        end = [tokenizer.eos] if settings.end_token else []
        rows.append(([*start, *tokenizer.encode(completion), *end], len(start)))
    rows.sort(key=lambda row: len(row[0]))
    order = torch.randperm(4, generator=torch.Generator().manual_seed(seed * 1_000_003 + step)).tolist()
    return [row for block in order for row in rows[block * settings.batch : (block + 1) * settings.batch]]


def _pick(number: int, size: int, seed: int) -> int:
    """The example at place `number` of a walk through all of them, shuffled anew in every epoch."""
    epoch, place = divmod(number, size)
    return int(_shuffled(size, seed * 7919 + epoch)[place])


_orders: dict[tuple[int, int], Tensor] = {}


def _shuffled(size: int, key: int) -> Tensor:
    if (size, key) not in _orders:
        _orders.clear()
        keys = torch.full((size,), key, dtype=torch.long)
        _orders[size, key] = uniform(keys, torch.arange(size)).argsort()
    return _orders[size, key]


def _optimisers(net: nn.Module, settings: SftSettings) -> list[tuple[torch.optim.Optimizer, float]]:
    """Optimisers with their full rates. Muon orthogonalises matrices; embeddings, norms and heads go to AdamW."""
    matrices = [p for name, p in net.named_parameters() if p.dim() == 2 and "embed" not in name and "head" not in name]
    if settings.optimiser == "adamw":
        matrices = []
    taken = {id(p) for p in matrices}
    rest = [p for p in net.parameters() if id(p) not in taken]
    adam = torch.optim.AdamW(rest, lr=settings.lr, betas=(0.9, 0.98), weight_decay=settings.weight_decay)
    found: list[tuple[torch.optim.Optimizer, float]] = [(adam, settings.lr)]
    if matrices:
        muon = torch.optim.Muon(matrices, lr=settings.muon_lr, momentum=0.95, weight_decay=settings.weight_decay)
        found.append((muon, settings.muon_lr))
    return found


def _rate(step: int, settings: SftSettings) -> float:
    if step < settings.warmup:
        return (step + 1) / settings.warmup
    done = (step - settings.warmup) / max(settings.steps - settings.warmup, 1)
    return 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * done))
