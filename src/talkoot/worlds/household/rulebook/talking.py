"""What to say: what the mate cannot know, will need, and was not told; short, and never twice."""

from __future__ import annotations

import re

from talkoot.worlds.household.rulebook.policy import claimed
from talkoot.worlds.household.rulebook.reading import Facts

_NODE = re.compile(r"<([a-z0-9_]+)> \((\d+)\)")
NONE = "none"
DONE = 9
TAKE = 2


def draft(facts: Facts) -> str:
    """One message, or `none`. It tells of finds that I cannot carry, of what I hold, and of rooms that are done."""
    if facts.mate_here or not facts.mate:
        return NONE
    said = {int(number) for name, text in facts.dialogue if name == facts.me for _, number in _NODE.findall(text)}
    needed = facts.missing(counting_mine=False)
    sentences = []
    spare = beyond_my_hands(facts, said)
    for room in dict.fromkeys(room for room, _ in spare):
        labels = " and ".join(_label(node) for where, node in spare if where == room)
        sentences.append(f"I found {labels} in the {_label((facts.rooms[room], room))}")
    done = [
        room
        for room in facts.rooms
        if room not in facts.unexplored
        and not facts.shut.get(room)
        and not facts.found.get(room)
        and room not in said
        and room != facts.mate_room
    ]
    for room in done[:2]:
        sentences.append(f"Nothing more is in the {_label((facts.rooms[room], room))}")
    mine = [node for node in taking(facts) if node[1] not in said]
    if not needed or not (spare or len(done) >= DONE or len(mine) >= TAKE):
        return NONE
    if mine:
        here = _label((facts.rooms[facts.room], facts.room))
        sentences.insert(0, f"I take {' and '.join(_label(node) for node in mine)} from the {here}")
    return ". ".join(sentences) + "."


def taking(facts: Facts) -> list[tuple[str, int]]:
    """What I hold, and the needed things in my room that I have a hand for."""
    needed, free = facts.missing(), 2 - len(facts.held)
    taken = list(facts.held)
    for node in facts.found.get(facts.room, []):
        if free > 0 and needed.get(node[0], 0) > 0 and node[1] not in claimed(facts):
            needed[node[0]] -= 1
            free -= 1
            taken.append(node)
    return taken


def beyond_my_hands(facts: Facts, said: set[int]) -> list[tuple[int, tuple[str, int]]]:
    """Known things (room, node) that are needed but more than I can carry now, and that the mate was not told of."""
    needed, free, spare = facts.missing(), 2 - len(facts.held), []
    for room in sorted(facts.found, key=lambda room: room != facts.room):
        for node in facts.found[room]:
            if needed.get(node[0], 0) <= 0 or node[1] in claimed(facts):
                continue
            needed[node[0]] -= 1
            free -= 1
            if free < 0 and room not in facts.place_rooms and node[1] not in said | facts.told:
                spare.append((room, node))
    return spare


def _label(node: tuple[str, int]) -> str:
    return f"<{node[0]}> ({node[1]})"
