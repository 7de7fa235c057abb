"""ProAgent as released cooks too: its parser reads the answers that our prompts ask for."""

from __future__ import annotations

from talkoot import run_episode, run_sync
from talkoot.agents.presets import proagent
from talkoot.agents.reading import released_skill
from talkoot.models import open_model
from talkoot.worlds.catalog import make_world


def test_the_released_parser_reads_the_line_that_our_prompts_ask_for() -> None:
    reply = "Analysis: <Player 1> will place something; I wait.\nPlan for <Player 0>: put_onion_in_pot()"
    assert str(released_skill(reply, 0)) == "put_onion_in_pot()"


def test_a_released_pair_delivers() -> None:
    world = make_world("cramped_room:horizon=100")
    team = {seat: proagent(open_model("rulebook"), released=True) for seat in world.seats}
    assert run_sync(run_episode(world, team)).score >= 20
