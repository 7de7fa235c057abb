# ruff: noqa: E501
"""The kitchen in words: golden texts, their order, and that every fact in them is true."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.types import Action, Style
from talkoot.worlds.overcooked.generate import generate
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, PRIMITIVES, SOUP, TOMATO, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout
from talkoot.worlds.overcooked.rulebook.reading import read
from talkoot.worlds.overcooked.skills import item_name
from talkoot.worlds.overcooked.words import KINDS
from talkoot.worlds.overcooked.world import OvercookedWorld

FORCED = Kitchen(
    load_layout("forced_coordination"), "new", 12, 400,
    {0: Cook((3, 1), 3, SOUP + 3), 1: Cook((1, 2), 2, DISH)},
    (Pot((3, 0), 2, 0, -1, 20), Pot((4, 1), 3, 0, 5, 20)),
    {(2, 1): ONION, (2, 2): SOUP + 5, (0, 0): DISH},
)  # fmt: skip

FORCED_WORDS = """\
The kitchen has <Onion Dispenser 0>, <Onion Dispenser 1>, <Dish Dispenser 0>, <Serving Place 0>, <Pot 0>, <Pot 1>.
Walks, in steps (moves and turns) from standing before one to standing before the other: <Pot 0> to <Serving Place 0> 2; <Pot 1> to <Serving Place 0> 2.
Handing over across a counter between cooks, in steps before the counter and steps after it: <Onion Dispenser 0> to <Pot 0> 1 + 1; <Onion Dispenser 1> to <Pot 0> 1 + 1; <Dish Dispenser 0> to <Pot 0> 1 + 2.

Scene 12 of 400: You are <Player 0>. <Player 0> holds a dish with soup (3 onions), which must be delivered. <Player 1> holds one dish.
Pots: <Pot 0> has 2 onions and takes 1 more; <Pot 1> is cooking 3 onions, ready in 15 steps.
On the counters: one dish on <Counter 0>; one onion on <Counter 4>; a dish with soup (1 onion and 1 tomato) on <Counter 5>. Free counters within reach of both: 1.
Steps for <Player 0>: <Onion Dispenser 0> out of reach, <Onion Dispenser 1> out of reach, <Dish Dispenser 0> out of reach, <Serving Place 0> 2, <Pot 0> 1, <Pot 1> 1, <Counter 0> out of reach, <Counter 4> 0, <Counter 5> 2.
Steps for <Player 1>: <Onion Dispenser 0> 2, <Onion Dispenser 1> 1, <Dish Dispenser 0> 2, <Serving Place 0> out of reach, <Pot 0> out of reach, <Pot 1> out of reach, <Counter 0> out of reach, <Counter 4> 2, <Counter 5> 0."""

FORCED_GRID = """\
The kitchen has <Onion Dispenser 0>, <Onion Dispenser 1>, <Dish Dispenser 0>, <Serving Place 0>, <Pot 0>, <Pot 1>.
Map of the kitchen (X counter, O onion dispenser, T tomato dispenser, D dish dispenser, P pot, S serving place, blank floor; column and row numbers start at 0 in the upper left corner):
XXXPX
O X P
O X X
D X X
XXXSX

Scene 12 of 400: You are <Player 1>. <Player 1> at 1,2 facing east holds one dish. <Player 0> at 3,1 facing west holds a dish with soup (3 onions).
Pots: <Pot 0> has 2 onions and takes 1 more; <Pot 1> is cooking 3 onions, ready in 15 steps.
On the counters: one dish on <Counter 0> at 0,0; one onion on <Counter 4> at 2,1; a dish with soup (1 onion and 1 tomato) on <Counter 5> at 2,2. Free counters within reach of both: 1.
The kitchen now (as the map, with cooks as their numbers; on counters o onion, t tomato, d dish, s dish with soup):
dXXPX
O o0P
O1s X
D X X
XXXSX"""

CRAMPED_BOTH = """\
The kitchen has <Onion Dispenser 0> at 0,1, <Onion Dispenser 1> at 4,1, <Dish Dispenser 0> at 1,3, <Serving Place 0> at 3,3, <Pot 0> at 2,0.
Walks, in steps (moves and turns) from standing before one to standing before the other: <Onion Dispenser 0> to <Pot 0> 2; <Onion Dispenser 1> to <Pot 0> 2; <Dish Dispenser 0> to <Pot 0> 2; <Pot 0> to <Serving Place 0> 2.
Map of the kitchen (X counter, O onion dispenser, T tomato dispenser, D dish dispenser, P pot, S serving place, blank floor; column and row numbers start at 0 in the upper left corner):
XXPXX
O   O
X   X
XDXSX

Scene 0 of 400: You are <Player 1>. <Player 1> at 3,1 facing north holds nothing. <Player 0> at 1,2 facing north holds nothing.
Pots: <Pot 0> is empty.
On the counters: nothing. Free counters within reach of both: 5.
Steps for <Player 1>: <Onion Dispenser 0> 2, <Onion Dispenser 1> 1, <Dish Dispenser 0> 3, <Serving Place 0> 1, <Pot 0> 2.
Steps for <Player 0>: <Onion Dispenser 0> 2, <Onion Dispenser 1> 3, <Dish Dispenser 0> 1, <Serving Place 0> 3, <Pot 0> 2.
The kitchen now (as the map, with cooks as their numbers; on counters o onion, t tomato, d dish, s dish with soup):
XXPXX
O  1O
X0  X
XDXSX"""

ALONE = """\
The kitchen has <Onion Dispenser 0>, <Onion Dispenser 1>, <Dish Dispenser 0>, <Serving Place 0>, <Pot 0>.
Walks, in steps (moves and turns) from standing before one to standing before the other: <Onion Dispenser 0> to <Pot 0> 2; <Onion Dispenser 1> to <Pot 0> 2; <Dish Dispenser 0> to <Pot 0> 2; <Pot 0> to <Serving Place 0> 2.

Scene 0 of 400: You are <Player 1>. <Player 1> holds nothing.
Pots: <Pot 0> is empty.
On the counters: nothing.
Steps for <Player 1>: <Onion Dispenser 0> 2, <Onion Dispenser 1> 1, <Dish Dispenser 0> 3, <Serving Place 0> 1, <Pot 0> 2."""


def test_golden_texts() -> None:
    assert FORCED.words(0, Style()) == FORCED_WORDS
    assert FORCED.words(1, Style("grid")) == FORCED_GRID
    cramped = OvercookedWorld("cramped_room").reset(0)[1].view
    assert cramped.words(1, Style("both", coordinates=True)) == CRAMPED_BOTH
    assert OvercookedWorld("cramped_room", seats=(1,)).reset(0)[1].words() == ALONE


def test_coordinates_are_optional_and_change_nothing_else() -> None:
    located = FORCED.words(0, Style(coordinates=True))
    assert "<Pot 1> at 4,1." in located
    assert "<Player 1> at 1,2 facing east holds one dish." in located
    assert re.sub(r" at \d+,\d+( facing \w+)?", "", located) == FORCED_WORDS


def test_pots_in_every_state() -> None:
    layout = load_layout("cramped_room")
    cooks = {0: Cook((1, 2), 3, NOTHING), 1: Cook((3, 1), 2, NOTHING)}
    for pot, told in [
        (Pot((2, 0), 0, 0, -1, 20), "is empty"),
        (Pot((2, 0), 1, 0, -1, 20), "has 1 onion and takes 2 more"),
        (Pot((2, 0), 1, 1, -1, 20), "has 1 onion and 1 tomato and takes 1 more"),
        (Pot((2, 0), 0, 3, -1, 20), "has 3 tomatoes and is full"),
        (Pot((2, 0), 3, 0, 0, 20), "is cooking 3 onions, ready in 20 steps"),
        (Pot((2, 0), 2, 1, 20, 20), "is ready: a soup of 2 onions and 1 tomato"),
    ]:
        words = Kitchen(layout, "new", 5, 400, cooks, (pot,), {}).words(0, Style())
        assert f"\nPots: <Pot 0> {told}.\n" in words


def test_who_stands_before_a_fixture_is_told_of_the_mate_only() -> None:
    cooks = {0: Cook((1, 1), 3, NOTHING), 1: Cook((3, 1), 2, ONION)}
    kitchen = Kitchen(load_layout("cramped_room"), "old", 5, 400, cooks, (Pot((2, 0), 0, 0, -1, 20),), {})
    assert "<Player 1> stands before <Onion Dispenser 1>." in kitchen.words(0, Style())
    assert "<Player 0> stands before" not in kitchen.words(0, Style())


@pytest.mark.parametrize("form", ["words", "grid", "both"])
@pytest.mark.parametrize("seat", [0, 1])
def test_order_is_layout_time_own_hand_mate_pots_counters(form: str, seat: int) -> None:
    words = FORCED.words(seat, Style(form))  # type: ignore[arg-type]
    marks = [
        "The kitchen has <Onion Dispenser 0>", "<Dish Dispenser 0>", "<Serving Place 0>", "<Pot 0>", "<Pot 1>.",
        "Scene 12 of 400: You are", f"<Player {seat}>", f"<Player {1 - seat}>", "Pots: ", "On the counters: ",
    ]  # fmt: skip
    places, start = [], 0
    for mark in marks:
        start = words.index(mark, start)
        places.append(start)
    assert places == sorted(places)


LETTERS = {NOTHING: "", ONION: "onion", TOMATO: "tomato", DISH: "dish"}


def check_true(kitchen: Kitchen, seat: int) -> None:
    """Read the words back and compare every fact with the kitchen."""
    layout, names = kitchen.layout, kitchen.layout.names
    facts = read("", kitchen.words(seat, Style()))
    assert (facts.me, facts.mate, facts.t, facts.horizon) == (seat, 1 - seat, kitchen.t, kitchen.horizon)
    assert facts.held == {s: LETTERS.get(cook.held, "soup") for s, cook in kitchen.cooks.items()}
    told = {name: (pot.onions, pot.tomatoes, pot.left) for name, pot in facts.pots.items()}
    assert told == {
        names[pot.cell]: (pot.onions, pot.tomatoes, None if pot.idle else max(0, pot.cook_time - pot.tick))
        for pot in kitchen.pots
    }
    loose = sorted((LETTERS.get(item, "soup"), names[cell]) for cell, item in kitchen.loose.items())
    assert sorted(facts.loose) == loose
    assert facts.free_between == sum(
        cell not in kitchen.loose and kitchen.reaches(0, cell) and kitchen.reaches(1, cell)
        for cell in layout.cells("X")
    )
    ahead = layout.at(kitchen.cooks[1 - seat].ahead)
    assert facts.before == (names[kitchen.cooks[1 - seat].ahead] if ahead in KINDS else "")
    cells = {name: cell for cell, name in names.items()}
    for player, cook in kitchen.cooks.items():
        for name, steps in facts.steps[player].items():
            assert steps == layout.steps(cook.pose, cells[name])
            assert kitchen.reaches(player, cells[name])
        # Nothing within reach is missing, but for the further ones of many of one kind.
        for kind, word in KINDS.items():
            near = sorted(
                n for cell in layout.cells(kind)
                if kitchen.reaches(player, cell) and (n := layout.steps(cook.pose, cell)) is not None
            )  # fmt: skip
            assert sorted(n for name, n in facts.steps[player].items() if name.startswith(word)) == near[:4]
        assert {name for name in facts.steps[player] if name.startswith("Counter")} == {
            names[cell] for cell in kitchen.loose if kitchen.reaches(player, cell)
        }
    for (start, end), steps in facts.walks.items():
        found = [layout.steps(goal, cells[end]) for goal in layout.motion_goals(cells[start])]
        assert steps == min(n for n in found if n is not None)
    handing = re.findall(r"<([^<>]+)> to <([^<>]+)> (\d+) \+ (\d+)", kitchen.words(seat, Style()))
    assert {start: (int(before), int(after)) for start, _, before, after in handing} == facts.handovers
    for start, end, before, after in handing:
        ways = [
            a + b
            for counter in layout.cells("X")
            for goal in layout.motion_goals(cells[start])
            for side in layout.motion_goals(counter)
            if (a := layout.steps(goal, counter)) is not None and (b := layout.steps(side, cells[end])) is not None
        ]
        assert int(before) + int(after) == min(ways)
        direct = [n for goal in layout.motion_goals(cells[start]) if (n := layout.steps(goal, cells[end])) is not None]
        assert not direct or int(before) + int(after) < min(direct)
    # The map carries the same facts for whoever reads maps.
    drawn = read("", kitchen.words(seat, Style("grid")))
    assert (drawn.held, drawn.pots, drawn.free_between) == (facts.held, facts.pots, facts.free_between)
    assert sorted(drawn.loose) == sorted(facts.loose)
    for player in (0, 1):
        table = drawn.steps.get(player, {})
        assert facts.steps[player].items() <= table.items()
        for kind in KINDS.values():
            assert drawn.near(player, kind) == facts.near(player, kind)
    assert facts.walks.items() <= drawn.walks.items()
    assert drawn.handovers == facts.handovers


def play(layout: Layout, rules: str, seed: int, check_every: int, steps: int) -> None:
    world = OvercookedWorld(layout, rules=rules, start="random", random_objects=0.6, horizon=steps)
    rng = np.random.default_rng(seed)
    kitchen = world.reset(seed)[0].view
    while not world.done:
        if kitchen.t % check_every == 0:
            check_true(kitchen, int(rng.integers(2)))
        actions = {seat: Action(PRIMITIVES[int(rng.choice(6, p=[0.15, 0.15, 0.15, 0.15, 0, 0.4]))]) for seat in (0, 1)}
        kitchen = world.step(actions).observations[0].view


@pytest.mark.parametrize("name", layout_names())
def test_every_fact_is_true_on_shipped_kitchens(name: str) -> None:
    layout = load_layout(name)
    play(layout, "new", 3, 40, 300)
    if all(sum(order) == 3 for order in layout.recipes.orders):
        play(layout, "old", 4, 40, 200)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**5), width=st.integers(5, 9), height=st.integers(5, 7), regions=st.sampled_from([1, 2]),
    pots=st.integers(1, 2), tomatoes=st.integers(0, 1), rules=st.sampled_from(["old", "new"]),
)  # fmt: skip
def test_every_fact_is_true_on_generated_kitchens(
    seed: int, width: int, height: int, regions: int, pots: int, tomatoes: int, rules: str
) -> None:
    layout = generate(seed, width, height, regions=regions, pots=pots, tomatoes=tomatoes)
    play(layout, rules, seed, 20, 41)


def test_items_in_words() -> None:
    assert [item_name(code) for code in (NOTHING, ONION, TOMATO, DISH)] == [
        "nothing", "one onion", "one tomato", "one dish"
    ]  # fmt: skip
    assert item_name(SOUP + 3) == "a dish with soup (3 onions)"
    assert item_name(SOUP + 2 + 4) == "a dish with soup (2 onions and 1 tomato)"
    assert item_name(SOUP + 8) == "a dish with soup (2 tomatoes)"
