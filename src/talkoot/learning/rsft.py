"""Rejection-sampling fine-tuning of a judge: it learns from those of its own analyses that ended right (StepWiser 2.7).

A round: draw analyses of every prompt from the judge as it is, keep those whose verdict equals the label, take as many
of each label, fine-tune on them. The prompts' labels come from rollouts; nothing else is known of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from talkoot.errors import BadInput
from talkoot.learning.causal import Causal
from talkoot.learning.sampling import Prompt
from talkoot.learning.sft import SftSettings, SftStep, fit

Verdict = Callable[[str], bool | None]
"""Reads the verdict of an analysis; None where it has none."""


@dataclass(frozen=True, slots=True)
class RsftSettings:
    """`draws` analyses of each prompt; at most `keep` different right ones of them are learnt; `rounds` times.

    `balanced`: as many of each label (the surplus of the commoner one is left out at random). `fit` are the settings of
    one round's fine-tuning; its steps are cut to `epochs` passes over what was kept. Raises BadInput for impossible
    numbers.
    """

    fit: SftSettings
    draws: int = 4
    keep: int = 2
    rounds: int = 1
    max_tokens: int = 64
    stop: tuple[str, ...] = ()
    temperature: float = 1.0
    balanced: bool = True
    epochs: float = 2.0

    def __post_init__(self) -> None:
        for name in ("draws", "keep", "rounds", "max_tokens"):
            if getattr(self, name) < 1:
                raise BadInput(f"rejection sampling needs {name} of at least 1, not {getattr(self, name)}")
        if not self.epochs > 0 or not self.temperature > 0:
            raise BadInput("rejection sampling needs epochs and a temperature above 0")


@dataclass(frozen=True, slots=True)
class RsftRound:
    """What a round did: analyses drawn, those with a verdict, with the right one; kept by label; tokens drawn."""

    drawn: int
    parsed: int
    right: int
    kept_good: int
    kept_bad: int
    sampled: int
    fitted: tuple[SftStep, ...]


def fine_tune(
    causal: Causal,
    prompts: Sequence[str],
    labels: Sequence[bool],
    verdict: Verdict,
    settings: RsftSettings,
    *,
    seed: int = 0,
    on_round: Callable[[RsftRound], None] = lambda _: None,
) -> list[RsftRound]:
    """Train `causal` in place. Analyses that did not end by themselves are not learnt.

    Raises BadInput where prompts and labels do not match, and where a round has nothing to learn: no analysis of one
    label (or of both) came out right.
    """
    if len(prompts) != len(labels) or not prompts:
        raise BadInput(f"rejection sampling got {len(prompts)} prompts and {len(labels)} labels; give one of each")
    rounds: list[RsftRound] = []
    for number in range(settings.rounds):
        asked = [Prompt(text, settings.draws, (seed * 1_000_003 + number) % 2**31) for text in prompts]
        drawn = causal.complete(
            asked, max_tokens=settings.max_tokens, stop=settings.stop, temperature=settings.temperature
        )
        right: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
        parsed = count = 0
        for prompt, label, copies in zip(prompts, labels, drawn, strict=True):
            verdicts = [verdict(copy.text) for copy in copies]
            parsed += sum(each is not None for each in verdicts)
            good = [copy.text for copy, each in zip(copies, verdicts, strict=True) if each == label and copy.ended]
            count += len(good)
            right[label] += [(prompt, text) for text in list(dict.fromkeys(good))[: settings.keep]]
        rng = random.Random(f"{seed}/{number}")
        fewest = min(len(right[True]), len(right[False]))
        kept = {label: rng.sample(each, fewest) if settings.balanced else each for label, each in right.items()}
        examples = kept[True] + kept[False]
        if not examples:
            raise BadInput(
                f"rejection sampling kept nothing in round {number + 1}: {len(right[True])} right analyses of good "
                f"chunks, {len(right[False])} of bad ones; warm the judge up longer, or raise draws ({settings.draws})"
            )
        steps = min(settings.fit.steps, max(1, round(settings.epochs * len(examples) / settings.fit.batch)))
        fitted = fit(causal, examples, replace(settings.fit, steps=steps), seed=seed + number)
        rounds.append(
            RsftRound(
                drawn=len(prompts) * settings.draws,
                parsed=parsed,
                right=count,
                kept_good=len(kept[True]),
                kept_bad=len(kept[False]),
                sampled=sum(copy.tokens for copies in drawn for copy in copies),
                fitted=tuple(fitted),
            )
        )
        on_round(rounds[-1])
    return rounds
