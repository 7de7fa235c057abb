; Robots with grippers carry things between rooms. What is carried is of the root type, object.
(define (domain gripper-strips)
  (:requirements :strips :typing)
  (:types robot gripper room - object)

  (:predicates
    (at-robby ?r - robot ?where - room)
    (at ?thing - object ?where - room)
    (free ?r - robot ?g - gripper)          ; this gripper of this robot holds nothing
    (carry ?r - robot ?thing - object ?g - gripper))

  (:action move
    :parameters (?r - robot ?here ?there - room)
    :precondition (and (at-robby ?r ?here))
    :effect (and (not (at-robby ?r ?here)) (at-robby ?r ?there)))

  (:action pick
    :parameters (?r - robot ?thing - object ?where - room ?g - gripper)
    :precondition (and (at-robby ?r ?where) (at ?thing ?where) (free ?r ?g))
    :effect (and (not (at ?thing ?where)) (not (free ?r ?g)) (carry ?r ?thing ?g)))

  (:action drop
    :parameters (?r - robot ?thing - object ?where - room ?g - gripper)
    :precondition (and (at-robby ?r ?where) (carry ?r ?thing ?g))
    :effect (and (not (carry ?r ?thing ?g)) (at ?thing ?where) (free ?r ?g))))
