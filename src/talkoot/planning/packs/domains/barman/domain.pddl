; A barman with two hands mixes two ingredients in a shaker and serves the drink in shot glasses.
(define (domain barman)
  (:requirements :strips :typing)
  (:types
    hand dispenser level beverage container - object
    ingredient cocktail - beverage
    shaker shot - container)

  (:predicates
    ; hands and containers
    (handempty ?h - hand)
    (holding ?h - hand ?v - container)
    (ontable ?v - container)
    ; what is in a container, and what was
    (empty ?v - container)
    (clean ?v - container)
    (contains ?v - container ?b - beverage)
    (used ?v - container ?b - beverage)
    ; shakers: how full, and whether shaken since the last pouring in
    (shaker-empty-level ?k - shaker ?n - level)
    (shaker-level ?k - shaker ?n - level)
    (next ?low ?high - level)
    (unshaked ?k - shaker)
    (shaked ?k - shaker)
    ; dispensers and recipes
    (dispenses ?d - dispenser ?i - ingredient)
    (cocktail-part1 ?mix - cocktail ?i - ingredient)
    (cocktail-part2 ?mix - cocktail ?i - ingredient))

  (:action grasp
    :parameters (?h - hand ?v - container)
    :precondition (and (handempty ?h) (ontable ?v))
    :effect (and (not (handempty ?h)) (not (ontable ?v)) (holding ?h ?v)))

  (:action leave
    :parameters (?h - hand ?v - container)
    :precondition (and (holding ?h ?v))
    :effect (and (not (holding ?h ?v)) (handempty ?h) (ontable ?v)))

  ; shot glasses; one hand holds the glass, the other works
  (:action fill-shot
    :parameters (?g - shot ?i - ingredient ?hold ?work - hand ?d - dispenser)
    :precondition (and (handempty ?work) (holding ?hold ?g) (clean ?g) (empty ?g) (dispenses ?d ?i))
    :effect (and (not (clean ?g)) (not (empty ?g)) (used ?g ?i) (contains ?g ?i)))

  (:action refill-shot
    :parameters (?g - shot ?i - ingredient ?hold ?work - hand ?d - dispenser)
    :precondition (and (handempty ?work) (holding ?hold ?g) (used ?g ?i) (empty ?g) (dispenses ?d ?i))
    :effect (and (not (empty ?g)) (contains ?g ?i)))

  (:action empty-shot
    :parameters (?hold - hand ?g - shot ?b - beverage)
    :precondition (and (holding ?hold ?g) (contains ?g ?b))
    :effect (and (not (contains ?g ?b)) (empty ?g)))

  (:action clean-shot
    :parameters (?g - shot ?b - beverage ?hold ?work - hand)
    :precondition (and (handempty ?work) (holding ?hold ?g) (used ?g ?b) (empty ?g))
    :effect (and (not (used ?g ?b)) (clean ?g)))

  ; from a glass into the shaker: the first ingredient needs a clean shaker, the second an unshaken one
  (:action pour-shot-to-clean-shaker
    :parameters (?g - shot ?i - ingredient ?k - shaker ?hold - hand ?low ?high - level)
    :precondition (and (holding ?hold ?g) (contains ?g ?i) (clean ?k) (empty ?k)
                       (next ?low ?high) (shaker-level ?k ?low))
    :effect (and (not (contains ?g ?i)) (empty ?g)
                 (not (clean ?k)) (not (empty ?k)) (contains ?k ?i) (unshaked ?k)
                 (not (shaker-level ?k ?low)) (shaker-level ?k ?high)))

  (:action pour-shot-to-used-shaker
    :parameters (?g - shot ?i - ingredient ?k - shaker ?hold - hand ?low ?high - level)
    :precondition (and (holding ?hold ?g) (contains ?g ?i) (unshaked ?k)
                       (next ?low ?high) (shaker-level ?k ?low))
    :effect (and (not (contains ?g ?i)) (empty ?g) (contains ?k ?i)
                 (not (shaker-level ?k ?low)) (shaker-level ?k ?high)))

  ; the shaker itself
  (:action shake
    :parameters (?mix - cocktail ?one ?two - ingredient ?k - shaker ?hold ?work - hand)
    :precondition (and (handempty ?work) (holding ?hold ?k) (unshaked ?k)
                       (cocktail-part1 ?mix ?one) (cocktail-part2 ?mix ?two)
                       (contains ?k ?one) (contains ?k ?two))
    :effect (and (not (contains ?k ?one)) (not (contains ?k ?two)) (contains ?k ?mix)
                 (not (unshaked ?k)) (shaked ?k)))

  (:action pour-shaker-to-shot
    :parameters (?b - beverage ?g - shot ?hold - hand ?k - shaker ?high ?low - level)
    :precondition (and (holding ?hold ?k) (shaked ?k) (contains ?k ?b) (clean ?g) (empty ?g)
                       (next ?low ?high) (shaker-level ?k ?high))
    :effect (and (not (clean ?g)) (not (empty ?g)) (contains ?g ?b)
                 (not (shaker-level ?k ?high)) (shaker-level ?k ?low)))

  (:action empty-shaker
    :parameters (?hold - hand ?k - shaker ?mix - cocktail ?full ?none - level)
    :precondition (and (holding ?hold ?k) (shaked ?k) (contains ?k ?mix)
                       (shaker-level ?k ?full) (shaker-empty-level ?k ?none))
    :effect (and (not (contains ?k ?mix)) (not (shaked ?k)) (empty ?k)
                 (not (shaker-level ?k ?full)) (shaker-level ?k ?none)))

  (:action clean-shaker
    :parameters (?hold ?work - hand ?k - shaker)
    :precondition (and (handempty ?work) (holding ?hold ?k) (empty ?k))
    :effect (and (clean ?k))))
