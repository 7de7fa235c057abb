"""Only what matters to the goal: drop the objects of a problem that no way to the goal needs, before it is grounded.

Backwards from the goal over the action schemas: what is not true yet is asked of the actions that make it true, and
these ask for their preconditions in turn. A question is a *pattern*, a literal in which some arguments are left open;
it is settled where a fact of the start matches it. Static facts name open arguments, and so do facts of the start about
objects that are named already; but as such a fact is one possibility among others (another agent may come), the same
question is also asked *anew*, of actions alone. A way that needs, to reach something, that very thing does not count.
The objects that are named on the ways that are left are kept. Ours; relevance over ground actions is old (Nebel,
Dimopoulos and Koehler 1997).

A plan of the slice is a plan of the whole: only objects are dropped, with the facts about them, and never one that a
"for all" would have looked at. The slice may have no plan although the whole has one, where several needs stand in each
other's way; `solve_sliced` then plans on the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from talkoot.planning.pddl.domain import ActionSchema, Domain, Types
from talkoot.planning.plans.semantics import conjuncts
from talkoot.planning.solution import Solution
from talkoot.problem import Atom, Condition, Problem

Pattern = tuple[int, str, tuple[str | None, ...]]
"""FALSE, TRUE or ANEW (made true by an action); the predicate; its arguments, where None stands for any object."""

FALSE, TRUE, ANEW = 0, 1, 2

_MOST_PATTERNS = 20_000
_MOST_WAYS = 200
"""Ways to fill in one action that are told apart; beyond, its arguments stay open."""


def slice_problem(domain: Domain, problem: Problem, *, narrow: bool = False) -> Problem:
    """The problem with the objects that matter to its goal, in their order; itself if nothing can be dropped.

    `narrow` asks nothing anew: quicker and smaller, with fewer of the other possibilities, and more often without any
    plan.
    """
    kept = _Regression(domain, problem, narrow).kept()
    return problem if kept is None else restrict(domain, problem, kept)


def restrict(domain: Domain, problem: Problem, kept: Iterable[str]) -> Problem:
    """The problem with only these objects (and the domain's constants), and the facts and values about them alone."""
    names = set(kept) | set(domain.constants)
    if names >= set(problem.objects):
        return problem
    return replace(
        problem,
        objects={name: kind for name, kind in problem.objects.items() if name in names},
        init=tuple(fact for fact in problem.init if names.issuperset(fact[1:])),
        values={term: value for term, value in problem.values.items() if names.issuperset(term[1:])},
    )


def solve_sliced(domain: Domain, problem: Problem, solve: Callable[[Domain, Problem], Solution]) -> Solution:
    """Plan on the slice, and on the whole if the slice has no plan. A slice proves neither that there is none nor that
    a plan is the cheapest, so from it comes at most a Solution that is `solved`."""
    part = slice_problem(domain, problem)
    if part is problem:
        return solve(domain, problem)
    found = solve(domain, part)
    if found.plan is None:
        return solve(domain, problem)
    return replace(found, status="solved", bound=None)


@dataclass
class _Way:
    """One way to bring a pattern about: an action with some arguments filled in, and what it asks for in turn."""

    names: tuple[str, ...]
    open_types: tuple[Types, ...]
    needs: tuple[Pattern, ...]
    wishes: tuple[Pattern, ...] = ()


@dataclass
class _Asked:
    """A condition taken apart: literals that must hold, literals of which some may do, types that it looks over."""

    needs: list[tuple[bool, Atom]] = field(default_factory=list)
    wishes: list[tuple[bool, Atom]] = field(default_factory=list)
    overlooked: list[Types] = field(default_factory=list)


def _take_apart(condition: Condition, wanted: bool, asked: _Asked, must: bool = True) -> None:
    head = condition[0] if condition else "and"
    if head == "not":
        _take_apart(condition[1], not wanted, asked, must)
    elif head == "imply":
        _take_apart(condition[1], not wanted, asked, must and not wanted)
        _take_apart(condition[2], wanted, asked, must and not wanted)
    elif head in ("and", "or"):
        for part in condition[1:]:
            _take_apart(part, wanted, asked, must and (head == "and") == wanted)
    elif head in ("forall", "exists"):
        if (head == "forall") == wanted:
            asked.overlooked += [types for _, types in condition[1]]
        _take_apart(condition[2], wanted, asked, must and (head == "exists") == wanted)
    elif head != "=":
        (asked.needs if must else asked.wishes).append((wanted, condition))


def _outcomes(effect: Condition) -> Iterator[tuple[bool, Atom, tuple[Condition, ...], tuple[Types, ...]]]:
    """Every literal that an effect makes true, with the conditions above it and the types that it looks over."""
    for part in conjuncts(effect):
        if part[0] == "when":
            for sign, atom, above, types in _outcomes(part[2]):
                yield sign, atom, (part[1], *above), types
        elif part[0] == "forall":
            for sign, atom, above, types in _outcomes(part[2]):
                yield sign, atom, above, (*(types for _, types in part[1]), *types)
        elif part[0] == "not":
            yield False, part[1], (), ()
        elif part[0] != "increase":
            yield True, part, (), ()


@dataclass
class _Source:
    """A schema seen from one literal of its effect."""

    schema: ActionSchema
    atom: Atom
    asked: _Asked


class _Regression:
    def __init__(self, domain: Domain, problem: Problem, narrow: bool) -> None:
        self.domain, self.problem, self.narrow = domain, problem, narrow
        self.objects = domain.objects(problem)
        self.static = domain.static()
        self.facts: dict[str, list[Atom]] = defaultdict(list)
        self.about: dict[tuple[str, int, str], list[Atom]] = defaultdict(list)
        for fact in problem.init:
            self.facts[fact[0]].append(fact)
            for place, name in enumerate(fact[1:]):
                self.about[fact[0], place, name].append(fact)
        self.init = set(problem.init)
        self.overlooked: list[Types] = []
        self.sources: dict[tuple[bool, str], list[_Source]] = defaultdict(list)
        for schema in domain.actions.values():
            for sign, atom, above, types in _outcomes(schema.effect):
                asked = _Asked()
                _take_apart(("and", schema.precondition, *above), True, asked)
                self.overlooked += [*types, *asked.overlooked]
                self.sources[sign, atom[0]].append(_Source(schema, atom, asked))
        self.ways: dict[Pattern, list[_Way]] = {}
        self.settled: set[Pattern] = set()
        self._pools: dict[Types, frozenset[str]] = {}

    def kept(self) -> set[str] | None:
        """The objects to keep; None if that cannot be told, or is all of them."""
        asked = _Asked()
        _take_apart(self.problem.goal, True, asked)
        self.overlooked += asked.overlooked
        goal = _Way(
            tuple(name for _, atom in asked.needs + asked.wishes for name in atom[1:] if name in self.objects),
            (),
            *(tuple(self._pattern(sign, atom, {}) for sign, atom in some) for some in (asked.needs, asked.wishes)),
        )
        if not self._explore(goal):
            return None
        kept, open_types = self._collect(goal)
        for types in self.overlooked:
            kept |= self._pool(types)
        for types in open_types:
            if not kept & self._pool(types):
                kept |= self._pool(types)
        return kept

    def _explore(self, goal: _Way) -> bool:
        """Find the ways to everything asked for, directly or not; False if that becomes too much."""
        todo = [*goal.needs, *goal.wishes]
        while todo:
            pattern = todo.pop()
            if pattern in self.ways:
                continue
            if len(self.ways) >= _MOST_PATTERNS:
                return False
            if self._settled(pattern):
                self.settled.add(pattern)
            ways = self.ways[pattern] = [] if pattern in self.settled else list(self._ways_to(pattern))
            todo += [need for way in ways for need in (*way.needs, *way.wishes)]
        return True

    def _collect(self, goal: _Way) -> tuple[set[str], list[Types]]:
        """The objects on all ways to the goal that are not circular, and the types of arguments left open there."""
        reached = self._reached(None)
        kept, seen = set(goal.names), set()
        open_types: list[Types] = []
        todo = [*goal.needs, *(wish for wish in goal.wishes if wish in reached)]
        while todo:
            pattern = todo.pop()
            if pattern in seen:
                continue
            seen.add(pattern)
            if pattern in self.settled:
                kept |= {name for fact in self._matches(pattern) for name in fact[1:]}
                continue
            ways = [way for way in self.ways[pattern] if all(need in reached for need in way.needs)]
            if len(ways) > 1:
                without = self._reached(pattern)
                ways = [way for way in ways if all(need in without for need in way.needs)]
            for way in ways:
                kept |= set(way.names)
                open_types += way.open_types
                todo += [*way.needs, *(wish for wish in way.wishes if wish in reached)]
        return kept, open_types

    def _reached(self, forbidden: Pattern | None) -> set[Pattern]:
        """The patterns that can be brought about at all, or without a certain one: a least fixpoint."""
        waiting: dict[Pattern, list[tuple[Pattern, list[Pattern]]]] = defaultdict(list)
        reached: set[Pattern] = set()
        # The same question, asked a little differently, is as circular: `(in ann hall)` for `(in * hall)`.
        barred = {pattern for pattern in self.ways if forbidden is not None and _alike(pattern, forbidden)}
        barred -= self.settled
        todo = list(self.settled)
        lacking: list[tuple[Pattern, list[Pattern]]] = []
        for pattern, ways in self.ways.items():
            for way in ways:
                entry = (pattern, list(dict.fromkeys(way.needs)))
                lacking.append(entry)
                for need in entry[1]:
                    waiting[need].append(entry)
                if not entry[1]:
                    todo.append(pattern)
        while todo:
            pattern = todo.pop()
            if pattern in reached or pattern in barred:
                continue
            reached.add(pattern)
            for entry in waiting[pattern]:
                entry[1].remove(pattern)
                if not entry[1]:
                    todo.append(entry[0])
        return reached

    def _settled(self, pattern: Pattern) -> bool:
        """Whether the start answers it already."""
        sign, predicate, arguments = pattern
        if sign == ANEW:
            return False
        if sign == TRUE:
            return bool(self._matches(pattern))
        return None in arguments or (predicate, *arguments) not in self.init

    def _matches(self, pattern: Pattern) -> list[Atom]:
        """The facts of the start that a positive pattern fits."""
        sign, predicate, arguments = pattern
        if sign != TRUE:
            return []
        return self._facts(predicate, [None if name is None else {name} for name in arguments])

    def _facts(self, predicate: str, allowed: list[set[str] | None]) -> list[Atom]:
        named = [(len(names), place) for place, names in enumerate(allowed) if names is not None]
        if not named:
            return self.facts[predicate]
        place = min(named)[1]
        names = allowed[place]
        assert names is not None
        near = (fact for name in sorted(names) for fact in self.about.get((predicate, place, name), ()))
        return [
            fact
            for fact in near
            if all(some is None or name in some for name, some in zip(fact[1:], allowed, strict=True))
        ]

    def _pool(self, types: Types) -> frozenset[str]:
        known = self._pools.get(types)
        if known is None:
            is_a = self.domain.is_a
            known = self._pools[types] = frozenset(n for n, kind in self.objects.items() if is_a(kind, types))
        return known

    def _pattern(self, sign: bool, atom: Atom, binding: dict[str, str]) -> Pattern:
        return int(sign), atom[0], tuple(binding.get(a) if a.startswith("?") else a for a in atom[1:])

    def _ways_to(self, pattern: Pattern) -> Iterator[_Way]:
        sign, predicate, arguments = pattern
        for source in self.sources.get((sign != FALSE, predicate), ()):
            types = dict(source.schema.parameters)
            bound: dict[str, set[str]] = {}
            for term, name in zip(source.atom[1:], arguments, strict=True):
                if name is None:
                    continue
                if term in types:
                    bound[term] = bound.get(term, {name}) & {name} & self._pool(types[term])
                elif not term.startswith("?") and term != name:
                    bound[""] = set()
            if not all(bound.values()) or not self._fill_in(source.asked, types, bound, by_start=False):
                continue
            named = {term: set(names) for term, names in bound.items()}
            self._fill_in(source.asked, types, named, by_start=True)
            yield from self._instances(source.asked, types, named, set())
            guessed = set(named) - set(bound)
            if guessed and not self.narrow:
                yield from self._instances(source.asked, types, bound, guessed)

    def _fill_in(self, asked: _Asked, types: dict[str, Types], bound: dict[str, set[str]], *, by_start: bool) -> bool:
        """Name open arguments by facts about named ones: static facts, or also those of the start that may change.
        False if a static fact that is needed does not exist."""
        positive = [atom for sign, atom in asked.needs if sign and (by_start or atom[0] in self.static)]
        changed = True
        while changed:
            changed = False
            for atom in sorted(positive, key=lambda atom: atom[0] not in self.static):
                allowed = [bound.get(term) if term.startswith("?") else {term} for term in atom[1:]]
                static = atom[0] in self.static
                if not any(names is not None for names in allowed):
                    continue
                if not static and all(names is not None for names in allowed):
                    continue
                facts = self._facts(atom[0], allowed)
                if not facts and static:
                    return False
                for place, term in enumerate(atom[1:]):
                    if term not in types or not facts or (term in bound and not static):
                        continue
                    values = {fact[place + 1] for fact in facts} & self._pool(types[term])
                    if not values and static:
                        return False
                    if values and values != bound.get(term):
                        bound[term] = values
                        changed = True
        return True

    def _instances(
        self, asked: _Asked, types: dict[str, Types], bound: dict[str, set[str]], guessed: set[str]
    ) -> Iterator[_Way]:
        """The action once for each way to fill in what is known of its arguments. Facts that would have named the
        `guessed` ones are asked anew."""
        told: list[str] = []
        ways = 1
        for term in sorted(bound, key=lambda term: len(bound[term])):
            if ways * len(bound[term]) <= _MOST_WAYS:
                told.append(term)
                ways *= len(bound[term])
        extra = tuple(name for term in bound if term not in told for name in sorted(bound[term]))
        open_types = tuple(types[term] for term in types if term not in bound)
        for names in product(*(sorted(bound[term]) for term in told)):
            binding = dict(zip(told, names, strict=True))
            needs, wishes = (
                tuple(self._pattern(sign, atom, binding) for sign, atom in some) for some in (asked.needs, asked.wishes)
            )
            possible = all(
                self._settled(need) for need in needs if need[1] in self.static and any(n is not None for n in need[2])
            )
            if possible:
                fluent = tuple(
                    (ANEW, *need[1:]) if need[0] == TRUE and any(need[2]) and guessed & set(atom[1:]) else need
                    for need, (_, atom) in zip(needs, asked.needs, strict=True)
                    if need[1] not in self.static
                )
                yield _Way((*names, *extra), open_types, fluent, wishes)


def _alike(one: Pattern, other: Pattern) -> bool:
    """Whether two patterns are the same question about a named object."""
    if one == other:
        return True
    pairs = list(zip(one[2], other[2], strict=False))
    return (
        one[1] == other[1]
        and (one[0] == FALSE) == (other[0] == FALSE)
        and any(a is not None and a == b for a, b in pairs)
        and all(a is None or b is None or a == b for a, b in pairs)
    )
