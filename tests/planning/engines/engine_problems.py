"""Small domains for the tests of the planners, and a search too simple to be wrong to compare with."""

from __future__ import annotations

import random
from heapq import heappop, heappush
from itertools import count, pairwise

from talkoot.planning.pddl.domain import ActionSchema, Domain
from talkoot.planning.pddl.reader import load_domain, load_problem
from talkoot.planning.plans.validate import Simulator
from talkoot.problem import Atom, Condition, Problem

ROOMS = """
(define (domain rooms) (:requirements :strips :typing :negative-preconditions :action-costs)
 (:types room thing - object box ball - thing)
 (:predicates (in ?t - thing ?r - room) (at ?r - room) (door ?a ?b - room) (held ?t - thing) (busy))
 (:functions (steps ?a ?b - room) (total-cost))
 (:action go :parameters (?a ?b - room) :precondition (and (at ?a) (door ?a ?b))
  :effect (and (not (at ?a)) (at ?b) (increase (total-cost) (steps ?a ?b))))
 (:action take :parameters (?t - thing ?r - room) :precondition (and (at ?r) (in ?t ?r) (not (busy)))
  :effect (and (held ?t) (busy) (not (in ?t ?r)) (increase (total-cost) 1)))
 (:action put :parameters (?t - thing ?r - room) :precondition (and (at ?r) (held ?t))
  :effect (and (in ?t ?r) (not (held ?t)) (not (busy)) (increase (total-cost) 1))))
"""

TIDY = """
(define (problem tidy) (:domain rooms)
 (:objects hall kitchen cellar - room red - ball crate - box)
 (:init (at hall) (in red kitchen) (in crate cellar)
  (door hall kitchen) (door kitchen hall) (door kitchen cellar) (door cellar kitchen) (door hall cellar)
  (= (steps hall kitchen) 2) (= (steps kitchen hall) 2) (= (steps kitchen cellar) 3) (= (steps cellar kitchen) 3)
  (= (steps hall cellar) 9) (= (total-cost) 0))
 (:goal (and (in red hall) (in crate hall))) (:metric minimize (total-cost)))
"""
TIDY_COST = 18.0  # hall-kitchen 2, take, 2, put; 2, 3, take, 3, 2, put

CLASH = """
(define (domain Clash) (:requirements :typing)
 (:types object robot - object)
 (:predicates (move ?o - object) (AT ?r - robot ?o - object) (next ?a ?b - object))
 (:action MOVE :parameters (?r - robot ?a ?b - object) :precondition (and (at ?r ?a) (next ?a ?b))
  :effect (and (not (at ?r ?a)) (at ?r ?b) (move ?b))))
"""
CLASH_PROBLEM = """
(define (problem Clash-1) (:domain clash) (:objects at_0-1 at_0-2 at_0-3 - object Define - robot)
 (:init (AT define at_0-1) (next at_0-1 AT_0-2) (next at_0-2 at_0-3)) (:goal (and (move at_0-2) (at define at_0-3))))
"""

LIGHTS = """
(define (domain lights) (:requirements :adl)
 (:types lamp switch)
 (:predicates (lit ?l - lamp) (wired ?s - switch ?l - lamp) (up ?s - switch) (broken ?s - switch))
 (:action flip :parameters (?s - switch)
  :precondition (and (or (up ?s) (not (broken ?s))) (exists (?l - lamp) (wired ?s ?l)))
  :effect (and (when (up ?s) (not (up ?s))) (when (not (up ?s)) (up ?s))
   (forall (?l - lamp) (and (when (and (wired ?s ?l) (lit ?l)) (not (lit ?l)))
                            (when (and (wired ?s ?l) (not (lit ?l))) (lit ?l)))))))
"""
LIGHTS_PROBLEM = """
(define (problem all-on) (:domain lights) (:objects l1 l2 l3 - lamp s1 s2 s3 - switch)
 (:init (wired s1 l1) (wired s1 l2) (wired s2 l2) (wired s2 l3) (wired s3 l3) (lit l2) (broken s3) (up s3))
 (:goal (forall (?l - lamp) (lit ?l))))
"""


def rooms(problem: str = TIDY) -> tuple[Domain, Problem]:
    domain = load_domain(ROOMS)
    return domain, load_problem(problem, domain)


def lights() -> tuple[Domain, Problem]:
    domain = load_domain(LIGHTS)
    return domain, load_problem(LIGHTS_PROBLEM, domain)


def clash() -> tuple[Domain, Problem]:
    domain = load_domain(CLASH)
    return domain, load_problem(CLASH_PROBLEM, domain)


def row(length: int, gap: int | None = None) -> tuple[Domain, Problem]:
    """One walker on a row of places; with `gap`, there is no way from that place to the next."""
    step = ActionSchema(
        "step",
        (("?a", ("object",)), ("?b", ("object",))),
        ("and", ("on", "?a"), ("beside", "?a", "?b")),
        ("and", ("not", ("on", "?a")), ("on", "?b")),
    )
    place, pair = (("?a", ("object",)),), (("?a", ("object",)), ("?b", ("object",)))
    domain = Domain("row", predicates={"on": place, "beside": pair}, actions={"step": step})
    names = [f"c{number}" for number in range(length)]
    beside: list[Atom] = [("beside", a, b) for a, b in pairwise(names)]
    if gap is not None:
        del beside[gap]
    return domain, Problem("row", "row", dict.fromkeys(names, "object"), (("on", "c0"), *beside), ("on", names[-1]))


def tiles(size: int, swapped: bool = False) -> tuple[Domain, Problem]:
    """The sliding puzzle on 2 by `size` cells, two tiles of the goal `swapped` or not: one of the two has no plan."""
    slide = ActionSchema(
        "slide",
        (("?t", ("tile",)), ("?from", ("cell",)), ("?to", ("cell",))),
        ("and", ("at", "?t", "?from"), ("blank", "?to"), ("beside", "?from", "?to")),
        ("and", ("not", ("at", "?t", "?from")), ("at", "?t", "?to"), ("not", ("blank", "?to")), ("blank", "?from")),
    )
    predicates = {
        "at": (("?t", ("tile",)), ("?c", ("cell",))),
        "blank": (("?c", ("cell",)),),
        "beside": (("?a", ("cell",)), ("?b", ("cell",))),
    }
    domain = Domain("tiles", {"tile": ("object",), "cell": ("object",)}, {}, predicates, {}, {"slide": slide})
    cells = [(r, c) for r in range(2) for c in range(size)]
    name = {cell: f"c{cell[0]}{cell[1]}" for cell in cells}
    numbers = [f"t{number}" for number in range(1, len(cells))]
    beside = [("beside", name[a], name[b]) for a in cells for b in cells if abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1]
    start = [("at", tile, name[cell]) for tile, cell in zip(numbers, cells[1:], strict=True)]
    if swapped:
        numbers[:2] = numbers[1::-1]
    goal = ("and", *(("at", tile, name[cell]) for tile, cell in zip(numbers, cells[:-1], strict=True)))
    objects = dict.fromkeys(numbers, "tile") | dict.fromkeys(name.values(), "cell")
    return domain, Problem("tiles", "tiles", objects, (("blank", name[cells[0]]), *start, *beside), goal)


def drawn(seed: int) -> tuple[Domain, Problem]:
    """A random small problem: two types, negative conditions, constants, equality, conditional effects now and then."""
    chance = random.Random(seed)
    types = ("a", "b")
    predicates = {
        f"p{number}": tuple((f"?x{place}", (chance.choice(types),)) for place in range(chance.randint(0, 2)))
        for number in range(4)
    }
    objects = {f"o{number}": chance.choice(types) for number in range(4)} | {"oa": "a", "ob": "b"}
    actions = {}
    for number in range(chance.randint(2, 4)):
        parameters = tuple((f"?v{place}", (chance.choice(types),)) for place in range(chance.randint(1, 3)))

        def literal(variables: tuple[tuple[str, tuple[str, ...]], ...] = parameters) -> Condition | None:
            name = chance.choice(list(predicates))
            terms = []
            for _, kind in predicates[name]:
                fitting = [v for v, own in variables if own == kind] + (["oa"] if kind == ("a",) else ["ob"])
                terms.append(chance.choice(fitting))
            return (name, *terms)

        needs = [one if chance.random() < 0.7 else ("not", one) for one in (literal() for _ in range(2))]
        if len(parameters) > 1 and chance.random() < 0.3:
            needs.append(("not", ("=", parameters[0][0], parameters[1][0])))
        if chance.random() < 0.2:
            needs.append(("or", literal(), literal()))
        effects: list[Condition] = [literal()]
        dropped = literal()
        if dropped not in effects:
            effects.append(("not", dropped))
        if chance.random() < 0.25:
            effects.append(("when", literal(), literal()))
        actions[f"act{number}"] = ActionSchema(f"act{number}", parameters, ("and", *needs), ("and", *effects))
    domain = Domain("drawn", dict.fromkeys(types, ("object",)), {}, predicates, {}, actions)
    domain = Domain("drawn", domain.types, {"oa": "a", "ob": "b"}, predicates, {}, actions)
    atoms = [
        (name, *binding.values())
        for name, parameters in predicates.items()
        for binding in domain.bindings(parameters, objects)
    ]
    init = tuple(atom for atom in atoms if chance.random() < 0.25)
    goal = [atom if chance.random() < 0.8 else ("not", atom) for atom in chance.sample(atoms, min(3, len(atoms)))]
    free = {name: kind for name, kind in objects.items() if name not in ("oa", "ob")}
    return domain, Problem(f"drawn-{seed}", "drawn", free, init, ("and", *goal))


def all_steps(domain: Domain, problem: Problem) -> list[Atom]:
    """Every action with every binding."""
    objects = domain.objects(problem)
    return [
        (name, *binding.values())
        for name, schema in domain.actions.items()
        for binding in domain.bindings(schema.parameters, objects)
    ]


def cheapest(domain: Domain, problem: Problem, most: int = 20_000) -> float | None:
    """The cost of a cheapest plan by uniform-cost search over sets of atoms, None if there is no plan."""
    simulator = Simulator(domain, problem)
    steps = [simulator.action(step) for step in all_steps(domain, problem)]
    order = count()
    queue = [(0.0, next(order), simulator.start)]
    closed: set[frozenset[Atom]] = set()
    while queue:
        cost, _, state = heappop(queue)
        if simulator.goal.met(state):
            return cost
        if state in closed:
            continue
        closed.add(state)
        assert len(closed) < most
        for action in steps:
            if action.needs.met(state):
                adds, deletes = action.effects(state)
                price = sum(simulator.value(one) or 0.0 for one in action.costs) if problem.metric else 1.0
                heappush(queue, (cost + price, next(order), (state - deletes) | adds))
    return None
