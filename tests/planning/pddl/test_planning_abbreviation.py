import pytest

from pddl_samples import BLOCKS, GRID, problem
from talkoot.planning.pddl.reader import Draft, load_domain, read_problem

GARDEN, TOWER = load_domain(GRID), load_domain(BLOCKS)


def garden(init: str, objects: str = "b1 b2 b3 - bed n1 - numb", goal: str = "(wet b1)") -> Draft:
    return read_problem(problem(init, goal, objects, "garden"), GARDEN)


@pytest.mark.parametrize(
    "comment",
    [
        "Add the rest of the north and east relations here",
        "the remaining beds are left out for brevity",
        "similarly for the other beds",
        "and so on",
        "TODO",
        "east facts need to be defined",
        "Define the neighbours here",
        "... more facts",
        "the east relations follow the same pattern",
        "Initialize all beds as wet",
        "all possible links",
    ],
)
def test_a_comment_in_the_place_of_facts_is_an_abbreviation(comment: str) -> None:
    draft = garden(f"(north b1 b2)\n ;; {comment}\n ")
    assert draft.abbreviated
    (fault,) = draft.faults
    assert (fault.kind, fault.line, fault.section, fault.mended) == ("abbreviated", 3, "init", False)
    assert [(one.section, one.line, one.filled) for one in draft.abbreviations] == [("init", 3, False)]


@pytest.mark.parametrize(
    "text",
    [
        "; a drawing\n;  0  R0  0\n(north b1 b2) ; b1 is north of b2",
        "; define the levels\n(level b1 n1) (level b2 n1)",
        "; initialize all beds as wet\n(wet b1) (wet b2)",
        "; what is linked\n(linked b1 b2)",
        "; initial state\n(wet b1)",
    ],
)
def test_headings_and_drawings_are_none(text: str) -> None:
    assert not garden(text).abbreviated


def test_a_heading_over_other_facts_is_one() -> None:
    assert garden("; define the levels of the beds\n(corner b1)").abbreviated
    assert garden("; define links\n; specify levels\n(corner b1)").abbreviated


def test_comments_before_the_form_do_not_count() -> None:
    assert not read_problem("; the rest of the file is a problem\n" + problem("(clear a)"), TOWER).abbreviated


@pytest.mark.parametrize(
    ("objects", "names"),
    [
        ("b1 b2 ... b5 - bed", "b1 b2 b3 b4 b5"),
        ("b1 ... b3 - bed", "b1 b2 b3"),
        ("b1 b2 … b4 - bed", "b1 b2 b3 b4"),
        ("r-1-1 r-1-2 ... r-1-4 b1 - bed", "r-1-1 r-1-2 r-1-3 r-1-4 b1"),
    ],
)
def test_an_ellipsis_between_numbers_is_filled(objects: str, names: str) -> None:
    draft = garden("", objects)
    assert list(draft.problem.objects) == names.split()
    assert [(fault.kind, fault.mended, fault.section) for fault in draft.faults] == [("abbreviated", True, "objects")]
    assert draft.abbreviations[0].filled


def test_an_ellipsis_between_groups_of_facts_is_filled() -> None:
    draft = read_problem(problem("(on a1 b1) (clear a1) (on a2 b2) (clear a2) ... (on a4 b4) (clear a4)",
                                 "(and (clear b1) (clear b2) (...) (clear b4))", "a1..a4 b1..b4"), TOWER)  # fmt: skip
    assert [fault.mended for fault in draft.faults] == [True, True]
    assert draft.problem.init[4:6] == (("on", "a3", "b3"), ("clear", "a3"))
    assert draft.problem.goal == ("and", *(("clear", f"b{number}") for number in range(1, 5)))


@pytest.mark.parametrize(
    "objects",
    ["b1 b2 ... - bed", "b1 b3 ... b9 - bed", "b1 ... c9 - bed", "... b1 - bed", "b3 ... b1 - bed", "b1 etc. - bed"],
)
def test_an_ellipsis_that_could_mean_anything_is_left_as_a_fault(objects: str) -> None:
    draft = garden("(wet b1)", objects)
    assert [(fault.kind, fault.mended) for fault in draft.faults] == [("abbreviated", False)]
    assert "..." not in draft.problem.objects
