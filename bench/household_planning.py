"""How long a household-sized problem takes to plan, whole and sliced, and how well two agents share the work.

    python bench/household_planning.py [--seed 1] [--goals 10] [--objects 150] [--whole] [--json]

The family is generated: rooms in a ring, agents with two hands each, surfaces, containers of which most are closed, and
items on surfaces, in containers and on the floor; the goals are items on a few target surfaces. Told are the wall time
of each way, the planner's start included, the sum of the costs, and the makespan: the time until the last agent is done
if a step takes as long as it costs. `--whole` also plans without slicing, which takes many times as long.
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from random import Random
from time import perf_counter
from typing import Any

from talkoot.planning.engines.portfolio import solve
from talkoot.planning.pddl.reader import load_domain
from talkoot.planning.plans.order import lanes
from talkoot.planning.sharing.allocate import actor, plan_together
from talkoot.planning.sharing.slice import slice_problem, solve_sliced
from talkoot.problem import Atom, Condition, Problem

DOMAIN = """
(define (domain household)
  (:requirements :typing :negative-preconditions :action-costs)
  (:types agent hand item place room - object surface container - place)
  (:predicates (in-room ?a - agent ?r - room) (hand-of ?h - hand ?a - agent) (empty ?h - hand)
    (holds ?h - hand ?i - item) (stands ?p - place ?r - room) (door ?r - room ?s - room) (open ?c - container)
    (on ?i - item ?s - surface) (inside ?i - item ?c - container) (on-floor ?i - item ?r - room))
  (:functions (total-cost) - number (way ?r - room ?s - room) - number)
  (:action move :parameters (?a - agent ?r - room ?s - room)
    :precondition (and (in-room ?a ?r) (door ?r ?s))
    :effect (and (not (in-room ?a ?r)) (in-room ?a ?s) (increase (total-cost) (way ?r ?s))))
  (:action open :parameters (?a - agent ?h - hand ?c - container ?r - room)
    :precondition (and (in-room ?a ?r) (stands ?c ?r) (hand-of ?h ?a) (empty ?h) (not (open ?c)))
    :effect (and (open ?c) (increase (total-cost) 1)))
  (:action grab-from-surface :parameters (?a - agent ?h - hand ?i - item ?s - surface ?r - room)
    :precondition (and (in-room ?a ?r) (stands ?s ?r) (hand-of ?h ?a) (empty ?h) (on ?i ?s))
    :effect (and (not (on ?i ?s)) (not (empty ?h)) (holds ?h ?i) (increase (total-cost) 1)))
  (:action grab-from-container :parameters (?a - agent ?h - hand ?i - item ?c - container ?r - room)
    :precondition (and (in-room ?a ?r) (stands ?c ?r) (hand-of ?h ?a) (empty ?h) (inside ?i ?c) (open ?c))
    :effect (and (not (inside ?i ?c)) (not (empty ?h)) (holds ?h ?i) (increase (total-cost) 1)))
  (:action grab-from-floor :parameters (?a - agent ?h - hand ?i - item ?r - room)
    :precondition (and (in-room ?a ?r) (hand-of ?h ?a) (empty ?h) (on-floor ?i ?r))
    :effect (and (not (on-floor ?i ?r)) (not (empty ?h)) (holds ?h ?i) (increase (total-cost) 1)))
  (:action put-on :parameters (?a - agent ?h - hand ?i - item ?s - surface ?r - room)
    :precondition (and (in-room ?a ?r) (stands ?s ?r) (hand-of ?h ?a) (holds ?h ?i))
    :effect (and (on ?i ?s) (empty ?h) (not (holds ?h ?i)) (increase (total-cost) 1)))
  (:action put-in :parameters (?a - agent ?h - hand ?i - item ?c - container ?r - room)
    :precondition (and (in-room ?a ?r) (stands ?c ?r) (hand-of ?h ?a) (holds ?h ?i) (open ?c))
    :effect (and (inside ?i ?c) (empty ?h) (not (holds ?h ?i)) (increase (total-cost) 1))))
"""

ROOMS = 6


def household(seed: int, objects: int = 150, goals: int = 10, agents: int = 2) -> Problem:
    """A problem with so many objects in all, of which 20 surfaces, 18 containers and the items make up most."""
    random = Random(seed)
    rooms = [f"room{n}" for n in range(ROOMS)]
    surfaces, containers = [f"surface{n}" for n in range(20)], [f"container{n}" for n in range(18)]
    items = [f"item{n}" for n in range(objects - ROOMS - 38 - 3 * agents)]
    kinds: dict[str, str] = dict.fromkeys(rooms, "room")
    facts: list[Atom] = []
    values: dict[Atom, float] = {}
    for n, room in enumerate(rooms):
        after = rooms[(n + 1) % ROOMS]
        facts += [("door", room, after), ("door", after, room)]
        values["way", room, after], values["way", after, room] = float(random.randint(2, 9)), 5.0
    for n in range(agents):
        kinds[f"agent{n}"] = "agent"
        facts.append(("in-room", f"agent{n}", random.choice(rooms)))
        for hand in (f"left{n}", f"right{n}"):
            kinds[hand] = "hand"
            facts += [("hand-of", hand, f"agent{n}"), ("empty", hand)]
    for names, kind in ((surfaces, "surface"), (containers, "container")):
        kinds |= dict.fromkeys(names, kind)
        facts += [("stands", name, random.choice(rooms)) for name in names]
    facts += [("open", name) for name in containers if random.random() > 0.7]
    kinds |= dict.fromkeys(items, "item")
    for item in items:
        where = random.random()
        if where < 0.45:
            facts.append(("on", item, random.choice(surfaces)))
        elif where < 0.9:
            facts.append(("inside", item, random.choice(containers)))
        else:
            facts.append(("on-floor", item, random.choice(rooms)))
    targets = random.sample(surfaces, max(1, goals // 5))
    wanted: list[Condition] = [("on", item, random.choice(targets)) for item in random.sample(items, goals)]
    return Problem(f"household-{seed}", "household", kinds, tuple(facts), ("and", *wanted), values, metric=True)


def measure(problem: Problem, *, whole: bool, time: float = 60.0) -> dict[str, Any]:
    """All ways to plan one problem."""
    domain = load_domain(DOMAIN)
    agents = [name for name, kind in problem.objects.items() if kind == "agent"]
    engine = partial(solve, time=time)
    start = perf_counter()
    part = slice_problem(domain, problem)
    row: dict[str, Any] = {
        "objects": len(problem.objects),
        "objects_of_slice": len(part.objects),
        "slicing_s": round(perf_counter() - start, 3),
    }
    ways: dict[str, Any] = {
        "together, sliced": lambda: plan_together(domain, problem, agents, engine),
        "one planner, sliced": lambda: solve_sliced(domain, problem, engine),
    }
    if whole:
        ways["together, whole"] = lambda: plan_together(domain, problem, agents, engine, slicing=False)
        ways["one planner, whole"] = lambda: engine(domain, problem)
    for name, way in ways.items():
        start = perf_counter()
        found = way()
        seconds = perf_counter() - start
        steps = found.plan
        schedule = lanes(domain, problem, steps, lambda step: actor(step, agents)) if steps is not None else None
        row[name] = {
            "seconds": round(seconds, 3),
            "cost": found.cost,
            "steps": {agent: len(lane) for agent, lane in schedule.lanes.items()} if schedule else None,
            "makespan": schedule.makespan if schedule else None,
        }
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--goals", type=int, default=10)
    parser.add_argument("--objects", type=int, default=150)
    parser.add_argument("--whole", action="store_true", help="also plan without slicing")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    row = measure(household(arguments.seed, arguments.objects, arguments.goals), whole=arguments.whole)
    if arguments.json:
        print(json.dumps(row))
        return
    print(f"{row['objects']} objects, {row['objects_of_slice']} in the slice, found in {row['slicing_s']} s")
    for name, found in row.items():
        if isinstance(found, dict):
            print(f"  {name:20s} {found['seconds']:6.2f} s   cost {found['cost']}   makespan {found['makespan']}   "
                  f"steps {found['steps']}")  # fmt: skip


if __name__ == "__main__":
    main()
