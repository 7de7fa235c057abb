"""How fast the household is, on one pinned core: primitive steps, images, decisions of the planner MHP."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from talkoot.errors import BadInput
from talkoot.types import Action, Seat
from talkoot.worlds.household.courier import courier, errands
from talkoot.worlds.household.task import Task
from talkoot.worlds.household.world import HouseholdWorld

Script = list[dict[Seat, Action]]
"""The actions of both seats, step by step."""


def measure(*, steps: int = 5_000, repeats: int = 5, tasks: Sequence[Task] | None = None) -> dict[str, Any]:
    """Steps of the world a second, in each of which both seats act and get their structured view; best of `repeats`.

    Both seats play scripts that were made beforehand: two who know everything walk, open, take and put until the
    episode ends, with a turn and a message now and then, over all episodes in turn (default: `household/test`). Resets
    are included, words are not made. `primitive_steps_per_s` counts steps of the world; each carries two primitives.
    """
    if tasks is None:
        from talkoot.worlds.household.sets import task_set

        tasks = task_set("test")
    world = HouseholdWorld(tasks)
    with one_core() as core:
        scripts = [script(world, seed) for seed in range(len(tasks))]
        best, played = 0.0, 0
        mix: dict[str, int] = {}
        for action in (action for each in scripts for both in each for action in both.values()):
            mix[action.name] = mix.get(action.name, 0) + 1
        for _ in range(repeats):
            played, begun = 0, time.process_time()
            while played < steps:
                for seed, actions in enumerate(scripts):
                    world.reset(seed)
                    for both in actions:
                        world.step(both)
                    played += len(actions)
                    if played >= steps:
                        break
            best = max(best, played / (time.process_time() - begun))
    total = sum(mix.values())
    return {
        "primitive_steps_per_s": round(best),
        "steps": played,
        "episodes": len(scripts),
        "mix": {name: round(count / total, 3) for name, count in sorted(mix.items())},
        "core": core,
        "processor": platform.processor() or platform.machine(),
    }


def script(world: HouseholdWorld, seed: int) -> Script:
    """What a scripted pair does in the episode of this seed, from the first step to the last."""
    world.reset(seed)
    errand = errands(world.state, world.seats)
    actions: Script = []
    while not world.done:
        t = world.state.t
        both = {seat: courier(world.state, seat, errand[seat]) for seat in world.seats}
        if t % 20 == 7:
            both[world.seats[t % len(world.seats)]] = Action("turnleft")
        if t % 20 == 17 and world.message_limit:
            both[world.seats[t % len(world.seats)]] = Action("send_message", say="I go on with my things.")
        actions.append(both)
        world.step(both)
    return actions


def images_per_s() -> tuple[float | None, str]:
    """Images a second (colour, depth, segmentation at 256 x 512, two cores at most), or None and why there are none."""
    try:
        from talkoot.worlds.household.vision import speed as drawing

        return round(drawing.measure(), 1), ""
    except (ImportError, BadInput) as error:
        return None, str(error)


def mhp_decision_ms() -> float:
    """Milliseconds of one decision of MHP with 100 simulations, the median."""
    from talkoot.worlds.household.mhp import speed as planning

    return round(planning.measure(), 2)


@contextmanager
def one_core() -> Iterator[int | None]:
    """Keep this process on one core while measuring; gives its number, None where that cannot be done."""
    if not hasattr(os, "sched_setaffinity"):
        yield None
        return
    before = os.sched_getaffinity(0)
    core = max(before)
    os.sched_setaffinity(0, {core})
    try:
        yield core
    finally:
        os.sched_setaffinity(0, before)
