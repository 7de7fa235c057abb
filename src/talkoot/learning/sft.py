"""Supervised fine-tuning, and training from scratch: next-token prediction on completions, prompts masked.

Muon for the hidden matrices and AdamW for the rest is what learned the embedded task in minutes (reference, 7.1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.learning.causal import Causal
from talkoot.learning.checkpoint import identity, load_checkpoint, save_checkpoint
from talkoot.learning.sampler import uniform

FILE = "sft.pt"
"""The checkpoint in a run's folder."""

Example = tuple[str, ...]
"""Texts that are read and learnt in turn: usually a prompt, which is read, and its completion, which is learnt."""

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
    folder: Path | None = None,
    every: int = 100,
) -> list[SftStep]:
    """Train in place. `on_step` may return True to stop. Returns what every update did.

    With `folder`, the state is kept there about every `every` steps and at the end, and a later call goes on from it to
    the very same weights; raises BadInput if the folder belongs to a run with other settings.
    """
    net = causal.net.train()
    optimisers = _optimisers(net, settings)
    log: list[SftStep] = []
    waiting = list[Row]()
    run = identity(asdict(settings), seed, examples if isinstance(examples, list) else "stream")
    if folder is not None and (state := load_checkpoint(folder / FILE, run, causal.device)) is not None:
        net.load_state_dict(state["net"])
        for (optimiser, _), kept in zip(optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        log = [SftStep(*one) for one in state["log"]]

    def keep() -> None:
        if folder is not None:
            states = [optimiser.state_dict() for optimiser, _ in optimisers]
            told = [(one.step, one.loss, one.tokens) for one in log]
            save_checkpoint(folder / FILE, run, {"net": net.state_dict(), "optimisers": states, "log": told})

    for step in range(len(log), settings.steps):
        if log and not waiting and len(log) % (every - every % 4 or 4) == 0:
            keep()
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
        log.append(SftStep(step + 1, loss.item(), (log[-1].tokens if log else 0) + int(learnt.sum())))
        if on_step(log[-1]):
            break
    keep()
    net.eval()
    return log


Row = tuple[list[int], list[bool]]
"""The ids of an example, and which of them are learnt."""


def batch(rows: Sequence[Row], pad: int) -> tuple[Tensor, Tensor]:
    """Ids [B, T] and the mask [B, T - 1] of the predictions that are learnt. The first token of a text never is."""
    longest = max(len(ids) for ids, _ in rows)
    out = torch.full((len(rows), longest), pad, dtype=torch.long)
    learnt = torch.zeros((len(rows), longest - 1), dtype=torch.bool)
    for i, (ids, marks) in enumerate(rows):
        out[i, : len(ids)] = torch.tensor(ids)
        learnt[i, : len(ids) - 1] = torch.tensor(marks[1:])
    return out, learnt


def _sorted(causal: Causal, examples: Examples, settings: SftSettings, seed: int, step: int) -> list[Row]:
    first, count = step * settings.batch, 4 * settings.batch
    rows = []
    for number in range(first, first + count):
        parts = examples(number) if callable(examples) else examples[_pick(number, len(examples), seed)]
        rows.append(_row(causal, parts, settings.end_token))
    rows.sort(key=lambda row: len(row[0]))
    order = torch.randperm(4, generator=torch.Generator().manual_seed(seed * 1_000_003 + step)).tolist()
    return [row for block in order for row in rows[block * settings.batch : (block + 1) * settings.batch]]


def _row(causal: Causal, parts: Example, end_token: bool) -> Row:
    ids: list[int] = []
    marks: list[bool] = []
    for place, part in enumerate(parts):
        some = causal.tokenizer.encode(part)
        ids += some
        marks += [place % 2 == 1] * len(some)
    if end_token and len(parts) % 2 == 0:
        ids.append(causal.tokenizer.eos)
        marks.append(True)
    return ids, marks


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
