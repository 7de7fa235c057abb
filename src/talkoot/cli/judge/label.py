"""`talkoot judge label`: the labels that a journal's counts give, how far they can be trusted, what they cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from talkoot.judging.journal import AnnotatedSolution
    from talkoot.judging.labels import Labelling
    from talkoot.judging.noise import Agreement, Cost, Report, Share


def command(
    journal: Annotated[Path, typer.Argument(help="A journal that `talkoot judge annotate` or the pipeline wrote.")],
    rule: Annotated[str, typer.Option(help="abs-q, rel-effective:alpha=.4,n=4 or rel-ratio:gamma=.8; by default all "
                                      "three are compared.")] = "",
    report: Annotated[bool, typer.Option("--report", help="Balance, agreement, cost and doubt of the labels; the "
                                         "default without --out.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the labelled chunks there as JSON lines; needs --rule.")]
    = None,
    after_error: Annotated[Literal["cut", "mask", "keep"], typer.Option(
        help="Chunks after the first -: no label, no label where Q was 0 before, or all labelled.")] = "cut",
    last: Annotated[bool, typer.Option(help="Whether the last chunk is labelled, by the outcome.")] = True,
    start: Annotated[Literal["filter", "others", "none"], typer.Option(
        help="Q at the start: the pass rate of all responses, of the others, or unknown.")] = "filter",
    zero: Annotated[Literal["reached", "minus", "none"], typer.Option(
        help="Relative rules after Q = 0: + if Q is above 0 now, -, or no label.")] = "reached",
    implied: Annotated[bool, typer.Option("--implied", help="abs-q: errors stay, so chunks that were not drawn follow "
                                          "from those that were (after a search for the first error).")] = False,
    confidence: Annotated[float | None, typer.Option(
        min=0.5, max=1.0, help="A label less probable than this (.8) is unsure; if this is given, --out leaves those "
                               "out.")] = None,
    balance: Annotated[bool, typer.Option("--balance", help="With --out: as many + as -.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="With --balance: which of the majority stay.")] = 0,
    against: Annotated[Path | None, typer.Option(help="A second journal of the same solutions, to compare labels.")]
    = None,
    rollouts: Annotated[int, typer.Option(min=1, help="Rollouts of one prefix that the costs are reckoned with.")] = 16,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Label the chunks of a journal by a rule, report on the labels, or write them to a file. Nothing is drawn.

    Agreement compares the labels by every other block of rollouts, and with those of a second journal.
    """
    from rich.console import Console

    from talkoot.cli import check_target, print_json
    from talkoot.errors import BadInput
    from talkoot.judging.journal import load_journal
    from talkoot.judging.labels import RULES, AbsQ, Labelling, rule_by_name
    from talkoot.judging.noise import report as report_on

    if out is not None and not rule:
        raise BadInput("--out needs --rule: a chunk is written with one label")
    if balance and out is None:
        raise BadInput("--balance makes sense with --out only; a report counts all labels")
    if out is not None:
        check_target("--out", out)
        if out.exists() and journal.exists() and out.samefile(journal):
            raise BadInput(f"--out {out} is the journal itself; name another file")
    chosen = [rule_by_name(rule)] if rule else [AbsQ()] if implied else list(RULES)
    labellings = [Labelling(one, after_error, last, start, zero, implied) for one in chosen]
    contents = load_journal(journal)
    other = load_journal(against) if against is not None else None
    tell = Console(stderr=True, highlight=False)
    for note in contents.notes + (other.notes if other else []):
        tell.print(f"talkoot: {note}", markup=False, soft_wrap=True)
    if not contents.by_id:
        raise BadInput(f"{journal} holds no solutions yet; sample and annotate some with `talkoot judge annotate`")
    reports = []
    if report or out is None:
        reports = [
            report_on(contents, one, cap=rollouts, confidence=confidence or 0.8, against=other) for one in labellings
        ]
    written = (
        _write(out, contents.solutions, labellings[0], confidence or 0.0, balance, seed) if out is not None else None
    )
    if as_json:
        told: dict[str, object] = {"journal": str(journal), "model": contents.settings.model,
                                   "rules": [one.to_json() for one in reports]}  # fmt: skip
        print_json(told | ({"out": str(out), "examples": written} if out is not None else {}))
        return
    console = Console(highlight=False)
    if reports:
        _print(console, reports, contents.settings.model)
    if out is not None:
        console.print(f"{written} labelled chunks are in {out}", markup=False, soft_wrap=True)


def _write(
    out: Path, solutions: list[AnnotatedSolution], labelling: Labelling, confidence: float, balance: bool, seed: int
) -> int:
    from json import dumps

    from talkoot.disk import named
    from talkoot.judging.examples import evened, examples

    found = examples(solutions, labelling, at_least=confidence)
    if balance:
        found = evened(found, seed)
    with named(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(dumps(one.to_json(), ensure_ascii=False) + "\n" for one in found)
        # A lone surrogate, which UTF-8 has not, is written as its JSON escape.
        out.write_text(text, encoding="utf-8", errors="backslashreplace")
    return len(found)


def _print(console: Console, reports: list[Report], model: str) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    first = reports[0]
    grid = Table("", *(escape(one.rule) for one in reports), box=box.SIMPLE_HEAD)
    grid.add_row("labels", *(str(one.all.labels) for one in reports))
    grid.add_row("share of +", *(_percent(one.all) for one in reports))
    for i in range(min(8, len(first.positions))):
        grid.add_row(f"  chunk {i + 1}", *(_percent(one.positions[i]) for one in reports))
    grid.add_row("  last chunk", *(_percent(one.ending) for one in reports))
    grid.add_row("half against half", *(_agreed(one.halves) for one in reports))
    if first.against is not None:
        grid.add_row("against the other", *(_agreed(one.against) for one in reports))
    grid.add_row(f"unsure, below {first.confidence:g}", *(_part(one.unsure, one.all.labels) for one in reports))
    grid.add_row("rollouts drawn", *(_spent(one.spent) for one in reports))
    grid.add_row("rollouts, all", *(_spent(one.full) for one in reports))
    grid.add_row("rollouts, curtailed", *(_spent(one.curtailed) for one in reports))
    console.print(f"model {model}: {first.solutions} solutions, {first.chunks} chunks", markup=False, soft_wrap=True)
    console.print(grid)


def _part(some: int, of: int) -> str:
    return f"{100 * some / of:.1f} %" if of else "-"


def _percent(share: Share) -> str:
    return f"{_part(share.plus, share.labels)} of {share.labels}" if share.labels else "-"


def _agreed(one: Agreement | None) -> str:
    if one is None or not one.comparable:
        return "not enough draws"
    kappa = f", kappa {one.kappa:.2f}" if one.kappa is not None else ""
    return f"{_part(one.same, one.comparable)} of {one.comparable}{kappa}"


def _spent(cost: Cost | None) -> str:
    return "unknown: too few were drawn" if cost is None else f"{cost.rollouts} ({cost.tokens} tokens)"
