"""What to say: what the mate cannot know, will need, and was not told; short, and never twice."""

from __future__ import annotations

import re

from talkoot.worlds.household.rulebook.policy import claimed
from talkoot.worlds.household.rulebook.reading import Facts

_NODE = re.compile(r"<([a-z0-9_]+)> \((\d+)\)")
NONE = "none"


def draft(facts: Facts) -> str:
    """One message, or `none`. It tells of finds that I cannot carry, of what I hold, and of rooms that are done."""
    if facts.mate_here or not facts.mate:
        return NONE
    said = {int(number) for name, text in facts.dialogue if name == facts.me for _, number in _NODE.findall(text)}
    needed = facts.missing(counting_mine=False)
    free = 2 - len(facts.held)
    sentences = []
    known = [
        (room, node)
        for room, nodes in facts.found.items()
        for node in nodes
        if node[0] in facts.missing() and node[1] not in facts.told and node[1] not in claimed(facts)
    ]
    spare = [(room, node) for room, node in known if node[1] not in said][free if free < len(known) else len(known) :]
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
    if not sentences or not needed:
        return NONE
    if facts.held and any(number not in said for _, number in facts.held):
        here = _label((facts.rooms[facts.room], facts.room))
        sentences.append(f"I hold {' and '.join(_label(node) for node in facts.held)} in the {here}")
    return ". ".join(sentences) + "."


def _label(node: tuple[str, int]) -> str:
    return f"<{node[0]}> ({node[1]})"
