"""Choosing a plan of the list: what is asked, what is read, what is recorded, and what needs no question."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from agent_fakes import Fake, Table
from house_fakes import Room, letters_of
from hypothesis import given
from hypothesis import strategies as st

from talkoot.agents.choosing import OptionPlanner, offered, primitives
from talkoot.agents.memory import Memory
from talkoot.agents.planner import SAFE, Plan, Rejected
from talkoot.episode import run_sync
from talkoot.events import Called
from talkoot.types import Message, SkillCall


def plan(model: Fake, room: Room, *, memory: Memory | None = None, draft: str = "", rejected: Any = (),
         **settings: Any) -> Plan:  # fmt: skip
    planner = OptionPlanner(model, **settings)
    words = room.seen.words()
    return run_sync(planner(room.seating, room.seen, words, [], memory, list(rejected), draft=draft))


def test_one_reply() -> None:
    room, model = Room(seat=1), Fake("The third room is near.\nAnswer: B")
    made = plan(model, room)
    assert made.skill == SkillCall("look", ("room_3",))
    assert made.text == "[look] <room> (3)"
    assert made.analysis == "The third room is near."
    assert letters_of(model.asked[0]) == {
        "A": "[look] <room> (1) - far away", "B": "[look] <room> (3) - far away", "C": "[take] <cup> (12)",
    }  # fmt: skip
    assert model.asked[0].purpose == "house/choose"
    assert (model.asked[0].temperature, model.asked[0].max_tokens) == (0.0, 256)
    assert not room.noted("fallback parse")


def test_two_calls_in_one_chat() -> None:
    room, model = Room(seat=1), Fake("Well, (A) or (B).", "[take] <cup> (12)")
    made = plan(model, room, answer="two", temperature=0.7)
    assert made.skill == SkillCall("take", ("cup_12",))
    assert made.analysis == "Well, (A) or (B)."
    assert [request.purpose for request in model.asked] == ["house/choose", "house/extract"]
    assert [turn.role for turn in model.asked[1].messages] == ["user", "assistant", "user"]
    assert model.asked[1].messages[:2] == (model.asked[0].messages[0], replace(model.asked[1].messages[1]))
    assert model.asked[1].messages[1].content == "Well, (A) or (B)."
    assert "Answer: LETTER" not in model.asked[0].messages[0].content
    assert {request.temperature for request in model.asked} == {0.7}


def test_without_chain_of_thought_one_line_is_asked_for() -> None:
    room, model = Room(seat=1), Fake("Answer: C")
    assert plan(model, room, chain_of_thought=False, answer="two").skill == SkillCall("take", ("cup_12",))
    assert len(model.asked) == 1
    assert "step by step" not in model.prompt()


def test_the_draft_is_the_first_option() -> None:
    room, model = Room(seat=1), Fake("Answer: A")
    made = plan(model, room, draft="Hi (there)!")
    assert made.skill == SkillCall("tell", ("Hi (there)!",))
    assert made.text == "[tell]"
    assert letters_of(model.asked[0])["A"] == "[tell] Hi (there)!"


def test_what_leaves_no_choice_is_not_asked() -> None:
    room, model = Room(cups={2: (12,)}), Fake("never")
    view = replace(room.seen.view, cups={1: (), 2: (12,), 3: ()}, held={0: 12})
    room.seen = replace(room.seen, view=view)
    assert [option.text for option in offered(room.guide, room.seen)] == ["[bring] <room> (1)"]
    made = plan(model, room, draft="I bring it")
    assert (made.skill, made.text) == (SkillCall("bring", ("room_1",)), "[bring] <room> (1)")
    room.seen = replace(room.seen, view=replace(view, cups={1: (12,), 2: (), 3: ()}, held={}))
    assert plan(model, room, draft="We are done").skill == SAFE
    assert not model.asked


def test_plans_that_were_turned_down_are_told_and_not_offered() -> None:
    room, model = Room(seat=1), Fake("Answer: A")
    made = plan(model, room, rejected=[Rejected("look(room_1)", "somebody\nis there")])
    assert made.skill == SkillCall("look", ("room_3",))
    assert "Rejected:\n- [look] <room> (1): somebody is there" in model.prompt()
    assert list(letters_of(model.asked[0])) == ["A", "B"]


@pytest.mark.parametrize(
    ("reply", "noted", "skill"),
    [
        ("(B)", "letter: [look] <room> (3) from '(B)'", "look(room_3)"),
        ("I say: [take] <cup> (12)", "plan: [take] <cup> (12) from 'I say: [take] <cup> (12)'", "take(cup_12)"),
        ("Answer: take cup 12", "fuzzy: [take] <cup> (12) from 'take cup 12'", "take(cup_12)"),
    ],
)
def test_fall_backs_are_noted(reply: str, noted: str, skill: str) -> None:
    room = Room(seat=1)
    assert str(plan(Fake(reply), room).skill) == skill
    assert room.noted("fallback parse") == [noted]
    assert not room.noted("unusable reply")


def test_a_plan_that_is_not_on_the_list_is_told_and_asked_for_again() -> None:
    room, model = Room(seat=1), Fake("Answer: [take] <plate> (99)", "Answer: C")
    assert str(plan(model, room).skill) == "take(cup_12)"
    assert room.noted("unusable reply") == ["choose: it names no action of the list: '[take] <plate> (99)'."]
    assert "it names no action of the list: '[take] <plate> (99)'." in model.prompt()
    assert not room.noted("fallback parse")


def test_after_the_retries_a_plan_is_drawn_from_the_seed() -> None:
    drawn = set()
    for seed in range(30):
        room, model = Room(seat=1, seed=3 * seed), Fake("Answer: [take] <plate> (99)")
        made = plan(model, room, draft="never drawn")
        again = plan(Fake("Answer: [take] <plate> (99)"), Room(seat=1, seed=3 * seed), draft="never drawn")
        assert made == again
        assert len(model.asked) == 2
        assert room.noted("fallback parse") == [f"random: {made.text} from '[take] <plate> (99)'"]
        drawn.add(str(made.skill))
    assert drawn == {"look(room_1)", "look(room_3)", "take(cup_12)"}
    room, model = Room(seat=1), Fake("")
    plan(model, room, retries=0)
    assert len(model.asked) == 1


def test_an_unreadable_extraction_is_asked_for_again_in_the_same_chat() -> None:
    room, model = Room(seat=1), Fake("Hm, the cup.", "dunno", "(C)")
    assert str(plan(model, room, answer="two").skill) == "take(cup_12)"
    assert model.kinds == ["choose", "extract", "extract"]
    assert len(model.asked[2].messages) == 5
    assert "it names no action of the list: 'dunno'" in model.prompt()


def test_dialogue_and_history() -> None:
    room, model, memory = Room(seat=1), Fake("Answer: A"), Memory()
    memory.hear((Message(0, "one\nCUT", 1), Message(0, "three", 3)))
    memory.spoken(2, 1, "two")
    memory.spoken(4, 1, "four")
    for name in ("[look] <room> (1)", "[tell]", "[take] <cup> (12)"):
        memory.begin(name)
    memory.unfinished()
    plan(model, room, memory=memory)
    text = model.prompt()
    assert "Dialogue:\nAnn: I will tell what I find.\nBen: So will I.\nBen: two\nAnn: three\nBen: four\n\n" in text
    assert "Previous actions:\n[look] <room> (1), [tell], [take] <cup> (12) (unfinished)\n\n" in text
    # Without the organ that talks, the opening lines are not told; what was heard is.
    plan(model, room, memory=memory, talk=False)
    assert "I will tell what I find" not in model.prompt()
    assert "Ann: three" in model.prompt()
    # Without a memory, what has just been heard.
    room.seen = replace(room.seen, messages=(Message(0, "now", 0),))
    plan(model, room)
    assert "Ben: So will I.\nAnn: now\n\nPrevious actions:\nnone\n" in model.prompt()


def test_alone_nobody_is_talked_of() -> None:
    room, model = Room(seats=(0,)), Fake("Answer: A")
    plan(model, room)
    assert model.asked[0].purpose == "house/choose_alone"
    assert "Dialogue" not in model.prompt()
    assert "shared" not in model.prompt()


def test_a_world_without_lists_offers_its_skills() -> None:
    table = Table()
    assert [str(option.call) for option in offered(table.guide, table.seen)] == ["pickup_onion()", "pickup_dish()"]
    model = Fake("Answer: B")
    planner = OptionPlanner(model)
    made = run_sync(planner(table.seating, table.seen, table.seen.words(), [], None, []))
    assert made.skill == SkillCall("pickup_dish")
    assert model.asked[0].purpose == "overcooked/choose"
    assert "[interact]" in [option.text for option in primitives(table.guide, table.seen)]


def test_primitives_without_finding_the_way() -> None:
    room = Room(seat=1)
    assert [option.text for option in primitives(room.guide, room.seen)] == ["[rest]", "[drop]", "[take] 12"]
    model = Fake("Answer: [take] 12")
    assert plan(model, room, offer=primitives).skill == SkillCall("take", ("12",))


def test_every_call_is_recorded() -> None:
    room, model = Room(seat=1), Fake("x", "y", "z")
    plan(model, room, answer="two")
    calls = room.told(Called)
    assert [call.purpose for call in calls] == ["house/choose", "house/extract", "house/extract"]
    assert [call.reply for call in calls] == ["x", "y", "z"]


@given(st.lists(st.text(max_size=200), min_size=2, max_size=4), st.sampled_from(["one", "two"]), st.booleans())
def test_hostile_replies_give_a_valid_plan(replies: list[str], answer: str, thought: bool) -> None:
    room = Room(seat=1)
    made = plan(Fake(*replies), room, answer=answer, chain_of_thought=thought, draft="hello")
    calls = {str(option.call) for option in offered(room.guide, room.seen)} | {"tell(hello)"}
    assert str(made.skill) in calls
    assert "\n" not in made.analysis
    assert all("\n" not in text for text in room.noted("fallback parse"))
