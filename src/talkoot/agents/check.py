"""`check_agent`: the conformance test of the Agent contract, for every agent that talkoot or a user brings."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

from talkoot.agent import Agent
from talkoot.agents.following import moves
from talkoot.episode import run_sync
from talkoot.errors import IllegalAction
from talkoot.events import Acted, Ended, Event, Started, Stepped
from talkoot.types import Action, Json, Observation, Seat
from talkoot.world import Guide, World

Team = Mapping[Seat, Agent]
Seen = dict[Seat, Observation]


def check_agent(agent_factory: Callable[[], Agent | Team], world: World, seed: int = 0, steps: int = 60) -> None:
    """Let agents play `steps` steps and test what the contract promises; raises AssertionError that says what broke.

    `agent_factory` makes a fresh agent for one seat (it is called once for each), or a whole team at once where the
    agents of a team belong together. Tested: that `act` can be awaited; that actions are legal; that the observations
    and the world stay as they are; that events bear the agent's own seat and the time of the observation; that the
    same seed gives the same actions and events byte for byte, whatever the global random state and the event loop;
    that an agent knows only what it observes (the same observations, shown again while the world stands elsewhere,
    give the same actions); that `save` is JSON and changes nothing; that a fresh agent that loads it goes on
    identically; and that `reset` forgets. Errors that the agent itself raises pass through. Source: ours.
    """
    _must(steps >= 4, "steps must be at least 4")

    def team() -> Team:
        return _seated(agent_factory, world)

    for seat, agent in team().items():
        _must(isinstance(agent, Agent), f"the agent of seat {seat} lacks a method of talkoot.agent.Agent")
    state = random.getstate()
    first = run_sync(_play(team(), world, seed, steps, thorough=True))
    _must(random.getstate() == state, "it draws from Python's global random state; use an own generator from the seed")
    numpy = sys.modules.get("numpy")
    used = team()
    try:
        random.seed(steps)
        if numpy is not None:
            numpy.random.seed(steps)  # the same play must come out under another global state
        run_sync(_play(used, world, seed + 1, steps // 2))
        second = run_sync(_play(team(), world, seed, steps))
        again = run_sync(_play(used, world, seed, steps))
    finally:
        random.setstate(state)
    _same(first, second, "the same seed gave something else in a second run")
    _same(first, again, "after reset it goes on differently from a fresh one: it has not forgotten the last episode")
    shown = run_sync(_show(team(), world, seed, first, stir=True))
    _same(first, shown, "it knows more than it observes: the same observations gave something else in another world")
    for cut in sorted({1, len(first) // 4, len(first) // 2, 3 * len(first) // 4} - {0}):
        if cut < len(first):
            told = run_sync(_show(team(), world, seed, first[cut:], first[cut - 1].minds))
            _same(first[cut:], told, f"a fresh agent that loaded what was saved after {cut} steps goes on differently")
    world.reset(seed)


@dataclass
class _Moment:
    """One step: what was shown, what was done and recorded (as JSON, by seat), and the minds saved afterwards."""

    seen: Seen
    done: dict[Seat, str] = field(default_factory=dict)
    minds: str = ""
    actions: dict[Seat, Action] = field(default_factory=dict)


def _must(holds: bool, what: str) -> None:
    # No assert statement: the check must also hold under `python -O`.
    if not holds:
        raise AssertionError(f"this agent breaks the contract: {what}")


def _json(value: Any, what: str) -> str:
    try:
        text = json.dumps(value, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"this agent breaks the contract: {what} must be JSON: {error}") from error
    _must(json.loads(text) == value, f"{what} must be plain JSON that reads back equal (string keys, lists, no tuples)")
    return text


def _seated(factory: Callable[[], Agent | Team], world: World) -> Team:
    made = factory()
    if isinstance(made, Mapping):
        _must(set(made) == set(world.seats), f"the team fills seats {sorted(made)}, the world has {list(world.seats)}")
        return made
    return {seat: factory() if seat != world.seats[0] else made for seat in world.seats}  # type: ignore[misc]


def _begin(team: Team, world: World, seed: int) -> dict[Seat, list[Event]]:
    thoughts: dict[Seat, list[Event]] = {seat: [] for seat in world.seats}
    for seat in world.seats:
        team[seat].reset(seed, world.guide(seat), thoughts[seat].append)
    return thoughts


async def _play(team: Team, world: World, seed: int, steps: int, *, thorough: bool = False) -> list[_Moment]:
    """Play in the world; `thorough` saves the minds after every step and tests what must hold at each."""
    seen: Seen = dict(world.reset(seed))
    guides = {seat: world.guide(seat) for seat in world.seats}
    thoughts = _begin(team, world, seed)
    moments: list[_Moment] = []
    ready = frozenset(world.seats)
    for _ in range(steps):
        shown = {seat: seen[seat] for seat in sorted(ready)}
        before = _json(world.save(), "the world's state") + _views(shown)
        moment = await _one_step(team, shown, thoughts, guides)
        _must(_json(world.save(), "the world's state") + _views(shown) == before, "act changed the world or its view")
        if thorough:
            moment.minds = _json([team[seat].save() for seat in world.seats], "save()")
            _must(_json([team[seat].save() for seat in world.seats], "save()") == moment.minds, "save changes the mind")
        moments.append(moment)
        try:
            step = world.step(moment.actions)
        except IllegalAction as error:
            raise AssertionError(f"this agent breaks the contract: {error}") from error
        seen.update(step.observations)
        ready = step.ready
        if step.done:
            break
    return moments


async def _show(
    team: Team, world: World, seed: int, moments: Sequence[_Moment], minds: str | None = None, *, stir: bool = False
) -> list[_Moment]:
    """Show the observations of earlier moments once more; to `stir` is to play another game in the world meanwhile."""
    world.reset(seed)  # what a guide tells may depend on the episode
    thoughts = _begin(team, world, seed)
    if minds is not None:
        for seat, mind in zip(world.seats, json.loads(minds), strict=True):
            team[seat].load(mind)
    guides = {seat: world.guide(seat) for seat in world.seats}
    rng, done, shown = random.Random(seed), True, []
    ready, stirred = frozenset(world.seats), Seen()
    for moment in moments:
        if stir and done:
            stirred = dict(world.reset(seed + 1))
            ready = frozenset(world.seats)
        if stir:
            step = world.step({seat: _stir(rng, guides[seat], stirred[seat]) for seat in sorted(ready)})
            stirred.update(step.observations)
            ready, done = step.ready, step.done
        shown.append(await _one_step(team, moment.seen, thoughts, guides))
    return shown


def _stir(rng: random.Random, guide: Guide, observation: Observation) -> Action:
    return rng.choice(moves(guide, observation) or (guide.safe,))


async def _one_step(
    team: Team, shown: Seen, thoughts: dict[Seat, list[Event]], guides: Mapping[Seat, Guide]
) -> _Moment:
    for events in thoughts.values():
        events.clear()
    calls = []
    for seat, observation in shown.items():
        call = team[seat].act(observation)
        _must(isawaitable(call), f"act must be async, but gave {type(call).__name__}")
        calls.append(asyncio.ensure_future(call))
    moment = _Moment(dict(shown))
    for seat, action in zip(shown, await asyncio.gather(*calls), strict=True):
        _action(action, seat, guides[seat])
        _events(thoughts[seat], shown[seat], action)
        told: Json = [_plain(action), [_plain(event) for event in thoughts[seat]]]
        moment.done[seat], moment.actions[seat] = json.dumps(told), action
    for seat in set(thoughts) - set(shown):
        _must(not thoughts[seat], f"seat {seat} recorded something in a step in which it was not asked")
    return moment


def _plain(value: Any) -> Json:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _views(shown: Seen) -> str:
    return _json([observation.view.save() for observation in shown.values()], "view.save()")


def _action(action: Any, seat: Seat, guide: Guide) -> None:
    _must(isinstance(action, Action), f"act gave {type(action).__name__}, not an Action")
    _must(isinstance(action.name, str) and isinstance(action.say, str), f"{action!r}: name and say must be str")
    _must(all(isinstance(part, str) for part in action.arguments), f"{action!r}: arguments must be str")
    known = guide.primitives
    _must(not known or action.name in known, f"seat {seat} gave {action.name!r}, known are {', '.join(known)}")


def _events(events: Sequence[Event], observation: Observation, action: Action) -> None:
    for event in events:
        if isinstance(event, Started | Stepped | Ended):
            raise AssertionError(f"this agent breaks the contract: {event.kind!r} is for the main loop to record")
        _must(event.seat == observation.seat, f"seat {observation.seat} recorded an event of seat {event.seat}")
        _must(event.t == observation.t, f"at time {observation.t} it recorded an event of time {event.t}")
    acted = [(event.action, event.say) for event in events if isinstance(event, Acted)]
    _must(len(acted) <= 1, "it recorded more than one action in a step")
    _must(not acted or acted[0] == (str(action), action.say), f"it recorded {acted}, but gave {action!r}")


def _same(one: Sequence[_Moment], other: Sequence[_Moment], what: str) -> None:
    for number, (here, there) in enumerate(zip(one, other, strict=False)):
        _must(here.done == there.done, f"{what} (step {number}: {here.done} against {there.done})"[:2000])
    _must(len(one) == len(other), f"{what}: {len(one)} steps against {len(other)}")
