"""`talkoot sentiment compare`: models and seeds on the same data, in one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

if TYPE_CHECKING:
    from rich.table import Table


def command(
    data: Annotated[str, typer.Option(help="As for train.")],
    models: Annotated[str, typer.Option(help="Names with options, parted by commas: cosa,cosa:trainer=gate,tfn.")] = (
        "cosa,gate,bigru,ridge,constant-mean,constant-median"),
    split: Annotated[str, typer.Option(help="Of data with several splits: official or dl_split.")] = "",
    seeds: Annotated[str, typer.Option(help="From:to (to left out), or numbers parted by commas.")] = "0:5",
    against: Annotated[str, typer.Option(help="The model that all others are compared with by the paired bootstrap; "
                                              "the first of --models by default, none for 'none'.")] = "",
    ablations: Annotated[bool, typer.Option(help="Co-SA with one thing different in each row, over all terms, fusions "
                                                 "and trainers, in place of --models.")] = False,
    modalities: Annotated[str, typer.Option(help="Only these, parted by commas.")] = "",
    task: Annotated[str, typer.Option(help="Make sure that the data are for regression, or for classification.")] = "",
    out: Annotated[Path | None, typer.Option(help="Keep each finished training there; the same command goes on where "
                                                  "it stopped.")] = None,
    probes: Annotated[bool, typer.Option(help="Also tell how far trust is right, whether it falls where data are "
                                              "spoiled, and what that costs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Train models with several seeds and tell mean, deviation and interval of every metric on the test fold."""
    from rich.console import Console

    from talkoot.cli import print_json
    from talkoot.cli.sentiment import folds_of, need, progress
    from talkoot.errors import BadInput
    from talkoot.sentiment.cards import write_json
    from talkoot.sentiment.compare import compare
    from talkoot.sentiment.models import ABLATIONS, split_names

    need("torch")
    if not (names := list(ABLATIONS) if ablations else split_names(models)):
        raise BadInput("--models names no model; name some, such as cosa,gate,bigru")
    numbers = seeds_of(seeds)
    folds = folds_of(data, split, modalities, task)
    with progress(as_json) as say:
        told = compare(
            folds, names, numbers, against="" if against == "none" else against or names[0], folder=out,
            probes=probes, say=say,
        )  # fmt: skip
        if out is not None:
            write_json(out / "compare.json", told)
    if as_json:
        print_json(told)
        return
    console = Console(highlight=False)
    for table in tables(told):
        console.print(table)


def seeds_of(text: str) -> list[int]:
    """`0:5` as 0 to 4, or `1,2,7`. Raises BadInput for anything else."""
    from talkoot.errors import BadInput

    try:
        if ":" in text:
            first, last = map(int, text.split(":"))
            found = list(range(first, last))
        else:
            found = [int(one) for one in text.split(",")]
    except (ValueError, OverflowError):
        found = []
    if not found or not all(0 <= one < 2**63 for one in found):
        raise BadInput(f"--seeds {text[:80]} are no seeds; give 0:5, or numbers parted by commas such as 0,1,2")
    return found


SHOWN = ("mae", "corr", "acc2_has0", "acc2_non0", "acc2", "f1", "acc7")
"""The metrics that fit a terminal; `--json` has all."""
VERDICTS = {"better": "+", "worse": "-", "even": "="}


def tables(told: dict[str, Any]) -> list[Table]:
    """What was measured, for people; for emotions accuracy and weighted F1 side by side, as papers show them."""
    rows, emotions, sizes = told["rows"], told["emotions"], told["samples"]
    of = f"mean and sd over seeds {', '.join(map(str, told['seeds']))}; n / s: samples trained on in a CPU second"
    heads = ["mean acc", "mean f1"] if emotions else [name for name in SHOWN if name in rows[0]]
    if emotions:
        of = f"accuracy and weighted f1 of each emotion, percent; of their means {of}"
    main = _table(
        f"{told['data']}: {sizes['train']} samples to learn from, {sizes['test']} to measure on; {of}",
        ["model", *emotions, *heads, "n / s"],
    )
    for row in rows:
        rate = row["train_samples_per_cpu_s"]
        pairs = [f"{row[f'acc/{one}']['mean'] * 100:.1f} {row[f'f1/{one}']['mean'] * 100:.1f}" for one in emotions]
        cells = [_cell(row[name.removeprefix("mean ")], percent=bool(emotions)) for name in heads]
        main.add_row(escape(row["model"]), *pairs, *cells, "" if rate is None else f"{rate:.0f}")
    found = [main]
    if beside := [row for row in rows if "paired" in row]:
        short = [name for name in ("mae", "corr", "acc2_non0", "acc") if name in beside[0]["paired"]]
        paired = _table(
            f"less {beside[0]['against']}: difference and its 95 % interval (paired bootstrap); the row is better (+), "
            "worse (-), even (=)",
            ["model", *short],
        )
        for row in beside:
            paired.add_row(escape(row["model"]), *(_difference(row["paired"][name]) for name in short))
        found.append(paired)
    if "probe" in rows[0]:
        found.append(_probed(rows))
    return found


def _probed(rows: list[dict[str, Any]]) -> Table:
    """What trust is worth: mean and sd over the seeds."""
    heads = {
        "truth": "truth", "auc/noise": "noise", "auc_fall/noise": "fall", "auc/shuffle": "shuffle",
        "auc_fall/shuffle": "fall", "lost/noise": "noise", "lost/shuffle": "shuffle", "lost/missing": "absent",
    }  # fmt: skip
    there = [name for name in heads if any(name in row["probe"] for row in rows)]
    table = _table("trust and its true share (correlation); half of each modality in turn spoiled by noise or another "
                   "sample's frames: low trust and its fall as detectors (area under the curve); last, what noise, "
                   "other frames and absence cost in loss", ["model", *(heads[name] for name in there)])  # fmt: skip
    for row in rows:
        cells = [_cell(row["probe"][name], places=2) if name in row["probe"] else "-" for name in there]
        table.add_row(escape(row["model"]), *cells)
    return table


def _table(title: str, heads: list[str]) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for i, head in enumerate(heads):
        table.add_column(
            head, justify="right" if i else "left", overflow="fold", no_wrap=bool(i), min_width=0 if i else 5
        )
    return table


def _cell(one: dict[str, Any], *, percent: bool = False, places: int = 3) -> str:
    if one["mean"] is None:
        return "-"
    scale, places = (100, 1) if percent else (1, places)
    return " ".join(_short(one[name] * scale, places) for name in ("mean", "sd"))


def _short(value: float, places: int = 3, sign: str = "") -> str:
    """Without the zero before the point: tables have to fit a terminal."""
    return f"{value:{sign}.{places}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:{sign}.{places}f}"


def _difference(one: dict[str, Any]) -> str:
    if one["difference"] is None or one["ci95"][0] is None:
        return "-"
    low, high = one["ci95"]
    told = " ".join(_short(value, sign="+") for value in (low, high))
    return f"{_short(one['difference'], sign='+')} ({told}) {VERDICTS.get(one['verdict'], '?')}"
