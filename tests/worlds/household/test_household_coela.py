"""CoELA in the household with the rulebook: it plays, its organs can be left out, and messages are heeded."""

import asyncio
import io
from dataclasses import replace

import pytest

from talkoot import run_episode, run_sync
from talkoot.agents.catalog import make_team
from talkoot.agents.presets import coela
from talkoot.episode import EpisodeWriter
from talkoot.events import Acted, Called, Event, Noted, Planned
from talkoot.models import open_model
from talkoot.types import Message
from talkoot.worlds.household.sets import task_set
from talkoot.worlds.household.world import HouseholdWorld

TASKS = task_set("train")


def play(team, number=0, limit=250):
    world = HouseholdWorld(TASKS[number], limit=limit)
    text = io.StringIO()
    episode = run_sync(run_episode(world, make_team(team, world.seats, open_model), 1, record=EpisodeWriter(text)))
    return episode, text.getvalue()


def steps(team, number):
    episode, _ = play(team, number)
    return episode.ended.t


@pytest.mark.parametrize("number", range(3))
def test_two_solve_the_task_without_a_single_fall_back_or_unusable_reply(number):
    episode, _ = play("coela+coela", number)
    assert episode.score == 2.0 * sum(goal.count for goal in TASKS[number].goals)
    notes = {event.what for event in episode.events if isinstance(event, Noted)}
    assert notes <= {"draft", "message dropped"}


def test_the_same_seed_gives_the_same_episode_byte_for_byte():
    assert play("coela+coela", 2)[1] == play("coela+coela", 2)[1]


def test_leaving_organs_out_costs_steps_in_the_published_order():
    whole = sum(steps("coela+coela", number) for number in range(4))
    forgetful = sum(steps("coela:memory=off+coela:memory=off", number) for number in range(4))
    helpless = sum(steps("coela:execute=off+coela:execute=off", number) for number in range(4))
    assert whole * 1.5 <= forgetful < helpless


def test_messages_are_short_and_never_repeated():
    said = [event for number in range(12) for event in play("coela+coela", number)[0].events
            if isinstance(event, Acted) and event.say]  # fmt: skip
    assert said
    assert all(len(event.say) <= 200 for event in said)
    for number in range(12):
        mine = [event.say for event in play("coela+coela", number)[0].events
                if isinstance(event, Acted) and event.say and event.seat == 0]  # fmt: skip
        assert len(mine) == len(set(mine))


def test_without_communication_nothing_is_said():
    assert not [e for e in play("coela:talk=off+coela:talk=off")[0].events if isinstance(e, Acted) and e.say]


@pytest.mark.parametrize("team", ["coela:answer=two+coela:cot=off", "coela:belief=replace,verify=rounds+mhp",
                                  "coela:plan=pddl+greedy", "proagent+react", "central"])  # fmt: skip
def test_organs_and_agents_of_other_systems_fit(team):
    assert play(team)[0].score > 0


def test_distances_are_told_unless_they_are_left_out():
    def prompts(team):
        events = play(team, limit=3)[0].events
        return " ".join(text for e in events if isinstance(e, Called) for _, text in e.messages)

    assert " m away" in prompts("coela+coela")
    assert " m away" not in prompts("coela:distances=off+coela:distances=off")


def plans(*, heed):
    world = HouseholdWorld(TASKS[0])
    agent = coela(open_model("rulebook"), heed=heed)
    seen: list[Event] = []
    observation = world.reset(0)[0]
    agent.reset(0, world.guide(0), seen.append)
    asyncio.run(agent.act(observation))
    asyncio.run(agent.act(replace(observation, t=1, messages=(Message(1, "I am on my way.", 0),))))
    return [(event.t, event.skill) for event in seen if isinstance(event, Planned)]


def test_a_message_has_the_plan_under_way_made_anew_unless_it_is_not_heeded():
    first, second = plans(heed=True)
    assert (first[0], second[0]) == (0, 1)
    assert [t for t, _ in plans(heed=False)] == [0]
