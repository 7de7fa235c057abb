(define (problem grippers-example)
  (:domain gripper-strips)
  (:objects
    robot1 - robot
    room1 room2 room3 - room
    left1 right1 - gripper
    ball1 ball2 ball3 ball4 - object
  )
  (:init
    (at-robby robot1 room1)
    (free robot1 left1)
    (free robot1 right1)
    (at ball1 room1)
    (at ball2 room2)
    (at ball3 room1)
    (at ball4 room3)
  )
  (:goal (and (at ball3 room3) (at ball2 room3) (at ball1 room1) (at ball4 room2)))
)
