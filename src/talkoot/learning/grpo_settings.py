"""What GRPO is told and what it tells: scores of completions, settings, and the log of a step. Free of torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from talkoot.errors import BadInput


@dataclass(frozen=True, slots=True)
class Score:
    """What a completion is worth. `parsed` is False where it had not the form that was asked for (it is counted).

    `steps`, for process supervision: (end of the step in characters of the completion, its reward), in order.
    """

    reward: float
    parsed: bool = True
    steps: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. Raises BadInput for values that make no sense.

    A step draws `group` completions for each of `prompts` prompts, at most `max_tokens` tokens each, to the model's end
    or through a `stop` string. A group without signal (all advantages zero) is replaced by another prompt's, in at most
    `refills` rounds; what is still silent then stays in the batch, adds nothing to the gradient, and counts in the
    divisor. The batch is learnt from in `minibatches` parts, `epochs` times over: so many updates a step.

    `advantage`: rewards minus the group's mean, over the group's standard deviation ("std") or not ("none", Dr. GRPO).
    `loss`: mean over the tokens of a completion, then over completions ("sequence", GRPO); sum over tokens divided by
    `max_tokens` and the number of completions ("constant", Dr. GRPO); mean over all tokens ("tokens", DAPO).
    `overlong`, for completions cut at `max_tokens`: "keep"; "mask" leaves them out of the objective; "punish" takes up
    to 1 off their reward, linearly over the last `margin` tokens (DAPO). `beta` weighs the k3 estimate of the
    divergence from the model as it was given. `process`: advantages from the rewards of steps (DeepSeekMath).

    `verdicts` are texts that end a completion, such as "yes" and "no": the entropy of the token in which they begin to
    differ is then told. Entropy under `entropy_floor` times its first value makes a warning. `micro_tokens` bounds the
    tokens that are in memory at once; it changes nothing but rounding.
    """

    steps: int = 100
    prompts: int = 64
    group: int = 8
    max_tokens: int = 64
    stop: tuple[str, ...] = ()
    temperature: float = 1.0
    lr: float = 1e-4
    warmup: int = 0
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 0.0
    grad_clip: float = 1.0
    clip_low: float = 0.2
    clip_high: float = 0.28
    beta: float = 0.0
    advantage: Literal["std", "none"] = "std"
    loss: Literal["sequence", "constant", "tokens"] = "sequence"
    overlong: Literal["keep", "mask", "punish"] = "keep"
    margin: int = 0
    minibatches: int = 1
    epochs: int = 1
    refills: int = 2
    process: bool = False
    verdicts: tuple[str, ...] = ()
    entropy_floor: float = 0.1
    micro_tokens: int = 4096
    checkpoint_every: int = 10

    def __post_init__(self) -> None:
        at_least = {"steps": 0, "prompts": 1, "group": 2, "max_tokens": 1, "warmup": 0, "margin": 0, "minibatches": 1,
                    "epochs": 1, "refills": 0, "micro_tokens": 1, "checkpoint_every": 1}  # fmt: skip
        for name, least in at_least.items():
            if getattr(self, name) < least:
                raise BadInput(f"GRPO's {name} is {getattr(self, name)}; give at least {least}")
        for name in ("lr", "temperature", "grad_clip"):
            if not getattr(self, name) > 0:
                raise BadInput(f"GRPO's {name} is {getattr(self, name)}; give a number above 0")
        if not 0 <= self.clip_low < 1 or self.clip_high < 0:
            raise BadInput(f"GRPO's clip range is {self.clip_low}, {self.clip_high}; give 0 <= low < 1 and high >= 0")
        if self.minibatches > self.prompts:
            raise BadInput(f"GRPO cannot cut {self.prompts} prompts into {self.minibatches} minibatches; lower these")
        if not self.margin <= self.max_tokens:
            raise BadInput(f"GRPO's margin {self.margin} is above its max_tokens {self.max_tokens}; lower it")
        if self.process and self.overlong == "punish":
            raise BadInput(
                "GRPO can punish overlong completions only by their one reward; with process take overlong mask"
            )


@dataclass(frozen=True, slots=True)
class StepLog:
    """What happened in one step. Means are over all completions that were drawn, those of refills included.

    `silent`: share of drawn groups without signal; `refills`: prompts drawn beyond the batch; `entropy` and
    `verdict_entropy` in nats, before the update; `clipped`: share of trained tokens whose ratio was clipped; `kl`: mean
    k3 per token (0 where beta is 0); `unparsed`: completions whose Score said so; `length` in tokens; `cut`: share of
    completions that ended at max_tokens; `sampled`, `trained`: completion tokens drawn, and given a gradient (each time
    anew where a batch is used more than once); `warning` is empty or says what to look at.
    """

    step: int
    reward: float
    silent: float
    refills: int
    entropy: float
    verdict_entropy: float | None
    clipped: float
    kl: float
    unparsed: int
    completions: int
    length: float
    cut: float
    sampled: int
    trained: int
    grad_norm: float
    warning: str = ""


Reward = Callable[[int, str], Score]
"""Scores a completion (text, without the end-of-sequence token) of the prompt with this number."""

Joint = Callable[[int, list[str]], Score]
"""Scores one completion of each prompt of the bundle with this number, together."""
