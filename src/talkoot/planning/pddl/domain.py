"""A PDDL domain as data: types, constants, predicates, functions, action schemas. Reading it is `reader`'s work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from talkoot.problem import Atom, Condition, Problem

Types = tuple[str, ...]
"""The types a parameter admits: one, or several of an `either`."""

Parameters = tuple[tuple[str, Types], ...]
"""Variables with the types they admit: `(("?x", ("block",)), ...)`."""


@dataclass(frozen=True)
class ActionSchema:
    """An action with parameters. `effect` is an atom, `("not", atom)`, `("and", ...)`, `("when", condition, effect)`,
    `("forall", parameters, effect)` or `("increase", ("total-cost",), number or function term)`."""

    name: str
    parameters: Parameters
    precondition: Condition = ("and",)
    effect: Condition = ("and",)


@dataclass(frozen=True)
class Domain:
    """A planning domain. `types` maps each type to its direct parents; `object` is the root and always known."""

    name: str
    types: Mapping[str, Types] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    predicates: Mapping[str, Parameters] = field(default_factory=dict)
    functions: Mapping[str, Parameters] = field(default_factory=dict)
    actions: Mapping[str, ActionSchema] = field(default_factory=dict)
    requirements: Types = ()

    def is_a(self, kind: str, admitted: Types) -> bool:
        """Whether an object of type `kind` may stand where one of the admitted types is asked for."""
        if "object" in admitted:
            return True
        seen, todo = set(), [kind]
        while todo:
            one = todo.pop()
            if one in admitted:
                return True
            if one not in seen:
                seen.add(one)
                todo += self.types.get(one, ())
        return False

    def objects(self, problem: Problem) -> dict[str, str]:
        """All objects of a problem with their types, the domain's constants first."""
        return {**self.constants, **problem.objects}

    def bindings(self, parameters: Parameters, objects: Mapping[str, str]) -> Iterator[dict[str, str]]:
        """Every way to fill the variables with objects of admitted types, in the order of the objects."""
        pools = [[name for name, kind in objects.items() if self.is_a(kind, types)] for _, types in parameters]
        for names in product(*pools):
            yield dict(zip((variable for variable, _ in parameters), names, strict=True))

    def static(self) -> set[str]:
        """The predicates that no action changes."""
        changed: set[str] = set()

        def walk(effect: Condition) -> None:
            if not effect or effect[0] == "increase":
                return
            if effect[0] == "and":
                for part in effect[1:]:
                    walk(part)
            elif effect[0] in ("when", "forall"):
                walk(effect[2])
            else:
                changed.add(effect[1][0] if effect[0] == "not" else effect[0])

        for action in self.actions.values():
            walk(action.effect)
        return set(self.predicates) - changed


def substitute(condition: Condition, binding: Mapping[str, str]) -> Condition:
    """The condition with variables replaced; quantified variables keep their own meaning."""
    if condition and condition[0] in ("forall", "exists"):
        hidden = {variable for variable, _ in condition[1]}
        inner = {key: value for key, value in binding.items() if key not in hidden}
        return (condition[0], condition[1], substitute(condition[2], inner))
    return tuple(
        substitute(part, binding) if isinstance(part, tuple) else binding.get(part, part) for part in condition
    )


def holds(condition: Condition, state: set[Atom] | frozenset[Atom], domain: Domain, objects: Mapping[str, str]) -> bool:
    """Whether a ground condition is true in a state (closed world: what is not in it is false)."""
    head = condition[0] if condition else "and"
    if head == "and":
        return all(holds(part, state, domain, objects) for part in condition[1:])
    if head == "or":
        return any(holds(part, state, domain, objects) for part in condition[1:])
    if head == "not":
        return not holds(condition[1], state, domain, objects)
    if head == "imply":
        return not holds(condition[1], state, domain, objects) or holds(condition[2], state, domain, objects)
    if head == "=":
        return bool(condition[1] == condition[2])
    if head in ("forall", "exists"):
        each = (
            holds(substitute(condition[2], binding), state, domain, objects)
            for binding in domain.bindings(condition[1], objects)
        )
        return all(each) if head == "forall" else any(each)
    return condition in state
