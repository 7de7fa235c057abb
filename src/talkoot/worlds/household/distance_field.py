"""Shortest ways over a grid of square cells and walking along them, compiled. No apartments here: arrays only.

`weights` is float64 (columns, rows): 1 for a free cell, more for one that is costly to cross (the cost of one cell
length in it), 0 for one that nobody enters. Lengths are in cells, points too: the centre of cell (i, k) is (i, k).
Ways are not bound to the eight directions of the grid: over free cells in sight of each other they are straight.
"""

from __future__ import annotations

import numpy as np
from numba import njit

DIAGONAL = 2**0.5
INCREMENT = 2.5
"""Cells after which a walk looks for its way anew, so that one cut at a multiple of it goes the same way."""


@njit(cache=True)
def sight(weights, x, z, i, k):  # type: ignore[no-untyped-def]
    """Whether all cells on the line from the point (x, z) to the centre of cell (i, k) are free."""
    at_i = int(np.floor(x + 0.5))
    at_k = int(np.floor(z + 0.5))
    if weights[at_i, at_k] != 1.0 or weights[i, k] != 1.0:
        return False
    dx = i - x
    dz = k - z
    step_i = 1 if dx > 0 else -1
    step_k = 1 if dz > 0 else -1
    # The share of the line at which it crosses the next border between columns and between rows.
    next_i = (at_i + 0.5 * step_i - x) / dx if dx != 0 else np.inf
    next_k = (at_k + 0.5 * step_k - z) / dz if dz != 0 else np.inf
    each_i = step_i / dx if dx != 0 else np.inf
    each_k = step_k / dz if dz != 0 else np.inf
    while at_i != i or at_k != k:
        if min(next_i, next_k) > 1.0 + 1e-9:
            break
        if abs(next_i - next_k) < 1e-9:  # through a corner: both cells beside it must be free
            if weights[at_i + step_i, at_k] != 1.0 or weights[at_i, at_k + step_k] != 1.0:
                return False
            at_i += step_i
            at_k += step_k
            next_i += each_i
            next_k += each_k
        elif next_i < next_k:
            at_i += step_i
            next_i += each_i
        else:
            at_k += step_k
            next_k += each_k
        if weights[at_i, at_k] != 1.0:
            return False
    return True


@njit(cache=True)
def field(weights, goals):  # type: ignore[no-untyped-def]
    """Costs from every cell to the nearest of `goals` (bool), and the cell to go straight to from there.

    Lazy Theta*: Dijkstra with a binary heap over the eight neighbours, where each cell goes straight to the cell that
    its neighbour goes to. Whether that is in sight is looked at when the cell's turn comes; if not, the cell goes to
    its best neighbour and waits for its turn again. inf and -1 where there is no way; cells are numbered column by
    column.
    """
    columns, rows = weights.shape
    out = np.full((columns, rows), np.inf)
    via = np.full((columns, rows), -1, np.int32)
    closed = np.zeros((columns, rows), np.bool_)
    sure = np.ones((columns, rows), np.bool_)  # whether the way to `via` is known to be one
    heap_costs = np.empty(9 * columns * rows + 1)
    heap_cells = np.empty(9 * columns * rows + 1, np.int32)
    count = 0
    for i in range(columns):
        for k in range(rows):
            if goals[i, k] and weights[i, k] > 0:
                out[i, k] = 0.0
                via[i, k] = i * rows + k
                count = _push(heap_costs, heap_cells, count, 0.0, i * rows + k)
    while count > 0:
        cost = heap_costs[0]
        cell = heap_cells[0]
        count = _pop(heap_costs, heap_cells, count)
        i = cell // rows
        k = cell - i * rows
        if closed[i, k] or cost > out[i, k]:
            continue
        to_i = via[i, k] // rows
        to_k = via[i, k] - to_i * rows
        if not sure[i, k] and not sight(weights, i, k, to_i, to_k):
            best = np.inf
            for a in range(max(i - 1, 0), min(i + 2, columns)):
                for b in range(max(k - 1, 0), min(k + 2, rows)):
                    if closed[a, b] and not (a != i and b != k and (weights[i, b] == 0 or weights[a, k] == 0)):
                        length = DIAGONAL if a != i and b != k else 1.0
                        further = out[a, b] + length * max(weights[i, k], weights[a, b])
                        if further < best:
                            best = further
                            via[i, k] = a * rows + b
            out[i, k] = best
            sure[i, k] = True
            count = _push(heap_costs, heap_cells, count, best, cell)
            continue
        closed[i, k] = True
        for a in range(max(i - 1, 0), min(i + 2, columns)):
            for b in range(max(k - 1, 0), min(k + 2, rows)):
                if closed[a, b] or weights[a, b] == 0:
                    continue
                length = 1.0
                if a != i and b != k:
                    if weights[i, b] == 0 or weights[a, k] == 0:
                        continue
                    length = DIAGONAL
                further = cost + length * max(weights[i, k], weights[a, b])
                goes = cell
                if weights[i, k] == 1.0 and weights[a, b] == 1.0:
                    straight = out[to_i, to_k] + np.sqrt(float((a - to_i) ** 2 + (b - to_k) ** 2))
                    if straight < further + 1e-9:  # as short is better: one line instead of two
                        further = straight
                        goes = via[i, k]
                if further < out[a, b] - 1e-9:
                    out[a, b] = further
                    via[a, b] = goes
                    sure[a, b] = goes == cell
                    count = _push(heap_costs, heap_cells, count, further, a * rows + b)
    return out, via


@njit(cache=True)
def _push(costs, cells, count, cost, cell):  # type: ignore[no-untyped-def]
    """Put an entry into a binary heap; returns the number of entries."""
    at = count
    while at > 0:
        parent = (at - 1) // 2
        if costs[parent] <= cost:
            break
        costs[at] = costs[parent]
        cells[at] = cells[parent]
        at = parent
    costs[at] = cost
    cells[at] = cell
    return count + 1


@njit(cache=True)
def _pop(costs, cells, count):  # type: ignore[no-untyped-def]
    """Take the first entry out of a binary heap; returns the number of entries."""
    count -= 1
    cost = costs[count]
    cell = cells[count]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= count:
            break
        if child + 1 < count and costs[child + 1] < costs[child]:
            child += 1
        if costs[child] >= cost:
            break
        costs[at] = costs[child]
        cells[at] = cells[child]
        at = child
    costs[at] = cost
    cells[at] = cell
    return count


@njit(cache=True)
def onward(weights, costs, via, x, z):  # type: ignore[no-untyped-def]
    """The cell to go straight to from a point, and the cost of the whole way; -1 and inf where there is none."""
    columns, rows = weights.shape
    i = int(np.floor(x + 0.5))
    k = int(np.floor(z + 0.5))
    best = np.inf
    goes = -1
    for a in range(max(i - 1, 0), min(i + 2, columns)):
        for b in range(max(k - 1, 0), min(k + 2, rows)):
            if weights[a, b] == 0 or costs[a, b] == np.inf:
                continue
            to_i = via[a, b] // rows
            to_k = via[a, b] - to_i * rows
            far = np.sqrt((to_i - x) ** 2 + (to_k - z) ** 2)
            if far > 0 and costs[to_i, to_k] + far < best and sight(weights, x, z, to_i, to_k):
                best = costs[to_i, to_k] + far
                goes = via[a, b]
            if a != i and b != k and (weights[i, b] == 0 or weights[a, k] == 0):
                continue
            far = np.sqrt((a - x) ** 2 + (b - z) ** 2) * max(weights[i, k], weights[a, b])
            if far > 0 and costs[a, b] + far < best:
                best = costs[a, b] + far
                goes = a * rows + b
    return goes, best


@njit(cache=True)
def walk(weights, costs, via, x, z, length):  # type: ignore[no-untyped-def]
    """Walk `length` from the point (x, z): where one stands then, the length walked, the last direction.

    The way is looked for anew after each `INCREMENT` and at each corner, from the point alone.
    """
    rows = weights.shape[1]
    if abs(x - np.floor(x + 0.5)) < 1e-6 and abs(z - np.floor(z + 0.5)) < 1e-6:  # as if it were the very centre
        x = np.floor(x + 0.5)
        z = np.floor(z + 0.5)
    walked = 0.0
    dx = 0.0
    dz = 0.0
    until = 0.0
    goes = -1
    while walked < length - 1e-9:
        if goes < 0 or walked > until - 1e-9:
            i = int(np.floor(x + 0.5))
            k = int(np.floor(z + 0.5))
            if costs[i, k] > 0:
                goes, _ = onward(weights, costs, via, x, z)
            elif x != i or z != k:
                goes = i * rows + k  # to the very middle of the cell, and stay there
            if goes < 0:
                break
            if walked > until - 1e-9:
                until = walked + INCREMENT
        to_i = goes // rows
        to_k = goes - to_i * rows
        far = np.sqrt((to_i - x) ** 2 + (to_k - z) ** 2)
        part = min(far, until - walked, length - walked)
        if far > 0:
            dx = (to_i - x) / far
            dz = (to_k - z) / far
        if part == far:
            x = float(to_i)
            z = float(to_k)
            goes = -1
        else:
            x += dx * part
            z += dz * part
        walked += part
    return x, z, walked, dx, dz


@njit(cache=True)
def straight(weights, x, z, dx, dz, length):  # type: ignore[no-untyped-def]
    """How far one gets straight on, in cells and at most `length`, before the first cell where nobody stands.

    Looks every half cell; `x`, `z` and the direction `dx`, `dz` are in cells from the corner of the grid.
    """
    rows, columns = weights.shape
    got, part = 0.0, 0.5
    while got < length:
        far = min(part, length)
        i, k = int(np.floor(x + dx * far)), int(np.floor(z + dz * far))
        if i < 0 or k < 0 or i >= rows or k >= columns or weights[i, k] == 0.0:
            break
        got = far
        part += 0.5
    return got


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
