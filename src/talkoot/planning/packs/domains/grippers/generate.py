"""Balls to be carried between rooms; every instance is solvable, as robots walk where they like."""

from __future__ import annotations

from random import Random

from talkoot.problem import Atom, Problem


def generate(size: int, seed: int) -> tuple[str, Problem]:
    """A description in words and its problem, of `size` + 1 balls, and more rooms and robots as it grows."""
    rng = Random(seed)
    robots = [f"robot{number}" for number in range(1, 2 + rng.randint(0, 1 + size // 4))]
    rooms = [f"room{number}" for number in range(1, 3 + (size + 1) // 3)]
    balls = [f"ball{number}" for number in range(1, size + 2)]
    hands = {robot: [f"left{number}", f"right{number}"] for number, robot in enumerate(robots, 1)}
    where = {name: rng.choice(rooms) for name in [*robots, *balls]}
    wish = {ball: rng.choice(rooms) for ball in rng.sample(balls, rng.randint((len(balls) + 1) // 2, len(balls)))}
    if all(where[ball] == room for ball, room in wish.items()):
        first = next(iter(wish))
        wish[first] = rng.choice([room for room in rooms if room != where[first]])
    init: list[Atom] = [("at-robby", robot, where[robot]) for robot in robots]
    init += [("free", robot, gripper) for robot in robots for gripper in hands[robot]]
    init += [("at", ball, where[ball]) for ball in balls]
    objects = {
        **dict.fromkeys(robots, "robot"), **dict.fromkeys(rooms, "room"),
        **dict.fromkeys([gripper for pair in hands.values() for gripper in pair], "gripper"),
        **dict.fromkeys(balls, "object"),
    }  # fmt: skip
    goal = tuple(("at", ball, room) for ball, room in wish.items())
    problem = Problem(f"grippers-{size}-{seed}", "gripper-strips", objects, tuple(init), ("and", *goal))

    lies, must = rng.choice(("is in", "lies in")), rng.choice(("should be in", "has to go to", "belongs in"))
    lines = [f"There {_are(len(robots), 'robot')}, {len(rooms)} rooms and {len(balls)} balls.",
             f"The robot{'s are' if len(robots) > 1 else ' is'} called {_list(robots)}. The rooms are called "
             f"{_list(rooms)}.",
             f"The balls are called {_list(balls)}.",
             f"The grippers are called {_list([one for pair in hands.values() for one in pair])}."]  # fmt: skip
    lines += [f"{_list(hands[robot])} belong to {robot} and are {rng.choice(('free', 'empty'))}." for robot in robots]
    about = [f"{name} {'is in' if name in robots else lies} {room}." for name, room in where.items()]
    rng.shuffle(about)
    lines += [*about, rng.choice(("The goal is to carry the balls.", "This is the goal:"))]
    lines += [f"{ball} {must} {room}." for ball, room in wish.items()]
    return "\n".join(lines) + "\n", problem


def _are(number: int, noun: str) -> str:
    return f"is 1 {noun}" if number == 1 else f"are {number} {noun}s"


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
