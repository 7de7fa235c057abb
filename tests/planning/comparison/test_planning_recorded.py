"""Recorded replies made into plans: jobs, what is left in the folders, what is done again."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from planning_fakes import TASK
from planning_fakes import problem as written
from talkoot.errors import BadInput
from talkoot.planning.comparison import recorded
from talkoot.planning.comparison.ledger import Ledger
from talkoot.planning.comparison.recorded import (
    DONE_KEYS,
    ReplyDone,
    ReplyJob,
    finished,
    jobs_of,
    process_job,
    summary,
)
from talkoot.planning.engines.interrupt import interruptible
from talkoot.planning.packs.abridge import abridge
from talkoot.planning.packs.pack import load_pack
from talkoot.planning.pddl.printer import print_problem
from talkoot.planning.pddl.reader import read_problem

EXAMPLES = Path(__file__).parents[3] / "examples" / "domains"
DOMAIN = load_pack("blocksworld").domain_text


def _job(folder: Path, reply: str = written(), text: str = TASK, task: str = "p01") -> ReplyJob:
    return ReplyJob("blocks", task, DOMAIN, text, reply, folder / "blocks" / task, 10.0)


def _files(folder: Path, tasks: list[str], replies: list[str]) -> tuple[Path, Path]:
    rows: list[dict[str, Any]] = [{"kind": "domain", "domain": "blocks", "domain_pddl": DOMAIN}]
    rows += [{"kind": "task", "domain": "blocks", "task": name, "nl": TASK, "problem_pddl": "SECRET"} for name in tasks]
    (folder / "tasks").write_text("".join(json.dumps(row) + "\n" for row in rows))
    answers = [{"domain": "blocks", "task": name, "reply": written(), "verdict": "SECRET"} for name in replies]
    (folder / "replies").write_text("".join(json.dumps(row) + "\n" for row in answers))
    return folder / "tasks", folder / "replies"


def test_jobs_hold_no_truth_and_tell_what_does_not_fit(tmp_path: Path) -> None:
    found = jobs_of(
        *_files(tmp_path, ["p02", "p01", "p03", "p01"], ["p01", "p02", "p09", "p02"]), tmp_path / "out", 5.0
    )
    assert [job.task for job in found.jobs] == ["p02", "p01"]
    assert found.missing == ["blocks/p03"]
    assert found.unknown == ["blocks/p09"]
    assert found.duplicates == ["blocks/p01", "blocks/p02"]
    assert found.jobs[0].folder == tmp_path / "out" / "blocks" / "p02"
    assert "SECRET" not in repr(found)
    assert pickle.loads(pickle.dumps(found.jobs)) == found.jobs


def test_a_good_reply_leaves_a_plan(tmp_path: Path) -> None:
    job = _job(tmp_path)
    done = asyncio.run(process_job(job))
    assert done == ReplyDone("blocks", "p01", job.digest, True, False, done.status)
    assert sorted(path.name for path in job.folder.iterdir()) == sorted(recorded.FILES)
    plan = (job.folder / "plan.txt").read_text().splitlines()
    assert plan[0] == "(unstack b2 b1)"
    assert all(fault["mended"] for fault in json.loads((job.folder / "faults.json").read_text()))
    assert (job.folder / "status.txt").read_text().strip()


def test_an_earlier_plan_does_not_outlive_a_worse_reply(tmp_path: Path) -> None:
    asyncio.run(process_job(_job(tmp_path)))
    job = _job(tmp_path, reply="")
    done = asyncio.run(process_job(job))
    assert (done.claimed, done.flagged) == (False, True)
    assert not (job.folder / "plan.txt").exists()
    assert any(not fault["mended"] for fault in json.loads((job.folder / "faults.json").read_text()))


def test_a_breakdown_stops_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any, **named: Any) -> Any:
        (tmp_path / "blocks" / "p01").mkdir(parents=True)
        (tmp_path / "blocks" / "p01" / "plan.txt").write_text("(half a plan")
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(recorded, "process", broken)
    job = _job(tmp_path)
    done = asyncio.run(process_job(job))
    assert done.failed
    assert done.flagged
    assert not done.claimed
    assert "ZeroDivisionError: by nought" in (job.folder / "status.txt").read_text()
    assert not (job.folder / "plan.txt").exists()
    [fault] = json.loads((job.folder / "faults.json").read_text())
    assert fault["mended"] is False

    def full(*arguments: Any, **named: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device", "x")

    monkeypatch.setattr(recorded, "process", full)
    with pytest.raises(OSError, match="No space"):
        asyncio.run(process_job(job))


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    jobs = [_job(tmp_path, task=name) for name in ("p01", "p02", "p03", "p04")]
    with Ledger(tmp_path / "done.jsonl", DONE_KEYS) as ledger:
        for job in jobs[:3]:
            job.folder.mkdir(parents=True)
            (job.folder / "status.txt").write_text("solved")
            ledger.append(ReplyDone("blocks", job.task, job.digest, True, False, "solved").to_json())
        ledger.append(ReplyDone("blocks", "p04", jobs[3].digest, False, True, "failed", failed=True).to_json())
        assert list(finished(ledger, jobs)) == jobs[:3]
        (jobs[0].folder / "status.txt").unlink()
        changed = replace(jobs[1], reply="other")
        assert list(finished(ledger, [jobs[0], changed, jobs[2], jobs[3]])) == [jobs[2]]
        ledger.append(ReplyDone("blocks", "p03", jobs[2].digest, False, True, "later").to_json())
        assert finished(ledger, jobs)[jobs[2]].status == "later"


def test_hashes_tell_inputs_apart(tmp_path: Path) -> None:
    job = _job(tmp_path)
    others = [replace(job, reply="x"), replace(job, text="x"), replace(job, domain_pddl="x"), replace(job, time=1.0)]
    assert len({job.digest, *(other.digest for other in others)}) == 5
    assert replace(job, folder=tmp_path / "elsewhere").digest == job.digest


def test_summary(tmp_path: Path) -> None:
    jobs = [_job(tmp_path, task=name) for name in ("p01", "p02", "p03")] + [
        replace(_job(tmp_path), domain="other", task="q")
    ]
    done = {
        jobs[0]: ReplyDone("blocks", "p01", "", True, False, "solved"),
        jobs[1]: ReplyDone("blocks", "p02", "", True, True, "solved"),
        jobs[3]: ReplyDone("other", "q", "", False, True, "failed: x", failed=True),
    }
    counts = summary(jobs, done)
    domains = counts.pop("domains")
    assert counts == {"total": 4, "claimed": 2, "flagged": 2, "claimed_unflagged": 1, "done": 3, "failed": 1}
    assert list(domains) == ["blocks", "other"]
    assert (domains["blocks"]["total"], domains["blocks"]["flagged"], domains["other"]["claimed"]) == (3, 1, 0)


def test_signals_within_an_event_loop() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    async def press(number: signal.Signals) -> None:
        with interruptible():
            os.kill(os.getpid(), number)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(press(signal.SIGINT))
    with pytest.raises(SystemExit) as caught:
        asyncio.run(press(signal.SIGTERM))
    assert caught.value.code == 128 + signal.SIGTERM
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_handler_of_termination_stays_in_charge() -> None:
    heard = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]


def test_signals_are_left_alone_in_threads() -> None:
    async def inside() -> Any:
        with interruptible():
            return signal.getsignal(signal.SIGINT)

    async def outside() -> Any:
        return await asyncio.to_thread(lambda: asyncio.run(inside()))

    before = signal.getsignal(signal.SIGTERM)
    asyncio.run(outside())
    assert signal.getsignal(signal.SIGTERM) == before


def test_the_module_is_light() -> None:
    code = """import sys, talkoot.planning.comparison.recorded, talkoot.planning.comparison.bench
heavy = {'numba', 'openai', 'jinja2', 'matplotlib', 'unified_planning', 'torch', 'rich'} & set(sys.modules)
assert not heavy, heavy"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_packs_of_ones_own_are_known_and_part_of_the_work(tmp_path: Path) -> None:
    own = Path(shutil.copytree(EXAMPLES / "shunting", tmp_path / "packs" / "shunting")).parent
    pack = load_pack(own / "shunting")
    rows = [
        {"kind": "domain", "domain": "shunting", "domain_pddl": pack.domain_text},
        {"kind": "task", "domain": "shunting", "task": "p01", "nl": pack.example_text},
    ]
    (tmp_path / "tasks").write_text("".join(json.dumps(row) + "\n" for row in rows))
    draft = read_problem(pack.example_problem, pack.domain)
    short = print_problem(abridge(draft.problem, pack))
    (tmp_path / "replies").write_text(json.dumps({"domain": "shunting", "task": "p01", "reply": short}) + "\n")

    def done(packs: Path | None) -> tuple[ReplyJob, ReplyDone]:
        (job,) = jobs_of(tmp_path / "tasks", tmp_path / "replies", tmp_path / "out", 20.0, packs).jobs
        return job, asyncio.run(process_job(job))

    (bare, without), (known, with_it) = done(None), done(own)
    assert (with_it.claimed, with_it.flagged) == (True, False)
    assert not without.claimed
    assert bare.digest != known.digest
    (own / "shunting" / "pack.toml").write_text((own / "shunting" / "pack.toml").read_text() + "\n# more\n")
    (later,) = jobs_of(tmp_path / "tasks", tmp_path / "replies", tmp_path / "out", 20.0, own).jobs
    assert later.digest != known.digest
    with pytest.raises(BadInput, match="holds no planning domain"):
        jobs_of(tmp_path / "tasks", tmp_path / "replies", tmp_path / "out", 20.0, tmp_path / "out")
