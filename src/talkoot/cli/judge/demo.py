"""`talkoot judge demo`: a small judge reads along while a small policy solves, at once and offline."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer


def command(
    problems: Annotated[int, typer.Option(help="how many problems", min=1, max=100)] = 4,
    seed: Annotated[int, typer.Option(help="which problems, and what is drawn")] = 0,
    run: Annotated[Path | None, typer.Option(help="a folder that `talkoot judge pipeline` wrote")] = None,
) -> None:
    """Watch chunk-reset search: each chunk, the judge's analysis of it, and what is thrown away and drawn again."""
    from rich.console import Console
    from rich.markup import escape

    from talkoot.errors import BadInput

    if missing := [package for package in ("torch", "safetensors") if find_spec(package) is None]:
        raise BadInput(f"judge demo needs {', '.join(missing)}; run: pip install 'talkoot[judging]'")
    import torch

    from talkoot.judging.answers import final_answer
    from talkoot.judging.demo import TASK, from_run, shipped, speaker, watch
    from talkoot.judging.dialect import Tiny

    torch.set_num_threads(1)
    console, dialect = Console(highlight=False), Tiny()
    policy, network, task = from_run(run) if run else (*shipped(), TASK)
    judge = speaker(network, dialect)
    console.print(
        f"Arithmetic modulo {task.modulus}, from left to right. Both models were trained from nothing\n"
        "by `talkoot judge pipeline`: the policy errs now and then, and the judge learnt\n"
        "from rollouts. It works each chunk again, subtracts the chunk's result, and says\n"
        "how likely the chunk is sound. What it rejects is drawn again."
    )
    right = 0
    for number in range(problems):
        problem = task.problem("test", 900_000_000 + seed * 1000 + number)
        console.print(f"\n[bold]{escape(problem.text)}[/bold]")
        answer = None
        for one in watch(problem, policy, judge, dialect, seed):
            chunk, said = (" ".join(text.split()) for text in (one.chunk, one.verdict.analysis))
            mark = "[green]kept   [/green]" if one.kept else "[red]dropped[/red]"
            share = f"{one.verdict.score:4.0%}"
            console.print(f"  {mark} {escape(chunk):<22} [dim]{escape(said):<34}[/dim]{share} sound", soft_wrap=True)
            answer = final_answer(one.chunk) if one.kept else answer
        right += answer == problem.answer
        console.print(f"  answer {answer}, {'right' if answer == problem.answer else f'wrong: it is {problem.answer}'}")
    console.print(f"\n{right} of {problems} right. Train your own: talkoot judge pipeline --preset smoke")
