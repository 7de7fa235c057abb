"""A model of one's own: anything that answers a prompt, here a handful of words to look for.

    python examples/own_model.py

A Model has a name and answers a Request with a Reply. `check_model` tests what agents rely on. The agents neither
know nor care what answers them; what they make of bad answers is in the record.
"""

from __future__ import annotations

import re

from talkoot import Reply, Request, run_episode, run_sync
from talkoot.agents.presets import proagent
from talkoot.models.check import check_model
from talkoot.worlds.catalog import make_world

SKILLS = {
    "a dish with soup": "deliver_soup()",
    "one dish": "fill_dish_with_soup()",
    "one onion": "put_onion_in_pot()",
    "nothing": "pickup_onion()",
}


class Keywords:
    """Looks at what the asking player holds, and whether a pot is on the fire; nothing else."""

    name = "keywords"

    async def __call__(self, request: Request) -> Reply:
        """Answer in the form that ProAgent's planner asks for."""
        prompt = request.messages[-1].content
        me = re.search(r"You are (<Player \d>)\. \1 holds (a dish with soup|one \w+|nothing)", prompt)
        if me is None:
            return Reply("I do not know.")
        soup_soon = "is cooking" in prompt or "is ready" in prompt
        skill = "pickup_dish()" if me[2] == "nothing" and soup_soon else SKILLS[me[2]]
        return Reply(f"Analysis: I hold {me[2]}.\nPlan for {me[1]}: {skill}")


def main(world_name: str = "cramped_room") -> float:
    model = Keywords()
    check_model(model, deterministic=True)
    team = {seat: proagent(model, level="analysis", belief="off", verify="rules") for seat in (0, 1)}
    episode = run_sync(run_episode(make_world(world_name), team))
    print(f"two agents on keywords: {episode.score:g} points")
    return episode.score


if __name__ == "__main__":
    main()
