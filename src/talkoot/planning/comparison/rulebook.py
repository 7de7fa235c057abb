"""`rulebook` for the compared methods: plans, next actions and judgements by rules, and problems without a domain.

The prompts of `methods` hold no PDDL domain, so the pack is known by the description or the example that they tell.
The answers come from a planner, which no language model has inside: that all methods can be tried offline is the only
use of it, and their scores with it say nothing about language models. Source: ours.
"""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from talkoot.errors import InvalidPlan, PlannerFailed
from talkoot.planning.comparison.steps import fill_in, read_steps
from talkoot.planning.engines.portfolio import solve
from talkoot.planning.packs.claims import problem_of
from talkoot.planning.packs.complete import complete
from talkoot.planning.packs.pack import Pack, list_packs, load_pack
from talkoot.planning.packs.phrases import declared, read_text
from talkoot.planning.pddl.printer import normalise, print_problem
from talkoot.planning.pddl.reader import Draft
from talkoot.planning.plans.tell import tell
from talkoot.planning.plans.validate import Simulator
from talkoot.problem import Plan, Problem, literals

KINDS = ("plan", "propose", "value", "write")

_STRANGE = "I know only the domains that come with talkoot, and the one in the prompt is none of them."


def answer(kind: str, prompt: str, *, drop: float = 0.0, seed: int = 0, pack: Pack | None = None) -> str:
    """Answer one request of a compared method: `kind` is one of KINDS.

    `drop` is the share of the plan's steps, or of the problem's facts, that are forgotten, drawn by `seed` anew for
    every prompt. `pack` is known besides those that come along.
    """
    pack, task = _pack_told(prompt, pack), _section(prompt, "Task")
    problem = _understood(pack, task) if pack is not None else None
    if pack is None or problem is None:
        return _STRANGE
    rng = Random(f"{seed} {prompt}")
    if kind == "write":
        return print_problem(replace(problem, init=tuple(fact for fact in problem.init if rng.random() >= drop)))
    simulator = Simulator(*normalise(pack.domain, problem))
    if kind == "plan":
        plan = _planned(pack, problem)
        if plan is None:
            return "I see no way to reach the goal."
        lines = [line for line in _told(pack, problem, plan) if rng.random() >= drop]
        listed = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
        return f"Plan:\n{listed}" if listed else "The goal is already reached: no actions are needed."
    said = _section(prompt, "Actions so far")
    lines = [] if said == "none" else said.splitlines()
    read = read_steps("\n".join(lines), pack.domain, pack.tell, simulator.domain.objects(problem)).plan or ()
    done = fill_in(read, simulator.domain, simulator.problem)
    try:
        state = simulator.trace(done)[-1]
    except InvalidPlan:
        return "impossible" if kind == "value" else ""
    left = replace(problem, init=tuple(sorted(state)))
    rest = _planned(pack, left)
    if kind == "value":
        if len(done) != len(lines) or rest is None:
            return "impossible"
        return f"{1 / (1 + len(rest)):.2f}" if rest else "reached"
    return f"{_told(pack, left, rest)[0]} -> one step closer" if rest else ""


def _section(prompt: str, name: str) -> str:
    """The text below the last heading of that name."""
    found = re.split(rf"^## {name}$", prompt, flags=re.MULTILINE)
    return re.split(r"^## ", found[-1], flags=re.MULTILINE)[0].strip() if len(found) > 1 else ""


def _pack_told(prompt: str, known: Pack | None) -> Pack | None:
    said = " ".join(prompt.split())
    for pack in filter(None, (known, *map(load_pack, list_packs()))):
        told = [" ".join(text.split()) for text in (pack.description, pack.example_text) if text.strip()]
        if any(text in said for text in told):
            return pack
    return None


def _understood(pack: Pack, task: str) -> Problem | None:
    objects = declared(task, pack)
    reading = read_text(task, pack, {**pack.domain.constants, **objects})
    problem = problem_of(reading.claims, objects, pack)
    if not literals(problem.goal):
        return None
    return complete(Draft(problem, []), pack.domain, pack)[0]


def _planned(pack: Pack, problem: Problem) -> Plan | None:
    try:
        return solve(*normalise(pack.domain, problem), time=30.0).plan
    except PlannerFailed:
        return None


def _told(pack: Pack, problem: Problem, plan: Plan) -> list[str]:
    return [told.words for told in tell(*normalise(pack.domain, problem), plan, pack.tell)]
