"""What is wrong with a domain or problem, where, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from talkoot.types import Json

Section = Literal["domain", "objects", "init", "goal", "metric", "problem", "text"]


@dataclass(frozen=True)
class Fault:
    """One fault. `line` and `column` count from 1 and are 0 where the fault has no one place; `mended` says that code
    has put it right without changing what was meant. A fault that is not mended makes the plan doubtful.

    Kinds: syntax, truncated, abbreviated, section-missing, domain-name, unknown-type, unknown-predicate, arity,
    argument-type, undeclared-object, duplicate-object, quantifier, negative-fact, nested-term, fluent, unsupported
    (static checks); invariant, relation, static-empty, goal-in-start, unreachable-goal (meaning); text-count,
    text-entity, text-start, text-goal, unsaid-start, unsaid-goal (the description says otherwise); empty.
    """

    kind: str
    message: str
    remedy: str = ""
    line: int = 0
    column: int = 0
    section: Section = "problem"
    mended: bool = False

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        state = " [mended]" if self.mended else ""
        return f"{place}{self.message}{f' ({self.remedy})' if self.remedy else ''}{state}"

    def to_json(self) -> Json:
        """As a JSON object with these same names."""
        return asdict(self)


def doubtful(faults: list[Fault]) -> bool:
    """Whether any fault is left that code has not mended."""
    return any(not fault.mended for fault in faults)
