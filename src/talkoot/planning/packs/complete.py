"""Completing a problem by the rules of its pack: bulk facts that a model left out, and slips with one way to mend them.

In order: aliases, grids, chains, symmetric relations, series that an ellipsis stands for, the one fact that settles
two broken invariants at once, derived facts. Each change is told as a mended fault. Placements and the goal are never
made up: a fact that says where something is comes from the reply, or follows from what the reply says of everything
else. Rules speak of predicates and name patterns only, never of particular tasks. Source: ours; the kinds of omission
are those counted in LLM+P's recorded replies.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from talkoot.planning.faults import Fault, Section
from talkoot.planning.packs.pack import Cell, ExactlyOne, Grid, Pack
from talkoot.planning.pddl.domain import Domain, holds, substitute
from talkoot.planning.pddl.reader import Draft
from talkoot.problem import Atom, Condition, Problem, literals

_CELL = re.compile(r"(.*?)(\d+)[-_](\d+)$")
_SERIES = re.compile(r"(.*?[^\d])(\d+)$")


def complete(draft: Draft, domain: Domain, pack: Pack | None) -> tuple[Problem, list[Fault]]:
    """The problem of a draft completed, and all its faults, those that completion has mended marked so."""
    problem, faults, told = draft.problem, list(draft.faults), list[Fault]()
    sections: tuple[Section, ...] = ("init", "goal")
    filled = dict.fromkeys(sections, False)
    if pack is not None:
        problem, told, gone = _aliases(draft, domain, pack)
        for at, fault in enumerate(faults):
            if fault.kind == "undeclared-object" and any(fault.message.startswith(f"{name} ") for name in gone):
                faults[at] = replace(fault, mended=True, remedy="it is no object: the fact was read as another one")
        for rule in (_grids, _chains, _symmetric):
            problem, more = rule(problem, domain, pack)
            told += more
    for section in sections:
        if any(fault.kind == "abbreviated" and fault.section == section for fault in faults):
            problem, more = _series(problem, domain, section)
            told += more
            filled[section] = bool(more)
    if pack is not None:
        for rule in (_settle, _derived):
            problem, more = rule(problem, domain, pack)
            told += more
    filled["init"] = filled["init"] or any(fault.section == "init" for fault in told)
    sound = pack is not None and not list(broken(problem, domain, pack))
    for at, fault in enumerate(faults):
        if fault.kind == "abbreviated" and filled.get(fault.section) and (sound or fault.section == "goal"):
            faults[at] = replace(fault, mended=True, remedy="what was left out has been filled in by rule")
    return problem, faults + told


def broken(problem: Problem, domain: Domain, pack: Pack) -> Iterator[tuple[ExactlyOne, dict[str, str], list[Atom]]]:
    """Each invariant that does not hold at the start: rule, binding, and the facts that fit it (none or too many)."""
    objects = domain.objects(problem)
    index: dict[str, list[Atom]] = defaultdict(list)
    for atom in problem.init:
        index[atom[0]].append(atom)
    for rule in pack.exactly_one:
        for binding in domain.bindings(rule.variables, objects):
            found = list(dict.fromkeys(
                atom for pattern in rule.patterns for atom in index[pattern[0]] if _fits(atom, pattern, binding)
            ))  # fmt: skip
            if len(found) > 1 or (not found and not rule.at_most):
                yield rule, binding, found


def cells(rule: Grid, problem: Problem, domain: Domain) -> dict[str, dict[Cell, str]]:
    """The grids that a rule speaks of: for each stem of names, the cell at each (row, column)."""
    grids: dict[str, dict[Cell, str]] = defaultdict(dict)
    objects, state = domain.objects(problem), frozenset(problem.init)
    for name, kind in objects.items():
        match = _CELL.match(name)
        if not match or not domain.is_a(kind, (rule.type,)):
            continue
        if holds(substitute(rule.where, {"?cell": name}), state, domain, objects):
            grids[match[1]][int(match[2]), int(match[3])] = name
    return grids


def _aliases(draft: Draft, domain: Domain, pack: Pack) -> tuple[Problem, list[Fault], set[str]]:
    """Facts said in a way that the pack knows: `(on b1 table)` is read as `(on-table b1)`.

    Looks at the facts that the reader had to leave out too; returns besides the names that are objects no more.
    """
    problem, told, init, gone = draft.problem, list[Fault](), list[Atom](), set[str]()
    for atom in (*problem.init, *(one.atom for one in draft.dropped if one.section == "init")):
        kept = atom in problem.init
        for source, target in pack.aliases:
            binding = _match(atom, source)
            constants = {part for part in source[1:] if not part.startswith("?")}
            if binding is not None and not constants & set(domain.constants):
                told.append(_mended("relation", f"{_show(atom)} was read as {_show(_put(target, binding))}"))
                gone |= constants
                atom, kept = _put(target, binding), all(name in problem.objects for name in binding.values())
        init += [atom] if kept else []
    used = {part for atom in init for part in atom[1:]} | set(_names(problem.goal))
    gone -= used
    objects = {name: kind for name, kind in problem.objects.items() if name not in gone}
    return replace(problem, objects=objects, init=tuple(dict.fromkeys(init))), told, gone


def _grids(problem: Problem, domain: Domain, pack: Pack) -> tuple[Problem, list[Fault]]:
    told = list[Fault]()
    for rule in pack.grids:
        for stem, grid in cells(rule, problem, domain).items():
            inside = set(grid.values())
            for relation, offsets in rule.relation.items():
                wanted = [
                    (relation, grid[row + dr, column + dc], name)
                    for (row, column), name in grid.items()
                    for dr, dc in offsets
                    if (row + dr, column + dc) in grid
                ]
                problem, more = _set(problem, relation, wanted, _among(inside),
                                     f"from the names of the cells {stem}R-C")  # fmt: skip
                told += more
    return problem, told


def _chains(problem: Problem, domain: Domain, pack: Pack) -> tuple[Problem, list[Fault]]:
    told = list[Fault]()
    for rule in pack.chains:
        numbered = {
            int(match[2]): name
            for name, kind in domain.objects(problem).items()
            if domain.is_a(kind, (rule.type,)) and (match := _SERIES.match(name))
        }
        wanted = [
            (rule.relation, numbered[number + rule.step], name)
            for number, name in numbered.items()
            if number + rule.step in numbered
        ]
        inside = set(numbered.values())
        problem, more = _set(problem, rule.relation, wanted, _among(inside),
                             f"from the numbers in the names of the {rule.type} objects")  # fmt: skip
        told += more
    return problem, told


def _symmetric(problem: Problem, domain: Domain, pack: Pack) -> tuple[Problem, list[Fault]]:
    told = list[Fault]()
    for relation in pack.symmetric:
        present = [atom for atom in problem.init if atom[0] == relation and len(atom) == 3]
        wanted = list(dict.fromkeys(pair for atom in present for pair in (atom, (relation, atom[2], atom[1]))))
        problem, more = _set(problem, relation, wanted, _among(None), "since it holds both ways")
        told += more
    return problem, told


def _among(names: set[str] | None) -> Callable[[Atom], bool]:
    """Whether all arguments of a fact are among some names (None: any)."""
    return lambda atom: names is None or names >= set(atom[1:])


def _set(
    problem: Problem, relation: str, wanted: Sequence[Atom], about: Callable[[Atom], bool], why: str
) -> tuple[Problem, list[Fault]]:
    """Make the facts of a relation that a rule is about exactly the wanted ones."""
    have = {atom for atom in problem.init if atom[0] == relation and about(atom)}
    missing = [atom for atom in wanted if atom not in have]
    extra = [atom for atom in have if atom not in set(wanted)]
    told = list[Fault]()
    if missing:
        told.append(_mended("relation", f"{_facts(missing, relation)} filled in {why}"))
    if extra:
        told.append(_mended("relation", f"{_facts(extra, relation)} dropped: not what follows {why}"))
    init = tuple(atom for atom in problem.init if atom not in set(extra)) + tuple(missing)
    return replace(problem, init=init), told


def _series(problem: Problem, domain: Domain, section: Section) -> tuple[Problem, list[Fault]]:
    """Go on with facts that are stated for the first of numbered objects and then broken off by an ellipsis.

    `(tight nuts1 hub1) (tight nuts2 hub2) ...` is continued for every number for which such objects are declared.
    """
    objects = domain.objects(problem)
    if section == "init":
        facts: list[Condition] = list(problem.init)
    else:
        goal = literals(problem.goal)
        if goal is None:
            return problem, []
        facts = [atom if wanted else ("not", atom) for wanted, atom in goal]
    templates: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for fact in facts:
        numbers = {int(m[2]) for part in fact[1:] if part in objects and (m := _SERIES.match(part))}
        if fact[0] != "not" and len(numbers) == 1:
            (number,) = numbers
            templates[_template(fact, objects)].add(number)
    added = []
    for template, numbers in templates.items():
        every = _numbers(template, objects)
        if {min(every, default=0), min(every, default=0) + 1} <= numbers and numbers < every:
            added += [
                tuple(part.replace("{i}", str(number)) for part in template) for number in sorted(every - numbers)
            ]
    if not added:
        return problem, []
    told = [replace(_mended("abbreviated", f"{_facts(added, '')} filled in: the series that the ellipsis stands for"),
                    section=section)]  # fmt: skip
    if section == "init":
        return replace(problem, init=problem.init + tuple(added)), told
    return replace(problem, goal=("and", *facts, *added)), told


def _template(fact: Atom, objects: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_SERIES.sub(r"\1{i}", part) if at and part in objects else part for at, part in enumerate(fact))


def _numbers(template: tuple[str, ...], objects: Mapping[str, str]) -> set[int]:
    """The numbers for which all objects of a template are declared."""
    found = list[set[int]]()
    for part in template[1:]:
        if part.endswith("{i}"):
            stem = part[: -len("{i}")]
            found.append({int(m[2]) for name in objects if (m := _SERIES.match(name)) and m[1] == stem})
    return set.intersection(*found) if found else set()


def _settle(problem: Problem, domain: Domain, pack: Pack) -> tuple[Problem, list[Fault]]:
    """Add, or drop, the one fact that mends two broken invariants at once, as long as there is exactly one such fact.

    If a block lies nowhere and another is neither clear nor has anything on it, the first lies on the second; if a
    block both lies on the table and on another that is said to be clear, the latter fact is the wrong one.
    """
    told = list[Fault]()
    # Where none of the facts is stated that follow from others, that nothing says "clear" means nothing yet.
    unsaid = {rule.fact[0] for rule in pack.derived} - {atom[0] for atom in problem.init}
    while True:
        objects, empty, excess = domain.objects(problem), list[tuple[ExactlyOne, dict[str, str]]](), []
        for rule, binding, found in broken(problem, domain, pack):
            if found:
                excess.append(found)
            elif not unsaid & {pattern[0] for pattern in rule.patterns}:
                empty.append((rule, binding))
        twice = [atom for atom, times in _times(atom for found in excess for atom in found).items() if times > 1]
        wrong = [atom for atom in twice if all(len(found) == 2 for found in excess if atom in found)]
        if wrong:
            problem = replace(problem, init=tuple(atom for atom in problem.init if atom != wrong[0]))
            told.append(_mended("invariant", f"{_show(wrong[0])} dropped: it alone contradicts two other facts"))
            continue
        if not 2 <= len(empty) <= 12:
            return problem, told
        candidates = _times(
            atom
            for rule, binding in empty
            for pattern in rule.patterns
            for atom in _groundings(_put(pattern, binding), domain, objects)
        )
        twice = [atom for atom, times in candidates.items() if times > 1 and len(set(atom[1:])) == len(atom[1:])]
        if len(twice) != 1:
            return problem, told
        problem = replace(problem, init=(*problem.init, twice[0]))
        told.append(_mended("invariant", f"{_show(twice[0])} filled in: it alone fits what is said of everything else"))


def _derived(problem: Problem, domain: Domain, pack: Pack) -> tuple[Problem, list[Fault]]:
    told, objects = list[Fault](), domain.objects(problem)
    for rule in pack.derived:
        state = frozenset(problem.init)
        missing, extra = list[Atom](), list[Atom]()
        for binding in domain.bindings(rule.variables, objects):
            fact = _put(rule.fact, binding)
            true = holds(substitute(rule.condition, binding), state, domain, objects)
            if true and fact not in state:
                missing.append(fact)
            elif not true and fact in state:
                extra.append(fact)
        if missing:
            told.append(
                _mended("invariant", f"{_facts(missing, rule.fact[0])} filled in: it follows from the placements")
            )
        if extra:
            told.append(_mended("invariant", f"{_facts(extra, rule.fact[0])} dropped: the placements contradict it"))
        init = tuple(atom for atom in problem.init if atom not in set(extra)) + tuple(missing)
        problem = replace(problem, init=init)
    return problem, told


def _groundings(pattern: Atom, domain: Domain, objects: Mapping[str, str]) -> Iterator[Atom]:
    """The facts that fit a pattern with `*`."""
    parameters = domain.predicates[pattern[0]]
    stars = tuple((f"?{at}", parameters[at - 1][1]) for at, part in enumerate(pattern) if part == "*")
    for binding in domain.bindings(stars, objects):
        yield tuple(binding.get(f"?{at}", part) for at, part in enumerate(pattern))


def _fits(atom: Atom, pattern: Atom, binding: Mapping[str, str]) -> bool:
    return len(atom) == len(pattern) and all(
        want == "*" or binding.get(want, want) == part for part, want in zip(atom, pattern, strict=True)
    )


def _match(atom: Atom, pattern: Atom) -> dict[str, str] | None:
    if len(atom) != len(pattern):
        return None
    binding = {want: part for part, want in zip(atom, pattern, strict=True) if want.startswith("?")}
    return binding if _put(pattern, binding) == atom else None


def _put(pattern: Atom, binding: Mapping[str, str]) -> Atom:
    return tuple(binding.get(part, part) for part in pattern)


def _names(condition: Condition) -> Iterator[str]:
    for part in condition[1:] if condition else ():
        if isinstance(part, tuple):
            yield from _names(part)
        else:
            yield part


def _times(atoms: Iterable[Atom]) -> dict[Atom, int]:
    count: dict[Atom, int] = defaultdict(int)
    for atom in atoms:
        count[atom] += 1
    return count


def _mended(kind: str, message: str) -> Fault:
    return Fault(kind, message, section="init", mended=True)


def _show(atom: Atom) -> str:
    return f"({' '.join(atom)})"


def _facts(atoms: Sequence[Atom], relation: str) -> str:
    if len(atoms) <= 3:
        return ", ".join(map(_show, atoms))
    return f"{len(atoms)} {f'`{relation}` ' if relation else ''}facts such as {_show(atoms[0])}"
