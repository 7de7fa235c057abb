"""Towers to be built on a grid by one climbing robot.

Solvable by construction: for each tower in turn there is a path of empty positions from the depot that is at least as
long as the tower is high. A staircase on it reaches the top, and is taken down again afterwards, as every action of
this domain can be undone.
"""

from __future__ import annotations

from random import Random

from talkoot.problem import Atom, Problem

Cell = tuple[int, int]
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1))


def generate(size: int, seed: int) -> tuple[str, Problem]:
    """A description in words and its problem; towers grow in height and number with `size`."""
    rng = Random(seed)
    more = max(0, size - 12) // 6  # a third of the positions at most are to hold towers
    rows, columns = 3 + (size > 2) + (size > 9) + more, 3 + (size > 6) + more
    cell = {(row, column): f"pos-{row}-{column}" for row in range(rows) for column in range(columns)}
    depot = rng.choice(list(cell))
    highest = min(1 + (size + 1) // 2, 4 + (size > 9))
    towers: dict[Cell, int] = {}
    while len(towers) < 1 + size // 2:
        spot = rng.choice([one for one in cell if one != depot and one not in towers])
        height = highest if not towers else rng.randint(1, highest)
        free = set(cell) - set(towers)
        if _far(depot, spot, height, free) if more else _path(depot, spot, height, free, rng):
            towers[spot] = height
        elif rng.random() < 0.05:
            towers = {}  # walled in: begin anew
    start, numbers = cell[depot], [f"n{number}" for number in range(highest + 1)]
    init: list[Atom] = [("at", start), ("is-depot", start)]
    init += [("height", name, "n0") for name in cell.values()]
    init += [("succ", numbers[at + 1], numbers[at]) for at in range(highest)]
    init += [
        ("neighbor", name, cell[row + dr, column + dc])
        for (row, column), name in cell.items()
        for dr, dc in SIDES
        if (row + dr, column + dc) in cell
    ]
    goal = [("height", name, f"n{towers.get(at, 0)}") for at, name in cell.items()]
    objects = {**dict.fromkeys(numbers, "numb"), **dict.fromkeys(cell.values(), "position")}
    problem = Problem(f"termes-{size}-{seed}", "termes", objects, tuple(init), ("and", *goal, ("not", ("has-block",))))

    lines = [f"The grid has {rows} rows and {columns} columns.",
             f"The positions, row by row, are {', '.join(cell.values())}.",
             f"The heights are called {', '.join(numbers)}. A tower has at most {highest} blocks.",
             rng.choice(("Nothing has been built yet.", "No blocks have been built yet.")),
             f"The robot {rng.choice(('is', 'starts', 'stands'))} at {start}.",
             rng.choice((f"The depot is {start}.", f"New blocks come from {start}.")),
             rng.choice(("The goal is a set of towers.", "These heights are the goal:"))]  # fmt: skip
    wanted = list(towers.items())
    rng.shuffle(wanted)
    if rng.random() < 0.5:
        lines += [f"{cell[at]} must be {height} block{'s' * (height > 1)} high." for at, height in wanted]
    else:
        lines += [f"The height at {cell[at]} should be {height}." for at, height in wanted]
    rest = [name for at, name in cell.items() if at not in towers]
    lines.append(f"{', '.join(rest[:-1])} and {rest[-1]} must be 0 blocks high.")
    lines.append(rng.choice(("At the end the robot must not carry a block.", "The robot may not hold a block then.")))
    return "\n".join(lines) + "\n", problem


def _far(here: Cell, there: Cell, length: int, free: set[Cell]) -> bool:
    """Whether the shortest path over free cells takes at least `length` steps: quick where `_path` tries too many."""
    steps, edge, left = 0, {here}, free - {here}
    while edge and there not in edge:
        edge = {(row + dr, column + dc) for row, column in edge for dr, dc in SIDES} & left
        left -= edge
        steps += 1
    return bool(edge) and steps >= length


def _path(here: Cell, there: Cell, length: int, free: set[Cell], rng: Random) -> bool:
    """Whether a path over free cells, none twice, leads from here to there in at least `length` steps."""
    if here == there:
        return length <= 0
    rest = free - {here}
    steps = [(here[0] + dr, here[1] + dc) for dr, dc in SIDES]
    return any(step in rest and _path(step, there, length - 1, rest, rng) for step in rng.sample(steps, 4))
