"""`talkoot plan "TEXT"`: a task in plain language in, a checked plan in plain language out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from talkoot.errors import TalkootError
    from talkoot.model import Model
    from talkoot.planning.artefacts import Artefacts
    from talkoot.planning.packs.pack import Pack
    from talkoot.planning.seam import Outcome
    from talkoot.problem import Problem


def command(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The task; - reads it from standard input.")] = "",
    domain: Annotated[str, typer.Option(help="A domain that comes along (`talkoot domains list`), or the folder "
                                        "of your own.")] = "",
    example: Annotated[bool, typer.Option("--example", help="Plan the worked example of the domain.")] = False,
    model: Annotated[str, typer.Option(help="Who writes the problem: rulebook, NAME@URL, hf/FOLDER or recorded/FILE.")
                     ] = "rulebook",
    form: Annotated[Literal["pddl", "compact"], typer.Option(help="Ask for plain PDDL, or with macros for bulk facts.")
                    ] = "pddl",
    faithful: Annotated[bool, typer.Option("--faithful", help="Ask as LLM+P did, without the domain.")] = False,
    method: Annotated[str, typer.Option(help="Plan by a compared method, its plan unchecked: llm_plan, "
                                        "llm_plan_context, step_by_step, tree_of_thoughts, llmp_no_context or "
                                        "llmp_faithful.")] = "",
    rounds: Annotated[int, typer.Option(min=0, help="At most so many further calls to mend faults.")] = 2,
    samples: Annotated[int, typer.Option(min=1, max=64, help="Ask so often, and take what most replies agree on.")] = 1,
    reply_tokens: Annotated[int, typer.Option(min=16, help="The longest reply, in tokens.")] = 4096,
    time: Annotated[float, typer.Option(min=0.1, help="Seconds for finding a plan.")] = 60.0,
    improve: Annotated[float, typer.Option(min=0, help="Seconds beyond that for cheaper plans and a bound.")] = 0.0,
    tell_with_model: Annotated[bool, typer.Option("--tell-with-model", help="Let the model tell the plan.")] = False,
    why: Annotated[bool, typer.Option("--why", help="If there is no plan, say more about why.")] = False,
    picture: Annotated[Path | None, typer.Option(help="Draw the plan over time: .html, .png, .svg or .pdf.")] = None,
    run: Annotated[Path | None, typer.Option(help="The folder for everything made on the way; by default one that "
                                             "depends on what is asked.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a server has for one reply.")] = 120.0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
) -> int:  # fmt: skip
    """Plan a task told in plain language: a model writes it as a planning problem, a planner solves that.

    Exit 0 with a plan; 15 the problem cannot be read, 8 plan or problem are doubtful, 9 there is no plan, 10 the model
    answered nothing usable, 11 its reply was cut off, 12 the planner died, 13 it gave up, 4 the model failed, 6 the
    disk is full, 130 it was stopped, 2 a wrong request. The same command goes on where it stopped and asks the model
    nothing twice.
    """
    import sys

    from rich.console import Console

    from talkoot.cli import check_target, explain, print_json
    from talkoot.errors import BadInput, Doubtful, GaveUp, Stopped, TalkootError, Unsolvable
    from talkoot.lock import held
    from talkoot.models import open_model
    from talkoot.planning.artefacts import Artefacts
    from talkoot.planning.packs.pack import list_packs, load_pack
    from talkoot.planning.pipeline import plan_task
    from talkoot.planning.plans.timeline import ENDINGS

    if not domain:
        raise BadInput(f"name the domain of the task: --domain with one of {', '.join(list_packs())}, or a folder")
    if picture is not None:
        check_target("--picture", picture, ENDINGS)
    pack = load_pack(domain)
    if example:
        if text:
            raise BadInput("give a task or --example, not both")
        if not pack.example_text:
            raise BadInput(f"the domain {domain} has no example.txt; give a task instead of --example")
        text = pack.example_text
    elif text == "-":
        text = sys.stdin.read() if sys.stdin is not None else ""
    if not text.strip():
        raise BadInput('there is no task: talkoot plan "TEXT", - for standard input, or --example')
    # Limits of time are not part of it: the same task may be gone on with for longer.
    asked = {"text": text, "domain": domain, "model": model, "form": form, "faithful": faithful, "rounds": rounds,
             "samples": samples, "reply_tokens": reply_tokens, **({"method": method} if method else {})}  # fmt: skip
    writer = open_model(model, timeout=timeout)
    folder = run or _default(asked)
    artefacts = Artefacts.open(folder, asked)
    where = {"run": str(folder)}
    tell = Console(stderr=True, highlight=False)
    try:
        with held(folder):
            if method:
                return _unchecked(method, text, pack, writer, time, improve, artefacts, json)
            with tell.status("") as shown:
                outcome = plan_task(
                    text, pack, writer, form=form, faithful=faithful, rounds=rounds, samples=samples,
                    max_tokens=reply_tokens, time=time, improve=improve, tell_with_model=tell_with_model,
                    artefacts=artefacts, progress=lambda message: shown.update(message),
                )  # fmt: skip
    except KeyboardInterrupt:
        return _failed(Stopped("stopped; the same command goes on where it was"), where, json)
    except (TalkootError, OSError) as error:
        return _failed(error, where, json)
    reasons = _reasons(outcome, pack) if why else []
    trouble = 0
    if picture is not None and outcome.solution.plan is not None:
        try:
            _draw(outcome, pack, picture)
            where["picture"] = str(picture)
        except OSError as error:  # the plan is there all the same
            said, trouble = explain(error)
            tell.print(f"talkoot: {said}", markup=False, soft_wrap=True)
    if json:
        print_json(outcome.to_json() | ({"why": reasons} if why else {}) | where)
    else:
        tell.print(_summary(outcome, model), markup=False, soft_wrap=True)
        Console(highlight=False).print(outcome.words() + "".join(f"  {line}\n" for line in reasons), end="",
                                       markup=False, soft_wrap=True)  # fmt: skip
        tell.print("\n".join(f"{key:<8} {value}" for key, value in where.items()), markup=False, soft_wrap=True)
    codes = {"doubtful": Doubtful.exit_code, "unsolvable": Unsolvable.exit_code, "gave up": GaveUp.exit_code}
    return codes.get(outcome.status, trouble)


def _failed(error: TalkootError | OSError, where: dict[str, str], json: bool) -> int:
    """Tell why there is no outcome, and where to look; returns the exit code."""
    import sys

    from talkoot.cli import explain, print_json
    from talkoot.planning.seam import failure

    said, code = explain(error) if isinstance(error, OSError) else (str(error), error.exit_code)
    message = f"{said} (what was made so far is in {where['run']})"
    if json:
        print_json({"status": failure(error), "error": message, **where})
    print(f"talkoot: {message}", file=sys.stderr)
    return code


def _unchecked(
    method: str,
    text: str,
    pack: Pack,
    model: Model,
    time: float,
    improve: float,
    artefacts: Artefacts,
    json: bool,
) -> int:
    """Plan by a compared method: a plan that nobody has checked is doubtful."""
    from rich.console import Console

    from talkoot.cli import print_json
    from talkoot.errors import Doubtful, GaveUp
    from talkoot.planning.comparison.methods import Limits
    from talkoot.planning.comparison.unchecked import plan_unchecked, to_json, words

    attempt = plan_unchecked(method, model, pack, text, Limits(time, improve), artefacts)
    if json:
        print_json(to_json(attempt, pack) | {"run": str(artefacts.folder)})
    else:
        Console(highlight=False).print(words(attempt, pack), end="", markup=False, soft_wrap=True)
        Console(stderr=True, highlight=False).print(f"run      {artefacts.folder}", markup=False, soft_wrap=True)
    return GaveUp.exit_code if attempt.plan is None else Doubtful.exit_code


def _default(asked: dict[str, object]) -> Path:
    """The folder of a task for which none is named: the same task finds the same one."""
    import hashlib
    import json

    from talkoot import __version__

    text = json.dumps([__version__, asked], sort_keys=True)
    return Path("runs") / f"plan-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def _reasons(outcome: Outcome[Problem], pack: Pack) -> list[str]:
    from talkoot.planning.pddl.printer import normalise
    from talkoot.planning.plans.why import why_impossible

    if outcome.solution.plan is not None:
        return []
    return why_impossible(*normalise(pack.domain, outcome.written.problem))


def _draw(outcome: Outcome[Problem], pack: Pack, path: Path) -> None:
    from talkoot.planning.pddl.printer import normalise
    from talkoot.planning.plans.timeline import draw

    domain, problem = normalise(pack.domain, outcome.written.problem)
    draw(domain, problem, outcome.solution.plan or (), path, pack.tell, pack.facts)


def _summary(outcome: Outcome[Problem], model: str) -> str:
    """What was written, what it took, and what the planner says of its plan."""
    written, solution = outcome.written, outcome.solution
    problem = written.problem
    mended = [fault for fault in written.faults if fault.mended]
    lines = [f"problem  {len(problem.objects)} objects, {len(problem.init)} facts at the start"]
    lines += [f"mended   {fault.message}" for fault in mended]
    lines += [f"unread   {sentence}" for sentence in written.unread]
    if written.samples > 1:
        lines.append(f"samples  {written.share:.0%} of {written.samples} agree on this problem")
    lines.append(f"model    {model}: {written.calls} calls, {written.tokens} tokens, {written.rounds} repairs")
    found = f"status   {outcome.status}"
    if solution.plan is not None:
        found += f": {len(solution.plan)} steps, cost {solution.cost:g}"
        if solution.status == "optimal":
            found += ", proven cheapest"
        elif solution.bound:
            found += f", none is cheaper than {solution.bound:g}"
    return "\n".join([*lines, found])
