"""The parts of a problem as text: taking a reply apart into its sections and putting sections together again."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PART = re.compile(r"\(\s*:(objects|init|goal|metric)\b", re.IGNORECASE)
_NAME = re.compile(r"\(\s*problem\s+([^\s()]+)\s*\)", re.IGNORECASE)
_COMMENT = re.compile(r";[^\n]*")
_FENCE = re.compile(r"```\w*")


def parts_of(text: str) -> dict[str, str]:
    """The sections that a text holds, by name (objects, init, goal, metric), as written, in their order.

    A section whose bracket never closes ends where the next one begins, or with the text. Of several with one name the
    last one counts. The problem's name, if there is one, is kept as the part `problem`. Never raises.
    """
    bare = _bare(text)
    starts = [(match.start(), match[1].lower()) for match in _PART.finditer(bare)]
    parts: dict[str, str] = {}
    for at, (start, name) in enumerate(starts):
        limit = starts[at + 1][0] if at + 1 < len(starts) else len(bare)
        parts.pop(name, None)
        parts[name] = text[start : _end(bare, start, limit)].rstrip()
    found = _NAME.search(bare)
    return {"problem": f"(problem {found[1]})", **parts} if parts and found else parts


def assemble(parts: Mapping[str, str], domain: str) -> str:
    """The text of a problem from its parts."""
    sections = [parts[name] for name in ("objects", "init", "goal", "metric") if name in parts]
    return (
        "\n".join([f"(define {parts.get('problem', '(problem task)')}", f"(:domain {domain})", *sections, ")"]) + "\n"
    )


def unfinished(text: str) -> bool:
    """Whether a text breaks off inside a problem: brackets are open at its end and no goal was stated whole.

    Open brackets after a whole goal are a slip of the pen, not a cut.
    """
    bare = _bare(text)
    starts = list(_PART.finditer(bare))
    if not starts and not re.search(r"\(\s*define\b", bare, re.IGNORECASE):
        return False
    if bare.count("(") <= bare.count(")"):
        return False
    goals = [match.start() for match in starts if match[1].lower() == "goal"]
    if not goals:
        return True
    end = _end(bare, goals[-1], len(bare))
    return bare.count("(", goals[-1], end) > bare.count(")", goals[-1], end)


def _bare(text: str) -> str:
    """The text with comments and fences blanked out, every other character in its place."""
    blank = lambda match: " " * len(match[0])  # noqa: E731
    return _FENCE.sub(blank, _COMMENT.sub(blank, text))


def _end(bare: str, start: int, limit: int) -> int:
    depth = 0
    for at in range(start, limit):
        depth += (bare[at] == "(") - (bare[at] == ")")
        if depth == 0:
            return at + 1
    return limit
