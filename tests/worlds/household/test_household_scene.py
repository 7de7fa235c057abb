"""The picture of the household: a floor plan with goals, and people, things and what each has seen."""

from __future__ import annotations

import json

from household_homes import (
    APPLE,
    APPLE_IN_FRIDGE,
    CABINET,
    COFFEETABLE,
    CUPCAKE,
    DOOR,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    PLATE,
    SHELF,
    TABLE,
    two_rooms_task,
)
from talkoot.types import Action
from talkoot.worlds.household.task import Start
from talkoot.worlds.household.world import HouseholdWorld


def act(name: str, *arguments: int) -> Action:
    return Action(name, tuple(map(str, arguments)))


def test_the_setting_is_a_floor_plan_with_goals() -> None:
    setting = HouseholdWorld(two_rooms_task()).setting()
    assert (setting["kind"], setting["activity"], setting["limit"]) == ("household", "Prepare afternoon tea", 250)
    assert setting["names"] == ["Alice", "Bob"]
    assert {room["name"]: room["box"] for room in setting["rooms"]} == {
        "livingroom": [5.0, 0.0, 10.0, 5.0],
        "kitchen": [0.0, 0.0, 5.0, 5.0],
    }
    assert setting["doors"] == [{"id": DOOR, "box": [4.535, 2.035, 5.465, 2.965], "rooms": [KITCHEN, LIVINGROOM]}]
    furniture = {piece["id"]: piece for piece in setting["furniture"]}
    assert set(furniture) == {TABLE, FRIDGE, CABINET, COFFEETABLE, SHELF}
    assert furniture[FRIDGE]["container"]
    assert not furniture[TABLE]["container"]
    assert furniture[TABLE]["top"] == 0.8
    assert [goal["text"] for goal in setting["goals"]] == [
        "2 apples on the coffeetable",
        "1 cupcake on the coffeetable",
    ]


def test_the_scene_follows_things_and_what_each_has_seen() -> None:
    world = HouseholdWorld(two_rooms_task(alice=Start(KITCHEN, (2.5, 1.2))))
    world.reset(0)
    first = world.scene()
    assert [thing["id"] for thing in first["things"]] == [APPLE, APPLE_IN_FRIDGE, CUPCAKE]
    assert {thing["id"]: (thing["in"], thing["on"]) for thing in first["things"]} == {
        APPLE: (None, TABLE),
        APPLE_IN_FRIDGE: (FRIDGE, None),
        CUPCAKE: (CABINET, None),
    }
    assert first["seen"] == {
        "0": {"rooms": [KITCHEN], "things": [APPLE], "checked": []},
        "1": {"rooms": [LIVINGROOM], "things": [], "checked": []},
    }
    world.step({0: act("open", CABINET), 1: Action("send_message", say="hi")})
    world.step({0: act("grab", APPLE), 1: act("walktowards", KITCHEN)})
    scene = world.scene()
    assert scene["open"] == [CABINET]
    assert scene["people"][0]["holding"] == [APPLE]
    assert scene["seen"]["0"] == {"rooms": [KITCHEN], "things": [APPLE, CUPCAKE], "checked": [CABINET]}
    held = next(thing for thing in scene["things"] if thing["id"] == APPLE)
    assert (held["in"], held["on"]) == (None, None)
    assert json.loads(json.dumps(scene)) == scene
    while world.state.room[1] != KITCHEN:
        world.step({0: Action("wait"), 1: act("walktowards", KITCHEN)})
    assert world.scene()["seen"]["1"] == {
        "rooms": [KITCHEN, LIVINGROOM],
        "things": [APPLE, CUPCAKE],
        "checked": [CABINET],
    }
    assert PLATE not in world.scene()["seen"]["1"]["things"]


def test_a_person_alone_is_drawn_alone() -> None:
    world = HouseholdWorld(two_rooms_task(), seats=(1,))
    world.reset(0)
    assert [person["seat"] for person in world.scene()["people"]] == [1]
    assert list(world.scene()["seen"]) == ["1"]
