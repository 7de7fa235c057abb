"""Sizes of the whole pipeline: `smoke` for minutes, `cpu` for a laptop, `gpu` for the word problems."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from talkoot.errors import BadInput
from talkoot.judging.tasks.arithmetic import Task
from talkoot.judging.tasks.author import Author
from talkoot.judging.warm import Warm
from talkoot.learning.grpo_settings import Settings
from talkoot.learning.sft import SftSettings


@dataclass(frozen=True)
class Preset:
    """All sizes. Counts of problems are of disjoint splits; steps are updates of weights.

    `most` is how many solutions of a problem are annotated, `cap` the rollouts of a prefix, `rule` the labels of the
    main row, of which those less probable than `sure` are left out (0: all, as in the paper). `warm_chunks` chunks
    carry the analyses of the warm start. In the first `sums_until` of the policy's steps a quarter of the rows are
    sums. Tags are taught with the policy's right solutions only (as in the paper) or with all that have an answer.
    `search_samples` plain samples of a problem are what chunk-reset is compared with.
    """

    name: str
    task: Task
    author: Author
    shape: dict[str, int]
    sums: SftSettings
    lookups: SftSettings
    policy: SftSettings
    segment_problems: int
    segment: SftSettings
    judge_problems: int
    most: int
    warm: Warm
    warm_chunks: int
    warm_fit: SftSettings
    grpo: Settings
    discriminative: SftSettings
    test_problems: int
    search_problems: int
    search_samples: int = 8
    rule: str = "rel-ratio:gamma=0.8"
    cap: int = 16
    sure: float = 0.8
    samples: int = 16
    device: str = "cpu"
    sums_until: float = 0.7
    right_only: bool = False

    def to_json(self) -> dict[str, Any]:
        """As a dict: what makes two runs the same."""
        return asdict(self)


def _preset(name: str, task: Task, slip: float = 0.08, **sizes: Any) -> Preset:
    return Preset(name, task, Author(task, slip=slip, misread=0.02), **sizes)


def preset(name: str) -> Preset:
    """A preset by its name. Raises BadInput for others."""
    if name not in PRESETS:
        raise BadInput(f"there is no preset {name!r}; take one of {', '.join(PRESETS)}")
    return PRESETS[name]


def _fit(steps: int, batch: int = 32, **other: Any) -> SftSettings:
    return SftSettings(steps, batch, **other)


PRESETS: dict[str, Preset] = {
    one.name: one
    for one in (
        _preset(
            "smoke",
            Task("chain", modulus=5, steps=(2, 4), leaps=0.0),
            slip=0.1,
            shape={"width": 72, "layers": 3, "heads": 3, "context": 192},
            sums=_fit(80, 32, warmup=10, end_token=False, lr=2e-2, muon_lr=0.05),
            lookups=_fit(60, 32, warmup=20, end_token=False, lr=1e-2, muon_lr=0.03),
            policy=_fit(450, 32),
            segment_problems=200,
            segment=_fit(130, 32, muon_lr=0.01, lr=3e-3, warmup=10),
            judge_problems=120,
            most=3,
            warm=Warm(),
            warm_chunks=4000,
            warm_fit=_fit(340, 32, muon_lr=0.03, lr=9e-3, warmup=10, end_token=False),
            grpo=Settings(steps=24, prompts=32, group=8, lr=4e-4),
            discriminative=_fit(120, 64, muon_lr=0.005, lr=1e-3, warmup=10, end_token=False),
            test_problems=100,
            search_problems=60,
            search_samples=6,
        ),
        _preset(
            "cpu",
            Task("chain", modulus=7, steps=(2, 5), leaps=0.0),
            shape={"width": 96, "layers": 4, "heads": 3, "context": 256},
            sums=_fit(100, 32, warmup=20, end_token=False, lr=2e-2, muon_lr=0.05),
            lookups=_fit(150, 32, warmup=30, end_token=False, lr=1e-2, muon_lr=0.03),
            policy=_fit(1400, 32),
            segment_problems=1000,
            segment=_fit(250, 32, muon_lr=0.01, lr=3e-3, warmup=10),
            judge_problems=500,
            most=4,
            warm=Warm(),
            warm_chunks=8000,
            warm_fit=_fit(550, 32, muon_lr=0.02, lr=6e-3, warmup=20, end_token=False),
            grpo=Settings(steps=60, prompts=64, group=8, lr=4e-4),
            discriminative=_fit(300, 64, muon_lr=0.005, lr=1e-3, warmup=20, end_token=False),
            test_problems=300,
            search_problems=300,
        ),
        _preset(
            "gpu",
            Task("story", modulus=23, steps=(3, 7), leaps=0.2, distractors=2),
            shape={"width": 512, "layers": 8, "heads": 8, "context": 512},
            sums=_fit(600, 128, warmup=50, end_token=False, lr=2e-2, muon_lr=0.05),
            lookups=_fit(2000, 256, warmup=50, end_token=False, lr=1e-2, muon_lr=0.03),
            policy=_fit(20_000, 256),
            segment_problems=4000,
            segment=_fit(500, 128, muon_lr=0.005, lr=1e-3, warmup=20),
            judge_problems=8000,
            most=4,
            warm=Warm(),
            warm_chunks=80_000,
            warm_fit=_fit(600, 128, muon_lr=0.005, lr=1e-3, warmup=20, end_token=False),
            grpo=Settings(steps=400, prompts=256, group=8, lr=1e-4),
            discriminative=_fit(1000, 256, muon_lr=0.005, lr=1e-3, warmup=20, end_token=False),
            test_problems=1000,
            search_problems=1000,
            device="cuda",
        ),
    )
}
