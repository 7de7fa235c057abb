; Locomotives on a line with sidings: they pass one another, fetch wagons and leave them.
(define (domain shunting)
  (:requirements :strips :typing)
  (:types track engine wagon room - object
          section siding - track)

  (:predicates
    (next ?west ?east - section)          ; static: the line
    (points ?t ?u - track)                ; static, both ways: where a siding leaves the line
    (succ ?more ?fewer - room)            ; static: counting
    (engine-on ?e - engine ?t - track)
    (wagon-on ?w - wagon ?d - siding)
    (coupled ?w - wagon ?e - engine)
    (room-for ?e - engine ?n - room)
    (free ?t - track))

  (:action go-east
    :parameters (?e - engine ?here ?there - section)
    :precondition (and (engine-on ?e ?here) (next ?here ?there) (free ?there))
    :effect (and (not (engine-on ?e ?here)) (free ?here) (engine-on ?e ?there) (not (free ?there))))

  (:action go-west
    :parameters (?e - engine ?here ?there - section)
    :precondition (and (engine-on ?e ?here) (next ?there ?here) (free ?there))
    :effect (and (not (engine-on ?e ?here)) (free ?here) (engine-on ?e ?there) (not (free ?there))))

  (:action turn-off
    :parameters (?e - engine ?here ?there - track)
    :precondition (and (engine-on ?e ?here) (points ?here ?there) (free ?there))
    :effect (and (not (engine-on ?e ?here)) (free ?here) (engine-on ?e ?there) (not (free ?there))))

  (:action fetch
    :parameters (?e - engine ?w - wagon ?here - section ?there - siding ?before ?after - room)
    :precondition (and (engine-on ?e ?here) (points ?here ?there) (wagon-on ?w ?there)
                       (room-for ?e ?before) (succ ?before ?after))
    :effect (and (not (wagon-on ?w ?there)) (free ?there) (coupled ?w ?e)
                 (not (room-for ?e ?before)) (room-for ?e ?after)))

  (:action leave
    :parameters (?e - engine ?w - wagon ?here - section ?there - siding ?before ?after - room)
    :precondition (and (engine-on ?e ?here) (points ?here ?there) (free ?there) (coupled ?w ?e)
                       (room-for ?e ?before) (succ ?after ?before))
    :effect (and (not (coupled ?w ?e)) (wagon-on ?w ?there) (not (free ?there))
                 (not (room-for ?e ?before)) (room-for ?e ?after))))
