"""Many kitchens of one layout stepped at once, for learning: the rules of `mechanics` mapped over a batch.

Observations are the dense 26 channels of both seats, kept up to date in place: the terrain is written once, and each
step clears and writes only the cells that changed. Worlds are processed in tiles that fit in the processor's cache.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.types import Seat
from talkoot.worlds.overcooked.encoding import CHANNELS_26, URGENT
from talkoot.worlds.overcooked.kitchen import Kitchen
from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.mechanics import (
    CONTENTS,
    COUNTER,
    DELTA,
    FLOOR,
    HORIZON,
    INTERACT,
    KIND,
    LOOSE,
    PLAYER,
    POT,
    POTS,
    TICK,
    TIME,
    T,
    advance_at,
    empty_state,
    start_cells,
    tables,
)

TILE = 64
"""Worlds that are stepped together for many steps in `Batch.play_random`."""

_CHANNELS = len(CHANNELS_26)
# Channels. From the plane of pots on, the planes of terrain follow each other like the kinds in `mechanics`.
_POT_PLANE, _IN_POT, _IN_SOUP, _LEFT, _DONE, _DISH, _URGENCY = 10, 16, 18, 20, 21, 22, 25


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
        shape = (layout.width, layout.height, _CHANNELS)
        self.observations = np.zeros((n if observe else 0, 2, *shape), dtype=np.uint8)
        y, x = np.divmod(np.arange(layout.width * layout.height), layout.width)
        places = ((x * layout.height + y) * _CHANNELS).astype(np.int32)
        self._fixed = begin, cells, rng, places, self.observations.reshape(-1)
        self._outcome = Outcome(
            np.zeros((n, 2), np.int32), np.zeros((n, 2), np.int32), np.zeros((n, 2), np.int32), np.zeros(n, np.bool_)
        )
        self.reset()

    def reset(self) -> None:
        """Begin a new episode in every world; the generators go on where they were."""
        _begin_all(self.tables, self.states.reshape(-1), True, *self._fixed)

    def load(self, states: NDArray[np.int32]) -> None:
        """Go on from the given states: int32 of the shape of `states`, each a state of this layout (not checked)."""
        if states.shape != self.states.shape:
            raise BadInput(f"states of shape {states.shape} do not fit; this batch has {self.states.shape}")
        self.states[:] = states
        _begin_all(self.tables, self.states.reshape(-1), False, *self._fixed)

    def step(self, actions: NDArray[np.integer[Any]]) -> Outcome:
        """Let one step pass in every world. `actions`: integers (n, 2), indices into `kitchen.PRIMITIVES`.

        Raises BadInput for another shape or an index that is no action.
        """
        wanted = np.ascontiguousarray(actions, dtype=np.int64)
        if wanted.shape != (self.n, 2) or wanted.min() < 0 or wanted.max() > INTERACT:
            raise BadInput(f"actions must be integers 0..{INTERACT} of shape {(self.n, 2)}, got shape {wanted.shape}")
        _play(self.tables, self.states.reshape(-1), 1, wanted, *self._fixed, *self._outcome)
        return self._outcome

    def play_random(self, steps: int) -> Totals:
        """Let every world take `steps` steps of uniformly random actions, one tile of worlds after the other.

        Rewards, shaping, events and `done` of each step are written like those of `step`, and so are observations.
        """
        none = np.zeros((0, 2), dtype=np.int64)
        return Totals(*_play(self.tables, self.states.reshape(-1), steps, none, *self._fixed, *self._outcome))

    def kitchen(self, world: int) -> Kitchen:
        """One of the worlds as a `Kitchen`."""
        from talkoot.worlds.overcooked.world import kitchen_of

        return kitchen_of(self.layout, self.tables, self.states[world], self.seats)


@njit(cache=True, error_model="numpy")
def _draw(rng: Any, i: Any) -> Any:
    """The next 32 random bits of world i (SplitMix64, Steele et al. 2014)."""
    z = rng[i] + np.uint64(0x9E3779B97F4A7C15)
    rng[i] = z
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) >> np.uint64(32)


@njit(cache=True, error_model="numpy")
def _put_item(o: Any, at: Any, item: Any) -> None:
    """Write a loose or held item to the object channels of one cell, which are zero."""
    if item >= 16:
        o[at + _IN_SOUP] = (item - 16) & 3
        o[at + _IN_SOUP + 1] = (item - 16) >> 2
        o[at + _DONE] = 1
    elif item != 0:  # 1 onion, 2 tomato, 3 dish
        o[at + (_DISH if item == 3 else _DISH + item)] = 1


@njit(cache=True, error_model="numpy")
def _write_moving(c: Any, s: Any, b: Any, places: Any, o: Any, ob: Any, view: int, pots: bool) -> None:
    """The players, and with `pots` all pots, into observations whose cells of them are clear (pots: need not be)."""
    if pots:
        for pot in range(c[POTS]):
            contents, tick = s[b + CONTENTS + 2 * pot], s[b + TICK + 2 * pot]
            at = ob + places[c[c.size - c[POTS] + pot]]
            first = _IN_POT if tick < 0 else _IN_SOUP
            left = 0 if tick < 0 else c[TIME + contents] - tick
            for _ in range(2):
                for k in range(_IN_POT, _DONE + 1):
                    o[at + k] = 0
                o[at + first] = contents & 3
                o[at + first + 1] = contents >> 2
                o[at + _LEFT] = min(left, 255)
                o[at + _DONE] = tick >= 0 and left == 0
                at += view
    for who in range(2):
        cell = s[b + PLAYER + 3 * who]
        if cell >= 0:
            facing, held = s[b + PLAYER + 3 * who + 1], s[b + PLAYER + 3 * who + 2]
            at = ob + places[cell]
            for seat in range(2):
                mate = who ^ seat
                o[at + mate] = 1
                o[at + 2 + 4 * mate + facing] = 1
                _put_item(o, at, held)
                at += view


@njit(cache=True, error_model="numpy")
def _write_all(c: Any, s: Any, b: Any, places: Any, o: Any, ob: Any, view: Any) -> None:
    """Both seats' observations of one world from nothing."""
    urgent = c[HORIZON] - s[b + T] < URGENT
    for cell in range(places.size):
        kind = c[KIND + cell]
        at = ob + places[cell]
        for _ in range(2):
            for k in range(_URGENCY):
                o[at + k] = 0
            o[at + _URGENCY] = urgent
            if kind != FLOOR:
                o[at + (_POT_PLANE if kind >= POT else _POT_PLANE + kind)] = 1
            _put_item(o, at, s[b + c[LOOSE] + cell])
            at += view
    _write_moving(c, s, b, places, o, ob, view, True)


@njit(cache=True, error_model="numpy")
def _begin_one(c: Any, s: Any, b: Any, begin: Any, cells: Any, rng: Any, i: Any) -> None:
    """A new episode in world i: the empty kitchen, and one of the ways to place the players."""
    choice = np.int64(0)
    if len(cells) > 1:
        choice = np.int64((_draw(rng, i) * np.uint64(len(cells))) >> np.uint64(32))
    for k in range(begin.size):
        s[b + k] = begin[k]
    s[b + PLAYER], s[b + PLAYER + 3] = cells[choice, 0], cells[choice, 1]


@njit(cache=True, error_model="numpy")
def _step_one(c: Any, s: Any, i: Any, a0: Any, a1: Any, begin: Any, cells: Any, rng: Any, places: Any, o: Any,
              sparse: Any, shaped: Any, events: Any, done: Any) -> None:  # fmt: skip
    """World i takes one step, with everything that is written about it, and begins anew at its horizon.

    Observations are brought up to date: where the players were, what they touched, the pots, where they are.
    """
    b, view = i * begin.size, places.size * _CHANNELS
    ob = i * 2 * view
    here = (np.int64(s[b + PLAYER]), np.int64(s[b + PLAYER + 3]))
    facing = (np.int64(s[b + PLAYER + 1]), np.int64(s[b + PLAYER + 4]))
    acts = (a0 == INTERACT, a1 == INTERACT)
    sparse[i, 0], sparse[i, 1], shaped[i, 0], shaped[i, 1], events[i, 0], events[i, 1] = advance_at(c, s, b, a0, a1)
    over = s[b + T] >= c[HORIZON]
    done[i] = over
    if over:
        _begin_one(c, s, b, begin, cells, rng, i)
        if o.size > 0:
            _write_all(c, s, b, places, o, ob, view)
    elif o.size > 0:
        pots = acts[0] or acts[1]
        for who in range(2):
            if here[who] >= 0:
                at = ob + places[here[who]]
                for k in range(_URGENCY):
                    o[at + k] = 0
                for k in range(_URGENCY):
                    o[at + view + k] = 0
                if acts[who]:
                    cell = here[who] + c[DELTA + facing[who]]
                    if c[KIND + cell] == COUNTER:
                        at = ob + places[cell]
                        for _ in range(2):
                            for k in range(_IN_SOUP, _URGENCY):
                                o[at + k] = 0
                            _put_item(o, at, s[b + c[LOOSE] + cell])
                            at += view
        for pot in range(c[POTS]):
            pots = pots or s[b + TICK + 2 * pot] >= 0
        _write_moving(c, s, b, places, o, ob, view, pots)
        if c[HORIZON] - s[b + T] == URGENT - 1:
            for k in range(_URGENCY, 2 * view, _CHANNELS):
                o[ob + k] = 1


@njit(cache=True, error_model="numpy")
def _begin_all(c: Any, s: Any, fresh: bool, begin: Any, cells: Any, rng: Any, places: Any, o: Any) -> None:
    """New episodes if `fresh`, and in any case observations from nothing."""
    view = places.size * _CHANNELS
    for i in range(rng.size):
        if fresh:
            _begin_one(c, s, i * begin.size, begin, cells, rng, i)
        if o.size > 0:
            _write_all(c, s, i * begin.size, places, o, i * 2 * view, view)


@njit(cache=True, error_model="numpy")
def _play(c: Any, s: Any, steps: int, actions: Any, begin: Any, cells: Any, rng: Any, places: Any, o: Any,
          sparse: Any, shaped: Any, events: Any, done: Any) -> Any:  # fmt: skip
    """All worlds take `steps` steps, tile by tile: of the given actions, or random ones where none are given."""
    episodes, all_sparse, all_shaped = 0, 0, 0
    given = len(actions) > 0
    for first in range(0, rng.size, TILE):
        last = min(first + TILE, rng.size)
        for _ in range(steps):
            for i in range(first, last):
                if given:
                    a0, a1 = actions[i, 0], actions[i, 1]
                else:
                    joint = np.int64((_draw(rng, i) * np.uint64(36)) >> np.uint64(32))
                    a0 = joint // 6
                    a1 = joint - 6 * a0
                _step_one(c, s, i, a0, a1, begin, cells, rng, places, o, sparse, shaped, events, done)
                all_sparse += sparse[i, 0] + sparse[i, 1]
                all_shaped += shaped[i, 0] + shaped[i, 1]
                episodes += done[i]
    return steps * rng.size, episodes, all_sparse, all_shaped
