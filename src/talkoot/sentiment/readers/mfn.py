"""ICT-MMMO and YouTube from the recorded data: reviews as sequences of 20 frames (of the Memory Fusion Network).

Audio is COVAREP (74), vision Facet (36), text GloVe (300), which the training folds lack. Zero frames stand before,
after and between real ones, so masks are the rows that are not zero. Research data: never part of the package.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.readers.arrays import features
from talkoot.sentiment.readers.recorded import recorded
from talkoot.sentiment.samples import Floats, Folds, Samples, Task

KEYS = {"text": "text_{}_emb", "audio": "audio_{}", "vision": "video_{}"}
TEXT_WIDTH = 300
MIDDLE = 3.0
"""MMMO's labels are 1 to 5; 3 is taken off them here, so that they are -2 to 2 (errors stay what they are)."""


def mmmo(modalities: Sequence[str] = (), *, check: bool = True) -> Folds:
    """ICT-MMMO: 220/40/80 videos, labels from -2 to 2 (1 to 5 in the file). See `_read` for the rest."""
    return _read("mmmo", Task(bound=2.0), modalities, check)


def youtube(modalities: Sequence[str] = (), *, check: bool = True) -> Folds:
    """YouTube: 173/36/60 videos of three classes, which the file does not name. Audio and vision of most videos are
    empty: for tests of missing modalities, never for a claim. See `_read` for the rest."""
    return _read("youtube", Task("classification", emotions=("class 0", "class 1", "class 2")), modalities, check)


def _read(name: str, task: Task, modalities: Sequence[str], check: bool) -> Folds:
    """The folds with some of text, audio, vision; by default audio and vision.

    Text is masked everywhere in the training fold, which lacks it. Videos without a real frame in any of the chosen
    modalities are left out, and the source says how many. Raises BadInput for other modalities, for text alone, and
    where the file is missing, or (with `check`) is not the one that the known figures belong to.
    """
    chosen = tuple(modalities) or ("audio", "vision")
    if unknown := [one for one in chosen if one not in KEYS]:
        raise BadInput(f"{name} has no {unknown[0]}; it has {', '.join(KEYS)}")
    if set(chosen) == {"text"}:
        raise BadInput(f"the training fold of {name} has no text; take audio or vision as well")
    made = {}
    with np.load(recorded(f"mfn_{name}_partial.npz", check), allow_pickle=False) as arrays:
        for fold in ("train", "valid", "test"):
            labels: Floats = arrays[f"y_{fold}"].astype(np.float32)
            if task.kind == "regression":
                labels = labels - np.float32(MIDDLE)
            xs, masks, notes = {}, {}, []
            for one in chosen:
                key = KEYS[one].format(fold)
                raw = arrays[key] if key in arrays else np.zeros((len(labels), 20, TEXT_WIDTH), dtype=np.float32)
                xs[one], masks[one], note = features(f"{name}, {fold}, {one}", raw)
                notes += [note] if note else []
            there = np.flatnonzero(np.logical_or.reduce(list(masks.values())).any(1))
            if len(there) < len(labels):
                notes.append(f"{len(labels) - len(there)} of {len(labels)} videos are empty and left out")
            made[fold] = Samples(
                task,
                {one: x[there] for one, x in xs.items()},
                {one: mask[there] for one, mask in masks.items()},
                labels[there],
                tuple(f"{name}/{fold}/{row}" for row in there),
                source="; ".join([f"{name}, {fold}", *notes]),
            )
    return Folds(name, made["train"], made["valid"], made["test"])
