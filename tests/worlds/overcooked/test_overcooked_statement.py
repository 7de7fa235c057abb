"""Kitchens as planning problems: the facts, what counts as a goal, and that plans can be carried out."""

from __future__ import annotations

from typing import Any

import pytest

from talkoot.planning.engines.ground import unreachable
from talkoot.planning.pddl.printer import print_problem
from talkoot.planning.pddl.reader import load_domain, read_problem
from talkoot.types import SkillCall
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, SOUP, TOMATO, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout, parse_layout
from talkoot.worlds.overcooked.statement import Stating, domain_text, skill_of, words_of
from talkoot.worlds.overcooked.world import OvercookedWorld

DOMAIN = load_domain(domain_text())
LAYOUTS = {name: load_layout(name) for name in layout_names()}


def room(held: int = NOTHING, mate: int = NOTHING, rules: str = "old", **settings: Any) -> Kitchen:
    layout = load_layout("cramped_room")
    onions, tick = settings.get("onions", 0), settings.get("tick", -1)
    cooks = {0: Cook((1, 2), 1, held), 1: Cook((3, 1), 2, mate)}
    return Kitchen(layout, rules, 3, 400, cooks, (Pot((2, 0), onions, 0, tick, 20),), settings.get("loose", {}))


def state(kitchen: Kitchen) -> Any:
    return Stating(kitchen.layout, kitchen.rules)(kitchen)


@pytest.mark.parametrize("rules", ["old", "new"])
@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_every_kitchen_states_a_problem_without_faults_that_can_be_solved(name: str, rules: str) -> None:
    if rules == "old" and any(sum(soup) < 3 for soup in LAYOUTS[name].recipes.orders):
        rules = "new"  # the old rules refuse these
    world = OvercookedWorld(name, rules=rules)
    view = world.reset(0)[0].view
    statement = world.guide(0).statement
    assert statement is not None
    stated = statement(view)
    draft = read_problem(print_problem(stated.problem), DOMAIN)
    assert draft.faults == []
    assert set(draft.problem.init) == set(stated.problem.init)
    assert stated.problem.goal == ("and", *(goal for thread in stated.threads for goal in thread))
    if LAYOUTS[name].soups(rules):
        assert unreachable(DOMAIN, stated.problem) == ()
    assert set(stated.agents) == {"cook0", "cook1"}
    assert all(stated.words(goal) for thread in stated.threads for goal in thread)


def test_what_the_cooks_hold_and_where_they_are() -> None:
    problem = state(room(ONION, DISH)).problem
    facts = set(problem.init)
    assert {("holds", "cook0", "onion"), ("holds", "cook1", "dish"), ("at", "cook0", "here0")} <= facts
    assert not {("free", "cook0"), ("free", "cook1")} & facts
    # From (1, 2), facing south: the dishes lie ahead.
    assert problem.values["effort", "here0", "dish-dispenser-0"] == 1
    assert problem.values["effort", "onion-dispenser-0", "pot-0"] >= 2


def test_goals_are_what_the_pot_lacks_then_the_soup_then_the_next_one() -> None:
    (thread,) = state(room(onions=2)).threads
    assert thread == (
        ("inside", "pot-0-soup0-onion2"), ("delivered", "pot-0-soup0"),
        *(("inside", f"pot-0-soup1-onion{n}") for n in range(3)), ("delivered", "pot-0-soup1"),
    )  # fmt: skip


def test_a_fire_takes_its_time() -> None:
    cooking = state(room(onions=3, tick=7)).problem
    assert cooking.values["cooking-time", "pot-0-soup0"] == 13
    assert ("ready", "pot-0-soup0") not in cooking.init
    ready = state(room(onions=3, tick=20)).problem
    assert ("ready", "pot-0-soup0") in ready.init
    assert ready.goal[1] == ("delivered", "pot-0-soup0")


def test_soups_in_hands_and_on_counters_come_first() -> None:
    stated = state(room(SOUP + 3, loose={(1, 0): SOUP + 3, (3, 0): ONION}))
    assert stated.threads[:2] == ((("delivered", "soup-of-cook0"),), (("delivered", "soup-on-counter-1"),))
    assert ("lies", "onion", "counter-2") in stated.problem.init
    assert ("clear", "counter-2") not in stated.problem.init


def test_fires_are_lit_by_hand_under_the_newer_rules() -> None:
    old, new = (set(state(room(onions=3, rules=rules)).problem.init) for rules in ("old", "new"))
    assert ("lit", "pot-0-soup0") in old - new


def test_apart_cooks_reach_different_things() -> None:
    world = OvercookedWorld("forced_coordination")
    problem = Stating(world.layout, "old")(world.reset(0)[0].view).problem
    reach = {fact[1:] for fact in problem.init if fact[0] == "reaches"}
    giver = "cook0" if ("cook0", "onion-dispenser-0") in reach else "cook1"
    taker = {"cook0": "cook1", "cook1": "cook0"}[giver]
    assert (taker, "pot-0") in reach
    assert (giver, "pot-0") not in reach
    assert any((giver, place) in reach and (taker, place) in reach for place in problem.objects if "counter" in place)


def test_recipes_that_pay_and_pots_that_are_spoilt() -> None:
    layout = parse_layout('XTPOX\nX1 2X\nXDXSX\n\norders = [["onion", "tomato", "tomato"]]\n', "mixed")
    cooks = {0: Cook((1, 1), 1, NOTHING), 1: Cook((3, 1), 2, TOMATO)}

    def wanted(onions: int, tomatoes: int, rules: str) -> list[str]:
        kitchen = Kitchen(layout, rules, 0, 400, cooks, (Pot((2, 0), onions, tomatoes, -1, 20),), {})
        stated = Stating(layout, rules)(kitchen)
        soups = [fact for fact in stated.problem.init if fact[0] == "wants" and "soup0" in fact[1]]
        return sorted(fact[2] for fact in soups)

    assert wanted(0, 0, "new") == ["onion", "tomato", "tomato"]
    assert wanted(0, 1, "new") == ["onion", "tomato"]
    assert wanted(2, 0, "new") == []  # spoilt: cooked as it is, to empty the pot
    assert wanted(2, 0, "old") == ["onion"]  # spoilt: a pot cooks only when it is full


def test_every_step_is_a_skill_that_exists_or_happens_by_itself() -> None:
    guide = OvercookedWorld("counter_circuit_tomato", rules="new").guide(0)
    names = {skill.name for skill in guide.skills}
    steps = {
        ("take", "cook0", "here0", "onion-dispenser-0", "onion"): "pickup_onion",
        ("take", "cook0", "here0", "dish-dispenser-0", "dish"): "pickup_dish",
        ("pick-up", "cook0", "here0", "counter-1", "tomato"): "pickup_tomato",
        ("pick-up", "cook0", "here0", "counter-1", "soup-on-counter-1"): "pickup_soup",
        ("put-down", "cook0", "here0", "counter-1", "dish"): "place_obj_on_counter",
        ("put-in", "cook0", "here0", "pot-0", "tomato", "pot-0-soup0-tomato0", "pot-0-soup0"): "put_tomato_in_pot",
        ("light", "cook0", "here0", "pot-0", "pot-0-soup0", "a", "b", "c"): "start_cooking",
        ("fill", "cook0", "here0", "pot-0", "pot-0-soup0", "pot-0-soup1"): "fill_dish_with_soup",
        ("deliver", "cook0", "pot-0", "serving-place-0", "pot-0-soup0"): "deliver_soup",
    }
    assert {step[0] for step in steps} | {"cook"} == set(DOMAIN.actions)
    for step, skill in steps.items():
        assert skill_of(step) == SkillCall(skill)
        assert skill in names
        assert "<Player 0> will" in words_of(step)
        assert len(step) - 1 == len(DOMAIN.actions[step[0]].parameters)
    assert skill_of(("cook", "pot-0", "pot-0-soup0", "a", "b", "c")) is None


def test_goals_in_words() -> None:
    assert words_of(("inside", "pot-0-soup1-onion2")) == "onion 3 for the next soup of <Pot 0>"
    assert words_of(("delivered", "soup-of-cook1")) == "the soup in the hand of <Player 1> delivered"
    assert words_of(("delivered", "soup-on-counter-4")) == "the soup on <Counter 4> delivered"
    assert words_of(("cook", "pot-1", "pot-1-soup0", "a", "b", "c")) == "Pot 1 cooks the soup of <Pot 1>"
