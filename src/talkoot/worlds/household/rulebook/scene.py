"""Reads the prompts that list skills instead of plans (ProAgent, ReAct, a central planner, checks): the same facts.

What can be chosen is worked out from the scene itself: unexplored rooms, unchecked containers, needed things, the goal
place. These prompts tell no distances.
"""

from __future__ import annotations

import re

from talkoot.worlds.household.rulebook.policy import HANDS
from talkoot.worlds.household.rulebook.reading import Choice, Facts, read

_KEY = re.compile(r"(\w+)\(([a-z0-9]+(?:_[a-z0-9]+)*?)_(\d+)\)")
_ME = re.compile(r"You are (\w+)\.(?: (?:Your teammate|You may send) ?(\w+)?)?")
_SAYS = re.compile(r"- scene \d+, (\w+) says: (.*)")
_TOLD_BY = re.compile(r"^The scene, told by (\w+),", re.MULTILINE)
_BUSY = re.compile(r"(\w+) is busy with (\w+\([^()]*\));")
_PLAYER = re.compile(r"^Plan for (\w+):", re.MULTILINE)


def read_scene(system: str, user: str, *, drop: float = 0.0, seed: int = 0) -> Facts:
    """The facts of a scene, with the choices that it allows."""
    goal = next((line for line in system.splitlines() if line.startswith("Find and put ")), "")
    words = next((part for part in user.split("\n\n") if "I hold " in part and "I am in the " in part), "")
    who = _ME.search(system)
    me = who[1] if who else "Alice"
    mate = who[2] if who and who[2] else ""
    teller = _TOLD_BY.search(user)
    if teller:  # a planner for all: the prompt names the players, and whose eyes see the scene
        me = teller[1]
        mate = next((name for name in _PLAYER.findall(system) if name != me), "")
    text = f"I am {me}." + (f" My friend {mate}" if mate else "")
    facts = read(f"{text}\n\nGoal:\n{goal}\n\nProgress:\n{words}", drop=drop, seed=seed)
    facts.dialogue = [(match[1], match[2]) for line in user.splitlines() if (match := _SAYS.match(line))]
    facts.rejected = {
        match[0]
        for line in user.splitlines()
        if line.startswith("- ") and (match := _KEY.match(line[2:].removeprefix(f"{me}, ")))
    }
    facts.busy = {match[1]: match[2] for line in user.splitlines() if (match := _BUSY.match(line))}
    facts.choices = [choice for choice in choices_of(facts) if choice.text not in facts.busy.values()]
    return facts


def choices_of(facts: Facts) -> list[Choice]:
    """All that can sensibly be done in a scene, as skill calls; `text` is the call."""
    found: list[tuple[str, str, int]] = []
    put = facts.fitting()
    if len(facts.held) < HANDS or not put:
        found += [("goexplore", facts.rooms[room], room) for room in sorted(facts.unexplored)]
        found += [("gocheck", *node) for room in facts.rooms for node in facts.shut.get(room, [])]
        found += [("gograb", *node) for room in facts.rooms for node in facts.found.get(room, [])]
    found += [("goput", *place) for place in put]
    near = {number for store in (facts.found, facts.shut) for _, number in store.get(facts.room, [])}
    return [
        Choice(str(number), call_of(verb, name, number), verb, name, number, 3.0 if number in near else None)
        for verb, name, number in found
    ]


def call_of(verb: str, name: str, number: int) -> str:
    """A skill call as an agent writes it: `gocheck(fridge_103)`."""
    return f"{verb}({name}_{number})"


def call_in(text: str) -> tuple[str, str, int] | None:
    """The first skill call with a node in a text: its verb, class and id."""
    match = _KEY.search(text)
    return (match[1], match[2], int(match[3])) if match else None


def judge(facts: Facts, verb: str, name: str, number: int) -> list[tuple[str, bool, str]]:
    """Each need of a skill in the words of its precondition, whether the scene meets it, and why."""
    label = f"<{name}> ({number})"
    full = len(facts.held) >= HANDS
    found = {node for nodes in facts.found.values() for _, node in nodes}
    shut = {node for nodes in facts.shut.values() for _, node in nodes}
    held = {node for _, node in facts.held}
    if verb == "goexplore":
        return [
            ("the room is one of this home", number in facts.rooms, f"the scene tells of {label}"),
            ("the room is not explored yet", number in facts.unexplored, "see what the scene says of it"),
        ]
    if verb == "gocheck":
        return [
            ("it is closed and unchecked", number in shut, f"{label} is among the unchecked containers"),
            ("a hand is free to open it", not full, "both hands are full" if full else "I have a free hand"),
        ]
    if verb == "gograb":
        mates = number in {node for _, node in facts.mate_held}
        return [
            ("the thing is known and still there", number in found, f"the scene tells where {label} is"),
            ("nobody holds it", not mates and number not in held, "see who holds what"),
            ("a hand is free", not full, "both hands are full" if full else "I have a free hand"),
        ]
    if verb == "goput":
        return [
            ("it is where something is to be brought", (name, number) in facts.places, "the goal names the place"),
            ("I hold something that belongs there", (name, number) in facts.fitting(), "see what I hold"),
        ]
    return []
