"""How many plans a second the validator replays, beside unified-planning's SequentialPlanValidator in the same run.

    python bench/validate_plans.py [DOMAIN.pddl PROBLEM.pddl PLAN.txt] [--steps 150] [--seconds 2] [--json]

Without files: the shipped grippers pack at a size whose plan (found by walking at random, its last facts the goal) has
`--steps` steps. Three figures, all without parsing: a fresh `validate(domain, problem, plan)` for each plan; one
Simulator that checks plans which all differ (damaged copies); the same plan again and again. The bar is 500 plans of
150 steps a second of processor time, which other programs do not disturb as much as the clock.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

from talkoot.planning.pddl.domain import Domain
from talkoot.planning.pddl.printer import print_domain, print_problem, read_plan
from talkoot.planning.pddl.reader import load_domain, load_problem
from talkoot.planning.plans.validate import Simulator, validate
from talkoot.problem import Atom, Plan, Problem

BAR = 500


def wander(domain: Domain, problem: Problem, steps: int, seed: int) -> tuple[Problem, Plan]:
    """A random executable plan of so many steps, and the problem with its last state as the goal."""
    from dataclasses import replace

    from talkoot.planning.engines.ground import relaxed

    luck, simulator = random.Random(seed), Simulator(domain, problem)
    actions, state, plan = relaxed(domain, problem).actions, simulator.start, []
    for _ in range(steps):
        step = luck.choice([one for one in actions if simulator.action(one).needs.met(state)])
        adds, deletes = simulator.action(step).effects(state)
        state = (state - deletes) | adds
        plan.append(step)
    return replace(problem, goal=("and", *sorted(state))), tuple(plan)


def rate(call: Callable[[int], Any], seconds: float) -> float:
    """Calls a second of this process's processor time, of at least three."""
    count, began = 0, process_time()
    while count < 3 or process_time() - began < seconds:
        call(count)
        count += 1
    return count / (process_time() - began)


def peer(domain: Domain, problem: Problem, plan: Plan) -> Callable[[int], Any]:
    """A call that validates the plan with unified-planning, everything parsed and built before."""
    warnings.simplefilter("ignore")
    from unified_planning.engines import SequentialPlanValidator, ValidationResultStatus
    from unified_planning.environment import get_environment
    from unified_planning.io import PDDLReader
    from unified_planning.plans import ActionInstance, SequentialPlan

    environment = get_environment()
    environment.credits_stream = None
    environment.error_used_name = False
    task = PDDLReader(environment).parse_problem_string(print_domain(domain), print_problem(problem))
    steps = [
        ActionInstance(
            task.action(name), tuple(environment.expression_manager.ObjectExp(task.object(one)) for one in rest)
        )
        for name, *rest in plan
    ]
    validator = SequentialPlanValidator(environment=environment)
    validator.skip_checks = True
    told = SequentialPlan(steps, environment)

    def call(_: int) -> None:
        assert validator.validate(task, told).status == ValidationResultStatus.VALID

    return call


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.files:
        texts = [path.read_text(encoding="utf-8") for path in arguments.files]
        domain = load_domain(texts[0])
        problem, plan = load_problem(texts[1], domain), read_plan(texts[2])
    else:
        from talkoot.planning.packs.pack import load_pack

        pack = load_pack("grippers")
        domain = pack.domain
        problem, plan = wander(domain, pack.generate(6, 0)[1], arguments.steps, 0)
    assert validate(domain, problem, plan).ok, validate(domain, problem, plan).reason
    luck, simulator = random.Random(1), Simulator(domain, problem)
    swapped: list[list[Atom]] = []
    for _ in range(200):  # swapped at the end, so that nearly all of it is replayed
        copy = list(plan)
        place = luck.randrange(max(0, len(copy) - 4), len(copy) - 1)
        copy[place], copy[place + 1] = copy[place + 1], copy[place]
        swapped.append(copy)
    rates = {
        "fresh": rate(lambda _: validate(domain, problem, plan), arguments.seconds),
        "damaged": rate(lambda turn: simulator.check(swapped[turn % len(swapped)]), arguments.seconds),
        "again": rate(lambda _: simulator.check(plan), arguments.seconds),
    }
    try:
        other = rate(peer(domain, problem, plan), arguments.seconds)
    except Exception as error:  # it cannot read every domain
        print(f"unified-planning: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
        other = None
    result: dict[str, Any] = {"problem": problem.name, "steps": len(plan)}
    result |= {f"{name}_per_s": round(value, 1) for name, value in rates.items()}
    if other:
        result |= {"unified_planning_per_s": round(other, 1)}
        result |= {f"{name}_ratio": round(value / other, 1) for name, value in rates.items()}
    result["bar_met"] = min(rates.values()) * len(plan) / 150 >= BAR
    if arguments.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:24} {value}")
    return 0 if result["bar_met"] else 1


if __name__ == "__main__":
    sys.exit(main())
