"""Final answers: taking them out of a solution, and checking them against a reference (reference 5.1).

Three ways, the cheapest first: equal texts, equal numbers (exact fractions), and math-verify for all else, in guarded
processes (`judging.equivalence`). Every (gold, answer) is decided once: answers repeat heavily within a problem. Only
what was taken out of a solution is compared, never the solution: bare text makes math-verify say yes to unequal things.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from types import TracebackType

from talkoot.judging.equivalence import Equivalence, Missing, Outcome

_BOX = re.compile(r"\\(?:boxed|fbox)\s*")
_HASHES = re.compile(r"^[ \t]*####[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_COLON = re.compile(r"^[ \t]*A:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_LONGEST = 1000
"""Characters of an answer; a longer one is no answer, and is wrong unless it is the reference itself."""

_SPACING = re.compile(r"\\[!,;: ]|\\q?quad\b|\\left\b|\\right\b|\\displaystyle\b|[\u200b\u00ad]|~")
_DEGREES = re.compile(r"\^\s*(?:\{\s*\\circ\s*\}|\\circ)|°|\\degree\b")
_NAMED = re.compile(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox)\s*\{([^{}]*)\}")
_BLANKS = re.compile(r"(?<![^\W_])\s+|\s+(?![^\W_])")
_FRACTION = re.compile(r"(-?)\\frac(?:\{(-?\d+)\}|(\d))(?:\{(-?\d+)\}|(\d))|(-?\d+)/(-?\d+)")
_DECIMAL = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+)?(?:\.(\d*))?(?:[eE][+-]?\d{1,3})?")
_CURRENCY = re.compile(r"^(-?)(?:\\?\$|\\pounds\b|[€£¥])\s*")
_WORDS = re.compile(r"(?=.*[^\W\d_]{3})(?:[^\W\d_]|[\s'.-])+")
_INTEGER = re.compile(r"-?[0-9]{1,30}")
_ROUNDED = 6


def final_answer(text: str) -> str | None:
    r"""The final answer that a solution states, or None: the last whole `\boxed{...}`, else what follows the last
    `####` of a line, else the last `A:` that begins a line.

    Braces inside a box may nest; a box that was cut off is passed over. The answer comes without outer blanks,
    otherwise as it was written.
    """
    return _boxed(text) or _last(_HASHES, text) or _last(_COLON, text)


def _last(pattern: re.Pattern[str], text: str) -> str | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return str(found[1]) if found else None


def _boxed(text: str) -> str | None:
    for found in reversed(list(_BOX.finditer(text))):
        inside = _braced(text, found.end()) if text[found.end() : found.end() + 1] == "{" else _bare(text, found.end())
        if inside:
            return inside
    return None


def _braced(text: str, start: int) -> str | None:
    """What stands between the brace at `start` and the one that closes it; None if none does."""
    depth, at = 0, start
    while at < len(text):
        sign = text[at]
        if sign == "\\":  # \{ and \} are signs of the answer
            at += 2
            continue
        depth += (sign == "{") - (sign == "}")
        if not depth:
            return text[start + 1 : at].strip()
        at += 1
    return None


def _bare(text: str, start: int) -> str | None:
    r"""The answer of `\boxed 5`, which TeX takes as well."""
    found = re.match(r"[\w.,/-]+", text[start:])
    return found[0].rstrip(".,") if found else None


@dataclass(frozen=True, slots=True)
class _Number:
    value: Fraction
    percent: bool
    places: int  # digits after the point


@lru_cache(maxsize=200_000)
def _plain(text: str) -> str:
    """The text without what changes no meaning: dollar signs around it, spacing, `\\left`, the kind of `\\frac`."""
    text = _stopped(text)
    for left, right in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        if len(text) > len(left) + len(right) and text.startswith(left) and text.endswith(right):
            text = _stopped(text[len(left) : -len(right)])
    text = _SPACING.sub(" ", text.replace("{,}", ",").replace("\\!", "").replace("\\,", ""))
    text = _DEGREES.sub("", text.replace("−", "-").replace("\\%", "%"))
    text = text.replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac").replace("\\cfrac", "\\frac")
    return _BLANKS.sub("", _NAMED.sub(r"\1", text)).strip()


def _stopped(text: str) -> str:
    """The text without outer blanks and without the dot that ends a sentence."""
    text = text.strip()
    return text if text.endswith("..") else text.removesuffix(".").rstrip()


@lru_cache(maxsize=200_000)
def _number(plain: str) -> _Number | None:
    """The number that a plain text is: an integer, a decimal, a fraction, with a currency before or `%` behind."""
    text = _CURRENCY.sub(r"\1", plain)
    percent = text.endswith("%")
    text = text.removesuffix("%").rstrip().removeprefix("+")
    if found := _FRACTION.fullmatch(text):
        sign, *parts = found.groups()
        over, under = (int(part) for part in parts if part is not None)
        return _Number(Fraction(-over if sign else over, under), percent, 0) if under else None
    found = _DECIMAL.fullmatch(text)
    if not found or not text.isascii():
        return None
    places = len(found[1] or "") if "e" not in text.lower() else 0
    try:
        return _Number(Fraction(text.replace(",", "").replace(" ", "")), percent, places)
    except ValueError:  # "-", ".", "e5"
        return None


def _equal(gold: _Number, answer: _Number) -> bool:
    """Equal numbers. `10 %` is both 10 and 0.1; a decimal of six or more places stands for what rounds to it."""
    for one in (gold.value, gold.value / 100) if gold.percent else (gold.value,):
        for other in (answer.value, answer.value / 100) if answer.percent else (answer.value,):
            if one == other:
                return True
    if gold.percent or answer.percent:
        return False
    apart = 2 * abs(gold.value - answer.value)
    return any(places >= _ROUNDED and apart * 10**places <= 1 for places in (gold.places, answer.places))


def decide(gold: str, answer: str) -> bool | None:
    """Whether two answers are the same, where equal texts, numbers or words tell; None where it takes algebra.

    Words (three letters in a row and no sign but blanks, dots, dashes) are compared as words, without case: as algebra
    "Monday" and "dynamo" would be the same product of letters.
    """
    if gold == answer:
        return True
    if _INTEGER.fullmatch(gold) and _INTEGER.fullmatch(answer):  # nearly all of them
        return int(gold) == int(answer)
    if max(len(gold), len(answer)) > _LONGEST:
        return False
    one, other = _plain(gold), _plain(answer)
    if not (one and other):
        return False
    if one == other:
        return True
    first, second = _number(one), _number(other)
    if first is not None and second is not None:
        return _equal(first, second)
    if _WORDS.fullmatch(one) or _WORDS.fullmatch(other):
        return one.casefold() == other.casefold()
    return None


@lru_cache(maxsize=100_000)
def _reference(gold: str) -> str:
    return final_answer(gold) or gold.strip()


@dataclass
class Counts:
    """How answers were decided: `asked` pairs, of which `unanswered` had none; then what it cost. `timeouts` and
    `crashes` count pairs as wrong on which math-verify gave nothing; `unchecked` the same where it is not installed."""

    asked: int = 0
    unanswered: int = 0
    remembered: int = 0
    exact: int = 0
    verified: int = 0
    timeouts: int = 0
    crashes: int = 0
    unchecked: int = 0


class Grader:
    """Grades answers against references, many at a time; a context manager, safe to share between threads.

    `timeout` is the seconds that math-verify has for one pair, `workers` its processes (started when first needed),
    `memory_mb` what each may take, `memo` how many verdicts are remembered. Without math-verify (the extra `judging`)
    only equal texts and numbers count as the same, and one warning says so. `counts` tells how pairs were decided.
    """

    def __init__(self, *, timeout: float = 5.0, workers: int = 2, memory_mb: int = 2048, memo: int = 500_000) -> None:
        self.counts = Counts()
        self._guard = Equivalence(timeout=timeout, workers=workers, memory_mb=memory_mb)
        self._workers = workers
        self._memo: dict[tuple[str, str], bool] = {}
        self._room = memo
        self._lock = threading.Lock()
        self._missing = False

    def same(self, gold: str, answer: str) -> bool:
        """Whether an extracted answer is the same as the gold one. The order matters: see math-verify on intervals."""
        return self._decide([(gold, answer)])[0]

    def grade(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """For each (gold, solution): does the solution's final answer equal the gold one?

        The gold side is an answer, or a solution that states one. A solution without a final answer is wrong.
        """
        return self._decide([(_reference(gold), final_answer(text)) for gold, text in pairs])

    def _decide(self, pairs: Sequence[tuple[str, str | None]]) -> list[bool]:
        found: dict[tuple[str, str], bool] = {}
        open_: dict[tuple[str, str], None] = {}
        unanswered = remembered = 0
        for gold, answer in pairs:
            if answer is None:
                unanswered += 1
                continue
            key = (gold, answer)
            if key in found or key in open_:
                remembered += 1
            elif (known := self._memo.get(key)) is not None:
                found[key] = known
                remembered += 1
            elif (told := decide(gold, answer)) is not None:
                found[key] = told
                self._remember(key, told)
            else:
                open_[key] = None
        exact = len(pairs) - unanswered - remembered - len(open_)
        with self._lock:
            self.counts.asked += len(pairs)
            self.counts.unanswered += unanswered
            self.counts.remembered += remembered
            self.counts.exact += exact
        if len(open_) > 1 and self._workers > 1:
            with ThreadPoolExecutor(min(self._workers, len(open_))) as threads:
                found.update(zip(open_, threads.map(self._verify, open_), strict=True))
        else:
            found.update((key, self._verify(key)) for key in open_)
        return [answer is not None and found[gold, answer] for gold, answer in pairs]

    def _remember(self, key: tuple[str, str], told: bool) -> None:
        with self._lock:
            if len(self._memo) >= self._room:
                self._memo.clear()
            self._memo[key] = told

    def _verify(self, key: tuple[str, str]) -> bool:
        if self._missing:
            outcome = None
        else:
            try:
                outcome = self._guard.compare(_plain(key[0]), _plain(key[1]))
            except Missing as missing:
                outcome = None
                self._warn(missing)
        told = outcome is Outcome.SAME
        with self._lock:
            self.counts.verified += outcome in (Outcome.SAME, Outcome.DIFFERENT)
            self.counts.timeouts += outcome is Outcome.TIMEOUT
            self.counts.crashes += outcome is Outcome.CRASH
            self.counts.unchecked += outcome is None
        self._remember(key, told)
        return told

    def _warn(self, missing: Missing) -> None:
        with self._lock:
            first, self._missing = not self._missing, True
        if first:
            warnings.warn(f"{missing}; until then only equal texts and numbers count as the same answer", stacklevel=5)

    def close(self) -> None:
        """End the processes. A grader that is asked again starts new ones."""
        self._guard.close()

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
