"""Where a problem was abbreviated: a comment or an ellipsis stands where facts belong, the commonest fault."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from talkoot.planning.faults import Section
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.pddl.sexpr import Branch, Comment, Reading, Token, Tree

ELLIPSIS = re.compile(r"\.{2,}|…+|etc\.?")
"""A whole word that stands for something left out."""

MOST = 20_000
"""An ellipsis that would stand for more things than this is no run of numbers."""

_LEFT_OUT = re.compile(
    r"\b(the )?rest of\b|\bremaining\b|\bomit|\bsimilar(ly)?\b|\blikewise\b|\bsame (pattern|way|manner)\b"
    r"|\band so (on|forth)\b"
    r"|\betc\b|\.\.\.|…|\bfor (brevity|simplicity)\b|\bto ?do\b|\bto be (defined|added|filled|completed|continued)\b"
    r"|\bneeds? to (be )?(define|add|fill|list|specif|initiali)"
    r"|\b(can|should|must) (be )?(define|add|fill|generate|repeat)"
    r"|\b(define|add|fill|list|insert|put|specify|declare|initiali[sz]e|write|state)\b.*\b(here|below)\b|\bcontinue[sd]?\b"
    r"|\brepeat(ed)? (this|the|for)\b|\band all possible\b|\ball (the )?other\b|\bother (facts?|relations?)\b"
)
"""What says plainly that something is missing."""

_TELLS_TO = re.compile(
    r"^(please )?(initiali[sz]e|define|add|fill|specify|insert|declare|generate|set up|list)\b|\ball possible\b"
)
"""What may be a heading over facts, and is a placeholder if the facts do not follow."""


@dataclass(frozen=True)
class Abbreviation:
    """A place where something was left out. `filled` says that code could tell what from the facts around it."""

    text: str
    section: Section
    line: int
    column: int
    filled: bool = False


def placeholders(reading: Reading, domain: Domain) -> list[Abbreviation]:
    """The comments inside the form that stand for facts or objects that are not there.

    A heading such as `; define the heights` followed by facts of a predicate it names is none, nor is a drawing.
    """
    found = []
    first = min((item.line for item in reading.sections(":domain")), default=0)
    for comment in reading.comments:
        text = " ".join(comment.text.lower().split())
        if comment.line < first or not re.search("[a-z…]|\\.\\.\\.", text):
            continue
        section = _section(reading, comment)
        if _LEFT_OUT.search(text) or (
            section is not None and _TELLS_TO.search(text) and not _heads_facts(comment, section, reading, domain)
        ):
            name = section.head[1:] if section and section.head in (":objects", ":init", ":goal") else "problem"
            found.append(Abbreviation(comment.text, name, comment.line, comment.column))  # type: ignore[arg-type]
    return found


def _section(reading: Reading, comment: Comment) -> Branch | None:
    place = (comment.line, comment.column)
    for item in reading.form.items if reading.form else []:
        if isinstance(item, Branch) and (item.line, item.column) <= place <= item.end:
            return item
    return None


def _heads_facts(comment: Comment, section: Branch, reading: Reading, domain: Domain) -> bool:
    """Whether the first thing after the comment, other comments aside, is what it names or may head."""
    after = [item for item in _inside(section) if (item.line, item.column) > (comment.line, comment.column)]
    if not after:
        return False
    following = after[0]
    between = [other for other in reading.comments if comment.line < other.line < following.line]
    if isinstance(following, Token):
        return True
    head = following.items[1] if following.head in ("not", "forall", "for") and len(following.items) > 1 else following
    words = {_stem(word) for word in re.findall("[a-z]+", comment.text.lower())}
    about = {key for key in domain.predicates if words & {_stem(part) for part in re.findall("[a-z]+", key)}}
    if about:
        return isinstance(head, Branch) and head.head in about
    return not between


def _inside(section: Branch) -> Iterable[Tree]:
    items = section.items[1:]
    if len(items) == 1 and isinstance(items[0], Branch) and items[0].head == "and":
        return items[0].items[1:]
    return items


def _stem(word: str) -> str:
    """A word without its ending, so that "neighbors" and "neighbor", "connections" and "connected" meet."""
    for ending in ("ions", "ion", "ings", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def fill(items: list[Tree], index: int) -> list[Tree] | None:
    """What an ellipsis at `index` stands for, if the things around it tell: `b1 b2 ... b9`, also for groups of facts.

    The k things before it and the k things after it must be alike but for numbers that run from a to b > a, everywhere
    the same two; the k things before those, where there are any, must be alike with numbers one less.
    """
    for size in range(1, 9):
        before, after = items[max(0, index - size) : index], items[index + 1 : index + 1 + size]
        if len(before) < size or len(after) < size:
            return None
        steps = [_step(left, right) for left, right in zip(before, after, strict=True)]
        runs = {step for step in steps if step}
        if None in steps or len(runs) != 1:
            continue
        (low, high), earlier = next(iter(runs)), items[max(0, index - 2 * size) : index - size]
        if high <= low or (high - low) * size > MOST:
            continue
        if len(earlier) == size:
            past = {_step(left, right) for left, right in zip(earlier, before, strict=True)}
            if past - {()} != {(low - 1, low)} and (size > 1 or None not in past):
                continue
        elif size > 1:
            continue
        return [_renumber(item, low, number) for number in range(low + 1, high) for item in before]
    return None


def _step(left: Tree, right: Tree) -> tuple[int, int] | tuple[()] | None:
    """The one pair of numbers that differs between two things alike; () if they are equal, None if not alike."""
    mine, other = (re.split(r"(\d+)", str(tree)) for tree in (left, right))
    if type(left) is not type(right) or len(mine) != len(other) or mine[::2] != other[::2]:
        return None
    pairs = {(int(a[:9]), int(b[:9])) for a, b in zip(mine[1::2], other[1::2], strict=True) if a != b}
    return None if len(pairs) > 1 else next(iter(pairs), ())


def _renumber(tree: Tree, low: int, number: int) -> Tree:
    if isinstance(tree, Token):
        return Token(
            re.sub(r"\d+", lambda m: str(number) if int(m[0][:9]) == low else m[0], tree.text), tree.line, tree.column
        )
    return Branch([_renumber(item, low, number) for item in tree.items], tree.line, tree.column, tree.end)
