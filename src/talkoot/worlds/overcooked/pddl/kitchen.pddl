; Cooking together, at the level of a cook's skills. What a cook carries is an item or a finished soup. A soup consists
; of three portions (fewer are filled up with nothing); a pot makes one soup after the other. Walking is no action of
; its own: every action begins where its cook stands and costs the steps to its place and one to use it there. A pot
; cooks by itself, which costs the steps that it takes.
(define (domain kitchen)
  (:requirements :typing :action-costs)
  (:types
    cook place portion thing - object
    spot source counter pot serving - place
    item soup - thing
    ingredient - item)
  (:constants onion tomato - ingredient dish - item nothing - portion)
  (:predicates
    (at ?c - cook ?p - place)
    (reaches ?c - cook ?p - place)
    (free ?c - cook)
    (holds ?c - cook ?t - thing)
    (gives ?s - source ?i - item)
    (lies ?t - thing ?p - counter)
    (clear ?p - counter)
    (current ?p - pot ?s - soup)
    (follows ?next - soup ?s - soup)
    (made-of ?s - soup ?a - portion ?b - portion ?c - portion)
    (belongs ?m - portion ?s - soup)
    (wants ?m - portion ?i - ingredient)
    (missing ?m - portion)
    (inside ?m - portion)
    (lit ?s - soup)
    (ready ?s - soup)
    (delivered ?s - soup))
  (:functions
    (total-cost) - number
    (effort ?from - place ?to - place) - number
    (cooking-time ?s - soup) - number)

  (:action take
    :parameters (?c - cook ?from - place ?s - source ?i - item)
    :precondition (and (free ?c) (at ?c ?from) (gives ?s ?i) (reaches ?c ?s))
    :effect (and (not (free ?c)) (holds ?c ?i) (not (at ?c ?from)) (at ?c ?s)
                 (increase (total-cost) (effort ?from ?s))))

  (:action pick-up
    :parameters (?c - cook ?from - place ?p - counter ?t - thing)
    :precondition (and (free ?c) (at ?c ?from) (lies ?t ?p) (reaches ?c ?p))
    :effect (and (not (free ?c)) (holds ?c ?t) (not (lies ?t ?p)) (clear ?p) (not (at ?c ?from)) (at ?c ?p)
                 (increase (total-cost) (effort ?from ?p))))

  (:action put-down
    :parameters (?c - cook ?from - place ?p - counter ?t - thing)
    :precondition (and (holds ?c ?t) (at ?c ?from) (clear ?p) (reaches ?c ?p))
    :effect (and (not (holds ?c ?t)) (free ?c) (lies ?t ?p) (not (clear ?p)) (not (at ?c ?from)) (at ?c ?p)
                 (increase (total-cost) (effort ?from ?p))))

  (:action put-in
    :parameters (?c - cook ?from - place ?p - pot ?i - ingredient ?m - portion ?s - soup)
    :precondition (and (holds ?c ?i) (at ?c ?from) (missing ?m) (wants ?m ?i) (belongs ?m ?s) (current ?p ?s)
                       (reaches ?c ?p))
    :effect (and (not (holds ?c ?i)) (free ?c) (not (missing ?m)) (inside ?m) (not (at ?c ?from)) (at ?c ?p)
                 (increase (total-cost) (effort ?from ?p))))

  (:action light
    :parameters (?c - cook ?from - place ?p - pot ?s - soup ?a - portion ?b - portion ?d - portion)
    :precondition (and (free ?c) (at ?c ?from) (current ?p ?s) (made-of ?s ?a ?b ?d)
                       (inside ?a) (inside ?b) (inside ?d) (reaches ?c ?p))
    :effect (and (lit ?s) (not (at ?c ?from)) (at ?c ?p) (increase (total-cost) (effort ?from ?p))))

  (:action cook
    :parameters (?p - pot ?s - soup ?a - portion ?b - portion ?d - portion)
    :precondition (and (current ?p ?s) (lit ?s) (made-of ?s ?a ?b ?d) (inside ?a) (inside ?b) (inside ?d))
    :effect (and (ready ?s) (increase (total-cost) (cooking-time ?s))))

  (:action fill
    :parameters (?c - cook ?from - place ?p - pot ?s - soup ?next - soup)
    :precondition (and (holds ?c dish) (at ?c ?from) (current ?p ?s) (ready ?s) (follows ?next ?s) (reaches ?c ?p))
    :effect (and (not (holds ?c dish)) (holds ?c ?s) (not (current ?p ?s)) (current ?p ?next)
                 (not (at ?c ?from)) (at ?c ?p) (increase (total-cost) (effort ?from ?p))))

  (:action deliver
    :parameters (?c - cook ?from - place ?p - serving ?s - soup)
    :precondition (and (holds ?c ?s) (at ?c ?from) (reaches ?c ?p))
    :effect (and (not (holds ?c ?s)) (free ?c) (delivered ?s) (not (at ?c ?from)) (at ?c ?p)
                 (increase (total-cost) (effort ?from ?p)))))
