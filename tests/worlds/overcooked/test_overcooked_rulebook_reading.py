"""What the rulebook takes from a prompt: nothing but its text, every section of it, and less when facts are dropped."""

from __future__ import annotations

import pytest

from talkoot.agents.planner import Rejected
from talkoot.agents.thinking import render
from talkoot.types import Message, Style
from talkoot.worlds.overcooked.guide import make_guide
from talkoot.worlds.overcooked.kitchen import DISH, ONION, SOUP, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout_file import load_layout
from talkoot.worlds.overcooked.rulebook.reading import Facts, PotFacts, read
from talkoot.worlds.overcooked.world import OvercookedWorld

KITCHEN = Kitchen(
    load_layout("counter_circuit"), "old", 37, 400,
    {0: Cook((1, 3), 3, ONION), 1: Cook((5, 1), 0, DISH)},
    (Pot((3, 0), 2, 0, -1, 20), Pot((4, 0), 3, 0, 8, 20)), {(3, 2): ONION, (0, 1): SOUP + 3},
)  # fmt: skip


def prompt(
    words: str = KITCHEN.words(0, Style()),
    beliefs: tuple[str, ...] = (),
    history: tuple[str, ...] = (),
    messages: tuple[Message, ...] = (),
    verdicts: tuple[Rejected, ...] = (),
) -> str:
    guide = make_guide(KITCHEN.layout, "old", 0, (0, 1))
    return render(
        "plan",
        guide=guide,
        beliefs=beliefs,
        history=history,
        messages=messages,
        words=words,
        verdicts=verdicts,
        problem="",
    )


def test_every_section_is_read() -> None:
    facts = read(
        "",
        prompt(
            beliefs=(
                "scene 3: <Player 1> intended pickup_dish()",
                "scene 9: <Player 1> intended, you thought, pickup_onion(); wrong: it did fill_dish_with_soup()",
                "scene 30: <Player 1> seems to intend deliver_soup(); open",
            ),
            history=("scene 11: you finished pickup_onion()", "scene 12: <Player 1> did pickup_dish()"),
            messages=(Message(1, "I fetch the dish (pickup_dish)\nPots: <Pot 0> is empty.", 36),),
            verdicts=(Rejected("put_onion_in_pot()", "every pot is full", 0), Rejected("wait(3)", "no", 0)),
        ),
    )
    assert (facts.me, facts.mate, facts.t, facts.horizon) == (0, 1, 37, 400)
    assert facts.held == {0: "onion", 1: "dish"}
    assert facts.pots == {"Pot 0": PotFacts(2, 0, None), "Pot 1": PotFacts(3, 0, 12)}
    assert sorted(facts.loose) == [("onion", "Counter 9"), ("soup", "Counter 6")]
    assert facts.intended == [("pickup_dish", "did"), ("fill_dish_with_soup", "wrong"), ("deliver_soup", "open")]
    assert facts.history == [(11, "you finished pickup_onion()"), (12, "<Player 1> did pickup_dish()")]
    assert facts.last_seen == 12
    assert facts.messages == ["scene 36, <Player 1> says: I fetch the dish (pickup_dish) Pots: <Pot 0> is empty."]
    assert facts.rejected == [("put_onion_in_pot", "every pot is full"), ("wait", "no")]
    assert facts.steps[0]["Onion Dispenser 0"] == 3
    assert facts.before == ""


def test_the_knowledge_library_is_read() -> None:
    guide = OvercookedWorld("mdp_test", rules="new").guide(0)
    facts = read(render("system", guide=guide, level="intention", talk=False, demonstrations=guide.demonstrations), "")
    assert facts.by_hand
    assert facts.orders == [(1, 0, 10, 2), (2, 1, 50, 6), (3, 0, 30, 6)]
    assert facts.skills == [skill.name for skill in guide.skills]
    old = OvercookedWorld("cramped_room").guide(0)
    assert not read(render("system", guide=old, level="plan", talk=False, demonstrations=()), "").by_hand


@pytest.mark.parametrize(
    "quoted",
    [
        "Scene 5 of 9: You are <Player 1>. <Player 0> holds one dish. <Player 1> holds one dish.",
        "you hold one onion: no, <Player 0> holds nothing",
        "<Player 1> is busy with wait(3)",
        "Steps for <Player 0>: <Pot 0> 0.",
        "Pots: <Pot 0> is ready: a soup of 3 onions.",
        "On the counters: one dish on <Counter 1>. Free counters within reach of both: 0.",
    ],
)
def test_what_others_say_does_not_pass_for_the_scene(quoted: str) -> None:
    plain = read("", prompt())
    told = read("", prompt(messages=(Message(1, quoted, 1),), verdicts=(Rejected("wait(1)", quoted),),
                           beliefs=(f"scene 1: {quoted}",), history=(f"scene 1: {quoted}",)))  # fmt: skip
    for name in ("me", "mate", "t", "horizon", "held", "pots", "loose", "steps", "free_between", "busy", "before"):
        assert getattr(told, name) == getattr(plain, name), name


def test_the_hand_is_still_known_after_a_rejection() -> None:
    rejected = Rejected("pickup_dish()", "your hand is empty: no, <Player 0> holds onion")
    assert read("", prompt(verdicts=(rejected,))).held == {0: "onion", 1: "dish"}


def test_dropped_facts_are_a_seeded_share_and_the_rest_stays_true() -> None:
    whole = read("", prompt())
    for seed in range(8):
        part = read("", prompt(), drop=0.3, seed=seed)
        assert part == read("", prompt(), drop=0.3, seed=seed)
        assert part.held.items() <= whole.held.items()
        assert part.pots.items() <= whole.pots.items()
        assert set(part.loose) <= set(whole.loose)
        assert part.walks.items() <= whole.walks.items()
        for player in (0, 1):
            assert part.steps[player].items() <= whole.steps[player].items()
    kept = [sum(len(table) for table in read("", prompt(), drop=0.3, seed=s).steps.values()) for s in range(60)]
    told = sum(len(table) for table in whole.steps.values())
    assert 0.6 < sum(kept) / 60 / told < 0.8
    nothing = read("", prompt(), drop=1.0)
    assert (nothing.held, nothing.pots, nothing.loose, nothing.walks) == ({}, {}, [], {})
    grid = prompt(KITCHEN.words(0, Style("grid")))
    assert read("", grid, drop=0.3, seed=1).steps != read("", grid).steps


BROKEN = [
    "", "\n", "Scene", "Scene 1 of 2: You are <Player 0>.", "Pots: ", "Pots: <Pot 0> has",
    "Map of the kitchen (\nXX\nX",
    "What happened lately:\n- scene x: y", "�" * 50,
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_anything_can_be_read(text: str) -> None:
    assert isinstance(read(text, text), Facts)
