; Robots on a floor of tiles spray the tile before or behind them. A painted tile is never entered again.
; (up a b) means: a is the tile up from b. Rows are numbered upwards, columns to the right.
(define (domain floor-tile)
  (:requirements :typing :action-costs)
  (:types tile robot color - object)

  (:predicates
    (robot-at ?r - robot ?t - tile)
    (robot-has ?r - robot ?c - color)       ; what is in its spray gun
    (free-color ?r - robot)                 ; an empty gun; part of the interface, used by no action
    (available-color ?c - color)            ; what a gun can be changed to
    (painted ?t - tile ?c - color)
    (clear ?t - tile)                       ; neither painted nor occupied
    (up ?a ?b - tile) (down ?a ?b - tile) (left ?a ?b - tile) (right ?a ?b - tile))

  (:functions (total-cost) - number)

  (:action change-color
    :parameters (?r - robot ?old ?new - color)
    :precondition (and (available-color ?new) (robot-has ?r ?old))
    :effect (and (increase (total-cost) 5) (not (robot-has ?r ?old)) (robot-has ?r ?new)))

  ; painting: the target comes before the place where the robot stands
  (:action paint-up
    :parameters (?r - robot ?target ?here - tile ?c - color)
    :precondition (and (robot-at ?r ?here) (up ?target ?here) (clear ?target) (robot-has ?r ?c))
    :effect (and (increase (total-cost) 2) (painted ?target ?c) (not (clear ?target))))

  (:action paint-down
    :parameters (?r - robot ?target ?here - tile ?c - color)
    :precondition (and (robot-at ?r ?here) (down ?target ?here) (clear ?target) (robot-has ?r ?c))
    :effect (and (increase (total-cost) 2) (painted ?target ?c) (not (clear ?target))))

  ; moving; climbing is the dear direction
  (:action up
    :parameters (?r - robot ?here ?there - tile)
    :precondition (and (robot-at ?r ?here) (up ?there ?here) (clear ?there))
    :effect (and (increase (total-cost) 3)
                 (not (robot-at ?r ?here)) (clear ?here) (robot-at ?r ?there) (not (clear ?there))))

  (:action down
    :parameters (?r - robot ?here ?there - tile)
    :precondition (and (robot-at ?r ?here) (down ?there ?here) (clear ?there))
    :effect (and (increase (total-cost) 1)
                 (not (robot-at ?r ?here)) (clear ?here) (robot-at ?r ?there) (not (clear ?there))))

  (:action left
    :parameters (?r - robot ?here ?there - tile)
    :precondition (and (robot-at ?r ?here) (left ?there ?here) (clear ?there))
    :effect (and (increase (total-cost) 1)
                 (not (robot-at ?r ?here)) (clear ?here) (robot-at ?r ?there) (not (clear ?there))))

  (:action right
    :parameters (?r - robot ?here ?there - tile)
    :precondition (and (robot-at ?r ?here) (right ?there ?here) (clear ?there))
    :effect (and (increase (total-cost) 1)
                 (not (robot-at ?r ?here)) (clear ?here) (robot-at ?r ?there) (not (clear ?there)))))
