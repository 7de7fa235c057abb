import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pddl_samples import BLOCKS, DOMAIN, GRID, PROBLEM
from talkoot.errors import FaultyPddl
from talkoot.planning.engines import fast_downward
from talkoot.planning.pddl.domain import Domain, holds
from talkoot.planning.pddl.printer import (
    normalise,
    print_condition,
    print_domain,
    print_number,
    print_plan,
    print_problem,
    read_plan,
    requirements,
)
from talkoot.planning.pddl.reader import load_domain, load_problem, read_domain, read_problem
from talkoot.problem import Condition, Problem

COURIER, TOWER, GARDEN = load_domain(DOMAIN), load_domain(BLOCKS), load_domain(GRID)

ADL = load_domain("""(define (domain odd) (:types a b c - object m - a m - b) (:constants k - c)
  (:predicates (p ?x - (either a b)) (q) (r ?x ?y - object)) (:functions (total-cost) (d ?x - a))
  (:action go :parameters (?x - (either a b) ?y - m)
    :precondition (and (or (p ?x) (not (q))) (imply (q) (exists (?z - c) (r ?z k))) (not (= ?x ?y))
                       (forall (?z - (either c m)) (r ?z ?z)))
    :effect (and (q) (forall (?w - m) (when (not (p ?w)) (p ?w))) (increase (total-cost) (d ?y)))))""")
ADL_PROBLEM = """(define (problem x) (:domain odd) (:objects a1 - a m1 - m c1 - c)
  (:init (r k k) (r c1 c1) (= (d m1) 3) (= (d a1) 0.5)) (:goal (and (q) (not (p a1))))
  (:metric minimize (total-cost)))"""


@pytest.mark.parametrize("domain", [COURIER, TOWER, GARDEN, ADL], ids=lambda one: one.name)
def test_a_domain_survives_printing(domain: Domain) -> None:
    again, faults = read_domain(print_domain(domain))
    assert faults == []
    assert replace(again, requirements=domain.requirements) == domain
    assert list(again.requirements) == requirements(domain)
    assert print_domain(again) == print_domain(domain)


def test_requirements_are_what_is_used() -> None:
    assert requirements(TOWER) == [":strips"]
    assert requirements(GARDEN) == [":strips", ":typing"]
    assert requirements(COURIER) == [":strips", ":typing", ":negative-preconditions", ":action-costs"]
    assert requirements(ADL) == [
        ":strips", ":typing", ":equality", ":negative-preconditions", ":disjunctive-preconditions",
        ":existential-preconditions", ":universal-preconditions", ":conditional-effects", ":action-costs",
    ]  # fmt: skip


def test_types_stand_after_their_parents_and_once_for_each_parent() -> None:
    text = print_domain(ADL)
    assert "(:types a b c - object m - a m - b)" in text
    late = load_domain("(define (domain d) (:types b - a a) (:predicates (p ?x - b)) (:action go :effect (and)))")
    assert "(:types a - object b - a)" in print_domain(late)


def test_a_problem_survives_printing() -> None:
    problem = load_problem(PROBLEM, COURIER)
    text = print_problem(problem)
    assert load_problem(text, COURIER) == problem
    assert "    s1 s2 s3 - shop\n" in text
    assert "(= (way s1 s2) 2.5)" in text
    assert text.count("total-cost") == 2
    free = replace(problem, metric=False)
    assert "total-cost" not in print_problem(free)
    assert "(= (total-cost) 0)" in print_problem(free, COURIER)
    assert (
        "home"
        not in print_problem(replace(problem, objects={**problem.objects, "home": "depot"}), COURIER).split(":init")[0]
    )


NAMES = st.sampled_from(["a", "b-1", "b_2", "c3", "tile_0-1"])
ATOMS = st.one_of(st.tuples(st.just("on"), NAMES, NAMES), st.tuples(st.just("clear"), NAMES))
CONDITIONS = st.recursive(
    st.one_of(ATOMS, st.tuples(st.just("="), NAMES, NAMES), st.just(("clear", "?v"))),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: ("and", *parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: ("or", *parts)),
        inner.map(lambda part: ("not", part)),
        st.tuples(st.just("imply"), inner, inner),
    ),
    max_leaves=8,
).map(lambda part: ("forall", (("?v", ("object",)),), part))


@settings(max_examples=60, deadline=None)
@given(st.lists(ATOMS, unique=True, max_size=8), CONDITIONS)
def test_every_problem_survives_printing(init: list[tuple[str, ...]], goal: Condition) -> None:
    domain = replace(TOWER, requirements=(":adl",))
    objects = dict.fromkeys(["a", "b-1", "b_2", "c3", "tile_0-1"], "object")
    problem = Problem("p", "tower", objects, tuple(init), goal)
    again = read_problem(print_problem(problem), domain)
    assert again.faults == []
    assert again.problem == problem
    assert holds(again.problem.goal, set(init), domain, objects) == holds(goal, set(init), domain, objects)


def test_normalise_declares_every_name_once() -> None:
    problem = load_problem(PROBLEM.replace("p1 p2 - parcel", "p1 p2 - parcel van - thing"), COURIER)
    domain, moved = normalise(COURIER, problem)
    assert domain.constants == {"home": "depot", "van": "thing"}
    assert "van" not in moved.objects
    assert domain.objects(moved) == COURIER.objects(problem)
    assert normalise(TOWER, replace(problem, objects={})) == (TOWER, replace(problem, objects={}))


def test_normalise_gives_each_variable_one_type() -> None:
    domain, problem = normalise(ADL, load_problem(ADL_PROBLEM, ADL))
    (_, (first,)), (_, (second,)) = domain.actions["go"].parameters
    assert second == "m"
    for kind in ("a", "b", "m", "c", "object"):
        assert domain.is_a(kind, (first,)) == ADL.is_a(kind, ("a", "b"))
    assert "(either" not in print_domain(domain).split("(:action")[1]
    assert read_problem(print_problem(problem), domain).faults == []


@pytest.mark.parametrize(("domain", "text"), [(COURIER, PROBLEM), (ADL, ADL_PROBLEM)], ids=["courier", "odd"])
def test_fast_downward_reads_what_is_printed(domain: Domain, text: str, tmp_path: Path) -> None:
    text = text.replace("2.5", "2").replace("0.5", "1")  # it takes whole numbers only
    domain, problem = normalise(domain, load_problem(text, domain))
    (tmp_path / "domain.pddl").write_text(print_domain(domain))
    (tmp_path / "problem.pddl").write_text(print_problem(problem, domain))
    command, modules = fast_downward.translate(
        tmp_path / "domain.pddl", tmp_path / "problem.pddl", tmp_path / "out.sas"
    )
    environment = {**os.environ, "PYTHONPATH": str(modules)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-500:]
    assert (tmp_path / "out.sas").read_text().startswith("begin_version")


def test_numbers_and_conditions_as_text() -> None:
    assert [print_number(value) for value in (3.0, 2.5, 0.1, 1e6)] == ["3", "2.5", "0.1", "1000000"]
    assert print_condition(()) == "(and)"
    assert print_condition(("forall", (("?x", ("a", "b")),), ("p", "?x"))) == "(forall (?x - (either a b)) (p ?x))"


def test_plans() -> None:
    plan = (("go", "a", "b"), ("rest",))
    assert print_plan(plan) == "(go a b)\n(rest)\n"
    assert read_plan(print_plan(plan)) == plan
    assert read_plan("; cost = 2\n(GO a  B) ; first\n\n0.001: (rest) [1.0]\n") == plan
    assert read_plan("```\ngo a b\nrest\n```") == plan
    assert read_plan("") == ()
    for line in ("(go a", "go (a b)", "()", "(go a) (rest)"):
        with pytest.raises(FaultyPddl, match="line 2 of the plan"):
            read_plan(f"(rest)\n{line}")
