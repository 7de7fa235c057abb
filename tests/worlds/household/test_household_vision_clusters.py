"""DBSCAN against its definition, written out without haste."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.worlds.household.vision.clusters import dbscan


def by_definition(voxels, reach, least):
    near = ((voxels[:, None] - voxels[None]) ** 2).sum(-1) <= reach * reach
    core = near.sum(1) >= least
    labels = np.full(len(voxels), -1)
    found = 0
    for i in range(len(voxels)):
        if core[i] and labels[i] < 0:
            stack, labels[i] = [i], found
            while stack:
                for j in np.nonzero(near[stack.pop()] & core & (labels < 0))[0]:
                    labels[j] = found
                    stack.append(j)
            found += 1
    return core, labels, ~(core | (near & core[None]).any(1))


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.tuples(st.integers(-9, 25), st.integers(-4, 6), st.integers(-9, 9)), min_size=1, max_size=80),
    st.sampled_from([1, 2, 5, 10]),
    st.integers(1, 5),
)
def test_cores_clusters_and_noise_are_those_of_the_definition(points, reach, least):
    voxels = np.array(sorted(points), np.int64)
    core, labels, noise = by_definition(voxels, reach, least)
    found = dbscan(voxels, float(reach), least)
    assert ((found < 0) == noise).all()
    assert (found[core] == labels[core]).all()


def test_a_border_voxel_joins_the_nearest_core():
    voxels = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [4, 0, 0], [9, 0, 0]], np.int64)
    assert dbscan(voxels, 2.0, 3).tolist() == [0, 0, 0, 0, -1]
