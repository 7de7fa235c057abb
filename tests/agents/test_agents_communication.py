"""Communication: a bounded message with a plan that will be carried out, never the same twice."""

from __future__ import annotations

import pytest
from agent_fakes import PLANS, Fake, Table, act, kinds

from talkoot.agents.communication import Communication
from talkoot.agents.memory import Memory
from talkoot.agents.modular import ModularAgent
from talkoot.agents.planner import Plan, SkillPlanner
from talkoot.agents.verifier import Verifier
from talkoot.episode import run_sync
from talkoot.events import Acted, Noted
from talkoot.types import SkillCall

PLAN = Plan(SkillCall("pickup_onion"), intentions={1: "pickup_dish()"})


def say(table: Table, reply: str, memory: Memory | None, model: Fake | None = None) -> str:
    communicate = Communication(model or Fake(reply))
    return run_sync(communicate(table.seating, table.seen, table.seen.words(), PLAN, memory))


def test_nobody_speaks_where_nobody_can() -> None:
    model = Fake("Message: hello")
    assert say(Table(), "", Memory(), model) == ""
    assert say(Table(talk=True, seats=(0,)), "", Memory(), model) == ""
    assert model.asked == []


def test_a_message_is_one_harmless_line() -> None:
    model = Fake("**Message:** I take the onion\x00\u202e, you <b>the dish</b>")
    assert say(Table(talk=True), "", Memory(), model) == "I take the onion , you <b>the dish</b>"
    assert "Your plan: pickup_onion()\nYou expect your teammate to do: pickup_dish()" in model.prompt()
    assert "at most 200 characters" in model.system()


@pytest.mark.parametrize("reply", ["Message: none", "Message: None.", "message: NONE", "Message:"])
def test_there_may_be_nothing_to_say(reply: str) -> None:
    table = Table(talk=True)
    assert say(table, reply, Memory()) == ""
    assert table.told(Noted) == []


def test_a_reply_without_a_message_is_noted() -> None:
    table = Table(talk=True)
    assert say(table, "Certainly! I would say hello.", Memory()) == ""
    assert table.told(Noted)[0].text == "message: it has no line 'Message: ...'."


@pytest.mark.parametrize("text", ["I take the onion", "very long " * 50])
def test_it_never_repeats_itself(text: str) -> None:
    table, memory = Table(talk=True, message_limit=30), Memory()
    first = say(table, f"Message: {text}", memory)
    assert first
    assert len(first) <= 30
    assert say(table, f"Message: {text}", memory) == ""
    assert table.told(Noted)[0].what == "message dropped"
    assert list(memory.said) == [first]


def test_what_was_said_and_heard_is_told() -> None:
    table, memory = Table(talk=True), Memory()
    say(table, "Message: one", memory)
    model = Fake("Message: two")
    say(table, "", memory, model)
    assert model.prompt().startswith("What you have said:\n- one\n\n")


def test_only_a_plan_that_passed_is_told_and_only_once() -> None:
    table = Table(talk=True)
    plans = iter([PLANS + "deliver_soup()", PLANS + "pickup_onion()"])
    replies = kinds(message="Message: I fetch an onion")
    model = Fake(by=lambda request: next(plans) if request.purpose.endswith("plan") else replies(request))
    agent = ModularAgent(SkillPlanner(model), communicate=Communication(model), verify=Verifier(model, "rules"))
    agent.reset(0, table.guide, table.events.append)
    act(agent, table.seen, table.seen)
    assert model.kinds == ["plan", "plan", "message"]
    assert [event.say for event in table.told(Acted)] == ["I fetch an onion", ""]


def test_after_giving_up_there_is_nothing_to_tell() -> None:
    table, model = Table(talk=True), Fake(PLANS + "deliver_soup()")
    agent = ModularAgent(SkillPlanner(model), communicate=Communication(model), verify=Verifier(model, "rules"))
    agent.reset(0, table.guide, table.events.append)
    act(agent, table.seen)
    assert model.kinds == ["plan"] * 4
    assert table.told(Acted)[0].say == ""


def test_a_safe_plan_is_not_told() -> None:
    table, model = Table(talk=True), Fake("nonsense")
    agent = ModularAgent(SkillPlanner(model), communicate=Communication(model))
    agent.reset(0, table.guide, table.events.append)
    act(agent, table.seen)
    assert model.kinds == ["plan"] * 3
