"""Two language agents reason aloud and cook together: the main path, from a world and a model to a score.

python examples/two_agents_cook.py                                         the embedded rulebook, offline
python examples/two_agents_cook.py qwen3@http://localhost:11434/v1         a language model of yours
"""

from __future__ import annotations

import sys

from talkoot import run_episode, run_sync
from talkoot.agents.presets import proagent
from talkoot.events import Event, Planned
from talkoot.models import open_model
from talkoot.worlds.catalog import make_world


def aloud(event: Event) -> None:
    """Print what an agent thinks when it has made a plan."""
    if isinstance(event, Planned):
        print(
            f"step {event.t}, player {event.seat}: {event.analysis}\n    expects {event.intention}, does {event.skill}"
        )


def main(model_name: str = "rulebook", world_name: str = "cramped_room") -> float:
    world = make_world(world_name)
    model = open_model(model_name)
    team = {seat: proagent(model) for seat in world.seats}
    episode = run_sync(run_episode(world, team, seed=0, record=aloud))
    print(f"{world.name}: {episode.score:g} points")
    return episode.score


if __name__ == "__main__":
    main(*sys.argv[1:])
