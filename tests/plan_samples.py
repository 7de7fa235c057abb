"""Domains of our own for tests of plans, a slow simulator that shares no code with the validator, and damaged plans."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from talkoot.planning.pddl.domain import Domain, holds, substitute
from talkoot.planning.pddl.reader import load_domain, load_problem
from talkoot.problem import Atom, Condition, Plan, Problem

HAULING = """
(define (domain hauling)
  (:requirements :typing :negative-preconditions :action-costs)
  (:types place cart good - object  crate barrel - good)
  (:predicates (at ?c - cart ?p - place) (lies ?g - good ?p - place) (on-cart ?g - good ?c - cart)
               (full ?c - cart) (path ?a ?b - place) (sealed ?b - barrel))
  (:functions (total-cost) - number (way ?a ?b - place) - number)
  (:action roll :parameters (?c - cart ?from ?to - place)
    :precondition (and (at ?c ?from) (path ?from ?to))
    :effect (and (not (at ?c ?from)) (at ?c ?to) (increase (total-cost) (way ?from ?to))))
  (:action take :parameters (?c - cart ?g - good ?p - place)
    :precondition (and (at ?c ?p) (lies ?g ?p) (not (full ?c)))
    :effect (and (full ?c) (on-cart ?g ?c) (not (lies ?g ?p)) (increase (total-cost) 1)))
  (:action drop :parameters (?c - cart ?g - good ?p - place)
    :precondition (and (at ?c ?p) (on-cart ?g ?c))
    :effect (and (not (full ?c)) (not (on-cart ?g ?c)) (lies ?g ?p) (increase (total-cost) 1)))
  (:action seal :parameters (?c - cart ?b - barrel)
    :precondition (and (on-cart ?b ?c) (not (sealed ?b)))
    :effect (and (sealed ?b) (increase (total-cost) 2))))
"""

TWO_CARTS = """
(define (problem two-carts) (:domain hauling)
  (:objects red blue - cart  yard barn field - place  c1 c2 - crate  b1 - barrel)
  (:init (at red yard) (at blue barn) (lies c1 yard) (lies c2 barn) (lies b1 barn)
    (path yard barn) (path barn yard) (path barn field) (path field barn)
    (= (total-cost) 0) (= (way yard barn) 3) (= (way barn yard) 3) (= (way barn field) 2) (= (way field barn) 2))
  (:goal (and (lies c1 barn) (lies c2 field) (sealed b1)))
  (:metric minimize (total-cost)))
"""

CARTS_PLAN: Plan = (
    ("take", "red", "c1", "yard"), ("roll", "red", "yard", "barn"), ("drop", "red", "c1", "barn"),
    ("take", "blue", "c2", "barn"), ("roll", "blue", "barn", "field"), ("drop", "blue", "c2", "field"),
    ("take", "red", "b1", "barn"), ("seal", "red", "b1"),
)  # fmt: skip

LAMPS = """
(define (domain lamps)
  (:requirements :adl :typing)
  (:types room lamp)
  (:predicates (in ?l - lamp ?r - room) (lit ?l - lamp) (here ?r - room) (door ?a ?b - room) (broken ?l - lamp)
               (seen ?r - room))
  (:action go :parameters (?a ?b - room)
    :precondition (and (here ?a) (not (= ?a ?b)) (or (door ?a ?b) (door ?b ?a))
                       (exists (?l - lamp) (and (in ?l ?a) (lit ?l))))
    :effect (and (not (here ?a)) (here ?b)))
  (:action switch :parameters (?r - room)
    :precondition (and (here ?r) (imply (seen ?r) (forall (?l - lamp) (imply (in ?l ?r) (not (lit ?l))))))
    :effect (and (seen ?r) (forall (?l - lamp) (when (and (in ?l ?r) (not (broken ?l))) (lit ?l)))))
  (:action off :parameters (?r - room)
    :precondition (here ?r)
    :effect (forall (?l - lamp) (when (and (in ?l ?r) (lit ?l)) (not (lit ?l)))))
  (:action carry :parameters (?l - lamp ?a ?b - room)
    :precondition (and (here ?a) (in ?l ?a) (not (= ?a ?b)) (or (door ?a ?b) (door ?b ?a)) (not (lit ?l)))
    :effect (and (not (in ?l ?a)) (in ?l ?b) (not (here ?a)) (here ?b))))
"""

THREE_ROOMS = """
(define (problem three-rooms) (:domain lamps)
  (:objects hall attic cellar - room  l1 l2 l3 - lamp)
  (:init (here hall) (in l1 hall) (in l2 hall) (in l3 attic) (broken l2) (door hall attic) (door cellar hall))
  (:goal (and (forall (?l - lamp) (or (lit ?l) (broken ?l) (in ?l hall))) (exists (?r - room) (and (here ?r)
     (not (= ?r hall)))))))
"""

LAMPS_PLAN: Plan = (("switch", "hall"), ("go", "hall", "attic"), ("switch", "attic"))

TOWER = """
(define (domain tower)
  (:predicates (on ?a ?b) (on-floor ?a) (clear ?a) (held ?a) (free))
  (:action grab :parameters (?a) :precondition (and (clear ?a) (on-floor ?a) (free))
    :effect (and (held ?a) (not (clear ?a)) (not (on-floor ?a)) (not (free))))
  (:action lay :parameters (?a) :precondition (held ?a)
    :effect (and (clear ?a) (free) (on-floor ?a) (not (held ?a))))
  (:action pile :parameters (?a ?b) :precondition (and (clear ?b) (held ?a))
    :effect (and (free) (clear ?a) (on ?a ?b) (not (clear ?b)) (not (held ?a))))
  (:action lift :parameters (?a ?b) :precondition (and (on ?a ?b) (clear ?a) (free))
    :effect (and (held ?a) (clear ?b) (not (on ?a ?b)) (not (clear ?a)) (not (free)))))
"""

FOUR_BOXES = """
(define (problem four-boxes) (:domain tower) (:objects a b c d)
  (:init (on-floor a) (on b a) (clear b) (on-floor c) (clear c) (on-floor d) (clear d) (free))
  (:goal (and (on a b) (on c d))))
"""

TOWER_PLAN: Plan = (
    ("lift", "b", "a"), ("lay", "b"), ("grab", "a"), ("pile", "a", "b"), ("grab", "c"), ("pile", "c", "d"),
)  # fmt: skip

SAMPLES = {"hauling": (HAULING, TWO_CARTS, CARTS_PLAN), "lamps": (LAMPS, THREE_ROOMS, LAMPS_PLAN),
           "tower": (TOWER, FOUR_BOXES, TOWER_PLAN)}  # fmt: skip


def sample(name: str) -> tuple[Domain, Problem, Plan]:
    """A domain, its problem and a valid plan."""
    domain, problem, plan = SAMPLES[name]
    loaded = load_domain(domain)
    return loaded, load_problem(problem, loaded), plan


def simulate(domain: Domain, problem: Problem, plan: Sequence[Atom]) -> tuple[bool, int | None, float]:
    """Whether a plan is valid, the step that fails, and the cost so far: slowly, on the conditions as they are."""
    objects = domain.objects(problem)
    state, cost = frozenset(problem.init), 0.0
    for number, step in enumerate(plan, 1):
        after = successor(domain, problem, objects, state, step)
        if after is None:
            return False, number, cost
        state, price = after
        cost += price if problem.metric else 1
    return holds(problem.goal, state, domain, objects), None, cost


def successor(
    domain: Domain, problem: Problem, objects: dict[str, str], state: frozenset[Atom], step: Atom
) -> tuple[frozenset[Atom], float] | None:
    """The state after a step and what the step costs; None where it cannot be carried out."""
    action = domain.actions.get(step[0]) if step else None
    if action is None or len(action.parameters) != len(step) - 1:
        return None
    if not all(name in objects and domain.is_a(objects[name], types)
               for name, (_, types) in zip(step[1:], action.parameters, strict=True)):  # fmt: skip
        return None
    binding = {variable: name for (variable, _), name in zip(action.parameters, step[1:], strict=True)}
    if not holds(substitute(action.precondition, binding), state, domain, objects):
        return None
    adds: set[Atom] = set()
    deletes: set[Atom] = set()
    prices: list[Condition | float] = []

    def carry_out(effect: Condition) -> None:
        if effect[0] == "and":
            for part in effect[1:]:
                carry_out(part)
        elif effect[0] == "forall":
            for inner in domain.bindings(effect[1], objects):
                carry_out(substitute(effect[2], inner))
        elif effect[0] == "when":
            if holds(effect[1], state, domain, objects):
                carry_out(effect[2])
        elif effect[0] == "increase":
            prices.append(effect[2])
        elif effect[0] == "not":
            deletes.add(effect[1])
        else:
            adds.add(effect)

    carry_out(substitute(action.effect, binding))
    price = 0.0
    for one in prices if problem.metric else ():
        if isinstance(one, tuple) and one not in problem.values:
            return None
        price += problem.values[one] if isinstance(one, tuple) else float(one)
    return frozenset((state - deletes) | adds), price


def damaged(plan: Sequence[Atom], names: Sequence[str], luck: random.Random) -> Iterator[Plan]:
    """Copies of a plan with one step dropped, doubled, two steps swapped, or an argument replaced."""
    steps = list(plan)
    if not steps:
        return
    first, second = luck.randrange(len(steps)), luck.randrange(len(steps))
    yield tuple(steps[:first] + steps[first + 1 :])
    yield tuple(steps[: first + 1] + steps[first:])
    swapped = list(steps)
    swapped[first], swapped[second] = swapped[second], swapped[first]
    yield tuple(swapped)
    if len(steps[first]) > 1:
        changed = list(steps[first])
        changed[luck.randrange(1, len(changed))] = luck.choice(names)
        yield (*steps[:first], tuple(changed), *steps[first + 1 :])


def wandering(domain: Domain, problem: Problem, length: int, luck: random.Random) -> tuple[Problem, Plan]:
    """A random executable plan, and the problem with some of what it brings about as the goal."""
    objects = domain.objects(problem)
    steps = [
        (name, *binding.values())
        for name, action in domain.actions.items()
        for binding in domain.bindings(action.parameters, objects)
    ]
    state, plan = frozenset(problem.init), []
    for _ in range(length):
        open_ones = [(step, after) for step in steps if (after := successor(domain, problem, objects, state, step))]
        if not open_ones:
            break
        step, (state, _) = luck.choice(open_ones)
        plan.append(step)
    facts = sorted(state - set(problem.init)) or sorted(state)
    goal = (
        "and",
        *luck.sample(facts, min(3, len(facts))),
        *(("not", fact) for fact in sorted(set(problem.init) - state)[:1]),
    )
    return replace(problem, goal=goal), tuple(plan)


def linearisations(before: frozenset[tuple[int, int]], count: int, luck: random.Random) -> Callable[[], list[int]]:
    """A function that draws an order of 1..count in which every pair of `before` is kept."""

    def draw() -> list[int]:
        waits = {step: {first for first, second in before if second == step} for step in range(1, count + 1)}
        order: list[int] = []
        while waits:
            step = luck.choice([one for one, firsts in waits.items() if not firsts])
            del waits[step]
            order.append(step)
            for firsts in waits.values():
                firsts.discard(step)
        return order

    return draw
