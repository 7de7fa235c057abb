"""GRPO: a causal language model learns from rewards of whole completions, by comparing completions of one prompt.

DeepSeekMath's group relative policy optimisation (reference 3.1), with the changes that others made to it as switches:
clip-higher, refill of groups without signal, the mean over tokens and overlong shaping of DAPO, the constant divisor
and plain centring of Dr. GRPO, process-supervised advantages. One step: draw a group of completions for each prompt,
score them, take the advantages within each group, and improve the clipped surrogate objective.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from talkoot.errors import BadInput, ModelFailed
from talkoot.learning.causal import Causal
from talkoot.learning.checkpoint import identity, load_checkpoint, save_checkpoint
from talkoot.learning.entropy import entropies
from talkoot.learning.grpo_groups import Group, advantages, collect, process_advantages
from talkoot.learning.grpo_settings import Joint, Reward, Score, Settings, StepLog
from talkoot.learning.logprobs import Batch, Row, batches, logprobs, of_targets, packs_prompts
from talkoot.learning.order import Order

__all__ = [
    "Joint",
    "Reward",
    "Score",
    "Settings",
    "StepLog",
    "advantages",
    "k3",
    "process_advantages",
    "surrogate",
    "train",
]

FILE = "grpo.pt"
"""The checkpoint in a run's folder."""


def surrogate(new: Tensor, old: Tensor, advantage: Tensor, low: float, high: float) -> tuple[Tensor, Tensor]:
    """The clipped objective of each token, to be maximised, and whether clipping took its gradient away.

    `new` and `old` are log-probabilities of the tokens under the policy that learns and the one that drew them.
    """
    ratio = (new - old).exp()
    kept = ratio.clamp(1 - low, 1 + high)
    clipped = ((ratio > 1 + high) & (advantage > 0)) | ((ratio < 1 - low) & (advantage < 0))
    return torch.minimum(ratio * advantage, kept * advantage), clipped


def k3(new: Tensor, reference: Tensor) -> Tensor:
    """Schulman's k3 estimate of the divergence from the reference, of each token: never below 0."""
    log_ratio = reference - new
    return log_ratio.exp() - log_ratio - 1


def train(
    causal: Causal,
    prompts: Sequence[str],
    reward: Reward,
    settings: Settings,
    *,
    seed: int = 0,
    classes: Sequence[Hashable] | None = None,
    bundles: Sequence[Sequence[int]] | None = None,
    joint: Joint | None = None,
    folder: Path | None = None,
    on_step: Callable[[StepLog], None] | None = None,
) -> list[StepLog]:
    """Train the weights of `causal.net` in place; the logs of all steps come back.

    With `classes` (one of each prompt) every batch has equal numbers of them, refills included: the rarer class's
    prompts just come more often. With `bundles` (lists of prompt numbers) and `joint` one sparse reward is given for a
    whole bundle, such as all chunks of one solution: the j-th completions of its prompts are scored together, and all
    of them get that reward's advantage; `prompts` and `classes` then count bundles. With `folder` the state is written
    there every `checkpoint_every` steps and at the end, and a later call with the same arguments goes on from it, to
    the very numbers of an uninterrupted run.

    Raises BadInput for prompts without tokens, a reward or gradient that is not finite, classes that do not divide the
    batch, bundles without prompts, and a folder that belongs to another run; ModelFailed where memory runs out, naming
    what to lower.
    """
    whole: list[Sequence[int]] = list(bundles if bundles is not None else ([i] for i in range(len(prompts))))
    if not whole or (classes is not None and len(classes) != len(whole)):
        raise BadInput(f"GRPO got {len(whole)} prompts and classes of {len(classes or ())}; give one of each")
    if (bundles is None) != (joint is None) or (joint is not None and settings.process):
        raise BadInput("GRPO's bundles need a joint reward, which has no rewards of steps; give both, without process")
    ids = [causal.tokenizer.encode(prompt) for prompt in prompts]
    if not all(ids):
        raise BadInput(f"GRPO: prompt {next(i for i, each in enumerate(ids) if not each)} has no tokens; leave it out")
    if wrong := [bundle for bundle in whole if not bundle or not 0 <= min(bundle) <= max(bundle) < len(prompts)]:
        raise BadInput(f"GRPO's bundle {list(wrong[0])} must name some of the {len(prompts)} prompts, 0 the first")
    order = Order(classes if classes is not None else [None] * len(whole), seed)
    if settings.prompts % len(order.taken):
        raise BadInput(f"GRPO cannot take equal numbers of {len(order.taken)} classes in batches of {settings.prompts} "
                       f"prompts; give a multiple of {len(order.taken)}")  # fmt: skip
    net = causal.net
    net.eval()  # no dropout: what is learnt from must have the probabilities of what was drawn
    optimizer = torch.optim.AdamW(net.parameters(), lr=settings.lr, betas=settings.betas,
                                  weight_decay=settings.weight_decay)  # fmt: skip
    reference = copy.deepcopy(net).requires_grad_(False) if settings.beta else None
    together = joint or (lambda number, texts: reward(number, texts[0]))
    logs: list[StepLog] = []
    told = [list(prompts), order.classes, asdict(settings), seed, *([whole] if joint is not None else [])]
    run = identity(*told)
    if folder is not None and (state := load_checkpoint(folder / FILE, run, causal.device)) is not None:
        net.load_state_dict(state["net"])
        optimizer.load_state_dict(state["optimizer"])
        if reference is not None:
            reference.load_state_dict(state["reference"])
        order.taken = state["taken"]
        logs = [StepLog(**log) for log in state["logs"]]
    for step in range(len(logs), settings.steps):
        for each in optimizer.param_groups:
            each["lr"] = settings.lr * min((step + 1) / (settings.warmup + 1), 1.0)
        try:
            batch, drawn = collect(causal, ids, whole, together, settings, order, seed)
            firsts = [Row(group.prompt, group.completions[0]) for group in drawn]
            before = entropies(causal, firsts, verdicts=settings.verdicts, temperature=settings.temperature,
                               tokens=settings.micro_tokens)  # fmt: skip
            after = _update(causal, reference, optimizer, batch, settings)
        except RuntimeError as error:
            if "memory" not in str(error):
                raise
            raise ModelFailed(
                f"memory ran out in GRPO's step {step}; lower micro_tokens ({settings.micro_tokens}), prompts "
                f"({settings.prompts}) or max_tokens ({settings.max_tokens})"
            ) from error
        logs.append(_log(step, settings, batch, drawn, before, after, logs))
        if folder is not None and ((step + 1) % settings.checkpoint_every == 0 or step + 1 == settings.steps):
            state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(),
                     "reference": {} if reference is None else reference.state_dict(),
                     "taken": order.taken, "logs": [asdict(log) for log in logs]}  # fmt: skip
            save_checkpoint(folder / FILE, run, state)
        if on_step is not None:
            on_step(logs[-1])
    return logs


def _batches(causal: Causal, rows: list[Row], settings: Settings) -> Iterator[Batch]:
    return batches(rows, tokens=settings.micro_tokens, pad=causal.tokenizer.pad, device=causal.device,
                   pack=packs_prompts(causal.net))  # fmt: skip


@dataclass(slots=True)
class _Tally:
    """What the updates of a step did."""

    trained: int = 0
    clipped: float = 0.0
    kl: float = 0.0
    norms: list[float] = field(default_factory=list)


def _update(
    causal: Causal, reference: Any, optimizer: torch.optim.Optimizer, groups: list[Group], settings: Settings
) -> _Tally:
    """All updates that are made with one batch."""
    net, temperature, tally = causal.net, settings.temperature, _Tally()
    parts = [part.tolist() for part in np.array_split(np.arange(len(groups)), settings.minibatches)]
    several = len(parts) * settings.epochs > 1
    rows, values, weights, members = _rows(groups, parts, settings)
    old: dict[int, Tensor] = {}
    if several:  # the policy that drew them, before the first update
        with torch.no_grad():
            for batch in _batches(causal, rows, settings):
                kept = of_targets(logprobs(net, batch, temperature), batch)
                old |= zip(batch.rows, torch.split(kept, [len(rows[i].completion) for i in batch.rows]), strict=True)
    for part in members * settings.epochs:
        optimizer.zero_grad(set_to_none=True)
        for batch in _batches(causal, [rows[i] for i in part], settings):
            order = [part[i] for i in batch.rows]
            new = of_targets(logprobs(net, batch, temperature), batch)
            before = torch.cat([old[i] for i in order]) if several else new.detach()
            value, weight = (torch.cat([each[i] for i in order]).to(new.device) for each in (values, weights))
            objective, clipped = surrogate(new, before, value, settings.clip_low, settings.clip_high)
            if reference is not None:
                with torch.no_grad():
                    fixed = of_targets(logprobs(reference, batch, temperature), batch)
                divergence = k3(new, fixed)
                objective = objective - settings.beta * divergence
                tally.kl += float(divergence.detach().sum())
            torch.autograd.backward(-(objective * weight).sum())
            tally.trained += len(new)
            tally.clipped += float(clipped.sum())
        norm = float(torch.nn.utils.clip_grad_norm_(net.parameters(), settings.grad_clip))
        if not math.isfinite(norm):
            raise BadInput(
                f"GRPO's gradient is not finite; lower lr (now {settings.lr}) or start from the last checkpoint"
            )
        tally.norms.append(norm)
        optimizer.step()  # does nothing where no group had a signal: there is no gradient then
    return tally


def _rows(
    groups: list[Group], parts: list[list[int]], settings: Settings
) -> tuple[list[Row], list[Tensor], list[Tensor], list[list[int]]]:
    """The completions that have a gradient, their tokens' advantages and weights, and which minibatch has which."""
    rows: list[Row] = []
    values: list[Tensor] = []
    weights: list[Tensor] = []
    members: list[list[int]] = []
    for part in parts:
        first = len(rows)
        here = [groups[i] for i in part]
        masked = settings.overlong == "mask"
        counted = [len(c) for g in here for c, e in zip(g.completions, g.ended, strict=True) if e or not masked]
        count = sum(len(group.completions) for group in here)
        for group in here:
            for completion, ended, value in zip(group.completions, group.ended, group.advantages, strict=True):
                # Without a divergence to watch, a completion without advantage has no gradient: leave it out.
                if (masked and not ended) or not (settings.beta or bool(value.any())):
                    continue
                divisor = {"sequence": count * len(completion), "constant": count * settings.max_tokens,
                           "tokens": sum(counted)}[settings.loss]  # fmt: skip
                rows.append(Row(group.prompt, completion))
                values.append(value)
                weights.append(torch.full((len(completion),), 1.0 / divisor))
        members.append(list(range(first, len(rows))))
    return rows, values, weights, members


def _log(
    step: int,
    settings: Settings,
    batch: list[Group],
    drawn: list[Group],
    before: tuple[float, float | None],
    after: _Tally,
    logs: list[StepLog],
) -> StepLog:
    scores = [score for group in drawn for score in group.scores]
    lengths = [len(completion) for group in drawn for completion in group.completions]
    ended = [each for group in drawn for each in group.ended]
    now = before[0] if before[1] is None else before[1]
    first = now if not logs else (logs[0].entropy if logs[0].verdict_entropy is None else logs[0].verdict_entropy)
    warning = ""
    if now < settings.entropy_floor * first:
        what = "token" if before[1] is None else "verdict"
        warning = f"{what} entropy collapsed from {first:.3g} to {now:.3g} nats; raise clip_high, lower lr, or stop"
    return StepLog(
        step=step,
        reward=sum(score.reward for score in scores) / len(scores),
        silent=sum(group.silent for group in drawn) / len(drawn),
        refills=len(drawn) - len(batch),
        entropy=before[0],
        verdict_entropy=before[1],
        clipped=after.clipped / max(after.trained, 1),
        kl=after.kl / max(after.trained, 1),
        unparsed=sum(not score.parsed for score in scores),
        completions=len(scores),
        length=sum(lengths) / len(lengths),
        cut=1 - sum(ended) / len(ended),
        sampled=sum(lengths),
        trained=after.trained,
        grad_norm=sum(after.norms) / len(after.norms),
        warning=warning,
    )
