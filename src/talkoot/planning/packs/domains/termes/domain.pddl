; One robot builds towers of blocks on a grid, and climbs on what it has built.
(define (domain termes)
  (:requirements :typing :negative-preconditions)
  (:types position numb - object)

  (:predicates
    (at ?p - position)                      ; where the robot stands
    (has-block)                             ; it carries one
    (height ?p - position ?n - numb)
    (is-depot ?p - position)                ; where blocks come from and go to
    (neighbor ?p ?q - position)
    (succ ?more ?less - numb))              ; one more than

  ; walking: level, up one block, down one block
  (:action move
    :parameters (?here ?there - position ?level - numb)
    :precondition (and (at ?here) (neighbor ?here ?there) (height ?here ?level) (height ?there ?level))
    :effect (and (at ?there) (not (at ?here))))

  (:action move-up
    :parameters (?here - position ?low - numb ?there - position ?high - numb)
    :precondition (and (at ?here) (neighbor ?here ?there)
                       (succ ?high ?low) (height ?here ?low) (height ?there ?high))
    :effect (and (at ?there) (not (at ?here))))

  (:action move-down
    :parameters (?here - position ?high - numb ?there - position ?low - numb)
    :precondition (and (at ?here) (neighbor ?here ?there)
                       (succ ?high ?low) (height ?here ?high) (height ?there ?low))
    :effect (and (at ?there) (not (at ?here))))

  ; building: the neighbour must be level with the robot before a block is put there, and after one is taken away
  (:action place-block
    :parameters (?here ?spot - position ?low ?high - numb)
    :precondition (and (has-block) (at ?here) (neighbor ?here ?spot) (not (is-depot ?spot))
                       (succ ?high ?low) (height ?here ?low) (height ?spot ?low))
    :effect (and (not (has-block)) (height ?spot ?high) (not (height ?spot ?low))))

  (:action remove-block
    :parameters (?here ?spot - position ?high ?low - numb)
    :precondition (and (not (has-block)) (at ?here) (neighbor ?here ?spot)
                       (succ ?high ?low) (height ?here ?low) (height ?spot ?high))
    :effect (and (has-block) (height ?spot ?low) (not (height ?spot ?high))))

  ; at the depot
  (:action create-block
    :parameters (?here - position)
    :precondition (and (is-depot ?here) (at ?here) (not (has-block)))
    :effect (and (has-block)))

  (:action destroy-block
    :parameters (?here - position)
    :precondition (and (is-depot ?here) (at ?here) (has-block))
    :effect (and (not (has-block)))))
