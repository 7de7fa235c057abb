"""Recorded episodes: what is read from them, and one clear message for what cannot be read."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from household_homes import (
    APPLE,
    APPLE_IN_FRIDGE,
    COFFEETABLE,
    CUPCAKE,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    two_rooms_task,
)
from household_recorded import ALICE, BOB, episode_of, graph_of, write_episode
from talkoot.errors import BadInput, CorruptRecord
from talkoot.types import Action
from talkoot.worlds.household.apartment import CONTAINERS
from talkoot.worlds.household.free_space import free_space
from talkoot.worlds.household.records import action_of, load_graph, load_recorded, recorded_files, recorded_tasks

TASK = two_rooms_task()


def changed(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """An episode file with something changed."""
    data = episode_of(TASK, ALICE, BOB)
    change(data)
    return write_episode(tmp_path / "episode_07.json.gz", data)


def test_an_episode_becomes_a_task_and_a_run(tmp_path: Path) -> None:
    path = write_episode(tmp_path / "episode_07.json.gz", episode_of(TASK, ALICE, BOB))
    recorded = load_recorded(path)
    task, run = recorded.task, recorded.run
    assert recorded.path == path
    assert (task.activity, task.goals, task.starts, task.limit) == (TASK.activity, TASK.goals, TASK.starts, 250)
    home = task.apartment
    assert home.nodes == TASK.apartment.nodes
    assert (home.inside, home.on, home.between) == (TASK.apartment.inside, TASK.apartment.on, TASK.apartment.between)
    assert home.open == frozenset(), "doors stand open, but they are no containers"
    assert run is not None
    assert (run.steps, run.success) == (12, True)
    assert run.actions[0][1] == Action("open", ("32",))
    assert run.actions[0][3] == Action("send_message", (), say="The cupcake was in the cabinet.")
    assert run.actions[0][-1] == Action("putback", ("52", "33"))
    assert run.actions[1][0] == Action("wait")
    assert run.rooms[0][0] == KITCHEN
    assert run.rooms[0][-1] == LIVINGROOM
    assert run.positions[0][0] == (1.0, 1.5)
    assert run.yaw[1][0] == 180.0
    assert run.holding[0][2:4] == (frozenset(), {CUPCAKE})
    assert run.opened[0][1] == {FRIDGE: False, 32: False}
    assert run.opened[0][2] == {FRIDGE: False, 32: True}
    assert CUPCAKE not in run.visible[0][1]
    assert CUPCAKE in run.visible[0][2]
    assert 32 in run.close[0][1]
    assert run.satisfied[-2]["on_cupcake_33"] == frozenset()
    assert run.satisfied[-1]["on_cupcake_33"] == {CUPCAKE}
    assert set(run.raw) >= {"n_steps", "success", "decisions"}


def test_training_episodes_have_no_run_and_no_points(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        del data["run"]
        data["starts"] = [{"room": "kitchen"}, {"room": "livingroom"}]
        data["goal"]["holds_book_character"] = 1
        data["graph"]["edges"]["BETWEEN"] = []
        data["graph"]["nodes"][1]["states"] = ["x"]

    recorded = load_recorded(changed(tmp_path, change))
    assert recorded.run is None
    assert [start.position for start in recorded.task.starts] == [None, None]
    assert len(recorded.task.goals) == 2, "what C-WAH leaves out is left out"
    assert recorded.task.apartment.between == {20: (KITCHEN, LIVINGROOM)}, "the door touches these"


def test_one_parent_is_kept_and_no_surface_in_a_container(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        edges = data["graph"]["edges"]
        edges["ON"] += [[APPLE_IN_FRIDGE, 30], [CUPCAKE, COFFEETABLE], [APPLE, 32], [53, KITCHEN]]
        edges["INSIDE"] += [[54, FRIDGE], [33, 34], [34, 33], [54, KITCHEN]]

    home = load_recorded(changed(tmp_path, change)).task.apartment
    assert home.inside[APPLE_IN_FRIDGE] == FRIDGE
    assert home.on == {APPLE: 30, 53: COFFEETABLE}, "the table's top is nearer than the cabinet's"
    assert home.inside[54] == 34, "the smaller container holds it"
    assert home.inside[33] == home.inside[34] == LIVINGROOM, "each inside the other counts for neither"


def test_apartments_are_read_and_ids_of_people_avoided(tmp_path: Path) -> None:
    path = tmp_path / "apartment_9.json"
    path.write_text(json.dumps({"graph": graph_of(TASK.apartment)}))
    assert load_graph(path).nodes == TASK.apartment.nodes
    assert load_graph(path).name == "apartment_9"
    graph = json.loads(path.read_text().replace('"id": 11,', '"id": 1,').replace(", 11]", ", 1]"))
    path.write_text(json.dumps(graph))
    home = load_graph(path)
    assert set(home.rooms) == {1001, 1012}
    assert home.inside[1051] == 1031


def test_recorded_lines_are_actions() -> None:
    assert action_of(None) == Action("wait")
    assert action_of("[putin] <plate> (12) <dishwasher> (104)") == Action("putin", ("12", "104"))
    assert action_of("[turnleft]") == Action("turnleft")
    assert action_of("[send_message] <a <b> (3)\nc>").say == "a <b> (3)\nc"
    with pytest.raises(ValueError, match="is not a primitive"):
        action_of("open the door")


def test_folders_and_files_are_found(tmp_path: Path) -> None:
    for name in ("episode_02.json.gz", "episode_01.json.gz", "notes.txt"):
        write_episode(tmp_path / name, episode_of(TASK))
    assert [path.name for path in recorded_files(tmp_path)] == ["episode_01.json.gz", "episode_02.json.gz"]
    assert recorded_files(tmp_path / "notes.txt") == (tmp_path / "notes.txt",)
    assert len(recorded_tasks(tmp_path)) == 2
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"no recorded episodes in .*empty"):
        recorded_files(tmp_path / "empty")
    with pytest.raises(BadInput, match="there is no folder"):
        recorded_files(tmp_path / "none")
    with pytest.raises(BadInput, match="cannot read"):
        load_recorded(tmp_path / "none")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(format="other"), "its format is 'other'"),
        (lambda data: data.pop("goal"), "it lacks 'goal'"),
        (lambda data: data["goal"].update(on_apple_999=1), "on_apple_999 names a node that the graph lacks"),
        (lambda data: data["starts"].pop(), "not enough values"),
        (lambda data: data["starts"][0].update(room="attic"), "it lacks 'attic'"),
        (lambda data: data["graph"]["nodes"][5].pop("center"), "it lacks 'center'"),
        (lambda data: data["graph"]["nodes"].__setitem__(5, 3), "not subscriptable"),
        (lambda data: data["graph"]["nodes"][5].update(class_name=["fridge"]), r"\['fridge'\] stands where a class"),
        (lambda data: data["graph"]["nodes"][5].update(category="a\nb"), r"'a\\nb' stands where"),
        (lambda data: data["graph"]["edges"]["ON"].append([50, 999]), "an edge ON names"),
        (lambda data: data["graph"]["edges"].update(INSIDE=[]), "is inside nothing"),
        (lambda data: data["graph"]["edges"]["INSIDE"].extend([[30, 31], [31, 32], [32, 30]]), "is inside itself"),
        (lambda data: data["graph"].update(nodes=data["graph"]["nodes"][2:]), "an edge INSIDE names"),
        (lambda data: data["graph"].update(nodes=[], edges={}), "its graph has no room"),
        (lambda data: data["run"].update(n_steps=13), "its run has 13 steps, but"),
        (lambda data: data["run"].update(positions=[[1, 1]] * 500), "its run has"),
        (lambda data: data["run"].update(character_ids=[1, 3]), r"the ids \[1, 3\]"),
        (lambda data: data["run"]["yaw"].pop(), "of 1 people"),
        (lambda data: data["run"]["rooms"][0].__setitem__(0, "attic"), "it lacks 'attic'"),
        (lambda data: data["run"]["actions"][0].__setitem__(0, "run away"), "is not a primitive"),
        (lambda data: data["run"]["positions"][0].__setitem__(0, [1, 2]), "not enough values"),
    ],
)
def test_what_cannot_be_read_is_told_once(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    path = changed(tmp_path, change)
    with pytest.raises(CorruptRecord, match=message) as error:
        load_recorded(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300 + len(str(path))


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08", b"[1]", b"{", b"[" * 100_000, "\u00e4".encode("latin-1")])
def test_files_of_another_kind_are_told_too(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "episode_01.json.gz"
    path.write_bytes(content)
    for load in (load_recorded, load_graph):
        with pytest.raises(CorruptRecord, match="is not a recorded household episode"):
            load(path)
    path.write_bytes(gzip.compress(b"{}")[:-9])
    with pytest.raises(CorruptRecord, match="is not a recorded household episode"):
        load_recorded(path)


@pytest.mark.data
def test_all_recorded_episodes_are_read(data: Path) -> None:
    counts = {0: (339, 5, 115), 10: (347, 3, 72), 20: (357, 5, 101), 30: (356, 5, 69), 40: (340, 3, 117)}
    for path in recorded_files(data / "household" / "episodes"):
        recorded = load_recorded(path)
        home, run = recorded.task.apartment, recorded.run
        assert run is not None
        known = len(home.nodes), sum(goal.count for goal in recorded.task.goals), run.steps
        assert known == counts[int(recorded.task.name.split("_")[2])]
        assert len(home.rooms) == 4
        assert len(home.between) == 3
        assert run.success
        cabinets = Counter(node.name for node in home.nodes.values() if node.name in CONTAINERS)
        assert cabinets["kitchencabinet"] == 8
        for seat in (0, 1):
            assert run.positions[seat][0] == recorded.task.starts[seat].position


@pytest.mark.data
def test_training_episodes_and_apartments_are_read_and_can_be_walked(data: Path) -> None:
    tasks = recorded_tasks(data / "household" / "episodes_train")
    assert len(tasks) == 20
    homes = [load_graph(path) for path in sorted((data / "household" / "apartments").iterdir())]
    assert [len(home.nodes) for home in homes] == [436, 309, 391, 347, 353, 336, 361]
    for home in [tasks[0].apartment, tasks[-1].apartment, *homes[1::2]]:
        assert len(home.between) == len(home.rooms) - 1, home.name
        space = free_space(home)
        first, *others = home.rooms.values()
        point = space.nearest_free((first.center[0], first.center[2]), first.id)
        assert all(space.steps_to(point, other) for other in others), home.name
        searched = [node for node in home.nodes.values() if node.searchable]
        assert all(space.steps_to(point, node) is not None for node in searched), home.name
