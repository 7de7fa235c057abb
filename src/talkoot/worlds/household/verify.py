"""Is our household the recorded one? Recorded runs of C-WAH are replayed by the rules of `mechanics` and compared.

There is one implementation of the rules; this only feeds it. Of the record it takes the start, the actions, and before
each step where the two people are: Unity's paths differ from ours by centimetres, which would add up. Everything else
- what is held, open, delivered and seen - must follow from the rules, from the first step to the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from random import Random

from talkoot.errors import CorruptRecord, IllegalAction
from talkoot.types import Action, Json, Seat
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.mechanics import advance, apply, check, conflicting, observe, start
from talkoot.worlds.household.reach import within_reach
from talkoot.worlds.household.records import Recorded, Run
from talkoot.worlds.household.state import State
from talkoot.worlds.household.view import HomeView, relevant

STEPS_BAR, OBSERVATIONS_BAR, WALKS_BAR = 0.98, 1.0, 0.9
"""The shares of steps, observations and walks from which on our household counts as the recorded one."""

LONGEST = 100
"""Steps after which a walk that does not arrive is given up."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: in which file, at which step, for which seat (None: both), what; recorded, replayed."""

    file: str
    step: int
    seat: Seat | None
    what: str
    recorded: Json
    replayed: Json


@dataclass
class Counts:
    """What was compared in one file or in all, and how much of it agrees.

    A step agrees if after it the rooms, what each holds, what each sees open or closed and what lies at the goals'
    places are as recorded, for both seats. A walk is a row of `walktowards` the same target that arrived; `walk_errors`
    maps our steps less the recorded ones to how often that was so (None: we never arrive).
    """

    steps: int = 0
    steps_agree: int = 0
    observations: int = 0
    observations_agree: int = 0
    walks: int = 0
    walks_within_1: int = 0
    walk_errors: dict[int | None, int] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        """Add the counts of another file."""
        self.steps += other.steps
        self.steps_agree += other.steps_agree
        self.observations += other.observations
        self.observations_agree += other.observations_agree
        self.walks += other.walks
        self.walks_within_1 += other.walks_within_1
        for error, count in other.walk_errors.items():
            self.walk_errors[error] = self.walk_errors.get(error, 0) + count

    @property
    def passed(self) -> bool:
        """Whether there was anything to compare, and all shares reach the bar."""
        pairs = (
            (self.steps_agree, self.steps, STEPS_BAR),
            (self.observations_agree, self.observations, OBSERVATIONS_BAR),
            (self.walks_within_1, self.walks, WALKS_BAR),
        )
        return self.steps > 0 and all(agree >= share * total for agree, total, share in pairs)

    @property
    def walk_error(self) -> float | None:
        """The mean absolute error of the steps of a walk that arrives, None without walks."""
        errors = {error: count for error, count in self.walk_errors.items() if error is not None}
        total = sum(errors.values())
        return sum(abs(error) * count for error, count in errors.items()) / total if total else None


@dataclass
class Verdict:
    """The counts of each file, of all together, and all differences in order."""

    files: dict[str, Counts] = field(default_factory=dict)
    total: Counts = field(default_factory=Counts)
    differences: list[Difference] = field(default_factory=list)


def verify(episodes: Iterable[Recorded]) -> Verdict:
    """Replay recorded episodes; those without a run are left out.

    Raises CorruptRecord for a run with an action that nobody can take, such as one that names a node nobody has.
    """
    verdict = Verdict()
    for episode in episodes:
        if episode.run is not None:
            try:
                counts = _Replay(episode, episode.run, verdict.differences).play()
            except IllegalAction as error:
                raise CorruptRecord(f"{episode.path} cannot be replayed: {error}; fetch it again") from None
            verdict.files[episode.path.name] = counts
            verdict.total.add(counts)
    return verdict


def as_json(verdict: Verdict) -> Json:
    """The verdict as one object; `differences` are the first twenty, walks within one step left out."""
    total = verdict.total
    return {
        "episodes": len(verdict.files),
        "steps": total.steps,
        "steps_agree": total.steps_agree,
        "walks": total.walks,
        "walks_within_1": total.walks_within_1,
        "observations": total.observations,
        "observations_agree": total.observations_agree,
        "walk_error": None if total.walk_error is None else round(total.walk_error, 4),
        "passed": total.passed,
        "parts": [{"file": name, **_plain(counts)} for name, counts in verdict.files.items()],
        "differences": [asdict(one) for one in verdict.differences[:20]],
    }


def _plain(counts: Counts) -> dict[str, Json]:
    told = asdict(counts)
    told["walk_errors"] = {str(error): count for error, count in sorted(counts.walk_errors.items(), key=str)}
    return told


class _Other(Random):
    """Chance that always lets seat 1 have its way where both act on one thing."""

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        return 0


class _Replay:
    """One episode, replayed."""

    def __init__(self, episode: Recorded, run: Run, differences: list[Difference]) -> None:
        self._file, self._task, self._run = episode.path.name, episode.task, run
        self._differences = differences
        self._counts = Counts()
        self._begun: dict[Seat, int] = {}

    def play(self) -> Counts:
        """Replay all steps."""
        state, counts = start(self._task, 0), self._counts
        for t in range(self._run.steps):
            self._place(state, t)
            for seat in (0, 1):
                self._look(state, seat, t)
                self._walk(state, seat, t)
            state, found = self._step(state, t)
            counts.steps += 1
            counts.steps_agree += not found
            self._differences += found
        return counts

    def _place(self, state: State, t: int) -> None:
        """Put both people where they were recorded."""
        for seat in (0, 1):
            state.position[seat] = self._run.positions[seat][t]
            state.yaw[seat] = self._run.yaw[seat][t]
            state.room[seat] = self._run.rooms[seat][t]

    def _look(self, state: State, seat: Seat, t: int) -> None:
        """Compare what a seat sees, filtered as the recorded agents filtered it."""
        view = observe(state, seat)
        recorded, seen = self._run.visible[seat][t], visible(view)
        self._counts.observations += 1
        self._counts.observations_agree += seen == recorded
        if seen != recorded:
            self._differences.append(
                Difference(self._file, t, seat, "visible", sorted(recorded - seen), sorted(seen - recorded))
            )

    def _step(self, state: State, t: int) -> tuple[State, list[Difference]]:
        """Play one step; where both act on one thing, whoever is recorded to have had its way has it."""
        actions = {seat: self._run.actions[seat][t] for seat in (0, 1)}
        outcomes = [state]
        if conflicting({seat: (action, check(self._task, seat, action)) for seat, action in actions.items()}):
            outcomes.append(state.copy())
        found = []
        for outcome, chance in zip(outcomes, (None, _Other()), strict=False):
            advance(outcome, actions, chance)
            found.append((outcome, self._compare(outcome, t)))
        return min(found, key=lambda one: len(one[1]))

    def _compare(self, state: State, t: int) -> list[Difference]:
        """What is not as recorded after step `t`; of the last step only what lies at the goals' places is recorded."""
        run, found = self._run, []

        def compare(seat: Seat | None, what: str, recorded: Json, replayed: Json) -> None:
            if recorded != replayed:
                found.append(Difference(self._file, t, seat, what, recorded, replayed))

        there = {key: sorted(ids) for key, ids in run.satisfied[t].items()}
        compare(None, "satisfied", there, {goal.key: self._at_place(state, goal.key) for goal in self._task.goals})
        if t + 1 < run.steps:
            for seat in (0, 1):
                compare(seat, "room", run.rooms[seat][t + 1], state.room[seat])
                compare(seat, "holding", sorted(run.holding[seat][t + 1]), sorted(state.hands[seat]))
                opened = run.opened[seat][t + 1]
                ours = {number: number in state.open for number in opened}
                compare(seat, "open", _ids(opened), _ids(ours))
        return found

    def _at_place(self, state: State, key: str) -> list[int]:
        """All things of a goal's class at its place, also those that are more than it asks for."""
        (goal,) = (goal for goal in self._task.goals if goal.key == key)
        places = state.on if goal.relation == "on" else state.inside
        nodes = self._task.apartment.nodes
        return sorted(one for one, place in places.items() if place == goal.target and nodes[one].name == goal.name)

    # --- walks ------------------------------------------------------------------------------------------------------

    def _walk(self, state: State, seat: Seat, t: int) -> None:
        """Where a walk begins that arrived in the record, walk it from there by our rules and compare the steps."""
        action = self._run.actions[seat][t]
        if action.name != "walktowards" or (t and self._run.actions[seat][t - 1] == action):
            return
        (target,) = check(self._task, seat, action)
        recorded = self._recorded_steps(seat, t, action, target)
        if not recorded:
            return
        ours = self._our_steps(state.copy(), seat, action, target)
        error = None if ours is None else ours - recorded
        counts = self._counts
        counts.walks += 1
        counts.walk_errors[error] = counts.walk_errors.get(error, 0) + 1
        if error is not None and abs(error) <= 1:
            counts.walks_within_1 += 1
        else:
            label = self._task.apartment.nodes[target].label
            self._differences.append(Difference(self._file, t, seat, f"steps to {label}", recorded, ours))

    def _recorded_steps(self, seat: Seat, t: int, action: Action, target: int) -> int:
        """The steps until the recorded walk had arrived; 0 where it had before, or never does."""
        run = self._run
        for now in range(t, run.steps):
            if self._arrived(seat, now, target):
                return now - t
            if run.actions[seat][now] != action:
                break
        return 0

    def _arrived(self, seat: Seat, t: int, target: int) -> bool:
        """In a room: to be inside. At anything else: an edge CLOSE between the person and it."""
        if target in self._task.apartment.rooms:
            return self._run.rooms[seat][t] == target
        return target in self._run.close[seat][t]

    def _our_steps(self, state: State, seat: Seat, action: Action, target: int) -> int | None:
        for steps in range(1, LONGEST + 1):
            if apply(state, seat, action):
                return None
            if target in self._task.apartment.rooms:
                if state.room[seat] == target:
                    return steps
            elif _near(state, seat, state.node(target)):
                return steps
        return None


def visible(view: HomeView) -> frozenset[int]:
    """The ids of a view as C-WAH's agents filter it: rooms, people, and what matters for the task (reference, 2.4)."""
    return frozenset((*view.rooms, *(seat + 1 for seat in view.people), *(node.id for node in relevant(view))))


def _near(state: State, seat: Seat, node: Node) -> bool:
    return state.room[seat] == state.room_of(node.id) and within_reach(state.position[seat], node)


def _ids(opened: Mapping[int, bool]) -> list[int]:
    return sorted(number for number, is_open in opened.items() if is_open)
