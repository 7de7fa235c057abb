"""Solve a problem: quickly first, then cheaply, and say what has been proven.

The first plan comes from LAMA's first search on the plain task. If that takes more than a moment, the same search runs
on the task without its h^2 dead ends, which is what floortile-like problems need, and one that follows landmarks alone,
which is what termes-like ones need. Improving and proving take what time is given beyond: anytime LAMA for cheaper
plans, symbolic search and A* with LM-cut for lower bounds. Source: ours; the engines are named in their own modules.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from talkoot.errors import BadInput, PlannerFailed
from talkoot.planning.engines.attempt import STAGES, Attempt, Progress, Schedule, why_unsolvable, without_useless
from talkoot.planning.pddl.domain import Domain, holds
from talkoot.planning.plans.validate import Simulator
from talkoot.planning.solution import Solution
from talkoot.problem import Problem

FIRST: Schedule = (
    ("lama-first", 1.0, 1.0),
    ("h2-lama-first", 0.1, 2.0),
    ("landmarks", 0.25, 6.0),
    ("h2-lama-first", 0.2, 10.0),
    ("lama-first", 0.7, math.inf),
    ("symbolic", 1.0, math.inf),
)
"""The way to a first plan: searches, the share of the time left that each may take, and its limit in seconds."""
IMPROVE: Schedule = (("h2-lama", 0.6, math.inf), ("symbolic", 0.7, math.inf), ("lm-cut", 1.0, math.inf))
"""The way to a cheaper plan and a lower bound."""
PROVE: Schedule = (
    ("lm-cut", 0.1, 5.0),
    ("symbolic", 0.8, math.inf),
    ("h2-lama", 0.4, math.inf),
    ("lm-cut", 1.0, math.inf),
)
"""The way to a proof that no plan is cheaper."""


def solve(
    domain: Domain,
    problem: Problem,
    *,
    time: float = 60.0,
    memory_mb: int = 4096,
    improve: float = 0.0,
    prove: bool = False,
    engine: str = "auto",
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Find a plan within `time` seconds; with `prove` use all of them to prove it cheapest, and in any case spend
    `improve` seconds beyond on cheaper plans and a lower bound.

    `engine` is "auto", one search of `STAGES`, "python" for our own search, or "up:NAME" for an engine of
    unified-planning. All files go to `folder` (kept; a translation there of this same problem is used again) or to a
    temporary one. Each plan has been replayed by our validator, and has no step that nothing needs. `progress` gets a
    line of words now and then.

    Raises BadInput for an unknown engine, FaultyPddl if the planner's reader rejects the problem, PlannerFailed if
    the planner's processes crash or are killed and none finds a plan, or if a plan of theirs is wrong; OSError if
    the folder cannot be written.
    """
    start = perf_counter()
    tell = progress or (lambda message: None)
    if time <= 0 or memory_mb <= 0 or improve < 0:
        raise BadInput(f"time {time} and memory {memory_mb} must be above 0, improve {improve} not below")
    if engine not in ("auto", "python", *STAGES) and not engine.startswith("up:"):
        raise BadInput(f"there is no engine {engine!r}; known are auto, python, {', '.join(STAGES)} and up:NAME")
    if engine in STAGES and not STAGES[engine].ready():
        raise BadInput(f"engine {engine} needs a planner that is not installed; pip install 'talkoot[planning]'")
    if holds(problem.goal, frozenset(problem.init), domain, domain.objects(problem)):
        return Solution("optimal", (), 0.0, 0.0, "", "the goal holds at the start", perf_counter() - start)
    if engine == "python" or (engine == "auto" and not any(stage.ready() for stage in STAGES.values())):
        from talkoot.planning.engines.search import search

        found = search(domain, problem, time=time, improve=improve, prove=prove)
        if engine == "auto":
            note = "no planner is installed (pip install 'talkoot[planning]'), so our own small search was used"
            tell(note)
            found = replace(found, reason=f"{found.reason}; {note}" if found.reason else note)
        return _finish(found, domain, problem, start)
    with _place(folder) as place:
        if engine.startswith("up:"):
            from talkoot.planning.engines.unified import search_with

            found = search_with(engine[3:], domain, problem, place, time=time + improve, memory_mb=memory_mb)
            if found.status == "unsolvable":
                found = replace(found, reason=why_unsolvable(domain, problem, engine))
            return _finish(found, domain, problem, start)
        attempt = Attempt(domain, problem, place, memory_mb, tell)
        only: Schedule | None = ((engine, 1.0, math.inf),) if engine in STAGES else None
        attempt.run(only or FIRST, start + time, until_plan=True)
        if attempt.plan is not None and not attempt.proven and (improve or prove):
            deadline = (start + time if prove else perf_counter()) + improve
            attempt.run(only or (PROVE if prove else IMPROVE), deadline)
        return replace(attempt.solution(), seconds=perf_counter() - start)


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="talkoot-") as temporary:
            yield Path(temporary)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()


def _finish(found: Solution, domain: Domain, problem: Problem, start: float) -> Solution:
    """Replay a plan that comes from elsewhere than an attempt, and note the time."""
    if found.plan is None:
        return replace(found, seconds=perf_counter() - start)
    verdict = Simulator(domain, problem).check(found.plan)
    if not verdict.ok:
        raise PlannerFailed(f"the plan of {found.engine} is wrong and was thrown away: {verdict.reason}")
    plan, cost = without_useless(domain, problem, found.plan, verdict.cost)
    return replace(found, plan=plan, cost=cost, seconds=perf_counter() - start)
