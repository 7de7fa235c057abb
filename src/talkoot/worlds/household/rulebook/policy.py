"""What to do next, by rules over the facts of a prompt: gather with both hands, search where it pays, share the work.

The rules know no apartment. How likely a place is to hold what is missing is judged by its class alone: every class of
container counts alike, and its members share that, so that one of eight wall cabinets is worth an eighth of a fridge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from talkoot.worlds.household.rulebook.reading import Choice, Facts
from talkoot.worlds.household.words import plural

_NODE = re.compile(r"<([a-z0-9_]+)> \((\d+)\)")
HANDS = 2
PRIMITIVES = ("wait", "turnleft", "turnright", "walkforward")
ROOM = 0.5
"""What entering an unexplored room is worth, counted in classes of containers: all that lies open shows at once."""
FOUND = 2.0
TOLD = 1.0
UNKNOWN = 6.0
"""Metres taken for a distance that is not told."""


@dataclass(frozen=True)
class Decision:
    """The choice and the reason, in words."""

    choice: Choice
    why: str


def choose(facts: Facts) -> Decision:
    """The best available action by rules. There must be at least one choice."""
    open_choices = [choice for choice in facts.choices if choice.text not in facts.rejected] or facts.choices
    message = next((choice for choice in open_choices if choice.verb == "send_message"), None)
    plans = [choice for choice in open_choices if choice.verb != "send_message"]
    if not plans:
        return Decision(open_choices[0], "Nothing else can be done.")
    if any(choice.verb in PRIMITIVES for choice in plans):
        return primitive(facts, plans)
    if message is not None and worth_sending(facts):
        return Decision(message, f"{facts.mate} does not know this yet, and it will save more than a step.")
    put = [choice for choice in plans if choice.verb == "goput"]
    needed = facts.missing()
    grabs = [choice for choice in plans if choice.verb == "gograb" and choice.name in needed]
    away = offered(facts) - {number for _, number in facts.found.get(facts.room, [])}
    grabs = [choice for choice in grabs if choice.id not in claimed(facts) | away]
    if put and not needed:
        return Decision(put[0], "All that was missing is found, so I bring what I hold.")
    search = [(worth(facts, choice), choice) for choice in plans if choice.verb in ("gocheck", "goexplore")]
    best_worth, best_search = max(search, key=lambda pair: (pair[0], pair[1].letter), default=(0.0, None))
    if grabs:
        best = min(grabs, key=lambda choice: _cost(choice))
        sure = FOUND if best.id not in facts.told else TOLD
        if (not put or _cost(best) <= 3.0 + _far(put[0]) or _place_near(facts, put[0]) is False) and (
            sure / _cost(best) >= best_worth
        ):
            return Decision(best, f"I still need the {best.name}, and it is the nearest that I know of.")
    if put and _place_near(facts, put[0]):
        return Decision(put[0], "The goal place is near, so I put down what I hold before I go on.")
    if best_search is not None and needed and (not put or best_worth > 0.0):
        verb = "look into" if best_search.verb == "gocheck" else "look around in"
        return Decision(best_search, f"Still missing: {_list(needed)}. I {verb} the {best_search.name} next.")
    if put:
        return Decision(put[0], "Nothing more can be found on the way, so I bring what I hold.")
    fallback = best_search or plans[0]
    return Decision(fallback, "Nothing is left for me to fetch, so I look around for what may still help.")


def primitive(facts: Facts, plans: list[Choice]) -> Decision:
    """One primitive, where no routine carries plans out: use what is within reach, else walk on and turn at times.

    The text tells no way, and the rules do not look for one.
    """
    needed, places = facts.missing(), [f"<{name}> ({number})" for name, number in facts.places]
    shut = {number for nodes in facts.shut.values() for _, number in nodes} | {number for _, number in facts.places}
    for choice in plans:
        put = choice.verb in ("putin", "putback") and any(choice.text.endswith(place) for place in places)
        if put or (choice.verb == "grab" and choice.name in needed) or (choice.verb == "open" and choice.id in shut):
            return Decision(choice, "This is within reach and helps.")
    straight = [step for step in facts.previous[-3:] if step.startswith("[walkforward]")]
    verb = "turnleft" if len(straight) == 3 else "walkforward"
    return Decision(next((choice for choice in plans if choice.verb == verb), plans[0]), "Nothing helpful is at hand.")


def _list(needed: dict[str, int]) -> str:
    return ", ".join(plural(name, count) for name, count in sorted(needed.items()))


def _far(choice: Choice) -> float:
    return UNKNOWN if choice.far is None else choice.far


def _room_of(facts: Facts, choice: Choice) -> int | None:
    if choice.verb == "goexplore":
        return choice.id
    for store in (facts.found, facts.shut):
        for room, nodes in store.items():
            if any(number == choice.id for _, number in nodes):
                return room
    return None


def _cost(choice: Choice) -> float:
    """Steps to get there and act, roughly."""
    return max(_far(choice) - 1.2, 0.0) + 1.0


def _place_near(facts: Facts, put: Choice) -> bool:
    """Whether the goal place is a few steps away."""
    return put.far is not None and put.far <= 4.0


def claimed(facts: Facts) -> set[int]:
    """The things that the mate said it would take or holds."""
    taken = {number for _, number in facts.mate_held}
    for name, text in facts.dialogue:
        if name == facts.mate:
            for sentence in re.split(r"[.!?;]+(?=\s|$)", text):
                if re.search(r"\bI (?:will|am going to|'ll) (?:take|get|grab|bring|fetch)\b", sentence):
                    taken |= {int(number) for _, number in _NODE.findall(sentence)}
    return taken


def offered(facts: Facts) -> set[int]:
    """The things that I told the mate about, to be fetched by it, as long as it may be on its way."""
    taken: set[int] = set()
    for name, text in facts.dialogue:
        if name == facts.me:
            for sentence in re.split(r"[.!?;]+(?=\s|$)", text):
                if " found " in sentence:
                    taken |= {int(number) for _, number in _NODE.findall(sentence)}
    return taken


def bound_for(facts: Facts) -> set[int]:
    """The rooms to which the mate said, last of all, that it was going."""
    for name, text in reversed(facts.dialogue):
        if name == facts.mate:
            return {
                int(number)
                for sentence in re.split(r"[.!?;]+(?=\s|$)", text)
                if re.search(r"\bI (?:will|am going|go|'ll)\b", sentence)
                for _, number in _NODE.findall(sentence)
            }
    return set()


def worth(facts: Facts, choice: Choice) -> float:
    """How much looking there promises for each step that it takes."""
    room = _room_of(facts, choice)
    if choice.verb == "goexplore":
        value = ROOM * (0.1 if choice.id in facts.left else 1.0)
        cost = max(_far(choice) - 2.0, 1.0)
    else:
        alike = sum(name == choice.name for nodes in facts.shut.values() for name, _ in nodes)
        value = 1.0 / max(alike, 1)
        cost = _cost(choice) + 1.0
    if room in bound_for(facts):
        value *= 0.4
    if facts.mate_here and room == facts.room and choice.verb == "gocheck":
        shut = [number for _, number in facts.shut.get(room, [])]
        mine = shut[::2] if facts.me < facts.mate else shut[1::2]
        value *= 1.0 if choice.id in mine else 0.5
    elif room is not None and room == facts.mate_room and room != facts.room:
        value *= 0.5
    return value / cost


def worth_sending(facts: Facts) -> bool:
    """Whether the draft on the list is worth a step: the mate is not here to see for itself."""
    return not facts.mate_here and bool(facts.missing(counting_mine=False))
