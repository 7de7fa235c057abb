"""Why a goal is impossible."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plan_samples import SAMPLES, sample
from talkoot.planning.engines.ground import relaxed, unreachable
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.pddl.reader import load_domain, load_problem
from talkoot.planning.plans.achieve import Facts, effects_of, unified
from talkoot.planning.plans.invariants import exclusive
from talkoot.planning.plans.why import missing_facts, why_impossible
from talkoot.problem import Atom, Condition, Problem


def without(problem: Problem, *predicates: str) -> Problem:
    return replace(problem, init=tuple(fact for fact in problem.init if fact[0] not in predicates))


def wanting(problem: Problem, *goals: Condition) -> Problem:
    return replace(problem, goal=("and", *goals))


def facts_of(domain: Domain, problem: Problem) -> Facts:
    return Facts(relaxed(domain, problem))


def test_a_relation_that_is_missing_altogether() -> None:
    domain, problem, _ = sample("hauling")
    said = why_impossible(domain, without(problem, "path"))
    assert said[0] == "`roll` can never be carried out, because no `path` fact is stated."
    assert said[1].startswith(
        "The goal (lies c1 barn) cannot be reached: `drop` would make it true, but needs (on-cart c1 blue); "
    )
    assert "no action makes (path" in " ".join(said)
    assert not any("Perhaps" in one for one in said)
    assert missing_facts(domain, without(problem, "path")) == ()


def test_a_circle_and_the_one_fact_that_would_break_it() -> None:
    domain, problem, _ = sample("tower")
    bare = without(problem, "free")
    said = why_impossible(domain, bare)
    assert said[0].startswith("The goal (on a b) cannot be reached: `pile` would make it true, but needs (held a)")
    assert "goes round in a circle" in said[0]
    assert missing_facts(domain, bare) == (("free",),)
    assert said[-1].endswith("missing from the start, with which no part of the goal would be out of reach: (free).")


@pytest.mark.parametrize(
    ("name", "fact"),
    [("hauling", ("path", "barn", "field")), ("tower", ("clear", "d")), ("hauling", ("lies", "b1", "barn")),
     ("lamps", ("here", "hall"))],
)  # fmt: skip
def test_a_proposed_fact_brings_the_goal_into_reach(name: str, fact: Atom) -> None:
    domain, problem, _ = sample(name)
    bare = replace(problem, init=tuple(one for one in problem.init if one != fact))
    lost = unreachable(domain, bare)
    added = missing_facts(domain, bare)
    assert not (lost and added) or not unreachable(domain, replace(bare, init=(*bare.init, *added)))
    assert bool(lost) == (why_impossible(domain, bare)[0][:9] != "Every par")
    if fact[0] == "path":
        assert added == (fact,)


def test_a_goal_that_no_action_makes_true() -> None:
    domain, problem, _ = sample("hauling")
    said = why_impossible(domain, wanting(problem, ("path", "yard", "field")))
    assert said == [
        "The goal (path yard field) cannot be reached: it is not true at the start and no action makes it true."
    ]


def test_goals_that_must_be_false_and_goals_with_choices() -> None:
    domain, problem, _ = sample("hauling")
    said = why_impossible(domain, wanting(problem, ("not", ("path", "yard", "barn"))))
    assert said == [
        "The goal that (path yard barn) is false cannot be reached: it is true at the start and no action ends it."
    ]
    either = ("or", ("path", "yard", "field"), ("at", "red", "c1"))
    said = why_impossible(domain, wanting(problem, either))
    assert said[0] == (
        "The goal (or (path yard field) (at red c1)) cannot be reached: nothing that would fulfil it can become true."
    )


def test_like_reasons_are_told_once() -> None:
    domain, problem, _ = sample("tower")
    said = why_impossible(
        domain, wanting(without(problem, "free"), ("on", "a", "b"), ("on", "c", "a"), ("on", "d", "c"))
    )
    assert len([one for one in said if one.startswith("The goal")]) < 3
    assert any("of the goal end" in one for one in said)


@pytest.mark.parametrize(
    ("goals", "only"),
    [
        ((("on", "a", "b"), ("on", "a", "c")), "one of (held a), (on a *) and (on-floor a)"),
        ((("on", "a", "b"), ("clear", "b")), "one of (clear b), (held b) and (on * b)"),
        ((("on", "a", "c"), ("on", "b", "c")), "one of (clear c), (held c) and (on * c)"),
        ((("held", "a"), ("held", "b")), "one of (free) and (held *)"),
        ((("held", "a"), ("on-floor", "a")), "one of (held a), (on a *) and (on-floor a)"),
    ],
)
def test_goals_that_exclude_each_other(goals: tuple[Atom, Atom], only: str) -> None:
    domain, problem, _ = sample("tower")
    asked = wanting(problem, *goals)
    assert not unreachable(domain, asked)
    first, second = (f"({' '.join(goal)})" for goal in goals)
    assert why_impossible(domain, asked) == [
        f"The goals {first} and {second} exclude each other: never more than {only} is true."
    ]


def test_one_fact_only_and_plain_contradictions() -> None:
    domain, problem, _ = sample("hauling")
    said = why_impossible(domain, wanting(problem, ("at", "red", "yard"), ("at", "red", "barn")))
    assert said == [
        "The goals (at red yard) and (at red barn) exclude each other: never more than one fact (at red *) is true."
    ]
    said = why_impossible(domain, wanting(problem, ("full", "red"), ("not", ("full", "red"))))
    assert said == ["The goal asks that (full red) is true and that it is false."]


def test_no_simple_reason_is_said_so() -> None:
    domain, problem, _ = sample("tower")
    said = why_impossible(domain, wanting(problem, ("on", "a", "b"), ("on", "b", "c"), ("on", "c", "a")))
    assert len(said) == 1
    assert "no simple reason can be named" in said[0]


@pytest.mark.parametrize("name", SAMPLES)
def test_what_holds_together_is_never_called_exclusive(name: str) -> None:
    """Facts of one reachable state are no counter-example to each other."""
    from talkoot.planning.plans.validate import Simulator

    domain, problem, plan = sample(name)
    facts = facts_of(domain, problem)
    for state in Simulator(domain, problem).trace(plan):
        pairs = [(a, b) for a in sorted(state)[:12] for b in sorted(state)[:12] if a < b]
        assert not any(exclusive(domain, problem, facts, first, second) for first, second in pairs)


def test_groups_that_start_with_two_facts_are_none() -> None:
    domain, problem, _ = sample("hauling")
    twice = replace(problem, init=(*problem.init, ("at", "red", "barn")))
    assert exclusive(domain, twice, facts_of(domain, twice), ("at", "red", "yard"), ("at", "red", "barn")) == ()
    # a cart carries one good, but the domain's `full` is a flag that two goods could share
    facts = facts_of(domain, problem)
    assert exclusive(domain, problem, facts, ("full", "red"), ("sealed", "b1")) == ()


def test_quantified_effects_break_a_group() -> None:
    domain = load_domain("""(define (domain flood) (:requirements :adl) (:types bed)
      (:predicates (wet ?b - bed) (dry ?b - bed))
      (:action water :parameters (?b - bed) :precondition (dry ?b) :effect (and (wet ?b) (not (dry ?b))))
      (:action flood :parameters () :effect (forall (?b - bed) (wet ?b))))""")
    problem = load_problem(
        "(define (problem p) (:domain flood) (:objects a b - bed) (:init (dry a) (dry b)) (:goal (wet a)))", domain
    )
    assert exclusive(domain, problem, facts_of(domain, problem), ("wet", "a"), ("dry", "a")) == ()
    dry = replace(domain, actions={"water": domain.actions["water"]})
    assert exclusive(dry, problem, facts_of(dry, problem), ("wet", "a"), ("dry", "a")) == (("dry", "a"), ("wet", "a"))


def test_matching_of_patterns() -> None:
    assert unified(("on", "?x", "?x"), ("on", "a", "b")) is None
    assert unified(("on", "?x", "b"), ("on", "a", "b")) == {"?x": "a"}
    assert unified(("on", "?x", "b"), ("on", "?1", "?2")) == {}
    assert unified(("on", "a", "b"), ("under", "a", "b")) is None
    domain, problem, _ = sample("hauling")
    facts = facts_of(domain, problem)
    assert facts.matches(("path", "barn", "?p"), {}) == [{"?p": "field"}, {"?p": "yard"}]
    assert facts.matches(("lies", "?g", "barn"), {"?g": ("barrel",)}) == [{"?g": "b1"}]
    drop = next(effect for effect in effects_of(domain) if effect.action == "drop" and effect.makes)
    assert drop.atom == ("lies", "?g", "?p")
    assert len(list(facts.instances(drop, {"?p": "field"}) or ())) == 6
    assert facts.instances(drop, {}, budget=3) is None
