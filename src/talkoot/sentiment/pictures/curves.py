"""Curves of robustness and of deletion, and what modalities bring beside how much they are trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.deletion import DeletionCurve
from talkoot.sentiment.pictures.canvas import GREY, blank, clip, colours, dress
from talkoot.sentiment.robustness import Curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HOWS = {
    "zero": "features set to zero", "noise": "noise", "shuffle": "taken from other samples", "mask": "steps missing",
    "missing": "whole modality missing",
}  # fmt: skip


def robustness_picture(curves: Sequence[Curve], *, loss: str = "mean absolute error", title: str = "") -> Figure:
    """A panel for each way to spoil. One model: a line for each modality; several: a panel for each modality as well,
    and a line for each model. Bands are one standard deviation over seeds. Raises BadInput for no curve."""
    if not curves:
        raise BadInput("there is no curve to draw")
    models = list(dict.fromkeys(one.model for one in curves))
    hows = list(dict.fromkeys(one.how for one in curves))
    modalities = list(dict.fromkeys(one.modality for one in curves))
    rows = len(modalities) if len(models) > 1 else 1
    figure = blank(3.6 * len(hows) + 0.6, 2.5 * rows + 0.6 + (0.25 if title else 0), title)
    panels = figure.subplots(rows, len(hows), squeeze=False, sharey=True)
    lines = colours(models if len(models) > 1 else modalities)
    for one in curves:
        row = modalities.index(one.modality) if len(models) > 1 else 0
        panel = panels[row, hows.index(one.how)]
        name = one.model if len(models) > 1 else one.modality
        low, high = np.subtract(one.loss, one.sd), np.add(one.loss, one.sd)
        panel.fill_between(one.shares, low, high, color=lines[name], alpha=0.15, linewidth=0)
        panel.plot(one.shares, one.loss, "o-", color=lines[name], linewidth=1.7, markersize=4, label=clip(name, 26))
    for row in range(rows):
        for column, how in enumerate(hows):
            told = f"{modalities[row]}: {_HOWS.get(how, how)}" if len(models) > 1 else _HOWS.get(how, how)
            share = "share of samples" if how == "missing" else "share of steps"
            dress(panels[row, column], title=clip(told, 34), across=share if row == rows - 1 else "",
                  up=loss if column == 0 else "")  # fmt: skip
    handles, names = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=min(4, len(names)), fontsize=8.5, frameon=False)
    return figure


def deletion_picture(curve: DeletionCurve, *, loss: str = "mean absolute error", title: str = "") -> Figure:
    """Loss as a growing share of cells is taken away, most trusted, random and least trusted first."""
    figure = blank(5.4, 3.2 + (0.25 if title else 0), title)
    panel = figure.subplots()
    for told, line, style, colour in (
        ("most trusted first", curve.most, "o-", "#b3261e"), ("at random", curve.random, "s--", GREY),
        ("least trusted first", curve.least, "^-", "#2a6f97"),
    ):  # fmt: skip
        panel.plot(curve.shares, line, style, color=colour, linewidth=1.7, markersize=4, label=told)
    dress(panel, across="share of modality steps taken away", up=loss)
    panel.legend(fontsize=8.5, frameon=False)
    return figure


def contribution_picture(trust: Mapping[str, float], worth: Mapping[str, float], *, title: str = "") -> Figure:
    """Mean trust and mean Shapley value of each modality, two panels with the same rows. Raises BadInput if they speak
    of different modalities."""
    if list(trust) != list(worth):
        raise BadInput(f"trust is of {list(trust)} and contributions are of {list(worth)}; give the same modalities")
    figure = blank(7.2, 0.42 * len(trust) + 1.0 + (0.25 if title else 0), title)
    left, right = figure.subplots(1, 2, sharey=True)
    colour = colours(list(trust))
    for panel, numbers, told, across in (
        (left, trust, "How much it counts", "mean trust"),
        (right, worth, "What it brings", "Shapley value: loss saved"),
    ):
        values = [0.0 if np.isnan(value) else value for value in numbers.values()]
        panel.barh(range(len(values)), values, color=[colour[name] for name in numbers], alpha=0.7, height=0.6)
        for y, value in enumerate(values):
            told_value = f"{value:.3f}" if panel is right else f"{value:.2f}"
            side = 1 if value >= 0 else -1
            panel.annotate(told_value, (value, y), (4 * side, 0), textcoords="offset points", va="center",
                           ha="left" if side > 0 else "right", fontsize=8, color=GREY)  # fmt: skip
        dress(panel, title=told, across=across, grid="x")
        panel.margins(x=0.18)
        panel.axvline(0, color="#888888", linewidth=0.9)
    left.set_xlim(0, 1.08)
    left.set_yticks(range(len(trust)), [clip(name, 16) for name in trust], parse_math=False)
    left.set_ylim(len(trust) - 0.4, -0.6)
    return figure
