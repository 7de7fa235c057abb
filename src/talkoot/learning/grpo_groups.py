"""What GRPO learns from: groups of completions of one prompt, scored, with the advantage of every token."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from talkoot.errors import BadInput
from talkoot.learning.causal import Causal
from talkoot.learning.entropy import tokens_to
from talkoot.learning.grpo_settings import Joint, Score, Settings
from talkoot.learning.order import Order

EPSILON = 1e-4
"""Added to the standard deviation of a group's rewards, as TRL does."""


def advantages(rewards: Tensor, how: str) -> Tensor:
    """Advantages [G] of a group's rewards [G]: centred; with "std" over the sample's standard deviation. Equal
    rewards give exactly 0."""
    if rewards.max() == rewards.min():
        return torch.zeros_like(rewards)
    centred = rewards - rewards.mean()
    return centred if how == "none" else centred / (rewards.std() + EPSILON)


def process_advantages(
    rewards: Sequence[Sequence[float]], ends: Sequence[Sequence[int]], lengths: Sequence[int], how: str
) -> list[Tensor]:
    """Advantages of every token of a group's completions, from rewards of steps (DeepSeekMath, process supervision).

    `ends[i][j]` is the number of tokens of completion i up to and with step j. The rewards of all steps of the group
    are normalised together; a token gets the sum of those of its own step and of the steps that follow.
    """
    flat = torch.tensor([reward for each in rewards for reward in each], dtype=torch.float64)
    parts = torch.split(advantages(flat, how) if len(flat) else flat, [len(each) for each in rewards])
    out = []
    for part, stops, length in zip(parts, ends, lengths, strict=True):
        at = torch.zeros(length + 1, dtype=torch.float64)
        for value, end in zip(part, stops, strict=True):
            at[: min(end, length)] += value
        out.append(at[:length].float())
    return out


@dataclass(slots=True)
class Group:
    """The completions of one prompt: token ids, scores, whether each ended, and the advantage of each of its tokens."""

    prompt: Sequence[int]
    completions: list[list[int]]
    scores: list[Score]
    ended: list[bool]
    advantages: list[Tensor]

    @property
    def silent(self) -> bool:
        """Whether nothing can be learnt from it."""
        return not any(bool(each.any()) for each in self.advantages)


def collect(
    causal: Causal,
    ids: list[list[int]],
    bundles: Sequence[Sequence[int]],
    joint: Joint,
    settings: Settings,
    order: Order,
    seed: int,
) -> tuple[list[Group], list[Group]]:
    """A batch of groups, silent bundles replaced as far as allowed; and all groups that were drawn."""
    kinds = [place % len(order.taken) for place in range(settings.prompts)]
    places = list(range(settings.prompts))
    batch: list[list[Group]] = []
    drawn: list[Group] = []
    for _ in range(1 + settings.refills):
        numbers = [sum(order.taken) + k for k in range(len(places))]  # never the same draws twice
        chosen = [order.take(kinds[place]) for place in places]
        seeds = [(seed * 1_000_003 + k) % 2**63 for k in numbers]
        new = draw_groups(causal, chosen, ids, bundles, joint, settings, seeds)
        drawn += [group for some in new for group in some]
        batch = batch or list(new)
        for place, some in zip(places, new, strict=True):
            batch[place] = batch[place] if all(group.silent for group in some) else some
        places = [place for place, some in enumerate(batch) if all(group.silent for group in some)]
        if not places:
            break
    return [group for some in batch for group in some], drawn


def draw_groups(
    causal: Causal,
    chosen: list[int],
    ids: list[list[int]],
    bundles: Sequence[Sequence[int]],
    joint: Joint,
    settings: Settings,
    seeds: list[int],
) -> list[list[Group]]:
    """The groups of each chosen bundle, one for each of its prompts: all have the rewards of the whole bundle."""
    tokenizer, sizes = causal.tokenizer, [len(bundles[i]) for i in chosen]
    members = [member for i in chosen for member in bundles[i]]
    drawn = iter(
        causal.draw(
            [ids[i] for i in members],
            n=[settings.group] * len(members),
            seeds=[seed for seed, size in zip(seeds, sizes, strict=True) for _ in range(size)],
            max_tokens=settings.max_tokens, stop=settings.stop, temperature=settings.temperature,
        )
    )  # fmt: skip
    ends = getattr(tokenizer, "ends", (tokenizer.eos,))  # chat models have several
    out = []
    for i, size in zip(chosen, sizes, strict=True):
        some = [next(drawn) for _ in range(size)]
        texts = [[tokenizer.decode(completion) for completion in completions] for completions in some]
        scores = [joint(i, [each[j] for each in texts]) for j in range(settings.group)]
        groups = []
        for member, completions, told in zip(bundles[i], some, texts, strict=True):
            ended = [
                completion[-1] in ends or any(stop in text for stop in settings.stop)
                for completion, text in zip(completions, told, strict=True)
            ]
            each = _valued(causal, member, completions, told, scores, ended, settings)
            groups.append(Group(ids[member], completions, scores, ended, each))
        out.append(groups)
    return out


def _valued(
    causal: Causal, number: int, completions: list[list[int]], texts: list[str], scores: list[Score], ended: list[bool],
    settings: Settings,
) -> list[Tensor]:  # fmt: skip
    """The advantages of every token of a group's completions."""
    if not all(math.isfinite(value) for score in scores for value in (score.reward, *(v for _, v in score.steps))):
        raise BadInput(
            f"the reward of a completion of prompt {number} is not a finite number; mend the reward function"
        )
    values = torch.tensor([score.reward for score in scores], dtype=torch.float64)
    if settings.overlong == "punish":
        values -= torch.tensor([_excess(len(c), e, settings) for c, e in zip(completions, ended, strict=True)])
    lengths = [len(completion) for completion in completions]
    if settings.process:
        upto = [[tokens_to(causal.tokenizer, completion, end) if end < len(text) else len(completion)  # with the end
                 for end, _ in score.steps]
                for completion, text, score in zip(completions, texts, scores, strict=True)]  # fmt: skip
        given = [[value for _, value in score.steps] for score in scores]
        each = process_advantages(given, upto, lengths, settings.advantage)
    else:
        whole = advantages(values, settings.advantage).float()
        each = [value.expand(length) for value, length in zip(whole, lengths, strict=True)]
    if settings.overlong == "mask":
        each = [a if e else torch.zeros_like(a) for a, e in zip(each, ended, strict=True)]
    return each


def _excess(length: int, ended: bool, settings: Settings) -> float:
    """DAPO's soft punishment of long completions, 0..1."""
    if not ended:
        return 1.0
    return max(0.0, (length - settings.max_tokens + settings.margin) / max(settings.margin, 1))
