"""What a person knows by now: views of the moment joined, corrected by what is seen, completed by what is said.

`recall` is the semantic memory of CoELA (reference, 1.1): a map of rooms, containers and things, task progress, the own
and the partner's state. What is in the own room is taken as seen; what was believed to be there and is not seen is
forgotten, so that memory corrects what the partner has changed. Ours: messages are read as well. Sentences that name
things as `<apple> (12)` with a room, containers that were checked, or what the speaker holds, become knowledge that is
marked as hearsay until it is seen; in the release only the language model reads messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from talkoot.types import Message, Observation, Seat
from talkoot.worlds.household.apartment import CONTAINERS, Node
from talkoot.worlds.household.view import HomeView, Person

_NAMED = re.compile(r"<([a-z][a-z0-9_]{0,40})>\s{0,3}\((\d{1,6})\)")
_SENTENCE = re.compile(
    r"[.!?;\n]+(?=\s|$)"
    r"|,?\s(?=(?:and |so |but )?(?:please|can you|could you|would you|will you|you (?:can|could|may|should)"
    r"|I will|I'll|I am going|I'm going)\b)"
    r"|,?\s(?=(?:and|but) will\b)",
    re.IGNORECASE,
)
"""Where a statement ends: also before a request or an announcement, so that "I found it, please take it" tells both."""
_FOUND = re.compile(r"\b(found|saw|see|seen|there is|there are|is in|are in|spotted|lies|lie)\b", re.IGNORECASE)
_CHECKED = re.compile(r"\b(checked|empty|searched|opened)\b", re.IGNORECASE)
_HOLDING = re.compile(r"\b(hold|holding|take|took|taken|grabbed|picked|carry|carrying|have got)\b", re.IGNORECASE)
_NOTHING = re.compile(r"\b(nothing|no more|none)\b", re.IGNORECASE)
_NOT_YET = re.compile(r"\b(not|n't|n’t|will|going to|please|should|could|can you|need)\b", re.IGNORECASE)


PEOPLE = 2
"""The ids up to here belong to the two people and are never things."""

PATIENCE = 30
"""Steps that a person waits with nothing left to look for before it goes round once more."""


def recall(known: HomeView | None, observation: Observation) -> HomeView:
    """What is known after an observation: `known` (None at the start) corrected by what is seen and heard.

    Ours: who has had nothing left to fetch or to look into for `PATIENCE` steps while things are missing relies no
    longer on having looked, as somebody must have moved something; in the release such an agent waits for ever.
    """
    now: HomeView = observation.view
    view = _see(known, now) if known is not None else replace(now, checked=now.checked | _looked_into(now))
    for message in observation.messages:
        view = hear(view, message)
    if not _at_a_loss(view):
        return replace(view, lost=-1) if view.lost >= 0 else view
    if view.lost < 0:
        return replace(view, lost=view.t)
    if view.t - view.lost < PATIENCE:
        return view
    return replace(view, lost=-1, explored=now.explored, checked=_looked_into(view), told_rooms=frozenset())


def _at_a_loss(view: HomeView) -> bool:
    """Whether something is missing, and nothing is left to fetch, to bring or to look into."""
    return (
        bool(view.missing)
        and view.rooms.keys() <= view.explored
        and not any(view.nodes[thing].name in view.wanted for thing in view.me.holding if thing in view.nodes)
        and not any(view.things(room) or view.unchecked(room) for room in view.rooms)
    )


def _looked_into(view: HomeView) -> frozenset[int]:
    return frozenset(number for number in view.open if number in view.nodes and view.nodes[number].searchable)


def _see(known: HomeView, now: HomeView) -> HomeView:
    """Join what was known with what is seen now."""
    here = now.me.room
    nodes, inside, on = dict(known.nodes), dict(known.inside), dict(known.on)
    for number in known.nodes:
        if number not in now.nodes and _should_be_seen(known, now, number, here):
            del nodes[number]
            inside.pop(number, None)
            on.pop(number, None)
    for number, node in now.nodes.items():
        nodes[number] = node
        for store, seen in ((inside, now.inside), (on, now.on)):
            if number in seen:
                store[number] = seen[number]
            else:
                store.pop(number, None)
    people = {**known.people, **now.people}
    mate = people.get(1 - now.seat)
    taken = {thing for person in now.people.values() for thing in person.holding}
    if mate is not None and mate.t < now.t and any(thing in taken or thing in now.nodes or thing in now.satisfied
                                                   for thing in mate.holding):  # fmt: skip
        # What the mate was last seen to hold has turned up elsewhere.
        kept = tuple(t for t in mate.holding if t not in taken and t not in now.nodes and t not in now.satisfied)
        people[1 - now.seat] = replace(mate, holding=kept)
    return replace(
        now,
        nodes=nodes,
        inside=inside,
        on=on,
        open=frozenset(n for n in known.open if n not in now.nodes) | now.open,
        people=people,
        explored=known.explored | now.explored,
        checked=known.checked | now.checked | _looked_into(now),
        told=frozenset(number for number in known.told if number in nodes and number not in now.nodes),
        told_rooms=known.told_rooms - now.explored,
        lost=known.lost,
    )


def _should_be_seen(known: HomeView, now: HomeView, number: int, here: int) -> bool:
    """Whether a node that is not seen now would be seen if it still were where it was believed to be."""
    holder = next((person for person in known.people.values() if number in person.holding), None)
    if holder is not None:
        seen_now = now.people.get(next(seat for seat, one in known.people.items() if one is holder))
        return seen_now is not None and seen_now.t == now.t
    if known.room_of(number) != here:
        return False
    parent = known.inside.get(number)
    return parent is None or parent in known.rooms or parent in now.open


def hear(view: HomeView, message: Message) -> HomeView:
    """What is known after a message; sentences that say nothing that can be read change nothing."""
    room: int | None = None
    for sentence in _SENTENCE.split(message.text[:2000]):
        named = _named(view, sentence)
        rooms = [number for _, number in named if number in view.rooms]
        things = [(name, number) for name, number in named if number not in view.rooms]
        known = [view.room_of(number) for _, number in things if number in view.nodes and number not in view.told]
        room = rooms[-1] if rooms else room if room is not None else next(iter(known), None)
        if not named or _NOT_YET.search(sentence):
            continue
        if _NOTHING.search(sentence) and rooms:
            view = replace(view, told_rooms=view.told_rooms | (set(rooms) - view.explored))
            continue
        if _CHECKED.search(sentence):
            view = replace(view, checked=view.checked | {number for name, number in things if name in CONTAINERS})
        if _HOLDING.search(sentence):
            view = _is_held(view, message.sender, things, rooms[-1] if rooms else None, message.t)
        elif _FOUND.search(sentence) and room is not None:
            view = _is_in(view, things, room)
    return view


def _named(view: HomeView, sentence: str) -> list[tuple[str, int]]:
    """What a sentence names, slips left out: where a number is known to belong to a person or to something else."""
    whose = {goal.target: goal.place for goal in view.goals}
    whose |= {number: node.name for nodes in (view.nodes, view.rooms) for number, node in nodes.items()}
    named = [(name, int(number)) for name, number in _NAMED.findall(sentence)]
    return [(name, number) for name, number in named if number > PEOPLE and whose.get(number, name) == name]


def _goal_things(view: HomeView, things: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    names = {goal.name for goal in view.goals}
    return [(name, number) for name, number in things if name in names and number not in view.satisfied]


def _places(view: HomeView, things: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The goal places among what was named."""
    return [one for one in things if one in {(goal.place, goal.target) for goal in view.goals}]


def _is_in(view: HomeView, things: Iterable[tuple[str, int]], room: int) -> HomeView:
    """Things said to be in a room; what was seen with own eyes in that room or is held stays as it is known."""
    nodes, inside, on = dict(view.nodes), dict(view.inside), dict(view.on)
    told = set(view.told)
    held = {thing for person in view.people.values() for thing in person.holding}
    for name, number in [*_goal_things(view, things), *_places(view, things)]:
        if number in held or room == view.me.room or (number in nodes and view.room_of(number) == room):
            continue
        if number in view.targets and (room in view.explored or (number in nodes and number not in view.told)):
            continue  # furniture stays where it was seen, and is not where it was not
        center = view.rooms[room].center
        grabbable = frozenset() if number in view.targets else frozenset({"GRABBABLE"})
        nodes[number] = Node(number, name, "Props", center, (0.1, 0.1, 0.1), grabbable)
        inside[number] = room
        on.pop(number, None)
        told.add(number)
    return replace(view, nodes=nodes, inside=inside, on=on, told=frozenset(told))


def _is_held(
    view: HomeView, by: Seat, things: Iterable[tuple[str, int]], room: int | None, t: int
) -> HomeView:  # fmt: skip
    """Things said to be in the speaker's hands: nobody else need look for them where they were."""
    if by == view.seat:
        return view
    seen = {number for number in view.nodes if view.sees(number) and number not in view.told}
    held = [one for one in _goal_things(view, things) if one[1] not in view.me.holding and one[1] not in seen]
    mate = view.people.get(by)
    if mate is not None and mate.t >= t and view.mate_here:
        return view  # eyes tell more than words
    place = room if room is not None else (mate.room if mate else None)
    if place is None:
        return view
    nodes, inside, on = dict(view.nodes), dict(view.inside), dict(view.on)
    for name, number in held:
        center = view.rooms[place].center
        nodes.setdefault(number, Node(number, name, "Props", center, (0.1, 0.1, 0.1), frozenset({"GRABBABLE"})))
        inside.pop(number, None)
        on.pop(number, None)
    center = view.rooms[place].center
    at = mate.position if mate is not None and mate.room == place else (center[0], center[2])
    person = Person(at, mate.yaw if mate else 0.0, place, tuple(number for _, number in held)[:2], t)
    told = view.told | {number for _, number in held if number not in view.nodes}
    return replace(view, nodes=nodes, inside=inside, on=on, people={**view.people, by: person}, told=told)
