"""Read a run folder: how often each skill was carried to its end, and how often intentions were guessed right.

    python examples/read_a_run.py                   plays a short run first
    python examples/read_a_run.py runs/demo         reads a run that is there already

Everything that happened is in the record as typed events; `docs/interfaces.md` lists them.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from talkoot.evaluation.grid import evaluate
from talkoot.evaluation.job import Grid
from talkoot.events import Believed, Finished
from talkoot.run import Run


def read(folder: Path) -> dict[str, float]:
    """The share of each skill's uses that ended well, over all episodes of a run."""
    done: Counter[str] = Counter()
    used: Counter[str] = Counter()
    right: list[bool] = []
    run = Run.read(folder)
    for name in run.names():
        for event in run.episode(name).events:
            if isinstance(event, Finished):
                skill = event.skill.partition("(")[0]
                used[skill] += 1
                done[skill] += event.done
            elif isinstance(event, Believed) and event.correct is not None:
                right.append(event.correct)
    for skill, times in used.most_common():
        print(f"{skill:22} {done[skill]:4} of {times:4} uses ended well")
    if right:
        print(f"{'intentions':22} {sum(right):4} of {len(right):4} were guessed right")
    return {skill: done[skill] / times for skill, times in used.items()}


def main(folder: str = "", horizon: int = 200) -> dict[str, float]:
    if folder:
        return read(Path(folder))
    with tempfile.TemporaryDirectory() as place:
        evaluate(Grid((f"cramped_room:horizon={horizon}",), ("proagent+greedy",), (0,)), Path(place))
        return read(Path(place))


if __name__ == "__main__":
    main(*sys.argv[1:2])
