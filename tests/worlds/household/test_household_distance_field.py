"""Shortest ways over a grid: lengths, sight, walls, costly cells, walks that can be cut anywhere."""

from __future__ import annotations

from math import hypot, inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from talkoot.worlds.household.distance_field import components, field, onward, sight, straight, walk

Grid = NDArray[np.float64]


def grid(*rows: str) -> Grid:
    """A grid drawn with one line for each row, the last row at the top: `#` solid, `,` costs 30, all else is free."""
    cells = [[{"#": 0.0, ",": 30.0}.get(sign, 1.0) for sign in row] for row in reversed(rows)]
    return np.array(cells).T.copy()


def goal(weights: Grid, *cells: tuple[int, int]) -> NDArray[np.bool_]:
    goals = np.zeros(weights.shape, bool)
    for cell in cells:
        goals[cell] = True
    return goals


def octile(weights: Grid, goals: NDArray[np.bool_]) -> Grid:
    """The costs where steps go to the eight neighbours only, by relaxing until nothing changes."""
    costs = np.where(goals & (weights > 0), 0.0, inf)
    columns, rows = weights.shape
    changed = True
    while changed:
        changed = False
        for i in range(columns):
            for k in range(rows):
                for a in range(max(i - 1, 0), min(i + 2, columns)):
                    for b in range(max(k - 1, 0), min(k + 2, rows)):
                        blocked = min(weights[i, k], weights[a, b], weights[i, b], weights[a, k]) == 0
                        if blocked or costs[a, b] == inf:
                            continue
                        cost = costs[a, b] + hypot(a - i, b - k) * max(weights[i, k], weights[a, b])
                        if cost < costs[i, k] - 1e-9:
                            costs[i, k], changed = cost, True
    return costs


def test_open_ground_is_crossed_straight() -> None:
    weights = np.ones((12, 9))
    costs, via = field(weights, goal(weights, (2, 1)))
    for i in range(12):
        for k in range(9):
            assert costs[i, k] == pytest.approx(hypot(i - 2, k - 1))
    assert set(np.unique(via)) == {2 * 9 + 1}
    assert sight(weights, 11.3, 7.6, 2, 1)


def test_a_wall_is_walked_around_its_end() -> None:
    weights = grid(
        ".......",
        "...#...",
        "...#...",
        "...#...",
    )
    costs, _ = field(weights, goal(weights, (6, 0)))
    # Corners are not cut: up to the wall's end, along it, and down again.
    assert costs[0, 0] == pytest.approx(sqrt(4 + 9) + 2 + sqrt(4 + 9))
    assert not sight(weights, 0, 0, 6, 0)
    assert costs[3, 0] == inf


def test_two_solid_cells_that_touch_at_a_corner_let_nobody_through() -> None:
    weights = grid("#.", ".#")
    costs, via = field(weights, goal(weights, (1, 1)))
    assert costs[0, 0] == inf
    assert via[0, 0] == -1
    assert not sight(weights, 0, 0, 1, 1)
    parts, sizes = components(weights)
    assert sorted(sizes) == [0, 1, 1]
    assert parts[0, 0] != parts[1, 1]


def test_costly_cells_are_crossed_only_where_nothing_else_leads() -> None:
    weights = grid(
        "..........",
        ".########.",
        ".........."[:5] + "," + "....",
    )
    costs, _ = field(weights, goal(weights, (9, 0)))
    around = costs[0, 0]
    assert around == pytest.approx(2 + 9 + 2)
    weights[0, 1] = 0
    costs, _ = field(weights, goal(weights, (9, 0)))
    assert costs[0, 0] == pytest.approx(7 + 2 * 30)  # two borders of the costly cell
    assert costs[0, 2] == pytest.approx(9 + 2)


def test_goals_in_solid_cells_are_no_goals() -> None:
    weights = grid("..#")
    costs, _ = field(weights, goal(weights, (2, 0)))
    assert np.all(costs == inf)
    assert onward(weights, *field(weights, goal(weights, (2, 0))), 0.0, 0.0) == (-1, inf)


def test_walking_ends_at_the_goal_and_says_how_far_it_was() -> None:
    weights = np.ones((12, 9))
    costs, via = field(weights, goal(weights, (2, 1)))
    x, z, walked, dx, dz = walk(weights, costs, via, 2.0, 6.0, 3.0)
    assert (x, z, walked) == pytest.approx((2.0, 3.0, 3.0))
    assert (dx, dz) == (0.0, -1.0)
    x, z, walked, *_ = walk(weights, costs, via, x, z, 3.0)
    assert (x, z, walked) == pytest.approx((2.0, 1.0, 2.0))
    assert walk(weights, costs, via, x, z, 3.0) == (2.0, 1.0, 0.0, 0.0, 0.0)


def test_straight_on_ends_before_what_is_solid() -> None:
    weights = grid("....#...")
    assert straight(weights, 0.5, 0.5, 1.0, 0.0, 2.0) == 2.0
    assert 3.0 <= straight(weights, 0.5, 0.5, 1.0, 0.0, 9.0) < 3.5
    assert straight(weights, 0.5, 0.5, -1.0, 0.0, 9.0) <= 0.5


grids = st.lists(
    st.lists(st.sampled_from([1.0, 1.0, 1.0, 0.0, 30.0]), min_size=9, max_size=9), min_size=9, max_size=9
).map(np.array)
cells = st.tuples(st.integers(0, 8), st.integers(0, 8))


@settings(max_examples=60, deadline=None)
@given(grids, cells, cells)
def test_ways_are_as_short_as_steps_to_neighbours_or_shorter(
    weights: Grid, end: tuple[int, int], begin: tuple[int, int]
) -> None:
    goals = goal(weights, end)
    costs, via = field(weights, goals)
    by_steps = octile(weights, goals)
    assert np.array_equal(costs == inf, by_steps == inf)
    found = costs < inf
    assert np.all(costs[found] <= by_steps[found] * 1.05 + 1e-6)
    far = np.hypot(*(np.indices(weights.shape) - np.array(end)[:, None, None]))
    assert np.all(costs[found] >= far[found] - 1e-6)
    if costs[begin] == inf:
        return
    point, total, left = (float(begin[0]), float(begin[1])), 0.0, inf
    for _ in range(200):
        x, z, walked, *_ = walk(weights, costs, via, *point, 2.5)
        point, total = (x, z), total + walked
        assert weights[round(x), round(z)] > 0
        left_now = onward(weights, costs, via, x, z)[1] if costs[round(x), round(z)] > 0 else 0.0
        assert left_now <= left + 1e-6 or left_now < 1.0
        left = left_now
        if walked < 2.5:
            break
    assert point == end
    assert total <= costs[begin] + 1.5
