"""Two CoELA agents do the housework, told aloud: what each decides and why, what they tell each other, what is done.

    python examples/two_agents_tidy.py                                         the embedded rulebook, offline
    python examples/two_agents_tidy.py qwen3@http://localhost:11434/v1         a language model of yours
    python examples/two_agents_tidy.py rulebook household/test 30              another episode of the set

Neither sees another room than its own, and a message takes a step; the full record of an episode, with a replay page,
is made by `talkoot play`.
"""

from __future__ import annotations

import sys

from talkoot import run_episode, run_sync
from talkoot.agents.presets import coela
from talkoot.events import Event, Planned, Stepped
from talkoot.models import open_model
from talkoot.worlds.catalog import make_world


def main(model_name: str = "rulebook", world_name: str = "household/test", seed: int = 10) -> int:
    """Play one episode; returns the steps that it took, the limit if something is left to do."""
    world = make_world(world_name)
    world.reset(seed)
    guides = {seat: world.guide(seat) for seat in world.seats}
    names = {seat: guide.name(seat) for seat, guide in guides.items()}
    print(guides[0].task)
    steps, done = 0, False

    def aloud(event: Event) -> None:
        nonlocal steps, done
        if isinstance(event, Planned):
            skill, _, rest = event.skill.partition("(")
            does = f"says: {rest[:-1]}" if skill == guides[event.seat].speech else f"{event.skill}: {event.analysis}"
            print(f"step {event.t:3d}  {names[event.seat]:5s}  {does}")
        elif isinstance(event, Stepped):
            steps, done = event.t, event.info["success"]
            for seat in world.seats:
                for deed in event.info["events"][str(seat)]:
                    what, _, thing = deed.partition(" ")
                    if what == "deliver":
                        print(f"step {event.t:3d}  {names[seat]:5s}  has put {thing} in its place")

    team = {seat: coela(open_model(model_name)) for seat in world.seats}
    run_sync(run_episode(world, team, seed, record=aloud))
    print(f"{steps} steps, {'everything is done' if done else 'something is left to do'}")
    return steps


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:4]))
