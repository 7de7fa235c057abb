"""Recorded household episodes made by hand: a script played by our own rules, in the format of the recorded data."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from talkoot.types import Action
from talkoot.worlds.household.apartment import Apartment
from talkoot.worlds.household.mechanics import advance, observe, start
from talkoot.worlds.household.reach import within_reach
from talkoot.worlds.household.task import Task
from talkoot.worlds.household.verify import visible

ALICE = ("[walktowards] <cabinet> (32)", "[open] <cabinet> (32)", "[grab] <cupcake> (52)",
         "[send_message] <The cupcake was in the cabinet.>", *("[walktowards] <livingroom> (12)",) * 5,
         *("[walktowards] <coffeetable> (33)",) * 2, "[putback] <cupcake> (52) <coffeetable> (33)")  # fmt: skip
"""What Alice does in `two_rooms_task`, so that it ends in success; Bob waits, walks twice, turns."""
BOB = (None, "[walktowards] <coffeetable> (33)", "[turnleft]", None, "[walktowards] <kitchen> (11)", None, None, None,
       None, None, None, None)  # fmt: skip


def graph_of(apartment: Apartment) -> dict[str, Any]:
    """The start graph in the format of the data: containers' content INSIDE its room too."""
    inside = []
    for child, parent in apartment.inside.items():
        inside.append([child, parent])
        if parent not in apartment.rooms:
            inside.append([child, apartment.room_of(parent)])
    nodes = [
        {
            "id": node.id, "class_name": node.name, "category": node.category, "properties": sorted(node.properties),
            "states": ["OPEN" if node.id in apartment.open or node.is_door else "CLOSED"]
            if "CAN_OPEN" in node.properties else [],
            "center": list(node.center), "size": list(node.size),
        }
        for node in apartment.nodes.values()
    ]  # fmt: skip
    between = [[door, room] for door, rooms in apartment.between.items() for room in rooms]
    on = [[thing, surface] for thing, surface in apartment.on.items()]
    return {"nodes": nodes, "edges": {"INSIDE": inside, "ON": on, "BETWEEN": between, "FACING": []}}


def episode_of(task: Task, *scripts: Sequence[str | None]) -> dict[str, Any]:
    """An episode; with two scripts of recorded actions also its run, as our rules play it."""
    nodes = task.apartment.nodes
    data: dict[str, Any] = {
        "format": "household-episode-1", "task_id": 7, "env_id": 3, "task_name": task.activity, "title": "made up",
        "goal": {goal.key: goal.count for goal in task.goals}, "max_steps": task.limit,
        "graph": graph_of(task.apartment),
        "starts": [
            {"room": nodes[one.room].name, "yaw": one.yaw,
             **({"position": [one.position[0], 0.0, one.position[1]]} if one.position else {})}
            for one in task.starts
        ],
    }  # fmt: skip
    if scripts:
        data["run"] = _run(task, scripts)
    return data


def _run(task: Task, scripts: Sequence[Sequence[str | None]]) -> dict[str, Any]:
    from talkoot.worlds.household.records import action_of

    keys = ("actions", "rooms", "positions", "yaw", "holding", "visible", "states", "edges", "decisions")
    run: dict[str, Any] = {key: [[], []] for key in keys}
    state, nodes = start(task, 0), task.apartment.nodes
    satisfied = []
    for lines in zip(*scripts, strict=True):
        for seat, line in enumerate(lines):
            view = observe(state, seat)
            near = [one for one in view.nodes if within_reach(state.position[seat], state.node(one))]
            shown = visible(view)
            x, z = state.position[seat]
            run["actions"][seat].append(line)
            run["rooms"][seat].append(nodes[state.room[seat]].name)
            run["positions"][seat].append([x, 0.0, z])
            run["yaw"][seat].append(state.yaw[seat])
            run["holding"][seat].append(list(state.hands[seat]))
            run["visible"][seat].append(sorted(shown))
            opens = [one for one in shown if one > 2 and nodes[one].openable]
            run["states"][seat].append({str(one): "OPEN" if one in state.open else "CLOSED" for one in opens})
            run["edges"][seat].append({"CLOSE": [[seat + 1, one] for one in near if one in shown]})
        actions = {seat: action_of(line) or Action("wait") for seat, line in enumerate(lines)}
        failed = advance(state, actions)
        assert not any(failed.values()), failed
        satisfied.append({goal.key: _there(state, goal) for goal in task.goals})
    return {**run, "n_steps": len(satisfied), "success": True, "character_ids": [1, 2], "satisfied_after": satisfied}


def _there(state: Any, goal: Any) -> list[int]:
    places = state.on if goal.relation == "on" else state.inside
    return [one for one, at in places.items() if at == goal.target and state.apartment.nodes[one].name == goal.name]


def write_episode(path: Path, data: dict[str, Any]) -> Path:
    """Write an episode as the data have it."""
    path.write_bytes(gzip.compress(json.dumps(data).encode()))
    return path
