"""Taking replies apart into sections and putting them together again."""

from __future__ import annotations

import pytest

from planning_fakes import GOAL, INIT, OBJECTS, problem
from talkoot.planning.packs.pack import load_pack
from talkoot.planning.pddl.parts import assemble, parts_of, unfinished
from talkoot.planning.pddl.reader import load_problem


def test_the_parts_of_a_problem() -> None:
    parts = parts_of(problem())
    assert parts == {"problem": "(problem towers)", "objects": OBJECTS, "init": INIT, "goal": GOAL}
    assert list(parts) == ["problem", "objects", "init", "goal"]
    domain = load_pack("blocksworld").domain
    assert load_problem(assemble(parts, domain.name), domain) == load_problem(problem(), domain)


def test_parts_without_a_define() -> None:
    assert parts_of(f"Here it is:\n```pddl\n{GOAL.upper()}\n```\n") == {"goal": GOAL.upper()}
    assert parts_of("nothing (of the kind)") == {}
    assert parts_of("(problem alone)") == {}
    assert parts_of("; (:goal (in a comment))\n(:init (a))") == {"init": "(:init (a))"}


def test_an_open_section_ends_where_the_next_begins() -> None:
    text = "(define (problem p) (:init (a b) (c d)\n(:goal (and (a b)))\n"
    assert parts_of(text) == {"problem": "(problem p)", "init": "(:init (a b) (c d)", "goal": "(:goal (and (a b)))"}


def test_of_several_sections_the_last_counts() -> None:
    assert parts_of("(:goal (a)) (:init (b)) (:goal (c))") == {"init": "(:init (b))", "goal": "(:goal (c))"}


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (problem(), False),
        (problem().rstrip()[:-1], False),  # the last bracket is a slip
        (problem()[: problem().index("(:goal")], True),
        (problem()[: problem().index("(clear b3)")], True),
        (problem()[: problem().index("(on b1 b3)")], True),
        ("(define (problem", True),
        ("I am sorry, I cannot do that (really", False),
        (problem(init=INIT[:-1]), False),  # a bracket too few, but the goal is whole
        (f"```pddl\n{problem()}```\nI hope (so!", False),
        ("", False),
    ],
)
def test_unfinished(text: str, cut: bool) -> None:
    assert unfinished(text) is cut
