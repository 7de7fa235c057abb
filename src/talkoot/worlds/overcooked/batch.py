"""Many kitchens of one layout stepped at once, for learning: the rules of `mechanics` mapped over a batch.

Observations are the dense 26 channels of both seats, kept up to date in place: the terrain is written once, and each
step clears and writes only the cells that changed. Worlds are processed in tiles that fit in the processor's cache.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.types import Seat
from talkoot.worlds.overcooked.encoding import CHANNELS_26
from talkoot.worlds.overcooked.kitchen import Kitchen
from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.mechanics import INTERACT, begin_all, empty_state, play_all, start_cells, tables


class Outcome(NamedTuple):
    """What one step of a batch gave; views of the batch's own arrays, overwritten by the next step.

    `sparse`, `shaped` and `events` (bit masks, see `mechanics.EVENTS`) are int32 (n, 2). `done` is bool (n,): that
    world reached its horizon and has begun a new episode, which `observations` and `states` already show.
    """

    sparse: NDArray[np.int32]
    shaped: NDArray[np.int32]
    events: NDArray[np.int32]
    done: NDArray[np.bool_]


class Totals(NamedTuple):
    """Sums over everything that `play_random` played."""

    steps: int
    episodes: int
    sparse: int
    shaped: int


class Batch:
    """`n` kitchens of one layout under one set of rules, each begun anew as soon as it reaches its horizon.

    `states` is int32 (n, size), a row of `mechanics` for each world. With `observe`, `observations` is uint8
    (n, 2, width, height, 26), for each world and seat what `encoding.encode` gives. Standard starts, or with
    `start="random"` uniform cells (see `mechanics.random_start`) drawn from each world's own generator, so that
    its game depends on `seed` and its row only. Raises BadInput for what makes no sense.
    """

    def __init__(
        self,
        layout: Layout,
        n: int,
        *,
        rules: str = "old",
        horizon: int = 400,
        shaping: tuple[int, int, int] = (3, 3, 5),
        start: Literal["standard", "random"] = "standard",
        any_region: bool = False,
        seats: tuple[Seat, ...] = (0, 1),
        seed: int = 0,
        observe: bool = True,
    ) -> None:
        if n < 1:
            raise BadInput(f"a batch of {n} worlds cannot be made; give 1 or more")
        if start not in ("standard", "random"):
            raise BadInput(f"unknown start {start!r}; known are standard, random")
        if not seats or not set(seats) <= set(range(len(layout.starts))):
            raise BadInput(f"layout {layout.name} has {len(layout.starts)} seats, asked for were {list(seats)}")
        self.layout, self.n, self.rules, self.seats = layout, n, rules, seats
        self.tables = tables(layout, rules, horizon, shaping)
        begin = empty_state(layout, {})
        cells = start_cells(layout, seats, random_cells=start == "random", any_region=any_region)
        rng = np.random.SeedSequence(seed).generate_state(n, np.uint64)
        self.states = np.zeros((n, begin.size), dtype=np.int32)
        shape = (layout.width, layout.height, len(CHANNELS_26))
        self.observations = np.zeros((n if observe else 0, 2, *shape), dtype=np.uint8)
        y, x = np.divmod(np.arange(layout.width * layout.height), layout.width)
        places = (x * layout.height + y).astype(np.int32)
        self._fixed = begin, cells, rng, places, self.observations.reshape(-1, len(CHANNELS_26))
        self._outcome = Outcome(
            np.zeros((n, 2), np.int32), np.zeros((n, 2), np.int32), np.zeros((n, 2), np.int32), np.zeros(n, np.bool_)
        )
        self.reset()

    def reset(self) -> None:
        """Begin a new episode in every world; the generators go on where they were."""
        begin_all(self.tables, self.states.reshape(-1), True, *self._fixed)

    def load(self, states: NDArray[np.int32]) -> None:
        """Go on from the given states: int32 of the shape of `states`, each a state of this layout (not checked)."""
        if states.shape != self.states.shape:
            raise BadInput(f"states of shape {states.shape} do not fit; this batch has {self.states.shape}")
        self.states[:] = states
        begin_all(self.tables, self.states.reshape(-1), False, *self._fixed)

    def step(self, actions: NDArray[np.integer[Any]]) -> Outcome:
        """Let one step pass in every world. `actions`: integers (n, 2), indices into `kitchen.PRIMITIVES`.

        Raises BadInput for another shape or an index that is no action.
        """
        wanted = np.ascontiguousarray(actions, dtype=np.int64)
        if wanted.shape != (self.n, 2) or wanted.min() < 0 or wanted.max() > INTERACT:
            raise BadInput(f"actions must be integers 0..{INTERACT} of shape {(self.n, 2)}, got shape {wanted.shape}")
        play_all(self.tables, self.states.reshape(-1), 1, wanted, *self._fixed, *self._outcome)
        return self._outcome

    def play_random(self, steps: int) -> Totals:
        """Let every world take `steps` steps of uniformly random actions, one tile of worlds after the other.

        Rewards, shaping, events and `done` of each step are written like those of `step`, and so are observations.
        """
        none = np.zeros((0, 2), dtype=np.int64)
        return Totals(*play_all(self.tables, self.states.reshape(-1), steps, none, *self._fixed, *self._outcome))

    def kitchen(self, world: int) -> Kitchen:
        """One of the worlds as a `Kitchen`."""
        from talkoot.worlds.overcooked.world import kitchen_of

        return kitchen_of(self.layout, self.tables, self.states[world], self.seats)
