"""The judge of reasoning: which chunks it is asked about, what it records, and what the agent makes of its verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from agent_fakes import PLANS, Fake, Table, act, kitchen_world

from talkoot.agents.catalog import make_agent
from talkoot.agents.modular import ModularAgent
from talkoot.agents.planner import Plan
from talkoot.agents.presets import coela, proagent
from talkoot.agents.step_judge import Opinion, StepJudge, by_lines_and_rules, question
from talkoot.episode import run_episode, run_sync
from talkoot.errors import BadInput
from talkoot.events import Acted, Judged, Noted, Planned, Verified
from talkoot.judge import Trace, Verdict
from talkoot.models import open_model
from talkoot.models.rulebook import Rulebook
from talkoot.types import SkillCall

REPLY = "Analysis: the pot is empty.\nIntention of <Player 1>: pickup_dish()\nPlan for <Player 0>: pickup_onion()"


class Says:
    """A judge that decides by a function of the last chunk, and keeps what it was asked."""

    name = "says"

    def __init__(self, score: Callable[[str], float], fault: str = "") -> None:
        self.score, self.fault = score, fault
        self.asked: list[tuple[Trace, ...]] = []

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        self.asked.append(tuple(traces))
        scores = [self.score(trace.chunks[-1]) for trace in traces]
        return [Verdict(s >= 0.5, s, "" if s >= 0.5 else "that\nis wrong", 7, self.fault) for s in scores]


def judged(organ: StepJudge, reply: str = REPLY, problem: str = "") -> tuple[Table, Opinion]:
    table = Table()
    plan = Plan(SkillCall("pickup_onion"), "the pot is empty.", {}, reply, problem)
    return table, run_sync(organ(table.seating, table.seen, "I SEE", plan))


def test_every_prefix_is_judged_and_told() -> None:
    judge = Says(lambda chunk: 0.9 if "pot" in chunk else 0.6)
    table, opinion = judged(StepJudge(judge))
    assert opinion == Opinion(True, "", 0.6)
    assert [len(traces) for traces in judge.asked] == [1, 1, 1]
    assert judge.asked[-1][0].chunks == tuple(by_lines_and_rules(REPLY))
    assert "".join(judge.asked[-1][0].chunks) == REPLY
    (event,) = table.told(Judged)
    assert (event.ok, event.skill, event.judge, event.unread, event.tokens) == (True, "pickup_onion()", "says", 0, 21)
    assert [chunk[1:3] for chunk in event.chunks] == [(True, 0.9), (True, 0.6), (True, 0.6)]


def test_the_problem_is_the_task_the_rules_and_what_was_seen() -> None:
    table = Table()
    told = question(table.seating, "I SEE")
    assert told.startswith(table.guide.task)
    assert all(rule in told for rule in table.guide.rules)
    assert told.endswith("I SEE\n\nWhat should <Player 0> do next?")


@pytest.mark.parametrize(("at_once", "calls", "tokens"), [(1, 2, 14), (2, 1, 14), (3, 1, 21)])
def test_it_stops_at_the_first_bad_chunk(at_once: int, calls: int, tokens: int) -> None:
    judge = Says(lambda chunk: 0.25 if "Intention" in chunk or "Plan" in chunk else 1.0)
    table, opinion = judged(StepJudge(judge, at_once=at_once))
    assert opinion.reason == (
        'the reasoning "Intention of <Player 1>: pickup_dish()" was judged unsound: that is wrong'
    )
    assert (opinion.ok, opinion.score, len(judge.asked)) == (False, 0.25, calls)
    (event,) = table.told(Judged)
    assert (len(event.chunks), event.unread, event.ok, event.tokens) == (2, 1, False, tokens)


def test_the_reason_is_one_bounded_line_and_never_empty() -> None:
    class Silent(Says):
        async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
            return [Verdict(False, 0.125) for _ in traces]

    _, opinion = judged(StepJudge(Silent(lambda _: 0.0), cut=lambda text: [text]), "so " * 900)
    assert opinion.reason.endswith("it is sound with a probability of 0.12 only")
    assert len(opinion.reason) < 300
    assert "\n" not in opinion.reason


def test_faults_of_the_judge_are_noted() -> None:
    table, _ = judged(StepJudge(Says(lambda _: 1.0, "no box"), cut=lambda text: [text]))
    assert [(note.what, note.text) for note in table.told(Noted)] == [("unusable reply", "judge: no box")]


@pytest.mark.parametrize(("reply", "problem"), [("", ""), (" \n", ""), (REPLY, "it cannot be read")])
def test_plans_without_reasoning_pass_unread(reply: str, problem: str) -> None:
    judge = Says(lambda _: 0.0)
    table, opinion = judged(StepJudge(judge), reply, problem)
    assert (opinion.ok, judge.asked, table.events) == (True, [], [])


def test_long_reasoning_is_joined_at_the_end() -> None:
    judge = Says(lambda _: 1.0)
    judged(StepJudge(judge, most=2))
    last = judge.asked[-1][0].chunks
    assert (len(last), "".join(last)) == (2, REPLY)
    with pytest.raises(BadInput, match="at least 1, not 0 and 24"):
        StepJudge(judge, at_once=0)


def moved(model: Any, judge: Any, **settings: Any) -> tuple[Table, ModularAgent]:
    table = Table()
    agent = proagent(model, judge=judge, **settings)
    agent.reset(0, table.guide, table.events.append)
    act(agent, table.seen)
    return table, agent


def test_a_bad_thought_goes_into_the_next_prompt() -> None:
    model = Fake(PLANS.replace("quiet", "LOUD") + "pickup_dish()", PLANS + "pickup_onion()")
    table, _ = moved(model, Says(lambda chunk: 0.1 if "LOUD" in chunk else 0.9), verify="off")
    assert [event.skill for event in table.told(Planned)] == ["pickup_dish()", "pickup_onion()"]
    assert [event.ok for event in table.told(Judged)] == [False, True]
    assert 'pickup_dish(): the reasoning "Analysis: all is LOUD" was judged unsound: that is wrong' in model.prompt()
    assert table.told(Acted)[0].skill == "pickup_onion()"


def test_verification_comes_first_and_spares_the_judge() -> None:
    judge = Says(lambda _: 1.0)
    table, _ = moved(Fake(PLANS + "deliver_soup()", PLANS + "pickup_onion()"), judge, verify="rules")
    assert [event.ok for event in table.told(Verified)] == [False, True]
    assert [event.skill for event in table.told(Judged)] == ["pickup_onion()"]


def test_after_the_bound_the_best_reasoning_is_carried_out() -> None:
    scores = {"A": 0.1, "B": 0.4, "C": 0.2}
    replies = [PLANS.replace("all", name) + f"wait({i})" for i, name in enumerate(scores, 1)]
    judge = Says(lambda chunk: scores.get(chunk.split()[1], 1.0) if chunk.startswith("Analysis") else 1.0)
    table, agent = moved(Fake(*replies), judge, replans=2, verify="off")
    assert [event.skill for event in table.told(Planned)] == ["wait(1)", "wait(2)", "wait(3)", "wait(2)"]
    assert table.told(Acted)[0].skill == "wait(2)"
    assert table.told(Planned)[-1].attempt == 3
    assert [note.what for note in table.told(Noted)] == ["judge overruled"]
    assert agent.memory is not None
    assert list(agent.memory.plans) == ["wait(2)"]


def test_where_a_precondition_fails_every_time_the_agent_waits() -> None:
    judge = Says(lambda _: 0.0)
    table, _ = moved(Fake(PLANS + "deliver_soup()"), judge, verify="rules", replans=1)
    assert judge.asked == []
    assert table.told(Acted)[0].skill == "wait(1)"


@pytest.mark.parametrize("make", [proagent, coela])
def test_a_content_judge_changes_no_game_and_is_asked_at_every_plan(make: Any) -> None:
    def play(judge: Any) -> Any:
        world = kitchen_world(horizon=60)
        return run_sync(run_episode(world, {seat: make(Rulebook(), judge=judge) for seat in world.seats}, 0))

    judge = Says(lambda _: 1.0)
    with_judge, without = play(judge), play(None)
    assert with_judge.actions() == without.actions()
    replied = [event for event in with_judge.events if isinstance(event, Judged)]
    assert replied
    assert all(event.ok and "".join(chunk[0] for chunk in event.chunks) for event in replied)


def test_an_agent_without_a_verifier_is_judged_too_and_keeps_nothing() -> None:
    judge = Says(lambda _: 1.0)
    agent = replace(proagent(Rulebook()), verify=None, judge=StepJudge(judge))
    table = Table()
    agent.reset(0, table.guide, table.events.append)
    act(agent, table.seen)
    state = agent.save()
    again = replace(proagent(Rulebook()), verify=None)
    again.reset(0, table.guide, table.events.append)
    again.load(state)
    assert again.save() == state


@pytest.mark.parametrize("name", ["proagent", "coela"])
def test_the_judge_of_a_team_by_name(name: str) -> None:
    agent: Any = make_agent(f"{name}:judge=rulebook", open_model)
    assert isinstance(agent.judge, StepJudge)
    world = kitchen_world(horizon=30)
    episode = run_sync(run_episode(world, {0: agent, 1: make_agent("greedy", open_model)}, 0))
    told = [event for event in episode.events if isinstance(event, Judged)]
    assert told
    assert all(event.ok for event in told)


def test_the_release_has_no_judge() -> None:
    with pytest.raises(BadInput, match="released=on settles judge"):
        make_agent("proagent:released=on,judge=rulebook", open_model)
    with pytest.raises(BadInput):
        make_agent("proagent:judge=no-such-judge", open_model)
