"""The older encodings: equal to the reference with its faults, sensible without them, named entry by entry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from overcooked_rows import load, row_state

from talkoot.errors import BadInput
from talkoot.worlds.overcooked.features import (
    CHANNELS_20,
    FEATURES_62,
    FEATURES_96,
    channels20,
    features62,
    features96,
)
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, SOUP, TOMATO, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout
from talkoot.worlds.overcooked.mechanics import advance, random_start, tables
from talkoot.worlds.overcooked.world import kitchen_of


def kitchen(name: str = "cramped_room", **changes: Any) -> Kitchen:
    layout = load_layout(name)
    cooks = {seat: Cook(cell, 0, NOTHING) for seat, cell in enumerate(layout.starts)}
    pots = tuple(Pot(cell, 0, 0, -1, 20) for cell in layout.pots)
    return replace(Kitchen(layout, "old", 0, 400, cooks, pots, {}), **changes)


def hold(view: Kitchen, seat: int, item: int) -> Kitchen:
    return replace(view, cooks={**view.cooks, seat: view.cooks[seat]._replace(held=item)})


@pytest.mark.data
@pytest.mark.parametrize(
    ("make", "key"),
    [(channels20, "obs20"), (features62, "feat62"), (features96, "feat96")],
    ids=["20 channels", "62 features", "96 features"],
)
def test_with_their_faults_they_equal_the_reference(data: Path, make: Any, key: str) -> None:
    oracle, rows = load(data / "overcooked" / "oracles.npz"), load(data / "overcooked" / "human_train.npz")
    views = 0
    for k, name in enumerate(rows["layout_names"]):
        layout = load_layout(str(name))
        c = tables(layout)
        for j, i in enumerate(oracle["rows"][k]):
            view = kitchen_of(layout, c, row_state(layout, rows, i))
            for seat in (0, 1):
                expected = oracle[f"{key}_{name}"][j, seat]
                found = make(view, seat, bugs=True)
                assert found.shape == expected.shape
                assert np.array_equal(found, expected), (name, i, seat)
                views += 1
    assert views == 400


def test_every_entry_has_a_name() -> None:
    for names, size in ((CHANNELS_20, 20), (FEATURES_62, 62), (FEATURES_96, 96)):
        assert len(names) == size
        assert len(set(names)) == size


def test_a_held_thing_hides_what_lies_around_only_with_the_fault() -> None:
    view = hold(kitchen(loose={(0, 0): ONION, (4, 0): DISH}), 0, ONION)
    onions, dishes = CHANNELS_20.index("onions"), CHANNELS_20.index("dishes")
    assert channels20(view, 0)[0, 0, onions] == 1
    assert channels20(view, 0, bugs=True)[0, 0, onions] == 0
    assert channels20(view, 0, bugs=True)[4, 0, dishes] == 1
    assert channels20(view, 0, bugs=True)[(*view.cooks[0].cell, onions)] == 1


def test_a_held_soup_hides_the_pots_only_with_the_fault() -> None:
    pot = Pot((2, 0), 3, 0, 7, 20)
    view = hold(kitchen(pots=(pot,)), 1, SOUP + 3)
    contents, cooked = CHANNELS_20.index("onions in pots"), CHANNELS_20.index("steps cooked")
    assert channels20(view, 0)[2, 0, [contents, cooked]].tolist() == [3, 7]
    assert channels20(view, 0, bugs=True)[2, 0, [contents, cooked]].tolist() == [0, 0]


def named(names: tuple[str, ...], vector: Any) -> dict[str, int]:
    return dict(zip(names, vector.tolist(), strict=True))


def test_the_62_features_find_started_pots_and_the_own_place_without_the_faults() -> None:
    view = kitchen("asymmetric_advantages", pots=(Pot((4, 2), 1, 0, -1, 20), Pot((4, 3), 2, 0, -1, 20)))
    x, y = view.cooks[1].cell
    fixed, faulty = named(FEATURES_62, features62(view, 1)), named(FEATURES_62, features62(view, 1, bugs=True))
    assert (fixed["own one-onion pot dx"], fixed["own one-onion pot dy"]) == (4 - x, 2 - y)
    assert (fixed["own two-onion pot dx"], fixed["own two-onion pot dy"]) == (4 - x, 3 - y)
    assert (fixed["own x"], fixed["own y"]) == (x, y)
    assert (faulty["own one-onion pot dx"], faulty["own two-onion pot dx"]) == (0, 0)
    assert (faulty["own x"], faulty["own y"]) == view.cooks[0].cell
    assert fixed["own empty pot dx"] == 0  # there is none


def test_the_96_features_find_loose_things_only_without_the_fault() -> None:
    view = kitchen(loose={(0, 2): SOUP + 3, (1, 0): DISH})
    fixed, faulty = named(FEATURES_96, features96(view, 0)), named(FEATURES_96, features96(view, 0, bugs=True))
    assert (fixed["own soup dx"], fixed["own soup dy"], fixed["own soup onions"]) == (-1, 0, 3)
    assert (faulty["own soup dx"], faulty["own soup onions"]) == (0, 0)
    assert (faulty["own empty counter dx"], faulty["own empty counter dy"]) == (0, 0)
    assert (fixed["own empty counter dx"], fixed["own empty counter dy"]) != (0, 0)


def test_the_96_features_tell_pots_and_held_soups() -> None:
    pots = (Pot((4, 2), 3, 0, 5, 20), Pot((4, 3), 3, 0, 20, 20))
    view = hold(kitchen("asymmetric_advantages", pots=pots), 0, SOUP + 1 + 4 * 2)
    for bugs in (False, True):
        told = named(FEATURES_96, features96(view, 0, bugs=bugs))
        assert (told["own soup onions"], told["own soup tomatoes"], told["own holds soup"]) == (1, 2, 1)
        assert (told["own pot 1 exists"], told["own pot 1 full"], told["own pot 1 cooking"]) == (1, 1, 1)
        assert (told["own pot 1 steps left"], told["own pot 2 steps left"], told["own pot 2 ready"]) == (15, 0, 1)
        assert told["other holds soup"] == 0
    alone = named(FEATURES_96, features96(kitchen(), 0))
    assert (alone["own pot 1 exists"], alone["own pot 1 empty"], alone["own pot 2 exists"]) == (1, 1, 0)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(layout_names()), seed=st.integers(0, 2**31), bugs=st.booleans())
def test_both_seats_see_the_same_from_their_own_side(name: str, seed: int, bugs: bool) -> None:
    layout, rng = load_layout(name), np.random.default_rng(seed)
    rules = "new" if any(sum(order) < 3 for order in layout.recipes.orders) else "old"
    state, c = random_start(layout, rng, rules=rules, random_objects=0.5), tables(layout, rules)
    for _ in range(30):
        advance(c, state, *rng.integers(0, 6, 2).tolist())
    view = kitchen_of(layout, c, state)
    one, two = features96(view, 0, bugs=bugs), features96(view, 1, bugs=bugs)
    assert np.array_equal(one[:46], two[46:92])
    assert np.array_equal(one[46:92], two[:46])
    assert np.array_equal(one[92:94], -two[92:94])
    told = named(FEATURES_96, one)
    for side, (dx, dy) in zip(("north", "south", "east", "west"), ((0, -1), (0, 1), (1, 0), (-1, 0)), strict=True):
        x, y = view.cooks[0].cell
        assert told[f"own solid to the {side}"] == (layout.at((x + dx, y + dy)) != " ")
    # Whatever is pointed at is there, and can be reached.
    for thing, kind in (("serving cell", "S"), ("dish", "D")):
        offset = told[f"own {thing} dx"], told[f"own {thing} dy"]
        if offset != (0, 0) and (bugs or thing != "dish"):
            cell = (x + offset[0], y + offset[1])
            assert layout.at(cell) == kind
            assert layout.reachable((x, y), cell)


def test_what_an_encoding_has_no_place_for_is_refused() -> None:
    for view in (hold(kitchen(), 0, TOMATO), kitchen(loose={(0, 0): TOMATO}), kitchen(loose={(0, 0): SOUP + 4}),
                 kitchen(pots=(Pot((2, 0), 0, 1, -1, 20),))):  # fmt: skip
        with pytest.raises(BadInput, match="knows no tomatoes"):
            channels20(view, 0)
    with pytest.raises(BadInput, match="knows no tomatoes"):
        features62(hold(kitchen(), 1, TOMATO), 0)
    alone = kitchen(cooks={0: Cook((1, 2), 0, NOTHING)})
    for make in (channels20, features62, features96):
        with pytest.raises(BadInput, match="needs two cooks"):
            make(alone, 0)
        with pytest.raises(BadInput, match="needs two cooks"):
            make(kitchen(), 2)


@pytest.mark.peers("overcooked_ai_py")
@pytest.mark.parametrize("name", ["cramped_room", "asymmetric_advantages", "coordination_ring", "forced_coordination",
                                  "counter_circuit", "counter_circuit_tomato"])  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_the_96_features_equal_an_installed_overcooked_ai(name: str) -> None:
    from overcooked_ai_py.mdp.overcooked_mdp import OvercookedGridworld, OvercookedState
    from overcooked_ai_py.planning.planners import NO_COUNTERS_PARAMS, MotionPlanner
    from recorded_dialects import state as serialised

    theirs = {"counter_circuit": "counter_circuit_o_1order", "counter_circuit_tomato": "counter_circuit"}.get(
        name, name
    )
    rules = "new" if name.endswith("tomato") else "old"
    mdp = OvercookedGridworld.from_layout_name(theirs, old_dynamics=rules == "old")

    class Manager:  # the features use nothing else of the action manager, whose construction takes long
        motion_planner = MotionPlanner(mdp, NO_COUNTERS_PARAMS["counter_goals"])

    layout, rng = load_layout(name), np.random.default_rng(0)
    c = tables(layout, rules)
    for _ in range(8):
        state = random_start(layout, rng, rules=rules, random_objects=0.5)
        for _ in range(30):
            advance(c, state, *rng.integers(0, 6, 2).tolist())
            view = kitchen_of(layout, c, state)
            found = mdp.featurize_state(OvercookedState.from_dict(serialised(view, "new")), Manager)
            for seat in (0, 1):
                assert np.array_equal(found[seat], features96(view, seat, bugs=True))
