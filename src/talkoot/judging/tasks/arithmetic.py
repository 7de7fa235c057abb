"""Problems of the embedded task: statements that build on each other, numbers modulo a prime. Unlimited and exact.

Three levels (reference, 7.4; the texts are ours): `chain` (each statement goes on from the last result), `ledger`
(named variables, in any order, so that they must be looked up), `story` (a ledger told in sentences).
A statement has one operation, or two (+ and -) that the policy carries out in one leap: there it errs honestly.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from talkoot.errors import BadInput
from talkoot.judging.problem import Problem

Level = Literal["chain", "ledger", "story"]
LEVELS: tuple[Level, ...] = ("chain", "ledger", "story")

PEOPLE = ("Ann", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gia", "Hugo", "Ida", "Jon", "Kim", "Leo")
NAMES = tuple("abcdefghijklm")
START = "start"
_SAID = {"+": " plus ", "-": " minus ", "*": " times "}
_SIGN = {said: sign for sign, said in _SAID.items()}


@dataclass(frozen=True, slots=True)
class Statement:
    """`name` is `terms`: numbers or names of other statements, with + - * between them, worked from left to right."""

    name: str
    terms: tuple[str, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        """The names whose values it takes."""
        return tuple(term for term in self.terms[::2] if not term.isdigit())


@dataclass(frozen=True)
class Task:
    """A family of problems. `steps` bounds the statements that compute something, `leaps` is the share with two
    operations; `distractors` is the most statements that the question does not need (not in chains).

    Raises BadInput for a modulus that is no prime from 5 to 97, and for impossible sizes.
    """

    level: Level = "chain"
    modulus: int = 13
    steps: tuple[int, int] = (3, 6)
    leaps: float = 0.4
    distractors: int = 1

    def __post_init__(self) -> None:
        if not 5 <= self.modulus <= 97 or any(self.modulus % d == 0 for d in range(2, 10) if d < self.modulus):
            raise BadInput(f"the modulus of a task must be a prime from 5 to 97, not {self.modulus}")
        low, high = self.steps
        if not 1 <= low <= high <= 8 or not 0 <= self.leaps <= 1 or not 0 <= self.distractors <= 2:
            raise BadInput("a task has 1 to 8 steps, a share of leaps from 0 to 1 and at most 2 distractors")
        if self.level not in LEVELS:
            raise BadInput(f"there is no level {self.level!r}; take one of {', '.join(LEVELS)}")

    def problem(self, split: str, number: int) -> Problem:
        """Problem `number` of a split: "train", "judge" or "test". The same arguments give the same problem.

        Splits are disjoint: the statements themselves decide by a hash to which third of all problems they belong.
        Raises BadInput for other splits.
        """
        if split not in _THIRDS:
            raise BadInput(f"problems have no split {split!r}; take one of {', '.join(_THIRDS)}")
        rng = random.Random(f"{self.level}/{self.modulus}/{split}/{number}")
        while True:
            statements, asked = self._chain(rng) if self.level == "chain" else self._ledger(rng)
            text = write(self.level, statements, asked)
            if _third(text) == _THIRDS[split]:
                answer = values(solved_in_order(statements), self.modulus)[asked]
                return Problem(f"{self.level}-{self.modulus}-{split}-{number}", text, str(answer))

    def _operations(self, rng: random.Random, first: str, others: list[str] | None = None) -> tuple[str, ...]:
        terms: tuple[str, ...] = (first,)
        leap = rng.random() < self.leaps
        for _ in range(2 if leap else 1):
            number = str(rng.randrange(2, self.modulus))
            sign = rng.choice("+-" if leap else "+-*")
            terms += (sign, rng.choice(others) if others and rng.random() < 0.3 else number)
        return terms

    def _chain(self, rng: random.Random) -> tuple[list[Statement], str]:
        statements = [Statement(START, (str(rng.randrange(1, self.modulus)),))]
        for name in NAMES[: rng.randint(*self.steps)]:
            statements.append(Statement(name, self._operations(rng, statements[-1].name)))
        return statements, statements[-1].name

    def _ledger(self, rng: random.Random) -> tuple[list[Statement], str]:
        steps, extra = rng.randint(*self.steps), rng.randint(0, self.distractors)
        names = rng.sample(PEOPLE if self.level == "story" else NAMES, steps + 1 + extra)
        statements = [Statement(names[0], (str(rng.randrange(1, self.modulus)),))]
        for i in range(1, steps + 1):
            statements.append(Statement(names[i], self._operations(rng, names[i - 1], names[:i])))
        for name in names[steps + 1 :]:
            statements.append(Statement(name, self._operations(rng, rng.choice(names[:steps]))))
        rng.shuffle(statements)
        return statements, names[steps]


_THIRDS = {"train": 0, "judge": 1, "test": 2}


def _third(text: str) -> int:
    total = 0
    for character in text:
        total = (total * 31 + ord(character)) % 1_000_003
    return total % 3


def write(level: Level, statements: list[Statement], asked: str) -> str:
    """The problem's text."""
    if level == "chain":
        return " ;".join(header(level, s) if s.needs else s.terms[0] for s in statements) + " = ?"
    if level == "ledger":
        return " ;".join(header(level, s) for s in statements) + f" ; {asked} = ?"
    return "".join(header(level, s) + " coins." for s in statements) + f" How many coins has {asked}?"


def header(level: Level, statement: Statement) -> str:
    """The words of one statement, in the problem and where a solution takes it up again."""
    if level == "chain":
        operations = zip(statement.terms[1::2], statement.terms[2::2], strict=True)
        return f" {statement.name}" + "".join(f" {sign} {number}" for sign, number in operations)
    if level == "ledger":
        return f" {statement.name} = " + " ".join(statement.terms)
    told = [f"the coins of {term}" if not term.isdigit() else term for term in statement.terms]
    told[1::2] = [_SAID[sign].strip() for sign in statement.terms[1::2]]
    return f" {statement.name} has " + " ".join(told)


def read(text: str) -> tuple[Level, list[Statement], str]:
    """Level, statements and the name asked for, from a problem's text alone. Raises BadInput for other texts."""
    level: Level = "story" if "coins" in text else "ledger" if re.search("[a-z] =", text) else "chain"
    statements: list[Statement] = []
    if level == "story":
        body, _, question = text.partition(" How many coins has ")
        for sentence in body.split(" coins.")[:-1]:
            name, _, told = sentence.strip().partition(" has ")
            for sign, said in _SAID.items():
                told = told.replace(said, f" {sign} ")
            statements.append(Statement(name, tuple(told.replace("the coins of ", "").split())))
        asked = question.rstrip("?")
    else:
        body, _, _ = text.rpartition(" = ?")
        parts = [part.strip() for part in body.split(" ;")]
        asked = parts.pop() if level == "ledger" else (parts[-1].split() or [""])[0] if len(parts) > 1 else START
        for part in parts:
            if level == "ledger":
                name, _, told = part.partition(" = ")
                statements.append(Statement(name, tuple(told.split())))
            elif not statements:
                statements.append(Statement(START, (part,)))
            else:
                name, *operations = part.split() or [""]
                statements.append(Statement(name, (statements[-1].name, *operations)))
    names = {s.name for s in statements}
    if asked not in names or len(names) < len(statements) or not all(_told(s, names) for s in statements):
        raise BadInput(f"this is no problem of the embedded task: {text[:80]!r}")
    try:
        TopologicalSorter({s.name: s.needs for s in statements}).prepare()
    except CycleError as error:
        raise BadInput(f"the statements of this problem need each other in a circle: {text[:80]!r}") from error
    return level, statements, asked


def _told(statement: Statement, names: set[str]) -> bool:
    """Whether this is a number, or operations in which another statement's value has a part."""
    operands, signs = statement.terms[::2], statement.terms[1::2]
    others = [term for term in operands if not re.fullmatch("[0-9]{1,9}", term)]
    known = names.issuperset(others) and all(sign in ("+", "-", "*") for sign in signs)
    return known and len(operands) == len(signs) + 1 and bool(others) == bool(signs)


def solved_in_order(statements: list[Statement], asked: str | None = None) -> list[Statement]:
    """The statements so that each comes after what it needs; with `asked` only those which that one needs."""
    by_name = {s.name: s for s in statements}
    order: dict[str, Statement] = {}

    def visit(name: str) -> None:
        if name not in order:
            for needed in by_name[name].needs:
                visit(needed)
            order[name] = by_name[name]

    for name in [asked] if asked else list(by_name):
        visit(name)
    return list(order.values())


def values(ordered: list[Statement], modulus: int) -> dict[str, int]:
    """The value of every statement."""
    known: dict[str, int] = {}
    for s in ordered:
        known[s.name] = compute([str(known[t]) if t in known else t for t in s.terms], modulus)
    return known


def compute(terms: list[str], modulus: int) -> int:
    """`5 + 3 * 2` from left to right, modulo."""
    value = int(terms[0])
    for sign, number in zip(terms[1::2], terms[2::2], strict=True):
        other = int(number)
        value = (value + other if sign == "+" else value - other if sign == "-" else value * other) % modulus
    return value % modulus


def pieces(task: Task) -> list[str]:
    """The tokens of a task's texts: problems, solutions, tags, analyses and verdicts."""
    numbers = [str(i) for i in range(task.modulus)]
    signs = [" + ", " - ", " * ", " = ", " :", " ;", ";", ".", " ", "\n", " ?", "?"]
    tags = ["<solution>", "<chunk>", "</chunk>", "<judge>", "\\boxed{", "}", "\\boxed{Positive}", "\\boxed{Negative}"]
    words = [" check", " answer", " steps", " leap"]
    names: list[str] = [f" {name}" for name in NAMES[: task.steps[1]]] if task.level == "chain" else []
    if task.level == "ledger":
        names = [*NAMES]
    if task.level == "story":
        names = [*PEOPLE, " has ", "the coins of ", " coins.", " How many coins has ", *_SIGN]
    return [*tags, *signs, *words, *names, *numbers]
