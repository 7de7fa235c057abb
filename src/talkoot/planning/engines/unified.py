"""Any engine of unified-planning by its name there, such as aries, enhsp or tamer: optional.

Importing unified-planning takes a second, and some of its engines are under the GPL, so all of that happens in a
process of its own: this module, run as a program.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from talkoot.errors import BadInput, PlannerFailed
from talkoot.planning.engines.process import run
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.pddl.printer import normalise, print_domain, print_problem
from talkoot.planning.solution import Solution
from talkoot.problem import Plan, Problem

_SOLVED = ("SOLVED_SATISFICING", "SOLVED_OPTIMALLY", "INTERMEDIATE")
_LIMITS = {"TIMEOUT": "time", "MEMOUT": "memory"}


def search_with(
    name: str, domain: Domain, problem: Problem, folder: Path, *, time: float, memory_mb: int
) -> Solution:  # fmt: skip
    """Let the engine called `name` look for a plan, which is not yet replayed; `seconds` is not set.

    Raises BadInput if unified-planning or the engine is not installed, PlannerFailed if the engine cannot read the
    problem, crashes or is killed.
    """
    if find_spec("unified_planning") is None:
        raise BadInput(f"engine up:{name} needs unified-planning; pip install 'talkoot[engines]'")
    domain, problem = normalise(domain, problem)
    (folder / "domain.pddl").write_text(print_domain(domain), encoding="utf-8")
    (folder / "problem.pddl").write_text(print_problem(problem), encoding="utf-8")
    answer = folder / "answer.json"
    answer.unlink(missing_ok=True)
    files = [folder / "domain.pddl", folder / "problem.pddl", answer]
    ended = run([sys.executable, "-m", __name__, name, *files], folder, seconds=time, memory_mb=memory_mb, log="up.log")
    engine, spent = f"up:{name}", ended.seconds
    if ended.code is None:
        return Solution("gave up", None, None, None, engine, "the limit of time was reached", 0.0, spent)
    if not answer.is_file():
        raise PlannerFailed(f"{engine} {ended.tail()}")
    found = json.loads(answer.read_text(encoding="utf-8"))
    if "missing" in found:
        raise BadInput(f"unified-planning has no engine {name!r} installed; pip install up-{name}")
    status = found["status"]
    if status in _SOLVED and found["plan"] is not None:
        plan: Plan = tuple(tuple(step) for step in found["plan"])
        return Solution("solved", plan, None, None, engine, "", 0.0, spent)
    if status == "UNSOLVABLE_PROVEN":
        return Solution("unsolvable", None, None, None, engine, "", 0.0, spent)
    if status in _LIMITS or status == "UNSOLVABLE_INCOMPLETELY":
        limit = _LIMITS.get(status)
        reason = f"the limit of {limit} was reached" if limit else f"{engine} found none, which proves nothing"
        return Solution("gave up", None, None, None, engine, reason, 0.0, spent)
    raise PlannerFailed(f"{engine} says {status}: {found.get('error') or 'no more'}")


def _main(name: str, domain: str, problem: str, answer: str) -> None:
    from unified_planning.exceptions import UPNoRequestedEngineAvailableException
    from unified_planning.io import PDDLReader
    from unified_planning.shortcuts import OneshotPlanner, get_environment

    environment = get_environment()
    environment.credits_stream = None
    environment.error_used_name = False
    result: dict[str, object]
    try:
        try:
            task = PDDLReader(environment).parse_problem(domain, problem)
        except Exception as error:  # it raises whatever its grammar does, KeyError too
            raise NotImplementedError(f"its reader does not understand the problem: {error!r}") from error
        with OneshotPlanner(name=name) as planner:
            found = planner.solve(task)
        plan = found.plan and [
            [step.action.name, *(str(one) for one in step.actual_parameters)] for step in found.plan.actions
        ]
        result = {"status": found.status.name, "plan": plan}
    except UPNoRequestedEngineAvailableException:
        result = {"missing": True}
    except NotImplementedError as error:
        result = {"status": "UNSUPPORTED", "plan": None, "error": str(error)}
    Path(answer).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    _main(*sys.argv[1:])
