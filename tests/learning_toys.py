"""A tiny recurrent network as a `Causal` of its own, and a task that it learns in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from talkoot.learning.grpo import Score
from talkoot.learning.sampling import Completion, Prompt
from talkoot.learning.tokenizer import WordTokenizer

PIECES = ("a", "b", "c", "d", "yes", "no", ".")
PROMPTS = [f"{x}{y}" for x in "abcd" for y in "abcd"]


class Gru(nn.Module):
    """`net(ids)` and nothing else: no hidden states apart, no packed prompts."""

    def __init__(self, vocabulary: int, width: int = 24) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.gru = nn.GRU(width, width, batch_first=True)
        self.head = nn.Linear(width, vocabulary)
        generator = torch.Generator().manual_seed(0)
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.1, generator=generator)

    def forward(self, ids: Tensor) -> Tensor:
        out: Tensor = self.head(self.gru(self.embed(ids))[0])
        return out


class GruCausal:
    """Draws one token at a time for one row at a time: plain, and right."""

    name = "gru"
    device = torch.device("cpu")

    def __init__(self) -> None:
        self.tokenizer = WordTokenizer(PIECES)
        self.net: Any = Gru(len(self.tokenizer))

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
        ends = {self.tokenizer.eos, *(self.tokenizer.single(each) for each in stop)}
        out = []
        with torch.no_grad():
            for prompt, count, seed in zip(prompts, n, seeds, strict=True):
                generator = torch.Generator().manual_seed(seed)
                rows: list[list[int]] = [[] for _ in range(count)]
                for _ in range(max_tokens):
                    ids = torch.tensor([[*prompt, *row] for row in self._even(rows)])
                    shares = (self.net(ids)[:, -1] / temperature).softmax(-1)
                    drawn = torch.multinomial(shares, 1, generator=generator)[:, 0].tolist()
                    for row, token in zip(rows, drawn, strict=True):
                        if not row or row[-1] not in ends:
                            row.append(token)
                out.append(rows)
        return out

    @staticmethod
    def _even(rows: list[list[int]]) -> list[list[int]]:
        longest = max(map(len, rows))
        return [[*row, *[0] * (longest - len(row))] for row in rows]

    def complete(
        self, prompts: Sequence[Prompt], *, max_tokens: int, stop: Sequence[str] = (), temperature: float = 1.0
    ) -> list[list[Completion]]:
        raise NotImplementedError

    def options(self, texts: Sequence[str], options: Sequence[str]) -> list[tuple[float, ...]]:
        raise NotImplementedError

    def save(self, folder: Path | str) -> None:
        raise NotImplementedError


def truth(prompt: str) -> bool:
    """Whether a prompt deserves yes: its two letters come in order."""
    return prompt[0] <= prompt[1]


def verdict_reward(index: int, text: str) -> Score:
    """1 for the right verdict at the end; letters before it do not matter."""
    said = "yes" if text.endswith("yes") else "no" if text.endswith("no") else ""
    return Score(float(said == ("yes" if truth(PROMPTS[index]) else "no")), parsed=bool(said))
