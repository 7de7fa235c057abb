"""By what the settings of `cosa`, `gate` and `equal` for CMU-MOSI were chosen: models on held-out training videos.

    python bench/sentiment_settings.py cosa gate "cosa:spoil=0" [--features own|learnt] [--cuts 1,2,3,4,5,6,7,8]

A quarter of the training videos of dl_split is held out, by each cut anew; no test fold is touched. With `own` features
come from `mosi:text=own`. With `learnt` they stand in for the given ones, which learnt the labels of all training
videos, so that nothing can be held out of them: a small network learns the labels of the videos that stay, text from
tf-idf and vision from audio, and what its 100 hidden units say takes the features' place. As with the given features, a
ridge then tells the training videos far too well (text .97 of two-class accuracy, given .99; vision .80, given .92).
Prints MAE, correlation and two-class accuracy (non0), meaned over cuts, the seed of the training being the cut's.
"""

from __future__ import annotations

import argparse
import time
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neural_network import MLPRegressor

from talkoot.sentiment.metrics import scores
from talkoot.sentiment.models import named
from talkoot.sentiment.open_data import open_data
from talkoot.sentiment.samples import Floats, Samples

UNITS = 100
EPOCHS = {"text": 6, "vision": 25}
GRAMS: tuple[dict[str, Any], ...] = ({"ngram_range": (1, 2)},
                                     {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 2})  # fmt: skip


def own(cut: int) -> tuple[Samples, Samples]:
    """The videos that stay, and those held out, with features of our own."""
    folds = open_data(f"mosi:text=own,hold_out=0.25,seed={cut}", split="dl_split", modalities=("text", "audio"))
    assert folds.valid is not None
    return folds.train, folds.valid


def learnt(cut: int) -> tuple[Samples, Samples]:
    """The same with stand-ins for learnt text and vision, and the given audio."""
    pair = own(cut)
    labels = pair[0].labels[pair[0].valid]
    audio = [samples.features["audio"][samples.valid] for samples in pair]
    mean, sd = audio[0].mean(0), audio[0].std(0) + 1e-6
    made = {"text": _units(_words(pair), labels, EPOCHS["text"], cut), "audio": audio,
            "vision": _units([(x - mean) / sd for x in audio], labels, EPOCHS["vision"], cut)}  # fmt: skip
    out = []
    for at, samples in enumerate(pair):
        laid = {}
        for name, rows in made.items():
            laid[name] = np.zeros((*samples.valid.shape, rows[at].shape[1]), np.float32)
            laid[name][samples.valid] = rows[at]
        out.append(replace(samples, features=laid, masks={name: samples.valid.copy() for name in laid}))
    return out[0], out[1]


def _words(pair: tuple[Samples, Samples]) -> list[Any]:
    """Tf-idf of words and letters of all segments, its vocabulary that of the videos that stay."""
    said = [[text for row in samples.words for text in row] for samples in pair]
    ways = [TfidfVectorizer(sublinear_tf=True, **grams).fit(said[0]) for grams in GRAMS]
    return [hstack([way.transform(texts) for way in ways], "csr").astype(np.float32) for texts in said]


def _units(pair: list[Any], labels: Floats, epochs: int, seed: int) -> list[Floats]:
    """What the hidden units of a network that learnt the labels of the first say of both."""
    net = MLPRegressor(hidden_layer_sizes=(UNITS,), max_iter=epochs, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is stopped before it converges, on purpose
        net.fit(pair[0], labels)
    return [np.maximum(x @ net.coefs_[0] + net.intercepts_[0], 0).astype(np.float32) for x in pair]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--features", choices=("own", "learnt"), default="learnt")
    parser.add_argument("--cuts", default="1,2,3,4,5,6,7,8")
    told = parser.parse_args()
    torch.set_num_threads(1)
    cuts = [int(cut) for cut in told.cuts.split(",")]
    pairs = {cut: (own if told.features == "own" else learnt)(cut) for cut in cuts}
    for name in told.models:
        begun, rows = time.process_time(), []
        for cut, (train, held) in pairs.items():
            learner = named(name)
            learner.fit(train, None, seed=cut)
            found = scores(held.task, held.labels, learner.predict(held).values)
            rows.append([found[metric] for metric in ("mae", "corr", "acc2_non0")])
        mae, corr, right = np.mean(rows, 0)
        print(f"{name:<50} MAE {mae:.3f}  corr {corr:.3f}  accuracy {right:.3f}  "
              f"{time.process_time() - begun:.0f} CPU s", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
