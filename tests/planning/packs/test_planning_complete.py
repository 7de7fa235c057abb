"""Completing problems by the rules of their packs."""

from dataclasses import replace

import pytest

from talkoot.planning.faults import Fault
from talkoot.planning.packs.complete import broken, cells, complete
from talkoot.planning.packs.pack import list_packs, load_pack
from talkoot.planning.pddl.printer import print_problem
from talkoot.planning.pddl.reader import Draft, read_problem
from talkoot.problem import Atom, Problem, literals

BLOCKS = load_pack("blocksworld")
FLOOR = load_pack("floortile")


def _blocks(init: str, names: str = "b1 b2 b3", goal: str = "(on b1 b2)") -> tuple[Problem, list[Fault]]:
    text = f"(define (problem p) (:domain blocksworld-4ops) (:objects {names}) (:init {init}) (:goal (and {goal})))"
    return complete(read_problem(text, BLOCKS.domain), BLOCKS.domain, BLOCKS)


def _without(problem: Problem, predicates: set[str]) -> Problem:
    return replace(problem, init=tuple(atom for atom in problem.init if atom[0] not in predicates))


def _ruled(name: str) -> set[str]:
    pack = load_pack(name)
    return (
        {relation for grid in pack.grids for relation in grid.relation if not grid.where[1:]}
        | {chain.relation for chain in pack.chains}
        # A rule such as "a crate is in the place of its area" does not state all facts of its predicate.
        | {rule.fact[0] for rule in pack.derived if f"'{rule.fact[0]}'" not in str(rule.condition)}
    )


@pytest.mark.parametrize("name", list_packs())
@pytest.mark.parametrize("seed", range(3))
def test_bulk_facts_come_back_after_all_of_them_were_left_out(name: str, seed: int) -> None:
    pack = load_pack(name)
    truth = pack.generate(3, seed)[1]
    bare = _without(truth, _ruled(name))
    completed, faults = complete(Draft(bare, []), pack.domain, pack)
    assert set(completed.init) == set(truth.init)
    assert completed.goal == truth.goal
    assert all(fault.mended for fault in faults)
    assert bool(faults) == (bare != truth)


@pytest.mark.parametrize("name", list_packs())
def test_a_right_problem_is_left_as_it_is(name: str) -> None:
    pack = load_pack(name)
    truth = pack.generate(4, 7)[1]
    completed, faults = complete(read_problem(print_problem(truth), pack.domain), pack.domain, pack)
    assert (set(completed.init), completed.goal, faults) == (set(truth.init), truth.goal, [])
    assert not list(broken(completed, pack.domain, pack))


def test_wrong_neighbours_are_put_right() -> None:
    truth = FLOOR.generate(2, 1)[1]
    wrong = (*tuple(atom for atom in truth.init if atom[0] != "up"), ("up", "tile_0-1", "tile_2-1"))
    completed, faults = complete(Draft(replace(truth, init=wrong), []), FLOOR.domain, FLOOR)
    assert set(completed.init) == set(truth.init)
    assert [("filled" in fault.message, "dropped" in fault.message) for fault in faults] == [
        (True, False),
        (False, True),
    ]


def test_a_fact_said_of_the_table_is_read_as_on_table() -> None:
    problem, faults = _blocks("(on b1 table) (on b2 b1) (on-table b3) (clear b2) (clear b3) (arm-empty)")
    assert ("on-table", "b1") in problem.init
    assert "table" not in problem.objects
    assert all(fault.mended for fault in faults), faults


def test_the_only_place_left_for_a_block_is_filled_in() -> None:
    problem, faults = _blocks("(on b1 b2) (on-table b3) (clear b1) (arm-empty)")
    assert ("on", "b2", "b3") in problem.init
    assert [fault.mended for fault in faults] == [True]


def test_no_place_is_guessed_where_there_are_two() -> None:
    problem, _ = _blocks("(on-table b3) (on-table b4) (clear b1) (arm-empty)", "b1 b2 b3 b4")
    assert not [atom for atom in problem.init if atom[0] == "on"]
    assert list(broken(problem, BLOCKS.domain, BLOCKS))


def test_the_fact_that_contradicts_two_others_goes() -> None:
    problem, faults = _blocks("(on-table b1) (on b2 b1) (on b1 b2) (clear b2) (on-table b3) (clear b3) (arm-empty)")
    assert ("on", "b1", "b2") not in problem.init
    assert ("on", "b2", "b1") in problem.init
    assert all(fault.mended for fault in faults)


def _hubs(init: str, goal: str, number: int = 4) -> Draft:
    pack = load_pack("tyreworld")
    hubs, nuts = (" ".join(f"{stem}{i}" for i in range(1, number + 1)) for stem in ("hub", "nut"))
    text = (
        f"(define (problem p) (:domain tyreworld) (:objects {hubs} - hub {nuts} - nut boot - container)\n"
        f"(:init (closed boot) (unlocked boot) {init})\n(:goal (and {goal})))"
    )
    return read_problem(text, pack.domain)


def test_a_series_goes_on_where_an_ellipsis_breaks_it_off() -> None:
    pack = load_pack("tyreworld")
    draft = _hubs("(tight nut1 hub1) (tight nut2 hub2) ...", "(on-ground hub1) (on-ground hub2) ... (on-ground hub4)")
    problem, faults = complete(draft, pack.domain, pack)
    assert {("tight", f"nut{i}", f"hub{i}") for i in (1, 2, 3, 4)} <= set(problem.init)
    assert {atom for _, atom in literals(problem.goal) or ()} == {("on-ground", f"hub{i}") for i in (1, 2, 3, 4)}
    assert not [
        fault for fault in faults if fault.kind == "abbreviated" and fault.section == "goal" and not fault.mended
    ]


def test_without_an_ellipsis_nothing_is_continued() -> None:
    pack = load_pack("tyreworld")
    problem, _ = complete(_hubs("(tight nut1 hub1) (tight nut2 hub2)", "(on-ground hub1)"), pack.domain, pack)
    assert ("tight", "nut3", "hub3") not in problem.init


def test_an_abbreviation_that_no_rule_can_fill_stays_a_fault() -> None:
    text = (
        "(define (problem p) (:domain blocksworld-4ops) (:objects b1 b2 b3) (:init (arm-empty) (on-table b1)\n"
        "; and so on for the rest of the blocks\n) (:goal (and (on b1 b2))))"
    )
    _, faults = complete(read_problem(text, BLOCKS.domain), BLOCKS.domain, BLOCKS)
    assert [fault.mended for fault in faults if fault.kind == "abbreviated"] == [False]


def test_an_abbreviation_of_what_the_rules_say_is_mended() -> None:
    truth = _without(FLOOR.generate(2, 3)[1], {"up", "down", "left", "right", "clear"})
    text = print_problem(truth).replace("(:goal", "; the rest of the init goes here\n(:goal")
    text = text.replace(")\n  ; the rest", "; the rest") if ")\n  ; the rest" in text else text
    draft = read_problem(text.replace("(:init", "(:init ; add the remaining adjacency facts here\n"), FLOOR.domain)
    assert draft.abbreviated
    _, faults = complete(draft, FLOOR.domain, FLOOR)
    assert all(fault.mended for fault in faults), [str(fault) for fault in faults]


def test_without_a_pack_nothing_is_made_up() -> None:
    truth = BLOCKS.generate(3, 1)[1]
    bare = _without(truth, {"clear"})
    assert complete(Draft(bare, []), BLOCKS.domain, None) == (bare, [])


def test_cells_are_told_apart_by_stem_and_condition() -> None:
    pack = load_pack("storage")
    problem = pack.generate(3, 1)[1]
    grids = cells(pack.grids[0], problem, pack.domain)
    assert len(grids) == 1
    (grid,) = grids.values()
    depots: set[Atom] = {atom for atom in problem.init if atom[0] == "in" and atom[2] in ("depot1",)}
    assert set(grid.values()) == {atom[1] for atom in depots}
