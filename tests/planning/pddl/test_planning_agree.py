import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pddl_samples import BLOCKS, DOMAIN, PROBLEM
from talkoot.planning.pddl.agree import isomorphic, vote
from talkoot.planning.pddl.reader import load_domain, load_problem
from talkoot.problem import Atom, Condition, Problem

TOWER, COURIER = load_domain(BLOCKS), load_domain(DOMAIN)


def tower(init: str, goal: Condition = ("and",), names: str = "abcdef") -> Problem:
    facts = tuple(tuple(fact.split()) for fact in init.split("|") if fact)
    return Problem("p", "tower", dict.fromkeys(names, "object"), facts, goal)


def renamed(problem: Problem, names: dict[str, str], seed: int) -> Problem:
    def put(condition: Condition) -> Condition:
        return tuple(put(part) if isinstance(part, tuple) else names.get(part, part) for part in condition)

    def mixed(items: list[Atom]) -> tuple[Atom, ...]:
        random.Random(seed).shuffle(items)
        return tuple(items)

    objects = mixed([(names.get(name, name), kind) for name, kind in problem.objects.items()])
    values = {put(term): value for term, value in problem.values.items()}
    return replace(problem, name="other", objects=dict(objects), goal=put(problem.goal),
                   init=mixed([put(atom) for atom in problem.init]), values=values)  # fmt: skip


def test_a_renaming_is_found_and_told() -> None:
    first = tower("on a b|on b c|clear a|clear d", ("and", ("on", "d", "a"), ("not", ("clear", "c"))))
    names = dict(zip("abcdef", "uvwxyz", strict=True))
    found = isomorphic(first, renamed(first, names, 1), TOWER)
    assert found is not None
    assert {key: found[key] for key in "abcd"} == {key: names[key] for key in "abcd"}
    assert sorted(found.values()) == list("uvwxyz")


@pytest.mark.parametrize(
    "other",
    [
        tower("on a b|on b c|clear a"),
        tower("on a b|on c b|clear a|clear d"),
        tower("on a b|on b c|clear a|clear d", names="abcdeg1"),
        tower("on a b|on b c|clear a|clear d", ("clear", "b")),
        tower("on a b|on b c|clear a|on-floor d"),
        replace(tower("on a b|on b c|clear a|clear d"), metric=True),
        replace(tower("on a b|on b c|clear a|clear d"), values={("x", "a"): 1.0}),
    ],
)
def test_different_problems_are_told_apart(other: Problem) -> None:
    assert isomorphic(tower("on a b|on b c|clear a|clear d"), other, TOWER) is None
    assert isomorphic(other, tower("on a b|on b c|clear a|clear d"), TOWER) is None


def test_what_colours_cannot_tell_apart_the_search_does() -> None:
    six = tower("on a b|on b c|on c d|on d e|on e f|on f a")
    two_threes = tower("on a b|on b c|on c a|on d e|on e f|on f d")
    assert isomorphic(six, two_threes, TOWER) is None
    assert isomorphic(two_threes, renamed(two_threes, dict(zip("abcdef", "badcfe", strict=True)), 3), TOWER)


def test_types_constants_pins_and_numbers_count() -> None:
    first = load_problem(PROBLEM, COURIER)
    names = {"s1": "x", "s2": "s3", "s3": "s1", "p1": "p2", "p2": "q"}
    second = renamed(first, names, 5)
    assert isomorphic(first, second, COURIER) == names
    assert isomorphic(first, second, COURIER, pinned=("s3",)) is None
    values = {**second.values, ("way", "home", "x"): 4.0}
    assert isomorphic(first, replace(second, values=values), COURIER) is None
    assert isomorphic(first, replace(second, objects={**second.objects, "q": "letter"}), COURIER) is None
    moved = tuple(("at", "van", "x") if atom == ("at", "van", "home") else atom for atom in second.init)
    assert isomorphic(first, replace(second, init=moved), COURIER) is None


def test_the_order_in_goals_does_not_matter() -> None:
    goal = ("and", ("or", ("clear", "a"), ("on", "b", "c")), ("clear", "d"))
    turned = ("and", ("clear", "a"), ("and", ("or", ("on", "b", "c"), ("clear", "d"))))
    assert isomorphic(tower("", goal), tower("", turned), TOWER) is not None
    one = ("forall", (("?x", ("object",)),), ("imply", ("on", "?x", "a"), ("clear", "b")))
    other = ("forall", (("?x", ("object",)),), ("imply", ("clear", "b"), ("on", "?x", "a")))
    assert isomorphic(tower("", one), tower("", one), TOWER) is not None
    assert isomorphic(tower("", one), tower("", other), TOWER) is None
    assert isomorphic(tower("", ("clear", "a")), tower("", ("and", ("clear", "f"))), TOWER) is not None


def test_many_objects_alike_are_no_trouble() -> None:
    names = [f"o{number}" for number in range(90)]
    facts = [("on", names[at], names[at + 1]) for at in range(0, 88, 3)] + [("clear", name) for name in names]
    cars = Problem(
        "p", "tower", dict.fromkeys(names, "object"), tuple(facts), ("and", *(("on-floor", n) for n in names))
    )
    mixed = names[:]
    random.Random(2).shuffle(mixed)
    assert isomorphic(cars, renamed(cars, dict(zip(names, mixed, strict=True)), 7), TOWER) is not None


def test_thousands_of_objects_alike_are_paired_at_once() -> None:
    names = [f"n{number}" for number in range(2000)]
    facts = tuple(("on", name, "hub") for name in names)
    nuts = Problem("p", "tower", dict.fromkeys([*names, "hub"], "object"), facts, ("on-floor", "n7"))
    other = renamed(nuts, dict(zip(names, reversed(names), strict=True)), 3)
    found = isomorphic(nuts, other, TOWER)
    assert found is not None
    assert (found["n7"], found["hub"]) == ("n1992", "hub")
    assert isomorphic(nuts, replace(other, goal=("on-floor", "hub")), TOWER) is None


def test_alternatives_tie_objects_that_no_fact_tells_apart() -> None:
    """Here a goes with b, and c with d; or a with d."""
    first = tower(
        "clear b", ("or", ("and", ("clear", "a"), ("on-floor", "b")), ("and", ("clear", "c"), ("on-floor", "d")))
    )
    other = tower(
        "clear d", ("or", ("and", ("clear", "a"), ("on-floor", "d")), ("and", ("clear", "c"), ("on-floor", "b")))
    )
    found = isomorphic(first, other, TOWER)
    assert found is not None
    assert (found["a"], found["b"]) in (("a", "d"), ("c", "b"))
    loose = ("or", ("or", ("and", first.goal[1])), ("and", ("and", first.goal[2])), first.goal[2])
    assert isomorphic(first, replace(first, goal=loose), TOWER) is not None
    assert isomorphic(first, replace(other, init=()), TOWER) is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.just("on"), st.sampled_from("abcdef"), st.sampled_from("abcdef")), unique=True, max_size=9),
    st.permutations("abcdef"),
    st.integers(0, 99),
)
def test_any_renaming_is_found(facts: list[tuple[str, str, str]], order: list[str], seed: int) -> None:
    first = replace(tower(""), init=tuple(facts))
    second = renamed(first, dict(zip("abcdef", order, strict=True)), seed)
    found = isomorphic(first, second, TOWER)
    assert found is not None
    assert {(fact[0], found[fact[1]], found[fact[2]]) for fact in facts} == set(second.init)


def test_votes_are_counted_up_to_names() -> None:
    first, other = tower("on a b|on b c"), tower("on a b|on c b")
    samples = [other, first, renamed(first, {"a": "b", "b": "a"}, 1), renamed(first, {"c": "f", "f": "c"}, 2)]
    assert vote(samples, TOWER) == [[1, 2, 3], [0]]
    assert vote(samples, TOWER, pinned="abcdef") == [[0], [1], [2], [3]]
    assert vote([], TOWER) == []
    for one, two in combinations((1, 2, 3), 2):
        assert isomorphic(samples[one], samples[two], TOWER) is not None
