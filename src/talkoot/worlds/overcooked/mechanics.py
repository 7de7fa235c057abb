"""The rules of Overcooked as one compiled function over one small integer array. There is no second implementation.

`advance` lets one step pass in one world. A single world, batches for learning, replay and search all call it.
Sources: the rules of overcooked_ai as described by Carroll et al. (2019) and its later versions; "old" is the game of
the 2019 human data and of ProAgent (equal to overcooked_ai with old_dynamics=True), "new" its current default.

A state is an int32 vector:

    0            t, the steps taken
    1 2 3        player 0: cell, facing, item in hand       (cell = y * width + x; -1: nobody sits there)
    4 5 6        player 1: likewise
    7 + 2k       pot k: contents, onions + 4 * tomatoes     (pots in row-major order)
    8 + 2k       pot k: tick, -1 while idle, then 0 .. cook time (reached: ready)
    7 + 2p + c   what lies on cell c, for p pots

Items are the codes of `kitchen`: 0 nothing, 1 onion, 2 tomato, 3 dish, 16 + contents a plated soup.
What never changes in an episode is a second int32 vector, made by `tables`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.types import Seat
from talkoot.worlds.overcooked.encoding import URGENT
from talkoot.worlds.overcooked.layout import Cell, Layout

State = NDArray[np.int32]
Tables = NDArray[np.int32]

RULES = ("old", "new")
MAX_HORIZON = 1_000_000_000

EVENTS = (
    "tomato_pickup", "useful_tomato_pickup", "tomato_drop", "useful_tomato_drop", "potting_tomato",
    "onion_pickup", "useful_onion_pickup", "onion_drop", "useful_onion_drop", "potting_onion",
    "dish_pickup", "useful_dish_pickup", "dish_drop", "useful_dish_drop",
    "soup_pickup", "soup_delivery", "soup_drop",
    "optimal_onion_potting", "optimal_tomato_potting", "viable_onion_potting", "viable_tomato_potting",
    "catastrophic_onion_potting", "catastrophic_tomato_potting", "useless_onion_potting", "useless_tomato_potting",
)  # fmt: skip
"""The 25 things that the game notes for each player; bit i of an event mask is EVENTS[i].

As in overcooked_ai, taking a tomato from its dispenser is not noted (only from a counter), and nothing is "useful"
for a player who is alone.
"""

# Places in the tables. Behind the kinds of all cells come the cells of the pots.
OLD, HORIZON, POTS, PLACE, USEFUL_DISH, TAKE_SOUP, WIDTH, HEIGHT, LOOSE, DELTA = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
UNMIXED, VALUE, TIME, BEST, KIND = 15, 16, 32, 48, 64
# Kinds of terrain in the tables; pot k is POT + k.
FLOOR, COUNTER, ONIONS, TOMATOES, DISHES, SERVING, POT = 0, 1, 2, 3, 4, 5, 8
# Places in the state.
T, PLAYER, CONTENTS, TICK = 0, 1, 7, 8
STAY, INTERACT = 4, 5

_KINDS = {" ": FLOOR, "X": COUNTER, "O": ONIONS, "T": TOMATOES, "D": DISHES, "S": SERVING}
# Bits of events. The useful variant of a pickup or drop is the next bit, the drop is two bits after the pickup, and
# of the judgements of a potting the one about a tomato comes after the one about an onion.
_TOMATO_PICKUP, _POTTING_TOMATO, _ONION_PICKUP, _POTTING_ONION = 1 << 0, 1 << 4, 1 << 5, 1 << 9
_DISH_PICKUP, _USEFUL_DISH_PICKUP, _DISH_DROP, _USEFUL_DISH_DROP = 1 << 10, 1 << 11, 1 << 12, 1 << 13
_SOUP_PICKUP, _SOUP_DELIVERY, _SOUP_DROP = 1 << 14, 1 << 15, 1 << 16
_OPTIMAL, _VIABLE, _CATASTROPHIC, _USELESS = 1 << 17, 1 << 19, 1 << 21, 1 << 23


def event_names(mask: int) -> list[str]:
    """The names of the events in a mask, in the order of EVENTS."""
    return [name for bit, name in enumerate(EVENTS) if mask >> bit & 1]


def tables(layout: Layout, rules: str = "old", horizon: int = 400, shaping: tuple[int, int, int] = (3, 3, 5)) -> Tables:
    """Everything that `advance` needs to know about one world, as one int32 vector.

    `shaping` is what a player earns for an ingredient in a pot, a useful dish, and a soup taken from a pot. Soup
    values and times come from `layout.recipes`; three tables of 16 are indexed by onions + 4 * tomatoes: value, cook
    time, and the best value that can still be reached. Raises BadInput for unknown rules, a horizon that is not
    positive, or orders that the old rules can never cook (they start a pot only with three items).
    """
    if rules not in RULES:
        raise BadInput(f"unknown rules {rules!r}; known are {', '.join(RULES)}")
    if not 1 <= horizon <= MAX_HORIZON:
        raise BadInput(f"a horizon of {horizon} steps makes no sense; give 1 to {MAX_HORIZON}")
    small = [soup for soup in layout.recipes.orders if sum(soup) < 3]
    if rules == "old" and small:
        raise BadInput(
            f"layout {layout.name}: the old rules cook only soups of three items, but an order has {sum(small[0])}; "
            "use rules=new"
        )
    cells = layout.width * layout.height
    out = np.zeros(KIND + cells + len(layout.pots), dtype=np.int32)
    out[OLD], out[HORIZON], out[POTS] = rules == "old", horizon, len(layout.pots)
    out[PLACE], out[USEFUL_DISH], out[TAKE_SOUP] = shaping
    out[UNMIXED] = not layout.recipes.mixed
    out[WIDTH], out[HEIGHT], out[LOOSE] = layout.width, layout.height, CONTENTS + 2 * len(layout.pots)
    out[DELTA : DELTA + 6] = (-layout.width, layout.width, 1, -1, 0, 0)
    out[KIND + cells :] = [y * layout.width + x for x, y in layout.pots]
    soups = [(onions, items - onions) for items in (1, 2, 3) for onions in range(items + 1)]
    for onions, tomatoes in soups:
        code = onions + 4 * tomatoes
        out[VALUE + code] = layout.recipes.value(onions, tomatoes)
        out[TIME + code] = layout.recipes.time(onions, tomatoes)
    for onions, tomatoes in [(0, 0), *soups]:
        reach = [out[VALUE + o + 4 * t] for o, t in soups if o >= onions and t >= tomatoes]
        out[BEST + onions + 4 * tomatoes] = max(reach)
    pot = 0
    for place, kind in enumerate("".join(layout.rows)):
        out[KIND + place] = POT + pot if kind == "P" else _KINDS[kind]
        pot += kind == "P"
    return out


def empty_state(layout: Layout, starts: dict[Seat, Cell]) -> State:
    """A state at time 0: the given players at their cells, facing north, nothing cooked, nothing lying about."""
    state = np.zeros(CONTENTS + 2 * len(layout.pots) + layout.width * layout.height, dtype=np.int32)
    state[TICK : TICK + 2 * len(layout.pots) : 2] = -1
    for seat in (0, 1):
        x, y = starts.get(seat, (-1, 0))
        state[PLAYER + 3 * seat] = y * layout.width + x if seat in starts else -1
    return state


def standard_start(layout: Layout, seats: tuple[Seat, ...] = (0, 1)) -> State:
    """The state in which an episode begins by default: the held seats at their start cells."""
    return empty_state(layout, {seat: layout.starts[seat] for seat in seats})


def start_cells(
    layout: Layout, seats: tuple[Seat, ...] = (0, 1), *, random_cells: bool = True, any_region: bool = False
) -> NDArray[np.int32]:
    """All ways to place the players, int32 (ways, 2), as cell = y * width + x; -1 for a seat that is not held.

    With `random_cells` all different floor cells, each in the region of its player's standard start cell unless
    `any_region`; otherwise the one standard way.
    """

    def choices(seat: Seat) -> NDArray[np.int32]:
        if seat not in seats:
            return np.array([-1], dtype=np.int32)
        home = layout.starts[seat]
        cells = [home]
        if random_cells:
            cells = [cell for cell in layout.floor if any_region or layout.region[cell] == layout.region[home]]
        return np.array([y * layout.width + x for x, y in cells], dtype=np.int32)

    first, second = np.meshgrid(choices(0), choices(1), indexing="ij")
    joint = np.stack([first.ravel(), second.ravel()], axis=1)
    apart: NDArray[np.int32] = joint[joint[:, 0] != joint[:, 1]]
    return apart


def random_start(
    layout: Layout,
    rng: np.random.Generator,
    *,
    rules: str = "old",
    seats: tuple[Seat, ...] = (0, 1),
    random_cells: bool = True,
    any_region: bool = False,
    random_objects: float = 0.0,
) -> State:
    """A random state to begin with.

    Cells: uniform over all ways to place the players on different floor cells. By default each stays in the connected
    region of its standard start cell, so that kitchens of separate regions can still be played; `any_region` drops
    this, as in overcooked_ai. Objects, with threshold p = `random_objects`: each pot is filled with probability p, and
    if so is already cooking with probability p; each player holds something with probability p (dish, onion, soup
    with .2, .6, .2). The new rules mix onions and tomatoes at random, the old ones know onions only, and a soup that
    is cooking or plated then has three.
    """
    state = empty_state(layout, {})
    placements = start_cells(layout, seats, random_cells=random_cells, any_region=any_region)
    state[PLAYER], state[PLAYER + 3] = placements[int(rng.integers(len(placements)))]
    if random_objects <= 0:
        return state

    def soup() -> int:
        onions = int(rng.integers(1, 4))
        return onions + 4 * int(rng.integers(0, 4 - onions)) if rules == "new" else onions

    for pot in range(len(layout.pots)):
        if rng.random() < random_objects:
            state[CONTENTS + 2 * pot] = contents = soup()
            if rng.random() < random_objects and (rules == "new" or contents == 3):
                state[TICK + 2 * pot] = 0
    for seat in seats:
        if rng.random() < random_objects:
            what, contents = rng.random(), soup() if rules == "new" else 3
            state[PLAYER + 3 * seat + 2] = 3 if what < 0.2 else 1 if what < 0.8 else 16 + contents
    return state


@njit(cache=True, error_model="numpy")
def _interact(c: Any, s: Any, b: Any, me: Any, full: Any, filled: Any) -> Any:
    """One player of the world at `s[b:]` interacts with the cell ahead.

    `full` and `filled` count the pots before anyone interacted. Returns (sparse, shaped, event mask).
    """
    zero: Any = np.int64(0)  # typed zeros: with literal ones numba would compile several variants
    sparse, shaped, event = zero, zero, zero
    at, mate = b + PLAYER + 3 * me, b + PLAYER + 3 - 3 * me
    held, pair, mate_held = s[at + 2], s[mate] >= 0, s[mate + 2]
    target = s[at] + c[DELTA + s[at + 1]]
    kind = c[KIND + target]
    # Ingredients are of use unless all pots are full and nobody brings a dish.
    wanted = full < c[POTS] or mate_held == 3
    if kind == COUNTER:
        place = b + c[LOOSE] + target
        lying = s[place]
        if (held == 0) != (lying == 0):
            s[place], s[at + 2] = held, lying
            item = held + lying
            if item >= 16:
                event = _SOUP_PICKUP if held == 0 else _SOUP_DROP
            elif item == 3:  # taking it is never useful: a dish lies on a counter, this one
                event = _DISH_PICKUP
                if held != 0:
                    event = _DISH_DROP | (_USEFUL_DISH_DROP if pair and full == 0 and mate_held != 1 else 0)
            else:
                event = _ONION_PICKUP if item == 1 else _TOMATO_PICKUP
                if held != 0:
                    event <<= 2
                if pair and (held == 0) == wanted:
                    event |= event << 1
    elif kind >= POT:
        pot = b + CONTENTS + 2 * (kind - POT)
        contents, tick = s[pot], s[pot + 1]
        if held == 0:
            if c[OLD] == 0 and contents != 0 and tick < 0:
                s[pot + 1] = 0
        elif held == 3:
            if tick >= 0 and tick >= c[TIME + contents]:
                s[at + 2], s[pot], s[pot + 1] = 16 + contents, 0, -1
                shaped, event = np.int64(c[TAKE_SOUP]), np.int64(_SOUP_PICKUP)
        elif (
            held < 3
            and tick < 0
            and (contents & 3) + (contents >> 2) < 3
            and (c[UNMIXED] == 0 or contents == 0 or (contents < 4) == (held == 1))
        ):
            more = contents + (1 if held == 1 else 4)
            s[pot], s[at + 2] = more, 0
            before, after = c[BEST + contents], c[BEST + more]
            if before == after:
                event |= _OPTIMAL
            if after > 0:
                event |= _VIABLE
            elif before > 0:
                event |= _CATASTROPHIC
            if before == 0:
                event |= _USELESS
            event = event | _POTTING_ONION if held == 1 else event << 1 | _POTTING_TOMATO
            shaped = np.int64(c[PLACE])
    elif kind == SERVING:
        if held >= 16:
            s[at + 2] = 0
            sparse, event = np.int64(c[VALUE + held - 16]), np.int64(_SOUP_DELIVERY)
    elif held == 0:
        if kind == ONIONS:
            s[at + 2] = 1
            event = np.int64(_ONION_PICKUP | (_ONION_PICKUP << 1 if pair and wanted else 0))
        elif kind == TOMATOES:
            s[at + 2] = 2
        elif kind == DISHES:
            s[at + 2] = 3
            useful = pair and (1 if mate_held == 3 else 0) < filled
            if useful:
                for cell in range(c[WIDTH] * c[HEIGHT]):
                    if s[b + c[LOOSE] + cell] == 3:
                        useful = False
            event = np.int64(_DISH_PICKUP)
            if useful:
                shaped, event = np.int64(c[USEFUL_DISH]), np.int64(_DISH_PICKUP | _USEFUL_DISH_PICKUP)
    return sparse, shaped, event


@njit(cache=True, error_model="numpy", inline="always")
def advance_at(c: Any, s: Any, b: Any, a0: int, a1: int) -> Any:
    """`advance` for the world whose state begins at `s[b]`; `s` is a flat int32 vector that may hold many worlds."""
    zero: Any = np.int64(0)
    one: Any = np.int64(1)
    sparse0, sparse1, shaped0, shaped1, events0, events1 = zero, zero, zero, zero, zero, zero
    here0, here1 = s[b + PLAYER], s[b + PLAYER + 3]
    acts0, acts1 = a0 == INTERACT and here0 >= 0, a1 == INTERACT and here1 >= 0
    if acts0 or acts1:
        full, filled = zero, zero
        for pot in range(c[POTS]):
            contents = s[b + CONTENTS + 2 * pot]
            if s[b + TICK + 2 * pot] >= 0:
                full += 1
                filled += 1
            elif (contents & 3) + (contents >> 2) == 3:
                full += 1
            elif contents != 0:
                filled += 1
        if acts0:
            sparse0, shaped0, events0 = _interact(c, s, b, zero, full, filled)
        if acts1:
            sparse1, shaped1, events1 = _interact(c, s, b, one, full, filled)
    next0, next1 = here0, here1
    if here0 >= 0:
        ahead = here0 + c[DELTA + a0]
        s[b + PLAYER + 1] = a0 if a0 < STAY else s[b + PLAYER + 1]
        next0 = ahead if c[KIND + ahead] == FLOOR else here0
    if here1 >= 0:
        ahead = here1 + c[DELTA + a1]
        s[b + PLAYER + 4] = a1 if a1 < STAY else s[b + PLAYER + 4]
        next1 = ahead if c[KIND + ahead] == FLOOR else here1
    if next0 != next1 and not (next0 == here1 and next1 == here0):
        s[b + PLAYER], s[b + PLAYER + 3] = next0, next1
    s[b + T] += 1
    for pot in range(c[POTS]):
        contents, tick = s[b + CONTENTS + 2 * pot], s[b + TICK + 2 * pot]
        if contents != 0:
            if tick < 0 and c[OLD] != 0 and (contents & 3) + (contents >> 2) == 3:
                tick = 0
                s[b + TICK + 2 * pot] = 0
            if tick >= 0 and tick < c[TIME + contents]:
                s[b + TICK + 2 * pot] = tick + 1
    return sparse0, sparse1, shaped0, shaped1, events0, events1


@njit(cache=True, error_model="numpy")
def advance(c: Any, s: Any, a0: int, a1: int) -> Any:
    """Let one step pass: `c` tables, `s` state (int32 vector, changed in place), one action index 0..5 per player.

    Order: player 0 interacts, then player 1, both where they stood; then both move, or neither if they would meet or
    swap; then time passes and pots cook. The action of an absent player is ignored. Returns (sparse 0, sparse 1,
    shaped 0, shaped 1, events 0, events 1). Nothing happens at the horizon: the caller decides.
    """
    return advance_at(c, s, np.int64(0), a0, a1)


# From here on: many worlds in flat arrays. These functions are in this file because numba's cache does not see that a
# function of another file has changed.

TILE = 64
"""Worlds that `play_all` steps together for many steps, so that their observations stay in the cache."""

# Channels. From the plane of pots on, the planes of terrain follow each other like the kinds in `mechanics`.
_POT_PLANE, _IN_POT, _IN_SOUP, _LEFT, _DONE, _DISH, _URGENCY = 10, 16, 18, 20, 21, 22, 25


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
        o[at, _IN_SOUP] = (item - 16) & 3
        o[at, _IN_SOUP + 1] = (item - 16) >> 2
        o[at, _DONE] = 1
    elif item != 0:  # 1 onion, 2 tomato, 3 dish
        o[at, _DISH if item == 3 else _DISH + item] = 1


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
                    o[at, k] = 0
                o[at, first] = contents & 3
                o[at, first + 1] = contents >> 2
                o[at, _LEFT] = min(left, 255)
                o[at, _DONE] = tick >= 0 and left == 0
                at += view
    for who in range(2):
        cell = s[b + PLAYER + 3 * who]
        if cell >= 0:
            facing, held = s[b + PLAYER + 3 * who + 1], s[b + PLAYER + 3 * who + 2]
            at = ob + places[cell]
            for seat in range(2):
                mate = who ^ seat
                o[at, mate] = 1
                o[at, 2 + 4 * mate + facing] = 1
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
                o[at, k] = 0
            o[at, _URGENCY] = urgent
            if kind != FLOOR:
                o[at, _POT_PLANE if kind >= POT else _POT_PLANE + kind] = 1
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


@njit(cache=True, error_model="numpy", inline="always")  # inlined: no reference counting in each step
def _step_one(c: Any, s: Any, i: Any, a0: Any, a1: Any, begin: Any, cells: Any, rng: Any, places: Any, o: Any,
              sparse: Any, shaped: Any, events: Any, done: Any) -> None:  # fmt: skip
    """World i takes one step, with everything that is written about it, and begins anew at its horizon.

    Observations are brought up to date: where the players were, what they touched, the pots, where they are.
    """
    b, view = i * begin.size, places.size
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
                    o[at, k] = 0
                for k in range(_URGENCY):
                    o[at + view, k] = 0
                if acts[who]:
                    cell = here[who] + c[DELTA + facing[who]]
                    if c[KIND + cell] == COUNTER:
                        at = ob + places[cell]
                        for _ in range(2):
                            for k in range(_IN_SOUP, _URGENCY):
                                o[at, k] = 0
                            _put_item(o, at, s[b + c[LOOSE] + cell])
                            at += view
        for pot in range(c[POTS]):
            pots = pots or s[b + TICK + 2 * pot] >= 0
        _write_moving(c, s, b, places, o, ob, view, pots)
        if c[HORIZON] - s[b + T] == URGENT - 1:
            for k in range(2 * view):
                o[ob + k, _URGENCY] = 1


@njit(cache=True, error_model="numpy")
def begin_all(c: Any, s: Any, fresh: bool, begin: Any, cells: Any, rng: Any, places: Any, o: Any) -> None:
    """New episodes if `fresh`, and in any case observations from nothing."""
    view = places.size
    for i in range(rng.size):
        if fresh:
            _begin_one(c, s, i * begin.size, begin, cells, rng, i)
        if o.size > 0:
            _write_all(c, s, i * begin.size, places, o, i * 2 * view, view)


@njit(cache=True, error_model="numpy")
def play_all(c: Any, s: Any, steps: int, actions: Any, begin: Any, cells: Any, rng: Any, places: Any, o: Any,
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
