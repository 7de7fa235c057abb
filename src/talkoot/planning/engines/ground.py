"""What can be reached at all: the delete relaxation, where what once was true stays true.

A fact that is not reached here is never reached, so a goal that names it has no plan. Facts are taken one by one, and
each is joined with those known before, by indices over the bound arguments, into the actions that it makes possible
(semi-naive evaluation of a Datalog program, Helmert, "Concise finite-domain representations for PDDL planning tasks",
2009, section 6, with plain indices in place of its join trees); nothing is enumerated that no fact supports. Negative
conditions hold where the atom is false at the start, or some reached action deletes it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, product
from math import prod
from time import perf_counter

from talkoot.errors import GaveUp
from talkoot.planning.pddl.domain import Domain, Parameters, substitute
from talkoot.problem import Atom, Condition, Problem

MOST_BRANCHES = 32
"""A condition with more alternatives than this is tested as a whole instead of being split into them."""


@dataclass(frozen=True)
class Reached:
    """What the delete relaxation reaches: facts that can become true, the facts of the start that can become false
    (`gone`), and the ground actions that can become possible, in the order in which they were found."""

    facts: set[Atom]
    gone: set[Atom]
    actions: tuple[Atom, ...]
    start: frozenset[Atom]
    domain: Domain
    objects: Mapping[str, str]

    def possible(self, condition: Condition, wanted: bool = True) -> bool:
        """Whether a ground condition can become true (or, not `wanted`, false), each of its literals on its own."""
        head = condition[0] if condition else "and"
        if head == "not":
            return self.possible(condition[1], not wanted)
        if head in ("and", "or"):
            each = (self.possible(part, wanted) for part in condition[1:])
            return all(each) if (head == "and") == wanted else any(each)
        if head == "imply":
            return self.possible(("or", ("not", condition[1]), condition[2]), wanted)
        if head == "=":
            return bool((condition[1] == condition[2]) == wanted)
        if head in ("forall", "exists"):
            bindings = self.domain.bindings(condition[1], self.objects)
            each = (self.possible(substitute(condition[2], binding), wanted) for binding in bindings)
            return all(each) if (head == "forall") == wanted else any(each)
        return condition in self.facts if wanted else condition not in self.start or condition in self.gone


def relaxed(domain: Domain, problem: Problem, until: float | None = None) -> Reached:
    """All facts and ground actions that the delete relaxation reaches.

    Raises GaveUp if that takes longer than `until` (as `time.perf_counter` counts).
    """
    return _Fixpoint(domain, problem, until).run()


def unreachable(domain: Domain, problem: Problem) -> tuple[Condition, ...]:
    """The parts of the goal that no action can ever make true; if there are any, the problem has no plan. If there are
    none it may still have none."""
    return unreachable_parts(relaxed(domain, problem), problem.goal)


def unreachable_parts(reached: Reached, goal: Condition) -> tuple[Condition, ...]:
    """The parts of a goal that are never reached, conjunctions and universal quantifiers taken apart."""
    found: dict[Condition, None] = {}

    def walk(part: Condition) -> None:
        if not part or part[0] == "and":
            for inner in part[1:]:
                walk(inner)
        elif part[0] == "forall":
            for binding in reached.domain.bindings(part[1], reached.objects):
                walk(substitute(part[2], binding))
        elif not reached.possible(part):
            found[part] = None

    walk(goal)
    return tuple(found)


Term = int | str
"""A variable by its number in the rule, or a constant."""
_Literal = tuple[str, tuple[Term, ...]]


@dataclass
class _Rule:
    """`action` with its first `arity` variables becomes possible where the conditions hold, and then these facts come
    and go. An effect with a condition of its own is a rule of its own, and says nothing about the action."""

    action: str
    arity: int
    variables: Parameters
    says_possible: bool
    needs: list[_Literal] = field(default_factory=list)
    bars: list[_Literal] = field(default_factory=list)
    tests: list[Condition] = field(default_factory=list)
    adds: list[_Literal] = field(default_factory=list)
    deletes: list[_Literal] = field(default_factory=list)


@dataclass
class _Step:
    """One step of a join: look facts up by the bound positions and bind the free ones (`slot` is None: take any object
    of the admitted types for one variable)."""

    slot: dict[tuple[str, ...], list[Atom]] | None
    key: tuple[Term, ...] = ()
    free: tuple[tuple[int, int], ...] = ()
    same: tuple[tuple[int, int], ...] = ()


class _Fixpoint:
    def __init__(self, domain: Domain, problem: Problem, until: float | None) -> None:
        self.domain, self.until = domain, until
        self.objects = domain.objects(problem)
        self.init = problem.init
        self.start = frozenset(problem.init)
        self.static = domain.static()
        self.facts: set[Atom] = set(problem.init)
        self.gone: set[Atom] = set()
        self.actions: dict[Atom, None] = {}
        self.queue: deque[Atom] = deque()
        self.released: deque[tuple[_Rule, list[str]]] = deque()
        self.fresh = count()
        self.slots: dict[str, dict[tuple[int, ...], dict[tuple[str, ...], list[Atom]]]] = defaultdict(dict)
        self.barred: dict[Atom, list[tuple[_Rule, list[str]]]] = defaultdict(list)
        self.stalled: list[tuple[_Rule, list[str]]] = []
        self.pools: dict[tuple[str, ...], dict[str, None]] = {}
        self.size: dict[str, int] = defaultdict(int)
        self.looked = 0
        for atom in problem.init:
            self.size[atom[0]] += 1

    def run(self) -> Reached:
        rules = [rule for schema in self.domain.actions for rule in self._rules(schema)]
        triggers: dict[str, list[tuple[_Rule, _Literal, list[_Step], list[dict[str, None]]]]] = defaultdict(list)
        at_once = []
        for rule in rules:
            pools = [self._pool(types) for _, types in rule.variables]
            fluent = [literal for literal in rule.needs if literal[0] not in self.static]
            for literal in fluent:
                rest = list(rule.needs)
                rest.remove(literal)
                triggers[literal[0]].append((rule, literal, self._order(rule, rest, set(_free(literal))), pools))
            if not fluent:
                at_once.append((rule, self._order(rule, list(rule.needs), set()), pools))
        for atom in dict.fromkeys(self.init):
            if atom[0] in self.static:
                self._index(atom)
            else:
                self.queue.append(atom)
        for rule, order, pools in at_once:
            self._extend(rule, order, 0, [""] * len(rule.variables), pools)
        while True:
            while self.queue or self.released:
                while self.released:
                    self._fire(*self.released.popleft())
                if not self.queue:
                    break
                atom = self.queue.popleft()
                self._index(atom)
                for rule, (_, terms), order, pools in triggers[atom[0]]:
                    binding = [""] * len(rule.variables)
                    if len(terms) == len(atom) - 1 and _match(terms, atom, binding, pools):
                        self._extend(rule, order, 0, binding, pools)
            waiting, self.stalled = self.stalled, []
            for rule, binding in waiting:
                self._fire(rule, binding)
            if len(self.stalled) == len(waiting):
                break
        return Reached(self.facts, self.gone, tuple(self.actions), self.start, self.domain, self.objects)

    def _rules(self, name: str) -> list[_Rule]:
        schema = self.domain.actions[name]
        effects: list[tuple[Parameters, list[Condition], list[Condition]]] = [((), [], [])]

        def walk(effect: Condition, extra: Parameters, conditions: list[Condition]) -> None:
            if not effect or effect[0] == "increase":
                return
            if effect[0] == "and":
                for part in effect[1:]:
                    walk(part, extra, conditions)
            elif effect[0] == "forall":
                names = {variable: f"{variable}.{next(self.fresh)}" for variable, _ in effect[1]}
                renamed = tuple((names[variable], types) for variable, types in effect[1])
                walk(substitute(effect[2], names), extra + renamed, conditions)
            elif effect[0] == "when":
                walk(effect[2], extra, [*conditions, effect[1]])
            elif not extra and not conditions:
                effects[0][2].append(effect)
            else:
                effects.append((extra, conditions, [effect]))

        walk(schema.effect, (), [])
        found = []
        for number, (extra, conditions, outcome) in enumerate(effects):
            for variables, literals in _branches(("and", schema.precondition, *conditions), self.fresh):
                rule = _Rule(name, len(schema.parameters), schema.parameters + extra + variables, number == 0)
                places = {variable: place for place, (variable, _) in enumerate(rule.variables)}
                for literal in literals:
                    self._sort(rule, literal, places)
                for effect in outcome:
                    (rule.deletes if effect[0] == "not" else rule.adds).append(
                        _numbered(effect[1] if effect[0] == "not" else effect, places)
                    )
                found.append(rule)
        return found

    def _sort(self, rule: _Rule, literal: Condition, places: Mapping[str, int]) -> None:
        if literal[0] == "not" and literal[1][0] in self.domain.predicates:
            rule.bars.append(_numbered(literal[1], places))
        elif literal[0] in self.domain.predicates:
            rule.needs.append(_numbered(literal, places))
        else:
            rule.tests.append(literal)

    def _pool(self, types: tuple[str, ...]) -> dict[str, None]:
        if types not in self.pools:
            admitted = [name for name, kind in self.objects.items() if self.domain.is_a(kind, types)]
            self.pools[types] = dict.fromkeys(admitted)
        return self.pools[types]

    def _order(self, rule: _Rule, literals: list[_Literal], bound: set[int]) -> list[_Step]:
        """The order in which to join: what is bound first, then static and small relations, then bare objects."""
        order = []
        while literals:
            literal = min(
                literals,
                key=lambda one: (len(set(_free(one)) - bound), one[0] not in self.static, self.size[one[0]]),
            )
            literals.remove(literal)
            terms = literal[1]
            at = tuple(place for place, term in enumerate(terms, 1) if not isinstance(term, int) or term in bound)
            free: dict[int, int] = {}
            same = []
            for place, term in enumerate(terms, 1):
                if isinstance(term, int) and term not in bound:
                    if term in free:
                        same.append((place, free[term]))
                    else:
                        free[term] = place
            slot = self.slots[literal[0]].setdefault(at, {})
            step = _Step(
                slot, tuple(terms[p - 1] for p in at), tuple((place, term) for term, place in free.items()), tuple(same)
            )
            order.append(step)
            bound |= set(free)
        order += [_Step(None, (), ((0, one),)) for one in range(len(rule.variables)) if one not in bound]
        return order

    def _index(self, atom: Atom) -> None:
        for at, slot in self.slots[atom[0]].items():
            if not at or at[-1] < len(atom):
                slot.setdefault(tuple([atom[place] for place in at]), []).append(atom)

    def _extend(
        self, rule: _Rule, order: list[_Step], depth: int, binding: list[str], pools: list[dict[str, None]]
    ) -> None:
        self.looked += 1
        if self.until is not None and self.looked % 1024 == 0 and perf_counter() > self.until:
            raise GaveUp("the time was over before all reachable actions were known; give more time")
        if depth == len(order):
            self._fire(rule, list(binding))
            return
        step = order[depth]
        if step.slot is None:
            variable = step.free[0][1]
            for name in pools[variable]:
                binding[variable] = name
                self._extend(rule, order, depth + 1, binding, pools)
            return
        key = tuple([binding[term] if isinstance(term, int) else term for term in step.key])
        for atom in step.slot.get(key, ()):
            for place, variable in step.free:
                name = atom[place]
                if name not in pools[variable]:
                    break
                binding[variable] = name
            else:
                if not step.same or all(atom[place] == atom[other] for place, other in step.same):
                    self._extend(rule, order, depth + 1, binding, pools)

    def _fire(self, rule: _Rule, binding: list[str]) -> None:
        for literal in rule.bars:
            atom = _ground(literal, binding)
            if atom in self.start and atom not in self.gone:
                if atom[0] not in self.static:
                    self.barred[atom].append((rule, binding))
                return
        if rule.tests:
            names = {variable: name for (variable, _), name in zip(rule.variables, binding, strict=True)}
            now = Reached(self.facts, self.gone, (), self.start, self.domain, self.objects)
            if not all(now.possible(substitute(test, names)) for test in rule.tests):
                self.stalled.append((rule, binding))
                return
        if rule.says_possible:
            self.actions[(rule.action, *binding[: rule.arity])] = None
        for literal in rule.adds:
            atom = _ground(literal, binding)
            if atom not in self.facts:
                self.facts.add(atom)
                self.queue.append(atom)
        for literal in rule.deletes:
            atom = _ground(literal, binding)
            if atom in self.start and atom not in self.gone:
                self.gone.add(atom)
                self.released.extend(self.barred.pop(atom, ()))


def _match(terms: tuple[Term, ...], atom: Atom, binding: list[str], pools: list[dict[str, None]]) -> bool:
    for place, term in enumerate(terms, 1):
        name = atom[place]
        if isinstance(term, str):
            if term != name:
                return False
        elif binding[term] not in ("", name) or name not in pools[term]:
            return False
        else:
            binding[term] = name
    return True


def _numbered(literal: Condition, places: Mapping[str, int]) -> _Literal:
    return literal[0], tuple(places.get(term, term) for term in literal[1:])


def _ground(literal: _Literal, binding: list[str]) -> Atom:
    return (literal[0], *[binding[term] if isinstance(term, int) else term for term in literal[1]])


def _free(literal: _Literal) -> list[int]:
    return [term for term in literal[1] if isinstance(term, int)]


def _branches(
    condition: Condition, fresh: Iterator[int], wanted: bool = True
) -> list[tuple[Parameters, list[Condition]]]:
    """The alternatives of a condition, each a list of conditions that must all hold, with the variables that it adds
    (those of `exists`, numbered by `fresh`). What cannot be split stays one condition."""
    head = condition[0] if condition else "and"
    if head == "not":
        return _branches(condition[1], fresh, not wanted)
    if head == "imply":
        return _branches(("or", ("not", condition[1]), condition[2]), fresh, wanted)
    if head in ("and", "or") and (head == "and") == wanted:
        sides = [_branches(part, fresh, wanted) for part in condition[1:]]
        if prod(map(len, sides)) > MOST_BRANCHES:
            sides = [side if len(side) == 1 else [((), [part if wanted else ("not", part)])]
                     for side, part in zip(sides, condition[1:], strict=True)]  # fmt: skip
        return [
            (tuple(v for variables, _ in chosen for v in variables), [c for _, literals in chosen for c in literals])
            for chosen in product(*sides)
        ]
    if head in ("and", "or"):
        return [branch for part in condition[1:] for branch in _branches(part, fresh, wanted)]
    if head in ("exists", "forall") and (head == "exists") == wanted:
        names = {variable: f"{variable}.{next(fresh)}" for variable, _ in condition[1]}
        inner = _branches(substitute(condition[2], names), fresh, wanted)
        renamed = tuple((names[variable], types) for variable, types in condition[1])
        return [(renamed + variables, literals) for variables, literals in inner]
    return [((), [condition if wanted else ("not", condition)])]
