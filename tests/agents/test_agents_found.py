"""A world's own agents, found by their name."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from agent_fakes import Table, act
from house_fakes import Room

from talkoot.agents.catalog import make_agent
from talkoot.agents.found import WorldsOwn
from talkoot.errors import BadInput
from talkoot.models import open_model


def test_greedy_is_that_of_the_world() -> None:
    table = Table()
    one, other = make_agent("greedy", open_model), make_agent("greedy", open_model)
    assert isinstance(one, WorldsOwn)
    for agent in (one, other):
        agent.reset(0, table.guide, table.events.append)
    first = act(one, table.seen)
    assert first[0].name in table.guide.primitives
    other.load(json.loads(json.dumps(one.save())))
    assert other.save() == one.save()
    one.reset(1, table.guide, table.events.append)
    assert act(one, table.seen) == first


@pytest.mark.parametrize("world", ["house", "no such/world", ""])
def test_a_world_without_one_says_so(world: str) -> None:
    agent, guide = make_agent("greedy", open_model), replace(Room().guide, world=world)
    with pytest.raises(BadInput, match=f"the world {world} has no greedy; seat another agent"):
        agent.reset(0, guide, lambda event: None)
    with pytest.raises(BadInput, match="the world overcooked has no mhp"):
        make_agent("mhp", open_model).reset(0, Table().guide, lambda event: None)


def test_mhp_takes_its_options() -> None:
    found = make_agent("mhp:simulations=7,talk=on", open_model)
    assert isinstance(found, WorldsOwn)
    made = found._make(found._found("household"))
    assert (made.settings.simulations, made.settings.talk, made.settings.partner) == (7, "messages", "told")  # type: ignore[attr-defined]
    with pytest.raises(BadInput, match="simulations=0 searches nothing"):
        make_agent("mhp:simulations=0", open_model)
