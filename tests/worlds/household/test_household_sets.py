"""The shipped apartments and sets: what they are, and that nobody changes them unseen."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from importlib import resources
from itertools import pairwise
from pathlib import Path

import pytest
from household_flat import flat

from talkoot.errors import BadInput
from talkoot.worlds.household import sets
from talkoot.worlds.household.apartment_file import format_apartment
from talkoot.worlds.household.sets import (
    RECIPES,
    SETS,
    apartment_names,
    list_sets,
    load_apartment,
    make_apartment,
    make_task,
    task_set,
    write_shipped,
)
from talkoot.worlds.household.task import ACTIVITIES

SHIPPED = resources.files("talkoot.worlds.household")

DIGESTS = {"test": "c80a122fb9e8f79a", "train": "bae4f3dc7f44676a"}
"""Of all that a set of episodes is: who changes these changes what results are measured on, and must say so."""


def test_sets_are_as_large_as_told_and_apart() -> None:
    assert list_sets() == {"test": 50, "train": 100}
    for name, (homes, each) in SETS.items():
        tasks = task_set(name)
        assert len(tasks) == len({task.name for task in tasks}) == list_sets()[name]
        count = Counter((task.apartment.name, task.activity) for task in tasks)
        assert count == {(home, activity): each for home in homes for activity in ACTIVITIES}
    assert not set(SETS["test"][0]) & set(SETS["train"][0])
    assert {home for homes, _ in SETS.values() for home in homes} == set(apartment_names())


def test_neighbours_in_a_set_differ() -> None:
    for name in SETS:
        tasks = task_set(name)
        for one, other in pairwise(tasks):
            assert one.activity != other.activity
            assert one.apartment.name != other.apartment.name


def test_all_plans_and_both_densities_are_tested() -> None:
    test = [RECIPES[name] for name in SETS["test"][0]]
    assert {recipe.plan for recipe in test} == {"chain", "star", "ring"}
    assert {recipe.density for recipe in test} == {"open", "tight"}
    assert {recipe.size for recipe in test} == {"normal"}


@pytest.mark.parametrize("name", ["aspen", "cedar", "oak"])
def test_shipped_apartments_are_what_their_recipes_make(name: str) -> None:
    again = make_apartment(name)
    assert again == load_apartment(name)
    text = (SHIPPED / "apartments" / f"{name}.json").read_text(encoding="utf-8")
    assert text == format_apartment(again)


@pytest.mark.parametrize(("name", "number"), [("test", 0), ("test", 17), ("test", 49), ("train", 3), ("train", 99)])
def test_shipped_episodes_are_what_their_seeds_make(name: str, number: int) -> None:
    assert make_task(name, number) == task_set(name)[number]


@pytest.mark.parametrize("name", SETS)
def test_nobody_changes_a_shipped_set_unseen(name: str) -> None:
    told = []
    for task in task_set(name):
        own = task.apartment
        nodes = [
            (node.id, node.name, node.category, node.center, node.size, sorted(node.properties),
             own.inside.get(node.id), own.on.get(node.id))
            for node in sorted(own.nodes.values(), key=lambda node: node.id)
        ]  # fmt: skip
        doors = sorted(own.between.items())
        goals = [(goal.relation, goal.name, goal.target, goal.count) for goal in task.goals]
        starts = [(start.room, start.position, start.yaw) for start in task.starts]
        told.append((task.name, task.activity, task.limit, nodes, doors, sorted(own.open), goals, starts))
    assert hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16] == DIGESTS[name]


def test_files_are_written_as_they_ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {name: task_set(name) for name in SETS}  # a few of them are made again above; all of them take long
    monkeypatch.setattr(sets, "make_apartment", load_apartment)
    monkeypatch.setattr(sets, "make_task", lambda name, number: whole[name][number])
    write_shipped(tmp_path)
    for part in ("apartments", "sets"):
        names = sorted(path.name for path in (tmp_path / part).iterdir())
        assert names == sorted(entry.name for entry in (SHIPPED / part).iterdir())
        for name in names:
            assert (tmp_path / part / name).read_bytes() == (SHIPPED / part / name).read_bytes(), name


def test_shipped_files_are_small() -> None:
    sizes = [len(entry.read_bytes()) for part in ("apartments", "sets") for entry in (SHIPPED / part).iterdir()]
    assert sum(sizes) < 800_000


def test_own_apartments_are_loaded_by_path(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(json.dumps(flat()))
    assert load_apartment(tmp_path / "mine.json").name == "flat"
    assert load_apartment(str(tmp_path / "mine.json")).name == "flat"
    assert load_apartment("elm") is load_apartment("elm")


def test_unknown_names_are_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no set of episodes 'exam'; choose one of test, train"):
        task_set("exam")
    with pytest.raises(BadInput, match=r"no apartment 'castle'; choose one of aspen, .*or give the path of a file"):
        load_apartment("castle")
