"""MHP in a seat: believes, keeps or searches a sub-goal, carries out the first primitive of its plan.

Source: reference, 4.1. A sub-goal is continued while it is still worth doing, or while its thing is held; else the
tree is searched. In every step the plan is made anew from what is believed now (regression), so a walk goes on until
its end is reached: to the room of a thing first, then to the thing. What the reference leaves open is named in
`Settings`.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from talkoot.errors import BadInput
from talkoot.events import Acted, Believed, Finished, Planned, Record
from talkoot.types import Action, Json, Observation, Seat
from talkoot.world import Guide
from talkoot.worlds.household.mhp.belief import Belief
from talkoot.worlds.household.mhp.imagination import imagine
from talkoot.worlds.household.mhp.inventory import Inventory
from talkoot.worlds.household.mhp.messages import Report, read, say
from talkoot.worlds.household.mhp.regression import regress
from talkoot.worlds.household.mhp.settings import Settings
from talkoot.worlds.household.mhp.subgoals import SubGoal, subgoals
from talkoot.worlds.household.mhp.tree import Search
from talkoot.worlds.household.state import State, delivered
from talkoot.worlds.household.view import HomeView

if TYPE_CHECKING:
    from talkoot.worlds.household.mhp.eyes import Eyes


class MHP:
    """The planner of C-WAH's baseline; satisfies `talkoot.agent.Agent`. It is told `Guide.inventory`, and otherwise
    knows only what it observes. `reset` raises BadInput where the guide has no inventory.
    """

    def __init__(self, settings: Settings | None = None, mate: MHP | None = None) -> None:
        """`mate` is whose sub-goal is looked up with `partner="oracle"`; see `oracle_pair`."""
        self.settings, self.mate = settings or Settings(), mate

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat. The generator's seed is the reference's: seat + 2 x the episode's seed."""
        if not isinstance(guide.inventory, Inventory):
            raise BadInput(f"mhp plays the household only: the guide of {guide.world} has no inventory; seat another")
        self._guide, self._record, self._seat = guide, record, guide.seat
        self._rng = Random(guide.seat + 2 * seed)
        self.belief = Belief(
            guide.inventory,
            guide.seat,
            self._rng,
            told=self.settings.satisfied == "told",
            known=self.settings.furniture == "known",
        )
        self._goal: SubGoal | None = None
        self._pursued: tuple[tuple[int, SubGoal | None], ...] = ()
        self._announced: SubGoal | None = None
        self._believed: SubGoal | None = None
        self._shared: dict[int, int] = {}
        self._looked: set[int] = set()
        self._room: int | None = None
        self._put: SubGoal | None = None
        self._announced_at: int | None = None
        self._heard_at = 0
        self._eyes: Eyes | None = None

    async def act(self, observation: Observation) -> Action:
        """The next primitive, or a message."""
        self._listen(observation)
        view, t = self._see(observation), observation.t
        moment = imagine(self.belief)
        partner = self._partner(moment, t)
        worth = subgoals(moment, self._seat, partner)
        before = self._goal
        if self._goal is not None and self._goal not in worth and self._goal.thing not in moment.hands[self._seat]:
            self._let_go(t, moment)
        if self._goal is None and worth:
            self._search(t, moment, partner)
        action = regress(moment, self._seat, self._goal)[0][0] if self._goal else self._guide.safe
        if self._eyes is not None:
            action = self._eyes.first(action)
        words = self._words(view, self._goal != before)
        if words and self._guide.speech:
            action = Action(self._guide.speech, say=words)
        elif words:
            action = replace(action, say=words)
        self._put = self._goal if action.name in ("putback", "putin") else None
        self._pursued = (*self._pursued[-1:], (t, self._goal))
        self._record(Acted(t, self._seat, str(action), str(self._goal.call) if self._goal else "", action.say))
        return action

    def _see(self, observation: Observation) -> HomeView:
        """Correct the belief; returns the view of the moment, by eye of what is seen and remembered of the own room."""
        if isinstance(observation.view, HomeView):
            self.belief.see(observation.view)
            return observation.view
        glance = self._open_eyes().see(observation)
        self.belief.see(glance.view, glance.missed, glance.looked)
        return glance.view

    def _open_eyes(self) -> Eyes:
        if self._eyes is None:
            from talkoot.worlds.household.mhp.eyes import Eyes  # images need what a symbolic world can do without

            self._eyes = Eyes(self._guide)
        return self._eyes

    # --- sub-goals

    def _let_go(self, t: int, moment: State) -> None:
        assert self._goal is not None
        done = self._goal.thing in delivered(moment)
        reason = "" if done else "something else is worth doing now, or it is no longer needed"
        self._record(Finished(t, self._seat, str(self._goal.call), done, reason))
        self._goal = None

    def _search(self, t: int, moment: State, partner: SubGoal | None) -> None:
        choice = Search(moment, self._seat, self.settings, self._rng, partner).run()
        if not choice.goals:
            return
        self._goal = choice.goals[0]
        visits = ", ".join(f"{goal.call}: {count}" for goal, count in choice.visits.items())
        order = ", then ".join(str(goal.call) for goal in choice.goals)
        self._record(
            Planned(t, self._seat, str(self._goal.call), f"visits of {visits}. Best order: {order}.",
                    str(partner.call) if partner else "")
        )  # fmt: skip

    # --- the partner

    def _partner(self, moment: State, t: int) -> SubGoal | None:
        """The other's sub-goal as far as the settings let it be known; told in the record when it changes."""
        known: SubGoal | None = None
        if self.settings.partner == "seen":
            known = self._seen_to_hold(moment)
        elif self.settings.partner == "told":
            known = None if self._was_first() else self._announced
        elif self.settings.partner == "oracle" and self.mate is not None:
            known = self.mate.goal_at(t - 1)
        if known is not None and known.thing in delivered(moment):
            known = None
        if known is not None and known != self._believed and self._guide.mates:
            self._record(Believed(t, self._seat, self._guide.mates[0], str(known.call)))
        self._believed = known
        return known

    def _seen_to_hold(self, moment: State) -> SubGoal | None:
        names = self.belief.inventory.things
        held = moment.hands[1 - self._seat]
        goals = (SubGoal(thing, goal) for thing in held for goal in self.belief.inventory.goals
                 if names[thing] == goal.name)  # fmt: skip
        return next(goals, None)

    def goal_at(self, t: int) -> SubGoal | None:
        """The sub-goal pursued in step `t`, the latest or the one before, for a mate that looks it up."""
        return next((goal for when, goal in self._pursued if when == t), None)

    # --- messages

    def _listen(self, observation: Observation) -> None:
        for message in observation.messages:
            if message.sender == self._seat:
                continue
            report = read(message.text, self.belief.inventory)
            if report.plan is not None:
                self._announced, self._heard_at = report.plan, message.t
            if report.put is not None:
                self.belief.hear_delivered(report.put.thing, report.put.goal)
            for place, things in report.places:
                self.belief.hear(place, things)
                self._shared |= dict.fromkeys(things, place)
                self._looked |= {place} & set(self.belief.shelves)

    def _was_first(self) -> bool:
        """Whether the own sub-goal, which the other's announced one gets in the way of, was announced before it, or in
        the same step by seat 0: then the other has to give way. Without such a rule both give way for ever.
        """
        mine, other = self._goal, self._announced
        if mine is None or other is None or self._announced_at is None:
            return False
        clash = mine.goal == other.goal or mine.thing == other.thing
        return clash and (self._announced_at, self._seat) < (self._heard_at, 1 - self._seat)

    def _words(self, view: HomeView, new: bool) -> str:
        """The message that is worth a step now, or nothing."""
        settings, limit = self.settings, self._guide.message_limit
        room, self._room = self._room, view.me.room
        if settings.talk == "off" or not limit:
            return ""
        everything = settings.talk == "messages"
        places = self._news() if everything and room != view.me.room else ()
        if len(places) + 4 * sum(len(things) for _, things in places) < settings.worth:
            places = ()
        if new:
            self._announced_at = view.t if self._goal else None
        report = Report(
            plan=self._goal if new else None,
            found=self._goal is not None and self._goal.thing in self.belief.certain(),
            put=self._put if everything and self._put and self._put.thing not in view.me.holding else None,
            places=places,
        )
        self._shared |= {thing: place for place, things in places for thing in things}
        self._looked |= {place for place, _ in places if place in self.belief.shelves}
        rooms = {place: self.belief.place[place] for place, _ in places if place in self.belief.shelves}
        return say(report, self._label, rooms, limit)

    def _news(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Containers newly looked into with the needed things in them, rooms with needed things newly found there."""
        belief = self.belief
        brought = {goal.target for goal in belief.inventory.goals}
        certain = {
            thing: place
            for thing, place in belief.certain().items()
            if place not in brought and belief.on.get(thing) not in brought
        }
        fresh = {thing: place for thing, place in certain.items() if self._shared.get(thing) != place}
        looked = belief.looked_into() - self._looked
        rooms = {place for place in fresh.values() if place in belief.inventory.rooms}
        return tuple(
            (place, tuple(sorted(thing for thing, where in certain.items() if where == place)))
            for place in sorted(looked | rooms)
        )

    def _label(self, number: int) -> str:
        inventory = self.belief.inventory
        node = inventory.rooms.get(number) or inventory.furniture.get(number)
        return node.label if node else f"<{inventory.things[number]}> ({number})"

    # --- the mind as JSON

    def save(self) -> Json:
        """What it believes, pursues, has announced and has been told."""
        return {
            "belief": self.belief.save(),
            "goal": _save(self._goal),
            "pursued": [[t, _save(goal)] for t, goal in self._pursued],
            "announced": _save(self._announced),
            "believed": _save(self._believed),
            "shared": [list(pair) for pair in self._shared.items()],
            "looked": sorted(self._looked),
            "room": self._room,
            "put": _save(self._put),
            "told": self._announced_at,
            "heard": self._heard_at,
            "eyes": self._eyes.save() if self._eyes is not None else None,
        }

    def load(self, state: Json) -> None:
        """Go on from what `save` gave."""
        self.belief.load(state["belief"])
        self._goal, self._announced = self._read(state["goal"]), self._read(state["announced"])
        self._believed, self._put = self._read(state["believed"]), self._read(state["put"])
        self._pursued = tuple((t, self._read(goal)) for t, goal in state["pursued"])
        self._shared = dict(state["shared"])
        self._looked, self._room, self._announced_at = set(state["looked"]), state["room"], state["told"]
        self._heard_at = state["heard"]
        self._eyes = None
        if state["eyes"] is not None:
            self._open_eyes().load(state["eyes"])

    def _read(self, saved: Json) -> SubGoal | None:
        if saved is None:
            return None
        thing, key = saved
        return SubGoal(thing, next(goal for goal in self.belief.inventory.goals if goal.key == key))


def _save(goal: SubGoal | None) -> Json:
    return None if goal is None else [goal.thing, goal.goal.key]


def oracle_pair(settings: Settings | None = None) -> dict[Seat, MHP]:
    """Two MHPs, of which the second, "recursive" one always knows the sub-goal that the first pursued in the last step.

    The release lets seat 1 look at what seat 0 has decided in the same step; here both decide at once.
    """
    settings = replace(settings or Settings(), partner="oracle")
    first = MHP(settings)
    return {0: first, 1: MHP(settings, first)}
