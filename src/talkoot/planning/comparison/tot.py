"""Tree of thoughts (Yao et al. 2023) as the LLM+P paper compares it: a best-first search that a language model steers.

A node is the beginning of a plan. The model proposes next actions and judges each longer beginning: reached,
impossible, or a number between 0 and 1. The queue takes the node with the smallest priority; a child's is its parent's
plus 1/score. Depth at most 10. The published search ends after 200 seconds by the clock, so that what it finds depends
on the server; here it ends after a number of expansions and of calls, the same on every machine, and `wall=200` gives
the published limit besides.
"""

from __future__ import annotations

import heapq
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

Beginning = tuple[str, ...]
Judgement = float | Literal["reached", "impossible"] | None

_VALUE = re.compile(r"\b(reached|impossible)\b|(?<![\w.])(1(?:\.0*)?|0?\.\d+|0)(?!\.?\d)(?!\s*/)", re.I)


@dataclass(frozen=True)
class Bounds:
    """When the search ends: steps of a plan, nodes expanded, calls of the model, and seconds by the clock (None: no
    such limit, so that the search is the same on every machine)."""

    depth: int = 10
    expansions: int = 20
    calls: int = 200
    wall: float | None = None


@dataclass(frozen=True)
class Found:
    """What the search came to: the steps of the plan as the model wrote them, or None and the reason."""

    steps: Beginning | None
    reason: str = ""
    expansions: int = 0
    unreadable: tuple[str, ...] = ()


async def tree_of_thoughts(
    propose: Callable[[Beginning], Awaitable[list[str]]],
    judge: Callable[[Beginning], Awaitable[str]],
    bounds: Bounds | None = None,
) -> Found:
    """Search until a beginning is judged `reached` or a bound is met. `judge` gives the model's words.

    A judgement that cannot be read, or of 0, drops the node, and the former is kept in `unreadable`.
    """
    bounds = bounds or Bounds()
    queue: list[tuple[float, int, Beginning]] = [(0.0, 0, ())]
    calls = expansions = made = 0
    unreadable: list[str] = []
    began = time.monotonic()

    def over() -> str:
        if calls >= bounds.calls:
            return f"{calls} calls were not enough"
        if bounds.wall is not None and time.monotonic() - began >= bounds.wall:
            return f"{bounds.wall:g} seconds were not enough"
        return ""

    reason = "no beginning of a plan is left to go on with"
    while queue:
        if expansions >= bounds.expansions or (over() != ""):
            reason = over() or f"{expansions} expansions were not enough"
            break
        priority, _, steps = heapq.heappop(queue)
        if len(steps) >= bounds.depth:
            continue
        calls, expansions = calls + 1, expansions + 1
        for step in dict.fromkeys(await propose(steps)):
            if over():
                break
            calls += 1
            said = await judge((*steps, step))
            value = read_judgement(said)
            if value == "reached":
                return Found((*steps, step), "", expansions, tuple(unreadable))
            if value is None:
                unreadable.append(said.strip()[:200])
            elif isinstance(value, float) and value > 0:
                made += 1
                heapq.heappush(queue, (priority + 1 / value, made, (*steps, step)))
    return Found(None, reason, expansions, tuple(unreadable))


def read_judgement(text: str) -> Judgement:
    """`reached`, `impossible` or a number between 0 and 1; None if the text holds none of them, or two."""
    found = {(match[1] or match[2]).lower() for match in _VALUE.finditer(text)}
    if len(found) != 1:
        return None
    word = found.pop()
    if word == "reached" or word == "impossible":
        return "reached" if word == "reached" else "impossible"
    return float(word)


def read_proposals(text: str, width: int) -> list[str]:
    """The actions of lines `action -> state`, at most `width`, without numbering; other lines are passed over."""
    lines = [line.split("->")[0] for line in text.splitlines() if "->" in line]
    bare = [re.sub(r"^\s*(?:[-*•]\s+|\(?\d+\s*[.):]\s*)*", "", line).strip() for line in lines]
    return [line for line in bare if line][:width]
