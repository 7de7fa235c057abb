(define (problem barman-example)
  (:domain barman)
  (:objects
    shaker1 - shaker
    shot1 shot2 shot3 shot4 - shot
    left right - hand
    l0 l1 l2 - level
    dispenser1 dispenser2 dispenser3 - dispenser
    ingredient1 ingredient2 ingredient3 - ingredient
    cocktail1 cocktail2 - cocktail
  )
  (:init
    (ontable shaker1)
    (clean shaker1)
    (empty shaker1)
    (ontable shot1)
    (clean shot1)
    (empty shot1)
    (ontable shot2)
    (clean shot2)
    (empty shot2)
    (ontable shot3)
    (clean shot3)
    (empty shot3)
    (ontable shot4)
    (clean shot4)
    (empty shot4)
    (handempty left)
    (handempty right)
    (shaker-level shaker1 l0)
    (shaker-empty-level shaker1 l0)
    (next l0 l1)
    (next l1 l2)
    (dispenses dispenser1 ingredient2)
    (dispenses dispenser2 ingredient3)
    (dispenses dispenser3 ingredient1)
    (cocktail-part1 cocktail1 ingredient3)
    (cocktail-part2 cocktail1 ingredient2)
    (cocktail-part1 cocktail2 ingredient1)
    (cocktail-part2 cocktail2 ingredient3)
  )
  (:goal (and (contains shot1 cocktail1) (contains shot2 cocktail2) (contains shot3 ingredient1)))
)
