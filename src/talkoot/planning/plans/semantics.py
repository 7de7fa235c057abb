"""Ground actions and conditions compiled to operations on sets: what a replayed step needs, and what it changes.

A state is a set of ground atoms. The literals of a condition become two sets to compare with the state; anything else
(disjunctions, and quantifiers that stand for one) becomes a small function of it. All conditions are read in the state
before the action, deletes happen before adds (Fox and Long 2003, PDDL2.1, definition of a state transition).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from operator import itemgetter

from talkoot.planning.pddl.domain import ActionSchema, Domain, substitute
from talkoot.problem import Atom, Condition

State = AbstractSet[Atom]
Price = Condition | float
"""A cost: a number, or the term of a function whose value the problem gives."""

_Template = Callable[[tuple[str, ...]], Atom]


@dataclass(frozen=True, slots=True)
class Needs:
    """A ground condition: atoms that must be in the state, atoms that must not, and tests of whatever is left."""

    true: frozenset[Atom]
    false: frozenset[Atom]
    tests: tuple[Callable[[State], bool], ...] = ()

    def met(self, state: State) -> bool:
        """Whether the condition is true of a state."""
        return self.true <= state and self.false.isdisjoint(state) and all(test(state) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Change:
    """Facts that come and go, and costs, if `needs` is met by the state before; `condition` is what it came from."""

    condition: Condition
    needs: Needs
    adds: frozenset[Atom]
    deletes: frozenset[Atom]
    costs: tuple[Price, ...] = ()


@dataclass(frozen=True, slots=True)
class GroundAction:
    """A ground action: its precondition, what it always does, and what it does under conditions."""

    needs: Needs
    adds: frozenset[Atom]
    deletes: frozenset[Atom]
    costs: tuple[Price, ...] = ()
    changes: tuple[Change, ...] = ()

    def fired(self, state: State) -> tuple[Change, ...]:
        """The conditional changes that happen in a state."""
        return tuple(change for change in self.changes if change.needs.met(state))

    def effects(self, state: State) -> tuple[frozenset[Atom], frozenset[Atom]]:
        """What the action adds to and deletes from a state; an atom that is both ends up true."""
        adds, deletes = self.adds, self.deletes
        for change in self.fired(state):
            adds, deletes = adds | change.adds, deletes | change.deletes
        return adds, deletes - adds


class Grounding:
    """Makes the ground actions and conditions of one domain over one set of objects, each action once."""

    def __init__(self, domain: Domain, objects: Mapping[str, str]) -> None:
        self.domain = domain
        self.objects = objects
        self._admitted: dict[tuple[str, ...], frozenset[str]] = {}
        self._schemas: dict[str, _Schema] = {}
        self._actions: dict[Atom, GroundAction | str] = {}

    def action(self, step: Atom) -> GroundAction | str:
        """The compiled action of a step, or in words why there is no such action."""
        known = self._actions.get(step)
        if known is None:
            known = self._actions[step] = self._instantiate(step)
        return known

    def admitted(self, types: tuple[str, ...]) -> frozenset[str]:
        """The names of the objects that one of the types admits."""
        known = self._admitted.get(types)
        if known is None:
            kinds = {kind for kind in set(self.objects.values()) if self.domain.is_a(kind, types)}
            known = frozenset([name for name, kind in self.objects.items() if kind in kinds])
            self._admitted[types] = known
        return known

    def instances(self, quantified: Condition) -> Iterator[Condition]:
        """The body of a `forall` or `exists` for every binding of its variables."""
        for binding in self.domain.bindings(quantified[1], self.objects):
            yield substitute(quantified[2], binding)

    def condition(self, condition: Condition, wanted: bool = True) -> Needs:
        """Compile a ground condition, or its opposite if it is not wanted."""
        true: list[Atom] = []
        false: list[Atom] = []
        tests: list[Callable[[State], bool]] = []

        def walk(part: Condition, wanted: bool) -> None:
            head = part[0] if part else "and"
            if head == "not":
                walk(part[1], not wanted)
            elif head == ("and" if wanted else "or"):
                for inner in part[1:]:
                    walk(inner, wanted)
            elif head == ("forall" if wanted else "exists"):
                for inner in self.instances(part):
                    walk(inner, wanted)
            elif head == "imply" and not wanted:
                walk(part[1], True)
                walk(part[2], False)
            elif head in ("and", "or", "imply", "forall", "exists"):
                tests.append(self._choice(part, wanted))
            elif head == "=":
                if (part[1] == part[2]) != wanted:
                    tests.append(lambda state: False)
            else:
                (true if wanted else false).append(part)

        walk(condition, wanted)
        return Needs(frozenset(true), frozenset(false), tuple(tests))

    def _choice(self, condition: Condition, wanted: bool) -> Callable[[State], bool]:
        """What is a disjunction, after negation if it is not wanted: true if one of its parts is."""
        head = condition[0]
        if head in ("forall", "exists"):
            choices = [self.condition(part, wanted) for part in self.instances(condition)]
        elif head == "imply":
            choices = [self.condition(condition[1], False), self.condition(condition[2])]
        else:
            choices = [self.condition(part, wanted) for part in condition[1:]]
        return lambda state: any(choice.met(state) for choice in choices)

    def changes(self, effect: Condition, condition: Condition = ("and",)) -> list[Change]:
        """The changes that a ground effect makes, quantifiers written out, each with all conditions above it."""
        adds: list[Atom] = []
        deletes: list[Atom] = []
        costs: list[Price] = []
        found: list[Change] = []
        for part in conjuncts(effect):
            if part[0] == "forall":
                for inner in self.instances(part):
                    found += self.changes(inner, condition)
            elif part[0] == "when":
                found += self.changes(part[2], part[1] if condition == ("and",) else ("and", condition, part[1]))
            elif part[0] == "increase":
                costs.append(part[2])
            elif part[0] == "not":
                deletes.append(part[1])
            else:
                adds.append(part)
        if adds or deletes or costs:
            needs = self.condition(condition)
            found.append(Change(condition, needs, frozenset(adds), frozenset(deletes), tuple(costs)))
        return found

    def _instantiate(self, step: Atom) -> GroundAction | str:
        schema = self._schemas.get(step[0]) if step else None
        if schema is None:
            if not step or step[0] not in self.domain.actions:
                known = ", ".join(sorted(self.domain.actions))
                return f"the domain has no action {step[0] if step else ''!r}; it has {known}"
            schema = self._schemas[step[0]] = _Schema(self, self.domain.actions[step[0]])
        if len(step) - 1 != len(schema.pools):
            return f"{step[0]} takes {len(schema.pools)} arguments, not {len(step) - 1}"
        for place, (name, pool) in enumerate(zip(step[1:], schema.pools, strict=True)):
            if name not in pool:
                if name not in self.objects:
                    return f"the problem has no object {name!r}"
                variable, types = schema.action.parameters[place]
                kind = self.objects[name]
                return f"{name} is of type {kind}, but {variable} of {step[0]} must be of type {' or '.join(types)}"
        return schema.instantiate(self, step)


class _Schema:
    """An action schema whose plain literals are functions from the arguments to the ground atom.

    The arguments and the names that the schema itself mentions form one tuple; an atom is a selection of its places.
    """

    def __init__(self, grounding: Grounding, action: ActionSchema) -> None:
        self.action = action
        self.pools = [grounding.admitted(types) for _, types in action.parameters]
        self._places = {variable: place for place, (variable, _) in enumerate(action.parameters)}
        self._names: list[str] = []
        self.true: list[_Template] = []
        self.false: list[_Template] = []
        self.adds: list[_Template] = []
        self.deletes: list[_Template] = []
        self.costs: list[_Template | float] = []
        self.conditions: list[Condition] = []
        self.effects: list[Condition] = []
        for part in conjuncts(action.precondition):
            if part[0] == "not" and is_atom(part[1]):
                self.false.append(self._template(part[1]))
            elif is_atom(part):
                self.true.append(self._template(part))
            else:
                self.conditions.append(part)
        for part in conjuncts(action.effect):
            if part[0] in ("when", "forall"):
                self.effects.append(part)
            elif part[0] == "increase":
                self.costs.append(self._template(part[2]) if isinstance(part[2], tuple) else float(part[2]))
            elif part[0] == "not":
                self.deletes.append(self._template(part[1]))
            else:
                self.adds.append(self._template(part))

    def _template(self, atom: Atom) -> _Template:
        places = []
        for position, name in enumerate(atom):
            if position and name in self._places:
                places.append(self._places[name])
            else:
                self._names.append(name)
                places.append(-len(self._names))
        if len(places) == 1:
            return lambda names: (names[places[0]],)
        return itemgetter(*places)

    def instantiate(self, grounding: Grounding, step: Atom) -> GroundAction:
        """The action of a step whose arguments have been checked."""
        names = (*step[1:], *reversed(self._names))  # the schema's own names count from the end
        true = frozenset([atom(names) for atom in self.true])
        false = frozenset([atom(names) for atom in self.false])
        adds = frozenset([atom(names) for atom in self.adds])
        deletes = frozenset([atom(names) for atom in self.deletes])
        costs: list[Price] = [one if isinstance(one, float) else one(names) for one in self.costs]
        if not (self.conditions or self.effects):
            return GroundAction(Needs(true, false), adds, deletes, tuple(costs))
        binding = binding_of(self.action, step)
        more = grounding.condition(substitute(("and", *self.conditions), binding))
        changes: list[Change] = []
        for change in grounding.changes(substitute(("and", *self.effects), binding)):
            if change.condition == ("and",):  # a quantified effect without a condition
                adds, deletes = adds | change.adds, deletes | change.deletes
                costs += change.costs
            else:
                changes.append(change)
        needs = Needs(true | more.true, false | more.false, more.tests)
        return GroundAction(needs, adds, deletes, tuple(costs), tuple(changes))


def binding_of(schema: ActionSchema, step: Atom) -> dict[str, str]:
    """The arguments of a step by the variables of its schema."""
    return dict(zip((variable for variable, _ in schema.parameters), step[1:], strict=True))


def is_atom(condition: Condition) -> bool:
    """Whether a condition is a single atom."""
    return bool(condition) and condition[0] not in ("and", "or", "not", "imply", "=", "forall", "exists")


def conjuncts(condition: Condition) -> Iterator[Condition]:
    """The parts of nested conjunctions, in order."""
    if not condition or condition[0] == "and":
        for part in condition[1:]:
            yield from conjuncts(part)
    else:
        yield condition


def shown(part: Price) -> str:
    """A condition or term as PDDL text: `(on b1 b2)`."""
    if not isinstance(part, tuple):
        return f"{part:g}" if isinstance(part, float) else str(part)
    if len(part) == 3 and part[0] in ("forall", "exists"):
        return f"({part[0]} ({' '.join(_typed(*one) for one in part[1])}) {shown(part[2])})"
    return f"({' '.join(shown(inner) for inner in part)})"


def _typed(variable: str, types: tuple[str, ...]) -> str:
    return f"{variable} - {types[0]}" if len(types) == 1 else f"{variable} - (either {' '.join(types)})"
