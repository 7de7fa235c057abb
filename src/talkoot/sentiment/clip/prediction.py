"""What a model says of a clip: a score, and at every word how much each modality counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from talkoot.sentiment.clip.features import Clip
from talkoot.sentiment.learner import Learner


def predict_clip(learner: Learner, clip: Clip) -> dict[str, Any]:
    """JSON: `score` (or `emotions` with a probability each), the mean `trust` of each modality, and `steps`, one for
    each word: `word`, `start`, `end`, `sample`, the score so far (`score`, null where the model has none) and `trust`
    (null where the model has none).

    A clip of several samples gets their mean, weighted by their words. Raises BadInput as `Learner.predict`.
    """
    samples, task = clip.samples, clip.samples.task
    said = learner.predict(samples)
    lengths = np.array([len(piece) for piece in clip.pieces], dtype=np.float64)
    values = said.values.astype(np.float64)
    if task.steps:
        values = np.array([row[: len(piece)].mean() for row, piece in zip(values, clip.pieces, strict=True)])
    mean = np.average(values, axis=0, weights=lengths)
    steps: list[dict[str, Any]] = []
    for n, piece in enumerate(clip.pieces):
        for t, word in enumerate(piece):
            so_far = said.values[n, t] if task.steps else None if said.steps is None else said.steps[n, t]
            trust = None if said.trust is None else {
                m: round(float(said.trust[n, t, k]), 6) for k, m in enumerate(samples.modalities)}  # fmt: skip
            steps.append({
                "word": word.text, "start": round(word.start, 3), "end": round(word.end, 3), "sample": n,
                "score": None if so_far is None else round(float(so_far), 6), "trust": trust,
            })  # fmt: skip
    trusts = [step["trust"] for step in steps if step["trust"] is not None]
    told: dict[str, Any] = {"seconds": round(clip.seconds, 3), "words": sum(bool(step["word"]) for step in steps)}
    if task.emotions:
        told["emotions"] = {name: round(float(p), 6) for name, p in zip(task.emotions, mean, strict=True)}
    else:
        told["score"] = round(float(mean), 6)
    told["trust"] = None
    if trusts:
        told["trust"] = {m: round(float(np.mean([one[m] for one in trusts])), 6) for m in samples.modalities}
    spoken = np.arange(samples.length) < lengths[:, None]
    told["present"] = {m: round(float(samples.masks[m][spoken].mean()), 6) for m in samples.modalities}
    return {**told, "steps": steps, "notes": list(clip.notes)}
