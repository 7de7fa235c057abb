"""Walking with somebody else in the kitchen: nobody gets stuck for ever, and nothing is left to chance."""

from __future__ import annotations

from itertools import pairwise

import pytest

from talkoot.types import Action
from talkoot.worlds.overcooked.controller import approach, give_way, loiter
from talkoot.worlds.overcooked.generate import generate
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout import DIRECTIONS, PAIRED, Cell, Layout
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout, parse_layout
from talkoot.worlds.overcooked.world import OvercookedWorld

CORRIDOR = "XXXXXXXXX\nP       O\nXXXX XXXX\nXXXXDXXXX\nXXXXSXXXX".replace("P       O", "P1     2O")
RING = "XXXPXXX\nX1    X\nO XXX D\nX    2X\nXXXSXXX"
DEAD_END = "XXXXXXX\nP 1XX X\nXX    D\nXXX X2X\nXXXOXSX"


def kitchen_of(text: str, held: tuple[int, int] = (NOTHING, NOTHING)) -> OvercookedWorld:
    world = OvercookedWorld(parse_layout(text, "drawn"), horizon=1000)
    world.reset(0)
    saved = world.save()
    for seat in (0, 1):
        saved["state"][1 + 3 * seat + 2] = held[seat]
    world.load(saved)
    return world


def walk_together(world: OvercookedWorld, goals: dict[int, Cell], limit: int, seeds: tuple[int, int] = (0, 1)) -> int:
    """Both approach their fixture; who is there stays (or gives way by `loiter`). The steps until both were there."""
    stuck, there = {0: 0, 1: 0}, set[int]()
    for t in range(limit):
        kitchen, moves = world.kitchen, dict[int, str]()
        for seat in (0, 1):
            if seat in there:
                move: str | None = loiter(kitchen, seat, [goals[seat]], stuck=stuck[seat])
            else:
                move = approach(kitchen, seat, {goals[seat]: 0.0}, stuck=stuck[seat], seed=seeds[seat])
                if move == "interact":
                    there.add(seat)
                    move = "stay"
            assert move is not None
            moves[seat] = move
        if there == {0, 1}:
            return t
        before = {seat: kitchen.cooks[seat].pose for seat in (0, 1)}
        world.step({seat: Action(move) for seat, move in moves.items()})
        for seat in (0, 1):
            same = world.kitchen.cooks[seat].pose == before[seat]
            stuck[seat] = stuck[seat] + 1 if same else 0
    raise AssertionError(f"not there after {limit} steps: {there}, {world.kitchen.cooks}")


@pytest.mark.parametrize("seeds", [(0, 1), (7, 7)])
@pytest.mark.parametrize("held", [(NOTHING, NOTHING), (ONION, ONION), (DISH, ONION), (ONION, DISH)])
def test_two_pass_each_other_in_a_corridor_with_a_bay(held: tuple[int, int], seeds: tuple[int, int]) -> None:
    world = kitchen_of(CORRIDOR, held)
    assert walk_together(world, {0: (8, 1), 1: (0, 1)}, 80, seeds) <= 40


@pytest.mark.parametrize("held", [(NOTHING, NOTHING), (ONION, DISH), (DISH, ONION)])
def test_two_meet_in_a_ring(held: tuple[int, int]) -> None:
    same = [{0: (0, 2), 1: (0, 2)}] if held == (NOTHING, NOTHING) else []
    for goals in ({0: (6, 2), 1: (0, 2)}, {0: (3, 4), 1: (3, 0)}, *same):
        assert walk_together(kitchen_of(RING, held), goals, 60) <= 40


@pytest.mark.parametrize("held", [(NOTHING, NOTHING), (DISH, ONION), (ONION, DISH)])
def test_one_comes_out_of_a_dead_end_that_the_other_wants(held: tuple[int, int]) -> None:
    assert walk_together(kitchen_of(DEAD_END, held), {0: (5, 4), 1: (0, 1)}, 120) <= 80


def test_two_who_head_for_the_same_cell_do_not_dodge_in_step_for_ever() -> None:
    text = "XXXXXX\nX1   X\nO    P\nX   2X\nXXDSXX"
    for goals in ({0: (5, 2), 1: (0, 2)}, {0: (3, 4), 1: (0, 2)}, {0: (2, 4), 1: (2, 4)}):
        for held in ((NOTHING, NOTHING), (ONION, ONION), (ONION, DISH)):
            assert walk_together(kitchen_of(text, held), goals, 40) <= 20


def scene(layout: Layout, cooks: dict[int, Cook]) -> Kitchen:
    return Kitchen(layout, "old", 0, 400, cooks, tuple(Pot(cell, 0, 0, -1, 20) for cell in layout.pots), {})


@pytest.mark.parametrize("name", layout_names())
def test_alone_the_way_is_a_shortest_one(name: str) -> None:
    layout = load_layout(name)
    targets = [cell for kind in "OTDPS" for cell in layout.cells(kind)]
    for start in layout.floor:
        for target in targets:
            pose, steps = (start, 0), layout.steps((start, 0), target)
            move = approach(scene(layout, {0: Cook(*pose, NOTHING)}), 0, {target: 0.0})
            assert (move is None) == (steps is None)
            taken = 0
            while move not in (None, "interact"):
                facing = ("north", "south", "east", "west").index(str(move))
                ahead = (pose[0][0] + DIRECTIONS[facing][0], pose[0][1] + DIRECTIONS[facing][1])
                pose = (ahead if ahead in layout.region else pose[0]), facing
                taken += 1
                assert taken <= 100
                move = approach(scene(layout, {0: Cook(*pose, NOTHING)}), 0, {target: 0.0})
            assert steps is None or taken == steps


def test_the_cheaper_target_is_taken_extra_cost_included() -> None:
    layout = load_layout("cramped_room")
    alone = scene(layout, {0: Cook((1, 1), 0, NOTHING)})
    assert approach(alone, 0, {(0, 1): 0.0, (4, 1): 0.0}) == "west"
    assert approach(alone, 0, {(0, 1): 9.0, (4, 1): 0.0}) == "east"
    assert approach(alone, 0, {}) is None
    facing = scene(layout, {0: Cook((1, 1), 3, NOTHING)})
    assert approach(facing, 0, {(0, 1): 0.0, (4, 1): 0.0}) == "interact"


def test_giving_way_steps_aside_and_never_into_somebody() -> None:
    layout = load_layout("cramped_room")
    for mine in layout.floor:
        for theirs in layout.floor:
            if mine == theirs:
                continue
            kitchen = scene(layout, {0: Cook(mine, 0, NOTHING), 1: Cook(theirs, 0, NOTHING)})
            for seed in range(4):
                move = give_way(kitchen, 0, seed=seed)
                assert move in ("north", "south", "east", "west", "stay")
                if move != "stay":
                    dx, dy = DIRECTIONS[("north", "south", "east", "west").index(move)]
                    assert (mine[0] + dx, mine[1] + dy) in layout.region
                    assert (mine[0] + dx, mine[1] + dy) != theirs
    assert give_way(scene(layout, {0: Cook((1, 1), 0, NOTHING)}), 0) == "stay"


@pytest.mark.parametrize("name", layout_names())
def test_who_waits_comes_to_rest(name: str) -> None:
    layout = load_layout(name)
    for mine, theirs in pairwise(layout.floor):
        world = OvercookedWorld(layout, rules="new", horizon=100)
        saved = world.save()
        for seat, (x, y) in ((0, mine), (1, theirs)):
            saved["state"][1 + 3 * seat] = y * layout.width + x
        world.load(saved)
        moves = []
        for _ in range(25):
            moves.append(loiter(world.kitchen, 0, layout.pots))
            world.step({0: Action(moves[-1]), 1: Action("stay")})
        assert moves[-5:] == ["stay"] * 5, (mine, theirs, moves)


def test_a_large_kitchen_is_played_without_joint_ways() -> None:
    layout = generate(0, 30, 20, pots=2)
    assert len(layout.floor) > PAIRED
    world = OvercookedWorld(layout, horizon=400)
    for target in layout.pots:
        world.reset(0)
        stuck, last = 0, {seat: cook.pose for seat, cook in world.kitchen.cooks.items()}
        for _ in range(200):
            moves = {seat: approach(world.kitchen, seat, {target: 0.0}, stuck=stuck) or "stay" for seat in (0, 1)}
            if "interact" in moves.values():
                break
            world.step({seat: Action(move) for seat, move in moves.items()})
            now = {seat: cook.pose for seat, cook in world.kitchen.cooks.items()}
            stuck, last = stuck + 1 if now == last else 0, now
        assert "interact" in moves.values()
    assert not layout.joint


def test_joint_ways_are_found_in_a_small_kitchen_and_forgotten_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("talkoot.worlds.overcooked.controller._KEPT", 1)
    layout = parse_layout("XXXXXX\nO1  2P\nXX XXX\nXDSXXX", "bay")
    kitchen = scene(layout, {0: Cook((1, 1), 2, ONION), 1: Cook((4, 1), 3, NOTHING)})
    for seat in (0, 1):
        approach(kitchen, seat, {(5, 1): 0.0, (0, 1): 0.0})
    moves = {approach(scene(layout, {0: Cook((1, 1), 2, ONION), 1: Cook(cell, 3, NOTHING)}), 0, {(5, 1): 0.0})
             for cell in ((2, 1), (3, 1), (4, 1))}  # fmt: skip
    assert moves <= {"east", "stay"}
    assert len(layout.joint) == 1
