"""Worlds by name: what is found, what is echoed, what is refused with a list of what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from talkoot.errors import BadInput
from talkoot.worlds.catalog import list_worlds, make_world
from talkoot.worlds.overcooked.catalog import KitchenRow
from talkoot.worlds.overcooked.world import OvercookedWorld


def kitchen(name: str, **options: object) -> OvercookedWorld:
    world = make_world(name, **options)  # type: ignore[arg-type]
    assert isinstance(world, OvercookedWorld)
    assert world.name == name
    return world


def test_names_aliases_and_options() -> None:
    assert kitchen("overcooked/cramped_room").layout == kitchen("simple").layout
    world = kitchen("overcooked/counter_circuit:rules=new,start=random,horizon=200,talk=on,message_limit=30")
    assert (world.rules, world.start, world.horizon, world.message_limit) == ("new", "random", 200, 30)
    assert kitchen("cramped_room").message_limit == 0
    assert kitchen("cramped_room", seats=(1,)).seats == (1,)


def test_rules_are_the_old_ones_where_the_orders_can_be_cooked_with_them(tmp_path: Path) -> None:
    assert kitchen("cramped_room").rules == "old"
    assert kitchen("mdp_test").rules == "new"
    assert kitchen("counter_circuit").rules == "old"
    path = tmp_path / "any.layout"
    path.write_text("XXPXX\nO1 2S\nXXDXX\n\norders = []", encoding="utf-8")
    assert kitchen(str(path)).rules == "new"
    with pytest.raises(BadInput, match="rules=new"):
        make_world("mdp_test:rules=old")


def test_generated_kitchens() -> None:
    world = kitchen("overcooked/generate:seed=3,size=9x6,regions=2,pots=2,horizon=100")
    assert (world.layout.width, world.layout.height, len(world.layout.pots), world.horizon) == (9, 6, 2, 100)
    assert world.layout == kitchen("generate:seed=3,size=9x6,regions=2,pots=2").layout
    assert kitchen("generate").layout.width == 7
    assert world.layout is kitchen("generate:seed=3,size=9x6,regions=2,pots=2,horizon=9").layout
    assert world.layout != kitchen("generate:seed=4,size=9x6,regions=2,pots=2").layout


def test_layout_files(tmp_path: Path) -> None:
    path = tmp_path / "mine.layout"
    path.write_text("XXPXX\nO1 2S\nXXDXX\n", encoding="utf-8")
    assert kitchen(f"{path}:horizon=9").layout.name == "mine"
    assert kitchen(f"overcooked/{path}").horizon == 400


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("overcooked/nowhere", ["nowhere", "overcooked/cramped_room", "overcooked/generate"]),
        ("atlantis", ["atlantis", "overcooked/cramped_room"]),
        ("cramped_room:colour=red", ["colour", "rules", "horizon"]),
        ("cramped_room:seed=3", ["seed"]),
        ("cramped_room:horizon", ["horizon"]),
        ("cramped_room:horizon=soon", ["horizon", "soon"]),
        ("cramped_room:horizon=5,horizon=6", ["twice"]),
        ("cramped_room:rules=newest", ["old, new"]),
        ("cramped_room:talk=maybe", ["on or off"]),
        ("generate:size=7", ["WIDTHxHEIGHT"]),
        ("cramped_room:start=random,", ["unknown option"]),
    ],
)
def test_refusals_name_the_fault_and_what_is_known(name: str, words: list[str]) -> None:
    with pytest.raises(BadInput) as error:
        make_world(name)
    assert all(word in str(error.value) for word in words), error.value


def test_every_listed_kitchen_can_be_made() -> None:
    rows = [row for row in list_worlds() if isinstance(row, KitchenRow)]
    assert [row.paper_name for row in rows][:2] == ["Cramped Room", "Asymmetric Advantages"]
    for row in rows:
        world = kitchen(row.name)
        assert world.rules == row.rules[0]
        assert (world.layout.width, len(world.layout.starts)) == (row.width, row.players)
        for alias in row.aliases:
            assert kitchen(f"overcooked/{alias}").layout == world.layout
        assert "1" in "".join(row.rows)
