"""Writes domains, problems and plans as PDDL that strict planners accept, always in the same order; reads plans."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from talkoot.errors import FaultyPddl
from talkoot.planning.pddl.domain import ActionSchema, Domain, Parameters, Types
from talkoot.planning.pddl.names import type_text
from talkoot.problem import Atom, Condition, Plan, Problem

_COST: Atom = ("total-cost",)


def normalise(domain: Domain, problem: Problem) -> tuple[Domain, Problem]:
    """The pair as strict planners want it: every name declared once, every variable with one type.

    A problem may declare a constant again, with a narrower type: the constant takes this type and leaves the objects.
    A variable of `(either a b)` gets a new type above a and b. Plans are the same for both pairs.
    """
    domain, problem = _single_types(domain, problem)
    again = {name: kind for name, kind in problem.objects.items() if name in domain.constants}
    if not again:
        return domain, problem
    objects = {name: kind for name, kind in problem.objects.items() if name not in again}
    return replace(domain, constants={**domain.constants, **again}), replace(problem, objects=objects)


def _single_types(domain: Domain, problem: Problem) -> tuple[Domain, Problem]:
    unions: dict[str, Types] = {}

    def one(parameters: Parameters) -> Parameters:
        return tuple((variable, types if len(types) == 1 else (union(types),)) for variable, types in parameters)

    def union(types: Types) -> str:
        if "object" in types:
            return "object"
        name = f"either-{'-'.join(sorted(set(types)))}"
        unions[name] = types
        return name

    def inside(condition: Condition) -> Condition:
        if condition and condition[0] in ("forall", "exists"):
            return (condition[0], one(condition[1]), inside(condition[2]))
        return tuple(inside(part) if isinstance(part, tuple) else part for part in condition)

    actions = {
        name: ActionSchema(name, one(action.parameters), inside(action.precondition), inside(action.effect))
        for name, action in domain.actions.items()
    }
    goal = inside(problem.goal)
    types = dict(domain.types)
    for name, below in unions.items():
        types[name] = ("object",)
        for kind in below:
            types[kind] = (*(parent for parent in types[kind] if parent != "object"), name)
    return replace(domain, types=types, actions=actions), replace(problem, goal=goal)


def print_domain(domain: Domain) -> str:
    """The domain as PDDL; `:requirements` say what it really uses."""
    lines = [f"(define (domain {domain.name})", f"  (:requirements {' '.join(requirements(domain))})"]
    if domain.types:
        lines.append(f"  (:types {_hierarchy(domain)})")
    if domain.constants:
        lines.append(f"  (:constants {_typed(domain.constants.items())})")
    lines.append(_declarations(":predicates", domain.predicates.items()))
    if domain.functions:
        lines.append(_declarations(":functions", domain.functions.items(), " - number"))
    for action in domain.actions.values():
        lines += [
            f"  (:action {action.name}",
            f"    :parameters ({_parameters(action.parameters)})",
            f"    :precondition {print_condition(action.precondition)}",
            f"    :effect {print_condition(action.effect)})",
        ]
    return "\n".join(lines) + ")\n"


def print_problem(problem: Problem, domain: Domain | None = None) -> str:
    """The problem as PDDL, its objects grouped by type, its facts in their order.

    With its domain, the costs start at 0 wherever the domain counts them, as some planners want, and what the domain
    declares as a constant of the same type is not declared again.
    """
    if domain is not None:
        kept = {name: kind for name, kind in problem.objects.items() if domain.constants.get(name) != kind}
        problem = replace(problem, objects=kept)
    lines = [f"(define (problem {problem.name})", f"  (:domain {problem.domain})"]
    kinds = dict.fromkeys(problem.objects.values())
    if set(kinds) <= {"object"} and (domain is None or not domain.types or not kinds):
        lines.append(f"  (:objects{''.join(f' {name}' for name in problem.objects)})")
    else:
        lines.append("  (:objects")
        for kind in kinds:
            names = " ".join(name for name, own in problem.objects.items() if own == kind)
            lines.append(f"    {names} - {kind}")
        lines.append("  )")
    lines.append("  (:init")
    if problem.metric or (domain is not None and _COST[0] in domain.functions):
        lines.append("    (= (total-cost) 0)")
    lines += [f"    {print_atom(atom)}" for atom in problem.init]
    lines += [f"    (= {print_atom(term)} {print_number(value)})" for term, value in problem.values.items()
              if term != _COST]  # fmt: skip
    lines += ["  )", f"  (:goal {print_condition(problem.goal)})"]
    if problem.metric:
        lines.append("  (:metric minimize (total-cost))")
    return "\n".join(lines) + "\n)\n"


def print_atom(atom: Atom) -> str:
    """`(on b1 b2)`."""
    return f"({' '.join(atom)})"


def print_number(value: float) -> str:
    """A number without a needless `.0`, in full digits."""
    return str(int(value)) if value == int(value) else f"{value:.12f}".rstrip("0")


def print_condition(condition: Condition) -> str:
    """A condition or an effect as PDDL."""
    if not condition:
        return "(and)"
    head = condition[0]
    if head in ("forall", "exists"):
        return f"({head} ({_parameters(condition[1])}) {print_condition(condition[2])})"
    return f"({' '.join(_part(part) for part in condition)})"


def _part(part: object) -> str:
    if isinstance(part, tuple):
        return print_condition(part)
    return print_number(part) if isinstance(part, float | int) else str(part)


_REQUIREMENTS = (
    ":strips",
    ":typing",
    ":equality",
    ":negative-preconditions",
    ":disjunctive-preconditions",
    ":existential-preconditions",
    ":universal-preconditions",
    ":conditional-effects",
    ":action-costs",
)
_BUNDLES = {
    ":quantified-preconditions": _REQUIREMENTS[5:7],
    ":adl": _REQUIREMENTS[:8],
}
_ASK_FOR = {
    "=": ":equality",
    "or": ":disjunctive-preconditions",
    "imply": ":disjunctive-preconditions",
    "exists": ":existential-preconditions",
    "forall": ":universal-preconditions",
}


def requirements(domain: Domain) -> list[str]:
    """The requirements that the domain's types, conditions and effects ask for, as PDDL names them, and those that it
    declares, which goals may make use of."""
    found = {":strips"}
    for name in domain.requirements:
        found |= set(_BUNDLES.get(name, (name,)))
    if domain.types:
        found.add(":typing")
    for action in domain.actions.values():
        for condition in (action.precondition, *_whens(action.effect)):
            for head, negated in _heads(condition):
                if head in _ASK_FOR:
                    found.add(_ASK_FOR[head])
                if negated:
                    found.add(":negative-preconditions")
        for head, _ in _heads(action.effect):
            if head in ("forall", "when"):
                found.add(":conditional-effects")
            elif head == "increase":
                found.add(":action-costs")
    if _COST[0] in domain.functions:
        found.add(":action-costs")
    return [name for name in _REQUIREMENTS if name in found]


def _heads(condition: Condition, negated: bool = False) -> Iterator[tuple[str, bool]]:
    """The first words of a condition and its parts, and whether `not` stands right before a fact."""
    if not condition:
        return
    yield str(condition[0]), negated
    for part in condition[2:] if condition[0] in ("forall", "exists") else condition[1:]:
        if isinstance(part, tuple):
            yield from _heads(part, condition[0] == "not" and part[0] != "=")


def _whens(effect: Condition) -> Iterator[Condition]:
    if effect and effect[0] == "when":
        yield effect[1]
    for part in effect[1:]:
        if isinstance(part, tuple) and part and isinstance(part[0], str):
            yield from _whens(part)


def _hierarchy(domain: Domain) -> str:
    """Types in an order in which each follows its parents; one with several parents stands once for each."""
    done: dict[str, None] = {"object": None}
    waiting = dict(domain.types)
    while waiting:
        ready = [name for name, parents in waiting.items() if all(parent in done for parent in parents)] or list(
            waiting
        )
        for name in ready:
            done[name] = None
            del waiting[name]
    pairs = [(name, parent) for name in done if name != "object" for parent in domain.types[name] or ("object",)]
    return _typed(pairs)


def _typed(pairs: Iterable[tuple[str, str]]) -> str:
    """`a b - t c - u`: neighbours of one type together."""
    groups: list[tuple[list[str], str]] = []
    for name, kind in pairs:
        if groups and groups[-1][1] == kind:
            groups[-1][0].append(name)
        else:
            groups.append(([name], kind))
    return " ".join(f"{' '.join(names)} - {kind}" for names, kind in groups)


def _parameters(parameters: Parameters) -> str:
    if all(types == ("object",) for _, types in parameters):
        return " ".join(variable for variable, _ in parameters)
    return " ".join(f"{variable} - {type_text(types)}" for variable, types in parameters)


def _declarations(keyword: str, items: Iterable[tuple[str, Parameters]], after: str = "") -> str:
    lines = [f"\n    ({' '.join(filter(None, (name, _parameters(parameters))))}){after}" for name, parameters in items]
    return f"  ({keyword}{''.join(lines)})"


def print_plan(plan: Plan) -> str:
    """One step `(action name name)` a line."""
    return "".join(f"{print_atom(step)}\n" for step in plan)


def read_plan(text: str) -> Plan:
    """Read a plan: one step a line, with or without brackets, `0.000: (...) [1]` as some planners write it.

    Comments and empty lines are skipped; names become lower case. Raises FaultyPddl for a line that is no step.
    """
    steps: list[Atom] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split(";")[0].strip().lower()
        if not words or words.startswith("```"):
            continue
        match = re.fullmatch(r"(?:\d+(?:\.\d+)?\s*:\s*)?(?:\(([^()]*)\)|([^()\[\]]*))\s*(?:\[[\d.]+\])?", words)
        step = tuple((match[1] or match[2] or "").split()) if match else ()
        if not step:
            raise FaultyPddl(f"line {number} of the plan, {line.strip()[:60]!r}, is no step; write (action name name)")
        steps.append(step)
    return tuple(steps)
