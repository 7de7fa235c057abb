"""Segmenters: a solution cut into chunks by a language model, or by rules; only exact cuts count (StepWiser 2.2).

The model copies the solution and puts tags around its chunks by three criteria. A reply whose chunks are not the
solution, character for character, is thrown away and another one drawn.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any, Literal, Protocol, get_args

from talkoot.errors import BadInput
from talkoot.judging.chunks import (
    Cutter,
    Kind,
    Malformed,
    by_blank_lines,
    by_lines,
    by_steps,
    cut_at,
    parse,
    reconstructs,
)
from talkoot.judging.dialect import CLOSE, OPEN
from talkoot.judging.rules import by_rules
from talkoot.model import Model, Request, Turn

PURPOSE = "judging/segment"

Fault = Kind | Literal["changed text", "tags in the text"]
"""Why a segmentation was thrown away; the last: the solution holds a tag itself and cannot be written in tags."""

FAULTS: tuple[str, ...] = (*get_args(Kind), "changed text", "tags in the text")

CUTTERS: Mapping[str, Cutter] = {"rules": by_rules, "blank": by_blank_lines, "lines": by_lines, "steps": by_steps}
"""The cutters that need no model, by name."""

_BETWEEN = re.compile(rf"{re.escape(CLOSE)}(\s+)(?={re.escape(OPEN)})")


@dataclass(frozen=True, slots=True)
class Segmentation:
    """What became of one solution: its chunks, or none. `faults` are those of the tries that failed, in order.

    `fallback`: no try was exact, the chunks are those of the fallback. `tokens` counts what the model generated.
    """

    chunks: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    fallback: bool = False
    tokens: int = 0

    @property
    def exact(self) -> bool:
        """Whether the segmenter itself cut the solution, nothing changed."""
        return bool(self.chunks) and not self.fallback


class Segmenter(Protocol):
    """Cuts solutions into chunks. Raises BadInput for a solution of white space alone."""

    @property
    def name(self) -> str:
        """Says who cuts; written into journals."""

    async def __call__(self, text: str) -> Segmentation:
        """The best cut that can be had."""

    async def draw(self, text: str, k: int) -> list[Segmentation]:
        """Independent cuts, at most `k`, none of them tried twice: material for a training set."""


@dataclass(frozen=True)
class ByCutter:
    """A cutter as a Segmenter: always exact, but for solutions that hold tags; there is one cut, not `k`."""

    name: str
    cut: Cutter

    async def __call__(self, text: str) -> Segmentation:
        """The cut, without any model."""
        _check(text)
        chunks = tuple(self.cut(text))
        return Segmentation(chunks) if reconstructs(text, chunks) else Segmentation(faults=("tags in the text",))

    async def draw(self, text: str, k: int) -> list[Segmentation]:
        """The one cut."""
        return [await self(text)]


@dataclass
class ModelSegmenter:
    """A language model as a Segmenter. The first try is greedy, the others are drawn at `temperature` with own seeds.

    `tries` bounds the requests for one solution; `fallback` cuts it where none was exact. `max_tokens` bounds a reply
    (None: as much as a copy of the solution in tags can need). The model's errors pass through.
    """

    model: Model
    tries: int = 8
    fallback: Cutter | None = None
    temperature: float = 0.7
    max_tokens: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        self.name = f"model:{self.model.name}"
        if self.tries < 1:
            raise BadInput(f"a segmenter needs at least one try for a solution, not {self.tries}")

    async def __call__(self, text: str) -> Segmentation:
        """Try until a reply is exact."""
        _check(text)
        faults: list[Fault] = []
        tokens = 0
        for i in range(self.tries):
            tried = await self._try(text, i, self.temperature if i else 0.0)
            tokens += tried.tokens
            if tried.chunks:
                return Segmentation(tried.chunks, tuple(faults), tokens=tokens)
            faults += tried.faults
            if "tags in the text" in faults:  # no reply could mend that
                return Segmentation(faults=tuple(faults))
        chunks = tuple(self.fallback(text)) if self.fallback else ()
        return Segmentation(chunks, tuple(faults), fallback=bool(chunks), tokens=tokens)

    async def draw(self, text: str, k: int) -> list[Segmentation]:
        """`k` replies drawn at the temperature, exact or not: one try each, at the same time."""
        _check(text)
        return list(await asyncio.gather(*(self._try(text, i, self.temperature) for i in range(k))))

    async def _try(self, text: str, number: int, temperature: float) -> Segmentation:
        if OPEN in text or CLOSE in text:
            return Segmentation(faults=("tags in the text",))
        # A copy has as many tokens as the solution, at worst about one for each character, and some for the tags.
        most = self.max_tokens or len(text) + 256
        request = Request(PURPOSE, segment_turns(text), temperature, most, seed=self.seed + number)
        reply = await self.model(request)
        tokens = reply.usage.completion_tokens
        found = read_segmentation(text, reply.text)
        return (
            Segmentation(faults=(found,), tokens=tokens)
            if isinstance(found, str)
            else Segmentation(found, (), False, tokens)
        )


def segment_turns(text: str) -> tuple[Turn, ...]:
    """The question: the criteria and the format, then the solution without the white space at its two ends."""
    system = render("segment_system", open=OPEN, close=CLOSE)
    return Turn("system", system), Turn("user", render("segment", open=OPEN, close=CLOSE, solution=text.strip()))


def read_segmentation(text: str, reply: str) -> tuple[str, ...] | Fault:
    """The chunks of a reply, if they are the text, or what is wrong with it.

    White space at the two ends of the text is not the model's business, and between two chunks it joins the first, as
    with every cutter. Between tags it is either all layout or all part of the text; whichever gives the text back.
    What stands before the last `</think>` is dropped.
    """
    said = reply[reply.rfind("</think>") + len("</think>") :] if "</think>" in reply else reply
    core = text.strip()
    try:
        readings = [parse(said, spaces=True), parse(_BETWEEN.sub(rf"\1{CLOSE}", said), spaces=True)]
    except Malformed as fault:
        return fault.kind
    for chunks in readings:
        chunks[0], chunks[-1] = chunks[0].lstrip(), chunks[-1].rstrip()
        if reconstructs(core, chunks):
            return tuple(cut_at(text, accumulate(map(len, chunks), initial=text.index(core))))
    return "changed text"


def _check(text: str) -> None:
    if not text.strip():
        raise BadInput("a solution to be cut into chunks is empty; leave it out")


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(loader=PackageLoader("talkoot.judging", "prompts"), undefined=StrictUndefined, autoescape=False)


def render(name: str, **values: Any) -> str:
    """Fill a prompt template of `talkoot/judging/prompts`; undefined names are errors."""
    return str(_environment().get_template(f"{name}.j2").render(**values)).strip()
