"""Planner processes: limits, death by a signal, and that nothing of them is left."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from talkoot.errors import PlannerFailed
from talkoot.planning.engines import process
from talkoot.planning.engines.process import Ended, ending, run


def python(text: str, folder: Path, **named: object) -> Ended:
    options: dict[str, object] = {"seconds": 20.0, "memory_mb": 2048, "log": "log"} | named
    return run([sys.executable, "-S", "-c", text], folder, **options)  # type: ignore[arg-type]


def gone(pid: int) -> bool:
    for _ in range(200):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


def test_output_and_exit_code_are_kept(tmp_path: Path) -> None:
    ended = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)", tmp_path)
    assert ended.code == 7
    assert "out" in ended.said()
    assert "err" in ended.said()
    assert ended.seconds > 0
    assert ended.tail(1).startswith("ended with exit code 7; it said last: ")


def test_standard_input_comes_from_a_file_and_is_else_empty(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("hello")
    assert python("import sys; print(sys.stdin.read() * 2)", tmp_path, stdin=tmp_path / "in").said() == "hellohello\n"
    assert python("import sys; print(len(sys.stdin.read()))", tmp_path).said() == "0\n"


def test_modules_come_from_the_named_folder(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "odd_module.py").write_text("value = 41")
    assert python("import odd_module; print(odd_module.value)", tmp_path, modules=tmp_path / "there").said() == "41\n"


def test_time_limit_ends_the_process_and_its_children(tmp_path: Path) -> None:
    text = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    ended = python(text, tmp_path, seconds=1.0)
    assert ended.code is None
    assert ended.tail().startswith("stopped at its limit")
    assert gone(int(ended.said()))


def test_children_left_behind_by_a_process_that_ended_are_killed(tmp_path: Path) -> None:
    text = (
        "import subprocess, sys\n"
        "print(subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)']).pid)"
    )
    ended = python(text, tmp_path)
    assert ended.code == 0
    assert gone(int(ended.said()))


def test_memory_limit(tmp_path: Path) -> None:
    ended = python("print(len(bytearray(700 * 2**20)))", tmp_path, memory_mb=200)
    assert ended.code == 1
    assert "MemoryError" in ended.said()
    assert python("print(len(bytearray(2**20)))", tmp_path, memory_mb=200).code == 0


def test_a_signal_is_named(tmp_path: Path) -> None:
    ended = python("import os; print('so far'); os.kill(os.getpid(), 9)", tmp_path)
    assert ended.code == -signal.SIGKILL
    assert ended.tail().startswith("killed by signal SIGKILL")
    assert ending(-250) == "killed by 250"


def test_watch_can_stop_a_process(tmp_path: Path) -> None:
    looks = []

    def watch() -> bool:
        looks.append(1)
        return len(looks) == 3

    assert python("import time; time.sleep(60)", tmp_path, watch=watch).code is None
    assert len(looks) == 3


def test_ctrl_c_kills_the_process(tmp_path: Path) -> None:
    def interrupt() -> None:
        while not (tmp_path / "log").exists() or not (tmp_path / "log").read_text().strip():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        python("import os, time; print(os.getpid(), flush=True); time.sleep(60)", tmp_path)
    thread.join()
    assert gone(int((tmp_path / "log").read_text()))


def test_a_program_that_cannot_start(tmp_path: Path) -> None:
    with pytest.raises(PlannerFailed, match=r"no-such-planner cannot be started: No such file.*talkoot\[planning\]"):
        run([tmp_path / "no-such-planner"], tmp_path, seconds=1, memory_mb=100, log="log")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        python("pass", tmp_path / "absent")
    assert caught.value.errno == errno.ENOENT
    assert caught.value.filename == str(tmp_path / "absent" / "log")


def test_without_pidfd_it_waits_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(process.os, "pidfd_open", raising=False)
    assert python("print(1)", tmp_path).code == 0
    assert python("import time; time.sleep(60)", tmp_path, seconds=0.3).code is None


@pytest.mark.skipif(not process._leash(), reason="no setpriv that knows --pdeathsig")
def test_a_planner_does_not_outlive_whoever_started_it(tmp_path: Path) -> None:
    child = [sys.executable, "-S", "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"]
    text = (
        "from pathlib import Path; from talkoot.planning.engines.process import run;"
        f"run({child!r}, Path({str(tmp_path)!r}), seconds=60, memory_mb=500, log='log')"
    )
    parent = subprocess.Popen([sys.executable, "-c", text])
    log = tmp_path / "log"
    while not (log.exists() and log.read_text().strip()):
        assert parent.poll() is None
        time.sleep(0.01)
    parent.kill()
    parent.wait()
    assert gone(int(log.read_text()))


def test_without_a_leash_it_runs_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "setpriv").write_text("#!/bin/sh\nexit 1\n")  # one that does not know the option
    (tmp_path / "setpriv").chmod(0o755)
    for path in (str(tmp_path), str(tmp_path / "nowhere")):
        process._leash.cache_clear()
        monkeypatch.setenv("PATH", path)
        assert process._leash() == ()
        assert python("print(1)", tmp_path).said() == "1\n"
        with pytest.raises(PlannerFailed, match="no-such-planner cannot be started"):
            run([tmp_path / "no-such-planner"], tmp_path, seconds=1, memory_mb=100, log="log")
    process._leash.cache_clear()
