"""Engines and wagons on a line with sidings.

Every instance can be solved: its goal is where moves by chance, all of them allowed by the rules, lead from its start.
"""

from __future__ import annotations

from itertools import pairwise
from random import Random

from talkoot.problem import Atom, Problem


def generate(size: int, seed: int) -> tuple[str, Problem]:
    """A task with `size` + 1 wagons, `size` + 2 sidings, and a second engine from size 2 on."""
    rng = Random(seed)
    sections = [f"line{number}" for number in range(1, size + 3)]
    sidings = [f"siding{number}" for number in range(1, size + 3)]
    engines = [f"engine{number}" for number in range(1, 2 if size == 1 else 3)]
    wagons = [f"wagon{number}" for number in range(1, size + 2)]
    rooms = [f"n{number}" for number in range(3)]
    leaves = {siding: rng.choice(sections) for siding in sidings}

    engine_on = dict(zip(engines, rng.sample(sections, len(engines)), strict=True))
    wagon_on = dict(zip(wagons, rng.sample(sidings, len(wagons)), strict=True))
    room = {engine: rng.choice((1, 2)) for engine in engines}
    if rng.random() < 0.5:  # a wagon that hangs on an engine already
        wagon_on[wagons[0]] = engines[0]
    then_engine_on, then_wagon_on = _shunt(rng, sections, leaves, engine_on, wagon_on, room)

    places = {*engine_on.values(), *wagon_on.values()}
    init: list[Atom] = [("next", west, east) for west, east in pairwise(sections)]
    for siding, section in leaves.items():
        init += [("points", section, siding), ("points", siding, section)]
    init += [("succ", more, fewer) for fewer, more in pairwise(rooms)]
    init += [("engine-on", engine, track) for engine, track in engine_on.items()]
    init += [("room-for", engine, f"n{number}") for engine, number in room.items()]
    init += [_wagon(wagon, at, engines) for wagon, at in wagon_on.items()]
    init += [("free", track) for track in (*sections, *sidings) if track not in places]
    goal = [_wagon(wagon, at, engines) for wagon, at in then_wagon_on.items()]
    goal += [("engine-on", engine, then_engine_on[engine]) for engine in engines[1:]]
    rng.shuffle(goal)

    kinds = (("section", sections), ("siding", sidings), ("engine", engines), ("wagon", wagons), ("room", rooms))
    objects = {name: kind for kind, names in kinds for name in names}
    problem = Problem(f"shunting-{size}-{seed}", "shunting", objects, tuple(init), ("and", *goal))
    stands = rng.choice(("stands", "waits"))
    lines = [
        f"The line has {len(sections)} sections, which are called {_list(sections)} from west to east.",
        f"There are {len(sidings)} sidings. The sidings are called {_list(sidings)}.",
        *(f"{siding} leaves the line at {section}." for siding, section in leaves.items()),
        f"The {'engine is' if len(engines) == 1 else 'engines are'} called {_list(engines)}.",
        f"The wagons are called {_list(wagons)}. Room is counted with {_list(rooms)}.",
        *(
            f"{engine} {stands} on {track} and has room for {room[engine]} more wagon{'s' * (room[engine] > 1)}."
            for engine, track in engine_on.items()
        ),
        *(
            f"{wagon} is coupled to {at}." if at in engines else f"{wagon} stands in {at}."
            for wagon, at in wagon_on.items()
        ),
        "The goal is this:",
        *(f"{name} should {'hang' if said == 'coupled' else 'be'} {_before(said)} {at}." for said, name, at in goal),
    ]
    return "\n".join(lines) + "\n", problem


def _shunt(
    rng: Random,
    sections: list[str],
    leaves: dict[str, str],
    engine_on: dict[str, str],
    wagon_on: dict[str, str],
    room: dict[str, int],
) -> tuple[dict[str, str], dict[str, str]]:
    """Where all is after moves by chance, which go on until some wagon has another place than at first."""
    engine_on, wagon_on, room = dict(engine_on), dict(wagon_on), dict(room)
    first = dict(wagon_on)
    moves = 0
    while moves < 20 * len(sections) or wagon_on == first:
        moves += 1
        engine = rng.choice(list(engine_on))
        here = engine_on[engine]
        taken = {*engine_on.values(), *wagon_on.values()}
        if here in leaves:
            reach = [leaves[here]]
        else:
            at = sections.index(here)
            reach = [*sections[max(at - 1, 0) : at], *sections[at + 1 : at + 2]]
            reach += [siding for siding, section in leaves.items() if section == here]
        there = rng.choice(reach)
        behind = [wagon for wagon, place in wagon_on.items() if place == there]
        pulled = [wagon for wagon, place in wagon_on.items() if place == engine]
        if behind and room[engine]:
            wagon_on[behind[0]] = engine
            room[engine] -= 1
        elif there in leaves and there not in taken and pulled and room[engine] < 2 and rng.random() < 0.7:
            wagon_on[rng.choice(pulled)] = there
            room[engine] += 1
        elif there not in taken:
            engine_on[engine] = there
    return engine_on, wagon_on


def _wagon(wagon: str, at: str, engines: list[str]) -> Atom:
    return ("coupled", wagon, at) if at in engines else ("wagon-on", wagon, at)


def _before(said: str) -> str:
    return "in" if said == "wagon-on" else "on"


def _list(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
