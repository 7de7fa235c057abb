(define (problem tyreworld-example)
  (:domain tyreworld)
  (:objects
    boot - container
    hub1 hub2 - hub
    nut1 nut2 - nut
    flat1 flat2 spare1 spare2 - wheel
  )
  (:init
    (unlocked boot)
    (open boot)
    (in wrench boot)
    (in jack boot)
    (in pump boot)
    (in spare1 boot)
    (in spare2 boot)
    (intact spare1)
    (intact spare2)
    (not-inflated spare1)
    (not-inflated spare2)
    (on flat1 hub1)
    (tight nut1 hub1)
    (on-ground hub1)
    (fastened hub1)
    (on flat2 hub2)
    (tight nut2 hub2)
    (on-ground hub2)
    (fastened hub2)
  )
  (:goal (and (on spare2 hub1) (on spare1 hub2) (inflated spare1) (inflated spare2) (tight nut1 hub1) (tight nut2 hub2) (in wrench boot) (in jack boot) (in pump boot) (in flat1 boot) (in flat2 boot) (closed boot)))
)
