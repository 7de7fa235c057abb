"""Jobs are done once each, here or in processes; failures drain, faults stop, and no process outlives its parent."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from talkoot.errors import BadInput, BudgetSpent, ModelFailed
from talkoot.evaluation.workers import WorkerDied, map_jobs


async def square(job: int) -> int:
    await asyncio.sleep(0)
    return job * job


async def refuse(job: int) -> int:
    if job == 3:
        raise BadInput("three is right out")
    return job


async def strange(job: int) -> int:
    raise LookupError("not one of ours")


async def spend(seen: Path, job: int) -> int:
    (seen / str(job)).touch()
    await asyncio.sleep(0.01)
    if job >= 4:
        raise BudgetSpent("no more")
    return job


async def flaky(jobs_that_fail: tuple[int, ...], job: int) -> int:
    if job in jobs_that_fail:
        raise ModelFailed(f"call of {job} failed")
    return job


async def vanish(job: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return job


async def count(state: dict[str, int], job: int) -> tuple[int, int]:
    state["most"] = max(state.get("most", 0), state.setdefault("now", 0) + 1)
    state["now"] += 1
    await asyncio.sleep(0.001)
    state["now"] -= 1
    return os.getpid(), job


@pytest.mark.parametrize("processes", [1, 2])
def test_every_job_is_done_once(processes: int) -> None:
    results: dict[int, int] = {}
    map_jobs(square, range(20), processes=processes, at_once=4, done=results.__setitem__)
    assert results == {job: job * job for job in range(20)}


def test_as_many_wait_side_by_side_as_allowed() -> None:
    state: dict[str, int] = {}
    map_jobs(partial(count, state), range(30), at_once=7)
    assert state["most"] == 7


async def overlap(folder: Path, job: int) -> tuple[int, int]:
    (folder / f"{os.getpid()}-{job}").touch()
    await asyncio.sleep(0.05)
    most = len(list(folder.glob(f"{os.getpid()}-*")))
    (folder / f"{os.getpid()}-{job}").unlink()
    return os.getpid(), most


def test_worker_processes_wait_side_by_side_too(tmp_path: Path) -> None:
    results: dict[int, tuple[int, int]] = {}
    map_jobs(partial(overlap, tmp_path), range(24), processes=2, at_once=3, done=results.__setitem__)
    assert sorted(results) == list(range(24))
    assert len({pid for pid, _ in results.values()}) == 2
    assert max(most for _, most in results.values()) == 3


@pytest.mark.parametrize("processes", [1, 2])
def test_a_fault_stops_everything(processes: int) -> None:
    with pytest.raises(BadInput, match="three is right out"):
        map_jobs(refuse, range(10), processes=processes, at_once=2)
    assert not multiprocessing.active_children()


def test_a_strange_fault_in_a_worker_comes_with_its_traceback() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)in a worker process.*strange.*LookupError: not one of ours"):
        map_jobs(strange, range(4), processes=2)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_spent_budget_begins_nothing_new(tmp_path: Path, processes: int) -> None:
    done: list[int] = []
    with pytest.raises(BudgetSpent):
        map_jobs(
            partial(spend, tmp_path), range(50), processes=processes, at_once=3, done=lambda job, _: done.append(job)
        )
    assert sorted(done) == [0, 1, 2, 3]
    assert len(list(tmp_path.iterdir())) < 12


def test_single_failures_of_a_model_do_not_keep_the_others_from_being_done() -> None:
    done: list[int] = []
    with pytest.raises(ModelFailed, match="call of 2"):
        map_jobs(partial(flaky, (2, 5, 8)), range(12), done=lambda job, _: done.append(job))
    assert sorted(done) == [0, 1, 3, 4, 6, 7, 9, 10, 11]


def test_a_model_that_is_gone_is_not_asked_for_ever() -> None:
    done: list[int] = []
    with pytest.raises(ModelFailed, match="call of 2"):
        map_jobs(partial(flaky, tuple(range(2, 100))), range(100), done=lambda job, _: done.append(job))
    assert done == [0, 1]


def test_a_killed_worker_is_told() -> None:
    with pytest.raises(WorkerDied, match=r"exit code -9.*run the same command again"):
        map_jobs(vanish, range(4), processes=2)
    assert not multiprocessing.active_children()


SCRIPT = """
import asyncio, os, sys, time
from functools import partial
from pathlib import Path
from talkoot.evaluation.workers import map_jobs

async def dawdle(folder, job):
    (Path(folder) / str(os.getpid())).touch()
    while True:
        time.sleep(0.01)

if __name__ == "__main__":
    map_jobs(partial(dawdle, sys.argv[1]), range(4), processes=2)
"""


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_worker_outlives_its_parent(tmp_path: Path, how: signal.Signals) -> None:
    script, seen = tmp_path / "script.py", tmp_path / "seen"
    script.write_text(SCRIPT)
    seen.mkdir()
    parent = subprocess.Popen([sys.executable, str(script), str(seen)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if len(list(seen.iterdir())) == 2:
                break
            time.sleep(0.05)
        workers = [int(path.name) for path in seen.iterdir()]
        assert len(workers) == 2
        parent.send_signal(how)
        parent.wait(20)
        for _ in range(200):
            if not any(map(_alive, workers)):
                break
            time.sleep(0.05)
        assert not any(map(_alive, workers))
    finally:
        parent.kill()
        parent.wait()
