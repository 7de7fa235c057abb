"""Things to be tidied up in a home; every instance is solvable, as the robot walks where it likes."""

from __future__ import annotations

from random import Random

from talkoot.problem import Atom, Problem

PLACES = ("kitchen counter", "dining table", "bookshelf", "laundry basket", "desk", "sofa", "waste bin", "cupboard",
          "fridge", "window sill", "wardrobe", "workbench")  # fmt: skip
THINGS = ("red mug", "newspaper", "apple", "wool sock", "remote control", "water glass", "toy car", "screwdriver",
          "umbrella", "pencil", "cereal box", "towel", "lamp", "notebook")  # fmt: skip


def generate(size: int, seed: int) -> tuple[str, Problem]:
    """A description in words and its problem; `size` + 2 places (at most 12) and `size` + 1 things (at most 14)."""
    rng = Random(seed)
    places, things = rng.sample(PLACES, min(size + 2, 12)), rng.sample(THINGS, min(size + 1, 14))
    spots = dict(zip(places, rng.sample([(x, y) for x in range(12) for y in range(12)], len(places)), strict=True))
    far = {(one, other): abs(spots[one][0] - spots[other][0]) + abs(spots[one][1] - spots[other][1])
           for one in places for other in places}  # fmt: skip
    here, where = rng.choice(places), {thing: rng.choice(places) for thing in things}
    moved = rng.sample(things, rng.randint((len(things) + 1) // 2, len(things)))
    wish = {thing: rng.choice([place for place in places if place != where[thing]]) for thing in moved}
    init: list[Atom] = [("robot-at", _name(here)), ("hand-empty",)]
    init += [("at", _name(thing), _name(place)) for thing, place in where.items()]
    objects = {**{_name(place): "location" for place in places}, **{_name(thing): "object" for thing in things}}
    problem = Problem(
        f"manipulation-{size}-{seed}", "manipulation", objects, tuple(init),
        ("and", *(("at", _name(thing), _name(place)) for thing, place in wish.items())),
        {("distance", _name(one), _name(other)): float(steps) for (one, other), steps in far.items()}, True,
    )  # fmt: skip

    lines = [f"The places of the home are {', '.join(places)}.", f"The things are {', '.join(things)}."]
    told = [(one, other) for at, one in enumerate(places) for other in places[at + 1 :]]
    rng.shuffle(told)
    how = rng.choice(("The distance between the {} and the {} is {}.", "From the {} to the {} it is {} steps."))
    lines += [how.format(one, other, far[one, other]) for one, other in told]
    lines.append("Staying at a place costs nothing.")
    lines += [f"You {rng.choice(('are', 'stand', 'start'))} at the {here}."]
    lines += [f"The {thing} {rng.choice(('is', 'lies'))} at the {place}." for thing, place in where.items()]
    lines += [rng.choice(("Your hand is empty.", "Your hand is free.")), "The goal is to tidy up at the least cost."]
    lines += [f"The {thing} {rng.choice(('should be', 'belongs'))} at the {place}." for thing, place in wish.items()]
    return "\n".join(lines) + "\n", problem


def _name(words: str) -> str:
    return words.replace(" ", "-")
