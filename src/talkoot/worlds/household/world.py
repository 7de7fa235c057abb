"""The household as a World: one state of the rules, told to each seat as what it sees, with costly talk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Literal

from talkoot.errors import BadInput, IllegalAction
from talkoot.formal import DecPomdpCom
from talkoot.types import Action, Json, Message, Observation, Seat, Step
from talkoot.world import Guide
from talkoot.worlds.household.apartment import Apartment
from talkoot.worlds.household.mechanics import Deeds, check, pass_step, start
from talkoot.worlds.household.quick import maker
from talkoot.worlds.household.quirks import make_quirks
from talkoot.worlds.household.scene import Seen, containers, scene_of, setting_of, wanted_things
from talkoot.worlds.household.sight import observe_all
from talkoot.worlds.household.state import delivered
from talkoot.worlds.household.stored import load_state, save_state
from talkoot.worlds.household.task import Task
from talkoot.worlds.household.validity import check_task
from talkoot.worlds.household.view import HomeView

MESSAGE_LIMIT = 500
"""Characters that one message may have (reference, 1.5)."""

REWARD = 2.0
"""For each thing that comes to count as delivered, to the seat that did it; as much off when it is taken away."""

_NAMES: Mapping[Seat, str] = {0: "0", 1: "1"}
"""What seats are called in JSON."""

_observation, _step = maker(Observation), maker(Step)


class HouseholdWorld:
    """One apartment, one or two people, goals that both know; see `mechanics` for the primitives and their rules.

    `tasks` are the episodes: `reset(seed)` plays number `seed % len(tasks)`. Points that a task leaves open and
    conflicts are drawn by a generator of (seed, task name). `seats` are the seats that are held: a person whose seat is
    not held is not at home. `talk` "costly": only the primitive `send_message` delivers what is said; "free": words
    ride along with any action; "off": nobody speaks. Messages reach the other with its next observation, cut at
    `message_limit` characters. `limit` are the steps after which an episode ends, None for each task's own. `quirks`
    are the options of `Quirks` by name. `visual` is the (height, width) of images in pixels: seats get a `VisualView`,
    which is drawn when it is looked at (see `vision`; needs the extra `visual`), None the symbolic `HomeView`.

    What cannot be carried out now costs the step; `Step.info` is {"satisfied": number of things delivered, "success",
    "events": {"0": [what was done, such as "grab apple_12"]}, "failed": {"0": why not}, "cut": {"0": characters lost}},
    the last two only where there is something to tell. Raises BadInput for anything that makes no sense.
    """

    def __init__(
        self,
        tasks: Sequence[Task] | Task,
        *,
        seats: tuple[Seat, ...] = (0, 1),
        talk: Literal["costly", "free", "off"] = "costly",
        message_limit: int = MESSAGE_LIMIT,
        limit: int | None = None,
        name: str | None = None,
        visual: tuple[int, int] | None = None,
        **quirks: Any,
    ) -> None:
        self.tasks = (tasks,) if isinstance(tasks, Task) else tuple(tasks)
        if not self.tasks:
            raise BadInput("a household needs one task at least; none was given")
        for task in self.tasks:
            check_task(task, anywhere=bool(quirks.get("put_anywhere")))
        self.name = name or f"household/{self.tasks[0].name}"
        if not seats or len(set(seats)) < len(seats) or not set(seats) <= {0, 1}:
            raise BadInput(f"{self.name} has the seats [0, 1], asked for were {list(seats)}")
        if talk not in ("costly", "free", "off"):
            raise BadInput(f"unknown talk {talk!r}; known are costly, free, off")
        if message_limit < 1:
            raise BadInput(f"a message limit of {message_limit} characters leaves nothing to say; give 1 or more")
        if limit is not None and limit < 1:
            raise BadInput(f"a limit of {limit} steps is no episode; give 1 or more")
        self.seats: tuple[Seat, ...] = tuple(sorted(seats))
        self.talk, self.visual, self._limit = talk, visual, limit
        self.message_limit = message_limit if talk != "off" and len(self.seats) > 1 else 0
        self.quirks = make_quirks(quirks)
        self._held = frozenset(self.seats)
        self._eyes = None if visual is None else _eyes(visual)
        self._known: dict[int, tuple[frozenset[int], frozenset[int], int]] = {}
        self._begin(0)

    def _begin(self, seed: int) -> None:
        self._seed = seed
        self.state = start(self.tasks[seed % len(self.tasks)], seed, self.seats)
        self._seen = {seat: Seen() for seat in self.seats}
        self._take_task()

    def _take_task(self) -> None:
        """Note what is asked of the task in every step."""
        self._task = task = self.state.task
        number = self._seed % len(self.tasks)
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = wanted_things(task), containers(task), sum(g.count for g in task.goals)
        self._wanted, self._containers, self._needed = known
        self._last = self._limit or task.limit

    @property
    def task(self) -> Task:
        """The episode that is played."""
        return self._task

    @property
    def limit(self) -> int:
        """The steps after which this episode ends."""
        return self._last

    @property
    def success(self) -> bool:
        """Whether all goals hold."""
        return len(delivered(self.state)) == self._needed

    @property
    def done(self) -> bool:
        """Whether the episode has ended: all goals hold, or the limit is reached."""
        return self.state.t >= self.limit or self.success

    def reset(self, seed: int) -> Mapping[Seat, Observation]:
        """Begin an episode."""
        self._begin(seed)
        return self._observe()

    def step(self, actions: Mapping[Seat, Action]) -> Step:
        """Let one step pass. Raises IllegalAction for an unknown action or node, wrong arguments, a missing or unheld
        seat, words where nobody can speak, and after the end; nothing has changed then.
        """
        deeds = self._checked(actions)
        state, seats = self.state, self.seats
        rooms = list(state.room)
        failed = pass_step(state, deeds, self._chance, self.quirks)
        cut = self._hear(actions, failed) if self.message_limit else None
        satisfied, events, rewards = len(delivered(state)), {}, {}
        for seat in seats:
            events[_NAMES[seat]] = self._events(seat, deeds[seat], failed[seat], rooms[seat])
            rewards[seat] = REWARD * state.gained[seat]
        success = satisfied == self._needed and any(state.gained)
        info: dict[str, Json] = {"satisfied": satisfied, "success": success, "events": events}
        if any(failed.values()):
            info["failed"] = {_NAMES[seat]: reason for seat, reason in failed.items() if reason}
        if cut:
            info["cut"] = cut
        return _step(self._observe(), rewards, success or state.t >= self._last, self._held, 1, info)

    def _chance(self) -> Random:
        """What decides in this step where chance must."""
        return Random(f"{self._seed}|{self.task.name}|{self.state.t}")

    def _checked(self, actions: Mapping[Seat, Action]) -> Deeds:
        """The actions with the ids they name; raises IllegalAction for what nobody can do, before anything changes."""
        deeds = {}
        for seat, action in actions.items():
            if seat not in self.seats:
                raise IllegalAction(
                    f"seat {seat} gave {action.name!r}, but nobody holds it in {self.name}; held are {list(self.seats)}"
                )
            if action.name == "send_message" and not self.message_limit:
                raise IllegalAction(f"seat {seat}: nobody can speak in {self.name}; take another action")
            ids = check(self._task, seat, action)
            deeds[seat] = action, ids
            if action.name == "open" and self.quirks.reopen == "error" and ids[0] in self.state.open:
                raise IllegalAction(f"seat {seat}: {self.task.apartment.nodes[ids[0]].label} is open already")
        for seat in self.seats:
            if seat not in actions:
                raise IllegalAction(f"seat {seat} of {self.name} gave no action; every held seat acts in every step")
        if self.state.t >= self._last or self.success:
            raise IllegalAction(f"the episode in {self.name} ended after {self.state.t} steps; call reset")
        return deeds

    def _hear(self, actions: Mapping[Seat, Action], failed: dict[Seat, str]) -> dict[str, int]:
        """Put what is said on its way; returns how many characters were cut, by seat."""
        cut: dict[str, int] = {}
        said = []
        for seat in self.seats:
            action = actions[seat]
            speaks = action.name == "send_message"
            if speaks and not action.say:
                failed[seat] = "there is nothing to say; give the words with the action"
            if action.say and (speaks or self.talk == "free"):
                said.append(Message(seat, action.say[: self.message_limit], self.state.t - 1))
                if len(action.say) > self.message_limit:
                    cut[str(seat)] = len(action.say) - self.message_limit
        if said:
            self.state.said = tuple(said)
        return cut

    def _events(self, seat: Seat, deed: tuple[Action, tuple[int, ...]], failed: str, room: int) -> list[str]:
        """What a seat did, as names with keys: `enter kitchen_11`, `grab apple_12`, `deliver apple_12`, `say`."""
        state, nodes, (action, ids) = self.state, self._task.apartment.nodes, deed
        done = []
        if state.room[seat] != room:
            done.append(f"enter {nodes[state.room[seat]].key}")
        if ids and not failed and action.name != "walktowards":
            thing = nodes[ids[0]].key
            done.append(f"{action.name} {thing}")
            if state.gained[seat]:
                done.append(f"{'deliver' if state.gained[seat] > 0 else 'undo'} {thing}")
        if state.said and any(message.sender == seat for message in state.said):
            done.append("say")
        return done

    def guide(self, seat: Seat) -> Guide:
        """What the seat is told before the first step: who it is, the goal, the rules and its skills, in words."""
        from talkoot.worlds.household.guide import make_guide

        if seat not in self.seats:
            raise BadInput(f"nobody holds seat {seat} in {self.name}; held are {list(self.seats)}")
        guide = make_guide(self.task, seat, self.seats, message_limit=self.message_limit, talk=self.talk)
        if self.visual is None:
            return guide
        from talkoot.worlds.household.vision.observe import by_eye

        return by_eye(guide)

    def formal(self) -> DecPomdpCom:
        """The problem that this household poses, formally."""
        from talkoot.worlds.household.formal import formal

        return formal(self)

    def setting(self) -> Json:
        """The floor plan, the goals and the limit, for a viewer."""
        return setting_of(self.task, self.limit)

    def scene(self) -> Json:
        """People, things of the goals' classes, what is open, what was said and what each has seen, for a viewer."""
        return scene_of(self.state, self._wanted, self._seen)

    def save(self) -> Json:
        """The whole state as JSON: seed, task, what differs from its start, and what each seat has seen."""
        return {
            "seed": self._seed,
            "task": self.task.name,
            "state": save_state(self.state),
            "seen": {str(seat): seen.save() for seat, seen in self._seen.items()},
        }

    def load(self, state: Json) -> Mapping[Seat, Observation]:
        """Restore what `save` gave, also that of another process. Raises BadInput if it does not fit this world."""
        try:
            seed, name = int(state["seed"]), str(state["task"])
            seen = {seat: Seen.load(state["seen"][str(seat)]) for seat in self.seats}
            moment = state["state"]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(f"this is not a saved state of {self.name}: {error!r}") from error
        task = self.tasks[seed % len(self.tasks)]
        if task.name != name:
            raise BadInput(f"the saved state belongs to the task {name}, seed {seed} of {self.name} is {task.name}")
        loaded = load_state(task, moment, self.seats)
        self._seed, self.state, self._seen = seed, loaded, seen
        self._take_task()
        return self._observe()

    def _observe(self) -> dict[Seat, Observation]:
        state, quirks, seats = self.state, self.quirks, self.seats
        views = observe_all(state, seats, alone=len(seats) == 1, quirks=quirks, limit=self._last)
        seen = {}
        for seat, view in views.items():
            self._seen[seat].look(view, self._wanted, self._containers)
            shown = view if self._eyes is None else self._eyes(view, self.task.apartment)
            heard = state.said
            if heard and not quirks.echo:
                heard = tuple(message for message in heard if message.sender != seat)
            seen[seat] = _observation(seat, state.t, shown, heard)
        return seen


def _eyes(size: tuple[int, int]) -> Callable[[HomeView, Apartment], Any]:
    """What makes a visual observation of a symbolic one."""
    from talkoot.worlds.household.vision.observe import VisualView, eyes
    from talkoot.worlds.household.vision.shapes import Plan

    camera, plans = eyes(size), {}

    def look(view: HomeView, apartment: Apartment) -> VisualView:
        if id(apartment) not in plans:
            plans[id(apartment)] = Plan.of(apartment)
        return VisualView(view, plans[id(apartment)], camera)

    return look
