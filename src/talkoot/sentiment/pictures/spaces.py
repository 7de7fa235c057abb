"""The two figures of the paper: the feature space before and after training, and how alike frames are.

Works on arrays alone. Features are named by modality and role ("sentiment" f^s, "modality" f^m).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.pictures.canvas import blank, clip, colours, dress
from talkoot.sentiment.samples import Floats, Marks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Spaces = Mapping[tuple[str, str], Floats]
"""Features [K, D] by modality and role."""

_MARKERS = ("o", "^", "s", "D")


def embedded(features: Spaces, *, seed: int = 0, most: int = 150) -> dict[tuple[str, str], NDArray[np.float64]]:
    """All features in one plane by t-SNE (scikit-learn; van der Maaten and Hinton 2008), at most `most` rows of each,
    drawn by the seed: [K', 2] of each. Raises BadInput for fewer than 5 rows in all, widths that differ, and features
    that are not finite."""
    from sklearn.manifold import TSNE

    order = np.random.default_rng(seed)
    some = {}
    for key, x in features.items():
        rows = np.sort(order.permutation(len(x))[:most])
        some[key] = np.asarray(x, np.float64)[rows]
    if len({x.shape[1] for x in some.values()}) > 1:
        raise BadInput(f"features of one space have widths {sorted({x.shape[1] for x in some.values()})}; "
                       "give all the same")  # fmt: skip
    total = sum(len(x) for x in some.values())
    if total < 5:
        raise BadInput(f"t-SNE of {total} points shows nothing; give at least 5")
    every = np.concatenate(list(some.values()))
    if not np.isfinite(every).all():
        raise BadInput("features hold NaN or infinity; leave those steps out")
    scaled = every / (np.abs(every).max() or 1.0)
    varied = np.ptp(scaled, axis=0).max() > 0
    # On points that are all the same principal components are not defined.
    tsne = TSNE(2, perplexity=min(30.0, (total - 1) / 3), init="pca" if varied and every.shape[1] > 1 else "random",
                random_state=seed)  # fmt: skip
    plane = np.asarray(tsne.fit_transform(scaled), np.float64)
    cuts = np.cumsum([len(x) for x in some.values()])[:-1]
    return dict(zip(some, np.split(plane, cuts), strict=True))


def feature_space(before: Spaces, after: Spaces, *, seed: int = 0, most: int = 150, title: str = "") -> Figure:
    """Features before and after training, side by side: colour is the modality, the mark its role. Each plane has its
    own scale. Raises BadInput as `embedded`."""
    figure = blank(9.0, 4.3 + (0.25 if title else 0), title)
    modalities = list(dict.fromkeys(name for name, _ in after))
    roles = list(dict.fromkeys(role for _, role in after))
    colour = colours(modalities)
    for panel, (told, features) in zip(figure.subplots(1, 2), (("Before training", before), ("After training", after)),
                                       strict=True):  # fmt: skip
        for (name, role), points in embedded(features, seed=seed, most=most).items():
            mark = roles.index(role)
            panel.scatter(
                points[:, 0], points[:, 1], s=16, marker=_MARKERS[mark % len(_MARKERS)], linewidths=0.8,
                facecolors=colour[name] if mark == 0 else "none", edgecolors=colour[name], alpha=0.75,
                label=clip(f"{name}, {role}", 30),
            )  # fmt: skip
        dress(panel, title=told, grid="")
        panel.set_xticks([])
        panel.set_yticks([])
        panel.margins(0.06)
    handles, names = figure.axes[1].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=max(1, len(modalities)), fontsize=8.5,
                  frameon=False)  # fmt: skip
    return figure


def frame_similarity(f: Floats, marks: Marks) -> Floats:
    """Mean cosine of frames p and q of a sample, over the samples that have both: f [N, T, D], marks [N, T] to [T, T];
    NaN where no sample has both. A frame of zeros has the cosine 0 with all."""
    norm = np.linalg.norm(f, axis=-1, keepdims=True)
    unit = np.where(marks[..., None], f / np.maximum(norm, 1e-12), 0)
    total = np.einsum("npd,nqd->pq", unit, unit)
    count = np.einsum("np,nq->pq", marks.astype(np.float64), marks.astype(np.float64))
    found: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found


def mean_off_diagonal(similarity: Floats) -> float:
    """Mean cosine of different frames; NaN for a single frame."""
    off = similarity[~np.eye(len(similarity), dtype=bool)]
    return float(np.nanmean(off)) if np.isfinite(off).any() else float("nan")


def similarity_picture(maps: Mapping[str, Floats], *, title: str = "") -> Figure:
    """Maps of frames' similarity [T, T] side by side on one scale, such as "without DPSR" and "with DPSR", and beside
    them the mean similarity by distance in time. Raises BadInput for no map."""
    from matplotlib.ticker import MaxNLocator

    if not maps:
        raise BadInput("there is no map of similarity to draw")
    count = len(maps)
    figure = blank(2.9 * count + 3.4, 3.2 + (0.25 if title else 0), title)
    panels = figure.subplots(1, count + 1, width_ratios=[1] * count + [1.15])
    least = min([0.0, *(float(np.nanmin(m)) for m in maps.values() if np.isfinite(m).any())])
    image: Any = None
    for panel, (name, found) in zip(panels[:count], maps.items(), strict=True):
        image = panel.imshow(found, vmin=least, vmax=1, cmap="viridis", interpolation="nearest")
        dress(panel, title=f"{clip(name, 20)}: mean {mean_off_diagonal(found):.2f}", across="frame", grid="")
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_locator(MaxNLocator(5, integer=True))
    panels[0].set_ylabel("frame", fontsize=8.5)
    figure.colorbar(image, ax=list(panels[:count]), shrink=0.75, label="mean cosine").ax.tick_params(labelsize=8)
    lines = colours([f"map {at}" for at in range(count)]).values()
    for (name, found), line in zip(maps.items(), lines, strict=True):
        by_distance = [np.diagonal(found, d) for d in range(1, len(found))]
        means = [float(np.nanmean(one)) if np.isfinite(one).any() else np.nan for one in by_distance]
        panels[-1].plot(range(1, len(found)), means, "o-", color=line, markersize=3, linewidth=1.6,
                        label=clip(name, 24))  # fmt: skip
    panels[-1].xaxis.set_major_locator(MaxNLocator(5, integer=True))
    dress(panels[-1], title="By distance", across="frames apart", up="mean cosine")
    panels[-1].legend(fontsize=8, frameon=False)
    return figure
