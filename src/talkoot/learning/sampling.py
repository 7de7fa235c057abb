"""The contract of a sampler: texts go in, continuations come out, many at a time. Free of torch.

A chat (`talkoot.model.Model`) answers; a sampler continues a text where it stands, n times, which is what rollouts and
trained policies need. `learning.sampler.TorchSampler` serves networks of ours, `learning.hf.HfSampler` a Hugging Face
folder, `judging.server.ServerSampler` an OpenAI-compatible completions server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text to continue `n` times. The draws depend on (seed, text) alone, not on what else is in the batch.

    (A server may not keep that promise; its sampler says so.)
    """

    text: str
    n: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """One continuation. `ended` is False where it was cut at `max_tokens`; a stop string is part of the text."""

    text: str
    tokens: int
    ended: bool = True


@runtime_checkable
class Sampler(Protocol):
    """Continues texts. `name` identifies the weights (a file's hash, NAME@URL): it is written into every journal."""

    @property
    def name(self) -> str:
        """What the weights are called."""

    def complete(
        self, prompts: Sequence[Prompt], *, max_tokens: int, stop: Sequence[str] = (), temperature: float = 1.0
    ) -> list[list[Completion]]:
        """`n` continuations of each prompt, in order, each up to the model's end or through the first stop string.

        Temperature 0 takes the likeliest token. Prompts that are prefixes of one another share their computation
        where the sampler can. Raises BadInput for a prompt that cannot be encoded, ModelFailed where the model fails
        (out of memory: it names the size to lower).
        """

    def options(self, texts: Sequence[str], options: Sequence[str]) -> list[tuple[float, ...]]:
        """For each text, the probabilities of each option as its continuation, normalised to 1 over the options."""
