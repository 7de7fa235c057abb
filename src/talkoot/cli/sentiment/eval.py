"""`talkoot sentiment eval`: what a trained model reaches on a fold."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from talkoot.sentiment.samples import Prediction, Samples


def command(
    model: Annotated[Path, typer.Option(help="The folder of a trained model.")],
    data: Annotated[str, typer.Option(help="As for train.")],
    split: Annotated[str, typer.Option(help="Of data with several splits: official or dl_split.")] = "",
    fold: Annotated[Literal["train", "valid", "test"], typer.Option(help="Which samples to measure on.")] = "test",
    modalities: Annotated[str, typer.Option(help="Only these, parted by commas.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write the predictions there as JSON lines: id, value, label, and "
                                                  "trust per step and modality.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Measure a trained model: the field's metrics, and how much each modality counted."""
    from rich.console import Console
    from rich.table import Table

    from talkoot.cli import check_target, print_json
    from talkoot.cli.sentiment import folds_of, need
    from talkoot.errors import BadInput
    from talkoot.sentiment.cards import learnt_from
    from talkoot.sentiment.metrics import scores
    from talkoot.sentiment.models import open_model

    need("torch")
    if out is not None:
        check_target("--out", out)
    learner = open_model(model)
    samples = getattr(folds_of(data, split, modalities, ""), fold)
    if samples is None or not len(samples):
        raise BadInput(f"{data} has no samples in the fold {fold}; take another fold")
    said = learner.predict(samples)
    found = scores(samples.task, samples.labels, said.values)
    learnt = learnt_from(model, samples)
    result: dict[str, Any] = {
        "model": learner.name, "data": data, "fold": fold, "samples": len(samples), "learnt_from": learnt,
        "metrics": {name: None if math.isnan(value) else value for name, value in found.items()},
        "trust": _trust(samples, said),
    }  # fmt: skip
    if out is not None:
        _write(out, samples, said)
    if as_json:
        print_json(result)
        return
    console = Console(highlight=False)
    table = Table("metric", "value", title=f"{learner.name} on {len(samples)} samples", title_justify="left")
    for name, value in found.items():
        table.add_row(name, f"{value:.4f}")
    console.print(table)
    if result["trust"]:
        console.print("trust: " + ", ".join(f"{name} {share:.2f}" for name, share in result["trust"].items()))
    if learnt:
        console.print(f"[yellow]{learnt} of these samples the model has learnt from: this measures memory")


def _trust(samples: Samples, said: Prediction) -> dict[str, float] | None:
    """Mean trust of each modality over the steps where it has something to say; null without any."""
    if said.trust is None:
        return None
    return {
        name: float(said.trust[..., m][samples.masks[name]].mean()) if samples.masks[name].any() else 0.0
        for m, name in enumerate(samples.modalities)
    }


def _write(path: Path, samples: Samples, said: Prediction) -> None:
    from talkoot.disk import named

    path.parent.mkdir(parents=True, exist_ok=True)
    with named(path), path.open("w", encoding="utf-8") as file:
        for i, name in enumerate(samples.ids):
            steps = int(samples.valid[i].nonzero()[0][-1]) + 1
            row: dict[str, Any] = {"id": name, "value": _numbers(said.values[i], steps, samples.task.steps),
                                   "label": _numbers(samples.labels[i], steps, samples.task.steps)}  # fmt: skip
            if said.trust is not None:
                row["trust"] = {m: said.trust[i, :steps, k].tolist() for k, m in enumerate(samples.modalities)}
            print(json.dumps(row, ensure_ascii=False), file=file)


def _numbers(values: Any, steps: int, over_steps: bool) -> Any:
    """A label or prediction as JSON, null where there is none."""
    some = (values[:steps] if over_steps else values).tolist()
    return [None if math.isnan(one) else one for one in some] if isinstance(some, list) else some
