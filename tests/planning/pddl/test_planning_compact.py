import pytest

from pddl_samples import BLOCKS, GRID, problem
from talkoot.planning.pddl.compact import grid_cells, run
from talkoot.planning.pddl.reader import Draft, load_domain, read_problem
from talkoot.problem import Atom

GARDEN, TOWER = load_domain(GRID), load_domain(BLOCKS)


def garden(init: str, objects: str = "bed_0-1..bed_1-3 - bed n0..n3 - numb", goal: str = "(wet bed_0-1)") -> Draft:
    draft = read_problem(problem(init, goal, objects, "garden"), GARDEN)
    assert draft.compact
    return draft


def facts(init: str, **named: str) -> set[Atom]:
    draft = garden(init, **named)
    assert draft.faults == []
    return set(draft.problem.init)


def pairs(predicate: str, text: str) -> set[Atom]:
    return {(predicate, *pair.split()) for pair in text.split("|")}


def test_ranges_run_over_every_number_that_differs() -> None:
    assert run("b1..b4") == ["b1", "b2", "b3", "b4"]
    assert run("1..3") == ["1", "2", "3"]
    assert run("b9..b11") == ["b9", "b10", "b11"]
    assert run("b08...b10") == ["b08", "b09", "b10"]
    assert run("n3..n1") == ["n3", "n2", "n1"]
    assert run("b1..3") == ["b1", "b2", "b3"]
    assert run("t_0-1..t_1-2") == ["t_0-1", "t_0-2", "t_1-1", "t_1-2"]
    assert run("depot48-1-1..depot48-1-2") == ["depot48-1-1", "depot48-1-2"]
    assert run("b1") is None
    assert run("...") is None


@pytest.mark.parametrize("text", ["b1..c3", "a..b", "b1..b", "b1..b1000000", "a0-0..a999-999"])
def test_ranges_that_make_no_sense(text: str) -> None:
    with pytest.raises(ValueError, match=r"alike|too long|names"):
        run(text)
    draft = read_problem(problem("", objects=f"a {text}"), TOWER)
    assert [(fault.kind, fault.section) for fault in draft.faults if not fault.mended][:1] == [("syntax", "objects")]


def test_loops() -> None:
    assert facts("(for i 0..2 (above n{i+1} n{i}))") == pairs("above", "n1 n0|n2 n1|n3 n2")
    assert facts("(for i 0..1 (for j 1..2 (wet bed_{i}-{j})))") == pairs("wet", "bed_0-1|bed_0-2|bed_1-1|bed_1-2")
    assert facts("(for b bed_0-1..bed_0-2 (wet {b}) (corner {b}))") >= pairs("corner", "bed_0-1|bed_0-2")
    assert facts("(for b (bed_0-3 bed_1-3) (level {b} n0))") == pairs("level", "bed_0-3 n0|bed_1-3 n0")
    assert facts("(for i 2..1 (wet bed_0-{i}))") == pairs("wet", "bed_0-1|bed_0-2")


def test_loops_in_the_goal() -> None:
    draft = garden("", goal="(and (wet bed_1-1) (for i 1..2 (corner bed_0-{i}) (not (wet bed_0-{i}))))")
    assert draft.faults == []
    assert draft.problem.goal == ("and", ("wet", "bed_1-1"), ("corner", "bed_0-1"), ("not", ("wet", "bed_0-1")),
                                  ("corner", "bed_0-2"), ("not", ("wet", "bed_0-2")))  # fmt: skip


def test_a_range_in_a_fact_is_one_fact_for_each_name() -> None:
    assert facts("(wet bed_0-1..bed_0-3)") == pairs("wet", "bed_0-1|bed_0-2|bed_0-3")
    assert facts("(level bed_0-1..bed_0-2 n0)") == pairs("level", "bed_0-1 n0|bed_0-2 n0")
    assert facts("(= (steps bed_0-1 bed_0-2) 3)") == set()


def test_grids() -> None:
    assert facts("(grid north bed -1 0)") == pairs("north", "bed_0-1 bed_1-1|bed_0-2 bed_1-2|bed_0-3 bed_1-3")
    assert len(facts("(grid east bed 0 1)")) == 4
    two = facts("(grid east bed 0 1)", objects="a1-1..a1-2 b-1-1..b-1-2 tree - bed", goal="(wet tree)")
    assert two == pairs("east", "a1-2 a1-1|b-1-2 b-1-1")
    assert grid_cells(GARDEN, {"a-0-1": "bed", "x": "bed", "n_1-2": "numb"}, "bed") == {"a-0-1": ("a-", 0, 1)}


def test_chains() -> None:
    assert facts("(chain above n3 n2 n1)") == pairs("above", "n3 n2|n2 n1")
    assert facts("(chain above n3..n0)") == pairs("above", "n3 n2|n2 n1|n1 n0")


def test_closures_come_last() -> None:
    rule = "(forall (?b - bed) (when (corner ?b) (linked bed_0-3 ?b)))"
    both = facts(f"(symmetric linked) (linked bed_0-1 bed_0-2) {rule} (corner bed_1-1)")
    assert both >= pairs("linked", "bed_0-2 bed_0-1|bed_1-1 bed_0-3|bed_0-3 bed_1-1")
    assert facts("(chain above n0..n3) (transitive above)") == pairs("above", "n0 n1|n0 n2|n0 n3|n1 n2|n1 n3|n2 n3")
    ring = facts("(chain linked bed_0-1 bed_0-2 bed_0-3) (symmetric linked) (transitive linked)")
    assert len(ring) == 6


def test_facts_for_all_objects() -> None:
    assert len(facts("(forall (?b - bed) (wet ?b))")) == 6
    assert facts("(corner bed_0-1) (forall (?b - bed) (when (not (corner ?b)) (wet ?b)))") >= pairs("wet", "bed_1-3")
    some = facts("(corner bed_0-1) (forall (?b - bed) (when (not (corner ?b)) (wet ?b)))")
    assert ("wet", "bed_0-1") not in some
    assert len(facts("(forall (?a ?b - bed) (when (not (= ?a ?b)) (linked ?a ?b)))")) == 30
    assert len(facts("(forall (?x) (wet ?x))")) == 6  # of all objects, those that can be wet
    assert len(facts("(forall (?b - bed) (and (wet ?b) (corner ?b)) (level ?b n0))")) == 18


@pytest.mark.parametrize(
    ("macro", "words"),
    [
        ("(for i)", "needs a letter"),
        ("(for i n (wet b{i}))", "no range"),
        ("(for i 1..x (wet b{i}))", "not alike"),
        ("(chain wet bed_0-1 bed_0-2)", "no predicate wet with 2"),
        ("(chain above n0)", "two names or more"),
        ("(grid above numb 0 1)", "named like a cell"),
        ("(grid east bed)", "whole numbers"),
        ("(grid est bed 0 1)", "no predicate est"),
        ("(symmetric)", "needs the name of a predicate"),
        ("(linked bed_0-1..bed_0-2 bed_1-1..bed_1-2)", "two ranges"),
        ("(forall (?b - bed))", "variables and facts"),
        ("(for i 1..999 (for j 1..999 (wet bed_{i}-{j})))", "more than"),
        ("(forall (?a ?b ?c ?d ?e ?f ?g - bed) (wet ?a))", "cases"),
    ],
)
def test_macros_that_make_no_sense_are_faults_with_a_place(macro: str, words: str) -> None:
    (fault, *_) = [fault for fault in garden(f"(wet bed_0-1)\n {macro}").faults if not fault.mended]
    assert words in fault.message
    assert (fault.kind, fault.line, fault.column, fault.section) == ("syntax", 3, 2, "init")
    assert fault.remedy


def test_faults_of_what_a_macro_gives_are_told_at_the_macro() -> None:
    (fault,) = garden("\n(for i 1..2 (wett bed_0-{i}))").faults[:1]
    assert (fault.kind, fault.line) == ("unknown-predicate", 3)


def test_a_predicate_of_the_same_name_is_no_macro() -> None:
    domain = load_domain(BLOCKS.replace("(clear ?a)", "(clear ?a) (chain ?a ?b)", 1))
    draft = read_problem(problem("(chain a b)"), domain)
    assert draft.problem.init == (("chain", "a", "b"),)
    assert not draft.compact


def test_what_would_grow_beyond_measure_is_a_fault() -> None:
    for init, objects in (
        ("(chain on o1..o900) (transitive on)", "o1..o900"),
        ("(for i 1..999 (for j 1..999 (for k () (clear a))))", "a"),
        ("(clear a1) ... (clear a99999999)", "a1 a99999999"),
        (f"(clear a1) ... (clear a{'9' * 5000})", "a1"),
        (f"(for i (1 {'9' * 5000}) (clear a{{i+1}}))", "a"),
    ):
        draft = read_problem(problem(init, "(clear a1)", objects), TOWER)
        assert any(not fault.mended for fault in draft.faults)
        assert len(draft.problem.init) < 1000
    goal = read_problem(problem("", "(forall (?a ?b ?c ?d ?e) (on ?a ?b))", "o1..o99"), TOWER)
    assert [(fault.kind, fault.mended) for fault in goal.faults] == [("quantifier", False)]
    assert goal.problem.goal[0] == "forall"


def test_what_is_written_fact_by_fact_has_no_bound() -> None:
    names = [f"b{number}" for number in range(160)]
    init = " ".join(f"(on {a} {b})" for a in names for b in names)
    draft = read_problem(problem(init, "(on b1 b2)", " ".join(names)), TOWER)
    assert not [fault for fault in draft.faults if "more than" in fault.message]
    assert len(draft.problem.init) >= 25_600
