"""A small household for the tests of slices, shares and turns: four rooms, two agents with one hand each."""

from __future__ import annotations

from talkoot.planning.pddl.reader import load_domain
from talkoot.problem import Atom, Condition, Problem

HOUSEHOLD = load_domain("""
(define (domain house)
  (:requirements :typing :negative-preconditions :action-costs)
  (:types agent item place room - object  box - place)
  (:predicates (in ?a - agent ?r - room) (free ?a - agent) (holds ?a - agent ?i - item) (at ?i - item ?p - place)
    (stands ?p - place ?r - room) (door ?r - room ?s - room) (open ?b - place) (lid ?b - place))
  (:functions (total-cost) - number (way ?r - room ?s - room) - number)
  (:action go :parameters (?a - agent ?r - room ?s - room) :precondition (and (in ?a ?r) (door ?r ?s))
    :effect (and (not (in ?a ?r)) (in ?a ?s) (increase (total-cost) (way ?r ?s))))
  (:action lift :parameters (?a - agent ?b - place ?r - room)
    :precondition (and (in ?a ?r) (stands ?b ?r) (lid ?b) (free ?a) (not (open ?b)))
    :effect (and (open ?b) (increase (total-cost) 1)))
  (:action shut :parameters (?a - agent ?b - place ?r - room)
    :precondition (and (in ?a ?r) (stands ?b ?r) (lid ?b) (free ?a) (open ?b))
    :effect (and (not (open ?b)) (increase (total-cost) 1)))
  (:action take :parameters (?a - agent ?i - item ?p - place ?r - room)
    :precondition (and (in ?a ?r) (stands ?p ?r) (free ?a) (at ?i ?p) (open ?p))
    :effect (and (not (at ?i ?p)) (not (free ?a)) (holds ?a ?i) (increase (total-cost) 1)))
  (:action put :parameters (?a - agent ?i - item ?p - place ?r - room)
    :precondition (and (in ?a ?r) (stands ?p ?r) (holds ?a ?i) (open ?p))
    :effect (and (at ?i ?p) (free ?a) (not (holds ?a ?i)) (increase (total-cost) 1))))
""")

AGENTS = ("ann", "bob")
_ROOMS = ("kitchen", "hall", "cellar", "attic")
_PLACES = {"table": "kitchen", "bench": "hall", "box": "cellar", "chest": "attic", "shelf": "attic"}
_ITEMS = {"cup": "box", "pan": "bench", "jug": "shelf", "rag": "table"}


def home(goal: Condition) -> Problem:
    """Ann is in the cellar, Bob in the kitchen; the hall lies between these and the attic. Doors cost 2 steps."""
    doors = [(a, b) for other in ("kitchen", "cellar", "attic") for a, b in (("hall", other), (other, "hall"))]
    facts: list[Atom] = [("door", a, b) for a, b in doors]
    facts += [("in", "ann", "cellar"), ("in", "bob", "kitchen"), ("free", "ann"), ("free", "bob")]
    facts += [("stands", place, room) for place, room in _PLACES.items()]
    facts += [("at", item, place) for item, place in _ITEMS.items()]
    facts += [("open", place) for place in _PLACES if place != "box"] + [("lid", "box"), ("lid", "chest")]
    objects = dict.fromkeys(AGENTS, "agent") | dict.fromkeys(_ROOMS, "room") | dict.fromkeys(_ITEMS, "item")
    objects |= {place: "box" if place in ("box", "chest") else "place" for place in _PLACES}
    return Problem("home", "house", objects, tuple(facts), goal, {("way", a, b): 2.0 for a, b in doors}, metric=True)
