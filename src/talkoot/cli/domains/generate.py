"""`talkoot domains generate`: a new instance of a planning domain, in words and in PDDL."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    pack: Annotated[str, typer.Argument(help="A domain that comes along, or the folder of a pack.")],
    size: Annotated[int, typer.Option(help="How large, from 1; what it means is the pack's choice.")] = 3,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal instances.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Write task.txt, domain.pddl and problem.pddl to this folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Print a generated task in words, and its true problem in PDDL."""
    from talkoot.cli import print_json
    from talkoot.errors import BadInput
    from talkoot.planning.packs.pack import load_pack
    from talkoot.planning.pddl.printer import print_problem

    if size < 1:
        raise BadInput(f"--size {size} is too small; sizes begin at 1")
    known = load_pack(pack)
    text, problem = known.generate(size, seed)
    pddl = print_problem(problem)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in (("task.txt", text), ("domain.pddl", known.domain_text), ("problem.pddl", pddl)):
            (out / name).write_text(content, encoding="utf-8")
    if as_json:
        print_json({"domain": known.name, "size": size, "seed": seed, "text": text, "problem": pddl})
    elif out is None:
        print(f"{text.rstrip()}\n\n{pddl.rstrip()}")
    else:
        print(f"written to {out}: task.txt, domain.pddl, problem.pddl")
