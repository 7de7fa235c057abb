"""How many images a second are drawn and read back, on two cores at most."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from talkoot.worlds.household.apartment import Apartment
from talkoot.worlds.household.mechanics import observe, start
from talkoot.worlds.household.task import Start, Task
from talkoot.worlds.household.view import HomeView
from talkoot.worlds.household.vision.camera import Camera
from talkoot.worlds.household.vision.render import Renderer
from talkoot.worlds.household.vision.shapes import Plan


def measure(seconds: float = 2.0, *, size: tuple[int, int] = (256, 512)) -> float:
    """Images a second: colour, depth and segmentation of furnished rooms, boxes made anew and all three read back.

    Someone stands in the middle of each room of a generated apartment in turn, the other beside it, and turns by 30
    degrees from image to image. Counts for `seconds` after a second of warming up. Raises BadInput where OpenGL cannot
    start.
    """
    from talkoot.worlds.household.generate import generate_apartment

    apartment = generate_apartment(0, plan="star", density="tight")
    views = [_view(apartment, room, yaw) for room in apartment.rooms for yaw in range(0, 360, 30)]
    plan = Plan.of(apartment)
    with _two_cores(), Renderer(Camera(size=size)) as renderer:
        drawn, spent = 0, 1.0
        for length in (min(1.0, seconds), seconds):
            drawn, begun = 0, time.perf_counter()
            while (spent := time.perf_counter() - begun) < length:
                renderer.render(views[drawn % len(views)], plan)
                drawn += 1
    return drawn / spent


def _view(apartment: Apartment, room: int, yaw: float) -> HomeView:
    x, _, z = apartment.rooms[room].center
    starts = Start(room, (x, z), yaw), Start(room, (x + 0.6, z + 1.2), 180.0)
    task = Task("speed", "read_book", apartment, (), starts)
    return observe(start(task, 0, (0, 1)), 0)


@contextmanager
def _two_cores() -> Iterator[None]:
    """Keep this thread, and the drawing threads that it starts, on two cores where there are more."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[-2:]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
