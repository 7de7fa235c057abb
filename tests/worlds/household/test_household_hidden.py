"""Plans come from memory, never from the world's hidden graph: things are hidden elsewhere, and nothing changes."""

from dataclasses import replace
from random import Random

import pytest

from talkoot import run_episode, run_sync
from talkoot.agents.catalog import make_team
from talkoot.events import Acted, Called, Saw
from talkoot.models import open_model
from talkoot.worlds.household.sets import task_set
from talkoot.worlds.household.world import HouseholdWorld

STEPS = 25


def hidden_elsewhere(task, seed):
    """The same task with the things of closed containers exchanged among the closed containers of their room."""
    home = task.apartment
    inside = dict(home.inside)
    rng = Random(seed)
    closed = [node.id for node in home.nodes.values() if node.searchable and node.id not in home.open]
    for thing, parent in home.inside.items():
        if parent in closed and home.nodes[thing].grabbable:
            alike = [one for one in closed if home.inside[one] == home.inside[parent]]
            inside[thing] = rng.choice(alike)
    return replace(task, apartment=replace(home, inside=inside))


def thoughts(task, team, steps=STEPS):
    """All prompts, sights and actions of an episode by time."""
    world = HouseholdWorld(task, limit=steps)
    events = run_sync(run_episode(world, make_team(team, world.seats, open_model), 3)).events
    return {
        t: [repr(e) for e in events if isinstance(e, Acted | Called | Saw) and e.t == t] for t in range(steps)
    }, world


@pytest.mark.parametrize(
    "team", ["coela+coela", "greedy+greedy", "coela:plan=pddl,talk=off+coela:verify=rules,talk=off"]
)
@pytest.mark.parametrize("number", [0, 7, 23])
def test_what_is_hidden_elsewhere_changes_nothing_before_it_is_seen(team, number):
    task = task_set("test")[number]
    other = hidden_elsewhere(task, number)
    assert other.apartment.inside != task.apartment.inside
    first, world = thoughts(task, team)
    second, _ = thoughts(other, team)
    opened = [
        event.t
        for event in run_sync(run_episode(world, make_team(team, world.seats, open_model), 3)).events
        if isinstance(event, Acted) and event.action.startswith("open")
    ]
    looked = min(opened, default=STEPS)
    assert looked > 0
    for t in range(min(looked + 1, STEPS)):
        assert first[t] == second[t]
