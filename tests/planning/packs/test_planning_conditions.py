"""Reading the conditions that packs are written in."""

import pytest

from talkoot.planning.packs.conditions import parse_atom, parse_condition, parse_parameters


def test_a_condition_becomes_nested_tuples_in_lower_case() -> None:
    assert parse_condition("(and (ON ?x b1) (not (clear ?x)))") == ("and", ("on", "?x", "b1"), ("not", ("clear", "?x")))


def test_quantifiers_and_counts_get_typed_variables() -> None:
    assert parse_condition("(forall (?x ?y - block) (on ?x ?y))") == (
        "forall",
        (("?x", ("block",)), ("?y", ("block",))),
        ("on", "?x", "?y"),
    )
    assert parse_condition("(count 3 (?x - (either a b)) (and))") == ("count", "3", (("?x", ("a", "b")),), ("and",))
    assert parse_condition("(not (exists (?x) (p ?x)))") == ("not", ("exists", (("?x", ("object",)),), ("p", "?x")))


def test_typed_lists() -> None:
    assert parse_parameters("?a - crate ?b ?c - area ?d") == (
        ("?a", ("crate",)),
        ("?b", ("area",)),
        ("?c", ("area",)),
        ("?d", ("object",)),
    )
    assert parse_parameters("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(on a",
        "(on a))",
        "on",
        "(a) (b)",
        "(forall ?x (p ?x))",
        "(forall (?x -) (p ?x))",
        "(exists (x) (p x))",
        "()",
        "(not)",
        "(not (p) (q))",
        "(imply (p))",
        "(and p)",
        "(count x (?y) (p ?y))",
        "(grid t 3)",
        "(value 3 4)",
        "(value (d a) x)",
        "(p (q))",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_condition(text)


def test_an_atom_is_one_flat_fact() -> None:
    assert parse_atom("(on * ?x)") == ("on", "*", "?x")
    with pytest.raises(ValueError, match="one fact"):
        parse_atom("(not (on a b))")
