"""What a cook sees: items, visible deeds, changes that matter, and saving a view."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from talkoot.types import Action
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, PRIMITIVES, SOUP, TOMATO, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout
from talkoot.worlds.overcooked.world import OvercookedWorld

RAW = {
    "pickup_onion": "onion_pickup",
    "pickup_dish": "dish_pickup",
    "deliver_soup": "soup_delivery",
    "put_onion_in_pot": "potting_onion",
    "put_tomato_in_pot": "potting_tomato",
}


def kitchen(held: int = NOTHING, mate: int = NOTHING, pot: Pot | None = None, **loose: int) -> Kitchen:
    layout = load_layout("cramped_room")
    cooks = {0: Cook((1, 2), 1, held), 1: Cook((3, 1), 2, mate)}
    return Kitchen(layout, "old", 7, 400, cooks, (pot or Pot((2, 0), 0, 0, -1, 20),), {})


def test_pots_and_cooks_say_how_they_are() -> None:
    cook = Cook((1, 2), 3, DISH)
    assert (cook.pose, cook.ahead) == (((1, 2), 3), (0, 2))
    rows = [
        # onions, tomatoes, tick: items, open, idle, cooking, ready
        (0, 0, -1, 0, True, True, False, False),
        (1, 1, -1, 2, True, True, False, False),
        (3, 0, -1, 3, False, True, False, False),
        (3, 0, 0, 3, False, False, True, False),
        (3, 0, 19, 3, False, False, True, False),
        (3, 0, 20, 3, False, False, False, True),
        (1, 0, 5, 1, False, False, True, False),
    ]
    for onions, tomatoes, tick, *expected in rows:
        pot = Pot((2, 0), onions, tomatoes, tick, 20)
        assert [pot.items, pot.open, pot.idle, pot.cooking, pot.ready] == expected


@pytest.mark.parametrize(
    ("was", "now", "cell", "facing", "deed"),
    [
        (NOTHING, NOTHING, (1, 1), 0, None),
        (DISH, DISH, (1, 1), 0, None),
        (NOTHING, ONION, (1, 1), 3, "pickup_onion()"),
        (NOTHING, TOMATO, (1, 1), 0, "pickup_tomato()"),
        (NOTHING, DISH, (1, 2), 1, "pickup_dish()"),
        (NOTHING, SOUP + 3, (1, 1), 0, "pickup_soup()"),
        (DISH, SOUP + 3, (2, 1), 0, "fill_dish_with_soup()"),
        (ONION, NOTHING, (2, 1), 0, "put_onion_in_pot()"),
        (TOMATO, NOTHING, (2, 1), 0, "put_tomato_in_pot()"),
        (ONION, NOTHING, (1, 1), 0, "place_obj_on_counter()"),
        (DISH, NOTHING, (1, 1), 0, "place_obj_on_counter()"),
        (SOUP + 3, NOTHING, (1, 1), 0, "place_obj_on_counter()"),
        (SOUP + 3, NOTHING, (3, 2), 1, "deliver_soup()"),
    ],
)
def test_deeds_are_read_off_the_hand(was: int, now: int, cell: tuple[int, int], facing: int, deed: str | None) -> None:
    before, after = kitchen(), kitchen()
    before = replace(before, cooks={**before.cooks, 0: Cook(cell, facing, was)})
    after = replace(after, cooks={**after.cooks, 0: Cook(cell, facing, now)})
    call = after.completed(0, before)
    assert (str(call) if call else None) == deed
    assert after.completed(1, before) is None


def test_changes_that_matter_for_plans() -> None:
    base = kitchen(pot=Pot((2, 0), 3, 0, 5, 20))
    same = kitchen(pot=Pot((2, 0), 3, 0, 6, 20))
    assert not same.changed(0, base)
    assert not replace(same, cooks={0: Cook((2, 1), 0, DISH), 1: Cook((3, 2), 1, 0)}).changed(0, base)
    assert kitchen(mate=ONION, pot=base.pots[0]).changed(0, base)
    assert not kitchen(mate=ONION, pot=base.pots[0]).changed(1, base)
    assert kitchen(pot=Pot((2, 0), 3, 0, 20, 20)).changed(0, base)
    assert kitchen(pot=Pot((2, 0), 0, 0, -1, 20)).changed(0, base)
    idle, lit = kitchen(pot=Pot((2, 0), 2, 0, -1, 20)), kitchen(pot=Pot((2, 0), 2, 0, 1, 20))
    assert lit.changed(0, idle)


@pytest.mark.parametrize("name", layout_names())
def test_views_come_back_from_json_and_deeds_agree_with_the_events(name: str) -> None:
    world = OvercookedWorld(name, rules="new", start="random", random_objects=0.5, horizon=150)
    for seed in range(4):
        rng, before = np.random.default_rng(seed), world.reset(seed)[0].view
        empty = Kitchen(world.layout, "new", 0, 150, {}, (), {})
        while not world.done:
            actions = {
                seat: Action(PRIMITIVES[int(rng.choice(6, p=[0.14, 0.14, 0.14, 0.14, 0.04, 0.4]))]) for seat in (0, 1)
            }
            step = world.step(actions)
            view = step.observations[1].view
            again = empty.at(json.loads(json.dumps(view.save())))
            assert again == view
            for seat in (0, 1):
                deed = view.completed(seat, before)
                events = set(step.info["events"][str(seat)])
                for call, event in RAW.items():
                    assert (deed is not None and deed.name == call) == (event in events), (deed, events)
                # The game writes no event when a tomato comes from its dispenser; it calls both ways to soup a pickup.
                assert "tomato_pickup" not in events or (deed and deed.name == "pickup_tomato")
                soup = deed is not None and deed.name in ("pickup_soup", "fill_dish_with_soup")
                assert soup == ("soup_pickup" in events)
                placed = any(event.endswith("_drop") for event in events)
                assert (deed is not None and deed.name == "place_obj_on_counter") == placed
            before = view


def test_alone_everything_connected_is_within_reach() -> None:
    corridor = load_layout("you_shall_not_pass")
    alone = OvercookedWorld(corridor, rules="new", seats=(0,)).reset(0)[0].view
    both = OvercookedWorld(corridor, rules="new").reset(0)[0].view
    assert all(alone.reaches(0, pot) for pot in corridor.pots)
    assert both.reaches(0, corridor.pots[0])
