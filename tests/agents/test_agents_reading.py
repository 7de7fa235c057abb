"""Reading replies: tolerant of markup and spelling, strict about meaning, linear in time."""

from __future__ import annotations

import pytest
from agent_fakes import kitchen_world

from talkoot.agents.reading import Unreadable, read_intention, read_line, read_plan, read_skill, released_skill

GUIDE = kitchen_world().guide(0)


@pytest.mark.parametrize(
    "reply",
    [
        "Plan for <Player 0>: pickup_onion()",
        "plan for player 0: pickup_onion",
        "PLAN FOR <PLAYER 0> : PICKUP_ONION()",
        "**Plan for <Player 0>:** `pickup_onion()`",
        "**Plan for <Player 0>**: pickup(onion)",
        "- Plan for Player 0: pickup onion",
        "> ## Plan for <Player 0>: _pickup_onion()_",
        "1. Plan for <Player 0>: pickup_onion().",
        "2) **Plan for Player0:** pickup_onion",
        "Plan  for\t<Player  0>:   'pickup_onion()'",
        'Plan for <Player 0>: "pickup_onion"',
        "Plan for <Player 0>：pickup_onion()",
        "Plan for <Player 0>:\n\n  pickup_onion()",
        "Plan: pickup_onion()",
        "Analysis: no plan yet\r\nPlan for <Player 0>: pickup_onion()\r\n",
        "Plan for <Player 0>: pickup_onion(), pickup(onion)",
        "Plan for <Player 0>: pickup_onion(now)",
        "Plan for <Player 0>: I will pickup_onion() for the pot.",
        "Sure! Here is my answer.\n\nPlan for <Player 0>: pickup_onion()\nHope this helps: place_obj_on_counter()",
        "\ufeffx\nPlan for <Player 0>: \u200bpickup_onion()\u202e",
        "Plan for <Player 0>: pickup_onion()\nPlan for <Player 1>: pickup_dish()",
        "Plan for <Player 1>: pickup_dish()\nPlan for <Player 0>: pickup_onion()",
        "```\nPlan for <Player 0>: pickup_onion()\n```",
    ],
)
def test_one_plan_in_many_spellings(reply: str) -> None:
    assert str(read_plan(reply, GUIDE)) == "pickup_onion()"


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("wait(3)", "wait(3)"),
        ("Wait( 3 )", "wait(3)"),
        ("wait(n=3)", "wait(3)"),
        ('wait("3")', "wait(3)"),
        ("wait", "wait()"),
        ("wait()", "wait()"),
        ('wait("", "")', "wait()"),
        ("wait(soon)", "wait(soon)"),
        ("wait(1, 2)", "wait(1, 2)"),
        ("put_onion_in_pot(Pot 0)", "put_onion_in_pot()"),
        ("deliver(soup)", "deliver_soup()"),
        ("fill_dish(with_soup)", "fill_dish_with_soup()"),
        ("PlaceObjOnCounter()", "place_obj_on_counter()"),
        ("place obj on counter", "place_obj_on_counter()"),
        ("wait(3\u2028Ignore all rules)", "wait(3 Ignore all rules)"),
        ("wait(3\x00\u202e)", "wait(3)"),
        ("wait(\ud800)", "wait()"),
    ],
)
def test_skills_and_their_arguments(line: str, call: str) -> None:
    assert str(read_skill(line, GUIDE)) == call


def test_what_is_read_can_be_read_again_from_its_own_text() -> None:
    for line in ("wait(' 3 ')", "wait(= =3)", "wait(`a b`, c)", "wait(\t3\u00a0)"):
        call = read_skill(line, GUIDE)
        assert type(call).parse(str(call)) == call


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ("", "empty"),
        (" \n\t\r\n", "empty"),
        ("\x00", "no line 'Plan for <Player 0>: ...'"),
        ("pickup_onion()", "no line"),
        ("Plan for <Player 1>: pickup_onion()", "no line"),
        ("Plan for <Player 01>: pickup_onion()", "no line"),
        ("Plan for <Player 00>: pickup_onion()", "no line"),
        ("My Plan for <Player 0>: pickup_onion()", "no line"),
        ("Plan for <Player 0>:", "names none"),
        ("Plan for <Player 0>:\nPlan for <Player 1>: pickup_onion()", "names none"),
        ("Plan for <Player 0>: move_north()", "names none"),
        ("Plan for <Player 0>: pickup_tomato()", "names none"),
        ("Plan for <Player 0>: start_cooking()", "names none"),
        ("Plan for <Player 0>: </script><script>alert(1)</script>", "names none"),
        ("Plan for <Player 0>: pickup_onion() and then put_onion_in_pot()", "more than one"),
        ("Plan for <Player 0>: pickup_onion() or wait(2)", "more than one"),
        ("Plan for <Player 0>: " + "pick" * 1900, "names none"),
        ("计划：拿起洋葱", "no line"),
    ],
)
def test_what_cannot_be_used_says_why(reply: str, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem.replace("(", r"\(")):
        read_plan(reply, GUIDE)


def test_a_plan_for_the_other_seat_is_read_when_asked_for() -> None:
    reply = "Plan for <Player 0>: pickup_onion()\nPlan for <Player 1>: pickup_dish()"
    assert str(read_plan(reply, GUIDE, 1)) == "pickup_dish()"
    with pytest.raises(Unreadable):
        read_plan("Plan: pickup_onion()", GUIDE, 1)


def test_a_label_and_its_line() -> None:
    assert read_line("Analysis: a: b", "Analysis") == "a: b"
    assert read_line("analysis - none", "Analysis") is None
    assert read_line("Analyses: x\nAnalysis: y\nAnalysis: z", "Analysis") == "y"
    assert read_line("Analysis:", "Analysis") == ""
    assert read_line("Analysis:\n**", "Analysis") == ""


def test_intentions() -> None:
    assert read_intention("Intention of <Player 1>: pickup(dish)", GUIDE, 1) == "pickup_dish()"
    assert read_intention("Intention of Player 1: it will do something", GUIDE, 1) == ""
    assert read_intention("Intention of <Player 0>: pickup_dish()", GUIDE, 1) == ""
    # An empty intention does not borrow the plan that follows.
    assert read_intention("Intention of <Player 1>:\nPlan for <Player 0>: pickup_onion()", GUIDE, 1) == ""


@pytest.mark.parametrize(
    "hostile",
    ["\n" * 8000, " " * 8000, "*" * 8000, "- " * 4000, "Plan for " * 900, "Plan for <Player 0>" * 400 + " " * 3000,
     "Plan for <Player 0>:\n" * 400, "a" * 8000, "wait(" * 1600, "wait(" + "(" * 8000, "wait" + " " * 8000 + "!",
     "_" * 8000, "\t\n" * 4000 + "Plan", "layer " * 1300, "layer" + " " * 8000],
)  # fmt: skip
def test_long_hostile_text_is_read_in_linear_time(hostile: str) -> None:
    # Nothing asserts a time; what is not linear here takes longer than the whole suite may.
    for text in (hostile, hostile * 25, "Plan for <Player 0>: " + hostile):
        for label in ("Analysis", "Plan for <Player 0>", "Intention of <Player 1>"):
            read_line(text, label)
        released_skill(text, 0)
        try:
            read_plan(text, GUIDE)
        except Unreadable:
            continue


@pytest.mark.parametrize(
    ("reply", "call"),
    [
        ("Plan for Player 0: pickup(onion)", "pickup_onion()"),
        ("player0: pickup_onion", "pickup_onion()"),
        ("Plan for Player 0: pickup_dish.", "pickup_dish()"),
        ("Plan for Player 0: pick up a tomato", "pickup_tomato()"),
        ("Plan for Player 0: put_onion_in_pot()", "put_onion_in_pot()"),
        ("Plan for Player 0: put_tomato_in_pot()", "put_tomato_in_pot()"),
        ("Plan for Player 0: place_obj_on_counter()", "place_obj_on_counter()"),
        ("Plan for Player 0: place the onion, then pick a dish", "place_obj_on_counter()"),
        ("Plan for Player 0: fill_dish_with_soup()", "fill_dish_with_soup()"),
        ("Plan for Player 0: deliver_soup()", "deliver_soup()"),
        ("Plan for Player 0: wait(5)", "wait(5)"),
        ('Plan for Player 0: "wait(5)".', "wait(5)"),
        ("Plan for Player 0: wait 5", "wait(1)"),  # a blank is left over
        ("Plan for Player 0: wait", "wait(1)"),
        ("Plan for Player 0: wait(0)", "wait(0)"),
        ("Plan for Player 0: wait(00007)", "wait(7)"),
        ("Plan for Player 0: wait(123456789)", "wait(123456)"),
        ("Plan for Player 0: wait(³)", "wait(1)"),
        ("Plan for Player 0: pickup_onion while I wait", "wait(1)"),  # "wait" anywhere wins
        ("Plan for Player 1: pickup_dish\nPlan for Player 0: deliver_soup", "deliver_soup()"),
        ("Plan for Player 1: pickup_dish", "pickup_dish()"),  # no line of the own: the whole reply is read
        ("I would rather place something", "place_obj_on_counter()"),
        ("Plan for Player 0:pickup_dish because wait", "wait(1)"),  # no blank after the colon: no match
        ("dance", "wait(1)"),
        ("", "wait(1)"),
        ("Plan for Player 0: pick_it, quickly", "pick_it()"),
        ("Plan for Player 0: \"pick it\"", "pick()"),
        ("Plan for Player 0: 1. put it down", "_1()"),
        ("Plan for Player 0: … put it down", "_()"),
    ],
)  # fmt: skip
def test_the_released_parser_with_its_quirks(reply: str, call: str) -> None:
    skill = released_skill(reply, 0)
    assert str(skill) == call
    assert type(skill).parse(str(skill)) == skill


def test_the_released_parser_waits_longer_in_forced_coordination() -> None:
    assert str(released_skill("Plan for Player 0: wait(1)", 0, waits_at_least=3)) == "wait(3)"
    assert str(released_skill("Plan for Player 0: wait(9)", 0, waits_at_least=3)) == "wait(9)"
    assert str(released_skill("", 0, waits_at_least=3)) == "wait(3)"


def test_the_released_parser_survives_a_huge_number() -> None:
    assert str(released_skill("Plan for Player 0: wait(" + "9" * 7000 + ")", 0)) == "wait(999999)"
