"""Swap one organ: a planner of our own in ProAgent's body, beside an unchanged ProAgent.

    python examples/swap_planner.py

The new planner asks no model: it takes the first skill on a list that nothing speaks against. Memory, belief,
verification and execution stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

from talkoot import SkillCall, run_episode, run_sync
from talkoot.agents.planner import SAFE, Plan
from talkoot.agents.presets import proagent
from talkoot.models import open_model
from talkoot.skills import blocked
from talkoot.worlds.catalog import make_world

WISHES = (
    "deliver_soup",
    "fill_dish_with_soup",
    "put_onion_in_pot",
    "pickup_dish",
    "pickup_onion",
    "place_obj_on_counter",
)


class FirstPossible:
    """A planner without a model: the first skill among WISHES whose preconditions all hold."""

    def reset(self) -> None:
        """Nothing is kept from plan to plan."""

    async def __call__(self, seating, observation, words, beliefs, memory, rejected) -> Plan:
        """Choose."""
        for name in WISHES:
            skill = seating.guide.skill(name)
            if skill is not None and blocked(skill, observation) is None:
                return Plan(SkillCall(name), analysis=f"Nothing speaks against {name}.")
        return Plan(SAFE)


def main(world_name: str = "cramped_room") -> float:
    agent = proagent(open_model("rulebook"))
    ours = replace(proagent(open_model("rulebook")), plan=FirstPossible())
    episode = run_sync(run_episode(make_world(world_name), {0: ours, 1: agent}))
    print(f"our planner beside ProAgent: {episode.score:g} points")
    return episode.score


if __name__ == "__main__":
    main()
