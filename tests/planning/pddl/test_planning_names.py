from pddl_samples import BLOCKS, GRID
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.pddl.names import (
    fitting,
    is_name,
    leaf,
    looks_like_typo,
    near_miss,
    signature,
    suggest,
    uses,
    widest,
)
from talkoot.planning.pddl.reader import load_domain
from talkoot.planning.pddl.sexpr import read

DOMAIN = Domain("d", {"thing": ("object",), "cup": ("thing",), "mug": ("thing",), "shelf": ("object",)})


def test_near_misses_differ_in_hyphens_and_underscores_only() -> None:
    assert near_miss("on_table", ["on-table", "clear"]) == "on-table"
    assert near_miss("ontable", ["on-table"]) == "on-table"
    assert near_miss("tile-0-1", ["tile_0-1", "tile_0-11"]) == "tile_0-1"
    assert near_miss("pos-1-12", ["pos-11-2"]) is None  # another place
    assert near_miss("ab", ["a-b", "a_b"]) is None  # which of both?
    assert near_miss("an", ["on"]) is None


def test_typos_are_told_from_the_next_number() -> None:
    assert looks_like_typo("bal1", {"ball#"})
    assert not looks_like_typo("ball9", {"ball#"})
    assert not looks_like_typo("robot1", {"ball#"})


def test_suggestions() -> None:
    assert suggest("cleer", ["clear", "on"], "") == "did you mean clear?"
    assert suggest("x", ["clear"], "the names are: clear") == "the names are: clear"


def test_names_of_objects() -> None:
    assert all(map(is_name, ["b1", "0", "tile_0-1", "left"]))
    assert not any(map(is_name, ["?x", ":init", "-", "and", "b1..b3", "nut{i}", "", "…"]))


def test_types_that_fit_all_uses() -> None:
    assert fitting([("thing",), ("object",)], DOMAIN) == ["thing", "cup", "mug"]
    assert leaf([("thing",)], DOMAIN) is None
    assert leaf([("thing",), ("cup", "shelf")], DOMAIN) == "cup"
    assert leaf([("cup",), ("shelf",)], DOMAIN) is None
    assert leaf([("object",)], load_domain(BLOCKS)) is None
    assert widest([("thing",)], DOMAIN) == ["thing"]
    assert widest([("cup", "shelf")], DOMAIN) == ["cup", "shelf"]
    assert widest([], DOMAIN) == ["object"]


def test_uses_are_found_with_the_types_that_they_admit() -> None:
    form = read(
        "(define (problem p) (:init (level a 5) (north a ?x) (= b c) (wet a b) (= (steps a d) 3)))", "problem"
    ).form
    assert form is not None
    found = uses([form], load_domain(GRID))
    assert {name: [types for _, types in places] for name, places in found.items()} == {
        "a": [("bed",), ("bed",), ("bed",)], "b": [("object",)], "c": [("object",)], "d": [("bed",)],
    }  # fmt: skip
    assert (found["a"][0][0].line, found["a"][0][0].column) == (1, 35)


def test_signatures() -> None:
    assert signature("on", (("?a", ("cup", "mug")), ("?s", ("shelf",)))) == "(on ?a - (either cup mug) ?s - shelf)"
