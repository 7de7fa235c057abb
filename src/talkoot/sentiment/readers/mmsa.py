"""Feature pickles of MMSA (thuiar/MMSA), the form in which the field shares MOSI, MOSEI and SIMS (reference 4.1).

The file is a dict of folds `train`, `valid`, `test`; a fold is a dict of arrays with the same N: `text` [N, T, d],
`audio` [N, Ta, da], `vision` [N, Tv, dv], `regression_labels` [N] (or `labels` with one number a sample, as MulT's
files have it), and optionally `text_bert` [N, 3, T] (input ids, attention mask, segment ids), `audio_lengths`,
`vision_lengths`, `raw_text` and `id`. What we write has four keys more, `text_mask`, `audio_mask`, `vision_mask`
[N, T] and `words`, so that masks and words come back as they were; MMSA passes over them.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.readers.arrays import bound_of, features, write_whole
from talkoot.sentiment.readers.pickles import read_pickle
from talkoot.sentiment.samples import MODALITIES, Floats, Folds, Marks, Samples, Task

FOLDS = ("train", "valid", "test")


def read_mmsa(path: Path, *, bound: float | None = None) -> Folds:
    """The folds of an MMSA pickle; `bound` of the labels is by default 1 for SIMS, and 3 else.

    Masks: of text, where the attention row of `text_bert` is 1, else the rows that are not zero; of audio and vision,
    the rows that are not zero, up to their length where one is given. MMSA's audio has -inf; such numbers become 0, as
    there, and steps without any other number are masked. Files whose modalities have different lengths ("unaligned")
    are brought to the steps of the text: the frames of a sample are cut into as many equal parts as it has words, and
    averaged (ours; the file has no times). Words stand at their steps; where text was cut into more pieces than words,
    they are spread evenly over these. Raises BadInput, naming fold and key, for what is missing or does not fit.
    """
    return mmsa_folds(read_pickle(path), path, bound=bound)


def mmsa_folds(data: Any, path: Path, *, bound: float | None = None) -> Folds:
    """The same from what a pickle held; `path` is for messages."""
    folds = checked_folds(data, path, ("text", "audio", "vision"))
    labels = {fold: _labels(f"{path}, {fold}", one) for fold, one in folds.items()}
    if bound is None:
        told = any("regression_labels_T" in one for one in folds.values())
        bound = 1.0 if told else bound_of(list(labels.values()))
    task = Task(bound=bound)
    made = {fold: _samples(f"{path}, {fold}", one, labels[fold], task) for fold, one in folds.items()}
    return Folds(path.stem, made["train"], made["valid"], made["test"])


def checked_folds(data: Any, path: Path, keys: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The three folds of a pickle, each with these keys, of the same number of samples. Raises BadInput otherwise."""
    if not isinstance(data, dict):
        raise BadInput(f"{path} holds a {type(data).__name__}; a dict of {', '.join(FOLDS)} is wanted")
    for fold in FOLDS:
        one = data.get(fold)
        if not isinstance(one, dict):
            found = ", ".join(str(key) for key in list(data)[:8])
            raise BadInput(f"{path} has no fold '{fold}' (it has: {found}); a dict of {', '.join(FOLDS)} is wanted")
        if missing := [key for key in keys if key not in one]:
            found = ", ".join(str(key) for key in list(one)[:16])
            why = "; ids of text_bert are no features, run a BERT over them first" if missing == ["text"] else ""
            raise BadInput(f"{path}, {fold}: '{missing[0]}' is missing (it has: {found}){why or '; add it'}")
        sizes = {key: len(one[key]) for key in one if isinstance(one[key], (np.ndarray, list, tuple))
                 and (not isinstance(one[key], np.ndarray) or one[key].ndim)}  # fmt: skip
        n = sizes.get(keys[0], 0)
        for key, size in sizes.items():
            if size != n:
                raise BadInput(f"{path}, {fold}: '{keys[0]}' has {n} samples and '{key}' {size}; all keys of a fold "
                               "must have as many")  # fmt: skip
        if not n:
            raise BadInput(f"{path}, {fold}: there are no samples; a fold must have one at least")
    return {fold: data[fold] for fold in FOLDS}


def identities(fold: str, one: Mapping[str, Any], n: int) -> tuple[str, ...]:
    """The ids of a fold as texts; those of several columns are joined by `$_$`, missing ones are numbered."""
    raw = one.get("id")
    if raw is None:
        return tuple(f"{fold}/{number}" for number in range(n))
    return tuple("$_$".join(_text(part) for part in np.ravel(np.asarray(entry))) for entry in raw)


def _samples(where: str, one: Mapping[str, Any], labels: Floats, task: Task) -> Samples:
    made, notes = {}, []
    for name in MODALITIES:
        x, mask, note = features(f"{where}, {name}", one[name], _mask(where, one, name))
        made[name] = (x, mask)
        notes += [note.removeprefix(f"{where}, ")] if note else []
    text_mask = made["text"][1]
    if len({x.shape[1] for x, _ in made.values()}) > 1:
        made = {name: (x, mask) if name == "text" else _to_steps(x, mask, text_mask)
                for name, (x, mask) in made.items()}  # fmt: skip
        notes.append("averaged to the steps of the text")
    ids = identities(where.rpartition(", ")[2], one, len(labels))
    return Samples(
        task,
        {name: x for name, (x, _) in made.items()},
        {name: mask for name, (_, mask) in made.items()},
        labels,
        ids,
        _words(one, text_mask),
        source="; ".join([where, *notes]),
    )


def _mask(where: str, one: Mapping[str, Any], name: str) -> NDArray[Any] | None:
    """The mask that the file states; None where the rows have to show it."""
    if (stated := one.get(f"{name}_mask")) is not None:
        return np.asarray(stated)
    x = np.asarray(one[name])
    if name == "text" and (bert := one.get("text_bert")) is not None:
        bert = np.asarray(bert)
        if bert.ndim != 3 or bert.shape[1] != 3 or bert.shape[2] != x.shape[1]:
            raise BadInput(f"{where}: 'text_bert' is of shape {bert.shape} beside text of {x.shape}; "
                           "[samples, 3, steps] is wanted, with as many steps as the text")  # fmt: skip
        attended: Marks = bert[:, 1] > 0
        return attended
    if (lengths := one.get(f"{name}_lengths")) is not None and x.ndim == 3:
        lengths = np.asarray(lengths)
        if lengths.dtype.kind not in "iuf" or lengths.ndim != 1 or (lengths < 0).any() or (lengths > x.shape[1]).any():
            raise BadInput(f"{where}: '{name}_lengths' must be numbers from 0 to {x.shape[1]}, the steps of {name}")
        inside = np.arange(x.shape[1]) < lengths[:, None]
        shown: Marks = inside & (x != 0).any(-1)
        return shown
    return None


def _labels(where: str, one: Mapping[str, Any]) -> Floats:
    raw = one.get("regression_labels", one.get("labels"))
    if raw is None:
        found = ", ".join(str(key) for key in list(one)[:16])
        raise BadInput(f"{where}: 'regression_labels' is missing (it has: {found}); add it")
    array = np.asarray(raw)
    if array.dtype.kind not in "fiu" or array.size != len(array):
        raise BadInput(f"{where}: labels are of shape {array.shape} and type {array.dtype}; one number for each sample "
                       "is wanted")  # fmt: skip
    return array.reshape(len(array)).astype(np.float32)


def _to_steps(x: Floats, mask: Marks, steps: Marks) -> tuple[Floats, Marks]:
    """Frames [N, F, d] averaged in equal parts over the steps [N, T] that count; all of T where a sample has none."""
    out = np.zeros((*steps.shape, x.shape[2]), dtype=np.float32)
    marks = np.zeros(steps.shape, dtype=np.bool_)
    for n in range(len(x)):
        frames = x[n, mask[n]].astype(np.float64)
        at = np.flatnonzero(steps[n]) if steps[n].any() else np.arange(steps.shape[1])
        if not len(frames):
            continue
        sums = np.concatenate([np.zeros((1, x.shape[2])), frames.cumsum(0)])
        low = np.arange(len(at)) * len(frames) // len(at)
        high = np.maximum((np.arange(len(at)) + 1) * len(frames) // len(at), low + 1)
        out[n, at] = (sums[high] - sums[low]) / (high - low)[:, None]
        marks[n, at] = True
    return out, marks


def _words(one: Mapping[str, Any], mask: Marks) -> tuple[tuple[str, ...], ...]:
    """The words of each sample at their steps, one text a step up to the last that counts."""
    if (ours := one.get("words")) is not None:
        return tuple(tuple(_text(word) for word in words) for words in ours)
    if one.get("raw_text") is None or not any(_text(raw).strip() for raw in one["raw_text"]):
        return ()
    pieces = one.get("text_bert") is not None
    told = []
    for raw, row in zip(one["raw_text"], mask, strict=True):
        words, steps = _text(raw).split(), np.flatnonzero(row)
        line = [""] * (int(steps[-1]) + 1 if len(steps) else 1)
        if pieces and len(steps) > 2:
            steps = steps[1:-1]  # [CLS] and [SEP] are no words
        for number, word in enumerate(words):
            at = number * max(1, len(steps) / len(words))
            step = int(steps[min(int(at), len(steps) - 1)]) if len(steps) else 0
            line[step] = f"{line[step]} {word}".strip()
        told.append(tuple(line))
    return tuple(told)


def _text(raw: Any) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def write_mmsa(path: Path, folds: Folds) -> None:
    """Write folds as MMSA reads them (and `read_mmsa`, to the same samples), whole or not at all.

    Raises BadInput for what that form cannot hold: emotions, labels at every step, fewer than three folds, or other
    modalities than text, audio and vision.
    """
    data = {}
    for fold, samples in zip(FOLDS, (folds.train, folds.valid, folds.test), strict=True):
        if samples is None:
            raise BadInput(f"{folds.name} has no fold '{fold}', which MMSA's form needs; write .npz or .parquet")
        if samples.task.kind != "regression" or samples.task.steps:
            raise BadInput(f"{folds.name} has {'labels at every step' if samples.task.steps else 'emotions'}; MMSA's "
                           "form has one number for each sample, so write .npz or .parquet")  # fmt: skip
        if set(samples.modalities) != set(MODALITIES):
            raise BadInput(f"{folds.name} has the modalities {', '.join(samples.modalities)}; MMSA's form has "
                           f"{', '.join(MODALITIES)}, so write .npz or .parquet")  # fmt: skip
        data[fold] = _fields(samples)
    write_whole(path, lambda file: pickle.dump(data, file, protocol=4))


def _fields(samples: Samples) -> dict[str, Any]:
    texts = samples.words or [()] * len(samples)
    fields: dict[str, Any] = {
        "raw_text": np.array([" ".join(" ".join(words).split()) for words in texts], dtype=np.str_),
        "id": np.array(samples.ids, dtype=np.str_),
        "regression_labels": samples.labels,
        "annotations": np.where(samples.labels > 0, "Positive", np.where(samples.labels < 0, "Negative", "Neutral")),
    }
    if samples.words:
        fields["words"] = [list(words) for words in samples.words]
    for name in MODALITIES:
        x, mask = samples.features[name], samples.masks[name]
        fields[name] = np.where(mask[..., None], x, np.float32(0))
        fields[f"{name}_mask"] = mask
        if name != "text":
            ends = np.where(mask.any(1), mask.shape[1] - mask[:, ::-1].argmax(1), 0)
            fields[f"{name}_lengths"] = ends.astype(np.int64)
    return fields
