"""Crates to be stored in a depot.

Solvable: there are at most as many crates as store areas in the depot, hoists can leave it one after the other, and a
single hoist then fills it from the far end, the area at the door last, from outside.
"""

from __future__ import annotations

from random import Random

from talkoot.problem import Atom, Problem


def generate(size: int, seed: int) -> tuple[str, Problem]:
    """A description in words and its problem; `size` 1 has a depot of one area, 6 one of two rows and three columns."""
    rng = Random(seed)
    rows, columns = 1 + (size > 3) + (size > 8), {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4}.get(size, size - 5)
    depot = {(row, column): f"depot1-{row}-{column}" for row in range(1, rows + 1) for column in range(1, columns + 1)}
    crates = [f"crate{number}" for number in range(1 + size // 3)]
    shelves = [f"container1-0-{number}" for number in range(len(crates) + rng.randint(0, 1))]
    hoists = [f"hoist{number}" for number in range(1, 2 + rng.randint(0, size // 3))]
    door, yard = rng.choice(list(depot.values())), "loadarea1"
    spots: dict[str, str] = {}
    for hoist in hoists:
        free = [area for area in depot.values() if area not in spots.values()]
        spots[hoist] = rng.choice([*free, yard])
    loads = dict(zip(crates, rng.sample(shelves, len(crates)), strict=True))
    pairs = [(depot[row, column], depot[row + dr, column + dc])
             for row, column in depot for dr, dc in ((1, 0), (0, 1)) if (row + dr, column + dc) in depot]  # fmt: skip
    pairs += [(shelf, yard) for shelf in shelves] + [(door, yard)]
    init: list[Atom] = [fact for one, other in pairs for fact in (("connected", one, other), ("connected", other, one))]
    init += [("in", area, "depot1") for area in depot.values()]
    init += [("in", area, "container1") for area in shelves]
    init += [fact for crate, shelf in loads.items() for fact in (("on", crate, shelf), ("in", crate, "container1"))]
    init += [fact for hoist, spot in spots.items() for fact in (("at", hoist, spot), ("available", hoist))]
    areas = [*depot.values(), *shelves]
    clear = [area for area in areas if area not in spots.values() and area not in loads.values()]
    init += [("clear", area) for area in clear]
    objects = {
        **dict.fromkeys(areas, "storearea"), yard: "transitarea", "depot1": "depot", "container1": "container",
        **dict.fromkeys(hoists, "hoist"), **dict.fromkeys(crates, "crate"),
    }  # fmt: skip
    goal = tuple(("in", crate, "depot1") for crate in crates)
    problem = Problem(f"storage-{size}-{seed}", "storage-propositional", objects, tuple(init), ("and", *goal))

    stands, lies = rng.choice(("is at", "stands at", "waits in")), rng.choice(("is on", "stands on", "lies on"))
    lines = ["The depot is called depot1. The container is called container1. The transit area is called loadarea1.",
             f"All the store areas are {', '.join(areas)}.",
             f"{_list(list(depot.values()))} {_s('belong', len(depot))} to depot1. In the depot, adjacent depot store "
             "areas are connected.",
             f"{_list(shelves)} {_s('belong', len(shelves))} to container1.",
             f"All crates are in container1. All container store areas are connected to {yard}.",
        f"{door} opens to {yard}.",
             f"The hoists are called {_list(hoists)}. The crates are called {_list(crates)}."]  # fmt: skip
    about = [f"{hoist} {stands} {spot}." for hoist, spot in spots.items()]
    about += [f"{crate} {lies} {shelf}." for crate, shelf in loads.items()]
    if clear and rng.random() < 0.5:
        about.append(f"{_list(clear)} {'is' if len(clear) == 1 else 'are'} clear.")
    rng.shuffle(about)
    lines += [*about, rng.choice(("All hoists are available.", "None of the hoists carries anything."))]
    lines.append(rng.choice(("The goal is to move all crates to depot1.", "The goal: all crates must be in depot1.")))
    return "\n".join(lines) + "\n", problem


def _s(verb: str, number: int) -> str:
    return f"{verb}s" if number == 1 else verb


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
