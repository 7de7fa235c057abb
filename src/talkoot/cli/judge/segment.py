"""`talkoot judge segment`: written solutions cut into chunks, and whether the cuts are exact."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from talkoot.judging.segment import Segmentation, Segmenter
    from talkoot.judging.solutions import Solution


def command(
    file: Annotated[Path, typer.Argument(help="JSON lines, plain or .gz, with one solution a line or several solvers'.",
                                         metavar="FILE.jsonl")],
    by: Annotated[Literal["rules", "blank", "lines", "steps", "model"] | None, typer.Option(
        help="Cut by rules for mathematics (the default), at blank lines, at every line, before 'Step n', or by a "
             "model (the default if --model is given).")] = None,
    model: Annotated[str, typer.Option(help="Who cuts: rulebook (the default), NAME@URL, hf/FOLDER or "
                                        "recorded/FILE.")] = "",
    tries: Annotated[int, typer.Option(min=1, help="A model's tries for each solution, until one is exact.")] = 8,
    fallback: Annotated[Literal["none", "rules", "blank", "lines", "steps"], typer.Option(
        help="What cuts a solution where no try of the model was exact.")] = "none",
    field: Annotated[str, typer.Option(help="The field of the solution; by default solution, text or answer.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="Only the first so many solutions; 0 for all.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Write the chunks there as JSON lines; the same command goes on "
                                             "where it stopped.")] = None,
    parallel: Annotated[int, typer.Option(min=1, help="Solutions that a model cuts at the same time.")] = 16,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a server has for one reply.")] = 120.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Cut solutions into chunks and say how well: exact share, chunks, faults of the model's replies.

    A cut is exact if the chunks, written in tags and read back, are the solution character for character.
    """
    from rich.console import Console
    from rich.table import Table

    from talkoot.cli import check_target, print_json
    from talkoot.episode import run_sync
    from talkoot.errors import BadInput
    from talkoot.judging.chunks import by_blank_lines
    from talkoot.judging.segment import CUTTERS, ByCutter, ModelSegmenter
    from talkoot.judging.solutions import read_solutions, segmentation_summary

    if model and by not in (None, "model"):
        raise BadInput(f"--by {by} needs no model; leave out --model, or --by")
    if by == "model" and not model:
        model = "rulebook"
    if out is not None:
        check_target("--out", out)
    everything = read_solutions(file, field)
    if out is not None and out.exists() and out.samefile(file):
        raise BadInput(f"--out {out} is the file of the solutions itself; name another one")
    solutions = everything[: limit or len(everything)]
    segmenter: Segmenter
    if model:
        from talkoot.models import open_model

        opened = open_model(model, timeout=timeout, concurrency=parallel)
        segmenter = ModelSegmenter(opened, tries, CUTTERS.get(fallback))
    else:
        segmenter = ByCutter(by or "rules", CUTTERS[by or "rules"])
    messages = Console(stderr=True, highlight=False)
    with _alone(out), messages.status(f"0 of {len(solutions)}") as status:
        done = _resumed(everything, segmenter.name, out)
        cuts = run_sync(
            _cut_all(solutions, segmenter, done, out, parallel, lambda n: status.update(f"{n} of {len(solutions)}"))
        )
    summary = {
        "file": str(file),
        "by": "model" if model else by or "rules",
        "model": model or None,
        **segmentation_summary(solutions, cuts, [len(by_blank_lines(one.text)) for one in solutions]),
    }
    if as_json:
        print_json(summary)
        return
    console = Console(highlight=False)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in _rows(summary):
        table.add_row(name, value)
    console.print(f"{file}, cut by {segmenter.name}", markup=False, soft_wrap=True)
    console.print(table)


def _digest(one: Solution, segmenter: str) -> str:
    import hashlib

    return hashlib.sha256(f"{segmenter} {one.text}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


@contextmanager
def _alone(out: Path | None) -> Iterator[None]:
    """Within the block no other process of this command writes to `out`. Raises BadInput if one does."""
    import fcntl

    from talkoot.disk import named
    from talkoot.errors import BadInput

    if out is None:
        yield
        return
    with named(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        file = out.open("ab")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput(f"--out {out} is being written by another process; wait for it, or name another file"
                           ) from None  # fmt: skip
        yield


def _resumed(solutions: list[Solution], segmenter: str, out: Path | None) -> dict[Solution, Segmentation]:
    """What an interrupted run has left in `out`. Raises BadInput if others' chunks are in it, or something else."""
    from talkoot.errors import BadInput
    from talkoot.judging.segment import Segmentation
    from talkoot.judging.segment_data import drop_cut_line, read_rows

    done: dict[Solution, Segmentation] = {}
    if out is None:
        return done
    places = {(one.line, one.solver): one for one in solutions}
    for number, row in enumerate(read_rows(out), start=1):
        try:
            one = places.get((row["line"], row["solver"]))
            if one is None or row["digest"] != _digest(one, segmenter):
                raise BadInput(f"--out {out} holds chunks of other solutions or from another cutter; name another file")
            done[one] = Segmentation(tuple(row["chunks"]), tuple(row["faults"]), row["fallback"], row["tokens"])
        except (KeyError, TypeError):
            raise BadInput(f"--out {out}, line {number}: no row of this command; name another file") from None
    drop_cut_line(out, '{"line":')
    return done


async def _cut_all(
    solutions: list[Solution],
    segmenter: Segmenter,
    done: dict[Solution, Segmentation],
    out: Path | None,
    parallel: int,
    progress: Callable[[int], None],
) -> list[Segmentation]:
    """Cut what is not done yet, some at the same time, and write each to `out` when it is."""
    import asyncio

    from talkoot.judging.segment_data import append_row

    todo = iter([one for one in solutions if one not in done])

    async def work() -> None:
        for one in todo:
            done[one] = cut = await segmenter(one.text)
            if out is not None:
                row = {"line": one.line, "solver": one.solver, "digest": _digest(one, segmenter.name),
                       "chunks": cut.chunks, "faults": cut.faults, "fallback": cut.fallback,
                       "tokens": cut.tokens}  # fmt: skip
                append_row(out, row)
            progress(len(done))

    workers = [asyncio.ensure_future(work()) for _ in range(parallel)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [done[one] for one in solutions]


def _rows(summary: dict[str, object]) -> list[tuple[str, str]]:
    def share(name: str) -> str:
        return f"{summary[name]:.1%}"

    faults = summary["faults"]
    rows = [
        ("solutions", f"{summary['solutions']}"),
        ("exact", share("exact_share")),
        ("two chunks or more", share("two_or_more_share")),
        ("chunks", f"{summary['chunks_mean']:.2f} a solution (by blank lines {summary['blank_line_pieces_mean']:.2f})"),
        ("characters", f"{summary['characters_per_chunk']:.0f} a chunk"),
    ]
    if summary["model"]:
        rows += [("cut by the fallback", f"{summary['fallbacks']}"), ("tokens", f"{summary['tokens']}")]
    rows += [("not cut", f"{summary['uncut']}")] if summary["uncut"] else []
    if isinstance(faults, dict):
        rows += [("faults", f"{count} times {kind}") for kind, count in faults.items()]
    return rows
