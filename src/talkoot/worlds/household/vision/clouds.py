"""From images to boxes: depth becomes points, points voxels, voxels clusters; a thing is the box around its clusters.

Nothing but images and their poses goes in. The segmentation says which pixels are of one thing, as an oracle in the
place of a detector (so does the reference, 1.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from talkoot.worlds.household.vision.camera import axes
from talkoot.worlds.household.vision.render import Images

VOXEL = 0.01
"""Metres along a voxel's side (reference, 1.7)."""

REACH = 0.1
"""Metres within which voxels are neighbours in clustering (reference, 1.7: eps)."""

LEAST = 3
"""Neighbours, itself counted, that make a voxel the core of a cluster (reference, 1.7: min points)."""

FEWEST = 5
"""Points below which nothing is made of a thing (reference, 1.7)."""

_BITS, _HALF = 17, 1 << 16  # a voxel's coordinate in a packed key: within 655 m of the origin


@dataclass(frozen=True, slots=True)
class Extent:
    """What was seen of one thing: the corners of the box around it in metres, and the most pixels in one image.

    `stands` tells whether its lower edge was seen, not hidden by something nearer or by the edge of the picture; `cut`
    whether it reached the upper edge of a picture, so that it may be higher than it seems.
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    pixels: int
    stands: bool = True
    cut: bool = False


@dataclass(frozen=True)
class Scene:
    """What was made of one or several images: the extent of each thing, and what touches what.

    `touching` counts, for (thing, other), the columns of pixels in which the lower edge of the thing ends on the other.
    """

    extents: dict[int, Extent]
    touching: dict[tuple[int, int], int]


def reconstruct(
    looks: Sequence[Images], *, keep: Literal["clusters", "largest"] = "clusters", fewest: int = FEWEST
) -> Scene:
    """Find the extents of all things with at least `fewest` points in the images.

    `keep`: "clusters" keeps all that is not noise, since a table may be seen as a top and four feet; "largest" keeps
    the largest cluster alone, as the reference does. People are numbered seat + 1.
    """
    from talkoot.worlds.household.vision.clusters import dbscan

    keys: list[NDArray[np.int64]] = []
    counts = [np.bincount(look.segmentation.ravel()) for look in looks]
    most = np.zeros(max((len(count) for count in counts), default=1), np.int64)
    for count in counts:
        most[: len(count)] = np.maximum(most[: len(count)], count)
    most[0] = 0
    numbers = np.nonzero(most)[0]
    place_of = np.cumsum(most > 0) - 1
    edges, reach = _Edges(), REACH
    for look in looks:
        mask = (look.segmentation > 0) & (look.depth > 0)
        if keep == "clusters" and mask.any():  # in small images neighbouring pixels are further apart than the reach
            reach = max(reach, 3 * float(look.depth[mask].max()) / look.camera.focal)
        voxels = np.floor(look.camera.points(look.pose, look.depth, mask) / VOXEL).astype(np.int64) + _HALF
        key = place_of[look.segmentation[mask]]
        for axis in range(3):
            key = (key << _BITS) | voxels[:, axis]
        keys.append(_once(key))
        edges.add(look)
    packed = _once(np.concatenate(keys)) if keys else np.zeros(0, np.int64)
    owner = packed >> (3 * _BITS)
    voxels = np.stack([((packed >> (_BITS * (2 - axis))) & ((1 << _BITS) - 1)) - _HALF for axis in range(3)], axis=1)
    bounds = np.searchsorted(owner, np.arange(len(numbers) + 1))
    extents: dict[int, Extent] = {}
    for place, number in enumerate(numbers.tolist()):
        mine = np.ascontiguousarray(voxels[bounds[place] : bounds[place + 1]])
        if len(mine) < fewest:
            continue
        labels = dbscan(mine, reach / VOXEL, LEAST)
        kept = labels >= 0 if keep == "clusters" else labels == _largest(labels)
        if kept.sum() < fewest:
            continue
        low, high = mine[kept].min(axis=0) * VOXEL, (mine[kept].max(axis=0) + 1) * VOXEL
        seen = edges.seen.get(number, 0) >= max(2, edges.all.get(number, 0) // 10)
        extents[number] = Extent(_triple(low), _triple(high), int(most[number]), seen, number in edges.cut)
    return Scene(extents, edges.touching)


def _once(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each key once, sorted; several times as fast as `np.unique`, which hashes."""
    keys = np.sort(keys)
    first = np.ones(len(keys), np.bool_)
    first[1:] = keys[1:] != keys[:-1]
    return keys[first]


def _largest(labels: NDArray[np.int64]) -> int:
    kept = labels[labels >= 0]
    return int(np.bincount(kept).argmax()) if len(kept) else 0


def _triple(values: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (round(float(value), 3) for value in values)
    return x, y, z


class _Edges:
    """Where things end downwards: at each pixel of a thing that has a pixel of something else right below it.

    A ray of the lower pixel that ends above the upper pixel's point was stopped by something nearer: there the thing is
    hidden. If it ends at the same height, the thing touches there what the lower pixel shows.
    """

    def __init__(self) -> None:
        self.all: dict[int, int] = {}
        self.seen: dict[int, int] = {}
        self.touching: dict[tuple[int, int], int] = {}
        self.cut: set[int] = set()

    def add(self, look: Images) -> None:
        upper, lower = look.segmentation[:-1], look.segmentation[1:]
        rows, columns = np.nonzero((upper != lower) & (upper > 0))
        above, below = upper[rows, columns], lower[rows, columns]
        depth = look.depth[rows, columns]
        heights = _heights(look, rows, columns)
        under = _heights(look, rows + 1, columns)
        hit = look.depth[rows + 1, columns] > 0
        pixel = depth / look.camera.focal
        hidden = hit & (under > heights + 0.003)
        touch = hit & ~hidden & (heights - under <= 0.02 + 1.5 * pixel) & (below > 0)
        _count(self.all, above)
        self.cut.update(look.segmentation[0].tolist())
        last = look.segmentation[-1]
        _count(self.all, last[last > 0])
        _count(self.seen, above[~hidden])
        pairs, counts = np.unique(np.stack([above[touch], below[touch]], axis=1), axis=0, return_counts=True)
        for (one, other), count in zip(pairs.tolist(), counts.tolist(), strict=True):
            self.touching[one, other] = self.touching.get((one, other), 0) + count


def _heights(look: Images, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """How high above the floor the points behind pixels are."""
    right, up, ahead = axes(look.pose)[:, 1]
    height, width = look.camera.size
    across = (columns + 0.5 - width / 2) / look.camera.focal
    upward = (height / 2 - rows - 0.5) / look.camera.focal
    far = look.depth[rows, columns].astype(np.float64)
    heights: NDArray[np.float64] = look.pose.position[1] + far * (across * right + upward * up + ahead)
    return heights


def _count(store: dict[int, int], numbers: NDArray[np.int32]) -> None:
    found, counts = np.unique(numbers, return_counts=True)
    for number, count in zip(found.tolist(), counts.tolist(), strict=True):
        store[number] = store.get(number, 0) + count
