"""S-expressions with places. Reads whatever a language model writes: fences, prose, missing and extra brackets.

Nothing here raises on bad text: what is wrong becomes a fault, and the tree is recovered as well as possible. A list
that begins with a keyword, such as `(:goal`, can only stand directly inside `(define ...)`; this is what tells where a
bracket is missing (ours).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from talkoot.planning.faults import Fault

DEEPEST = 60
"""Brackets nested deeper than this are no PDDL that anybody wrote on purpose; they are not followed."""

_SECTIONS = frozenset((
    ":domain", ":objects", ":init", ":goal", ":metric", ":requirements", ":types", ":constants", ":predicates",
    ":functions", ":action",
))  # fmt: skip
_TOKEN = re.compile(r";[^\n]*|[()]|```\w*|[^\s();`]+|`")
_DEFINE = re.compile(r"\(\s*define\b", re.IGNORECASE)
_BARE_SECTION = re.compile(r"\(\s*:[a-z]", re.IGNORECASE)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-") | dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\x00"), " ")
_QUOTES = "\"'`‘’“”„«»"


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its place, in lower case."""

    text: str
    line: int
    column: int

    def __str__(self) -> str:
        return self.text


@dataclass(slots=True)
class Branch:
    """A list in brackets; `end` is the place of its closing bracket (or of the text's end where that is missing)."""

    items: list[Tree]
    line: int
    column: int
    end: tuple[int, int] = (0, 0)

    @property
    def head(self) -> str:
        """The first word, empty where there is none."""
        return self.items[0].text if self.items and isinstance(self.items[0], Token) else ""

    def __str__(self) -> str:
        return f"({' '.join(map(str, self.items))})"


Tree = Token | Branch


@dataclass(frozen=True, slots=True)
class Comment:
    """What follows a semicolon, without it."""

    text: str
    line: int
    column: int


@dataclass
class Reading:
    """What `read` found: the `(define ...)` (None if there is nothing like it), the comments in it, and faults."""

    form: Branch | None
    comments: list[Comment] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def sections(self, name: str) -> list[Branch]:
        """The lists directly inside the form that begin with this keyword."""
        items = self.form.items if self.form else []
        return [item for item in items if isinstance(item, Branch) and item.head == name]


def walk(tree: Tree) -> Iterator[Branch]:
    """All lists of a tree, outer before inner."""
    if isinstance(tree, Branch):
        yield tree
        for item in tree.items:
            yield from walk(item)


def read(text: str, want: Literal["domain", "problem"]) -> Reading:
    """Find and read the wanted `(define ...)` in a text, the last one if it holds several. Never raises."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_DASHES)
    thought = text.rfind("</think>") + len("</think>") if "</think>" in text else 0
    text = re.sub(r"[^\n]", " ", text[:thought]) + text[thought:]  # what a model wrote before it answered
    starts = [match.start() for match in _DEFINE.finditer(text) if ";" not in _line_before(text, match.start())]
    headless = not starts
    if headless:
        match = _BARE_SECTION.search(text)
        if match is None:
            return Reading(None, faults=[_nothing(text, want)])
        starts = [match.start()]
    lines = [0, *(match.end() for match in re.finditer("\n", text))]
    chunks = [
        _chunk(text, lines, start, end, want, headless)
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
    ]
    fitting = [chunk for chunk in chunks if _kind(chunk[0]) in (want, "")]
    if not fitting:
        return Reading(None, faults=[_nothing(text, want)])
    reading, prose = fitting[-1]
    around = prose or _is_prose(text[: starts[0]]) or len(fitting) < len(chunks)
    if around:
        reading.faults.insert(0, Fault("syntax", f"there is other text around the {want}; it was left out",
                                       f"write the {want} only", mended=True))  # fmt: skip
    if len({str(chunk[0].form) for chunk in fitting}) > 1:
        reading.faults.append(Fault("syntax", f"the text holds {len(fitting)} different {want}s; the last one was read",
                                    f"write one {want} only"))  # fmt: skip
    return reading


def _line_before(text: str, offset: int) -> str:
    return text[text.rfind("\n", 0, offset) + 1 : offset]


def _is_prose(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith(";") for line in text.split("\n"))


def _nothing(text: str, want: str) -> Fault:
    form = f"(define ({want} NAME) ...)"
    if not text.strip():
        return Fault("empty", f"the text is empty; a {want} was expected", f"write {form}")
    return Fault("empty", f"the text holds no {want}: there is no {form} in it", f"write {form}", 1, 1)


def _kind(reading: Reading) -> str:
    items = reading.form.items if reading.form else []
    return items[1].head if len(items) > 1 and isinstance(items[1], Branch) and items[1].head[:1] != ":" else ""


def _chunk(text: str, lines: list[int], start: int, end: int, want: str, headless: bool) -> tuple[Reading, bool]:
    """Read one `(define ...)` that begins at `start`; also says whether something else follows it."""
    builder = _Builder(text, lines)
    if headless:
        builder.open(*builder.place(start))
        builder.stack[0].items.append(Token("define", *builder.place(start)))
        builder.fault(f"the sections are not inside (define ({want} NAME) ...)", start, f"begin with (define ({want}")
    words = [match for match in _TOKEN.finditer(text, start, end) if match[0][0] != ";"]
    comments = [match for match in _TOKEN.finditer(text, start, end) if match[0][0] == ";"]
    stop = builder.build(words, headless)
    last = stop if stop is not None else end
    return builder.finish(end, [match for match in comments if match.start() < last], headless), stop is not None


class _Builder:
    """Makes the tree of one form from its words."""

    def __init__(self, text: str, lines: list[int]) -> None:
        self.text, self.lines = text, lines
        self.root: Branch | None = None
        self.stack: list[Branch] = []
        self.faults: list[Fault] = []
        self.too_deep = 0

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def fault(self, message: str, offset: int, remedy: str, mended: bool = True, kind: str = "syntax") -> None:
        self.faults.append(Fault(kind, message, remedy, *self.place(offset), mended=mended))

    def open(self, line: int, column: int) -> None:
        branch = Branch([], line, column)
        if self.stack:
            self.stack[-1].items.append(branch)
        elif self.root is None:
            self.root = branch
        self.stack.append(branch)

    def build(self, words: list[re.Match[str]], headless: bool) -> int | None:
        """Read words up to the end of the form; the offset of what follows it, None if nothing does."""
        for index, match in enumerate(words):
            word, offset = match[0], match.start()
            if word.startswith("```"):
                return offset
            if word == ")":
                self._close(offset)
            elif word == "(" and self.too_deep:
                self.too_deep += 1
            elif word == "(":
                following = words[index + 1][0].lower() if index + 1 < len(words) else ""
                if following.startswith(":"):
                    self._back_to_top(following, offset)
                elif not self.stack and self.root is not None:
                    if not _goes_on(words[index:]):
                        return offset
                    self._reopen(offset)
                if len(self.stack) >= DEEPEST:
                    self.fault(f"brackets are nested deeper than {DEEPEST}", offset, "write plain facts", mended=False)
                    self.too_deep = 1
                else:
                    self.open(*self.place(offset))
            elif not self.stack:
                return offset
            elif not self.too_deep:
                self._word(word, offset)
        return None

    def _word(self, word: str, offset: int) -> None:
        word = word.strip(_QUOTES).rstrip(",").strip(_QUOTES).lower()
        if not word:
            return
        if word in _SECTIONS and len(self.stack) == 1:
            self.fault(f"the bracket before {word} is missing", offset, f"write ({word} ...)")
            self.open(*self.place(offset))
        self.stack[-1].items.append(Token(word, *self.place(offset)))

    def _close(self, offset: int) -> None:
        if self.too_deep:
            self.too_deep -= 1
        elif self.stack:
            self.stack.pop().end = self.place(offset)
        else:
            self.fault("there is one closing bracket too many", offset, "remove it")

    def _back_to_top(self, keyword: str, offset: int) -> None:
        """A section begins: all lists but the form itself must be closed, and the form itself open."""
        if not self.stack and self.root is not None:
            self._reopen(offset)
        if len(self.stack) > 1:
            branch = self.stack[-1]
            what = f"({branch.head}" if branch.head else "the list"
            self.fault(f"{what} of line {branch.line} is not closed before ({keyword}", offset, "add a closing bracket")
            for open_one in self.stack[1:]:
                open_one.end = self.place(offset)
            del self.stack[1:]
        self.too_deep = 0

    def _reopen(self, offset: int) -> None:
        assert self.root is not None
        line, column = self.root.end
        self.faults.append(Fault("syntax", "there is one closing bracket too many before this place",
                                 "remove it", line or self.place(offset)[0], column, mended=True))  # fmt: skip
        self.stack = [self.root]

    def finish(self, end: int, comments: list[re.Match[str]], headless: bool) -> Reading:
        form = self.root
        assert form is not None
        last = end
        while last and self.text[last - 1].isspace():
            last -= 1
        for branch in self.stack:
            branch.end = self.place(last)
        if headless:
            # Sections alone, as asked for when only one section is to be written again, need no bracket around them.
            del self.stack[:1]
        if self.stack:
            self._unclosed(form, last, headless)
        _gather_strays(form, self.faults)
        notes = [Comment(match[0].lstrip(";").strip(), *self.place(match.start())) for match in comments]
        return Reading(form, notes, self.faults)

    def _unclosed(self, form: Branch, last: int, headless: bool) -> None:
        """Missing brackets at the end are harmless if nothing but brackets can be missing, else the text was cut."""
        heads = {item.head for item in form.items if isinstance(item, Branch)}
        missing = len(self.stack) + headless
        whole = {":init", ":goal"} <= heads or (_kind(Reading(form)) == "domain" and ":action" in heads)
        if whole and missing <= 2 and self.text[last - 1 : last] == ")":
            self.fault(f"{missing} closing bracket{'s are' if missing > 1 else ' is'} missing at the end", last - 1,
                       "add what is missing")  # fmt: skip
        else:
            self.fault(f"the text ends inside {_breadcrumb(self.stack)}; it seems to be cut", last - 1,
                       "write it again to its end", mended=False, kind="truncated")  # fmt: skip


def _breadcrumb(stack: list[Branch]) -> str:
    return " ".join(f"({branch.head or '...'}" for branch in stack[:4])


def _goes_on(words: list[re.Match[str]]) -> bool:
    """Whether lists follow each other without a word between them until a section begins."""
    depth = 0
    for index, match in enumerate(words):
        if match[0] == "(":
            if index + 1 < len(words) and words[index + 1][0].startswith(":"):
                return True
            depth += 1
        elif match[0] == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            return False
    return False


def _gather_strays(form: Branch, faults: list[Fault]) -> None:
    """Lists that stand between sections because of a bracket too many go back into the section before them."""
    kept: list[Tree] = []
    for index, item in enumerate(form.items):
        section = kept[-1] if kept else None
        stray = (
            isinstance(item, Branch) and index > 0 and item.head[:1] != ":" and item.head not in ("problem", "domain")
        )
        if stray and isinstance(section, Branch) and section.head[:1] == ":":
            if not any(fault.line == section.end[0] and fault.column == section.end[1] for fault in faults):
                faults.append(Fault("syntax", f"the bracket here ends ({section.head} too early", "remove it",
                                    *section.end, mended=True))  # fmt: skip
            section.items.append(item)
        else:
            kept.append(item)
    form.items = kept
