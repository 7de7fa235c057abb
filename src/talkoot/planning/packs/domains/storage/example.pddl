(define (problem storage-example)
  (:domain storage-propositional)
  (:objects
    depot1-1-1 depot1-1-2 depot1-2-1 depot1-2-2 container1-0-0 container1-0-1 - storearea
    loadarea1 - transitarea
    depot1 - depot
    container1 - container
    hoist1 hoist2 - hoist
    crate0 crate1 - crate
  )
  (:init
    (connected depot1-1-1 depot1-2-1)
    (connected depot1-2-1 depot1-1-1)
    (connected depot1-1-1 depot1-1-2)
    (connected depot1-1-2 depot1-1-1)
    (connected depot1-1-2 depot1-2-2)
    (connected depot1-2-2 depot1-1-2)
    (connected depot1-2-1 depot1-2-2)
    (connected depot1-2-2 depot1-2-1)
    (connected container1-0-0 loadarea1)
    (connected loadarea1 container1-0-0)
    (connected container1-0-1 loadarea1)
    (connected loadarea1 container1-0-1)
    (connected depot1-2-1 loadarea1)
    (connected loadarea1 depot1-2-1)
    (in depot1-1-1 depot1)
    (in depot1-1-2 depot1)
    (in depot1-2-1 depot1)
    (in depot1-2-2 depot1)
    (in container1-0-0 container1)
    (in container1-0-1 container1)
    (on crate0 container1-0-0)
    (in crate0 container1)
    (on crate1 container1-0-1)
    (in crate1 container1)
    (at hoist1 depot1-1-1)
    (available hoist1)
    (at hoist2 depot1-1-2)
    (available hoist2)
    (clear depot1-2-1)
    (clear depot1-2-2)
  )
  (:goal (and (in crate0 depot1) (in crate1 depot1)))
)
