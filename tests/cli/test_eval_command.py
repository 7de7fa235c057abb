"""`talkoot eval` as a user meets it: JSON, table, files, exit codes, and going on after whatever stopped it."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from talkoot.cli import main

WORLDS = ("cramped_room:horizon=60", "overcooked/forced_coordination:horizon=40")


def talkoot(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command line in this process; returns the exit code."""
    monkeypatch.setattr(sys, "argv", ["talkoot", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)  # type: ignore[arg-type]


def start(*arguments: object) -> subprocess.Popen[str]:
    code = "from talkoot.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_json_has_the_promised_rows(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    arguments = ["eval", *WORLDS, "--team", "random+stay", "--team", "stay", "--seeds", "0:3", "--workers", 1]
    assert talkoot(monkeypatch, *arguments, "--json") == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    told = json.loads(out)
    assert [(row["world"], row["team"]) for row in told["rows"]] == [
        (world, team) for world in WORLDS for team in ("random+stay", "stay")
    ]
    assert [(row["n"], row["episodes"]) for row in told["rows"]] == [(6, 6), (2, 6)] * 2
    for row in told["rows"]:
        assert row["ci95"][0] <= row["mean"] <= row["ci95"][1]
        assert row["stderr"] >= 0
    assert told["complete"]
    assert Path(told["run"]).parent == Path("runs")
    again = talkoot(monkeypatch, *arguments, "--json")
    assert again == 0
    assert json.loads(capsys.readouterr().out) == told


def test_a_team_of_one_leaves_the_other_seat_empty(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    assert talkoot(monkeypatch, "eval", WORLDS[0], "--team", "random", "--seeds", "5", "--run", runs, "--json") == 0
    assert json.loads(capsys.readouterr().out)["rows"][0]["n"] == 2
    teams = []
    for file in sorted((runs / "episodes").iterdir()):
        teams.append(json.loads(file.read_text().partition("\n")[0])["team"])
    assert sorted(map(list, teams)) == [["0"], ["1"]]


def test_table_csv_and_png(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    code = talkoot(
        monkeypatch, "eval", WORLDS[0], "--team", "proagent+stay", "--seeds", "0:2", "--workers", 1,
        "--csv", "out/rows.csv", "--png", "out/rows.png",
    )  # fmt: skip
    told = capsys.readouterr()
    assert code == 0
    assert "proagent+stay" in told.out
    assert "95 %" in told.out
    assert "talkoot replay runs/eval-" in told.err
    with open("out/rows.csv", newline="") as file:
        assert next(csv.DictReader(file))["world"] == WORLDS[0]
    assert Path("out/rows.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("atlantis", "--team", "stay+stay"), 2, "atlantis"),
        ((WORLDS[0], "--team", "nobody+stay"), 2, "unknown agent 'nobody'"),
        ((WORLDS[0], "--team", "stay+stay+stay"), 2, "3 agents for 2 seats"),
        ((WORLDS[0], "--team", "stay+stay", "--seeds", "3:3"), 2, "half open"),
        ((WORLDS[0], "--team", "proagent+stay", "--model", "clairvoyant"), 2, "unknown model 'clairvoyant'"),
        ((WORLDS[0],), 2, "--team"),
        ((WORLDS[0], "--team", "stay+stay", "--run", "/proc/none"), 2, "cannot be a run folder"),
    ],
)
def test_bad_requests_are_told_in_one_line(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, arguments: tuple[str, ...], code: int, words: str
) -> None:
    assert talkoot(monkeypatch, "eval", *arguments) == code
    told = capsys.readouterr()
    assert words in re.sub(r"\s+", " ", told.err)
    assert "Traceback" not in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("option", "path", "words"),
    [
        ("--csv", "folder", "--csv folder is a folder"),
        ("--png", "folder", "--png folder is a folder"),
        ("--png", "new", "--png new has none of the endings .png, .svg, .pdf; name a file such as new.png"),
        ("--png", "out.xyz", "--png out.xyz has none of the endings"),
        ("--csv", "file/rows.csv", "/file is a file, not a folder"),
        ("--png", "/proc/none/rows.png", "--png /proc/none/rows.png"),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_played(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, option: str, path: str, words: str
) -> None:
    Path("folder").mkdir()
    Path("file").touch()
    arguments = ["eval", WORLDS[0], "--team", "stay+stay", "--seeds", "1", "--json", option, path]
    if not path.startswith("/proc") or os.geteuid():  # root may write anywhere, and then learns it at the end
        assert talkoot(monkeypatch, *arguments) == 2
        told = capsys.readouterr()
        assert words in json.loads(told.out)["error"]
        assert told.err.startswith("talkoot: ")
        assert not runs.exists()
        return
    assert talkoot(monkeypatch, *arguments) == 2
    told = capsys.readouterr()
    assert json.loads(told.out)["complete"]
    assert told.err.rpartition("talkoot: ")[2].startswith("/proc/none: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("eval", WORLDS[0], "--nope"), "No such option: --nope"),
        (("eval", WORLDS[0]), "--team"),
        (("eval", "--team", "stay"), "WORLD"),
        (("play", WORLDS[0], "--seed", "many"), "--seed"),
        (("nothing",), "No such command 'nothing'"),
    ],
)
def test_wrong_usage_is_told_as_json_too(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, arguments: tuple[str, ...], words: str
) -> None:
    assert talkoot(monkeypatch, *arguments, "--json") == 2
    told = capsys.readouterr()
    assert told.out.count("\n") == 1
    assert words in json.loads(told.out)["error"]
    assert words in re.sub(r"\s+", " ", told.err)
    assert talkoot(monkeypatch, *arguments) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", ["eval", "play"])
def test_help_names_every_kind_of_agent(command: str) -> None:
    import typer

    from talkoot.agents.catalog import list_teams
    from talkoot.cli import app

    group: Any = typer.main.get_command(app)
    told = next(option.help for option in group.commands[command].params if option.name == "team")
    assert [kind for kind, _ in list_teams() if kind not in told] == []


@pytest.mark.parametrize(
    ("team", "options", "workers"),
    [
        ("proagent+stay", ("--model", "hf/m"), 1),
        ("proagent:model=hf/m+stay", (), 1),
        ("proagent+stay", ("--model", "hf/m", "--workers", 3), 3),
        ("proagent+stay", (), 8),
    ],
)
def test_a_checkpoint_is_loaded_by_one_process_unless_more_are_asked_for(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, team: str, options: tuple[object, ...], workers: int
) -> None:
    used: list[int] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr("talkoot.evaluation.grid.evaluate", lambda *_, **named: used.append(named["workers"]))
    assert talkoot(monkeypatch, "eval", WORLDS[0], "--team", team, *options, "--seeds", "0:50", "--json") == 0
    assert used == [workers]


def test_an_agent_that_talks_needs_a_world_with_a_channel(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    arguments = ["--team", "stay+proagent:talk=on", "--seeds", "1", "--workers", 1, "--json"]
    assert talkoot(monkeypatch, "eval", "cramped_room:horizon=9,talk=on", "cramped_room:horizon=9", *arguments) == 2
    told = json.loads(capsys.readouterr().out)["error"]
    assert "nobody can speak in cramped_room:horizon=9; give the world a channel, as in cramped_room:talk=on" in told
    assert not runs.exists()
    assert talkoot(monkeypatch, "eval", "cramped_room:horizon=9,talk=on", *arguments) == 0


def test_a_budget_holds_for_each_model(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    team = "proagent:level=plan+proagent:level=plan,model=rulebook:drop=0.1,seed=1"
    arguments = ["play", "cramped_room:horizon=20", "--team", team, "--json"]
    assert talkoot(monkeypatch, *arguments, "--run", "free") == 0
    calls = json.loads(capsys.readouterr().out)["calls"]
    assert talkoot(monkeypatch, *arguments, "--run", "bound", "--max-calls", calls - 1) == 0
    assert json.loads(capsys.readouterr().out)["calls"] == calls


def test_a_budget_ends_cleanly_and_more_of_it_goes_on(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    arguments = ["eval", WORLDS[0], "--team", "proagent+proagent", "--team", "stay+stay", "--seeds", "0:2", "--json"]
    talkoot(monkeypatch, *arguments, "--run", "whole", "--workers", 1)
    whole = json.loads(capsys.readouterr().out)["rows"]
    calls = whole[0]["calls"] // 2
    assert talkoot(monkeypatch, *arguments, "--max-calls", calls + 1) == 5
    first = capsys.readouterr()
    told = json.loads(first.out)
    assert not told["complete"]
    assert f"the budget of {calls + 1} calls" in told["error"]
    assert (told["rows"][0]["episodes"], told["rows"][0]["missing"]) == (1, 1)
    # The one call into the second episode was paid for: it is not counted again.
    assert talkoot(monkeypatch, *arguments, "--max-calls", calls - 1) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == whole


def test_a_server_is_asked_by_several_processes(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from talkoot.models.testserver import TestServer, serving

    with serving(TestServer(lambda messages: "Plan for <Player 0>: wait(3)", latency=0.02)) as server:
        arguments = ["eval", WORLDS[0], "--team", "proagent+stay", "--seeds", "0:4", "--model", server.name]
        assert talkoot(monkeypatch, *arguments, "--workers", 2, "--concurrency", 4, "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert told["rows"][0]["episodes"] == 8
        assert told["rows"][0]["calls"] == server.requests
        assert 1 < server.most_under_way <= 8
        asked = server.requests
        assert talkoot(monkeypatch, *arguments, "--json") == 0
        assert json.loads(capsys.readouterr().out)["rows"] == told["rows"]
        assert server.requests == asked


def test_another_request_for_the_same_folder_is_refused(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    arguments = ["eval", WORLDS[0], "--team", "stay+stay", "--run", runs, "--seeds"]
    assert talkoot(monkeypatch, *arguments, "0:1", "--json") == 0
    capsys.readouterr()
    assert talkoot(monkeypatch, *arguments, "0:2", "--json") == 2
    told = capsys.readouterr()
    assert "seeds was [0], now [0, 1]" in json.loads(told.out)["error"]
    assert "choose another run folder" in told.err


def test_damage_is_told(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    arguments = ["eval", WORLDS[0], "--team", "stay+stay", "--run", runs, "--seeds", "0:2"]
    assert talkoot(monkeypatch, *arguments) == 0
    file = sorted((runs / "episodes").iterdir())[0]
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'"kind"', b'kind"', 5))
    assert talkoot(monkeypatch, *arguments) == 3
    assert f"{file.name}, line 1" in re.sub(r"\s+", " ", capsys.readouterr().err)
    file.write_bytes(whole)
    (runs / "run.json").write_text("{")
    assert talkoot(monkeypatch, *arguments) == 3
    assert "run.json cannot be read" in capsys.readouterr().err


def _progress(folder: Path) -> dict[str, bytes]:
    from talkoot.run import is_complete

    return {path.name: path.read_bytes() for path in (folder / "episodes").glob("*.jsonl") if is_complete(path)}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_table(tmp_path: Path, workers: int) -> None:
    arguments = [
        "eval", *WORLDS, "--team", "proagent+random", "--team", "random+stay", "--seeds", "0:4",
        "--workers", workers, "--json", "--run",
    ]  # fmt: skip
    undisturbed = start(*arguments, tmp_path / "whole")
    rng = random.Random(workers)
    folder = tmp_path / "killed"
    finished: dict[str, bytes] = {}
    for kill in range(3):
        running = start(*arguments, folder)
        wanted = len(finished) + rng.randrange(1, 7)  # let it get somewhere, then strike in the middle of something
        while running.poll() is None and len(list((folder / "episodes").glob("*"))) < wanted:
            time.sleep(0.002)
        time.sleep(rng.random() * 0.05)
        running.kill()  # the workers are left to find out
        running.communicate()
        now = _progress(folder)
        assert all(now[name] == content for name, content in finished.items()), f"kill {kill} changed a finished one"
        finished = now
    last = start(*arguments, folder)
    told, errors = last.communicate(timeout=200)
    assert last.returncode == 0, errors
    rows = json.loads(undisturbed.communicate(timeout=200)[0])["rows"]
    assert json.loads(told)["rows"] == rows
    assert _progress(folder) == _progress(tmp_path / "whole")
    assert not list((folder / "pending").iterdir())
    played = [json.loads(line)["episode"] for line in (folder / "timing.jsonl").read_text().splitlines()]
    assert len(set(played)) == len(played)


def _alive_in_group(group: int) -> list[str]:
    """The processes of a group that still run (where nobody reaps orphans, ended ones stay listed as zombies)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state != "Z":
            found.append(str(stat))
    return found


def test_ctrl_c_leaves_a_table_a_run_that_goes_on_and_no_processes(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    arguments = ["eval", WORLDS[0], "--team", "proagent+random", "--seeds", "0:60", "--workers", 2, "--run", folder]
    running = start(*arguments, "--json")
    while running.poll() is None and not _progress(folder):
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: the whole group
    out, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "the same command goes on from here" in errors
    assert "Traceback" not in errors
    told = json.loads(out)
    assert not told["complete"]
    assert told["rows"][0]["episodes"] >= 1
    for _ in range(200):
        if not _alive_in_group(running.pid):
            break
        time.sleep(0.05)
    assert not _alive_in_group(running.pid)
