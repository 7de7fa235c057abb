"""What is made quickly is the real thing."""

from __future__ import annotations

from copy import copy
from dataclasses import FrozenInstanceError, replace

import pytest

from talkoot.types import Observation
from talkoot.worlds.household.quick import maker
from talkoot.worlds.household.view import Person


def test_it_is_what_the_class_itself_makes() -> None:
    quick, slow = maker(Person)((1.0, 2.0), 30.0, 11, (5,), 7), Person((1.0, 2.0), 30.0, 11, (5,), 7)
    assert type(quick) is Person
    assert (quick, repr(quick), hash(quick)) == (slow, repr(slow), hash(slow))
    assert replace(quick, room=12) == replace(slow, room=12)
    assert copy(quick) == slow
    assert maker(Observation)(seat=0, t=3, view=None, messages=()) == Observation(0, 3, None)


def test_it_is_frozen_and_needs_all_fields() -> None:
    make = maker(Person)
    with pytest.raises(FrozenInstanceError):
        make((1.0, 2.0), 30.0, 11, (), 7).yaw = 0.0  # type: ignore[misc]
    with pytest.raises(TypeError, match="holding"):
        make((1.0, 2.0), 30.0, 11)
