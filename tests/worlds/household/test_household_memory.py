import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from household_views import Played, labels
from talkoot.types import Message, Style
from talkoot.worlds.household.memory import PATIENCE, hear
from talkoot.worlds.household.task import Goal
from talkoot.worlds.household.view import restore


def test_what_was_seen_is_kept_after_leaving():
    played = Played()
    view = played.walk(LIVINGROOM)
    assert APPLE in view.nodes
    assert view.room_of(APPLE) == KITCHEN
    assert view.explored == {KITCHEN, LIVINGROOM}
    assert APPLE not in played.see(0).nodes


def test_what_the_partner_took_is_forgotten_when_its_place_is_seen_again():
    played = Played()
    played.walk(LIVINGROOM)
    played.walk(KITCHEN, seat=1)
    played.walk(APPLE, seat=1)
    played.do(f"grab {APPLE}", seat=1)
    assert APPLE in played.known[0].nodes
    played.walk(LIVINGROOM, seat=1)
    view = played.walk(KITCHEN)
    assert APPLE not in [thing.id for thing in view.things(KITCHEN)]


def test_what_the_partner_holds_is_known_from_sight():
    played = Played()
    played.walk(KITCHEN, seat=1)
    played.walk(APPLE, seat=1)
    played.do(f"grab {APPLE}", seat=1)
    view = played.walk(LIVINGROOM, seat=1)
    alice = played.known[0]
    assert view.me.holding == (APPLE,)
    assert alice.mate.holding == (APPLE,)
    assert alice.mate.room == KITCHEN
    assert not alice.mate_here
    assert alice.things(KITCHEN) == []


def test_what_the_partner_put_down_again_is_no_longer_in_its_hands():
    played = Played()
    played.walk(KITCHEN, seat=1)
    played.walk(APPLE, seat=1)
    played.do(f"grab {APPLE}", seat=1)
    played.walk(LIVINGROOM, seat=1)
    played.walk(COFFEETABLE, seat=1)
    played.do(f"putback {APPLE} {COFFEETABLE}", seat=1)
    assert APPLE in played.known[0].satisfied
    assert played.known[0].mate.holding == ()


def test_the_inside_of_a_container_that_was_closed_again_is_remembered():
    played = Played()
    played.walk(FRIDGE)
    played.do(f"open {FRIDGE}")
    view = played.do(f"close {FRIDGE}")
    assert APPLE_IN_FRIDGE in view.nodes
    assert FRIDGE not in view.open
    assert FRIDGE in view.checked
    assert FRIDGE not in [node.id for node in view.unchecked(KITCHEN)]


def test_hearsay_about_finds_becomes_knowledge_until_it_is_seen_to_be_wrong():
    played = Played()
    played.do("wait", said={1: "I found <apple> (77) and <plate> (53) in the <livingroom> (12)."})
    view = played.known[0]
    assert labels(view.things(LIVINGROOM)) == ["<apple> (77)"]
    assert view.told == {77}
    assert not view.reaches(77)
    view = played.walk(LIVINGROOM)
    assert 77 not in view.nodes
    assert view.told == frozenset()


def test_hearsay_about_containers_rooms_and_hands():
    played = Played()
    said = (
        "I checked <cabinet> (32). Nothing more is in the <livingroom> (12). I hold <apple> (51) in the <kitchen> (11)."
    )
    played.do("wait", said={1: said})
    view = played.known[0]
    assert CABINET in view.checked
    assert view.told_rooms == {LIVINGROOM}
    assert view.mate.holding == (APPLE_IN_FRIDGE,)
    assert view.mate.room == KITCHEN
    assert "Bob says nothing is left" in view.words(0, Style())
    assert played.walk(LIVINGROOM).told_rooms == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "Could you check <cabinet> (32)?",
        "I will open <cabinet> (32)",
        "I have not found <apple> (77) in the <livingroom> (12).",
        "<apple> (77)",
        "I found <sofa> (78) in the <livingroom> (12).",
        "I found <apple> (77).",
        "",
        "found " * 400,
    ],
)
def test_what_is_no_statement_changes_nothing(text):
    view = Played().known[0]
    assert hear(view, Message(1, text, 0)) == view


def test_eyes_tell_more_than_words():
    played = Played()
    played.do("wait", said={1: "I found <apple> (77) in the <kitchen> (11)."})
    assert 77 not in played.known[0].nodes
    played.do("wait", said={1: "I found <apple> (31) in the <livingroom> (12)."})
    assert played.known[0].nodes[FRIDGE].name == "fridge"
    played.do("wait", said={1: "I took <apple> (50) in the <livingroom> (12)."})
    assert played.do("wait").room_of(APPLE) == KITCHEN


@pytest.mark.parametrize(
    "text",
    [
        "I hold <apple> (31) in the <livingroom> (12).",
        "I hold <apple> (50) in the <livingroom> (12).",
        "I found <apple> (33) in the <livingroom> (12).",
        "I found <apple> (1) and <cupcake> (2) in the <livingroom> (12).",
        "I found <apple> (77) in the <bathroom> (12).",
        "I checked <fridge> (30).",
        "Nothing is left in the <kitchen> (12).",
    ],
)
def test_slips_of_the_tongue_and_what_eyes_deny_change_nothing(text):
    before = Played().known[0]
    after = hear(before, Message(1, text, 0))
    assert (after.nodes, after.inside, after.told, after.checked) == (before.nodes, before.inside, before.told,
                                                                      before.checked)  # fmt: skip
    assert after.told_rooms == before.told_rooms
    assert after.mate is None or not after.mate.holding


def test_one_sentence_may_tell_of_containers_and_of_things():
    said = "I checked <cabinet> (34) and found <apple> (77) and <cupcake> (78) in the <livingroom> (12)."
    view = hear(Played().known[0], Message(1, said, 0))
    assert 34 in view.checked
    assert labels(view.things(LIVINGROOM)) == ["<apple> (77)", "<cupcake> (78)"]


@pytest.mark.parametrize(
    "text",
    [
        "I found <apple> (77) in the <livingroom> (12), please take it.",
        "I found <apple> (77) in the <livingroom> (12) so could you get it?",
        "There is <apple> (77) in the <livingroom> (12) and I will go to the <kitchen> (11).",
        "I saw <apple> (77) in the <livingroom> (12), but I'll take <cupcake> (52) first.",
    ],
)
def test_a_request_behind_a_statement_does_not_hide_it(text):
    view = hear(Played().known[0], Message(1, text, 0))
    assert labels(view.things(LIVINGROOM)) == ["<apple> (77)"]


def test_a_known_container_tells_the_room():
    played = Played()
    view = hear(played.walk(LIVINGROOM), Message(1, "I opened <fridge> (31) and found <apple> (51).", 9))
    assert labels(view.things(KITCHEN)) == ["<apple> (50)", "<apple> (51)"]
    assert FRIDGE in view.checked


def test_the_goal_place_is_not_believed_to_be_where_it_was_not_seen():
    view = hear(Played().known[0], Message(1, "I found <coffeetable> (33) in the <livingroom> (12).", 0))
    assert view.room_of(COFFEETABLE) == LIVINGROOM
    known = replace(Played().known[0], explored=frozenset({KITCHEN, LIVINGROOM}))
    assert hear(known, Message(1, "I found <coffeetable> (33) in the <livingroom> (12).", 0)) == known


def test_who_has_nothing_left_to_look_for_goes_round_once_more():
    played = Played(two_rooms_task(Goal("on", "apple", COFFEETABLE, 2)), seats=(0, 1))
    played.walk(KITCHEN, seat=1)
    played.walk(APPLE, seat=1)
    played.do(f"grab {APPLE}", seat=1)
    played.walk(LIVINGROOM)
    played.walk(FRIDGE, seat=1)
    played.do(f"open {FRIDGE}", f"grab {APPLE_IN_FRIDGE}", f"walktowards {KITCHEN}", seat=1)
    assert played.known[0].lost == -1
    view = played.do("wait", said={1: "I checked <cabinet> (32), <fridge> (31)."})
    since = view.t
    view = played.do(*["wait"] * (PATIENCE - 1))
    assert (view.lost, view.explored) == (since, {KITCHEN, LIVINGROOM})
    assert restore(json.loads(json.dumps(view.save()))) == view
    view = played.do("wait")
    assert (view.lost, view.explored) == (-1, {LIVINGROOM})
    view = played.walk(KITCHEN)
    assert view.explored == {KITCHEN, LIVINGROOM}
    assert labels(view.unchecked(KITCHEN)) == ["<cabinet> (32)"]


def test_who_holds_what_is_missing_is_not_at_a_loss():
    played = Played(two_rooms_task(Goal("on", "apple", COFFEETABLE, 2)))
    played.walk(FRIDGE)
    played.do(f"open {FRIDGE}", f"grab {APPLE_IN_FRIDGE}")
    played.walk(APPLE)
    played.do(f"grab {APPLE}")
    assert played.walk(LIVINGROOM).lost == -1


def test_recalling_changes_no_earlier_view():
    played = Played()
    before = played.known[0]
    copy = before.save()
    played.walk(FRIDGE)
    played.do(f"open {FRIDGE}", said={1: "I found <cupcake> (52) in the <livingroom> (12)."})
    assert before.save() == copy


MINE = ["wait", f"walktowards {KITCHEN}", f"walktowards {LIVINGROOM}", f"walktowards {FRIDGE}", f"walktowards {TABLE}",
        f"walktowards {CABINET}", f"open {FRIDGE}", f"close {FRIDGE}", f"open {CABINET}", f"grab {APPLE}",
        f"grab {CUPCAKE}", f"grab {PLATE}", f"putback {APPLE} {TABLE}", f"putback {PLATE} {TABLE}"]  # fmt: skip
OTHERS = [f"walktowards {KITCHEN}", f"walktowards {COFFEETABLE}", f"grab {APPLE}", f"putback {APPLE} {COFFEETABLE}",
          f"grab {PLATE}", f"open {FRIDGE}"]  # fmt: skip


@given(st.lists(st.sampled_from(MINE), max_size=40), st.lists(st.sampled_from(OTHERS), max_size=40))
def test_knowledge_agrees_with_sight_and_never_with_the_hidden_world_beyond_it(mine, others):
    played = Played()
    ever = set(played.see(0).nodes)
    for step, other in zip(mine, [*others, *["wait"] * 40], strict=False):
        known = played.do(step, other=[other])
        now = played.see(0)
        ever |= set(now.nodes)
        assert now.nodes.items() <= known.nodes.items()
        assert now.inside.items() <= known.inside.items()
        assert set(known.nodes) <= ever
        assert known.open >= now.open
        assert known.people[0] == now.people[0]
        held = {thing for person in known.people.values() for thing in person.holding}
        for room in known.rooms:
            assert not held & {thing.id for thing in known.things(room)}


def test_where_the_goal_place_is_can_be_heard_and_is_seen_to_be_wrong():
    played = Played()
    played.do("wait", said={1: "The <coffeetable> (33) is in the <livingroom> (12)."})
    view = played.known[0]
    assert view.room_of(COFFEETABLE) == LIVINGROOM
    assert view.told == {COFFEETABLE}
    assert "I know of <coffeetable> (33) (told by the other)" in view.words(0, Style())
    view = played.walk(LIVINGROOM)
    assert view.told == frozenset()
    played.do("wait", said={1: "The <coffeetable> (33) is in the <kitchen> (11)."})
    assert played.known[0].room_of(COFFEETABLE) == LIVINGROOM
    other = Played()
    other.do("wait", said={1: "The <sofa> (77) is in the <livingroom> (12)."})
    assert 77 not in other.known[0].nodes
