"""A mathematical text as units that no cut may split: sentences, lines, displayed formulas (ours).

A unit ends with a line break or a sentence, never within a formula (`$..$`, `\\(..\\)`, `\\[..\\]`, an environment, a
block of code), never after an abbreviation, a decimal point or the number of a list item.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Gap = Literal["start", "same line", "line", "blank"]
"""What lies before a unit: the text's start, at most spaces, a line break, a blank line."""

_DELIMITER = re.compile(r"\\[\[\]()]|\\begin\{\w{1,20}\*?\}|\\end\{\w{1,20}\*?\}|\$\$?|```|\n")
_CLOSER = {"\\[": "\\]", "\\(": "\\)", "$$": "$$", "$": "$", "```": "```"}
# Full stops of other scripts need no space after them.
_END = re.compile(r"[.!?]{1,3}[\"'”’)\]*_]{0,3}(?=\s)|[。！？]|\n")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|no|fig|eq|eqs|mr|mrs|ms|dr|st|resp|w\.r\.t|min|max|hrs?|ft|lbs?|oz|[ap]\.m))$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^[#*_>\s]{0,8}\(?(?:\d{1,4}|[a-zA-Z]|[ivx]{1,5})$")


@dataclass(frozen=True)
class Unit:
    """`text[start:end]`, white space after it included; `words` is the same without white space around."""

    start: int
    end: int
    gap: Gap
    words: str
    display: bool  # nothing but displayed formulas


def units(text: str) -> list[Unit]:
    """The units of a text, in order and without holes; a text of white space alone has none. Linear in the text."""
    formulas = _formulas(text)
    starts = [start for start, _ in formulas]
    cuts = {end for start, end in formulas if _is_display(text, start) and _begins_sentence(text, end)}
    for sign in _END.finditer(text):
        within = bisect_right(starts, sign.start()) - 1
        if (within < 0 or sign.start() >= formulas[within][1]) and _ends_unit(text, sign):
            cuts.add(sign.end())
    spans: list[tuple[int, int]] = []  # of the words alone
    for start, end in pairwise([0, *sorted(cuts), len(text)]):
        if words := text[start:end].strip():
            begin = text.index(words[0], start)
            spans.append((begin, begin + len(words)))
    found = []
    for i, (begin, end) in enumerate(spans):
        gap = _gap(text[spans[i - 1][1] : begin]) if i else "start"
        until = spans[i + 1][0] if i + 1 < len(spans) else len(text)
        display = _only_display(text, begin, end, formulas)
        found.append(Unit(begin if i else 0, until, gap, text[begin:end], display))
    return found


def _formulas(text: str) -> list[tuple[int, int]]:
    """Spans of formulas and code, in order. A `$` must be closed in its line, a bracket before a blank line."""
    spans: list[tuple[int, int]] = []
    start, closer, line_end = 0, "", -1
    for sign in _DELIMITER.finditer(text):
        mark = sign.group()
        if mark == "\n":
            blank = line_end >= 0 and not text[line_end : sign.start()].strip()
            if closer == "$" or (blank and closer in ("\\]", "\\)", "$$")):
                closer = ""
            line_end = sign.end()
        elif closer and mark == closer and (mark != "$" or _closes_inline(text, sign.start())):
            spans.append((start, sign.end()))
            closer = ""
        elif (not closer or closer == "$") and (opened := _closer(text, sign)):
            start, closer = sign.start(), opened
    return spans


def _closer(text: str, sign: re.Match[str]) -> str:
    """What closes the formula that this sign opens, "" if it opens none."""
    mark = sign.group()
    if mark == "$" and (sign.end() == len(text) or text[sign.end()].isspace()):
        return ""
    return f"\\end{mark[6:]}" if mark.startswith("\\begin") else _CLOSER.get(mark, "")


def _closes_inline(text: str, at: int) -> bool:
    """Tells the end of `$x$` from the sign of money: no space before it, no digit after it."""
    return not text[at - 1].isspace() and not text[at + 1 : at + 2].isdigit()


def _is_display(text: str, start: int) -> bool:
    return text.startswith(("\\[", "$$", "\\begin"), start)


def _begins_sentence(text: str, at: int) -> bool:
    following = text[at : at + 8].lstrip()
    return following[:1].isupper() and following != text[at : at + 8]


def _ends_unit(text: str, sign: re.Match[str]) -> bool:
    mark = sign.group()
    if mark[0] in "\n。！？":
        return True
    following = text[sign.end() : sign.end() + 40].lstrip()[:1]
    if following.islower() or (mark.startswith("..") and not following.isupper()):
        return False
    if mark[0] != ".":
        return True
    before = text[max(sign.start() - 24, 0) : sign.start()]
    line = before[before.rfind("\n") + 1 :] if "\n" in before or sign.start() <= 24 else "whatever"
    return not _ABBREVIATION.search(before) and not _ITEM.match(line)


def _gap(space: str) -> Gap:
    breaks = space.count("\n")
    return "blank" if breaks > 1 else "line" if breaks else "same line"


def _only_display(text: str, begin: int, end: int, formulas: list[tuple[int, int]]) -> bool:
    at = begin
    i = bisect_right(formulas, (begin, -1))
    while i < len(formulas) and formulas[i][0] == at and _is_display(text, at):
        at = formulas[i][1]
        while at < end and text[at] in " \n\t.,;":
            at += 1
        i += 1
    return at >= end > begin
