"""Which plan of a lettered list did a reply choose? In the order of the reference (1.5), each fall-back with its name.

1. A plan written out in full. 2. A letter: `option B`, `(B)`, `B.`, `B`. 3. Name and id of a plan, or its verb and name
(never the message). What comes fourth, a plan drawn from the seed, is the planner's. The text looked at is the line
`Answer: ...` where there is one, else the whole reply; the whole reply was not asked for, so that whatever is found
there is a fall-back too. Of several plans the first counts in an answer, the last in free reasoning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from talkoot.agents.reading import read_line
from talkoot.skills import Option

Lettered = Sequence[tuple[str, Option]]

_ALONE = re.compile(r"[\W_]*([A-Za-z]{1,2})[\W_]*")
_BEGINS = re.compile(r"[\W_]*(?:([A-Za-z]{1,2})[.):](?=\s|$)|(?![AI]\b)([A-Z]{1,2})\s+[\[<a-z])")
_PATTERNS = (
    re.compile(r"\b(?i:option|action|choice|letter|plan|answer)(?i:\s+is)?[ :*\"'(`\[]{1,4}([A-Z]{1,2})\b"),
    re.compile(r"\(([A-Z]{1,2})\)"),
    re.compile(r"(?<![^\s*`\"'(\[])(?!I,)([A-Z]{1,2})[.,:)](?!\w)"),
)
_VERB = re.compile(r"\[(\w+)\]")
_NAME = re.compile(r"<([^<>]+)>")
_ID = re.compile(r"\((\d+)\)")


def read_choice(
    reply: str, options: Lettered, message: Option | None = None, *, alone: bool = False
) -> tuple[Option, str] | None:
    """The option that a reply chose, and the fall-back by which it was found ("" if none); None if there is none.

    `message` is the option that sends the draft. `alone` says that the reply was to be the choice and nothing else.
    """
    line = read_line(reply, "Answer", last=True)
    text, asked = (line, True) if line else (reply, alone)
    plan = _written_out(text, [option for _, option in options], message, first=asked)
    if plan is not None:
        return plan, "" if asked else "plan"
    letter = _by_letter(text, options, first=asked)
    if letter is not None:
        return letter, "" if asked else "letter"
    fuzzy = _by_parts(text, [option for _, option in options if option is not message])
    return (fuzzy, "fuzzy") if fuzzy is not None else None


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[*`]", "", text).split()).casefold()


def _written_out(text: str, options: Iterable[Option], message: Option | None, *, first: bool) -> Option | None:
    """The plan that the text holds word for word; a message also by its marker alone."""
    plain = _plain(text)
    spans: list[tuple[int, int, Option]] = []
    for option in options:
        whole = _plain(option.text)
        marker = whole.split("] ")[0] + "]" if option is message and "] " in whole else whole
        for wanted in dict.fromkeys((whole, marker)):
            # A number that goes on is another number: `[grab] 1` is not in `[grab] 12`.
            end = r"(?!\w)" if re.match(r"\w", wanted[-1:]) else ""
            spans += [(m.start(), m.end(), option) for m in re.finditer(re.escape(wanted) + end, plain) if wanted]
    outer = [
        (start, end, option)
        for start, end, option in spans
        if not any(s <= start and end <= e and (s, e) != (start, end) for s, e, _ in spans)
    ]
    if not outer:
        return None
    return (min(outer, key=lambda span: span[0]) if first else max(outer, key=lambda span: span[1]))[2]


def _by_letter(text: str, options: Lettered, *, first: bool) -> Option | None:
    letters = dict(options)
    for pattern in (_ALONE.fullmatch, _BEGINS.match) if first else (_ALONE.fullmatch,):
        match = pattern(text)
        letter = next((found for found in match.groups() if found), "").upper() if match is not None else ""
        if letter in letters:
            return letters[letter]
    for searched in _PATTERNS:
        named = [letters[letter] for letter in searched.findall(text) if letter in letters]
        if named:
            return named[0 if first else -1]
    return None


def _by_parts(text: str, options: Sequence[Option]) -> Option | None:
    """The first option whose name and id, else whose verb and name, stand in the text."""
    joined, words = re.sub(r"[^a-z0-9]", "", text.lower()), text.lower()
    parts = [_parts(option) for option in options]

    def said(name: str) -> bool:
        return bool(re.search(rf"(?<![a-z0-9]){re.escape(name)}s?(?![a-z0-9])", words))

    for option, (_, name, number) in zip(options, parts, strict=True):
        if name and number and said(name) and re.search(rf"(?<!\d){number}(?!\d)", words):
            return option
    for option, (verb, name, _) in zip(options, parts, strict=True):
        if verb in joined and (not name or said(name)):
            return option
    return None


def _parts(option: Option) -> tuple[str, str, str]:
    """Verb (without a leading "go", as in `gograb`), name and id of an option, as far as its text has them."""
    verb, name, number = (pattern.search(option.text) for pattern in (_VERB, _NAME, _ID))
    plain = re.sub(r"[^a-z0-9]", "", (verb[1] if verb else option.call.name).lower())
    stem = plain.removeprefix("go") if name else plain
    return stem or plain, name[1].lower() if name else "", number[1] if number else ""
