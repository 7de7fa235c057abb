"""A recorded reply becomes a plan, without any model: read, complete, audit, solve, validate, write down.

Only what a user of LLM+P would have is looked at: the domain, the task in words, the reply.
A plan is claimed unless the problem contradicts its description; whatever else is left unmended marks it as doubtful.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from talkoot.errors import PlannerFailed
from talkoot.planning.engines.portfolio import solve
from talkoot.planning.faults import Fault, doubtful
from talkoot.planning.packs.audit import TEXT_KINDS, audit
from talkoot.planning.packs.complete import complete
from talkoot.planning.packs.pack import Pack, pack_for
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.pddl.printer import normalise, print_plan, print_problem
from talkoot.planning.pddl.reader import read_problem
from talkoot.planning.pddl.schema import read_domain
from talkoot.planning.solution import Solution
from talkoot.problem import Problem


@dataclass(frozen=True)
class Processed:
    """What became of a reply. `status` is the planner's, or `faulty`, `contradiction`, `planner failed`."""

    claimed: bool
    flagged: bool
    status: str
    faults: tuple[Fault, ...]
    solution: Solution | None = None


def understand(
    domain_text: str, text: str, reply: str, packs: Iterable[Pack] = ()
) -> tuple[Domain, Problem, list[Fault]]:
    """The domain, the problem that a reply states, completed, and all faults of both, the text held against it.

    `packs` are known besides those that come along.
    Never raises for a bad reply: what cannot be read is left out of the problem and told as a fault.
    """
    domain, faults = read_domain(domain_text)
    pack = pack_for(domain, packs)
    draft = read_problem(reply, domain)
    problem, more = complete(draft, domain, pack)
    found, _ = audit(problem, domain, pack, text)
    return domain, problem, faults + more + found


def process(
    domain_text: str, text: str, reply: str, folder: Path, *, time: float = 60.0, packs: Iterable[Pack] = ()
) -> Processed:
    """Turn one reply into `problem.pddl`, `faults.json`, `plan.txt` (if a plan is claimed) and `status.txt`.

    `time` is the planner's limit in seconds, `packs` are known besides those that come along.
    Raises OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    domain, problem, faults = understand(domain_text, text, reply, packs)
    _write(folder / "problem.pddl", print_problem(problem))
    _write(folder / "faults.json", json.dumps([fault.to_json() for fault in faults], ensure_ascii=False, indent=1))
    (folder / "plan.txt").unlink(missing_ok=True)
    solution: Solution | None = None
    status, claimed, reason = "", False, ""
    left = [fault for fault in faults if not fault.mended]
    missing = [fault for fault in left if fault.kind in ("empty", "section-missing")]
    against = [fault for fault in left if fault.kind in TEXT_KINDS]
    if missing or against:
        status = "faulty" if missing else "contradiction"
        reason = str((missing or against)[0])
    else:
        try:
            solution = solve(*normalise(domain, problem), time=time)
            status, claimed, reason = solution.status, solution.plan is not None, solution.reason
            if solution.plan is not None:
                _write(folder / "plan.txt", print_plan(solution.plan))
        except PlannerFailed as error:
            status = f"planner failed: {error}"
    _write(folder / "status.txt", f"{status}\n" + (f"{reason}\n" if reason else ""))
    return Processed(claimed, doubtful(faults), status, tuple(faults), solution)


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    fresh = path.with_suffix(".tmp")
    fresh.write_text(text, encoding="utf-8", errors="backslashreplace")  # half a surrogate pair is no UTF-8
    os.replace(fresh, path)
