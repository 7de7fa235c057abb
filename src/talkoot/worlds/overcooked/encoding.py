"""A kitchen as arrays: the lossless 26 channels, a feature vector with names, and a compact string of bytes."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.types import Seat
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, SOUP, TOMATO, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout import DIRECTIONS, Cell, Layout

URGENT = 40
"""Fewer steps than this before the horizon switch channel 25 on."""

CHANNELS_26 = (
    "own position", "other position",
    "own north", "own south", "own east", "own west",
    "other north", "other south", "other east", "other west",
    "pot", "counter", "onion dispenser", "tomato dispenser", "dish dispenser", "serving",
    "onions in idle pot", "tomatoes in idle pot", "onions in soup", "tomatoes in soup",
    "cook time left", "soup done", "dishes", "onions", "tomatoes", "urgency",
)  # fmt: skip
"""The channels of `encode` by index. "In soup" is: cooking, ready, or plated anywhere, hands included. Dishes and
ingredients count where they lie and where their holder stands. Cook time left holds for pots only."""


def encode(kitchen: Kitchen, seat: Seat) -> NDArray[np.uint8]:
    """The lossless encoding of overcooked_ai from one seat's point of view: uint8 (width, height, 26), x first.

    Channels: CHANNELS_26. Where a second cook is missing, its channels are zero. Cook times left above 255 are cut.
    """
    layout = kitchen.layout
    out = np.zeros((layout.width, layout.height, len(CHANNELS_26)), dtype=np.uint8)
    for channel, kind in enumerate("PXOTDS", start=10):
        for x, y in layout.cells(kind):
            out[x, y, channel] = 1
    for who, cook in kitchen.cooks.items():
        x, y = cook.cell
        mate = 0 if who == seat else 1
        out[x, y, mate] = 1
        out[x, y, 2 + 4 * mate + cook.facing] = 1
        _add_item(out, cook.cell, cook.held)
    for pot in kitchen.pots:
        x, y = pot.cell
        first = 16 if pot.idle else 18
        out[x, y, first], out[x, y, first + 1] = pot.onions, pot.tomatoes
        if not pot.idle:
            out[x, y, 20] = min(max(pot.cook_time - pot.tick, 0), 255)
            out[x, y, 21] = pot.ready
    for cell, item in kitchen.loose.items():
        _add_item(out, cell, item)
    if kitchen.horizon - kitchen.t < URGENT:
        out[:, :, 25] = 1
    return out


def _add_item(out: NDArray[np.uint8], cell: Cell, item: int) -> None:
    x, y = cell
    if item >= SOUP:
        out[x, y, 18] += (item - SOUP) & 3
        out[x, y, 19] += (item - SOUP) >> 2
        out[x, y, 21] += 1
    elif item != NOTHING:
        out[x, y, {DISH: 22, ONION: 23, TOMATO: 24}[item]] += 1


_HEAD = struct.Struct("<IBB")
_COOK, _POT, _LOOSE = struct.Struct("<BHBB"), struct.Struct("<Bh"), struct.Struct("<HB")


def compact(kitchen: Kitchen) -> bytes:
    """The changing part of a kitchen as bytes, equal exactly if the states are equal: 25 to 40 bytes as a rule.

    Little endian: t (4), number of cooks (1), number of pots (1); for each cook seat (1), cell = y * width + x (2),
    facing (1), item (1); for each pot contents = onions + 4 * tomatoes (1), tick (2); for each loose thing, by cell,
    cell (2), item (1). For a key that ignores time drop the first four bytes. `expand` reads it back.
    """
    width = kitchen.layout.width
    parts = [_HEAD.pack(kitchen.t, len(kitchen.cooks), len(kitchen.pots))]
    for seat, cook in sorted(kitchen.cooks.items()):
        parts.append(_COOK.pack(seat, cook.cell[1] * width + cook.cell[0], cook.facing, cook.held))
    parts += [_POT.pack(pot.onions + 4 * pot.tomatoes, pot.tick) for pot in kitchen.pots]
    parts += [_LOOSE.pack(place, item) for place, item in
              sorted((y * width + x, item) for (x, y), item in kitchen.loose.items())]  # fmt: skip
    return b"".join(parts)


def expand(data: bytes, layout: Layout, rules: str = "old", horizon: int = 400) -> Kitchen:
    """The kitchen that `compact` packed, given what never changes. Raises BadInput for other bytes."""

    def cell(place: int) -> Cell:
        if not place < layout.width * layout.height:
            raise BadInput(f"these bytes name cell {place}, which layout {layout.name} does not have")
        return place % layout.width, place // layout.width

    try:
        t, n_cooks, n_pots = _HEAD.unpack_from(data)
        at = _HEAD.size
        cooks: dict[Seat, Cook] = {}
        for _ in range(n_cooks):
            seat, place, facing, held = _COOK.unpack_from(data, at)
            cooks[seat] = Cook(cell(place), facing, held)
            at += _COOK.size
        pots = []
        for k in range(n_pots):
            contents, tick = _POT.unpack_from(data, at)
            onions, tomatoes = contents & 3, contents >> 2
            pots.append(Pot(layout.pots[k], onions, tomatoes, tick, layout.recipes.time(onions, tomatoes)))
            at += _POT.size
        loose = {cell(place): item for place, item in _LOOSE.iter_unpack(data[at:])}
    except (struct.error, IndexError) as error:
        raise BadInput(f"these bytes are not a compact state of layout {layout.name}: {error}") from error
    return Kitchen(layout, rules, t, horizon, cooks, tuple(pots), loose)


_TARGETS = ("onion", "tomato", "dish", "open_pot", "cooking_pot", "ready_pot", "serving", "empty_counter",
            "loose_onion", "loose_tomato", "loose_dish", "loose_soup")  # fmt: skip
_COOK_FEATURES = (
    "x", "y", "north", "south", "east", "west",
    "holds_onion", "holds_tomato", "holds_dish", "holds_soup", "soup_onions", "soup_tomatoes",
    "free_north", "free_south", "free_east", "free_west",
    *(f"{target}.{what}" for target in _TARGETS for what in ("reachable", "steps", "dx", "dy")),
)  # fmt: skip
_POT_FEATURES = ("exists", "onions", "tomatoes", "idle", "cooking", "ready", "time_left", "dx", "dy")
POTS_TOLD = 2
"""How many pots the feature vector describes one by one: the nearest to the own cook, by steps."""

FEATURES = (
    *(f"own.{name}" for name in _COOK_FEATURES),
    *(f"mate.{name}" for name in _COOK_FEATURES),
    *(f"pot{k}.{name}" for k in range(POTS_TOLD) for name in _POT_FEATURES),
    "mate.exists", "mate.dx", "mate.dy", "steps_left",
)  # fmt: skip
"""The names of the entries of `features`, in order (ours)."""


def features(kitchen: Kitchen, seat: Seat) -> NDArray[np.float32]:
    """A vector of plain quantities from one seat's point of view: float32 (len(FEATURES),), not scaled.

    For the own cook and its mate: cell, facing, what it holds, which neighbouring cells are free (nobody in them),
    and for the nearest dispenser, pot, serving cell, empty counter and loose thing of each kind whether it can be
    reached, in how many steps (0 if none) and its offset from the cook. Nearest is by steps around walls, ignoring
    the mate; where nothing can be reached all four numbers are 0. Then the pots, the mate's offset, and the steps left.
    """
    own = kitchen.cooks[seat]
    mates = [cook for who, cook in kitchen.cooks.items() if who != seat]
    targets = _targets(kitchen)
    taken = {cook.cell for cook in kitchen.cooks.values()}
    values = _cook_features(kitchen, own, targets, taken)
    values += _cook_features(kitchen, mates[0], targets, taken) if mates else [0.0] * len(_COOK_FEATURES)

    def distance(pot: Pot) -> tuple[bool, int]:
        steps = kitchen.layout.steps(own.pose, pot.cell)
        return steps is None, steps or 0

    nearest = sorted(kitchen.pots, key=distance)[:POTS_TOLD]
    for pot in nearest:
        left = 0 if pot.idle else max(pot.cook_time - pot.tick, 0)
        offset = (pot.cell[0] - own.cell[0], pot.cell[1] - own.cell[1])
        values += [1, pot.onions, pot.tomatoes, pot.idle, pot.cooking, pot.ready, left, *offset]
    values += [0.0] * (len(_POT_FEATURES) * (POTS_TOLD - len(nearest)))
    if mates:
        values += [1, mates[0].cell[0] - own.cell[0], mates[0].cell[1] - own.cell[1]]
    else:
        values += [0, 0, 0]
    values.append(kitchen.horizon - kitchen.t)
    return np.array(values, dtype=np.float32)


def _targets(kitchen: Kitchen) -> list[list[Cell]]:
    """The cells of each kind in _TARGETS."""
    layout, lying = kitchen.layout, kitchen.loose.items()
    return [
        list(layout.cells("O")),
        list(layout.cells("T")),
        list(layout.cells("D")),
        [pot.cell for pot in kitchen.pots if pot.open],
        [pot.cell for pot in kitchen.pots if pot.cooking],
        [pot.cell for pot in kitchen.pots if pot.ready],
        list(layout.cells("S")),
        [cell for cell in layout.cells("X") if cell not in kitchen.loose],
        *([cell for cell, item in lying if item == kind] for kind in (ONION, TOMATO, DISH)),
        [cell for cell, item in lying if item >= SOUP],
    ]


def _cook_features(kitchen: Kitchen, cook: Cook, targets: list[list[Cell]], taken: set[Cell]) -> list[float]:
    layout, (x, y) = kitchen.layout, cook.cell
    soup = cook.held - SOUP if cook.held >= SOUP else 0
    values: list[float] = [x, y, *(cook.facing == way for way in range(4))]
    values += [cook.held == ONION, cook.held == TOMATO, cook.held == DISH, cook.held >= SOUP, soup & 3, soup >> 2]
    near = ((x + dx, y + dy) for dx, dy in DIRECTIONS)
    values += [cell in layout.region and cell not in taken for cell in near]
    for cells in targets:
        best: tuple[int, Cell] | None = None
        for cell in cells:
            steps = layout.steps(cook.pose, cell)
            if steps is not None and (best is None or steps < best[0]):
                best = steps, cell
        values += [0, 0, 0, 0] if best is None else [1, best[0], best[1][0] - x, best[1][1] - y]
    return values
