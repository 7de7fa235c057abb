"""From what a description says to a problem in which it is so. Nothing is made up but what a claim leaves no choice in.

The inverse of the audit, which asks whether a given problem meets the claims. Claims that count or name things state
nothing by themselves; of alternatives that one is taken which fits the types best, of "there is one" the one that is
already half true or the only one. Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from talkoot.planning.packs.conditions import parse_condition
from talkoot.planning.packs.pack import Pack
from talkoot.planning.packs.phrases import Claim, fill_chain
from talkoot.planning.pddl.domain import Domain, Parameters, holds, substitute
from talkoot.problem import Atom, Condition, Problem


def problem_of(claims: Sequence[Claim], objects: Mapping[str, str], pack: Pack) -> Problem:
    """The problem that the claims describe, with these objects (name -> type)."""
    domain = pack.domain
    everything = {**domain.constants, **objects}
    silent = [parse_condition(fill_chain(text, pack, everything)) for text in pack.silent]
    start = _Sketch(domain, everything, silent)
    start.settle([claim.meaning for claim in claims if claim.section == "start"])
    start.invariants(pack)
    goal = _Sketch(domain, everything, silent, start=start)
    goal.settle([claim.meaning for claim in claims if claim.section == "goal"])
    return Problem(
        "task",
        domain.name,
        {name: kind for name, kind in objects.items() if name not in domain.constants},
        tuple(start.facts),
        ("and", *goal.facts, *(("not", atom) for atom in goal.never)),
        start.values,
        "total-cost" in domain.functions,
    )


@dataclass
class _Sketch:
    """The facts claimed so far; for a goal, `start` is what is true before."""

    domain: Domain
    objects: Mapping[str, str]
    silent: list[Condition]
    start: _Sketch | None = None
    facts: dict[Atom, None] = field(default_factory=dict)
    never: dict[Atom, None] = field(default_factory=dict)
    values: dict[Atom, float] = field(default_factory=dict)

    def settle(self, claims: Sequence[Condition]) -> None:
        """Make all claims true, again and again, as some wait for what others state."""
        size = -1
        while size != len(self.facts):
            size = len(self.facts)
            for claim in claims:
                self.make(claim)

    def invariants(self, pack: Pack) -> None:
        """Where one of several facts must hold and none does, the one that goes without saying."""
        for rule in pack.exactly_one:
            for binding in self.domain.bindings(rule.variables, self.objects):
                patterns = [substitute(pattern, binding) for pattern in rule.patterns]
                if not any(_like(fact, pattern) for fact in self.facts for pattern in patterns):
                    for quiet in self.silent:
                        fact: Atom = substitute(quiet, binding)
                        if any(_like(fact, pattern) for pattern in patterns):
                            self.facts[fact] = None

    def true(self, condition: Condition) -> bool:
        """Whether a condition without counting is true of the facts."""
        if condition and condition[0] == "start":
            assert self.start is not None
            return self.start.true(condition[1])
        if condition and condition[0] in ("and", "or", "not", "imply"):
            parts = [self.true(part) for part in condition[1:]]
            return {"and": all(parts), "or": any(parts), "not": not parts[0] if parts else False,
                    "imply": not parts[0] or parts[-1] if parts else True}[condition[0]]  # fmt: skip
        if condition and condition[0] in ("forall", "exists"):
            each = [self.true(part) for part in self.each(condition[1], condition[2])]
            return all(each) if condition[0] == "forall" else any(each)
        return condition[:1] not in (("count",), ("value",)) and holds(
            condition, set(self.facts), self.domain, self.objects
        )

    def each(self, variables: Parameters, condition: Condition) -> list[Condition]:
        """The condition for every binding of the variables."""
        return [substitute(condition, binding) for binding in self.domain.bindings(variables, self.objects)]

    def make(self, claim: Condition) -> None:
        """State what a claim leaves no choice in."""
        head, rest = (claim[0], claim[1:]) if claim else ("and", ())
        if head == "and":
            for part in rest:
                self.make(part)
        elif head == "forall":
            for part in self.each(*rest):
                self.make(part)
        elif head == "imply":
            if self.true(rest[0]):
                self.make(rest[1])
        elif head == "or":
            if not self.true(claim) and (fitting := [part for part in rest if self.room(part) < _MISFIT]):
                self.make(min(fitting, key=self.room))
        elif head == "exists":
            if not self.true(claim):
                self.choose(self.each(*rest))
        elif head == "count":
            self.count(int(rest[0]), self.each(rest[1], rest[2]))
        elif head == "not":
            if self.start is not None and isinstance(rest[0], tuple) and rest[0][0] in self.domain.predicates:
                self.never[rest[0]] = None
        elif head == "value":
            self.values[rest[0]] = float(rest[1])
        elif head in self.domain.predicates and self.room(claim) < _MISFIT:
            self.facts[claim] = None

    def choose(self, ways: list[Condition]) -> None:
        """Of several ways to meet a claim the only one, or the only one that is partly true already."""
        begun = [way for way in ways if way and way[0] == "and" and any(map(self.stated, way[1:]))]
        for only in (ways, begun):
            if len(only) == 1:
                self.make(only[0])
                return

    def stated(self, part: Condition) -> bool:
        return part in self.facts

    def count(self, number: int, ways: list[Condition]) -> None:
        """If it must be one, and none is, the one that goes without saying."""
        if number == 1 and not any(map(self.true, ways)):
            for way in ways:
                if way and way[0] in self.domain.predicates and any(_like(way, quiet) for quiet in self.silent):
                    self.facts[way] = None
                    return

    def room(self, atom: Condition) -> float:
        """How many facts of its predicate there could be, or infinity if the types of its arguments forbid it."""
        parameters = self.domain.predicates.get(atom[0], ()) if atom else ()
        if len(parameters) != len(atom) - 1:
            return _MISFIT
        size = 1.0
        for name, (_, types) in zip(atom[1:], parameters, strict=True):
            if name not in self.objects or not self.domain.is_a(self.objects[name], types):
                return _MISFIT
            size *= sum(self.domain.is_a(kind, types) for kind in self.objects.values())
        return size


_MISFIT = float("inf")


def _like(fact: Condition, pattern: Condition) -> bool:
    """Whether a fact fits a pattern in which `*` and variables stand for anything."""
    return len(fact) == len(pattern) and all(
        part == want or (isinstance(want, str) and want[:1] in ("?", "*"))
        for part, want in zip(fact, pattern, strict=True)
    )
