; Blocks on a table and one arm that holds at most one of them.
(define (domain blocksworld-4ops)
  (:requirements :strips)

  (:predicates
    (on ?top ?below)      ; one block stands directly on another
    (on-table ?block)
    (clear ?block)        ; nothing on it, and it is not in the arm
    (holding ?block)
    (arm-empty))

  ; between table and arm
  (:action pickup
    :parameters (?block)
    :precondition (and (arm-empty) (on-table ?block) (clear ?block))
    :effect (and (not (arm-empty)) (not (on-table ?block)) (not (clear ?block))
                 (holding ?block)))

  (:action putdown
    :parameters (?block)
    :precondition (and (holding ?block))
    :effect (and (not (holding ?block))
                 (on-table ?block) (clear ?block) (arm-empty)))

  ; between arm and another block
  (:action stack
    :parameters (?block ?below)
    :precondition (and (holding ?block) (clear ?below))
    :effect (and (not (holding ?block)) (not (clear ?below))
                 (on ?block ?below) (clear ?block) (arm-empty)))

  (:action unstack
    :parameters (?block ?below)
    :precondition (and (arm-empty) (clear ?block) (on ?block ?below))
    :effect (and (not (arm-empty)) (not (clear ?block)) (not (on ?block ?below))
                 (holding ?block) (clear ?below))))
