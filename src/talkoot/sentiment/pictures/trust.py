"""Trust over time with the words under it, and trust by modality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.pictures.canvas import GREY, blank, clip, colours, dress
from talkoot.sentiment.samples import Floats, Marks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PER_ROW = 22
"""Words in one row of a picture, so that they can be read."""

_SENTENCE = 16
"""Texts longer than this stand beside their step, not under it."""


def trust_over_time(
    trust: Floats,
    marks: Marks,
    modalities: Sequence[str],
    *,
    words: Sequence[str] = (),
    steps: Floats | None = None,
    truth: Floats | None = None,
    title: str = "",
) -> Figure:
    """Trust [T, M] of one sample: a line for each modality, broken where `marks` [T, M] say that it is not there, and
    the words under it; long texts (segments of a video) stand beside their step instead, and time runs down.

    `steps` [T], what the model would have said after each step, and `truth` [T], labels by step, are drawn beside it.
    Only steps with some modality are drawn. Raises BadInput for shapes that do not fit and a sample without a step.
    """
    if trust.shape != marks.shape or trust.ndim != 2 or trust.shape[1] != len(modalities):
        raise BadInput(f"trust of shape {trust.shape}, marks of {marks.shape} and {len(modalities)} modalities; [T, M] "
                       "is wanted")  # fmt: skip
    at = np.flatnonzero(marks.any(1))
    if not len(at):
        raise BadInput("there is no step with any modality; there is nothing to draw")
    shown = np.where(marks, trust, np.nan)[at]
    texts = [clip(words[t], 200) if t < len(words) else "" for t in at.tolist()]
    said = "said so far" if truth is None else "said"
    numbers = [(name, np.asarray(line)[at]) for name, line in ((said, steps), ("label", truth)) if line is not None]
    if any(len(text) > _SENTENCE for text in texts):
        return _down(shown, modalities, texts, numbers, title)
    return _across(shown, modalities, texts, numbers, title)


def _across(
    shown: Floats, modalities: Sequence[str], words: list[str], numbers: list[tuple[str, Any]], title: str
) -> Figure:
    """Time runs to the right, in rows of words."""
    rows = -(-len(shown) // _PER_ROW)
    wide = min(len(shown), _PER_ROW)
    longest = max((len(word) for word in words), default=0)
    heights = ([0.55, 1.45] if numbers else [1.45]) * rows
    figure = blank(max(4.6, 1.6 + 0.36 * wide), sum(heights) + rows * (0.35 + 0.065 * longest) + 0.7, title)
    panels = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    colour = colours(modalities)
    bound = max((float(np.nanmax(np.abs(line))) for _, line in numbers if not np.isnan(line).all()), default=1.0)
    for row, panel in enumerate(panels[len(heights) // rows - 1 :: len(heights) // rows]):
        here = slice(row * _PER_ROW, (row + 1) * _PER_ROW)
        x = np.arange(here.start, here.start + len(shown[here]))
        for i, name in enumerate(modalities):
            panel.plot(x, shown[here, i], "o-", color=colour[name], linewidth=1.8, markersize=4, label=clip(name, 20))
        dress(panel, up="trust", across="" if any(words) else "step")
        panel.set_ylim(-0.04, 1.04)
        panel.set_xticks(x, words[here] if any(words) else [str(t + 1) for t in x], rotation=65 if any(words) else 0,
                         ha="right" if any(words) else "center",
                         rotation_mode="anchor" if any(words) else "default", parse_math=False)  # fmt: skip
        if numbers:
            above = panels[2 * row]
            for (name, line), style in zip(numbers, ("o-", "s:"), strict=False):
                above.plot(x, line[here], style, color="#222222", linewidth=1.2, markersize=3, label=name)
            dress(above, up="score")
            above.axhline(0, color="#aaaaaa", linewidth=0.9)
            above.set_ylim(-(bound or 1) * 1.15, (bound or 1) * 1.15)
            above.set_xticks(x, [""] * len(x))
    for panel in panels:
        row = list(panels).index(panel) // (len(heights) // rows)
        panel.set_xlim(row * _PER_ROW - 0.6, row * _PER_ROW + wide - 0.4)
    _legend(figure, len(modalities) + len(numbers))
    return figure


def _down(
    shown: Floats, modalities: Sequence[str], texts: list[str], numbers: list[tuple[str, Any]], title: str
) -> Figure:
    """Time runs down, a text beside each step."""
    figure = blank(8.2, 0.27 * len(shown) + 0.95 + (0.25 if title else 0), title)
    widths = [2.2, 1.0] if numbers else [2.2]
    panels = figure.subplots(1, len(widths), squeeze=False, sharey=True, width_ratios=widths)[0]
    y = np.arange(len(shown))
    colour = colours(modalities)
    for i, name in enumerate(modalities):
        panels[0].plot(shown[:, i], y, "o-", color=colour[name], linewidth=1.6, markersize=4, label=name)
    dress(panels[0], across="trust", grid="both")
    panels[0].set_xlim(-0.04, 1.04)
    panels[0].set_ylim(len(shown) - 0.4, -0.6)
    panels[0].set_yticks(y, [f"{clip(text, 46)}  {t + 1}" for t, text in enumerate(texts)], parse_math=False)
    if numbers:
        for (name, line), style in zip(numbers, ("o--", "s:"), strict=False):
            panels[1].plot(line, y, style, color="#222222", linewidth=1.0, markersize=3, label=name)
        dress(panels[1], across="score", grid="both")
        panels[1].axvline(0, color="#aaaaaa", linewidth=0.8)
    _legend(figure, len(modalities) + len(numbers))
    return figure


def _legend(figure: Figure, columns: int) -> None:
    """One legend for all panels, above them."""
    found: dict[str, Any] = {}
    for each in figure.axes:
        for handle, name in zip(*each.get_legend_handles_labels(), strict=True):
            found.setdefault(name, handle)
    figure.legend(list(found.values()), list(found), loc="outside upper right", ncols=min(columns, 5), fontsize=8.5,
                  frameon=False)  # fmt: skip


def trust_by_modality(
    trust: Floats,
    marks: Marks,
    modalities: Sequence[str],
    *,
    truth: Floats | None = None,
    bins: int = 10,
    what: str = "trust",
    title: str = "",
) -> Figure:
    """Trust [N, T, M] of many samples: its spread for each modality (box: middle half, line: median, dot: mean) and its
    mean over the course of a sample, from its first step (0) to its last (1). `truth`, true reliability of the same
    shape, is drawn dashed; `what` says what the numbers are. Raises BadInput for shapes that do not fit and
    where no modality is ever there."""
    if trust.shape != marks.shape or trust.ndim != 3 or trust.shape[2] != len(modalities):
        raise BadInput(f"trust of shape {trust.shape}, marks of {marks.shape} and {len(modalities)} modalities; "
                       "[N, T, M] is wanted")  # fmt: skip
    if not marks.any():
        raise BadInput("no modality is there at any step; there is nothing to draw")
    colour = colours(modalities)
    figure = blank(8.2, 3.6 + (0.25 if title else 0), title)
    spread, course = figure.subplots(1, 2, width_ratios=[1, 1.5])
    there = [(i, trust[..., i][marks[..., i]]) for i in range(len(modalities)) if marks[..., i].any()]
    boxes = spread.boxplot(
        [values for _, values in there], positions=[i for i, _ in there], widths=0.55, whis=(5, 95), showfliers=False,
        showmeans=True, patch_artist=True, manage_ticks=False,
        medianprops={"color": "#222222"}, meanprops={"marker": "o", "markerfacecolor": "white",
                                                      "markeredgecolor": "#222222", "markersize": 5},
    )  # fmt: skip
    for (i, values), box in zip(there, boxes["boxes"], strict=True):
        box.set(facecolor=colour[modalities[i]], alpha=0.55, edgecolor=colour[modalities[i]])
        spread.annotate(f"{values.mean():.2f}", (i, 1.0), ha="center", va="bottom", fontsize=8, color=GREY)
    dress(spread, title="All steps", up=what)
    spread.set_xticks(range(len(modalities)), [clip(name, 14) for name in modalities], parse_math=False)
    spread.set_xlim(-0.6, len(modalities) - 0.4)
    spread.set_ylim(-0.02, 1.08)
    spread.set_xlabel("dot: mean, line: median, box: middle half", fontsize=8, color=GREY)
    place = _course(np.asarray(marks.any(-1)))
    middle = (np.arange(bins) + 0.5) / bins
    for i, name in enumerate(modalities):
        for kind, style in ((trust, "-"), (truth, "--")):
            if kind is not None and marks[..., i].any():
                course.plot(middle, _binned(kind[..., i], marks[..., i], place, bins), style, color=colour[name],
                            linewidth=1.8 if style == "-" else 1.2,
                            label=clip(name, 20) if style == "-" else f"{clip(name, 20)}, true share")  # fmt: skip
    dress(course, title="Over the course of a sample", across="from its first step (0) to its last (1)")
    course.set_xlim(0, 1)
    course.set_ylim(-0.02, 1.08)
    handles, names = course.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=max(1, len(there)), fontsize=8.5, frameon=False)
    return figure


def _course(valid: Marks) -> Floats:
    """Where a step lies between the first (0) and the last (1) of its sample, [N, T]."""
    length = valid.shape[1]
    first = valid.argmax(1)[:, None]
    last = (length - 1 - valid[:, ::-1].argmax(1))[:, None]
    spot: Floats = ((np.arange(length) - first) / np.maximum(last - first, 1)).astype(np.float32)
    return spot


def _binned(values: Floats, marks: Marks, place: Floats, bins: int) -> Any:
    at = np.clip((place[marks] * bins).astype(int), 0, bins - 1)
    count = np.bincount(at, minlength=bins)
    total = np.bincount(at, weights=values[marks], minlength=bins)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
