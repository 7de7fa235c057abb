"""Chunks of reasoning: read from tags, cut by simple baselines, compared with other cuts (StepWiser; reference 2.2).

A cutter is a function from a text to its pieces. All cutters here and in `rules` keep the same promise: the pieces put
together are the text, character for character; no piece is empty; white space belongs to the piece before it (at the
very start of the text, to the first). An empty text has no pieces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from talkoot.errors import BadInput
from talkoot.judging.dialect import CLOSE, OPEN, tagged

Cutter = Callable[[str], list[str]]
"""Cuts a text into pieces; see the promise above."""

Kind = Literal["no tags", "text outside tags", "nested tags", "unclosed tag", "unopened tag", "empty chunk"]
"""What can be wrong with a text in tags."""

_TAG = re.compile(f"{re.escape(OPEN)}|{re.escape(CLOSE)}")
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
_LINE = re.compile(r"\n\s*")
# What may stand before a heading's words: marks of Markdown and of lists.
_STEP = re.compile(r"^[^\S\n]{0,8}[#*_>+-]{0,8}[^\S\n]{0,3}step[^\S\n]{0,3}\(?\d{1,4}\b", re.IGNORECASE | re.MULTILINE)
_NUMBER = re.compile(r"^[^\S\n]{0,3}[#*_>]{0,8}[^\S\n]{0,3}\(?(\d{1,4})[.)][*_]{0,2}(?=\s)", re.MULTILINE)


class Malformed(BadInput):
    """A text that is not chunks in tags. `kind` names the fault, `at` is the character where it was seen."""

    def __init__(self, kind: Kind, at: int, text: str) -> None:
        near = text[max(at - 20, 0) : at + 30]
        super().__init__(
            f"the text is not chunks in tags: {kind} at character {at}, near {near!r}; every part of it must stand "
            f"between {OPEN} and {CLOSE}, one after the other"
        )
        self.kind: Kind = kind
        self.at = at


@dataclass(frozen=True)
class Partial:
    """Generated text that may have ended early: `tagged(chunks) + rest` is the text.

    `rest` is what follows the last complete chunk: empty, an opened chunk, or the beginning of a tag.
    """

    chunks: tuple[str, ...]
    rest: str

    @property
    def unfinished(self) -> str | None:
        """The text of the chunk that was begun and not closed, None where none was; a cut closing tag stays in it."""
        return self.rest[len(OPEN) :] if self.rest.startswith(OPEN) else None


def parse(text: str, *, spaces: bool = False) -> list[str]:
    """The chunks of a text in tags, in order and unchanged: `parse(tagged(chunks)) == chunks`.

    With `spaces`, white space outside the tags is passed over (models like to put line breaks between chunks). Raises
    Malformed for everything else that is not in tags, for tags inside a chunk, without partner, or around nothing.
    """
    partial = parse_partial(text, spaces=spaces)
    if partial.rest:
        at = len(text) - len(partial.rest)
        raise Malformed("unclosed tag" if partial.unfinished is not None else "text outside tags", at, text)
    if not partial.chunks:
        raise Malformed("no tags", 0, text)
    return list(partial.chunks)


def parse_partial(text: str, *, spaces: bool = False) -> Partial:
    """As `parse`, for text that may have ended early: its complete chunks and the rest. An empty text is no fault."""
    chunks: list[str] = []
    opened: int | None = None
    at = 0
    for tag in _TAG.finditer(text):
        if tag.group() == OPEN:
            if opened is not None:
                raise Malformed("nested tags", tag.start(), text)
            between = text[at : tag.start()]
            if between.strip() if spaces else between:
                raise Malformed("text outside tags", at, text)
            opened = tag.end()
        else:
            if opened is None:
                raise Malformed("unopened tag", tag.start(), text)
            if opened == tag.start():
                raise Malformed("empty chunk", opened, text)
            chunks.append(text[opened : tag.start()])
            opened, at = None, tag.end()
    if opened is not None:
        return Partial(tuple(chunks), text[opened - len(OPEN) :])
    rest = text[at:].strip() if spaces else text[at:]
    if not OPEN.startswith(rest):
        raise Malformed("text outside tags" if chunks else "no tags", at, text)
    return Partial(tuple(chunks), rest)


def reconstructs(text: str, chunks: Sequence[str]) -> bool:
    """Whether the chunks are the text, cut: put together they are equal to it, none is empty, and tags round-trip.

    The last excludes texts that hold a tag themselves: they cannot be written in tags.
    """
    if "".join(chunks) != text or not all(chunks):
        return False
    try:
        return not chunks or parse(tagged(chunks)) == list(chunks)
    except Malformed:
        return False


def cut_at(text: str, positions: Iterable[int]) -> list[str]:
    """Cut a text before the characters at these positions; white space there moves to the piece before."""
    ends = sorted({_skip_space(text, at) for at in positions})
    first = _skip_space(text, 0)
    pieces, last = [], 0
    for end in ends:
        if first < end < len(text):
            pieces.append(text[last:end])
            last = end
    return [*pieces, text[last:]] if text else []


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def by_blank_lines(text: str) -> list[str]:
    """Cut after every run of blank lines: the usual baseline (StepWiser, Table 4)."""
    return cut_at(text, [blank.end() for blank in _BLANK.finditer(text)])


def by_lines(text: str) -> list[str]:
    """Cut after every line break."""
    return cut_at(text, [line.end() for line in _LINE.finditer(text)])


def by_steps(text: str) -> list[str]:
    """Cut before every line that begins with "Step 3", "### Step 3:" or, where none does, with "3." or "3)" (baseline).

    Plain numbers must count: a list starts at 0 or 1 and goes on by one, so that a line which happens to begin with
    some number is no step. What comes before the first step is a piece of its own.
    """
    starts = [step.start() for step in _STEP.finditer(text)]
    if not starts:
        due = 1
        for number in _NUMBER.finditer(text):
            value = int(number[1])
            if value in (0, 1, due):
                starts.append(number.start())
                due = value + 1
    return cut_at(text, starts)


@dataclass(frozen=True)
class F1:
    """How far cuts agree: `hits` of the `given` cuts are among the `truth` cuts. Sums pool several texts (micro F1)."""

    hits: int
    given: int
    truth: int

    @property
    def precision(self) -> float:
        """Share of the given cuts that are right; 1 where none was given."""
        return self.hits / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        """Share of the true cuts that were given; 1 where there is none."""
        return self.hits / self.truth if self.truth else 1.0

    @property
    def f1(self) -> float:
        """Their harmonic mean, 2 hits / (given + truth); 1 where both have no cuts."""
        return 2 * self.hits / (self.given + self.truth) if self.given + self.truth else 1.0

    def __add__(self, other: F1) -> F1:
        return F1(self.hits + other.hits, self.given + other.given, self.truth + other.truth)


def boundary_f1(given: Sequence[str], truth: Sequence[str], *, spaces: bool = False) -> F1:
    """Compare two cuts of one text by their inner boundaries, as character positions.

    A cut before a line break and one after it are the same unless `spaces`: positions then count only characters that
    are not white space. Raises BadInput if the two are not cuts of the same text.
    """
    if not spaces:
        given, truth = ["".join(piece.split()) for piece in given], ["".join(piece.split()) for piece in truth]
    one, other = "".join(given), "".join(truth)
    if one != other:
        at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
        raise BadInput(
            f"two cuts can be compared only if they are of the same text; these differ from character {at} on: "
            f"{one[at : at + 20]!r} against {other[at : at + 20]!r}"
        )
    ends, true = _inner(given), _inner(truth)
    return F1(len(ends & true), len(ends), len(true))


def _inner(pieces: Sequence[str]) -> set[int]:
    ends = list(accumulate(map(len, pieces)))
    return set(ends) - {0, ends[-1]} if ends else set()
