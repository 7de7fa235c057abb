"""`talkoot sentiment report`: one HTML page on a trained model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer


def command(
    model: Annotated[Path, typer.Option(help="The folder of a trained model.")],
    data: Annotated[str, typer.Option(help="As for train.")],
    split: Annotated[str, typer.Option(help="Of data with several splits: official or dl_split.")] = "",
    fold: Annotated[Literal["train", "valid", "test"], typer.Option(help="Which samples to report on.")] = "test",
    modalities: Annotated[str, typer.Option(help="Only these, parted by commas.")] = "",
    out: Annotated[Path | None, typer.Option(help="The page; MODEL/report.html by default.")] = None,
    without: Annotated[Path | None, typer.Option(help="The same model trained without DPSR (cosa:dpsr=0), to show what "
                                                      "DPSR does to frames.")] = None,
    beside: Annotated[list[Path] | None, typer.Option(help="Another trained model to measure beside it, as a gate; may "
                                                           "be given several times.")] = None,
    scored: Annotated[Path | None, typer.Option(help="A folder of compare --out, whose trainings are all listed.")
                      ] = None,
    most: Annotated[int, typer.Option(min=2, help="Samples for what asks the model many times.")] = 200,
    examples: Annotated[int, typer.Option(min=0, max=50, help="Samples whose trust is drawn over time.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all draws.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output, with all numbers.")
                       ] = False,
) -> None:  # fmt: skip
    """Write one HTML page: results, trust over time with the words, whether it is earned, robustness, feature space."""
    from rich.console import Console

    from talkoot.cli import check_target, print_json
    from talkoot.cli.sentiment import folds_of, need, progress
    from talkoot.errors import BadInput
    from talkoot.sentiment.cards import learnt_from, run_of
    from talkoot.sentiment.models import open_model
    from talkoot.sentiment.report.beside import scored as list_scored
    from talkoot.sentiment.report.page import Section, Table, page, write_page
    from talkoot.sentiment.report.run import report

    need("torch", "sklearn")
    out = out or model / "report.html"
    learner = open_model(model)
    check_target("--out", out, (".html", ".htm"))
    other = open_model(without) if without is not None else None
    others = [open_model(folder) for folder in beside or ()]
    folds = folds_of(data, split, modalities, "")
    samples = getattr(folds, fold)
    if samples is None or not len(samples):
        raise BadInput(f"{data} has no samples in the fold {fold}; take another fold")
    listed = [list_scored(scored, samples)] if scored is not None else []
    run = run_of(model)
    with progress(as_json) as say:
        sections, told = report(learner, samples, train=folds.train, without=other, others=others, most=most,
                                examples=examples, seed=seed, say=say)  # fmt: skip
    lead = [f"Measured on {len(samples)} samples of the fold {fold} of {folds.name}."]
    if learnt := learnt_from(model, samples):
        lead.append(f"{learnt} of these samples the model has learnt from: this measures memory, not skill.")
    if rows := [[key, _told(value)] for key, value in run.items() if key not in ("prints", "asked", "log", "out")]:
        sections.append(Section("The training", [Table(["", ""], rows)]))
    sections += listed
    write_page(out, page(f"{learner.name} on {folds.name}", lead, sections))
    result = {"out": str(out), "data": folds.name, "fold": fold, "learnt_from": learnt, **told}
    if as_json:
        print_json(result)
        return
    console = Console(highlight=False)
    for line in _summary(told):
        console.print(line, markup=False, soft_wrap=True)
    console.print(f"{out}: the report", markup=False, soft_wrap=True)


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _summary(told: dict[str, Any]) -> list[str]:
    """The few numbers that one looks for first."""
    shown = ("mae", "corr", "acc2_non0", "acc2", "acc", "f1")
    values = {name: told["metrics"][name]["value"] for name in shown if name in told["metrics"]}
    lines = [", ".join(f"{name} {value:.3f}" for name, value in values.items() if value is not None)]
    if "trust" in told:
        means = ((name, one["mean"]) for name, one in told["trust"].items())
        lines.append("trust: " + ", ".join(f"{name} {mean:.2f}" for name, mean in means if mean is not None))
    if "deletion" in told:
        one = told["deletion"]
        lines.append(f"losing the most trusted modality costs {one['gap']:+.3f} against losing any "
                     f"({one['ci95'][0]:+.3f} to {one['ci95'][1]:+.3f}): "
                     f"{'trust is earned' if one['earned'] else 'not shown that trust is earned'}")  # fmt: skip
    return [line for line in lines if line]
