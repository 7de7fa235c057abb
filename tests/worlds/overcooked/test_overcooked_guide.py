# ruff: noqa: E501
"""The knowledge library in words: golden texts for both rule sets, with and without tomatoes, alone and together."""

from __future__ import annotations

import json

import pytest

from talkoot.types import Action
from talkoot.worlds.catalog import make_world
from talkoot.worlds.overcooked.kitchen import PRIMITIVES
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout, parse_layout
from talkoot.worlds.overcooked.rulebook.reading import read
from talkoot.worlds.overcooked.world import OvercookedWorld

OLD_TASK = """\
Two cooks share one kitchen. Together they have 400 steps to cook and deliver as many soups as possible; every point belongs to the team, whoever earns it. In one step each cook moves, turns, stays or uses what it faces.
A soup is made in this order: put three onions into a pot, let it cook, fetch a dish, fill the dish with the soup, and carry it to a serving place.
Order: 3 onions pays 20 points and cooks 20 steps."""

NEW_TASK = """\
Two cooks share one kitchen. Together they have 300 steps to cook and deliver as many soups as possible; every point belongs to the team, whoever earns it. In one step each cook moves, turns, stays or uses what it faces.
A soup is made in this order: put the ingredients of an ordered soup into a pot, start the fire, let it cook, fetch a dish, fill the dish with the soup, and carry it to a serving place.
Order: 1 onion pays 10 points and cooks 2 steps.
Order: 2 onions and 1 tomato pays 50 points and cooks 6 steps.
Order: 3 onions pays 30 points and cooks 6 steps."""


def test_golden_tasks() -> None:
    assert OvercookedWorld("cramped_room").guide(0).task == OLD_TASK
    assert OvercookedWorld("mdp_test", rules="new", horizon=300).guide(1).task == NEW_TASK
    alone = OvercookedWorld("cramped_room", seats=(0,)).guide(0)
    assert alone.task.startswith("One cook works alone in a kitchen. It has 400 steps to cook and deliver")
    assert "team" not in alone.task
    assert alone.demonstrations == ()


def test_rules_say_how_the_fire_is_lit_and_whether_kinds_mix() -> None:
    old, new = (
        OvercookedWorld("cramped_room").guide(0).rules,
        OvercookedWorld("cramped_room", rules="new").guide(0).rules,
    )
    assert old[1] == (
        "A pot takes up to three ingredients. With the third it starts cooking by itself, and takes nothing more until "
        "its soup has been taken out."
    )
    assert new[1] == (
        "A pot takes up to three ingredients of any kind. It does not cook until a cook with an empty hand starts it; "
        "once started it takes nothing more."
    )
    assert old[0] == new[0]
    assert old[2:] == new[2:]
    rows = "\n".join(load_layout("mdp_test").rows).replace("O   O", "O1 2O")
    plain = parse_layout(rows + "\n\nmixed = false", "plain")
    assert OvercookedWorld(plain).guide(0).rules[1].startswith("A pot takes up to three ingredients of one kind.")
    both = parse_layout(rows + "\n\norders = []\nmixed = false", "both")
    assert [line for line in OvercookedWorld(both).guide(0).task.splitlines() if line.startswith("Order")] == [
        "Order: 3 tomatoes pays 20 points and cooks 20 steps.", "Order: 3 onions pays 20 points and cooks 20 steps."
    ]  # fmt: skip
    mixed = parse_layout(rows + "\n\norders = []", "mixed")
    assert OvercookedWorld(mixed).guide(0).task.count("\nOrder: ") == 4
    assert OvercookedWorld(mixed, rules="new").guide(0).task.count("\nOrder: ") == 9
    assert "put the ingredients of an ordered soup into a pot" in OvercookedWorld(mixed).guide(0).task


@pytest.mark.parametrize("name", layout_names())
@pytest.mark.parametrize("rules", ["old", "new"])
def test_every_order_that_pays_is_told_as_the_game_pays_it(name: str, rules: str) -> None:
    layout = load_layout(name)
    if rules == "old" and any(sum(order) < 3 for order in layout.recipes.orders):
        return
    guide = OvercookedWorld(layout, rules=rules).guide(0)
    told = read(guide.task + "\n" + "\n".join(guide.rules), "")
    assert told.by_hand == (rules == "new")
    assert {(o, t): (value, time) for o, t, value, time in told.orders} == {
        order: (layout.recipes.value(*order), layout.recipes.time(*order)) for order in layout.recipes.orders
    }
    names = [skill.name for skill in guide.skills]
    assert ("start_cooking" in names) == (rules == "new")
    assert ("pickup_tomato" in names) == ("put_tomato_in_pot" in names) == bool(layout.cells("T"))
    assert guide.primitives == PRIMITIVES
    assert guide.safe == Action("stay")


def test_generated_orders_with_tomatoes_can_be_cooked_under_the_old_rules() -> None:
    world = make_world("overcooked/generate:tomatoes=1,seed=3")
    assert isinstance(world, OvercookedWorld)
    assert world.rules == "old"
    told = read(world.guide(0).task, "").orders
    assert {order[:2] for order in told} == set(world.layout.recipes.orders)


def test_demonstrations_are_told_from_the_own_seat() -> None:
    for seat in (0, 1):
        shown = OvercookedWorld("cramped_room").guide(seat).demonstrations
        assert len(shown) >= 3
        for demo in shown:
            assert demo.scene.startswith(f"<Player {seat}> holds")
            assert f"<Player {1 - seat}>" in demo.scene
            assert "<me>" not in demo.scene + demo.analysis
            assert not demo.plan.startswith("<")
    swapped = [
        demo.analysis.replace("<Player 1>", "<Player 0>")
        for demo in OvercookedWorld("cramped_room").guide(0).demonstrations
    ]
    assert swapped == [demo.analysis for demo in OvercookedWorld("cramped_room").guide(1).demonstrations]


def test_demonstrations_light_the_fire_as_the_rules_do() -> None:
    old, new = (OvercookedWorld("cramped_room", rules=rules).guide(0).demonstrations for rules in ("old", "new"))
    assert len(old) == len(new)
    assert "will cook soon" in old[0].analysis
    assert all("will cook soon" not in demo.analysis for demo in new)
    assert "can start <Pot 0>" in new[0].analysis
    assert old[1:] == new[1:]


def test_skills_of_demonstrations_exist() -> None:
    for rules in ("old", "new"):
        guide = OvercookedWorld("cramped_room", rules=rules).guide(0)
        for demo in guide.demonstrations:
            for call in (demo.plan, demo.intention):
                assert guide.skill(call.split("(")[0]) is not None


def test_a_guide_restores_views() -> None:
    world = OvercookedWorld("cramped_room", horizon=50)
    view = world.reset(0)[0].view
    again = world.guide(0).restore(json.loads(json.dumps(view.save())))
    assert again == view
