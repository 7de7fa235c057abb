"""Small feature files of the field's forms, made up, for the tests that read them."""

from __future__ import annotations

import csv
import gzip
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from talkoot.sentiment.samples import Folds, Samples, Task

Raw = dict[str, dict[str, Any]]


def mmsa_raw(seed: int = 0, sizes: tuple[int, int, int] = (5, 3, 4), length: int = 6) -> Raw:
    """What an aligned pickle of MMSA holds: text with its BERT rows, audio with a -inf, padding behind."""
    order = np.random.default_rng(seed)
    data: Raw = {}
    for fold, n in zip(("train", "valid", "test"), sizes, strict=True):
        lengths = order.integers(3, length + 1, n)
        inside = np.arange(length) < lengths[:, None]
        one: dict[str, Any] = {
            name: (order.normal(size=(n, length, width)) * inside[..., None]).astype(np.float32)
            for name, width in (("text", 8), ("audio", 5), ("vision", 3))
        }
        one["text_bert"] = np.stack([order.integers(1, 99, (n, length)) * inside, inside, 0 * inside], 1)
        one["text_bert"] = one["text_bert"].astype(np.float32)
        one["audio"][0, 0, 1] = -np.inf
        one["raw_text"] = np.array([" ".join(f"w{k}" for k in range(count - 2)) for count in lengths], dtype=object)
        one["id"] = np.array([f"{fold}{k}$_${k}" for k in range(n)], dtype=object)
        one["regression_labels"] = order.uniform(-3, 3, n).astype(np.float32)
        one["regression_labels"][0] = 2.5
        data[fold] = one
    return data


def iemocap_raw(seed: int = 0, sizes: tuple[int, int, int] = (6, 3, 4), length: int = 4) -> Raw:
    """What an IEMOCAP-style pickle holds: four emotions, one-hot."""
    order = np.random.default_rng(seed)
    data: Raw = {}
    for fold, n in zip(("train", "valid", "test"), sizes, strict=True):
        there = order.integers(0, 2, (n, 4))
        data[fold] = {
            "text": order.normal(size=(n, length, 6)),
            "audio": order.normal(size=(n, length, 3)),
            "vision": order.normal(size=(n, length, 2)),
            "labels": np.stack([1 - there, there], -1),
        }
    return data


def dumped(path: Path, data: Any, protocol: int = 4) -> Path:
    """Write a pickle."""
    path.write_bytes(pickle.dumps(data, protocol))
    return path


def some_folds(kind: str = "regression", *, words: bool = True, valid: bool = True) -> Folds:
    """Folds with gaps, for round trips: a number a sample, one at every step (`steps`), or emotions."""
    emotions = ("happy", "sad") if kind == "classification" else ()
    task = Task("classification" if emotions else "regression", 1.5, emotions, kind == "steps")
    made = []
    for seed, n in enumerate((4, 2, 3)):
        order, length = np.random.default_rng(seed), 3 + seed
        masks = {name: order.random((n, length)) < 0.6 for name in ("text", "audio", "vision")}
        masks["text"][:, 0] = True
        masks["vision"][:] = False  # absent everywhere
        features = {name: (order.normal(size=(n, length, width)) * masks[name][..., None]).astype(np.float32)
                    for name, width in (("text", 3), ("audio", 2), ("vision", 4))}  # fmt: skip
        labels = order.uniform(-1.5, 1.5, (n, length) if task.steps else (n,)).astype(np.float32)
        if task.steps:
            labels[:, -1] = np.nan
        if emotions:
            labels = order.integers(0, 2, (n, 2)).astype(np.float32)
        told = tuple(tuple(f"ä{k}" if k % 2 else "" for k in range(length)) for _ in range(n)) if words else ()
        share = order.random((n, length, 3)).astype(np.float32) if words else None
        made.append(Samples(task, features, masks, labels, tuple(f"{seed}/{k}" for k in range(n)), told, share,
                            f"fold {seed}"))  # fmt: skip
    return Folds("some", made[0], made[1] if valid else None, made[2])


def same(one: Samples | None, other: Samples | None) -> None:
    """Assert that two folds say the same."""
    if one is None or other is None:
        assert one is other
        return
    assert (one.task, one.ids, one.words, one.modalities, one.widths) == (
        other.task, other.ids, other.words, other.modalities, other.widths)  # fmt: skip
    np.testing.assert_array_equal(one.labels, other.labels)
    for name in one.modalities:
        np.testing.assert_array_equal(one.masks[name], other.masks[name])
        np.testing.assert_array_equal(one.features[name], other.features[name])
    assert (one.reliability is None) == (other.reliability is None)
    if one.reliability is not None:
        np.testing.assert_array_equal(one.reliability, other.reliability)


def fake_mosi(folder: Path) -> Path:
    """A made-up `sentiment` folder: 10 videos of 2 to 4 segments, shuffled clip numbers; the folder is returned."""
    place = folder / "sentiment"
    place.mkdir(parents=True)
    order = np.random.default_rng(0)
    rows = [(f"v{video}", clip) for video in range(10) for clip in order.permutation(2 + video % 3) + 9]
    n = len(rows)
    videos = np.array([video for video, _ in rows])
    number = np.array([int(video[1:]) for video in videos])
    ids = [f"{video}_{clip}" for video, clip in rows]
    np.savez(
        place / "mosi_offline.npz",
        id=np.array(ids),
        video_id=videos,
        clip=np.array([clip for _, clip in rows], dtype=np.int16),
        score=order.uniform(-3, 3, n).astype(np.float32),
        start=np.where(np.arange(n) == 3, np.nan, np.arange(n)).astype(np.float32),
        split=np.array(["train", "val", "test"])[np.searchsorted([4, 6], number, side="right")],
        dl_split=np.array(["train", "test"])[(number % 2)],
        text=order.normal(size=(n, 5)).astype(np.float32),
        audio=order.normal(size=(n, 3)).astype(np.float32),
        vision=order.normal(size=(n, 4)).astype(np.float32),
    )
    with gzip.open(place / "mosi_utterances.csv.gz", "wt", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "text"])
        table.writerows([id_, f"it was clip {id_.replace('_', ' ')} and it was fine"] for id_ in ids)
    with gzip.open(place / "mosi_words.csv.gz", "wt", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "word", "t0", "t1"])
        for id_ in ids[1:]:  # the first segment has no timed word
            table.writerows([[id_, "it", "1.0", "1.5"], [id_, "was", "", ""], [id_, "fine", "2.0", "3.0"]])
    return folder
