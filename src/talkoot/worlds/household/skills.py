"""CoELA's plans as skills: explore a room, check a container, grab a thing, put what one holds, send a message.

Each is defined once: the test whether it can be used, and the routine that turns it into primitives (reference, 1.6).
All is judged on what the agent knows: a thing is walked to where memory has it, and if it is gone the skill fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from math import atan2, ceil, degrees, dist, inf

from talkoot.skills import Condition, Done, Failed, Known, Option
from talkoot.types import Action, Observation, SkillCall
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.view import NAMES, HomeView

_NUMBER = re.compile(r"(\d{1,7})\D*$")
HANDS = 2


def number_in(text: str) -> int | None:
    """The id in an argument: `fridge_103`, `<fridge> (103)`, `103`; None without one."""
    match = _NUMBER.search(text)
    return int(match[1]) if match else None


def _argument(arguments: tuple[str, ...]) -> int | None:
    return number_in(" ".join(arguments)) if arguments else None


@dataclass(frozen=True)
class HomeSkill:
    """A skill of the household: name, parameters, words, the test of its conditions, and its routine."""

    name: str
    parameters: tuple[str, ...]
    description: str
    needs: tuple[str, ...]
    judge: Callable[[HomeView, int | None], tuple[Condition, ...]]
    go: Callable[[Known, HomeView, int, tuple[str, ...]], Action | Done | Failed]
    named: bool = True
    """Whether its argument names a node."""

    def preconditions(self) -> tuple[str, ...]:
        """The conditions in words."""
        return self.needs

    def conditions(self, observation: Observation, arguments: tuple[str, ...]) -> tuple[Condition, ...]:
        """Judge every condition on what is known."""
        return self.judge(observation.view, _argument(arguments))

    def next(self, known: Known, arguments: tuple[str, ...]) -> Action | Done | Failed:
        """The next primitive, or the end."""
        number = _argument(arguments)
        if self.named and number is None:
            return Failed(f"{self.name} needs the id of a {self.parameters[0]}, such as {self.name}(fridge_103)")
        return self.go(known, known.observation.view, number or 0, arguments)


def _condition(text: str, holds: bool, reason: str, hard: bool = True) -> Condition:
    return Condition(text, holds, "" if holds else reason, hard)


def _label(view: HomeView, number: int | None) -> str:
    node = view.node(number) if number is not None else None
    return node.label if node else f"({number})"


def _walk_to(known: Known, view: HomeView, node: int) -> Action | None:
    """One step towards the room of a node, then towards the node; None when it is within reach."""
    room = view.room_of(node)
    if room is not None and room != view.me.room:
        return Action("walktowards", (str(room),))
    step = face(view, node, known.begun > 0)
    return step or (None if view.reaches(node) else Action("walktowards", (str(node),)))


def face(view: HomeView, node: int, tried: bool) -> Action | None:
    """By eye: what brings a thing that is only remembered into the picture before hands act on it; None when done.

    A walk ends with a look at its end. Where it does not (`tried`, and one stands still), the thing is gone, which a
    look at the place shows: one turns there. Who sees the whole room need not look.
    """
    shown = getattr(view, "shown", None)
    if shown is None or node in shown or node not in view.nodes:
        return None
    if not (tried and getattr(view, "still", True)):
        return Action("walktowards", (str(node),))
    (x, _, z), (here_x, here_z) = view.nodes[node].center, view.me.position
    off = (degrees(atan2(x - here_x, z - here_z)) - view.me.yaw + 180.0) % 360.0 - 180.0
    return None if abs(off) <= 30.0 else Action("turnright" if off > 0 else "turnleft")


# --- explore

_EXPLORE = ("the room is one of this home", "the room is not explored yet")


def _judge_explore(view: HomeView, room: int | None) -> tuple[Condition, ...]:
    known = room in view.rooms
    return (
        _condition(_EXPLORE[0], known, f"there is no room {_label(view, room)}"),
        _condition(_EXPLORE[1], not known or room not in view.explored, f"{_label(view, room)} is explored", False),
    )


MIDDLE = 0.3
"""Metres from the middle of a room within which one stands in it."""


def _explore(known: Known, view: HomeView, room: int, arguments: tuple[str, ...]) -> Action | Done | Failed:
    if room not in view.rooms:
        return Failed(f"there is no room ({room})")
    if view.me.room != room:
        return Action("walktowards", (str(room),))
    if room in view.explored:
        return Done()
    # By eye, a room is explored when one has turned all the way round: in its middle, or as near as one gets to it.
    x, _, z = view.rooms[room].center
    arrived = (known.begun and getattr(view, "still", True)) or dist(view.me.position, (x, z)) <= MIDDLE
    return Action("turnleft") if arrived else Action("walktowards", (str(room),))


# --- check

_CHECK = ("the container is known", "it is a container", "it is closed and unchecked", "a hand is free to open it")


def _judge_check(view: HomeView, container: int | None) -> tuple[Condition, ...]:
    node = view.nodes.get(container) if container is not None else None
    label = _label(view, container)
    return (
        _condition(_CHECK[0], node is not None, f"I know of no container {label}"),
        _condition(_CHECK[1], node is None or node.openable, f"{label} cannot be opened"),
        _condition(
            _CHECK[2],
            container not in view.open and container not in view.checked,
            f"{label} has been looked into already",
            hard=False,
        ),
        _condition(_CHECK[3], len(view.me.holding) < HANDS, "both hands are full"),
    )


def _check(known: Known, view: HomeView, container: int, arguments: tuple[str, ...]) -> Action | Done | Failed:
    node = view.nodes.get(container)
    if container in view.open:
        return Done()
    if node is None or not node.openable:
        return Failed(f"I know of no container {_label(view, container)}")
    if len(view.me.holding) >= HANDS:
        return Failed("both hands are full")
    return _walk_to(known, view, container) or Action("open", (str(container),))


# --- grab

_GRAB = ("the thing is known and still there", "nobody holds it", "it is not delivered yet", "a hand is free",
         "a goal still lacks such a thing")  # fmt: skip


def _holder(view: HomeView, thing: int) -> str:
    mate = view.mate
    return NAMES[1 - view.seat] if mate is not None and thing in mate.holding else ""


def _judge_grab(view: HomeView, thing: int | None) -> tuple[Condition, ...]:
    label, mine = _label(view, thing), thing in view.me.holding
    holder = _holder(view, thing) if thing is not None else ""
    there = thing is not None and thing in view.nodes and view.room_of(thing) is not None
    return (
        _condition(_GRAB[0], there or mine, f"I know of no {label}"),
        _condition(_GRAB[1], not holder and not mine, f"{holder or 'I'} already hold{'s' if holder else ''} {label}"),
        _condition(_GRAB[2], thing not in view.satisfied, f"{label} is where it should be"),
        _condition(_GRAB[3], len(view.me.holding) < HANDS, "both hands are full"),
        _condition(_GRAB[4], not there or view.goal_of(thing or 0) is not None, f"{label} is not needed", hard=False),
    )


def _grab(known: Known, view: HomeView, thing: int, arguments: tuple[str, ...]) -> Action | Done | Failed:
    if thing in view.me.holding:
        return Done()
    label = _label(view, thing)
    holder = _holder(view, thing)
    if holder:
        return Failed(f"{label} is in {holder}'s hands now")
    if thing in view.satisfied:
        return Failed(f"{label} is delivered already")
    if thing not in view.nodes or view.room_of(thing) is None:
        return Failed(f"{label} is no longer where I knew it")
    node, written = view.nodes[thing], arguments[0].lower()
    if not node.grabbable or (node.name not in written and all(goal.name != node.name for goal in view.goals)):
        return Failed(f"({thing}) is {label}" if node.grabbable else f"{label} cannot be taken")
    if len(view.me.holding) >= HANDS:
        return Failed("both hands are full")
    parent = view.inside.get(thing)
    if parent is not None and parent not in view.rooms and parent not in view.open:
        return _walk_to(known, view, parent) or Action("open", (str(parent),))
    return _walk_to(known, view, thing) or Action("grab", (str(thing),))


# --- put

_PUT = ("it is where something is to be brought", "I hold something that belongs there")


def fitting(view: HomeView, target: int) -> list[int]:
    """The held things to put there, right hand first: those that a goal lacks there; those that none lacks anywhere."""
    found = []
    for thing in view.me.holding:
        mine = [goal for goal in view.goals if thing in view.nodes and goal.name == view.nodes[thing].name]
        lacking = [goal for goal in mine if goal in view.missing]
        if any(goal.target == target for goal in lacking or mine):
            found.append(thing)
    return found


def _judge_put(view: HomeView, target: int | None) -> tuple[Condition, ...]:
    wanted = target in view.targets
    return (
        _condition(_PUT[0], wanted, f"nothing is to be brought to {_label(view, target)}"),
        _condition(
            _PUT[1], not wanted or bool(fitting(view, target or 0)), f"I hold nothing for {_label(view, target)}"
        ),
    )


def _put(known: Known, view: HomeView, target: int, arguments: tuple[str, ...]) -> Action | Done | Failed:
    held = fitting(view, target)
    if not held:
        return Done() if known.begun else Failed(f"I hold nothing for {_label(view, target)}")
    goal = next(goal for goal in view.goals if goal.target == target)
    if target not in view.nodes:
        room = nearest(view, [room for number, room in view.rooms.items() if number not in view.explored])
        if room is None:
            return Failed(f"I found no {goal.label} in any room")
        return _explore(known, view, room.id, arguments)
    step = _walk_to(known, view, target)
    if step is not None:
        return step
    if goal.relation == "on":
        return Action("putback", (str(held[0]), str(target)))
    if view.nodes[target].openable and target not in view.open and len(view.me.holding) < HANDS:
        return Action("open", (str(target),))
    return Action("putin", (str(held[0]), str(target)))


def nearest(view: HomeView, nodes: list[Node]) -> Node | None:
    """The node to which the way is shortest, as far as the way is known."""
    return min(nodes, key=lambda node: (distance(view, node), node.id), default=None)


def distance(view: HomeView, node: Node) -> float:
    """Metres to the middle of a node or room through the doors that are known; straight on where no way is known."""
    room = node.id if node.is_room else view.room_of(node.id)
    here = view.me.room
    end = node.center[0], node.center[2]
    if room is None or room == here:
        return dist(view.me.position, end)
    best: dict[int, float] = {here: 0.0}
    reached: list[tuple[float, int, tuple[float, float]]] = [(0.0, here, view.me.position)]
    while reached:
        so_far, place, point = heappop(reached)
        if place == room:
            return so_far + dist(point, end)
        if so_far > best[place]:
            continue
        for beyond, door in view.ways.get(place, ()):
            further = so_far + dist(point, door)
            if further < best.get(beyond, inf):
                best[beyond] = further
                heappush(reached, (further, beyond, door))
    return dist(view.me.position, end)


# --- talk and wait


def _judge_nothing(view: HomeView, number: int | None) -> tuple[Condition, ...]:
    return ()


def _send(known: Known, view: HomeView, number: int, arguments: tuple[str, ...]) -> Action | Done | Failed:
    text = ", ".join(arguments).strip()
    if known.begun:
        return Done()
    return Action("send_message", say=text) if text else Failed("there is nothing to say")


def _wait(known: Known, view: HomeView, number: int, arguments: tuple[str, ...]) -> Action | Done | Failed:
    return Action("wait") if known.begun < max(1, min(number, 20)) else Done()


EXPLORE = HomeSkill("goexplore", ("room",), "go to a room and see what is in it", _EXPLORE, _judge_explore, _explore)
CHECK = HomeSkill("gocheck", ("container",), "go to a closed container and open it", _CHECK, _judge_check, _check)
GRAB = HomeSkill("gograb", ("thing",), "go to a thing and take it", _GRAB, _judge_grab, _grab)
PUT = HomeSkill("goput", ("place",), "go to the goal place and put there all that I hold for it", _PUT, _judge_put,
                _put)  # fmt: skip
SEND = HomeSkill("send_message", ("text",), "tell the other something; it takes a step", (), _judge_nothing, _send,
                 named=False)  # fmt: skip
WAIT = HomeSkill("wait", ("steps",), "do nothing for some steps", (), _judge_nothing, _wait, named=False)


def skills_for(talk: bool) -> tuple[HomeSkill, ...]:
    """All skills, the message only where one can speak."""
    return (EXPLORE, CHECK, GRAB, PUT, *((SEND,) if talk else ()), WAIT)


def options(view: HomeView) -> tuple[Option, ...]:
    """The valid plans in the reference's order: explore, check, grab, put (1.3); each with how far away it is.

    With both hands full the only plan is to put, as in C-WAH's release (1.2), where the place is known.
    """
    put = [target for target in view.targets if fitting(view, target)]
    if len(view.me.holding) >= HANDS and put:
        return tuple(_option(view, PUT, _place(view, target)) for target in put)
    found = [_option(view, EXPLORE, room) for number, room in view.rooms.items() if number not in view.explored]
    if len(view.me.holding) < HANDS:
        for skill, listed in ((CHECK, view.unchecked), (GRAB, view.things)):
            found += [_option(view, skill, node) for room in view.rooms for node in listed(room)]
    return (*found, *(_option(view, PUT, _place(view, target)) for target in put))


def _place(view: HomeView, target: int) -> Node:
    """The goal place; before it was seen only its name is known."""
    goal = next(goal for goal in view.goals if goal.target == target)
    x, z = view.me.position
    return view.nodes.get(target) or Node(target, goal.place, "Furniture", (x, 0.0, z), (0.0, 0.0, 0.0))


def _option(view: HomeView, skill: HomeSkill, node: Node) -> Option:
    far = ceil(distance(view, node))
    unknown = not node.is_room and node.id not in view.nodes
    note = "not found yet" if unknown else "within reach" if view.reaches(node.id) else f"about {far} m away"
    return Option(SkillCall(skill.name, (node.key,)), f"[{skill.name}] {node.label}", note)
