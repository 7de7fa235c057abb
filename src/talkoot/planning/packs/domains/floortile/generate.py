"""Chequered floors to be painted.

Solvable: the row of number 0 stays unpainted, so that robots paint upwards row by row from the top and step back; in
row 0 each paints what is above it, and there are at most as many robots as columns.
"""

from __future__ import annotations

from random import Random

from talkoot.problem import Atom, Problem

OFFSETS = {"up": (1, 0), "down": (-1, 0), "right": (0, 1), "left": (0, -1)}


def generate(size: int, seed: int) -> tuple[str, Problem]:
    """A description in words and its problem; `size` 1 is 3 by 2 tiles, each step adds a column or a row."""
    rng = Random(seed)
    rows, columns = 2 + (size + 1) // 2, 2 + size // 2
    tile = {(row, column): f"tile_{row}-{column}" for row in range(rows) for column in range(1, columns + 1)}
    robots = [f"robot{number}" for number in range(1, 2 if size == 1 else 3)]
    colors = ["white", "black"]
    rng.shuffle(colors)
    spots = dict(zip(robots, rng.sample(list(tile.values()), len(robots)), strict=True))
    guns = {robot: rng.choice(colors) for robot in robots}
    goal: list[Atom] = [
        ("painted", name, colors[(row + column) % 2]) for (row, column), name in tile.items() if row > 0
    ]
    init: list[Atom] = [("robot-at", robot, spot) for robot, spot in spots.items()]
    init += [("robot-has", robot, color) for robot, color in guns.items()]
    init += [("available-color", color) for color in colors]
    init += [("clear", name) for name in tile.values() if name not in spots.values()]
    init += [
        (relation, tile[row + dr, column + dc], name)
        for relation, (dr, dc) in OFFSETS.items()
        for (row, column), name in tile.items()
        if (row + dr, column + dc) in tile
    ]
    objects = {
        **dict.fromkeys(tile.values(), "tile"), **dict.fromkeys(robots, "robot"), **dict.fromkeys(colors, "color")
    }  # fmt: skip
    problem = Problem(f"floortile-{size}-{seed}", "floor-tile", objects, tuple(init), ("and", *goal), metric=True)

    stands, holds = rng.choice(("is at", "stands on", "starts at")), rng.choice(("starts with", "holds", "has"))
    lines = [f"The floor has {rows} rows and {columns} columns of tiles. No tile is painted yet.",
             f"The tiles, row by row, are {', '.join(tile.values())}.",
             f"There {'is 1 robot' if len(robots) == 1 else f'are {len(robots)} robots'}.",
             f"The robots are called {' and '.join(robots)}.",
             f"The colours to choose from are {' and '.join(colors)}."]  # fmt: skip
    about = [f"{robot} {stands} {spots[robot]}." for robot in robots]
    about += [f"{robot} {holds} {guns[robot]}." for robot in robots]
    rng.shuffle(about)
    lines += [*about, rng.choice(("The goal is this pattern:", "This pattern is the goal:"))]
    be = rng.choice(("is", "should be", "must be painted"))
    if rng.random() < 0.5:
        rng.shuffle(goal)
        lines += [f"{name} {be} {color}." for _, name, color in goal]
    else:
        lines += [f"{_list([fact[1] for fact in goal if fact[2] == color])} should be {color}." for color in colors]
    return "\n".join(lines) + "\n", problem


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
