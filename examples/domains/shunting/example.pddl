(define (problem shunting-example)
  (:domain shunting)
  (:objects
    line1 line2 line3 line4 - section
    quarry mill dock - siding
    ada bruno - engine
    timber gravel flour - wagon
    n0 n1 n2 - room)
  (:init
    (next line1 line2) (next line2 line3) (next line3 line4)
    (points quarry line1) (points line1 quarry)
    (points mill line3) (points line3 mill)
    (points dock line4) (points line4 dock)
    (succ n1 n0) (succ n2 n1)
    (engine-on ada line2) (engine-on bruno line4)
    (room-for ada n2) (room-for bruno n1)
    (coupled timber bruno) (wagon-on gravel quarry) (wagon-on flour mill)
    (free line1) (free line3) (free dock))
  (:goal (and (wagon-on gravel dock) (wagon-on timber mill) (coupled flour ada) (engine-on bruno line1))))
