"""Cocktails to be served; every instance is solvable, as a glass can always be emptied and cleaned."""

from __future__ import annotations

from random import Random

from talkoot.problem import Atom, Problem


def generate(size: int, seed: int) -> tuple[str, Problem]:
    """A description in words and its problem, of `size` cocktails and at least one glass more than drinks."""
    rng = Random(seed)
    ingredients = [f"ingredient{number}" for number in range(1, 4 + size // 6)]
    dispensers = [f"dispenser{number}" for number in range(1, len(ingredients) + 1)]
    cocktails = [f"cocktail{number}" for number in range(1, size + 1)]
    drinks = rng.sample(cocktails, size) + rng.sample(ingredients, rng.randint(0, 1))
    shots = [f"shot{number}" for number in range(1, len(drinks) + 2)]
    levels, hands, shaker = ["l0", "l1", "l2"], ["left", "right"], "shaker1"
    taps = dict(zip(dispensers, rng.sample(ingredients, len(ingredients)), strict=True))
    recipes = {cocktail: rng.sample(ingredients, 2) for cocktail in cocktails}
    init: list[Atom] = [fact for one in (shaker, *shots) for fact in (("ontable", one), ("clean", one), ("empty", one))]
    init += [("handempty", hand) for hand in hands]
    init += [("shaker-level", shaker, "l0"), ("shaker-empty-level", shaker, "l0"), ("next", "l0", "l1"),
             ("next", "l1", "l2")]  # fmt: skip
    init += [("dispenses", tap, ingredient) for tap, ingredient in taps.items()]
    for cocktail, (first, second) in recipes.items():
        init += [("cocktail-part1", cocktail, first), ("cocktail-part2", cocktail, second)]
    goal = tuple(("contains", shot, drink) for shot, drink in zip(shots, drinks, strict=False))
    objects = {
        shaker: "shaker", **dict.fromkeys(shots, "shot"), **dict.fromkeys(hands, "hand"),
        **dict.fromkeys(levels, "level"), **dict.fromkeys(dispensers, "dispenser"),
        **dict.fromkeys(ingredients, "ingredient"), **dict.fromkeys(cocktails, "cocktail"),
    }  # fmt: skip
    problem = Problem(f"barman-{size}-{seed}", "barman", objects, tuple(init), ("and", *goal))

    lines = [f"There is 1 shaker with 3 levels, and there are {len(shots)} glasses and {len(dispensers)} dispensers.",
             "The shaker is called shaker1. Its levels, from empty to full, are l0, l1 and l2. The lowest level is l0.",
             f"The glasses are called {_list(shots)}. The hands are called left and right.",
             f"The dispensers are called {_list(dispensers)}. The ingredients are called {_list(ingredients)}.",
             f"The cocktail{'s are' if size > 1 else ' is'} called {_list(cocktails)}.",
             "Everything is clean, empty and on the table. The shaker stands at level l0.",
             "Both hands are empty."]  # fmt: skip
    gives = rng.choice(("dispenses", "gives"))
    lines += [f"{tap} {gives} {ingredient}." for tap, ingredient in taps.items()]
    if rng.random() < 0.5:
        lines += [f"{one} is made of {first} and {second}." for one, (first, second) in recipes.items()]
    else:
        lines += [f"The first ingredient of {one} is {first}, the second ingredient of {one} is {second}."
                  for one, (first, second) in recipes.items()]  # fmt: skip
    lines.append(f"The goal is to serve {len(goal)} drink{'s' * (len(goal) > 1)}.")
    must = rng.choice(("should contain", "must hold"))
    wish = [f"{shot} {must} {drink}." for _, shot, drink in goal]
    rng.shuffle(wish)
    return "\n".join([*lines, *wish]) + "\n", problem


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
