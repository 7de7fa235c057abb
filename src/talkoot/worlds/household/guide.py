"""What a seat of the household is told before the first step, in words of our own (parts as in reference, 1.3)."""

from __future__ import annotations

from typing import Any

from talkoot.types import Action, Seat
from talkoot.world import Guide
from talkoot.worlds.household.memory import recall
from talkoot.worlds.household.mhp.inventory import inventory_of
from talkoot.worlds.household.skills import options, skills_for
from talkoot.worlds.household.statement import state_view
from talkoot.worlds.household.task import Task
from talkoot.worlds.household.view import NAMES, restore
from talkoot.worlds.household.words import action_words, goal_words

PRIMITIVES = (
    "walktowards", "turnleft", "turnright", "walkforward", "open", "close", "grab", "putin", "putback", "send_message",
    "wait",
)  # fmt: skip
"""The names of all primitives; see `mechanics` for their arguments and rules."""

OPENING = (
    (0, "Hi, I will tell you when I find things that we need or have finished something, and I will ask when I need "
        "help."),
    (1, "Thanks! I will do the same."),
)  # fmt: skip
"""The two lines with which every dialogue begins (reference, 1.3: a promise to report, and one in return)."""


def make_guide(
    task: Task, seat: Seat, seats: tuple[Seat, ...], *, message_limit: int = 500, talk: str = "costly", **more: Any
) -> Guide:
    """The knowledge library of one seat: who it is, the goal, the rules, its skills. `talk` is costly, free or off."""
    speaks = talk != "off" and len(seats) > 1
    name, mate = NAMES[seat], NAMES[1 - seat]
    persona = f"I am {name}. "
    if len(seats) > 1:
        persona += f"My friend {mate} and I are in a hurry to get the housework done together."
    else:
        persona += "I am in a hurry to get the housework done."
    return Guide(
        world="household",
        seat=seat,
        seats=seats,
        task=goal_words(task.goals),
        rules=_rules(task, speaks, talk, message_limit),
        skills=skills_for(speaks and talk == "costly"),
        primitives=PRIMITIVES if speaks else tuple(name for name in PRIMITIVES if name != "send_message"),
        safe=Action("wait"),
        message_limit=message_limit if speaks else 0,
        restore=restore,
        statement=state_view,
        speech="send_message" if speaks and talk == "costly" else "",
        legal=_legal,
        persona=persona,
        names=tuple(NAMES[other] for other in seats),
        opening=tuple(line for line in OPENING if line[0] in seats) if speaks else (),
        options=options,
        recall=recall,
        wayfinding=("walktowards",),
        action_words=action_words,
        inventory=inventory_of(task),
        **more,
    )


def _legal(view: Any) -> tuple[Action, ...]:
    from talkoot.worlds.household.mechanics import legal

    return legal(view)


def _rules(task: Task, speaks: bool, talk: str, limit: int) -> tuple[str, ...]:
    rules = [
        "I can hold two things at once, one in each hand; holding them costs nothing.",
        "To open a container I need a free hand. What is in a closed container cannot be seen.",
        "I see all of the room that I am in, and nothing of the other rooms.",
        "Things and places are written <name> (id), for example <table> (712).",
        f"Walking a metre, opening, taking and putting take one step each; there are {task.limit} steps.",
    ]
    if speaks and talk == "costly":
        rules.append(f"Sending a message takes one step and may have {limit} characters.")
    return tuple(rules)
