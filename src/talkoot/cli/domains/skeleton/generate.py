"""Parcels on a map of roads; every instance is solvable, as each place can be reached from each other one.

`generate` makes new instances from a size and a seed, and nothing else: no clock, no global random numbers.
"""

from __future__ import annotations

from random import Random

from talkoot.problem import Atom, Problem


def generate(size: int, seed: int) -> tuple[str, Problem]:
    """A description in words and its true problem, of `size` + 1 parcels; equal arguments give equal instances."""
    rng = Random(seed)
    places = [f"place{number}" for number in range(1, size + 3)]
    parcels = [f"parcel{number}" for number in range(1, size + 2)]
    roads = [(places[at], rng.choice(places[:at])) for at in range(1, len(places))]
    where = {parcel: rng.choice(places) for parcel in parcels}
    wish = {parcel: rng.choice([place for place in places if place != where[parcel]]) for parcel in parcels}
    van = rng.choice(places)

    init: list[Atom] = [("van-at", van), ("van-empty",)]
    init += [fact for one, other in roads for fact in (("road", one, other), ("road", other, one))]
    init += [("at", parcel, place) for parcel, place in where.items()]
    objects = {**dict.fromkeys(places, "place"), **dict.fromkeys(parcels, "parcel")}
    goal = [("at", parcel, place) for parcel, place in wish.items()]
    problem = Problem(f"newdomain-{size}-{seed}", "newdomain", objects, tuple(init), ("and", *goal))

    lines = [
        f"There are {len(parcels)} parcels. The parcels are called {_list(parcels)}.",
        f"The places are called {_list(places)}.",
        *(f"There is a road between {one} and {other}." for one, other in roads),
        f"The van {rng.choice(('is', 'stands'))} at {van}. The van is empty.",
        *(f"{parcel} {rng.choice(('is', 'waits'))} at {place}." for parcel, place in where.items()),
        "The goal is to deliver.",
        *(f"{parcel} should be at {place}." for parcel, place in wish.items()),
    ]
    return "\n".join(lines) + "\n", problem


def _list(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
