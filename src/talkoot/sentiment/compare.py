"""Models on the same folds with several seeds: what each reaches on the test fold, and who is better by how much.

Each finished training is kept, so that a comparison which was stopped goes on with the next one. The rows of all models
are figures of the test fold: nothing is chosen by them, and whoever tries other hyper-parameters writes another row.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from talkoot.disk import named
from talkoot.errors import BadInput
from talkoot.lock import held
from talkoot.sentiment.cards import digest, write_json
from talkoot.sentiment.hiding import prior_of
from talkoot.sentiment.learner import Learner, Say, quiet
from talkoot.sentiment.metrics import scores
from talkoot.sentiment.models import named as learner_named
from talkoot.sentiment.probes import over_seeds, probe
from talkoot.sentiment.samples import Floats, Folds, Samples
from talkoot.sentiment.statistics import paired, summary

RESULT, VALUES = "result.json", "values.npy"
"""The files of a finished training: the metrics and how it went; the predictions on the test fold."""
DATA = "data.json"
"""What a folder's trainings have learnt from and are measured on."""


@dataclass(frozen=True)
class Trained:
    """One finished training: `metrics` on the test fold, `values` (predictions in the shape of the labels), the number
    of weights, the epochs, and training samples a CPU second (None where a learner does not tell); `probe`, where it
    was asked for, as `probes.probe` says."""

    model: str
    seed: int
    metrics: dict[str, float]
    values: Floats
    parameters: int | None
    epochs: int | None
    samples_per_cpu_s: float | None
    probe: dict[str, float] | None = None


def compare(
    folds: Folds,
    models: Sequence[str],
    seeds: Sequence[int],
    *,
    against: str = "",
    folder: Path | None = None,
    probes: bool = False,
    resamples: int = 10_000,
    say: Say = quiet,
) -> dict[str, Any]:
    """Train every model with every seed, and tell (JSON): `data`, the sizes of the folds, `seeds`, and `rows`.

    A row has the `model`, `seeds`, `parameters`, `epochs` (mean over seeds), `train_samples_per_cpu_s` (null where a
    learner does not tell; updates alone, without validation), and for each metric of the task its mean, sd and ci95
    over the seeds. With `against`, one of the models, each other row also has `paired`: for each metric the difference
    to that model and its 95 % interval by the paired bootstrap over the samples of the test fold, by video where ids
    or labels tell videos apart.

    With `probes` a row has `probe`: how far trust is right, whether it falls where data are spoiled, and what that
    costs, over the seeds (`probes.over_seeds`), also less what it is for `against`.

    With `folder` each finished training is kept there and not done again. Raises BadInput for no models or seeds, a
    model twice, names that there are not, `against` that is none of the models, and a folder with other data in it.
    """
    if not models or not seeds:
        raise BadInput("a comparison needs at least one model and one seed")
    if twice := [name for name in models if list(models).count(name) > 1]:
        raise BadInput(f"{twice[0]} is named twice; name each model once")
    if len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise BadInput(f"the seeds are {list(seeds)}; give different ones of at least 0")
    if against and against not in models:
        raise BadInput(f"{against!r} is none of the models that are compared; they are {', '.join(models)}")
    for name in models:
        learner_named(name)  # a misspelt name should not be found after an hour
    if folder is None:
        found = _all(folds, models, seeds, None, probes, say)
    else:
        with held(folder):
            _same(folder, folds)
            found = _all(folds, models, seeds, folder, probes, say)
    rows = [_row(found[name]) for name in models]
    for row in rows:
        if against and row["model"] != against:
            row["against"] = against
            row["paired"] = _paired(folds.test, found[row["model"]], found[against], resamples)
        if probes:
            other = found[against] if against and row["model"] != against else []
            row["probe"] = over_seeds(_probes(found[row["model"]]), _probes(other))
    valid = len(folds.valid) if folds.valid is not None else None
    return {
        "data": folds.name, "samples": {"train": len(folds.train), "valid": valid, "test": len(folds.test)},
        "task": folds.test.task.kind, "emotions": list(folds.test.task.emotions), "seeds": list(seeds), "rows": rows,
    }  # fmt: skip


def _all(
    folds: Folds, models: Sequence[str], seeds: Sequence[int], folder: Path | None, probes: bool, say: Say
) -> dict[str, list[Trained]]:
    found: dict[str, list[Trained]] = {}
    for i, name in enumerate(models):
        found[name] = []
        for j, seed in enumerate(seeds):
            done, each = i * len(seeds) + j, len(models) * len(seeds)

            def told(share: float, word: str, done: int = done, each: int = each, name: str = name) -> None:
                say((done + share) / each, f"{name}, training {done + 1} of {each}{': ' * bool(word)}{word}")

            kept = folder and folder / slug(name) / str(seed)
            found[name].append(trained(folds, name, seed, kept, told, probes=probes))
    return found


def trained(
    folds: Folds, name: str, seed: int, folder: Path | None = None, say: Say = quiet, *, probes: bool = False
) -> Trained:
    """Train one model with one seed, or read what was kept of it in a folder, unless a probe is lacking."""
    learner = learner_named(name)
    settings = _settings(learner)
    if folder is not None and (kept := _kept(folder, name, seed, settings)) is not None and (kept.probe or not probes):
        say(1.0, "")
        return kept
    begun = time.process_time()
    told = learner.fit(folds.train, folds.valid, seed=seed, folder=folder, say=say)
    seconds = told.get("cpu_s", time.process_time() - begun)
    values = learner.predict(folds.test).values
    rate = told["samples"] / seconds if told.get("samples") and seconds > 0 else None
    one = Trained(
        name, seed, scores(folds.test.task, folds.test.labels, values), values, told.get("parameters"),
        told.get("best_epoch"), rate, probe(learner, folds.test, prior=prior_of(folds.train)) if probes else None,
    )  # fmt: skip
    if folder is not None:
        _keep(folder, one, settings)
    return one


def _settings(learner: Learner) -> dict[str, Any]:
    """What a name stands for: frozen settings may be others in another version."""
    told = {"options": getattr(learner, "options", {}), "by_step": getattr(learner, "by_step", {})}
    return cast(dict[str, Any], json.loads(json.dumps(told)))


def slug(name: str) -> str:
    """A model's name as that of a folder."""
    return "".join(letter if letter.isalnum() or letter in "-_=.," else "+" for letter in name)


def _keep(folder: Path, one: Trained, settings: dict[str, Any]) -> None:
    """Write a finished training, the result last; what it could have gone on from is not needed any more."""
    folder.mkdir(parents=True, exist_ok=True)
    with named(folder / VALUES):
        np.save(folder / VALUES, one.values, allow_pickle=False)
    write_json(folder / RESULT, {
        "model": one.model, "seed": one.seed, "metrics": one.metrics, "parameters": one.parameters,
        "epochs": one.epochs, "samples_per_cpu_s": one.samples_per_cpu_s, "probe": one.probe,
        "settings": settings,
    })  # fmt: skip
    for left in folder.glob("training.pt*"):
        left.unlink()


def _kept(folder: Path, name: str, seed: int, settings: dict[str, Any]) -> Trained | None:
    try:
        told = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        if (told["model"], told["seed"]) != (name, seed):
            raise BadInput(f"{folder} holds {told['model']} with seed {told['seed']}; name another folder")
        if told.get("settings", settings) != settings:
            raise BadInput(f"{folder} holds a training of {name} with other settings, as of another version; name "
                           "another folder, or delete it")  # fmt: skip
        if not isinstance(told["metrics"], dict):
            raise TypeError("no metrics")
        values = np.load(folder / VALUES, allow_pickle=False)
        return Trained(name, seed, told["metrics"], values, told["parameters"], told["epochs"],
                       told["samples_per_cpu_s"], told.get("probe"))  # fmt: skip
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, EOFError) as error:
        shown = f"{folder} holds a training that cannot be read; delete it to train again"
        raise BadInput(shown) from error


def _same(folder: Path, folds: Folds) -> None:
    """Make sure that a folder's trainings are of these folds."""
    told = {"data": folds.name, "train": digest(folds.train), "test": digest(folds.test),
            "valid": digest(folds.valid) if folds.valid is not None else None}  # fmt: skip
    if not (folder / DATA).exists():
        write_json(folder / DATA, told)
    elif (found := data_of(folder)) != told:
        raise BadInput(f"{folder} holds a comparison on other data ({found.get('data', 'unknown')}); name another "
                       "folder, or delete it")  # fmt: skip


def data_of(folder: Path) -> dict[str, Any]:
    """What a comparison's folder says of its data: their name, and digests of the folds. Empty where it says nothing
    that can be read."""
    try:
        found = json.loads((folder / DATA).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _row(runs: list[Trained]) -> dict[str, Any]:
    def mean(values: list[Any]) -> float | None:
        return None if None in values else float(np.mean(values))

    metrics = {name: summary([one.metrics[name] for one in runs]).as_json() for name in runs[0].metrics}
    return {
        "model": runs[0].model, "seeds": [one.seed for one in runs], "parameters": runs[0].parameters,
        "epochs": mean([one.epochs for one in runs]),
        "train_samples_per_cpu_s": mean([one.samples_per_cpu_s for one in runs]), **metrics,
    }  # fmt: skip


def _probes(runs: list[Trained]) -> list[dict[str, float]]:
    return [one.probe for one in runs if one.probe is not None]


def _paired(test: Samples, a: list[Trained], b: list[Trained], resamples: int) -> dict[str, Any]:
    found = paired(
        test.task, test.labels, [one.values for one in a], [one.values for one in b], groups=groups_of(test),
        resamples=resamples,
    )  # fmt: skip
    return {name: one.as_json() for name, one in found.items()}


def groups_of(samples: Samples) -> tuple[str, ...]:
    """The video of each sample, where ids are MMSA's `video$_$clip`; else none, and each sample stands for itself."""
    if samples.task.steps or not all("$_$" in one for one in samples.ids):
        return ()
    videos = tuple(one.split("$_$")[0] for one in samples.ids)
    return videos if len(set(videos)) > 1 else ()
