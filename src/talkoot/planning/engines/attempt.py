"""One problem, one folder: the planners' processes run there in turn, and what they find out is put together here."""

from __future__ import annotations

import errno
import hashlib
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from types import ModuleType

from talkoot.errors import FaultyPddl, PlannerFailed
from talkoot.planning.engines import fast_downward, symk
from talkoot.planning.engines.ground import unreachable
from talkoot.planning.engines.process import Ended, ending, run
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.pddl.printer import normalise, print_domain, print_problem
from talkoot.planning.plans.order import useless
from talkoot.planning.plans.semantics import shown
from talkoot.planning.plans.validate import Simulator
from talkoot.planning.solution import Solution, Status
from talkoot.problem import Condition, Plan, Problem

Progress = Callable[[str], None]
Schedule = tuple[tuple[str, float, float], ...]
"""Searches to run one after the other: name, share of the time left that it may take, limit in seconds."""


@dataclass(frozen=True)
class Stage:
    """One search: which wheel runs it, under which name it is configured there, on the plain task or on the one without
    h^2 dead ends (`reduced`), and which search takes its turn where that cannot be had."""

    wheel: ModuleType
    search: str
    reduced: bool = False
    instead: str = ""

    def ready(self) -> bool:
        """Whether the programs that it needs are installed; the translator is Fast Downward's for all."""
        return bool(fast_downward.programs() and self.wheel.programs())


STAGES = {
    "lama-first": Stage(fast_downward, "lama-first"),
    "h2-lama-first": Stage(symk, "lama-first", reduced=True),
    "landmarks": Stage(fast_downward, "landmarks"),
    "lama": Stage(fast_downward, "lama"),
    "h2-lama": Stage(symk, "lama", reduced=True, instead="lama"),
    "symbolic": Stage(symk, "symbolic", reduced=True),
    "lm-cut": Stage(fast_downward, "lm-cut"),
}
OPTIMAL = ("symbolic", "lm-cut")
"""The searches whose plans are the cheapest, and whose logs tell lower bounds."""

_LIMITS = {
    "time": "reached its limit of time",
    "memory": "reached its limit of memory",
    "incomplete": "ended without a plan, which proves nothing",
    "unsupported": "cannot deal with effects that have conditions, or with goals that have alternatives or quantifiers",
}

DEAREST = 10**6
"""The largest cost that the planners are given: they add costs up in 32 bits."""

_NO_MEMORY = ("MemoryError", "cannot allocate memory", "Cannot allocate memory", "failed to map segment")
"""What Python and the loader of programs say in too little memory, before a planner could say it."""

_AGAIN = "run it again; if the machine is short of memory, with nothing beside it or with less --memory"

LONGEST = 400
"""Steps of a plan in which useless ones are looked for, at most."""

H2_SHARE = 0.5
"""The share of its time that a search on the reduced task gives to reducing it, at most."""


class Attempt:
    """What is known about one problem: the cheapest plan so far, a lower bound, and how each search ended."""

    def __init__(self, domain: Domain, problem: Problem, folder: Path, memory_mb: int, tell: Progress) -> None:
        self.domain, self.problem, self.folder, self.memory_mb, self.tell = domain, problem, folder, memory_mb, tell
        self.simulator = Simulator(domain, problem)
        self.plan: Plan | None = None
        self.cost = math.inf
        self.bound = 0.0
        self.engine = ""
        self.unsolvable = ""  # the search that proved it
        self.seconds = 0.0
        self.limits: dict[str, str] = {}  # search -> the limit at which it gave up
        self.broken: dict[str, str] = {}  # search -> how its process ended, and its last words
        self.factor, self.exact = 1.0, True
        self._ready: dict[bool, bool] = {}  # plain and reduced task: whether it could be prepared

    @property
    def proven(self) -> bool:
        """Whether nothing is left to find out."""
        return bool(self.unsolvable) or self.cheapest

    @property
    def cheapest(self) -> bool:
        """Whether the plan is proven to be the cheapest; sums of fractions may be off a little."""
        return self.bound >= self.cost - 1e-6

    def run(self, schedule: Schedule, deadline: float, until_plan: bool = False) -> None:
        """Run the searches until the deadline, until all is proven, or (`until_plan`) until there is a plan.

        Raises FaultyPddl, PlannerFailed and OSError as `portfolio.solve` does.
        """
        finished: set[str] = set()
        for name, share, limit in schedule:
            left = deadline - perf_counter()
            if left <= 0 or self.proven or (until_plan and self.plan is not None):
                return
            if not STAGES[name].ready():
                name = STAGES[name].instead
            if name and name not in finished and self._search(name, min(left * share, limit), deadline):
                finished.add(name)

    def solution(self) -> Solution:
        """All of it as one answer; raises PlannerFailed if no search did more than crash."""
        if self.plan is not None:
            status: Status = "optimal" if self.cheapest else "solved"
            bound = self.cost if self.cheapest else self.bound or None
            return Solution(status, self.plan, self.cost, bound, self.engine, "", 0.0, self.seconds)
        if self.unsolvable:
            reason = why_unsolvable(self.domain, self.problem, self.unsolvable)
            return Solution("unsolvable", None, None, None, self.unsolvable, reason, 0.0, self.seconds)
        if self.broken and not self.limits:
            each = "; ".join(f"{name} {how}" for name, how in self.broken.items())
            raise PlannerFailed(f"no planner came to an end of its own: {each} ({_AGAIN})")
        ends = {**{name: _LIMITS[limit] for name, limit in self.limits.items()}, **self.broken}
        reason = "; ".join(f"{name} {how}" for name, how in ends.items()) or "no time was left"
        return Solution("gave up", None, None, self.bound or None, "", reason, 0.0, self.seconds)

    def _search(self, name: str, seconds: float, deadline: float) -> bool:
        """Run one search; True if it came to an end, so that running it for longer would tell nothing new."""
        stage, start = STAGES[name], perf_counter()
        if not self._prepare(stage.reduced, name, seconds, deadline):
            spent = perf_counter() - start
            return not stage.instead or self._search(stage.instead, seconds - spent, deadline)
        if self.unsolvable:
            return True
        seconds -= perf_counter() - start if stage.reduced else 0.0
        seconds = min(seconds, deadline - perf_counter())
        if seconds <= 0:
            self.limits[name] = "time"
            return False
        plan_file = self.folder / f"{name}.plan"
        for old in (plan_file, *self.folder.glob(f"{name}.plan.*")):
            old.unlink(missing_ok=True)
        task = self.folder / ("output.sas" if stage.reduced else "task.sas")
        told = 0

        def watch() -> bool:
            nonlocal told
            plans = len(fast_downward.read_plans(plan_file))
            if plans > told:
                told = plans
                self.tell(f"{name}: plan number {plans}")
            return False

        ended = self._process(
            stage.wheel.search(stage.search, plan_file),
            seconds=seconds, log=f"{name}.log", stdin=task, watch=watch if stage.search == "lama" else None,
        )  # fmt: skip
        plans = fast_downward.read_plans(plan_file)
        if plans:
            self._take(name, plans[-1])
        proven = fast_downward.bound(ended) if name in OPTIMAL else 0.0
        if self.exact and math.isfinite(proven):
            self.bound = max(self.bound, proven / self.factor)
        if name in OPTIMAL and self.exact and plans and ended.code == 0:
            self.bound = max(self.bound, self.simulator.check(plans[-1]).cost)
        return self._judge(name, ended, bool(plans), proven == math.inf)

    def _judge(self, name: str, ended: Ended, found: bool, exhausted: bool) -> bool:
        """Note how a search ended, and whether it has looked at all states; True if it came to an end of its own."""
        code = ended.code
        if code is None or code in fast_downward.OUT_OF_TIME:
            self.limits[name] = "time"
        elif code in fast_downward.OUT_OF_MEMORY or "bad_alloc" in ended.said():
            self.limits[name] = "memory"
        elif (code in fast_downward.UNSOLVABLE or exhausted) and self.plan is None:
            self.unsolvable = name
        elif code == fast_downward.UNSUPPORTED:
            self.limits[name] = "unsupported"
        elif code in fast_downward.INCOMPLETE and not found:
            self.limits[name] = "incomplete"
        elif not found and code not in fast_downward.UNSOLVABLE:
            self._fail_on_full_disk(ended)
            self.broken[name] = ended.tail()
        words = f"{'a plan' if found else 'no plan'} after {ended.seconds:.2f} s, {ending(code)}"
        self.tell(f"{name}: {words}" + (f", cheapest so far {self.cost:g}" if self.plan is not None else ""))
        return code is not None and code >= 0

    def _take(self, name: str, plan: Plan) -> None:
        verdict = self.simulator.check(plan)
        if not verdict.ok:
            raise PlannerFailed(
                f"the plan of {name} is wrong and was thrown away: {verdict.reason}; try another --engine"
            )
        plan, cost = without_useless(self.domain, self.problem, plan, verdict.cost)
        if cost < self.cost:
            self.plan, self.cost, self.engine = plan, cost, name

    def _process(self, command: list[str | Path], **options: object) -> Ended:
        ended = run(command, self.folder, memory_mb=self.memory_mb, **options)  # type: ignore[arg-type]
        self.seconds += ended.seconds
        return ended

    def _prepare(self, reduced: bool, name: str, seconds: float, deadline: float) -> bool:
        if False not in self._ready:
            self._ready[False] = self._translate(deadline)
        if not self._ready[False]:
            self.limits.setdefault(name, self.limits.get("translate", "time"))
            return False
        if reduced and True not in self._ready:
            self._ready[True] = self._reduce(min(seconds * H2_SHARE, deadline - perf_counter()))
        return self._ready[reduced]

    def _translate(self, deadline: float) -> bool:
        """Write the problem as PDDL and translate it, unless the folder holds the translation of this very text."""
        domain, problem, factor, exact = whole_numbers(*normalise(self.domain, self.problem))
        if self.problem.metric:  # otherwise the planners count steps
            self.factor, self.exact = factor, exact
        texts = {"domain.pddl": print_domain(domain), "problem.pddl": print_problem(problem)}
        key = hashlib.sha256("\0".join(texts.values()).encode()).hexdigest()
        task, mark = self.folder / "task.sas", self.folder / "task.key"
        if mark.is_file() and task.is_file() and mark.read_text(encoding="utf-8") == key:
            return True
        for old in (mark, task, self.folder / "output.sas"):
            old.unlink(missing_ok=True)
        for file, text in texts.items():
            (self.folder / file).write_text(text, encoding="utf-8")
        command, modules = fast_downward.translate(self.folder / "domain.pddl", self.folder / "problem.pddl", task)
        ended = self._process(
            command, seconds=max(deadline - perf_counter(), 0.01), log="translate.log", modules=modules
        )
        if ended.code == 0:
            mark.write_text(key, encoding="utf-8")
            return True
        if ended.code is None or ended.code in fast_downward.OUT_OF_TIME:
            self.limits["translate"] = "time"
        elif ended.code in fast_downward.OUT_OF_MEMORY or any(word in ended.said() for word in _NO_MEMORY):
            self.limits["translate"] = "memory"
        elif ended.code == fast_downward.TRANSLATOR_REJECTS:
            raise FaultyPddl(f"Fast Downward's translator rejects the problem: {ended.tail()}")
        else:
            self._fail_on_full_disk(ended)
            raise PlannerFailed(f"Fast Downward's translator {ended.tail()} ({_AGAIN})")
        return False

    def _reduce(self, seconds: float) -> bool:
        """Drop what h^2 shows to be unreachable or a dead end; False if that cannot be done in the time."""
        if seconds <= 0:
            return False
        command = symk.preprocess(seconds)
        ended = self._process(command, seconds=seconds * 1.2 + 1, log="h2.log", stdin=self.folder / "task.sas")
        if ended.code == 0 and symk.NO_PLAN in ended.said():
            self.unsolvable = "h2"
        self.tell(f"h2: {ending(ended.code)} after {ended.seconds:.2f} s")
        if ended.code is None:
            self.limits["h2"] = "time"
        elif ended.code != 0:
            self.broken["h2"] = ended.tail()
        return ended.code == 0 and (self.folder / "output.sas").is_file()

    def _fail_on_full_disk(self, ended: Ended) -> None:
        full = os.statvfs(self.folder).f_bavail == 0 if hasattr(os, "statvfs") else False
        if full or os.strerror(errno.ENOSPC) in ended.said():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.folder))


def without_useless(domain: Domain, problem: Problem, plan: Plan, cost: float) -> tuple[Plan, float]:
    """A valid plan without the steps that nothing needs, which quick searches leave in, replayed again; and its cost,
    which is never higher. Plans of more than `LONGEST` steps stay as they are: looking takes quadratic time."""
    while len(plan) <= LONGEST and (needless := useless(domain, problem, plan)):
        lean = tuple(step for number, step in enumerate(plan, 1) if number not in needless)
        verdict = Simulator(domain, problem).check(lean)
        if not verdict.ok or verdict.cost > cost:
            break
        plan, cost = lean, verdict.cost
    return plan, cost


def why_unsolvable(domain: Domain, problem: Problem, prover: str) -> str:
    """In words, why there is no plan, which `prover` has proven: the goal parts that no action can reach, if any."""
    parts = unreachable(domain, problem)
    if parts:
        return "no action can ever reach " + ", ".join(shown(part) for part in parts)
    return f"{prover} proves that no plan reaches the whole goal, though each part alone looks possible"


def _whole(number: float) -> bool:
    """Whether a number is whole but for what floating point has added."""
    return number == round(number) or (round(number) != 0 and math.isclose(number, round(number), rel_tol=1e-12))


def whole_numbers(domain: Domain, problem: Problem) -> tuple[Domain, Problem, float, bool]:
    """The same problem with whole action costs, none above `DEAREST`, as Fast Downward wants them.

    All are multiplied by the smallest power of ten that makes them whole, which is returned, with True; where there is
    none, by 1000 or less and rounded up, with False."""
    numbers = [*problem.values.values()]

    def constants(effect: Condition) -> None:
        for part in effect:
            if isinstance(part, float | int):
                numbers.append(float(part))
            elif isinstance(part, tuple):
                constants(part)

    for action in domain.actions.values():
        constants(action.effect)
    dearest = max(numbers, default=0.0)

    def fits(times: int) -> bool:
        return dearest * times <= DEAREST and all(_whole(x * times) for x in numbers)

    times = next((10**k for k in range(5) if fits(10**k)), 0)
    if times == 1 and all(x == round(x) for x in numbers):
        return domain, problem, 1, True
    exact, factor = bool(times), times or min(1000.0, DEAREST / dearest)

    def scaled(value: float) -> float:
        return float(round(value * factor) if exact else math.ceil(value * factor))

    def rewritten(part: object) -> object:
        if isinstance(part, float | int):
            return scaled(part)
        return tuple(rewritten(inner) for inner in part) if isinstance(part, tuple) else part

    actions = {name: replace(action, effect=rewritten(action.effect)) for name, action in domain.actions.items()}  # type: ignore[arg-type]
    values = {atom: scaled(value) for atom, value in problem.values.items()}
    return replace(domain, actions=actions), replace(problem, values=values), factor, exact
