"""Apartment files: what is written is read back, and every fault is told with its place and the way out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from household_flat import flat

from talkoot.data import data_folder
from talkoot.errors import BadInput
from talkoot.worlds.household.apartment_file import (
    format_apartment,
    parse_apartment,
    read_apartment,
    write_apartment,
)
from talkoot.worlds.household.records import recorded_tasks
from talkoot.worlds.household.sets import apartment_names, load_apartment


def test_a_file_says_where_everything_is() -> None:
    home = parse_apartment(flat(), "flat.json")
    assert home.name == "flat"
    assert [room.name for room in home.rooms.values()] == ["livingroom", "kitchen"]
    assert home.inside == {13: 11, 20: 11, 21: 11, 22: 12, 23: 12, 24: 11, 25: 20, 26: 12}
    assert home.on == {24: 21}
    assert home.between == {13: (11, 12)}
    assert home.open == frozenset({23})
    assert home.nodes[20].searchable
    assert home.nodes[20].openable
    assert home.nodes[24].grabbable


def test_what_is_usual_for_a_class_may_be_left_out_and_what_is_not_is_kept() -> None:
    home = parse_apartment(flat(), "flat.json")
    assert home.nodes[21].size == (1.65, 0.9, 1.25)
    assert home.nodes[13].name == "door"
    assert home.nodes[20].size == (0.71, 2.1, 0.89)
    assert home.nodes[26].category == "Decor"
    assert home.nodes[26].properties == {"MOVABLE", "GRABBABLE"}


@pytest.mark.parametrize("name", apartment_names())
def test_shipped_apartments_come_back_as_they_were(name: str, tmp_path: Path) -> None:
    home = load_apartment(name)
    write_apartment(home, tmp_path / "home.json")
    again = read_apartment(tmp_path / "home.json")
    assert again == home
    assert list(again.rooms) == list(home.rooms)
    assert format_apartment(again) == format_apartment(home)


def test_a_door_that_belongs_to_its_second_room_comes_back_too() -> None:
    content = flat()
    content["doors"][0]["inside"] = 12
    home = parse_apartment(content, "flat.json")
    assert home.inside[13] == 12
    assert parse_apartment(json.loads(format_apartment(home)), "again.json") == home


def test_files_may_be_packed(tmp_path: Path) -> None:
    path = tmp_path / "flat.json.gz"
    path.write_bytes(gzip.compress(json.dumps(flat()).encode()))
    assert read_apartment(path) == parse_apartment(flat(), "flat.json")


@pytest.mark.data
def test_recorded_apartments_come_back_as_they_were(tmp_path: Path) -> None:
    folder = data_folder("household")
    if folder is None:
        pytest.skip("recorded data absent")
    for task in recorded_tasks(folder / "episodes"):
        write_apartment(task.apartment, tmp_path / "home.json")
        assert read_apartment(tmp_path / "home.json") == task.apartment


def _thing(number: int, **changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content["things"][number].update(changes)


def _drop(part: str, number: int, key: str) -> Callable[[dict[str, Any]], None]:
    return lambda content: content[part][number].pop(key)


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a thing listed twice": (
        lambda content: content["things"].append(content["things"][4] | {"inside": 12}),
        r"things\[7\] \(apple 24\): id 24 is taken by flat.json, things\[4\] \(apple 24\); a thing is in one place",
    ),
    "a thing in two rooms": (_thing(4, inside=[11, 12]), r"things\[4\] \(apple 24\): it is in 2 places at once"),
    "a thing in and on": (_thing(5, on=21), r"two places, inside <fridge> \(20\) and on <kitchentable> \(21\)"),
    "a thing on the table of another room": (
        _thing(4, on=22),
        r"\(apple 24\): it is in two places, in <kitchen> \(11\) and on <coffeetable> \(22\) in <livingroom> \(12\)",
    ),
    "an unknown parent": (_thing(5, inside=99), r"\(apple 25\): it is inside 99, which does not exist; name a room"),
    "a parent that holds nothing": (_thing(5, inside=24), r"inside <apple> \(24\), which holds nothing; use 'on'"),
    "an unknown surface": (_thing(4, on=99), r"\(apple 24\): it is on 99, which is no surface"),
    "on a room": (_thing(4, on=11), r"it is on 11, which is no surface"),
    "a circle of containers": (
        lambda content: (_thing(0, inside=23)(content), _thing(3, inside=20)(content)),
        r"it is in a circle: <(fridge|cabinet)> \(\d+\) inside <(fridge|cabinet)>",
    ),
    "a circle of surfaces": (
        lambda content: (_thing(1, on=24)(content), None),
        r"it is in a circle: <kitchentable> \(21\) on <apple> \(24\) on <kitchentable>",
    ),
    "a room without a door": (
        lambda content: content["rooms"].append({"id": 14, "class": "bedroom", "center": [2, 1, 6], "size": [4, 2, 4]}),
        r"rooms\[2\] \(bedroom 14\): this room has no door; add one under 'doors'",
    ),
    "rooms that no way leads to": (
        lambda content: (
            content["rooms"].extend(
                {"id": 14 + k, "class": "bedroom", "center": [2 + 4 * k, 1, 6], "size": [4, 2, 4]} for k in (0, 1)
            ),
            content["doors"].append({"id": 16, "between": [14, 15], "center": [4, 0.5, 6]}),
        ),
        r"\(bedroom 14\): no way of doors leads here from <kitchen> \(11\); add a door",
    ),
    "a door off the wall": (
        lambda content: content["doors"][0].update(center=[2, 0.5, 2]),
        r"doors\[0\]: it does not touch <livingroom> \(12\); move it into the wall",
    ),
    "a door into nowhere": (
        lambda content: content["doors"][0].update(between=[11, 20]),
        r"doors\[0\]: it leads to 20, which is no room",
    ),
    "a door back": (
        lambda content: content["doors"][0].update(between=[11, 11]),
        r"it leads from <kitchen> \(11\) to itself",
    ),
    "a door between three": (
        lambda content: content["doors"][0].update(between=[11, 12, 11]),
        r"'between' is \[11, 12, 11\]; give 2 whole numbers",
    ),
    "a person's id": (_thing(4, id=2), r"\(apple 2\): id 2 belongs to a person"),
    "a thing outside": (
        _thing(6, center=[9, 2, 2]),
        r"\(mobile 26\): its middle is 1.00 m outside its room <l",
    ),
    "a flat thing": (_thing(6, size=[0, 1, 1]), r"its size is 0 x 1 x 1 m; width and depth must be above 0"),
    "no size": (_drop("things", 6, "size"), r"class 'mobile' is not one whose size is known; add 'size'"),
    "no middle": (_drop("things", 6, "center"), r"\(mobile 26\): 'center' is missing; add it"),
    "a middle of two": (_thing(6, center=[1, 2]), r"'center' is \[1, 2\]; give a list of 3 numbers"),
    "a middle of words": (_thing(6, center=[1, 2, "3"]), r"give a list of 3 numbers"),
    "a middle too far": (_thing(6, center=[1, 2, 1e6]), r"give a list of 3 numbers below a million"),
    "not a number": (_thing(6, center=[1, 2, float("nan")]), r"give a list of 3 numbers"),
    "an id of words": (_thing(6, id="26"), r"'id' is \"26\"; give a whole number from 1 up"),
    "an id that is true": (_thing(6, id=True), r"'id' is true; give a whole number"),
    "a class of numbers": (_thing(6, **{"class": 5}), r"'class' is 5; give a text"),
    "a class in other letters": (_thing(6, **{"class": "Mobilé"}), r"class 'Mobilé' is no word; write it in small"),
    "a class of two lines": (_thing(6, **{"class": "a\nb"}), r"'class' is \"a\\nb\"; leave out what cannot be printed"),
    "a name of half a character": (
        lambda content: content.update(name="flat \ud800"),
        r"'name' is \"flat \\ud800\"; leave out",
    ),
    "a room of a square kilometre": (
        lambda content: content["rooms"][1].update(size=[4, 2.5, 1000]),
        r"flat.json: it measures 1000 m along z, more than 100; sizes and centers are metres",
    ),
    "an unknown word": (_thing(6, colour="red"), r"\(mobile 26\): does not know 'colour'; use id, class, inside"),
    "open as a word": (_thing(3, open="yes"), r"\(cabinet 23\): 'open' is \"yes\"; give true or false"),
    "an open table": (_thing(1, open=True), r"\(kitchentable 21\): it is open but cannot be opened"),
    "a room among things": (_thing(6, category="Rooms"), r"a room stands among the things; list it under 'rooms'"),
    "things that are no list": (lambda content: content.update(things={}), r"flat.json: 'things' is {}; give a list"),
    "a thing that is no object": (
        lambda content: content["things"].append(3),
        r"things\[7\]: 3 stands where",
    ),
    "no rooms": (
        lambda content: content.update(rooms=[], doors=[], things=[]),
        r"flat.json: it has no rooms; list at least one",
    ),
    "another format": (lambda content: content.update(format="kitchen"), r"this is no such file; its first entry must"),
    "a later version": (
        lambda content: content.update(version=2),
        r"version 2 is not known here; this talk",
    ),
}


@pytest.mark.parametrize("change", FAULTS)
def test_faults_are_told_with_place_and_remedy(change: str, tmp_path: Path) -> None:
    make, words = FAULTS[change]
    content = flat()
    make(content)
    with pytest.raises(BadInput, match=words) as told:
        parse_apartment(content, "flat.json")
    assert str(told.value).startswith("flat.json")
    assert str(told.value).isprintable()


def test_a_home_of_one_room_needs_no_door() -> None:
    content = flat()
    content["rooms"].pop()
    content["doors"] = []
    content["things"] = content["things"][:2]
    assert list(parse_apartment(content, "one.json").rooms) == [11]


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    home = replace(parse_apartment(flat(), "flat.json"), name="other")
    with pytest.raises(BadInput, match="cannot be written"):
        write_apartment(home, tmp_path / "absent" / "home.json")
