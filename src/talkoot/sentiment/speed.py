"""How fast models of sentiment train on this machine, and MMSA's own beside them where it is installed.

Samples of a CPU second in updates (forward, backward, step) on data of the size of aligned CMU-MOSI: 50 steps, text 768
wide, audio 5, vision 20 (reference 4.4), in batches of the model's own size. One thread; the best of some runs, which
are taken in turns. MMSA's runner fails on a CPU, so its networks are called directly, with its settings for MOSI, L1
loss and torch's Adam; as in its data loader, its TFN and LMF get audio and vision averaged over time beforehand.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.models import named
from talkoot.sentiment.net_learner import NetLearner
from talkoot.sentiment.nets import Batch, Spec, batch_of
from talkoot.sentiment.samples import Samples
from talkoot.sentiment.synthetic import mosi_shaped

MODELS = ("cosa", "gate", "bigru", "ef_lstm", "lf_dnn", "tfn", "lmf", "mult", "misa")

PEERS: dict[str, dict[str, Any]] = {
    "tfn": {"hidden_dims": [128, 32, 128], "text_out": 32, "post_fusion_dim": 64, "dropouts": [0.3, 0.3, 0.3, 0.5]},
    "lmf": {"hidden_dims": [128, 16, 128], "rank": 3, "dropouts": [0.3, 0.3, 0.3, 0.3]},
    "mult": {
        "use_bert": False, "dst_feature_dim_nheads": [50, 10], "nlevels": 4, "attn_dropout": 0.3,
        "attn_dropout_a": 0.2, "attn_dropout_v": 0.0, "relu_dropout": 0.0, "embed_dropout": 0.2, "res_dropout": 0.0,
        "output_dropout": 0.5, "text_dropout": 0.5, "attn_mask": True, "conv1d_kernel_size_l": 5,
        "conv1d_kernel_size_a": 5, "conv1d_kernel_size_v": 5,
    },
}  # fmt: skip
"""MMSA's networks, with what its configuration says for MOSI."""
BATCH = {"tfn": 32, "lmf": 64, "mult": 16}
"""Samples in a batch of MMSA's, as its configuration says for MOSI."""
MEANED = ("tfn", "lmf")
"""Those that MMSA gives audio and vision averaged over time."""

Run = Callable[[], float]
"""Trains once on all samples, and tells samples a CPU second."""


def measure(
    models: Sequence[str] = MODELS, *, samples: int = 384, repeats: int = 3, peers: bool = True
) -> dict[str, Any]:
    """Figures for `talkoot bench sentiment`.

    `train_samples_per_cpu_s` of each of our models, `mmsa_train_samples_per_cpu_s` of MMSA's, and `ratios`: each of
    ours to MMSA's of the same name, and cosa to MMSA's TFN and MulT. Without MMSA these are None, and `mmsa_reason`
    says why. Raises BadInput for names that there are not, and models that are not networks.
    """
    if samples < 2 or repeats < 1:
        raise BadInput(f"{samples} samples and {repeats} runs tell no speed; give at least 2 samples and 1 run")
    some = mosi_shaped(0, sizes=(samples, 2, 2)).train
    reason = "peers were not asked for" if not peers else "" if find_spec("MMSA") else "MMSA is not installed"
    with _one_thread():
        ways: dict[tuple[str, str], Run] = {("ours", name): ours(name, some) for name in models}
        if not reason:
            ways |= {("mmsa", name): theirs(name, some) for name in PEERS}
        best = dict.fromkeys(ways, 0.0)
        for _ in range(repeats):
            for way, run in ways.items():
                best[way] = max(best[way], run())
    rates = {
        side: {name: round(rate, 1) for (of, name), rate in best.items() if of == side} for side in ("ours", "mmsa")
    }
    result = {
        "samples": samples, "length": some.length, "widths": some.widths, "repeats": repeats,
        "torch": torch.__version__, "train_samples_per_cpu_s": rates["ours"],
        "mmsa_train_samples_per_cpu_s": rates["mmsa"] or None, "ratios": None,
    }  # fmt: skip
    if reason:
        return {**result, "mmsa_reason": reason}
    pairs = [(name, name) for name in PEERS] + [("cosa", "tfn"), ("cosa", "mult")]
    ratios = {f"{ours_}/mmsa_{theirs_}": round(best["ours", ours_] / best["mmsa", theirs_], 2)
              for ours_, theirs_ in pairs if ("ours", ours_) in best}  # fmt: skip
    return {**result, "ratios": ratios}


def ours(name: str, samples: Samples) -> Run:
    """Updates of one of our learners, with its own settings."""
    learner = named(name)
    if not isinstance(learner, NetLearner):
        raise BadInput(f"{name} is no network that is trained in updates; leave it out")
    net = learner.build(Spec.of(samples)).train()
    update = learner.update(net, learner.settings)
    work = list(_batches(samples, learner.settings.batch_for(samples.task)))
    return lambda: _clocked(update, work)


def theirs(name: str, samples: Samples) -> Run:
    """The same of MMSA's network."""
    module = import_module(f"MMSA.models.singleTask.{name.upper()}")
    net: nn.Module = getattr(module, name.upper())(SimpleNamespace(
        feature_dims=list(samples.widths.values()), train_mode="regression", seq_lens=[samples.length] * 3,
        num_classes=3, **PEERS[name],
    )).train()  # fmt: skip
    optimiser = torch.optim.Adam([weight for weight in net.parameters() if weight.requires_grad], lr=1e-3)
    work = list(_batches(samples, BATCH[name]))
    fed = {
        id(batch): [x.mean(1, keepdim=True) if name in MEANED and m != "text" else x for m, x in batch.x.items()]
        for batch in work
    }

    def update(batch: Batch) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss = F.l1_loss(net(*fed[id(batch)])["M"][:, 0], batch.y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    return lambda: _clocked(update, work)


def _batches(samples: Samples, size: int) -> Iterator[Batch]:
    for at in range(0, len(samples), size):
        rows = np.arange(at, min(at + size, len(samples)))
        if len(rows) > 1 or not at:
            yield batch_of(samples, rows)


def _clocked(update: Callable[[Batch], Any], work: list[Batch]) -> float:
    """Samples a CPU second, after one batch that warms things up."""
    update(work[0])
    begun = time.process_time()
    for batch in work:
        update(batch)
    return sum(len(batch.y) for batch in work) / (time.process_time() - begun)


@contextmanager
def _one_thread() -> Iterator[None]:
    """One thread for torch, its random state back afterwards, and none of the peers' warnings."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(0)
            yield
    finally:
        torch.set_num_threads(before)
