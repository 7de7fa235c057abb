; Hoists carry crates from containers into the store areas of a depot, by way of transit areas.
(define (domain storage-propositional)
  (:requirements :typing)
  (:types
    hoist place surface - object
    depot container - place
    area crate - surface
    storearea transitarea - area)

  (:predicates
    (connected ?one ?other - area)
    (in ?thing - (either storearea crate) ?where - place)
    (on ?load - crate ?spot - storearea)
    (at ?h - hoist ?spot - area)
    (clear ?spot - storearea)               ; no crate and no hoist there
    (available ?h - hoist)
    (lifting ?h - hoist ?load - crate)
    (compatible ?one ?other - crate))       ; part of the interface, used by no action

  ; a hoist works on a neighbouring spot, never on its own
  (:action lift
    :parameters (?h - hoist ?load - crate ?spot - storearea ?stand - area ?where - place)
    :precondition (and (at ?h ?stand) (available ?h) (connected ?spot ?stand) (on ?load ?spot) (in ?spot ?where))
    :effect (and (not (available ?h)) (lifting ?h ?load)
                 (not (on ?load ?spot)) (not (in ?load ?where)) (clear ?spot)))

  (:action drop
    :parameters (?h - hoist ?load - crate ?spot - storearea ?stand - area ?where - place)
    :precondition (and (at ?h ?stand) (lifting ?h ?load) (connected ?spot ?stand) (clear ?spot) (in ?spot ?where))
    :effect (and (not (lifting ?h ?load)) (available ?h)
                 (on ?load ?spot) (in ?load ?where) (not (clear ?spot))))

  ; a hoist fills the store area that it stands on; a transit area holds any number of them
  (:action move
    :parameters (?h - hoist ?here ?there - storearea)
    :precondition (and (at ?h ?here) (connected ?here ?there) (clear ?there))
    :effect (and (not (at ?h ?here)) (clear ?here) (at ?h ?there) (not (clear ?there))))

  (:action go-out
    :parameters (?h - hoist ?here - storearea ?there - transitarea)
    :precondition (and (at ?h ?here) (connected ?here ?there))
    :effect (and (not (at ?h ?here)) (clear ?here) (at ?h ?there)))

  (:action go-in
    :parameters (?h - hoist ?here - transitarea ?there - storearea)
    :precondition (and (at ?h ?here) (connected ?here ?there) (clear ?there))
    :effect (and (not (at ?h ?here)) (at ?h ?there) (not (clear ?there)))))
