"""Words that decide how a sentence may be read: what turns it round, and whether it is about the start or the goal.

A pattern that fits a part of a sentence knows nothing of what stands around it: "b1 is on b2" fits "do not assume that
b1 is on b2", too. English function words only, nothing of any domain. Source: ours.
"""

from __future__ import annotations

import re

_REVERSING = re.compile(
    r"\b(?:not|never|no|none|nothing|nobody|nowhere|neither|nor|cannot|without|hardly|avoid\w*|prevent\w*|forb[ia]d\w*"
    r"|if|unless|whether|would|might|could|maybe|perhaps|possibly|otherwise|suppose"
    r"|or|either|except|excluding|until|instead|rather"
    r"|was|were|used to|formerly|no longer|(?:other|different) than|apart from|aside from|away from|far from"
    r"|(?:all|everything|anything|every \w+|any) but)\b|n['’]t\b|\?$"
)
"""Negations, conditions, alternatives, exceptions, questions, the past."""

_GOAL = re.compile(
    r"\b(?:goals?|objectives?"
    r"|(?:target|desired|final|end) (?:state|situation|arrangement|configuration|position|layout))\b"
)
_START = re.compile(
    r"\b(?:initial(?:ly)?|currently|at present|to begin with|(?:right|just|for) now|so far"
    r"|(?:at|in) the (?:start|beginning|moment|outset)|start(?:ing)? (?:state|situation|arrangement|position))\b"
)
_WISH = re.compile(
    r"\b(?:should|must|shall|ought to|ha(?:s|ve) to|needs? to|i want|we want|i need|we need|would like|i wish"
    r"|please|make sure|ensure|in the end|at the end|finally|your (?:task|job) is|the task is)\b"
)


def reversing(low: str) -> list[re.Match[str]]:
    """The words of a sentence, in lower case, that may make its parts mean something else than they say."""
    return list(_REVERSING.finditer(low))


def covers(says: str, match: re.Match[str], word: re.Match[str]) -> bool:
    """Whether a pattern that was found spells such a word out itself, so that its meaning allows for it.

    "no" may be a number too, where nothing more is said: "no crates", but not "no crates are there".
    """
    inside = match.start() <= word.start() and word.end() <= match.end()
    if inside and word[0] == "no" and "no" in match.groupdict().values():
        return re.match(r"\W*(?:$|,|and\b)", match.string[match.end() :]) is not None
    return inside and re.search(rf"(?<![a-z]){re.escape(word[0])}(?![a-z])", says) is not None


_NO_NAMES = frozenset(re.findall("[a-z]+", """
    a an the it its it they them their he she you your i my we our us that which who whom what where this these those
    there here then each every all both some any one ones other others another everything something anything everyone
    someone thing things most many few several more less and as of in on at to with so also first last next same now
"""))  # fmt: skip
"""What stands where a name belongs and is none."""


def is_name(words: str, vocabulary: frozenset[str]) -> bool:
    """Whether words may be a name: no pronoun or the like is among them, and not all belong to the domain's wording."""
    each = re.findall(r"[a-z]+", words)
    plain = {one.removesuffix("s") for one in vocabulary} | vocabulary
    return not _NO_NAMES & set(each) and any(one not in plain and one.removesuffix("s") not in plain for one in each)


def turns_to(low: str) -> str:
    """The section, "start" or "goal", that begins with a sentence; "both" if it speaks of both, "" if it goes on."""
    goal, start = bool(_GOAL.search(low)), bool(_START.search(low))
    if not goal and low.endswith(":"):
        goal = bool(_WISH.search(low))
    return "both" if goal and start else "goal" if goal else "start" if start else ""


def refers_back(rest: str) -> bool:
    """Whether what is left of a sentence says more of what was named in the part that was read."""
    return (
        re.search(r"\b(?:which|whose|where|respectively|too|as well|likewise|vice versa|similarly)\b", rest) is not None
    )


def wishes(low: str) -> bool:
    """Whether a sentence says by itself what should be, wherever it stands."""
    return bool(_WISH.search(low))


_OPEN = re.compile(
    r"(?:,|\b(?:a|an|and|are|at|be|from|has|have|in|into|is|must|of|on|onto|or|should|than|that|the|to|upon|with))$"
)
_GOES_ON = re.compile(
    r"(?:and|are|at|be|from|has|have|in|into|is|must|of|on|onto|or|should|than|that|to|upon|with)\b(?!.*:$)"
)


def joined(lines: list[str]) -> list[tuple[int, str]]:
    """Lines of a text, numbered from 1, those put together over which one sentence runs."""
    whole: list[tuple[int, str]] = []
    for number, line in enumerate(map(str.strip, lines), 1):
        before = whole[-1][1] if whole else ""
        runs_on = before and line and (_OPEN.search(before.lower()) or _GOES_ON.match(line))
        if runs_on:
            whole[-1] = (whole[-1][0], f"{before} {line}")
        else:
            whole.append((number, line))
    return whole
