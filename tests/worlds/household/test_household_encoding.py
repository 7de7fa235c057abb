"""Views as arrays of one shape, and the table of actions over the same slots."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from household_homes import APPLE, CABINET, CUPCAKE, FRIDGE, KITCHEN, TABLE, four_rooms_task, two_rooms_task
from talkoot.types import Action
from talkoot.worlds.household.encoding import ROOMS, SLOTS, SlotActions, encode, features, slots
from talkoot.worlds.household.task import Start
from talkoot.worlds.household.world import HouseholdWorld

WAIT = Action("wait")
TABLE_OF_ACTIONS = SlotActions()


def value(array: np.ndarray, name: str) -> float:
    return float(array[features().index(name)])


def world_at_table() -> HouseholdWorld:
    world = HouseholdWorld(two_rooms_task(alice=Start(KITCHEN, (2.5, 1.2))))
    world.reset(0)
    return world


def test_every_view_has_one_shape_and_names_for_all_numbers() -> None:
    draw = Random(0)
    for world in (HouseholdWorld(two_rooms_task()), HouseholdWorld(four_rooms_task(), seats=(1,))):
        seen = world.reset(0)
        for _ in range(30):
            for seat in world.seats:
                array = encode(seen[seat])
                assert array.dtype == np.float32
                assert array.shape == (len(features()),)
                assert np.isfinite(array).all()
            actions = {
                seat: TABLE_OF_ACTIONS.decode(seen[seat], draw.randrange(TABLE_OF_ACTIONS.n)) for seat in world.seats
            }
            seen = world.step(actions).observations
    assert len(set(features())) == len(features())


def test_features_tell_what_is_there() -> None:
    world = world_at_table()
    world.step({0: Action("open", (str(CABINET),)), 1: WAIT})
    seen = world.step({0: Action("grab", (str(APPLE),)), 1: WAIT}).observations[0]
    array, nodes = encode(seen), slots(seen.view)
    assert [node.id for node in nodes] == [APPLE, FRIDGE, CABINET, CUPCAKE]
    assert value(array, "node0.held") == 1
    assert value(array, "own.hands full") == 1
    assert value(array, "own.time") == pytest.approx(2 / 250)
    assert value(array, "node1.container") == 1
    assert (value(array, "node1.open"), value(array, "node2.open")) == (0, 1)
    assert value(array, "node3.inside something") == 1
    assert value(array, "node3.class of goal 1") == 1
    assert value(array, "node3.within reach") == 1
    assert value(array, "node4.exists") == 0
    assert value(array, "goal0.missing") == 2
    assert value(array, "room1.here") == 1  # the living room comes first
    assert value(array, "room1.kitchen") == 1
    assert (value(array, "own.mate exists"), value(array, "own.mate here")) == (1, 0)


def test_indices_mean_actions_in_view_of_what_is_seen() -> None:
    world = world_at_table()
    seen = world.reset(0)[0]
    names = TABLE_OF_ACTIONS.names()
    assert len(names) == TABLE_OF_ACTIONS.n == len(set(names)) == 4 + ROOMS + 6 * SLOTS
    nodes = slots(seen.view)
    place = [node.id for node in nodes].index(CABINET)
    assert TABLE_OF_ACTIONS.decode(seen, names.index(f"open node {place}")) == Action("open", (str(CABINET),))
    assert TABLE_OF_ACTIONS.decode(seen, names.index("walktowards room 1")) == Action("walktowards", (str(KITCHEN),))
    assert TABLE_OF_ACTIONS.decode(seen, names.index(f"put right node {place}")) == WAIT  # nothing in the hand
    assert TABLE_OF_ACTIONS.decode(seen, names.index("walktowards room 5")) == WAIT
    assert TABLE_OF_ACTIONS.decode(seen, names.index("grab node 39")) == WAIT
    with pytest.raises(IndexError):
        TABLE_OF_ACTIONS.decode(seen, TABLE_OF_ACTIONS.n)
    world.step({0: Action("grab", (str(APPLE),)), 1: WAIT})
    seen = world.step({0: Action("open", (str(CABINET),)), 1: WAIT}).observations[0]
    place = [node.id for node in slots(seen.view)].index(CABINET)
    put = TABLE_OF_ACTIONS.decode(seen, names.index(f"put right node {place}"))
    assert put == Action("putin", (str(APPLE), str(CABINET)))
    assert TABLE not in [node.id for node in slots(seen.view)]


def test_the_mask_marks_what_means_something() -> None:
    world = world_at_table()
    seen = world.reset(0)[0]
    mask = TABLE_OF_ACTIONS.mask(seen)
    assert mask.dtype == np.bool_
    assert mask.sum() == 4 + 2 + 4 * len(slots(seen.view))
    for index in np.flatnonzero(mask)[1:]:
        assert TABLE_OF_ACTIONS.decode(seen, int(index)).name != "wait"
