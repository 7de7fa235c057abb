"""Homes by name: sets, apartments, generated ones, files and recordings; what is echoed, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from talkoot.errors import BadInput
from talkoot.worlds.catalog import episodes_in, family_of, list_worlds, make_world
from talkoot.worlds.household import sets
from talkoot.worlds.household.apartment_file import write_apartment
from talkoot.worlds.household.catalog import SETS, SHORT, HomeRow, files_of, tasks_of
from talkoot.worlds.household.task import ACTIVITIES
from talkoot.worlds.household.task_file import write_tasks
from talkoot.worlds.household.world import HouseholdWorld


def home(name: str, **options: object) -> HouseholdWorld:
    world = make_world(name, **options)  # type: ignore[arg-type]
    assert isinstance(world, HouseholdWorld)
    assert world.name == name
    return world


def test_sets_are_all_their_episodes() -> None:
    assert set(SETS) == set(sets.list_sets())
    assert episodes_in(home("household/test")) == len(sets.task_set("test")) >= 50
    world = home("household/test")
    for seed in (0, 7, 57):
        world.reset(seed)
        assert world.task is world.tasks[seed % len(world.tasks)]
    tea = home("household/test:activity=tea")
    assert {task.activity for task in tea.tasks} == {"read_book"}
    assert set(SHORT.values()) == set(ACTIVITIES)


def test_apartments_and_generated_homes_are_sets_of_drawn_episodes() -> None:
    world = home("household/cedar")
    assert {task.apartment.name for task in world.tasks} == {"cedar"}
    assert {task.activity for task in world.tasks} == set(ACTIVITIES)
    assert episodes_in(world) == 10
    two = home("household/cedar:seed=3,tasks=2,activity=put_fridge")
    assert [task.activity for task in two.tasks] == ["put_fridge"] * 2
    assert two.tasks != home("household/cedar:seed=9,tasks=2,activity=put_fridge").tasks
    ring = home("household/generate:seed=5,plan=ring,density=tight,tasks=1")
    assert len(ring.task.apartment.between) == 4
    assert ring.tasks is home("household/generate:seed=5,plan=ring,density=tight,tasks=1").tasks


def test_options_of_all_homes_reach_the_world() -> None:
    world = home("household/test:talk=free,message_limit=30,limit=9,conflict=first,approach=0,unstick=on")
    assert (world.talk, world.message_limit, world.limit) == ("free", 30, 9)
    assert (world.quirks.conflict, world.quirks.approach, world.quirks.unstick) == ("first", 0.0, True)
    assert home("household/test", seats=(1,)).seats == (1,)
    assert home("household/test:visual=off").visual is None


def test_files_of_apartments_and_tasks(tmp_path: Path) -> None:
    apartment = sets.load_apartment("birch")
    write_apartment(apartment, tmp_path / "flat.json")
    assert episodes_in(home(f"household/{tmp_path}/flat.json:tasks=3")) == 3
    tasks = sets.task_set("test")[:4]
    homes = {task.apartment.name: sets.load_apartment(task.apartment.name) for task in tasks}
    write_tasks(tasks, tmp_path / "four.json", homes)
    name = f"{tmp_path}/four.json"
    assert [task.name for task in home(name).tasks] == [task.name for task in tasks]
    write_tasks(tasks[:1], tmp_path / "four.json", homes)
    assert episodes_in(home(name)) == 1
    assert files_of(name) == (name, (Path(name),))


@pytest.mark.data
def test_recorded_episodes_are_worlds(data: Path) -> None:
    folder = data / "household/episodes"
    world = home(f"household:episodes={folder},talk=off,limit=30")
    assert episodes_in(world) == len(list(folder.glob("episode_*")))
    assert (world.talk, world.limit) == ("off", 30)
    one = sorted(folder.glob("episode_*"))[0]
    assert home(f"household/{one}").tasks[0].goals == world.tasks[0].goals
    found = files_of(world.name)
    assert found is not None
    assert found[0] == f"episodes={folder}"
    assert len(found[1]) == episodes_in(world)


def test_a_folder_may_have_commas(tmp_path: Path) -> None:
    (tmp_path / "a,b=c").mkdir()
    with pytest.raises(BadInput, match=r"no recorded episodes in .*a,b=c"):
        make_world(f"household:episodes={tmp_path}/a,b=c,limit=3")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("household/nowhere", ["unknown world 'household/nowhere'", "household/test", "household/cedar"]),
        ("household", ["names no home", "household/train", "household:episodes=FOLDER"]),
        ("household:limit=3", ["names no home"]),
        ("household/test:seed=3", ["unknown option 'seed=3'", "activity", "talk"]),
        ("household/test:talk=loud", ["costly, free, off"]),
        ("household/test:limit=0", ["1 or more"]),
        ("household/test:conflict=war", ["random, first"]),
        ("household/cedar:tasks=many", ["1 or more"]),
        ("household/cedar:tasks=1001", ["from 1 to 1000"]),
        ("household/generate:seed=x", ["write a whole number"]),
        ("household/test:visual=large", ["off, on, or HEIGHTxWIDTH"]),
        ("household/cedar:activity=chess", ["tea, dishes"]),
        ("household/generate:plan=maze", ["maze", "ring"]),
        ("household/generate:density=empty", ["empty", "tight"]),
        ("household/missing.json", ["missing.json"]),
        ("household:episodes=missing", ["no folder missing"]),
        ("atlantis", ["atlantis", "overcooked/cramped_room", "household/test"]),
    ],
)
def test_refusals_name_the_fault_and_what_is_known(name: str, words: list[str]) -> None:
    with pytest.raises(BadInput) as error:
        make_world(name)
    assert all(word in str(error.value) for word in words), error.value


def test_every_listed_home_can_be_made_and_its_size_is_told() -> None:
    rows = [row for row in list_worlds() if isinstance(row, HomeRow)]
    assert [row.name for row in rows if row.kind == "set"] == ["household/test", "household/train"]
    for row in rows:
        assert family_of(row.name) == "household"
        world = home(row.name)
        if row.kind == "set":
            assert row.tasks == episodes_in(world)
            assert str(row.tasks) in row.words
            assert len(row.apartments) >= 3
        else:
            assert f"{row.rooms[0]} rooms" in row.words
            assert 250 <= row.things[0] <= 450
            assert row.containers[0] >= 10


def test_tasks_are_kept_for_the_next_world() -> None:
    assert tasks_of("test") is tasks_of("test")
