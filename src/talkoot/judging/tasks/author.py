"""Who writes the training text: an author that slips at given rates and breaks lines at random (ours)."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import pairwise

from talkoot.judging.problem import Problem
from talkoot.judging.tasks.arithmetic import Statement, Task, compute, header, read, solved_in_order

_END = re.compile(r"\.(?:\n|(?= ))")  # a head begins with a blank
GAP = "\0"
"""Marks a place where a line may break, in the making."""
_NEXT = re.compile(r"\n| = |\d+| check| answer| [a-m](?= [-+*])| ")  # the one token that follows such a place


@dataclass(frozen=True)
class Author:
    """Writes solutions as one text. The rates are chances in each chunk.

    `slip` is a wrong result of one operation, `leap_slip` of two in one leap, `misread` a wrong number taken over;
    what follows builds on it. `check` is the chance that a leap is worked again in single operations, whose result
    then holds; so some errors are mended. `breaks` is the chance of a line break at each place that may have one.
    """

    task: Task
    slip: float = 0.02
    leap_slip: float = 0.12
    misread: float = 0.01
    check: float = 0.1
    breaks: float = 0.6

    def chunks(self, problem: Problem, rng: random.Random) -> list[str]:
        """The chunks of one solution; joined, they are what the policy learns to write."""
        return [chunk.replace(GAP, "") for chunk in self._chunks(problem, rng)]

    def _chunks(self, problem: Problem, rng: random.Random) -> list[str]:
        """The chunks, with a mark at every place where a line may break."""
        level, statements, asked = read(problem.text)
        known: dict[str, int] = {}
        written: list[str] = []
        for statement in solved_in_order(statements, asked):
            if not statement.needs:
                known[statement.name] = int(statement.terms[0])
                continue
            terms = self._terms(statement, known, rng)
            leap = len(terms) > 3
            result = self._result(terms, self.leap_slip if leap else self.slip, rng)
            written.append(self._chunk(header(level, statement), [(terms, result)], rng))
            if leap and rng.random() < self.check:
                half = self._result(terms[:3], self.slip, rng)
                result = self._result([str(half), *terms[3:]], self.slip, rng)
                written.append(self._chunk(" check", [(terms[:3], half), ([str(half), *terms[3:]], result)], rng))
            known[statement.name] = result
        written.append(f" answer : \\boxed{{{known[asked]}}}.")
        return written

    def lesson(self, problem: Problem, rng: random.Random, gaps: float = 1.0) -> tuple[str, ...]:
        """A solution as texts that are read and learnt in turn: nothing, then all of it, but for the tokens at places
        where a line may break; these are learnt with chance `gaps`.

        What cannot be foreseen drowns what can: with few of these tokens learnt the rest is learnt much faster, and the
        chance of a line break stays what it is.
        """
        marked = "".join(self._chunks(problem, rng))
        parts = ["", ""]
        for place, text in enumerate(marked.split(GAP)):
            token = _NEXT.match(text) if place and rng.random() >= gaps else None
            if token is None:
                parts[-1] += text
            else:
                parts += [token[0], text[token.end() :]]
        return tuple(parts)

    def _terms(self, statement: Statement, known: dict[str, int], rng: random.Random) -> list[str]:
        terms = [str(known[term]) if term in known else term for term in statement.terms]
        if rng.random() < self.misread:
            terms[2 * rng.randrange(len(terms) // 2 + 1)] = str(rng.randrange(self.task.modulus))
        return terms

    def _result(self, terms: list[str], rate: float, rng: random.Random) -> int:
        right = compute(terms, self.task.modulus)
        if rng.random() >= rate:
            return right
        return (right + rng.randrange(1, self.task.modulus)) % self.task.modulus

    def _chunk(self, head: str, equations: list[tuple[list[str], int]], rng: random.Random) -> str:
        def gap() -> str:
            return GAP + ("\n" if rng.random() < self.breaks else "")

        told = " ;".join(f"{gap()}{' '.join(terms)}{gap()} = {result}" for terms, result in equations)
        return f"{head} :{told}.{gap()}"


def segment(solution: str) -> list[str]:
    """Cut a solution of the embedded task where a result has been stated and the next purpose begins: a rule that
    reads the text only, as a segmenting model would. Joined, the chunks are the solution."""
    ends = [match.end() for match in _END.finditer(solution)]
    cuts = [0, *[end for end in ends if end < len(solution)], len(solution)]
    return [solution[a:b] for a, b in pairwise(cuts) if a < b]
