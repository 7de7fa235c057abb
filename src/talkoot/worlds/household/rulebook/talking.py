"""What to say: what the mate cannot know, will need, and was not told; short, and never twice."""

from __future__ import annotations

import re

from talkoot.worlds.household.rulebook.policy import claimed
from talkoot.worlds.household.rulebook.reading import Facts

_NODE = re.compile(r"<([a-z0-9_]+)> \((\d+)\)")
NONE = "none"


def draft(facts: Facts) -> str:
    """One message, or `none`.

    Two things are worth a step. I hold one thing and know of more than my other hand can carry: the mate may fetch it.
    Or I leave with empty hands, knowing of nothing to fetch and not where the mate is: it need not look where I did.
    Then I also tell where the goal place is.
    """
    if facts.room not in facts.rooms:  # a prompt that tells no progress in words
        return NONE
    if facts.mate_here or not facts.mate or not facts.missing(counting_mine=False):
        return NONE
    said = {int(number) for name, text in facts.dialogue if name == facts.me for _, number in _NODE.findall(text)}
    here = _label((facts.rooms[facts.room], facts.room))
    sentences = []
    spare = beyond_my_hands(facts, said) if facts.held else []
    for room in dict.fromkeys(room for room, _ in spare):
        labels = " and ".join(_label(node) for where, node in spare if where == room)
        sentences.append(f"I found {labels} in the {_label((facts.rooms[room], room))}")
    if spare:
        sentences.append(f"I hold {' and '.join(_label(node) for node in facts.held)} in the {here}")
    done = searched(facts, said)
    if done and (spare or leaving_empty(facts)):
        sentences.append(f"Nothing more is in the {' and the '.join(_label(node) for node in done)}")
    for room, places in facts.place_rooms.items() if sentences else ():
        news = [_label(place) for place in places if place[1] not in said | facts.told]
        if news and room != facts.mate_room:
            sentences.append(f"The {' and '.join(news)} is in the {_label((facts.rooms[room], room))}")
    return ". ".join(sentences) + "." if sentences else NONE


def searched(facts: Facts, said: set[int]) -> list[tuple[str, int]]:
    """The rooms in which nothing is left to find, as far as the mate was not told."""
    return [
        (name, room)
        for room, name in facts.rooms.items()
        if room not in facts.unexplored and not facts.shut.get(room) and not facts.found.get(room) and room not in said
    ]


def leaving_empty(facts: Facts) -> bool:
    """Whether I hold nothing, know of nothing to fetch, have no container left here, and lost sight of the mate."""
    needed = facts.missing()
    useful = any(name in needed for nodes in facts.found.values() for name, _ in nodes)
    return not facts.held and not useful and not facts.shut.get(facts.room) and facts.mate_room is None


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
