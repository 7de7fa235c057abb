"""Fast Downward (Helmert, "The Fast Downward Planning System", JAIR 2006) from the wheel `up-fast-downward`.

Its translator (PDDL to finite-domain variables) and its search program are run directly, without its driver, which
would start Python twice more. Nothing of it is imported: it is under the GPL.
"""

from __future__ import annotations

import math
import re
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from talkoot.planning.engines.process import Ended
from talkoot.problem import Plan

_LANDMARKS = "landmark_sum(lm_reasonable_orders_hps(lm_rhw()),pref=false)"

SEARCHES = {
    # LAMA (Richter and Westphal, JAIR 2010): landmarks and the FF heuristic in turn, each with preferred operators.
    "lama-first": (
        f"let(lm,eval_modify_costs({_LANDMARKS},cost_type=one),let(ff,eval_modify_costs(ff(),cost_type=one),"
        "lazy_greedy([ff,lm],preferred=[ff,lm],cost_type=one,reopen_closed=false)))"
    ),
    # Its landmark half alone: blind to what a step undoes, and for that very reason through where towers must be built
    # that have to go again, as in termes (20 of 20 tasks in under a second, measured by us).
    "landmarks": f"let(lm,eval_modify_costs({_LANDMARKS},cost_type=one),eager_greedy([lm],cost_type=one))",
    "lama": (
        f"let(lm,eval_modify_costs({_LANDMARKS},cost_type=plusone),let(ff,eval_modify_costs(ff(),cost_type=plusone),"
        "iterated(["
        "lazy_greedy([ff,lm],preferred=[ff,lm],reopen_closed=false),"
        + ",".join(f"lazy_wastar([ff,lm],preferred=[ff,lm],w={weight})" for weight in (5, 3, 2, 1))
        + "],repeat_last=true)))"
    ),
    # Helmert and Domshlak, "Landmarks, Critical Paths and Abstractions" (ICAPS 2009).
    "lm-cut": "astar(lmcut())",
}
"""Search configurations in Fast Downward's own words."""

FOUND = (0, 1, 2, 3)
UNSOLVABLE = (10, 11)
OUT_OF_MEMORY = (20, 22, 24)
OUT_OF_TIME = (21, 23)
INCOMPLETE = (12, 13)
TRANSLATOR_REJECTS = 31
UNSUPPORTED = 34
"""Exit codes; 1 to 3 are plans found before a limit struck."""

_BOUNDS = re.compile(r"(?:\] f = (\d+),|BOUND: (\d+) < (\d+))")
_INFINITE = 2**31 - 1
_PLAN_END = re.compile(r"^; cost = ", re.MULTILINE)


@cache
def programs() -> Path | None:
    """The folder of the wheel's programs, None where it is not installed."""
    spec = find_spec("up_fast_downward")
    if spec is None or not spec.origin:
        return None
    folder = Path(spec.origin).parent / "downward" / "builds" / "release" / "bin"
    return folder if (folder / "downward").is_file() else None


def translate(domain: Path, problem: Path, output: Path) -> tuple[list[str | Path], Path]:
    """The command that translates PDDL into a file for the search, and the folder from which Python takes its modules.

    Needs the wheel. Python starts without site packages (-S), so that another package's files cannot get in between.
    """
    folder = programs()
    assert folder is not None
    python = [sys.executable, "-S", "-P", "-m", "fast_downward.translate"]
    return [*python, domain, problem, "--sas-file", output], folder


def search(configuration: str, plan: Path) -> list[str | Path]:
    """The command that searches the translated task on its standard input and writes the plan; anytime configurations
    write `plan`.1, `plan`.2 and so on. Needs the wheel."""
    folder = programs()
    assert folder is not None
    return [folder / "downward", "--search", SEARCHES[configuration], "--internal-plan-file", plan]


def bound(ended: Ended) -> float:
    """The best lower bound on the cost of every plan that an optimal search printed: the f-value whose layer A* has
    begun, or the symbolic search's bound, which may be beyond the cost of a plan that it has; 0 where there is none,
    infinite where the symbolic search has looked at all states and found no plan."""
    values = (min(int(number) for number in found if number) for found in _BOUNDS.findall(ended.said()))
    best = float(max(values, default=0))
    return math.inf if best >= _INFINITE else best


def read_plans(plan: Path) -> list[Plan]:
    """The plans in the files `plan`, `plan`.1, ..., in the order in which they were found; a file that was not written
    to its end is left out."""
    numbered = sorted(
        (path for path in plan.parent.glob(plan.name + ".*") if path.suffix[1:].isdigit()),
        key=lambda path: int(path.suffix[1:]),
    )
    found = []
    for path in [plan, *numbered]:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if _PLAN_END.search(text):
            steps = (line.strip() for line in text.splitlines())
            found.append(tuple(tuple(step.strip("()").split()) for step in steps if step.startswith("(")))
    return found
