"""A word-level tokenizer over a fixed list of pieces: exact both ways, for the networks that we train from scratch."""

from __future__ import annotations

import re
from collections.abc import Sequence

from talkoot.errors import BadInput

PAD, EOS = "<pad>", "<eos>"


class WordTokenizer:
    """Pieces are matched greedily, longest first; there is no unknown piece. Ids: pad 0, eos 1, then the pieces.

    Raises BadInput for no pieces, for pieces that are empty or listed twice, and for text that the pieces do not cover
    (as greedy matching goes).
    """

    pad, eos = 0, 1

    def __init__(self, pieces: Sequence[str]) -> None:
        if not pieces or len(set(pieces)) < len(pieces) or not all(pieces) or {PAD, EOS} & set(pieces):
            raise BadInput(
                "a tokenizer needs pieces that are different from each other, not empty, and neither <pad> nor <eos>"
            )
        self.pieces: tuple[str, ...] = (PAD, EOS, *pieces)
        self._ids = {piece: i for i, piece in enumerate(self.pieces)}
        self._pattern = re.compile("|".join(re.escape(p) for p in sorted(pieces, key=len, reverse=True)))

    def __len__(self) -> int:
        return len(self.pieces)

    def encode(self, text: str) -> list[int]:
        """Token ids, nothing added."""
        ids, at = [], 0
        for match in self._pattern.finditer(text):
            if match.start() != at:
                break
            ids.append(self._ids[match.group()])
            at = match.end()
        if at != len(text):
            raise BadInput(
                f"the text has no tokens from character {at} on: {text[at : at + 20]!r}; this model knows only the "
                f"{len(self.pieces) - 2} pieces of its own task"
            )
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the ids, without pad and eos."""
        return "".join(self.pieces[i] for i in ids if i > 1)

    def single(self, text: str) -> int | None:
        """The id of a text that is one piece, else None."""
        return self._ids.get(text)
