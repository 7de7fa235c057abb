"""Central planning: one call for all who are free in a step, busy ones left alone, the same whatever answers first."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter

from agent_fakes import Fake, kitchen_world

from talkoot.agents.catalog import make_team
from talkoot.agents.central import CentralPlanner
from talkoot.agents.presets import central
from talkoot.episode import Episode, run_episode, run_sync
from talkoot.events import Called, Noted, Planned, Verified
from talkoot.model import Model, Reply, Request
from talkoot.models import open_model
from talkoot.models.rulebook import Rulebook
from talkoot.types import SkillCall


def play(model: Model, horizon: int = 60, layout: str = "cramped_room") -> Episode:
    world = kitchen_world(horizon=horizon, layout=layout)
    return run_sync(run_episode(world, central(model, world.seats)))


def lines(first: str, second: str) -> str:
    return f"Analysis: share\nPlan for <Player 0>: {first}\nPlan for <Player 1>: {second}"


def test_one_call_serves_both_seats_of_a_step() -> None:
    episode = play(Fake(lines("pickup_onion()", "wait(20)")), horizon=2)
    assert [(event.seat, event.t) for event in episode.events if isinstance(event, Called)] == [(0, 0)]
    assert [(e.seat, e.skill) for e in episode.events if isinstance(e, Planned)] == [
        (0, "pickup_onion()"), (1, "wait(20)")
    ]  # fmt: skip


def test_both_free_again_in_the_same_step_take_one_call() -> None:
    model = Fake(lines("wait(2)", "wait(2)"))
    play(model, horizon=6)
    assert len(model.asked) == 3
    assert all("is busy" not in request.messages[-1].content for request in model.asked)


def test_the_line_of_a_busy_seat_is_ignored() -> None:
    model = Fake(lines("wait(1)", "wait(4)"), lines("wait(1)", "pickup_onion()"))
    episode = play(model, horizon=5)
    planned = [(e.t, e.seat, e.skill) for e in episode.events if isinstance(e, Planned) and e.t < 4]
    assert planned == [(0, 0, "wait(1)"), (0, 1, "wait(4)"), (1, 0, "wait(1)"), (2, 0, "wait(1)"), (3, 0, "wait(1)")]
    assert "<Player 1> is busy with wait(4); repeat that in its line." in model.asked[1].messages[-1].content


def test_a_rejected_plan_is_made_anew_with_the_reason() -> None:
    model = Fake(lines("deliver_soup()", "wait(9)"), lines("pickup_onion()", "wait(9)"))
    episode = play(model, horizon=1)
    assert len(model.asked) == 2
    assert "- <Player 0>, deliver_soup(): you hold nothing" in model.asked[1].messages[-1].content
    assert [e.skill for e in episode.events if isinstance(e, Planned) and e.seat == 0] == [
        "deliver_soup()", "pickup_onion()"
    ]  # fmt: skip


def test_unusable_replies_end_in_the_safe_plan() -> None:
    episode = play(model := Fake("no"), horizon=1)
    assert len(model.asked) == 6  # three for each seat
    assert Counter(e.what for e in episode.events if isinstance(e, Noted)) == {"unusable reply": 6, "safe plan": 2}
    assert {e.skill for e in episode.events if isinstance(e, Planned)} == {"wait(1)"}


def test_an_unreadable_line_for_a_mate_is_noted_and_asked_for_again() -> None:
    episode = play(Fake(lines("wait(9)", "dance()"), lines("wait(9)", "wait(8)")), horizon=1)
    told = [event.text for event in episode.events if isinstance(event, Noted) and event.what == "unusable reply"]
    assert told == ["central: for <Player 1>: it names none of the skills in the list."]
    assert [(e.seat, e.skill, e.problem) for e in episode.events if isinstance(e, Planned)] == [
        (0, "wait(9)", ""), (1, "wait(8)", "")
    ]  # fmt: skip


def test_it_is_deterministic_whatever_the_delay() -> None:
    class Slow(Rulebook):
        def __init__(self, seed: int) -> None:
            super().__init__()
            self._delay = random.Random(seed)

        async def __call__(self, request: Request) -> Reply:
            await asyncio.sleep(self._delay.random() / 1000)
            return await super().__call__(request)

    first = play(Rulebook())
    assert first.events == play(Slow(1)).events == play(Slow(2)).events
    rejected = [e for e in first.events if isinstance(e, Verified) and not e.ok]
    assert len(rejected) < 4


def test_no_memory_of_the_last_episode() -> None:
    world = kitchen_world(horizon=30)
    team = central(Rulebook(), world.seats)
    assert run_sync(run_episode(world, team)).events == run_sync(run_episode(world, team)).events


def test_who_is_busy_is_saved() -> None:
    planner = CentralPlanner(Rulebook())
    planner._busy = {1: SkillCall("wait", ("3",)), 0: SkillCall("pickup_onion")}
    again = CentralPlanner(Rulebook())
    again.load(json.loads(json.dumps(planner.save())))
    assert again._busy == planner._busy


def test_it_is_a_team_by_name() -> None:
    world = kitchen_world(horizon=80)
    episode = run_sync(run_episode(world, make_team("central", world.seats, open_model)))
    assert episode.score > 0
