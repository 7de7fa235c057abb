"""`talkoot plan "TEXT"`: plans from words, exit codes that tell what went wrong, folders that can be gone on with."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from talkoot.cli import main
from talkoot.errors import GaveUp, PlannerFailed
from talkoot.lock import held
from talkoot.model import Turn
from talkoot.models.testserver import Fault, TestServer, by_rulebook, says, serving
from talkoot.planning import pipeline
from talkoot.planning.packs.pack import list_packs, load_pack
from talkoot.planning.solution import Solution

TASK = """There are 3 blocks and one arm.
The blocks are called b1, b2 and b3.
b1 is on the table. b2 is on b1. b3 is on the table. The arm is empty.
The goal is to rebuild the towers.
b1 should be on b3.
"""
PROBLEM = """(define (problem p) (:domain blocksworld-4ops) (:objects b1 b2 b3)
(:init (on-table b1) (on b2 b1) (on-table b3) (clear b2) (clear b3) (arm-empty)) (:goal (and (on b1 b3))))"""

Told = tuple[int, str, str]
Call = Callable[..., Told]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], runs: Path) -> Call:
    def called(*words: str, stdin: str = "") -> Told:
        monkeypatch.setattr(sys, "argv", ["talkoot", "plan", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        code: Any = end.value.code
        return code or 0, told.out, told.err

    return called


@pytest.fixture
def server() -> Iterator[TestServer]:
    """Answers as the rulebook does, unless told otherwise."""

    def purpose(messages: tuple[Turn, ...]) -> str:
        said = messages[-1].content
        return f"planning/{'repair' if 'To be mended' in said else 'write' if '## Task' in said else 'tell'}"

    with serving(TestServer(by_rulebook(purpose))) as running:
        yield running


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("name", list_packs())
def test_the_example_of_every_domain(call: Call, name: str) -> None:
    code, out, _ = call("--example", "--domain", name, "--json")
    told = json.loads(out)
    assert code == 0
    assert told["status"] in ("solved", "optimal")
    assert told["plan"]
    assert len(told["told"]) == len(told["plan"])
    assert names(Path(told["run"])) >= {"prompt-1.txt", "reply-1.txt", "problem.pddl", "plan.txt", "told.txt"}


def test_a_task_in_words(call: Call) -> None:
    code, out, err = call(TASK, "--domain", "blocksworld", "--run", "there")
    assert code == 0
    assert out.startswith("1. Take b2 off b1")
    assert "4. Put b1 on top of b3 (for the goal: b1 is on b3" in out
    assert "3 objects, 6 facts" in err
    assert "rulebook: 1 calls" in err
    assert "4 steps, cost 4" in err
    assert "run      there" in err
    assert (Path("there") / "told.txt").read_text() == out


def test_the_task_may_come_through_a_pipe(call: Call) -> None:
    code, out, _ = call("-", "--domain", "blocksworld", "--json", stdin=TASK)
    assert code == 0
    assert json.loads(out)["plan"][0] == "unstack b2 b1"
    assert json.loads(call("task", TASK, "--domain", "blocksworld", "--json")[1])["plan"][0] == "unstack b2 b1"


def test_a_shell_pipe_with_a_server_and_a_pack_of_ones_own(tmp_path: Path, server: TestServer) -> None:
    shutil.copytree(load_pack("blocksworld").folder, tmp_path / "mine")
    done = subprocess.run(
        [sys.executable, "-m", "talkoot", "plan", "-", "--domain", "mine", "--model", server.name, "--json"],
        input=TASK, capture_output=True, text=True, cwd=tmp_path, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["status"], told["calls"], server.requests) == ("solved", 1, 1)
    assert told["plan"] == ["unstack b2 b1", "putdown b2", "pickup b1", "stack b1 b3"]


def test_the_same_command_goes_on(call: Call, server: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pipeline.find
    words = (TASK, "--domain", "blocksworld", "--model", server.name, "--json")

    def killed(*arguments: Any, **named: Any) -> Solution:
        raise PlannerFailed("the planner was killed by signal 9")

    monkeypatch.setattr(pipeline, "find", killed)
    code, out, err = call(*words)
    told = json.loads(out)
    assert code == 12
    assert told["status"] == "planner failed"
    assert "killed by signal 9" in told["error"]
    assert told["run"] in err
    assert names(Path(told["run"])) >= {"task.txt", "prompt-1.txt", "reply-1.txt", "problem.pddl", "faults.json"}
    monkeypatch.setattr(pipeline, "find", real)
    code, out, _ = call(*words, "--time", "30")
    assert (code, json.loads(out)["run"], server.requests) == (0, told["run"], 1)
    code, _, err = call("b1 is blue.", "--domain", "blocksworld", "--run", told["run"])
    assert code == 2
    assert "another task: it differs in text" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x", "--domain", "nowhere"), "no planning domain 'nowhere'; those that come along are barman, blocksworld"),
        (("x",), "name the domain"),
        (("--domain", "blocksworld"), "there is no task"),
        (("-", "--domain", "blocksworld"), "there is no task"),
        (("x", "--example", "--domain", "blocksworld"), "not both"),
        (("x", "--domain", "blocksworld", "--model", "oracle"), "unknown model 'oracle'"),
        (("x", "--domain", "blocksworld", "--picture", "plan.doc"), "none of the endings"),
        (("x", "--domain", "blocksworld", "--samples", "0"), "samples"),
    ],
)
def test_wrong_requests(call: Call, words: tuple[str, ...], message: str) -> None:
    code, out, err = call(*words, "--json")
    assert code == 2
    assert message in err.replace("\n", " ")
    assert message in json.loads(out)["error"]


def test_a_faulty_domain_of_ones_own(call: Call, tmp_path: Path) -> None:
    shutil.copytree(load_pack("blocksworld").folder, tmp_path / "mine")
    file = tmp_path / "mine" / "domain.pddl"
    file.write_text(file.read_text().replace("(holding ?block)", "(holdin ?block)", 1))
    code, _, err = call("x", "--domain", str(tmp_path / "mine"))
    assert code == 15
    assert "holding" in err


def test_what_the_domain_lacks(call: Call) -> None:
    code, out, err = call("The goal is to paint the unicorn pink.", "--domain", "blocksworld", "--json")
    assert code == 8
    assert "paint the unicorn pink" in err
    assert json.loads(out)["status"] == "doubtful"
    code, out, _ = call(f"{TASK}b7 should be on b1.", "--domain", "blocksworld", "--json")
    told = json.loads(out)
    assert (code, told["status"]) == (8, "doubtful")
    assert any("b7" in fault["message"] for fault in told["faults"] if not fault["mended"])
    code, out, _ = call(f"{TASK}b7 should be on b1.", "--domain", "blocksworld")
    assert code == 8
    assert out.startswith("DOUBTFUL")
    assert "b7" in out.partition("1. ")[0]


def test_an_impossible_task_and_why(call: Call) -> None:
    text = TASK.replace("b1 should be on b3", "b1 should be on b1")
    code, out, _ = call(text, "--domain", "blocksworld", "--why", "--json")
    told = json.loads(out)
    assert (code, told["status"], told["plan"]) == (9, "unsolvable", None)
    assert told["why"]
    code, out, _ = call(text, "--domain", "blocksworld")
    assert code == 9
    assert out.startswith("No plan: ")


def test_a_planner_that_gives_up(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "find", lambda *a, **n: Solution("gave up", reason="the limit of 1 s was reached"))
    code, out, _ = call(TASK, "--domain", "blocksworld")
    assert code == GaveUp.exit_code == 13
    assert out == "No plan: the limit of 1 s was reached.\n"


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        (says("I would rather not."), 10, "empty reply"),
        (says(PROBLEM[:120], finish="length"), 11, "cut reply"),
        (says("(define (problem p) (:objects b1 b2 b3))"), 15, "faulty pddl"),
    ],
)
def test_replies_that_hold_no_problem(call: Call, body: Any, code: int, status: str) -> None:
    with serving(TestServer(lambda messages: "", fault=lambda asked: Fault(200, body))) as server:
        ended, out, err = call(TASK, "--domain", "blocksworld", "--model", server.name, "--json")
    told = json.loads(out)
    assert (ended, told["status"]) == (code, status)
    assert err.count("\n") == 1
    folder = Path(told["run"])
    assert (folder / "status.txt").read_text().startswith(status)
    assert (folder / "reply-1.txt").exists()
    assert not (folder / "plan.txt").exists()


def test_a_chatty_server_whose_problem_is_faulty_at_first(call: Call) -> None:
    answers = iter(
        [f"Here you are:\n```\n{PROBLEM.replace('(on b1 b3)', '(on b3 b1)')}\n```", "(:goal (and (on b1 b3)))"]
    )
    with serving(TestServer(lambda messages: next(answers))) as server:
        code, out, _ = call(TASK, "--domain", "blocksworld", "--model", server.name, "--json")
    told = json.loads(out)
    assert (code, told["rounds"], told["calls"]) == (0, 1, 2)
    assert told["plan"][-1] == "stack b1 b3"
    assert all(fault["mended"] for fault in told["faults"])


def test_a_server_that_is_not_there(call: Call) -> None:
    code, out, _ = call(TASK, "--domain", "blocksworld", "--model", "m@http://127.0.0.1:9/v1", "--json")
    assert code == 4
    assert json.loads(out)["status"] == "model failed"
    assert (Path(json.loads(out)["run"]) / "prompt-1.txt").exists()


def test_a_full_disk(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.write_text

    def full(self: Path, *arguments: Any, **named: Any) -> int:
        if self.name == "plan.txt.part":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(self, *arguments, **named)

    monkeypatch.setattr(Path, "write_text", full)
    Path("there").mkdir()
    code, out, err = call(TASK, "--domain", "blocksworld", "--run", "there", "--json")
    assert code == 6
    assert "no space left on the disk for there/plan.txt" in err
    told = json.loads(out)
    assert (told["status"], told["run"]) == ("disk full", "there")
    assert names(Path("there")) >= {"task.txt", "reply-1.txt", "problem.pddl", "faults.json"}
    assert "plan.txt.part" not in names(Path("there"))
    assert (Path("there") / "status.txt").read_text().startswith("disk full")


def test_a_full_disk_from_the_first_file_on(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(TASK, "--domain", "blocksworld", "--run", "there")[0] == 0

    def full(self: Path, *arguments: Any, **named: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", full)
    code, out, _ = call(TASK, "--domain", "blocksworld", "--run", "there", "--json")
    assert (code, json.loads(out)["status"]) == (6, "disk full")
    assert not {"status.txt", "plan.txt"} & names(Path("there"))  # nothing there speaks of the earlier success


def test_a_picture_that_cannot_be_written_loses_no_plan(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "plan.html")

    monkeypatch.setattr("talkoot.planning.plans.timeline.draw", full)
    code, out, err = call(TASK, "--domain", "blocksworld", "--picture", "plan.html", "--json")
    told = json.loads(out)
    assert (code, told["status"], "picture" in told) == (6, "solved", False)
    assert "no space left on the disk for plan.html" in err


def test_one_command_at_a_time_writes_to_a_folder(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talkoot.lock.PATIENCE", 0.1)
    with held(Path("there")):
        code, out, _ = call(TASK, "--domain", "blocksworld", "--run", "there", "--json")
        assert code == 2
        assert f"there is being written by another process ({os.getpid()})" in json.loads(out)["error"]
        assert not (Path("there") / "task.txt").exists()
    assert call(TASK, "--domain", "blocksworld", "--run", "there")[0] == 0


def test_a_wrong_model_leaves_no_folder(call: Call, runs: Path) -> None:
    code, out, _ = call(TASK, "--domain", "blocksworld", "--model", "nobody", "--json")
    assert (code, "unknown model" in json.loads(out)["error"]) == (2, True)
    assert not runs.exists()


def test_standard_input_that_is_closed(tmp_path: Path) -> None:
    command = f"{sys.executable} -m talkoot plan - --domain blocksworld --json <&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, "there is no task" in json.loads(done.stdout)["error"]) == (2, True)


def test_what_is_wrong_besides_is_told_too(call: Call) -> None:
    reply = "(define (problem p) (:domain blocksworld-4ops) (:objects b1 b2) (:init (height b1 b2) (at b2)))"
    with serving(TestServer(lambda messages: reply)) as server:
        code, out, _ = call(TASK, "--domain", "blocksworld", "--model", server.name, "--json", "--rounds", "0")
    assert code == 15
    assert "height" in json.loads(out)["error"]


def test_samples_form_picture_and_a_model_that_tells(call: Call, server: TestServer) -> None:
    code, out, err = call(
        TASK, "--domain", "blocksworld", "--model", server.name, "--samples", "3", "--form", "compact",
        "--tell-with-model", "--improve", "1", "--picture", "plan.html", "--run", "there",
    )  # fmt: skip
    assert code == 0
    assert "100% of 3 agree" in err
    assert out.startswith("1. Take b2 off b1")
    assert "<html" in Path("plan.html").read_text().lower()
    assert server.requests == 4
    assert {"prompt-3.txt", "reply-3.txt"} <= names(Path("there"))


def test_recorded_replies_run_without_a_server(call: Call, server: TestServer) -> None:
    assert call(TASK, "--domain", "blocksworld", "--model", server.name, "--run", "live")[0] == 0
    recording = f"recorded/{Path('live') / 'replies.jsonl'}"
    code, out, _ = call(TASK, "--domain", "blocksworld", "--model", recording, "--json")
    assert (code, json.loads(out)["plan"][-1], server.requests) == (0, "stack b1 b3", 1)
    assert call(TASK.replace("b3", "b4"), "--domain", "blocksworld", "--model", recording)[0] == 4


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_being_stopped_keeps_what_is_there(tmp_path: Path, how: signal.Signals) -> None:
    text, _ = load_pack("floortile").generate(14, 1)  # far too large to be proven optimal while the test waits
    process = subprocess.Popen(
        [sys.executable, "-m", "talkoot", "plan", "-", "--domain", "floortile", "--run", "there", "--improve", "90",
         "--json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(text)
    process.stdin.close()
    folder = tmp_path / "there"
    while not (folder / "faults.json").exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(how)
    assert process.wait(60) == 130
    assert process.stderr is not None
    assert "the same command goes on" in process.stderr.read()
    assert names(folder) >= {"task.txt", "prompt-1.txt", "reply-1.txt", "problem.pddl", "faults.json"}
    assert (folder / "status.txt").read_text().startswith("stopped")
    assert process.stdout is not None
    told = json.loads(process.stdout.read())
    assert (told["status"], told["run"]) == ("stopped", "there")
    process.stdout.close()
    process.stderr.close()


def test_help_lists_the_commands(call: Call) -> None:
    code, out, _ = call("--help")
    assert code == 0
    assert "task" in out
    assert "check" in out
    assert "--faithful" in call("task", "--help")[1].replace("\n", " ")
    assert call()[0] in (0, 2)
