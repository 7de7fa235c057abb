"""Greedy in the household: whole episodes, the nearest first, both hands, saving and loading."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from household_homes import BATHROOM, BEDROOM, KITCHEN, LIVINGROOM, four_rooms_task, two_rooms_task
from talkoot.agent import Agent
from talkoot.agents.check import check_agent
from talkoot.agents.scripted import Stay
from talkoot.episode import Episode, run_episode
from talkoot.events import Acted, Finished, Planned, Stepped
from talkoot.types import Seat
from talkoot.worlds.household.greedy import Greedy, nearest_first
from talkoot.worlds.household.memory import recall
from talkoot.worlds.household.task import Goal, Start, Task
from talkoot.worlds.household.world import HouseholdWorld

FOUR_ROOMS = four_rooms_task()


def play(
    task: Task, *, seats: tuple[Seat, ...] = (0,), team: dict[Seat, Agent] | None = None, seed: int = 0
) -> Episode:
    world = HouseholdWorld([task], seats=seats)
    return asyncio.run(run_episode(world, team or {seat: Greedy() for seat in seats}, seed))


def steps(episode: Episode) -> int:
    """The length of a successful episode."""
    last = [event for event in episode.events if isinstance(event, Stepped)][-1]
    assert last.info["success"]
    return last.t


def skills(episode: Episode, seat: Seat = 0) -> list[str]:
    return [event.skill for event in episode.events if isinstance(event, Planned) and event.seat == seat]


@pytest.mark.parametrize("seats", [(0,), (1,), (0, 1)])
@pytest.mark.parametrize(
    "task",
    [
        FOUR_ROOMS,
        two_rooms_task(),
        four_rooms_task(Goal("inside", "cutleryfork", 102, 2)),
        four_rooms_task(Goal("inside", "apple", 101, 2), Goal("on", "plate", 100, 2)),
    ],
    ids=lambda task: task.name + task.goals[0].key,
)
def test_it_reaches_every_goal(task: Task, seats: tuple[Seat, ...]) -> None:
    for seed in range(3):
        assert steps(play(task, seats=seats, seed=seed)) < 120


def test_it_takes_the_nearest_first_and_two_at_a_time() -> None:
    plans = skills(play(two_rooms_task()))
    assert plans == [
        "gograb(apple_50)", "goput(33)",  # nothing else is known then
        "gocheck(cabinet_32)", "gograb(cupcake_52)", "goput(coffeetable_33)",
        "gocheck(fridge_31)", "gograb(apple_51)", "goput(coffeetable_33)",
    ]  # fmt: skip
    task = four_rooms_task(Goal("on", "cutleryfork", 100, 2), Goal("on", "apple", 100, 1))
    both = play(replace(task, starts=(Start(BEDROOM), Start(LIVINGROOM))))
    assert sorted(skills(both)[:2]) == ["gograb(apple_312)", "gograb(cutleryfork_311)"]
    assert skills(both)[2:] == ["goput(100)"]
    put = [event.t for event in both.events if isinstance(event, Acted) and event.action.startswith("putback")]
    assert len(put) == 2
    assert put[1] == put[0] + 1, "both at once"


def test_it_does_not_take_more_than_is_needed() -> None:
    episode = play(four_rooms_task(Goal("on", "cutleryfork", 100, 1), Goal("on", "apple", 100, 1)))
    taken = [event.action for event in episode.events if isinstance(event, Acted) and event.action.startswith("grab")]
    assert len(taken) <= 2


def test_a_needed_thing_in_sight_interrupts_the_search() -> None:
    interrupted = 0
    for seed in range(6):
        episode = play(FOUR_ROOMS, seed=seed)
        ends = [event for event in episode.events if isinstance(event, Finished)]
        for end in ends:
            if end.reason == "a needed thing is known now":
                assert end.skill.split("(")[0] in ("goexplore", "gocheck")
                interrupted += 1
    assert interrupted


def test_doors_make_the_way() -> None:
    world = HouseholdWorld([FOUR_ROOMS])
    view = recall(None, world.reset(0)[0])
    assert view.me.room == BATHROOM
    order = [room.id for room in nearest_first(view, view.rooms.values())]
    assert order[0] == BATHROOM
    assert order[1] == KITCHEN, "it begins behind the only door of the bathroom"
    assert set(order) == {BATHROOM, KITCHEN, LIVINGROOM, BEDROOM}


def test_it_copes_with_somebody_who_does_nothing() -> None:
    for seat in (0, 1):
        team: dict[Seat, Agent] = {seat: Greedy(), 1 - seat: Stay()}
        assert steps(play(FOUR_ROOMS, seats=(0, 1), team=team)) < 120


def test_the_contract_of_an_agent() -> None:
    check_agent(Greedy, HouseholdWorld([FOUR_ROOMS]), steps=40)


def test_it_goes_on_exactly_from_what_was_saved() -> None:
    world = HouseholdWorld([FOUR_ROOMS], seats=(0,))
    first = Greedy()
    first.reset(0, world.guide(0), lambda event: None)
    seen = world.reset(0)
    assert first.save()[0] is None
    while not world.done:
        second = Greedy()
        second.reset(3, world.guide(0), lambda event: None)
        second.load(json.loads(json.dumps(first.save())))
        actions = [asyncio.run(agent.act(seen[0])) for agent in (first, second)]
        assert actions[0] == actions[1]
        assert first.save() == second.save()
        seen = world.step({0: actions[0]}).observations
