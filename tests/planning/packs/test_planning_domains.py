"""The packs that come along: their rules are the field's, their instances can be solved, their words can be read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from talkoot.planning.faults import doubtful
from talkoot.planning.packs.audit import audit
from talkoot.planning.packs.complete import complete
from talkoot.planning.packs.pack import Pack, list_packs, load_pack, pack_for
from talkoot.planning.pddl.domain import ActionSchema, Domain, substitute
from talkoot.planning.pddl.reader import load_problem, read_domain, read_problem
from talkoot.planning.plans.validate import validate
from talkoot.problem import Condition, literals

NAMES = ("barman", "blocksworld", "floortile", "grippers", "manipulation", "storage", "termes", "tyreworld")


@pytest.fixture(params=NAMES)
def pack(request: pytest.FixtureRequest) -> Pack:
    return load_pack(str(request.param))


def test_all_are_listed() -> None:
    assert tuple(list_packs()) == NAMES


def test_each_is_found_by_its_signature(pack: Pack) -> None:
    assert pack_for(pack.domain) == pack


def test_each_says_all_that_a_model_needs(pack: Pack) -> None:
    for action, schema in pack.domain.actions.items():
        assert action in pack.description, "the prose names every action"
        for parameter, _ in schema.parameters:
            if action not in ("loosen", "tighten"):
                assert f"{{{parameter[1:]}}}" in pack.tell[action] or len(schema.parameters) > 1
    assert set(pack.facts) <= set(pack.domain.predicates)
    problem = load_problem(pack.example_problem, pack.domain)
    words = pack.example_text.lower().replace(" ", "-")
    assert [name for name in problem.objects if name not in words] == []


def test_instances_are_the_same_again_and_differ_by_seed(pack: Pack) -> None:
    assert pack.generate(2, 5) == pack.generate(2, 5)
    assert len({pack.generate(3, seed)[0] for seed in range(6)}) > 4


def test_instances_grow(pack: Pack) -> None:
    sizes = [len(pack.generate(size, 0)[1].objects) for size in (1, 4, 8)]
    assert sizes == sorted(set(sizes))


def test_no_instance_is_solved_already(pack: Pack) -> None:
    for size in (1, 2, 3, 6):
        for seed in range(10):
            _, problem = pack.generate(size, seed)
            assert any(positive != (atom in problem.init) for positive, atom in literals(problem.goal) or ())


@pytest.mark.parametrize("size", [1, 3, 7])
def test_words_and_problem_agree(pack: Pack, size: int) -> None:
    for seed in range(3):
        text, problem = pack.generate(size, seed)
        assert audit(problem, pack.domain, pack, text) == ([], [])


PLANS = {
    "blocksworld": ("unstack b3 b2", "putdown b3", "pickup b2", "stack b2 b1"),
    "floortile": ("paint-up r t_1-1 t_0-1 red", "change-color r red blue", "right r t_0-1 t_0-2", "up r t_0-2 t_1-2",
                  "down r t_1-2 t_0-2", "paint-up r t_1-2 t_0-2 blue"),
    "grippers": ("pick r ball a left", "move r a b", "drop r ball b left"),
    "manipulation": ("go-to sofa desk", "pick cup desk", "go-to desk sofa", "place cup sofa"),
    "storage": ("go-out h d-1-1 yard", "lift h c box yard crate-box", "drop h c d-1-1 yard d"),
    "termes": ("create-block p-0-0", "place-block p-0-0 p-0-1 n0 n1", "create-block p-0-0", "move-up p-0-0 n0 p-0-1 n1",
               "move-down p-0-1 n1 p-0-0 n0", "destroy-block p-0-0"),
}  # fmt: skip
"""Plans by hand, each on a little problem below: what the rules allow, parameters in the field's order."""

PROBLEMS = {
    "blocksworld": "(:objects b1 b2 b3) (:init (on b3 b2) (on-table b2) (on-table b1) (clear b3) (clear b1)"
    "(arm-empty)) (:goal (and (on b2 b1) (on-table b3)))",
    "floortile": "(:objects r - robot red blue - color t_0-1 t_0-2 t_1-1 t_1-2 - tile) (:init (robot-at r t_0-1)"
    "(robot-has r red) (available-color blue) (clear t_0-2) (clear t_1-1) (clear t_1-2) (up t_1-1 t_0-1)"
    "(up t_1-2 t_0-2) (down t_0-2 t_1-2) (right t_0-2 t_0-1))"
    "(:goal (and (painted t_1-1 red) (painted t_1-2 blue))) (:metric minimize (total-cost))",
    "grippers": "(:objects r - robot a b - room left - gripper ball - object) (:init (at-robby r a) (free r left)"
    "(at ball a)) (:goal (at ball b))",
    "manipulation": "(:objects sofa desk - location cup - object) (:init (robot-at sofa) (hand-empty) (at cup desk)"
    "(= (distance sofa desk) 3) (= (distance desk sofa) 3)) (:goal (at cup sofa)) (:metric minimize (total-cost))",
    "storage": "(:objects d-1-1 box - storearea yard - transitarea d - depot crate-box - container h - hoist c - crate)"
    "(:init (in d-1-1 d) (in box crate-box) (on c box) (in c crate-box) (at h d-1-1) (available h)"
    "(connected d-1-1 yard) (connected yard d-1-1) (connected box yard) (connected yard box)) (:goal (in c d))",
    "termes": "(:objects n0 n1 - numb p-0-0 p-0-1 - position) (:init (at p-0-0) (is-depot p-0-0) (succ n1 n0)"
    "(height p-0-0 n0) (height p-0-1 n0) (neighbor p-0-0 p-0-1) (neighbor p-0-1 p-0-0))"
    "(:goal (and (height p-0-1 n1) (not (has-block))))",
}
COSTS = {"floortile": 2 + 5 + 1 + 3 + 1 + 2, "manipulation": 6}


@pytest.mark.parametrize("name", PLANS)
def test_plans_by_hand_are_valid_and_need_each_step(name: str) -> None:
    domain = load_pack(name).domain
    problem = load_problem(f"(define (problem small) (:domain {domain.name}) {PROBLEMS[name]})", domain)
    plan = tuple(tuple(step.split()) for step in PLANS[name])
    verdict = validate(domain, problem, plan)
    assert verdict.ok, verdict.reason
    assert verdict.cost == COSTS.get(name, len(plan))
    spare = {"termes": {2, 3, 4, 5}, "floortile": {3, 4}}.get(name, set())
    for left_out in set(range(len(plan))) - spare:
        assert not validate(domain, problem, plan[:left_out] + plan[left_out + 1 :]).ok


def test_a_tyre_is_changed_with_the_constants_of_the_domain() -> None:
    domain = load_pack("tyreworld").domain
    _, problem = load_pack("tyreworld").generate(1, 1)
    assert not set(problem.objects) & set(domain.constants)
    steps = """fetch wrench boot, fetch jack boot, fetch pump boot, fetch spare1 boot, inflate spare1,
        loosen nut1 hub1, jack-up hub1, undo nut1 hub1, remove-wheel flat1 hub1, put-on-wheel spare1 hub1,
        do-up nut1 hub1, jack-down hub1, tighten nut1 hub1, put-away flat1 boot, put-away wrench boot,
        put-away jack boot, put-away pump boot, close boot"""
    plan = [tuple(step.split()) for step in steps.split(",")]
    if ("closed", "boot") in problem.init:
        plan.insert(0, ("open", "boot"))
    plan = [step for step in plan if step[0] != "inflate" or ("not-inflated", "spare1") in problem.init]
    assert validate(domain, problem, plan).ok
    assert "wrench" in validate(domain, problem, plan[2:]).reason


def test_a_drink_is_mixed_and_served() -> None:
    domain = load_pack("barman").domain
    text = """(define (problem small) (:domain barman) (:objects k - shaker g - shot a b - ingredient m - cocktail
        left right - hand l0 l1 l2 - level da db - dispenser) (:init (ontable k) (ontable g) (clean k) (clean g)
        (empty k) (empty g) (handempty left) (handempty right) (shaker-level k l0) (shaker-empty-level k l0)
        (next l0 l1)
        (next l1 l2) (dispenses da a) (dispenses db b) (cocktail-part1 m a) (cocktail-part2 m b))
        (:goal (contains g m)))"""
    steps = """grasp left g, fill-shot g a left right da, pour-shot-to-clean-shaker g a k left l0 l1,
        clean-shot g a left right, fill-shot g b left right db, pour-shot-to-used-shaker g b k left l1 l2,
        clean-shot g b left right, leave left g, grasp left k, shake m a b k left right,
        pour-shaker-to-shot m g left k l2 l1"""
    problem = load_problem(text, domain)
    plan = [tuple(step.split()) for step in steps.split(",")]
    assert validate(domain, problem, plan).ok
    again = [("empty-shaker", "left", "k", "m", "l1", "l0"), ("clean-shaker", "left", "right", "k")]
    assert validate(domain, problem, [*plan, *again]).ok
    assert not validate(domain, problem, [*plan[:-4], *plan[-3:]]).ok, "both hands are needed to shake"


def test_a_dirty_glass_is_refilled_or_emptied() -> None:
    domain = load_pack("barman").domain
    problem = load_problem(
        """(define (problem small) (:domain barman) (:objects g - shot a - ingredient left right - hand d - dispenser)
        (:init (ontable g) (empty g) (used g a) (handempty left) (handempty right) (dispenses d a))
        (:goal (and (empty g) (ontable g) (used g a))))""",
        domain,
    )
    steps = "grasp left g, refill-shot g a left right d, empty-shot left g a, leave left g"
    assert validate(domain, problem, [tuple(step.split()) for step in steps.split(",")]).ok
    assert not validate(domain, problem, [("grasp", "left", "g"), ("fill-shot", "g", "a", "left", "right", "d")]).ok


def test_a_tower_shrinks_as_it_grew_and_nothing_is_built_on_the_depot() -> None:
    domain = load_pack("termes").domain
    problem = load_problem(f"(define (problem small) (:domain termes) {PROBLEMS['termes']})", domain)
    built = (("create-block", "p-0-0"), ("place-block", "p-0-0", "p-0-1", "n0", "n1"))
    assert validate(domain, problem, built).ok
    undone = (*built, ("remove-block", "p-0-0", "p-0-1", "n1", "n0"), ("place-block", "p-0-0", "p-0-1", "n0", "n1"))
    assert validate(domain, problem, undone).ok
    there = (("create-block", "p-0-0"), ("move", "p-0-0", "p-0-1", "n0"), ("place-block", "p-0-1", "p-0-0", "n0", "n1"))
    assert "is-depot" in validate(domain, problem, there).reason


def _recorded(data: Path, name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(data / "llmp" / name, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _normal(condition: Condition) -> set[Condition]:
    """The parts of a conjunction of literals and costs, with numbers as numbers."""
    if condition and condition[0] == "and":
        return set().union(*(_normal(part) for part in condition[1:])) if condition[1:] else set()
    if condition and condition[0] == "increase":
        amount = condition[2]
        return {("increase", condition[1], amount if isinstance(amount, tuple) else float(amount))}
    return {condition}


def _numbered(action: ActionSchema) -> tuple[Any, ...]:
    names = {variable: f"?{place}" for place, (variable, _) in enumerate(action.parameters)}
    return (
        tuple(types for _, types in action.parameters),
        _normal(substitute(action.precondition, names)),
        _normal(substitute(action.effect, names)),
    )


@pytest.mark.data
def test_rules_equal_those_of_the_recorded_benchmark(data: Path) -> None:
    rows = [row for row in _recorded(data, "tasks.jsonl.gz") if row["kind"] == "domain"]
    assert sorted(row["domain"] for row in rows) == list(NAMES)
    for row in rows:
        ours = load_pack(row["domain"])
        theirs, _ = read_domain(row.get("domain_pddl_repaired", row["domain_pddl"]))
        assert pack_for(theirs) == ours
        assert ours.domain.name == theirs.name == row["domain_name"]
        assert ours.domain_text != row["domain_pddl"]
        assert {name: _numbered(action) for name, action in ours.domain.actions.items()} == {
            name: _numbered(action) for name, action in theirs.actions.items()
        }
        _same_types(ours.domain, theirs)
        assert ours.domain.constants == theirs.constants
        assert {name: len(parameters) for name, parameters in ours.domain.functions.items()} == {
            name: len(parameters) for name, parameters in theirs.functions.items()
        }


def _same_types(ours: Domain, theirs: Domain) -> None:
    kinds = set(ours.types) | set(theirs.types) | {"object"}
    for domain in (ours, theirs):
        assert set(domain.types) | {"object"} == kinds
    for kind in kinds:
        for other in kinds:
            assert ours.is_a(kind, (other,)) == theirs.is_a(kind, (other,))


@pytest.mark.data
def test_recorded_problems_agree_with_their_texts_and_with_no_other(data: Path) -> None:
    """Every sentence is read, no true problem is suspected, and each text contradicts the next task's problem."""
    tasks: dict[str, list[dict[str, Any]]] = {name: [] for name in NAMES}
    for row in _recorded(data, "tasks.jsonl.gz"):
        if row["kind"] == "task":
            tasks[row["domain"]].append(row)
    for name, rows in tasks.items():
        pack = load_pack(name)
        problems = []
        for row in rows:
            draft = read_problem(row["problem_pddl"], pack.domain)
            problem, faults = complete(draft, pack.domain, pack)
            more, unread = audit(problem, pack.domain, pack, row["nl"])
            assert (unread, doubtful([*faults, *more])) == ([], False), (name, row["task"])
            assert set(problem.init) == set(draft.problem.init), "there is nothing to complete"
            problems.append(problem)
        for at, row in enumerate(rows[:-1]):
            if row["nl"] != rows[at + 1]["nl"]:
                assert doubtful(audit(problems[at + 1], pack.domain, pack, row["nl"])[0]), (name, row["task"])


@pytest.mark.data
def test_recorded_plans_are_valid_by_our_rules_too(data: Path) -> None:
    truth = {(row["domain"], row["task"]): row["problem_pddl"] for row in _recorded(data, "tasks.jsonl.gz")
             if row["kind"] == "task"}  # fmt: skip
    judged = {True: 0, False: 0}
    for row in _recorded(data, "replies_gpt4.jsonl.gz"):
        verdict = row["verdict"]
        if verdict["plan"] is not None:
            domain = load_pack(row["domain"]).domain
            problem = read_problem(truth[row["domain"], row["task"]], domain).problem
            ok = validate(domain, problem, [tuple(step.split()) for step in verdict["plan"]]).ok
            assert ok == verdict["plan_valid_on_truth"]
            judged[ok] += 1
    assert judged[True] >= 90
    assert judged[False] >= 3


def test_instances_grow_without_end(pack: Pack) -> None:
    text, problem = pack.generate(60, 3)
    assert len(problem.objects) > len(pack.generate(8, 3)[1].objects)
    assert len(text) > 1000
