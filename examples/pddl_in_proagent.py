"""A real planner in a ProAgent's head: the scene becomes a PDDL problem, and its plan the next skill.

    python examples/pddl_in_proagent.py

One organ is swapped; memory, belief, verification and execution stay ProAgent's. A plan that its verificator turns down
is made again without the step. The mate is an unchanged ProAgent, which thinks with a model (here the rulebook).
"""

from __future__ import annotations

from dataclasses import replace

from talkoot import run_episode, run_sync
from talkoot.agents.pddl import PddlPlanner
from talkoot.agents.presets import proagent
from talkoot.models import open_model
from talkoot.worlds.catalog import make_world


def main(world_name: str = "cramped_room") -> float:
    model = open_model("rulebook")
    planner = replace(proagent(model, verify="rules"), plan=PddlPlanner())
    episode = run_sync(run_episode(make_world(world_name), {0: planner, 1: proagent(model)}))
    thoughts = [event for event in episode.events if event.kind == "planned" and event.seat == 0]
    for thought in thoughts[:4]:
        print(f"step {thought.t:3d}: {thought.skill:24s} {thought.analysis}")
    print(f"a PDDL planner beside ProAgent: {episode.score:g} points")
    return episode.score


if __name__ == "__main__":
    main()
