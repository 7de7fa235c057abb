"""The semantic audit: does a problem mean what its description says, and can it mean anything at all?

Three questions, none of which a planner asks: do the pack's invariants hold at the start; does the problem agree with
every sentence that the pack's phrases can read, and say nothing beyond them; can the goal be reached at least when
nothing is ever undone. Source: ours; the silent errors among LLM+P's recorded replies are what it must find.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from talkoot.planning.engines.ground import unreachable
from talkoot.planning.faults import Fault, Section
from talkoot.planning.packs.complete import broken, cells
from talkoot.planning.packs.conditions import parse_condition
from talkoot.planning.packs.pack import Grid, Pack
from talkoot.planning.packs.phrases import Claim, Reading, fill_chain, number_of, read_text
from talkoot.planning.pddl.domain import Domain, holds, substitute
from talkoot.problem import Atom, Condition, Problem, literals

TEXT_KINDS = frozenset({"text-count", "text-entity", "text-start", "text-goal", "unsaid-start", "unsaid-goal",
                        "goal-in-start"})  # fmt: skip
"""Kinds of fault by which problem and description contradict each other: no plan is claimed while one is unmended."""


def audit(problem: Problem, domain: Domain, pack: Pack | None, text: str) -> tuple[list[Fault], list[str]]:
    """All that is wrong with the meaning of a problem, and the sentences of its description that nobody could read.

    Without a pack only what needs no knowledge of the domain is looked at; `text` may be empty.
    """
    faults = list(_sense(problem, domain, pack))
    if pack is None:
        return faults, [line.strip() for line in text.splitlines() if line.strip()]
    faults += _invariants(problem, domain, pack)
    if not text.strip():
        return faults, []
    reading = read_text(text, pack, domain.objects(problem))
    faults += _against(text, reading, problem, domain, pack)
    return faults, [sentence for _, sentence in reading.unread]


def said(reading: Reading, problem: Problem, domain: Domain) -> tuple[list[Fault], dict[str, set[Condition]]]:
    """The claims of a description that a problem does not meet, and the facts that the others stand for."""
    start, goal = _facts(problem.init), _goal_facts(problem, domain)
    stands: dict[str, set[Condition]] = {"start": set(), "goal": set()}
    faults = []
    for claim in reading.claims:
        world = _World(domain, problem, goal if claim.section == "goal" else start, start)
        met = world.check(claim.meaning)
        stands[claim.section] |= world.support
        if not met:
            faults.append(_unmet(claim, world))
    return faults, stands


def _against(text: str, reading: Reading, problem: Problem, domain: Domain, pack: Pack) -> Iterator[Fault]:
    for name, line in reading.strangers:
        yield Fault("text-entity", f"the problem lacks {name}, of which the description speaks (its line {line})",
                    "declare it among the objects and state its facts", section="objects")  # fmt: skip
    faults, stands = said(reading, problem, domain)
    yield from faults
    yield from _out_of_order(text, stands["start"], problem, domain, pack)
    silent = _silent(pack, problem, domain)
    unread = {section for section, _ in reading.unread}
    unread |= {"start", "goal"} if "both" in unread else set()
    goal = literals(problem.goal)
    wanted = {atom for positive, atom in goal or () if positive}
    if "start" not in unread and any(claim.section == "start" for claim in reading.claims):
        for atom in problem.init:
            if atom[0] in pack.complete and atom not in stands["start"] and not _is_silent(atom, silent):
                copied = atom in wanted
                yield Fault(
                    "goal-in-start" if copied else "unsaid-start",
                    f"{_show(atom)} holds at the start, " + ("as only the goal asks for" if copied
                    else "of which the description says nothing"),
                    "take it out of the start", section="init")  # fmt: skip
    if "goal" not in unread and any(claim.section == "goal" for claim in reading.claims) and goal is not None:
        for positive, atom in goal:
            fact: Condition = atom if positive else ("not", atom)
            if fact not in stands["goal"] and not _is_silent(fact, silent):
                yield Fault("unsaid-goal", f"the goal asks for {_show(fact)}, of which the description says nothing",
                            "take it out of the goal", section="goal")  # fmt: skip


def _out_of_order(text: str, told: set[Condition], problem: Problem, domain: Domain, pack: Pack) -> Iterator[Fault]:
    """Where a description leaves a relation of `in_order` unsaid, the first has the first, the second the second."""
    low = text.lower()
    objects = domain.objects(problem)

    def place(name: str) -> int:
        found = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", low)
        return found.start() if found else len(low)

    for relation in pack.in_order:
        have = [fact for fact in problem.init if fact[0] == relation]
        if any(fact[0] == relation for fact in told) or not have:
            continue
        owners, things = (
            [name for name, kind in objects.items() if domain.is_a(kind, types)]
            for _, types in domain.predicates[relation]
        )
        owners.sort(key=lambda name: (number_of(name), place(name)))
        things.sort(key=lambda name: (place(name), number_of(name)))
        usual = {(relation, owner, things[at % len(things)]) for at, owner in enumerate(owners)}
        for fact in have:
            if fact not in usual:
                yield Fault("invariant",
                            f"{_show(fact)} holds at the start, of which the description says nothing: then the first "
                            "has the first, the second the second", "keep to that order", section="init")  # fmt: skip


def _invariants(problem: Problem, domain: Domain, pack: Pack) -> Iterator[Fault]:
    for rule, binding, found in broken(problem, domain, pack):
        patterns = " or ".join(_show(tuple(binding.get(part, part) for part in pattern)) for pattern in rule.patterns)
        if found:
            yield Fault("invariant", f"{' and '.join(map(_show, found))} exclude each other at the start",
                        "keep the one that is meant", section="init")  # fmt: skip
        else:
            yield Fault("invariant", f"at the start one of {patterns} must hold, and none does",
                        "state the one that is meant", section="init")  # fmt: skip
    asked = replace(problem, init=tuple(atom for positive, atom in literals(problem.goal) or () if positive))
    for _, _, found in broken(asked, domain, pack):
        if found:
            yield Fault("invariant", f"the goal asks for {' and '.join(map(_show, found))}, which exclude each other",
                        "keep the one that is meant", section="goal")  # fmt: skip
    objects, state = domain.objects(problem), frozenset(problem.init)
    for derived in pack.derived:
        for binding in domain.bindings(derived.variables, objects):
            fact = tuple(binding.get(part, part) for part in derived.fact)
            true = holds(substitute(derived.condition, binding), state, domain, objects)
            if true != (fact in state):
                how = "is missing at" if true else "contradicts the facts of"
                yield Fault("invariant", f"{_show(fact)} {how} the start", "it follows from the other facts",
                            section="init")  # fmt: skip


def _sense(problem: Problem, domain: Domain, pack: Pack | None) -> Iterator[Fault]:
    """What is wrong whatever the text says: a goal that nothing reaches, static facts that actions wait for in vain."""
    stated, static = {atom[0] for atom in problem.init}, domain.static()
    ruled = {name for grid in pack.grids for name in grid.relation} | {rule.relation for rule in pack.chains} \
        if pack else set()  # fmt: skip
    objects = domain.objects(problem)
    for name in sorted(static - stated - ruled):
        actions = [action.name for action in domain.actions.values() if name in set(_needed(action.precondition))]
        room = any(True for _ in domain.bindings(domain.predicates[name], objects))
        if actions and room and len(actions) == len(domain.actions):
            yield Fault("static-empty", f"no `{name}` fact is stated, so none of the actions can ever be carried out",
                        "state them", section="init")  # fmt: skip
    if not literals(problem.goal) and problem.goal in ((), ("and",)):
        yield Fault("section-missing", "the goal is empty", "state what is to be achieved", section="goal")
        return
    for part in unreachable(domain, problem):
        yield Fault("unreachable-goal", f"no sequence of actions can bring about {_show(part)}",
                    "facts that actions need are missing at the start, or the goal is not what is meant",
                    section="goal")  # fmt: skip


def _needed(condition: Condition) -> Iterator[str]:
    head = condition[0] if condition else "and"
    if head == "and":
        for part in condition[1:]:
            yield from _needed(part)
    elif head not in ("or", "not", "imply", "forall", "exists", "="):
        yield head


def _unmet(claim: Claim, world: _World) -> Fault:
    head = claim.meaning[0]
    detail = "; ".join(dict.fromkeys(world.failures)) or f"{_show(claim.meaning)} does not hold"
    kind = (
        "text-count" if head in ("count", "grid") else "text-entity" if head == "objects" else f"text-{claim.section}"
    )
    section: Section = (
        "objects" if kind in ("text-count", "text-entity") else "goal" if claim.section == "goal" else "init"
    )
    return Fault(kind, f"the description says “{claim.sentence[:120]}” (its line {claim.line}), but {detail}",
                 "make the problem say the same", section=section)  # fmt: skip


def _silent(pack: Pack, problem: Problem, domain: Domain) -> list[Condition]:
    objects = domain.objects(problem)
    return [parse_condition(fill_chain(text, pack, objects)) for text in pack.silent]


def _is_silent(fact: Condition, patterns: list[Condition]) -> bool:
    return any(_like(fact, pattern) for pattern in patterns)


def _like(fact: Condition, pattern: Condition) -> bool:
    return len(fact) == len(pattern) and all(
        _like(part, want) if isinstance(part, tuple) and isinstance(want, tuple)
        else part == want or (isinstance(want, str) and want.startswith(("?", "*")))
        for part, want in zip(fact, pattern, strict=True)
    )  # fmt: skip


def _facts(init: tuple[Atom, ...]) -> frozenset[Condition]:
    return frozenset(init)


def _goal_facts(problem: Problem, domain: Domain) -> frozenset[Condition]:
    """The literals that the goal asks for, universal quantifiers written out; negative ones as `("not", atom)`."""
    found: set[Condition] = set()

    def walk(part: Condition) -> None:
        if not part:
            return
        if part[0] == "and":
            for one in part[1:]:
                walk(one)
        elif part[0] == "forall":
            for binding in domain.bindings(part[1], domain.objects(problem)):
                walk(substitute(part[2], binding))
        elif part[0] not in ("or", "imply", "exists", "="):
            found.add(part)

    walk(problem.goal)
    return frozenset(found)


@dataclass
class _World:
    """Facts against which a claim is checked; gathers the facts it rests on and what was found wanting."""

    domain: Domain
    problem: Problem
    facts: frozenset[Condition]
    start: frozenset[Condition]
    support: set[Condition] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)

    def check(self, claim: Condition) -> bool:
        """Whether it holds. Every part of a conjunction is looked at (hence `min`), so that every failure is told."""
        head, rest = (claim[0], claim[1:]) if claim else ("and", ())
        special: Mapping[str, Callable[[], bool]] = {
            "and": lambda: min(map(self.check, rest), default=True),
            "forall": lambda: min(map(self.check, self._each(rest[0], rest[1])), default=True),
            "or": lambda: self._any(rest),
            "exists": lambda: self._any(tuple(self._each(rest[0], rest[1]))),
            "imply": lambda: not self._quiet(rest[0]) or self.check(rest[1]),
            "not": lambda: self._not(rest[0]),
            "=": lambda: rest[0] == rest[1],
            "count": lambda: self._count(int(rest[0]), rest[1], rest[2]),
            "start": lambda: self._start(rest[0]),
            "quiet": lambda: self._silently(rest[0]),
            "objects": lambda: self._objects(rest[0], rest[1:]),
            "grid": lambda: self._grid(rest[0], int(rest[1]), int(rest[2])),
            "value": lambda: self._value(rest[0], float(rest[1])),
        }
        if head in special:
            return special[head]()
        if claim in self.facts:
            self.support.add(claim)
            return True
        self.failures.append(f"{_show(claim)} is not there")
        return False

    def _each(self, variables: object, condition: Condition) -> Iterator[Condition]:
        for binding in self.domain.bindings(variables, self.domain.objects(self.problem)):  # type: ignore[arg-type]
            yield substitute(condition, binding)

    def _quiet(self, condition: Condition) -> bool:
        return _World(self.domain, self.problem, self.facts, self.start).check(condition)

    def _any(self, parts: tuple[Condition, ...]) -> bool:
        met = [part for part in parts if self._quiet(part)]
        for part in met:
            self.check(part)
        if not met:
            self.failures.append(f"none of {', '.join(map(_show, parts[:3]))}{' ...' if len(parts) > 3 else ''} holds")
        return bool(met)

    def _not(self, inner: Condition) -> bool:
        if self.facts is not self.start and inner[0] in self.domain.predicates:
            # In a goal, what is to be false must be asked for.
            if ("not", inner) in self.facts:
                self.support.add(("not", inner))
                return True
            self.failures.append(f"{_show(('not', inner))} is not asked for")
            return False
        if self._quiet(inner):
            self.failures.append(f"{_show(inner)} holds")
            return False
        return True

    def _count(self, number: int, variables: object, condition: Condition) -> bool:
        met = [one for one in self._each(variables, condition) if self._quiet(one)]
        for one in met:
            self.check(one)
        if len(met) != number:
            self.failures.append(f"the problem has {len(met)} of these, not {number}")
        return len(met) == number

    def _start(self, condition: Condition) -> bool:
        inner = _World(self.domain, self.problem, self.start, self.start)
        met = inner.check(condition)
        self.failures += inner.failures
        return met

    def _silently(self, condition: Condition) -> bool:
        """Check a condition without taking the facts that it rests on for said."""
        inner = _World(self.domain, self.problem, self.facts, self.start)
        met = inner.check(condition)
        self.failures += inner.failures
        return met

    def _objects(self, kind: str, names: tuple[str, ...]) -> bool:
        objects = self.domain.objects(self.problem)
        # Everything is an object: as the type of a phrase it means what has no type of its own.
        have = {
            name for name, its in objects.items()
            if (its == kind if kind == "object" else self.domain.is_a(its, (kind,)))
        } - set(self.domain.constants)  # fmt: skip
        missing, extra = sorted(set(names) - have), sorted(have - set(names))
        if missing:
            self.failures.append(f"the problem has no {kind} {', '.join(missing)}")
        if extra:
            self.failures.append(f"the problem also has the {kind} {', '.join(extra)}")
        return not missing and not extra

    def _grid(self, kind: str, rows: int, columns: int) -> bool:
        grids = cells(Grid(kind, ("and",), {}), self.problem, self.domain)
        sizes = [
            (len({row for row, _ in grid}), len({column for _, column in grid}), len(grid)) for grid in grids.values()
        ]
        inside = {name for grid in grids.values() for name in grid.values()}
        objects = self.domain.objects(self.problem)
        stray = [name for name, its in objects.items() if self.domain.is_a(its, (kind,)) and name not in inside]
        if (rows, columns, rows * columns) in sizes and not stray:
            return True
        told = " and ".join(f"{rows} by {columns} ({number} cells)" for rows, columns, number in sizes) or "no grid"
        beside = f", and {', '.join(stray[:3])} beside it" if stray else ""
        self.failures.append(f"the {kind} objects form {told}{beside}, not {rows} by {columns}")
        return False

    def _value(self, term: Atom, number: float) -> bool:
        value = self.problem.values.get(term)
        if value == number:
            return True
        self.failures.append(f"{_show(term)} is {'not stated' if value is None else f'{value:g}'}, not {number:g}")
        return False


def _show(condition: Condition) -> str:
    return "(" + " ".join(_show(part) if isinstance(part, tuple) else str(part) for part in condition) + ")"
