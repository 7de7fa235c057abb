"""The compiled rules: recorded play, timings that the reference states, and laws that hold in any play."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from overcooked_rows import load, row_state, trial_layout

from talkoot.errors import BadInput
from talkoot.worlds.overcooked.layout import Layout, Recipes
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout, parse_layout
from talkoot.worlds.overcooked.mechanics import (
    CONTENTS,
    EVENTS,
    INTERACT,
    KIND,
    LOOSE,
    PLAYER,
    STAY,
    TICK,
    State,
    advance,
    empty_state,
    event_names,
    random_start,
    standard_start,
    tables,
)

NORTH, SOUTH, EAST, WEST = range(4)
ONION, TOMATO, DISH = 1, 2, 3
CRAMPED = load_layout("cramped_room")


@pytest.mark.data
@pytest.mark.parametrize("which", ["human_train", "small_trajectories"])
def test_recorded_play_is_reproduced_exactly(data: Path, which: str) -> None:
    rows = load(data / "overcooked" / f"{which}.npz")
    oracle = load(data / "overcooked" / "oracles.npz")
    short = which.split("_")[0]
    for trial, (first, steps) in enumerate(zip(rows["trial_first"], rows["trial_steps"], strict=True)):
        layout = trial_layout(rows, trial)
        c = tables(layout, "old" if short == "human" or rows["trial_old_rules"][trial] else "new", 10_000)
        unit = 4 if short == "human" or rows["trial_source"][trial] == 0 else 1
        after = row_state(layout, rows, first)
        for i in range(first, first + steps):
            state = after
            outcome = advance(c, state, *rows["action"][i].tolist())
            after = row_state(layout, rows, i + 1)
            assert np.array_equal(state, after), (trial, i)
            assert outcome[0] + outcome[1] == rows["reward"][i] * unit
            assert outcome[:2] == tuple(oracle[f"{short}_sparse"][i])
            assert outcome[2:4] == tuple(oracle[f"{short}_shaped"][i])


def place(state: State, layout: Layout, seat: int, cell: tuple[int, int], facing: int, held: int = 0) -> None:
    state[PLAYER + 3 * seat : PLAYER + 3 * seat + 3] = (cell[1] * layout.width + cell[0], facing, held)


def test_third_onion_starts_the_pot_by_itself_and_takes_twenty_steps() -> None:
    c, state = tables(CRAMPED), standard_start(CRAMPED)
    place(state, CRAMPED, 0, (2, 1), NORTH, ONION)
    state[CONTENTS] = 2
    outcome = advance(c, state, INTERACT, STAY)
    assert outcome[2] == 3
    assert state[TICK] == 1
    for _ in range(19):
        place(state, CRAMPED, 0, (2, 1), NORTH, DISH)
        assert advance(c, state, INTERACT, STAY)[2] == 0  # not ready yet
    assert state[TICK] == 20
    assert advance(c, state, INTERACT, STAY)[2] == 5
    assert state[PLAYER + 2] == 19
    assert state[CONTENTS] == 0
    assert state[TICK] == -1
    place(state, CRAMPED, 0, (3, 2), SOUTH, 19)
    outcome = advance(c, state, INTERACT, STAY)
    assert outcome[0] == 20
    assert event_names(outcome[4]) == ["soup_delivery"]


def test_new_rules_start_by_hand_with_any_number_of_items() -> None:
    layout = replace(CRAMPED, recipes=Recipes(orders=(), values={(1, 0): 7}, times={(1, 0): 3}))
    c, state = tables(layout, "new"), standard_start(layout)
    place(state, layout, 0, (2, 1), NORTH)
    state[CONTENTS] = 3
    advance(c, state, STAY, STAY)
    assert state[TICK] == -1
    state[CONTENTS] = 1
    advance(c, state, INTERACT, STAY)
    assert state[TICK] == 1
    place(state, layout, 0, (2, 1), NORTH, ONION)
    assert advance(c, state, INTERACT, STAY)[2] == 0, "a pot on the fire takes nothing more"
    advance(c, state, STAY, STAY)
    assert state[TICK] == 3
    place(state, layout, 0, (2, 1), NORTH, DISH)
    advance(c, state, INTERACT, STAY)
    place(state, layout, 0, (3, 2), SOUTH, int(state[PLAYER + 2]))
    assert advance(c, state, INTERACT, STAY)[0] == 7


def test_recipes_belong_to_one_world() -> None:
    rich = tables(replace(CRAMPED, recipes=Recipes(order_value=50)))
    plain = tables(CRAMPED)
    state = standard_start(CRAMPED)
    place(state, CRAMPED, 0, (3, 2), SOUTH, 19)
    again = state.copy()
    assert advance(rich, state, INTERACT, STAY)[0] == 50
    assert advance(plain, again, INTERACT, STAY)[0] == 20


def test_bonus_orders_pay_more_and_unordered_soups_nothing() -> None:
    layout = load_layout("counter_circuit_tomato")
    c = tables(layout, "new")
    x, y = layout.cells("S")[0]
    for contents, pay in ((1 + 4, 68), (1 + 8, 47), (3, 0)):
        state = standard_start(layout)
        place(state, layout, 0, (x, y - 1), SOUTH, 16 + contents)
        assert advance(c, state, INTERACT, STAY)[0] == pay


def test_following_works_swapping_and_meeting_do_not() -> None:
    c = tables(CRAMPED)

    def cells(a: tuple[int, int], b: tuple[int, int], *actions: int) -> list[int]:
        state = standard_start(CRAMPED)
        place(state, CRAMPED, 0, a, NORTH)
        place(state, CRAMPED, 1, b, NORTH)
        advance(c, state, *actions)
        assert [state[2], state[5]] == list(actions), "both turn in any case"
        return [(int(cell) % 5, int(cell) // 5) for cell in state[[1, 4]]]  # type: ignore[misc]

    assert cells((1, 1), (2, 1), EAST, EAST) == [(2, 1), (3, 1)]
    assert cells((1, 1), (2, 1), EAST, WEST) == [(1, 1), (2, 1)]
    assert cells((1, 1), (3, 1), EAST, WEST) == [(1, 1), (3, 1)]
    assert cells((1, 1), (2, 1), EAST, NORTH) == [(1, 1), (2, 1)]


def test_two_hands_on_one_thing_player_zero_first() -> None:
    layout = parse_layout("XXXXX\nX1X2X\nOXDPS\nXXXXX\n", "t")
    c, state = tables(layout), standard_start(layout)
    place(state, layout, 0, (1, 1), EAST)
    place(state, layout, 1, (3, 1), WEST)
    state[c[LOOSE] + 7] = ONION
    outcome = advance(c, state, INTERACT, INTERACT)
    assert (state[3], state[6], state[c[LOOSE] + 7]) == (ONION, 0, 0)
    assert event_names(outcome[4]) == ["onion_pickup", "useful_onion_pickup"]
    assert outcome[5] == 0


def test_last_place_in_a_pot_goes_to_player_zero() -> None:
    layout = parse_layout("XXXXX\nO1P2S\nXXDXX\n", "t")
    c, state = tables(layout), standard_start(layout)
    place(state, layout, 0, (1, 1), EAST, ONION)
    place(state, layout, 1, (3, 1), WEST, ONION)
    state[CONTENTS] = 2
    outcome = advance(c, state, INTERACT, INTERACT)
    assert outcome[2:4] == (3, 0)
    assert (state[3], state[6]) == (0, ONION)


def test_useful_dish() -> None:
    c = tables(CRAMPED)

    def take(contents: int, tick: int, mate: int = 0, loose: int = 0) -> int:
        state = standard_start(CRAMPED)
        place(state, CRAMPED, 0, (1, 2), SOUTH)
        state[PLAYER + 5], state[CONTENTS], state[TICK], state[c[LOOSE]] = mate, contents, tick, loose
        return int(advance(c, state, INTERACT, STAY)[2])

    assert take(3, 5) == 3
    assert take(1, -1) == 3
    assert take(0, -1) == 0, "nothing in the pot"
    assert take(3, 5, mate=DISH) == 0, "the mate has one"
    assert take(3, 5, loose=DISH) == 0, "one lies about"
    new = tables(CRAMPED, "new")
    state = standard_start(CRAMPED)
    place(state, CRAMPED, 0, (1, 2), SOUTH)
    state[CONTENTS] = 3
    assert advance(new, state, INTERACT, STAY)[2] == 0, "a full pot that nobody started does not count"


def test_an_empty_seat_is_not_in_the_kitchen() -> None:
    c, state = tables(CRAMPED), standard_start(CRAMPED, seats=(0,))
    assert state[PLAYER + 3] == -1
    place(state, CRAMPED, 0, (2, 1), EAST)
    advance(c, state, EAST, WEST)
    assert (state[PLAYER], state[PLAYER + 3]) == (8, -1)
    outcome = advance(c, state, EAST, INTERACT)
    assert outcome[5] == 0


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"rules": "newest"}, "old, new"),
        ({"horizon": 0}, "horizon"),
    ],
)
def test_tables_refuse_nonsense(options: dict[str, object], part: str) -> None:
    with pytest.raises(BadInput, match=part):
        tables(CRAMPED, **options)  # type: ignore[arg-type]


def test_old_rules_refuse_orders_that_can_never_be_cooked() -> None:
    with pytest.raises(BadInput, match="rules=new"):
        tables(load_layout("mdp_test"), "old")


KITCHENS = [
    (name, rules)
    for name in layout_names()
    for rules in ("old", "new")
    if rules == "new" or min(map(sum, load_layout(name).recipes.orders)) == 3
]


def things(s: State, layout: Layout) -> tuple[int, int]:
    """How many ingredients and how many dishes there are anywhere."""
    loose = s[CONTENTS + 2 * len(layout.pots) :].tolist()
    items = [*loose, int(s[PLAYER + 2]), int(s[PLAYER + 5])]
    inside = [item - 16 for item in items if item >= 16] + s[CONTENTS : CONTENTS + 2 * len(layout.pots) : 2].tolist()
    ingredients = sum((code & 3) + (code >> 2) for code in inside) + items.count(ONION) + items.count(TOMATO)
    return ingredients, items.count(DISH) + sum(item >= 16 for item in items)


@settings(max_examples=120, deadline=None)
@given(
    which=st.sampled_from(KITCHENS),
    seed=st.integers(0, 2**32 - 1),
    seats=st.sampled_from([(0, 1), (0, 1), (0,), (1,)]),
    p=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_laws_of_the_kitchen(which: tuple[str, str], seed: int, seats: tuple[int, ...], p: float) -> None:
    layout, rules = load_layout(which[0]), which[1]
    rng = np.random.default_rng(seed)
    c = tables(layout, rules)
    s = random_start(layout, rng, rules=rules, seats=seats, random_objects=p, any_region=bool(seed % 2))
    width, pots = layout.width, len(layout.pots)
    floor = {y * width + x for x, y in layout.floor}
    for a0, a1 in rng.choice(6, size=(150, 2), p=[0.15, 0.15, 0.15, 0.15, 0.05, 0.35]).tolist():
        before, was = s.copy(), things(s, layout)
        sparse0, sparse1, shaped0, shaped1, events0, events1 = advance(c, s, a0, a1)
        cells = [int(s[PLAYER + 3 * seat]) for seat in seats]
        assert set(cells) <= floor
        assert len(set(cells)) == len(cells)
        assert all(s[PLAYER + 3 * seat] == -1 for seat in (0, 1) if seat not in seats)
        loose = s[CONTENTS + 2 * pots :]
        assert all(c[KIND + place] == 1 for place in np.flatnonzero(loose)), "only counters hold loose things"
        for k in range(pots):
            contents, tick = int(s[CONTENTS + 2 * k]), int(s[TICK + 2 * k])
            assert (contents & 3) + (contents >> 2) <= 3
            assert -1 <= tick <= (layout.recipes.time(contents & 3, contents >> 2) if contents else -1)
            if rules == "old" and (contents & 3) + (contents >> 2) == 3:
                assert tick >= 0
        # Things appear only from dispensers and vanish only at the serving cell, a soup with all that is in it.
        now = things(s, layout)
        taken = [s[PLAYER + 3 * seat + 2] if _ahead(c, before, seat) in (2, 3, 4) else 0 for seat in seats
                 if (a0, a1)[seat] == INTERACT and before[PLAYER + 3 * seat + 2] == 0]  # fmt: skip
        served = [int(before[PLAYER + 3 * seat + 2]) - 16 for seat in seats
                  if "soup_delivery" in event_names((events0, events1)[seat])]  # fmt: skip
        grown = sum(item in (ONION, TOMATO) for item in taken) - sum((code & 3) + (code >> 2) for code in served)
        assert now[0] - was[0] == grown
        assert now[1] - was[1] == sum(item == DISH for item in taken) - len(served)
        assert sparse0 + sparse1 == sum(layout.recipes.value(code & 3, code >> 2) for code in served)
        assert shaped0 in (0, 3, 5)
        assert shaped1 in (0, 3, 5)
        assert s[0] == before[0] + 1
        assert max(events0, events1) < 1 << len(EVENTS)


def _ahead(c: State, s: State, seat: int) -> int:
    return int(c[KIND + s[PLAYER + 3 * seat] + c[9 + s[PLAYER + 3 * seat + 1]]])


def test_random_starts_keep_regions_unless_told_otherwise() -> None:
    layout = load_layout("forced_coordination")
    homes = [layout.region[cell] for cell in layout.starts]
    seen = set()
    for seed in range(200):
        kept = random_start(layout, np.random.default_rng(seed))
        cells = [(int(kept[1 + 3 * i]) % 5, int(kept[1 + 3 * i]) // 5) for i in (0, 1)]
        assert [layout.region[cell] for cell in cells] == homes
        free = random_start(layout, np.random.default_rng(seed), any_region=True)
        seen.add((int(free[1]), int(free[4])))
    assert len(seen) > 20
    assert any(a // 5 == b // 5 for a, b in seen)
    assert np.array_equal(
        random_start(layout, np.random.default_rng(7)), random_start(layout, np.random.default_rng(7))
    )


def test_states_of_absent_players_only() -> None:
    assert empty_state(CRAMPED, {})[[1, 4]].tolist() == [-1, -1]
