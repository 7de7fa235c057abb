"""Kitchens from text, their recipes, and the numbers of steps, against a plain simulation of moves."""

from __future__ import annotations

import re
from collections import deque
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.worlds.overcooked.generate import generate
from talkoot.worlds.overcooked.layout import DIRECTIONS, Cell, Layout, Pose, Recipes, steps_to
from talkoot.worlds.overcooked.layout_file import ALIASES, PAPER_NAMES, layout_names, load_layout, parse_layout

ROWS = ["XXPXX", "O  2O", "X1  X", "XDXSX"]


def with_row(number: int, row: str) -> str:
    return "\n".join([*ROWS[:number], row, *ROWS[number + 1 :]])


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        (with_row(1, "O  2OX"), 2, 6, "has 6 cells, the first has 5"),
        (with_row(2, "X1 X"), 3, 5, "has 4 cells"),
        ("# a comment\n\n" + with_row(2, "X1 X"), 5, 5, "has 4 cells"),
        (with_row(1, "O 12O"), 3, 2, "player 1 starts twice"),
        (with_row(1, "O ?2O"), 2, 3, "unknown character '?'"),
        (with_row(1, "O ²2O"), 2, 3, "unknown character '²'"),
        (with_row(1, "O 02O"), 2, 3, "unknown character '0'"),
        (with_row(1, "O\t 2O"), 2, 2, "unknown character '\\t'"),
        (with_row(0, "XXPX "), 2, 5, "has 5 cells, the first has 4"),
        (with_row(0, "X PXX"), 1, 2, "border must be solid"),
        (with_row(1, "   2O"), 2, 1, "border must be solid"),
        (with_row(1, "O  22"), 2, 5, "player 2 starts twice"),
        (with_row(1, "O   2"), 2, 5, "border must be solid"),
        (with_row(0, "XXXXX"), 1, 1, "no pot (P)"),
        (with_row(3, "XXXSX"), 1, 1, "no dish dispenser (D)"),
        (with_row(3, "XDXXX"), 1, 1, "no serving cell (S)"),
        (with_row(1, "X  2X"), 1, 1, "neither onions (O) nor tomatoes (T)"),
        (with_row(2, "X3  X"), 1, 1, "digits 1 and 2, found [2, 3]"),
        ("\n".join(ROWS).replace("1", " ").replace("2", " "), 1, 1, "found none"),
    ],
)  # fmt: skip
def test_malformed_kitchens_are_refused_with_line_and_column(text: str, line: int, column: int, what: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_layout(text, "mine")
    assert f"layout mine, line {line}, column {column}: " in str(caught.value)
    assert what in str(caught.value)


def test_an_empty_file_is_refused() -> None:
    for text in ("", "\n \n", "# only a comment"):
        with pytest.raises(BadInput, match="layout mine: no rows"):
            parse_layout(text, "mine")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("orders = 3", "ill-typed setting 'orders'"),
        ("orders = [3]", "3 is not a soup"),
        ('orders = [["onion", 3]]', "is not a soup"),
        ('orders = [[["onion"]]]', "is not a soup"),
        ("orders = [[]]", "is not a soup"),
        ('orders = [["leek"]]', "is not a soup"),
        ('orders = [["onion", "onion", "onion", "tomato"]]', "takes 1 to 3 items"),
        ('orders = [["onion", "tomato"], ["tomato", "onion"]]', "listed twice"),
        ('orders = [["onion"]]\nbonus = [["tomato"]]', "bonus order is not among the orders"),
        ("onion_value = 5", "onion_value and tomato_value together"),
        ("tomato_time = 5", "onion_time and tomato_time together"),
        ("cook_time = -1", "cook_time is -1"),
        ("order_value = 99999999999", "order_value is 99999999999"),
        ("order_value = true", "ill-typed setting 'order_value'"),
        ("order_value = 2.5", "ill-typed setting 'order_value'"),
        ("mixed = 1", "ill-typed setting 'mixed'"),
        ("values = 3", "ill-typed setting 'values'"),
        ('values = {"onion" = "much"}', "ill-typed setting 'values'"),
        ('times = {"onion leek" = 3}', "is not a soup"),
        ("cook_tme = 3", "unknown or ill-typed setting 'cook_tme'; known are orders, bonus"),
        ("cook_time", "line 6"),
    ],
)
def test_bad_settings_are_refused(line: str, what: str) -> None:
    with pytest.raises(BadInput, match=re.escape(what)) as caught:
        parse_layout("\n".join([*ROWS, "", line]), "mine")
    assert str(caught.value).startswith("layout mine: ")


@pytest.mark.parametrize(
    ("dispenser", "settings"),
    [
        ("T", ""),
        ("O", 'orders = [["onion", "onion", "tomato"]]'),
        ("T", 'orders = [["onion"]]'),
        ("O", "order_value = 0"),
    ],
)
def test_kitchens_in_which_nothing_can_be_earned_are_refused(dispenser: str, settings: str) -> None:
    with pytest.raises(BadInput, match=re.escape("no soup that pays can be made")) as caught:
        parse_layout("\n".join([*ROWS, "", settings]).replace("O", dispenser), "mine")
    assert "add the dispenser" in str(caught.value)
    assert "orders = [[" in str(caught.value)


def test_soups_are_those_that_pay_and_can_be_made() -> None:
    onions = parse_layout("\n".join([*ROWS, "", "orders = []"]), "mine")
    assert onions.soups("new") == ((1, 0), (2, 0), (3, 0))
    assert onions.soups("old") == ((3, 0),)
    both = parse_layout("\n".join([*ROWS, "", "orders = []", "mixed = false"]).replace("O", "T", 1), "mine")
    assert both.soups("old") == ((0, 3), (3, 0))
    both = parse_layout("\n".join([*ROWS, "", "orders = []"]).replace("O", "T", 1), "mine")
    assert len(both.soups("new")) == 9


def test_settings_make_the_recipes() -> None:
    text = "# title\n" + "\n".join(ROWS).replace("O", "T", 1) + """

orders = [["onion", "onion", "tomato"], ["tomato"]]  # two soups
bonus = [["tomato"]]
order_value = 7
cook_time = 9
values = {"onion onion tomato" = 30}
times = {"tomato" = 4}
bonus_multiplier = 3
mixed = false
"""  # fmt: skip
    layout = parse_layout(text, "mine")
    recipes = layout.recipes
    assert layout.rows == ("XXPXX", "T   O", "X   X", "XDXSX")
    assert layout.starts == ((1, 2), (3, 1))
    assert (recipes.value(2, 1), recipes.value(0, 1), recipes.value(3, 0)) == (30, 21, 0)
    assert (recipes.time(2, 1), recipes.time(0, 1)) == (9, 4)
    assert not recipes.mixed
    per_item = Recipes(orders=(), onion_value=21, tomato_value=13, onion_time=15, tomato_time=7)
    assert (per_item.value(1, 2), per_item.time(1, 2)) == (47, 29)


def test_names_aliases_and_files(tmp_path: Path) -> None:
    names = layout_names()
    assert names[:5] == list(PAPER_NAMES)
    for name in names:
        layout = load_layout(name)
        assert layout.name == name
        assert len(layout.starts) == 2
    for alias, name in ALIASES.items():
        assert load_layout(alias) == load_layout(name)
    own = tmp_path / "galley.layout"
    own.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(ROWS).encode())
    assert load_layout(str(own)).rows == load_layout("cramped_room").rows
    assert load_layout(str(own)).name == "galley"
    plain = tmp_path / "galley"
    plain.write_text("\n".join(ROWS))
    assert load_layout(str(plain)).name == "galley"
    for broken in ("XX\nXX", "\n".join([*ROWS, "", "orders = 3"])):
        own.write_text(broken)
        with pytest.raises(BadInput, match=re.escape(f"layout {own}")):
            load_layout(str(own))
    own.write_bytes(b"\xff\xfe\x00")
    for bad in (str(own), str(tmp_path), str(tmp_path / "nothing.txt"), "a\0b.txt", "x" * 5000 + ".txt"):
        with pytest.raises(BadInput, match="cannot be read"):
            load_layout(bad)
    for bad in ("nowhere", "x" * 5000, ""):
        with pytest.raises(BadInput):
            load_layout(bad)


def test_a_kitchen_knows_its_cells() -> None:
    ring = load_layout("coordination_ring")
    assert (ring.width, ring.height) == (5, 5)
    assert ring.pots == ((3, 0), (4, 1))
    assert ring.at((0, 2)) == "D"
    assert ring.cells("O") == ((0, 3), (1, 4))
    assert set(ring.motion_goals((4, 1))) == {((3, 1), 2)}
    assert set(ring.motion_goals((2, 2))) == {((2, 3), 0), ((2, 1), 1), ((1, 2), 2), ((3, 2), 3)}
    assert ring.motion_goals((0, 0)) == ()
    forced = load_layout("forced_coordination")
    assert len(set(forced.region.values())) == 2
    assert forced.reachable((1, 1), (0, 1))
    assert not forced.reachable((3, 1), (0, 1))


def moved(layout: Layout, pose: Pose, facing: int) -> Pose:
    """What a move does: a step onto floor, else a turn on the spot."""
    (x, y), (dx, dy) = pose[0], DIRECTIONS[facing]
    ahead = (x + dx, y + dy)
    return (ahead if layout.at(ahead) == " " else (x, y)), facing


def searched(layout: Layout, start: Pose) -> dict[Pose, int]:
    steps, queue = {start: 0}, deque([start])
    while queue:
        pose = queue.popleft()
        for facing in range(4):
            after = moved(layout, pose, facing)
            if after not in steps:
                steps[after] = steps[pose] + 1
                queue.append(after)
    return steps


def faced(pose: Pose) -> Cell:
    return pose[0][0] + DIRECTIONS[pose[1]][0], pose[0][1] + DIRECTIONS[pose[1]][1]


def joint_access(layout: Layout, cell: Cell, other: Cell) -> set[Cell]:
    """Where the first cook can come to stand if both want it so: every pair of simultaneous moves is tried."""
    seen, queue = {(cell, other)}, deque([(cell, other)])
    while queue:
        a, b = queue.popleft()
        for to_a, to_b in product((*layout.neighbours(a), a), (*layout.neighbours(b), b)):
            if to_a != to_b and (to_a, to_b) != (b, a) and (to_a, to_b) not in seen:
                seen.add((to_a, to_b))
                queue.append((to_a, to_b))
    return {a for a, _ in seen}


KITCHENS = st.builds(
    generate, st.integers(0, 10**5), st.integers(5, 8), st.integers(5, 6), regions=st.sampled_from([1, 2]),
    clutter=st.sampled_from([0.1, 0.3, 0.5]), tomatoes=st.integers(0, 1),
)  # fmt: skip


def check_steps(layout: Layout, poses: list[Pose]) -> None:
    fixtures = [cell for kind in "XOTDPS" for cell in layout.cells(kind)]
    for pose in poses:
        reached = searched(layout, pose)
        for target in fixtures:
            ends = {end: n for end, n in reached.items() if faced(end) == target}
            best = min(ends.values(), default=None)
            assert layout.steps(pose, target) == best
            assert layout.reachable(pose[0], target) == bool(ends)
            arrival = layout.arrival(pose, target)
            assert (arrival is None) == (best is None)
            if arrival is not None:
                assert ends[arrival] == best
            assert set(layout.motion_goals(target)) >= set(ends)


@settings(max_examples=60, deadline=None)
@given(layout=KITCHENS, data=st.data())
def test_steps_on_generated_kitchens_are_those_of_a_plain_search(layout: Layout, data: st.DataObject) -> None:
    poses = [(cell, facing) for cell in layout.floor for facing in range(4)]
    check_steps(layout, data.draw(st.lists(st.sampled_from(poses), min_size=1, max_size=6, unique=True)))
    a = data.draw(st.sampled_from(layout.floor))
    b = data.draw(st.sampled_from([cell for cell in layout.floor if cell != a]))
    access = layout.access(a, b)
    assert access == joint_access(layout, a, b)
    for target in layout.pots:
        assert layout.reachable(a, target, b) == any(goal in access for goal, _ in layout.motion_goals(target))


@pytest.mark.parametrize("name", layout_names())
def test_steps_on_shipped_kitchens_are_those_of_a_plain_search(name: str) -> None:
    layout = load_layout(name)
    check_steps(layout, [(start, 0) for start in layout.starts])


def test_walking_around_somebody() -> None:
    layout = parse_layout("XXXXX\nX1  P\nO   D\nX X2S\nXXXXX", "square")
    free = steps_to(layout, layout.motion_goals((4, 1)))
    blocked = steps_to(layout, layout.motion_goals((4, 1)), frozenset({(2, 1)}))
    assert free[(1, 1), 2] == 2
    assert blocked[(1, 1), 2] == 5  # south, east, east, north, east
    assert ((2, 1), 2) not in blocked
    assert (1, 1) not in {cell for cell, _ in steps_to(layout, layout.motion_goals((4, 1)), frozenset({(3, 1)}))}


def test_two_in_a_corridor_without_a_bay_cannot_pass() -> None:
    layout = parse_layout("XXXXXX\nO1  2P\nXDSXXX", "corridor")
    assert layout.access((1, 1), (4, 1)) == {(1, 1), (2, 1), (3, 1)}
    assert layout.reachable((1, 1), (5, 1))
    assert not layout.reachable((1, 1), (5, 1), (4, 1))
    bay = parse_layout("XXXXXX\nO1  2P\nXX XXX\nXDSXXX", "bay")
    assert bay.access((1, 1), (4, 1)) == set(bay.floor)


@pytest.mark.parametrize("name", layout_names())
def test_handovers_are_told_where_they_spare_steps(name: str) -> None:
    layout = load_layout(name)
    for kind, to in (("O", "P"), ("P", "S")):
        for start in layout.cells(kind):
            direct = [layout.between(start, end) for end in layout.cells(to)]
            found = layout.handover(start, layout.cells(to))
            if found is not None:
                end, before, after = found
                alone = layout.between(start, end)
                assert end in layout.cells(to)
                assert alone is None or before + after + 4 <= alone
            elif kind == "O":
                assert any(steps is not None for steps in direct)
    if name == "forced_coordination":
        assert all(layout.between(start, end) is None for start in layout.cells("O") for end in layout.pots)
        assert layout.handover(layout.cells("O")[0], layout.pots) is not None
    if name == "cramped_room":
        assert layout.between((0, 1), (2, 0)) == 2
        assert layout.handover((0, 1), layout.pots) is None
