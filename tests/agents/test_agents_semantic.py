"""Semantic memory: what is known by now, and that nothing else is known."""

from __future__ import annotations

import json
from dataclasses import replace

from agent_fakes import Table, act
from house_fakes import HouseWorld, Room, reader

from talkoot.agents.presets import coela
from talkoot.agents.semantic import SemanticMemory
from talkoot.events import Called
from talkoot.types import Action, Message


def test_views_are_joined_and_corrected() -> None:
    room, memory = Room(), SemanticMemory()
    world, guide = room.world, room.guide
    first = memory.take_in(guide, room.seen)
    assert dict(first.view.cups) == {1: ()}
    seen = world.step({0: Action("walk", ("2",)), 1: Action("take", ("12",))}).observations[0]
    known = memory.take_in(guide, seen)
    assert dict(known.view.cups) == {1: (), 2: ()}  # the mate was quicker
    assert known.t == seen.t
    told = replace(seen, messages=(Message(1, "<cup> (13) is in <room> (3)", 1),))
    assert memory.take_in(guide, told).view.cups[3] == (13,)
    memory.reset()
    assert memory.known is None


def test_for_a_plan_only() -> None:
    room, memory = Room(), SemanticMemory("plan")
    memory.take_in(room.guide, room.seen)
    seen = room.world.step({0: Action("walk", ("2",)), 1: Action("rest")}).observations[0]
    assert set(memory.take_in(room.guide, seen).view.cups) == {1, 2}  # on its way the routine may use what it saw
    assert set(memory.for_a_plan(room.guide, seen).view.cups) == {2}
    assert set(memory.known.cups) == {2}
    lasting = SemanticMemory()
    lasting.take_in(room.guide, room.seen)
    lasting.take_in(room.guide, seen)
    assert set(lasting.for_a_plan(room.guide, seen).view.cups) == {1, 2}


def test_where_all_is_seen_nothing_is_kept() -> None:
    table, memory = Table(), SemanticMemory()
    assert memory.take_in(table.guide, table.seen) is table.seen
    assert memory.for_a_plan(table.guide, table.seen) is table.seen
    assert memory.save() is None


def test_save_and_load() -> None:
    room, memory, fresh = Room(), SemanticMemory(), SemanticMemory()
    memory.take_in(room.guide, room.seen)
    fresh.load(json.loads(json.dumps(memory.save())), room.guide)
    assert fresh.known == memory.known
    fresh.load(None, room.guide)
    assert fresh.known is None


def test_plans_come_from_memory_and_never_from_what_is_hidden() -> None:
    """Two houses that differ only in rooms that were not seen yet give the same prompts and actions."""

    def prompts(hidden: dict[int, tuple[int, ...]]) -> list[str]:
        world = HouseWorld(cups={1: (), 2: (12,), **hidden})
        seen, events = world.reset(1)[0], []  # in room 2
        agent = coela(reader())
        agent.reset(1, world.guide(0), events.append)
        act(agent, seen)
        return [call.messages[-1][1] for call in events if isinstance(call, Called)]

    assert prompts({3: (13,)}) == prompts({3: (14, 15)}) == prompts({})
    assert "(12)" in prompts({})[-1]
