"""Verification: the modes, the double check, what no round overturns, and how often a model is asked at most."""

from __future__ import annotations

from typing import Any

import pytest
from agent_fakes import PLANS, Fake, Table, act, kinds

from talkoot.agents.memory import Memory
from talkoot.agents.modular import ModularAgent
from talkoot.agents.planner import SkillPlanner
from talkoot.agents.verifier import Verdict, Verifier
from talkoot.episode import run_sync
from talkoot.events import Acted, Finished, Noted, Planned, Verified
from talkoot.types import Observation, SkillCall, Style
from talkoot.worlds.overcooked.kitchen import DISH, ONION

YES, NO = "Verdict: can be used", "Verdict: cannot be used"
ADVICE = "a soup is cooking or ready, or a pot has been begun, and no other dish is there for it"
ONION_CALL, DISH_CALL = SkillCall("pickup_onion"), SkillCall("pickup_dish")


def judge(table: Table, verifier: Verifier, call: SkillCall, seen: Observation | None = None, **how: Any) -> Verdict:
    seen = seen or table.seen
    return run_sync(verifier(table.seating, seen, Style(), call, **{"fresh": True, **how}))


def rounds(table: Table) -> list[tuple[str, bool]]:
    return [(event.round, event.ok) for event in table.told(Verified)]


@pytest.mark.parametrize("mode", ["rounds", "explain", "rules"])
def test_what_the_rules_find_good_costs_no_call(mode: Any) -> None:
    table, model = Table(), Fake(NO)
    assert judge(table, Verifier(model, mode), ONION_CALL) == Verdict(True)
    assert model.asked == []
    assert rounds(table) == [("rules", True)]
    assert [holds for _, holds, _ in table.told(Verified)[0].conditions] == [True, True]
    # A skill under way is judged at every step, but told only when something is wrong.
    judge(table, Verifier(model, mode), ONION_CALL, fresh=False)
    assert len(rounds(table)) == 1


def test_rules_give_the_worlds_reason() -> None:
    table, model = Table(), Fake("")
    verdict = judge(table, Verifier(model, "rules"), ONION_CALL, table.holding(DISH))
    assert verdict == Verdict(False, "you hold one dish")
    assert model.asked == []
    assert rounds(table) == [("rules", False)]


def test_explain_asks_once() -> None:
    table, model = Table(), Fake("Condition: x | no | y\nError: the hand is not empty")
    verdict = judge(table, Verifier(model, "explain"), ONION_CALL, table.holding(DISH))
    assert verdict == Verdict(False, "the hand is not empty")
    assert model.kinds == ["explain"]
    assert "failed to use pickup_onion()" in model.prompt()


def test_three_rounds_conclude_an_error() -> None:
    table = Table()
    model = Fake(f"Condition: hand empty | no | a dish\n{NO}", NO, "Error: put the dish\ndown first")
    verdict = judge(table, Verifier(model), ONION_CALL, table.holding(DISH))
    assert verdict == Verdict(False, "put the dish")
    assert model.kinds == ["check", "double_check", "conclude"]
    assert [turn.role for turn in model.asked[2].messages] == [
        "system", "user", "assistant", "user", "assistant", "user"
    ]  # fmt: skip
    assert rounds(table) == [("check", False), ("double check", False), ("conclusion", False)]
    assert table.told(Verified)[0].conditions == (("hand empty", False, "a dish"),)


def test_the_double_check_overturns_advice() -> None:
    table, model = Table(), Fake(NO, YES)
    verdict = judge(table, Verifier(model), DISH_CALL)
    assert verdict == Verdict(True, "", (ADVICE,))
    assert model.kinds == ["check", "double_check"]
    assert rounds(table) == [("check", False), ("double check", True), ("conclusion", True)]
    # What was overturned once is not asked again.
    assert judge(table, Verifier(model), DISH_CALL, fresh=False, tolerated=verdict.overturned) == Verdict(True)
    assert len(model.asked) == 2


def test_the_double_check_can_take_a_yes_back() -> None:
    table, model = Table(), Fake(YES, NO, "Error: no soup yet")
    assert judge(table, Verifier(model), DISH_CALL) == Verdict(False, "no soup yet")


def test_no_round_overturns_a_fact() -> None:
    table, model = Table(), Fake(YES, YES, "Error: none")
    verdict = judge(table, Verifier(model), ONION_CALL, table.holding(ONION))
    assert not verdict.ok
    assert rounds(table)[-1] == ("conclusion", False)
    # Nor does an advice that was tolerated cover a fact that fails later.
    assert not judge(table, Verifier(model), DISH_CALL, table.holding(ONION), fresh=False, tolerated=(ADVICE,)).ok


def test_the_model_alone_decides_where_asked_to() -> None:
    table, model = Table(), Fake(YES)
    assert judge(table, Verifier(model, "model"), ONION_CALL, table.holding(ONION)).ok
    assert judge(table, Verifier(Fake(NO, NO, "Error: I say so"), "model"), ONION_CALL) == Verdict(False, "I say so")
    assert judge(table, Verifier(Fake(NO), "model"), ONION_CALL, fresh=False).ok


@pytest.mark.parametrize("reply", ["", "I don't know", "Verdict: 42", "Verdict:", "<verdict>yes</verdict>", "\x00"])
def test_without_a_verdict_the_worlds_rules_stand_and_it_is_noted(reply: str) -> None:
    table, model = Table(), Fake(reply)
    verdict = judge(table, Verifier(model), DISH_CALL)
    assert verdict == Verdict(False, "all pots are empty")
    assert [note.text.split(":")[0] for note in table.told(Noted)] == ["check", "double_check", "conclude"]
    assert judge(Table(), Verifier(Fake(reply), "model"), ONION_CALL).ok


@pytest.mark.parametrize(
    ("line", "ok"),
    [("**Verdict:** can be used.", True), ("VERDICT: Can  be used", True), ("verdict: it cannot be used", False),
     ("Verdict: can’t be used", False), ("Verdict: can not be used", False), ("Verdict: usable", True),
     ("Verdict: not usable", False), ("Verdict: unusable", False)],
)  # fmt: skip
def test_verdicts_in_many_spellings(line: str, ok: bool) -> None:
    assert judge(Table(), Verifier(Fake(line), "model"), ONION_CALL).ok is ok


def test_an_unknown_skill_is_rejected_without_a_call() -> None:
    table, model = Table(), Fake(YES)
    assert judge(table, Verifier(model), SkillCall("fly")) == Verdict(False, "there is no skill fly")
    assert model.asked == []


@pytest.mark.parametrize(
    "hostile",
    ["\n" * 8000, " \n" * 4000, "condition:" * 800, "condition:" + " " * 7000, "condition:" + "|" * 7900,
     "condition:" + "| " * 3900, "condition: a | yes" + "|" * 7900, "Condition: a | yes | b\n" * 340, "-" * 8000],
)  # fmt: skip
def test_hostile_verdicts_are_read_in_linear_time(hostile: str) -> None:
    table = Table()
    judge(table, Verifier(Fake(hostile)), DISH_CALL)
    assert all(len(event.conditions) <= 20 for event in table.told(Verified))


def seated(table: Table, model: Fake, mode: Any, **settings: Any) -> ModularAgent:
    agent = ModularAgent(SkillPlanner(model), verify=Verifier(model, mode), **settings)
    agent.reset(0, table.guide, table.events.append)
    return agent


def test_the_conclusion_is_told_to_the_planner() -> None:
    table = Table()
    plans = iter([PLANS + "deliver_soup()", PLANS + "pickup_onion()"])
    model = Fake(by=lambda request: next(plans) if request.purpose.endswith("plan") else f"{NO}\nError: no soup at all")
    act(seated(table, model, "rounds"), table.seen)
    assert model.kinds == ["plan", "check", "double_check", "conclude", "plan"]
    assert "- deliver_soup(): no soup at all" in model.prompt()
    assert [(plan.skill, plan.attempt) for plan in table.told(Planned)] == [
        ("deliver_soup()", 0),
        ("pickup_onion()", 1),
    ]
    assert table.told(Acted)[0].skill == "pickup_onion()"


@pytest.mark.parametrize("replans", [0, 1, 3])
def test_planning_again_is_bounded(replans: int) -> None:
    table = Table()
    model = Fake(by=kinds(plan=PLANS + "deliver_soup()", check=NO, double_check=NO, conclude="Error: no"))
    agent = seated(table, model, "rounds", replans=replans)
    actions = act(agent, table.seen)
    # One plan and three rounds each, as often as it may; then a safe step without another call.
    assert len(model.asked) == 4 * (replans + 1)
    assert actions[0].name in table.guide.primitives
    assert [note.what for note in table.told(Noted)] == ["gave up planning"]
    assert table.told(Acted)[0].skill == "wait(1)"


def test_the_most_calls_of_one_step() -> None:
    table = Table()
    model = Fake(by=kinds(plan="no plan at all", check=NO, double_check=NO, conclude="Error: never"))
    act(seated(table, model, "model"), table.seen)
    # Mode model may reject even the safe plan: (1 + 2 asked again + 3 rounds) for each of 1 + 3 plans.
    assert len(model.asked) == 4 * (3 + 3)
    assert table.told(Acted)[0].skill == "wait(1)"


def test_a_skill_that_becomes_impossible_is_given_up_and_planned_anew() -> None:
    table = Table()
    plans = iter([PLANS + "pickup_onion()", PLANS + "place_obj_on_counter()"])
    model = Fake(by=lambda request: next(plans))
    agent = seated(table, model, "rules")
    act(agent, table.seen, table.holding(DISH))
    ended = table.told(Finished)
    assert [(event.skill, event.done, event.reason) for event in ended] == [
        ("pickup_onion()", False, "you hold one dish")
    ]
    assert table.told(Acted)[-1].skill == "place_obj_on_counter()"
    assert isinstance(agent.memory, Memory)
    assert agent.memory.trajectory[0].outcome == "gave up: you hold one dish"


def test_without_a_verificator_a_bad_plan_costs_a_step() -> None:
    table, model = Table(), Fake(PLANS + "deliver_soup()")
    agent = ModularAgent(SkillPlanner(model))
    agent.reset(0, table.guide, table.events.append)
    assert act(agent, table.seen)[0] == table.guide.safe
    assert table.told(Finished)[0].reason == "you hold nothing"
    assert table.told(Acted)[0].skill == ""


@pytest.mark.parametrize(
    "wait", ["wait()", "wait(soon)", "wait(0)", "wait(21)", "wait(1, 2)", "wait(³)", "wait(00010000)"]
)
def test_without_a_verificator_a_senseless_wait_costs_a_step(wait: str) -> None:
    table, model = Table(), Fake(PLANS + wait)
    agent = ModularAgent(SkillPlanner(model))
    agent.reset(0, table.guide, table.events.append)
    assert act(agent, table.seen)[0] == table.guide.safe
    assert "whole number" in table.told(Finished)[0].reason
