"""Relations from extents, whole and in part, and the scores that compare them."""

from __future__ import annotations

from household_eyes import view_from
from household_homes import APPLE, FRIDGE, KITCHEN, LIVINGROOM, TABLE, two_rooms
from talkoot.worlds.household.task import Start
from talkoot.worlds.household.vision.clouds import Extent, Scene
from talkoot.worlds.household.vision.relations import Label, Relations, node, relate
from talkoot.worlds.household.vision.scores import Score, relations_f1

SURFACE = Label("kitchentable", "Furniture", frozenset({"SURFACES", "MOVABLE"}))
FIXED = Label("cabinet", "Furniture", frozenset({"SURFACES", "CAN_OPEN", "CONTAINERS"}))
THING = Label("apple", "Food", frozenset({"GRABBABLE"}))
DISH = Label("plate", "Props", frozenset({"GRABBABLE", "SURFACES"}))
SHELL = Label("fridge", "Appliances", frozenset({"CAN_OPEN", "CONTAINERS"}))
WINDOW = Label("window", "Windows", frozenset())
BOX = Extent((0.0, 0.0, 0.0), (1.0, 0.8, 1.0), 900)


def at(x, y, z=0.5, half=0.05, *, stands=True, high=0.1):
    return Extent((x - half, y, z - half), (x + half, y + high, z + half), 50, stands)


def on(extents, labels, touching=None, opened=()):
    return relate(Scene(extents, touching or {}), labels, opened, (0.0, 0.0)).on


def test_a_thing_lies_on_the_surface_at_its_lower_edge():
    labels = {1: SURFACE, 2: THING}
    assert on({1: BOX, 2: at(0.5, 0.81)}, labels) == {(2, 1)}
    assert on({1: BOX, 2: at(0.5, 0.95)}, labels) == set(), "it hangs in the air"
    assert on({1: BOX, 2: at(1.3, 0.8)}, labels) == set(), "it is beside it"
    assert on({1: BOX, 2: at(1.3, 0.8)}, labels, {(2, 1): 6}) == {(2, 1)}, "of the table only a part was seen"
    assert on({1: BOX, 2: at(0.5, 0.8)}, {1: SURFACE, 2: WINDOW}) == set(), "windows lie on nothing"


def test_where_the_lower_edge_is_hidden_the_surface_below_counts():
    labels = {1: SURFACE, 2: THING, 3: SURFACE}
    low = Extent((0.0, 0.0, 0.0), (1.0, 0.4, 1.0), 900)
    assert on({1: BOX, 2: at(0.5, 1.1, stands=False), 3: low}, labels) == {(2, 1)}
    assert on({1: BOX, 2: at(0.5, 1.5, stands=False)}, labels) == set(), "that is too high"


def test_small_things_carry_only_what_stands_on_their_middle():
    plate = at(0.5, 0.8, half=0.15, high=0.02)
    labels = {1: SURFACE, 2: THING, 3: DISH}
    assert on({1: BOX, 2: at(0.5, 0.82), 3: plate}, labels) == {(2, 3), (3, 1)}
    behind = {1: BOX, 2: at(0.5, 0.82, 0.72), 3: plate}
    assert on(behind, labels, {(2, 3): 9}) == {(2, 1), (3, 1)}, "the plate hides the lower edge of what is behind it"


def test_inside_needs_an_open_container_around():
    labels = {1: SHELL, 2: THING, 3: FIXED}
    extents = {1: BOX, 2: at(0.5, 0.02), 3: at(0.5, 0.3)}
    assert relate(Scene(extents, {}), labels, {1}, (0.0, 0.0)).inside == {(2, 1)}
    assert relate(Scene(extents, {}), labels, (), (0.0, 0.0)).inside == set()
    top = relate(Scene({1: BOX, 2: at(0.5, 0.8)}, {}), labels, {1}, (0.0, 0.0))
    assert (top.inside, top.on) == (set(), {(2, 1)})
    cut = Extent((0.0, 1.75, 0.0), (1.0, 1.8, 1.0), 90, cut=True)
    assert relate(Scene({1: cut, 2: at(0.5, 1.77)}, {}), labels, {1}, (0.0, 0.0)).inside == {(2, 1)}


def test_close_is_what_the_world_calls_within_reach():
    extents = {1: BOX, 2: at(3.0, 0.0)}
    assert relate(Scene(extents, {}), {1: SURFACE, 2: THING}, (), (2.4, 0.5)).close == {1, 2}
    assert relate(Scene(extents, {}), {1: SURFACE, 2: THING}, (), (1.4, 0.5)).close == {1}
    assert node(1, BOX, SURFACE).center == (0.5, 0.4, 0.5)
    assert node(1, BOX, SURFACE).size == (1.0, 0.8, 1.0)


def test_the_rule_of_the_reference_is_coarser():
    labels = {1: SURFACE, 2: THING, 3: SHELL}
    extents = {1: BOX, 2: at(1.2, 1.3), 3: Extent((0.9, 0.6, 0.2), (1.5, 1.5, 0.8), 90)}
    found = relate(Scene(extents, {}), labels, {3}, (1.2, 2.9), rule="reference")
    assert found == Relations(frozenset({(2, 1), (3, 1)}), frozenset({(2, 3)}), frozenset({2, 3}))
    assert relate(Scene(extents, {}), labels, {3}, (1.2, 3.2), rule="reference").close == frozenset()


def test_scores_count_hits_extras_and_misses():
    score = Score(8, 1, 2) + Score(0, 1, 0)
    assert score == Score(8, 2, 2)
    assert (score.precision, score.recall, score.f1) == (0.8, 0.8, 0.8)
    assert (Score().precision, Score().recall, Score().f1) == (1.0, 1.0, 1.0)


def test_the_comparison_leaves_out_what_is_hardly_seen():
    view = view_from(KITCHEN, (1.2, 2.0), 0.0, Start(LIVINGROOM))
    whole = dict.fromkeys(view.nodes, 100)
    assert {name: score.f1 for name, score in relations_f1(view, view, whole).items()} == dict.fromkeys(
        ("on", "inside", "room", "close", "holds", "all"), 1.0
    )
    blind = type(view)(**{**vars(view), "on": {}, "inside": {**view.inside, APPLE: FRIDGE}})
    scores = relations_f1(blind, view, whole, close=[TABLE])
    assert scores["on"] == Score(0, 0, 1)
    assert (scores["inside"], scores["room"].missed) == (Score(0, 1, 0), 1)
    assert scores["close"].missed == relations_f1(view, view, whole)["close"].hits - 1
    assert relations_f1(blind, view, {**whole, APPLE: 24})["on"] == Score()
    assert two_rooms().on[APPLE] == TABLE
