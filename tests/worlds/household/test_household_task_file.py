"""Task files: differences to an apartment, told back as they were; faults with place and remedy."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from household_flat import flat, snack
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import Apartment
from talkoot.worlds.household.apartment_file import parse_apartment, read_apartment
from talkoot.worlds.household.free_space import free_space
from talkoot.worlds.household.sample import sample_task
from talkoot.worlds.household.sets import load_apartment
from talkoot.worlds.household.task import ACTIVITIES, Goal, Start, Task
from talkoot.worlds.household.task_file import (
    format_tasks,
    parse_tasks,
    read_home,
    read_task,
    read_tasks,
    write_task,
    write_tasks,
)

EXAMPLES = Path(__file__).parents[3] / "examples"


def _flat(name: str = "flat") -> Apartment:
    return parse_apartment(flat(), name)


def _snack(content: dict[str, Any] | None = None) -> Task:
    return parse_tasks(content or snack(), "snack.json", _flat)[0]


def test_a_task_is_its_apartment_with_other_things() -> None:
    task = _snack()
    home, own = _flat(), task.apartment
    assert own.nodes.keys() == home.nodes.keys() - {24} | {30, 31}
    assert own.inside[30] == 23
    assert own.on == {31: 21}
    assert own.nodes[30].size == (0.1, 0.1, 0.1)
    assert own.nodes[30].grabbable
    table = "coffeetable"
    assert task.goals == (Goal("on", "cupcake", 22, 2, table), Goal("on", "apple", 22, 1, table))
    assert task.starts == (Start(11), Start(12, (5.0, 1.0), 90.0))
    assert task.limit == 250


def test_what_goes_takes_along_what_is_in_it() -> None:
    content = snack()
    content["tasks"][0].update(without=[20], goals=[{"relation": "on", "class": "apple", "target": 22, "count": 1}])
    assert _snack(content).apartment.nodes.keys() == _flat().nodes.keys() - {20, 25} | {30, 31}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), home=st.sampled_from(["aspen", "maple"]), limit=st.sampled_from([250, 60]))
def test_drawn_tasks_come_back_as_they_were(seed: int, home: str, limit: int) -> None:
    base = load_apartment(home)
    tasks = tuple(replace(sample_task(base, activity, seed), limit=limit) for activity in ACTIVITIES)
    text = format_tasks(tasks, {"place": base})
    assert max(map(len, text.splitlines())) < 700
    assert parse_tasks(json.loads(text), "again.json", {"place": base}.__getitem__) == tasks


def test_moved_and_opened_things_come_back_as_they_were(tmp_path: Path) -> None:
    home, task = _flat(), _snack()
    moved = replace(
        task.apartment,
        nodes=task.apartment.nodes | {26: home.nodes[26].moved((5.0, 2.0, 2.0))},
        open=frozenset({20}),
    )
    write_task(replace(task, apartment=moved), tmp_path / "moved.json", {"flat": home})
    assert read_task(tmp_path / "moved.json", _flat).apartment == moved


def test_a_file_may_name_apartments_beside_it_and_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "my_flat.json").write_text(json.dumps(flat()))
    elm = load_apartment("elm")
    tasks = (_snack(), sample_task(elm, "put_fridge", 3))
    write_tasks(tasks, tmp_path / "tasks.json", {"my_flat.json": _flat(), "elm": elm})
    assert read_tasks(tmp_path / "tasks.json") == tasks
    assert read_home(tmp_path / "tasks.json") == tasks
    assert read_home(tmp_path / "my_flat.json") == _flat()
    with pytest.raises(BadInput, match="it holds 2 tasks where one is wanted"):
        read_task(tmp_path / "tasks.json")


def test_the_example_can_be_read_and_played() -> None:
    (tea,) = read_tasks(EXAMPLES / "flat_tasks.json")
    assert [goal.key for goal in tea.goals] == ["on_cupcake_23", "on_pudding_23"]
    assert tea.apartment.inside[30] == 24
    space = free_space(tea.apartment)
    for node in tea.apartment.nodes.values():
        assert space.steps_to((1.0, 2.0), node) is not None, node.label
    table = sample_task(read_apartment(EXAMPLES / "flat.json"), "prepare_food", 0)
    assert table.goals[0].target == 22


def test_a_file_of_something_else_is_told(tmp_path: Path) -> None:
    (tmp_path / "else.json").write_text('{"format": "kitchen"}')
    with pytest.raises(BadInput, match=r"else.json: this is no household file; its first entry must be"):
        read_home(tmp_path / "else.json")


def _task(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content["tasks"][0].update(changes)


def _goals(*goals: tuple[str, str, int, int]) -> Callable[[dict[str, Any]], None]:
    keys = ("relation", "class", "target", "count")
    return _task(goals=[dict(zip(keys, goal, strict=True)) for goal in goals])


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a goal of a class the apartment lacks": (
        _goals(("on", "wine", 22, 1)),
        r"tasks\[0\] \(snack\): its goals ask for wine, but apartment flat has none; add things",
    ),
    "a goal of an unknown class": (
        _goals(("on", "aple", 22, 1)),
        r"ask for aple, but apartment flat has none \(and no class that talkoot knows; check the spelling\)",
    ),
    "a goal of too many": (
        _goals(("on", "cupcake", 22, 3)),
        r"ask for 3 cupcake, but apartment flat has 2; add things",
    ),
    "goals of too many together": (
        _goals(("on", "cupcake", 22, 2), ("inside", "cupcake", 20, 1)),
        r"ask for 3 cupcake, but apartment flat has 2",
    ),
    "a goal of furniture": (_goals(("on", "fridge", 22, 1)), r"ask for fridge, which nobody can grab"),
    "a goal place that is absent": (
        _goals(("on", "apple", 99, 1)),
        r"goals\[0\]: its target 99 is no furniture of apartment flat",
    ),
    "a room as goal place": (_goals(("on", "apple", 11, 1)), r"its target 11 is no furniture"),
    "inside a table": (
        _goals(("inside", "apple", 22, 1)),
        r"nothing goes inside <coffeetable> \(22\); name a",
    ),
    "an unknown relation": (_goals(("under", "apple", 22, 1)), r"its relation is 'under'; give \"on\" or \"inside\""),
    "a goal of none": (_goals(("on", "apple", 22, 0)), r"'count' is 0; give a whole number from 1 up"),
    "a goal twice": (
        _goals(("on", "apple", 22, 1), ("on", "apple", 22, 1)),
        r"two goals name the same class and p",
    ),
    "no goals": (_goals(), r"it has no goals; list at least one"),
    "an unknown start room": (
        _task(starts=[{"room": 11}, {"room": 13}]),
        r"starts\[1\]: 13 is no room of apartment flat; choose one of 12 \(livingroom\), 11 \(kitchen\)",
    ),
    "a start outside": (
        _task(starts=[{"room": 11, "position": [5, 1]}, {"room": 12}]),
        r"starts\[0\]: position \(5, 1\) is outside <kitchen> \(11\)",
    ),
    "one start": (_task(starts=[{"room": 11}]), r"'starts' has 1 entries; give one for each of the two people"),
    "an unknown apartment": (_task(apartment="castle"), r"its apartment cannot be read: no castle"),
    "a thing that was there": (
        _task(things=[{"id": 25, "class": "apple", "center": [1, 1, 1], "inside": 11}]),
        r"things\[0\] \(apple 25\): id 25 is taken by apartment flat",
    ),
    "a new thing in two places": (
        _task(things=[{"id": 40, "class": "apple", "center": [7.5, 0.6, 0.5], "inside": 23, "on": 21}]),
        r"tasks\[0\] \(snack\), things\[0\] \(apple 40\): it is in two places, inside <cabinet> \(23\)",
    ),
    "a new thing in the wrong room": (
        _task(things=[{"id": 40, "class": "apple", "center": [7.5, 0.6, 0.5], "inside": 11}]),
        r"\(apple 40\): its middle is 3.50 m outside its room <kitchen>",
    ),
    "a room taken away": (_task(without=[11]), r"'without' names 11, which is no thing of apartment flat"),
    "a door taken away": (_task(without=[13]), r"'without' names 13, which is no thing"),
    "a table taken away that others need": (_task(without=[21]), r"it is on 21, which is no surface of this file"),
    "two of one name": (lambda content: content["tasks"].append(content["tasks"][0]), r"has the same name; rename one"),
    "no tasks": (lambda content: content.update(tasks=[]), r"snack.json: it holds no tasks"),
    "no time": (_task(limit=0), r"'limit' is 0; give a whole number from 1 up"),
    "an unknown word": (_task(goal=[]), r"does not know 'goal'; use name, activity, apartment"),
    "a task that is no object": (lambda content: content.update(tasks=["x"]), r"tasks\[0\]: \"x\" stands where"),
    "another format": (lambda content: content.update(format="x"), r"its first entry must be \"format\""),
}


@pytest.mark.parametrize("change", FAULTS)
def test_faults_are_told_with_place_and_remedy(change: str) -> None:
    def find(name: str) -> Apartment:
        if name != "flat":
            raise BadInput(f"no {name}")
        return _flat()

    make, words = FAULTS[change]
    content = snack()
    make(content)
    with pytest.raises(BadInput, match=words) as told:
        parse_tasks(content, "snack.json", find)
    assert str(told.value).startswith("snack.json")
    assert "\n" not in str(told.value)


def test_a_task_is_written_only_against_its_own_apartment(tmp_path: Path) -> None:
    task = _snack()
    with pytest.raises(BadInput, match="task snack: no apartment flat was given to write it against"):
        write_task(task, tmp_path / "x.json", {"elm": load_apartment("elm")})
    doors = replace(task.apartment, between={})
    with pytest.raises(BadInput, match="rooms or doors differ from those of apartment flat"):
        write_task(replace(task, apartment=doors), tmp_path / "x.json", {"flat": _flat()})
