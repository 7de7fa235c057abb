"""Small batches of three modalities, one of which can be believed, and networks whose policies learn which."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from talkoot.sentiment.cosa import CosaNet, CosaSettings
from talkoot.sentiment.nets import Batch, Spec, batch_of
from talkoot.sentiment.samples import Samples, Task

NUMBER, MANY = Task(), Task(steps=True)
FEEL = Task("classification", emotions=("happy", "sad"))
TASKS = (NUMBER, MANY, FEEL)
WIDTHS = {"text": 2, "audio": 2, "vision": 2}


def toy_batch(task: Task, n: int = 6, length: int = 4, seed: int = 0) -> Batch:
    """Text says the label in its first feature, audio and vision say other samples'. The first sample has no vision,
    the second ends after two steps (if it has more), the third has a hole."""
    draws = np.random.default_rng(seed)
    mood = draws.uniform(-2, 2, (n, length if task.steps else 1)).astype(np.float32)
    said = {m: mood if m == "text" else mood[draws.permutation(n)] for m in WIDTHS}
    features = {m: np.stack([np.broadcast_to(x, (n, length)), np.ones((n, length))], -1) for m, x in said.items()}
    masks = {m: np.ones((n, length), bool) for m in WIDTHS}
    masks["vision"][0] = False
    for mask in masks.values():
        mask[1:2, 2:] = False
        mask[2:3, 1:2] = length == 1
    valid = np.logical_or.reduce(list(masks.values()))
    if task.steps:
        labels = np.where(valid, mood, np.nan)
    else:
        labels = np.stack([mood[:, 0] > 0, mood[:, 0] < 0], 1) if task.emotions else mood[:, 0]
    floats = {m: x.astype(np.float32) for m, x in features.items()}
    return batch_of(Samples(task, floats, masks, labels.astype(np.float32), tuple(map(str, range(n)))))


def toy_net(task: Task, *, length: int = 4, **others: Any) -> CosaNet:
    """A small network."""
    torch.manual_seed(0)
    settings = {"width": 4, "heads": 2, "encoder": "linear", "space": "none", "message": "none", "dropout": 0.1}
    return CosaNet(Spec(task, WIDTHS, length), CosaSettings(**settings | others))


def transparent(net: CosaNet) -> CosaNet:
    """The network with encoders and a head such that it says the weighted mean of the modalities' first features
    (emotions: twice that, and its opposite)."""
    for agent in net.agents:
        first = agent.sentiment.first  # type: ignore[union-attr]
        with torch.no_grad():
            first.weight.copy_(torch.eye(4, 2))
            first.bias.zero_()
    emotions = len(net.spec.task.emotions)
    answer = nn.Linear(4, emotions or 1, bias=False)
    with torch.no_grad():
        answer.weight.zero_()
        answer.weight[:, 0] = torch.tensor([2.0, -2.0]) if emotions else 1.0
    net.answer = nn.Sequential(answer)
    return net
