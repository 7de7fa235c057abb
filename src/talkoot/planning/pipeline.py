"""LLM+P from end to end: a task in words becomes a PDDL problem, the problem a plan, the plan words.

    write      a model writes the problem; rules complete it, checks find what is wrong, the model mends that (`write`)
    solve      Fast Downward and others look for a plan (`engines`)
    check      our validator replays it (`validate`)
    tell       the pack's phrases and the causal links tell it (`tell`)

Each of the four is an argument; `talkoot.planning.seam` is the line on which they are threaded.
Source: LLM+P (arXiv 2304.11477); completing, checking, repair and the reasons told are ours.
"""

from __future__ import annotations

from collections.abc import Callable

from talkoot.model import Model
from talkoot.planning.artefacts import Artefacts
from talkoot.planning.engines.portfolio import solve as find
from talkoot.planning.packs.pack import Pack
from talkoot.planning.pddl.printer import normalise
from talkoot.planning.plans.tell import Telling, tell_with
from talkoot.planning.plans.tell import tell as words_of_plan
from talkoot.planning.plans.validate import Verdict, validate
from talkoot.planning.rulebook import acquainted
from talkoot.planning.seam import Checker, Outcome, Solver, Teller, Writer, Written, carry_out
from talkoot.planning.solution import Solution
from talkoot.planning.write import MAX_TOKENS, Form
from talkoot.planning.write import write as ask
from talkoot.problem import Plan, Problem


def plan_task(
    text: str,
    pack: Pack,
    model: Model,
    *,
    form: Form = "pddl",
    faithful: bool = False,
    rounds: int = 2,
    samples: int = 1,
    max_tokens: int = MAX_TOKENS,
    time: float = 60.0,
    improve: float = 0.0,
    tell_with_model: bool = False,
    artefacts: Artefacts | None = None,
    progress: Callable[[str], None] | None = None,
    write: Writer[Problem] | None = None,
    solve: Solver[Problem] | None = None,
    check: Checker[Problem] | None = None,
    tell: Teller[Problem] | None = None,
) -> Outcome[Problem]:
    """Plan a task told in words in the domain of a pack.

    `form`, `faithful`, `rounds`, `samples` and `max_tokens` are those of `write.write`; `time` and `improve` (seconds)
    those of `engines.portfolio.solve`. With `tell_with_model` the model tells the plan anew. `progress` hears of each
    stage. `write`, `solve`, `check` and `tell` replace single stages. Not async, and not to be called where an event
    loop runs.

    The outcome's status is "doubtful" where faults remain that nobody mended. Raises EmptyReply, CutReply, Doubtful and
    FaultyPddl where there is no problem to plan with, PlannerFailed, InvalidPlan, and what the model raises.
    """
    keep = artefacts or Artefacts()
    note = progress or (lambda message: None)
    kept = keep.keep(acquainted(model, pack))

    async def written(text: str) -> Written[Problem]:
        note(f"{model.name} writes the problem")
        return await ask(kept, pack, text, form=form, faithful=faithful, rounds=rounds, samples=samples,
                         max_tokens=max_tokens)  # fmt: skip

    def solved(problem: Problem) -> Solution:
        note(f"looking for a plan, {time + improve:g} s at most")
        return find(*normalise(pack.domain, problem), time=time, improve=improve, progress=progress)

    def checked(problem: Problem, plan: Plan) -> Verdict:
        return validate(*normalise(pack.domain, problem), plan)

    async def told(problem: Problem, plan: Plan) -> Telling:
        domain, problem = normalise(pack.domain, problem)
        if tell_with_model:
            note(f"{model.name} tells the plan")
            return await tell_with(kept, domain, problem, plan, pack.tell, pack.facts)
        return Telling(tuple(words_of_plan(domain, problem, plan, pack.tell, pack.facts)))

    return carry_out(text, write or written, solve or solved, check or checked, tell or told, artefacts=keep)
