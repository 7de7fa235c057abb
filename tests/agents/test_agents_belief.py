"""Belief: predictions settled by what the mate visibly did, corrected by replacement or annotation."""

from __future__ import annotations

import json
from dataclasses import replace

from agent_fakes import PLANS, Fake, Table, act

from talkoot.agents.belief import Belief
from talkoot.agents.modular import ModularAgent
from talkoot.agents.planner import SkillPlanner
from talkoot.events import Believed
from talkoot.worlds.overcooked.kitchen import ONION


def settled(correction: str) -> tuple[Belief, Table]:
    table, belief = Table(), Belief(correction)  # type: ignore[arg-type]
    belief.expect(table.seating, 3, 1, "pickup_dish()")
    belief.correct(table.seating, 5, 1, "pickup_onion()")
    belief.expect(table.seating, 6, 1, "put_onion_in_pot()")
    belief.correct(table.seating, 8, 1, "put_onion_in_pot()")
    belief.expect(table.seating, 9, 1, "deliver_soup()")
    return belief, table


def test_a_wrong_prediction_is_replaced() -> None:
    assert settled("replace")[0].lines() == [
        "scene 3: <Player 1> intended pickup_onion()",
        "scene 6: <Player 1> intended put_onion_in_pot()",
        "scene 9: <Player 1> seems to intend deliver_soup(); open",
    ]


def test_a_wrong_prediction_is_annotated() -> None:
    assert settled("annotate")[0].lines() == [
        "scene 3: <Player 1> intended, you thought, pickup_dish(); wrong: it did pickup_onion()",
        "scene 6: <Player 1> intended put_onion_in_pot()",
        "scene 9: <Player 1> seems to intend deliver_soup(); open",
    ]


def test_the_record_says_who_was_right() -> None:
    told = [(e.t, e.intention, e.actual, e.correct) for e in settled("replace")[1].told(Believed)]
    assert told == [
        (3, "pickup_dish()", "", None),
        (5, "pickup_dish()", "pickup_onion()", False),
        (6, "put_onion_in_pot()", "", None),
        (8, "put_onion_in_pot()", "put_onion_in_pot()", True),
        (9, "deliver_soup()", "", None),
    ]


def test_a_deed_that_nobody_predicted_is_told_but_not_scored() -> None:
    table, belief = Table(), Belief("annotate")
    belief.correct(table.seating, 4, 1, "pickup_dish()")
    assert belief.lines() == ["scene 4: <Player 1> intended pickup_dish()"]
    assert table.told(Believed) == []


def test_only_the_latest_are_told() -> None:
    table, belief = Table(), Belief(told=2)
    for t in range(6):
        belief.correct(table.seating, t, 1, f"deed_{t}()")
    assert belief.lines() == [f"scene {t}: <Player 1> intended deed_{t}()" for t in (4, 5)]


def test_save_load_reset() -> None:
    belief, _ = settled("annotate")
    again = belief.fresh()
    assert again.lines() == []
    again.load(json.loads(json.dumps(belief.save())))
    assert again.lines() == belief.lines()
    assert again.save() == belief.save()
    again.reset()
    assert again.lines() == []
    assert len(belief.lines()) == 3


def test_the_agent_settles_beliefs_by_what_it_sees() -> None:
    table = Table()
    model = Fake(PLANS + "wait(1)")
    agent = ModularAgent(SkillPlanner(model))
    agent.reset(0, table.guide, table.events.append)
    after = table.holding(0, ONION)
    act(agent, table.seen, replace(after, t=1, view=replace(after.view, t=1)))
    right = [event for event in table.told(Believed) if event.correct is not None]
    assert [(event.t, event.intention, event.actual) for event in right] == [(1, "pickup_dish()", "pickup_onion()")]
    assert "scene 0: <Player 1> intended pickup_onion()" in model.prompt()
    assert "scene 1: <Player 1> did pickup_onion()" in model.prompt()


def test_without_the_organ_nothing_is_believed() -> None:
    table = Table()
    model = Fake(PLANS + "wait(1)")
    agent = ModularAgent(SkillPlanner(model), believe=None)
    agent.reset(0, table.guide, table.events.append)
    act(agent, table.seen, table.holding(0, ONION))
    assert table.told(Believed) == []
    assert "intended" not in model.prompt()
