"""Files that a request names: the same words about a changed file are another request, told by name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from talkoot.errors import BadInput
from talkoot.evaluation.job import Grid
from talkoot.evaluation.named import digests_of
from talkoot.run import Run

LAYOUT = "XXPXX\nO1 2O\nX   X\nXDXSX\n"


def write(path: str, text: str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("file", "name", "grid"),
    [
        ("my.layout", "my.layout", lambda: Grid(("my.layout:horizon=9",), ("stay",), (0,))),
        ("my.layout", "my.layout", lambda: Grid(("overcooked/my.layout",), ("stay",), (0,))),
        ("f/episode_1.json", "episodes=f", lambda: Grid(("household:episodes=f",), ("stay",), (0,))),
        ("f/episode_1.json", "episodes=f", lambda: Grid(("household:talk=off,episodes=f",), ("stay",), (0,))),
        ("home.json", "home.json", lambda: Grid(("household/home.json:tasks=2",), ("stay",), (0,))),
        ("home.json", "home.json", lambda: Grid(("home.json",), ("stay",), (0,))),
        ("net.npz", "policy/net.npz", lambda: Grid(("cramped_room",), ("policy/net.npz:argmax=on+stay",), (0,))),
        ("e.jsonl", "recorded/e.jsonl", lambda: Grid(("cramped_room",), ("stay+recorded/e.jsonl:seat=1",), (0,))),
        ("r/episodes/a.jsonl", "demos=r", lambda: Grid(("cramped_room",), ("proagent:demos=r,level=plan",), (0,))),
        ("e.jsonl", "demos=e.jsonl", lambda: Grid(("cramped_room",), ("proagent:demos=e.jsonl",), (0,))),
        ("e.jsonl", "recorded/e.jsonl", lambda: Grid(("cramped_room",), ("proagent",), (0,), "recorded/e.jsonl")),
        ("r/episodes/a.jsonl", "recorded/r", lambda: Grid(("cramped_room",), ("react:model=recorded/r",), (0,))),
        ("m/config.json", "hf/m", lambda: Grid(("cramped_room",), ("proagent",), (0,), "hf/m")),
        ("j/model.json", "tiny/j", lambda: Grid(("cramped_room",), ("proagent:judge=tiny/j",), (0,))),
        ("j/judge.json", "tiny/j", lambda: Grid(("cramped_room",), ("proagent:judge=tiny/j(votes=2)",), (0,))),
        ("e.jsonl", "recorded/e.jsonl", lambda: Grid(("cramped_room",), ("coela:judge=recorded/e.jsonl",), (0,))),
    ],
)
def test_a_changed_file_makes_another_request(runs: Path, file: str, name: str, grid: Callable[[], Grid]) -> None:
    write(file, LAYOUT)
    before, folder = grid().asked(), grid().folder()
    assert list(before["files"]) == [name]
    assert (grid().asked(), grid().folder()) == (before, folder)
    Run.open("run", before).close()
    write(file, LAYOUT.replace("D", "X"))
    assert grid().folder() != folder
    was, now = before["files"][name], grid().asked()["files"][name]
    told = re.escape(f"run holds another run: files {name} was {json.dumps(was)}, now {json.dumps(now)}. ")
    with pytest.raises(BadInput, match=told):
        Run.open("run", grid().asked())


def test_an_apartment_beside_a_task_file_counts(runs: Path) -> None:
    write("sets/mine.json", json.dumps({"tasks": [{"apartment": "flat.json"}, {"apartment": "aspen"}]}))
    seen = []
    for text in ("1", "2"):
        write("sets/flat.json", text)
        seen.append(digests_of(("household/sets/mine.json",), (), "rulebook"))
    assert len({one["sets/mine.json"] for one in seen}) == 2


def test_the_files_of_a_checkpoint_count_by_name_and_size(runs: Path) -> None:
    write("m/config.json", "{}")
    seen = [digests_of((), (), "hf/m")]
    write("m/model.safetensors", "12")
    seen.append(digests_of((), (), "hf/m"))
    write("m/model.safetensors", "123")
    seen.append(digests_of((), (), "hf/m"))
    assert len({one["hf/m"] for one in seen}) == 3


def test_what_is_no_file_is_left_out(runs: Path) -> None:
    write("cramped_room", LAYOUT)  # the shipped kitchen comes first
    worlds = (
        "cramped_room", "simple", "overcooked/generate:seed=1", "missing.layout", "household/test",
        "household/aspen:tasks=3", "household/missing.json", "household:episodes=none",
    )  # fmt: skip
    assert digests_of(worlds, ("nobody+stay", "proagent:demos=off+recorded/no"), "m@http://127.0.0.1:1") == {}
    assert "files" not in Grid(("cramped_room",), ("proagent+greedy",), (0,)).asked()


@pytest.mark.data
def test_a_kind_of_partner_stands_for_its_files() -> None:
    kinds = digests_of((), ("policy/sp+policy/ppo_bc",), "rulebook")
    assert set(kinds) == {"policy/sp", "policy/ppo_bc"}
    assert len({*kinds.values(), *digests_of((), ("policy/cramped_room_sp",), "rulebook").values()}) == 3
