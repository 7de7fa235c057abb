"""Throughput: what is told, with and without MMSA (a stand-in of which is called as the real one)."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from talkoot.errors import BadInput
from talkoot.sentiment import speed
from talkoot.sentiment.speed import PEERS, measure


class Standin(nn.Module):
    """Takes what MMSA's networks take, and gives what they give."""

    seen: list[list[tuple[int, ...]]] = []  # noqa: RUF012

    def __init__(self, args: Any) -> None:
        super().__init__()
        assert args.feature_dims == [768, 5, 20]
        self.out = nn.Linear(768, 1)

    def forward(self, text: Tensor, audio: Tensor, vision: Tensor) -> dict[str, Tensor]:
        self.seen.append([tuple(x.shape[1:]) for x in (text, audio, vision)])
        return {"M": self.out(text.mean(1))}


def test_rates_of_ours_alone() -> None:
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    told = measure(["bigru:batch=2", "tfn:batch=2"], samples=4, repeats=1, peers=False)
    assert set(told["train_samples_per_cpu_s"]) == {"bigru:batch=2", "tfn:batch=2"}
    assert all(rate > 0 for rate in told["train_samples_per_cpu_s"].values())
    assert (told["length"], told["widths"]) == (50, {"text": 768, "audio": 5, "vision": 20})
    assert (told["ratios"], told["mmsa_reason"]) == (None, "peers were not asked for")
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


def test_ratios_to_mmsa(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PEERS:
        module = ModuleType(name)
        setattr(module, name.upper(), Standin)
        monkeypatch.setitem(sys.modules, f"MMSA.models.singleTask.{name.upper()}", module)
    monkeypatch.setattr(speed, "find_spec", lambda name: True)
    Standin.seen.clear()
    told = measure(["tfn"], samples=3, repeats=1)
    assert set(told["mmsa_train_samples_per_cpu_s"]) == set(PEERS)
    assert set(told["ratios"]) == {"tfn/mmsa_tfn"}
    assert [(50, 768), (1, 5), (1, 20)] in Standin.seen
    assert [(50, 768), (50, 5), (50, 20)] in Standin.seen
    monkeypatch.setattr(speed, "find_spec", lambda name: None)
    assert measure(["tfn"], samples=2, repeats=1)["mmsa_reason"] == "MMSA is not installed"


def test_what_has_no_speed() -> None:
    with pytest.raises(BadInput, match="ridge is no network"):
        measure(["ridge"], samples=2, repeats=1)
    with pytest.raises(BadInput, match="1 samples and 1 runs tell no speed"):
        measure(["tfn"], samples=1, repeats=1)
