"""A segmenter by rules for solutions in natural language: no model, English signal words (ours).

It follows the three criteria of StepWiser (2.2): one purpose (set something up, carry out one computation, check it,
state the result), cohesion (a formula stays with the words that lead to it, a derivation and a list stay together) and
a clear transition (signal words, headings, blank lines open the next chunk).
"""

from __future__ import annotations

import re
from typing import Literal

from talkoot.judging.units import Unit, units

Purpose = Literal["work", "check", "result"]

LONG = 400
"""Characters after which a chunk that computes nothing ends with the line."""

_RELATION = r"(?:=|≈|\\approx\b|\\equiv\b|≡)"
_EQUATION = re.compile(rf"{_RELATION}|\b(?:equals|is equal to)\b")
_OPERATOR = re.compile(
    r"[\w)}\]%]\s{0,3}[-+−–*×÷⋅·/^!]\s{0,3}[\w($\\{.√]|[\d)]\s{0,3}x\s{0,3}[\d($]"
    r"|\\(?:times|cdot|div|[dt]?frac|sqrt|binom|sum|prod|int|p?mod|pm)\b|√|<<"
)
# The right side of the last relation is a number: nothing is left to be computed.
_VALUE = re.compile(
    rf".*{_RELATION}\s{{0,3}}(?:\\boxed\{{|\\\w{{1,8}}\{{|\\[(\[]|[${{(≈]|\s)*<{{0,2}}-?\s?[\d.,]*\d(?P<rest>.{{0,200}})",
    re.DOTALL,
)
_GOES_ON = re.compile(r"[^\w\s=]{0,3}\s{0,2}(?:[-+*/×÷^]|\\(?:times|cdot|div)|x\s{0,2}\d)")
_UNKNOWN = re.compile(r"(?:\d|[-+*/^]\s{0,2}|\(\s{0,2})\\?[a-zA-Z]\b(?!\()|\b[a-zA-Z]\s{0,2}[-+*/^]")
_WORD = re.compile(r"(?<![\\a-zA-Z])[a-zA-Z]{3,}")

_LEADS_IN = re.compile(
    rf"(?:[:,;&]|{_RELATION}|\\(?:implies|Rightarrow|iff)|\b(?:is|are|that|get|gives?|have|be|and|or|by|where|of|to|as))"
    r"[\s*_]*$"
)
_CONTINUES = re.compile(
    rf"(?:where|which|whence)\b|[)\]}}]|{_RELATION}|[<>≤≥⇒→∴+×÷/]|\\(?:implies|Rightarrow|iff|therefore|leq?|geq?|quad)\b"
)
_LIST = re.compile(r"(?:[-*•+–]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_STEP = re.compile(r"[#*_>\s-]{0,8}(?:step|part|case)\s{0,3}\(?(?:\d{1,4}|[IVX]{1,4}|[A-Z])\b", re.IGNORECASE)
_HEADING = re.compile(r"#{1,6}\s.{1,200}|(?:\*\*|__)[^*_\n]{1,120}(?:\*\*|__)[:.]?|[-=*_~]{3,80}")
_NUMBERED = re.compile(r"[#*_\s]{0,6}\(?\d{1,3}[.)][*_]{0,2}\s")

_NEXT = re.compile(
    r"\W{0,3}(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|fourth|fifth|next|then|now|finally|lastly|afterwards?"
    r"|after that|in (?:addition|the (?:first|second|third|next|last|same))|similarly|likewise|also|meanwhile"
    r"|on the other hand|to (?:find|calculate|determine|compute|get|solve|simplify)"
    r"|(?:so )?we (?:can|need|must|want|know|are)"
    r"|let|suppose|assume|denote|define|consider|recall|note|given|since|because|if|for|using|from|substitut\w{1,5}"
    r"|case)\b",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"\W{0,3}(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|finally|lastly)\b", re.IGNORECASE
)
_CONCLUDES = re.compile(
    r"\W{0,3}(?:so|thus|hence|therefore|consequently|accordingly|this means|that means|it follows"
    r"|that is|i\.e|in (?:total|conclusion|all)|overall|altogether|as a result|we conclude)\b",
    re.IGNORECASE,
)
_CHECKS = re.compile(
    r"\W{0,3}(?:(?:let(?:'|’)?s|let us|let me|we can|we|to|i(?:'|’)ll|now)?\s?(?:double[- ]?)?"
    r"(?:check|verify|verification)"
    r"|wait|hmm|but wait|however, (?:wait|this|we)|alternatively|another (?:way|approach)|actually)\b",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"\W{0,3}(?:a|answer|final answer)\s?:|####|.*(?:\\boxed|(?:final )?answer\b.{0,40}(?:is|:|=))",
                     re.IGNORECASE | re.DOTALL)  # fmt: skip


def by_rules(text: str) -> list[str]:
    """Cut a solution into chunks by its formulas, sentences, lines and signal words. Linear in the text."""
    found = units(text)
    if not found:
        return [text] if text else []
    computed = [i for i, unit in enumerate(found) if _computes(unit)]
    tail = computed[-1] + 1 if computed else 0  # from here on nothing is computed: the place of the final answer
    pieces, chunk = [], _Chunk(found[0])
    for i, unit in enumerate(found[1:], start=1):
        purpose = _purpose(unit, ending=i >= tail, last=len(found) - i <= 3)
        if _opens(unit, chunk, purpose):
            pieces.append(text[chunk.start : unit.start])
            chunk = _Chunk(unit, purpose)
        else:
            chunk.add(unit)
    return [*pieces, text[chunk.start :]]


class _Chunk:
    """The chunk that is being gathered."""

    def __init__(self, unit: Unit, purpose: Purpose = "work") -> None:
        self.start = unit.start
        self.purpose = purpose
        self.equation = False  # it holds one
        self.closed = False  # its last equation ends in a number
        self.left = ""  # the left side of its last equation
        self.number = False  # it holds a number
        self.bare = True  # nothing but headings so far
        self.add(unit)

    def add(self, unit: Unit) -> None:
        """Let the unit join."""
        self.last = unit
        self.bare = self.bare and _is_heading(unit)
        self.number = self.number or any(map(str.isdigit, unit.words))
        if _EQUATION.search(unit.words) or _computes(unit):
            self.equation, self.closed, self.left = True, _closes(unit), _left(unit)


def _opens(unit: Unit, chunk: _Chunk, purpose: Purpose) -> bool:
    """Whether the unit opens a new chunk."""
    before = chunk.last
    if chunk.bare:
        return False
    if unit.gap != "same line" and _STEP.match(unit.words):
        return True
    if _belongs(unit, before, chunk):
        return False
    if purpose != chunk.purpose and purpose != "work":
        return True
    if unit.gap == "blank" or (unit.gap == "line" and (_is_heading(unit) or _NUMBERED.match(unit.words))):
        return True
    signal = bool(_NEXT.match(unit.words))
    if unit.gap == "same line":
        if _ORDINAL.match(unit.words) and chunk.number:
            return True
        return chunk.equation and (signal or (chunk.closed and _computes(unit)))
    if chunk.closed or (chunk.equation and (signal or len(_WORD.findall(unit.words)) > 3)):
        return bool(_EQUATION.search(unit.words)) or not _CONCLUDES.match(unit.words)
    return unit.end - chunk.start > LONG or (chunk.equation and signal)


def _belongs(unit: Unit, before: Unit, chunk: _Chunk) -> bool:
    """Whether the unit cannot stand apart from the one before it (cohesion)."""
    if not any(map(str.isalnum, unit.words)):
        return True
    if _LIST.match(unit.words) and unit.gap != "same line":
        listed = bool(_LIST.match(before.words)) or before.words.endswith(":")
        return listed and not chunk.closed and not (_computes(unit) and unit.gap == "blank")
    if _LEADS_IN.search(before.words[-40:]) or _CONTINUES.match(unit.words):
        return True
    # A small letter goes on with the sentence, unless the writer uses no capitals.
    if unit.words[0].islower() and (unit.gap == "same line" or not (chunk.closed or before.words[-1] in ".!?")):
        return True
    if chunk.left and unit.gap == "line" and _left(unit) == chunk.left:  # the same quantity, one step further
        return True
    if unit.display:
        return (before.display and unit.gap != "blank") or before.words[-1] not in ".!?。！？"
    return before.display and unit.gap == "same line" and not _NEXT.match(unit.words) and not _computes(unit)


def _purpose(unit: Unit, *, ending: bool, last: bool) -> Purpose:
    """What the unit is for. A chunk that checks or concludes goes on doing so until another purpose shows."""
    if _CHECKS.match(unit.words):
        return "check"
    if ending and (_ANSWER.match(unit.words) or (last and _CONCLUDES.match(unit.words))):
        return "result"
    return "work"


def _is_heading(unit: Unit) -> bool:
    return unit.gap != "same line" and bool(_HEADING.fullmatch(unit.words))


def _left(unit: Unit) -> str:
    """The left side of the unit's first equation, if it names something."""
    left, relation, _ = unit.words.partition("=")
    named = relation and len(left) < 80 and any(map(str.isalpha, left))
    return "".join(filter(str.isalnum, left)) if named else ""


def _computes(unit: Unit) -> bool:
    return bool(_EQUATION.search(unit.words) and _OPERATOR.search(unit.words))


def _closes(unit: Unit) -> bool:
    """Whether the unit's last equation ends in a number and is none that has still to be solved (`2x = 4`)."""
    value = _VALUE.match(unit.words)
    if not value or _GOES_ON.match(value["rest"]):
        return False
    left = re.split(_RELATION, unit.words)[-2]
    return not _UNKNOWN.search(left[-60:])
