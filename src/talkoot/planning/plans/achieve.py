"""Which actions could make a fact, and which of their conditions stand in the way: questions to a set of facts.

The facts are all that are reachable when deletes are ignored, so what no instance here can do, no plan can do.
Patterns are atoms in which variables ("?x") stand for unknown objects. Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from talkoot.planning.engines.ground import Reached
from talkoot.planning.pddl.domain import ActionSchema, Domain, substitute
from talkoot.planning.plans.semantics import Grounding, conjuncts, is_atom
from talkoot.problem import Atom, Condition

Binding = dict[str, str]


@dataclass(frozen=True)
class Effect:
    """One fact that an action makes, or takes away: the atom, with the conditions on which it does so.

    `many` says that the atom has a quantified variable, so that one instance of the action changes several facts."""

    action: str
    atom: Atom
    conditions: tuple[Condition, ...]
    types: Mapping[str, tuple[str, ...]] = field(compare=False)
    makes: bool = True
    many: bool = False


@dataclass(frozen=True)
class Attempt:
    """The nearest that an action comes to an effect: the binding of its variables and what is not fulfilled.

    Where `blocked` is empty, each condition can be fulfilled by itself."""

    effect: Effect
    binding: Mapping[str, str]
    blocked: tuple[Condition, ...]


class Facts:
    """The facts that a task reaches without deletes, ready to match patterns against them."""

    def __init__(self, reached: Reached) -> None:
        self.grounding = Grounding(reached.domain, reached.objects)
        self.possible = reached.possible
        self.all = reached.facts
        self._by_predicate: dict[str, list[Atom]] = {}
        self._by_place: dict[tuple[str, int, str], list[Atom]] = {}
        for fact in sorted(self.all):
            self._by_predicate.setdefault(fact[0], []).append(fact)
            for place, name in enumerate(fact):
                if place:
                    self._by_place.setdefault((fact[0], place, name), []).append(fact)

    def matches(self, pattern: Atom, types: Mapping[str, tuple[str, ...]]) -> list[Binding]:
        """Every way to fill the variables of a pattern so that it is one of the facts, types respected."""
        if not any(name[:1] == "?" for name in pattern):
            return [{}] if pattern in self.all else []
        pools = [self._by_place.get((pattern[0], place, name), []) for place, name in enumerate(pattern)
                 if place and name[:1] != "?"]  # fmt: skip
        found: list[Binding] = []
        for fact in min(pools, key=len) if pools else self._by_predicate.get(pattern[0], []):
            binding = unified(pattern, fact)
            if binding is not None and all(self.fits(name, types.get(var)) for var, name in binding.items()):
                found.append(binding)
        return found

    def fits(self, name: str, types: tuple[str, ...] | None) -> bool:
        """Whether an object is of one of the types (None: any)."""
        return types is None or name in self.grounding.admitted(types)

    def nearest(self, effect: Effect, given: Mapping[str, str], budget: int = 300) -> list[Attempt]:
        """The instances of an effect that lack the fewest conditions, among those tried within the budget."""
        found = list(self._search(effect, dict(given), list(effect.conditions), (), [budget]))
        fewest = min((len(attempt.blocked) for attempt in found), default=0)
        return [attempt for attempt in found if len(attempt.blocked) == fewest]

    def instances(self, effect: Effect, given: Mapping[str, str], budget: int = 20_000) -> Iterator[Binding] | None:
        """All instances of an effect whose positive conditions are among the facts; None if they are too many.

        Variables that no condition binds stay open, as they make no difference."""
        spent = [budget]
        found = [
            dict(attempt.binding)
            for attempt in self._search(effect, dict(given), list(effect.conditions), (), spent, strict=True)
        ]
        return iter(found) if spent[0] > 0 else None

    def _search(
        self,
        effect: Effect,
        binding: Binding,
        left: list[Condition],
        blocked: tuple[Condition, ...],
        budget: list[int],
        *,
        strict: bool = False,
    ) -> Iterator[Attempt]:
        budget[0] -= 1
        if budget[0] <= 0:
            return
        open_ones: list[tuple[int, int, list[Binding]]] = []
        rest: list[Condition] = []
        for place, condition in enumerate(left):
            bound = substitute(condition, binding)
            if not is_atom(bound):
                rest.append(condition)
                continue
            found = self.matches(bound, effect.types)
            if found:
                open_ones.append((len(found), place, found))
            elif strict:
                return
            else:
                blocked = (*blocked, condition)
        if open_ones:
            _, place, found = min(open_ones, key=lambda one: one[:2])
            others = [left[one[1]] for one in open_ones if one[1] != place] + rest
            for more in found:
                yield from self._search(effect, binding | more, others, blocked, budget, strict=strict)
            return
        barred = [one for one in rest if not _open(bound := substitute(one, binding)) and not self.possible(bound)]
        if not (barred and strict):
            yield Attempt(effect, binding, tuple(substitute(one, binding) for one in (*blocked, *barred)))


def effects_of(domain: Domain) -> list[Effect]:
    """Every fact that an action of the domain makes or takes away, in the order of the domain."""
    return [effect for action in domain.actions.values() for effect in _effects(action)]


def unified(pattern: Atom, fact: Atom) -> Binding | None:
    """The variables of a pattern by the names that stand in their place in a fact, or None if they do not agree.

    A variable in the fact stands for any object and agrees with everything."""
    if len(pattern) != len(fact) or pattern[0] != fact[0]:
        return None
    binding: Binding = {}
    for part, name in zip(pattern[1:], fact[1:], strict=True):
        if name[:1] == "?":
            continue
        if part[:1] == "?":
            if binding.setdefault(part, name) != name:
                return None
        elif part != name:
            return None
    return binding


def _open(condition: Condition) -> bool:
    """Whether a variable is left that no quantifier inside binds."""
    if condition and condition[0] in ("forall", "exists"):
        return _open(substitute(condition[2], {variable: "" for variable, _ in condition[1]}))
    return any(_open(part) if isinstance(part, tuple) else part[:1] == "?" for part in condition)


def _effects(action: ActionSchema) -> Iterator[Effect]:
    types = dict(action.parameters)
    own = {variable for variable, _ in action.parameters}
    needed = tuple(conjuncts(action.precondition))

    def many(atom: Atom) -> bool:
        return any(name[:1] == "?" and name not in own for name in atom)

    def walk(
        effect: Condition, conditions: Sequence[Condition], types: Mapping[str, tuple[str, ...]]
    ) -> Iterator[Effect]:
        for part in conjuncts(effect):
            if part[0] == "when":
                yield from walk(part[2], (*conditions, *conjuncts(part[1])), types)
            elif part[0] == "forall":
                yield from walk(part[2], conditions, {**types, **dict(part[1])})
            elif part[0] == "not":
                yield Effect(action.name, part[1], tuple(conditions), types, False, many(part[1]))
            elif part[0] != "increase":
                yield Effect(action.name, part, tuple(conditions), types, True, many(part))

    yield from walk(action.effect, needed, types)
