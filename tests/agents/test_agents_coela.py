"""CoELA's body: whole games, modules left out, guards, minds saved, and organs of others in it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from agent_fakes import Fake, act, kinds, kitchen_world
from house_fakes import HouseWorld, Room, letters_of, reader, sensible

from talkoot.agents.check import check_agent
from talkoot.agents.communication import Communication
from talkoot.agents.executor import Executor
from talkoot.agents.memory import Memory
from talkoot.agents.modular import ModularAgent
from talkoot.agents.planner import SAFE, Plan
from talkoot.agents.presets import coela, proagent
from talkoot.agents.verifier import Verifier
from talkoot.episode import Episode, EpisodeWriter, run_episode, run_sync
from talkoot.events import Acted, Believed, Finished, Noted, Planned, Verified
from talkoot.model import Request
from talkoot.skills import Failed
from talkoot.types import Action, Message, Observation, SkillCall

VARIANTS: dict[str, dict[str, Any]] = {
    "whole": {},
    "no memory": {"memory": False},
    "episodic": {"memory": "episodic"},
    "silent": {"communicate": False},
    "primitives": {"execute": False},
    "two calls": {"answer": "two"},
    "no reasoning": {"chain_of_thought": False},
    "proagent's": {"belief": "replace", "verify": "rules"},
}


def play(world: HouseWorld | None = None, seed: int = 0, model: Any = reader, **settings: Any) -> Episode:
    world = world or HouseWorld()
    return run_sync(run_episode(world, {seat: coela(model(), **settings) for seat in world.seats}, seed))


def notes(episode: Episode, what: str) -> list[str]:
    return [event.text for event in episode.events if isinstance(event, Noted) and event.what == what]


def planned(events: Any, seat: int = 0) -> list[str]:
    return [event.skill for event in events if isinstance(event, Planned) and event.seat == seat]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_plays(name: str) -> None:
    episode = play(**VARIANTS[name])
    assert episode.score == (0 if name == "primitives" else 3)
    spoke = any(isinstance(event, Acted) and event.say for event in episode.events)
    assert spoke is (name != "silent")
    assert notes(episode, "fallback parse") == []


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("house", [{}, {"seats": (1,)}, {"talk": "free"}, {"talk": "off"}])
def test_every_variant_keeps_the_contract(name: str, house: dict[str, Any]) -> None:
    check_agent(lambda: coela(reader(), **VARIANTS[name]), HouseWorld(**house), seed=1, steps=18)


def test_it_cooks_as_well() -> None:
    """Where the world has no lists, no memory and no costly talk, skills are chosen and drafts ride along."""

    def cook(request: Request) -> str:
        if request.purpose.endswith("draft"):
            return f"I know {len(request.messages[0].content)} letters"
        order = ("deliver_soup", "fill_dish", "put_onion", "pickup_onion", "pickup_dish", "place_obj")
        listed = letters_of(request)
        best = min(listed, key=lambda one: next((i for i, name in enumerate(order) if name in listed[one]), 9))
        return f"Answer: {best}"

    world = kitchen_world(horizon=60, talk=True)
    episode = run_sync(run_episode(world, {seat: coela(Fake(by=cook)) for seat in world.seats}))
    assert {"pickup_onion()", "put_onion_in_pot()"} <= set(planned(episode.events)) | set(planned(episode.events, 1))
    assert any(isinstance(event, Acted) and event.say.startswith("I know") for event in episode.events)
    assert any(isinstance(event, Finished) and event.done for event in episode.events)
    check_agent(lambda: coela(Fake(by=cook)), world, steps=20)


def test_a_message_takes_a_step_and_is_heard() -> None:
    room, model = Room(seat=1), reader()
    agent = coela(model)
    agent.reset(0, room.guide, room.events.append)
    (move,) = act(agent, room.seen)
    assert move == Action("tell", say="<cup> (12) is in <room> (2)")
    assert room.noted("draft") == ["sent: <cup> (12) is in <room> (2)"]
    assert planned(room.events, 1) == ["tell(<cup> (12) is in <room> (2))"]
    assert agent.memory is not None
    assert agent.memory.told() == [(1, "<cup> (12) is in <room> (2)")]
    heard = room.world.step({0: Action("rest"), 1: move}).observations
    assert [message.text for message in heard[0].messages] == [move.say]
    (second,) = act(agent, heard[1])
    # After a message no other is drafted: a plan comes next.
    assert model.kinds == ["draft", "choose", "choose"]
    assert second == Action("take", ("12",))
    assert "Previous actions:\n[tell]\n" in model.prompt()


def test_a_draft_that_is_not_sent() -> None:
    room = Room(seat=1)
    agent = coela(Fake(by=kinds(draft="I look around", choose="Answer: D")))
    agent.reset(0, room.guide, room.events.append)
    assert act(agent, room.seen) == [Action("take", ("12",))]
    assert room.noted("draft") == ["not sent: I look around"]
    assert agent.draft is not None
    assert agent.draft.save() == []


def test_free_words_ride_along() -> None:
    episode = play(HouseWorld(talk="free"))
    told = [event for event in episode.events if isinstance(event, Acted) and event.say]
    assert told
    assert all(event.action != "tell" for event in told)
    assert len(told) == len(notes(episode, "draft"))


def test_a_message_changes_what_the_receiver_knows_and_does() -> None:
    def plan_after(messages: tuple[Message, ...]) -> str:
        room = Room()
        agent = coela(reader(), communicate=False)
        agent.reset(0, room.guide, room.events.append)
        act(agent, replace(room.seen, messages=messages))
        return planned(room.events)[-1]

    assert plan_after(()) == "look(room_2)"
    assert plan_after((Message(1, "<cup> (13) is in <room> (3)", 0),)) == "take(cup_13)"


def test_minds_are_saved_and_go_on_identically() -> None:
    """After every step of a game a fresh agent that loads the mind does what the first one does."""
    world, model = HouseWorld(), reader
    agents, seen = {}, world.reset(2)
    events: list[Any] = []
    for seat in world.seats:
        agents[seat] = coela(model(), belief="replace", verify="rules")
        agents[seat].reset(2, world.guide(seat), events.append)
    for _ in range(9):
        minds = {seat: json.loads(json.dumps(agents[seat].save())) for seat in world.seats}
        actions = {seat: act(agents[seat], seen[seat])[0] for seat in world.seats}
        for seat in world.seats:
            fresh, again = coela(model(), belief="replace", verify="rules"), list[Any]()
            fresh.reset(2, world.guide(seat), again.append)
            fresh.load(minds[seat])
            assert act(fresh, seen[seat]) == [actions[seat]]
            assert fresh.save() == agents[seat].save()
            assert again == [e for e in events if e.seat == seat and e.t == seen[seat].t]
        seen = world.step(actions).observations


def test_a_call_with_brackets_in_it_is_saved() -> None:
    room = Room(seat=1)
    agent = coela(reader())
    agent.reset(0, room.guide, room.events.append)
    act(agent, room.seen)
    state = json.loads(json.dumps(agent.save()))
    assert state["skill"] == ["tell", "<cup> (12) is in <room> (2)"]
    assert state["before"] is None  # it is what is known, which is written once
    fresh = coela(reader())
    fresh.reset(0, room.guide, room.events.append)
    fresh.load(state)
    assert fresh.save() == state


def test_the_same_seed_and_replies_give_the_same_bytes() -> None:
    def record() -> str:
        file, world = io.StringIO(), HouseWorld()
        team = {seat: coela(Fake("???")) for seat in world.seats}
        run_sync(run_episode(world, team, 4, record=EpisodeWriter(file)))
        return file.getvalue()

    assert record() == record()
    assert "random: " in record()


def test_an_agent_that_gets_nowhere_drops_its_plan() -> None:
    """The stuck guard: 21 times the same primitive in the same place, then something else is chosen."""
    world = HouseWorld(walls=(2,), cups={3: (13,)}, seats=(0,), horizon=60)
    agent = coela(reader())
    episode = run_sync(run_episode(world, {0: agent}))
    ends = [event for event in episode.events if isinstance(event, Finished) and not event.done]
    assert ends[0].reason == "stuck: walk(2) was tried 21 times in the same place"
    assert ends[0].t == 21
    assert planned(episode.events) == ["look(room_2)", "look(room_3)", "look(room_2)"]
    assert agent.memory is not None
    assert list(agent.memory.plans)[:2] == ["[look] <room> (2) (unfinished)", "[look] <room> (3) (unfinished)"]


def test_walking_on_is_not_being_stuck() -> None:
    room, executor = Room(), Executor(patience=2)
    call = SkillCall("look", ("room_3",))
    executor.begin()
    for _ in range(5):
        move = executor.next(room.seating, room.seen, call)
        if not isinstance(move, Action):
            break
        executor.did(move)
        executor.notice(room.seen, None)
    assert isinstance(move, Failed)
    assert move.reason.startswith("stuck: walk(3) was tried 3 times")
    executor.begin()
    moved = room.world.step({0: Action("walk", ("2",)), 1: Action("rest")}).observations[0]
    for number in range(6):
        executor.did(Action("walk", ("3",)))
        executor.notice(moved if number % 2 else room.seen, None)
        assert isinstance(executor.next(room.seating, room.seen, call), Action)


class Fixed:
    """A planner that takes its plans from a list."""

    def __init__(self, *plans: SkillCall) -> None:
        self.plans = list(plans)
        self.rejected: list[list[str]] = []

    def reset(self) -> None:
        pass

    async def __call__(self, seating: Any, observation: Observation, words: str, beliefs: Any, memory: Any,
                       rejected: Any, *, draft: str = "") -> Plan:  # fmt: skip
        self.rejected.append([one.skill for one in rejected])
        return Plan(self.plans.pop(0))


def test_a_plan_that_ends_at_once_makes_room_for_another_one_in_the_same_step() -> None:
    room = Room(seat=1)
    fixed = Fixed(SkillCall("take", ("cup_99",)), SkillCall("look", ("room_2",)), SkillCall("look", ("room_3",)))
    agent = ModularAgent(fixed, renew=3)
    agent.reset(0, room.guide, room.events.append)
    assert act(agent, room.seen) == [Action("walk", ("3",))]
    assert fixed.rejected == [[], ["take(cup_99)"], ["take(cup_99)", "look(room_2)"]]
    assert [event.reason for event in room.told(Finished)] == ["<cup> (99) is gone", ""]
    assert agent.memory is not None
    assert list(agent.memory.plans) == ["take(cup_99) (unfinished)", "look(room_2)", "look(room_3)"]


def test_more_than_three_plans_that_end_at_once_give_a_wait() -> None:
    room = Room(seat=1)
    agent = ModularAgent(Fixed(*[SkillCall("take", (f"cup_{n}",)) for n in range(90, 99)]), renew=3)
    agent.reset(0, room.guide, room.events.append)
    assert act(agent, room.seen) == [room.guide.safe]
    assert len(planned(room.events, 1)) == 4
    assert room.noted("gave up planning") == ["3 new plans ended at once"]
    # Where nothing is left to do, waiting is no failure.
    waiting = ModularAgent(Fixed(SAFE, SAFE), renew=3)
    waiting.reset(0, room.guide, room.events.append)
    assert act(waiting, room.seen) == [Action("rest")]
    assert waiting.memory is not None
    assert not waiting.memory.plans


def test_the_message_of_another_body_takes_its_step_and_the_skill_goes_on() -> None:
    room = Room(seat=1)
    model = Fake(by=kinds(message="Message: I take it", plan="Plan for Ben: take(<cup> (12))", check="", conclude=""))
    agent = replace(proagent(model, talk=True, level="plan", belief="off", verify="off"))
    agent.reset(0, room.guide, room.events.append)
    moves = act(agent, room.seen, replace(room.seen, t=1))
    assert moves == [Action("tell", say="I take it"), Action("take", ("12",))]
    assert [event.skill for event in room.told(Acted)] == ["take(cup_12)"] * 2
    assert isinstance(agent.communicate, Communication)
    assert agent.execute.begun == 1


def test_proagents_organs_fit() -> None:
    """Its verificator turns down what the hand cannot do, its beliefs tell what the mate was seen to do."""
    episode = play(belief="replace", verify="rules")
    assert any(isinstance(event, Verified) for event in episode.events)
    room = Room(seat=1, seed=1)
    agent = coela(Fake("Answer: A"), belief="replace", verify="rules", communicate=False)
    agent.reset(0, room.guide, room.events.append)
    view = replace(room.seen.view, at={0: 2, 1: 2}, cups={2: (12,)})
    taken = replace(view, cups={2: ()}, held={0: 12})
    act(agent, replace(room.seen, view=view))
    agent._skill = None  # it is free to choose again
    act(agent, replace(room.seen, view=taken, t=1))
    assert "Beliefs:\n- scene 1: Ann intended take(cup_12)" in agent.plan.model.prompt()  # type: ignore[attr-defined]
    assert not room.told(Believed)  # it had predicted nothing
    blocked = ModularAgent(Fixed(SkillCall("take", ("cup_13",)), SkillCall("look", ("room_3",))),
                           verify=Verifier(Fake("?"), "rules"))  # fmt: skip
    blocked.reset(0, room.guide, room.events.append)
    full = replace(view, held={1: 12})
    assert act(blocked, replace(room.seen, view=full)) == [Action("walk", ("3",))]
    assert blocked.memory is not None
    assert list(blocked.memory.plans) == ["look(room_3)"]  # what was turned down was never begun


def test_a_saved_mind_with_other_organs_is_taken_as_far_as_it_fits() -> None:
    room = Room(seat=1)
    whole, bare = coela(reader()), replace(coela(reader()), memory=None, semantic=None, draft=None)
    whole.reset(0, room.guide, room.events.append)
    act(whole, room.seen)
    bare.reset(0, room.guide, room.events.append)
    bare.load(json.loads(json.dumps(whole.save())))
    assert bare.save()["skill"] == whole.save()["skill"]
    assert bare._before == whole._before


def test_only_what_is_told_in_the_prompt_is_read() -> None:
    """The reader of the prompts plays well without anything but their text."""
    room, model = Room(seat=1), reader()
    agent = coela(model)
    agent.reset(0, room.guide, room.events.append)
    act(agent, room.seen)
    assert sensible(model.asked[0]) == "<cup> (12) is in <room> (2)"
    assert isinstance(agent.memory, Memory)
