"""The older encodings that published partners were trained on: 20 channels, 62 features and 96 features.

All come in two versions. With `bugs=True` they equal the reference implementations number for number, known faults
included, so that a partner trained on them sees what it saw then. Without, the faults below are mended; the shape
stays the same.

* 20 channels (Carroll et al. 2019, ProAgent's bundled fork). Fault: if anybody holds a thing, all things of its type
  that lie around vanish; a held soup also hides the contents of every pot.
* 62 features (the same fork). Faults: the nearest pots with one and with two onions are never found; the absolute
  position given to seat 1 is that of seat 0; things on counters are never found.
* 96 features (overcooked_ai since 2020). Fault: things on counters and empty counters are never found, because its
  planner takes no counter as a goal by default.

Nearest means fewest actions for a cook who is alone in the kitchen; the first in the list wins a tie (dispensers before
loose things, each in row-major order). What is not there, cannot be reached or is in the hand gives (0, 0).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from talkoot.errors import BadInput
from talkoot.types import Seat
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, SOUP, TOMATO, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout import DIRECTIONS, Cell

_SIDES = ("north", "south", "east", "west")
_PLACES = ("own", "other")

CHANNELS_20 = (
    "own position", "other position",
    *(f"{who} facing {side}" for who in _PLACES for side in _SIDES),
    "pots", "counters", "onion dispensers", "dish dispensers", "serving cells",
    "onions in pots", "steps cooked", "plated soups", "dishes", "onions",
)  # fmt: skip
"""What each of the 20 channels shows, in order."""


def _pair(name: str) -> tuple[str, str]:
    return f"{name} dx", f"{name} dy"


_BLOCK_62 = (
    *(f"faces {side}" for side in _SIDES),
    *(f"holds {thing}" for thing in ("onion", "soup", "dish")),
    *(
        part
        for target in ("onion", "empty pot", "one-onion pot", "two-onion pot", "cooking pot", "ready pot", "dish",
                       "loose soup", "serving cell")
        for part in _pair(target)
    ),
    *(f"solid to the {side}" for side in _SIDES),
)  # fmt: skip

_BLOCK_96 = (
    *(f"faces {side}" for side in _SIDES),
    *(f"holds {thing}" for thing in ("onion", "soup", "dish", "tomato")),
    *(part for target in ("onion", "tomato", "dish", "soup") for part in _pair(target)),
    "soup onions", "soup tomatoes",
    *_pair("serving cell"), *_pair("empty counter"),
    *(
        f"pot {number} {part}"
        for number in (1, 2)
        for part in ("exists", "empty", "full", "cooking", "ready", "onions", "tomatoes", "steps left", "dx", "dy")
    ),
    *(f"solid to the {side}" for side in _SIDES),
)  # fmt: skip

_TAIL = ("other relative x", "other relative y", "own x", "own y")

FEATURES_62 = (*(f"{who} {name}" for who in _PLACES for name in _BLOCK_62), *_TAIL)
"""The name of each of the 62 features, in order."""

FEATURES_96 = (*(f"{who} {name}" for who in _PLACES for name in _BLOCK_96), *_TAIL)
"""The name of each of the 96 features, in order."""


def channels20(kitchen: Kitchen, seat: Seat, *, bugs: bool = False) -> npt.NDArray[np.uint8]:
    """The 20-channel encoding [W, H, 20], x first, as `seat` sees it; `CHANNELS_20` names the channels.

    Raises BadInput for a kitchen without two cooks, or if there is a tomato anywhere: the encoding has no place for it.
    """
    mate = _mate(kitchen, seat, "the 20-channel encoding")
    layout, out = kitchen.layout, np.zeros((kitchen.layout.width, kitchen.layout.height, 20), np.uint8)
    held = [(cook.cell, cook.held) for cook in kitchen.cooks.values() if cook.held != NOTHING]
    everything = [*held, *kitchen.loose.items()]
    if any(_kind(item) == TOMATO or (item >= SOUP and item >= SOUP + 4) for _, item in everything) or any(
        pot.tomatoes for pot in kitchen.pots
    ):
        raise BadInput("the 20-channel encoding knows no tomatoes; use the 26 channels in this kitchen")
    for place, who in enumerate((seat, mate)):
        cook = kitchen.cooks[who]
        out[(*cook.cell, place)] = 1
        out[(*cook.cell, 2 + 4 * place + cook.facing)] = 1
    for channel, kind in enumerate("PXODS", 10):
        for cell in layout.cells(kind):
            out[(*cell, channel)] = 1
    in_hand = {_kind(item) for _, item in held}
    if not (bugs and SOUP in in_hand):
        for pot in kitchen.pots:
            out[(*pot.cell, 15)] = pot.onions
            out[(*pot.cell, 16)] = max(pot.tick, 0)
    for n, (cell, item) in enumerate(everything):
        if n < len(held) or not (bugs and _kind(item) in in_hand):
            out[(*cell, {SOUP: 17, DISH: 18, ONION: 19}[_kind(item)])] += 1
    return out


def features62(kitchen: Kitchen, seat: Seat, *, bugs: bool = False) -> npt.NDArray[np.int16]:
    """The older feature vector (62,) as `seat` sees it; `FEATURES_62` names the entries, distances are in cells.

    Raises BadInput for a kitchen without two cooks or a cook who holds a tomato: the vector has no place for it.
    """
    mate = _mate(kitchen, seat, "the 62-feature vector")
    own, other = kitchen.cooks[seat], kitchen.cooks[mate]
    if TOMATO in (own.held, other.held):
        raise BadInput("the 62-feature vector knows no tomatoes; use the 96 features in this kitchen")
    absolute = kitchen.cooks[min(kitchen.cooks)].cell if bugs else own.cell
    return np.array([*_block62(kitchen, own, bugs), *_block62(kitchen, other, bugs),
                     *_offset(own, other.cell), *absolute], np.int16)  # fmt: skip


def features96(kitchen: Kitchen, seat: Seat, *, bugs: bool = False) -> npt.NDArray[np.int16]:
    """The newer feature vector (96,), two pots, as `seat` sees it; `FEATURES_96` names the entries.

    Distances are in cells, "steps left" in steps. Raises BadInput for a kitchen without two cooks.
    """
    own, other = kitchen.cooks.get(seat), kitchen.cooks[_mate(kitchen, seat, "the 96-feature vector")]
    assert own is not None
    return np.array([*_block96(kitchen, own, bugs), *_block96(kitchen, other, bugs),
                     *_offset(own, other.cell), *own.cell], np.int16)  # fmt: skip


def _block62(kitchen: Kitchen, cook: Cook, bugs: bool) -> list[int]:
    def pots(*, onions: int | None = None, cooking: bool = False, ready: bool = False) -> list[Cell]:
        if onions is not None:
            return [pot.cell for pot in kitchen.pots if pot.idle and (pot.onions, pot.tomatoes) == (onions, 0)]
        return [pot.cell for pot in kitchen.pots if (cooking and pot.cooking) or (ready and pot.ready)]

    kind = _kind(cook.held)
    targets: tuple[Iterable[Cell], ...] = (
        () if kind == ONION else (*kitchen.layout.cells("O"), *_loose(kitchen, ONION, bugs)),
        pots(onions=0),
        () if bugs else pots(onions=1),
        () if bugs else pots(onions=2),
        pots(cooking=True),
        pots(ready=True),
        () if kind == DISH else (*kitchen.layout.cells("D"), *_loose(kitchen, DISH, bugs)),
        () if kind == SOUP else _loose(kitchen, SOUP, bugs),
        kitchen.layout.cells("S"),
    )
    numbers = [*_one_hot(cook.facing, range(4)), *_one_hot(kind, (ONION, SOUP, DISH))]
    for cells in targets:
        numbers += _offset(cook, _nearest(kitchen, cook, cells))
    return numbers + _walls(kitchen, cook)


def _block96(kitchen: Kitchen, cook: Cook, bugs: bool) -> list[int]:
    layout, kind = kitchen.layout, _kind(cook.held)
    numbers = [*_one_hot(cook.facing, range(4)), *_one_hot(kind, (ONION, SOUP, DISH, TOMATO))]
    for item, dispenser in ((ONION, "O"), (TOMATO, "T"), (DISH, "D")):
        cells = () if kind == item else (*layout.cells(dispenser), *_loose(kitchen, item, bugs))
        numbers += _offset(cook, _nearest(kitchen, cook, cells))
    soup_at = None if kind == SOUP else _nearest(kitchen, cook, _loose(kitchen, SOUP, bugs))
    soup = cook.held if kind == SOUP else kitchen.loose[soup_at] if soup_at else SOUP
    numbers += [*_offset(cook, soup_at), (soup - SOUP) % 4, (soup - SOUP) // 4]
    free = () if bugs else (cell for cell in layout.cells("X") if cell not in kitchen.loose)
    numbers += _offset(cook, _nearest(kitchen, cook, layout.cells("S")))
    numbers += _offset(cook, _nearest(kitchen, cook, free))
    remaining = {pot.cell: pot for pot in kitchen.pots}
    for _ in range(2):
        nearest = _nearest(kitchen, cook, remaining)
        numbers += _pot(cook, remaining.pop(nearest)) if nearest else [0] * 10
    return numbers + _walls(kitchen, cook)


def _pot(cook: Cook, pot: Pot) -> list[int]:
    full = pot.items == 3 or not pot.idle
    left = pot.cook_time - pot.tick if pot.cooking else 0
    flags = (True, pot.items == 0, full, pot.cooking, pot.ready)
    return [*map(int, flags), pot.onions, pot.tomatoes, left, *_offset(cook, pot.cell)]


def _loose(kitchen: Kitchen, kind: int, bugs: bool) -> list[Cell]:
    if bugs:
        return []
    return sorted((cell for cell, item in kitchen.loose.items() if _kind(item) == kind), key=lambda cell: cell[::-1])


def _nearest(kitchen: Kitchen, cook: Cook, cells: Iterable[Cell]) -> Cell | None:
    """The cell whose interaction needs the fewest actions; the first of equals, None if none can be reached."""
    best: Cell | None = None
    fewest = 0
    for cell in cells:
        steps = kitchen.layout.steps(cook.pose, cell)
        if steps is not None and (best is None or steps < fewest):
            best, fewest = cell, steps
    return best


def _offset(cook: Cook, cell: Cell | None) -> list[int]:
    return [0, 0] if cell is None else [cell[0] - cook.cell[0], cell[1] - cook.cell[1]]


def _walls(kitchen: Kitchen, cook: Cook) -> list[int]:
    x, y = cook.cell
    return [int(kitchen.layout.at((x + dx, y + dy)) != " ") for dx, dy in DIRECTIONS]


def _one_hot(value: int, among: Iterable[int]) -> list[int]:
    return [int(value == other) for other in among]


def _kind(item: int) -> int:
    return SOUP if item >= SOUP else item


def _mate(kitchen: Kitchen, seat: Seat, what: str) -> Seat:
    if len(kitchen.cooks) != 2 or seat not in kitchen.cooks:
        raise BadInput(f"{what} needs two cooks, one of them in seat {seat}; this kitchen has {sorted(kitchen.cooks)}")
    return next(other for other in kitchen.cooks if other != seat)
