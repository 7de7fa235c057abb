"""The semantic audit: it finds what was changed, and nothing where nothing was."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from talkoot.planning.packs.audit import TEXT_KINDS, audit
from talkoot.planning.packs.complete import complete
from talkoot.planning.packs.pack import Pack, list_packs, load_pack
from talkoot.planning.pddl.reader import Draft, read_problem
from talkoot.problem import Condition, Problem, literals

BLOCKS = load_pack("blocksworld")


def _kinds(problem: Problem, pack: Pack, text: str) -> set[str]:
    return {fault.kind for fault in audit(problem, pack.domain, pack, text)[0]}


@pytest.mark.parametrize("name", list_packs())
@pytest.mark.parametrize("seed", range(4))
def test_true_problems_pass_and_their_texts_are_read_to_the_end(name: str, seed: int) -> None:
    pack = load_pack(name)
    text, problem = pack.generate(2 + seed, seed)
    assert audit(problem, pack.domain, pack, text) == ([], [])


def _changed(problem: Problem, pack: Pack, rng: random.Random) -> Iterator[Problem]:
    """Problems with one fact or one part of the goal dropped, added or said of something else."""
    objects = pack.domain.objects(problem)
    goal: list[Condition] = [atom if wanted else ("not", atom) for wanted, atom in literals(problem.goal) or ()]

    def other(fact: Condition) -> Condition | None:
        places = [at for at, part in enumerate(fact) if at and part in objects]
        rng.shuffle(places)
        for at in places:
            names = [name for name, kind in objects.items() if kind == objects[fact[at]] and name != fact[at]]
            if names:
                return (*fact[:at], rng.choice(names), *fact[at + 1 :])
        return None

    for _ in range(4):
        init, at = list(problem.init), rng.randrange(len(problem.init))
        fact = other(init[at])
        yield replace(problem, init=tuple(init[:at] + init[at + 1 :]))
        if fact is not None and fact not in init:
            yield replace(problem, init=(*init[:at], fact, *init[at + 1 :]))
            yield replace(problem, init=(*init, fact))
        at = rng.randrange(len(goal))
        wish = other(goal[at]) if goal[at][0] != "not" else None
        if len(goal) > 1:
            yield replace(problem, goal=("and", *goal[:at], *goal[at + 1 :]))
        if wish is not None and wish not in goal:
            yield replace(problem, goal=("and", *goal[:at], wish, *goal[at + 1 :]))
            yield replace(problem, goal=("and", *goal, wish))


@pytest.mark.parametrize("name", list_packs())
@pytest.mark.parametrize("seed", range(3))
def test_every_change_is_mended_or_flagged(name: str, seed: int) -> None:
    pack, rng = load_pack(name), random.Random(seed)
    text, truth = pack.generate(3, seed)
    for changed in _changed(truth, pack, rng):
        problem, mends = complete(Draft(changed, []), pack.domain, pack)
        faults, _ = audit(problem, pack.domain, pack, text)
        same = set(problem.init) == set(truth.init) and set(literals(problem.goal) or ()) == set(
            literals(truth.goal) or ()
        )
        assert same or faults, (set(changed.init) ^ set(truth.init), changed.goal)
        if same and set(changed.init) != set(truth.init):
            assert mends, "what was put right must be told"


@pytest.mark.parametrize("name", list_packs())
def test_a_problem_of_another_description_contradicts_it(name: str) -> None:
    pack = load_pack(name)
    texts = [pack.generate(4, seed) for seed in range(4)]
    for at, (text, _) in enumerate(texts):
        for other, (_, problem) in enumerate(texts):
            if other != at:
                assert _kinds(problem, pack, text) & TEXT_KINDS, (at, other)


def _problem(init: str, goal: str, names: str = "b1 b2") -> Problem:
    text = f"(define (problem p) (:domain blocksworld-4ops) (:objects {names}) (:init {init}) (:goal (and {goal})))"
    return read_problem(text, BLOCKS.domain).problem


TWO = "(on-table b1) (on-table b2) (clear b1) (clear b2) (arm-empty)"


@pytest.mark.parametrize(
    ("init", "goal", "text", "kind"),
    [
        (TWO, "(on b1 b2)", "There are 3 blocks.", "text-count"),
        (TWO, "(on b1 b2)", "b1 and b2 are on the table. b9 is broken.", "text-entity"),
        (TWO, "(on b1 b2)", "b1 is on b2.", "text-start"),
        (TWO, "(on b1 b2)", "b1 is on the table.", "unsaid-start"),
        (TWO, "(on b1 b2)", "The goal: b2 should be on b1.", "text-goal"),
        (TWO, "(on b1 b2)", "The goal: b2 should be on b1.", "unsaid-goal"),
        ("(on b1 b2) (on-table b2) (clear b1) (arm-empty)", "(on b1 b2)", "b2 is on the table.", "goal-in-start"),
        ("(on-table b1) (on b1 b2) (clear b1) (arm-empty)", "(on b1 b2)", "", "invariant"),
        (TWO, "(on b1 b2) (on-table b1)", "", "invariant"),
        ("(on-table b1) (clear b1) (arm-empty)", "(on b2 b1)", "", "unreachable-goal"),
        (TWO, "", "", "section-missing"),
    ],
)
def test_each_kind_of_fault_is_found(init: str, goal: str, text: str, kind: str) -> None:
    assert kind in _kinds(_problem(init, goal), BLOCKS, text)


def test_the_fault_quotes_the_sentence_and_says_what_is_there() -> None:
    faults, _ = audit(_problem(TWO, "(on b1 b2)"), BLOCKS.domain, BLOCKS, "Hello.\nThere are three blocks.")
    (fault,) = [fault for fault in faults if fault.kind == "text-count"]
    assert "“There are three blocks” (its line 2), but the problem has 2 of these, not 3" in fault.message


def test_sentences_that_nobody_can_read_are_handed_back_and_weaken_the_audit() -> None:
    problem = _problem(TWO, "(on b1 b2)")
    faults, unread = audit(problem, BLOCKS.domain, BLOCKS, "b1 is on the table. b2 is heaven knows where.")
    assert unread == ["b2 is heaven knows where"]
    assert "unsaid-start" not in {fault.kind for fault in faults}


def test_static_facts_that_all_actions_wait_for() -> None:
    pack = load_pack("storage")
    problem = pack.generate(2, 1)[1]
    bare = replace(problem, init=tuple(atom for atom in problem.init if atom[0] != "connected"))
    faults, _ = audit(bare, pack.domain, None, "")
    assert {"static-empty", "unreachable-goal"} <= {fault.kind for fault in faults}


def test_without_a_pack_only_the_goal_is_looked_at_and_the_text_is_unread() -> None:
    problem = _problem("(on-table b1) (on-table b2) (clear b1) (arm-empty)", "(on b1 b2)")
    faults, unread = audit(problem, BLOCKS.domain, None, "b1 is on b2.\nGoal: none.")
    assert [fault.kind for fault in faults] == ["unreachable-goal"]
    assert unread == ["b1 is on b2.", "Goal: none."]


@pytest.mark.parametrize("name", list_packs())
def test_objects_that_the_text_names_may_not_be_called_otherwise(name: str) -> None:
    pack = load_pack(name)
    text, problem = pack.generate(3, 1)

    def renamed(condition: Condition, old: str) -> Condition:
        return tuple(renamed(p, old) if isinstance(p, tuple) else f"{old}x" if p == old else p for p in condition)

    for old in problem.objects:
        objects = {f"{name}x" if name == old else name: kind for name, kind in problem.objects.items()}
        init = tuple(renamed(fact, old) for fact in problem.init)
        values = {renamed(term, old): number for term, number in problem.values.items()}
        other = replace(problem, objects=objects, init=init, goal=renamed(problem.goal, old), values=values)
        completed, _ = complete(Draft(other, []), pack.domain, pack)
        assert audit(completed, pack.domain, pack, text)[0], old


def test_cells_beside_the_grid_are_noticed() -> None:
    pack = load_pack("floortile")
    text, problem = pack.generate(1, 0)
    objects = {**problem.objects, "tile_1-1x": "tile"}
    other = replace(problem, objects=objects, init=(*problem.init, ("clear", "tile_1-1x")))
    short = text.splitlines()[0]
    assert "grid" in short or "rows" in short
    assert [fault.kind for fault in audit(other, pack.domain, pack, short)[0] if "beside it" in fault.message] == [
        "text-count"
    ]


def test_what_goes_without_saying_goes_in_order() -> None:
    pack = load_pack("floortile")
    text, problem = pack.generate(2, 3)
    unsaid = "\n".join(line for line in text.splitlines() if " has " not in line)
    colours = [name for name, kind in problem.objects.items() if kind == "color"]
    robots = [name for name, kind in problem.objects.items() if kind == "robot"]
    colours.sort(key=text.index)
    rest = tuple(fact for fact in problem.init if fact[0] != "robot-has")
    usual = tuple(("robot-has", robot, colour) for robot, colour in zip(sorted(robots), colours, strict=True))
    turned = tuple(("robot-has", robot, colour) for robot, colour in zip(sorted(robots), colours[::-1], strict=True))
    assert audit(replace(problem, init=rest + usual), pack.domain, pack, unsaid) == ([], [])
    faults, _ = audit(replace(problem, init=rest + turned), pack.domain, pack, unsaid)
    assert [fault.kind for fault in faults] == ["invariant", "invariant"]
    assert "of which the description says nothing" in faults[0].message


def test_the_empty_level_of_a_shaker_is_the_lowest() -> None:
    pack = load_pack("barman")
    _, problem = pack.generate(1, 0)
    text = "The shaker and shot glasses are clean, empty, and on the table. Your left and right hands are empty."
    assert _kinds(problem, pack, text) == {"unsaid-start"}  # the recipes
    wrong = {("shaker-level", "shaker1", "l0"): "l1", ("shaker-empty-level", "shaker1", "l0"): "l1"}
    init = tuple((*fact[:2], wrong[fact]) if fact in wrong else fact for fact in problem.init)
    assert _kinds(replace(problem, init=init), pack, text) == {"unsaid-start", "text-start"}
