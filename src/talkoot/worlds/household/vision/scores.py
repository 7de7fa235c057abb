"""How well the relations read from images agree with the symbolic view."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from talkoot.worlds.household.reach import within_reach
from talkoot.worlds.household.view import HomeView
from talkoot.worlds.household.vision.render import Images

LEAST_PIXELS = 25
"""Things with fewer pixels in every image are left out of the comparison, on both sides."""


@dataclass(frozen=True, slots=True)
class Score:
    """Relations that were found and are true, were found and are not, and were missed. Scores add up."""

    hits: int = 0
    extra: int = 0
    missed: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.hits + other.hits, self.extra + other.extra, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """The share of what was found that is true; 1 where nothing was found."""
        return self.hits / (self.hits + self.extra) if self.hits + self.extra else 1.0

    @property
    def recall(self) -> float:
        """The share of what is true that was found; 1 where there is nothing."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 1 where there is nothing to find and nothing was found."""
        whole = 2 * self.hits + self.extra + self.missed
        return 2 * self.hits / whole if whole else 1.0


def edges(view: HomeView, among: Collection[int]) -> dict[str, set[tuple[int, int]]]:
    """The relations of a view among some nodes: ON, INSIDE (of containers), ROOM, CLOSE (to oneself), HOLDS."""
    inside = {(n, parent) for n, parent in view.inside.items() if n in among and n in view.nodes}
    return {
        "on": {(n, surface) for n, surface in view.on.items() if n in among and surface in among},
        "inside": {(n, parent) for n, parent in inside if parent in among},
        "room": {(n, parent) for n, parent in inside if parent in view.rooms},
        "close": {
            (view.seat, n)
            for n, node in view.nodes.items()
            if n in among and n not in view.me.holding and within_reach(view.me.position, node)
        },
        "holds": {
            (seat, n)
            for seat, person in view.people.items()
            if seat != view.seat and person.t == view.t
            for n in person.holding
            if n in among
        },
    }


def pixels_of(looks: Sequence[Images]) -> dict[int, int]:
    """The most pixels that each node has in one of the images."""
    most: dict[int, int] = {}
    for look in looks:
        numbers, counts = np.unique(look.segmentation, return_counts=True)
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            most[number] = max(most.get(number, 0), count)
    return most


def relations_f1(
    perceived: HomeView,
    symbolic: HomeView,
    pixels: Mapping[int, int],
    *,
    close: Collection[int] | None = None,
    least: int = LEAST_PIXELS,
) -> dict[str, Score]:
    """Compare a perceived view with the symbolic view of the same moment, relation by relation, and "all" of them.

    What is close to the seat follows from the perceived boxes by the world's own rule, unless `close` names it.
    Only things with at least `least` of `pixels` (the most in one image) count; doors and the own hands do not.
    """
    among = {
        n for n, count in pixels.items() if count >= least and n in symbolic.nodes and n not in symbolic.me.holding
    }
    found, true = edges(perceived, among), edges(symbolic, among)
    if close is not None:
        found["close"] = {(symbolic.seat, number) for number in close if number in among}
    scores = {
        name: Score(len(found[name] & true[name]), len(found[name] - true[name]), len(true[name] - found[name]))
        for name in true
    }
    return {**scores, "all": sum(scores.values(), Score())}
