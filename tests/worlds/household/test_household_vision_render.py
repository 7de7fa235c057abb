"""Images: what is drawn and what is not, depth and numbers against the boxes, and what happens without OpenGL."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from household_eyes import needs_driver, view_from
from household_homes import (
    APPLE,
    APPLE_IN_FRIDGE,
    BATHROOM,
    CABINET,
    CUPCAKE,
    DOOR,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    PLATE,
    SHELF,
    TABLE,
    four_rooms,
    two_rooms,
)
from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.task import Start
from talkoot.worlds.household.vision import render as rendering
from talkoot.worlds.household.vision.camera import Camera
from talkoot.worlds.household.vision.render import Renderer, render
from talkoot.worlds.household.vision.shapes import Plan, back_of, boxes, colour_of
from talkoot.worlds.household.vision.speed import measure

AWAY = Start(LIVINGROOM, (9.0, 4.0))
HERE = Start(KITCHEN, (3.6, 3.9), -120.0)


def numbers(image):
    return set(np.unique(image.segmentation).tolist())


@needs_driver
def test_depth_and_numbers_are_those_of_the_boxes():
    view = view_from(KITCHEN, (2.5, 1.1), 0.0, AWAY)
    image = render(view, two_rooms())
    assert (image.colour.shape, image.colour.dtype) == ((256, 512, 3), np.uint8)
    assert (image.depth.shape, image.depth.dtype) == ((256, 512), np.float32)
    assert (image.segmentation.shape, image.segmentation.dtype) == ((256, 512), np.int32)
    for number in (TABLE, APPLE):
        node = view.nodes[number]
        points = image.camera.points(image.pose, image.depth, image.segmentation == number)
        assert len(points) > 100
        outside = np.abs(points - np.array(node.center)) - np.array(node.size) / 2
        assert outside.max() < 2e-3, "all points lie in the box"
        assert np.abs(outside).min(axis=1).max() < 0.051, "and near its surface, or that of its top and legs"
    floor = image.camera.points(image.pose, image.depth, (image.segmentation == 0) & (image.depth > 0))
    inside = (floor[:, 0] > 0.1) & (floor[:, 0] < 4.9) & (floor[:, 2] > 0.1) & (floor[:, 2] < 4.9)
    assert np.abs(floor[inside, 1]).max() < 2e-3, "away from the walls, what has no number is the floor"


@needs_driver
def test_what_is_closed_hides_and_what_is_open_shows():
    closed = render(view_from(KITCHEN, (0.6, 3.0), 0.0, AWAY), two_rooms())
    assert FRIDGE in numbers(closed)
    assert APPLE_IN_FRIDGE not in numbers(closed)
    opened = render(view_from(KITCHEN, (0.6, 3.0), 0.0, AWAY, opened=(FRIDGE,)), two_rooms())
    assert {FRIDGE, APPLE_IN_FRIDGE} <= numbers(opened)
    beside = render(view_from(KITCHEN, (2.6, 1.6), 180.0, AWAY, opened=(CABINET,)), two_rooms())
    assert {CABINET, CUPCAKE} <= numbers(beside)


@needs_driver
def test_nothing_of_another_room_is_seen_through_a_door():
    view = view_from(KITCHEN, (2.6, 1.0), 52.0, AWAY)
    image = render(view, two_rooms())
    assert numbers(image) <= {0, DOOR, TABLE, APPLE, FRIDGE}
    assert (image.depth == 0).sum() > 500, "behind the door nothing is measured"
    assert (image.segmentation[image.depth == 0] == 0).all()
    wall = render(replace(view, nodes={}), Plan(view.rooms))
    assert (wall.depth > 0).all(), "without a door, walls all around"


@needs_driver
def test_the_mate_is_seen_with_what_it_holds_and_oneself_is_not():
    view = view_from(KITCHEN, (1.0, 1.2), 40.0, HERE)
    held = view.nodes[APPLE].moved((3.3, 1.1, 3.75))
    mate = replace(view.people[1], holding=(APPLE,))
    view = replace(view, nodes={**view.nodes, APPLE: held}, people={**view.people, 1: mate})
    image = render(view, two_rooms())
    assert {2, APPLE} <= numbers(image)
    assert 1 not in numbers(image)
    points = image.camera.points(image.pose, image.depth, image.segmentation == 2)
    assert np.hypot(points[:, 0] - 3.6, points[:, 2] - 3.9).max() < 0.5
    assert 1.7 < points[:, 1].max() <= 1.801
    mine = replace(view, people={0: replace(view.me, holding=(APPLE,))})
    assert APPLE not in numbers(render(mine, two_rooms()))
    gone = replace(view, people={**view.people, 1: replace(mate, t=-1)})
    assert 2 not in numbers(render(gone, two_rooms()))


@needs_driver
def test_the_same_view_gives_the_same_image_whoever_draws_it():
    view = view_from(LIVINGROOM, (7.0, 1.0), 20.0, AWAY)
    first = render(view, two_rooms())
    with Renderer() as other, Renderer(Camera(size=(64, 96))) as small:
        second = other.render(view, two_rooms())
        tiny = small.render(view, two_rooms())
        third = other.render(view, Plan.of(two_rooms()))
    for image in (second, third, render(view, two_rooms())):
        assert image.colour.tobytes() == first.colour.tobytes()
        assert image.depth.tobytes() == first.depth.tobytes()
        assert image.segmentation.tobytes() == first.segmentation.tobytes()
    assert tiny.depth.shape == (64, 96)
    assert {PLATE, SHELF} <= numbers(first)
    other.close()  # once more does no harm


@needs_driver
def test_more_boxes_than_ever_before_are_drawn_all():
    view = view_from(KITCHEN, (2.5, 1.0), 0.0, AWAY)
    nodes = {
        n: Node(n, "mug", "Props", (0.2 + n % 40 * 0.12, 0.1, 1.6 + n // 40 * 0.12), (0.1, 0.2, 0.1))
        for n in range(1000)
    }
    many = replace(view, nodes={n + 1000: replace(node, id=n + 1000) for n, node in nodes.items()}, inside={})
    with Renderer() as renderer:
        few = len(numbers(renderer.render(view, two_rooms())))
        assert few < 10 < 600 < len(numbers(renderer.render(many, two_rooms())))


def test_boxes_of_tables_shelves_and_containers():
    view = view_from(LIVINGROOM, (6.0, 1.0), 0.0, Start(KITCHEN))
    rows = boxes(view, Plan.of(two_rooms()))
    of = {number: rows[rows[:, 9] == number] for number in (33, SHELF, PLATE, DOOR)}
    assert [len(of[number]) for number in (33, SHELF, PLATE)] == [5, 7, 1]
    for number in (33, SHELF):
        node = view.nodes[number]
        low, high = of[number][:, :3] - of[number][:, 3:6] / 2, of[number][:, :3] + of[number][:, 3:6] / 2
        assert np.allclose(high.max(0) - low.min(0), node.size, atol=1e-5), "the parts fill the node's box"
    assert not len(of[DOOR]), "the door belongs to the kitchen"
    assert len(boxes(view_from(KITCHEN, (1.0, 1.0), 0.0, AWAY), Plan.of(two_rooms()))) > 0
    assert (rows[:, 3:6] > 0).all()


def test_every_door_leaves_a_gap_in_its_wall():
    home = four_rooms()
    for room, doors in ((KITCHEN, 3), (BATHROOM, 1)):
        view = view_from(room, (2.0, 8.0 if room == BATHROOM else 1.0), 0.0, Start(LIVINGROOM), home=home)
        rows = boxes(replace(view, nodes={}), Plan.of(home))
        assert len(rows) == 2 + 4 + doors * 5, "floor, ceiling, walls; for each door a wall more, lintel and frame"


def test_the_back_of_furniture_is_at_the_wall():
    room = two_rooms().rooms[KITCHEN]
    assert back_of(two_rooms().nodes[CABINET], room) == (0, -1)
    corner = Node(9, "cabinet", "Furniture", (0.2, 0.5, 4.5), (0.4, 1.0, 1.0))
    assert back_of(corner, room) == (-1, 0), "in a corner, the wider side"


def test_colours_do_not_depend_on_the_process():
    assert colour_of("apple") == colour_of("apple") != colour_of("plate")
    assert np.allclose(colour_of("apple"), (0.895455, 0.546227, 0.4925), atol=1e-4)


BROKEN = """
from talkoot.errors import BadInput
from talkoot.worlds.household.vision.observe import eyes
try:
    eyes()
except BadInput as problem:
    print(problem)
"""


@pytest.mark.parametrize("how", ["driver", "module"])
def test_without_opengl_one_error_says_what_to_install_and_how_to_go_on(how):
    code = BROKEN if how == "driver" else f"import sys\nsys.modules['moderngl'] = None\n{BROKEN}"
    environment = {**os.environ, "__EGL_VENDOR_LIBRARY_FILENAMES": os.devnull}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    assert "apt-get install libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri" in done.stdout
    assert "go on with symbolic observations" in done.stdout
    assert ("moderngl is missing" in done.stdout) == (how == "module")


@needs_driver
def test_a_forked_process_is_told_instead_of_waiting_for_ever(monkeypatch):
    with Renderer(Camera(size=(16, 16))) as renderer:
        monkeypatch.setattr(rendering, "_started", -1)
        for draw in (Renderer, lambda: renderer.render(view_from(KITCHEN, (1.0, 1.0), 0.0, AWAY), two_rooms())):
            with pytest.raises(BadInput, match='"spawn"'):
                draw()
        monkeypatch.undo()


@needs_driver
def test_speed_counts_images():
    before = os.sched_getaffinity(0)
    assert measure(0.05, size=(32, 64)) > 0
    assert os.sched_getaffinity(0) == before
