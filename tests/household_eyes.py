"""Whether images can be drawn here, and homes and views for tests of the household seen by eye."""

from __future__ import annotations

from dataclasses import replace

import pytest

from household_homes import two_rooms
from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import Apartment
from talkoot.worlds.household.mechanics import observe, start
from talkoot.worlds.household.task import Start, Task
from talkoot.worlds.household.view import HomeView
from talkoot.worlds.household.vision.render import driver


def _missing() -> str:
    try:
        driver()
    except BadInput as problem:
        return str(problem)
    return ""


MISSING = _missing()
needs_driver = pytest.mark.skipif(bool(MISSING), reason=MISSING)


def view_from(
    room: int,
    at: tuple[float, float],
    yaw: float,
    mate: Start,
    *,
    opened: tuple[int, ...] = (),
    home: Apartment | None = None,
) -> HomeView:
    """The symbolic view of seat 0 in a home where some containers stand open."""
    home = replace(home or two_rooms(), open=frozenset(opened))
    return observe(start(Task("eyes", "read_book", home, (), (Start(room, at, yaw), mate)), 0), 0)
