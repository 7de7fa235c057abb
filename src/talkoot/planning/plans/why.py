"""Why a goal is impossible, in words: what no action reaches, what stops it, and which missing fact would help.

All of it looks at the task without deletes (Bonet and Geffner 2001): what cannot be reached there cannot be reached at
all. Goals that can each be reached but not together are found by invariants (`talkoot.planning.plans.invariants`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from talkoot.planning.engines.ground import relaxed, unreachable
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.plans.achieve import Attempt, Facts, effects_of, unified
from talkoot.planning.plans.invariants import exclusive
from talkoot.planning.plans.semantics import conjuncts, is_atom, shown
from talkoot.problem import Atom, Condition, Problem

MOST_GOALS = 40
"""Of so many goals the pairs are looked at."""

CHAIN, SAID = 6, 4
"""The longest chain of "needs" that is told, and how many different ones."""

TRIES, ROUNDS, LARGEST = 16, 3, 4000
"""How many facts are tried as the missing one, how many may be missing, and up to how many facts this is cheap."""


def why_impossible(domain: Domain, problem: Problem) -> list[str]:
    """Sentences that say why no plan can reach the goal; a sentence says so if no reason is found.

    Meant for problems without a plan: for others the last is what it says.
    """
    lost = unreachable(domain, problem)
    facts = Facts(relaxed(domain, problem))
    if not lost:
        return _together(domain, problem, facts)
    said = [
        f"{_joined(users, 'and')} can never be carried out, because no `{name}` fact is stated."
        for name, users in _empty(domain, problem)
    ]
    reasons: dict[str, list[str]] = {}
    for part in lost:
        root, words = _stopped(domain, facts, part)
        reasons.setdefault(root, []).append(words)
    for words, *others in list(reasons.values())[:SAID]:
        many = "1 more part of the goal ends" if len(others) == 1 else f"{len(others)} more parts of the goal end"
        same = f" {many} there too." if others else ""
        said.append(words + same)
    if len(reasons) > SAID:
        said.append(f"There are {len(reasons) - SAID} more such reasons.")
    if missing := missing_facts(domain, problem):
        which = "this fact is" if len(missing) == 1 else "these facts are"
        said.append(f"Perhaps {which} missing from the start, with which no part of the goal would be out of reach: "
                    f"{', '.join(map(shown, missing))}.")  # fmt: skip
    return said


def missing_facts(domain: Domain, problem: Problem) -> tuple[Atom, ...]:
    """A few facts that, stated at the start, would bring all of the goal into reach; () if none are found cheaply.

    Greedy: in each round the fact is added that brings most of the goal into reach; among equals one whose objects are
    not in that place of such a fact yet. Facts of the goal itself are not proposed, and nothing is where a whole
    relation is missing. The answer is a guess about what was forgotten, not a proof.
    """
    if any(len(domain.predicates[name]) > 1 for name, _ in _empty(domain, problem)):
        return ()
    goals = {part for part in conjuncts(problem.goal) if is_atom(part)}
    added: list[Atom] = []
    for _ in range(ROUNDS):
        now = replace(problem, init=(*problem.init, *added))
        lost = unreachable(domain, now)
        if not lost:
            return tuple(added)
        facts = Facts(relaxed(domain, now))
        if len(facts.all) > LARGEST:
            return ()
        candidates: dict[Atom, int] = {}
        for part in lost[:20]:
            for fact in _lacking(domain, facts, part):
                if fact not in goals:
                    candidates[fact] = candidates.get(fact, 0) + 1
        chosen = sorted(candidates, key=lambda fact: (-candidates[fact], _used(now, fact), fact))[:TRIES]
        tried: dict[Atom, tuple[int, int, int, int]] = {}
        for fact in chosen:
            extended = replace(now, init=(*now.init, fact))
            size = len(relaxed(domain, extended).facts)
            tried[fact] = (len(unreachable(domain, extended)), _used(now, fact), -size, len(fact))
        if not tried:
            return ()
        added.append(min(tried, key=lambda fact: (tried[fact], fact)))
    return () if unreachable(domain, replace(problem, init=(*problem.init, *added))) else tuple(added)


def _used(problem: Problem, fact: Atom) -> int:
    """How many stated facts of the same predicate name one of the objects in the same place."""
    return sum(
        any(one == other for one, other in zip(fact[1:], stated[1:], strict=False))
        for stated in problem.init
        if stated[0] == fact[0]
    )


def _empty(domain: Domain, problem: Problem) -> Iterator[tuple[str, list[str]]]:
    """The predicates that actions need, no action makes and the start does not state, with these actions."""
    stated = {fact[0] for fact in problem.init}
    made = {effect.atom[0] for effect in effects_of(domain) if effect.makes}
    for predicate in domain.predicates:
        if predicate in stated or predicate in made:
            continue
        users = [
            f"`{name}`"
            for name, action in domain.actions.items()
            if any(is_atom(part) and part[0] == predicate for part in conjuncts(action.precondition))
        ]
        if users:
            yield predicate, users


def _stopped(domain: Domain, facts: Facts, part: Condition) -> tuple[str, str]:
    """Why one part of the goal is out of reach: what it comes down to, and in words."""
    if part[0] == "not" and is_atom(part[1]):
        words = (
            f"The goal that {shown(part[1])} is false cannot be reached: it is true at the start and no action ends it."
        )
        return words, words
    if not is_atom(part):
        words = f"The goal {shown(part)} cannot be reached: nothing that would fulfil it can become true."
        return words, words
    words = f"The goal {_told(part)} cannot be reached"
    met, said = {_told(part)}, "it"
    for attempts in (chain := list(_chain(domain, facts, part))):
        needs = _needs(facts, attempts[0])
        words += (
            f"{':' if said == 'it' else ';'} `{attempts[0].effect.action}` would make {said} true, but needs {needs}"
        )
        met.add(said)
        said = _told(next((one for one in attempts[0].blocked if is_atom(one)), part))
    if not chain:
        return words, words + ": it is not true at the start and no action makes it true."
    last = next((one for one in chain[-1][0].blocked if is_atom(one)), None)
    if last is None:
        return words, words + "."
    if not _achievers(domain, facts, last):
        return _told(last), words + f"; no action makes {_told(last)} true, and the start does not state it."
    return _told(last), words + ("; and so it goes round in a circle." if said in met else "; and so on.")


def _needs(facts: Facts, attempt: Attempt) -> str:
    """What an attempt lacks, in words."""
    if attempt.blocked:
        return _joined([_told(one) for one in attempt.blocked[:3]], "and")
    for types in attempt.effect.types.values():
        if not facts.grounding.admitted(types):
            return f"an object of type {' or '.join(types)}, and there is none"
    return "what no objects here fulfil all at once"


def _chain(domain: Domain, facts: Facts, goal: Atom) -> Iterator[list[Attempt]]:
    """The nearest attempts at a goal, then those at the first thing that the first of them lacks, and so on."""
    seen: set[str] = set()
    wanted: Atom | None = goal
    while wanted is not None and _told(wanted) not in seen and len(seen) < CHAIN:
        seen.add(_told(wanted))
        attempts = _achievers(domain, facts, wanted)
        if not attempts:
            return
        attempts.sort(key=lambda one: (sum(_told(part) in seen for part in one.blocked), len(one.blocked)))
        yield attempts
        wanted = next((one for one in attempts[0].blocked if is_atom(one)), None)


def _lacking(domain: Domain, facts: Facts, part: Condition) -> Iterator[Atom]:
    """The facts without which the attempts at a part of the goal, and at what these lack, fail."""
    if is_atom(part):
        for attempts in _chain(domain, facts, part):
            for attempt in attempts:
                for one in attempt.blocked:
                    if is_atom(one) and not any(name[:1] == "?" for name in one):
                        yield one


def _achievers(domain: Domain, facts: Facts, pattern: Atom) -> list[Attempt]:
    """For each effect that could make the pattern true its nearest attempts."""
    found: list[Attempt] = []
    for effect in effects_of(domain):
        binding = unified(effect.atom, pattern) if effect.makes else None
        if binding is not None and all(facts.fits(name, effect.types.get(var)) for var, name in binding.items()):
            found += facts.nearest(effect, binding)
    return found


def _together(domain: Domain, problem: Problem, facts: Facts) -> list[str]:
    """Why goals that can each be reached cannot all be true at the end."""
    said: list[str] = []
    goals = [part for part in dict.fromkeys(conjuncts(problem.goal)) if is_atom(part)]
    for part in conjuncts(problem.goal):
        if part[0] == "not" and part[1] in goals:
            said.append(f"The goal asks that {shown(part[1])} is true and that it is false.")
    for first, second in combinations(goals[:MOST_GOALS], 2):
        if first[0] != second[0] and not set(first[1:]) & set(second[1:]):
            continue
        group = exclusive(domain, problem, facts, first, second)
        if group:
            parts = [_told(one) for one in group]
            only = f"one fact {parts[0]}" if len(parts) == 1 else f"one of {_joined(parts, 'and')}"
            said.append(
                f"The goals {shown(first)} and {shown(second)} exclude each other: never more than {only} is true."
            )
        if len(said) >= SAID:
            break
    return said or [
        "Every part of the goal can be reached by itself, and no two of them were found to exclude each other; "
        "no simple reason can be named."
    ]


def _told(condition: Condition) -> str:
    """A condition as PDDL text, unknown objects as `*`."""
    if is_atom(condition):
        return f"({' '.join('*' if name[:1] == '?' else name for name in condition)})"
    return shown(condition)


def _joined(parts: Sequence[str], word: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"
