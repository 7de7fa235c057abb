"""What is said: a vector for each word, without a download."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.samples import Floats, Marks

GRAMS = (3, 4, 5)
"""Lengths of the letter sequences of which a word's vector is made."""

CAUSAL = ("hashed",)
"""Kinds in which a word's vector does not depend on later words."""


def grams(word: str) -> Iterator[str]:
    """The word with its ends marked, and all its runs of 3 to 5 letters: "no" gives <no>, <no, no> and the whole."""
    marked = f"<{word}>"
    yield marked
    for size in GRAMS:
        for i in range(len(marked) - size + 1):
            if size < len(marked):
                yield marked[i : i + size]


def spelling(word: str) -> str:
    """A word as it is hashed: lower case, letters, digits and apostrophes only."""
    return re.sub(r"[^\w']|_", "", word.lower().replace("’", "'")).strip("'")


def meant(vectors: Floats) -> Marks:
    """Which words have a vector: [T, width] to [T]."""
    marks: Marks = np.abs(vectors).sum(1) > 0
    return marks


class Hashed:
    """Words as hashed letter sequences, [width] float32 of length 1: alike words have alike vectors, none is unknown.

    Every sequence adds +1 or -1 to one place (Weinberger et al., Feature Hashing, ICML 2009; the sequences are those of
    Bojanowski et al., TACL 2017). Place and sign are its BLAKE2b hash, so that they are the same on every machine.
    """

    def __init__(self, width: int, seed: int) -> None:
        self.width = width
        self._key = seed.to_bytes(8, "little")
        self._known: dict[str, Floats] = {}

    def __call__(self, words: Sequence[str]) -> Floats:
        """[T, width]; 0 for words without a letter."""
        return np.stack([self._vector(spelling(word)) for word in words]) if words else np.zeros((0, self.width), "f4")

    def _vector(self, word: str) -> Floats:
        if (known := self._known.get(word)) is not None:
            return known
        vector = np.zeros(self.width, np.float32)
        for gram in grams(word) if word else ():
            number = int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8, key=self._key).digest(), "little")
            vector[(number >> 1) % self.width] += 1 if number & 1 else -1
        length = float(np.linalg.norm(vector))
        self._known[word] = vector = vector / np.float32(length or 1.0)
        return vector


class Bert:
    """Words in their context, by a BERT-like encoder from a local folder: the mean over a word's tokens, last layer.

    Nothing is fetched. Raises BadInput for a folder that is none, and for a tokenizer that cannot tell words apart.
    """

    def __init__(self, folder: Path) -> None:
        if find_spec("transformers") is None or find_spec("torch") is None:
            raise BadInput("word vectors by BERT need transformers; run: pip install 'talkoot[hf]'")
        from transformers import AutoModel, AutoTokenizer

        try:
            self._tokens: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self._model: Any = AutoModel.from_pretrained(folder, local_files_only=True).eval()
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise BadInput(f"{folder} holds no encoder of transformers: {reason}; name its folder") from error
        if not self._tokens.is_fast:
            raise BadInput(f"{folder} has no tokenizer.json, without which words and tokens cannot be matched; save a "
                           "fast tokenizer there")  # fmt: skip
        self.width = int(self._model.config.hidden_size)
        self._most = min(int(getattr(self._model.config, "max_position_embeddings", 512)), 512) - 4

    def __call__(self, words: Sequence[str]) -> Floats:
        """[T, width]. Words that do not fit into the network at once are read piece by piece."""
        import torch

        out = np.zeros((len(words), self.width), np.float32)
        counts = [max(1, len(self._tokens.tokenize(word))) for word in words]
        for first, last in _pieces(counts, self._most):
            coded = self._tokens(list(words[first:last]), is_split_into_words=True, return_tensors="pt",
                                 truncation=True, max_length=self._most + 2)  # fmt: skip
            with torch.no_grad():
                states = self._model(**coded).last_hidden_state[0].float().numpy()
            places = coded.word_ids(0)
            for k in range(last - first):
                mine = [i for i, place in enumerate(places) if place == k]
                if mine:
                    out[first + k] = states[mine].mean(0)
        return out


def _pieces(counts: Sequence[int], most: int) -> Iterator[tuple[int, int]]:
    """Runs of words with at most so many tokens together; a word with more is a run of its own."""
    first, total = 0, 0
    for i, count in enumerate(counts):
        if i > first and total + count > most:
            yield first, i
            first, total = i, 0
        total += count
    if counts:
        yield first, len(counts)
