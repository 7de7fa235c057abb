"""The card of a saved learner: `model.json`, written last, which says how to open the rest of the folder."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from talkoot.disk import named
from talkoot.errors import BadInput
from talkoot.sentiment.samples import Samples, Task

CARD = "model.json"
RUN = "run.json"
"""How the training went, beside the card; written by the command line."""
FORMAT = 1


def write_json(path: Path, value: Any) -> None:
    """Write a file that is either the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with named(part), part.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def write_card(folder: Path, model: str, options: dict[str, Any], card: dict[str, Any]) -> None:
    """Write the card of the learner that `talkoot.sentiment.models` calls `model`, with all its options (JSON), and
    what else the learner wants to find again."""
    write_json(folder / CARD, {"format": FORMAT, "model": model, "options": options, **card})


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a saved learner. Raises BadInput where there is none, and for one that cannot be read."""
    path = folder / CARD
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found, name = card["format"], card["model"]
    except (FileNotFoundError, NotADirectoryError):
        raise BadInput(
            f"{folder} holds no trained model: {CARD} is missing; `talkoot sentiment train --out {folder}` writes one"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} is not the card of a trained model; train it again") from error
    if not isinstance(name, str):
        raise BadInput(f"{path} is not the card of a trained model; train it again")
    if found != FORMAT:
        raise BadInput(f"{path} is of format {found!r}, and this version reads {FORMAT}; train the model again")
    return card


def seen(samples: Samples) -> dict[str, Any]:
    """What a card says of the samples that were learnt from: task, modalities with widths, length, source."""
    return {"task": asdict(samples.task), "widths": samples.widths, "length": samples.length, "source": samples.source}


def task_of(card: dict[str, Any]) -> Task:
    """The task that a card tells."""
    return Task(**{**card["task"], "emotions": tuple(card["task"]["emotions"])})


def check_like(samples: Samples, task: Task, widths: dict[str, int]) -> Samples:
    """The samples with their modalities in the order of training.

    Raises BadInput if they are of another task, or have other modalities or widths than those that were learnt from.
    """
    if samples.task != task:
        raise BadInput(f"the model was trained for {_told(task)}, and {_place(samples)} are for {_told(samples.task)}; "
                       "take data of the same task, or train a model for these")  # fmt: skip
    if missing := [name for name in widths if name not in samples.features]:
        raise BadInput(f"the model was trained on {', '.join(widths)}, and {_place(samples)} lack {missing[0]}; "
                       "give it, masked at every step where it is missing")  # fmt: skip
    if unknown := [name for name in samples.features if name not in widths]:
        raise BadInput(f"the model was trained on {', '.join(widths)}, and {_place(samples)} have {unknown[0]} too; "
                       "leave it out, or train with it")  # fmt: skip
    for name, width in widths.items():
        if samples.widths[name] != width:
            raise BadInput(f"{name}: the model was trained on features {width} wide, and those of {_place(samples)} "
                           f"are {samples.widths[name]} wide; take the same extractor")  # fmt: skip
    return samples if samples.modalities == tuple(widths) else samples.only(tuple(widths))


def digest(samples: Samples) -> str:
    """A hash of all that is learnt from samples: features under their masks, masks, labels, ids, task."""
    hash_ = hashlib.blake2b(repr((samples.task, samples.ids, samples.widths)).encode(), digest_size=16)
    for name, x in samples.features.items():
        hash_.update(samples.masks[name].tobytes())
        hash_.update(np.where(samples.masks[name][..., None], x, 0).astype(np.float32).tobytes())
    hash_.update(np.ascontiguousarray(samples.labels).tobytes())
    return hash_.hexdigest()


def prints(samples: Samples) -> list[str]:
    """A hash of each sample: its features under their masks, and its label. Two are the same sample if these are."""
    xs = {name: np.where(samples.masks[name][..., None], x, 0).astype(np.float32)
          for name, x in samples.features.items()}  # fmt: skip
    found = []
    for i in range(len(samples)):
        hash_ = hashlib.blake2b(np.ascontiguousarray(samples.labels[i]).tobytes(), digest_size=8)
        for name in sorted(xs):
            hash_.update(np.packbits(samples.masks[name][i]).tobytes() + np.ascontiguousarray(xs[name][i]).tobytes())
        found.append(hash_.hexdigest())
    return found


def run_of(folder: Path) -> dict[str, Any]:
    """How the training of a saved learner went, as `train` told it; empty where that is not told."""
    try:
        found = json.loads((folder / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def learnt_from(folder: Path, samples: Samples) -> int:
    """How many of the samples were in the training of the learner that a folder holds, as far as that is told."""
    told = run_of(folder).get("prints")
    known = set(told) if isinstance(told, list) and all(isinstance(one, str) for one in told) else set()
    return sum(one in known for one in prints(samples))


def _told(task: Task) -> str:
    if task.emotions:
        return f"the emotions {', '.join(task.emotions)}"
    return f"numbers from {-task.bound:g} to {task.bound:g}{' at every step' if task.steps else ''}"


def _place(samples: Samples) -> str:
    return samples.source or "these samples"
