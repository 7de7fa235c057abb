"""Was it a good decision? Rollouts from saved states tell, for every decision of an episode that was played.

python examples/judge_decisions.py                                 a careful agent beside one that moves at random
python examples/judge_decisions.py proagent+proagent               two careful ones

Each decision gets the chance of success before and after it, and a label by one of StepWiser's rules. The command
`talkoot judge decisions EPISODE.jsonl` does the same with a recorded file, and the replay page shows the labels.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from fractions import Fraction

from talkoot import run_episode, run_sync
from talkoot.agent import Agent
from talkoot.agents.catalog import make_agent, make_team
from talkoot.judging.labels import Labelling, rule_by_name
from talkoot.learning.decisions import Rollouts, Wavering, decision_counts
from talkoot.models import open_model
from talkoot.types import Seat
from talkoot.worlds.catalog import make_world


def main(team: str = "proagent+random", world_name: str = "cramped_room:horizon=80", n: int = 12) -> dict[int, float]:
    world = make_world(world_name)
    episode = run_sync(run_episode(world, make_team(team, world.seats, open_model), seed=0))

    def playing_on(seat: Seat) -> Mapping[Seat, Agent]:
        return {each: Wavering(make_agent("greedy", open_model), 0.1) for each in world.seats}

    rollouts = Rollouts(n, horizon=40)
    counts = run_sync(decision_counts(world, playing_on, episode, rollouts=rollouts))
    labelling = Labelling(rule_by_name("rel-ratio:gamma=.8"), after_error="keep")
    labels: dict[int, list[int]] = {seat: [] for seat in world.seats}
    for one in counts:
        before, after = (Fraction(s, tries) for s, tries in zip(one.successes, one.tries, strict=True))
        labels[one.decision.seat].append(labelling.decide(before, after))
        sign = "+" if labels[one.decision.seat][-1] > 0 else "-"
        print(f"seat {one.decision.seat}, step {one.decision.t:3}: {sign} {one.decision.what:24} "
              f"Q {float(before):.2f} -> {float(after):.2f}")  # fmt: skip
    shares = {seat: sum(label < 0 for label in found) / len(found) for seat, found in labels.items()}
    for seat, share in shares.items():
        print(f"seat {seat}: {share:.0%} of {len(labels[seat])} decisions were poor")
    return shares


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "proagent+random")
