"""Replies that name things by their ids: arguments of skills, names of seats, messages as skills."""

from __future__ import annotations

import pytest
from agent_fakes import kitchen_world
from house_fakes import HouseWorld
from hypothesis import given
from hypothesis import strategies as st

from talkoot.agents.reading import Unreadable, read_intention, read_line, read_plan, read_skill

GUIDE = HouseWorld().guide(0)


@pytest.mark.parametrize(
    "line",
    ["take(cup_12)", "take(<cup> (12))", "take(cup (12))", "take(<cup>(12))", "take(cup 12)", "[take] <cup> (12)",
     "take <cup> (12)", "take cup_12", "take cup 12", "**take(cup_12)**", "Take( Cup_12 )", "take('cup_12')",
     "take(cup=cup_12)", "I will take(<cup> (12)) now", "[take] <cup> (12) - far away"],
)  # fmt: skip
def test_a_thing_in_many_spellings(line: str) -> None:
    assert str(read_skill(line, GUIDE)) == "take(cup_12)"


@pytest.mark.parametrize(
    ("line", "call"),
    [("wait(3)", "wait(3)"), ("wait", "wait()"), ("wait until 5", "wait()"), ("take(12)", "take(12)"),
     ("look(room_3)", "look(room_3)"), ("take", "take()"), ("take(the cup)", "take(the cup)"),
     ("take(cup_12, now)", "take(cup_12, now)"), ("take(<cup> (" + "9" * 40 + "))", "take()")],
)  # fmt: skip
def test_other_arguments(line: str, call: str) -> None:
    assert str(read_skill(line, GUIDE)) == call


def test_the_kitchen_reads_as_before() -> None:
    guide = kitchen_world().guide(0)
    for line, call in (("wait 3", "wait()"), ("wait for player 1", "wait()"), ("pickup_onion 1", "pickup_onion()")):
        assert str(read_skill(line, guide)) == call


@pytest.mark.parametrize(
    ("line", "text"),
    [("tell(I see <cup> (12).)", "I see <cup> (12)."), ("[tell] I see <cup> (12), (13)", "I see <cup> (12), (13)"),
     ('tell("<cup> (12) is mine")', "<cup> (12) is mine"), ("tell(take(cup_12)!).", "take(cup_12)!"),
     ("tell: hello", "hello"), ("tell", ""), ("tell(" + "x" * 500 + ")", "x" * 60)],
)  # fmt: skip
def test_a_message_is_one_argument(line: str, text: str) -> None:
    call = read_skill(line, GUIDE)
    assert (call.name, call.arguments) == ("tell", (text,))


def test_seats_have_names() -> None:
    reply = "Intention of Ben: take(<cup> (12))\nPlan for Ben: wait(1)\nPlan for Ann: look(room_2)"
    assert str(read_plan(reply, GUIDE)) == "look(room_2)"
    assert str(read_plan(reply, GUIDE, 1)) == "wait(1)"
    assert read_intention(reply, GUIDE, 1) == "take(cup_12)"
    with pytest.raises(Unreadable, match="it has no line 'Plan for Ann"):
        read_plan("Plan for Ben: wait(1)", GUIDE)


def test_the_last_line_of_a_kind() -> None:
    text = "Answer: A\nno\nAnswer: B\nand so on"
    assert (read_line(text, "Answer"), read_line(text, "Answer", last=True)) == ("A", "B")
    assert read_line("none", "Answer", last=True) is None


@given(st.text(alphabet="take(<cup>_ 12)\n[]", max_size=120))
def test_hostile_names_are_a_call_or_unreadable(text: str) -> None:
    try:
        call = read_skill(text, GUIDE)
    except Unreadable:
        return
    assert GUIDE.skill(call.name) is not None
    assert all("\n" not in argument for argument in call.arguments)


@pytest.mark.parametrize("evil", ["take(" * 1500, "take " + "_" * 7900, "take(" + "<" * 7900, "take [" * 1300])
def test_long_nonsense_is_read_in_linear_time(evil: str) -> None:
    """Quadratic reading would take minutes here."""
    for _ in range(20):
        assert read_skill(evil, GUIDE).name == "take"
