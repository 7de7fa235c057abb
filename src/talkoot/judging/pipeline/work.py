"""What every stage of the pipeline is given: sizes, seed, folder; and how a finished stage is kept."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from talkoot.disk import named
from talkoot.errors import BadInput
from talkoot.judging.dialect import Tiny
from talkoot.judging.pipeline.presets import Preset
from talkoot.judging.problem import Problem

MORE = "take another seed, or a preset with more "
"""How the remedies begin where a model is too weak for the next stage."""

Say = Callable[[str, float], None]
"""Told a stage's name and the share of it that is done."""


def quiet(stage: str, share: float) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Work:
    """One run of the pipeline. Problems of different splits are different problems."""

    preset: Preset
    seed: int
    out: Path
    say: Say = field(default=quiet, compare=False)

    @property
    def dialect(self) -> Tiny:
        """The texts around traces. Bounds in tokens are those that the task's longest texts keep."""
        most = self.preset.task.steps[1]
        return Tiny(solution_tokens=26 * most + 16, chunk_tokens=40, analysis_tokens=40)

    def problems(self, split: str, count: int, first: int = 0) -> list[Problem]:
        """Problems of a split, different for every seed of the pipeline."""
        start = self.seed * 1_000_000 + first
        return [self.preset.task.problem(split, start + i) for i in range(count)]

    def folder(self, stage: str) -> Path:
        """Where a stage keeps its files."""
        return self.out / stage

    def figures(self, stage: str) -> dict[str, Any] | None:
        """What a finished stage measured; None if it is not finished."""
        file = self.folder(stage) / "stage.json"
        try:
            told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise BadInput(f"{file} is damaged; delete it, and the stage is done again") from error
        return told

    def run(self, stage: str, do: Callable[[Work], dict[str, Any]]) -> dict[str, Any]:
        """Do a stage, unless it was finished before. Its seconds (wall and CPU of this process) are noted."""
        if (told := self.figures(stage)) is not None:
            return told
        self.say(stage, 0.0)
        wall, cpu = time.perf_counter(), time.process_time()
        self.folder(stage).mkdir(parents=True, exist_ok=True)
        told = do(self)
        told |= {"seconds": round(time.perf_counter() - wall, 1), "cpu_seconds": round(time.process_time() - cpu, 1)}
        write_json(self.folder(stage) / "stage.json", told)
        self.say(stage, 1.0)
        return told


def write_json(file: Path, told: Any) -> None:
    """Write a JSON file whole or not at all."""
    fresh = file.with_suffix(".new")
    with named(fresh):
        fresh.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(fresh, file)


def claim(work: Work) -> None:
    """Note whose folder this is. Raises BadInput if another preset or seed has it."""
    asked = {"preset": work.preset.to_json(), "seed": work.seed}
    file = work.out / "pipeline.json"
    work.out.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        write_json(file, asked)
        return
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput(f"{file} is damaged; name another folder, or delete it to begin again") from error
    found = found if isinstance(found, dict) else {}
    if found != json.loads(json.dumps(asked)):
        raise BadInput(
            f"{work.out} holds a run of preset {found.get('preset', {}).get('name')} with seed {found.get('seed')} "
            f"(or of another version); name another folder, or delete it to begin again"
        )
