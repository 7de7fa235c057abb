; Changing flat tyres. The three tools are constants, as actions ask for them by name.
(define (domain tyreworld)
  (:requirements :typing)
  (:types
    obj container hub - object
    tool wheel nut - obj)

  (:constants wrench jack pump - tool)

  (:predicates
    ; containers
    (unlocked ?c - container) (open ?c - container) (closed ?c - container)
    (in ?thing - obj ?c - container)
    (have ?thing - obj)                     ; in the hands of whoever does the work
    ; hubs
    (on-ground ?h - hub) (not-on-ground ?h - hub)
    (fastened ?h - hub) (unfastened ?h - hub)
    (free ?h - hub)                         ; no wheel on it
    (on ?w - wheel ?h - hub)
    (tight ?n - nut ?h - hub) (loose ?n - nut ?h - hub)
    ; wheels
    (intact ?w - wheel) (inflated ?w - wheel) (not-inflated ?w - wheel))

  ; the boot and what is in it
  (:action open
    :parameters (?c - container)
    :precondition (and (closed ?c) (unlocked ?c))
    :effect (and (not (closed ?c)) (open ?c)))

  (:action close
    :parameters (?c - container)
    :precondition (and (open ?c))
    :effect (and (not (open ?c)) (closed ?c)))

  (:action fetch
    :parameters (?thing - obj ?c - container)
    :precondition (and (open ?c) (in ?thing ?c))
    :effect (and (not (in ?thing ?c)) (have ?thing)))

  (:action put-away
    :parameters (?thing - obj ?c - container)
    :precondition (and (open ?c) (have ?thing))
    :effect (and (not (have ?thing)) (in ?thing ?c)))

  ; nuts on a hub that stands on the ground
  (:action loosen
    :parameters (?n - nut ?h - hub)
    :precondition (and (on-ground ?h) (tight ?n ?h) (have wrench))
    :effect (and (not (tight ?n ?h)) (loose ?n ?h)))

  (:action tighten
    :parameters (?n - nut ?h - hub)
    :precondition (and (on-ground ?h) (loose ?n ?h) (have wrench))
    :effect (and (not (loose ?n ?h)) (tight ?n ?h)))

  ; the jack stays under the hub that it holds up
  (:action jack-up
    :parameters (?h - hub)
    :precondition (and (have jack) (on-ground ?h))
    :effect (and (not (have jack)) (not (on-ground ?h)) (not-on-ground ?h)))

  (:action jack-down
    :parameters (?h - hub)
    :precondition (and (not-on-ground ?h))
    :effect (and (not (not-on-ground ?h)) (on-ground ?h) (have jack)))

  ; nuts and wheel of a hub in the air
  (:action undo
    :parameters (?n - nut ?h - hub)
    :precondition (and (have wrench) (not-on-ground ?h) (fastened ?h) (loose ?n ?h))
    :effect (and (not (loose ?n ?h)) (not (fastened ?h)) (unfastened ?h) (have ?n)))

  (:action do-up
    :parameters (?n - nut ?h - hub)
    :precondition (and (have wrench) (not-on-ground ?h) (unfastened ?h) (have ?n))
    :effect (and (not (have ?n)) (not (unfastened ?h)) (fastened ?h) (loose ?n ?h)))

  (:action remove-wheel
    :parameters (?w - wheel ?h - hub)
    :precondition (and (not-on-ground ?h) (unfastened ?h) (on ?w ?h))
    :effect (and (not (on ?w ?h)) (free ?h) (have ?w)))

  (:action put-on-wheel
    :parameters (?w - wheel ?h - hub)
    :precondition (and (not-on-ground ?h) (unfastened ?h) (free ?h) (have ?w))
    :effect (and (not (have ?w)) (not (free ?h)) (on ?w ?h)))

  (:action inflate
    :parameters (?w - wheel)
    :precondition (and (have pump) (intact ?w) (not-inflated ?w))
    :effect (and (not (not-inflated ?w)) (inflated ?w))))
