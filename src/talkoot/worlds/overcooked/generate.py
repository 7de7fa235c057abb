"""New kitchens of any size that a pair can certainly work in, and the test that tells whether one is (ours)."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from talkoot.errors import BadInput
from talkoot.worlds.overcooked.layout import DIRECTIONS, PAIRED, Cell, Layout, Recipes

ATTEMPTS = 2000
"""How many kitchens are drawn before a size is given up as too small."""


def solvable(layout: Layout, *, everywhere: bool = False) -> bool:
    """Whether the cooks, from their start cells, can carry what an order needs through to its delivery.

    Exact for one or two cooks on up to PAIRED floor cells: the joint positions that the cooks can reach (they cannot
    pass through each other) say who can ever touch which fixture; ingredients, dishes and soups pass between hands over
    counters that both can touch, and through pots. With `everywhere` it must hold from all joint positions within the
    regions of the start cells, as random starts demand. In larger kitchens cooks of one region are taken to get past
    each other.
    """
    return all(_can_deliver(layout, access) for access in _accesses(layout, everywhere))


def _accesses(layout: Layout, everywhere: bool) -> list[list[set[Cell]]]:
    """For each connected part of the joint positions (by default that of the start): the cells of each cook."""
    homes = [{cell for cell in layout.floor if layout.region[cell] == layout.region[start]} for start in layout.starts]
    if len(homes) == 1 or homes[0] != homes[1] or len(layout.floor) > PAIRED:
        return [homes]  # cooks in separate regions never meet
    begin = (layout.starts[0], layout.starts[1])
    pending = [(a, b) for a in homes[0] for b in homes[1] if a != b] if everywhere else [begin]
    seen: set[tuple[Cell, Cell]] = set()
    parts: list[list[set[Cell]]] = []
    for pair in pending:
        if pair in seen:
            continue
        seen.add(pair)
        queue, part = deque([pair]), [set[Cell](), set[Cell]()]
        while queue:
            a, b = queue.popleft()
            part[0].add(a)
            part[1].add(b)
            # Both may move at once (one follows the other into the cell that it leaves), but they cannot swap.
            for after in ((c, d) for c in (a, *layout.neighbours(a)) for d in (b, *layout.neighbours(b)) if c != d):
                if after not in seen and after != (b, a):
                    seen.add(after)
                    queue.append(after)
        parts.append(part)
    return parts


def _can_deliver(layout: Layout, access: list[set[Cell]]) -> bool:
    cooks = range(len(access))
    touch = [
        {(x + dx, y + dy) for x, y in cells for dx, dy in DIRECTIONS if (x + dx, y + dy) not in layout.region}
        for cells in access
    ]
    counters = set(layout.cells("X"))
    linked = len(access) == 2 and bool(touch[0] & touch[1] & counters)

    def holders(source: set[int]) -> set[int]:
        """Who can come to hold a thing that the cooks in `source` can take."""
        return set(cooks) if source and linked else source

    def at(kind: str) -> set[int]:
        return {cook for cook in cooks if touch[cook] & set(layout.cells(kind))}

    onions, tomatoes, dishes, serving = holders(at("O")), holders(at("T")), holders(at("D")), at("S")
    for pot in layout.pots:
        beside = {cook for cook in cooks if pot in touch[cook]}
        cooked = any(
            (not order[0] or beside & onions) and (not order[1] or beside & tomatoes) for order in layout.soups("new")
        )
        if cooked and holders(beside & dishes) & serving:
            return True
    return False


def generate(
    seed: int,
    width: int = 7,
    height: int = 5,
    *,
    pots: int = 1,
    onions: int = 1,
    dishes: int = 1,
    servings: int = 1,
    tomatoes: int = 0,
    regions: int = 1,
    clutter: float = 0.15,
    name: str | None = None,
) -> Layout:
    """Draw a solvable kitchen for two cooks; the same arguments give the same kitchen.

    `width` and `height` include the border. `pots`, `onions`, `dishes`, `servings` and `tomatoes` are numbers of
    fixtures; `clutter` is the share of inner cells that become counters. With `regions=2` the cooks are kept apart
    and neither can work alone, so things must be handed over. With tomatoes, the orders are one to three soups of
    three items, at least one of them with tomatoes. The kitchen is solvable from every random start within the cooks'
    regions. Raises BadInput if the numbers make no sense or nothing fits.
    """
    if regions not in (1, 2):
        raise BadInput(f"a kitchen has 1 or 2 regions, not {regions}")
    if width < 3 or height < 3 or width * height > 10_000:
        raise BadInput(f"a kitchen of {width}x{height} cannot be made; give at least 3x3 and at most 10000 cells")
    if min(pots, dishes, servings, onions + tomatoes) < 1 or min(onions, tomatoes) < 0:
        raise BadInput("a kitchen needs at least one pot, dish dispenser, serving cell, and onions or tomatoes")
    if not 0.0 <= clutter < 1.0:
        raise BadInput(f"clutter is a share below 1, not {clutter}")
    rng = np.random.default_rng([seed, width, height])
    fixtures = "P" * pots + "O" * onions + "D" * dishes + "S" * servings + "T" * tomatoes
    recipes = _draw_recipes(rng, onions, tomatoes)
    for _ in range(ATTEMPTS):
        layout = _draw(
            rng, width, height, fixtures, regions, clutter, recipes, name or f"generated_{width}x{height}_{seed}"
        )
        if layout is None or not solvable(layout, everywhere=True):
            continue
        if regions == 1 or not any(solvable(replace(layout, starts=(start,))) for start in layout.starts):
            return layout
    raise BadInput(
        f"no solvable kitchen of {width}x{height} with {len(fixtures)} fixtures and {regions} region(s) was found in "
        f"{ATTEMPTS} attempts; make it larger or ask for less"
    )


def _draw_recipes(rng: np.random.Generator, onions: int, tomatoes: int) -> Recipes:
    if not tomatoes:
        return Recipes()
    soups = [(3, 0), (2, 1), (1, 2), (0, 3)] if onions else [(0, 3)]
    chosen = [soups[i] for i in rng.permutation(len(soups))[: int(rng.integers(1, 4))]]
    if all(soup[1] == 0 for soup in chosen):
        chosen.append(soups[int(rng.integers(1, len(soups)))])
    return Recipes(orders=tuple(sorted(chosen, reverse=True)))


def _draw(
    rng: np.random.Generator, width: int, height: int, fixtures: str, regions: int, clutter: float, recipes: Recipes,
    name: str,
) -> Layout | None:  # fmt: skip
    """One random kitchen, solvable or not; None if the floor does not fall into the wanted number of regions."""
    floor = np.zeros((height, width), dtype=bool)
    floor[1:-1, 1:-1] = rng.random((height - 2, width - 2)) >= clutter
    if regions == 2:
        upright = width > height if width != height else bool(rng.integers(2))
        span = (width if upright else height) - 4
        if span < 1:
            return None
        wall = 2 + int(rng.integers(span))
        floor[(slice(None), wall) if upright else wall] = False
    areas = _areas(floor)
    if len(areas) < regions:
        return None
    areas = sorted(areas, key=len, reverse=True)[:regions]
    kept = {cell for area in areas for cell in area}
    rows = [[" " if (x, y) in kept else "X" for x in range(width)] for y in range(height)]
    solid = [
        (x, y) for y in range(height) for x in range(width)
        if (x, y) not in kept and any((x + dx, y + dy) in kept for dx, dy in DIRECTIONS)
    ]  # fmt: skip
    if len(solid) < len(fixtures):
        return None
    for kind, place in zip(fixtures, rng.permutation(len(solid)), strict=False):
        x, y = solid[int(place)]
        rows[y][x] = kind
    if regions == 2:
        first = int(rng.integers(2))
        starts = tuple(sorted(areas[i])[int(rng.integers(len(areas[i])))] for i in (first, 1 - first))
    else:
        if len(areas[0]) < 2:
            return None
        a, b = rng.permutation(len(areas[0]))[:2]
        cells = sorted(areas[0])
        starts = (cells[int(a)], cells[int(b)])
    return Layout(name, tuple("".join(row) for row in rows), starts, recipes)


def _areas(floor: np.ndarray) -> list[set[Cell]]:
    """The connected areas of a floor plan indexed [y, x]."""
    left = {(int(x), int(y)) for y, x in np.argwhere(floor)}
    areas = []
    while left:
        area, queue = set[Cell](), [min(left)]
        left.discard(queue[0])
        while queue:
            x, y = queue.pop()
            area.add((x, y))
            for near in ((x + dx, y + dy) for dx, dy in DIRECTIONS):
                if near in left:
                    left.discard(near)
                    queue.append(near)
        areas.append(area)
    return areas
