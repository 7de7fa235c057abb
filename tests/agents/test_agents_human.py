"""A person in a seat: what it is asked, what its lines do, and that wrong ones are told and asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from talkoot.agents.check import check_agent
from talkoot.agents.human import Human, Person, Question
from talkoot.agents.scripted import Stay
from talkoot.episode import Episode, run_episode, run_sync
from talkoot.errors import BadInput, Stopped
from talkoot.events import Acted, Finished, Planned, Saw
from talkoot.model import Reply, Request, Turn
from talkoot.worlds.catalog import make_world


class Script:
    """A person that types these lines and then the last one for ever; it keeps what it was asked."""

    name = "person"

    def __init__(self, *lines: str) -> None:
        self.lines, self.asked = list(lines), list[Question]()

    async def __call__(self, request: Request) -> Reply:
        self.asked.append(Question.of(request))
        return Reply(self.lines.pop(0) if len(self.lines) > 1 else self.lines[0])


def play(world: str, *lines: str) -> tuple[Episode, Script]:
    person = Script(*lines)
    return run_sync(run_episode(make_world(world), {0: Human(person), 1: Stay()}, 0)), person


def actions(episode: Episode, seat: int = 0) -> list[str]:
    return [event.action for event in episode.events if isinstance(event, Acted) and event.seat == seat]


def of_kind(episode: Episode, kind: type) -> list[Any]:
    return [event for event in episode.events if isinstance(event, kind) and event.seat == 0]


KITCHEN = "cramped_room:horizon=9,talk=on"


def test_a_number_is_a_plan_carried_out_to_its_end() -> None:
    episode, person = play(KITCHEN, "1", "1", "wait")
    first = person.asked[0]
    assert (first.seat, first.t, first.name, first.doing) == (0, 0, "<Player 0>", "")
    assert first.choices[0].startswith("pickup_onion()")
    assert "Onion Dispenser" in first.words
    assert first.task
    second = person.asked[1]
    assert second.news == ("pickup_onion(): done",)
    assert second.t == 3
    assert second.choices[0].startswith("put_onion_in_pot()")
    assert [event.skill for event in of_kind(episode, Planned)] == ["pickup_onion()", "put_onion_in_pot()"]
    assert [event.done for event in of_kind(episode, Finished)] == [True, True]
    assert actions(episode)[-3:] == ["stay"] * 3
    assert of_kind(episode, Saw)[0].words == first.words


def test_single_actions_by_number_or_name_and_back_to_plans() -> None:
    episode, person = play(KITCHEN, "actions", "2", "North", "plans", "interact", "actions", "wait")
    assert person.asked[1].choices == ("north", "south", "east", "west", "stay", "interact")
    assert actions(episode)[:3] == ["south", "north", "interact"]
    assert person.asked[4].choices[0].startswith("pickup_onion()")


def test_enter_goes_on_and_careful_asks_before_every_step() -> None:
    episode, person = play(KITCHEN, "careful", "pickup_onion", "", "", "quit?", "wait")
    assert person.asked[1].news == ("you are asked before every step",)
    assert person.asked[2].doing == "pickup_onion()"
    assert [question.t for question in person.asked[2:5]] == [1, 2, 3]
    assert actions(episode)[:3] == ["north", "west", "interact"]


def test_another_choice_drops_the_plan_under_way() -> None:
    episode, _ = play(KITCHEN, "careful", "1", "2", "south", "wait")
    assert [(event.skill, event.done) for event in of_kind(episode, Finished)] == [
        ("pickup_onion()", False), ("pickup_dish()", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("99", "there is no 99; choose from 1 to 2"),
        ("0", "there is no 0"),
        ("fly away", "'fly away' is neither a number nor a plan"),
        ("", "no plan under way"),
        ("deliver_soup", "deliver_soup(): "),
        ("say", "say what?"),
        ("say " + "x" * 201, "201 characters, 200 are allowed"),
        ("(", "neither a number"),
    ],
)
def test_wrong_input_is_told_and_asked_again_in_the_same_step(line: str, words: str) -> None:
    _, person = play(KITCHEN, line, "wait")
    assert person.asked[1].t == person.asked[0].t == 0
    assert words in " ".join(person.asked[1].news)
    assert person.asked[2].news == ()


def test_help_and_goal_tell_what_there_is() -> None:
    _, person = play(KITCHEN, "help", "goal", "wait")
    assert any(line.startswith("say TEXT") and "next action" in line for line in person.asked[1].news)
    assert person.asked[2].news[0] == person.asked[0].task
    _, mute = play("cramped_room:horizon=2", "help", "say hello", "wait")
    assert not any(line.startswith("say") for line in mute.asked[1].news)
    assert mute.asked[2].news == ("nobody can hear you here",)


def test_words_ride_along_in_a_kitchen() -> None:
    episode, person = play(KITCHEN, "say I fetch onions", "1", "wait")
    first = of_kind(episode, Acted)[0]
    assert (first.action, first.say) == ("north", "I fetch onions")
    assert person.asked[0].say == "free"
    assert all(not event.say for event in of_kind(episode, Acted)[1:])


def test_at_home_words_take_the_step_and_a_message_interrupts() -> None:
    alice, bob = Script("1", "", "wait"), Script("say The fridge is empty.", "wait")
    world = make_world("household/test:limit=60")
    episode = run_sync(run_episode(world, {0: Human(alice), 1: Human(bob)}, 0))
    assert bob.asked[0].say == "costly"
    assert bob.asked[0].name == "Bob"
    assert actions(episode, 1)[:2] == ["send_message", "wait"]
    assert alice.asked[1].heard == (("Bob", "The fridge is empty."),)
    assert alice.asked[1].t == 1
    assert alice.asked[1].doing.startswith("goexplore(")
    assert alice.asked[2].heard == ()
    assert alice.asked[2].news[0].startswith("goexplore(")


def test_at_home_plans_and_actions_are_those_of_what_is_known() -> None:
    episode, person = play("household/test:limit=8", "actions", "1", "plans", "gocheck 1", "1", "wait")
    single = person.asked[1].choices
    names = make_world("household/test").guide(0).primitives
    assert all(choice.split("]")[0].removeprefix("[") in names for choice in single)
    assert not any(choice.startswith("[send_message]") for choice in single)
    assert "[walktowards] <kitchen> (12)" in single
    assert f"[{actions(episode)[0]}]" == single[0]
    assert "[goexplore]" in person.asked[0].choices[0]
    assert len(actions(episode)) == 8


def test_at_home_an_action_is_taken_as_it_is_shown_or_as_it_is_recorded() -> None:
    for line in ("[walktowards] <livingroom> (11)", "walktowards(11)", "walktowards 11"):
        episode, _ = play("household/test:limit=2", "actions", line, "plans", "wait", "wait")
        assert actions(episode)[0] == "walktowards(11)", line


class Steady:
    """A person whose line depends on the question only: what the contract asks of a model."""

    name = "person"
    lines = ("1", "say hello", "careful", "2", "", "actions", "3", "plans", "1")

    async def __call__(self, request: Request) -> Reply:
        question = Question.of(request)
        return Reply("wait" if question.news else self.lines[(question.t + question.seat) % len(self.lines)])


@pytest.mark.parametrize("world", ["cramped_room:talk=on", "household/test"])
def test_the_contract_of_agents_holds(world: str) -> None:
    check_agent(lambda: Human(Steady()), make_world(world), steps=30)


def ask(*lines: str | None) -> tuple[Person, list[Question]]:
    told: list[Question] = []
    waiting: Iterable[str | None] = iter(lines)

    async def hear() -> str | None:
        return next(waiting)  # type: ignore[call-overload, no-any-return]

    return Person(told.append, hear), told


def test_quitting_and_the_end_of_input_stop_the_episode() -> None:
    for lines, words in ((("1", "quit"), "stopped; the same command"), ((None,), "the input has ended")):
        person, told = ask(*lines)
        with pytest.raises(Stopped, match=words):
            run_sync(run_episode(make_world(KITCHEN), {0: Human(person), 1: Stay()}, 0))
        assert len(told) == len(lines)


def test_a_person_can_be_fed_by_queues() -> None:
    async def both() -> list[Question]:
        outbox: asyncio.Queue[Question] = asyncio.Queue()
        inbox: asyncio.Queue[str | None] = asyncio.Queue()
        person = Person(outbox.put_nowait, inbox.get)
        team = {0: Human(person), 1: Human(person)}  # both seats ask at once, and are asked one after the other
        game = asyncio.ensure_future(run_episode(make_world("cramped_room:horizon=2"), team, 0))
        asked = []
        for _ in range(4):
            asked.append(await outbox.get())
            assert outbox.empty()
            inbox.put_nowait("wait")
        await game
        return asked

    assert [(question.t, question.seat) for question in run_sync(both())] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_only_questions_can_be_asked() -> None:
    person, _ = ask("1")
    for content in ("hello", "[]", "{}", '{"heard": 3}'):
        with pytest.raises(BadInput, match="no question to a person"):
            run_sync(person(Request("overcooked/plan", (Turn("user", content),))))  # type: ignore[arg-type]
