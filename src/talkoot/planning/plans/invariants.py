"""Facts of which never more than one is true at a time, found for a pair of facts.

A group of patterns is an invariant if at most one fact of it is true at the start and no action adds more facts of the
group than it takes away. Groups are grown from one fact: an action that would unbalance a group suggests what to add to
it, namely what that action takes away (after Helmert 2009, section 5, for single instances instead of schemas).
"""

from __future__ import annotations

from talkoot.planning.pddl.domain import Domain, substitute
from talkoot.planning.plans.achieve import Binding, Effect, Facts, effects_of, unified
from talkoot.planning.plans.semantics import is_atom
from talkoot.problem import Atom, Problem

LARGEST, TRIED = 5, 60
"""The most patterns in a group, and the most groups that are looked at for one pair."""

Group = frozenset[Atom]


def exclusive(domain: Domain, problem: Problem, facts: Facts, first: Atom, second: Atom) -> tuple[Atom, ...]:
    """Patterns ("?1" and the like stand for any object) of which never more than one fact is true at a time, both of
    these facts among them; () if no such group is found. `facts` are those reachable without deletes."""
    todo = _seeds(first, second)
    seen = set(todo)
    effects = effects_of(domain)
    names = {*first[1:], *second[1:]}
    while todo and len(seen) < TRIED:
        group = todo.pop(0)
        if sum(_may(group, fact) for fact in set(problem.init)) > 1:
            continue
        lacking = _unbalanced(effects, facts, group)
        if lacking is None:
            return tuple(sorted(group))
        for atom in lacking:
            larger = _without_special(group | {_pattern(atom, names)})
            if len(larger) <= LARGEST and larger not in seen:
                seen.add(larger)
                todo.append(larger)
    return ()


def _seeds(first: Atom, second: Atom) -> list[Group]:
    """The two facts as they are, and with any object where they name different ones."""
    shared = set(first[1:]) & set(second[1:])
    general = frozenset({_pattern(first, shared), _pattern(second, shared)})
    return [general] if general == {first, second} else [general, frozenset({first, second})]


def _pattern(atom: Atom, kept: set[str]) -> Atom:
    return (atom[0], *(name if name in kept else f"?{place}" for place, name in enumerate(atom[1:], 1)))


def _without_special(group: Group) -> Group:
    """The group without patterns that another one covers."""
    return frozenset(one for one in group if not any(other != one and _covers(other, one) for other in group))


def _covers(pattern: Atom, atom: Atom) -> bool:
    """Whether every fact of `atom`, which may have open places, is one of the pattern."""
    return len(pattern) == len(atom) and all(
        part == name or (place > 0 and part[:1] == "?")
        for place, (part, name) in enumerate(zip(pattern, atom, strict=True))
    )


def _may(group: Group, atom: Atom) -> bool:
    """Whether some fact of `atom` is in the group."""
    return any(unified(pattern, atom) is not None for pattern in group)


def _unbalanced(effects: list[Effect], facts: Facts, group: Group) -> list[Atom] | None:
    """None if no action raises the number of true facts of the group. Otherwise what an action that raises it takes
    away, which might balance it; nothing if that cannot be mended."""
    for effect in effects:
        if not effect.makes:
            continue
        siblings = [other for other in effects if other.action == effect.action]
        for pattern in sorted(group):
            given = unified(effect.atom, pattern)
            if given is None or not all(facts.fits(name, effect.types.get(var)) for var, name in given.items()):
                continue
            instances = facts.instances(effect, given)
            if instances is None:
                return []
            for binding in instances:
                lacking = _surplus(effect, siblings, binding, group)
                if lacking is not None:
                    return lacking
    return None


def _surplus(effect: Effect, siblings: list[Effect], binding: Binding, group: Group) -> list[Atom] | None:
    """None if this instance of an action takes away a fact of the group for the one that it makes, or asks for two of
    them. Otherwise what it takes away instead; nothing if it makes several facts of the group."""
    asked = {substitute(one, binding) for one in effect.conditions if is_atom(one)}
    if sum(any(_covers(pattern, atom) for pattern in group) and not _has_open(atom) for atom in asked) > 1:
        return None
    made = {other: substitute(other.atom, binding) for other in siblings if other.makes}
    made = {other: atom for other, atom in made.items() if _may(group, atom)}
    if len(set(made.values())) > 1 or any(other.many for other in made):
        return []
    taken = [
        substitute(other.atom, binding)
        for other in siblings
        if not other.makes and other.atom in effect.conditions and set(other.conditions) <= set(effect.conditions)
    ]
    if any(_covers(pattern, atom) for pattern in group for atom in taken):
        return None
    return [atom for atom in taken if not _has_open(atom)]


def _has_open(atom: Atom) -> bool:
    return any(name[:1] == "?" for name in atom)
