"""Greedy: the nearest useful thing, no thought of what the partner is about to do, never a word (ours).

A lower reference point beside MHP and CoELA. It remembers like CoELA (`Guide.recall`) and acts by the same skills: it
puts what it holds when both hands are full or nothing more is needed or known; else it takes the nearest needed thing
that it knows, else opens the nearest unchecked container, else enters the nearest unexplored room. Where nothing is
left to look at, somebody has moved something: it goes round the rooms again, those first that it has not seen longest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from heapq import heappop, heappush
from math import dist

from talkoot.events import Acted, Finished, Planned, Record
from talkoot.skills import Done, Failed, Known
from talkoot.types import Action, Json, Observation, SkillCall
from talkoot.world import Guide
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.reach import Spot, footprint, gap
from talkoot.worlds.household.skills import HANDS, fitting
from talkoot.worlds.household.view import HomeView


class Greedy:
    """Keeps a plan until it is done or fails, or a needed thing comes to be known; satisfies `talkoot.agent.Agent`."""

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat. Nothing is left to chance."""
        self._guide, self._record = guide, record
        self._view: HomeView | None = None
        self._call: SkillCall | None = None
        self._begun = 0
        self._visited: dict[int, int] = {}

    async def act(self, observation: Observation) -> Action:
        """The next primitive of the nearest useful thing."""
        assert self._guide.recall is not None, "greedy plays the household only"
        view = self._view = self._guide.recall(self._view, observation)
        observation = replace(observation, view=view)
        self._visited[view.me.room] = observation.t
        if self._call and self._call.name in ("goexplore", "gocheck") and _wanted_things(view):
            self._end(observation.t, Failed("a needed thing is known now"))
        tried: set[str] = set()
        move = self._next(observation)
        while not isinstance(move, Action):
            if self._call:
                self._end(observation.t, move)
            self._call = next((call for call in self._wishes(view) if str(call) not in tried), None)
            if self._call is None:
                move = self._guide.safe
                break
            tried.add(str(self._call))
            self._begun = 0
            self._record(Planned(observation.t, observation.seat, str(self._call)))
            move = self._next(observation)
        self._begun += 1
        self._record(Acted(observation.t, observation.seat, str(move), str(self._call or "")))
        return move

    def _next(self, observation: Observation) -> Action | Done | Failed:
        skill = self._guide.skill(self._call.name) if self._call else None
        if skill is None or self._call is None:
            return Failed("no plan yet")
        return skill.next(Known(observation, self._begun), self._call.arguments)

    def _end(self, t: int, move: Done | Failed) -> None:
        reason = move.reason if isinstance(move, Failed) else ""
        self._record(Finished(t, self._guide.seat, str(self._call), isinstance(move, Done), reason))
        self._call = None

    def _wishes(self, view: HomeView) -> list[SkillCall]:
        """What it wants to do, best first; not all of it is possible."""
        put = [SkillCall("goput", (view.nodes[target].key if target in view.nodes else str(target),))
               for target in view.targets if fitting(view, target)]  # fmt: skip
        things = [] if len(view.me.holding) >= HANDS else _wanted_things(view)
        shelves = [node for room in view.rooms for node in view.unchecked(room)]
        rooms = [room for number, room in view.rooms.items() if number not in view.explored]
        again = sorted(view.rooms.values(), key=lambda room: self._visited.get(room.id, -1))
        return [
            *(SkillCall("gograb", (node.key,)) for node in nearest_first(view, things)),
            *put,
            *(SkillCall("gocheck", (node.key,)) for node in nearest_first(view, shelves)),
            *(SkillCall("goexplore", (node.key,)) for node in nearest_first(view, rooms)),
            *(SkillCall("goexplore", (room.key,)) for room in again if room.id != view.me.room),
        ]

    def save(self) -> Json:
        """What it knows and what it is about to do."""
        view, call = self._view, self._call
        return [
            view.save() if view else None,
            [call.name, list(call.arguments)] if call else None,
            self._begun,
            [list(pair) for pair in self._visited.items()],
        ]

    def load(self, state: Json) -> None:
        """Go on from there."""
        view, call, self._begun, visited = state
        self._view = self._guide.restore(view) if view else None
        self._call = SkillCall(call[0], tuple(call[1])) if call else None
        self._visited = dict(visited)


def _wanted_things(view: HomeView) -> list[Node]:
    """The known things that are still needed beyond those in the own hands."""
    lacks: dict[str, int] = {}
    for goal, count in view.missing.items():
        lacks[goal.name] = lacks.get(goal.name, 0) + count
    for thing in view.me.holding:
        if thing in view.nodes:
            lacks[view.nodes[thing].name] = lacks.get(view.nodes[thing].name, 0) - 1
    return [node for room in view.rooms for node in view.things(room) if lacks.get(node.name, 0) > 0]


def nearest_first(view: HomeView, nodes: Iterable[Node]) -> list[Node]:
    """The nodes by the metres that one walks to them, as far as the known doors tell; then by id."""
    far = _doors(view)
    return sorted(nodes, key=lambda node: (round(_walk(view, node, far), 3), node.id))


def _walk(view: HomeView, node: Node, far: dict[int, tuple[float, Spot]]) -> float:
    """Metres to a node: straight in the own room, else through doors; straight where no door is known to lead there."""
    room = node.id if node.is_room else view.room_of(node.id)
    box = footprint(node)
    if room in far and room != view.me.room:
        metres, door = far[room]
        return metres + (0.0 if node.is_room else gap(door, box))
    return gap(view.me.position, box)


def _doors(view: HomeView) -> dict[int, tuple[float, Spot]]:
    """For each room that known doors lead to: the metres to the last door on the way, and where that is."""
    doors = [
        ((node.center[0], node.center[2]), [room.id for room in view.rooms.values() if _touch(node, room)])
        for _, node in sorted(view.nodes.items())
        if node.is_door
    ]
    best: dict[int, tuple[float, Spot]] = {}
    queue: list[tuple[float, int, Spot]] = [(0.0, view.me.room, view.me.position)]
    while queue:
        metres, room, spot = heappop(queue)
        if room in best:
            continue
        best[room] = metres, spot
        for at, rooms in doors:
            if room in rooms:
                for other in rooms:
                    heappush(queue, (metres + dist(spot, at), other, at))
    return best


def _touch(one: Node, other: Node) -> bool:
    (x0, z0, x1, z1), (a0, b0, a1, b1) = footprint(one), footprint(other)
    return x0 <= a1 and a0 <= x1 and z0 <= b1 and b0 <= z1
