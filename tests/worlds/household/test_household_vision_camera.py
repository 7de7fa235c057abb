"""The head camera: axes, projection and its inverse, sizes that make no image."""

from __future__ import annotations

from math import isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.worlds.household.vision.camera import Camera, Pose, axes

angles = st.floats(-180, 180)


def test_the_head_is_above_and_a_little_ahead_of_the_feet():
    pose = Camera().at((1.0, 2.0), 0.0)
    assert pose == Pose((1.0, 1.8, 2.15), 0.0, 30.0)
    right = Camera().at((1.0, 2.0), 90.0)
    assert np.allclose(right.position, (1.15, 1.8, 2.0))
    beside = Camera(offset=(0.1, 1.0, 0.0)).at((0.0, 0.0), 90.0)
    assert np.allclose(beside.position, (0.0, 1.0, -0.1))


@given(angles, st.floats(-80, 80))
def test_axes_are_at_right_angles_and_look_where_yaw_and_pitch_say(yaw, pitch):
    rows = axes(Pose((0.0, 0.0, 0.0), yaw, pitch))
    assert np.allclose(rows @ rows.T, np.eye(3))
    assert isclose(rows[2, 1], -np.sin(np.radians(pitch)), abs_tol=1e-9)
    assert np.allclose(
        rows[2, [0, 2]], np.cos(np.radians(pitch)) * np.array([np.sin(np.radians(yaw)), np.cos(np.radians(yaw))])
    )


def test_the_field_of_view_is_sixty_degrees_high_so_the_top_row_is_level():
    camera = Camera()
    pose = camera.at((0.0, 0.0), 0.0)
    level = np.array([[0.0, 1.8, 5.0], [0.0, 0.0, 0.15 + 1.8 / np.tan(np.radians(60.0))]])
    rows, columns, depth = camera.pixels(pose, level)
    assert np.allclose(rows, [0.0, 256.0])
    assert np.allclose(columns, 256.0)
    assert np.all(depth > 0)


@given(angles, st.floats(-5, 5), st.floats(-5, 5), st.integers(0, 63), st.integers(0, 99), st.floats(0.1, 9))
def test_a_pixel_with_its_depth_is_a_point_that_projects_back_to_it(yaw, x, z, row, column, far):
    camera = Camera(size=(64, 100))
    pose = camera.at((x, z), yaw)
    depth = np.zeros((64, 100), np.float32)
    depth[row, column] = far
    points = camera.points(pose, depth)
    rows, columns, depths = camera.pixels(pose, points)
    assert np.allclose((rows[0], columns[0], depths[0]), (row + 0.5, column + 0.5, depth[row, column]), atol=1e-4)
    seen = camera.matrix(pose) @ np.append(points[0], 1.0)
    clip = camera.projection() @ seen
    assert np.allclose((clip[0] / clip[3] + 1) * 50, columns[0], atol=1e-3)
    assert np.allclose((clip[1] / clip[3] + 1) * 32, rows[0], atol=1e-3)


@pytest.mark.parametrize("size", [(0, 512), (256,), (256.0, 512), (10, 10), (8192, 16)])
def test_sizes_that_make_no_image_are_told(size):
    with pytest.raises(BadInput, match=r"whole numbers from 16 to 4096, for example \(256, 512\)"):
        Camera(size=size)


def test_a_field_of_view_that_makes_no_image_is_told():
    with pytest.raises(BadInput, match="1 to 170 degrees, not 180"):
        Camera(field_of_view=180.0)
