"""Apartments as JSON files: read with a check of everything that could be wrong, written in a stable order.

The format is ours, described in docs/household_files.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import Apartment, Node, Point
from talkoot.worlds.household.entries import Entry, dump, load, shown
from talkoot.worlds.household.making.classes import KINDS
from talkoot.worlds.household.validity import check_extent

FORMAT = "talkoot household apartment"
VERSION = 1

PEOPLE = (1, 2)
"""The ids of the two people; no node may have one of them."""

_HEAD = ("format", "version", "name", "rooms", "doors", "things")
_ROOM = ("id", "class", "center", "size")
_DOOR = ("id", "class", "between", "center", "size", "category", "properties", "inside", "on")
_THING = ("id", "class", "inside", "on", "center", "size", "open", "category", "properties")
_TOUCH = 0.15  # a door may be so far off a room's edge, metres
_OUT = 0.02  # a thing's middle may be so far out of its room
_CLASS = re.compile(r"[a-z][a-z0-9_]{0,40}")  # what prompts and messages are searched for


def read_apartment(path: Path | str) -> Apartment:
    """Read an apartment file. Raises BadInput with the file, the entry and the remedy for anything that is wrong."""
    return parse_apartment(load(path), str(path))


def parse_apartment(content: Any, source: str) -> Apartment:
    """The apartment that a JSON value describes; `source` is what faults call it, such as the path."""
    head = check_head(content, source, FORMAT, VERSION, _HEAD)
    places: dict[int, str] = {}
    nodes: dict[int, Node] = {}
    inside: dict[int, int] = {}
    on: dict[int, int] = {}
    between: dict[int, tuple[int, int]] = {}
    open_ones: set[int] = set()
    for part, allowed in (("rooms", _ROOM), ("doors", _DOOR), ("things", _THING)):
        for number, value in enumerate(head.items(part)):
            entry = entry_of(value, f"{source}, {part}[{number}]", allowed)
            node = read_node(entry, places, {"rooms": "Rooms", "doors": "Doors", "things": None}[part])
            nodes[node.id], places[node.id] = node, entry.place
            if part == "doors":
                first, second = entry.wholes("between", 2)
                between[node.id] = (first, second)
                inside[node.id] = read_parent(entry) if entry.has("inside") else first
            elif part == "things":
                inside[node.id] = read_parent(entry)
                if entry.flag("open"):
                    open_ones.add(node.id)
            if part != "rooms" and entry.has("on"):
                on[node.id] = entry.whole("on")
    apartment = Apartment(head.text("name"), nodes, inside, on, between, frozenset(open_ones))
    check_apartment(apartment, source, places)
    return apartment


def write_apartment(apartment: Apartment, path: Path | str) -> None:
    """Write an apartment file: rooms, doors and things by id, one a line. Reading it back gives the same apartment."""
    save(path, format_apartment(apartment))


def format_apartment(apartment: Apartment) -> str:
    """The text of an apartment file."""
    nodes = [apartment.nodes[number] for number in sorted(apartment.nodes)]
    rooms = [_where(node) for node in nodes if node.is_room]
    doors = [format_door(apartment, node) for node in nodes if node.id in apartment.between]
    things = [format_thing(apartment, node) for node in nodes if not node.is_room and node.id not in apartment.between]
    head = {"format": FORMAT, "version": VERSION, "name": apartment.name}
    return dump(head, {"rooms": rooms, "doors": doors, "things": things})


def format_door(apartment: Apartment, node: Node) -> dict[str, Any]:
    """The entry of a door."""
    entry = _where(node) | {"between": list(apartment.between[node.id])}
    if apartment.inside[node.id] != apartment.between[node.id][0]:
        entry["inside"] = apartment.inside[node.id]
    if node.id in apartment.on:
        entry["on"] = apartment.on[node.id]
    return entry | _unusual(node)


def format_thing(apartment: Apartment, node: Node) -> dict[str, Any]:
    """The entry of anything but rooms and doors."""
    entry = _where(node) | {"inside": apartment.inside[node.id]}
    if node.id in apartment.on:
        entry["on"] = apartment.on[node.id]
    if node.id in apartment.open:
        entry["open"] = True
    return entry | _unusual(node)


def save(path: Path | str, text: str) -> None:
    """Write a text file. Raises BadInput if that cannot be."""
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}); choose another path") from error


def _where(node: Node) -> dict[str, Any]:
    return {"id": node.id, "class": node.name, "center": _plain(node.center), "size": _plain(node.size)}


def _plain(point: Point) -> list[float | int]:
    return [int(number) if number == int(number) else number for number in point]


def _unusual(node: Node) -> dict[str, Any]:
    """What a file must say about a node because it is not usual for its class."""
    kind = KINDS.get(node.name)
    more: dict[str, Any] = {}
    if kind is None or kind.category != node.category:
        more["category"] = node.category
    if kind is None or kind.properties != node.properties:
        more["properties"] = sorted(node.properties)
    return more


def check_head(content: Any, source: str, name: str, version: int, allowed: Iterable[str]) -> Entry:
    """The outermost object of a file of this format and version."""
    found = content.get("format") if isinstance(content, dict) else None
    if found != name:
        raise BadInput(f'{source}: this is no such file; its first entry must be "format": "{name}"')
    if content.get("version") != version:
        raise BadInput(
            f"{source}: version {shown(content.get('version'))} is not known here; this talkoot reads {version}"
        )
    return Entry(content, source, allowed)


def entry_of(value: Any, place: str, allowed: Iterable[str]) -> Entry:
    """An entry with class and id in its place, as far as it has them."""
    name = value.get("class") if isinstance(value, dict) else None
    if isinstance(name, str) and name.isprintable() and "id" in value:
        place += f" ({name[:60]} {shown(value['id'])})"
    return Entry(value, place, allowed)


def read_node(entry: Entry, taken: Mapping[int, str], category: str | None) -> Node:
    """The node of an entry; `taken` are the ids that are used already, with their places."""
    name = entry.text("class") if category != "Doors" or entry.has("class") else "door"
    if not _CLASS.fullmatch(name):
        raise entry.fault(
            f"class {name[:60]!r} is no word; write it in small letters, digits and _, such as kitchentable"
        )
    number = entry.whole("id")
    if number in PEOPLE:
        raise entry.fault(f"id {number} belongs to a person (1 and 2 do); give it another id")
    if number in taken:
        raise entry.fault(
            f"id {number} is taken by {taken[number]}; a thing is in one place, so delete one of the two or give it "
            "another id"
        )
    kind = KINDS.get(name)
    if kind is None or entry.has("size"):
        if not entry.has("size"):
            raise entry.fault(f"class {name!r} is not one whose size is known; add 'size'")
        width, height, depth = entry.numbers("size", 3)
    else:
        width, height, depth = kind.size
    if width <= 0 or depth <= 0 or height < 0:
        raise entry.fault(
            f"its size is {width:g} x {height:g} x {depth:g} m; width and depth must be above 0, the height 0 or more"
        )
    if category is None:
        category = entry.text("category") if entry.has("category") else kind.category if kind else "Props"
        if category == "Rooms":
            raise entry.fault("a room stands among the things; list it under 'rooms'")
    if entry.has("properties"):
        properties = frozenset(str(word) for word in entry.items("properties"))
    else:
        properties = kind.properties if kind else frozenset()
    x, y, z = entry.numbers("center", 3)
    return Node(number, name, category, (x, y, z), (width, height, depth), properties)


def read_parent(entry: Entry) -> int:
    """The one parent of a node."""
    value = entry.value.get("inside")
    if isinstance(value, list):
        raise entry.fault(
            f"it is in {len(value)} places at once; name one room or container under 'inside' (a thing in a container "
            "is in that container's room anyway)"
        )
    return entry.whole("inside")


def check_apartment(apartment: Apartment, source: str, places: Mapping[int, str]) -> None:
    """Raise BadInput if the parts of an apartment do not fit together; `places` says where a node is in its file."""

    def fault(number: int, what: str) -> BadInput:
        return BadInput(f"{places.get(number, f'{source}, {apartment.nodes[number].label}')}: {what}")

    nodes = apartment.nodes
    rooms = [node.id for node in nodes.values() if node.is_room]
    if not rooms:
        raise BadInput(f"{source}: it has no rooms; list at least one under 'rooms'")
    check_extent(apartment, source)
    for number, parent in apartment.inside.items():
        if parent not in nodes:
            raise fault(number, f"it is inside {parent}, which does not exist; name a room or container of this file")
        if nodes[parent].grabbable and "CONTAINERS" not in nodes[parent].properties:
            raise fault(number, f"it is inside {nodes[parent].label}, which holds nothing; use 'on' or a container")
    for number, surface in apartment.on.items():
        if surface not in nodes or nodes[surface].is_room:
            raise fault(number, f"it is on {surface}, which is no surface of this file; name a piece of furniture")
        if not nodes[apartment.inside[number]].is_room:
            raise fault(
                number,
                f"it is in two places, inside {nodes[apartment.inside[number]].label} and on {nodes[surface].label}; "
                "what lies on something has its room under 'inside'",
            )
    for relation, parents in (("inside", apartment.inside), ("on", apartment.on)):
        for number in parents:
            _check_chain(number, relation, parents, nodes, fault)
    for number, surface in apartment.on.items():
        if apartment.room_of(number) != apartment.room_of(surface) and not nodes[number].is_door:
            there = nodes[apartment.room_of(surface)].label
            raise fault(
                number,
                f"it is in two places, in {nodes[apartment.room_of(number)].label} and on {nodes[surface].label} in "
                f"{there}; name the same room",
            )
    for number in apartment.open:
        if not nodes[number].openable:
            raise fault(number, "it is open but cannot be opened; leave 'open' out or add the property CAN_OPEN")
    for number, node in nodes.items():
        home = apartment.room_of(number)
        if not node.is_room and not node.is_door and _outside(node, nodes[home]) > _OUT:
            raise fault(
                number, f"its middle is {_outside(node, nodes[home]):.2f} m outside its room {nodes[home].label}; move "
                "it or name another room"
            )  # fmt: skip
    _check_doors(apartment, rooms, fault)


def _check_chain(number: int, relation: str, parents: Mapping[int, int], nodes: Mapping[int, Node], fault: Any) -> None:
    """Refuse things that are in or on each other in a circle."""
    chain = [number]
    while chain[-1] in parents:
        chain.append(parents[chain[-1]])
        if chain[-1] in chain[:-1]:
            circle = f" {relation} ".join(nodes[one].label for one in chain[chain.index(chain[-1]) :])
            raise fault(number, f"it is in a circle: {circle}; name a real place for one of them")


def _outside(node: Node, room: Node) -> float:
    """How far the middle of a node is outside the room's rectangle, metres."""
    return max(abs(node.center[axis] - room.center[axis]) - room.size[axis] / 2 for axis in (0, 2))


def _check_doors(apartment: Apartment, rooms: list[int], fault: Any) -> None:
    """Every door joins two rooms that it touches; every room can be reached."""
    nodes = apartment.nodes
    joined: dict[int, set[int]] = {room: set() for room in rooms}
    for door, pair in apartment.between.items():
        for room in pair:
            if room not in joined:
                raise fault(door, f"it leads to {room}, which is no room of this file; name two rooms in 'between'")
            near = all(
                abs(nodes[door].center[axis] - nodes[room].center[axis])
                <= (nodes[door].size[axis] + nodes[room].size[axis]) / 2 + _TOUCH
                for axis in (0, 2)
            )
            if not near:
                raise fault(door, f"it does not touch {nodes[room].label}; move it into the wall between its two rooms")
        if pair[0] == pair[1]:
            raise fault(door, f"it leads from {nodes[pair[0]].label} to itself; name two rooms in 'between'")
        joined[pair[0]].add(pair[1])
        joined[pair[1]].add(pair[0])
    if len(rooms) == 1:
        return
    for room in rooms:
        if not joined[room]:
            raise fault(room, "this room has no door; add one under 'doors' with this room in 'between'")
    reached, pending = {rooms[0]}, [rooms[0]]
    while pending:
        for room in joined[pending.pop()] - reached:
            reached.add(room)
            pending.append(room)
    for room in rooms:
        if room not in reached:
            raise fault(room, f"no way of doors leads here from {nodes[rooms[0]].label}; add a door")
