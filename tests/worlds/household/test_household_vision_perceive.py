"""Sight: a view read from images alone, compared with the symbolic one; people; room by room."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from math import hypot

import numpy as np
import pytest

from household_eyes import needs_driver, view_from
from household_homes import (
    APPLE,
    APPLE_IN_FRIDGE,
    CABINET,
    CUPCAKE,
    DOOR,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    PLATE,
    TABLE,
    two_rooms,
)
from talkoot.worlds.household.generate import generate_apartment
from talkoot.worlds.household.task import Start
from talkoot.worlds.household.view import HomeView
from talkoot.worlds.household.vision.camera import Camera, Pose
from talkoot.worlds.household.vision.clouds import reconstruct
from talkoot.worlds.household.vision.observe import sight_of
from talkoot.worlds.household.vision.perceive import Sight, perceive, restore_seen, sector
from talkoot.worlds.household.vision.render import Images, render
from talkoot.worlds.household.vision.scores import Score, pixels_of, relations_f1

AWAY = Start(LIVINGROOM, (9.0, 4.0))


def look_around(view, home, number=12):
    turned = [replace(view.me, yaw=view.me.yaw - 30.0 * turn) for turn in range(number)]
    return tuple(render(replace(view, people={**view.people, view.seat: me}), home) for me in turned)


def plain(segmentation, depth, yaw=0.0):
    """Images made by hand: what matters here is numbers and depth."""
    camera = Camera(size=(16, 16), pitch=0.0, offset=(0.0, 0.0, 0.0))
    colour = np.zeros((16, 16, 3), np.uint8)
    return Images(
        colour, depth.astype(np.float32), segmentation.astype(np.int32), camera, Pose((0.0, 1.0, 0.0), yaw, 0.0)
    )


def test_an_extent_is_the_box_around_the_points():
    numbers, depth = np.zeros((16, 16)), np.full((16, 16), 4.0)
    numbers[4:12, 6:10], depth[4:12, 6:10] = 7, 2.0
    numbers[0, 0] = 9
    scene = reconstruct([plain(numbers, depth)])
    assert set(scene.extents) == {7}, "of one point nothing is made"
    extent, pixel = scene.extents[7], 2.0 / plain(numbers, depth).camera.focal
    assert np.allclose(extent.low, (-1.5 * pixel, 1 - 3.5 * pixel, 2.0), atol=0.011)
    assert np.allclose(extent.high, (1.5 * pixel, 1 + 3.5 * pixel, 2.0), atol=0.011)
    assert (extent.pixels, extent.stands, extent.cut) == (32, True, False)
    assert reconstruct([]).extents == {}


def test_parts_far_apart_are_kept_or_dropped():
    numbers, depth = np.zeros((16, 16)), np.full((16, 16), 0.5)
    numbers[2:14, 2:4] = numbers[2:14, 12:14] = 5
    numbers[2:14, 2:5] = 5
    whole = reconstruct([plain(numbers, depth)]).extents[5]
    largest = reconstruct([plain(numbers, depth)], keep="largest").extents[5]
    assert whole.high[0] > 0.1 > 0 > largest.high[0]
    assert whole.low == pytest.approx(largest.low)


def test_a_lower_edge_is_hidden_by_what_is_nearer_and_touches_what_goes_on_there():
    numbers, depth = np.zeros((16, 16)), np.full((16, 16), 9.0)
    numbers[2:12, 4:8], depth[2:12, 4:8] = 3, 2.0
    numbers[12:, :], depth[12:, :] = 4, 1.0
    hidden = reconstruct([plain(numbers, depth)])
    assert not hidden.extents[3].stands
    assert (3, 4) not in hidden.touching
    depth[12, :] = 2.0
    seen = reconstruct([plain(numbers, depth)])
    assert seen.extents[3].stands
    assert seen.touching[3, 4] == 4
    assert reconstruct([plain(np.full((16, 16), 2), depth)]).extents[2].cut


@needs_driver
def test_a_look_around_recovers_the_symbolic_view():
    view = view_from(KITCHEN, (1.2, 2.9), 100.0, AWAY, opened=(FRIDGE, CABINET))
    found = perceive(sight_of(view, look_around(view, two_rooms())))
    assert found.nodes.keys() == view.nodes.keys()
    assert found.inside == dict(view.inside)
    assert found.on == dict(view.on) == {APPLE: TABLE}
    assert (found.inside[APPLE_IN_FRIDGE], found.inside[CUPCAKE]) == (FRIDGE, CABINET)
    assert found.open == {FRIDGE, CABINET}
    assert found.explored == {KITCHEN}
    for number in (TABLE, APPLE, CUPCAKE):
        assert np.allclose(found.nodes[number].center, view.nodes[number].center, atol=0.06)
        assert np.allclose(found.nodes[number].size, view.nodes[number].size, atol=0.12)
    assert found.nodes[APPLE].properties == view.nodes[APPLE].properties
    assert restore_seen(found.save()) == found
    assert restore_seen(found.save()).save() == found.save()


@needs_driver
@pytest.mark.parametrize("number", [12, 1])
def test_relations_agree_in_made_apartments(number):
    home = generate_apartment(5, plan="star", density="tight")
    opened = tuple(n for n, node in home.nodes.items() if node.searchable)
    scores = Counter()
    for room in home.rooms:
        x, _, z = home.rooms[room].center
        for yaw in (40.0, 170.0, 290.0) if number == 1 else (40.0,):
            view = view_from(room, (x, z), yaw, Start(room, (x + 1.0, z), 10.0), opened=opened, home=home)
            images = look_around(view, home, number)
            for relation, score in relations_f1(perceive(sight_of(view, images)), view, pixels_of(images)).items():
                scores[relation] = scores.get(relation) + score if relation in scores else score
    assert scores["all"].hits > 150
    for relation in ("on", "room", "close", "all"):
        assert scores[relation].f1 >= 0.95, (relation, scores[relation])
    if number == 12:
        assert scores["inside"].f1 >= 0.95
        assert scores["inside"] != Score()


@needs_driver
@pytest.mark.parametrize("yaw", [-150.0, -60.0, 25.0, 120.0])
def test_the_mate_is_found_with_its_heading_and_hands(yaw):
    view = view_from(KITCHEN, (1.0, 1.0), 45.0, Start(KITCHEN, (3.7, 1.0), yaw))
    ahead, across = np.sin(np.radians(yaw)), np.cos(np.radians(yaw))
    held = view.nodes[APPLE].moved((3.7 + 0.3 * ahead + 0.2 * across, 1.1, 1.0 + 0.3 * across - 0.2 * ahead))
    on, inside = ({n: p for n, p in store.items() if n != APPLE} for store in (view.on, view.inside))
    holding = replace(view.people[1], holding=(APPLE,))
    view = replace(view, nodes={**view.nodes, APPLE: held}, on=on, inside=inside, people={**view.people, 1: holding})
    found = perceive(sight_of(view, look_around(view, two_rooms())))
    mate = found.mate
    assert mate is not None
    assert hypot(mate.position[0] - 3.7, mate.position[1] - 1.0) < 0.15
    assert abs((mate.yaw - yaw + 180) % 360 - 180) < 50
    assert (mate.room, mate.t, mate.holding) == (KITCHEN, view.t, (APPLE,))
    assert APPLE not in found.on
    assert APPLE not in found.inside


@needs_driver
def test_sight_carries_nothing_of_what_is_out_of_the_picture():
    view = view_from(KITCHEN, (2.5, 1.1), 0.0, AWAY, opened=(FRIDGE, CABINET))
    sight = sight_of(view, (render(view, two_rooms()),))
    assert set(sight.labels) == {DOOR, TABLE, APPLE, FRIDGE, APPLE_IN_FRIDGE}
    assert sight.open == {FRIDGE}
    assert PLATE not in perceive(sight).nodes
    assert not {"nodes", "inside", "on"} & {field.name for field in fields(Sight)}
    assert {field.name for field in fields(HomeView)} >= {"nodes", "inside", "on"}


@needs_driver
def test_what_one_holds_is_known_without_looking():
    view = view_from(KITCHEN, (2.5, 1.1), 0.0, AWAY)
    view = replace(view, people={0: replace(view.me, holding=(APPLE,))}, on={}, inside={TABLE: KITCHEN})
    found = perceive(sight_of(view, (render(view, two_rooms()),)))
    assert found.me.holding == (APPLE,)
    assert found.nodes[APPLE] == view.nodes[APPLE]
    assert APPLE not in found.inside


def test_headings_fall_into_twelve_sectors():
    assert [sector(yaw) for yaw in (0.0, 29.9, 30.0, -0.1, 359.9, 180.0, -180.0)] == [0, 0, 1, 11, 11, 6, 6]
    assert {sector(17.5 - 30.0 * turn) for turn in range(12)} == set(range(12))
