"""The seam of planning by language: write, solve, check, tell. Whatever fits these four can be plugged in.

`carry_out` is the one place where they meet. PDDL, a language model and Fast Downward are the usual four (see
`talkoot.planning.pipeline`); a scheduler or a router takes part by a problem class and a solver of its own.
"""

from __future__ import annotations

import asyncio
import errno
import json
import re
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Generic, Literal, Protocol, TypeVar

from talkoot.errors import CutReply, FaultyPddl, InvalidPlan, TalkootError
from talkoot.planning.artefacts import Artefacts
from talkoot.planning.faults import Fault, doubtful
from talkoot.planning.plans.tell import Telling
from talkoot.planning.plans.validate import Verdict
from talkoot.planning.solution import Solution
from talkoot.problem import Plan
from talkoot.types import Json

P = TypeVar("P")
T = TypeVar("T")
P_in = TypeVar("P_in", contravariant=True)
P_out = TypeVar("P_out", covariant=True)

_BROKEN = ("empty", "section-missing", "syntax", "truncated")


@dataclass(frozen=True)
class Written(Generic[P_out]):
    """A problem made from words, with all that is wrong with it and what it took.

    `text` is the problem in its own language (PDDL), as completed. `faults` are those found in the last version,
    mended ones among them; `unread` the sentences of the task that no check could hold the problem against. `rounds`
    counts the repairs asked for. `share` is the part of the `samples` that agree on this problem (1.0 with one sample).
    `calls` and tokens are what was asked of the model.
    """

    problem: P_out
    text: str
    faults: tuple[Fault, ...] = ()
    unread: tuple[str, ...] = ()
    rounds: int = 0
    samples: int = 1
    share: float = 1.0
    calls: int = 0
    tokens: int = 0


class Writer(Protocol[P_out]):
    """Makes a problem of a task in words."""

    async def __call__(self, text: str) -> Written[P_out]:
        """Raises EmptyReply, CutReply, FaultyPddl, Doubtful or ModelFailed where there is no problem to go on with."""


class Solver(Protocol[P_in]):
    """Plans. The steps of its plan are tuples of words: `("start", "job1", "machine2", "15")` will do as well."""

    def __call__(self, problem: P_in) -> Solution:
        """Raises PlannerFailed if the engine dies; that there is no plan is a Solution, too."""


class Checker(Protocol[P_in]):
    """Replays a plan, knowing nothing of how it was found."""

    def __call__(self, problem: P_in, plan: Plan) -> Verdict:
        """Say whether the plan can be carried out and reaches the goal; wrong plans do not raise."""


class Teller(Protocol[P_in]):
    """Tells a plan in words."""

    async def __call__(self, problem: P_in, plan: Plan) -> Telling:
        """One entry for each step, in order."""


@dataclass(frozen=True)
class Outcome(Generic[P_out]):
    """What became of a task: the problem as written, the planner's answer, the plan in words."""

    text: str
    written: Written[P_out]
    solution: Solution
    telling: Telling = field(default_factory=lambda: Telling(()))

    @property
    def status(self) -> Literal["solved", "optimal", "unsolvable", "gave up", "doubtful"]:
        """The planner's, or "doubtful" if the problem has faults that nobody mended.

        Then the plan, or that there is none, holds for the problem as written and perhaps not for what was meant. That
        a goal is proven out of reach shows as a fault, too, but speaks for the proof and not against the problem.
        """
        proven = self.solution.status == "unsolvable"
        faults = [fault for fault in self.written.faults if not (proven and fault.kind == "unreachable-goal")]
        return "doubtful" if doubtful(faults) else self.solution.status

    def words(self) -> str:
        """The outcome for a reader, line by line; a doubtful plan says so before its first step."""
        lines = []
        if self.status == "doubtful":
            lines.append("DOUBTFUL: the problem was written with faults, so this may not be what was meant.")
            lines += [f"  - {fault}" for fault in self.written.faults if not fault.mended]
        if self.solution.plan == ():
            lines.append("Nothing has to be done: the goal holds already.")
        if self.telling.told:
            lines.append(str(self.telling))
        if self.solution.plan is None:
            lines.append(f"No plan: {self.solution.reason or self.solution.status}.")
        return "\n".join(lines) + "\n"

    def to_json(self) -> Json:
        """As JSON: status, plan, told, cost, bound, faults, unread, problem, and what it took."""
        written, solution = self.written, self.solution
        plan = solution.plan
        return {
            "status": self.status,
            "plan": None if plan is None else [" ".join(step) for step in plan],
            "told": [asdict(told) for told in self.telling.told],
            "cost": solution.cost,
            "bound": solution.bound,
            "engine": solution.engine,
            "reason": solution.reason,
            "faults": [fault.to_json() for fault in written.faults],
            "unread": list(written.unread),
            "problem": written.text,
            "rounds": written.rounds,
            "samples": written.samples,
            "share": written.share,
            "calls": written.calls,
            "tokens": written.tokens,
        }


def carry_out(
    text: str,
    write: Writer[P],
    solve: Solver[P],
    check: Checker[P],
    tell: Teller[P],
    *,
    artefacts: Artefacts | None = None,
) -> Outcome[P]:
    """From a task in words to a checked plan in words.

    Every stage leaves what it made in the folder before the next one begins. A plan that `check` refuses is never
    handed on: InvalidPlan. Whatever a stage raises goes through; `status.txt` then says which failure it was.
    """
    keep = artefacts or Artefacts()
    keep.remove("plan.txt", "told.txt", "outcome.json", "status.txt")
    keep.write("task.txt", text)
    try:
        # Not async as a whole: Ctrl-C must end a solver that waits for its process, not a loop that waits for both.
        written = asyncio.run(_awaited(write(text)))
        keep.write("problem.pddl", written.text)
        keep.write("faults.json", json.dumps([fault.to_json() for fault in written.faults], indent=2) + "\n")
        _refuse(written)
        solution = solve(written.problem)
        outcome = Outcome(text, written, solution)
        if solution.plan is not None:
            verdict = check(written.problem, solution.plan)
            if not verdict.ok:
                raise InvalidPlan(f"{solution.engine or 'the planner'} gave a plan that fails: {verdict.reason}; it is "
                                  "not shown. Please report this problem file")  # fmt: skip
            keep.write("plan.txt", "".join(f"({' '.join(step)})\n" for step in solution.plan))
            outcome = replace(outcome, telling=asyncio.run(_awaited(tell(written.problem, solution.plan))))
        keep.write("told.txt", outcome.words())
        keep.write("outcome.json", json.dumps(outcome.to_json(), indent=2) + "\n")
        keep.write("status.txt", f"{outcome.status}\n")
    except BaseException as error:
        with suppress(OSError):  # the disk may be full
            keep.write("status.txt", f"{failure(error)}\n{error}\n")
        raise
    return outcome


def _refuse(written: Written[P]) -> None:
    """Raise where a problem is too broken to plan with: what a planner would say of it means nothing."""
    left = [fault for fault in written.faults if not fault.mended]
    broken = [fault for fault in left if fault.kind in _BROKEN]
    if broken:
        others = [fault for fault in left if fault.kind not in _BROKEN]  # perhaps the cause: facts of another domain
        listed = "; ".join(str(fault) for fault in [*broken, *others][:5])
        more = f"; and {len(left) - 5} more" if len(left) > 5 else ""
        cut = any(fault.kind == "truncated" for fault in broken)
        raise (CutReply if cut else FaultyPddl)(f"the problem as written cannot be planned with: {listed}{more}")


def failure(error: BaseException) -> str:
    """The name of a failure in `status.txt` and JSON: "empty reply", "cut reply", "planner failed", ..."""
    if isinstance(error, KeyboardInterrupt):
        return "stopped"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk full"
    name = type(error).__name__ if isinstance(error, TalkootError) else "failed"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


async def _awaited(answer: Awaitable[T]) -> T:
    return await answer
