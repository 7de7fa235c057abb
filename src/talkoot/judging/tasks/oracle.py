"""The exact oracle of the embedded task. It only measures: no training label and no verdict comes from it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from talkoot.judging.tasks.arithmetic import Statement, compute, header, read

_CHUNK = re.compile(r"(?s)(.*?) :(.*)\.")
_EQUATION = re.compile(r"([0-9]{1,9}(?: [-+*] [0-9]{1,9})+) = ([0-9]{1,9})")
_ANSWER = re.compile(r"\\boxed\{([0-9]{1,9})\}")

Sum = tuple[list[str], int]
"""The terms of an equation and its stated result."""


def valid(problem: str, chunks: Sequence[str], modulus: int) -> list[bool]:
    """Whether each chunk is sound by itself (reference, 7.2).

    Sound is a chunk that takes up a statement that is due (or reworks the last one, or answers), uses the numbers that
    the solution itself has so far, even if those are wrong, and computes rightly. A statement is due once all that it
    needs has a value, until it has been worked. A result stated in a chunk that is not sound counts from there on, so
    that what builds on it can be sound again. Raises BadInput for a problem that is none of the task's.
    """
    level, statements, asked = read(problem)
    by_name = {s.name: s for s in statements if s.needs}
    known = {s.name: int(s.terms[0]) for s in statements if not s.needs}
    worked: set[str] = set()
    last: tuple[Statement, list[str]] | None = None
    sound: list[bool] = []
    for chunk in chunks:
        head, told = _parts(chunk)
        if head == "answer":
            answer = _ANSWER.fullmatch(told)
            sound.append(answer is not None and known.get(asked) == int(answer[1]))
            continue
        sums = _sums(told)
        if head == "check" and last is not None:
            statement, terms = last
            sound.append(_worked(terms, sums, modulus, by_steps=True))
        elif (named := by_name.get(head.partition(" ")[0])) is not None:
            statement, terms = named, [str(known.get(term, term)) for term in named.terms]
            due = head == header(level, statement).strip() and all(name in known for name in statement.needs)
            due = due and statement.name not in worked
            sound.append(due and _worked(terms, sums, modulus, by_steps=False))
            if due and sums:
                worked.add(statement.name)
        else:
            sound.append(False)
            continue
        if sums:
            known[statement.name] = sums[-1][1]
        last = statement, terms
    return sound


def _parts(chunk: str) -> tuple[str, str]:
    """What a chunk takes up and what it tells about it, whatever the white space; empty if it has no such form."""
    match = _CHUNK.fullmatch(" ".join(chunk.split()))
    return (match[1].strip(), match[2].strip()) if match else ("", "")


def _sums(told: str) -> list[Sum]:
    """The equations; none if anything else stands there."""
    found = [_EQUATION.fullmatch(part.strip()) for part in told.split(" ;")]
    sums = [(one[1].split(), int(one[2])) for one in found if one]
    return sums if len(sums) == len(found) else []


def _worked(terms: list[str], sums: list[Sum], modulus: int, *, by_steps: bool) -> bool:
    """Whether the equations work the terms, in one leap or one operation after the other, without a slip."""
    if any(compute(told, modulus) != result for told, result in sums):
        return False
    if not by_steps:
        return len(sums) == 1 and sums[0][0] == terms
    done = terms[:1]
    for i, (told, result) in enumerate(sums):
        if told != [*done, *terms[1 + 2 * i : 3 + 2 * i]]:
            return False
        done = [str(result)]
    return len(sums) == len(terms) // 2
