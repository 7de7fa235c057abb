"""`talkoot plan bench` as a user meets it: both modes, JSON, table, picture, exit codes, and going on after a stop."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from talkoot.cli import main
from talkoot.lock import held
from talkoot.models.testserver import TestServer, by_rulebook, refuses, serving
from talkoot.planning.packs.pack import load_pack
from talkoot.planning.pddl.printer import print_problem

SMALL = ("--domains", "blocksworld", "--tasks", 2, "--size", 3, "--jobs", 1, "--time", 20, "--improve", 0)


def talkoot(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run `talkoot plan bench` in this process; returns the exit code."""
    monkeypatch.setattr(sys, "argv", ["talkoot", "plan", "bench", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)  # type: ignore[arg-type]


def start(*arguments: object) -> subprocess.Popen[str]:
    code = "from talkoot.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "plan", "bench", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def one_object(capsys: Any) -> dict[str, Any]:
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    told: dict[str, Any] = json.loads(out)
    return told


def recording(folder: Path, tasks: int = 3, packed: bool = True) -> tuple[Path, Path]:
    """Files of tasks and of replies: of each domain one perfect reply, one cut short, the others empty."""
    asked: list[dict[str, str]] = []
    answered: list[dict[str, str]] = []
    for name in ("blocksworld", "grippers"):
        pack = load_pack(name)
        asked.append({"kind": "domain", "domain": name, "domain_pddl": pack.domain_text, "domain_nl": pack.description,
                      "example_nl": pack.example_text, "example_pddl": pack.example_problem})  # fmt: skip
        for seed in range(tasks):
            text, problem = pack.generate(3, seed)
            truth = print_problem(problem)
            key = {"domain": name, "task": f"p{seed}"}
            asked.append({"kind": "task", **key, "nl": text, "problem_pddl": truth})
            answered.append({**key, "reply": [truth, truth[:60]][seed] if seed < 2 else ""})
    paths = folder / "tasks.jsonl.gz", folder / "replies.jsonl.gz"
    for path, rows in zip(paths, (asked, answered), strict=True):
        text = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(text) if packed else text)
    return paths


def test_rows_beside_the_paper(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    arguments = (*SMALL, "--methods", "llmp,llm_plan")
    assert talkoot(monkeypatch, *arguments, "--json") == 0
    told = one_object(capsys)
    assert [(row["method"], row["n"], row["success"]) for row in told["rows"]] == [
        ("truth", 2, 2), ("llmp", 2, 2), ("llm_plan", 2, 2)]  # fmt: skip
    for row in told["rows"]:
        low, high = row["success_ci95"]
        assert 0.3 < low < 0.4
        assert high == 1.0
    assert told["paper"]["llmp"]["blocksworld"] == {"optimal": 90, "correct": None}
    assert told["complete"]
    folder = Path(told["run"])
    assert folder.parent == Path("runs")
    lines = (folder / "cells.jsonl").read_text().splitlines()
    assert len(lines) == told["cells"] == 6
    assert talkoot(monkeypatch, *arguments, "--json") == 0  # nothing is done again
    assert one_object(capsys) == told
    assert (folder / "cells.jsonl").read_text().splitlines() == lines
    more = (*SMALL, "--methods", "llmp,llm_plan,llmp_faithful", "--json")
    assert talkoot(monkeypatch, *more) == 0  # a method more goes on in the same folder
    again = one_object(capsys)
    assert again["run"] == told["run"]
    assert again["rows"][:3] == told["rows"]


def test_table_and_picture(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    arguments = (*SMALL, "--methods", "llmp,tree_of_thoughts", "--calls", 3, "--run", runs)
    assert talkoot(monkeypatch, *arguments, "--png", "out.png") == 0
    told = capsys.readouterr()
    for word in ("truth", "llmp", "tree_of_thoughts", "blocksworld", "95 %", "0 (5)", "34–100"):
        assert word in told.out
    assert "a planner inside" in told.out
    assert f"run folder: {runs}" in told.err
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")


def test_recorded_tasks(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    tasks, _ = recording(Path())
    arguments = ("--tasks", tasks, "--tasks", 1, "--methods", "llmp_faithful", "--jobs", 1, "--improve", 0, "--json")
    assert talkoot(monkeypatch, *arguments) == 0
    told = one_object(capsys)
    assert {(row["method"], row["domain"]): row["success"] for row in told["rows"]} == {
        ("truth", "blocksworld"): 1, ("truth", "grippers"): 1, ("truth", "all"): 2,
        ("llmp_faithful", "blocksworld"): 1, ("llmp_faithful", "grippers"): 1, ("llmp_faithful", "all"): 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--methods", "magic"), 2, "no planning method 'magic'"),
        (("--domains", "moon"), 2, "no planning domain 'moon'"),
        (("--tasks", "absent.gz"), 2, "there is no file absent.gz"),
        (("--tasks", "0"), 2, "--tasks 0"),
        (("--tasks", "1", "--tasks", "2"), 2, "one number"),
        (("--png", "x.doc"), 2, "--png x.doc"),
        (("--replies", "r.gz"), 2, "need all of --replies FILE, --tasks FILE and --out FOLDER"),
        (("--replies", "r.gz", "--out", "o", "--tasks", "t.gz"), 2, "there is no file t.gz"),
        (("--replies", "r.gz", "--out", "o", "--tasks", "t.gz", "--tasks", "3"), 2, "every reply is worked on"),
        (("--model", "gpt"), 2, "unknown model 'gpt'"),
    ],
)
def test_bad_requests(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, arguments: tuple[str, ...], code: int, told: str
) -> None:
    small = () if "--tasks" in arguments else ("--tasks", 1)
    domains = () if "--domains" in arguments or "--replies" in arguments else ("--domains", "blocksworld")
    assert talkoot(monkeypatch, *small, *domains, "--jobs", 1, *arguments, "--json") == code
    out, err = capsys.readouterr()
    assert told in err
    assert told in json.loads(out)["error"]
    assert "Traceback" not in err


def test_a_server_that_fails_and_comes_back(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    answer = by_rulebook(lambda messages: "planning/write")
    with serving(TestServer(answer)) as server:
        arguments = (*SMALL, "--methods", "llmp,llmp_faithful", "--model", server.name, "--run", runs, "--json")
        assert talkoot(monkeypatch, *arguments, "--max-calls", 1) == 5
        told = one_object(capsys)
        assert told["error"]
        assert not told["complete"]
        assert server.requests == 1
        server.fault = lambda body: refuses(401, "no")
        assert talkoot(monkeypatch, *arguments) == 4
        assert not one_object(capsys)["complete"]
        server.fault = None
        before = server.requests
        assert talkoot(monkeypatch, *arguments) == 0
        told = one_object(capsys)
        assert told["complete"]
        assert [row["success"] for row in told["rows"]] == [2, 2, 2]
        assert server.requests - before <= 3
    recorded = (*SMALL, "--methods", "llmp,llmp_faithful", "--model", f"recorded/{runs}/replies.jsonl", "--json")
    assert talkoot(monkeypatch, *recorded) == 0  # what was said can be replayed without the server
    assert [row["success"] for row in one_object(capsys)["rows"]] == [2, 2, 2]


def test_recorded_replies(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    tasks, replies = recording(Path())
    out = runs / "deep"
    arguments = ("--replies", replies, "--tasks", tasks, "--out", out, "--time", 20, "--jobs", 2, "--json")
    assert talkoot(monkeypatch, *arguments) == 0
    told = one_object(capsys)
    assert (told["total"], told["claimed"], told["done"], told["failed"]) == (6, 2, 6, 0)
    assert told["flagged"] >= 4
    assert told["domains"]["grippers"]["claimed"] == 1
    assert (told["missing"], told["unknown"], told["duplicates"]) == ([], [], [])
    for domain in ("blocksworld", "grippers"):
        for task in ("p0", "p1", "p2"):
            folder = out / domain / task
            faults = json.loads((folder / "faults.json").read_text())
            assert (folder / "plan.txt").exists() == (task == "p0")
            assert any(not fault["mended"] for fault in faults) == (task != "p0")
            assert (folder / "status.txt").read_text().strip()
            assert (folder / "problem.pddl").exists()
    stamps = {path: path.stat().st_mtime_ns for path in out.rglob("status.txt")}
    (out / "grippers" / "p1" / "status.txt").unlink()
    assert talkoot(monkeypatch, *arguments) == 0
    assert one_object(capsys) == told
    again = {path for path, stamp in stamps.items() if path.stat().st_mtime_ns != stamp}
    assert again == {out / "grippers" / "p1" / "status.txt"}


def test_recorded_replies_as_a_table_with_what_is_missing(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    tasks, replies = recording(Path(), tasks=2, packed=False)
    lines = replies.read_text().splitlines()
    stranger = json.dumps({"domain": "grippers", "task": "p77", "reply": ""})
    replies.write_text("\n".join([*lines[:3], lines[0], stranger]) + "\n")
    assert talkoot(monkeypatch, "--replies", replies, "--tasks", tasks, "--out", runs, "--jobs", 1) == 0
    told = capsys.readouterr()
    assert "1 tasks without a reply: grippers/p1" in told.err
    assert "1 replies to unknown tasks: grippers/p77" in told.err
    assert "the first counts: blocksworld/p0" in told.err
    assert "claimed, not flagged" in told.out
    replies.write_text(f"{stranger}\n")
    assert talkoot(monkeypatch, "--replies", replies, "--tasks", tasks, "--out", runs, "--json") == 2
    assert "holds no reply to any task" in one_object(capsys)["error"]
    replies.write_text("\n".join([*lines, "{oops"]))
    assert talkoot(monkeypatch, "--replies", replies, "--tasks", tasks, "--out", runs, "--jobs", 1) == 3
    assert "line 5: not a JSON object" in " ".join(capsys.readouterr().err.split())


def _inside(folder: Path) -> list[str]:
    """The processes that work in a folder."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if os.readlink(link).startswith(str(folder)):
                found.append(str(link))
        except OSError:
            continue
    return found


def test_one_command_at_a_time_writes_to_a_folder(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    tasks, replies = recording(Path(), tasks=1)
    monkeypatch.setattr("talkoot.lock.PATIENCE", 0.1)
    arguments = ("--replies", replies, "--tasks", tasks, "--out", runs, "--jobs", 1, "--json")
    with held(runs):
        assert talkoot(monkeypatch, *arguments) == 2
    assert "is being written by another process" in one_object(capsys)["error"]
    assert not (runs / "done.jsonl").exists()
    assert talkoot(monkeypatch, *arguments) == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", [1, 2])
def test_being_stopped_goes_on_later_and_leaves_no_planner_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int, how: signal.Signals
) -> None:
    pack = load_pack("floortile")
    rows = [{"kind": "domain", "domain": "floortile", "domain_pddl": pack.domain_text}]
    answers = []
    for name, size in (("p0", 3), ("p1", 40), ("p2", 41)):
        text, problem = pack.generate(size, 0)
        rows.append({"kind": "task", "domain": "floortile", "task": name, "nl": text})
        answers.append({"domain": "floortile", "task": name, "reply": print_problem(problem)})
    for name, lines in (("tasks", rows), ("replies", answers)):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in lines))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    out = tmp_path / "out"
    running = start("--replies", tmp_path / "replies", "--tasks", tmp_path / "tasks", "--out", out, "--time", 200,
                    "--jobs", jobs, "--json")  # fmt: skip
    done = out / "done.jsonl"
    for _ in range(3000):
        if running.poll() is not None or (done.exists() and done.read_text() and _inside(tmp_path / "tmp")):
            break
        time.sleep(0.02)
    assert running.poll() is None, running.communicate()
    if how == signal.SIGINT:
        os.killpg(running.pid, how)  # as a terminal does: the whole group
    else:
        os.kill(running.pid, how)
    told, errors = running.communicate(timeout=60)
    assert running.returncode == 130, errors
    assert "the same command goes on from here" in errors
    assert "Traceback" not in errors
    counts = json.loads(told)
    assert counts["done"] == 1
    assert counts["claimed"] == 1
    assert not (out / "floortile" / "p1" / "plan.txt").exists()
    for _ in range(100):
        if not _inside(tmp_path / "tmp"):
            break
        time.sleep(0.05)
    assert not _inside(tmp_path / "tmp")
