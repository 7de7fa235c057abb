"""Planning: three prompt levels, unusable replies asked for again with what was wrong, then the safe plan."""

from __future__ import annotations

import pytest
from agent_fakes import PLANS, Fake, Table

from talkoot.agents.memory import Memory, Moment
from talkoot.agents.planner import SAFE, Plan, Rejected, SkillPlanner
from talkoot.agents.react import ReActPlanner
from talkoot.agents.thinking import LONGEST_REPLY
from talkoot.episode import run_sync
from talkoot.errors import ModelFailed
from talkoot.events import Called, Noted
from talkoot.model import Reply, Request
from talkoot.types import Message, SkillCall
from talkoot.world import Demonstration


def plan(
    table: Table, planner: object, memory: Memory | None = None, *rejected: Rejected, beliefs: tuple[str, ...] = ()
) -> Plan:
    words = table.seen.words()
    return run_sync(planner(table.seating, table.seen, words, list(beliefs), memory, list(rejected)))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("level", "has", "lacks"),
    [
        ("plan", ["exactly this line"], ["Analysis:", "Intention of"]),
        ("analysis", ["exactly these two lines", "Analysis:"], ["Intention of"]),
        ("intention", ["exactly these three lines", "Analysis:", "Intention of <Player 1>:"], []),
    ],
)
def test_three_levels(level: str, has: list[str], lacks: list[str]) -> None:
    table, model = Table(), Fake(PLANS + "pickup_onion()")
    made = plan(table, SkillPlanner(model, level))  # type: ignore[arg-type]
    assert made.skill == SkillCall("pickup_onion")
    assert made.analysis == "all is quiet"
    for text in has:
        assert text in model.system()
    for text in lacks:
        assert text not in model.system()


def test_alone_there_is_no_intention_to_ask_for() -> None:
    table, model = Table(seats=(0,)), Fake("Plan for <Player 0>: pickup_onion()")
    assert plan(table, SkillPlanner(model)).intentions == {}
    assert "Intention of" not in model.system()
    for text in ("about to do", "talk", "strategy", "team's"):
        assert text not in model.system()


def test_unusable_replies_are_asked_for_again_with_the_problem() -> None:
    table = Table()
    model = Fake("", "Plan for <Player 1>: pickup_dish()", PLANS + "pickup_onion()")
    made = plan(table, SkillPlanner(model))
    assert (str(made.skill), made.problem) == ("pickup_onion()", "")
    assert "Your last answer could not be used" not in model.prompt(0)
    assert "could not be used: it was empty." in model.prompt(1)
    assert "could not be used: it has no line 'Plan for <Player 0>: ...'." in model.prompt(2)
    assert [note.text for note in table.told(Noted)] == [
        "plan: it was empty.", "plan: it has no line 'Plan for <Player 0>: ...'."
    ]  # fmt: skip


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_after_the_bound_comes_the_safe_plan(retries: int) -> None:
    table, model = Table(), Fake("I cannot help with that.")
    made = plan(table, SkillPlanner(model, retries=retries))
    assert made.skill == SAFE
    assert "no line" in made.problem
    assert len(model.asked) == retries + 1 == len(table.told(Called)) == len(table.told(Noted))


def test_beliefs_history_messages_and_verdicts_are_told() -> None:
    table, model = Table(), Fake(PLANS + "pickup_onion()")
    memory = Memory(recent=1)
    memory.remember(Moment(0, "an earlier scene", "an earlier reply", "wait(1)"))
    memory.note(4, "you finished pickup_onion()")
    memory.hear((Message(1, "give me\na dish\x07", 3),))
    plan(table, SkillPlanner(model), memory, Rejected("pickup_dish()", "all pots\nare empty"), beliefs=("scene 2: B",))
    assert [turn.role for turn in model.asked[0].messages] == ["system", "user", "assistant", "user"]
    assert [turn.content for turn in model.asked[0].messages[1:3]] == ["an earlier scene", "an earlier reply"]
    prompt = model.prompt()
    for line in ("- scene 2: B", "- scene 4: you finished pickup_onion()", "- pickup_dish(): all pots are empty",
                 "- scene 3, <Player 1> says: give me a dish"):  # fmt: skip
        assert line in prompt.splitlines()
    assert table.seen.words() in prompt


def test_demonstrations_are_the_worlds_or_others_or_none() -> None:
    own = Demonstration("<Player 0> sees <Player 1>", "<Player 1> is quick", "deliver_soup()", "pickup_dish()", 0)
    world, other, none = (Fake(PLANS + "wait(1)") for _ in range(3))
    plan(Table(), SkillPlanner(world))
    plan(Table(seat=1), SkillPlanner(other, demos=(own,)))
    plan(Table(), SkillPlanner(none, demos=()))
    assert world.system().count("Examples:") == 1
    assert "Examples:" not in none.system()
    # Told for the seat that reads it, whoever's scene it was.
    assert "<Player 1> sees <Player 0>\nAnalysis: <Player 0> is quick" in other.system()
    assert other.system().endswith("Intention of <Player 0>: deliver_soup()\nPlan for <Player 1>: pickup_dish()")


def test_only_so_much_of_a_reply_is_read() -> None:
    table, model = Table(), Fake("x" * LONGEST_REPLY + "\nPlan for <Player 0>: pickup_onion()")
    assert plan(table, SkillPlanner(model, retries=0)).skill == SAFE
    assert len(table.told(Called)[0].reply) == LONGEST_REPLY


def test_a_model_that_fails_is_recorded_and_ends_the_episode() -> None:
    class Down:
        name = "down"

        async def __call__(self, request: Request) -> Reply:
            raise ModelFailed("the server is down")

    table = Table()
    with pytest.raises(ModelFailed):
        plan(table, SkillPlanner(Down()))
    assert [(call.reply, call.error) for call in table.told(Called)] == [("", "the server is down")]


def test_reading_as_the_release_does() -> None:
    made = plan(Table(), SkillPlanner(Fake("let us place it somewhere"), "analysis", reading="released"))
    assert str(made.skill) == "place_obj_on_counter()"


def test_react_asks_again_and_gives_up_safely() -> None:
    table, model = Table(), Fake("Thought: hm", "Action: dance()", "Thought: now\nAction: pickup(onion)")
    made = plan(table, ReActPlanner(model))
    assert (str(made.skill), made.analysis) == ("pickup_onion()", "now")
    assert "could not be used: it has no line 'Action: ...'." in model.prompt(1)
    assert plan(table, ReActPlanner(Fake("no"))).skill == SAFE


def test_react_tells_thoughts_actions_and_outcomes() -> None:
    table, model, memory = Table(), Fake("Thought: t\nAction: wait(1)"), Memory()
    memory.remember(Moment(0, "w", "Thought: fetch\nAction: pickup_onion()", "pickup_onion()"))
    memory.outcome(2, "pickup_onion()", "gave up", "you hold one dish")
    memory.remember(Moment(2, "w", "Thought: go on\nAction: wait(2)", "wait(2)"))
    plan(table, ReActPlanner(model), memory, Rejected("deliver_soup()", "you hold nothing"))
    assert model.prompt().startswith(
        "Thought: fetch\nAction: pickup_onion()\nObservation: gave up: you hold one dish\n\n"
        "Thought: go on\nAction: wait(2)\nObservation: interrupted\n\n"
        "Thought: \nAction: deliver_soup()\nObservation: not possible: you hold nothing\n\n"
    )
    assert model.asked[0].stop == ("\nObservation:",)
    plan(table, ReActPlanner(model, turns=1), memory)
    assert model.prompt().startswith("Thought: go on")
    plan(table, ReActPlanner(model, turns=0), memory)
    assert model.prompt() == table.seen.words()
    plan(table, ReActPlanner(model), None)
    assert model.prompt() == table.seen.words()
