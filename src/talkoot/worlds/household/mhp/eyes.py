"""MHP by eye (reference, 4.1, vision variant): it remembers what it saw, and looks around before it rules anything out.

The belief wants to know what is in the own room. By eye that is what memory has of it; what is not in there is known to
be absent only after a look all the way round, or where the image shows that something is gone. MHP looks around, 11
turns of 30 degrees, when it enters a room that it has not explored, and when it stops because the next thing that it
wants to act on is neither in sight nor remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from talkoot.types import Action, Json, Observation
from talkoot.world import Guide
from talkoot.worlds.household.skills import face
from talkoot.worlds.household.view import HomeView
from talkoot.worlds.household.vision.perceive import SECTORS, EyeView

TURN = Action("turnleft")

PATIENCE = 8
"""Steps spent on the spot for something that is not in sight before it is taken to be gone."""


@dataclass(frozen=True)
class Glance:
    """What one sees and remembers of the own room as a view of the moment. Absent are `missed`, None for all that is
    not in the view; `looked` are the containers whose inside was seen.
    """

    view: HomeView
    missed: frozenset[int] | None
    looked: frozenset[int]


class Eyes:
    """The memory of one seat that sees images; `known` is all that it knows by now, None at first."""

    def __init__(self, guide: Guide) -> None:
        assert guide.recall is not None, "who sees by eye is told how to remember"
        self._guide, self._recall = guide, guide.recall
        self.known: EyeView | None = None
        self._faced: int | None = None
        self._tries = 0

    def see(self, observation: Observation) -> Glance:
        """Take in an image. What is said is none of its business: MHP reads messages by itself."""
        before = self.known
        known: EyeView = self._recall(before, replace(observation, messages=()))
        if self._faced in known.shown or not known.still:
            self._tries = 0
        if self._tries > PATIENCE:  # hands or feet have been sent there in vain, and the eyes do not find it either
            left = {n: node for n, node in known.nodes.items() if n != self._faced or not node.grabbable}
            known = replace(known, nodes=left)
        self.known = known
        here, shown = known.me.room, observation.view.seen.nodes
        people = {seat: person for seat, person in known.people.items() if person.t == known.t}
        held = {thing for person in people.values() for thing in person.holding}
        nodes = {
            number: node
            for number, node in known.nodes.items()
            if number in shown or number in held or (number in known.inside and known.room_of(number) == here)
        }
        whole = len(known.looked) == SECTORS
        gone = {n for n in before.nodes if n not in known.nodes and before.room_of(n) == here} if before else set()
        view = replace(
            known,
            nodes=nodes,
            inside={number: parent for number, parent in known.inside.items() if number in nodes},
            on={number: surface for number, surface in known.on.items() if number in nodes},
            open=known.open & nodes.keys(),
            people=people,
        )
        looked = {n for n in view.open if whole or (n in shown and view.reaches(n))}
        return Glance(view, None if whole else frozenset(gone), frozenset(looked))

    def save(self) -> Json:
        """What is known by now."""
        return {
            "known": self.known.save() if self.known is not None else None,
            "faced": self._faced,
            "tries": self._tries,
        }

    def load(self, state: Json) -> None:
        """Go on from what `save` gave."""
        known = state["known"]
        self.known = self._guide.restore(known) if known is not None else None
        self._faced, self._tries = state["faced"], state["tries"]

    def first(self, action: Action) -> Action:
        """What comes before this action: a look around, or a look at what it is about; else the action itself."""
        known = self.known
        assert known is not None
        wanted = [int(number) for number in action.arguments if int(number) not in known.rooms]
        lacks = known.me.room not in known.explored or any(number not in known.nodes for number in wanted)
        if lacks and len(known.looked) < SECTORS:
            step, self._faced = TURN, None
        else:
            end = wanted[-1] if wanted else None
            step = (face(known, end, self._faced == end) if end is not None else None) or action
            self._tries = self._tries + 1 if self._faced == end else 0
            self._faced = end
        return step
