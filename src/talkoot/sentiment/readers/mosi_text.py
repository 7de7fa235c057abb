"""Our own features of CMU-MOSI's segments: the transcript as scores or as directions, and the times of words."""

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
FOLDS, ALPHA = 5, 0.5
"""Parts of the training videos that are told by the others, and the ridge's penalty; chosen on cuts of training videos.
"""
LACKING = "own text features need scikit-learn: `pip install 'talkoot[sentiment]'`"
TIMING = ("words", "mean duration", "sd of durations", "longest duration", "mean gap", "longest gap", "span",
          "letters a word")  # fmt: skip
"""The 8 numbers on the times of words: counts, seconds, and letters."""


def own(
    texts: Sequence[str], train: NDArray[np.intp], labels: Floats, videos: NDArray[np.str_], *, seed: int
) -> Floats:
    """Texts [N] as features [N, 3]: the sentiment that a ridge regression reads from a segment's words (tf-idf of 1-2
    grams), from its letters (2-5 grams within words), and from both. Ours.

    The regressions learn from the texts and `labels` [N] of the rows `train` alone. Those rows themselves are told by
    regressions that did not see their video (5 folds of `videos` [N], drawn by `seed`), so that training meets scores
    as honest as those in a test. Labels make these features, so no fold can be cut from `train` afterwards.
    Raises BadInput where scikit-learn is missing, `train` has a single video, or nothing is said.
    """
    held = _folds_of(videos[train], seed)
    out = np.zeros((len(texts), 3), dtype=np.float32)
    rest = np.setdiff1d(np.arange(len(texts)), train)
    if len(rest):
        out[rest] = _told(texts, train, labels, rest)
    for fold in range(held.max() + 1):
        out[train[held == fold]] = _told(texts, train[held != fold], labels, train[held == fold])
    return out


def _folds_of(videos: NDArray[np.str_], seed: int) -> NDArray[np.intp]:
    """The fold, of at most FOLDS, of each row."""
    names, at = np.unique(videos, return_inverse=True)
    if len(names) < 2:
        raise BadInput("own text features need two training videos, so that each is told by the others")
    return np.asarray(np.random.default_rng(seed).permutation(len(names)) % FOLDS, dtype=np.intp)[at]


def _told(texts: Sequence[str], by: NDArray[np.intp], labels: Floats, of: NDArray[np.intp]) -> Floats:
    """What regressions on the rows `by` say of the rows `of`, [n, 3]."""
    try:
        from scipy.sparse import hstack
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import Ridge
    except ImportError:
        raise BadInput(LACKING) from None
    learnt, asked = [], []
    for grams in ({"ngram_range": (1, 2)}, {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 2}):
        vectors = TfidfVectorizer(sublinear_tf=True, **grams)
        try:
            learnt.append(vectors.fit_transform([texts[row] for row in by]))
        except ValueError:
            raise BadInput("the training texts hold no words; own text features cannot be made") from None
        asked.append(vectors.transform([texts[row] for row in of]))
    ways = [*zip(learnt, asked, strict=True), (hstack(learnt, "csr"), hstack(asked, "csr"))]
    said = [Ridge(ALPHA, solver="sparse_cg", tol=1e-6).fit(x, labels[by]).predict(z) for x, z in ways]
    return np.stack(said, 1).astype(np.float32)


def svd(texts: Sequence[str], train: NDArray[np.intp], *, seed: int) -> Floats:
    """Texts [N] as features [N, up to 150]: tf-idf of 1-2 grams that occur twice or more (sublinear), projected on the
    first singular directions. Vocabulary, weights and directions come from the texts of `train` alone; no labels.

    Settings of reference 5.3. Raises BadInput where scikit-learn is missing or the texts share no words.
    """
    try:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError:
        raise BadInput(LACKING) from None
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
