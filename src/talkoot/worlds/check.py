"""`check_world`: the conformance test of the World contract, for every world that talkoot or a user brings."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from talkoot.errors import BadInput, IllegalAction
from talkoot.formal import DecPomdpCom
from talkoot.skills import Condition, Done, Failed, Known
from talkoot.types import Action, Json, Observation, Seat, SkillCall, Step, Style
from talkoot.world import Guide, World

Actions = dict[Seat, Action]


def check_world(world: World, seed: int = 0, steps: int = 200) -> None:
    """Play `steps` random steps and test what the contract promises; raises AssertionError that says what is broken.

    Tested: names, seats, guides and the formal problem; observations, rewards and ready seats of every step; that
    setting, scene and saved states are JSON; that the same seed and actions give the same game byte for byte, whatever
    the global random state; that a saved state goes on exactly; that illegal actions are refused and change nothing;
    that messages reach others only, keep to the limit, and in worlds with a primitive for `speech` come from it; that
    views are told, saved and restored, also those that `recall` made, which must leave what it is given as it was; that
    plans offered are written once each and name skills; and the skills on every view. Actions are drawn from what the
    guide calls `legal` in a view, or else from its `primitives` (without arguments), or are its `safe` action.
    """
    _must(isinstance(world, World), "it lacks an attribute or method of talkoot.world.World")
    _must(isinstance(world.name, str) and bool(world.name), f"name must be a non-empty str, not {world.name!r}")
    seats = world.seats
    _must(isinstance(seats, tuple) and bool(seats), f"seats must be a non-empty tuple, not {seats!r}")
    _must(tuple(sorted(set(seats))) == seats, f"seats must be in order, each once, not {seats!r}")
    _observations(world, world.reset(seed), frozenset(seats))
    guides = {seat: _guide(world, seat) for seat in seats}
    _formal(world, guides)
    _illegal_actions(world, guides)
    state = random.getstate()
    first = _play(world, guides, seed, steps, thorough=True)
    _must(random.getstate() == state, "it draws from Python's global random state; use an own generator from the seed")
    numpy = sys.modules.get("numpy")
    try:
        random.seed(steps)
        if numpy is not None:
            numpy.random.seed(steps)  # the same play must come out under another global state
        second = _play(world, guides, seed, steps)
    finally:
        random.setstate(state)
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        _must(one == other, f"the same seed and actions gave something else at moment {number}: {one} against {other}")
    _forks(world, guides, seed, steps)
    world.reset(seed)


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(f"this world breaks the contract: {what}")


def _json(value: Any, what: str) -> str:
    try:
        text = json.dumps(value, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"this world breaks the contract: {what} must be JSON: {error}") from error
    _must(json.loads(text) == value, f"{what} must be plain JSON that reads back equal (string keys, lists, no tuples)")
    return text


def _observations(world: World, seen: Mapping[Seat, Observation], wanted: frozenset[Seat]) -> None:
    _must(wanted <= set(seen) <= set(world.seats), f"observations of seats {sorted(seen)}, wanted {sorted(wanted)}")
    for seat, observation in seen.items():
        _must(isinstance(observation, Observation), f"seat {seat} got a {type(observation).__name__}")
        _must(observation.seat == seat, f"seat {seat} got the observation of seat {observation.seat}")
        _must(isinstance(observation.t, int) and observation.t >= 0, f"t must be a count of steps, not {observation.t}")
        for message in observation.messages:
            _must(message.sender != seat, f"seat {seat} got its own message back")
            _must(message.sender in world.seats, f"a message came from seat {message.sender}, which nobody holds")


def _guide(world: World, seat: Seat) -> Guide:
    guide = world.guide(seat)
    _must(isinstance(guide, Guide), f"guide({seat}) gave a {type(guide).__name__}")
    _must((guide.seat, guide.seats) == (seat, world.seats), f"guide({seat}) is for {guide.seat} of {guide.seats}")
    _must(bool(guide.world) and bool(guide.task), "a guide needs the family's name and the task")
    _must(guide.message_limit >= 0, "message_limit must not be negative")
    names = [skill.name for skill in guide.skills]
    _must(len(set(names)) == len(names), f"two skills share a name: {names}")
    for skill in guide.skills:
        _must(str(SkillCall.parse(skill.name)) == f"{skill.name}()", f"skill {skill.name!r}: not a name that is read")
        _must(bool(skill.description), f"skill {skill.name!r} needs a description")
        lines = skill.preconditions()
        _must(all(isinstance(line, str) and line for line in lines), f"skill {skill.name!r}: empty precondition")
    _must(not guide.primitives or guide.safe.name in guide.primitives, "the safe action is not among the primitives")
    return guide


def _formal(world: World, guides: Mapping[Seat, Guide]) -> None:
    """The formal problem is stated, and says what the guides and the seats say."""
    problem = world.formal()
    _must(isinstance(problem, DecPomdpCom), f"formal() gave a {type(problem).__name__}, not a DecPomdpCom")
    _must(problem.agents == world.seats, f"formal() is about the agents {problem.agents}, held are {world.seats}")
    for part in ("state", "messages", "observations", "transition", "reward"):
        _must(bool(getattr(problem, part)), f"formal() says nothing about {part}")
    _must(problem.observable in ("full", "partial"), f"formal(): observable is {problem.observable!r}")
    _must(0 < problem.discount <= 1, f"formal(): a discount of {problem.discount}")
    _must(problem.horizon >= 0, f"formal(): a horizon of {problem.horizon} steps")
    known = {*problem.actions, "message"}
    _must(set(problem.costs) <= known, f"formal() has costs of {sorted(set(problem.costs) - known)}, no actions of it")
    _must(all(cost >= 0 for cost in problem.costs.values()), "formal() has a negative cost")
    for seat, guide in guides.items():
        _must(problem.message_limit == guide.message_limit, f"formal() and guide({seat}) give other message limits")
        strangers = set(problem.actions) - set(guide.primitives) if guide.primitives else set()
        _must(not strangers, f"formal() names {sorted(strangers)}, which guide({seat}) does not know as primitives")


def _draw(rng: random.Random, guide: Guide, observation: Observation, say: str) -> Action:
    """A random action with something to say; where speaking takes an action of its own it is sometimes that one."""
    if guide.speech and say and rng.random() < 0.5:
        return Action(guide.speech, say=say)
    if guide.legal is not None:
        moves = guide.legal(observation.view)
    else:
        moves = tuple(Action(name) for name in guide.primitives)
    drawn = rng.choice(moves or (guide.safe,))
    return replace(drawn, say=say)


def _illegal_actions(world: World, guides: Mapping[Seat, Guide]) -> None:
    """Wrong input is refused with IllegalAction that names the seat, and leaves everything as it was."""
    good: Actions = {seat: guide.safe for seat, guide in guides.items()}
    some = world.seats[0]
    extra = max(world.seats) + 1
    faults = {
        "an unknown action": (some, {**good, some: Action("no such action")}),
        "a missing seat": (some, {seat: action for seat, action in good.items() if seat != some}),
        "a seat that nobody holds": (extra, {**good, extra: guides[some].safe}),
    }
    for what, (seat, actions) in faults.items():
        before = _json(world.save(), "save()")
        try:
            world.step(actions)
        except IllegalAction as error:
            _must(str(seat) in str(error), f"the error about {what} must name the seat {seat}: {error}")
        except Exception as error:
            raise AssertionError(
                f"this world breaks the contract: {what} raised {error!r}, not IllegalAction"
            ) from error
        else:
            _must(False, f"{what} must raise IllegalAction")
        _must(_json(world.save(), "save()") == before, f"{what} was refused, but changed the state")
    try:
        world.load({"this": "is no state"})
    except BadInput:
        return
    except Exception as error:
        raise AssertionError(
            f"this world breaks the contract: load of something else raised {error!r}, not BadInput"
        ) from error
    _must(False, "load of something that is no state must raise BadInput")


def _play(world: World, guides: Mapping[Seat, Guide], seed: int, steps: int, *, thorough: bool = False) -> list[str]:
    """Random play, restarted at the end of an episode; returns what each moment looked like."""
    rng = random.Random(seed)
    seen: dict[Seat, Observation] = dict(world.reset(seed))
    setting = _json(world.setting(), "setting()")
    ready, moments = frozenset(world.seats), [_moment(world, seen)]
    known: dict[Seat, Any] = {}
    episode = seed
    for number in range(steps):
        before = dict(seen)
        said = {seat: f"{seat} says {'x' * rng.choice((3, 5000))}" if rng.random() < 0.5 else "" for seat in ready}
        actions = {seat: _draw(rng, guides[seat], seen[seat], said[seat]) for seat in sorted(ready)}
        step = _legal_step(world, actions)
        if thorough:
            _step(world, step, guides, actions)
            _must(_json(world.setting(), "setting()") == setting, "setting() changed within an episode")
        seen.update(step.observations)
        for seat, observation in step.observations.items() if thorough else ():
            look = number % max(steps // 20, 1) == 0
            if look:
                _view(guides[seat], observation, before[seat])
            known[seat] = _recall(guides[seat], known.get(seat), observation, look=look)
        moments.append(_moment(world, seen) + _json([[s, step.rewards[s]] for s in sorted(step.rewards)], "rewards"))
        ready = step.ready
        if step.done:
            episode += 1
            known.clear()
            seen, ready = dict(world.reset(episode)), frozenset(world.seats)
            guides = {seat: _guide(world, seat) for seat in world.seats}
            setting = _json(world.setting(), "setting()")
            moments.append(_moment(world, seen))
    return moments


def _legal_step(world: World, actions: Actions) -> Step:
    """One step of actions that the guides call legal."""
    try:
        return world.step(actions)
    except IllegalAction as error:
        raise AssertionError(f"this world breaks the contract: what a guide gives was refused: {error}") from error


def _moment(world: World, seen: Mapping[Seat, Observation]) -> str:
    told = [[seat, seen[seat].t, seen[seat].words(), [[m.sender, m.text, m.t] for m in seen[seat].messages]]
            for seat in sorted(seen)]  # fmt: skip
    return _json(world.scene(), "scene()") + _json(world.save(), "save()") + _json(told, "words")


def _step(world: World, step: Step, guides: Mapping[Seat, Guide], actions: Mapping[Seat, Action]) -> None:
    _must(isinstance(step, Step), f"step gave a {type(step).__name__}")
    _must(isinstance(step.done, bool), "done must be a bool")
    _must(step.ready <= set(world.seats), f"ready holds seats {sorted(step.ready)} that nobody holds")
    _must(step.done or bool(step.ready), "nobody is ready and the episode is not over")
    _must(step.elapsed >= 1, f"a step takes time; elapsed is {step.elapsed}")
    _must(set(step.rewards) == set(world.seats), f"rewards of seats {sorted(step.rewards)}, wanted {world.seats}")
    _observations(world, step.observations, step.ready)
    for seat, observation in step.observations.items():
        limit = guides[seat].message_limit
        for message in observation.messages:
            _must(limit > 0, "a message arrived, though the guide says that nobody can speak (message_limit 0)")
            _must(len(message.text) <= limit, f"a message of {len(message.text)} characters passed the limit {limit}")
            _must(bool(message.text), "an empty message arrived")
            sent = actions.get(message.sender)
            if sent is None or step.elapsed > 1:
                continue
            _must(not sent.say or sent.say.startswith(message.text), "a message arrived with other words")
            speech = guides[message.sender].speech
            _must(
                not speech or sent.name == speech, f"a message arrived that was sent beside {sent.name}, not {speech}"
            )


def _view(guide: Guide, observation: Observation, before: Observation) -> None:
    """The view is told in every form, saved and restored, and compared; every skill without parameters judges it."""
    for form in ("words", "grid", "both"):
        for coordinates in (False, True):
            text = observation.words(Style(form, coordinates))
            _must(isinstance(text, str) and bool(text), f"the view tells nothing in the form {form!r}")
    view = observation.view
    saved: Json = view.save()
    again = guide.restore(json.loads(_json(saved, "view.save()")))
    _must(again.words(guide.seat, Style()) == observation.words(), "a restored view tells something else")
    _must(again.save() == saved, "a restored view saves differently")
    _must(view.pose(guide.seat) == again.pose(guide.seat), "a restored view has another pose")
    done = view.completed(guide.seat, before.view)
    _must(done is None or isinstance(done, SkillCall), f"completed must give a SkillCall or None, not {done!r}")
    _must(isinstance(view.changed(guide.seat, before.view), bool), "changed must give a bool")
    if guide.legal is not None:
        moves = guide.legal(view)
        _must(bool(moves), "legal gives no action")
        _must(all(isinstance(move, Action) for move in moves), "legal must give Actions")
        strangers = {move.name for move in moves} - set(guide.primitives)
        _must(not strangers, f"legal gives {sorted(strangers)}, which are no primitives")
    if guide.recall is None:  # else skills judge what is remembered
        _plans(guide, observation)


def _recall(guide: Guide, known: Any, observation: Observation, *, look: bool) -> Any:
    """What is known after an observation; pure, and as good as any view."""
    if guide.recall is None:
        return None
    before = [_json(one.save(), "view.save()") for one in (known, observation.view) if look and one is not None]
    view = guide.recall(known, observation)
    if not look:
        return view
    again = guide.recall(known, observation)
    after = [_json(one.save(), "view.save()") for one in (known, observation.view) if one is not None]
    _must(before == after, "recall changes what it is given")
    saved = _json(view.save(), "the save() of a recalled view")
    _must(_json(again.save(), "view.save()") == saved, "recall gives something else for the same")
    restored = guide.restore(json.loads(saved))
    _must(_json(restored.save(), "view.save()") == saved, "a restored view of what is known saves differently")
    seen = replace(observation, view=view)
    _must(replace(observation, view=restored).words() == seen.words(), "a restored view of what is known tells other")
    if known is not None:
        later = guide.recall(guide.restore(json.loads(before[0])), observation)
        _must(_json(later.save(), "view.save()") == saved, "recall goes on differently from a restored view")
    _plans(guide, seen)
    return view


def _plans(guide: Guide, seen: Observation) -> None:
    """The plans that are offered are skills, each written once; every skill that can judge a view does so in words."""
    offered = guide.options(seen.view) if guide.options is not None else ()
    texts = [option.text for option in offered]
    _must(len(set(texts)) == len(texts), f"two plans are written alike: {texts}")
    for option in offered:
        _must(bool(option.text), f"the plan {option.call} has no text")
        _must(guide.skill(option.call.name) is not None, f"the plan {option.text!r} names no skill: {option.call}")
        _must(SkillCall.parse(str(option.call)) == option.call, f"the plan {option.call} reads back as another one")
    calls = [option.call for option in offered]
    calls += [SkillCall(skill.name) for skill in guide.skills if not skill.parameters and not offered]
    for call in calls:
        skill = guide.skill(call.name)
        assert skill is not None
        judged = skill.conditions(seen, call.arguments)
        _must(all(isinstance(one, Condition) for one in judged), f"{call}: conditions must be Conditions")
        _must(all(one.reason for one in judged if not one.holds), f"{call}: a failed condition gives no reason")
        after = skill.next(Known(seen), call.arguments)
        _must(isinstance(after, Action | Done | Failed), f"{call}: next gave {after!r}")
        if isinstance(after, Action) and guide.primitives:
            _must(after.name in guide.primitives, f"{call}: next gave {after.name!r}, which is no primitive")


def _forks(world: World, guides: Mapping[Seat, Guide], seed: int, steps: int) -> None:
    """From a saved state the same actions give the same future, also after other games were played in between."""
    rng = random.Random(seed + 1)
    now = dict(world.reset(seed))
    ready = frozenset(world.seats)
    for _ in range(3):
        done = False
        for _ in range(max(steps // 10, 1)):
            step = world.step({seat: _draw(rng, guides[seat], now[seat], "wait") for seat in sorted(ready)})
            now.update(step.observations)
            ready, done = step.ready, step.done
            if done:
                break
        if done:
            now = dict(world.reset(rng.randrange(1000)))
            ready = frozenset(world.seats)
        saved, begin = json.loads(_json(world.save(), "save()")), ready
        futures = []
        for attempt in range(2):
            if attempt:
                world.reset(seed + 2)
            seen = dict(world.load(saved))
            _observations(world, seen, begin)
            _must(json.loads(_json(world.save(), "save()")) == saved, "load does not restore what save gave")
            moments, acting, draw = [_moment(world, seen)], begin, random.Random(7)
            for _ in range(max(steps // 10, 1)):
                step = world.step({seat: _draw(draw, guides[seat], seen[seat], "") for seat in sorted(acting)})
                seen.update(step.observations)
                moments.append(_moment(world, seen) + str(sorted(step.rewards.items())))
                acting = step.ready
                if step.done:
                    break
            futures.append(moments)
        _must(futures[0] == futures[1], "a loaded state goes on differently from the one that was saved")
        now = dict(world.load(saved))
        ready = begin
