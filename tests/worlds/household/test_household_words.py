from dataclasses import replace

from household_homes import APPLE, APPLE_IN_FRIDGE, CUPCAKE, FRIDGE, KITCHEN, LIVINGROOM, two_rooms_task
from household_views import Played
from talkoot.types import Style
from talkoot.worlds.household.task import Goal
from talkoot.worlds.household.words import goal_words, listed, plural, tell


def test_the_goal_in_one_sentence():
    task = two_rooms_task()
    assert goal_words(task.goals) == "Find and put 2 apples and 1 cupcake onto the <coffeetable> (33)."
    assert goal_words((Goal("inside", "plate", 7, 3, "dishwasher"),)) == (
        "Find and put 3 plates into the <dishwasher> (7)."
    )


def test_lists_and_plurals():
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert [plural("apple", 1), plural("apple", 2)] == ["1 apple", "2 apples"]


def test_progress_at_the_start():
    assert tell(Played().see(0), Style()) == (
        "I hold nothing. I am in the <kitchen> (11), where I found <apple> (50) and the unchecked containers "
        "<fridge> (31), <cabinet> (32). I do not know where Bob is. The <livingroom> (12) is unexplored by me."
    )


def test_progress_with_full_hands_and_a_mate_at_hand():
    played = Played()
    played.walk(FRIDGE)
    played.do(f"open {FRIDGE}", f"grab {APPLE_IN_FRIDGE}")
    played.walk(KITCHEN, seat=1)
    played.walk(APPLE, seat=1)
    played.do(f"grab {APPLE}", seat=1)
    assert tell(played.known[0], Style()) == (
        "I hold <apple> (51). I am in the <kitchen> (11), where I found the unchecked container <cabinet> (32). "
        "Bob is here too and holds <apple> (50). The <livingroom> (12) is unexplored by me."
    )
    told = tell(played.known[1], Style())
    assert told.startswith("I hold <apple> (50). I am in the <kitchen> (11)")
    assert "Alice is here too and holds <apple> (51)." in told
    assert told.endswith("In the <livingroom> (12) I found <coffeetable> (33).")


def test_progress_after_the_mate_was_left_and_something_was_delivered():
    played = Played()
    played.walk(KITCHEN, seat=1)
    played.walk(LIVINGROOM)
    goal = played.known[0].goals[0]
    told = tell(replace(played.known[0], satisfied={APPLE: goal}), Style())
    assert told.startswith("We have already put <apple> (50) onto the <coffeetable> (33). I hold nothing.")
    assert "I last knew Bob in the <kitchen> (11), holding nothing." in told


def test_progress_alone():
    played = Played(seats=(0,))
    told = tell(replace(played.known[0], satisfied={CUPCAKE: played.task.goals[1]}), Style())
    assert told.startswith("I have already put <cupcake> (52) onto the <coffeetable> (33).")
    assert "Bob" not in told


def test_nothing_found_and_hearsay():
    view = replace(Played().walk(LIVINGROOM), nodes={}, inside={}, told_rooms=frozenset())
    assert "where I found nothing." in tell(view, Style())
    played = Played()
    played.do("wait", said={1: "I found <cupcake> (60) in the <livingroom> (12)."})
    assert "is unexplored by me, but I know of <cupcake> (60) (told by the other)." in tell(played.known[0], Style())


def test_coordinates_are_told_on_request():
    told = tell(Played().see(0), Style("words", True))
    assert "I stand at (1.0, 1.5) and look towards 0 degrees" in told
    assert "<apple> (50) at (2.5, 2.5)" in told
    assert "<fridge> (31) at (0.4, 4.6)" in told
    assert "its middle at (7.5, 2.5)" in told


def test_a_plan_in_characters_shows_rooms_people_and_containers():
    plan = tell(Played().see(0), Style("grid"))
    assert {"A", "C", "o", "#", "?"} <= set(plan)
    assert "B" not in plan
    assert tell(Played().see(0), Style("both")).endswith(plan)
