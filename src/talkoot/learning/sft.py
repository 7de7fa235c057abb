"""Supervised fine-tuning, and training from scratch: next-token prediction on completions, prompts masked.

Muon for the hidden matrices and AdamW for the rest is what learned the embedded task in minutes (reference, 7.1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.learning.causal import Causal, Tokenizer
from talkoot.learning.checkpoint import identity, load_checkpoint, save_checkpoint
from talkoot.learning.sampler import uniform

FILE = "sft.pt"
"""The checkpoint in a run's folder."""

Example = tuple[str, ...]
"""Texts that are read and learnt in turn: usually a prompt, which is read, and its completion, which is learnt."""

Examples = Sequence[Example] | Callable[[int], Example]
"""A list that is gone through in seeded order, epoch by epoch; or a function of the example's number alone, for no end.
"""

BLOCK = 4
"""So many batches are cut from one block of examples sorted by length, so that little is padding."""


@dataclass(frozen=True)
class SftSettings:
    """`steps` updates on `batch` examples each; the rate warms up over `warmup` steps and falls to 3 % by a cosine."""

    steps: int
    batch: int = 32
    lr: float = 5e-3
    muon_lr: float = 0.02
    optimiser: Literal["muon", "adamw"] = "muon"
    weight_decay: float = 0.01
    warmup: int = 60
    clip: float = 1.0
    end_token: bool = True

    def __post_init__(self) -> None:
        if self.steps < 0 or self.batch < 1 or self.warmup < 0:
            raise BadInput(
                f"fine-tuning cannot do {self.steps} steps on batches of {self.batch} with a warm-up of {self.warmup}; "
                "give at least 0 steps, 1 example and 0 steps of warm-up"
            )
        if self.optimiser not in ("muon", "adamw"):
            raise BadInput(f"there is no optimiser {self.optimiser!r} here; take muon or adamw")


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

    With `folder`, the state is kept there every `every` steps and at the end, and a later call goes on from it to the
    very same weights. Raises BadInput if the folder belongs to a run with other settings, seed or examples (of a
    function, some are compared), if there are no examples, and for an example in which nothing is learnt.
    """
    net = causal.net
    optimisers = _optimisers(net, settings)
    example = _numbered(examples, seed)
    log: list[SftStep] = []
    run = identity(asdict(settings), seed, _told(examples, settings)) if folder is not None else ""
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

    block: list[list[Row]] = []
    for step in range(len(log), settings.steps):
        within = step % BLOCK
        if not within or not block:
            block = _block(causal.tokenizer, example, settings, seed, step - within)
        ids, learnt = batch(block[within], causal.tokenizer.pad)
        ids, learnt = ids.to(causal.device), learnt.to(causal.device)
        net.train()  # sampling in `on_step` leaves it in the other mode
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
        if len(log) % every == 0:
            keep()
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


def _numbered(examples: Examples, seed: int) -> Callable[[int], Example]:
    """Any example by its number: a list is walked through again and again, shuffled anew in every epoch."""
    if callable(examples):
        return examples
    size = len(examples)
    if not size:
        raise BadInput("fine-tuning got no examples; give at least one pair of prompt and completion")

    @lru_cache(maxsize=2)
    def shuffled(epoch: int) -> list[int]:
        keys = torch.full((size,), seed * 7919 + epoch, dtype=torch.long)
        order: list[int] = uniform(keys, torch.arange(size)).argsort().tolist()
        return order

    def example(number: int) -> Example:
        epoch, place = divmod(number, size)
        return examples[shuffled(epoch)[place]]

    return example


def _told(examples: Examples, settings: SftSettings, some: int = 64) -> list[Example]:
    """What tells these examples from others: all of a list, some of a function's, from its first to its last."""
    if not callable(examples):
        return list(examples)
    last = max(settings.steps * settings.batch - 1, 0)
    return [examples(number) for number in sorted({last * i // (some - 1) for i in range(some)})]


def _block(
    tokenizer: Tokenizer, example: Callable[[int], Example], settings: SftSettings, seed: int, step: int
) -> list[list[Row]]:
    """The batches of the block that begins with this step: sorted by length, cut, and in seeded order."""
    first, size = step * settings.batch, settings.batch
    rows = [_row(tokenizer, example(number), settings.end_token) for number in range(first, first + BLOCK * size)]
    rows.sort(key=lambda row: len(row[0]))
    order = torch.randperm(BLOCK, generator=torch.Generator().manual_seed(seed * 1_000_003 + step)).tolist()
    return [rows[place * size : (place + 1) * size] for place in order]


def _row(tokenizer: Tokenizer, parts: Example, end_token: bool) -> Row:
    ids: list[int] = []
    marks: list[bool] = []
    for place, part in enumerate(parts):
        some = tokenizer.encode(part)
        ids += some
        marks += [place % 2 == 1] * len(some)
    if end_token and len(parts) % 2 == 0:
        ids.append(tokenizer.eos)
        marks.append(True)
    if not any(marks[1:]):
        raise BadInput(f"nothing is learnt from the example {str(parts)[:80]}; give it a completion after its prompt")
    return ids, marks


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
