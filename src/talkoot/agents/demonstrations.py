"""Demonstrations drawn from earlier runs: scenes in which a plan was made and then carried out to its end. Ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from talkoot.episode import Episode, read_episode
from talkoot.errors import BadInput
from talkoot.events import Finished, Planned, Saw
from talkoot.world import Demonstration


def demos_from(run: str | Path, number: int = 4) -> tuple[Demonstration, ...]:
    """Up to `number` demonstrations from a run folder or an episode file: the best episode, one scene per skill.

    Only plans that were accepted at once and whose skill was then completed count. Raises BadInput if there is nothing
    to draw from.
    """
    path = Path(run)
    files = [path] if path.is_file() else sorted((path / "episodes").glob("*.jsonl"))
    episodes = [read_episode(file) for file in files]
    if not episodes:
        raise BadInput(f"{run} holds no episodes; name a run folder or one of its episodes/*.jsonl")
    best = max(episodes, key=lambda episode: episode.score)  # the first of equals: files are sorted
    chosen: dict[str, Demonstration] = {}
    for demonstration in _completed(best):
        chosen.setdefault(demonstration.plan, demonstration)
    if not chosen:
        raise BadInput(f"{run} holds no plan that was carried out; draw demonstrations from a run of language agents")
    return tuple(chosen.values())[:number]


def _completed(episode: Episode) -> Iterator[Demonstration]:
    words: dict[int, str] = {}
    planned: dict[int, Planned] = {}
    for event in episode.events:
        if isinstance(event, Saw):
            words[event.seat] = event.words
        elif isinstance(event, Planned):
            planned[event.seat] = event
        elif isinstance(event, Finished):
            plan = planned.pop(event.seat, None)
            if plan and event.done and not plan.problem and not plan.attempt and event.skill == plan.skill:
                # The unchanging paragraph is told with every prompt anyway; the scene is the last one.
                scene = words.get(event.seat, "").split("\n\n")[-1]
                yield Demonstration(scene, plan.analysis, plan.intention.split("; ")[0], plan.skill, event.seat)
