"""The household on the page: the plan follows the record, fog whose eyes one borrows, messages become arrows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from household_story import HOSTILE, SAID, STEPS, WAYS, home_setting, write_home
from replay_story import write_story

from talkoot.replay.page import write_page


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("homes")
    write_home(folder / "episodes" / "a-home.jsonl", hostile=False)
    write_home(folder / "episodes" / "b-hostile.jsonl")
    write_home(folder / "episodes" / "c-chatty.jsonl", hostile=False, chatty=True)
    write_story(folder / "episodes" / "d-kitchen.jsonl", hostile=False)
    return write_page(folder, folder / "replay.html")


@pytest.fixture
def visit(open_page: Callable[..., Any], page_file: Path) -> Callable[..., Any]:
    return partial(open_page, page_file)


def write_scene(folder: Path, setting: Any, scene: Any, skill: str = "goput(21)") -> Path:
    """A page of two frames with this setting and scene."""
    lines = [
        {"kind": "started", "world": "household/odd", "team": {"0": "x", "1": "y"}, "seed": 0, "setting": setting,
         "scene": scene, "version": "0"},
        {"kind": "acted", "t": 0, "seat": 0, "action": "walktowards(21)", "say": "hm"},
        {"kind": "planned", "t": 0, "seat": 0, "skill": skill},
        {"kind": "stepped", "t": 1, "rewards": {"0": 0}, "scene": scene},
    ]  # fmt: skip
    (folder / "odd.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return write_page(folder / "odd.jsonl", folder / "odd.html")


def spot(tab: Any, selector: str) -> tuple[float, float]:
    found = re.match(r"translate\((\S+) (\S+)\)", tab.locator(selector).get_attribute("transform"))
    assert found
    return float(found[1]), float(found[2])


def test_rooms_doors_and_furniture_stand_where_the_setting_says(visit: Any) -> None:
    tab = visit()
    assert tab.locator(".home-plan .room").count() == 3
    kitchen = tab.locator(".home-plan .room").first
    box = [float(kitchen.get_attribute(name)) for name in ("x", "y", "width", "height")]
    assert box == [0, 500, 500, 400]  # 5 m by 4 m, and +z is up: the home reaches to z = 9 m
    assert tab.locator(".room-label text").all_text_contents() == ["kitchen", "living room", "bedroom"]
    assert tab.locator(".doorway").count() == 2
    titles = tab.locator(".piece title").all_text_contents()
    assert sorted(titles) == [
        "bed 24", "cabinet 23, closed", "coffee table 21", "fridge 22, closed", "harmonium 27", "rug 26", "sofa 25",
    ]  # fmt: skip
    assert titles[0] == "rug 26"  # below all that stands on it
    assert tab.locator(".piece .pillow").count() == 2
    assert tab.locator(".piece .other").count() == 1  # nobody drew a harmonium


def test_a_plan_that_is_too_tall_is_laid_on_its_side(open_page: Any, tmp_path: Path) -> None:
    setting = home_setting() | {
        "rooms": [{"id": 1, "name": "hall", "box": [0, 0, 4, 20]}],
        "doors": [],
        "furniture": [],
    }
    people = [{"seat": 0, "position": [2, 19], "yaw": 0, "room": 1, "holding": []}]
    tab = open_page(write_scene(tmp_path, setting, {"t": 0, "people": people, "things": []}))
    room = tab.locator(".home-plan .room")
    assert (room.get_attribute("width"), room.get_attribute("height")) == ("2000", "400")
    assert spot(tab, ".person.seat-0") == (1900, 200)
    assert tab.locator(".person.seat-0 > g").first.get_attribute("transform").startswith("rotate(90.0)")  # +z is right


def test_people_walk_and_carry(visit: Any) -> None:
    tab = visit()
    start = spot(tab, ".person.seat-0")
    assert start == (200, 740)
    assert tab.locator(".person.seat-0 .tag-name").text_content() == "Alice"
    tab.keyboard.press("ArrowRight")
    assert spot(tab, ".person.seat-0") == (140, 660)
    for _ in range(4):
        tab.keyboard.press("ArrowRight")
    assert tab.locator(".person.seat-0 .token .thing-apple").count() == 1
    assert tab.locator(".things .thing-apple").count() == 0
    for _ in range(2):
        tab.keyboard.press("ArrowRight")
    assert tab.locator(".person.seat-1 .token").count() == 2
    tab.keyboard.press("End")
    assert tab.locator(".person .token").count() == 0
    assert tab.locator(".things .token.done").count() == 3
    assert "L" in tab.locator(".trail.seat-1").get_attribute("d")


def test_a_step_is_walked_smoothly_and_calmly_where_asked(visit: Any) -> None:
    whole = {round(place[0] * 100) for *_, place in WAYS[0]} | {200}

    def play(tab: Any, looks: int) -> bool:
        tab.keyboard.press(" ")
        for _ in range(looks):
            if round(spot(tab, ".person.seat-0")[0], 3) not in whole:
                return True
            tab.wait_for_timeout(20)
        return False

    assert play(visit(), 200)
    assert not play(visit(reduced_motion="reduce"), 12)


def test_the_way_ahead_goes_through_doors(visit: Any) -> None:
    tab = visit(at="#t=5")
    way = tab.locator(".aim.seat-0 .aim-way").get_attribute("d")
    assert way.count("L") == 2  # the door, then the table
    assert "L505.0 705.0" in way
    assert tab.locator(".aim.seat-0").get_attribute("visibility") == "visible"
    tab.keyboard.press("End")
    assert tab.locator(".aim.seat-0").get_attribute("visibility") == "hidden"


def test_a_message_about_a_place_is_no_way_there(open_page: Any, tmp_path: Path) -> None:
    scene = {"t": 0, "people": [{"seat": 0, "position": [1.0, 1.0], "room": 11}]}
    assert open_page(write_scene(tmp_path, home_setting(), scene)).locator(".aim[visibility=visible]").count() == 1
    file = write_scene(tmp_path, home_setting(), scene, "send_message(look into <fridge> (22))")
    assert open_page(file).locator(".aim[visibility=visible]").count() == 0


def test_containers_open_and_things_show_through(visit: Any) -> None:
    tab = visit(at="#t=1")
    assert tab.locator(".piece.open").count() == 0
    assert tab.locator(".things .token.shut").count() == 3
    assert tab.locator(".things .token.unknown").count() == 3
    tab.keyboard.press("ArrowRight")
    assert tab.locator(".piece.open title").text_content() == "fridge 22, open"
    assert tab.locator(".things .token.shut").count() == 2
    assert tab.locator(".things .token.unknown").count() == 2


def test_the_goal_is_counted_at_its_place_above_the_plan_and_in_the_title(visit: Any) -> None:
    tab = visit(at="#t=13")
    assert tab.locator(".goal-pill text").text_content() == "2/3"
    assert tab.locator(".goals li").all_text_contents() == ["apple1/1", "cupcake1/1", "wine0/1"]
    assert tab.locator(".goals li.full").count() == 2
    assert tab.locator(".task p").text_content() == "Prepare teaonto the coffee table"
    assert tab.locator("#tally").text_content().split() == ["2of", "3", "in", "place"]
    assert "2 of 3 in place" in tab.locator("#overview").get_attribute("aria-valuetext")
    tab.keyboard.press("End")
    assert tab.locator(".goal-place.full").count() == 1
    options = tab.locator("#episode option").all_text_contents()
    assert options[0] == "a-home  ·  14 steps"
    assert options[3] == "d-kitchen  ·  20"


def test_fog_lies_on_what_a_seat_has_not_seen(visit: Any) -> None:
    tab = visit(at="#t=9")
    assert tab.locator(".veil.on").count() == 0
    tab.get_by_role("radio", name="Alice").click()
    assert tab.locator(".veil.on").count() == 1  # she has been in two of three rooms
    assert tab.locator(".person.seat-1.dim").count() == 1
    assert tab.locator(".things .token.unknown").count() == 0
    assert "What Alice has seen" in tab.locator(".home-note").text_content()
    assert tab.locator(".checked[visibility=visible]").count() == 1
    tab.keyboard.press("e")
    assert tab.get_by_role("radio", name="Bob").get_attribute("aria-checked") == "true"
    assert tab.locator(".person.seat-0.dim").count() == 1
    tab.keyboard.press("e")
    assert tab.get_by_role("radio", name="all").get_attribute("aria-checked") == "true"
    assert tab.locator(".checked[visibility=visible]").count() == 2
    assert tab.locator(".knower.on").count() == 4


def test_the_panel_lends_its_seat_s_eyes(visit: Any) -> None:
    tab = visit(at="#t=3")
    tab.keyboard.press("1")
    assert tab.get_by_role("radio", name="Bob").get_attribute("aria-checked") == "true"
    heard = tab.locator("#panel .block.heard")
    assert "from seat 0" in heard.text_content()
    assert heard.locator("blockquote").text_content() == SAID
    tab.keyboard.press("Escape")
    assert tab.locator(".veil.on").count() == 0


def test_cards_tell_what_was_known_and_what_did_not_work(visit: Any) -> None:
    tab = visit(at="#t=4")
    card = tab.locator(".card.seat-0")
    assert card.locator(".skill").text_content() == "bring to coffee table 21"
    assert card.locator(".knew").text_content() == "knew in step 4I hold nothing. I am in the kitchen 11."
    assert card.locator(".slip-line").text_content() == "walk to coffee table 21 did not work: you do not see it"
    assert tab.locator(".card.seat-1 .slip-line").is_hidden()
    mark = tab.locator('.lane.seat-0 .deed[data-t="4"]')
    assert "slipped" in mark.get_attribute("class")
    assert mark.get_attribute("aria-label").endswith("which did not work: you do not see it")


def test_messages_are_arrows_between_the_lanes(visit: Any) -> None:
    tab = visit()
    assert tab.locator(".arrow").count() == tab.locator("#overview .message").count() == 2
    down, up = tab.locator(".arrow.down.seat-0"), tab.locator(".arrow.up.seat-1")
    said = [tab.locator(f".dialogue .row.seat-{seat} .speech").bounding_box() for seat in (0, 1)]
    arrow = down.bounding_box()
    assert arrow["y"] >= said[0]["y"] + said[0]["height"] - 3
    assert arrow["y"] + arrow["height"] <= said[1]["y"] + 3
    step = tab.locator('.deed[data-t="3"]').first.bounding_box()["x"]
    assert abs(arrow["x"] + arrow["width"] - step) <= 3  # heard with the next observation
    assert up.bounding_box()["x"] > arrow["x"]
    lanes = tab.locator(".track > .lane, .track > .dialogue")
    assert [one.get_attribute("class").split()[0] for one in lanes.all()] == ["lane", "dialogue", "lane"]


def test_a_message_is_read_by_pointer_and_by_keyboard(visit: Any) -> None:
    tab = visit()
    tip = tab.locator(".tip")
    assert tip.is_hidden()
    speech = tab.locator(".dialogue .row.seat-0 .speech")
    assert speech.get_attribute("aria-label") == f"Step 2 says: {SAID}"
    speech.hover()
    assert tip.text_content() == f"0said in step 2, heard in step 3{SAID}"
    assert tab.locator(".arrow.lit").count() == 1
    tab.mouse.move(5, 5)
    assert tip.is_hidden()
    tab.locator(".dialogue .row.seat-1 .speech").focus()
    assert "said in step 7, heard in step 8" in tip.text_content()
    tab.keyboard.press("Enter")
    assert tab.locator("#panel .block.acted, #panel .block.did").locator("blockquote").text_content() == SAID
    tab.keyboard.press("Escape")
    tab.locator(".arrow.down").click()  # to where it was heard
    assert tab.locator("#panel h2").text_content() == "Step 3"
    assert tab.locator("#panel").get_attribute("class") == "seat-1"


def test_many_messages_stay_apart_and_lost_ones_are_told(visit: Any) -> None:
    tab = visit(at="#episode=c-chatty")
    assert tab.locator(".dialogue .speech").count() == 2 * STEPS
    assert tab.locator(".arrow.lost").count() == 2  # what was said in the last step reached nobody
    assert ", not delivered: " in tab.locator(".speech.lost").first.get_attribute("aria-label")
    boxes = [one.bounding_box() for one in tab.locator(".row.seat-0 .speech").all()]
    assert all(a["x"] + a["width"] <= b["x"] + 1 for a, b in pairwise(boxes))


def test_kitchens_with_talk_have_arrows_too(visit: Any) -> None:
    tab = visit(at="#episode=d-kitchen")
    assert tab.locator(".arrow").count() == tab.locator(".dialogue .speech").count() > 0
    assert tab.locator(".whose, .home-plan").count() == 0
    tab.keyboard.press("e")  # nothing is hidden in a kitchen
    assert tab.locator(".cook").count() == 2


def test_hostile_names_and_words_are_text(visit: Any) -> None:
    tab = visit(at="#episode=b-hostile&t=8")
    for key in ("1", "e", "e", "End", "Home", "0"):
        tab.keyboard.press(key)
    assert tab.locator("#app img, #app script, #app iframe").count() == 0
    assert tab.locator("script").count() == 2
    shown = tab.locator("#picture").text_content()
    assert shown.count("<img src=x onerror='window.pwned = 2'>") >= 5  # room, container, thing, person, goal
    assert HOSTILE[:40] in tab.locator(".activity, .task").first.text_content()


@pytest.mark.parametrize("width", [390, 768, 1024, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_width_scrolls_sideways_or_cuts_the_plan(visit: Any, width: int, scheme: str) -> None:
    tab = visit(width, 844, color_scheme=scheme, at="#episode=b-hostile&t=8")
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    plan = tab.locator(".home-plan").bounding_box()
    assert plan["height"] >= 240
    tag = tab.locator(".person.seat-0 .tag").bounding_box()
    assert tag["height"] >= 14  # words keep their size whatever the plan's
    assert plan["x"] <= tag["x"] <= plan["x"] + plan["width"]


BARE = {"kind": "household", "rooms": [{"id": 1, "box": [0, 0, 3, 3]}]}
ODD = {
    "kind": "household",
    "rooms": [{"id": 9, "name": "kitchen", "box": ["a", None, 3, 4]}, None],
    "goals": [None, {"count": "x"}],
    "names": 3,
    "doors": [None, {"box": [0, 0, 1, 1]}],
    "furniture": [None, {"box": [0, 0, 1, 1]}, {"name": None, "box": [3, 3, 1, 1]}],
}
SCENES: list[tuple[Any, Any]] = [
    (home_setting(), {"t": 0}),
    (home_setting(), {"people": None, "things": 3, "open": "x", "seen": [], "satisfied": None}),
    (home_setting(), {"people": [None, {"seat": 0}, {"seat": 1, "position": ["x"], "holding": [99, "y", None]}]}),
    (home_setting(), {"things": [None, {"id": 1}, {"id": 31, "name": "apple", "at": 4}], "satisfied": [1, 31, "x"]}),
    (home_setting(), {"people": [{"seat": 7, "position": [1, 1], "holding": [31]}], "seen": {"7": None, "x": {}}}),
    (home_setting(), None),
    (BARE, {"people": [{"seat": 0, "position": [1, 1]}]}),
    (ODD, {"people": [{"seat": 1}]}),
]


@pytest.mark.parametrize("place", range(len(SCENES)))
def test_what_a_record_leaves_out_is_left_out(open_page: Any, tmp_path: Path, place: int) -> None:
    tab = open_page(write_scene(tmp_path, *SCENES[place]))
    assert tab.locator(".home-plan").count() == 1
    for key in ("End", "e", "e", "0", "Escape", "Home"):
        tab.keyboard.press(key)
    assert tab.locator("#overview").get_attribute("aria-valuemax") == "1"


def test_a_household_without_any_plan_is_shown_as_recorded(open_page: Any, tmp_path: Path) -> None:
    tab = open_page(write_scene(tmp_path, {"kind": "household"}, {"t": 0, "what": HOSTILE}))
    assert "window.pwned" in tab.locator("#picture .raw").text_content()
    assert tab.locator("#score-of").text_content() == "of 0 in place"
