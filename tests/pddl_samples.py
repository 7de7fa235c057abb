"""A domain and a problem of our own that use most of what the reader knows."""

DOMAIN = """
; A courier carries parcels between stops.
(define (domain Courier)
  (:requirements :typing :negative-preconditions :action-costs)
  (:types stop thing - object
          depot shop - stop
          parcel letter - thing
          box - parcel
          locker - stop locker - thing)
  (:constants home - depot)
  (:predicates (at ?c - object ?s - stop)
               (road ?a ?b - stop)
               (holds ?t - (either parcel letter))
               (busy) (drive ?s - stop) (next ?a ?b - stop))
  (:functions (total-cost) - number (way ?a ?b - stop) - number)
  (:action drive
    :parameters (?a ?b - stop)
    :precondition (and (at van ?a) (road ?a ?b))
    :effect (and (not (at van ?a)) (at van ?b) (increase (total-cost) (way ?a ?b))))
  (:action load
    :parameters (?p - parcel ?s - stop)
    :precondition (and (not (busy)) (at ?p ?s) (at van ?s))
    :effect (and (busy) (holds ?p) (not (at ?p ?s)) (increase (total-cost) 1))))
"""

PROBLEM = """(define (problem two-parcels)
  (:domain courier)
  (:objects s1 s2 s3 - shop
            p1 p2 - parcel)
  (:init (at van home) (at p1 s1) (at p2 s2)
         (road home s1) (road s1 s2) (road s2 s3)
         (= (total-cost) 0) (= (way home s1) 3) (= (way s1 s2) 2.5) (= (way s2 s3) 1))
  (:goal (and (holds p1) (not (at van home))))
  (:metric minimize (total-cost)))
"""

BLOCKS = """(define (domain tower) (:predicates (on ?a ?b) (on-floor ?a) (clear ?a))
  (:action lift :parameters (?a ?b) :precondition (and (clear ?a) (on ?a ?b))
   :effect (and (not (on ?a ?b)) (on-floor ?a)
   (clear ?b))))"""

GRID = """(define (domain garden) (:requirements :strips :typing) (:types bed numb - object)
  (:predicates (wet ?b - bed) (north ?a ?b - bed) (east ?a ?b - bed) (above ?a ?b - numb) (linked ?a ?b - bed)
               (corner ?b - bed) (level ?b - bed ?n - numb))
  (:functions (steps ?a ?b - bed))
  (:action dry :parameters (?b - bed) :precondition (wet ?b) :effect (not (wet ?b))))"""


def problem(init: str, goal: str = "(clear a)", objects: str = "a b c", domain: str = "tower") -> str:
    """The text of a problem; the first line holds the header and the objects, the second `:init`, the third `:goal`."""
    return f"(define (problem small) (:domain {domain}) (:objects {objects})\n(:init {init})\n(:goal {goal}))"
