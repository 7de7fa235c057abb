"""Reading a description with the phrases of a pack: which sentence says what about the start or the goal.

A phrase is a pattern with placeholders and the PDDL condition that it means. One reading serves three: the audit checks
each claim against a problem, the embedded rulebook writes a problem from the claims, and `talkoot domains check` proves
that the two agree. Placeholders:

    {x:block}  a declared name of that type (or its subtypes); {x} any declared name; "-", "_" and blanks are the same
    {xs:block} a list of them: "b1, b2 and b3"
    {n}        a whole number, in digits or as a word up to twenty (also m, k, r, c, n1, n2)

Text is read in lower case, sentence by sentence; what follows a sentence with the word "goal" is about the goal, and so
is one by itself that says what should be. Nothing is read into a sentence with a "not", an "if" or the like that no
pattern spells out, and what a sentence says of declared names outside of all patterns counts as unread. Meanings are
PDDL conditions, and besides: `(count N (?x - t) condition)`, `(start condition)` inside a goal, `(objects TYPE {xs})`,
`(grid TYPE R C)`, `(value (function a b) N)`, and `{n@relation}`, the n-th object of a chain.
Source: ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product

from talkoot.planning.packs.conditions import parse_condition
from talkoot.planning.packs.pack import Pack, Phrase
from talkoot.planning.packs.wording import covers, is_name, joined, refers_back, reversing, turns_to, wishes
from talkoot.problem import Condition

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
          "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty")  # fmt: skip
_NUMBER = r"(?:\d+|" + "|".join(_WORDS) + r")"
_HOLE = re.compile(r"\{(\w+)(?::([\w-]+))?\}")
_NTH = re.compile(r"\{(\w+)@([\w-]+)\}")
_NUMBERS = re.compile(r"[nmkrc]\d*")
_ENTITY = re.compile(r"(?<![\w-])[a-z][a-z_-]*\d[\w-]*")
_GAP = re.compile(r"[-_ ]+")


@dataclass(frozen=True)
class Claim:
    """What a sentence says: a condition on the start or the goal. `line` counts from 1."""

    meaning: Condition
    section: str
    sentence: str
    line: int


@dataclass(frozen=True)
class Reading:
    """All that was understood, the sentences that were not, and the names in the text that nothing declares."""

    claims: tuple[Claim, ...]
    unread: tuple[tuple[str, str], ...]
    strangers: tuple[tuple[str, int], ...]


def read_text(text: str, pack: Pack, objects: Mapping[str, str]) -> Reading:
    """Read a description, given the objects (name -> type) of the problem that it is held against."""
    names = _Names(pack, objects)
    patterns = [
        (phrase, says, names.compile(says, free=phrase.means.startswith("(objects")))
        for phrase in pack.phrases
        for says in phrase.says
    ]
    claims, strangers = list[Claim](), dict[str, int]()
    unread, frames = list[tuple[str, str]](), list[tuple[str, str]]()
    for line, section, sentence in sentences(text):
        low = _flat(sentence)
        matches = [] if section == "both" else list(_matches(low, section, patterns, names))
        plain = all(any(covers(says, match, word) for _, says, match in matches) for word in reversing(low))
        matches = matches if plain else []
        meanings = [one for phrase, _, match in matches for one in _meant(phrase, match, names, _taken(match, matches))]
        claims += [Claim(meaning, section, sentence, line) for meaning in dict.fromkeys(meanings)]
        for entity in _ENTITY.findall(low):
            if not names.known(entity):
                strangers.setdefault(entity, line)
        if not re.search(r"[a-z]", low) or names.only_names(low):
            continue
        rest = _without(low, [match.span() for *_, match in matches])
        if matches and not names.mentioned(rest) and not refers_back(rest):
            continue
        for entity in _unknown(low, section, rest, pack, names) if plain else ():
            strangers.setdefault(entity, line)
        frame = re.search(r"\bgoals?\b|:$", low) and not names.mentioned(low) and not re.search(r"\d", low)
        (frames if frame and plain else unread).append((section, sentence))
    # "Your goal is to tidy up:" only announces what follows; where nothing follows that can be read, it was the goal.
    read = {claim.section for claim in claims}
    unread += [(section, sentence) for section, sentence in frames if section not in read]
    return Reading(tuple(claims), tuple(unread), tuple(strangers.items()))


def declared(text: str, pack: Pack) -> dict[str, str]:
    """The objects that a description names, with types: what its `(objects TYPE {xs})` phrases say, in order."""
    found: dict[str, str] = {}
    names = _Names(pack, {})
    for phrase in pack.phrases:
        if phrase.means.startswith("(objects"):
            for says in phrase.says:
                pattern = names.compile(says, free=True)
                for _, _, sentence in sentences(text):
                    for match in pattern.finditer(_flat(sentence)) if pattern else ():
                        _, kind, *listed = parse_condition(_filled(phrase, match, names)[0])
                        found |= dict.fromkeys(listed, kind)
    return found


def sentences(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, section, sentence) for each sentence or part between semicolons of a text, `line` where it begins.

    A sentence ends with its line, unless it visibly runs on. The section is "start", "goal", or "both" where one
    sentence speaks of what is and of what should be.
    """
    section = "start"
    for number, line in joined(text.splitlines()):
        for part in re.split(r"(?<=[.!?])\s+|;", line):
            sentence = part.strip().rstrip(".")
            if sentence:
                low = _flat(sentence)
                turn = turns_to(low)
                section = {"both": "goal", "": section}.get(turn, turn)
                here = "goal" if wishes(low) and turn != "start" else section
                yield number, "both" if turn == "both" else here, sentence


def fill_chain(text: str, pack: Pack, objects: Mapping[str, str], values: Mapping[str, str] | None = None) -> str:
    """Put the n-th object (from 0) of a relation's chain for each `{n@relation}`, counted along the numbers in names.

    Where there is none, a name stands for it that no object has.
    """

    def link(hole: re.Match[str]) -> str:
        number = int((values or {}).get(hole[1], hole[1]))
        kinds = tuple(rule.type for rule in pack.chains if rule.relation == hole[2])
        links = [
            name for name, kind in objects.items() if kinds and pack.domain.is_a(kind, kinds) and name[-1:].isdigit()
        ]
        links.sort(key=number_of)
        return links[number] if 0 <= number < len(links) else f"no-{hole[2]}-{number}"

    return _NTH.sub(link, text)


_Pattern = tuple[Phrase, str, re.Pattern[str] | None]
_Match = tuple[Phrase, str, re.Match[str]]


def _matches(low: str, section: str, patterns: list[_Pattern], names: _Names) -> Iterator[_Match]:
    """Where which pattern fits."""
    for phrase, says, pattern in patterns:
        if pattern is None or phrase.section not in ("both", section):
            continue
        for match in pattern.finditer(low):
            if _meant(phrase, match, names):
                yield phrase, says, match


def _meant(phrase: Phrase, match: re.Match[str], names: _Names, taken: int = 0) -> list[Condition]:
    """What a match means. A list of objects may be any words; one without a single known name is no list of them.

    Of a list, what stands before `taken` belongs to another match.
    """
    found = map(parse_condition, _filled(phrase, match, names, taken))
    return [one for one in found if one[0] != "objects" or any(map(names.known, one[2:]))]


def _taken(match: re.Match[str], matches: list[_Match]) -> int:
    """Where a match really begins: in "b1 is on b2 and b3 is clear" the list before "is clear" does not hold b2."""
    ends = [other.end() for *_, other in matches if other.start() < match.start() < other.end() < match.end()]
    return max(ends, default=0)


def _without(low: str, spans: list[tuple[int, int]]) -> str:
    """A sentence with blanks for what was read."""
    return "".join(" " if any(a <= at < b for a, b in spans) else letter for at, letter in enumerate(low))


def _unknown(low: str, section: str, rest: str, pack: Pack, names: _Names) -> Iterator[str]:
    """Words that stand where a phrase has a name, in what is left to read of a sentence, and that nothing declares."""
    for phrase in pack.phrases:
        if phrase.section not in ("both", section) or phrase.means.startswith("(objects"):
            continue
        for says in phrase.says:
            told = len(re.findall(r"[a-z]{2,}", _HOLE.sub("", says)))
            for match in names.compile_loosely(says).finditer(low):
                words = {
                    key: names.bare(found)
                    for key, found in match.groupdict().items()
                    if found and not (_NUMBERS.fullmatch(key) and re.fullmatch(_NUMBER, found))
                }
                strange = [word for word in words.values() if not names.known(word)]
                left = [word for word in strange if word in rest and is_name(word, names.vocabulary)]
                if left and left == strange and (len(words) > len(strange) or told > 2):
                    yield from left


def _filled(phrase: Phrase, match: re.Match[str], names: _Names, taken: int = 0) -> list[str]:
    """The meaning of a phrase with what was found put in, once for each combination of listed names."""
    single, lists = dict[str, str](), dict[str, list[str]]()
    whole = phrase.means.startswith("(objects")
    for key, words in match.groupdict().items():
        if words is None:
            continue
        if _is_list(key):
            rest = words[max(0, taken - match.start(key)) :]
            listed = names.split(rest if names.mentioned(rest) or whole else words)
            if whole:
                single[key] = " ".join(listed)
            else:
                lists[key] = listed
        elif _NUMBERS.fullmatch(key) and re.fullmatch(_NUMBER, words):
            single[key] = str(_number(words))
        else:
            single[key] = names.name(words)
    meanings = []
    for choice in product(*lists.values()):
        values = {**single, **dict(zip(lists, choice, strict=True))}
        text = fill_chain(phrase.means, names.pack, names.objects, values)
        meanings.append(re.sub(r"\{(\w+)\}", partial(_value, values), text))
    return meanings


def _value(values: Mapping[str, str], hole: re.Match[str]) -> str:
    return values.get(hole[1], hole[0])


class _Names:
    """The declared names as they may stand in a text."""

    def __init__(self, pack: Pack, objects: Mapping[str, str]) -> None:
        self.pack, self.objects = pack, objects
        said = [
            *pack.domain.types,
            *pack.domain.predicates,
            *(_HOLE.sub("", says) for phrase in pack.phrases for says in phrase.says),
        ]
        self.vocabulary = frozenset(re.findall(r"[a-z]+", " ".join(said).lower()))
        self._by_words = {_GAP.sub(" ", name): name for name in objects}

    def known(self, words: str) -> bool:
        return _GAP.sub(" ", words) in self._by_words

    def name(self, words: str) -> str:
        flat = _GAP.sub(" ", words.strip())
        return self._by_words.get(flat, flat.replace(" ", "-"))

    def mentioned(self, low: str) -> bool:
        return bool(self.objects and re.search(self._one(None), low))

    def only_names(self, low: str) -> bool:
        rest = re.sub(self._one(None), "", low) if self.objects else low
        return not re.search(r"[a-z0-9]", rest)

    def split(self, words: str) -> list[str]:
        if not self.objects or not re.search(self._one(None), words):
            parts = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", words.strip())
            parts = words.split() if len(parts) == 1 and re.search(r"\d", words) else parts
            return [re.sub(r"\s+", "-", part.strip()) for part in parts if part.strip()]
        found = re.findall(self._one(None), words)
        rest = re.sub(self._one(None), " ", words)
        strange = [word for word in re.split(r"[\s,]+", rest) if word and word != "and"]
        return [self.name(one) for one in found] + strange

    def compile(self, says: str, free: bool = False) -> re.Pattern[str] | None:
        """The pattern of a phrase; None if it speaks of a type that has no objects."""
        parts, at = [], 0
        for hole in _HOLE.finditer(says):
            key, kind = hole[1], hole[2]
            parts.append(says[at : hole.start()])
            at = hole.end()
            if kind == "number" or (kind is None and _NUMBERS.fullmatch(key)):
                parts.append(rf"(?P<{key}>(?<![\w-]){_NUMBER}(?![\w-]))")
            elif free or kind == "new":
                parts.append(rf"(?P<{key}>[\w][\w ,-]*)" if _is_list(key) else rf"(?P<{key}>\w[\w-]*)")
            else:
                one = self._one(kind)
                if not one:
                    return None
                parts.append(rf"(?P<{key}>{one}(?:(?:,? and |, ?| ){one})*)" if _is_list(key) else rf"(?P<{key}>{one})")
        return re.compile("".join([*parts, says[at:]]))

    def compile_loosely(self, says: str) -> re.Pattern[str]:
        """The pattern of a phrase with any words, three at most, where a name belongs."""

        def anything(hole: re.Match[str]) -> str:
            number = hole[2] == "number" or (hole[2] is None and _NUMBERS.fullmatch(hole[1]))
            words = _NUMBER if number else r"[a-z][\w-]*(?: [a-z][\w-]*){0,2}?"
            last = r"(?= *(?:$|[^\w -]|and\b|or\b))" if hole.end() == len(says) and not number else ""
            return rf"(?P<{hole[1]}>(?<![\w-]){words}(?![\w-])){last}"

        return re.compile(_HOLE.sub(anything, says))

    @staticmethod
    def bare(words: str) -> str:
        """A name without its article."""
        return re.sub(r"^(?:an?|the|your|my|our) ", "", words.strip())

    def _one(self, kind: str | None) -> str:
        is_a = self.pack.domain.is_a
        fitting = [  # everything is an object: {x:object} is what has no type of its own
            name
            for name, its in self.objects.items()
            if kind is None or (its == kind if kind == "object" else is_a(its, (kind,)))
        ]
        shapes = sorted((r"[-_ ]".join(map(re.escape, _GAP.split(name))) for name in fitting), key=len, reverse=True)
        return rf"(?<![\w-])(?:{'|'.join(shapes)})(?![\w-])" if shapes else ""


def _is_list(key: str) -> bool:
    return len(key) > 1 and key.endswith("s")


def _flat(sentence: str) -> str:
    return " ".join(sentence.lower().split())


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _WORDS.index(word)


def number_of(name: str) -> int:
    """The number at the end of a name, 0 if there is none."""
    found = re.search(r"(\d+)$", name)
    return int(found[1]) if found else 0
