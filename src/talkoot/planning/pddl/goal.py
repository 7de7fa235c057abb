"""Reads the goal of a problem."""

from __future__ import annotations

from collections.abc import Mapping

from talkoot.planning.pddl.compact import MOST
from talkoot.planning.pddl.domain import substitute
from talkoot.planning.pddl.formula import Formulas
from talkoot.planning.pddl.sexpr import Branch, Token, Tree, walk
from talkoot.problem import Condition

_ALLOW = {
    "forall": {":adl", ":ucpop", ":quantified-preconditions", ":universal-preconditions"},
    "exists": {":adl", ":ucpop", ":quantified-preconditions", ":existential-preconditions"},
    "or": {":adl", ":ucpop", ":disjunctive-preconditions"},
    "imply": {":adl", ":ucpop", ":disjunctive-preconditions"},
}


def read_goal(items: list[Tree], formulas: Formulas, objects: Mapping[str, str]) -> Condition:
    """The goal as a condition. Parts that cannot be read are left out, each with its fault.

    `(forall ...)` that the domain's requirements do not allow is written out, which changes nothing; other connectives
    that they do not allow are kept with a fault.
    """
    if len(items) == 1 and isinstance(items[0], Branch) and not items[0].items:
        items = []
    if items and all(isinstance(item, Token) for item in items):
        items = [Branch(list(items), items[0].line, items[0].column)]
        formulas.fault("syntax", items[0], "the goal is not in brackets", f"write (:goal {items[0]})", mended=True)
    if len(items) > 1:
        formulas.fault("syntax", items[1], "the goal has several parts without (and ...) around them",
                       "write (:goal (and ...))", mended=True)  # fmt: skip
    conditions = [formulas.condition(item, {}) for item in items]
    kept = [condition for condition in conditions if condition is not None]
    goal = kept[0] if len(kept) == 1 else ("and", *kept)
    told = any(fault.section == "goal" and not fault.mended for fault in formulas.faults)
    if not told and all(branch.head in ("and", "") for item in items for branch in walk(item)):
        at = items[0] if items else Token("", 0, 0)
        formulas.fault("section-missing", at, "the goal is empty", "say what is to be reached")
    banned = [branch for item in items for branch in walk(item) if _banned(branch.head, formulas)]
    if not banned:
        return goal
    if any(branch.head == "forall" for branch in banned) and _cases(goal, formulas, objects) <= MOST:
        goal = _written_out(goal, formulas, objects)
    for branch in banned:
        gone = branch.head == "forall" and "forall" not in _heads(goal)
        formulas.fault("quantifier", branch, f"({branch.head} ...) in the goal is not among the domain's requirements",
                       "write out the facts", mended=gone)  # fmt: skip
    return goal


def _banned(head: str, formulas: Formulas) -> bool:
    return head in _ALLOW and head not in formulas.domain.predicates and not _ALLOW[head] & set(
        formulas.domain.requirements
    )  # fmt: skip


def _heads(condition: Condition) -> set[str]:
    if not condition or not isinstance(condition[0], str):
        return set()
    inner = condition[2:] if condition[0] in ("forall", "exists") else condition[1:]
    return {condition[0]}.union(*(_heads(part) for part in inner if isinstance(part, tuple)))


def _cases(goal: Condition, formulas: Formulas, objects: Mapping[str, str]) -> int:
    """How many facts the goal has at most when each `forall` is written out."""
    if goal and goal[0] == "forall":
        count = _cases(goal[2], formulas, objects)
        for _, types in goal[1]:
            count *= sum(formulas.domain.is_a(kind, types) for kind in objects.values())
        return count
    parts = goal[1:] if goal and goal[0] in ("and", "or", "not", "imply") else ()
    return sum(_cases(part, formulas, objects) for part in parts) if parts else 1


def _written_out(goal: Condition, formulas: Formulas, objects: Mapping[str, str]) -> Condition:
    """The goal with each `forall` as a conjunction over the objects."""
    head = goal[0] if goal else "and"
    if head == "forall":
        cases = [substitute(goal[2], binding) for binding in formulas.domain.bindings(goal[1], objects)]
        return ("and", *(_written_out(case, formulas, objects) for case in cases))
    if head == "and":
        parts = [_written_out(part, formulas, objects) for part in goal[1:]]
        return ("and", *(one for part in parts for one in (part[1:] if part[0] == "and" else (part,))))
    if head in ("or", "not", "imply"):
        return (head, *(_written_out(part, formulas, objects) for part in goal[1:]))
    return goal
