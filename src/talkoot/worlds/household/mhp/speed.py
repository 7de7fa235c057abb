"""How long MHP takes for a decision."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from talkoot.episode import run_sync
from talkoot.events import Event, Planned
from talkoot.types import Action, Observation, Seat
from talkoot.worlds.household.mhp.agent import MHP
from talkoot.worlds.household.mhp.inventory import inventory_of
from talkoot.worlds.household.mhp.settings import Settings
from talkoot.worlds.household.task import Task


def measure(episodes: int = 10) -> float:
    """The median milliseconds of a decision with 100 simulations, in episodes of `household/test` with two MHPs."""
    from talkoot.worlds.household.sets import task_set

    return median(decisions(task_set("test")[:episodes]))


def decisions(tasks: Sequence[Task], settings: Settings | None = None) -> list[float]:
    """The milliseconds of every step in which an MHP searched, of one episode of each task with two MHPs.

    Such a step is timed as a whole: belief, imagination, search and the choice of the primitive.
    """
    taken: list[float] = []
    for task in tasks:
        taken += run_sync(_play(task, settings))
    return taken


async def _play(task: Task, settings: Settings | None) -> list[float]:
    from talkoot.worlds.household.world import HouseholdWorld

    world = HouseholdWorld([task])
    observations = world.reset(0)
    searched: list[Event] = []
    taken: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, Planned):
            searched.append(event)

    team: dict[Seat, MHP] = {seat: MHP(settings) for seat in world.seats}
    for seat, agent in team.items():
        agent.reset(0, replace(world.guide(seat), inventory=inventory_of(task)), note)

    async def timed(agent: MHP, observation: Observation) -> Action:
        count, begun = len(searched), time.perf_counter()
        action = await agent.act(observation)
        if len(searched) > count:
            taken.append(1000 * (time.perf_counter() - begun))
        return action

    while not world.done:
        observations = world.step({s: await timed(agent, observations[s]) for s, agent in team.items()}).observations
    return taken
