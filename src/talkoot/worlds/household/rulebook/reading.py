"""Reads the prompts of the household as facts: goal, progress, dialogue, previous actions, available actions.

Nothing but the text of the prompt is used. `drop` overlooks a share of what the progress and the list's notes say, so
that a weaker reader can be had.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from talkoot.worlds.household.words import singular

_HEADINGS = ("Notes", "Goal", "Progress", "Dialogue", "Previous actions", "Beliefs", "Available actions", "Rejected")
_NODE = re.compile(r"<([a-z0-9_]+)> \((\d+)\)")
_OPTION = re.compile(r"([A-Z]{1,2})\. (\[(\w+)\](?: .*?)?)(?: - (.*))?$")
_COUNT = re.compile(r"\b(\d+) ([a-z][a-z0-9_]*)")
_METRES = re.compile(r"(\d+(?:\.\d+)?) m\b")
_PLACE = re.compile(r" at \(-?\d+\.\d, -?\d+\.\d\)")
_ROOMS = ("livingroom", "kitchen", "bedroom", "bathroom")


@dataclass(frozen=True)
class Choice:
    """One available action: its letter, text, verb, node (class, id) and how many metres away it is told to be."""

    letter: str
    text: str
    verb: str
    name: str = ""
    id: int = 0
    far: float | None = None


@dataclass
class Facts:
    """What a prompt says. Nodes are (class, id)."""

    me: str = "Alice"
    mate: str = ""
    wanted: dict[str, int] = field(default_factory=dict)
    """Class -> how many are to be brought, in all."""
    places: list[tuple[str, int]] = field(default_factory=list)
    belongs: dict[int, dict[str, int]] = field(default_factory=dict)
    """Goal place -> class -> how many are to be brought there."""
    delivered: list[tuple[str, int]] = field(default_factory=list)
    brought: dict[int, list[str]] = field(default_factory=dict)
    """Goal place -> the classes of what was delivered there."""
    held: list[tuple[str, int]] = field(default_factory=list)
    room: int = 0
    rooms: dict[int, str] = field(default_factory=dict)
    unexplored: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    """Rooms of which the mate says that nothing is left there."""
    found: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    """Room -> needed things known there."""
    told: set[int] = field(default_factory=set)
    place_rooms: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    """Room -> goal places known there."""
    shut: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    """Room -> unchecked containers."""
    mate_here: bool = False
    mate_room: int | None = None
    mate_held: list[tuple[str, int]] = field(default_factory=list)
    dialogue: list[tuple[str, str]] = field(default_factory=list)
    previous: list[str] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    rejected: set[str] = field(default_factory=set)
    busy: dict[str, str] = field(default_factory=dict)
    """What others are busy with, by name, where one plans for all."""

    def missing(self, *, counting_mine: bool = True, counting_mates: bool = True) -> dict[str, int]:
        """How many of each class are still to be found, after what is delivered and (by default) held."""
        have = list(self.delivered)
        have += self.held if counting_mine else []
        have += self.mate_held if counting_mates else []
        names = [name for name, _ in have]
        return {name: count - names.count(name) for name, count in self.wanted.items() if count > names.count(name)}

    def fitting(self) -> list[tuple[str, int]]:
        """The goal places for what I hold: those that lack such a thing, else, where none does, those that take it."""

        def lacks(place: int, name: str) -> bool:
            return self.belongs.get(place, {}).get(name, 0) > self.brought.get(place, []).count(name)

        names = {name for name, _ in self.held}
        spare = {name for name in names if not any(lacks(place, name) for _, place in self.places)}
        return [
            (name, place)
            for name, place in self.places
            if any(lacks(place, held) or (held in spare and held in self.belongs.get(place, {})) for held in names)
        ]


def sections(text: str) -> dict[str, str]:
    """The parts of a prompt by heading, the head under ""."""
    parts: dict[str, list[str]] = {"": []}
    current = ""
    for line in text.splitlines():
        if line.endswith(":") and line[:-1] in _HEADINGS:
            current = line[:-1]
            parts[current] = []
        else:
            parts[current].append(line)
    return {name: "\n".join(lines).strip() for name, lines in parts.items()}


def read(text: str, *, drop: float = 0.0, seed: int = 0) -> Facts:
    """Read one prompt. With `drop`, each named thing and each distance is overlooked with that probability."""
    part = sections(text)
    facts = Facts()
    head = re.search(r"I am (\w+)\.(?: My friend (\w+))?", part[""])
    if head:
        facts.me, facts.mate = head[1], head[2] or ""
    goal = part.get("Goal", "").split("\n")[0]
    for clause in goal.split(";"):
        places, asked = _nodes(clause), _COUNT.findall(_NODE.sub("", clause))
        counts = {singular(name, int(count)): int(count) for count, name in asked}
        facts.places += places
        facts.belongs |= {number: counts for _, number in places}
        for name, count in counts.items():
            facts.wanted[name] = facts.wanted.get(name, 0) + count
    rng = random.Random(f"{seed}|{part.get('Progress', '')}")
    overlooked: dict[int, bool] = {}

    def kept(nodes: list[tuple[str, int]]) -> list[tuple[str, int]]:
        if drop <= 0:
            return nodes
        return [node for node in nodes if not overlooked.setdefault(node[1], rng.random() < drop)]

    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", _PLACE.sub("", part.get("Progress", ""))):
        _read_sentence(facts, sentence, kept)
    for line in part.get("Dialogue", "").splitlines():
        name, colon, said = line.partition(": ")
        if colon:
            facts.dialogue.append((name, said))
    facts.previous = [step for step in re.split(r", (?=\[)", part.get("Previous actions", "")) if step.startswith("[")]
    for line in part.get("Available actions", "").splitlines():
        match = _OPTION.match(line)
        if match is None:
            continue
        node = _NODE.search(match[2])
        metres = _METRES.search(match[4] or "")
        far = float(metres[1]) if metres else 0.5 if match[4] == "within reach" else None
        if drop > 0 and rng.random() < drop:
            far = None
        facts.choices.append(
            Choice(match[1], match[2], match[3], node[1] if node else "", int(node[2]) if node else 0, far)
        )
    facts.rejected = {line[2:].split(":")[0] for line in part.get("Rejected", "").splitlines() if line[:2] == "- "}
    return facts


def _nodes(text: str) -> list[tuple[str, int]]:
    return [(name, int(number)) for name, number in _NODE.findall(text)]


def _read_sentence(facts: Facts, sentence: str, kept: object) -> None:
    """Take in one sentence of the progress; the forms are those of `words`."""
    assert callable(kept)
    nodes = _nodes(sentence)
    if " have already put " in sentence:
        there = kept([node for node in nodes if node not in facts.places])
        facts.delivered += there
        facts.brought[nodes[-1][1]] = [name for name, _ in there]
    elif sentence.startswith("I hold "):
        facts.held = nodes
    elif sentence.startswith("I am in "):
        facts.room = nodes[0][1]
        facts.rooms[facts.room] = nodes[0][0]
        if sentence.endswith(" so far."):
            facts.unexplored.add(facts.room)
        _read_room(facts, sentence, nodes, kept)
    elif " is here too" in sentence:
        facts.mate_here, facts.mate_room, facts.mate_held = True, facts.room, kept(nodes)
    elif sentence.startswith("I last knew "):
        facts.mate_room, facts.mate_held = nodes[0][1], kept(nodes[1:])
    elif sentence.startswith("In the ") or " is unexplored by me" in sentence:
        facts.rooms[nodes[0][1]] = nodes[0][0]
        if " is unexplored by me" in sentence:
            facts.unexplored.add(nodes[0][1])
            if " says nothing is left" in sentence:
                facts.left.add(nodes[0][1])
        _read_room(facts, sentence, nodes, kept)


def _read_room(facts: Facts, sentence: str, nodes: list[tuple[str, int]], kept: object) -> None:
    assert callable(kept)
    room = nodes[0][1]
    before, _, after = sentence.partition("the unchecked container")
    shut = set(_nodes(after))
    facts.shut[room] = kept([node for node in nodes if node in shut])
    places = [node for node in nodes[1:] if node in facts.places]
    if places:
        facts.place_rooms[room] = places
    facts.found[room] = kept([node for node in nodes[1:] if node not in shut and node not in facts.places])
    facts.told |= {int(number) for number in re.findall(r"\((\d+)\) \(told by the other\)", before)}
