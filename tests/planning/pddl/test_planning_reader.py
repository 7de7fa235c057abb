import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pddl_samples import BLOCKS, DOMAIN, GRID, PROBLEM, problem
from talkoot.errors import FaultyPddl
from talkoot.planning.faults import doubtful
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.pddl.reader import Draft, load_domain, load_problem, read_domain, read_problem

COURIER, TOWER, GARDEN = load_domain(DOMAIN), load_domain(BLOCKS), load_domain(GRID)


def tower(init: str, goal: str = "(clear a)", objects: str = "a b c") -> Draft:
    return read_problem(problem(init, goal, objects), TOWER)


def told(draft: Draft) -> list[tuple[str, bool]]:
    return [(fault.kind, fault.mended) for fault in draft.faults]


def test_a_problem_is_read_whole() -> None:
    draft = read_problem(PROBLEM, COURIER)
    assert draft.faults == []
    assert (draft.abbreviated, draft.compact, draft.dropped, draft.unknown_objects) == (False, False, (), {})
    two = draft.problem
    assert (two.name, two.domain, two.metric) == ("two-parcels", "courier", True)
    assert dict(two.objects) == {"s1": "shop", "s2": "shop", "s3": "shop", "p1": "parcel", "p2": "parcel"}
    assert two.init[:2] == (("at", "van", "home"), ("at", "p1", "s1"))
    assert two.values == {("way", "home", "s1"): 3, ("way", "s1", "s2"): 2.5, ("way", "s2", "s3"): 1}
    assert two.goal == ("and", ("holds", "p1"), ("not", ("at", "van", "home")))
    assert draft.places["at", "p1", "s1"] == (5, 24)
    assert draft.spans == {"objects": (3, 4), "init": (5, 7), "goal": (8, 8), "metric": (9, 9)}


def test_all_faults_are_told_at_once_in_the_order_of_the_text() -> None:
    draft = tower("(on a) (onn a b) (on a (b)) (lift a b)\n(on a d) (clear d) () (=) stray", "(and (clear e) (wet) a)")
    assert [(fault.kind, fault.line, fault.column, fault.section) for fault in draft.faults] == [
        ("arity", 2, 8, "init"),
        ("unknown-predicate", 2, 16, "init"),
        ("nested-term", 2, 31, "init"),
        ("unknown-predicate", 2, 37, "init"),
        ("undeclared-object", 3, 7, "init"),
        ("syntax", 3, 20, "init"),
        ("fluent", 3, 23, "init"),
        ("syntax", 3, 27, "init"),
        ("undeclared-object", 4, 20, "goal"),
        ("unknown-predicate", 4, 24, "goal"),
        ("syntax", 4, 29, "goal"),
    ]
    assert not any(fault.mended for fault in draft.faults)
    assert draft.problem.init == ()
    assert draft.problem.goal == ("and",)
    assert "(on ?a - object ?b - object)" in draft.faults[0].remedy
    assert "did you mean on?" in draft.faults[1].remedy
    assert "is an action" in draft.faults[3].message
    assert "(2 times)" in draft.faults[4].message
    assert draft.unknown_objects == {"d": (3, 7), "e": (4, 20)}
    assert [fact.atom for fact in draft.dropped if fact.line == 3] == [("on", "a", "d"), ("clear", "d")]


@pytest.mark.parametrize(
    ("init", "facts", "kinds"),
    [
        ("(ON A b) (on a b)", "on a b", []),
        ("(on a b (clear c) (clear a)) (clear b)", "on a b|clear c|clear a|clear b", ["syntax"]),
        ("on a b) (clear c)", "on a b|clear c", ["syntax", "syntax", "syntax"]),
        ("(on a b)) (clear c)", "on a b|clear c", ["syntax", "syntax"]),
        ("(on a b) (clear c", "on a b|clear c", ["syntax"]),
        ("(and (on a b) (clear c))", "on a b|clear c", ["syntax"]),
        ("(on_floor a) (onfloor b)", "on-floor a|on-floor b", ["unknown-predicate", "unknown-predicate"]),
        ("(clear a) (not (clear b))", "clear a", ["negative-fact"]),
        ("(= (total-cost) 0) (clear a)", "clear a", ["fluent"]),
    ],
)
def test_safe_faults_are_mended(init: str, facts: str, kinds: list[str]) -> None:
    draft = tower(init)
    assert told(draft) == [(kind, True) for kind in kinds]
    assert draft.problem.init == tuple(tuple(fact.split()) for fact in facts.split("|"))
    assert draft.problem.goal == ("clear", "a")


def test_headers() -> None:
    assert told(read_problem(problem("(clear a)", domain="towers"), TOWER)) == [("domain-name", True)]
    assert told(read_problem("(define (problem p) (:objects a) (:init (clear a)) (:goal (clear a)))", TOWER)) == [
        ("domain-name", True)
    ]
    missing = read_problem("(define (problem p) (:domain tower))", TOWER)
    assert [fault.section for fault in missing.faults if fault.kind == "section-missing"][:3] == [
        "objects", "init", "goal"
    ]  # fmt: skip
    twice = read_problem(problem("(clear a)").replace("(:goal", "(:init (clear b)) (:goal"), TOWER)
    assert told(twice) == [("syntax", True)]
    assert twice.problem.init == (("clear", "a"), ("clear", "b"))
    extra = read_problem(problem("(clear a)").replace("(:goal", "(:start) (:constraints) (:goal"), TOWER)
    assert sorted(told(extra)) == [("syntax", False), ("unsupported", False)]


def test_objects() -> None:
    typed = tower("(clear a)", objects="a b - block c - brick a")
    assert told(typed) == [("unknown-type", True), ("unknown-type", True), ("duplicate-object", True)]
    assert dict(typed.problem.objects) == {"a": "object", "b": "object", "c": "object"}

    def courier(objects: str) -> Draft:
        return read_problem(PROBLEM.replace("p1 p2 - parcel", objects), COURIER)

    assert told(courier("p1 p2 - parcel p1 - parcel")) == [("duplicate-object", True)]
    assert told(courier("p1 p2 - parcel p1 - letter")) == [("duplicate-object", False)]
    assert told(courier("p1 p2 - par_cel")) == [("unknown-type", True)]
    wrong = courier("p1 p2 - parcle")
    assert told(wrong) == [("unknown-type", False)]
    assert "did you mean parcel?" in wrong.faults[0].remedy
    assert ("at", "p1", "s1") in wrong.problem.init  # one fault is enough; its facts are kept
    assert told(courier("p1 p2 - (either parcel letter)")) == [("unsupported", False)] * 2
    assert told(courier("p1 p2 - parcel ?x - parcel (q)")) == [("syntax", False)] * 2


def test_the_type_of_an_undeclared_object_follows_from_its_uses_or_is_asked_for() -> None:
    def garden(init: str, objects: str = "bed1 - bed n1 - numb") -> Draft:
        return read_problem(problem(init, "(wet bed1)", objects, "garden"), GARDEN)

    found = garden("(north bed1 bed2) (level bed2 n2)")
    assert told(found) == [("undeclared-object", True)] * 2
    assert found.problem.objects["bed2"] == "bed"
    assert found.problem.objects["n2"] == "numb"
    typo = garden("(wet bad1)")
    assert told(typo) == [("undeclared-object", False)]
    assert "did you mean bed1?" in typo.faults[0].remedy
    assert typo.problem.init == ()
    torn = garden("(level x x)")
    assert told(torn) == [("undeclared-object", False)]
    assert "different types" in torn.faults[0].remedy
    assert told(garden("(wet bed1)", "bed1 n1")) == [("unknown-type", True)]
    assert told(tower("(on a table)")) == [("undeclared-object", False)]  # without types nothing follows


def test_argument_types() -> None:
    def courier(fact: str) -> Draft:
        return read_problem(PROBLEM.replace("(at p2 s2)", fact), COURIER)

    swapped = courier("(at s2 p2)")
    assert told(swapped) == [("argument-type", False)]
    assert "(at p2 s2)" in swapped.faults[0].remedy
    assert "p2 is of type parcel" in swapped.faults[0].message
    assert "type stop" in swapped.faults[0].message
    assert "(either parcel letter)" in courier("(holds s1)").faults[0].message
    assert ("holds", "s1") not in courier("(holds s1)").problem.init


def test_constants_may_be_declared_again() -> None:
    def courier(more: str) -> Draft:
        return read_problem(PROBLEM.replace("p1 p2 - parcel", f"p1 p2 - parcel {more}"), COURIER)

    narrower = courier("van - thing")
    assert narrower.faults == []
    assert COURIER.objects(narrower.problem)["van"] == "thing"
    assert told(courier("home - depot")) == [("duplicate-object", True)]
    assert told(courier("home - stop")) == [("duplicate-object", True)]
    assert told(courier("home - parcel")) == [("duplicate-object", False)]
    assert "home" not in courier("home - depot").problem.objects


def test_goals() -> None:
    assert told(tower("(clear a)", "(clear a) (clear b)")) == [("syntax", True)]
    assert tower("(clear a)", "(clear a) (clear b)").problem.goal == ("and", ("clear", "a"), ("clear", "b"))
    assert told(tower("(clear a)", "clear a")) == [("syntax", True)]
    assert told(tower("(clear a)", "()")) == told(tower("(clear a)", "")) == [("section-missing", False)]
    every = tower("(clear a)", "(and (clear a) (forall (?x) (on-floor ?x)))")
    assert told(every) == [("quantifier", True)]
    assert every.problem.goal == ("and", ("clear", "a"), *(("on-floor", name) for name in "abc"))
    some = tower("(clear a)", "(exists (?x) (on ?x a))")
    assert told(some) == [("quantifier", False)]
    assert some.problem.goal == ("exists", (("?x", ("object",)),), ("on", "?x", "a"))
    assert told(tower("(clear a)", "(or (clear a) (clear b))")) == [("quantifier", False)]
    adl = load_domain(BLOCKS.replace("(:predicates", "(:requirements :adl) (:predicates", 1))
    kept = read_problem(problem("(clear a)", "(forall (?x) (imply (clear ?x) (not (= ?x a))))"), adl)
    assert kept.faults == []
    assert kept.problem.goal[2] == ("imply", ("clear", "?x"), ("not", ("=", "?x", "a")))
    assert told(tower("(clear a)", "(not (clear a) (clear b))"))[0] == ("syntax", False)
    assert told(tower("(clear ?x)", "(clear ?x)")) == [("undeclared-object", False)]


def test_numbers_and_metric() -> None:
    def courier(old: str, new: str) -> list[tuple[str, bool]]:
        return told(read_problem(PROBLEM.replace(old, new), COURIER))

    assert courier("(way s2 s3) 1", "(way s2 s3) far") == [("fluent", False)]
    assert courier("(way s2 s3) 1", "(way s2 s3) inf") == [("fluent", False)]
    assert courier("(way s2 s3) 1", "(way s1 s2) 1") == [("fluent", False)]
    assert courier("(way s2 s3) 1", "(road s2 s3) 1") == [("fluent", False)]
    assert courier("(way s2 s3) 1", "(way p1 s3) 1") == [("argument-type", False)]
    assert courier("minimize (total-cost)", "maximize (total-cost)") == [("unsupported", False)]
    assert told(read_problem(problem("(clear a)")[:-1] + "(:metric minimize (total-cost)))", TOWER)) == [
        ("fluent", True)
    ]
    assert courier("(at p2 s2)", "(at 5 (at p2 s2))") == [("unsupported", False)]


def test_denied_and_stated() -> None:
    assert told(tower("(clear a) (not (clear a))")) == [("negative-fact", True), ("negative-fact", False)]


def test_load_problem_lists_all_that_is_wrong() -> None:
    assert load_problem(problem("(not (clear a)) (clear b)"), TOWER).init == (("clear", "b"),)
    with pytest.raises(FaultyPddl, match=r"p.pddl has 2 faults:\n  line 2, column 9: (.|\n)*line 3"):
        load_problem(problem("(clean a)", "(clear z)"), TOWER, "p.pddl")


def test_no_beginning_of_a_problem_passes_for_the_whole() -> None:
    """A cut text either has a fault that is not mended, or says all that the whole says (costs aside)."""
    whole = read_problem(PROBLEM, COURIER).problem
    for end in range(len(PROBLEM)):
        draft = read_problem(PROBLEM[:end], COURIER)
        if not doubtful(draft.faults):
            assert (draft.problem.init, draft.problem.goal, draft.problem.values) == (
                whole.init, whole.goal, whole.values
            )  # fmt: skip


PIECES = st.sampled_from([
    "(", ")", "))", " ", "\n", ";", ":init", "(:goal", "(define", "(problem q)", "(domain d)", "...", "…", "-", "?x",
    "a", "and", "not", "forall", "exists", "when", "=", "(and", "(or", "(for i 1..3", "{i}", "1..9", "b1..b3", "(chain",
    "(grid", "(symmetric", "(transitive road)", "either", "total-cost", "0", "1e999", "-1", "nan", "```", "\x00", "“",
    "(:metric", "increase", "object", "(:objects", "(:types", ":parameters", "(:action", ":effect", "4..1", "{i+1}",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_text_never_breaks_the_reader(data: st.DataObject) -> None:
    text, want = data.draw(st.sampled_from([(PROBLEM, COURIER), (problem("(on a b)"), TOWER), (DOMAIN, None)]))
    for _ in range(data.draw(st.integers(1, 6))):
        at, size = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 8))
        text = text[:at] + data.draw(st.one_of(PIECES, st.text(max_size=4))) + text[at + size :]
    check_never_breaks(text, want)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_heaps_of_words_never_break_the_reader(words: list[str]) -> None:
    check_never_breaks("(define (problem p)" + " ".join(words), COURIER)
    check_never_breaks("(define (domain d)" + " ".join(words), None)


def check_never_breaks(text: str, want: Domain | None) -> None:
    if want is None:
        domain, faults = read_domain(text)
        assert all(kind in domain.types or kind == "object" for kind in domain.constants.values())
    else:
        draft = read_problem(text, want)
        faults, objects = draft.faults, want.objects(draft.problem)
        assert set(draft.places) == set(draft.problem.init)
        for atom in draft.problem.init:
            assert len(atom) == len(want.predicates[atom[0]]) + 1
            assert set(atom[1:]) <= set(objects)
    assert all(fault.message and fault.line >= 0 for fault in faults)


def recorded(data: Path, name: str) -> Iterator[Any]:
    with gzip.open(data / "llmp" / name, "rt") as file:
        yield from map(json.loads, file)


@pytest.mark.data
def test_the_recorded_tasks_are_read_without_an_open_fault(data: Path) -> None:
    domains, count = {}, 0
    for row in recorded(data, "tasks.jsonl.gz"):
        if row["kind"] == "domain":
            domains[row["domain"]], faults = read_domain(row["domain_pddl"])
            assert not doubtful(faults)
            assert {fault.kind for fault in faults} <= {"undeclared-object"}
        else:
            draft = read_problem(row["problem_pddl"], domains[row["domain"]])
            assert (draft.faults, draft.abbreviated, draft.compact) == ([], False, False)
            count += 1
    assert (len(domains), count) == (8, 141)
    assert set(domains["tyreworld"].constants) == {"wrench", "jack", "pump"}


@pytest.mark.data
def test_the_recorded_replies_are_judged_as_they_should_be(data: Path) -> None:
    domains = {row["domain"]: read_domain(row["domain_pddl"])[0] for row in recorded(data, "tasks.jsonl.gz")
               if row["kind"] == "domain"}  # fmt: skip
    clean = 0
    for name in ("replies_gpt4.jsonl.gz", "replies_gpt4_noctx.jsonl.gz"):
        for row in recorded(data, name):
            draft, verdict = read_problem(row["reply"], domains[row["domain"]]), row["verdict"]
            assert draft.abbreviated == verdict["abbreviated"]
            if verdict["static_clean"]:
                assert {fault.kind for fault in draft.faults} <= {"abbreviated"}
                clean += 1
            else:
                assert draft.faults
    assert clean == 137
