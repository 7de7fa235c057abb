"""The order in which prompts are taken: seeded, balanced over classes, and to be gone on with from counters alone."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(slots=True)
class Order:
    """Which prompt comes next: every class has its own shuffled epochs, so that all classes come equally often."""

    classes: Sequence[Hashable]
    seed: int
    taken: list[int] = field(default_factory=list)
    _members: list[list[int]] = field(default_factory=list)
    _shuffled: dict[int, tuple[int, list[int]]] = field(default_factory=dict)  # of a class: an epoch and its order

    def __post_init__(self) -> None:
        kinds: dict[Hashable, list[int]] = {}
        for i, kind in enumerate(self.classes):
            kinds.setdefault(kind, []).append(i)
        self._members = list(kinds.values())
        self.taken = self.taken or [0] * len(kinds)

    def take(self, kind: int) -> int:
        """The next prompt of a class (by its number, in order of appearance)."""
        members = self._members[kind]
        epoch, place = divmod(self.taken[kind], len(members))
        self.taken[kind] += 1
        if self._shuffled.get(kind, (-1, []))[0] != epoch:
            order = np.random.default_rng([self.seed, kind, epoch]).permutation(len(members))
            self._shuffled[kind] = epoch, [members[i] for i in order.tolist()]
        return self._shuffled[kind][1][place]
