"""Sets of episodes as JSON files: each one says how it differs from an apartment, what is asked for, who starts where.

The format is ours, described in docs/household_files.md.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import Apartment
from talkoot.worlds.household.apartment_file import (
    FORMAT as APARTMENT_FORMAT,
)
from talkoot.worlds.household.apartment_file import (
    check_apartment,
    check_head,
    entry_of,
    format_thing,
    parse_apartment,
    read_node,
    read_parent,
    save,
)
from talkoot.worlds.household.entries import Entry, load
from talkoot.worlds.household.making.classes import KINDS
from talkoot.worlds.household.sample import without
from talkoot.worlds.household.task import LIMIT, Goal, Start, Task

FORMAT = "talkoot household tasks"
VERSION = 1

_dumps = partial(json.dumps, ensure_ascii=False)

_TASK = ("name", "activity", "apartment", "limit", "without", "things", "goals", "starts")
_THING = ("id", "class", "inside", "on", "center", "size", "open", "category", "properties")


def read_tasks(path: Path | str, find: Callable[[str], Apartment] | None = None) -> tuple[Task, ...]:
    """Read a file of episodes.

    `find` gives the apartment of a name; by default names are those of the shipped apartments, or paths seen from the
    folder of the file. Raises BadInput with the file, the entry and the remedy for anything that is wrong.
    """
    return parse_tasks(load(path), str(path), find or _beside(Path(path).parent))


def read_task(path: Path | str, find: Callable[[str], Apartment] | None = None) -> Task:
    """Read a file with exactly one episode."""
    tasks = read_tasks(path, find)
    if len(tasks) != 1:
        raise BadInput(f"{path}: it holds {len(tasks)} tasks where one is wanted; use read_tasks or split the file")
    return tasks[0]


def read_home(path: Path | str) -> Apartment | tuple[Task, ...]:
    """What a file holds: an apartment, or episodes."""
    content = load(path)
    if isinstance(content, dict) and content.get("format") == APARTMENT_FORMAT:
        return parse_apartment(content, str(path))
    if isinstance(content, dict) and content.get("format") == FORMAT:
        return parse_tasks(content, str(path), _beside(Path(path).parent))
    raise BadInput(
        f'{path}: this is no household file; its first entry must be "format": "{APARTMENT_FORMAT}" or "{FORMAT}"'
    )


def parse_tasks(content: Any, source: str, find: Callable[[str], Apartment]) -> tuple[Task, ...]:
    """The episodes that a JSON value describes; `source` is what faults call it."""
    head = check_head(content, source, FORMAT, VERSION, ("format", "version", "tasks"))
    tasks: dict[str, Task] = {}
    for number, value in enumerate(head.items("tasks")):
        place = f"{source}, tasks[{number}]"
        if isinstance(value, dict) and isinstance(value.get("name"), str):
            place += f" ({value['name']})"
        task = _task(Entry(value, place, _TASK), find)
        if task.name in tasks:
            raise BadInput(f"{place}: another task of this file has the same name; rename one")
        tasks[task.name] = task
    if not tasks:
        raise BadInput(f"{source}: it holds no tasks; list at least one under 'tasks'")
    return tuple(tasks.values())


def write_tasks(tasks: Iterable[Task], path: Path | str, homes: Mapping[str, Apartment]) -> None:
    """Write a file of episodes, each as its difference to one of `homes`: what the file calls an apartment -> it.

    A task belongs to the one whose `name` is that of its own apartment. Raises BadInput if there is none, or if rooms,
    doors or what stands open differ.
    """
    save(path, format_tasks(tasks, homes))


def write_task(task: Task, path: Path | str, homes: Mapping[str, Apartment]) -> None:
    """Write a file with one episode; see `write_tasks`."""
    write_tasks([task], path, homes)


def format_tasks(tasks: Iterable[Task], homes: Mapping[str, Apartment]) -> str:
    """The text of a file of episodes."""
    entries = ",\n".join(_lines(_entry(task, homes)) for task in tasks)
    return f'{{\n  "format": "{FORMAT}",\n  "version": {VERSION},\n  "tasks": [\n{entries}\n  ]\n}}\n'


def _beside(folder: Path) -> Callable[[str], Apartment]:
    """The apartments that a file in this folder may name."""

    def find(name: str) -> Apartment:
        from talkoot.worlds.household.sets import apartment_names, load_apartment

        return load_apartment(name if name in apartment_names() else folder / name)

    return find


def _task(entry: Entry, find: Callable[[str], Apartment]) -> Task:
    try:
        home = find(entry.text("apartment"))
    except BadInput as error:
        raise entry.fault(f"its apartment cannot be read: {error}") from error
    apartment = _furnished(entry, home)
    goals = tuple(
        _goal(Entry(value, f"{entry.place}, goals[{number}]", ("relation", "class", "target", "count")), apartment)
        for number, value in enumerate(entry.items("goals"))
    )
    _check_goals(entry, goals, apartment)
    starts = entry.items("starts")
    if len(starts) != 2:
        raise entry.fault(f"'starts' has {len(starts)} entries; give one for each of the two people")
    first, second = (
        _start(Entry(value, f"{entry.place}, starts[{number}]", ("room", "position", "yaw")), apartment)
        for number, value in enumerate(starts)
    )
    limit = entry.whole("limit") if entry.has("limit") else LIMIT
    return Task(entry.text("name"), entry.text("activity"), apartment, goals, (first, second), limit)


def _furnished(entry: Entry, home: Apartment) -> Apartment:
    """The apartment with the things of this episode."""
    gone = entry.wholes("without")
    for number in gone:
        if number not in home.nodes or home.nodes[number].is_room or number in home.between:
            raise entry.fault(f"'without' names {number}, which is no thing of apartment {home.name}; leave it out")
    base = without(home, gone)
    nodes, inside, on, opened = dict(base.nodes), dict(base.inside), dict(base.on), set(base.open)
    places = dict.fromkeys(nodes, f"apartment {home.name}")
    for number, value in enumerate(entry.items("things")):
        thing = entry_of(value, f"{entry.place}, things[{number}]", _THING)
        node = read_node(thing, places, None)
        nodes[node.id], places[node.id] = node, thing.place
        inside[node.id] = read_parent(thing)
        if thing.has("on"):
            on[node.id] = thing.whole("on")
        if thing.flag("open"):
            opened.add(node.id)
    apartment = replace(base, nodes=nodes, inside=inside, on=on, open=frozenset(opened))
    check_apartment(apartment, entry.place, {number: places[number] for number in nodes.keys() - base.nodes.keys()})
    return apartment


def _goal(entry: Entry, apartment: Apartment) -> Goal:
    relation, name, target = entry.text("relation"), entry.text("class"), entry.whole("target")
    place = apartment.nodes.get(target)
    if place is None or place.is_room:
        raise entry.fault(f"its target {target} is no furniture of apartment {apartment.name}; name one of its ids")
    if relation == "inside":
        if not place.properties & {"CONTAINERS", "CAN_OPEN"}:
            raise entry.fault(f'nothing goes inside {place.label}; name a container or ask for "on"')
        return Goal("inside", name, target, entry.whole("count"))
    if relation == "on":
        return Goal("on", name, target, entry.whole("count"))
    raise entry.fault(f'its relation is {relation!r}; give "on" or "inside"')


def _check_goals(entry: Entry, goals: Sequence[Goal], apartment: Apartment) -> None:
    """The apartment has what the goals ask for, each thing once."""
    if not goals:
        raise entry.fault("it has no goals; list at least one under 'goals'")
    if len({goal.key for goal in goals}) < len(goals):
        raise entry.fault("two goals name the same class and place; join them into one with the sum of their counts")
    wanted: Counter[str] = Counter()
    for goal in goals:
        wanted[goal.name] += goal.count
    for name, count in wanted.items():
        ids = [number for number, node in apartment.nodes.items() if node.name == name]
        if not ids:
            known = "" if name in KINDS else " (and no class that talkoot knows; check the spelling)"
            raise entry.fault(f"its goals ask for {name}, but apartment {apartment.name} has none{known}; add things")
        if not all(apartment.nodes[number].grabbable for number in ids):
            raise entry.fault(f"its goals ask for {name}, which nobody can grab; name a class of grabbable things")
        if count > len(ids):
            raise entry.fault(
                f"its goals ask for {count} {name}, but apartment {apartment.name} has {len(ids)}; add things or lower "
                "the count"
            )


def _start(entry: Entry, apartment: Apartment) -> Start:
    room = entry.whole("room")
    if room not in apartment.rooms:
        known = ", ".join(f"{number} ({node.name})" for number, node in apartment.rooms.items())
        raise entry.fault(f"{room} is no room of apartment {apartment.name}; choose one of {known}")
    yaw = entry.number("yaw") if entry.has("yaw") else 0.0
    if not entry.has("position"):
        return Start(room, yaw=yaw)
    x, z = entry.numbers("position", 2)
    node = apartment.nodes[room]
    if abs(x - node.center[0]) > node.size[0] / 2 or abs(z - node.center[2]) > node.size[2] / 2:
        raise entry.fault(f"position ({x:g}, {z:g}) is outside {node.label}; give a point in it, or none")
    return Start(room, (x, z), yaw)


def _entry(task: Task, homes: Mapping[str, Apartment]) -> dict[str, Any]:
    called = next((called for called, home in homes.items() if home.name == task.apartment.name), None)
    if called is None:
        raise BadInput(f"task {task.name}: no apartment {task.apartment.name} was given to write it against; add it")
    home, own = homes[called], task.apartment
    same = {
        number
        for number, node in home.nodes.items()
        if own.nodes.get(number) == node
        and own.inside.get(number) == home.inside.get(number)
        and own.on.get(number) == home.on.get(number)
        and (number in own.open) == (number in home.open)
    }
    kept = without(home, home.nodes.keys() - same).nodes.keys()
    fixed = {number for number, node in home.nodes.items() if node.is_room or number in home.between}
    if own.between != home.between or not fixed <= kept:
        raise BadInput(f"task {task.name}: rooms or doors differ from those of apartment {home.name}; write a new one")
    entry: dict[str, Any] = {"name": task.name, "activity": task.activity, "apartment": called}
    if task.limit != LIMIT:
        entry["limit"] = task.limit
    entry["without"] = sorted(home.nodes.keys() - kept)
    entry["things"] = [format_thing(own, own.nodes[number]) for number in sorted(own.nodes.keys() - kept)]
    entry["goals"] = [
        {"relation": goal.relation, "class": goal.name, "target": goal.target, "count": goal.count}
        for goal in task.goals
    ]
    entry["starts"] = [_start_entry(start) for start in task.starts]
    return entry


def _lines(entry: Mapping[str, Any]) -> str:
    """An episode: what names it on one line, each list on one more, things one a line."""
    first = ", ".join(
        f'"{key}": {_dumps(entry[key])}' for key in ("name", "activity", "apartment", "limit") if key in entry
    )
    things = ",\n".join(f"        {_dumps(thing)}" for thing in entry["things"])
    lists = [f'     "{key}": {_dumps(entry[key])}' for key in ("without", "goals", "starts")]
    lists.insert(1, f'     "things": [\n{things}]' if things else '     "things": []')
    return "    {" + ",\n".join([first, *lists]) + "}"


def _start_entry(start: Start) -> dict[str, Any]:
    entry: dict[str, Any] = {"room": start.room}
    if start.position is not None:
        entry["position"] = list(start.position)
    return entry | ({"yaw": start.yaw} if start.yaw else {})
