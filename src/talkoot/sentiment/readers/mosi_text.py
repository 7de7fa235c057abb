"""Our own features of CMU-MOSI's segments: the transcript as tf-idf directions, and the times of words."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.samples import Floats

DIRECTIONS = 150
TIMING = ("words", "mean duration", "sd of durations", "longest duration", "mean gap", "longest gap", "span",
          "letters a word")  # fmt: skip
"""The 8 numbers on the times of words: counts, seconds, and letters."""


def own(texts: Sequence[str], train: NDArray[np.intp], *, seed: int) -> Floats:
    """Texts [N] as features [N, up to 150]: tf-idf of 1-2 grams that occur twice or more (sublinear), projected on the
    first singular directions. Vocabulary, weights and directions come from the texts of `train` alone; no labels.

    Settings of reference 5.3. Raises BadInput where scikit-learn is missing or the texts share no words.
    """
    try:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError:
        raise BadInput("own text features need scikit-learn: `pip install scikit-learn`") from None
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    try:
        known = vectors.fit_transform([texts[row] for row in train])
    except ValueError:
        raise BadInput("no word occurs in two of the training texts; own text features cannot be made") from None
    directions = TruncatedSVD(min(DIRECTIONS, *known.shape), random_state=seed)
    directions.fit(known)
    out: Floats = directions.transform(vectors.transform(texts)).astype(np.float32)
    return out


def timing(ids: Sequence[str], path: Path) -> Floats:
    """The times of words of each segment as 8 numbers (TIMING) [N, 8]; all 0 for a segment without timed words.

    A gap is the time from the end of a word to the start of the next, in spoken order. Words without times are passed
    over.
    """
    spoken: dict[str, list[tuple[float, float, int]]] = {}
    for row in _rows(path):
        if row["t0"] and row["t1"]:
            spoken.setdefault(row["id"], []).append((float(row["t0"]), float(row["t1"]), len(row["word"])))
    out = np.zeros((len(ids), len(TIMING)), dtype=np.float32)
    for at, id_ in enumerate(ids):
        if words := spoken.get(id_):
            start, end, letters = np.array(words).T
            lasts, gaps = end - start, start[1:] - end[:-1]
            out[at] = (len(words), lasts.mean(), lasts.std(), lasts.max(), gaps.mean() if len(gaps) else 0,
                       gaps.max() if len(gaps) else 0, end.max() - start.min(), letters.mean())  # fmt: skip
    return out


def transcripts(ids: Sequence[str], path: Path) -> list[str]:
    """The transcript of each segment, in the order of `ids`. Raises BadInput for one that is missing."""
    told = {row["id"]: row["text"] for row in _rows(path)}
    if missing := [id_ for id_ in ids if id_ not in told]:
        raise BadInput(f"{path} has no transcript of {missing[0]}; fetch it again")
    return [told[id_] for id_ in ids]


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
