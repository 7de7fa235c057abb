"""The household as a DEC-POMDP-COM: the formal problem that it poses, told with its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from talkoot.formal import DecPomdpCom
from talkoot.worlds.household.mechanics import ARITY, HANDS, TURN
from talkoot.worlds.household.scene import goal_text

if TYPE_CHECKING:
    from talkoot.worlds.household.world import HouseholdWorld


def formal(world: HouseholdWorld) -> DecPomdpCom:
    """State the problem of the episode that `world` plays, its options included (reference, 2.4 to 2.7)."""
    task, quirks, talks = world.task, world.quirks, world.message_limit > 0
    apartment = task.apartment
    things = sum(node.grabbable for node in apartment.nodes.values())
    opens = sum(node.openable for node in apartment.nodes.values())
    limit, costly = world.message_limit, world.talk == "costly"
    if not talks:
        said = "none"
    elif costly:
        said = f"a text of at most {limit} characters, by the action send_message, which takes a step of its own"
    else:
        said = f"a text of at most {limit} characters, with any action of the same step"
    conflict = "chance chooses who does" if quirks.conflict == "random" else "seat 0 does"
    walk = "1 m of the way" if quirks.walk == "metre" else "the whole way"
    names = tuple(name for name in ARITY if name != "send_message")
    chance = bool(quirks.unstick) or (quirks.conflict == "random" and len(world.seats) == 2)
    costs: dict[str, float] = dict.fromkeys(names, 1.0)
    if talks:
        costs["message"] = 1.0 if costly else 0.0
    return DecPomdpCom(
        agents=world.seats,
        state=(
            f"point, heading and hands (at most {HANDS} things) of each person; the place of each of {things} things; "
            f"which of {opens} things that can be opened stand open, in {len(apartment.rooms)} rooms; "
            f"the messages on their way; the step"
        ),
        actions=names,
        messages=said,
        message_limit=limit,
        observations=(
            "where the rooms are; in the own room everything that is not in something closed; the other person and "
            "what it holds if in the same room; what counts as delivered; the messages of the last step"
        ),
        observable="partial",
        transition=(
            f"both act in the same step; a walk covers {walk} along free space, a turn {TURN:g} degrees; what is not "
            f"possible changes nothing; where both act on the same thing, {conflict}"
        ),
        deterministic=not chance,
        subgoals=tuple(goal_text(task, goal) for goal in task.goals),
        reward="2 for each thing that comes to count as delivered, to the seat that did it; as much off when undone",
        costs=costs,
        discount=1.0,
        horizon=world.limit,
    )
