"""What a model says when part of what it reads is hidden: the ground of contributions, deletion and robustness.

Works on any Learner, by masks alone. Where nothing at all is left to read, the model is not asked: a prior is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.learner import Learner
from talkoot.sentiment.samples import Floats, Marks, Samples

Numbers = NDArray[np.float64]


def prior_of(samples: Samples) -> Floats:
    """What to say of nothing: the mean of the labels, [] (regression) or [E] (classification). Take it of the training
    samples to have the constant that tables compare with."""
    if samples.task.kind == "classification":
        return np.asarray(samples.labels.mean(0), np.float32) if len(samples) else np.zeros(0, np.float32)
    known = samples.labels[~np.isnan(samples.labels)]
    return np.asarray(known.mean() if known.size else 0.0, np.float32)


def with_masks(samples: Samples, masks: Mapping[str, Marks]) -> Samples:
    """The same samples with other masks; features are 0 where masked, so that a model that ignores masks learns nothing
    of what is hidden."""
    features = {name: np.where(masks[name][..., None], x, np.float32(0)) for name, x in samples.features.items()}
    return replace(samples, features=features, masks=dict(masks))


def values_under(learner: Learner, samples: Samples, masks: Mapping[str, Marks], prior: Floats | float) -> Floats:
    """What the learner says of samples under other masks (a subset of theirs), in the shape of the labels.

    Samples, and with labels at every step also steps, in which nothing is left get the prior.
    """
    left = np.logical_or.reduce([masks[name] for name in samples.modalities])
    rows = np.flatnonzero(left.any(1))
    values = np.broadcast_to(np.asarray(prior, np.float32), samples.labels.shape).copy()
    if len(rows):
        some = with_masks(samples.take(rows), {name: mask[rows] for name, mask in masks.items()})
        said = learner.predict(some).values
        values[rows] = np.where(left[rows], said, values[rows]) if samples.task.steps else said
    return values


def losses(samples: Samples, values: Floats) -> Numbers:
    """How wrong values are: |value - label| for regression, [N] or with steps [N, T] (NaN where there is no label);
    1 - mean probability of the truth for classification, [N] (reference, 1.4, reward)."""
    wrong = np.abs(np.asarray(values, np.float64) - samples.labels)
    return wrong.mean(1) if samples.task.kind == "classification" else wrong  # |p - y| is 1 - p(truth) for y of 0 and 1


def per_sample(loss: Numbers) -> Numbers:
    """Loss of each sample, [N]: with steps the mean over its labelled steps (NaN for a sample without labels)."""
    if loss.ndim == 1:
        return loss
    known = ~np.isnan(loss)
    total = np.where(known, loss, 0).sum(1)
    count = known.sum(1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def marks_of(samples: Samples) -> Marks:
    """All masks side by side, [N, T, M]."""
    return np.stack([samples.masks[name] for name in samples.modalities], -1)


def masks_from(samples: Samples, marks: Marks) -> dict[str, Marks]:
    """Marks [N, T, M] as one mask for each modality."""
    return {name: marks[..., at] for at, name in enumerate(samples.modalities)}


def trust_of(learner: Learner, samples: Samples) -> Floats:
    """The learner's trust, [N, T, M]. Raises BadInput for one that has none."""
    trust = learner.predict(samples).trust
    if trust is None:
        raise BadInput(f"{learner.name} does not say how much each modality counts; give scores of your own, or use a "
                       "model with trust, such as cosa")  # fmt: skip
    if trust.shape != (wanted := (len(samples), samples.length, len(samples.modalities))):
        raise BadInput(f"{learner.name} gives trust of shape {trust.shape}; {wanted} is wanted")
    return trust


def mean_trust(trust: Floats, marks: Marks) -> Numbers:
    """Mean over the steps at which a modality speaks, [N, M]; NaN where it never does."""
    count = marks.sum(1)
    total = np.where(marks, trust, 0).sum(1, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
