"""Recorded episodes of C-WAH and the apartments of VirtualHome, for checking our world against. They are never shipped.

Reads the files described in the data's own README: `household-episode-1` (a start graph, the goal, and for the test
episodes one recorded run of two agents) and the scene graphs. Ids, classes and boxes are those of the file. A thing
in a container is INSIDE the container only, and no longer ON anything, as C-WAH's environment has it (reference, 2.1).
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput, CorruptRecord
from talkoot.types import Action, Json
from talkoot.worlds.household.apartment import Apartment, Node
from talkoot.worlds.household.reach import Spot, footprint, gap
from talkoot.worlds.household.task import Goal, Start, Task

_ACTION = re.compile(r"\[(\w+)\]\s*(.*)", re.DOTALL)
_ID = re.compile(r"\((\d+)\)")
_GOAL = re.compile(r"(on|inside)_(.+)_(\d+)")


@dataclass(frozen=True)
class Run:
    """What two recorded agents saw and did. All tuples are [seat][step], before the action of that step.

    `opened` maps what is visible and can be opened to whether it stands open, `close` are the nodes with an edge CLOSE
    to oneself. `satisfied` is [step]: for each goal key the ids in their place after that step's actions. `raw` is
    everything else, as the file has it: plans, decisions, messages, what the agents remembered.
    """

    steps: int
    success: bool
    actions: tuple[tuple[Action, ...], ...]
    rooms: tuple[tuple[int, ...], ...]
    positions: tuple[tuple[Spot, ...], ...]
    yaw: tuple[tuple[float, ...], ...]
    holding: tuple[tuple[frozenset[int], ...], ...]
    visible: tuple[tuple[frozenset[int], ...], ...]
    opened: tuple[tuple[Mapping[int, bool], ...], ...]
    close: tuple[tuple[frozenset[int], ...], ...]
    satisfied: tuple[Mapping[str, frozenset[int]], ...]
    raw: Mapping[str, Json] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Recorded:
    """One recorded episode; training episodes have no run."""

    path: Path
    task: Task
    run: Run | None


def load_recorded(path: Path | str) -> Recorded:
    """Read one episode file. Raises BadInput if there is none, CorruptRecord if it is not what it should be."""
    path = Path(path)
    data = _read(path)
    try:
        if data.get("format") != "household-episode-1":
            raise ValueError(f"its format is {data.get('format')!r}, not 'household-episode-1'")
        apartment = _apartment(f"recorded_{data['env_id']}_{data['task_id']}", data["graph"])
        task = _task(data, apartment)
        run = _run(data["run"], task) if "run" in data else None
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise _corrupt(path, error) from None
    return Recorded(path, task, run)


def recorded_files(folder: Path | str) -> tuple[Path, ...]:
    """The episode files of a folder, or the one file named, in order. Raises BadInput if there are none."""
    folder = Path(folder)
    if folder.is_file():
        return (folder,)
    if not folder.is_dir():
        raise BadInput(f"there is no folder {folder}; give one that holds recorded episodes (episode_*.json.gz)")
    files = sorted([*folder.glob("episode_*.json.gz"), *folder.glob("episode_*.json")])
    if not files:
        raise BadInput(f"no recorded episodes in {folder}; their files are called episode_*.json.gz")
    return tuple(files)


def recorded_tasks(folder: Path | str) -> tuple[Task, ...]:
    """The tasks of all episode files of a folder, in the order of their names. Errors as `load_recorded`."""
    return tuple(load_recorded(path).task for path in recorded_files(folder))


def load_graph(path: Path | str) -> Apartment:
    """Read an apartment of VirtualHome (a scene graph). Errors as `load_recorded`."""
    path = Path(path)
    data = _read(path)
    try:
        return _apartment(path.name.split(".")[0], data["graph"])
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise _corrupt(path, error) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}; give a recorded episode") from None
    try:
        data = json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise _corrupt(path, error) from None
    if not isinstance(data, dict):
        raise _corrupt(path, ValueError("it is not a JSON object"))
    return data


def _corrupt(path: Path, error: Exception) -> CorruptRecord:
    why = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
    why = why if len(why) <= 200 else f"{why[:197]}..."
    return CorruptRecord(f"{path} is not a recorded household episode that can be read: {why}; fetch it again")


# --- the start graph ------------------------------------------------------------------------------------------------


def _apartment(name: str, graph: Mapping[str, Any]) -> Apartment:
    shift = 1000 if any(node["id"] < 3 for node in graph["nodes"]) else 0  # ids 1 and 2 belong to the people
    nodes = {
        node["id"] + shift: Node(
            node["id"] + shift,
            _word(node["class_name"]),
            _word(node["category"]),
            _triple(node["center"]),
            _triple(node["size"]),
            frozenset(node["properties"]),
        )
        for node in graph["nodes"]
    }
    edges = {
        relation: [(start + shift, end + shift) for start, end in graph["edges"].get(relation, ())]
        for relation in ("INSIDE", "ON", "BETWEEN")
    }
    for relation, pairs in edges.items():
        for pair in pairs:
            if not nodes.keys() >= set(pair):
                raise ValueError(f"an edge {relation} names {pair}, which are not both nodes")
    rooms = {node.id for node in nodes.values() if node.is_room}
    if not rooms:
        raise ValueError("its graph has no room")
    inside: dict[int, int] = {}
    parents: dict[int, list[int]] = {}
    mutual = {(end, start) for start, end in edges["INSIDE"]}  # two curtains, each inside the other
    for start, end in edges["INSIDE"]:
        if (start, end) not in mutual:
            parents.setdefault(start, []).append(end)
    for node in nodes.values():
        if not node.is_room:
            if node.id not in parents:
                raise ValueError(f"{node.key} is inside nothing")
            # The innermost parent: a container before the room, a drawer before the closet that holds it.
            inside[node.id] = max(parents[node.id], key=lambda end: (end not in rooms, -_volume(nodes[end])))
    for id in inside:
        chain = [id]
        while chain[-1] in inside:
            chain.append(inside[chain[-1]])
            if chain[-1] in chain[:-1]:
                raise ValueError(f"{nodes[id].key} is inside itself")
    on: dict[int, int] = {}
    for start, end in edges["ON"]:
        if inside.get(start) in rooms and not nodes[end].is_room:
            on[start] = max(on.get(start, end), end, key=lambda one: (-_drop(nodes[start], nodes[one]), -one))
    opened = frozenset(
        node["id"] + shift for node in graph["nodes"] if "OPEN" in node["states"] and nodes[node["id"] + shift].openable
    )
    return Apartment(name, nodes, inside, on, _doorways(nodes, edges["BETWEEN"]), opened)


def _doorways(nodes: Mapping[int, Node], pairs: Sequence[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """The two rooms of every door; where the file does not tell them, those that the door touches."""
    between: dict[int, list[int]] = {}
    for door, room in pairs:
        between.setdefault(door, []).append(room)
    if not pairs:
        rooms = [node for node in nodes.values() if node.is_room]
        doors = [node for node in nodes.values() if node.is_door]
        for node in sorted(doors, key=lambda one: (one.name != "door", one.id)):
            spot = node.center[0], node.center[2]
            near = sorted((gap(spot, footprint(room)), room.id) for room in rooms)
            taken = any(gap(spot, footprint(nodes[other])) == 0 for other in between)  # the jamb of a door found before
            if len(near) > 1 and near[1][0] <= 0.3 and not taken:
                between[node.id] = [near[0][1], near[1][1]]
    return {door: (ends[0], ends[1]) for door, ends in between.items() if len(ends) == 2}


def _word(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"{value!r} stands where a class or category must be")
    return value


def _triple(values: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = values
    return float(x), float(y), float(z)


def _volume(node: Node) -> float:
    return node.size[0] * node.size[1] * node.size[2]


def _drop(thing: Node, surface: Node) -> float:
    """How far the bottom of a thing is from the top of a surface, in metres."""
    return abs(thing.center[1] - thing.size[1] / 2 - surface.center[1] - surface.size[1] / 2)


# --- the task and the run -------------------------------------------------------------------------------------------


def _task(data: Mapping[str, Any], apartment: Apartment) -> Task:
    goals = []
    for key, count in data["goal"].items():
        match = _GOAL.fullmatch(key)
        if match is None:
            continue  # holding and sitting, which C-WAH leaves out (reference, 1.3)
        relation, name, target = match.groups()
        if int(target) not in apartment.nodes:
            raise ValueError(f"its goal {key} names a node that the graph lacks")
        goals.append(Goal("on" if relation == "on" else "inside", name, int(target), int(count)))
    names = {room.name: room.id for room in reversed(apartment.rooms.values())}
    starts = []
    for start in data["starts"]:
        position = start.get("position")
        spot = None if position is None else (float(position[0]), float(position[2]))
        starts.append(Start(names[start["room"]], spot, float(start.get("yaw", 0.0))))
    first, second = starts
    name = f"{apartment.name}_{data['task_name']}"
    return Task(name, data["task_name"], apartment, tuple(goals), (first, second), int(data["max_steps"]))


def action_of(text: str | None) -> Action:
    """The primitive that a recorded line such as `[putin] <plate> (12) <dishwasher> (104)` names; none is to wait."""
    if text is None:
        return Action("wait")
    match = _ACTION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:60]!r} is not a primitive")
    name, rest = match.groups()
    if name == "send_message":
        return Action(name, (), say=rest.removeprefix("<").removesuffix(">"))
    return Action(name, tuple(_ID.findall(rest)))


def _run(run: Mapping[str, Any], task: Task) -> Run:
    names = {room.name: room.id for room in reversed(task.apartment.rooms.values())}
    known = {"actions", "rooms", "positions", "yaw", "holding", "visible", "states", "edges", "satisfied_after"}
    steps, people = int(run["n_steps"]), [int(id) for id in run["character_ids"]]
    if people != [1, 2]:
        raise ValueError(f"the people of its run have the ids {people}, not [1, 2]")
    for key in known:
        lists = [run[key]] if key == "satisfied_after" else run[key]
        if any(len(one) != steps for one in lists):
            raise ValueError(f"its run has {steps} steps, but {key} has {[len(one) for one in lists]}")
        if len(lists) != (1 if key == "satisfied_after" else 2):
            raise ValueError(f"its run tells {key} of {len(lists)} people, not of two")
    return Run(
        steps,
        bool(run["success"]),
        tuple(tuple(action_of(text) for text in seat) for seat in run["actions"]),
        tuple(tuple(names[room] for room in seat) for seat in run["rooms"]),
        tuple(tuple((float(x), float(z)) for x, _, z in seat) for seat in run["positions"]),
        tuple(tuple(float(yaw) for yaw in seat) for seat in run["yaw"]),
        tuple(tuple(frozenset(ids) for ids in seat) for seat in run["holding"]),
        tuple(tuple(frozenset(ids) for ids in seat) for seat in run["visible"]),
        tuple(tuple({int(id): state == "OPEN" for id, state in one.items()} for one in seat) for seat in run["states"]),
        tuple(
            tuple(frozenset(sum(pair) - me for pair in one.get("CLOSE", ()) if me in pair) for one in seat)
            for me, seat in zip(people, run["edges"], strict=True)
        ),
        tuple({key: frozenset(ids) for key, ids in one.items()} for one in run["satisfied_after"]),
        {key: value for key, value in run.items() if key not in known},
    )
