"""Relaxed reachability, compared with a fixpoint that tries every binding of every action."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pytest
from engine_problems import all_steps, clash, drawn, lights, rooms, row

from talkoot.errors import GaveUp
from talkoot.planning.engines.ground import relaxed, unreachable, unreachable_parts
from talkoot.planning.pddl.domain import ActionSchema, Domain, substitute
from talkoot.planning.plans.semantics import binding_of
from talkoot.problem import Atom, Condition, Problem


def possible(
    condition: Condition, facts: set[Atom], gone: set[Atom], problem: Problem, domain: Domain, wanted: bool = True
) -> bool:
    head = condition[0] if condition else "and"
    if head == "not":
        return possible(condition[1], facts, gone, problem, domain, not wanted)
    if head in ("and", "or"):
        each = [possible(part, facts, gone, problem, domain, wanted) for part in condition[1:]]
        return all(each) if (head == "and") == wanted else any(each)
    if head == "=":
        return (condition[1] == condition[2]) == wanted
    return condition in facts if wanted else condition not in problem.init or condition in gone


def naive(domain: Domain, problem: Problem) -> tuple[set[Atom], set[Atom], set[Atom]]:
    """Facts, facts that can go, and steps, by trying everything until nothing changes. No quantifiers."""
    facts, gone, steps = set(problem.init), set(), set()
    size = -1
    while size != len(facts) + len(gone) + len(steps):
        size = len(facts) + len(gone) + len(steps)
        for step in all_steps(domain, problem):
            schema = domain.actions[step[0]]
            binding = binding_of(schema, step)
            needs = substitute(schema.precondition, binding)
            if possible(needs, facts, gone, problem, domain):
                steps.add(step)
                for part in substitute(schema.effect, binding)[1:]:
                    # As in the code under test, a conditional effect needs precondition and condition together.
                    if part[0] == "when":
                        if not possible(part[1], facts, gone, problem, domain):
                            continue
                        part = part[2]
                    if part[0] != "not":
                        facts.add(part)
                    elif part[1] in problem.init:
                        gone.add(part[1])
    return facts, gone, steps


@pytest.mark.parametrize("seed", range(120))
def test_it_reaches_exactly_what_trying_everything_reaches(seed: int) -> None:
    domain, problem = drawn(seed)
    facts, gone, steps = naive(domain, problem)
    reached = relaxed(domain, problem)
    assert reached.facts == facts
    assert reached.gone == gone
    assert set(reached.actions) == steps
    assert len(reached.actions) == len(steps)


def test_order_is_the_same_in_every_process() -> None:
    domain, problem = drawn(7)
    assert relaxed(domain, problem).actions == relaxed(domain, problem).actions


def test_negative_conditions_wait_until_the_fact_can_go() -> None:
    flip = ActionSchema("flip", (), ("not", ("b",)), ("c",))
    drop = ActionSchema("drop", (), ("a",), ("not", ("b",)))
    make = ActionSchema("make", (), ("not", ("d",)), ("a",))
    names = dict.fromkeys("abcd", ())
    domain = Domain("waiting", predicates=names, actions={one.name: one for one in (flip, drop, make)})
    problem = Problem("w", "waiting", {}, (("b",),), ("c",))
    reached = relaxed(domain, problem)
    assert ("c",) in reached.facts
    assert reached.gone == {("b",)}
    assert set(reached.actions) == {("flip",), ("drop",), ("make",)}
    stuck = relaxed(domain, replace(problem, init=(("b",), ("d",))))
    assert stuck.actions == ()
    assert unreachable_parts(stuck, ("and", ("c",), ("not", ("d",)), ("b",))) == (("c",), ("not", ("d",)))


def test_types_constants_and_repeated_variables() -> None:
    pair = ActionSchema("pair", (("?x", ("cat",)),), ("likes", "?x", "?x"), ("happy", "?x"))
    feed = ActionSchema("feed", (("?x", ("cat",)), ("?y", ("either-way",))), ("likes", "?x", "tom"), ("fed", "?x"))
    anyone = (("?x", ("object",)), ("?y", ("object",)))
    domain = Domain(
        "cats",
        {"cat": ("object",), "dog": ("object",), "either-way": ("cat", "dog")},
        {"tom": "cat"},
        {"likes": anyone, "happy": anyone[:1], "fed": anyone[:1]},
        {},
        {"pair": pair, "feed": feed},
    )
    init = (("likes", "tom", "tom"), ("likes", "rex", "rex"), ("likes", "mia", "tom"), ("likes", "rex", "tom"))
    problem = Problem("c", "cats", {"mia": "cat", "rex": "dog", "zoe": "either-way"}, init, ("happy", "tom"))
    reached = relaxed(domain, problem)
    assert set(reached.actions) == {("pair", "tom"), ("feed", "tom", "zoe"), ("feed", "mia", "zoe")}
    assert unreachable(domain, problem) == ()
    assert unreachable(domain, replace(problem, goal=("happy", "rex"))) == (("happy", "rex"),)


def test_quantifiers_and_alternatives() -> None:
    domain, problem = lights()
    reached = relaxed(domain, problem)
    assert set(reached.actions) == {("flip", "s1"), ("flip", "s2"), ("flip", "s3")}
    assert reached.possible(problem.goal)
    dark = replace(problem, init=tuple(atom for atom in problem.init if atom[0] != "wired"))
    assert relaxed(domain, dark).actions == ()
    assert unreachable(domain, dark) == (("lit", "l1"), ("lit", "l3"))
    broken = replace(problem, init=(*problem.init, ("broken", "s1"), ("broken", "s2")))
    assert set(relaxed(domain, broken).actions) == {("flip", "s3")}


def test_a_universal_precondition_and_implications() -> None:
    everyone = (("?x", ("object",)),)
    leave = ActionSchema("leave", (), ("forall", everyone, ("imply", ("guest", "?x"), ("fed", "?x"))), ("done",))
    feed = ActionSchema("feed", everyone, ("not", ("=", "?x", "b")), ("fed", "?x"))
    domain = Domain(
        "party", {}, {}, {"guest": everyone, "fed": everyone, "done": ()}, {}, {"leave": leave, "feed": feed}
    )
    problem = Problem("p", "party", {"a": "object", "b": "object"}, (("guest", "a"),), ("done",))
    assert unreachable(domain, problem) == ()
    assert unreachable(domain, replace(problem, init=(("guest", "b"),))) == (("done",),)


def test_unreachable_goal_parts_of_a_problem() -> None:
    domain, problem = rooms()
    assert unreachable(domain, problem) == ()
    cut = replace(problem, init=tuple(atom for atom in problem.init if atom[0] != "door"))
    assert unreachable(domain, cut) == (("in", "red", "hall"), ("in", "crate", "hall"))
    either = replace(cut, goal=("or", ("in", "red", "hall"), ("in", "red", "kitchen")))
    assert unreachable(domain, either) == ()
    assert unreachable(*row(5, gap=0)) == (("on", "c4"),)
    assert unreachable(*clash()) == ()


def test_a_deadline() -> None:
    wide = tuple((f"?x{place}", ("object",)) for place in range(4))
    domain = Domain("wide", predicates={"p": wide[:1]}, actions={"a": ActionSchema("a", wide, ("and",), ("p", "?x0"))})
    problem = Problem("w", "wide", {f"o{number}": "object" for number in range(40)}, (), ("p", "o1"))
    with pytest.raises(GaveUp, match="the time was over before all reachable actions were known"):
        relaxed(domain, problem, until=perf_counter() + 0.05)


def test_a_large_household_is_grounded_without_trying_every_binding() -> None:
    grab = ActionSchema(
        "grab",
        (("?a", ("agent",)), ("?i", ("item",)), ("?s", ("place",)), ("?r", ("room",))),
        ("and", ("at", "?a", "?r"), ("on", "?i", "?s"), ("inside", "?s", "?r"), ("free", "?a")),
        ("and", ("not", ("on", "?i", "?s")), ("not", ("free", "?a")), ("holds", "?a", "?i")),
    )
    put = ActionSchema(
        "put",
        grab.parameters,
        ("and", ("at", "?a", "?r"), ("holds", "?a", "?i"), ("inside", "?s", "?r")),
        ("and", ("on", "?i", "?s"), ("free", "?a"), ("not", ("holds", "?a", "?i"))),
    )
    walk = ActionSchema(
        "walk",
        (("?a", ("agent",)), ("?r", ("room",)), ("?q", ("room",))),
        ("and", ("at", "?a", "?r"), ("door", "?r", "?q")),
        ("and", ("not", ("at", "?a", "?r")), ("at", "?a", "?q")),
    )
    thing = ("object",)
    two = (("?x", thing), ("?y", thing))
    domain = Domain(
        "house",
        dict.fromkeys(("agent", "item", "place", "room"), thing),
        {},
        {"at": two, "on": two, "inside": two, "holds": two, "door": two, "free": two[:1]},
        {},
        {"grab": grab, "put": put, "walk": walk},
    )
    rooms_, places = [f"r{n}" for n in range(6)], [f"s{n}" for n in range(40)]
    items, agents = [f"i{n}" for n in range(100)], ["a0", "a1"]
    init = [("at", agent, "r0") for agent in agents] + [("free", agent) for agent in agents]
    init += [("inside", place, rooms_[n % 6]) for n, place in enumerate(places)]
    init += [("on", item, places[n % 40]) for n, item in enumerate(items)]
    init += [("door", rooms_[n], rooms_[(n + 1) % 6]) for n in range(6)]
    objects = (
        dict.fromkeys(agents, "agent")
        | dict.fromkeys(items, "item")
        | dict.fromkeys(places, "place")
        | dict.fromkeys(rooms_, "room")
    )
    reached = relaxed(domain, Problem("h", "house", objects, tuple(init), ("on", "i0", "s1")))
    # A place is in one room, so of 2 x 100 x 40 x 6 bindings a sixth is possible, for each of grab and put.
    assert len(reached.actions) == 2 * (2 * 100 * 40) + 2 * 6
    assert len([fact for fact in reached.facts if fact[0] == "on"]) == 100 * 40
