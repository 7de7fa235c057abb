; What there is (types), what can be true of it (predicates), what can be done (actions).
; A predicate that no action changes, such as (road ...), is static: it is true or false for good.
(define (domain newdomain)
  (:requirements :strips :typing)
  (:types place parcel - object)

  (:predicates
    (van-at ?p - place)
    (road ?p ?q - place)
    (at ?x - parcel ?p - place)
    (loaded ?x - parcel)
    (van-empty))

  (:action drive
    :parameters (?here ?there - place)
    :precondition (and (van-at ?here) (road ?here ?there))
    :effect (and (not (van-at ?here)) (van-at ?there)))

  (:action load
    :parameters (?x - parcel ?here - place)
    :precondition (and (van-empty) (van-at ?here) (at ?x ?here))
    :effect (and (not (van-empty)) (not (at ?x ?here)) (loaded ?x)))

  (:action unload
    :parameters (?x - parcel ?here - place)
    :precondition (and (van-at ?here) (loaded ?x))
    :effect (and (not (loaded ?x)) (at ?x ?here) (van-empty))))
