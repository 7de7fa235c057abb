"""Pickles of IEMOCAP's form: several emotions a sample, each there or not (as the field's `iemocap_data.pkl`).

The file is a dict of folds `train`, `valid`, `test`; a fold is a dict of `text`, `audio`, `vision` [N, T, d], `labels`
[N, E, 2] (one-hot, the second column says "there") or [N, E] of 0 and 1, and optionally `id` (reference 1.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.readers.arrays import features
from talkoot.sentiment.readers.mmsa import checked_folds, identities
from talkoot.sentiment.readers.pickles import read_pickle
from talkoot.sentiment.samples import MODALITIES, Floats, Folds, Samples, Task

ORDER = ("neutral", "happy", "sad", "angry")
"""The order of the emotions unless another is given: that of the main script of Co-SA's released code and of its
author's answer to a question; a comment in the same code's loader says happy, sad, angry, neutral (reference 1.5). The
file does not say: compare the shares of each emotion with those you know before you trust a name."""


def read_iemocap(path: Path, *, emotions: Sequence[str] = ORDER) -> Folds:
    """The folds of such a pickle; `emotions` names the columns of its labels, in order.

    Masks are the rows that are not zero; numbers that are not finite become 0 (audio has -inf). Raises BadInput, naming
    fold and key, for what is missing or does not fit, and for other than as many emotions as the labels have.
    """
    return iemocap_folds(read_pickle(path), path, emotions=emotions)


def is_iemocap(data: Any) -> bool:
    """Whether what a pickle held has labels of several emotions in its training fold."""
    if not isinstance(data, dict) or not isinstance(data.get("train"), dict):
        return False
    shape = np.shape(data["train"].get("labels", ()))
    return "regression_labels" not in data["train"] and len(shape) in (2, 3) and shape[1] > 1


def iemocap_folds(data: Any, path: Path, *, emotions: Sequence[str] = ORDER) -> Folds:
    """The same from what a pickle held; `path` is for messages."""
    folds = checked_folds(data, path, (*MODALITIES, "labels"))
    if len(set(emotions)) != len(emotions):
        raise BadInput(f"the emotions {', '.join(emotions)} have a name twice; name each column of the labels once")
    task = Task("classification", emotions=tuple(emotions))
    made = {fold: _samples(path, fold, one, task) for fold, one in folds.items()}
    return Folds(path.stem, made["train"], made["valid"], made["test"])


def _samples(path: Path, fold: str, one: Mapping[str, Any], task: Task) -> Samples:
    where = f"{path}, {fold}"
    xs, masks, notes = {}, {}, []
    for name in MODALITIES:
        xs[name], masks[name], note = features(f"{where}, {name}", one[name])
        notes += [note.removeprefix(f"{where}, ")] if note else []
    lengths = {name: x.shape[1] for name, x in xs.items()}
    if len(set(lengths.values())) > 1:
        raise BadInput(f"{where}: the modalities have {lengths} steps; align them to the same steps first")
    labels = _labels(where, one["labels"], task.emotions)
    return Samples(task, xs, masks, labels, identities(fold, one, len(labels)), source="; ".join([where, *notes]))


def _labels(where: str, raw: Any, emotions: tuple[str, ...]) -> Floats:
    array = np.asarray(raw)
    if array.dtype.kind not in "fiub" or array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 2):
        raise BadInput(f"{where}: labels are of shape {array.shape} and type {array.dtype}; [samples, emotions, 2] "
                       "(one-hot) or [samples, emotions] of 0 and 1 is wanted")  # fmt: skip
    if array.shape[1] != len(emotions):
        raise BadInput(f"{where}: there are labels of {array.shape[1]} emotions, and {len(emotions)} are named "
                       f"({', '.join(emotions)}); name each column, in order")  # fmt: skip
    if array.ndim == 3:
        if not ((array == 0) | (array == 1)).all() or (array.sum(-1) != 1).any():
            raise BadInput(f"{where}: labels are no one-hot pairs; exactly one of 'not there', 'there' must be 1")
        array = array[..., 1]
    return array.astype(np.float32)
