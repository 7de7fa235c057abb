"""Distances over a grid of square cells and walking down them, compiled. No apartments here: arrays only.

`weights` is float64 (columns, rows): 0 for a cell that nobody enters, else the cost of one metre in it. Steps go to
the eight neighbours; a diagonal one needs both cells beside it. Lengths are in cells, points too: the centre of cell
(i, k) is (i, k).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Grid = NDArray[np.float64]


@njit(cache=True)
def field(weights, goals):  # type: ignore[no-untyped-def]
    """Cost from every cell to the nearest of `goals` (bool), inf where there is no way: Dijkstra with a binary heap."""
    columns, rows = weights.shape
    out = np.full((columns, rows), np.inf)
    size = columns * rows
    costs = np.empty(8 * size + 1)
    cells = np.empty(8 * size + 1, np.int64)
    count = 0
    for i in range(columns):
        for k in range(rows):
            if goals[i, k] and weights[i, k] > 0:
                out[i, k] = 0.0
                costs[count] = 0.0
                cells[count] = i * rows + k
                count += 1
    while count > 0:
        cost = costs[0]
        cell = cells[0]
        count -= 1
        last_cost = costs[count]
        last_cell = cells[count]
        at = 0
        while True:  # sift the last entry down from the top
            child = 2 * at + 1
            if child >= count:
                break
            if child + 1 < count and costs[child + 1] < costs[child]:
                child += 1
            if costs[child] >= last_cost:
                break
            costs[at] = costs[child]
            cells[at] = cells[child]
            at = child
        costs[at] = last_cost
        cells[at] = last_cell
        i = cell // rows
        k = cell - i * rows
        if cost > out[i, k]:
            continue
        for di in range(-1, 2):
            for dk in range(-1, 2):
                a = i + di
                b = k + dk
                if (di == 0 and dk == 0) or a < 0 or b < 0 or a >= columns or b >= rows or weights[a, b] == 0:
                    continue
                length = 1.0
                if di != 0 and dk != 0:
                    if weights[i, b] == 0 or weights[a, k] == 0:
                        continue
                    length = 1.4142135623730951
                further = cost + length * max(weights[i, k], weights[a, b])
                if further < out[a, b]:
                    out[a, b] = further
                    at = count
                    count += 1
                    while at > 0:  # sift up
                        parent = (at - 1) // 2
                        if costs[parent] <= further:
                            break
                        costs[at] = costs[parent]
                        cells[at] = cells[parent]
                        at = parent
                    costs[at] = further
                    cells[at] = a * rows + b
    return out


@njit(cache=True)
def components(weights):  # type: ignore[no-untyped-def]
    """Number the connected parts of the cells that can be entered, from 1 on, and count the cells of each."""
    columns, rows = weights.shape
    out = np.zeros((columns, rows), np.int32)
    stack = np.empty(columns * rows, np.int64)
    sizes = [0]
    for i in range(columns):
        for k in range(rows):
            if weights[i, k] == 0 or out[i, k] != 0:
                continue
            number = len(sizes)
            sizes.append(0)
            out[i, k] = number
            stack[0] = i * rows + k
            count = 1
            while count > 0:
                count -= 1
                cell = stack[count]
                a = cell // rows
                b = cell - a * rows
                sizes[number] += 1
                for da, db in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                    c = a + da
                    d = b + db
                    if 0 <= c < columns and 0 <= d < rows and weights[c, d] > 0 and out[c, d] == 0:
                        out[c, d] = number
                        stack[count] = c * rows + d
                        count += 1
    return out, np.array(sizes)


@njit(cache=True)
def walk(costs, weights, x, z, length):  # type: ignore[no-untyped-def]
    """Walk `length` down the field `costs` from the point (x, z): where one stands then, the length walked, the last
    direction.

    Between two centres, the next of the four centres around is chosen as if one came from any of them. So a walk cut
    in two goes the way of the whole one: what lies behind is never remembered, only the point counts.
    """
    columns, rows = weights.shape
    walked = 0.0
    dx = 0.0
    dz = 0.0
    while walked < length - 1e-9:
        i = int(np.floor(x + 0.5))
        k = int(np.floor(z + 0.5))
        best = np.inf
        to_i = i
        to_k = k
        if abs(x - i) < 1e-7 and abs(z - k) < 1e-7:
            if costs[i, k] == 0:
                break
            for di in range(-1, 2):
                for dk in range(-1, 2):
                    a = i + di
                    b = k + dk
                    if (di == 0 and dk == 0) or a < 0 or b < 0 or a >= columns or b >= rows or weights[a, b] == 0:
                        continue
                    if di != 0 and dk != 0 and (weights[i, b] == 0 or weights[a, k] == 0):
                        continue
                    cost = costs[a, b] + np.sqrt(float(di * di + dk * dk)) * max(weights[i, k], weights[a, b])
                    if cost < best:
                        best = cost
                        to_i = a
                        to_k = b
        else:
            here = weights[i, k]
            low_i = int(np.floor(x))
            low_k = int(np.floor(z))
            for a in range(low_i, low_i + 2):
                for b in range(low_k, low_k + 2):
                    if a < 0 or b < 0 or a >= columns or b >= rows or weights[a, b] == 0:
                        continue
                    if a != i and b != k and (weights[i, b] == 0 or weights[a, k] == 0):
                        continue
                    cost = costs[a, b] + np.hypot(a - x, b - z) * max(here, weights[a, b])
                    if cost < best:
                        best = cost
                        to_i = a
                        to_k = b
        if best == np.inf:
            break
        far = np.hypot(to_i - x, to_k - z)
        dx = (to_i - x) / far
        dz = (to_k - z) / far
        if walked + far > length:
            rest = length - walked
            x += dx * rest
            z += dz * rest
            walked = length
        else:
            x = float(to_i)
            z = float(to_k)
            walked += far
    return x, z, walked, dx, dz
