"""The methods that the LLM+P paper compares, and ours, behind one shape: a task in words becomes a plan or nothing.

    llm_plan            the model plans; it sees the domain's description (LLM-AS-P without context)
    step_by_step        the same, asked to think step by step
    llm_plan_context    the same with an example and its plan (LLM-AS-P)
    tree_of_thoughts    a search over beginnings of plans, proposed and judged by the model (LLM-AS-P, ToT)
    llmp_no_context     the model writes PDDL without an example, a planner solves it (LLM+P without context)
    llmp_faithful       the model writes PDDL after an example, a planner solves it as it is (LLM+P as published)
    llmp                ours: the reply is checked, completed, repaired and audited before a planner solves it

    llmp_compact        the same, asked for the short form in which bulk facts are ranges, grids and closures

Each of the published ones sees what the paper's prompt of that method holds (arXiv 2304.11477; the words are ours).
Each may be given the true problem: no prompt holds anything of it, its objects and start serve to read the model's
sentences.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache, wraps

from talkoot.errors import (
    BadInput,
    CutReply,
    Doubtful,
    EmptyReply,
    FaultyPddl,
    ModelFailed,
    PlannerFailed,
    TalkootError,
)
from talkoot.model import Model
from talkoot.planning.asking import Counted, ask, render
from talkoot.planning.comparison.steps import fill_in, read_steps
from talkoot.planning.comparison.tot import Beginning, Bounds, read_proposals, tree_of_thoughts
from talkoot.planning.engines.interrupt import interruptible
from talkoot.planning.engines.portfolio import solve
from talkoot.planning.faults import doubtful
from talkoot.planning.packs.pack import Pack
from talkoot.planning.pddl.printer import normalise
from talkoot.planning.pddl.reader import load_domain, load_problem, read_problem
from talkoot.planning.plans.tell import tell
from talkoot.planning.seam import Written
from talkoot.planning.write import write
from talkoot.problem import Plan, Problem

PLAN_TOKENS, PROBLEM_TOKENS, STEP_TOKENS, VALUE_TOKENS = 2048, 4096, 400, 40
"""At most so many tokens may a plan, a problem, a list of next actions and a judgement have."""

WIDTH = 5
"""Next actions that the tree of thoughts asks for at once."""


@dataclass(frozen=True)
class Attempt:
    """What a method made of a task.

    `plan` is what it claims (None: it claims none, `reason` says why), `problem` what the model wrote, as it was
    solved; `doubtful` that the method itself has doubts about its plan. `unreadable` are lines of the replies that look
    like steps but could not be read; `?` in a plan is an object that a sentence left out. `texts` are the replies;
    `seconds` is the wall time of models and planners.
    """

    plan: Plan | None = None
    problem: Problem | None = None
    doubtful: bool = False
    reason: str = ""
    unreadable: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    calls: int = 0
    tokens: int = 0
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Limits:
    """Seconds that a planner has for a plan, and beyond that for cheaper ones; rounds of repair (ours only); bounds of
    the tree of thoughts."""

    time: float = 60.0
    improve: float = 0.0
    rounds: int = 2
    tree: Bounds = field(default_factory=Bounds)


Method = Callable[[Model, Pack, str, Problem | None, Limits], Awaitable[Attempt]]
"""A method: `await method(model, pack, text, problem, limits)`. Raises what the model raises, and nothing for a reply,
however bad it is."""


def _counted(method: Callable[[Counted, Pack, str, Problem | None, Limits], Awaitable[Attempt]]) -> Method:
    """Add to an attempt what was said and what it cost."""

    @wraps(method)
    async def run(
        model: Model, pack: Pack, text: str, problem: Problem | None = None, limits: Limits | None = None
    ) -> Attempt:
        counted = Counted(model)
        began = time.perf_counter()
        try:
            attempt = await method(counted, pack, text, problem, limits or Limits())
        except (EmptyReply, CutReply, Doubtful, FaultyPddl) as error:
            attempt = Attempt(reason=str(error))
        except ModelFailed as error:
            # A server's client asks several times before it gives up on an empty answer: that is the model's answer.
            if "the reply is empty" not in str(error):
                raise
            attempt = Attempt(reason=str(error))
        own = time.perf_counter() - began - counted.waited
        return replace(
            attempt,
            texts=tuple(counted.texts),
            calls=counted.calls,
            tokens=counted.tokens,
            seconds=own + counted.seconds,
        )

    return run


@_counted
async def llm_plan(model: Counted, pack: Pack, text: str, problem: Problem | None, limits: Limits) -> Attempt:
    """The model as planner: description of the domain, task, and the request for a short plan."""
    return _read(await _ask_plan(model, render("method_plan", pack=pack, text=text, think=False)), pack, problem)


@_counted
async def step_by_step(model: Counted, pack: Pack, text: str, problem: Problem | None, limits: Limits) -> Attempt:
    """As `llm_plan`, with the request to think step by step; what follows the last line "Plan:" is read."""
    reply = await _ask_plan(model, render("method_plan", pack=pack, text=text, think=True))
    lines = reply.splitlines()
    heads = [at for at, line in enumerate(lines) if line.strip(" *#").lower().startswith("plan:")]
    return _read("\n".join(lines[heads[-1] + 1 :]) if heads else reply, pack, problem)


@_counted
async def llm_plan_context(model: Counted, pack: Pack, text: str, problem: Problem | None, limits: Limits) -> Attempt:
    """The model as planner after an example with its plan."""
    prompt = render("method_plan_context", pack=_with_example(pack), text=text, example_plan=example_plan(pack))
    return _read(await _ask_plan(model, prompt), pack, problem)


@_counted
async def tree(model: Counted, pack: Pack, text: str, problem: Problem | None, limits: Limits) -> Attempt:
    """A search over beginnings of plans; see `talkoot.planning.comparison.tot`."""
    example = example_plan(_with_example(pack))
    graded = grade(example)

    async def propose(steps: Beginning) -> list[str]:
        prompt = render("method_propose", pack=pack, text=text, example_plan=example, steps=steps, width=WIDTH)
        reply = await ask(model, "propose", prompt, system="method_system", max_tokens=STEP_TOKENS)
        return read_proposals(reply, WIDTH)

    async def judge(steps: Beginning) -> str:
        prompt = render("method_value", pack=pack, text=text, graded=graded, steps=steps)
        return await ask(model, "value", prompt, system="method_system", max_tokens=VALUE_TOKENS)

    found = await tree_of_thoughts(propose, judge, limits.tree)
    if found.steps is None:
        return Attempt(reason=found.reason, unreadable=found.unreadable)
    read = _read("\n".join(f"- {step}" for step in found.steps), pack, problem)
    return replace(read, unreadable=found.unreadable + read.unreadable)


@_counted
async def llmp_no_context(model: Counted, pack: Pack, text: str, problem: Problem | None, limits: Limits) -> Attempt:
    """The model writes the problem from the description and the task alone; the planner gets it as it is.

    As published, the prompt holds neither the predicates nor the types: almost nothing of what comes back fits.
    """
    prompt = render("method_problem", pack=pack, text=text)
    return _solve_unchecked(pack, await _ask_problem(model, prompt), limits)


@_counted
async def llmp_faithful(model: Counted, pack: Pack, text: str, problem: Problem | None, limits: Limits) -> Attempt:
    """LLM+P as published: an example and its problem, then the task; the planner gets the reply as it is."""
    prompt = render("method_problem_context", pack=_with_example(pack), text=text)
    return _solve_unchecked(pack, await _ask_problem(model, prompt), limits)


@_counted
async def llmp(model: Counted, pack: Pack, text: str, problem: Problem | None, limits: Limits) -> Attempt:
    """Ours: `talkoot.planning.write` and the planner; what is left unmended makes the plan doubtful."""
    return _solve_written(pack, await write(model, pack, text, rounds=limits.rounds), limits)


@_counted
async def llmp_compact(model: Counted, pack: Pack, text: str, problem: Problem | None, limits: Limits) -> Attempt:
    """Ours, with the short form of a problem."""
    return _solve_written(pack, await write(model, pack, text, form="compact", rounds=limits.rounds), limits)


METHODS: dict[str, Method] = {
    "llm_plan": llm_plan,
    "step_by_step": step_by_step,
    "llm_plan_context": llm_plan_context,
    "tree_of_thoughts": tree,
    "llmp_no_context": llmp_no_context,
    "llmp_faithful": llmp_faithful,
    "llmp": llmp,
    "llmp_compact": llmp_compact,
}
"""The methods by name."""


def method_named(name: str) -> Method:
    """A method of METHODS; raises BadInput for another name."""
    if name not in METHODS:
        raise BadInput(f"there is no planning method {name!r}; those known are {', '.join(METHODS)}")
    return METHODS[name]


def example_plan(pack: Pack) -> tuple[str, ...]:
    """A plan for the pack's example in the pack's phrases, one line a step, found by the planner.

    Empty where the example's problem is faulty, has no plan that is found within a minute, or is missing.
    """
    solved = _example(pack.domain_text, pack.example_problem) if pack.example_problem.strip() else None
    if solved is None:
        return ()
    problem, plan = solved
    return tuple(told.words for told in tell(pack.domain, problem, plan, pack.tell))


@lru_cache(maxsize=64)
def _example(domain_text: str, problem_text: str) -> tuple[Problem, Plan] | None:
    try:
        domain = load_domain(domain_text)
        domain, problem = normalise(domain, load_problem(problem_text, domain))
        plan = solve(domain, problem, time=60.0).plan
    except TalkootError:
        return None
    return None if plan is None else (problem, plan)


def grade(example: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
    """Five beginnings made from the example's plan with their judgements: a quarter, the half and three quarters of it,
    all of it, and its second half alone, which cannot be carried out. Fewer where the plan is too short."""
    n = len(example)
    if n < 2:
        return []
    graded: dict[tuple[str, ...], str] = {}
    for share in (0.25, 0.5, 0.75):
        graded.setdefault(example[: max(1, round(share * n))], f"{max(1, round(share * n)) / n:.2f}")
    graded[example[n // 2 :]] = "impossible"
    graded[example] = "reached"
    return list(graded.items())


def _with_example(pack: Pack) -> Pack:
    if not pack.example_text.strip():
        raise BadInput(f"the pack {pack.name} has no example.txt, which this method shows to the model; write one")
    return pack


async def _ask_plan(model: Counted, prompt: str) -> str:
    return await ask(model, "plan", prompt, system="method_system", max_tokens=PLAN_TOKENS)


def _read(reply: str, pack: Pack, problem: Problem | None) -> Attempt:
    steps = read_steps(reply, pack.domain, pack.tell, problem.objects if problem is not None else None)
    if steps.plan is None:
        return Attempt(reason="the reply holds no step that can be read", unreadable=steps.unreadable)
    plan = steps.plan if problem is None else fill_in(steps.plan, *normalise(pack.domain, problem))
    return Attempt(plan, unreadable=steps.unreadable)


async def _ask_problem(model: Counted, prompt: str) -> str:
    return await ask(model, "write", prompt, system="method_system", max_tokens=PROBLEM_TOKENS)


def _solve_unchecked(pack: Pack, reply: str, limits: Limits) -> Attempt:
    """Solve what a reply says as the published system would: a fault at which the planner stops ends it, nothing is
    mended, nothing is held against the text."""
    draft = read_problem(reply, pack.domain)
    stops = [fault for fault in draft.faults if fault.kind not in _SWALLOWED]
    if stops:
        return Attempt(problem=draft.problem, reason=f"the planner cannot read the problem: {stops[0]}")
    return _solve(pack, draft.problem, limits)


def _solve_written(pack: Pack, written: Written[Problem], limits: Limits) -> Attempt:
    attempt = _solve(pack, written.problem, limits)
    return replace(attempt, doubtful=doubtful(list(written.faults)))


def _solve(pack: Pack, problem: Problem, limits: Limits) -> Attempt:
    try:
        with interruptible():
            solution = solve(*normalise(pack.domain, problem), time=limits.time, improve=limits.improve)
    except (PlannerFailed, FaultyPddl) as error:
        return Attempt(problem=problem, reason=str(error))
    return Attempt(plan=solution.plan, problem=problem, reason=solution.reason or solution.status)


_SWALLOWED = frozenset({"domain-name", "negative-fact", "abbreviated"})
"""Faults that Fast Downward does not mind: it compares no domain names, drops negative facts and skips comments."""
