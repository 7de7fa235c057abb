"""Skills: which are possible when and why not, that controllers carry them out, and when they are done."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from talkoot.skills import Done, Failed, Known, blocked
from talkoot.types import Action, Observation
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, SOUP, TOMATO, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout, parse_layout
from talkoot.worlds.overcooked.mechanics import CONTENTS, PLAYER, TICK
from talkoot.worlds.overcooked.skills import SKILLS, skills_for
from talkoot.worlds.overcooked.world import OvercookedWorld

BY_NAME = {skill.name: skill for skill in SKILLS}
EMPTY, BEGUN, FULL = Pot((2, 0), 0, 0, -1, 20), Pot((2, 0), 2, 0, -1, 20), Pot((2, 0), 3, 0, -1, 20)
COOKING, READY = Pot((2, 0), 3, 0, 7, 20), Pot((2, 0), 3, 0, 20, 20)


def room(held: int = NOTHING, pot: Pot = EMPTY, mate: int = NOTHING, rules: str = "old") -> Kitchen:
    cooks = {0: Cook((1, 2), 1, held), 1: Cook((3, 1), 2, mate)}
    return Kitchen(load_layout("cramped_room"), rules, 3, 400, cooks, (pot,), {})


def why_not(kitchen: Kitchen, name: str, *arguments: str, advice: bool = True, seat: int = 0) -> str | None:
    return blocked(BY_NAME[name], Observation(seat, 3, kitchen), arguments, advice=advice)


ANY_POT = "a soup is cooking or ready, or a pot has been begun, and no other dish is there for it"


@pytest.mark.parametrize(
    ("name", "kitchen", "reason"),
    [
        ("pickup_onion", room(), None),
        ("pickup_onion", room(ONION), "you hold one onion"),
        ("pickup_onion", room(SOUP + 3), "you hold a dish with soup (3 onions)"),
        ("pickup_tomato", room(), "there is no tomato within your reach"),
        ("pickup_dish", room(pot=BEGUN), None),
        ("pickup_dish", room(pot=COOKING), None),
        ("pickup_dish", room(DISH, COOKING), "you hold one dish"),
        ("pickup_dish", room(), "all pots are empty"),
        ("pickup_dish", room(pot=READY, mate=DISH), "1 soup begun, 1 dish there for it"),
        ("pickup_soup", room(), "there is no soup within your reach"),
        ("put_onion_in_pot", room(ONION), None),
        ("put_onion_in_pot", room(ONION, BEGUN), None),
        ("put_onion_in_pot", room(), "you hold nothing"),
        ("put_onion_in_pot", room(TOMATO), "you hold one tomato"),
        ("put_onion_in_pot", room(ONION, FULL), "every pot within your reach is full, cooking or ready"),
        ("put_onion_in_pot", room(ONION, COOKING), "every pot within your reach is full, cooking or ready"),
        ("put_onion_in_pot", room(ONION, READY), "every pot within your reach is full, cooking or ready"),
        ("put_tomato_in_pot", room(TOMATO), None),
        ("put_tomato_in_pot", room(ONION), "you hold one onion"),
        ("fill_dish_with_soup", room(DISH, COOKING), None),
        ("fill_dish_with_soup", room(DISH, READY), None),
        ("fill_dish_with_soup", room(pot=READY), "you hold nothing"),
        ("fill_dish_with_soup", room(DISH, FULL, rules="new"), "no soup within your reach is cooking or ready"),
        ("fill_dish_with_soup", room(DISH), "no soup within your reach is cooking or ready"),
        ("deliver_soup", room(SOUP + 3), None),
        ("deliver_soup", room(DISH), "you hold one dish"),
        ("place_obj_on_counter", room(DISH), None),
        ("place_obj_on_counter", room(SOUP + 3), None),
        ("place_obj_on_counter", room(), "you hold nothing"),
        ("start_cooking", room(pot=FULL, rules="new"), None),
        ("start_cooking", room(ONION, FULL, rules="new"), "you hold one onion"),
        ("start_cooking", room(pot=FULL), "a full pot starts cooking by itself"),
        ("start_cooking", room(pot=BEGUN, rules="new"), "no idle pot holds a soup that somebody ordered"),
        ("start_cooking", room(pot=COOKING, rules="new"), "no idle pot holds a soup that somebody ordered"),
    ],
)
def test_what_is_possible_and_why_not(name: str, kitchen: Kitchen, reason: str | None) -> None:
    assert why_not(kitchen, name) == reason
    # Every condition is judged, in the order in which they are listed.
    judged = BY_NAME[name].conditions(Observation(0, 3, kitchen), ())
    assert len(judged) == len(BY_NAME[name].preconditions())


def test_advice_can_be_set_aside() -> None:
    assert why_not(room(), "pickup_dish", advice=False) is None
    assert why_not(room(pot=READY, mate=DISH), "pickup_dish", advice=False) is None
    assert "(advice)" in BY_NAME["pickup_dish"].preconditions()[-1]
    assert all(
        "(advice)" not in text for name, s in BY_NAME.items() if name != "pickup_dish" for text in s.preconditions()
    )


@pytest.mark.parametrize("arguments", [("1",), ("20",), ("7",)])
def test_sensible_waits(arguments: tuple[str, ...]) -> None:
    assert why_not(room(), "wait", *arguments) is None


@pytest.mark.parametrize(
    "arguments", [(), ("0",), ("21",), ("-1",), ("x",), ("1.5",), ("²",), ("1", "2"), ("9" * 5000,), ("",), ("٣",)]
)
def test_senseless_waits_are_refused_and_fail(arguments: tuple[str, ...]) -> None:
    assert why_not(room(), "wait", *arguments)
    assert isinstance(BY_NAME["wait"].next(Known(Observation(0, 3, room())), arguments), Failed)


def test_other_skills_take_no_argument() -> None:
    for name in BY_NAME:
        if name != "wait":
            assert why_not(room(), name, "onion") == f"{name}() takes no argument"


def test_no_free_counter() -> None:
    kitchen = room(ONION)
    full = replace(kitchen, loose=dict.fromkeys(kitchen.layout.cells("X"), DISH))
    assert why_not(full, "place_obj_on_counter") == "there is no free counter within your reach"


def forced(held: int = NOTHING, mate: int = NOTHING, loose: dict[tuple[int, int], int] | None = None) -> Kitchen:
    cooks = {0: Cook((3, 2), 3, held), 1: Cook((1, 2), 2, mate)}
    pots = (Pot((3, 0), 3, 0, 20, 20), Pot((4, 1), 0, 0, -1, 20))
    return Kitchen(load_layout("forced_coordination"), "old", 3, 400, cooks, pots, loose or {})


def test_reach_decides_where_cooks_are_kept_apart() -> None:
    assert why_not(forced(), "pickup_onion") == "there is no onion within your reach"
    assert why_not(forced(), "pickup_dish") == "there is no dish within your reach"
    assert why_not(forced(loose={(2, 1): ONION}), "pickup_onion") is None
    assert why_not(forced(loose={(0, 0): ONION}), "pickup_onion") == "there is no onion within your reach"
    assert why_not(forced(), "pickup_onion", seat=1) is None
    assert why_not(forced(mate=ONION), "put_onion_in_pot", seat=1) == "no pot is within your reach"
    assert why_not(forced(mate=DISH), "fill_dish_with_soup", seat=1) == "no soup within your reach is cooking or ready"
    assert why_not(forced(mate=SOUP + 3), "deliver_soup", seat=1) == "there is no serving place within your reach"
    # Whoever only hands over does not take back what lies ready, but may hand over more.
    assert why_not(forced(loose={(2, 1): DISH}), "pickup_dish", seat=1) == "1 soup begun, 1 dish there for it"


def test_pots_that_do_not_mix() -> None:
    rows = "XXPXX\nO1 2T\nXDXSX\n\norders = []\n"
    for text, reason in (
        (rows, None),
        (rows + "mixed = false", "every pot within your reach is full, cooking or ready"),
    ):
        layout = parse_layout(text, "mine")
        cooks = {0: Cook((1, 1), 1, TOMATO), 1: Cook((3, 1), 1, NOTHING)}
        kitchen = Kitchen(layout, "old", 0, 400, cooks, (Pot((2, 0), 1, 0, -1, 20),), {})
        assert why_not(kitchen, "put_tomato_in_pot") == reason


def test_which_skills_a_kitchen_has() -> None:
    assert [skill.name for skill in skills_for(False, "old")] == [
        "pickup_onion", "pickup_dish", "pickup_soup", "put_onion_in_pot", "fill_dish_with_soup", "deliver_soup",
        "place_obj_on_counter", "wait",
    ]  # fmt: skip
    assert {skill.name for skill in skills_for(True, "new")} == set(BY_NAME)


ENDS = {
    "pickup_onion": ONION, "pickup_tomato": TOMATO, "pickup_dish": DISH, "put_onion_in_pot": NOTHING,
    "put_tomato_in_pot": NOTHING, "deliver_soup": NOTHING, "place_obj_on_counter": NOTHING, "start_cooking": NOTHING,
}  # fmt: skip


@pytest.mark.parametrize("name", [*ENDS, "pickup_soup", "fill_dish_with_soup"])
def test_done_is_what_the_hand_shows(name: str) -> None:
    skill, end = BY_NAME[name], ENDS.get(name, SOUP + 3)
    pot = COOKING if name == "start_cooking" else BEGUN
    after = replace(room(end, pot), cooks={0: Cook((2, 1), 0, end), 1: Cook((3, 1), 2, NOTHING)})
    assert isinstance(skill.next(Known(Observation(0, 3, after), begun=1), ()), Done)
    other = replace(room(DISH if end != DISH else ONION, EMPTY), rules="new")
    assert not isinstance(skill.next(Known(Observation(0, 3, other), begun=1), ()), Done)


def test_waiting_ends_when_something_changes_or_time_is_up() -> None:
    wait = BY_NAME["wait"]
    assert isinstance(wait.next(Known(Observation(0, 3, room())), ("3",)), Action)
    assert isinstance(wait.next(Known(Observation(0, 3, room()), changed=True), ("3",)), Action)
    assert isinstance(wait.next(Known(Observation(0, 3, room()), begun=1, changed=True), ("3",)), Done)
    assert isinstance(wait.next(Known(Observation(0, 3, room()), begun=2), ("3",)), Action)
    assert isinstance(wait.next(Known(Observation(0, 3, room()), begun=3), ("3",)), Done)


def test_a_skill_without_its_item_fails_with_a_reason() -> None:
    told = Known(Observation(0, 3, room(ONION)), begun=2)
    assert BY_NAME["deliver_soup"].next(told, ()) == Failed("you hold one onion")
    assert BY_NAME["fill_dish_with_soup"].next(told, ()) == Failed("you hold one onion")
    assert BY_NAME["pickup_dish"].next(told, ()) == Failed("you hold one onion")
    assert BY_NAME["put_tomato_in_pot"].next(told, ()) == Failed("you hold one onion")


def test_a_dish_waits_at_the_pot_and_never_pokes_at_a_cooking_soup() -> None:
    world = OvercookedWorld("cramped_room", seats=(0,))
    set_state(world, {0: ((1, 1), 0, DISH)}, [(3, 0, 2)])
    result, actions = drive(world, 0, "fill_dish_with_soup", (), 60)
    assert isinstance(result, Done)
    assert actions.count("interact") == 1
    assert actions[-1] == "interact"
    assert len(actions) == 19


def set_state(
    world: OvercookedWorld,
    cooks: dict[int, tuple[tuple[int, int], int, int]],
    pots: list[tuple[int, int, int]],
    loose: dict[tuple[int, int], int] | None = None,
) -> None:
    """Put a world into a state: cooks as cell, facing, item; pots as onions, tomatoes, tick (-1 idle)."""
    saved, layout = world.save(), world.layout
    vector = saved["state"]
    for seat, ((x, y), facing, held) in cooks.items():
        vector[PLAYER + 3 * seat : PLAYER + 3 * seat + 3] = [y * layout.width + x, facing, held]
    for k, (onions, tomatoes, tick) in enumerate(pots):
        vector[CONTENTS + 2 * k], vector[TICK + 2 * k] = onions + 4 * tomatoes, tick
    for (x, y), item in (loose or {}).items():
        vector[CONTENTS + 2 * len(layout.pots) + y * layout.width + x] = item
    world.load(saved)


def drive(
    world: OvercookedWorld, seat: int, name: str, arguments: tuple[str, ...], limit: int
) -> tuple[Done | Failed | None, list[str]]:
    """Carry out one skill while everybody else stays; its end (None: not within the limit) and the primitives."""
    skill, stuck, pose = BY_NAME[name], 0, None
    actions: list[str] = []
    while len(actions) < limit:
        kitchen = world.kitchen
        moved = kitchen.pose(seat) != pose or actions[-1:] == ["interact"]
        stuck, pose = 0 if moved else stuck + 1, kitchen.pose(seat)
        move = skill.next(Known(Observation(seat, kitchen.t, kitchen), len(actions), stuck), arguments)
        if not isinstance(move, Action):
            return move, actions
        actions.append(move.name)
        world.step({other: move if other == seat else Action("stay") for other in world.seats})
    return None, actions


def scrambled(world: OvercookedWorld, rng: np.random.Generator) -> None:
    """Random cells, hands, pots and counters, all of which the game can come to."""
    layout, tomatoes = world.layout, bool(world.layout.cells("T"))
    items = [NOTHING, ONION, DISH, SOUP + 3, *([TOMATO, SOUP + 5] if tomatoes else [])]
    cooks = {
        seat: (layout.floor[int(rng.integers(len(layout.floor)))], int(rng.integers(4)), int(rng.choice(items)))
        for seat in world.seats
    }
    pots = []
    for _ in layout.pots:
        onions = int(rng.integers(4))
        extra = int(rng.integers(4 - onions)) if tomatoes else 0
        full = onions + extra == 3 if world.rules == "old" else onions + extra > 0 and rng.random() < 0.6
        pots.append((onions, extra, int(rng.integers(layout.recipes.time(onions, extra) + 1)) if full else -1))
    loose = {cell: int(rng.choice(items[1:])) for cell in layout.cells("X") if rng.random() < 0.3}
    set_state(world, cooks, pots, loose)


def pairs_of_layout_and_rules() -> list[tuple[str, str]]:
    return [
        (name, rules)
        for name in layout_names()
        for rules in ("old", "new")
        if rules == "new" or all(sum(order) == 3 for order in load_layout(name).recipes.orders)
    ]


@pytest.mark.parametrize(("name", "rules"), pairs_of_layout_and_rules())
@pytest.mark.parametrize("seat", [0, 1])
def test_every_possible_skill_reaches_its_end_alone(name: str, rules: str, seat: int) -> None:
    layout, tried = load_layout(name), set()
    for seed in range(30):
        world = OvercookedWorld(layout, rules=rules, seats=(seat,), horizon=1000)
        world.reset(0)
        scrambled(world, np.random.default_rng(seed))
        start, before = world.save(), world.kitchen
        for skill in world.guide(seat).skills:
            arguments = ("3",) if skill.name == "wait" else ()
            if blocked(skill, Observation(seat, 0, before), arguments, advice=False):
                continue
            world.load(start)
            longest = max(pot.cook_time for pot in before.pots) if skill.name == "fill_dish_with_soup" else 0
            result, actions = drive(world, seat, skill.name, arguments, 4 * len(layout.floor) + longest)
            assert isinstance(result, Done), (skill.name, seed, result)
            tried.add(skill.name)
            deed = world.kitchen.completed(seat, replace(before, cooks={seat: world.kitchen.cooks[seat]._replace(
                held=before.cooks[seat].held)}))  # fmt: skip
            if skill.name not in ("wait", "start_cooking"):
                assert deed is not None
                assert deed.name == skill.name
            world.load(start)
            assert drive(world, seat, skill.name, arguments, 200)[1] == actions
    assert len(tried) >= 6


def walkable(layout: Layout, kitchen: Kitchen, seat: int, cells: list[tuple[int, int]]) -> bool:
    from talkoot.worlds.overcooked.layout import steps_to

    mate = kitchen.cooks[1 - seat].cell
    goals = [goal for cell in cells for goal in layout.motion_goals(cell)]
    return kitchen.cooks[seat].pose in steps_to(layout, goals, frozenset({mate}))


@pytest.mark.parametrize("name", layout_names())
def test_who_stands_still_is_walked_around(name: str) -> None:
    layout = load_layout(name)
    for seed in range(40):
        world = OvercookedWorld(layout, rules="new", start="random", any_region=True, horizon=1000)
        kitchen = world.reset(seed)[0].view
        for seat, kind, skill in ((0, "O", "pickup_onion"), (1, "D", "pickup_dish")):
            cells = [cell for cell in layout.cells(kind) if kitchen.reaches(seat, cell)]
            if cells and walkable(layout, kitchen, seat, cells):
                world.reset(seed)
                result, actions = drive(world, seat, skill, (), 6 * len(layout.floor))
                assert isinstance(result, Done), (seed, seat, actions)
