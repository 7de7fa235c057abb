"""The order of the pipeline: policy, tags, labels, warm start, rows of judges, search, table. Finished stages are kept.

The rows do not depend on each other: they are trained in processes beside each other, one thread each.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput
from talkoot.judging.pipeline import annotation, policy, use
from talkoot.judging.pipeline.measure import Item, difference, items
from talkoot.judging.pipeline.presets import Preset
from talkoot.judging.pipeline.training import MAIN, ROWS, train_row, warm_start
from talkoot.judging.pipeline.work import Say, Work, claim, quiet, write_json
from talkoot.orphans import end_with_parent


def run_pipeline(
    preset: Preset,
    *,
    seed: int = 0,
    out: Path,
    ablations: bool = False,
    jobs: int = 0,
    say: Say = quiet,
) -> dict[str, Any]:
    """Run what is not done yet, and give all figures: a stage's name -> what it measured, with its seconds.

    `jobs` processes train rows (0: one for each core, at most 4). Raises BadInput where `out` holds another run, or the
    preset wants a GPU and there is none.
    """
    import torch

    if preset.device == "cuda" and not torch.cuda.is_available():
        raise BadInput(f"preset {preset.name} wants a GPU, and torch finds none here; take --preset cpu")
    work = Work(preset, seed, out, say)
    claim(work)
    jobs = jobs or min(os.cpu_count() or 1, 4)
    torch.set_num_threads(jobs)
    told: dict[str, Any] = {
        "policy-plain": work.run("policy-plain", policy.learn),
        "policy": work.run("policy", policy.learn_tags),
        "labels": work.run("labels", annotation.label),
    }
    beside = 1 if preset.device == "cuda" else jobs
    told |= _beside(work, ("warm", "warm-at-once"), beside)
    names = tuple(ROWS) if ablations else MAIN
    rows = _beside(work, [f"judges/{name}" for name in names], beside)
    told["judges"] = {stage.removeprefix("judges/"): figures for stage, figures in rows.items()}
    told["judges"]["compared"] = _compared(work, told["judges"], names)
    told["search"] = work.run("search", use.search)
    if ablations:
        told["selection"] = work.run("selection", use.select)
    write_json(out / "figures.json", told)
    return told


def _beside(work: Work, stages: Sequence[str], jobs: int) -> dict[str, Any]:
    """Do those stages that are not finished in processes beside each other; the figures of all."""
    part = stages[0].partition("/")[0]
    todo = [stage for stage in stages if work.figures(stage) is None]
    done = len(stages) - len(todo)
    work.say(part, done / len(stages))
    if jobs == 1 or len(todo) == 1:
        found = items(work) if todo and part == "judges" else []
        for stage in todo:
            work.run(stage, _training(stage, found))
            work.say(part, (done := done + 1) / len(stages))
    elif todo:
        silent = Work(work.preset, work.seed, work.out)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(jobs, mp_context=context, initializer=end_with_parent) as pool:
            running: set[Future[None]] = {pool.submit(_in_process, silent, stage) for stage in todo}
            try:
                while running:
                    ready, running = wait(running, return_when=FIRST_COMPLETED)
                    for one in ready:
                        one.result()
                        work.say(part, (done := done + 1) / len(stages))
            except BaseException:
                for one in running:
                    one.cancel()
                # what they learnt is in their checkpoints; leaving the block would wait for them to finish
                for process in list((pool._processes or {}).values()):
                    process.terminate()
                raise
    return {stage: work.figures(stage) for stage in stages}


def _training(stage: str, found: Sequence[Item]) -> Callable[[Work], dict[str, Any]]:
    """What a stage trains: a warm start, or a row of the table."""
    part, _, row = stage.partition("/")
    if part == "judges":
        return lambda work: train_row(work, row, found)
    return lambda work: warm_start(work, at_once=part == "warm-at-once")


def _in_process(work: Work, stage: str) -> None:
    import torch

    torch.set_num_threads(1)
    work.run(stage, _training(stage, items(work) if stage.startswith("judges/") else []))


def _compared(work: Work, rows: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The main row against every other one: F1 of naming the first wrong chunk, with the paired interval; for judges
    that write analyses also with drawn ones."""
    found, main = items(work), rows["stepwiser"]
    told: dict[str, Any] = {}
    for name in names:
        if name != "stepwiser":
            row = rows[name]
            told[name] = difference(found, main["hits"], row["hits"])
            if "drawn" in row and "drawn" in main:  # rows of older versions have none
                told[name]["drawn"] = difference(found, main["drawn"]["hits"], row["drawn"]["hits"])
    return told
