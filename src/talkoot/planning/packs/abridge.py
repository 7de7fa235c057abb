"""Leaving out of a problem what the rules of its pack put back: for examples in prompts and for compact answers."""

from __future__ import annotations

from dataclasses import replace

from talkoot.planning.packs.complete import complete
from talkoot.planning.packs.pack import Pack
from talkoot.planning.pddl.reader import Draft
from talkoot.problem import Atom, Problem


def completed(pack: Pack) -> list[str]:
    """What completion adds by itself, one line for each rule of the pack, in words."""
    lines = [
        f"{', '.join(f'({name} ...)' for name in rule.relation)} between the {rule.type} objects of a grid: from the "
        "rows and columns in their names"
        for rule in pack.grids
    ]
    lines += [f"({rule.relation} ...) from the numbers in the names of the {rule.type} objects" for rule in pack.chains]
    lines += [f"the other direction of ({name} a b): one is enough" for name in pack.symmetric]
    lines += [f"({' '.join(rule.fact)}): from the other facts" for rule in pack.derived]
    return lines


def abridge(problem: Problem, pack: Pack) -> Problem:
    """The problem without the facts that `complete` adds again; the whole problem where it would not be the same."""
    wanted = set(problem.init)
    candidates = [name for rule in pack.grids for name in rule.relation]
    candidates += [rule.relation for rule in pack.chains] + [rule.fact[0] for rule in pack.derived]
    short = problem
    for name in dict.fromkeys(candidates):
        less = replace(short, init=tuple(atom for atom in short.init if atom[0] != name))
        if _whole(less, pack) == wanted:
            short = less
    for name in pack.symmetric:
        less = replace(short, init=tuple(atom for atom in short.init if atom[0] != name or _first(atom, short)))
        if _whole(less, pack) == wanted:
            short = less
    return short


def _whole(problem: Problem, pack: Pack) -> set[Atom]:
    return set(complete(Draft(problem, []), pack.domain, pack)[0].init)


def _first(atom: Atom, problem: Problem) -> bool:
    """Whether a pair stands before its reverse."""
    back = (atom[0], *reversed(atom[1:]))
    return back not in problem.init or problem.init.index(atom) <= problem.init.index(back)
