"""The home in words: goal and progress in the order of CoELA's prompts (reference, 1.3), in sentences of our own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from talkoot.types import Action, Style
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.task import Goal
from talkoot.worlds.household.view import NAMES, HomeView

_PLURALS = {"dish": "dishes", "cutleryknife": "cutleryknives"}


def plural(name: str, count: int) -> str:
    """`1 apple`, `2 apples`."""
    return f"{count} {name if count == 1 else _PLURALS.get(name, name + 's')}"


def singular(name: str, count: int) -> str:
    """The class that `plural` wrote as `name`."""
    if count == 1:
        return name
    return next((one for one, many in _PLURALS.items() if many == name), name.removesuffix("s"))


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def goal_words(goals: Sequence[Goal]) -> str:
    """One sentence: what is to be found and where it is to be put."""
    clauses = []
    for target in dict.fromkeys(goal.target for goal in goals):
        mine = [goal for goal in goals if goal.target == target]
        where = "onto" if mine[0].relation == "on" else "into"
        things = listed([plural(goal.name, goal.count) for goal in mine])
        clauses.append(f"{things} {where} the {mine[0].label}")
    return f"Find and put {'; '.join(clauses)}."


def action_words(view: HomeView, action: Action) -> str:
    """An action with the names of what it is about: `[open] <fridge> (12)`."""
    numbers = [int(argument) for argument in action.arguments if argument.isdecimal()]
    known = [view.node(number) for number in numbers]
    named = [str(number) if node is None else node.label for number, node in zip(numbers, known, strict=True)]
    return " ".join((f"[{action.name}]", *named))


def tell(view: HomeView, style: Style) -> str:
    """What is known, as a paragraph, a character plan, or both."""
    if style.form == "grid":
        return _plan(view)
    text = _progress(view, style.coordinates)
    return text if style.form == "words" else f"{text}\n\n{_plan(view)}"


def _progress(view: HomeView, coordinates: bool) -> str:
    sentences = [*_delivered(view), f"I hold {_held(view, view.me.holding)}."]
    if coordinates:
        x, z = view.me.position
        sentences.append(f"I stand at ({x:.1f}, {z:.1f}) and look towards {view.me.yaw:.0f} degrees (0 is +z, 90 +x).")
    sentences += [_own_room(view, coordinates), *_mate(view), *_other_rooms(view, coordinates)]
    return " ".join(sentences)


def _delivered(view: HomeView) -> list[str]:
    told = []
    for target in view.targets:
        things = [f"<{goal.name}> ({thing})" for thing, goal in sorted(view.satisfied.items()) if goal.target == target]
        if things:
            goal = next(goal for goal in view.goals if goal.target == target)
            where = "onto" if goal.relation == "on" else "into"
            told.append(f"{'I' if view.alone else 'We'} have already put {listed(things)} {where} the {goal.label}.")
    return told


def _held(view: HomeView, holding: Iterable[int]) -> str:
    labels = [view.nodes[thing].label if thing in view.nodes else f"something ({thing})" for thing in holding]
    return listed(labels) if labels else "nothing"


def _found(view: HomeView, room: int, coordinates: bool) -> str:
    """Goal place, things and unchecked containers of a room; "" if there are none."""

    def label(node: Node) -> str:
        x, _, z = node.center
        return f"{node.label} at ({x:.1f}, {z:.1f})" if coordinates else node.label

    here = [place for target in view.targets if view.inside.get(target) == room and (place := view.node(target))]
    parts = [
        label(node) + (" (told by the other)" if node.id in view.told else "") for node in (*here, *view.things(room))
    ]
    shut = view.unchecked(room)
    if shut:
        word = "the unchecked container" if len(shut) == 1 else "the unchecked containers"
        parts.append(f"{word} {', '.join(label(node) for node in shut)}")
    return listed(parts) if parts else ""


def _own_room(view: HomeView, coordinates: bool) -> str:
    room = view.me.room
    found = _found(view, room, coordinates)
    label = view.rooms[room].label
    if room not in view.explored:
        return f"I am in the {label}, where I found {found or 'nothing'} so far."
    return f"I am in the {label}, where I found {found or 'nothing'}."


def _mate(view: HomeView) -> list[str]:
    if view.alone:
        return []
    name = NAMES[1 - view.seat]
    mate = view.mate
    if mate is None:
        return [f"I do not know where {name} is."]
    if view.mate_here:
        return [f"{name} is here too and holds {_held(view, mate.holding)}."]
    return [f"I last knew {name} in the {view.rooms[mate.room].label}, holding {_held(view, mate.holding)}."]


def _other_rooms(view: HomeView, coordinates: bool) -> list[str]:
    told = []
    for number, room in view.rooms.items():
        if number == view.me.room:
            continue
        found = _found(view, number, coordinates)
        where = ""
        if coordinates:
            where = f", its middle at ({room.center[0]:.1f}, {room.center[2]:.1f}),"
        if number in view.explored:
            told.append(f"In the {room.label}{where} I found {found or 'nothing'}.")
            continue
        rest = f", but I know of {found}" if found else ""
        said = f", where {NAMES[1 - view.seat]} says nothing is left" if number in view.told_rooms else ""
        told.append(f"The {room.label}{where} is unexplored by me{said}{rest}.")
    return told


def _plan(view: HomeView) -> str:
    """The rooms as boxes of characters, one a metre: `#` walls, `A` and `B` the people, `C` containers, `o` things."""
    rooms = [(room, room.center, room.size) for room in view.rooms.values()]
    left = min(center[0] - size[0] / 2 for _, center, size in rooms)
    top = max(center[2] + size[2] / 2 for _, center, size in rooms)
    width = int(max(center[0] + size[0] / 2 for _, center, size in rooms) - left) + 2
    height = int(top - min(center[2] - size[2] / 2 for _, center, size in rooms)) + 2
    rows = [[" "] * width for _ in range(height)]

    def put(x: float, z: float, sign: str) -> None:
        row, column = int(top - z), int(x - left)
        if 0 <= row < height and 0 <= column < width:
            rows[row][column] = sign

    for room, (x, _, z), (wide, _, deep) in rooms:
        for row in range(int(deep) + 1):
            for column in range(int(wide) + 1):
                edge = row in (0, int(deep)) or column in (0, int(wide))
                inner = "." if room.id in view.explored or room.id == view.me.room else "?"
                put(x - wide / 2 + column, z + deep / 2 - row, "#" if edge else inner)
    for node in view.nodes.values():
        if node.searchable or node.id in view.targets:
            put(node.center[0], node.center[2], "G" if node.id in view.targets else "C")
    for number in view.rooms:
        for thing in view.things(number):
            put(thing.center[0], thing.center[2], "o")
    for seat, person in view.people.items():
        put(*person.position, NAMES[seat][0])
    return "\n".join("".join(row).rstrip() for row in rows)
