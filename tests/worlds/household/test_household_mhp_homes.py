"""MHP in homes of real size: generated apartments, and the recorded start states beside the published steps."""

from __future__ import annotations

from pathlib import Path

import pytest
from mhp_games import game

from talkoot.worlds.household.generate import PLANS, Plan, generate_apartment
from talkoot.worlds.household.records import recorded_tasks
from talkoot.worlds.household.sample import sample_tasks


@pytest.mark.parametrize("plan", PLANS)
def test_it_reaches_the_goals_in_generated_apartments(plan: Plan) -> None:
    home = generate_apartment(4, plan=plan)
    for task in sample_tasks(home, 5)[::2]:
        played = game(task, seats=(0, 1), seed=1)
        assert played.play() < 250, task.activity
        assert played.world.success


@pytest.mark.data
def test_on_the_recorded_start_states_it_is_near_the_published_steps(data: Path) -> None:
    """Published over ten episodes, of which these are five: 111 steps alone, 75 in pairs (reference, 5.2)."""
    tasks = recorded_tasks(data / "household" / "episodes")
    means = {}
    for seats in ((0,), (0, 1)):
        steps = [game(task, seats=seats, seed=seed).play() for task in tasks for seed in range(2)]
        assert max(steps) < 250, "all of them succeed"
        means[seats] = sum(steps) / len(steps)
    assert means[0,] == pytest.approx(111, abs=15)
    assert means[0, 1] == pytest.approx(75, abs=12)
