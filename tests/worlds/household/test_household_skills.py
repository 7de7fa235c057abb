from dataclasses import replace

import pytest

from household_homes import (
    APPLE,
    APPLE_IN_FRIDGE,
    CABINET,
    COFFEETABLE,
    CUPCAKE,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    PLATE,
    TABLE,
    two_rooms_task,
)
from household_views import Played
from talkoot.skills import Done, Failed, Known, blocked
from talkoot.types import Action, Observation
from talkoot.worlds.household.skills import distance, fitting, number_in, options, skills_for
from talkoot.worlds.household.task import Goal

SKILLS = {skill.name: skill for skill in skills_for(talk=True)}


def seen(view, **more):
    return Known(Observation(view.seat, view.t, view), **more)


def run(played, name, argument, seat=0, most=40):
    """Carry a skill out to its end."""
    for begun in range(most):
        move = SKILLS[name].next(seen(played.known[seat], begun=begun), (argument,))
        if not isinstance(move, Action):
            return move
        played.do(" ".join((move.name, *move.arguments)), seat=seat)
    raise AssertionError(f"{name} went on for {most} steps")


def why_not(view, name, *arguments, advice=True):
    return blocked(SKILLS[name], Observation(view.seat, view.t, view), arguments, advice=advice)


@pytest.mark.parametrize(
    ("text", "number"),
    [("fridge_103", 103), ("<fridge> (103)", 103), ("103", 103), ("fridge 103", 103), ("fridge", None), ("", None)],
)
def test_ids_in_arguments(text, number):
    assert number_in(text) == number


def test_exploring_ends_in_the_room():
    played = Played()
    assert run(played, "goexplore", "livingroom_12") == Done()
    assert played.known[0].me.room == LIVINGROOM
    assert why_not(played.known[0], "goexplore", "livingroom_12") == "<livingroom> (12) is explored"
    assert why_not(played.known[0], "goexplore", "livingroom_12", advice=False) is None
    assert "no room" in why_not(played.known[0], "goexplore", "cellar_99")
    assert isinstance(run(played, "goexplore", "cellar_99"), Failed)


def test_checking_opens_the_container():
    played = Played()
    assert run(played, "gocheck", "fridge_31") == Done()
    assert FRIDGE in played.state.open
    assert "looked into" in why_not(played.known[0], "gocheck", "fridge_31")
    assert "know of no container" in why_not(played.known[0], "gocheck", "fridge_99")
    assert "cannot be opened" in why_not(played.known[0], "gocheck", "apple_50")
    assert isinstance(run(played, "gocheck", "apple_50"), Failed)


def test_grabbing_from_a_table_and_from_a_container():
    played = Played()
    assert run(played, "gograb", "apple_50") == Done()
    run(played, "gocheck", "cabinet_32")
    assert run(played, "gograb", "cupcake_52") == Done()
    assert played.state.hands[0] == [APPLE, CUPCAKE]
    assert why_not(played.known[0], "gograb", "apple_51") == "I know of no (51)"
    assert why_not(played.known[0], "gograb", "apple_50").startswith("I already hold")
    assert SKILLS["gocheck"].next(seen(played.known[0]), ("fridge_31",)) == Failed("both hands are full")


def test_grabbing_opens_a_container_that_was_closed_again():
    played = Played()
    run(played, "gocheck", "fridge_31")
    played.do(f"close {FRIDGE}")
    assert run(played, "gograb", "apple_51") == Done()


def test_a_thing_that_went_into_the_partners_hands_ends_the_skill_in_words():
    played = Played()
    played.walk(KITCHEN, seat=1)
    played.walk(APPLE, seat=1)
    played.do(f"grab {APPLE}", seat=1)
    end = SKILLS["gograb"].next(seen(played.known[0]), ("apple_50",))
    assert end == Failed("<apple> (50) is in Bob's hands now")
    assert why_not(played.known[0], "gograb", "apple_50").startswith("Bob already holds")


def test_a_thing_that_is_gone_ends_the_skill_in_words():
    played = Played()
    view = played.known[0]
    gone = replace(view, nodes={n: node for n, node in view.nodes.items() if n != APPLE})
    assert "no longer where I knew it" in SKILLS["gograb"].next(seen(gone), ("apple_50",)).reason


def test_what_turns_out_to_be_something_else_is_not_grabbed():
    played = Played()
    view = played.known[0]
    assert SKILLS["gograb"].next(seen(view), ("apple_31",)) == Failed("<fridge> (31) cannot be taken")
    plate = played.walk(LIVINGROOM)
    assert SKILLS["gograb"].next(seen(plate), ("apple_53",)) == Failed("(53) is <plate> (53)")
    assert isinstance(SKILLS["gograb"].next(seen(plate), ("plate_53",)), Action)
    assert isinstance(SKILLS["gograb"].next(seen(view), ("the fruit 50",)), Action)


def test_what_is_delivered_is_not_grabbed_again():
    view = Played().known[0]
    done = replace(view, satisfied={APPLE: view.goals[0]})
    assert "delivered already" in SKILLS["gograb"].next(seen(done), ("apple_50",)).reason


def test_hearsay_is_walked_to_by_room_only():
    played = Played()
    played.do("wait", said={1: "I found <apple> (77) in the <livingroom> (12)."})
    assert SKILLS["gograb"].next(seen(played.known[0]), ("apple_77",)) == Action("walktowards", ("12",))
    assert isinstance(run(played, "gograb", "apple_77"), Failed)


def test_putting_on_a_surface():
    played = Played()
    run(played, "gograb", "apple_50")
    run(played, "gocheck", "cabinet_32")
    run(played, "gograb", "cupcake_52")
    assert run(played, "goput", "coffeetable_33") == Done()
    assert played.state.on[APPLE] == COFFEETABLE
    assert played.state.on[CUPCAKE] == COFFEETABLE
    assert why_not(played.known[0], "goput", "coffeetable_33") == "I hold nothing for <coffeetable> (33)"
    assert isinstance(SKILLS["goput"].next(seen(played.known[0]), ("coffeetable_33",)), Failed)
    assert "nothing is to be brought" in why_not(played.known[0], "goput", "fridge_31")


def test_putting_into_a_closed_container_opens_it_with_a_free_hand():
    played = Played(two_rooms_task(Goal("inside", "apple", FRIDGE, 1)))
    run(played, "gograb", "apple_50")
    assert run(played, "goput", "fridge_31") == Done()
    assert FRIDGE in played.state.open
    assert played.state.inside[APPLE] == FRIDGE


def test_with_both_hands_full_a_closed_goal_container_is_filled_as_it_is():
    played = Played(two_rooms_task(Goal("inside", "apple", FRIDGE, 1), Goal("inside", "plate", FRIDGE, 1)))
    run(played, "gograb", "apple_50")
    run(played, "goexplore", "livingroom_12")
    run(played, "gograb", f"plate_{PLATE}")
    assert run(played, "goput", "fridge_31") == Done()
    assert played.state.inside[APPLE] == played.state.inside[PLATE] == FRIDGE


def test_the_goal_place_is_looked_for_where_it_is_unknown():
    played = Played()
    run(played, "gograb", "apple_50")
    assert COFFEETABLE not in played.known[0].nodes
    assert run(played, "goput", "coffeetable_33") == Done()
    assert played.state.on[APPLE] == COFFEETABLE


def test_things_of_one_class_are_shared_out_among_two_places():
    played = Played(two_rooms_task(Goal("on", "apple", TABLE, 1), Goal("on", "apple", COFFEETABLE, 1)))
    played.walk(FRIDGE)
    view = played.do(f"open {FRIDGE}", f"grab {APPLE_IN_FRIDGE}")
    assert fitting(view, TABLE) == []
    assert fitting(view, COFFEETABLE) == [APPLE_IN_FRIDGE]
    assert "goput(kitchentable_30)" not in [str(option.call) for option in options(view)]
    run(played, "goput", "coffeetable_33")
    assert not played.known[0].missing


def test_what_no_goal_lacks_any_more_may_be_put_down_where_it_belongs():
    played = Played(two_rooms_task(Goal("on", "apple", TABLE, 1), Goal("on", "cupcake", COFFEETABLE, 1)))
    played.walk(FRIDGE)
    assert fitting(played.do(f"open {FRIDGE}", f"grab {APPLE_IN_FRIDGE}"), TABLE) == [APPLE_IN_FRIDGE]


def test_messages_and_waiting():
    view = Played().known[0]
    assert SKILLS["send_message"].next(seen(view), ("I take <apple> (50)",)) == Action(
        "send_message", say="I take <apple> (50)"
    )
    assert SKILLS["send_message"].next(seen(view, begun=1), ("Hi",)) == Done()
    assert SKILLS["send_message"].next(seen(view), ()) == Failed("there is nothing to say")
    assert SKILLS["wait"].next(seen(view), ("2",)) == Action("wait")
    assert SKILLS["wait"].next(seen(view, begun=2), ("2",)) == Done()
    assert SKILLS["gograb"].next(seen(view), ()) == Failed("gograb needs the id of a thing, such as gograb(fridge_103)")
    assert "send_message" not in [skill.name for skill in skills_for(talk=False)]


def test_options_in_the_references_order_with_their_distance():
    played = Played()
    listed = options(played.known[0])
    assert [option.text for option in listed] == [
        "[goexplore] <livingroom> (12)",
        "[gocheck] <fridge> (31)",
        "[gocheck] <cabinet> (32)",
        "[gograb] <apple> (50)",
    ]
    assert [option.note for option in listed] == [
        "about 7 m away", "about 4 m away", "within reach", "about 2 m away",
    ]  # fmt: skip
    run(played, "gograb", "apple_50")
    assert options(played.known[0])[-1].text == "[goput] <coffeetable> (33)"
    assert options(played.known[0])[-1].note == "not found yet"


def test_with_both_hands_full_there_is_one_plan():
    played = Played()
    run(played, "gograb", "apple_50")
    run(played, "gocheck", "fridge_31")
    run(played, "gograb", f"apple_{APPLE_IN_FRIDGE}")
    assert [option.text for option in options(played.known[0])] == ["[goput] <coffeetable> (33)"]


def test_distance_goes_through_known_doors():
    played = Played()
    view = played.walk(LIVINGROOM)
    assert distance(view, view.nodes[CABINET]) >= 3.3
    assert distance(view, view.rooms[LIVINGROOM]) == pytest.approx(
        ((view.me.position[0] - 7.5) ** 2 + (view.me.position[1] - 2.5) ** 2) ** 0.5
    )
