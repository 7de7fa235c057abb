"""One task planned by one of the compared methods: what comes out has been checked by nobody, and says so."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

from talkoot.errors import BadInput, TalkootError
from talkoot.model import Model
from talkoot.planning.artefacts import Artefacts
from talkoot.planning.comparison.methods import METHODS, Attempt, Limits, method_named
from talkoot.planning.packs.pack import Pack
from talkoot.planning.pddl.printer import print_plan, print_problem
from talkoot.planning.plans.tell import words_of
from talkoot.planning.rulebook import acquainted
from talkoot.planning.seam import failure
from talkoot.types import Json

PUBLISHED = tuple(name for name in METHODS if name not in ("llmp", "llmp_compact"))
"""The methods of the paper; ours is `talkoot.planning.pipeline`."""


def plan_unchecked(method: str, model: Model, pack: Pack, text: str, limits: Limits, artefacts: Artefacts) -> Attempt:
    """Plan a task by a method of PUBLISHED and leave reply, plan and outcome in the folder.

    Not to be called where an event loop runs. Raises BadInput for another method, and what the model raises.
    """
    if method not in PUBLISHED:
        raise BadInput(
            f"--method {method}: the compared methods are {', '.join(PUBLISHED)}; without --method ours plans"
        )
    artefacts.remove("plan.txt", "told.txt", "outcome.json", "problem.pddl")
    artefacts.write("task.txt", text)

    asked = artefacts.keep(acquainted(model, pack))

    async def planned() -> Attempt:
        return await method_named(method)(asked, pack, text, None, limits)

    try:
        attempt = asyncio.run(planned())
    except BaseException as error:
        with suppress(OSError):  # the disk may be full
            artefacts.write(
                "status.txt", f"{failure(error) if isinstance(error, TalkootError) else 'stopped'}\n{error}\n"
            )
        raise
    if attempt.problem is not None:
        artefacts.write("problem.pddl", print_problem(attempt.problem, pack.domain))
    if attempt.plan is not None:
        artefacts.write("plan.txt", print_plan(attempt.plan))
        artefacts.write("told.txt", words(attempt, pack))
    artefacts.write("outcome.json", json.dumps(to_json(attempt, pack), indent=2) + "\n")
    artefacts.write("status.txt", f"{status(attempt)}\n")
    return attempt


def status(attempt: Attempt) -> str:
    """`unchecked` where there is a plan, else `no plan`."""
    return "no plan" if attempt.plan is None else "unchecked"


def words(attempt: Attempt, pack: Pack) -> str:
    """The attempt for a reader, line by line."""
    if attempt.plan is None:
        return f"No plan: {attempt.reason}.\n"
    lines = ["UNCHECKED: nobody has held this plan against the task."]
    lines += [f"{number}. {words_of(pack.domain, step, pack.tell)}" for number, step in enumerate(attempt.plan, 1)]
    lines += [] if attempt.plan else ["Nothing has to be done, says the model."]
    lines += [f"(not understood: {line})" for line in attempt.unreadable]
    return "\n".join(lines) + "\n"


def to_json(attempt: Attempt, pack: Pack) -> dict[str, Json]:
    """As a JSON object."""
    plan = attempt.plan
    return {
        "status": status(attempt),
        "plan": None if plan is None else [" ".join(step) for step in plan],
        "told": [] if plan is None else [words_of(pack.domain, step, pack.tell) for step in plan],
        "reason": attempt.reason,
        "unreadable": list(attempt.unreadable),
        "calls": attempt.calls,
        "tokens": attempt.tokens,
    }
