"""Our TFN, LMF and MulT beside MMSA's: equal outputs on equal weights, and samples trained on in a CPU second.

    python bench/sentiment_peers.py [--models tfn,lmf,mult] [--samples 384] [--repeats 3] [--json]

Needs MMSA (thuiar/MMSA, PyPI 2.2.1) to be importable; none of its code is part of talkoot. The data have the size of
aligned CMU-MOSI: 50 steps, text 768 wide, audio 5, vision 20, made at random, nothing padded. Both sides get the very
same weights and batches, the settings that MMSA gives for MOSI, L1 loss and torch's Adam. As in MMSA, its TFN and LMF
see audio and vision averaged over time beforehand, and ours average them each time. One thread; the best of the
repeats, taken in turns.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.sentiment.nets import Batch, Net, Spec
from talkoot.sentiment.peers.lmf import Lmf
from talkoot.sentiment.peers.mult import Mult
from talkoot.sentiment.peers.tfn import Tfn
from talkoot.sentiment.samples import Task
from talkoot.sentiment.speed import BATCH, PEERS

STEPS = 50
WIDTHS = {"text": 768, "audio": 5, "vision": 20}
COMMON: dict[str, Any] = {
    "feature_dims": list(WIDTHS.values()), "train_mode": "regression", "seq_lens": [STEPS] * 3, "num_classes": 3,
}  # fmt: skip

LETTERS = {"text": "l", "audio": "a", "vision": "v"}
TRANSFORMER = {"layer_norm": "norm", "layer_norms": "norms", "self_attn.in_proj_": "asked.",
               "self_attn.out_proj": "merged", "fc1": "wide", "fc2": "narrow"}  # fmt: skip


def theirs(name: str) -> nn.Module:
    """MMSA's network."""
    from easydict import EasyDict
    from MMSA.models.singleTask import LMF, MULT, TFN

    module = {"tfn": TFN, "lmf": LMF, "mult": MULT}[name]
    kind = module if isinstance(module, type) else getattr(module, name.upper())
    net: nn.Module = kind(EasyDict({**COMMON, **PEERS[name]}))
    return net


def copied(name: str, net: Net, other: nn.Module) -> None:
    """Give our network the weights of theirs."""
    state = other.state_dict()
    if name == "mult":
        ours = _mult(state)
    else:
        ours = {}
        for key, value in state.items():
            if key.startswith("text_subnet."):
                ours["unimodal.nets.text." + key[12:].replace("rnn.", "rnn.lstm.").replace("linear_1", "linear")] = (
                    value
                )
            for modality, prefix in (("audio", "audio_subnet."), ("vision", "video_subnet.")):
                if key.startswith(prefix):
                    rest = key.removeprefix(prefix)
                    if rest.startswith("linear_"):
                        rest = f"layers.{int(rest[7]) - 1}{rest[8:]}"
                    ours[f"unimodal.nets.{modality}.{rest}"] = value
        if name == "tfn":
            ours |= _tfn(state)
        else:
            ours |= {f"factors.{m}": state[f"{m.replace('vision', 'video')}_factor"] for m in WIDTHS}
            ours |= {"weights": state["fusion_weights"], "bias": state["fusion_bias"][0]}
    net.load_state_dict(ours)


def _tfn(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Layers after the fusion; their outer product is audio, vision, text, and ours text, audio, vision."""
    ours = {}
    for theirs_, our in (("1", "first"), ("2", "second"), ("3", "out")):
        for kind in ("weight", "bias"):
            ours[f"{our}.{kind}"] = state[f"post_fusion_layer_{theirs_}.{kind}"]
    weight = ours["first.weight"].view(-1, 33, 129, 33)  # [out, audio, vision, text]
    ours["first.weight"] = weight.permute(0, 3, 1, 2).flatten(1).contiguous()
    return ours


def _mult(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Names of transformers, layers and heads."""
    places = {f"trans_{a}_mem.": f"memory.{m}." for m, a in LETTERS.items()}
    places |= {f"trans_{a}_with_{b}.": f"cross.{m}_{n}." for m, a in LETTERS.items() for n, b in LETTERS.items()}
    places |= {f"proj_{a}.": f"convolutions.{m}." for m, a in LETTERS.items()}
    places |= {"proj1.": "first.", "proj2.": "second.", "out_layer.": "out."}
    ours = {}
    for key, value in state.items():
        if key.endswith("version"):
            continue
        prefix = next(prefix for prefix in places if key.startswith(prefix))
        rest = key.removeprefix(prefix)
        for old, new in TRANSFORMER.items():
            if f".{old}" in f".{rest}" and not (old == "layer_norm" and "layer_norms" in rest):
                rest = rest.replace(old, new)
        ours[places[prefix] + rest] = value
    return ours


def batch(size: int, seed: int) -> Batch:
    """Random samples, nothing masked."""
    draws = torch.Generator().manual_seed(seed)
    x = {name: torch.randn(size, STEPS, width, generator=draws) for name, width in WIDTHS.items()}
    there = torch.ones(size, STEPS, dtype=torch.bool)
    y = torch.randn(size, generator=draws).clamp(-3, 3)
    return Batch(x, dict.fromkeys(WIDTHS, there), there, y)


def measure(name: str, samples: int, repeats: int) -> dict[str, Any]:
    """Largest difference of outputs, and throughput, of a model."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        other = theirs(name)
        net: Net = {"tfn": Tfn, "lmf": Lmf, "mult": Mult}[name](Spec(Task(), WIDTHS, STEPS))
        copied(name, net, other)
        size = BATCH[name]
        work = [batch(size, seed) for seed in range(max(samples // size, 2))]
        mean = name != "mult"
        fed = [[x.mean(1, keepdim=True) if mean and m != "text" else x for m, x in one.x.items()] for one in work]
        other.eval()
        net.eval()
        with torch.no_grad():
            pairs = [(net(one).value, other(*given)["M"][:, 0]) for one, given in zip(work[:2], fed[:2], strict=True)]
        ways: dict[str, Callable[[int], Tensor]] = {
            "ours": lambda i: net(work[i]).value,
            "mmsa": lambda i: other(*fed[i])["M"][:, 0],
        }
        row: dict[str, Any] = {
            "largest_difference": max(float((a - b).abs().max()) for a, b in pairs),
            "parameters": sum(p.numel() for p in net.parameters()),
        }
        for kind, step in (("", False), ("_with_adam", True)):
            speed = dict.fromkeys(ways, 0.0)
            for _ in range(repeats):
                for way, call in ways.items():
                    trained = net if way == "ours" else other
                    speed[way] = max(speed[way], throughput(trained.train(), call, work, step))
            row |= {f"{way}_samples_per_cpu_s{kind}": round(value, 1) for way, value in speed.items()}
            row[f"ratio{kind}"] = round(speed["ours"] / speed["mmsa"], 2)
    return row


def throughput(net: nn.Module, call: Callable[[int], Tensor], work: list[Batch], step: bool) -> float:
    """Samples a CPU second: forward and backward, with `step` Adam's update too."""
    optimiser = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-5)
    F.l1_loss(call(0), work[0].y).backward()  # type: ignore[no-untyped-call]
    begun = time.process_time()
    for i, one in enumerate(work):
        optimiser.zero_grad(set_to_none=True)
        F.l1_loss(call(i), one.y).backward()  # type: ignore[no-untyped-call]
        if step:
            optimiser.step()
    return sum(len(one.y) for one in work) / (time.process_time() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="tfn,lmf,mult")
    parser.add_argument("--samples", type=int, default=384)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    result: dict[str, Any] = {"samples": asked.samples, "repeats": asked.repeats, "torch": torch.__version__}
    for name in asked.models.split(","):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # MMSA's own
            row = result[name] = measure(name, asked.samples, asked.repeats)
        if asked.json:
            continue
        print(f"{name:5} outputs differ by {row['largest_difference']:.1e}")
        for kind, told in (("", "forward and backward"), ("_with_adam", "with Adam's update")):
            print(f"      {told}: ours {row[f'ours_samples_per_cpu_s{kind}']} samples a CPU s, "
                  f"MMSA {row[f'mmsa_samples_per_cpu_s{kind}']}, ratio {row[f'ratio{kind}']}", flush=True)  # fmt: skip
    if asked.json:
        print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
