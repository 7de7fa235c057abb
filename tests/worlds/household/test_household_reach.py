"""The arrival model: from a point to a footprint."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from household_homes import node
from talkoot.worlds.household.reach import REACH, footprint, gap, within_reach

TABLE = node(30, "kitchentable", (2.0, 1.0))  # 1.6 x 1.0 m


def test_a_footprint_is_the_box_seen_from_above() -> None:
    assert footprint(TABLE) == pytest.approx((1.2, 0.5, 2.8, 1.5))


@pytest.mark.parametrize(
    ("point", "metres"),
    [((2.0, 1.0), 0.0), ((1.2, 0.5), 0.0), ((4.3, 1.2), 1.5), ((2.0, -1.0), 1.5), ((3.1, 1.9), 0.5), ((0.9, 0.1), 0.5)],
)
def test_the_gap_is_to_the_nearest_edge_or_corner(point: tuple[float, float], metres: float) -> None:
    assert gap(point, footprint(TABLE)) == pytest.approx(metres)


def test_reach_ends_at_a_metre_and_a_half_whatever_the_height() -> None:
    high = node(40, "kitchencabinet", (2.0, 1.0), y=1.6)
    for thing in (TABLE, high):
        right = footprint(thing)[2]
        assert within_reach((right + REACH, 1.0), thing)
        assert not within_reach((right + REACH + 0.001, 1.0), thing)


points = st.tuples(st.floats(-20, 20), st.floats(-20, 20))


@given(points, points)
def test_gaps_change_no_faster_than_one_walks(one: tuple[float, float], other: tuple[float, float]) -> None:
    far = ((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5
    box = footprint(TABLE)
    assert abs(gap(one, box) - gap(other, box)) <= far + 1e-9
    assert (gap(one, box) == 0) == (box[0] <= one[0] <= box[2] and box[1] <= one[1] <= box[3])
