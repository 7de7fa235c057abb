"""`talkoot sentiment train`: one model on one set of data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    data: Annotated[str, typer.Option(help="mosi, mmmo, youtube, synthetic, emotions (options after a colon), or a "
                                           "file: .pkl, .npz, .parquet; .csv lists clips.")],
    out: Annotated[Path, typer.Option(help="The model's folder; the same command goes on where it stopped.")],
    model: Annotated[str, typer.Option(help="Who learns, with options: cosa, cosa:trainer=gate,width=32, bigru, tfn, "
                                            "...")] = "cosa",
    split: Annotated[str, typer.Option(help="Of data with several splits: official or dl_split.")] = "",
    modalities: Annotated[str, typer.Option(help="Only these, parted by commas.")] = "",
    task: Annotated[str, typer.Option(help="Make sure that the data are for regression, or for classification.")] = "",
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Seed of weights and draws.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Train a model and keep it. The test fold is not looked at; `eval` and `compare` do that."""
    from rich.console import Console

    from talkoot.cli import print_json
    from talkoot.cli.sentiment import folds_of, need, progress
    from talkoot.lock import held
    from talkoot.sentiment.cards import RUN, digest, prints, write_json
    from talkoot.sentiment.models import named

    need("torch")
    learner = named(model)
    folds = folds_of(data, split, modalities, task)
    asked = {"model": model, "seed": seed, "train": digest(folds.train),
             "valid": digest(folds.valid) if folds.valid is not None else None}  # fmt: skip
    with held(out), progress(as_json) as say:
        _check_free(out, asked)
        told = learner.fit(folds.train, folds.valid, seed=seed, folder=out, say=say)
        valid = len(folds.valid) if folds.valid is not None else None
        result = {"model": model, "data": folds.name, "seed": seed, "out": str(out),
                  "samples": {"train": len(folds.train), "valid": valid}, **_shown(told)}  # fmt: skip
        # The card comes last: whoever is killed before it may go on with the same command.
        write_json(out / RUN, {**result, "log": told.get("log", []), "asked": asked, "prints": prints(folds.train)})
        learner.save(out)
    if as_json:
        print_json(result)
        return
    console = Console(highlight=False)
    console.print(f"{model} learnt from {len(folds.train)} samples of {folds.name}", markup=False, soft_wrap=True)
    if (loss := told.get("valid_loss")) is not None:
        console.print(f"best epoch {told['best_epoch']} of {told['epochs']}: loss {loss:.3f} on {valid} others")
    elif "epochs" in told:
        console.print(f"{told['epochs']} epochs, fixed beforehand")
    if told.get("absent"):
        console.print(f"[yellow]{', '.join(told['absent'])} had nothing to say in training and cannot count")
    same = "".join(f" --{key} {value}" for key, value in (("split", split), ("modalities", modalities)) if value)
    console.print(f"{out}: the model; measure it: talkoot sentiment eval --model {out} --data {data}{same}",
                  markup=False, soft_wrap=True)  # fmt: skip


def _check_free(out: Path, asked: dict[str, Any]) -> None:
    """Raises BadInput if the folder holds a model that was trained otherwise: it would be lost."""
    from talkoot.errors import BadInput
    from talkoot.sentiment.cards import CARD, read_card, run_of

    if (out / CARD).exists() and run_of(out).get("asked") != asked:
        raise BadInput(f"{out} holds {read_card(out).get('name') or 'a model'}, trained with other settings, data or "
                       "seed; name another folder, or delete it to begin again")  # fmt: skip


def _shown(told: dict[str, object]) -> dict[str, object]:
    """How the training went, without what is only for its own files."""
    samples, seconds = told.get("samples"), told.get("cpu_s")
    rate = samples / seconds if isinstance(samples, int) and isinstance(seconds, float) and seconds > 0 else None
    shown = {key: value for key, value in told.items() if key not in ("log", "samples", "cpu_s")}
    return {**shown, "train_samples_per_cpu_s": rate}
