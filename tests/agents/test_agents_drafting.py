"""The draft of a message: when one is written, how it is read and cut, and that nothing is said twice."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from agent_fakes import Fake, Table
from house_fakes import Room
from hypothesis import given
from hypothesis import strategies as st

from talkoot.agents.drafting import Draft, read_message
from talkoot.agents.memory import Memory
from talkoot.episode import run_sync
from talkoot.types import Message


def drafted(draft: Draft, room: Room | Table, memory: Memory | None = None) -> str:
    return run_sync(draft(room.seating, room.seen, room.seen.words(), memory))


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("I take <cup> (12).", "I take <cup> (12)."),
        ('"I take it."', "I take it."),
        ("“I take it.”", "I take it."),
        ("Ann: I take it.", "I take it."),
        ("**Ann:** I take it.", "I take it."),
        ("Sure!\nAnn: I take it.", "I take it."),
        ("two\nlines\x00", "two lines"),
        ("I said 'no' to \"that\"", "I said 'no' to \"that\""),
        ("none", ""), ("None.", ""), ("Ann: none", ""), ("(none)", ""), ("", ""), ('""', ""), ("No message.", ""),
        ("None of the cups is here.", "None of the cups is here."),
    ],
)  # fmt: skip
def test_reading(reply: str, message: str) -> None:
    assert read_message(reply, "Ann", 60) == message


@given(st.text(max_size=200), st.integers(1, 80))
def test_whatever_is_written_becomes_a_line_within_the_limit(reply: str, limit: int) -> None:
    message = read_message(reply, "Ann", limit)
    assert len(message) <= limit
    assert message == " ".join(message.split())


def test_what_is_asked() -> None:
    room, model, memory = Room(seat=1), Fake("Ben: I go to <room> (3)."), Memory()
    memory.hear((Message(0, "Hi", 0),))
    memory.begin("[tell]")
    assert drafted(Draft(model), room, memory) == "I go to <room> (3)."
    request = model.asked[0]
    assert request.purpose == "house/draft"
    text = request.messages[0].content
    headings = ["Notes:", "Goal:", "Progress:", "Previous actions:", "Dialogue:", "Note:"]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    assert text.endswith("\nBen:")
    assert "to Ann" in text
    assert "at most 60 characters" in text
    assert "takes a step" in text


def test_a_long_message_is_cut_at_the_limit() -> None:
    assert len(drafted(Draft(Fake("x" * 500)), Room(seat=1))) == 60


def test_nothing_is_drafted_where_it_makes_no_sense() -> None:
    model = Fake("hello")
    assert drafted(Draft(model), Room(seats=(0,))) == ""
    assert drafted(Draft(model), Room(talk="off")) == ""
    assert drafted(Draft(model), Table()) == ""
    room = Room(cups={2: (12,)})  # one plan is left, so there is nothing to choose
    room.seen = replace(room.seen, view=replace(room.seen.view, cups={1: (), 2: (), 3: ()}, held={0: 12}))
    assert drafted(Draft(model), room) == ""
    assert not model.asked


def test_what_was_sent_is_never_drafted_again() -> None:
    room, draft = Room(seat=1), Draft(Fake("I found <cup> (12)."))
    assert drafted(draft, room)
    assert drafted(draft, room)  # it was not sent
    draft.sent("I  found <CUP> (12).")
    assert drafted(draft, room) == ""
    assert room.noted("message dropped") == ["said already"]
    fresh = Draft(Fake("I found <cup> (12)."))
    fresh.load(json.loads(json.dumps(draft.save())))
    assert drafted(fresh, room) == ""
    fresh.reset()
    assert drafted(fresh, room)
