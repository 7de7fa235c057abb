"""What the learners train: a causal language model with its tokenizer, as a network and as a sampler at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from talkoot.learning.sampling import Completion, Prompt


class Tokenizer(Protocol):
    """Text to token ids and back. `decode(encode(text)) == text` for texts that the model writes."""

    eos: int
    pad: int

    def encode(self, text: str) -> list[int]:
        """Token ids, nothing added. Raises BadInput for text that has none."""

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the ids, special tokens included but for `eos` and `pad`."""


@runtime_checkable
class Causal(Protocol):
    """A Sampler whose weights can be trained. `net(ids)`: ids [B, T], padded on the right, to logits [B, T, V]."""

    net: Any  # torch.nn.Module

    @property
    def name(self) -> str:
        """What the model is called; other weights, another name."""

    @property
    def tokenizer(self) -> Tokenizer:
        """Of the model's own."""

    @property
    def device(self) -> Any:
        """Where the weights are, a torch.device."""

    def draw(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        n: Sequence[int],
        seeds: Sequence[int],
        max_tokens: int,
        stop: Sequence[str] = (),
        temperature: float = 1.0,
    ) -> list[list[list[int]]]:
        """`n[i]` continuations of prompt i as token ids, `eos` included where the model ended; as `complete` does."""

    def complete(
        self, prompts: Sequence[Prompt], *, max_tokens: int, stop: Sequence[str] = (), temperature: float = 1.0
    ) -> list[list[Completion]]:
        """As a Sampler."""

    def options(self, texts: Sequence[str], options: Sequence[str]) -> list[tuple[float, ...]]:
        """As a Sampler."""

    def save(self, folder: Any) -> None:
        """Write weights and tokenizer, so that opening the folder gives the same model."""
