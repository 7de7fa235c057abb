"""DBSCAN over the occupied voxels of one thing, exact and compiled. No images here: arrays of whole numbers only.

Density-based clustering (Ester et al. 1996): a voxel with at least `least` voxels within `reach`, itself counted, is a
core; cores within `reach` of each other are of one cluster, other voxels within `reach` of a core join its cluster, and
the rest is noise. Voxels are sorted into cubes so small that all in one cube reach each other; cubes are then joined by
the first pair of cores found, so that a densely seen surface costs little more than one look at each of its cubes.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def _root(parents, i):  # type: ignore[no-untyped-def]
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


@njit(cache=True)
def dbscan(voxels, reach, least):  # type: ignore[no-untyped-def]
    """The cluster of each of `voxels` (n, 3; int64, each once), from 0 on in order of first voxel; -1 for noise.

    `reach` is in voxels.
    """
    n = len(voxels)
    side = max(
        int(reach / np.sqrt(3.0)) + 1, 1
    )  # the diagonal between two voxels of a cube is at most (side-1) * sqrt(3)
    while (side - 1) * np.sqrt(3.0) > reach:
        side -= 1
    around = int(np.ceil(reach / side))
    limit = reach * reach + 1e-9
    low = np.array([voxels[:, axis].min() for axis in range(3)])
    shape = np.array([(voxels[:, axis].max() - low[axis]) // side + 1 for axis in range(3)])
    cubes = np.empty((n, 3), np.int64)
    first = np.full(shape[0] * shape[1] * shape[2], -1, np.int64)  # the first voxel of each cube
    after = np.full(n, -1, np.int64)  # the next voxel of the same cube
    count = np.zeros(len(first), np.int64)
    for i in range(n - 1, -1, -1):
        for axis in range(3):
            cubes[i, axis] = (voxels[i, axis] - low[axis]) // side
        place = (cubes[i, 0] * shape[1] + cubes[i, 1]) * shape[2] + cubes[i, 2]
        after[i] = first[place]
        first[place] = i
        count[place] += 1

    core = np.zeros(n, np.bool_)
    for i in range(n):
        a, b, c = cubes[i]
        near = count[(a * shape[1] + b) * shape[2] + c]
        if near < least:
            near = 0
            for x in range(max(a - around, 0), min(a + around + 1, shape[0])):
                for y in range(max(b - around, 0), min(b + around + 1, shape[1])):
                    for z in range(max(c - around, 0), min(c + around + 1, shape[2])):
                        j = first[(x * shape[1] + y) * shape[2] + z]
                        while j >= 0 and near < least:
                            if _apart(voxels, i, j) <= limit:
                                near += 1
                            j = after[j]
        core[i] = near >= least

    parents = np.arange(n)
    for i in range(n):  # cores of one cube
        j = after[i]
        if core[i] and j >= 0:
            while j >= 0:
                if core[j]:
                    parents[_root(parents, j)] = _root(parents, i)
                j = after[j]
    for i in range(n):  # cubes with one another, from the first voxel of each
        a, b, c = cubes[i]
        if first[(a * shape[1] + b) * shape[2] + c] != i:
            continue
        for x in range(a, min(a + around + 1, shape[0])):
            for y in range(max(b - around, 0), min(b + around + 1, shape[1])):
                for z in range(max(c - around, 0), min(c + around + 1, shape[2])):
                    j = first[(x * shape[1] + y) * shape[2] + z]
                    if j >= 0 and j != i:
                        _join(voxels, core, after, parents, i, j, limit)

    labels = np.full(n, -1, np.int64)
    names = np.full(n, -1, np.int64)
    found = 0
    for i in range(n):
        if core[i]:
            root = _root(parents, i)
            if names[root] < 0:
                names[root] = found
                found += 1
            labels[i] = names[root]
    for i in range(n):
        if core[i]:
            continue
        a, b, c = cubes[i]
        best = np.inf
        for x in range(max(a - around, 0), min(a + around + 1, shape[0])):
            for y in range(max(b - around, 0), min(b + around + 1, shape[1])):
                for z in range(max(c - around, 0), min(c + around + 1, shape[2])):
                    j = first[(x * shape[1] + y) * shape[2] + z]
                    while j >= 0:
                        far = _apart(voxels, i, j)
                        if core[j] and far <= limit and far < best:
                            best = far
                            labels[i] = labels[j]
                        j = after[j]
    return labels


@njit(cache=True)
def _apart(voxels, i, j):  # type: ignore[no-untyped-def]
    far = 0
    for axis in range(3):
        far += (voxels[i, axis] - voxels[j, axis]) ** 2
    return far


@njit(cache=True)
def _join(voxels, core, after, parents, i, j, limit):  # type: ignore[no-untyped-def]
    """Join the cubes that begin with voxels i and j by the first pair of cores that reach each other."""
    one = i
    while one >= 0:
        if core[one]:
            other = j
            while other >= 0:
                if core[other]:
                    if _root(parents, one) == _root(parents, other):
                        return
                    if _apart(voxels, one, other) <= limit:
                        parents[_root(parents, other)] = _root(parents, one)
                        return
                other = after[other]
        one = after[one]
