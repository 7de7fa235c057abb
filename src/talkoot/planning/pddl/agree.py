"""Whether two problems are the same up to the names of their objects, and how many samples agree.

Colour refinement (each object's colour is what the facts say of it, in terms of its neighbours' colours) and, where it
leaves objects alike, a search that tries one pair at a time. Objects that are interchangeable never make it go back,
since any choice among them is right; those of which the facts say the very same, such as the nuts of a hub, are paired
all at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from talkoot.planning.pddl.domain import Domain
from talkoot.problem import Atom, Condition, Problem, literals

_Link = tuple[Any, Atom]
"""A fact without its objects (where it stands, its predicate), and the objects in their order."""

TRIES, DEEPEST = 20_000, 400
"""Pairs tried, and choices on top of each other, before two problems count as different; problems made on purpose to be
hard are not our concern."""


def isomorphic(first: Problem, second: Problem, domain: Domain, pinned: Iterable[str] = ()) -> dict[str, str] | None:
    """A renaming of the first problem's objects that makes it the second one; None if there is none.

    Types, initial facts, numbers, goal and metric must agree; the order of facts and of the parts of `and` and `or`
    is ignored, as is the problem's name. The domain's constants and the `pinned` names keep their names. Source: ours.
    """
    if first.metric != second.metric or len(first.objects) != len(second.objects):
        return None
    first, second = replace(first, goal=_plain(first.goal)), replace(second, goal=_plain(second.goal))
    fixed = {*domain.constants, *pinned}
    left, right = domain.objects(first), domain.objects(second)
    links, others = _links(first, left), _links(second, right)
    if Counter(shape for shape, _ in links) != Counter(shape for shape, _ in others):
        return None
    start = {name: (kind, name if name in fixed else "") for name, kind in left.items()}
    other_start = {name: (kind, name if name in fixed else "") for name, kind in right.items()}
    search = _Search(links, others, first, second, (_twins(first, left, links), _twins(second, right, others)))
    found = search.match(start, other_start)
    return None if found is None else {name: found[name] for name in first.objects}


def vote(problems: Sequence[Problem], domain: Domain, pinned: Iterable[str] = ()) -> list[list[int]]:
    """The problems (by their index) in groups of those that are the same up to names, the largest group first."""
    groups: list[list[int]] = []
    names = tuple(pinned)
    for index, problem in enumerate(problems):
        home = next((one for one in groups if isomorphic(problems[one[0]], problem, domain, names) is not None), None)
        if home is None:
            groups.append([index])
        else:
            home.append(index)
    return sorted(groups, key=lambda group: (-len(group), group[0]))


def _links(problem: Problem, objects: Mapping[str, str]) -> list[_Link]:
    """Everything a problem says, as shapes and the objects that stand in them."""
    links: list[_Link] = [(("init", atom[0]), atom[1:]) for atom in set(problem.init)]
    links += [(("value", term[0], value), term[1:]) for term, value in problem.values.items()]
    links += [link for part in _conjuncts(problem.goal) for link in _goal_links(part, ("goal",), objects)]
    return links


def _goal_links(condition: Condition, path: tuple[Any, ...], objects: Mapping[str, str]) -> Iterator[_Link]:
    """Each fact in a condition with the connectives above it; bound variables belong to the shape."""
    head = condition[0] if condition else "and"
    if head in ("and", "or", "not", "imply"):
        for index, part in enumerate(condition[1:]):
            yield from _goal_links(part, (*path, head, index if head == "imply" else 0), objects)
    elif head in ("forall", "exists"):
        yield from _goal_links(condition[2], (*path, head, condition[1]), objects)
    else:
        shape = tuple(None if part in objects else part for part in condition[1:])
        yield (*path, head, shape), tuple(part for part in condition[1:] if part in objects)


def _twins(problem: Problem, objects: Mapping[str, str], links: list[_Link]) -> dict[str, Any]:
    """A key for each object, the same for those that can change places with nothing else changed: all links name them
    in the same company. What alternatives and quantifiers of the goal name is nobody's twin."""
    company: dict[str, Counter[Any]] = {name: Counter() for name in objects}
    for shape, names in links:
        for name in set(names) & company.keys():
            company[name][shape, tuple(None if other == name else other for other in names)] += 1
    tangled = {name for part in _conjuncts(problem.goal) if literals(part) is None for name in _names(part)}
    return {name: name if name in tangled else frozenset(told.items()) for name, told in company.items()}


def _plain(condition: Condition) -> Condition:
    """The condition without `and` and `or` of a single part or right inside another one, and without repetitions."""
    head = condition[0] if condition else "and"
    if head in ("forall", "exists"):
        return (head, condition[1], _plain(condition[2]))
    if head in ("not", "imply"):
        return (head, *(_plain(part) for part in condition[1:]))
    if head not in ("and", "or"):
        return condition
    inner = [_plain(part) for part in condition[1:]]
    parts = list(dict.fromkeys(one for part in inner for one in (part[1:] if part[0] == head else (part,))))
    return parts[0] if len(parts) == 1 else (head, *parts)


def _names(condition: Any) -> set[str]:
    if not isinstance(condition, tuple):
        return {condition}
    return {name for part in condition for name in _names(part)}


def _conjuncts(goal: Condition) -> set[Condition]:
    if goal and goal[0] == "and":
        return {one for part in goal[1:] for one in _conjuncts(part)}
    return {goal} if goal else set()


class _Search:
    """Matches the objects of two problems."""

    def __init__(
        self,
        links: list[_Link],
        others: list[_Link],
        first: Problem,
        second: Problem,
        twins: tuple[dict[str, Any], dict[str, Any]],
    ) -> None:
        self.links, self.others, self.twins = links, others, twins
        self.first, self.second, self.aim = first, second, _canonical(second.goal, {})
        self.tries = 0

    def match(self, mine: Mapping[str, Any], other: Mapping[str, Any], depth: int = 0) -> dict[str, str] | None:
        """A renaming that fits the colours, or None."""
        found = self._refine(dict(mine), dict(other))
        if found is None:
            return None
        colours, theirs = found
        cells: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for side, named in enumerate((colours, theirs)):
            for name, colour in named.items():
                cells[colour][side].append(name)
        if all(len(names) == 1 for names, _ in cells.values()):
            renaming = {names[0]: twins[0] for names, twins in cells.values()}
            return renaming if self._same(renaming) else None
        names, twins = min((cell for cell in cells.values() if len(cell[0]) > 1), key=lambda cell: len(cell[0]))
        alike = self._alike(0, names, names[0])
        for twin in dict.fromkeys(self._alike(1, twins, twin)[0] for twin in twins):
            self.tries += 1
            if self.tries > TRIES or depth > DEEPEST:
                return None
            same = self._alike(1, twins, twin)
            if len(same) != len(alike):
                continue
            new = range(-1, -1 - len(same), -1)
            done = self.match(
                {**colours, **dict(zip(alike, new, strict=True))}, {**theirs, **dict(zip(same, new, strict=True))},
                depth + 1,
            )  # fmt: skip
            if done is not None:
                return done
        return None

    def _alike(self, side: int, names: Sequence[str], one: str) -> list[str]:
        """Those of the names that can change places with one of them, itself included."""
        keys = self.twins[side]
        return [name for name in names if keys[name] == keys[one]]

    def _refine(self, mine: dict[str, Any], other: dict[str, Any]) -> tuple[dict[str, int], dict[str, int]] | None:
        """Split colours until nothing changes; None as soon as the two sides differ."""
        count = 0
        while True:
            sides = [(mine, self._told(self.links, mine)), (other, self._told(self.others, other))]
            numbers: dict[Any, int] = {}
            new = [
                {name: numbers.setdefault((named[name], told[name]), len(numbers)) for name in named}
                for named, told in sides
            ]
            if Counter(new[0].values()) != Counter(new[1].values()):
                return None
            mine, other = dict(new[0]), dict(new[1])
            if len(numbers) == count:
                return new[0], new[1]
            count = len(numbers)

    @staticmethod
    def _told(links: list[_Link], colours: Mapping[str, Any]) -> dict[str, Any]:
        """For each object what the facts say of it, in terms of colours."""
        told: dict[str, Counter[Any]] = {name: Counter() for name in colours}
        for shape, names in links:
            seen = tuple(colours.get(name) for name in names)
            for position, name in enumerate(names):
                if name in told:
                    told[name][shape, position, seen] += 1
        return {name: frozenset(counter.items()) for name, counter in told.items()}

    def _same(self, renaming: Mapping[str, str]) -> bool:
        """Whether a complete renaming makes one problem the other."""
        put = {(*atom[:1], *(renaming.get(name, name) for name in atom[1:])) for atom in self.first.init}
        values = {(*term[:1], *(renaming.get(name, name) for name in term[1:])): value
                  for term, value in self.first.values.items()}  # fmt: skip
        return (
            put == set(self.second.init)
            and values == dict(self.second.values)
            and _canonical(self.first.goal, renaming) == self.aim
        )


def _canonical(condition: Any, renaming: Mapping[str, str]) -> Any:
    """A condition renamed, with `and` and `or` as sets."""
    if not isinstance(condition, tuple):
        return renaming.get(condition, condition)
    head = condition[0] if condition else "and"
    if head in ("forall", "exists"):
        return (head, condition[1], _canonical(condition[2], renaming))
    if head == "and":
        parts = frozenset(_canonical(part, renaming) for part in _conjuncts(condition))
        return next(iter(parts)) if len(parts) == 1 else ("and", parts)
    if head == "or":
        return ("or", frozenset(_canonical(part, renaming) for part in condition[1:]))
    return (head, *(_canonical(part, renaming) for part in condition[1:]))
