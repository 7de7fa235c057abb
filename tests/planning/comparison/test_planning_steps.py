"""Reading plans that language models wrote into ground actions."""

from __future__ import annotations

import pytest

from talkoot.planning.comparison.steps import UNSAID, fill_in, read_steps
from talkoot.planning.pddl.domain import ActionSchema, Domain, Parameters
from talkoot.problem import Problem


def _schema(name: str, **parameters: str) -> ActionSchema:
    typed: Parameters = tuple((f"?{key}", (kind,)) for key, kind in parameters.items())
    return ActionSchema(name, typed)


BLOCKS = Domain("blocks", actions={
    "pickup": _schema("pickup", x="object"), "putdown": _schema("putdown", x="object"),
    "stack": _schema("stack", x="object", y="object"), "unstack": _schema("unstack", x="object", y="object"),
})  # fmt: skip
PHRASES = {
    "pickup": "Pick up {x} from the table",
    "putdown": "Put {x} down on the table",
    "stack": "Put {x} onto {y}",
    "unstack": "Take {x} off {y}",
}
NAMES = {"b1": "object", "b2": "object", "block_3": "object"}

YARD = Domain(
    "yard",
    types={"hoist": ("object",), "area": ("object",), "inside": ("area",), "outside": ("area",), "crate": ("object",),
           "hall": ("object",)},
    actions={
        "move": _schema("move", who="hoist", here="inside", there="inside"),
        "go-out": _schema("go-out", who="hoist", here="inside", there="outside"),
        "go-in": _schema("go-in", who="hoist", here="outside", there="inside"),
        "lift": _schema("lift", who="hoist", load="crate", off="inside", stand="area", hall="hall"),
    },
)  # fmt: skip
YARD_PHRASES = {"move": "{who} moves from {here} to {there}", "go-out": "{who} leaves {here} for {there}"}
YARD_NAMES = {"h1": "hoist", "h2": "hoist", "in-1-1": "inside", "in-1-2": "inside", "dock": "outside",
              "crate0": "crate", "depot": "hall"}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("(unstack b1 b2)", ("unstack", "b1", "b2")),
        ("3. (UNSTACK B1 B2)", ("unstack", "b1", "b2")),
        ("Step 2: unstack b1 b2", ("unstack", "b1", "b2")),
        ("- stack(b1, b2)", ("stack", "b1", "b2")),
        ("1) Pick up b1 from the table.", ("pickup", "b1")),
        ("**4.** Take b1 off b2", ("unstack", "b1", "b2")),
        ("Put block 3 onto the b2", ("stack", "block_3", "b2")),
        ("Then the arm unstacks block b1 from block b2", ("unstack", "b1", "b2")),
        ("Pick up block 3", ("pickup", "block_3")),
        ("picking up b2, which is clear", ("pickup", "b2")),
        ("Put down b1", ("putdown", "b1")),
        ("`(pickup b1)` -- b1 is clear", ("pickup", "b1")),
    ],
)
def test_one_step_in_many_forms(line: str, step: tuple[str, ...]) -> None:
    read = read_steps(line, BLOCKS, PHRASES, NAMES)
    assert read.plan == (step,)
    assert read.unreadable == ()


@pytest.mark.parametrize(
    "line",
    [
        "1. (stack b1)",  # too few
        "2. (stack b1 b9)",  # no such object
        "3. unstack it from there",
        "4. move the red block",
        "5. pick up b1 or put down b2",  # two actions
        "(fly b1)",
    ],
)
def test_lines_that_look_like_steps_are_counted(line: str) -> None:
    read = read_steps(line, BLOCKS, PHRASES, NAMES)
    assert read.plan is None
    assert read.unreadable == (line.lower(),)


def test_several_steps_in_a_line_and_prose_around() -> None:
    reply = """Here is what the arm must do:

    To unstack the blocks:
    1. Take b1 off b2, then put b1 down on the table. Pick up b2 from the table; put b2 onto b1
    2. (pickup block_3) (stack block_3 b2)

    After this the goal is reached."""
    read = read_steps(reply, BLOCKS, PHRASES, NAMES)
    assert read.plan == (
        ("unstack", "b1", "b2"), ("putdown", "b1"), ("pickup", "b2"), ("stack", "b2", "b1"),
        ("pickup", "block_3"), ("stack", "block_3", "b2"),
    )  # fmt: skip
    assert read.unreadable == ()


def test_a_line_is_read_whole_or_not_at_all() -> None:
    read = read_steps("1. Take b1 off b2, then fly home", BLOCKS, PHRASES, NAMES)
    assert read.plan is None
    assert len(read.unreadable) == 1


@pytest.mark.parametrize(
    "reply", ["The goal is already satisfied.", "No actions are needed.", "Nothing has to be done."]
)
def test_nothing_to_do_is_the_empty_plan(reply: str) -> None:
    assert read_steps(reply, BLOCKS, PHRASES, NAMES).plan == ()


@pytest.mark.parametrize("reply", ["", "   \n", "I cannot help with that.", "((((", "\ud800 )(", "1.\n2.\n"])
def test_no_plan(reply: str) -> None:
    assert read_steps(reply, BLOCKS, PHRASES, NAMES).plan is None


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("h1 moves from in-1-1 to in-1-2", ("move", "h1", "in-1-1", "in-1-2")),
        ("h1 moves from dock to in-1-2", ("go-in", "h1", "dock", "in-1-2")),  # the types fit this one only
        ("h1 moves from in-1-1 to dock", ("go-out", "h1", "in-1-1", "dock")),
        ("Lift crate0 off in-1-1 with h2 that stands on dock", ("lift", "h2", "crate0", "in-1-1", "dock", "depot")),
        ("h2 lifts crate0 in depot from in-1-1, from the dock", ("lift", "h2", "crate0", "in-1-1", "dock", "depot")),
    ],
)
def test_types_tell_which_parameter_is_meant(line: str, step: tuple[str, ...]) -> None:
    assert read_steps(line, YARD, YARD_PHRASES, YARD_NAMES).plan == (step,)


def test_what_reads_two_ways_is_not_read() -> None:
    # Either cell could be the one that the crate is lifted off; order does not fit the parameters.
    read = read_steps("1. Lift, at in-1-2 and in-1-1, with h1 crate0", YARD, YARD_PHRASES, YARD_NAMES)
    assert read.plan is None
    assert len(read.unreadable) == 1


def test_without_objects_names_are_taken_as_they_stand() -> None:
    read = read_steps("1. Put red cube onto blue\n2. (pickup green)\n3. pick green up", BLOCKS, PHRASES)
    assert read.plan == (("stack", "red-cube", "blue"), ("pickup", "green"))
    assert len(read.unreadable) == 1


def test_what_a_phrase_leaves_unsaid_is_filled_in_from_the_state() -> None:
    move = ActionSchema("move", (("?here", ("cell",)), ("?there", ("cell",)), ("?hand", ("hand",))),
                        ("and", ("at", "?here"), ("free", "?hand")),
                        ("and", ("not", ("at", "?here")), ("at", "?there"), ("not", ("free", "?hand"))))  # fmt: skip
    domain = Domain("d", types={"cell": ("object",), "hand": ("object",)}, actions={"move": move})
    phrases = {"move": "Walk to {there}"}
    objects = {"c1": "cell", "c2": "cell", "left": "hand", "right": "hand"}
    problem = Problem("p", "d", objects, (("at", "c2"), ("free", "left"), ("free", "right")), ("at", "c2"))
    read = read_steps("1. Walk to c1\n2. Walk to the c2\n3. Walk to c1", domain, phrases, objects)
    assert read.plan == tuple(("move", UNSAID, there, UNSAID) for there in ("c1", "c2", "c1"))
    assert fill_in(read.plan, domain, problem) == (
        ("move", "c2", "c1", "left"), ("move", "c1", "c2", "right"), ("move", "c1", "c1", "left"),
    )  # fmt: skip
    said = (("move", "c1", "c2", "left"), ("move", UNSAID, "c2", "right"))  # the first cannot be carried out
    assert fill_in(said, domain, problem) == (said[0], ("move", "c1", "c2", "right"))
