"""What is told of a trained model: metrics, trust, whether trust is earned, robustness, and its inside."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.contribution import agreement, contributions, shares, truth_correlation
from talkoot.sentiment.deletion import deletion_curve, deletion_test
from talkoot.sentiment.hiding import marks_of, mean_trust, prior_of
from talkoot.sentiment.learner import Learner, Say, quiet
from talkoot.sentiment.metrics import resampled, scores
from talkoot.sentiment.pictures.canvas import png
from talkoot.sentiment.pictures.curves import contribution_picture, deletion_picture, robustness_picture
from talkoot.sentiment.pictures.trust import trust_by_modality, trust_over_time
from talkoot.sentiment.report.beside import beside
from talkoot.sentiment.report.page import Picture, Section, Table, Text
from talkoot.sentiment.robustness import detection, robustness
from talkoot.sentiment.samples import Floats, Prediction, Samples

Told = dict[str, Any]


def report(
    learner: Learner,
    samples: Samples,
    *,
    train: Samples | None = None,
    without: Learner | None = None,
    others: Sequence[Learner] = (),
    most: int = 200,
    examples: int = 3,
    seed: int = 0,
    say: Say = quiet,
) -> tuple[list[Section], Told]:
    """All sections of a learner's report on samples, and the same numbers as JSON (None for what is not defined).

    `train` gives the constant that stands for nothing at all (else the mean of these samples' labels). `without` is the
    same model trained without DPSR, to be shown beside it; `others` are models of any kind, to be measured beside it.
    What asks the model many times looks at `most` samples,
    drawn by the seed. Raises BadInput for no samples.
    """
    if not len(samples):
        raise BadInput(f"{samples.source or 'the fold'} has no samples to report on")
    rows = np.sort(np.random.default_rng(seed).permutation(len(samples))[:most])
    some = samples.take(rows)
    prior = prior_of(train if train is not None else samples)
    said = learner.predict(samples)
    told: Told = {"model": learner.name, "samples": len(samples), "looked_at": len(some)}
    sections = []
    loss = "1 - probability of the truth" if samples.task.emotions else "mean absolute error"
    steps: list[tuple[str, Callable[[], Section | None]]] = [
        ("metrics", lambda: _metrics(samples, said, prior, seed, told)),
        ("trust", lambda: _trust(learner, samples, said, told)),
        ("examples", lambda: _examples(samples, said, examples)),
        ("contributions", lambda: _earned(learner, some, prior, seed, loss, told)),
        ("robustness", lambda: _robust(learner, some, said.trust is not None, prior, seed, loss, told)),
        (
            "others",
            lambda: beside(learner, others, samples, some, prior=prior, seed=seed, told=told) if others else None,
        ),
        ("inside", lambda: _inside(learner, some, without, seed, told)),
    ]
    for done, (word, build) in enumerate(steps):
        say(done / len(steps), word)
        section = build()
        if section is not None:
            sections.append(section)
    say(1.0, "")
    plain: Told = _plain(told)
    return sections, plain


def _metrics(samples: Samples, said: Prediction, prior: Floats, seed: int, told: Told) -> Section:
    task = samples.task
    found = scores(task, samples.labels, said.values)
    constant = scores(task, samples.labels, np.broadcast_to(prior, samples.labels.shape).astype(np.float32))
    n = len(samples)
    times = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=1000)
    spread = resampled(task, samples.labels, said.values, times)
    rows, told["metrics"] = [], {}
    for name, value in found.items():
        drawn = spread[name][~np.isnan(spread[name])]
        low, high = np.percentile(drawn, (2.5, 97.5)) if len(drawn) else (math.nan, math.nan)
        told["metrics"][name] = {"value": value, "ci95": [float(low), float(high)], "constant": constant[name]}
        rows.append([name, value, f"{low:.3f} to {high:.3f}" if len(drawn) else None, constant[name]])
    unit = "whole videos" if task.steps else "samples"
    return Section("Results", [
        Table(["metric", "value", "95 % interval", "constant"], rows),
        Text(f"Intervals are percentiles of 1000 resamples of {unit}; they do not tell how another seed would do. "
             "The constant says the mean of the labels that it was given."),
    ])  # fmt: skip


def _trust(learner: Learner, samples: Samples, said: Prediction, told: Told) -> Section:
    if said.trust is None:
        return Section("Trust", [Text(f"{learner.name} does not say how much each modality counts.")])
    marks = marks_of(samples)
    part = shares(said.trust, marks)
    rows, told["trust"] = [], {}
    for at, name in enumerate(samples.modalities):
        there = marks[..., at]
        values = said.trust[..., at][there]
        row = {"mean": float(values.mean()) if len(values) else math.nan,
               "sd": float(values.std()) if len(values) else math.nan,
               "share": float(part[..., at][there].mean()) if len(values) else math.nan,
               "present": float(there.sum() / samples.valid.sum())}  # fmt: skip
        told["trust"][name] = row
        rows.append([name, *row.values()])
    several = marks.sum(-1) > 1
    logs = np.where(part > 0, np.log(np.where(part > 0, part, 1)), 0)
    entropy = -(part * logs).sum(-1)[several] / np.log(marks.sum(-1)[several])
    told["entropy"] = float(entropy.mean()) if several.any() else math.nan
    parts: list[Any] = [
        Text("How much each modality counts at a step, from 0 to 1. Share: of all trust at that step. Present: at how "
             "many of the steps it has something to say."),
        Table(["modality", "mean", "sd", "mean share", "present"], rows),
        Text(f"Mean entropy of the shares: {told['entropy']:.2f} (1: all count alike, 0: one counts)."),
    ]  # fmt: skip
    truth = None
    if samples.reliability is not None:
        told["truth"] = truth_correlation(said.trust, samples)
        pearson, spearman = _number(told["truth"]["pearson"]), _number(told["truth"]["spearman"])
        parts.append(Text("These data know how reliable each modality truly was: correlation of shares with the truth "
                          f"{pearson} (Pearson), {spearman} (Spearman)."))  # fmt: skip
        truth = samples.reliability
    shown = part.astype(np.float32) if truth is not None else said.trust
    caption = f"{'Share of trust' if truth is not None else 'Trust'} by modality, and over the course of a sample."
    parts.append(Picture(png(trust_by_modality(
        shown, marks, samples.modalities, truth=truth, what="trust" if truth is None else "share of trust"
    )), caption))  # fmt: skip
    return Section("Trust", parts)


def _examples(samples: Samples, said: Prediction, count: int) -> Section | None:
    if said.trust is None or count < 1:
        return None
    marks = marks_of(samples)
    varied = np.nan_to_num(np.stack([
        np.where(marks[..., m].any(1), np.nanstd(np.where(marks[..., m], said.trust[..., m], 0), 1), 0)
        for m in range(len(samples.modalities))
    ]).max(0))  # fmt: skip
    level = said.values.reshape(len(samples), -1)[:, 0] if not samples.task.steps else varied
    # The highest, the lowest, and then those whose trust moves most.
    moved = np.argsort(-varied, kind="stable")
    order = [int(np.argmax(level)), int(np.argmin(level)), *(int(row) for row in moved)]
    parts: list[Any] = []
    for row in list(dict.fromkeys(order))[:count]:
        title = f"{samples.ids[row]}: {_said(samples, said, row)}"
        if samples.task.steps:
            line, truth = said.values[row], samples.labels[row]
        else:
            line, truth = (None if said.steps is None else said.steps[row]), None
        figure = trust_over_time(said.trust[row], marks[row], samples.modalities,
                                 words=samples.words[row] if samples.words else (), steps=line,
                                 truth=truth)  # fmt: skip
        parts.append(Picture(png(figure), title))
    return Section("Trust over time", parts)


def _said(samples: Samples, said: Prediction, row: int) -> str:
    if samples.task.steps:
        known = int((~np.isnan(samples.labels[row])).sum())
        return f"{known} labelled steps"
    if samples.task.emotions:
        return ", ".join(f"{name} {p:.2f} (label {int(y)})" for name, p, y in
                         zip(samples.task.emotions, said.values[row], samples.labels[row], strict=True))  # fmt: skip
    return f"said {said.values[row]:+.2f}, label {samples.labels[row]:+.2f}"


def _earned(learner: Learner, some: Samples, prior: Floats, seed: int, loss: str, told: Told) -> Section | None:
    if len(some.modalities) < 2:
        return None
    worth = contributions(learner, some, prior=prior)
    told["shapley"] = worth.mean()
    parts: list[Any] = [Text(
        f"Shapley values over all coalitions of modalities, {len(some)} samples: how many points of {loss} each saves. "
        "They add up to what the whole model saves against the constant.")]  # fmt: skip
    trust = learner.predict(some).trust
    if trust is None:
        parts.append(Table(["modality", "loss saved"], list(told["shapley"].items()), places=4))
        return Section("What modalities bring", parts)
    marks = marks_of(some)
    known = mean_trust(trust, marks)
    mean = {name: float(np.nanmean(known[:, at])) if not np.isnan(known[:, at]).all() else math.nan
            for at, name in enumerate(some.modalities)}  # fmt: skip
    parts.append(Picture(png(contribution_picture(mean, told["shapley"])), "Mean trust and mean Shapley value."))
    agrees = agreement(trust, worth, marks)
    told["agreement"] = asdict(agrees)
    parts.append(Text(
        f"Rank correlation of trust and Shapley values: {_number(agrees.within)} between the modalities of a sample, "
        f"{_number(agrees.pooled)} over all. The most trusted modality is the one that brings most in "
        f"{_percent(agrees.top)} of the samples ({_percent(agrees.chance)} by chance)."))  # fmt: skip
    try:
        test = deletion_test(learner, some, prior=prior, seed=seed)
    except BadInput as error:  # too few samples of two modalities: a report may still be wanted
        parts.append(Text(f"No deletion test: {error}."))
        return Section("Is trust earned?", parts)
    told["deletion"] = {**asdict(test), "ci95": list(test.ci95), "earned": test.earned}
    verdict = "Trust is earned" if test.earned else "That trust is earned is not shown"
    lost = {"nothing": test.full, "most trusted modality": test.top, "any modality": test.anyone,
            "least trusted modality": test.last}  # fmt: skip
    parts.append(Table(["taken away", loss], list(lost.items())))
    parts.append(Text(
        f"{verdict}: losing the most trusted modality costs {test.gap:+.3f} against losing any (95 % interval "
        f"{test.ci95[0]:+.3f} to {test.ci95[1]:+.3f}, {test.n} samples)."))  # fmt: skip
    curve = deletion_curve(learner, some, prior=prior, seed=seed)
    told["deletion_curve"] = asdict(curve)
    parts.append(Picture(png(deletion_picture(curve, loss=loss)), "Steps of modalities taken away."))
    return Section("Is trust earned?", parts)


def _robust(learner: Learner, some: Samples, trusts: bool, prior: Floats, seed: int, loss: str, told: Told) -> Section:
    hows = ("noise", "mask", "missing")
    curves = robustness(learner, some, hows=hows, seeds=(seed, seed + 1), shares=(0.0, 0.25, 0.5, 1.0), prior=prior)
    told["robustness"] = [asdict(curve) for curve in curves]
    parts: list[Any] = [Picture(png(robustness_picture(curves, loss=loss)),
                                f"Loss as one modality is spoiled, {len(some)} samples, 2 draws.")]  # fmt: skip
    if trusts:
        found = [detection(learner, some, modality=name, how=how, seed=seed)
                 for how in ("noise", "shuffle") if how != "shuffle" or len(some) > 1
                 for name in some.modalities if some.masks[name].sum() > 1]  # fmt: skip
        told["detection"] = [asdict(one) for one in found]
        parts += [
            Text("Does trust fall where a modality is spoiled? Area under the curve of low trust as a detector, half "
                 "of the steps spoiled (0.5: by chance, 1: always). Share: of the trust at a step. "
                 "Fall: against clean data."),
            Table(["modality", "spoiled by", "trust", "share", "fall", "mean trust clean", "mean trust spoiled"],
                  [[one.modality, one.how, one.auc, one.auc_share, one.auc_fall, one.clean, one.spoiled]
                   for one in found], places=2),
        ]  # fmt: skip
    return Section("Robustness", parts)


def _inside(learner: Learner, some: Samples, without: Learner | None, seed: int, told: Told) -> Section | None:
    if getattr(learner, "net", None) is None:  # no network: nothing to see, and no need of torch
        return None
    from talkoot.sentiment.inside import has_inside, similarities, spaces, untrained
    from talkoot.sentiment.pictures.spaces import feature_space, mean_off_diagonal, similarity_picture

    if not has_inside(learner):
        return None
    before = untrained(learner, seed)
    parts: list[Any] = []
    points = spaces(learner, some)
    if sum(map(len, points.values())) >= 5:
        figure = feature_space(spaces(learner, some, before), points, seed=seed)
        parts.append(Picture(png(figure), "Sentiment and modality features of samples in a plane (t-SNE), before and "
                                          "after training. Distances between far groups mean little."))  # fmt: skip
    with_name, other_name = ("with DPSR", "without DPSR") if without is not None else ("trained", "untrained")
    other = similarities(without, some) if without is not None else similarities(learner, some, before)
    told["similarity"] = {}
    for name, found in similarities(learner, some).items():
        told["similarity"][name] = {other_name: mean_off_diagonal(other[name]), with_name: mean_off_diagonal(found)}
        if found.shape[0] > 1:
            parts.append(Picture(png(similarity_picture({other_name: other[name], with_name: found})),
                                 f"{name}: mean cosine of the features of two frames of a sample."))  # fmt: skip
    return Section("Inside", parts)


def _number(value: float) -> str:
    return "not defined" if math.isnan(value) else f"{value:.2f}"


def _percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.0%}"


def _plain(value: Any) -> Any:
    """JSON: numbers that are none become None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
