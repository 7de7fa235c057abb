"""The contract of a planning problem: objects with types, facts, goal. Plain data, so that a world, a memory and a
planner meet here without importing each other.

All names are lower case, as PDDL makes no difference between cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Atom = tuple[str, ...]
"""A ground fact, predicate first: `("on", "b1", "b2")`; also a step of a plan, action first."""

Plan = tuple[Atom, ...]
"""Ground actions in the order in which they are carried out."""

Condition = tuple[Any, ...]
"""A PDDL condition as nested tuples: an atom, `("not", c)`, `("and", c, ...)`, `("or", c, ...)`, `("imply", c, c)`,
`("=", a, b)`, `("forall", (("?x", ("block",)), ...), c)`, `("exists", variables, c)`; `("and",)` is always true."""


@dataclass(frozen=True)
class Problem:
    """One planning problem of a domain.

    `objects` maps each name to its type; `init` holds the facts true at the start, each once, all others being false;
    `values` the numbers of functions (`("distance", "a", "b")` -> 10.0); `metric` says that the sum of the action
    costs ("total-cost") is to be small, otherwise every step costs 1.
    """

    name: str
    domain: str
    objects: Mapping[str, str]
    init: tuple[Atom, ...]
    goal: Condition
    values: Mapping[Atom, float] = field(default_factory=dict)
    metric: bool = False


def literals(goal: Condition) -> tuple[tuple[bool, Atom], ...] | None:
    """The literals of a conjunctive goal, `(wanted, atom)`, in order; None if it is anything but a conjunction."""
    if goal and goal[0] == "and":
        parts = [literals(part) for part in goal[1:]]
        return None if any(part is None for part in parts) else tuple(lit for part in parts for lit in part or ())
    if goal and goal[0] == "not" and isinstance(goal[1], tuple):
        inner = literals(goal[1])
        return None if inner is None or len(inner) != 1 else ((not inner[0][0], inner[0][1]),)
    if not goal or goal[0] in ("or", "imply", "forall", "exists", "="):
        return None if goal else ()
    return ((True, goal),)
