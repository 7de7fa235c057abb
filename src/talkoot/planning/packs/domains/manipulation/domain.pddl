; A home robot with one hand tidies up; walking costs the distance walked.
(define (domain manipulation)
  (:requirements :strips :typing :action-costs)
  (:types location - object)

  (:predicates
    (robot-at ?where - location)
    (at ?thing - object ?where - location)
    (holding ?thing - object)
    (hand-empty))

  (:functions
    (distance ?here ?there - location) - number
    (total-cost) - number)

  (:action go-to
    :parameters (?here ?there - location)
    :precondition (and (robot-at ?here))
    :effect (and (increase (total-cost) (distance ?here ?there)) (not (robot-at ?here)) (robot-at ?there)))

  (:action pick
    :parameters (?thing - object ?where - location)
    :precondition (and (hand-empty) (robot-at ?where) (at ?thing ?where))
    :effect (and (not (hand-empty)) (not (at ?thing ?where)) (holding ?thing)))

  (:action place
    :parameters (?thing - object ?where - location)
    :precondition (and (robot-at ?where) (holding ?thing))
    :effect (and (not (holding ?thing)) (at ?thing ?where) (hand-empty))))
