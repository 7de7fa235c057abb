"""Do messages change plans? The twin beside the receiver, and what the record says of it."""

from __future__ import annotations

import asyncio

from agent_fakes import Fake
from house_fakes import HouseWorld, letters_of, reader, sensible

from talkoot.agents.check import check_agent
from talkoot.agents.effect import EFFECT, Effect, Heeding, messages_effect
from talkoot.agents.presets import coela
from talkoot.episode import Episode, run_episode, run_sync
from talkoot.events import Acted, Noted
from talkoot.model import Request


def deaf(request: Request) -> str:
    """A reader that looks at nothing that it is told but the list: it sends its draft, or takes what is first."""
    return sensible(request) if request.purpose.endswith("draft") else "Answer: A"


def busy(request: Request) -> str:
    """A reader that tells of the third room only, and does what it can with its hand before anything else."""
    text = request.messages[0].content
    if request.purpose.endswith("draft"):
        return "<cup> (14) is in <room> (3)" if "<room> (3): <cup> (13), <cup> (14)" in text else "none"
    listed = letters_of(request)
    mine = next((letter for letter, plan in listed.items() if "(12)" in plan and "tell" not in plan), None)
    return sensible(request) if mine is None or "[tell]" in listed["A"] else f"Answer: {mine}"


def play(*, twins: bool = True, model: object = sensible, seed: int = 0) -> Episode:
    world = HouseWorld()

    def make() -> object:
        return coela(Fake(by=model))  # type: ignore[arg-type]

    team = {seat: Heeding(make) if twins else make() for seat in world.seats}  # type: ignore[arg-type]
    return run_sync(run_episode(world, team, seed))  # type: ignore[arg-type]


def acts(episode: Episode) -> list[Acted]:
    return [event for event in episode.events if isinstance(event, Acted)]


def test_it_plays_as_the_agent_itself() -> None:
    assert acts(play()) == acts(play(twins=False))
    check_agent(lambda: coela(reader()), HouseWorld(), steps=12)


def test_what_messages_did_is_told_and_counted() -> None:
    changed = 0
    for seed in range(3):
        episode = play(seed=seed)
        told = [event.text for event in episode.events if isinstance(event, Noted) and event.what == EFFECT]
        effect = messages_effect(episode.events)
        assert effect.judged + effect.later == len(told) > 0
        assert effect.said == sum(bool(event.say) for event in acts(episode)) >= effect.judged
        assert effect.changed == sum(text.startswith("changed: ") for text in told)
        assert effect.changed + effect.later <= effect.judged
        assert 0 <= effect.share <= 1
        changed += effect.changed
    assert changed > 0
    assert "changed: take(cup_13) instead of look(room_3), after '<cup> (13) is in <room> (3)'" in [
        event.text for event in play().events if isinstance(event, Noted)
    ]


def test_a_reader_that_ignores_what_it_hears_is_told_to_have_changed_less() -> None:
    heeding = sum(messages_effect(play(seed=seed).events).share for seed in range(3))
    assert sum(messages_effect(play(model=deaf, seed=seed).events).share for seed in range(3)) < heeding


def test_a_message_may_change_a_later_plan() -> None:
    later = [event for seed in range(6) for event in play(seed=seed, model=busy).events
             if isinstance(event, Noted) and event.text.startswith("changed later: ")]  # fmt: skip
    assert later
    assert all(event.what == EFFECT for event in later)


def test_without_messages_there_is_nothing_to_judge() -> None:
    assert messages_effect(play(twins=False).events).judged == 0
    assert Effect(0, 0, 0).share == 0.0


def test_twins_are_not_saved() -> None:
    world = HouseWorld()
    one, other = Heeding(lambda: coela(reader())), Heeding(lambda: coela(reader()))
    seen = world.reset(0)
    for agent in (one, other):
        agent.reset(0, world.guide(1), lambda event: None)
    asyncio.run(one.act(seen[1]))
    other.load(one.save())
    assert other.save() == one.save()
