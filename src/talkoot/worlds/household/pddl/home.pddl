; Housework together, at the level of a person's skills. Walking is no action of its own: every action begins where its
; person stands and costs the steps to its place and one to act there. Looking into a container opens it. Who has both
; hands full puts things into a closed container as it is (the household's quirk `putin_closed`).
(define (domain home)
  (:requirements :typing :action-costs)
  (:types
    person place thing hand - object
    spot room container surface - place)
  (:predicates
    (at ?a - person ?p - place)
    (of ?h - hand ?a - person)
    (other ?h ?g - hand)
    (free ?h - hand)
    (holds ?h - hand ?t - thing)
    (lies ?t - thing ?p - place)
    (shut ?p - container)
    (ready ?p - place)
    (looked ?p - place)
    (belongs ?t - thing ?p - place)
    (fetched ?t - thing)
    (delivered ?t - thing))
  (:functions
    (total-cost) - number
    (effort ?from - place ?to - place) - number)

  (:action explore
    :parameters (?a - person ?from - place ?p - room)
    :precondition (at ?a ?from)
    :effect (and (looked ?p) (not (at ?a ?from)) (at ?a ?p) (increase (total-cost) (effort ?from ?p))))

  (:action open
    :parameters (?a - person ?h - hand ?from - place ?p - container)
    :precondition (and (at ?a ?from) (of ?h ?a) (free ?h) (shut ?p))
    :effect (and (not (shut ?p)) (ready ?p) (looked ?p) (not (at ?a ?from)) (at ?a ?p)
                 (increase (total-cost) (effort ?from ?p))))

  (:action grab
    :parameters (?a - person ?h - hand ?from - place ?p - place ?t - thing)
    :precondition (and (at ?a ?from) (of ?h ?a) (free ?h) (lies ?t ?p) (ready ?p))
    :effect (and (not (free ?h)) (holds ?h ?t) (not (lies ?t ?p)) (fetched ?t) (not (at ?a ?from)) (at ?a ?p)
                 (increase (total-cost) (effort ?from ?p))))

  (:action put
    :parameters (?a - person ?h - hand ?from - place ?p - place ?t - thing)
    :precondition (and (at ?a ?from) (of ?h ?a) (holds ?h ?t) (belongs ?t ?p) (ready ?p))
    :effect (and (not (holds ?h ?t)) (free ?h) (lies ?t ?p) (delivered ?t) (not (at ?a ?from)) (at ?a ?p)
                 (increase (total-cost) (effort ?from ?p))))

  (:action push-in
    :parameters (?a - person ?h ?g - hand ?from - place ?p - container ?t ?u - thing)
    :precondition (and (at ?a ?from) (of ?h ?a) (other ?h ?g) (holds ?h ?t) (holds ?g ?u) (belongs ?t ?p) (shut ?p))
    :effect (and (not (holds ?h ?t)) (free ?h) (delivered ?t) (not (at ?a ?from)) (at ?a ?p)
                 (increase (total-cost) (effort ?from ?p)))))
