"""`talkoot plan validate`: is a plan right, what does it cost, and what is each step good for?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    domain: Annotated[Path, typer.Argument(help="The domain: a PDDL file, or the name or folder of a domain pack.")],
    problem: Annotated[Path, typer.Argument(help="The problem: a PDDL file.")],
    plan: Annotated[Path, typer.Argument(help="The plan: one step a line, as in (stack b1 b2).")],
    tell: Annotated[bool, typer.Option("--tell", help="Also tell a valid plan in words, with reasons.")] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Draw a valid plan over time: a .html page, or a .png, .svg or .pdf.")
    ] = None,
    agents: Annotated[str | None, typer.Option(help="The type of those who act, one lane each in the picture.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Replay a plan step by step and say what fails first; exit code 14 if it is not valid, 15 for faulty PDDL."""
    from rich.console import Console

    from talkoot.cli import check_target, print_json
    from talkoot.cli.plan import domain_of, text_of
    from talkoot.errors import InvalidPlan
    from talkoot.planning.packs.pack import pack_for
    from talkoot.planning.pddl.printer import read_plan
    from talkoot.planning.pddl.reader import load_problem
    from talkoot.planning.plans.tell import Telling, by_place
    from talkoot.planning.plans.tell import tell as told_steps
    from talkoot.planning.plans.timeline import ENDINGS, draw
    from talkoot.planning.plans.validate import validate

    if picture is not None:
        check_target("--picture", picture, ENDINGS)
    read, own = domain_of(domain)
    task = load_problem(text_of(problem), read, str(problem))
    steps = read_plan(text_of(plan, "a text file"))
    verdict = validate(read, task, steps)
    result: dict[str, Any] = {"valid": verdict.ok, "step": verdict.step, "reason": verdict.reason, "cost": verdict.cost}
    console = Console(highlight=False, stderr=as_json)
    if not verdict.ok:
        console.print(f"not valid: {verdict.reason}", markup=False, soft_wrap=True)
    else:
        many = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
        console.print(f"valid: {many}, cost {verdict.cost:g}", markup=False)
        pack = own or pack_for(read) if tell or picture is not None else None
        phrases, facts = by_place(pack.domain, pack.tell, pack.facts) if pack else ({}, {})
        if tell:
            telling = Telling(tuple(told_steps(read, task, steps, phrases, facts)))
            result["told"] = [
                {"step": one.step, "words": one.words, "because": one.because, "useless": one.useless}
                for one in telling.told
            ]
            if not as_json:
                console.print(str(telling), markup=False, soft_wrap=True)
        if picture is not None:
            result["picture"] = str(draw(read, task, steps, picture, phrases, facts, agents))
            console.print(f"drawn: {picture}", markup=False, soft_wrap=True)
    if as_json:
        print_json(result)
    if not verdict.ok:
        raise typer.Exit(InvalidPlan.exit_code)
