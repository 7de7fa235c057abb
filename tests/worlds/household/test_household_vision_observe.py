"""Visual mode: observations drawn on demand, memory by eye, look-arounds, saved views."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from household_eyes import needs_driver, view_from
from household_homes import (
    APPLE,
    CABINET,
    CUPCAKE,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    PLATE,
    TABLE,
    two_rooms,
    two_rooms_task,
)
from talkoot.errors import BadInput
from talkoot.types import Action, Observation, Style
from talkoot.worlds.household.task import Start
from talkoot.worlds.household.vision.camera import Camera
from talkoot.worlds.household.vision.observe import VisualView, by_eye, eyes, recall_by_eye, restore_by_eye
from talkoot.worlds.household.vision.shapes import Plan
from talkoot.worlds.household.world import HouseholdWorld

pytestmark = needs_driver
AWAY = Start(LIVINGROOM, (9.0, 4.0))
WAIT = Action("wait")


def seen(view, **changes):
    view = replace(view, **changes)
    return Observation(view.seat, view.t, VisualView(view, Plan.of(two_rooms())))


def turned(view, yaw, t=0):
    return seen(view, t=t, people={0: replace(view.me, yaw=yaw, t=t)})


def test_a_room_is_explored_after_a_look_around():
    view = view_from(KITCHEN, (1.0, 2.5), 10.0, AWAY)
    known = None
    for turn in range(12):
        assert known is None or known.explored == frozenset()
        known = recall_by_eye(known, turned(view, 10.0 - 30.0 * turn, turn))
    assert known.explored == {KITCHEN}
    assert known.looked == set(range(12))
    assert known.nodes.keys() == view.nodes.keys()
    assert dict(known.on) == dict(view.on)
    next_room = view_from(LIVINGROOM, (6.0, 2.5), 90.0, Start(KITCHEN, (1.0, 1.0)))
    after = recall_by_eye(known, turned(next_room, 90.0, 12))
    assert after.explored == {KITCHEN}
    assert after.looked == {3}
    assert {TABLE, PLATE} <= after.nodes.keys()


def test_what_is_out_of_sight_is_kept_and_what_is_gone_is_forgotten():
    view = view_from(KITCHEN, (2.5, 1.0), 0.0, AWAY)
    first = recall_by_eye(None, turned(view, 0.0))
    assert first.on == {APPLE: TABLE}
    away = recall_by_eye(first, turned(view, 180.0, 1))
    assert away.on == {APPLE: TABLE}
    assert TABLE in away.nodes
    left, on = ({n: place for n, place in store.items() if n != APPLE} for store in (view.inside, view.on))
    nodes = {n: node for n, node in view.nodes.items() if n != APPLE}
    taken = replace(view, nodes=nodes, inside=left, on=on)
    assert APPLE in recall_by_eye(away, turned(taken, 180.0, 2)).nodes, "nobody looked there"
    after = recall_by_eye(away, turned(taken, 0.0, 3))
    assert APPLE not in after.nodes
    assert APPLE not in after.on
    assert TABLE in after.nodes


def test_boxes_of_what_stays_are_joined_and_what_moved_is_seen_anew():
    view = view_from(KITCHEN, (1.2, 1.0), 45.0, AWAY)
    part = recall_by_eye(None, turned(view, -20.0))
    whole = recall_by_eye(part, turned(view, 45.0, 1))
    assert part.nodes[TABLE].size[0] < whole.nodes[TABLE].size[0] == pytest.approx(1.6, abs=0.03)
    back = recall_by_eye(whole, turned(view, -20.0, 2))
    assert back.nodes[TABLE].size == whole.nodes[TABLE].size
    moved = {**view.nodes, APPLE: view.nodes[APPLE].moved((2.0, 0.86, 2.2))}
    after = recall_by_eye(back, seen(view, t=3, nodes=moved))
    assert after.nodes[APPLE].center == pytest.approx((2.0, 0.86, 2.2), abs=0.03)


def test_hearsay_about_the_own_room_lasts_until_it_is_explored():
    view = view_from(KITCHEN, (1.0, 2.5), 10.0, AWAY)
    known = recall_by_eye(None, turned(view, 190.0))
    rumour = known.nodes.get(APPLE) or replace(view.nodes[APPLE], id=77)
    known = replace(
        known, nodes={**known.nodes, 77: rumour}, inside={**known.inside, 77: KITCHEN}, told=frozenset({77})
    )
    for turn in range(1, 12):
        known = recall_by_eye(known, turned(view, 190.0 + 30 * turn, turn))
        assert (77 in known.told) == (turn < 11)
        assert (77 in known.nodes) == (turn < 11)


def test_a_visual_view_answers_from_its_image_and_is_saved_as_what_it_is_drawn_from():
    view = view_from(KITCHEN, (2.5, 1.0), 0.0, AWAY, opened=(CABINET,))
    shown = seen(view).view
    assert "<fridge> (31)" in shown.words(0, Style())
    assert CUPCAKE not in shown.seen.nodes, "behind"
    assert shown.pose(0) == (2.5, 1.0, 0.0)
    assert shown.pose(1) is None
    assert shown.changed(0, seen(view, people={0: replace(view.me, yaw=180.0)}).view) is False
    assert shown.completed(1, shown) is None
    assert shown.me == view.me
    assert shown.nodes is shown.seen.nodes, "never those of the symbolic view"
    assert not hasattr(shown, "graph")
    again = restore_by_eye(json.loads(json.dumps(shown.save())))
    assert again.save() == shown.save()
    assert again.sight.images[0].segmentation.tobytes() == shown.sight.images[0].segmentation.tobytes()
    known = recall_by_eye(None, seen(view))
    assert restore_by_eye(json.loads(json.dumps(known.save()))) == known
    assert restore_by_eye(view.save()) == view


def test_the_world_shows_images_and_its_guide_reads_them():
    world = HouseholdWorld(two_rooms_task(), visual=(128, 256))
    views = world.reset(0)
    guide = world.guide(0)
    assert guide.recall is recall_by_eye
    assert any("turned all the way round" in rule for rule in guide.rules)
    assert views[0].view.sight.images[0].depth.shape == (128, 256)
    known = guide.recall(None, views[0])
    for _ in range(11):
        known = guide.recall(known, world.step({0: Action("turnleft"), 1: WAIT}).observations[0])
    assert known.explored == {KITCHEN}
    assert {TABLE, FRIDGE, CABINET, APPLE} <= known.nodes.keys()
    for action in (Action("walktowards", (str(FRIDGE),)),) * 4 + (Action("open", (str(FRIDGE),)),):
        observation = world.step({0: action, 1: WAIT}).observations[0]
        known = guide.recall(known, observation)
    assert FRIDGE in known.open
    assert known.inside[51] == FRIDGE, "who opens a container sees what is in it"
    assert by_eye(guide).restore is restore_by_eye


def test_eyes_are_tried_before_the_first_step():
    assert eyes((64, 64)) == Camera(size=(64, 64))
    with pytest.raises(BadInput, match="an image of"):
        eyes((1, 1))


def test_stillness_and_the_picture_of_the_moment_are_known_and_saved():
    view = view_from(KITCHEN, (1.0, 2.5), 90.0, AWAY)
    first = recall_by_eye(None, turned(view, 90.0))
    assert not first.still
    assert TABLE in first.shown
    moved = replace(view, t=1, people={0: replace(view.me, position=(1.6, 2.5), t=1)})
    assert not recall_by_eye(first, seen(moved)).still
    after = recall_by_eye(first, turned(view, -90.0, 1))
    assert after.still
    assert TABLE in after.nodes
    assert TABLE not in after.shown
    again = restore_by_eye(json.loads(json.dumps(after.save())))
    assert (again.still, again.shown, again.looked) == (after.still, after.shown, after.looked)


def test_what_was_opened_is_felt_also_out_of_the_picture():
    opened = view_from(KITCHEN, (1.6, 4.0), 0.0, AWAY, opened=(FRIDGE,))
    shut = view_from(KITCHEN, (2.5, 1.1), 0.0, AWAY)
    known = recall_by_eye(None, turned(shut, 0.0))
    assert FRIDGE in known.nodes
    assert FRIDGE not in known.open
    away = turned(opened, 180.0, 1)
    after = recall_by_eye(known, away)
    assert FRIDGE not in after.shown
    assert FRIDGE in after.open
    assert FRIDGE in after.checked
