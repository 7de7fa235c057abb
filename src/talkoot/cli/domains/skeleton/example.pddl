(define (problem newdomain-example)
  (:domain newdomain)
  (:objects
    depot market harbour - place
    letter crate - parcel)
  (:init
    (van-at depot)
    (van-empty)
    (road depot market) (road market depot)
    (road market harbour) (road harbour market)
    (at letter market)
    (at crate harbour))
  (:goal (and (at letter depot) (at crate market))))
