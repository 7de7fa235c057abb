"""`talkoot plan solve`: a planning problem in PDDL to a plan that has been replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    domain: Annotated[Path, typer.Argument(help="The domain: a PDDL file, or the name or folder of a domain pack.")],
    problem: Annotated[Path, typer.Argument(help="The problem: a PDDL file.")],
    time: Annotated[float, typer.Option(min=0.1, help="Seconds for finding a plan.")] = 60.0,
    improve: Annotated[float, typer.Option(min=0, help="Seconds beyond that for cheaper plans and a bound.")] = 0.0,
    prove: Annotated[bool, typer.Option("--prove", help="Use all of the time to prove the plan cheapest.")] = False,
    engine: Annotated[str, typer.Option(help="auto, python, one planner's search, or up:NAME.")] = "auto",
    memory: Annotated[int, typer.Option(min=16, help="Megabytes that a planner's process may use.")] = 4096,
    folder: Annotated[Path | None, typer.Option(help="Keep the planners' files and logs here.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the plan.")] = False,
) -> int:  # fmt: skip
    """Find a plan, and say whether it is proven to be the cheapest.

    Exit 0 with a plan; 15 the PDDL is faulty, 9 there is proven to be no plan, 12 the planner died, 13 it gave up at a
    limit, 6 the disk is full, 130 it was stopped, 2 a wrong request.
    """
    from contextlib import nullcontext

    from rich.console import Console

    from talkoot.cli import print_json
    from talkoot.cli.plan import domain_of, text_of
    from talkoot.errors import GaveUp, Stopped, Unsolvable
    from talkoot.lock import held
    from talkoot.planning.engines.portfolio import solve
    from talkoot.planning.pddl.printer import print_atom, print_plan
    from talkoot.planning.pddl.reader import load_problem

    read, _ = domain_of(domain)
    task = load_problem(text_of(problem), read, str(problem))
    tell = Console(stderr=True, highlight=False)
    try:
        with held(folder) if folder else nullcontext(), tell.status("") as shown:
            solution = solve(
                read, task, time=time, memory_mb=memory, improve=improve, prove=prove, engine=engine, folder=folder,
                progress=lambda message: shown.update(message),
            )  # fmt: skip
    except KeyboardInterrupt:
        kept = f"; their files are in {folder}" if folder else ""
        raise Stopped(f"stopped, and the planners with it{kept}") from None
    if json:
        print_json(
            {
                "status": solution.status,
                "cost": solution.cost,
                "bound": solution.bound,
                "plan": None if solution.plan is None else [print_atom(step) for step in solution.plan],
                "engine": solution.engine,
                "reason": solution.reason,
                "seconds": round(solution.seconds, 4),
                "engine_seconds": round(solution.engine_seconds, 4),
            }
        )
    elif solution.plan is not None:
        print(print_plan(solution.plan), end="")
    if solution.plan is not None:
        bound = "" if solution.bound is None else f", no plan costs less than {solution.bound:g}"
        engine = f", by {solution.engine}" if solution.engine else ""
        words = f"cost {solution.cost:g}{bound}{engine} in {solution.seconds:.2f} s"
        reason = f" ({solution.reason})" if solution.reason else ""
        tell.print(f"{solution.status}: {words}{reason}", markup=False, soft_wrap=True)
        return 0
    tell.print(f"talkoot: {solution.status}: {solution.reason}", markup=False, soft_wrap=True)
    return Unsolvable.exit_code if solution.status == "unsolvable" else GaveUp.exit_code
