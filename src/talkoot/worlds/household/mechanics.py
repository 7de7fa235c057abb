"""The rules of the household: what each primitive needs and does, the order of the two people, what each of them sees.

Source: reference, 2.4 (sight), 2.5 (actions), 2.6 (walking), 2.7 (episodes), and the README of the recorded episodes;
what is doubtful there is a named option, see `quirks`. Every primitive takes one step. What cannot be carried out now
is no error: it costs the step and the reason is told in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import hypot
from random import Random

from talkoot.errors import IllegalAction
from talkoot.types import Action, Seat
from talkoot.worlds.household.free_space import free_space
from talkoot.worlds.household.hands import DEEDS, HANDS, held_by, hidden, move
from talkoot.worlds.household.quirks import DEFAULT, Quirks
from talkoot.worlds.household.reach import within_reach
from talkoot.worlds.household.sight import legal, missing, observe, satisfied
from talkoot.worlds.household.state import NOWHERE, State, delivered, freshen
from talkoot.worlds.household.task import Task
from talkoot.worlds.household.view import NAMES

__all__ = [
    "ARITY", "HANDS", "TURN", "Quirks", "State", "advance", "apply", "check", "conflicting", "delivered", "legal",
    "missing", "node_id", "observe", "pass_step", "satisfied", "start",
]  # fmt: skip

ARITY = {
    "walktowards": 1, "turnleft": 0, "turnright": 0, "walkforward": 0, "open": 1, "close": 1, "grab": 1, "putin": 2,
    "putback": 2, "send_message": 0, "wait": 0,
}  # fmt: skip
"""All primitives with the number of their arguments, each a node: `walktowards` a room or anything seen, `putin` the
thing and the container, `putback` the thing and the surface. `send_message` says what is in `Action.say`."""

TURN = 30.0
"""Degrees of one turn (reference, 2.5)."""

LONGEST = 200
"""Metres of the longest walk in one step (see `Quirks.walk`)."""

_NUMBER = re.compile(r"(?:^|[^\d.\-])(\d{1,9})\s*\)?\s*$")


@lru_cache(maxsize=1 << 16)
def node_id(text: str) -> int | None:
    """The id that an argument names: "12", "apple_12" or "<apple> (12)"; None where there is no number at its end."""
    match = _NUMBER.search(text)
    return int(match.group(1)) if match else None


def start(task: Task, seed: int, seats: tuple[Seat, ...] = (0, 1)) -> State:
    """The first moment of an episode. Points that the task leaves open are drawn by the seed within the start room;
    a point in a wall or a piece of furniture is moved to the nearest free one.
    """
    space, apartment = free_space(task.apartment), task.apartment
    rng = Random(f"{seed}|{task.name}|start")
    state = State(
        task, 0, [(0.0, 0.0)] * 2, [0.0, 0.0], [NOWHERE, NOWHERE], [[], []],
        dict(apartment.inside), dict(apartment.on), set(apartment.open), {},
    )  # fmt: skip
    for seat, begin in enumerate(task.starts):
        point = space.random_point(begin.room, rng) if begin.position is None else begin.position
        if seat in seats:  # the draw is for both, so that a seat left empty changes nothing for the other
            state.position[seat] = point if begin.position is None else space.nearest_free(point, begin.room)
            state.yaw[seat], state.room[seat] = begin.yaw, begin.room
    freshen(state)
    return state


def check(task: Task, seat: Seat, action: Action) -> tuple[int, ...]:
    """The ids that an action names. Raises IllegalAction for an unknown name, wrong arguments or ids nobody has."""
    count = ARITY.get(action.name)
    if count is None:
        raise IllegalAction(f"seat {seat}: the household knows no action {action.name!r}; known are {', '.join(ARITY)}")
    if len(action.arguments) != count:
        raise IllegalAction(
            f"seat {seat}: {action.name} takes {count} argument{'' if count == 1 else 's'}, not {action.arguments!r}"
        )
    if not count:
        return ()
    ids = []
    for text in action.arguments:
        number = node_id(text)
        if number is None:
            raise IllegalAction(f"seat {seat}: {action.name} needs a node such as 12 or apple_12, not {text[:40]!r}")
        if number not in task.apartment.nodes:
            raise IllegalAction(f"seat {seat}: {action.name}: {task.apartment.name} has no node {number}")
        ids.append(number)
    return tuple(ids)


Deeds = Mapping[Seat, tuple[Action, tuple[int, ...]]]
"""The actions of a step by seat, with the ids that they name (see `check`)."""


def advance(
    state: State, actions: Mapping[Seat, Action], rng: Random | None = None, quirks: Quirks = DEFAULT
) -> dict[Seat, str]:
    """Let one step pass, in place: both act, seat 0 first; returns why actions failed ("" where they did not).

    Walks come before what is done with hands, so that two people may walk up to one thing in the step in which one of
    them takes it, as in the recorded runs. `rng` decides conflicts (see `Quirks.conflict`); without one, seat 0 wins.
    `State.gained` tells what each did to the number of things delivered. Messages are the world's matter; `said` is
    emptied. Raises IllegalAction as `check` does.
    """
    deeds = {seat: (one, check(state.task, seat, one)) for seat, one in actions.items()}
    return pass_step(state, deeds, None if rng is None else lambda: rng, quirks)


def pass_step(
    state: State, deeds: Deeds, chance: Callable[[], Random] | None = None, quirks: Quirks = DEFAULT
) -> dict[Seat, str]:
    """`advance` with actions that were checked; `chance` makes the generator, at most once, if one is needed."""
    failed = dict.fromkeys(sorted(deeds), "")
    given, rng = [(seat, *deeds[seat]) for seat in failed], None
    if conflicting(deeds, quirks):
        loser = 1
        if chance is not None and quirks.conflict != "first":
            rng = chance()
            loser = rng.randrange(2)
        name = state.task.apartment.nodes[deeds[loser][1][0]].label
        failed[loser] = f"{NAMES[1 - loser]} acted on {name} in the same step"
        given = [deed for deed in given if deed[0] != loser]
    if quirks.unstick and chance is not None:
        rng = rng or chance()
        given = [(seat, *_unstuck(state, seat, action, ids, rng)) for seat, action, ids in given]
    state.gained = [0, 0]
    later = []
    for seat, action, ids in given:
        if action.name == "walktowards":
            failed[seat] = (_jump if quirks.walk == "jump" else _walk)(state, seat, ids[0], quirks)
        else:
            later.append((seat, action.name, ids))
    for seat, primitive, ids in later:
        if primitive in DEEDS:
            had = len(delivered(state))
            failed[seat] = DEEDS[primitive](state, seat, ids, quirks)
            state.gained[seat] = len(delivered(state)) - had
        else:
            failed[seat] = _move_on(state, seat, primitive)
    state.t += 1
    state.said = ()
    return failed


def conflicting(deeds: Deeds, quirks: Quirks = DEFAULT) -> bool:
    """Whether both act on the same thing with something other than a walk (reference, 2.5)."""
    if len(deeds) < 2:
        return False
    (one, first), (other, second) = deeds.values()
    if not first or not second or one.name == "walktowards" or other.name == "walktowards":
        return False
    return bool(set(first) & set(second)) if quirks.conflict_targets == "all" else first[0] == second[0]


def _unstuck(
    state: State, seat: Seat, action: Action, ids: tuple[int, ...], rng: Random
) -> tuple[Action, tuple[int, ...]]:
    """Send a person who walks on the spot to a random room (see `Quirks.unstick`)."""
    if action.name != "walktowards":
        state.trail[seat] = ()
        return action, ids
    state.trail[seat] = (*state.trail[seat], state.position[seat])[-5:]
    points = state.trail[seat]
    if len(points) < 5 or hypot(points[-1][0] - points[0][0], points[-1][1] - points[0][1]) >= 0.5:
        return action, ids
    room = rng.choice(list(state.apartment.rooms))
    return Action("walktowards", (str(room),)), (room,)


def apply(state: State, seat: Seat, action: Action, *, quirks: Quirks = DEFAULT, jump: bool = False) -> str:
    """Let one person act, in place, without time passing; returns "" or the reason why it failed.

    With `jump` a walk ends at its target whatever the distance, from any room, and needs no sight: the original's
    symbolic simulator, for planners that search (reference, 2.5). Raises IllegalAction as `check` does.
    """
    name, ids = action.name, check(state.task, seat, action)
    if name == "walktowards":
        return _leap(state, seat, ids[0]) if jump else _walk(state, seat, ids[0], quirks)
    return DEEDS[name](state, seat, ids, quirks) if name in DEEDS else _move_on(state, seat, name)


def _move_on(state: State, seat: Seat, name: str) -> str:
    """Walk straight on, turn, or do nothing."""
    if name == "walkforward":
        space = free_space(state.apartment)
        before = state.position[seat]
        move(state, seat, space.forward(before, state.yaw[seat]), state.yaw[seat], space)
        return "" if state.position[seat] != before else "there is no room to walk on"
    if name in ("turnleft", "turnright"):
        yaw = state.yaw[seat] + (TURN if name == "turnright" else -TURN)
        state.yaw[seat] = (yaw + 180.0) % 360.0 - 180.0
    return ""


# --- walking --------------------------------------------------------------------------------------------------------


def _walk(state: State, seat: Seat, number: int, quirks: Quirks) -> str:
    apartment = state.task.apartment
    space, target, room = free_space(apartment), apartment.rooms.get(number), number
    if target is None:
        reason = hidden(state, seat, number, quirks)
        if reason:
            return reason
        target, room = state.node(number), state.room[seat]
    point, yaw = space.onward(state.position[seat], target, room)
    move(state, seat, point, yaw, space)
    return ""


def _jump(state: State, seat: Seat, number: int, quirks: Quirks) -> str:
    """Walk all the way in one step (see `Quirks.walk`)."""
    for _ in range(LONGEST):
        before = state.position[seat]
        reason = _walk(state, seat, number, quirks)
        if reason or state.position[seat] == before:
            return reason
        if state.room[seat] == number:
            return ""
        if number not in state.apartment.rooms and within_reach(state.position[seat], state.node(number)):
            return ""
    return ""


def _leap(state: State, seat: Seat, number: int) -> str:
    """Be at the middle of a node at once, wherever it is, as planners that search imagine it."""
    apartment, holder = state.apartment, state.holder(number)
    if holder is not None:
        return held_by(state, seat, holder, number)
    parent = state.inside.get(number)
    if parent is not None and parent not in apartment.rooms and parent not in state.open:
        return f"{apartment.nodes[number].label} is in {apartment.nodes[parent].label}, which is closed"
    center = state.center.get(number) or apartment.nodes[number].center
    state.position[seat] = center[0], center[2]
    state.room[seat] = state.room_of(number)
    return ""
