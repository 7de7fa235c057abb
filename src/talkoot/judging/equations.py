r"""Arithmetic that a text states, checked exactly: `3 + 4 = 7`, `<<12/4=3>>`, `2 \times 3 = 6`. No model (ours).

Only equations between numbers are read; one with a letter, or that cannot be read for sure, is passed over. A decimal
may be rounded or cut off at its last digit, as in 10/3 = 3.33, and carry the dust of floating-point numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

_LONGEST, _DEEPEST, _POWER, _DIGITS = 400, 30, 64, 300
_MARK = re.compile(r"<<([^<>\n]{1,400})>>")
_RUN = re.compile(r"[-+*/^%()=≈.,\d \t]+")
_TOKEN = re.compile(r"(\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(%?)|\*\*|[-+*/^()]|\s+")
_SIGNS = {
    "×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "−": "-", "–": "-", "\\times": "*", "\\cdot": "*", "\\div": "/",
    "\\left": "", "\\right": "", "\\(": " ", "\\)": " ", "\\[": " ", "\\]": " ", "{,}": ",", "\\,": "", "\\!": "",
    "\\%": "%", "\\$": "", "$": "", "\\approx": "≈", "€": "", "£": "",
}  # fmt: skip
_SIGN = re.compile("|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True)))
_TIMES = re.compile(r"(?<=[\d)])(\s*)[xX](?=\s*[\d(])")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
_FACTORS = re.compile(r"(?<=[\d)])(?=\()")  # 2(3 + 4)
_PART = re.compile(r"[,.](?=\s)")
_FRACTION = re.compile(r"\\[dt]?frac\s?\{([^{}]{1,100})\}\s?\{([^{}]{1,100})\}")


@dataclass(frozen=True, slots=True)
class Equation:
    """`left` = `right` as they are written (calculator marks without their brackets), and whether that is so."""

    left: str
    right: str
    holds: bool
    value: Fraction
    """What `left` is."""

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"


def equations(text: str) -> list[Equation]:
    """The equations of a text in order; a chain `1 + 2 = 3 = 3` gives one for each of its signs."""
    found: list[Equation] = []
    at = 0
    for mark in _MARK.finditer(text):
        found += _in_plain(text[at : mark.start()])
        found += _chain(mark[1])
        at = mark.end()
    return found + list(_in_plain(text[at:]))


def _in_plain(text: str) -> Iterator[Equation]:
    for line in text.splitlines():
        line = _FRACTION.sub(r"((\1)/(\2))", _BULLET.sub("", line))
        line = _TIMES.sub(r"\1*", _SIGN.sub(lambda sign: _SIGNS[sign[0]], line))
        for run in _RUN.finditer(line):
            if "=" not in run[0] and "≈" not in run[0]:
                continue
            before, after = line[: run.start()].rstrip(), line[run.end() : run.end() + 1]
            written = run[0]
            # What touches a letter or another sign is a part of something larger: 2x + 3 = 7y.
            if written[0] not in " \t" and before and run.start() == len(before) and before[-1] not in ':;([{*">':
                written = written.lstrip("0123456789.,()-+*/^% \t")
            elif before and before[-1] not in ":;,.!?([{\"'>":
                written = _without_sign(written)
            if after in ("\\", "{", "_") or (after.isalpha() and run[0][-1] not in " \t"):
                written = written.rpartition("=")[0]
            for part in _PART.split(written):
                yield from _chain(part)


def _without_sign(written: str) -> str:
    """After a word: `so 3 + 4 = 7` is whole, `x - 3 - 4 = 7` is not."""
    bare = written.lstrip()
    if bare[:1] in tuple("-+*/^%).,"):
        return bare.lstrip("0123456789.,()-+*/^% \t")
    return written


def _chain(written: str) -> list[Equation]:
    """The equations of `a = b = c`, sides that are no numbers left out. A chain without an operation says nothing."""
    sides = [side.strip() for side in re.split("[=≈]", written[:_LONGEST])]
    signs = re.findall("[=≈]", written[:_LONGEST])
    found = []
    for left, right, sign in zip(sides, sides[1:], signs, strict=False):
        left, right = _trimmed(left), _trimmed(right)
        if not _operates(left) and not _operates(right):
            continue
        one, other = _value(left), _value(right)
        if one is not None and other is not None:
            near = _near(one, right, other, sign) or _near(other, left, one, sign)
            found.append(Equation(left, right, one == other or near, one))
    return found


def _trimmed(side: str) -> str:
    """Without the punctuation of the sentence and brackets that do not close."""
    side = re.sub(r"^\*{1,2}(?=\d)|(?<=\d)\*\*$", "", side.strip(" \t,").rstrip(".,")).strip()
    while side.count("(") > side.count(")") and side.startswith("("):
        side = side[1:].strip()
    while side.count(")") > side.count("(") and side.endswith(")"):
        side = side[:-1].strip(" \t.,")
    return side


def _operates(side: str) -> bool:
    return re.search(r"[\d)%]\s*(?:\*\*|[-+*/^(])", side) is not None


def _near(exact: Fraction, written: str, value: Fraction, sign: str) -> bool:
    """Whether a plain decimal stands for the exact value, rounded or cut off at its last digit."""
    if not re.fullmatch(r"-?[\d,]*(?:\.\d+)?%?", written):
        return False
    places = len(written.rstrip("%").partition(".")[2])
    if not places and sign == "=":
        return False
    unit = Fraction(1, 10**places) / (100 if written.endswith("%") else 1)
    return abs(exact - value) < (max(unit, abs(exact) / 10**6) if places >= 6 else unit)


def _value(side: str) -> Fraction | None:
    """The exact value of an expression; None if it is none, divides by zero or grows beyond all use."""
    tokens: list[str] = []
    at = 0
    side = _FACTORS.sub(r"*", side)
    while at < len(side):
        token = _TOKEN.match(side, at)
        if token is None:
            return None
        if not token[0].isspace():
            tokens.append(token[0])
        at = token.end()
    try:
        value, rest = _sum(tokens, 0, 0)
    except (ArithmeticError, ValueError, IndexError):
        return None
    return value if rest == len(tokens) else None


def _sum(tokens: list[str], at: int, depth: int) -> tuple[Fraction, int]:
    value, at = _product(tokens, at, depth)
    while at < len(tokens) and tokens[at] in "+-":
        other, after = _product(tokens, at + 1, depth)
        value, at = (value + other if tokens[at] == "+" else value - other), after
    return value, at


def _product(tokens: list[str], at: int, depth: int) -> tuple[Fraction, int]:
    value, at = _power(tokens, at, depth)
    while at < len(tokens) and tokens[at] in ("*", "/"):
        sign = tokens[at]
        other, at = _power(tokens, at + 1, depth)
        value = value / other if sign == "/" else value * other
    return value, at


def _power(tokens: list[str], at: int, depth: int) -> tuple[Fraction, int]:
    if tokens[at] in "+-":
        if depth > _DEEPEST:
            raise ValueError
        value, after = _power(tokens, at + 1, depth + 1)
        return (-value if tokens[at] == "-" else value), after
    value, at = _atom(tokens, at, depth)
    if at < len(tokens) and tokens[at] in ("^", "**"):
        power, at = _power(tokens, at + 1, depth + 1)
        if power.denominator != 1 or abs(power) > _POWER or len(str(value)) > _DIGITS:
            raise ValueError
        value = value ** int(power)
    return value, at


def _atom(tokens: list[str], at: int, depth: int) -> tuple[Fraction, int]:
    if depth > _DEEPEST:
        raise ValueError
    token = tokens[at]
    if token == "(":
        value, at = _sum(tokens, at + 1, depth + 1)
        if tokens[at] != ")":
            raise ValueError
        return value, at + 1
    number = Fraction(token.rstrip("%").replace(",", ""))
    return (number / 100 if token.endswith("%") else number), at + 1
