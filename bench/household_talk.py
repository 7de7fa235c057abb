"""Which share of the messages of a run changed what their receivers did next?

    python bench/household_talk.py RUN [--model NAME]     a run folder of `talkoot eval` or `talkoot play`

Every episode is played again from its seed with the same team; beside each receiver a twin decides that did not get
the message (`talkoot.agents.effect`). The replay must repeat the recorded actions, which it does where the model
answers the same again (the rulebook does). Prints one JSON object; exit 0 only if every episode was repeated exactly.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from talkoot.agent import Agent
from talkoot.agents.catalog import make_agent
from talkoot.agents.effect import Effect, Heeding, messages_effect
from talkoot.agents.modular import ModularAgent
from talkoot.episode import Episode, read_episode, run_episode, run_sync
from talkoot.errors import BadInput
from talkoot.events import Acted
from talkoot.models import open_model
from talkoot.run import Run
from talkoot.types import Seat
from talkoot.worlds.catalog import make_world


def heeding_team(team: Mapping[Seat, str], model: str) -> dict[Seat, Agent]:
    """The agents of a team by name, those that are made of organs with twins beside them."""
    made: dict[Seat, Agent] = {}
    for seat, name in team.items():
        build = partial(make_agent, name, open_model, model)
        made[seat] = Heeding(build) if isinstance(build(), ModularAgent) else build()  # type: ignore[arg-type]
    return made


def judged(recorded: Episode, model: str, world: str = "") -> tuple[Effect, bool]:
    """What the messages of one episode did, and whether its actions were repeated."""
    started = recorded.started
    again = make_world(world or started.world, seats=tuple(sorted(started.team)))
    played = run_sync(run_episode(again, heeding_team(started.team, model), started.seed))
    return messages_effect(played.events), _acts(played) == _acts(recorded)


def _acts(episode: Episode) -> list[tuple[int, Seat, str, str]]:
    return [(one.t, one.seat, one.action, one.say) for one in episode.events if isinstance(one, Acted)]


def main() -> int:
    """Read the run, play it again, and print the shares."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--model", default="", help="by default the run's own")
    parser.add_argument("--world", default="", help="the world of all episodes, if the record's name is not enough")
    asked = parser.parse_args()
    files = [asked.run] if asked.run.is_file() else sorted((asked.run / "episodes").glob("*.jsonl"))
    if not files:
        raise BadInput(f"{asked.run} holds no episodes; name a run folder or one of its episodes/*.jsonl")
    model = asked.model or (str(Run.read(asked.run).asked.get("model", "")) if asked.run.is_dir() else "") or "rulebook"
    effects, unlike = [], []
    for file in files:
        effect, repeated = judged(read_episode(file), model, asked.world)
        effects.append(effect)
        if not repeated:
            unlike.append(file.name)
    total = Effect(*(sum(part) for part in zip(*effects, strict=True)))
    told = {
        "episodes": len(files),
        **total._asdict(),
        "share": round(total.share, 3),
        "share_with_later": round((total.changed + total.later) / max(total.judged, 1), 3),
        "not_repeated": unlike,
    }
    print(json.dumps(told))
    return 1 if unlike else 0


if __name__ == "__main__":
    sys.exit(main())
