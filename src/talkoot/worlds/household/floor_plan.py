"""An apartment seen from above: as characters for a terminal, as a picture for a file."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase

from talkoot.worlds.household.apartment import Apartment, Node
from talkoot.worlds.household.free_space import floors, in_the_way
from talkoot.worlds.household.reach import Box, Spot, footprint, gap

WIDTH, DEPTH = 0.25, 0.5
"""Metres that one character covers: characters are twice as high as they are wide."""

WALL, OUTSIDE, DOOR = "#", " ", "="


def draw_plan(apartment: Apartment) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The rows of a plan, north (+z) above, and its legend.

    Walls are `#`, doors `=`; a container that is searched is a capital letter, any other furniture that one walks
    around a small one (`*` once the letters are used up), the same for all of a class. Rooms are named inside.
    """
    rooms = {number: floors(apartment, number) for number in apartment.rooms}
    boxes = [box for each in rooms.values() for box in each]
    west, east = min(box[0] for box in boxes) - WIDTH, max(box[2] for box in boxes) + WIDTH
    south, north = min(box[1] for box in boxes) - DEPTH, max(box[3] for box in boxes) + DEPTH
    columns, rows = ceil((east - west) / WIDTH), ceil((north - south) / DEPTH)

    def spot(row: int, column: int) -> Spot:
        return west + (column + 0.5) * WIDTH, north - (row + 0.5) * DEPTH

    label = [[_room(rooms, spot(row, column)) for column in range(columns)] for row in range(rows)]
    doors = [footprint(apartment.nodes[door]) for door in apartment.between]
    furniture = _furniture(apartment)
    letters = _letters(furniture)
    grid = []
    for row in range(rows):
        line = []
        for column in range(columns):
            here = spot(row, column)
            cell = WALL if _is_wall(label, row, column) else OUTSIDE
            if cell == WALL and any(gap(here, door) <= WIDTH / 2 for door in doors):
                cell = DOOR
            elif cell == OUTSIDE:
                cell = next((letters[node.name] for node, box in furniture if _covers(box, here)), OUTSIDE)
            line.append(cell)
        grid.append(line)
    for number in rooms:
        _name_room(grid, label, number, apartment.rooms[number].name)
    legend = tuple(f"{letter} {name}" for name, letter in letters.items() if letter != "*")
    return tuple("".join(line).rstrip() for line in grid), legend


def _furniture(apartment: Apartment) -> list[tuple[Node, Box]]:
    """What a plan shows, the smaller and the higher first, so that it is drawn above what it stands on."""
    shown = [node for node in apartment.nodes.values() if node.searchable or in_the_way(node)]
    shown.sort(key=lambda node: (not node.searchable, _area(footprint(node)), node.id))
    return [(node, footprint(node)) for node in shown]


def _letters(furniture: Sequence[tuple[Node, Box]]) -> dict[str, str]:
    """A letter for each class: its own first letter where that is free, else the next free one."""
    letters: dict[str, str] = {}
    for searchable, alphabet in ((True, ascii_uppercase), (False, ascii_lowercase)):
        for name in sorted({node.name for node, _ in furniture if node.searchable == searchable}):
            own = name[0].upper() if searchable else name[0].lower()
            free = [letter for letter in (own, *alphabet) if letter in alphabet and letter not in letters.values()]
            letters[name] = free[0] if free else "*"
    return letters


def _room(rooms: dict[int, tuple[Box, ...]], at: Spot) -> int:
    return next((number for number, floor in rooms.items() if any(gap(at, box) == 0 for box in floor)), -1)


def _is_wall(label: Sequence[Sequence[int]], row: int, column: int) -> bool:
    """Whether a cell lies outside beside a room, or is the first one of another room to the west or north."""

    def at(dr: int, dc: int) -> int:
        r, c = row + dr, column + dc
        return label[r][c] if 0 <= r < len(label) and 0 <= c < len(label[0]) else -1

    mine = label[row][column]
    if mine < 0:
        return any(at(dr, dc) >= 0 for dr in (-1, 0, 1) for dc in (-1, 0, 1))
    return any(0 <= at(*step) != mine for step in ((-1, 0), (0, -1), (-1, -1)))


def _covers(box: Box, at: Spot) -> bool:
    """Whether a character stands for furniture: its middle lies in the box, a thin box counts as a character wide."""
    x, z = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    half = max((box[2] - box[0]) / 2, WIDTH / 2), max((box[3] - box[1]) / 2, DEPTH / 2)
    return abs(at[0] - x) <= half[0] and abs(at[1] - z) <= half[1]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _name_room(grid: list[list[str]], label: Sequence[Sequence[int]], number: int, name: str) -> None:
    """Write a room's name where nothing stands, as near to its middle as can be."""
    best: tuple[float, int, int] | None = None
    rows = [row for row in range(len(label)) if number in label[row]]
    middle = (rows[0] + rows[-1]) / 2 if rows else 0.0
    for row in rows:
        columns = [column for column, room in enumerate(label[row]) if room == number]
        centre = (columns[0] + columns[-1]) / 2
        for column in range(columns[0], columns[-1] - len(name) + 2):
            cells = grid[row][column - 1 : column + len(name) + 1]
            if all(cell == OUTSIDE for cell in cells):
                far = abs(row - middle) * 2 + abs(column + len(name) / 2 - centre)
                if best is None or far < best[0]:
                    best = far, row, column
    if best is not None:
        grid[best[1]][best[2] : best[2] + len(name)] = name


def save_picture(apartment: Apartment, path: Path) -> None:
    """Draw the plan to scale into a file; its ending chooses the format (PNG, SVG, PDF)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    rooms = {number: floors(apartment, number) for number in apartment.rooms}
    boxes = [box for each in rooms.values() for box in each]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    figure = Figure(figsize=((east - west) * 0.55 + 0.6, (north - south) * 0.55 + 0.9), layout="constrained", dpi=130)
    FigureCanvasAgg(figure)
    axes = figure.subplots()

    def add(box: Box, **style: object) -> None:
        axes.add_patch(Rectangle((box[0], box[1]), box[2] - box[0], box[3] - box[1], **style))  # type: ignore[arg-type]

    for number, floor in rooms.items():
        for box in floor:
            add(box, facecolor="#f6f1e7", edgecolor="#4a4a4a", linewidth=2)
        largest = max(floor, key=_area)
        axes.text(
            (largest[0] + largest[2]) / 2, (largest[1] + largest[3]) / 2, apartment.rooms[number].name,
            ha="center", va="center", fontsize=11, color="#8a7f6a", zorder=4,
        )  # fmt: skip
    for node, box in reversed(_furniture(apartment)):
        add(box, facecolor="#8fb0c9" if node.searchable else "#d9c9a8", edgecolor="#6b6252", linewidth=0.7, zorder=2)
        across, along = box[2] - box[0], box[3] - box[1]
        needed = 0.062 * len(node.name)  # metres that the name takes at this size
        if max(across, along) > needed and min(across, along) > 0.12:
            upright = 0 if across > needed else 90
            axes.text(
                (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, node.name, ha="center", va="center", fontsize=5,
                rotation=upright, zorder=3,
            )  # fmt: skip
    for door in apartment.between:
        add(footprint(apartment.nodes[door]), facecolor="#ffffff", edgecolor="#b5651d", linewidth=1.2, zorder=2)
    axes.set_xlim(west - 0.3, east + 0.3)
    axes.set_ylim(south - 0.3, north + 0.3)
    axes.set_aspect("equal")
    axes.set_xlabel("metres; blue: containers that are searched", fontsize=8)
    axes.tick_params(labelsize=7)
    axes.set_title(apartment.name, fontsize=11, loc="left", parse_math=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
