"""An agent of one's own: a waiter, who only fetches dishes and serves, beside a ProAgent that must do the rest.

    python examples/own_agent.py

Anything with `reset`, `act`, `save` and `load` can sit in a seat. This one thinks in the world's skills: it asks each
whether it is possible, and lets the skill's own controller walk. `check_agent` tests what the loop relies on.
"""

from __future__ import annotations

from talkoot import Action, Guide, Observation, run_episode, run_sync
from talkoot.agents.check import check_agent
from talkoot.agents.presets import proagent
from talkoot.events import Record
from talkoot.models import open_model
from talkoot.skills import Known, blocked
from talkoot.types import Json
from talkoot.worlds.catalog import make_world

DUTIES = "deliver_soup", "fill_dish_with_soup", "pickup_dish"


class Waiter:
    """Does the first of its duties that is possible, anew at every step; else the world's safe action."""

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat."""
        self.skills = [skill for name in DUTIES if (skill := guide.skill(name))]
        self.safe, self.seed = guide.safe, seed
        self.stuck, self.pose = 0, ""

    async def act(self, observation: Observation) -> Action:
        """The next primitive."""
        pose = str(observation.view.pose(observation.seat))
        self.stuck = self.stuck + 1 if pose == self.pose else 0
        self.pose = pose
        for skill in self.skills:
            if blocked(skill, observation) is None:
                move = skill.next(Known(observation, stuck=self.stuck, seed=self.seed), ())
                if isinstance(move, Action):
                    return move
        return self.safe

    def save(self) -> Json:
        """How long it has stood still, and where."""
        return [self.stuck, self.pose]

    def load(self, state: Json) -> None:
        """Continue from there."""
        self.stuck, self.pose = state


def main(world_name: str = "cramped_room") -> float:
    check_agent(Waiter, make_world(world_name))
    team = {0: Waiter(), 1: proagent(open_model("rulebook"))}
    episode = run_sync(run_episode(make_world(world_name), team))
    print(f"a waiter beside ProAgent: {episode.score:g} points")
    return episode.score


if __name__ == "__main__":
    main()
