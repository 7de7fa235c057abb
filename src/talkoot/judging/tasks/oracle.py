"""The exact oracle of the embedded task. It only measures: no training label and no verdict comes from it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from talkoot.judging.tasks.arithmetic import Statement, compute, header, read

_CHUNK = re.compile(r"(?s)^(?P<head>.*?) :(?P<told>.*)\.$")
_EQUATION = re.compile(r"^(\d+(?: [-+*] \d+)+) = (\d+)$")
_ANSWER = re.compile(r"^\\boxed\{(\d+)\}$")


def valid(problem: str, chunks: Sequence[str], modulus: int) -> list[bool]:
    """Whether each chunk is sound by itself (reference, 7.2).

    Sound is a chunk that takes up a statement that is due (or reworks the last one, or answers), uses the numbers that
    the solution itself has so far, even if those are wrong, and computes rightly. Raises BadInput for a problem that
    is none of the task's.
    """
    level, statements, asked = read(problem)
    heads = {}
    for statement in statements:
        heads.setdefault(header(level, statement).strip(), []).append(statement)
    known = {s.name: int(s.terms[0]) for s in statements if not s.needs}
    last: tuple[Statement, list[str]] | None = None
    sound: list[bool] = []
    for chunk in chunks:
        match = _CHUNK.match(" ".join(chunk.replace("\n", " ").split()).replace(". ", "."))
        head, told = (match["head"].strip(), match["told"].strip()) if match else ("", "")
        if head == "answer":
            answer = _ANSWER.match(told)
            sound.append(bool(answer) and known.get(asked) == int(answer[1]))  # type: ignore[index]
            continue
        equations = [_EQUATION.match(part.strip()) for part in told.split(" ;")]
        redo = head == "check" and last is not None
        due = last[0] if redo and last else _due(heads.get(head, []), known, chain=level == "chain")
        if due is None or not all(equations):
            sound.append(False)
            if due is None:
                continue
        taken = last[1] if redo and last else [str(known[t]) if t in known else t for t in due.terms]
        sums = [(e[1].split(), int(e[2])) for e in equations if e]
        if len(sound) < len(chunks) and all(equations):
            sound.append(_worked(taken, sums, modulus, by_steps=redo))
        if sums:
            known[due.name] = sums[-1][1]
        last = (due, taken)
    return sound


def _due(statements: list[Statement], known: dict[str, int], *, chain: bool) -> Statement | None:
    """The first statement of this wording that can be worked now and, in a chain, has not been worked yet."""
    able = [s for s in statements if all(name in known for name in s.needs)]
    fresh = [s for s in able if s.name not in known]
    return fresh[0] if fresh else None if chain else able[0] if able else None


def _worked(terms: list[str], sums: list[tuple[list[str], int]], modulus: int, *, by_steps: bool) -> bool:
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
