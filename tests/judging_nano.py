"""The smallest preset with which the whole pipeline of judging runs: six problems that a policy learns by heart."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch

from talkoot.judging.pipeline import run_pipeline
from talkoot.judging.pipeline.presets import Preset, preset
from talkoot.judging.problem import Problem
from talkoot.judging.tasks.arithmetic import Task
from talkoot.judging.tasks.author import Author
from talkoot.learning.grpo_settings import Settings
from talkoot.learning.sft import SftSettings


@dataclass(frozen=True)
class Few(Task):
    """Six problems of one step, in all splits the same under other names."""

    def problem(self, split: str, number: int) -> Problem:
        """One of the six."""
        return replace(super().problem("train", number % 6), id=f"{split}-{number}")


def nano(**changes: Any) -> Preset:
    """The preset. Its policy writes the six solutions with the author's slips: there is something to judge at once."""
    base, task = preset("smoke"), Few("chain", modulus=5, steps=(1, 1), leaps=0.0)

    def fit(steps: int, lr: float, muon_lr: float, end_token: bool = False) -> SftSettings:
        return SftSettings(steps, 16, warmup=2, lr=lr, muon_lr=muon_lr, end_token=end_token)

    sizes: dict[str, Any] = {
        "name": "nano",
        "task": task,
        "author": Author(task, breaks=0.0, slip=0.3),
        "shape": {"width": 32, "layers": 2, "heads": 2, "context": 128},
        "sums": fit(10, 2e-2, 0.05),
        "lookups": fit(10, 1e-2, 0.03),
        "policy": SftSettings(100, 16, warmup=2),
        "sums_until": 0.0,
        "segment_problems": 16,
        "segment": fit(60, 1e-2, 0.03, end_token=True),
        "judge_problems": 16,
        "most": 2,
        "warm_chunks": 60,
        "warm_fit": fit(30, 3e-3, 0.01),
        "grpo": Settings(steps=3, prompts=4, group=4, lr=1e-3, checkpoint_every=1),
        "discriminative": fit(8, 1e-3, 0.005),
        "test_problems": 12,
        "search_problems": 5,
        "search_samples": 2,
        "sure": 0.0,
        "cap": 4,
        "samples": 8,
    }
    return replace(base, **{**sizes, **changes})


def run(out: Path, say: Callable[[str, float], None] = lambda stage, share: None, **changes: Any) -> dict[str, Any]:
    """The pipeline in this process, one thread; what it measured without its seconds."""
    threads = torch.get_num_threads()
    try:
        told: dict[str, Any] = timeless(run_pipeline(nano(**changes), out=out, jobs=1, say=say))
        return told
    finally:
        torch.set_num_threads(threads)


def timeless(told: Any) -> Any:
    """Figures without seconds."""
    if isinstance(told, dict):
        return {key: timeless(value) for key, value in told.items() if key not in ("seconds", "cpu_seconds")}
    return told


@cache
def finished() -> tuple[Path, dict[str, Any]]:
    """A finished run, not to be written to, and its figures."""
    folder = Path(tempfile.mkdtemp(prefix="judging-nano-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder, run(folder / "run")


def copied(to: Path, *, without: tuple[str, ...] = ()) -> Path:
    """A copy of the finished run, less some of its stages."""
    folder, _ = finished()
    shutil.copytree(folder / "run", to, ignore=lambda place, names: [n for n in names if n in without])
    return to
