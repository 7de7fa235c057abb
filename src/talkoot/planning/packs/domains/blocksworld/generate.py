"""Towers of blocks to be rebuilt into other towers; every instance is solvable, as any tower can be taken down."""

from __future__ import annotations

from random import Random

from talkoot.problem import Atom, Problem


def generate(size: int, seed: int) -> tuple[str, Problem]:
    """A description in words and its problem, of `size` + 2 blocks; equal arguments give equal instances."""
    rng = Random(seed)
    blocks = [f"b{number}" for number in range(1, size + 3)]
    start = _towers(blocks, rng)
    goal = start
    while set(goal) <= set(start):
        goal = [fact for fact in _towers(blocks, rng) if fact[0] == "on" or rng.random() < 0.2]
    tops = [block for block in blocks if all(fact[0] != "on" or fact[2] != block for fact in start)]
    init = [*start, *(("clear", block) for block in tops), ("arm-empty",)]
    problem = Problem(
        f"blocksworld-{size}-{seed}", "blocksworld-4ops", dict.fromkeys(blocks, "object"), tuple(init), ("and", *goal)
    )
    below = rng.choice(("is on", "is on top of", "stands on", "sits directly on"))
    wish = rng.choice(("should be on", "must stand on", "has to be on top of"))
    lines = [rng.choice((f"There are {len(blocks)} blocks and one arm.", f"One arm looks after {len(blocks)} blocks."))]
    lines.append(f"The blocks are called {_list(blocks)}.")
    lines += [_say(fact, below, "is") for fact in start]
    lines += [f"Nothing is on {_list(tops)}."] * rng.randint(0, 1)
    lines.append(rng.choice(("The arm is empty.", "The arm is free.")))
    lines.append(rng.choice(("The goal is to rebuild the towers.", "This is the goal:")))
    lines += [_say(fact, wish, "should be") for fact in goal]
    return "\n".join(lines) + "\n", problem


def _towers(blocks: list[str], rng: Random) -> list[Atom]:
    """Random towers: each block in turn begins a new one or goes on top of an old one."""
    tops, facts = list[str](), list[Atom]()
    for block in rng.sample(blocks, len(blocks)):
        at = rng.randrange(len(tops) + 1)
        if at == len(tops):
            facts.append(("on-table", block))
            tops.append(block)
        else:
            facts.append(("on", block, tops[at]))
            tops[at] = block
    rng.shuffle(facts)
    return facts


def _say(fact: Atom, on: str, be: str) -> str:
    return f"{fact[1]} {on} {fact[2]}." if fact[0] == "on" else f"{fact[1]} {be} on the table."


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
