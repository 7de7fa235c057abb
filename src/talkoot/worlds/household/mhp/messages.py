"""What MHP says and understands: three kinds of sentences, put into English and read back (reference, 4.1: S, E, B).

S: the thing that the sender now wants to put somewhere, and whether it has been found. E: what it has put. B: which
needed things are in which container or room. The words are ours; they name everything as `<apple> (12)`, so that any
agent can read them. Whatever else is said is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from talkoot.worlds.household.mhp.inventory import Inventory
from talkoot.worlds.household.mhp.subgoals import SubGoal

_NODE = r"<(\w{1,40})> \((\d{1,7})\)"
_PLAN = re.compile(rf"I want to put {_NODE} (?:on|into) {_NODE}; (I know where it is|I have yet to come across it)\.")
_PUT = re.compile(rf"I have put {_NODE} (?:on|into) {_NODE}\.")
_FOUND = re.compile(rf"In {_NODE}(?: of the {_NODE})? I found ((?:<\w{{1,40}}> \(\d{{1,7}}\)(?:, )?)+)\.")
_EMPTY = re.compile(rf"I checked {_NODE}: empty\.")
_NUMBER = re.compile(r"\((\d{1,7})\)")


@dataclass(frozen=True)
class Report:
    """What a message says: the sender's new sub-goal and whether it has found the thing; what it has put; of a
    container or room the things that are in it.
    """

    plan: SubGoal | None = None
    found: bool = False
    put: SubGoal | None = None
    places: tuple[tuple[int, tuple[int, ...]], ...] = ()


def say(report: Report, label: Callable[[int], str], room_of: Mapping[int, int], limit: int) -> str:
    """The report in English, cut after the last sentence that fits into `limit` characters.

    `label` writes a node as `<apple> (12)`; `room_of` gives the rooms of containers.
    """
    sentences = []
    if report.plan is not None:
        known = "I know where it is" if report.found else "I have yet to come across it"
        sentences.append(f"I want to put {_where(report.plan, label)}; {known}.")
    if report.put is not None:
        sentences.append(f"I have put {_where(report.put, label)}.")
    for place, things in report.places:
        where = f"{label(place)} of the {label(room_of[place])}" if place in room_of else label(place)
        listed = ", ".join(label(thing) for thing in things)
        sentences.append(f"In {where} I found {listed}." if things else f"I checked {label(place)}: empty.")
    text = ""
    for sentence in sentences:
        if len(text) + len(sentence) + 1 > limit:
            break
        text += f" {sentence}" if text else sentence
    return text


def _where(goal: SubGoal, label: Callable[[int], str]) -> str:
    word = "on" if goal.goal.relation == "on" else "into"
    return f"{label(goal.thing)} {word} {label(goal.goal.target)}"


def read(text: str, inventory: Inventory) -> Report:
    """What can be read out of a message; ids that the inventory does not have are passed over."""
    plan, put, found = None, None, False
    for match in _PLAN.finditer(text):
        plan, found = _goal(match[2], match[4], inventory), match[5] == "I know where it is"
    for match in _PUT.finditer(text):
        put = _goal(match[2], match[4], inventory)
    places = [(int(match[2]), _things(_NUMBER.findall(match[5]), inventory)) for match in _FOUND.finditer(text)]
    places += [(int(match[2]), ()) for match in _EMPTY.finditer(text)]
    known = tuple(one for one in places if one[0] in inventory.rooms or one[0] in inventory.furniture)
    return Report(plan, found, put, known)


def _goal(thing: str, target: str, inventory: Inventory) -> SubGoal | None:
    name = inventory.things.get(int(thing))
    fits = (goal for goal in inventory.goals if goal.name == name and goal.target == int(target))
    return next((SubGoal(int(thing), goal) for goal in fits), None)


def _things(numbers: Iterable[str], inventory: Inventory) -> tuple[int, ...]:
    return tuple(int(number) for number in numbers if int(number) in inventory.things)
