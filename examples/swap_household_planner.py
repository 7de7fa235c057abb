"""Swap one organ of CoELA: a planner of our own that asks no model, in a household, beside an unchanged CoELA.

    python examples/swap_household_planner.py

The new planner takes the first open plan of the first kind on a list, and sends every message that was drafted.
Perception, memory, communication and execution stay as they are: a model still drafts the messages, memory still
says which plans are open, and a plan that fails is not chosen again in the same step (`rejected`).
"""

from __future__ import annotations

from dataclasses import replace

from talkoot import SkillCall, run_episode, run_sync
from talkoot.agents.planner import SAFE, Plan
from talkoot.agents.presets import coela
from talkoot.events import Stepped
from talkoot.models import open_model
from talkoot.worlds.catalog import make_world

KINDS = ("gograb", "goput", "gocheck", "goexplore")


class FirstOfItsKind:
    """A planner without a model: the draft if there is one, else the first open plan of the first kind in KINDS."""

    def reset(self) -> None:
        """Nothing is kept from plan to plan."""

    async def __call__(self, seating, observation, words, beliefs, memory, rejected, *, draft="") -> Plan:
        """Choose."""
        if draft:
            return Plan(SkillCall(seating.guide.speech, (draft,)), "What is worth writing is worth a step.")
        failed = {one.skill for one in rejected}
        plans = [one.call for one in seating.guide.options(observation.view) if str(one.call) not in failed]
        return Plan(min(plans, key=lambda call: KINDS.index(call.name), default=SAFE))


def main(world_name: str = "household/test", seed: int = 10) -> int:
    """Play one episode; returns the steps that it took."""
    world, model = make_world(world_name), open_model("rulebook")
    team = {0: replace(coela(model), plan=FirstOfItsKind()), 1: coela(model)}
    episode = run_sync(run_episode(world, team, seed))
    last = [event for event in episode.events if isinstance(event, Stepped)][-1]
    print(f"the first plan of its kind beside CoELA: {last.t} steps, {last.info['satisfied']} things in their place")
    return last.t


if __name__ == "__main__":
    main()
