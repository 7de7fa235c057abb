"""A kitchen of one's own, from a text file: the drawing, a blank line, and what its soups are worth.

    python examples/own_layout.py

`examples/galley.layout` keeps the cooks apart: one cooks, the other serves. Its orders mix onions and tomatoes, so it
is played by the newer rules, in which somebody has to start each pot.
"""

from __future__ import annotations

from pathlib import Path

from talkoot import run_episode, run_sync
from talkoot.agents.presets import proagent
from talkoot.models import open_model
from talkoot.worlds.catalog import make_world
from talkoot.worlds.overcooked.generate import solvable
from talkoot.worlds.overcooked.layout_file import load_layout

GALLEY = Path(__file__).with_name("galley.layout")


def main(file: Path = GALLEY, horizon: int = 400) -> float:
    layout = load_layout(str(file))
    print("\n".join(layout.rows))
    print("the two can deliver soups here" if solvable(layout) else "no soup can ever be delivered here")
    world = make_world(f"{file}:rules=new,horizon={horizon}")
    model = open_model("rulebook")
    episode = run_sync(run_episode(world, {seat: proagent(model) for seat in world.seats}))
    print(f"{layout.name}: {episode.score:g} points")
    return episode.score


if __name__ == "__main__":
    main()
