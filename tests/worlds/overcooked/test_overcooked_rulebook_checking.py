"""The rulebook as the verificator's model: it judges as the skills do, says why, and weighs advice a second time."""

from __future__ import annotations

import re

import numpy as np
import pytest

from talkoot.agents.thinking import render
from talkoot.model import Turn
from talkoot.types import Observation, SkillCall, Style
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, SOUP, TOMATO, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout, parse_layout
from talkoot.worlds.overcooked.rulebook import answer
from talkoot.worlds.overcooked.rulebook.checking import needs
from talkoot.worlds.overcooked.rulebook.reading import read
from talkoot.worlds.overcooked.world import OvercookedWorld


def turns(kitchen: Kitchen, seat: int, skill: str, question: str = "check") -> tuple[Turn, ...]:
    guide = OvercookedWorld(kitchen.layout, rules=kitchen.rules).guide(seat)
    words = kitchen.words(seat, Style())
    return (
        Turn("system", render("verify_system", guide=guide)),
        Turn("user", render(question, guide=guide, words=words, skill=SkillCall(skill))),
    )


def room(held: int, pot: Pot, mate: int = NOTHING) -> Kitchen:
    cooks = {0: Cook((1, 2), 1, held), 1: Cook((3, 1), 2, mate)}
    return Kitchen(load_layout("cramped_room"), "old", 3, 400, cooks, (pot,), {})


COOKING = Pot((2, 0), 3, 0, 7, 20)


def test_a_check_goes_through_the_needs_and_ends_with_a_verdict() -> None:
    lines = answer("check", turns(room(ONION, COOKING), 0, "put_onion_in_pot")).splitlines()
    assert all(re.fullmatch(r"Condition: .+ \| (yes|no) \| .+", line) for line in lines[:-1])
    assert [line.split(" | ")[1] for line in lines[:-1]] == ["yes", "no"]
    assert lines[-1] == "Verdict: cannot be used"
    assert answer("check", turns(room(DISH, COOKING), 0, "fill_dish_with_soup")).endswith("Verdict: can be used")


def test_the_error_names_the_need_that_is_not_met() -> None:
    asked = turns(room(ONION, COOKING), 0, "put_onion_in_pot")
    conclusion = answer("conclude", (*asked, Turn("assistant", ""), Turn("user", "Say in one sentence why")))
    assert conclusion == (
        "Error: a pot within your reach takes it: no, every pot is full, cooking, ready or out of reach"
    )
    explained = answer("explain", turns(room(ONION, COOKING), 0, "pickup_dish", "explain")).splitlines()
    assert explained[-1].startswith("Error: your hand is empty: no, <Player 0> holds onion")
    assert explained[0].startswith("Condition: your hand is empty | no | ")


def test_the_second_look_overturns_advice_only() -> None:
    text = 'XXPXX\nO1 2O\nX   X\nXDXSX\n\norders = [["onion"]]'
    cooks = {0: Cook((1, 2), 1, NOTHING), 1: Cook((3, 1), 2, ONION)}  # the mate carries all that the soup takes
    ahead = Kitchen(parse_layout(text, "mine"), "new", 3, 400, cooks, (Pot((2, 0), 0, 0, -1, 20),), {})
    assert answer("check", turns(ahead, 0, "pickup_dish")).endswith("Verdict: cannot be used")
    second = answer("double_check", turns(ahead, 0, "pickup_dish"))
    assert second.endswith("Verdict: can be used")
    assert "| yes | worth it here" in second
    empty = room(NOTHING, Pot((2, 0), 0, 0, -1, 20))
    assert answer("check", turns(empty, 0, "pickup_dish")).endswith("cannot be used")
    assert answer("double_check", turns(empty, 0, "pickup_dish")).endswith("cannot be used")
    held = room(ONION, COOKING)
    assert answer("double_check", turns(held, 0, "pickup_dish")).endswith("cannot be used")


def scramble(rng: np.random.Generator, name: str, rules: str) -> Kitchen:
    layout, tomatoes = load_layout(name), bool(load_layout(name).cells("T"))
    items = [NOTHING, NOTHING, ONION, DISH, SOUP + 3, *([TOMATO] if tomatoes else [])]
    cells = rng.permutation(len(layout.floor))
    starts = {seat: layout.region[layout.starts[seat]] for seat in (0, 1)}
    cooks, taken = {}, set[tuple[int, int]]()
    for seat in (0, 1):
        cell = next(
            layout.floor[c]
            for c in cells
            if layout.region[layout.floor[c]] == starts[seat] and layout.floor[c] not in taken
        )
        taken.add(cell)
        cooks[seat] = Cook(cell, int(rng.integers(4)), int(rng.choice(items)))
    pots = []
    for place in layout.pots:
        onions = int(rng.integers(4))
        extra = int(rng.integers(4 - onions)) if tomatoes else 0
        time = layout.recipes.time(onions, extra)
        lit = onions + extra == 3 if rules == "old" else onions + extra > 0 and rng.random() < 0.5
        pots.append(Pot(place, onions, extra, int(rng.integers(time + 1)) if lit else -1, time))
    loose = {cell: int(rng.choice(items[2:])) for cell in layout.cells("X") if rng.random() < 0.2}
    return Kitchen(layout, rules, 9, 400, cooks, tuple(pots), loose)


@pytest.mark.parametrize("name", layout_names())
def test_told_everything_it_judges_as_the_skills_do(name: str) -> None:
    rng = np.random.default_rng(3)
    old = all(sum(order) == 3 for order in load_layout(name).recipes.orders)
    for i in range(60):
        kitchen = scramble(rng, name, "old" if old and i % 2 else "new")
        guide = OvercookedWorld(kitchen.layout, rules=kitchen.rules).guide(i % 2)
        facts = read(render("verify_system", guide=guide), kitchen.words(i % 2, Style()))
        for skill in guide.skills:
            conditions = skill.conditions(Observation(i % 2, 9, kitchen), ("3",) if skill.name == "wait" else ())
            if skill.name == "place_obj_on_counter" and kitchen.cooks[i % 2].held:
                continue  # how many counters only one cook reaches is not told
            judged = all(met for _, met, _, _ in needs(facts, skill.name))
            assert judged == all(c.holds for c in conditions), (skill.name, conditions)
