"""Was it a good decision? Rollouts from saved states tell: the chance of success before it and after it (ours).

StepWiser's Q with a world in place of a text (reference, 2.1 and 2.13): a recorded episode is retraced, the world is
saved where a decision begins and where it has been carried out, and from both states it is played on many times. Counts
come out, labels are views over them (`judging.labels`).

What is a success? Per decision (`horizon` steps): the points of the team in the steps since the decision began, each
counting the more the sooner it comes (the mean over those steps of what was earned by then), are at least the `bar`:
what all but the worst `share` of the rollouts before the decision reach. So Q before is 1 - share or a little more, and
Q after falls where the decision threw the team back. Over the whole episode (`horizon=None`): the same with one bar for
all, from rollouts at the start; then Q after a decision is Q before the next one, as in StepWiser, and `prefixes` gives
the counts of its prefixes. One poor decision out of sixty is seen with a horizon only.

Minds are not in a record, so those who play on take their seats afresh, knowing what the state shows.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from talkoot.agent import Agent
from talkoot.episode import Episode
from talkoot.errors import BadInput
from talkoot.events import Acted, Planned, Record, Stepped, silent
from talkoot.types import Action, Json, Observation, Seat, SkillCall
from talkoot.world import Guide, World

Team = Callable[[Seat], Mapping[Seat, Agent]]
"""The team that plays on where the decisions of a seat are looked at; called once for each seat."""

STRETCH = 8
"""Steps that count as one decision of a seat that records no skills."""

_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Decision:
    """What a seat decided at `t`, and until when it was under way (the next decision, or the end)."""

    seat: Seat
    t: int
    end: int
    what: str


@dataclass(frozen=True, slots=True)
class DecisionCounts:
    """Tries and successes (before, after) a decision, the mean points behind them, and the bar of success.

    After the last decision of an episode nothing is left to play: one try, what really happened.
    """

    decision: Decision
    tries: tuple[int, int]
    successes: tuple[int, int]
    points: tuple[float, float]
    bar: float


@dataclass(frozen=True)
class Rollouts:
    """How to play on: `n` times from each state, for `horizon` steps from the decision (None: to the end), from `seed`.

    `share` is the part of the rollouts that sets the bar and lies below it. Raises BadInput for what makes no sense.
    """

    n: int = 16
    horizon: int | None = 60
    share: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.n < 1 or (self.horizon is not None and self.horizon < 1) or not 0 <= self.share < 1:
            raise BadInput(
                f"{self.n} rollouts over {self.horizon} steps with a share of {self.share} make no sense; give at "
                "least 1 rollout, at least 1 step, and a share from 0 to below 1"
            )


class Wavering:
    """Plays as `agent` does, but with probability `chance` tries a random primitive: makes a script's play vary."""

    def __init__(self, agent: Agent, chance: float) -> None:
        if not 0 <= chance <= 1:
            raise BadInput(f"a chance of {chance} is no probability; give a number from 0 to 1")
        self.agent, self.chance = agent, chance

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat."""
        self._guide = guide
        self._random = random.Random(f"{seed}|{guide.seat}|wavering")
        self.agent.reset(seed, guide, record)

    async def act(self, observation: Observation) -> Action:
        """Mostly the agent's action; it does not see the moments in which it is not asked."""
        if self._random.random() < self.chance:
            guide = self._guide
            moves = guide.legal(observation.view) if guide.legal else tuple(map(Action, guide.primitives))
            return self._random.choice(moves or (guide.safe,))
        return await self.agent.act(observation)

    def save(self) -> Json:
        """The generator and the agent's mind."""
        version, internal, gauss = self._random.getstate()
        return {"random": [version, list(internal), gauss], "agent": self.agent.save()}

    def load(self, state: Json) -> None:
        """Go on from a saved state."""
        version, internal, gauss = state["random"]
        self._random.setstate((version, tuple(internal), gauss))
        self.agent.load(state["agent"])


def decisions_of(episode: Episode, seats: Sequence[Seat] | None = None) -> list[Decision]:
    """The decisions of these seats (None: all), seat by seat and in order.

    A decision is a plan that was carried out: the last one of its step. Seats that record no plans decide whenever
    they act under another skill; those without skills every `STRETCH` steps.
    """
    end = max((event.t for event in episode.events if isinstance(event, Stepped)), default=0)
    found = []
    for seat in sorted(episode.started.team) if seats is None else seats:
        begun = _begun(episode, seat)
        starts = sorted(t for t in begun if t < end)
        found += [Decision(seat, t, after, begun[t]) for t, after in zip(starts, [*starts[1:], end], strict=True)]
    return found


def _begun(episode: Episode, seat: Seat) -> dict[int, str]:
    """When which decision of a seat began."""
    planned = {event.t: event.skill for event in episode.events if isinstance(event, Planned) and event.seat == seat}
    if planned:
        return planned
    begun: dict[int, str] = {}
    skill, since = "", 0
    for event in episode.events:
        if not isinstance(event, Acted) or event.seat != seat:
            continue
        if not begun or event.skill != skill or (not skill and event.t - since >= STRETCH):
            skill, since = event.skill, event.t
            begun[event.t] = skill or f"{STRETCH} steps"
    return begun


@dataclass(frozen=True)
class _Moment:
    """A state of a retraced episode: where to load it, who decides next, and what the team had earned at which t."""

    state: Json
    ready: frozenset[Seat]
    over: bool


@dataclass(frozen=True)
class Retraced:
    """A recorded episode played again in a world: its moments by t, and the team's rewards as (t, points)."""

    moments: Mapping[int, _Moment]
    rewards: tuple[tuple[int, float], ...]
    start: int
    end: int


def retrace(world: World, episode: Episode, *, at: Iterable[int] | None = None) -> Retraced:
    """Play the recorded actions again and save the world at the times `at` (None: at all).

    Raises BadInput where the world does not do what the record tells.
    """
    started, wanted = episode.started, None if at is None else set(at)
    if set(started.team) != set(world.seats):
        raise BadInput(f"{world.name} has seats {list(world.seats)}, the record those of {sorted(started.team)}")
    observations = world.reset(started.seed)
    now = start = next(iter(observations.values())).t
    moments: dict[int, _Moment] = {}
    rewards: list[tuple[int, float]] = []
    ready, over = frozenset(world.seats), False

    def keep() -> None:
        if wanted is None or now in wanted:
            moments[now] = _Moment(world.save(), ready, over)

    _compare(world, started.scene, now)
    keep()
    actions: dict[Seat, Action] = {}
    for event in episode.events:
        if isinstance(event, Acted):
            actions[event.seat] = _action(event)
        elif isinstance(event, Stepped):
            step = world.step(actions)
            actions, now, ready, over = {}, event.t, step.ready, step.done
            _compare(world, event.scene, now)
            points = sum(step.rewards.values())
            if points:
                rewards.append((now, points))
            keep()
    return Retraced(moments, tuple(rewards), start, now)


def _action(event: Acted) -> Action:
    if "(" not in event.action:
        return Action(event.action, say=event.say)
    call = SkillCall.parse(event.action)
    return Action(call.name, call.arguments, event.say)


def _compare(world: World, scene: Json, t: int) -> None:
    if json.dumps(world.scene(), sort_keys=True) != json.dumps(scene, sort_keys=True):
        raise BadInput(
            f"{world.name} does not come to what the record shows at step {t}: it was played by other rules or by "
            "another version of talkoot; play the episode again"
        )


async def decision_counts(
    world: World,
    team: Team,
    episode: Episode,
    *,
    seats: Sequence[Seat] | None = None,
    rollouts: Rollouts | None = None,
    told: Callable[[int, int], None] | None = None,
) -> list[DecisionCounts]:
    """Play on around every decision of these seats (None: all) and count; in the order of `decisions_of`.

    `world` is one like that of the record; its state is lost. Rollout k from a state at t is seeded with
    (seed, k, seat, t) alone, so that the same request gives the same counts. The rollouts after a decision are also
    those before the next one of that seat. `told(done, all)` hears of every state that is done. Raises BadInput where
    the world or the team does not fit the record.
    """
    how = rollouts or Rollouts()
    decisions = decisions_of(episode, seats)
    times = {(d.seat, t) for d in decisions for t in (d.t, d.end)}
    path = retrace(world, episode, at={t for _, t in times})
    guides = {seat: world.guide(seat) for seat in world.seats}
    teams = {seat: team(seat) for seat in {d.seat for d in decisions}}
    for members in teams.values():
        if set(members) != set(world.seats):
            raise BadInput(f"{world.name} has seats {list(world.seats)}, but the team fills {sorted(members)}")
    drawn: dict[tuple[Seat, int], list[tuple[tuple[int, float], ...]]] = {}
    for done, (seat, t) in enumerate(sorted(times), 1):
        moment = path.moments[t]
        until = path.end if how.horizon is None else t + how.horizon
        drawn[seat, t] = [()] if moment.over or t == path.end else [
            await _play_on(world, moment, teams[seat], guides, f"{how.seed}|{k}|{seat}|{t}", until)
            for k in range(how.n)
        ]  # fmt: skip
        if told is not None:
            told(done, len(times))

    counts: list[DecisionCounts] = []
    bars: dict[Seat, float] = {}
    for d in decisions:
        since, until = (path.start, path.end) if how.horizon is None else (d.t, d.t + how.horizon)
        before, after = (
            [_mean_points((*_between(path.rewards, since, t), *later), since, until) for later in drawn[d.seat, t]]
            for t in (d.t, d.end)
        )
        bar = bars.setdefault(d.seat, _bar(before, how.share)) if how.horizon is None else _bar(before, how.share)
        counts.append(
            DecisionCounts(
                d,
                (len(before), len(after)),
                (_reaching(before, bar), _reaching(after, bar)),
                (sum(before) / len(before), sum(after) / len(after)),
                bar,
            )
        )
    return counts


async def _play_on(
    world: World, moment: _Moment, team: Mapping[Seat, Agent], guides: Mapping[Seat, Guide], seed: str, until: int
) -> tuple[tuple[int, float], ...]:
    """The rewards as (t, points) of one rollout from a saved state until time `until` or the end of the episode."""
    await asyncio.sleep(0)  # nothing else here waits, and Ctrl-C is heard only by who does
    observations = dict(world.load(moment.state))
    number = random.Random(seed).getrandbits(31)
    for seat, agent in team.items():
        agent.reset(number, guides[seat], silent)
    ready, done, rewards = moment.ready, False, []
    now = max(observation.t for observation in observations.values())
    while not done and now < until:
        # One after the other: those who play on are scripts and networks, which wait for nobody.
        step = world.step({seat: await team[seat].act(observations[seat]) for seat in sorted(ready)})
        observations.update(step.observations)
        ready, done, now = step.ready, step.done, now + step.elapsed
        points = sum(step.rewards.values())
        if points and now <= until:
            rewards.append((now, points))
    return tuple(rewards)


def _between(rewards: Iterable[tuple[int, float]], since: int, until: int) -> list[tuple[int, float]]:
    return [(t, points) for t, points in rewards if since < t <= until]


def _mean_points(rewards: Iterable[tuple[int, float]], since: int, until: int) -> float:
    """The mean, over the steps since + 1 .. until, of what was earned since `since` by then."""
    steps = max(until - since, 1)
    return sum(points * (until - t + 1) / steps for t, points in rewards if since < t <= until)


def _bar(values: Sequence[float], share: float) -> float:
    """What all but the worst `share` of the values reach."""
    return sorted(values, reverse=True)[max(math.ceil((1 - share) * len(values)), 1) - 1]


def _reaching(values: Iterable[float], bar: float) -> int:
    return sum(value >= bar - _EPSILON for value in values)


def prefixes(counts: Sequence[DecisionCounts]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Tries and successes at every prefix of one seat's decisions, as `judging.labels.Counts` takes them.

    Raises BadInput for counts of several seats, or with a horizon: there Q after one decision is another question than
    Q before the next.
    """
    if not counts or len({one.decision.seat for one in counts}) > 1:
        raise BadInput("prefixes are those of one seat's decisions; pass the counts of one seat, and at least one")
    if len({one.bar for one in counts}) > 1 or any(
        (one.tries[1], one.successes[1]) != (later.tries[0], later.successes[0]) for one, later in pairwise(counts)
    ):
        raise BadInput("prefixes need counts over the whole episode: Rollouts(horizon=None)")
    return (
        (counts[0].tries[0], *(one.tries[1] for one in counts)),
        (counts[0].successes[0], *(one.successes[1] for one in counts)),
    )
