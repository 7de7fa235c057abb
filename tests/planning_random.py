"""Random small planning problems, and a simulator and searches too simple to be wrong to hold talkoot's against.

Nothing here uses talkoot's own semantics: conditions are evaluated by recursion over the objects, types by walking up
their parents, and states are looked at one after the other.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count, product
from typing import Any

from talkoot.planning.pddl.domain import ActionSchema, Domain
from talkoot.problem import Atom, Condition, Plan, Problem

State = frozenset[Atom]
Variables = tuple[tuple[str, tuple[str, ...]], ...]


class TooMany(Exception):
    """A problem has more states than a test wants to look at."""


def fits(domain: Domain, kind: str, admitted: Sequence[str]) -> bool:
    """Whether a type is one of the admitted ones or below one."""
    if "object" in admitted or kind in admitted:
        return True
    return any(fits(domain, parent, admitted) for parent in domain.types.get(kind, ()) if parent != "object")


def fillings(domain: Domain, objects: Mapping[str, str], variables: Variables) -> Iterator[dict[str, str]]:
    pools = [[name for name, kind in objects.items() if fits(domain, kind, types)] for _, types in variables]
    for names in product(*pools):
        yield dict(zip([variable for variable, _ in variables], names, strict=True))


class Naive:
    """One problem, read as the definition of PDDL says."""

    def __init__(self, domain: Domain, problem: Problem) -> None:
        self.domain, self.problem = domain, problem
        self.objects = {**domain.constants, **problem.objects}
        self.start: State = frozenset(problem.init)

    def true(self, condition: Condition, state: State, names: Mapping[str, str]) -> bool:
        if not condition:
            return True
        head, rest = condition[0], condition[1:]
        if head == "and":
            return all(self.true(part, state, names) for part in rest)
        if head == "or":
            return any(self.true(part, state, names) for part in rest)
        if head == "not":
            return not self.true(rest[0], state, names)
        if head == "imply":
            return self.true(rest[1], state, names) if self.true(rest[0], state, names) else True
        if head == "=":
            return names.get(rest[0], rest[0]) == names.get(rest[1], rest[1])
        if head in ("forall", "exists"):
            each = [
                self.true(rest[1], state, {**names, **more})
                for more in fillings(self.domain, self.objects, rest[0])
            ]  # fmt: skip
            return all(each) if head == "forall" else any(each)
        return (head, *[names.get(name, name) for name in rest]) in state

    def effects(self, effect: Condition, state: State, names: Mapping[str, str]) -> tuple[set[Atom], set[Atom], float]:
        """What comes, what goes, and what it costs."""
        if not effect:
            return set(), set(), 0.0
        head, rest = effect[0], effect[1:]
        if head == "and":
            parts = [self.effects(part, state, names) for part in rest]
        elif head == "forall":
            parts = [
                self.effects(rest[1], state, {**names, **more})
                for more in fillings(self.domain, self.objects, rest[0])
            ]  # fmt: skip
        elif head == "when":
            parts = [self.effects(rest[1], state, names)] if self.true(rest[0], state, names) else []
        elif head == "increase":
            term = rest[1]
            if isinstance(term, tuple):
                return set(), set(), self.problem.values[term[0], *[names.get(name, name) for name in term[1:]]]
            return set(), set(), float(term)
        elif head == "not":
            return set(), {(rest[0][0], *[names.get(name, name) for name in rest[0][1:]])}, 0.0
        else:
            return {(head, *[names.get(name, name) for name in rest])}, set(), 0.0
        adds, deletes = set().union(*(part[0] for part in parts)), set().union(*(part[1] for part in parts))
        return adds, deletes, sum(part[2] for part in parts)

    def steps(self) -> list[Atom]:
        return [
            (name, *names.values())
            for name, schema in self.domain.actions.items()
            for names in fillings(self.domain, self.objects, schema.parameters)
        ]

    def after(self, state: State, step: Atom) -> tuple[State, float] | None:
        """The state after a step and what the step costs; None where it is impossible."""
        schema = self.domain.actions.get(step[0])
        if schema is None or len(step) - 1 != len(schema.parameters):
            return None
        names = {variable: name for (variable, _), name in zip(schema.parameters, step[1:], strict=True)}
        for variable, types in schema.parameters:
            if names[variable] not in self.objects or not fits(self.domain, self.objects[names[variable]], types):
                return None
        if not self.true(schema.precondition, state, names):
            return None
        adds, deletes, cost = self.effects(schema.effect, state, names)
        return (state - deletes) | adds, (cost if self.problem.metric else 1.0)

    def cost(self, plan: Plan) -> float | None:
        """What a plan costs; None if it is not valid."""
        state, spent = self.start, 0.0
        for step in plan:
            found = self.after(state, step)
            if found is None:
                return None
            state, spent = found[0], spent + found[1]
        return spent if self.true(self.problem.goal, state, {}) else None

    def cheapest(self, most: int = 3000) -> float | None:
        """The cost of a cheapest plan, None if there is none. Raises TooMany beyond `most` states."""
        steps, order = self.steps(), count()
        queue = [(0.0, next(order), self.start)]
        closed: set[State] = set()
        while queue:
            spent, _, state = heappop(queue)
            if state in closed:
                continue
            if self.true(self.problem.goal, state, {}):
                return spent
            closed.add(state)
            if len(closed) > most:
                raise TooMany
            for step in steps:
                found = self.after(state, step)
                if found is not None and found[0] not in closed:
                    heappush(queue, (spent + found[1], next(order), found[0]))
        return None

    def states(self, most: int = 3000) -> set[State]:
        """All states that can be reached."""
        steps, seen, todo = self.steps(), {self.start}, [self.start]
        while todo:
            state = todo.pop()
            for step in steps:
                found = self.after(state, step)
                if found is not None and found[0] not in seen:
                    seen.add(found[0])
                    todo.append(found[0])
                    if len(seen) > most:
                        raise TooMany
        return seen


class Dice:
    """Draws domains and problems; `rich` allows conditions of all kinds and conditional effects."""

    def __init__(self, seed: int, rich: bool = True) -> None:
        self.chance, self.rich, self.fresh = random.Random(seed), rich, count()
        self.seed = seed

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def types_of(self, types: Sequence[str]) -> tuple[str, ...]:
        if self.rich and len(types) > 1 and self.maybe(0.15):
            return tuple(self.chance.sample(list(types), 2))
        return ("object",) if self.maybe(0.15) else (self.chance.choice(list(types)),)

    def domain(self) -> Domain:
        chance = self.chance
        parents: dict[str, tuple[str, ...]] = {"a": ("object",)}
        if self.maybe(0.6):
            parents["b"] = ("object",)
        if self.maybe(0.4):
            parents["c"] = tuple(chance.sample(["a", "b"], 2)) if "b" in parents and self.maybe(0.3) else ("a",)
        types = list(parents)
        constants = {f"k{number}": chance.choice(types) for number in range(chance.choice([0, 0, 1, 2]))}
        names = [f"p{number}" for number in range(chance.randint(2, 4))]
        if self.maybe(0.3):
            names.append("act0")
        predicates = {
            name: tuple((f"?x{place}", self.types_of(types)) for place in range(chance.choice([0, 1, 1, 1, 2])))
            for name in names
        }
        functions: dict[str, Variables] = {}
        if self.maybe(0.5):
            functions = {"total-cost": (), "far": (("?x", ("object",)),)}
        domain = Domain(f"d{self.seed}", parents, constants, predicates, functions, {}, ())
        static = {chance.choice(names)} if self.maybe(0.4) else set()
        actions = {}
        for number in range(chance.randint(2, 4)):
            own = tuple((f"?v{place}", self.types_of(types)) for place in range(chance.choice([0, 1, 1, 2, 2])))
            needs = [self.condition(domain, own, 0) for _ in range(chance.randint(0, 2))]
            effect = self.effect(domain, own, static)
            actions[f"act{number}"] = ActionSchema(f"act{number}", own, ("and", *needs), effect)
        return Domain(f"d{self.seed}", parents, constants, predicates, functions, actions, (":adl",))

    def term(self, domain: Domain, variables: Variables, objects: Mapping[str, str], admitted: Sequence[str]) -> str:
        """A name that may stand in this place; "" where there is none."""
        fitting = [
            variable for variable, types in variables
            if all(fits(domain, kind, admitted) or kind == "object" or any(
                fits(domain, one, [kind]) and fits(domain, one, admitted) for one in domain.types) for kind in types)
        ]  # fmt: skip
        names = [name for name, kind in objects.items() if fits(domain, kind, admitted)]
        if fitting and (not names or self.maybe(0.85)):
            return self.chance.choice(fitting)
        return self.chance.choice(names) if names else ""

    def atom(
        self, domain: Domain, variables: Variables, objects: Mapping[str, str], barred: Sequence[str] = ()
    ) -> Condition:
        for _ in range(10):
            name = self.chance.choice([name for name in domain.predicates if name not in barred])
            terms = [self.term(domain, variables, objects, types) for _, types in domain.predicates[name]]
            if all(terms):
                return (name, *terms)
        return ()

    def condition(
        self, domain: Domain, variables: Variables, depth: int, objects: Mapping[str, str] | None = None
    ) -> Condition:
        names = domain.constants if objects is None else objects
        if not self.rich or depth > 2 or self.maybe(0.55):
            atom = self.atom(domain, variables, names)
            if not atom:
                return ("and",)
            return atom if self.maybe(0.65) else ("not", atom)
        kind = self.chance.choice(["and", "or", "not", "imply", "=", "exists", "forall"])
        if kind in ("and", "or"):
            parts = [self.condition(domain, variables, depth + 1, objects) for _ in range(self.chance.randint(1, 3))]
            return (kind, *parts)
        if kind == "not":
            return ("not", self.condition(domain, variables, depth + 1, objects))
        if kind == "imply":
            return ("imply", *[self.condition(domain, variables, depth + 1, objects) for _ in range(2)])
        if kind == "=":
            terms = [self.term(domain, variables, names, ("object",)) for _ in range(2)]
            if not all(terms):
                return ("and",)
            return ("=", *terms) if self.maybe(0.5) else ("not", ("=", *terms))
        # Now and then the same name as a variable outside.
        inner = f"?q{next(self.fresh)}" if not variables or self.maybe(0.8) else variables[0][0]
        own: Variables = ((inner, self.types_of(list(domain.types))),)
        outer = tuple(one for one in variables if one[0] != inner)
        return (kind, own, self.condition(domain, own + outer, depth + 1, objects))

    def effect(self, domain: Domain, variables: Variables, static: set[str]) -> Condition:
        parts: list[Condition] = []
        for _ in range(self.chance.randint(1, 3)):
            parts.append(self.outcome(domain, variables, static, 0))
        if domain.functions and self.maybe(0.8):
            amount: Any = float(self.chance.choice([0, 1, 2, 5]))
            if variables and self.maybe(0.6):
                amount = ("far", self.chance.choice(variables)[0])
            parts.append(("increase", ("total-cost",), amount))
        return ("and", *[part for part in parts if part])

    def outcome(self, domain: Domain, variables: Variables, static: set[str], depth: int) -> Condition:
        if self.rich and depth < 2 and self.maybe(0.25):
            if self.maybe(0.5):
                inner = self.outcome(domain, variables, static, depth + 1)
                return ("when", self.condition(domain, variables, 1), inner) if inner else ()
            own: Variables = ((f"?q{next(self.fresh)}", self.types_of(list(domain.types))),)
            inner = self.outcome(domain, own + variables, static, depth + 1)
            return ("forall", own, inner) if inner else ()
        atom = (
            self.atom(domain, variables, domain.constants, sorted(static))
            if len(static) < len(domain.predicates)
            else ()
        )
        if not atom:
            return ()
        return atom if self.maybe(0.6) else ("not", atom)

    def problem(self, domain: Domain) -> Problem:
        chance = self.chance
        objects = {
            f"o{number}": chance.choice([*domain.types, *domain.types, "object"][:4])
            for number in range(chance.randint(1, 3))
        }
        everything = {**domain.constants, **objects}
        atoms = [
            (name, *names.values())
            for name, parameters in domain.predicates.items()
            for names in fillings(domain, everything, parameters)
        ]
        init = tuple(atom for atom in atoms if self.maybe(0.3))
        goal: Condition = ("and",)
        for _ in range(chance.choice([1, 9, 9, 9])):  # mostly one that is not true already
            if self.rich and self.maybe(0.4):
                goal = self.condition(domain, (), 0, everything)
            else:
                picked = chance.sample(atoms, min(len(atoms), chance.randint(1, 4)))
                goal = ("and", *(atom if self.maybe(0.75) else ("not", atom) for atom in picked))
            if not Naive(domain, Problem("", "", objects, init, goal)).true(goal, frozenset(init), {}):
                break
        values: dict[Atom, float] = {}
        if domain.functions:
            values = {("far", name): float(chance.choice([0, 1, 3, 4])) for name in everything}
        metric = bool(domain.functions) and self.maybe(0.7)
        return Problem(f"n{self.seed}", domain.name, objects, init, goal, values, metric)


def drawn(seed: int, rich: bool = True) -> tuple[Domain, Problem]:
    """A random domain with a random problem; the same for the same seed."""
    dice = Dice(seed, rich)
    domain = dice.domain()
    return domain, dice.problem(domain)
