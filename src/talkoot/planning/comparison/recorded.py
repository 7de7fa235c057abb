"""Recorded replies become plans, many at a time and without a model: `talkoot plan bench --replies`.

    DIR/DOMAIN/TASK/problem.pddl    the problem as completed
    DIR/DOMAIN/TASK/plan.txt        one `(action a b)` a line; absent if no plan is claimed
    DIR/DOMAIN/TASK/faults.json     a list; an unmended fault marks the plan as doubtful
    DIR/DOMAIN/TASK/status.txt
    DIR/done.jsonl                  what is done, with a hash of what went in: the same command goes on from there

Of the files only the domain's PDDL, the task's text and the reply reach a task's work; true problems and verdicts are
dropped while lines are read.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from talkoot import __version__
from talkoot.planning.comparison.ledger import Ledger
from talkoot.planning.comparison.replies import process
from talkoot.planning.comparison.taskfile import read_replies, read_tasks
from talkoot.planning.engines.interrupt import interruptible
from talkoot.planning.faults import Fault
from talkoot.planning.packs.pack import packs_in
from talkoot.types import Json

FILES = ("problem.pddl", "plan.txt", "faults.json", "status.txt")
"""What the work on a task leaves in its folder."""


@dataclass(frozen=True)
class ReplyJob:
    """One reply to be worked on. `folder` is where its files go, `time` the planner's limit in seconds,
    `packs` the folder of packs of the user's own, if any, and `stamp` a hash of what is in it."""

    domain: str
    task: str
    domain_pddl: str
    text: str
    reply: str
    folder: Path
    time: float
    packs: Path | None = None
    stamp: str = ""

    @property
    def digest(self) -> str:
        """A hash of all that determines the outcome."""
        inputs = [
            __version__,
            self.domain_pddl,
            self.text,
            self.reply,
            self.time,
            *([self.stamp] if self.packs else []),
        ]
        return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class ReplyDone:
    """What became of a reply. `failed` says that our own code broke down on it: it is tried again next time."""

    domain: str
    task: str
    digest: str
    claimed: bool
    flagged: bool
    status: str
    failed: bool = False

    def to_json(self) -> dict[str, Json]:
        """As a JSON object with these same names."""
        return asdict(self)


DONE_KEYS = frozenset(ReplyDone.__dataclass_fields__)


@dataclass
class Jobs:
    """The jobs of two files, and what does not fit together in them: tasks without a reply, replies without a task,
    and lines that came again (the first counts)."""

    jobs: list[ReplyJob] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)


def jobs_of(tasks: Path, replies: Path, out: Path, time: float, packs: Path | None = None) -> Jobs:
    """One job for each reply to a known task, in the order of the tasks.

    `packs` is a folder of packs that are known besides those that come along. Raises BadInput if a file is not there or
    `packs` holds none, FaultyPddl for a faulty pack, CorruptRecord with the number of a line that cannot be read.
    """
    stamp = _stamp(packs) if packs is not None else ""
    asked, answered = read_tasks(tasks), read_replies(replies)
    found = Jobs(duplicates=[*asked.duplicates, *answered.duplicates])
    for key, task in asked.tasks.items():
        if key not in answered.replies:
            found.missing.append("/".join(key))
            continue
        domain_pddl = asked.domains[task.domain].domain_pddl
        folder = out / task.domain / task.task
        found.jobs.append(ReplyJob(*key, domain_pddl, task.text, answered.replies[key], folder, time, packs, stamp))
    found.unknown = ["/".join(key) for key in answered.replies if key not in asked.tasks]
    return found


def _stamp(folder: Path) -> str:
    """A hash of all files of the packs in a folder."""
    files = sorted(path for pack in packs_in(folder) for path in pack.folder.glob("*.*") if path.is_file())
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()


async def process_job(job: ReplyJob) -> ReplyDone:
    """Do the work on one reply. Whatever goes wrong with it is told in its folder and stops no other; only a full disk
    (OSError) does."""
    for name in FILES:
        (job.folder / name).unlink(missing_ok=True)
    own = packs_in(job.packs) if job.packs is not None else []
    try:
        with interruptible():
            done = process(job.domain_pddl, job.text, job.reply, job.folder, time=job.time, packs=own)
        return ReplyDone(job.domain, job.task, job.digest, done.claimed, done.flagged, done.status)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        status = f"failed: {type(error).__name__}: {error}"
        fault = Fault(
            "unsupported", f"talkoot broke down on this reply ({status})", "please report it with this folder"
        )
        job.folder.mkdir(parents=True, exist_ok=True)
        (job.folder / "plan.txt").unlink(missing_ok=True)
        (job.folder / "faults.json").write_text(json.dumps([asdict(fault)], indent=1) + "\n", encoding="utf-8")
        (job.folder / "status.txt").write_text(status + "\n", encoding="utf-8")
        return ReplyDone(job.domain, job.task, job.digest, False, True, status, failed=True)


def finished(ledger: Ledger, jobs: Iterable[ReplyJob]) -> dict[ReplyJob, ReplyDone]:
    """The jobs that were done earlier with the same inputs, and whose `status.txt` is still there."""
    known = {(row["domain"], row["task"], row["digest"]): row for row in ledger.rows}
    found = {}
    for job in jobs:
        row = known.get((job.domain, job.task, job.digest))
        if row is not None and not row["failed"] and (job.folder / "status.txt").exists():
            found[job] = ReplyDone(**{key: row[key] for key in DONE_KEYS})
    return found


def summary(jobs: Iterable[ReplyJob], done: Mapping[ReplyJob, ReplyDone]) -> dict[str, Json]:
    """Counts over all jobs and for each domain: `total`, `claimed` (a plan is claimed), `flagged` (an unmended fault
    marks it as doubtful), `done`, and `failed` (our code broke down)."""

    def count(rows: list[ReplyJob]) -> dict[str, Json]:
        known = [done[job] for job in rows if job in done]
        return {
            "total": len(rows),
            "claimed": sum(one.claimed for one in known),
            "flagged": sum(one.flagged for one in known),
            "claimed_unflagged": sum(one.claimed and not one.flagged for one in known),
            "done": len(known),
            "failed": sum(one.failed for one in known),
        }

    rows = list(jobs)
    domains = {job.domain: None for job in rows}
    return count(rows) | {"domains": {name: count([job for job in rows if job.domain == name]) for name in domains}}
