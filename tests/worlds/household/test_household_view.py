import json
from dataclasses import replace

import pytest

from household_homes import (
    APPLE,
    APPLE_IN_FRIDGE,
    BATHROOM,
    BEDROOM,
    CABINET,
    COFFEETABLE,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    PLATE,
    TABLE,
    four_rooms_task,
    two_rooms_task,
)
from household_views import Played, labels
from talkoot.types import Style
from talkoot.worlds.household.task import Goal
from talkoot.worlds.household.view import relevant, restore


def test_view_of_the_moment():
    view = Played().see(0)
    assert list(view.rooms) == [LIVINGROOM, KITCHEN]
    assert APPLE in view.nodes
    assert APPLE_IN_FRIDGE not in view.nodes
    assert PLATE not in view.nodes
    assert view.me.room == KITCHEN
    assert view.mate is None
    assert not view.mate_here
    assert view.missing == {goal: goal.count for goal in view.goals}
    assert view.wanted == {"apple", "cupcake"}
    assert view.targets == (COFFEETABLE,)


def test_what_is_missing_shrinks_with_what_is_delivered():
    view = Played().see(0)
    apples, cupcake = view.goals
    assert replace(view, satisfied={APPLE: apples}).missing == {apples: 1, cupcake: 1}
    assert replace(view, satisfied={APPLE: apples, APPLE_IN_FRIDGE: apples}).wanted == {"cupcake"}
    assert replace(view, satisfied={APPLE: apples}).goal_of(APPLE) == apples
    assert view.goal_of(PLATE) is None


def test_things_and_unchecked_containers_by_room():
    played = Played()
    assert labels(played.see(0).things(KITCHEN)) == ["<apple> (50)"]
    assert labels(played.see(0).unchecked(KITCHEN)) == ["<fridge> (31)", "<cabinet> (32)"]
    played.walk(FRIDGE)
    view = played.do(f"open {FRIDGE}")
    assert labels(view.things(KITCHEN)) == ["<apple> (50)", "<apple> (51)"]
    assert labels(view.unchecked(KITCHEN)) == ["<cabinet> (32)"]


def test_the_goals_own_container_is_not_to_be_checked():
    played = Played(two_rooms_task(Goal("inside", "apple", FRIDGE, 1)))
    assert labels(played.see(0).unchecked(KITCHEN)) == ["<cabinet> (32)"]


def test_rooms_through_containers_and_hands():
    played = Played()
    played.walk(FRIDGE)
    played.do(f"open {FRIDGE}", f"grab {APPLE_IN_FRIDGE}")
    view = played.walk(LIVINGROOM)
    assert view.room_of(APPLE_IN_FRIDGE) == LIVINGROOM
    assert view.room_of(FRIDGE) == KITCHEN
    assert view.room_of(CABINET) == KITCHEN
    assert view.room_of(999) is None
    assert view.node(LIVINGROOM) is view.rooms[LIVINGROOM]


def test_seeing_and_reaching():
    played = Played()
    assert played.see(0).sees(APPLE)
    assert not played.see(0).sees(APPLE_IN_FRIDGE)
    view = played.walk(TABLE)
    assert view.reaches(TABLE)
    far = Played().walk(LIVINGROOM)
    assert not far.sees(APPLE)
    assert not far.reaches(APPLE)


def test_what_somebody_visibly_completed():
    played = Played()
    played.walk(APPLE)
    before = played.known[0]
    assert str(played.do(f"grab {APPLE}").completed(0, before)) == "gograb(apple_50)"
    before = played.known[0]
    assert str(played.do(f"putback {APPLE} {TABLE}").completed(0, before)) == "goput(kitchentable_30)"
    played.walk(FRIDGE)
    before = played.known[0]
    assert str(played.do(f"open {FRIDGE}").completed(0, before)) == "gocheck(fridge_31)"
    assert played.do("wait").completed(0, played.known[0]) is None
    assert played.known[0].completed(1, before) is None


def test_the_mates_deeds_show_in_the_same_room_only():
    played = Played()
    played.walk(KITCHEN, seat=1)
    played.walk(APPLE, seat=1)
    before = played.known[0]
    played.do(f"grab {APPLE}", seat=1)
    assert played.known[0].mate_here
    assert str(played.known[0].completed(1, before)) == "gograb(apple_50)"
    assert played.known[0].changed(0, before)


def test_changes_that_matter():
    played = Played()
    before = played.known[0]
    assert not played.do("turnleft").changed(0, before)
    played.walk(FRIDGE)
    before = played.known[0]
    assert played.do(f"open {FRIDGE}").changed(0, before)


def test_ways_lead_through_known_doors():
    view = Played().see(0)
    assert [beyond for beyond, _ in view.ways[KITCHEN]] == [LIVINGROOM]
    assert Played(four_rooms_task()).see(0).ways.get(BATHROOM, []) in ([], [(KITCHEN, (3.5, 7.5))])


@pytest.mark.parametrize("style", [Style(), Style("grid"), Style("both", True)])
def test_a_saved_view_comes_back(style):
    played = Played()
    played.walk(FRIDGE)
    played.do(f"open {FRIDGE}", f"grab {APPLE_IN_FRIDGE}")
    played.walk(LIVINGROOM)
    for view in (played.known[0], played.see(1)):
        again = restore(json.loads(json.dumps(view.save())))
        assert again == view
        assert again.words(0, style) == view.words(0, style)
        assert again.pose(0) == view.pose(0)


def test_what_is_relevant_for_the_task():
    names = {node.name for node in relevant(Played().see(0))}
    assert names == {"apple", "fridge", "cabinet"}
    played = Played(four_rooms_task())
    played.walk(KITCHEN)
    played.walk(BEDROOM)
    assert "kitchentable" in {node.name for node in relevant(played.known[0])}
