"""Causal links, partial orders, useless steps, lanes."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise, permutations

import pytest

from plan_samples import CARTS_PLAN, SAMPLES, linearisations, sample, wandering
from talkoot.errors import InvalidPlan
from talkoot.planning.pddl.reader import load_domain, load_problem
from talkoot.planning.plans.order import (
    GOAL,
    START,
    Link,
    PartialOrder,
    deorder,
    durations,
    lanes,
    links,
    support,
    useless,
)
from talkoot.planning.plans.semantics import Grounding
from talkoot.planning.plans.validate import Simulator, validate


def test_links_name_producer_fact_and_consumer() -> None:
    domain, problem, plan = sample("tower")
    found = links(domain, problem, plan)
    assert Link(START, ("clear", "b"), 1) in found
    assert Link(1, ("held", "b"), 2) in found
    assert Link(1, ("clear", "a"), 3) in found
    assert Link(2, ("clear", "b"), 4) in found
    assert Link(4, ("free",), 5) in found
    assert {link for link in found if link.consumer == GOAL} == {
        Link(4, ("on", "a", "b"), GOAL),
        Link(6, ("on", "c", "d"), GOAL),
    }


def test_links_of_facts_that_must_be_false() -> None:
    domain, problem, plan = sample("hauling")
    found = links(domain, problem, plan)
    assert Link(START, ("full", "red"), 1, False) in found
    assert Link(3, ("full", "red"), 7, False) in found
    assert Link(START, ("sealed", "b1"), 8, False) in found


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("seed", range(8))
def test_every_linearisation_is_valid(name: str, seed: int) -> None:
    luck = random.Random(seed)
    domain, problem, plan = sample(name)
    if seed:
        problem, plan = wandering(domain, problem, 9, luck)
    order = deorder(domain, problem, plan)
    simulator = Simulator(domain, problem)
    cost = simulator.check(plan).cost
    draw = linearisations(order.before, len(plan), luck)
    for _ in range(40):
        verdict = simulator.check([plan[step - 1] for step in draw()])
        assert verdict.ok, (verdict, order.before)
        assert verdict.cost == pytest.approx(cost)


@pytest.mark.parametrize("seed", range(6))
def test_no_ordering_is_there_for_nothing(seed: int) -> None:
    domain, problem, plan = sample("hauling")
    problem, plan = wandering(domain, problem, 6, random.Random(seed))
    order = deorder(domain, problem, plan)
    simulator = Simulator(domain, problem)
    valid = {
        sequence
        for sequence in permutations(range(1, len(plan) + 1))
        if simulator.check([plan[step - 1] for step in sequence]).ok
    }
    kept = [
        sequence
        for sequence in permutations(range(1, len(plan) + 1))
        if all(sequence.index(first) < sequence.index(second) for first, second in order.before)
    ]
    assert set(kept) <= valid
    for first, second in order.before:  # none follows from the others
        others = order.before - {(first, second)}
        reach = {first}
        while more := {b for a, b in others if a in reach} - reach:
            reach |= more
        assert second not in reach


def test_two_carts_do_not_wait_for_each_other() -> None:
    domain, problem, plan = sample("hauling")
    order = deorder(domain, problem, plan)
    assert order.before == {(1, 2), (2, 3), (3, 7), (7, 8), (4, 5), (5, 6)}
    assert order.levels() == (1, 2, 3, 1, 2, 3, 4, 5)
    assert order.critical_path() == (1, 2, 3, 7, 8)
    assert PartialOrder((), frozenset(), ()).critical_path() == ()


def test_conditional_effects_are_kept_as_they_were() -> None:
    """What is carried away before the switch stays dark: the order must stay, though no precondition says so."""
    domain, problem, _ = sample("lamps")
    problem = replace(problem, goal=("and", ("lit", "l1"), ("in", "l2", "attic")))
    plan = (("switch", "hall"), ("carry", "l2", "hall", "attic"))
    assert validate(domain, problem, plan).ok
    assert deorder(domain, problem, plan).before == {(1, 2)}


def test_support_takes_the_smallest_reason() -> None:
    domain, problem, _ = sample("lamps")
    grounding = Grounding(domain, domain.objects(problem))
    state = {("lit", "l1"), ("here", "hall"), ("in", "l1", "hall")}
    either = ("or", ("and", ("lit", "l1"), ("here", "hall")), ("in", "l1", "hall"))
    assert support(grounding, either, state) == {(True, ("in", "l1", "hall"))}
    lit = ("exists", (("?l", ("lamp",)),), ("lit", "?l"))
    assert support(grounding, lit, state) == {(True, ("lit", "l1"))}
    assert support(grounding, ("not", lit), set()) == {(False, ("lit", one)) for one in ("l1", "l2", "l3")}
    assert support(grounding, ("imply", ("lit", "l2"), ("lit", "l3")), state) == {(False, ("lit", "l2"))}
    assert support(grounding, ("=", "l1", "l1"), state) == frozenset()
    with pytest.raises(InvalidPlan, match=r"\(or \(lit l2\) \(lit l3\)\) is not true"):
        support(grounding, ("or", ("lit", "l2"), ("lit", "l3")), state)


def test_useless_steps_are_found_together() -> None:
    domain, problem, plan = sample("tower")
    assert useless(domain, problem, plan) == ()
    there_and_back = (("grab", "d"), ("lay", "d"), *plan[:2], ("grab", "b"), ("lay", "b"), *plan[2:])
    found = useless(domain, problem, there_and_back)
    assert found == (1, 2, 5, 6)
    assert validate(domain, problem, [step for n, step in enumerate(there_and_back, 1) if n not in found]).ok


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("seed", range(5))
def test_without_its_useless_steps_a_plan_is_valid_and_has_no_more(name: str, seed: int) -> None:
    domain, problem, _ = sample(name)
    problem, plan = wandering(domain, problem, 14, random.Random(seed))
    spare = useless(domain, problem, plan)
    rest = [step for number, step in enumerate(plan, 1) if number not in spare]
    assert validate(domain, problem, rest).ok
    for one in range(len(rest)):
        assert not validate(domain, problem, rest[:one] + rest[one + 1 :]).ok


def test_lanes_keep_the_order_and_nobody_does_two_things_at_once() -> None:
    domain, problem, plan = sample("hauling")
    schedule = lanes(domain, problem, plan, lambda step: step[1])
    assert list(schedule.lanes) == ["red", "blue"]
    assert [slot.step for slot in schedule.lanes["red"]] == [1, 2, 3, 7, 8]
    assert [(slot.start, slot.end) for slot in schedule.lanes["blue"]] == [(0, 1), (1, 3), (3, 4)]
    assert schedule.makespan == 8
    assert sum(durations(domain, problem, plan)) == validate(domain, problem, plan).cost == 12
    alone = lanes(domain, problem, plan, lambda step: "all", takes=[1.0] * len(plan))
    assert alone.makespan == len(plan)


@pytest.mark.parametrize("seed", range(10))
def test_schedules_of_random_plans_are_sound(seed: int) -> None:
    domain, problem, _ = sample("hauling")
    luck = random.Random(seed)
    problem, plan = wandering(domain, problem, 14, luck)
    takes = [luck.choice((0.5, 1.0, 3.0)) for _ in plan]
    schedule = lanes(domain, problem, plan, lambda step: step[1], takes)
    slots = {slot.step: slot for lane in schedule.lanes.values() for slot in lane}
    assert sorted(slots) == list(range(1, len(plan) + 1))
    for lane in schedule.lanes.values():
        assert all(first.end <= second.start for first, second in pairwise(lane))
    for first, second in deorder(domain, problem, plan).before:
        assert slots[first].end <= slots[second].start
    assert schedule.makespan == max(slot.end for slot in slots.values())
    assert schedule.makespan <= sum(takes) + 1e-9
    by_time = sorted(slots.values(), key=lambda slot: (slot.start, slot.step))
    assert validate(domain, problem, [slot.action for slot in by_time]).ok


def test_only_valid_plans_are_explained() -> None:
    domain, problem, plan = sample("hauling")
    for call in (links, deorder, useless):
        with pytest.raises(InvalidPlan, match="only a valid plan can be explained: the plan ends without"):
            call(domain, problem, plan[:-1])


def test_the_empty_plan() -> None:
    domain, problem, _ = sample("hauling")
    done = replace(problem, goal=("and",))
    assert links(domain, done, ()) == ()
    assert deorder(domain, done, ()).levels() == ()
    assert lanes(domain, done, (), lambda step: step[1]).makespan == 0
    assert useless(domain, done, CARTS_PLAN) == (1, 2, 3, 4, 5, 6, 7, 8)


def test_free_steps_take_time_one() -> None:
    domain = load_domain("""(define (domain d) (:requirements :action-costs) (:predicates (p) (q))
      (:functions (total-cost) - number) (:action a :parameters () :effect (p))
      (:action b :parameters () :effect (and (q) (increase (total-cost) 2.5))))""")
    problem = load_problem(
        "(define (problem x) (:domain d) (:objects) (:init) (:goal (and (p) (q))) (:metric minimize (total-cost)))",
        domain,
    )
    assert durations(domain, problem, [("a",), ("b",)]) == (1.0, 2.5)
    assert durations(domain, replace(problem, metric=False), [("a",), ("b",)]) == (1.0, 1.0)
